"""Puts one binding at the disposal of intercom-conformance; written by its version {{version}}. README.md explains it.

What is marked REPLACE is a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from intercom_reference.hosting import MISSING, Answered, Failed, Held, Native
from intercom_reference.wire import serve

Callback = Callable[..., object] | None
Bridge = Callable[[str, Sequence[Any], Callback, Callback], None]


class SampleSdk:
    """REPLACE by your binding: ``from my_sdk import Sdk``. The sample passes each call on to its bridge."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def login_unidentified_user(self, success: Callback, error: Callback) -> None:
        self._bridge("loginUnidentifiedUser", [], success, error)

    def login_user(self, attributes: Any, success: Callback, error: Callback) -> None:
        self._bridge("loginUserWithUserAttributes", [attributes], success, error)

    def logout(self, success: Callback, error: Callback) -> None:
        self._bridge("logout", [], success, error)

    def log_event(self, name: Any, metadata: Any, success: Callback, error: Callback) -> None:
        self._bridge("logEvent", [name, metadata], success, error)

    def is_user_logged_in(self, success: Callback, error: Callback) -> None:
        self._bridge("isUserLoggedIn", [], success, error)


class Driver:
    """One newly installed app: the kit makes another one for each `reset`."""

    # REPLACE: what your binding is.
    binding: ClassVar[dict[str, Any]] = {
        "name": "my-sdk",
        "version": "0.0.0",
        "platform": "any",
        "style": "callbacks",
        "capabilities": [
            "session",
            "log-event",
            "event-metadata",
            "is-user-logged-in",
            "callbacks",
            "missing-arguments",
        ],
    }

    def __init__(self, native: Native) -> None:
        self._native = native
        self._held: dict[str, tuple[Callback, Callback]] = {}
        self._sdk = SampleSdk(self._bridge)  # REPLACE: with `_bridge` where the bridge to the native SDK would be

    # REPLACE: how an app calls it, by the guide's names.

    def loginUnidentifiedUser(self, options: Any = None, success: Callback = None, error: Callback = None) -> None:
        self._sdk.login_unidentified_user(success, error)

    def loginUserWithUserAttributes(
        self, attributes: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        self._sdk.login_user(attributes, success, error)

    def logout(self, success: Callback = None, error: Callback = None) -> None:
        self._sdk.logout(success, error)

    def logEvent(
        self, name: Any = None, metadata: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        self._sdk.log_event(name, metadata, success, error)

    def isUserLoggedIn(self, success: Callback = None, error: Callback = None) -> None:
        self._sdk.is_user_logged_in(success, error)

    # What follows stays as it is.

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        """The native SDK answers a request that it held."""
        reply = Answered(value) if error is None else Failed(error["code"], error["message"])
        _finish(reply, *self._held.pop(ticket))

    def _bridge(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> None:
        """Asks the native SDK, which the kit plays; one of the callbacks tells its answer, now or later."""
        reply = self._native(method, arguments)
        if isinstance(reply, Held):
            self._held[reply.ticket] = success, error
        else:
            _finish(reply, success, error)


def _finish(reply: Answered | Failed, success: Callback, error: Callback) -> None:
    if isinstance(reply, Failed):
        if error is not None:
            error({"code": reply.code, "message": reply.message})
    elif success is not None:
        success(*([] if reply.value is MISSING else [reply.value]))


if __name__ == "__main__":
    serve(Driver)
