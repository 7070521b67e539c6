"""What a family of bindings is: packages that one set of adapters drives, in layers that can be run alone.

A family is one value in its own folder (`cordova/family.py`, ...), listed in `families.py`. Its layers are functions
from a `Target`, a package's folder with the connector's options, to the argv of a driver.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from intercom_conformance.bindings.jvm import NoJava
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.drivers import Driver, Settings, StdioDriver
from intercom_conformance.drivers.protocol import BadConnector, Native

__all__ = [
    "PLATFORMS",
    "Command",
    "Drive",
    "Family",
    "Layer",
    "Target",
    "android_only",
    "needs",
    "node",
    "or_javascript",
]

PLATFORMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"platform": ("android", "ios")})
"""The option that most families have."""


@attrs.frozen
class Target:
    """The folder of a package, and the options of the connector that named it."""

    connector: str
    folder: Path
    options: Mapping[str, str]


Layer: TypeAlias = Callable[[Target], tuple[str, ...]]
"""Gives the argv of the driver that runs this layer of a package."""


@attrs.frozen
class Command:
    """The program that runs a binding, its arguments, and the binding's folder."""

    argv: tuple[str, ...]
    folder: Path


Drive: TypeAlias = Callable[[Command, Native, Settings], Driver]
"""Gives the driver that is started by a command."""


def over_stdio(command: Command, native: Native, settings: Settings) -> Driver:
    """The driver of a command that speaks the wire protocol on its standard input and output."""
    return StdioDriver(
        command.argv,
        native,
        start_timeout=settings.start_timeout,
        timeout=settings.timeout,
        spec=settings.spec,
    )


@attrs.frozen
class Family:
    """Packages that are driven alike.

    Args:
        kind: the connector's prefix for a folder, as in ``cordova:PATH``.
        packages: the names on npm.
        check: raises `BadConnector` if a folder holds no such package.
        whole: what runs without a suffix.
        layers: what runs with a suffix, by the suffix without its ``+``.
        options: what may follow ``?``, each with its values, the default first.
        drive: how the command of a layer is driven.
    """

    kind: str
    packages: tuple[str, ...]
    check: Callable[[str, Path], None]
    whole: Layer
    layers: Mapping[str, Layer]
    options: Mapping[str, tuple[str, ...]] = PLATFORMS
    drive: Drive = over_stdio


def needs(file: str) -> Callable[[str, Path], None]:
    """The check that a folder has this file."""

    def check(connector: str, folder: Path) -> None:
        if not (folder / file).is_file():
            raise BadConnector(connector, f"there is no {file} in it", "Name the folder of the package itself.")

    return check


def node(adapter: Path) -> Layer:
    """The layer that an adapter runs in Node.js, given the folder and the platform."""

    def argv(target: Target) -> tuple[str, ...]:
        return (find_program("node"), str(adapter), str(target.folder), target.options["platform"])

    return argv


def android_only(layer: Layer) -> Layer:
    """The layer, on no other platform."""

    def argv(target: Target) -> tuple[str, ...]:
        if target.options.get("platform", "android") != "android":
            raise BadConnector(target.connector, "Java runs on Android", "Leave ?platform=ios out, or write +js.")
        return layer(target)

    return argv


def or_javascript(chain: Layer, javascript: Layer) -> Layer:
    """The whole chain on Android; the JavaScript layer elsewhere, and, with a note, where no Java can run."""

    def argv(target: Target) -> tuple[str, ...]:
        if target.options["platform"] != "android":
            return javascript(target)
        try:
            return chain(target)
        except NoJava as missing:
            print(f"Only the JavaScript layer runs, as with +js. {missing}", file=sys.stderr, flush=True)
            return javascript(target)

    return argv
