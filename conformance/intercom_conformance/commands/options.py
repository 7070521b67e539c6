"""Arguments and options that several verbs share, documented once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Optional

import typer

__all__ = [
    "Connector",
    "DebugDriver",
    "Engine",
    "Examples",
    "Format",
    "FormatOption",
    "Method",
    "Seed",
    "ShowSecrets",
    "Spec",
    "StartTimeout",
    "Timeout",
    "Verbose",
    "Wire",
]


class Format(StrEnum):
    """In what form the answer is given."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class Method(StrEnum):
    """How complete suites are made."""

    WP = "wp"
    HSI = "hsi"


Connector = Annotated[
    str,
    typer.Argument(
        metavar="[CONNECTOR]",
        help="The system under test: reference:, py:package.module:factory, 'cmd:node driver.js', "
        "tcp:host:port, ws://host:port, mutant:ID, npm:PACKAGE@VERSION, or a folder: cordova:PATH, react-native:PATH, "
        "capacitor:PATH, ionic:PATH, web:PATH; +js, +android or +ios for one layer of a package.",
        show_default=True,
    ),
]


Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="Where the work is done: local, or dask for a cluster on this machine, or dask=tcp://host:8786.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Where the generated sequences begin.")]
Examples = Annotated[
    int, typer.Option("--examples", min=1, help="How many sequences or values are generated for a check.")
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="List every requirement, and more.")]
Wire = Annotated[bool, typer.Option("-v", "--verbose", help="Show each message on the wire, on the standard error.")]
DebugDriver = Annotated[
    bool,
    typer.Option("--debug-driver", help="Wait for a debugger on the started driver, and lift the time limits."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="The form of the answer.", case_sensitive=False)]
ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Do not mask user hashes, tokens and e-mail addresses.")
]
# typer reads the annotation at run time, and knows unions with None in this spelling in every version.
Spec = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--spec",
        metavar="FOLDER",
        help="Another specification: a folder with spec/ and schemas/.",
        show_default=False,
    ),
]
Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.001, help="How long a driver may take for a request."),
]
StartTimeout = Annotated[
    float,
    typer.Option("--start-timeout", metavar="SECONDS", min=0.001, help="How long a driver may take to start."),
]
