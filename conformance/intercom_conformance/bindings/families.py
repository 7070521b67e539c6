"""The families of bindings that are bundled."""

from __future__ import annotations

from typing import Final

from intercom_conformance.bindings.capacitor.family import CAPACITOR
from intercom_conformance.bindings.cordova.family import CORDOVA
from intercom_conformance.bindings.family import Family
from intercom_conformance.bindings.ionic.family import IONIC
from intercom_conformance.bindings.react_native.family import REACT_NATIVE
from intercom_conformance.bindings.web.family import WEB

__all__ = ["FAMILIES"]

FAMILIES: Final[tuple[Family, ...]] = (
    CORDOVA,
    CAPACITOR,
    IONIC,
    REACT_NATIVE,
    WEB,
)
