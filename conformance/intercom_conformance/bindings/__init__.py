"""Real published bindings, run for real; README.md tells how."""

from intercom_conformance.bindings.connectors import OPENERS, Command, resolve
from intercom_conformance.bindings.packages import BindingError, Package, install

__all__ = ["OPENERS", "BindingError", "Command", "Package", "install", "resolve"]
