"""How @ionic-native/intercom is run: its JavaScript, over that of the Cordova plugin that it wraps."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from intercom_conformance.bindings.family import Family, Target, needs
from intercom_conformance.bindings.packages import Package, find_program, install

__all__ = ["IONIC"]

BELOW: Final = (
    Package("cordova-plugin-intercom", "12.1.0"),
    Package("@ionic-native/core", "5.36.0"),
    Package("rxjs", "6.6.7"),
    Package("tslib", "1.14.1"),
)
"""The plugin that is wrapped, and what the wrapper itself requires."""


def _javascript(target: Target) -> tuple[str, ...]:
    adapter = Path(__file__).with_name("adapter.js")
    below = (str(install(package)) for package in BELOW)
    return (find_program("node"), str(adapter), str(target.folder), target.options["platform"], *below)


IONIC: Final = Family(
    kind="ionic",
    packages=("@ionic-native/intercom",),
    check=needs("ngx/bundle.js"),
    whole=_javascript,
    layers={"js": _javascript},
)
