"""Puts a system under test at the kit's disposal; `drivers.protocol` tells how."""

from intercom_conformance.drivers.connectors import Opener, Settings, open_driver
from intercom_conformance.drivers.in_process import InProcessDriver
from intercom_conformance.drivers.protocol import (
    MISSING,
    Answered,
    Binding,
    Driver,
    DriverError,
    Failed,
    Held,
    Native,
    NativeReply,
    Reaction,
    Settled,
    Thrown,
)
from intercom_conformance.drivers.stdio import StdioDriver

__all__ = [
    "MISSING",
    "Answered",
    "Binding",
    "Driver",
    "DriverError",
    "Failed",
    "Held",
    "InProcessDriver",
    "Native",
    "NativeReply",
    "Opener",
    "Reaction",
    "Settings",
    "Settled",
    "StdioDriver",
    "Thrown",
    "open_driver",
]
