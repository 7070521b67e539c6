"""How the packages for the web are run: as published, in a page of a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from intercom_conformance.bindings.family import Command, Family, Target
from intercom_conformance.bindings.packages import Package, install
from intercom_conformance.bindings.web.browser import Page, browser_driver, find_browser
from intercom_conformance.drivers import Driver, Settings
from intercom_conformance.drivers.protocol import BadConnector, Native

__all__ = ["WEB", "page"]

_BINDINGS: Final = Path(__file__).parent.parent
_OURS: Final = ("guide.json", "node/guide.js", "node/wire.js", "web/*.js", "web/keys.json")
_BUILDS: Final = ("package.json", "dist/**/*.js", "dist/**/*.cjs")


@attrs.frozen
class Host:
    """A package that another needs in the page, and the files of its build for production."""

    package: Package
    files: tuple[str, ...]


REACT: Final = (
    Host(Package("react", "19.3.1"), ("package.json", "index.js", "cjs/react.production.js")),
    Host(
        Package("react-dom", "19.3.1"),
        ("package.json", "index.js", "client.js", "cjs/react-dom.production.js", "cjs/react-dom-client.production.js"),
    ),
    Host(Package("scheduler", "0.28.0"), ("package.json", "index.js", "cjs/scheduler.production.js")),
)


@attrs.frozen
class _Adapter:
    """The driver of a package, and what the package needs."""

    entry: str
    hosts: tuple[Host, ...] = ()


_ADAPTERS: Final[Mapping[str, _Adapter]] = MappingProxyType(
    {
        "@intercom/messenger-js-sdk": _Adapter("web/messenger_js_sdk.js"),
        "react-use-intercom": _Adapter("web/react_use_intercom.js", REACT),
    }
)


def page(folder: Path) -> Page:
    """The page for the package in this folder, with all that it needs; fetched first if it is not in the cache."""
    name = _name(folder)
    adapter = _ADAPTERS[name]
    hosts = [(host.package.name, install(host.package), host.files) for host in adapter.hosts]
    files = dict(_texts(_BINDINGS, _OURS, ""))
    mains = {}
    for package, place, patterns in [(name, folder, _BUILDS), *hosts]:
        files |= _texts(place, patterns, f"npm/{package}/")
        mains[f"npm/{package}"] = f"npm/{package}/{_manifest(place).get('main', 'index.js')}"
    script = files.pop("web/page.js")
    return Page(files=files, mains=mains, entry=adapter.entry, script=script)


def _texts(folder: Path, patterns: tuple[str, ...], prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for file in sorted(folder.glob(pattern)):
            yield prefix + file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")


def _manifest(folder: Path) -> Mapping[str, str]:
    manifest: Mapping[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return manifest


def _name(folder: Path) -> str:
    return str(_manifest(folder).get("name"))


def _check(connector: str, folder: Path) -> None:
    if not (folder / "package.json").is_file():
        raise BadConnector(connector, "there is no package.json in it", "Name the folder of the package itself.")
    name = _name(folder)
    if name not in _ADAPTERS:
        raise BadConnector(connector, f"no adapter runs the package {name!r}", f"Known: {', '.join(_ADAPTERS)}.")


def _browser(target: Target) -> tuple[str, ...]:
    return (find_browser(),)


def _drive(command: Command, native: Native, settings: Settings) -> Driver:
    (browser,) = command.argv
    name = f"{_name(command.folder)} in {Path(browser).name}"
    return browser_driver(name, browser, page(command.folder), native, timing=settings.timing, spec=settings.spec)


WEB: Final = Family(
    kind="web",
    packages=tuple(_ADAPTERS),
    check=_check,
    whole=_browser,
    layers=MappingProxyType({"js": _browser}),
    options=MappingProxyType({}),
    drive=_drive,
)
