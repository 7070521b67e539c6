"""How @capacitor-community/intercom is run: its JavaScript, its Java, or both with the real Capacitor between them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from intercom_conformance.bindings import jvm
from intercom_conformance.bindings.family import Family, Target, android_only, needs, or_javascript
from intercom_conformance.bindings.packages import Package, find_program, install, pins
from intercom_conformance.drivers.protocol import BadConnector

__all__ = ["CAPACITOR"]

_HERE: Final = Path(__file__).parent
_CORE: Final = "@capacitor/core"
_ANDROID: Final = "@capacitor/android"


def _check(connector: str, folder: Path) -> None:
    needs("package.json")(connector, folder)
    main = _manifest(folder).get("main", "index.js")
    if not (folder / main).is_file():
        raise BadConnector(connector, f"its main file {main!r} is not there", "Build the package first.")


def _manifest(folder: Path) -> Any:
    return json.loads((folder / "package.json").read_text(encoding="utf-8"))


def _host(target: Target, name: str) -> Path:
    """The folder of a package of Capacitor, in the oldest major version that the plugin may be used with."""
    asked = _manifest(target.folder).get("peerDependencies", {}).get(_CORE, "no version")
    major = re.search(r"\d+", asked)
    pinned = [pin.rpartition("@")[2] for pin in pins() if pin.startswith(f"{name}@")]
    found = [version for version in pinned if major and version.partition(".")[0] == major[0]]
    if not found:
        known = f"Those that run here ask for one of {', '.join(pinned)}."
        raise BadConnector(target.connector, f"it asks for {asked} of {_CORE}", known)
    return install(Package(name, found[0]))


def _hosts(target: Target) -> tuple[str, ...]:
    return tuple(str(_host(target, name)) for name in (_CORE, _ANDROID))


def _adapter(target: Target, platform: str) -> tuple[str, ...]:
    return (find_program("node"), str(_HERE / "adapter.js"), str(target.folder), platform, *_hosts(target))


def _javascript(target: Target) -> tuple[str, ...]:
    return _adapter(target, target.options["platform"])


def _web(target: Target) -> tuple[str, ...]:
    return _adapter(target, "web")


def _program(target: Target) -> jvm.Program:
    sources = tuple(sorted((target.folder / "android" / "src" / "main").rglob("*.java")))
    library = _host(target, _ANDROID) / "capacitor" / "src" / "main" / "java"
    return jvm.Program(target.connector, sources, (_HERE / "java",), (library,))


@android_only
def _java(target: Target) -> tuple[str, ...]:
    arguments = (str(target.folder), str(_HERE / "calls.json"))
    return jvm.command(_program(target), "conformance.capacitor.App", *arguments)


@android_only
def _chain(target: Target) -> tuple[str, ...]:
    java = jvm.command(_program(target), "conformance.capacitor.Page", str(target.folder))
    return (find_program("node"), str(_HERE / "chain.js"), str(target.folder), *_hosts(target), json.dumps(java))


CAPACITOR: Final = Family(
    kind="capacitor",
    packages=("@capacitor-community/intercom",),
    check=_check,
    whole=or_javascript(_chain, _javascript),
    layers={"js": _javascript, "android": _java, "web": _web},
)
