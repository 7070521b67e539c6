"""Finds the command that runs a published binding under its adapter, by the binding's connector.

======================================================  ====================================================
``npm:cordova-plugin-intercom@12.1.0``                  that version, fetched once into a cache
``cordova:PATH``, ``react-native:PATH``, ...            a folder that holds such a package, or a fork of it
======================================================  ====================================================

``+js`` after it runs the package's JavaScript alone, ``+android`` its Java alone; without a suffix the whole chain
runs. ``?platform=ios`` at the end makes the app one on iOS; it is on Android otherwise. The families in `families.py`
say which packages, layers and options there are. `resolve` gives the command; `OPENERS` puts the kinds at the disposal
of `open_driver`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

import attrs

from intercom_conformance.bindings.families import FAMILIES
from intercom_conformance.bindings.family import Command, Family, Layer, Target
from intercom_conformance.bindings.packages import Package, install, pins
from intercom_conformance.drivers import Driver, Opener, Settings
from intercom_conformance.drivers.protocol import BadConnector, Native, UnknownConnector

__all__ = ["OPENERS", "Command", "resolve"]

_NPM: Final = "npm"
_KINDS: Final[Mapping[str, Family]] = MappingProxyType({family.kind: family for family in FAMILIES})
_PACKAGES: Final[Mapping[str, Family]] = MappingProxyType(
    {name: family for family in FAMILIES for name in family.packages}
)
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
_PARTS: Final = re.compile(r"(?P<what>.*?)(\+(?P<layer>[a-z-]+))?(\?(?P<options>[^?]*))?", re.DOTALL)


@attrs.frozen
class _Chosen:
    """What a connector names: the layer of a family, and where it is found."""

    connector: str
    family: Family
    layer: Layer
    options: Mapping[str, str]
    package: Package | None
    place: str

    def command(self) -> Command:
        """The command, once the package is in the cache."""
        folder = install(self.package) if self.package else _folder(self.connector, self.place, self.family)
        return Command(self.layer(Target(self.connector, folder, self.options)), folder)


def resolve(connector: str) -> Command:
    """The command for a connector such as ``cordova:PATH``; of an npm package, once it is in the cache.

    Raises:
        UnknownConnector: it is of another kind.
        BadConnector: the package, its version, the layer, the folder or an option cannot be used.
        BindingError: the package cannot be had, or a program that runs it is missing.
    """
    return _chosen(connector).command()


def _chosen(connector: str) -> _Chosen:
    kind, _, rest = connector.partition(":")
    if kind != _NPM and kind not in _KINDS:
        closest = difflib.get_close_matches(kind, OPENERS, n=1, cutoff=0.4)
        raise UnknownConnector(connector, tuple(sorted(OPENERS)), closest[0] if closest else None)
    parts = _PARTS.fullmatch(rest)
    assert parts is not None
    package = _package(connector, parts["what"]) if kind == _NPM else None
    family = _PACKAGES[package.name] if package else _KINDS[kind]
    layer = _layer(connector, family, parts["layer"])
    options = _options(connector, family, parts["options"] or "")
    return _Chosen(connector, family, layer, options, package, parts["what"])


def _layer(connector: str, family: Family, name: str | None) -> Layer:
    if name is None:
        return family.whole
    if name not in family.layers:
        known = ", ".join(f"+{layer}" for layer in family.layers)
        raise BadConnector(connector, f"there is no layer +{name}", f"Use {known}, or nothing for the whole.")
    return family.layers[name]


def _options(connector: str, family: Family, text: str) -> Mapping[str, str]:
    options = {name: values[0] for name, values in family.options.items()}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in family.options:
            known = ", ".join(family.options) or "none"
            raise BadConnector(connector, f"there is no option {name!r}", f"Known: {known}.")
        if value not in family.options[name]:
            raise BadConnector(connector, f"there is no {name} {value!r}", f"Use {' or '.join(family.options[name])}.")
        options[name] = value
    return options


def _package(connector: str, what: str) -> Package:
    name, _, version = what.rpartition("@")
    if not name:
        name, version = what, ""
    if name not in _PACKAGES:
        closest = difflib.get_close_matches(name, _PACKAGES, n=1, cutoff=0.3)
        hint = f"Did you mean {closest[0]}? " if closest else ""
        raise BadConnector(connector, f"no adapter runs the package {name!r}", f"{hint}Known: {', '.join(_PACKAGES)}.")
    if not _VERSION.fullmatch(version):
        pinned = next(pin for pin in pins() if pin.startswith(f"{name}@"))
        raise BadConnector(connector, "it names no exact version", f"Write npm:{pinned}, or another version.")
    return Package(name, version)


def _folder(connector: str, what: str, family: Family) -> Path:
    folder = Path(what).expanduser().absolute()
    if not what or not folder.is_dir():
        raise BadConnector(connector, f"there is no folder {str(folder)!r}", f"Write {family.kind}:PATH.")
    family.check(connector, folder)
    return folder


def _open(kind: str, rest: str, native: Native, settings: Settings) -> Driver:
    chosen = _chosen(f"{kind}:{rest}")
    return chosen.family.drive(chosen.command(), native, settings)


OPENERS: Final[Mapping[str, Opener]] = MappingProxyType({kind: partial(_open, kind) for kind in (_NPM, *_KINDS)})
"""The kinds that this package adds, by prefix."""
