"""How cordova-plugin-intercom is run: its JavaScript, its Java, or both with the real Cordova between them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from intercom_conformance.bindings import jvm, objective_c
from intercom_conformance.bindings.family import Family, Target, android_only, needs, node, or_javascript
from intercom_conformance.bindings.packages import Package, find_program, install
from intercom_conformance.drivers.protocol import BadConnector

__all__ = ["CORDOVA", "HOST"]

HOST: Final = Package("cordova-android", "14.0.1")
"""The platform whose classes and whose cordova.js run."""

_HERE: Final = Path(__file__).parent
_JAVASCRIPT: Final = node(_HERE / "adapter.js")


def _program(target: Target) -> jvm.Program:
    names = (file.attrib.get("src", "") for file in _platform(target, "android").iterfind("{*}source-file"))
    sources = tuple(_source(target, name) for name in names if name.endswith(".java"))
    return jvm.Program(target.connector, sources, (_HERE / "java",), (install(HOST) / "framework" / "src",))


def _source(target: Target, name: str) -> Path:
    if not (target.folder / name).is_file():
        raise BadConnector(target.connector, f"plugin.xml names {name}, which is not there", "Complete the plugin.")
    return target.folder / name


def _platform(target: Target, name: str) -> Element:
    """What plugin.xml says of a platform; an empty element if it says nothing."""
    try:
        plugin = ElementTree.parse(target.folder / "plugin.xml").getroot()
    except ElementTree.ParseError as error:
        raise BadConnector(target.connector, f"its plugin.xml is no XML ({error})", "Repair it.") from None
    found = plugin.find(f"{{*}}platform[@name='{name}']")
    return Element("platform") if found is None else found


@android_only
def _java(target: Target) -> tuple[str, ...]:
    return jvm.command(_program(target), "conformance.cordova.App", str(target.folder))


@android_only
def _chain(target: Target) -> tuple[str, ...]:
    host = install(HOST) / "templates" / "project" / "assets" / "www" / "cordova.js"
    java = jvm.command(_program(target), "conformance.cordova.Page", str(target.folder))
    return (find_program("node"), str(_HERE / "chain.js"), str(target.folder), str(host), json.dumps(java))


def _ios(target: Target) -> tuple[str, ...]:
    """The JavaScript over the Objective-C, but for what extends the app's delegate: JavaScript does not reach it."""
    platform = _platform(target, "ios")
    names = [file.attrib.get("src", "") for file in platform.iterfind("{*}source-file")]
    sources = tuple(_source(target, name) for name in names if name.endswith(".m") and "AppDelegate+" not in name)
    classes = [param.attrib.get("value", "") for param in platform.iterfind(".//{*}param[@name='ios-package']")]
    if not sources or not classes:
        raise BadConnector(target.connector, "plugin.xml names no Objective-C for iOS", "Write +js.")
    program = objective_c.Program(target.connector, sources, _HERE / "objc")
    driver = json.dumps(objective_c.command(program, classes[0]))
    return (find_program("node"), str(_HERE / "ios.js"), str(target.folder), driver)


CORDOVA: Final = Family(
    kind="cordova",
    packages=("cordova-plugin-intercom",),
    check=needs("plugin.xml"),
    whole=or_javascript(_chain, _JAVASCRIPT),
    layers={"js": _JAVASCRIPT, "android": _java, "ios": _ios},
)
