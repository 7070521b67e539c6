"""Arguments and options that several verbs share, documented once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Optional

import typer

__all__ = [
    "Connector",
    "Database",
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
    "Strict",
    "Timeout",
    "Verbose",
    "Watched",
    "Wire",
    "Workers",
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


# typer reads annotations at run time, and knows unions with None in the spelling Optional in every version.
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
Workers = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--workers", min=1, help="How many run at a time; by default, one a processor."),
]
Strict = Annotated[bool, typer.Option("--strict", help="A SHOULD that is broken fails, too.")]
Database = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--database",
        metavar="FOLDER|URL",
        help="Where runs share the traces that failed, and play them first: a folder, or redis://HOST:PORT/0.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Where the generated sequences begin.")]
Examples = Annotated[
    int, typer.Option("--examples", min=1, help="How many sequences or values are generated for a check.")
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="List every requirement, and more.")]
Watched = Annotated[
    bool, typer.Option("-v", "--verbose", help="Tell how it goes, and show the wire of the first fault.")
]
Wire = Annotated[bool, typer.Option("-v", "--verbose", help="Show each message on the wire, on the standard error.")]
DebugDriver = Annotated[
    bool,
    typer.Option("--debug-driver", help="Wait for a debugger on the started driver, and lift the time limits."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="The form of the answer.", case_sensitive=False)]
ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Do not mask user hashes, tokens and e-mail addresses.")
]
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
