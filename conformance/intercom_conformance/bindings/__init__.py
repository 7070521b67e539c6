"""Real published bindings, run for real; README.md tells how."""

from intercom_conformance.bindings.connectors import OPENERS, NodeCommand, resolve
from intercom_conformance.bindings.packages import BindingError, Package, install

__all__ = ["OPENERS", "BindingError", "NodeCommand", "Package", "install", "resolve"]
