"""Finds the command that runs a published binding under its adapter, by the binding's connector.

======================================================  ====================================================
``npm:@intercom/intercom-react-native@10.7.1``          that version, fetched once into a cache
``npm:cordova-plugin-intercom@12.1.0``                  likewise
``react-native:PATH``, ``cordova:PATH``                 a folder that holds such a package, or a fork of it
======================================================  ====================================================

``?platform=ios`` at the end makes the app one on iOS; it is on Android otherwise. `resolve` gives the
command; `OPENERS` puts the three kinds at the disposal of `open_driver`. Node.js has to be on the PATH.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from intercom_conformance.bindings.packages import Package, find_program, install, pins
from intercom_conformance.drivers import Driver, Opener, Settings, StdioDriver
from intercom_conformance.drivers.protocol import BadConnector, Native, UnknownConnector

__all__ = ["ADAPTERS", "OPENERS", "NodeCommand", "open_cordova", "open_npm", "open_react_native", "resolve"]

ADAPTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"@intercom/intercom-react-native": "react_native", "cordova-plugin-intercom": "cordova"}
)
"""The folder of the adapter for each npm package."""

PLATFORMS: Final = ("android", "ios")
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@attrs.frozen
class NodeCommand:
    """The command that runs a binding: Node.js, an adapter, the binding's folder, the platform."""

    node: str
    adapter: Path
    folder: Path
    platform: str

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments."""
        return (self.node, str(self.adapter), str(self.folder), self.platform)


def resolve(connector: str) -> NodeCommand:
    """The command for a connector such as ``cordova:PATH``; of an npm package, once it is in the cache.

    Raises:
        UnknownConnector: it is of another kind.
        BadConnector: the package, its version, the folder or the platform cannot be used.
        BindingError: the package cannot be had, or Node.js is missing.
    """
    kind, _, rest = connector.partition(":")
    if kind not in OPENERS:
        closest = difflib.get_close_matches(kind, OPENERS, n=1, cutoff=0.4)
        raise UnknownConnector(connector, tuple(sorted(OPENERS)), closest[0] if closest else None)
    what, platform = _platform(connector, rest)
    node = find_program("node")
    if kind == "npm":
        package = _package(connector, what)
        return NodeCommand(node, _adapter(ADAPTERS[package.name]), install(package), platform)
    folder = _folder(connector, what, kind)
    return NodeCommand(node, _adapter(kind.replace("-", "_")), folder, platform)


def open_npm(rest: str, native: Native, settings: Settings) -> Driver:
    """The driver of ``npm:NAME@VERSION``, for `open_driver`."""
    return _open(f"npm:{rest}", native, settings)


def open_cordova(rest: str, native: Native, settings: Settings) -> Driver:
    """The driver of ``cordova:PATH``, for `open_driver`."""
    return _open(f"cordova:{rest}", native, settings)


def open_react_native(rest: str, native: Native, settings: Settings) -> Driver:
    """The driver of ``react-native:PATH``, for `open_driver`."""
    return _open(f"react-native:{rest}", native, settings)


OPENERS: Final[Mapping[str, Opener]] = MappingProxyType(
    {"npm": open_npm, "cordova": open_cordova, "react-native": open_react_native}
)
"""The kinds that this package adds, by prefix."""


def _open(connector: str, native: Native, settings: Settings) -> Driver:
    return StdioDriver(
        resolve(connector).argv,
        native,
        start_timeout=settings.start_timeout,
        timeout=settings.timeout,
        spec=settings.spec,
    )


def _adapter(name: str) -> Path:
    return Path(__file__).parent / name / "adapter.js"


def _platform(connector: str, rest: str) -> tuple[str, str]:
    what, mark, platform = rest.partition("?platform=")
    if mark and platform not in PLATFORMS:
        raise BadConnector(connector, f"there is no platform {platform!r}", f"Use {' or '.join(PLATFORMS)}.")
    return what, platform or PLATFORMS[0]


def _package(connector: str, what: str) -> Package:
    name, _, version = what.rpartition("@")
    if not name:
        name, version = what, ""
    if name not in ADAPTERS:
        closest = difflib.get_close_matches(name, ADAPTERS, n=1, cutoff=0.3)
        hint = f"Did you mean {closest[0]}? " if closest else ""
        raise BadConnector(connector, f"no adapter runs the package {name!r}", f"{hint}Known: {', '.join(ADAPTERS)}.")
    if not _VERSION.fullmatch(version):
        pinned = next(pin for pin in pins() if pin.startswith(f"{name}@"))
        raise BadConnector(connector, "it names no exact version", f"Write npm:{pinned}, or another version.")
    return Package(name, version)


def _folder(connector: str, what: str, kind: str) -> Path:
    folder = Path(what).expanduser().absolute()
    if not what or not folder.is_dir():
        raise BadConnector(connector, f"there is no folder {str(folder)!r}", f"Write {kind}:PATH.")
    needed = "plugin.xml" if kind == "cordova" else "package.json"
    if not (folder / needed).is_file():
        raise BadConnector(connector, f"there is no {needed} in it", "Name the folder of the package itself.")
    if kind == "react-native":
        _built(connector, folder)
    return folder


def _built(connector: str, folder: Path) -> None:
    main = json.loads((folder / "package.json").read_text(encoding="utf-8")).get("main", "index.js")
    if not any((folder / f"{main}{end}").is_file() for end in ("", ".js", "/index.js")):
        raise BadConnector(connector, f"its main file {main!r} is not there", "Build the package first.")
