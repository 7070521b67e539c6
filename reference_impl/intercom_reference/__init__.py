"""The reference: an Intercom mobile SDK in memory, and the payload rules, as the specification says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intercom_reference.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> Any:
    # The client brings the statechart engine along, which those who only look at payloads need not wait for.
    if name != "Client":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from intercom_reference.client import Client

    return Client
