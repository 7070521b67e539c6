"""How @intercom/intercom-react-native is run: its JavaScript, its Java, or both, by React Native's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intercom_conformance.bindings import jvm, objective_c
from intercom_conformance.bindings.family import PLATFORMS, Family, Target, android_only, needs, node, or_javascript
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.bindings.react_native.turbo_spec import abstract_class
from intercom_conformance.drivers.protocol import BadConnector

__all__ = ["REACT_NATIVE"]

_HERE: Final = Path(__file__).parent
_JAVASCRIPT: Final = node(_HERE / "adapter.js")
_NAMESPACE: Final = "com.intercom.reactnative"
_CONFIG: Final = """\
package {package};

public final class BuildConfig {{
    public static final String INTERCOM_VERSION_NAME = {version};
}}
"""


def _check(connector: str, folder: Path) -> None:
    needs("package.json")(connector, folder)
    main = _manifest(folder).get("main", "index.js")
    if not any((folder / f"{main}{end}").is_file() for end in ("", ".js", "/index.js")):
        raise BadConnector(connector, f"its main file {main!r} is not there", "Build the package first.")


def _manifest(folder: Path) -> dict[str, str]:
    manifest: dict[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return manifest


def _program(target: Target) -> jvm.Program:
    """The package's Java for one architecture, with what an app's build generates for it."""
    source = target.folder / "android" / "src"
    chosen = source / f"{target.options['arch']}arch"
    if not chosen.is_dir():
        raise BadConnector(target.connector, f"the package has no {chosen.name}", "Choose the other: ?arch=old or new.")
    files = tuple(file for place in (source / "main", chosen) for file in sorted(place.rglob("*.java")))
    generated = dict(_generated(target))
    return jvm.Program(_manifest(target.folder)["name"], files, (_HERE / "java",), generated=generated)


def _generated(target: Target) -> Iterator[tuple[str, str]]:
    version = json.dumps(_manifest(target.folder)["version"])
    yield "BuildConfig.java", _CONFIG.format(package=_NAMESPACE, version=version)
    if target.options["arch"] == "new":
        for spec in sorted((target.folder / "src").glob("Native*.ts")):
            yield f"{spec.stem}Spec.java", abstract_class(spec.read_text(encoding="utf-8"), spec.name, _NAMESPACE)


def _served(target: Target, adapter: str) -> tuple[str, ...]:
    return jvm.command(_program(target), f"conformance.react.{adapter}", str(target.folder), target.options["arch"])


@android_only
def _java(target: Target) -> tuple[str, ...]:
    return _served(target, "App")


@android_only
def _chain(target: Target) -> tuple[str, ...]:
    java = json.dumps(_served(target, "Bridge"))
    return (find_program("node"), str(_HERE / "chain.js"), str(target.folder), java)


def _ios(target: Target) -> tuple[str, ...]:
    """The JavaScript over the Objective-C of the native module; events to JavaScript are not modelled."""
    files = sorted((target.folder / "ios").glob("*.m"))
    sources = tuple(file for file in files if not file.name.endswith("EventEmitter.m"))
    if not sources:
        raise BadConnector(target.connector, "the package has no Objective-C for iOS", "Write +js.")
    program = objective_c.Program(_manifest(target.folder)["name"], sources, _HERE / "objc")
    driver = json.dumps(objective_c.command(program, target.options["arch"]))
    return (find_program("node"), str(_HERE / "chain.js"), str(target.folder), driver, "ios")


REACT_NATIVE: Final = Family(
    kind="react-native",
    packages=("@intercom/intercom-react-native",),
    check=_check,
    whole=or_javascript(_chain, _JAVASCRIPT),
    layers={"js": _JAVASCRIPT, "android": _java, "ios": _ios},
    options={**PLATFORMS, "arch": ("new", "old")},
)
