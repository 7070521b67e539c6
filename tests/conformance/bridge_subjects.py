"""Wrappers for the tests of reports: ``py:bridge_subjects:NAME``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from miniatures.wrong_wrappers import FaithfulWrapper


class Gossip(FaithfulWrapper):
    """Turns a hash round on its way to the native SDK, tells it to another method too, and changes each token."""

    planted = "planted-token-on-the-bridge"

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        if method == "setUserHash" and arguments and isinstance(arguments[0], str):
            self.native("logEvent", ["the hash", {"hash": arguments[0], "mail": "ada@example.com"}])
            return [arguments[0][::-1]]
        return [self.planted] if method == "sendPushToken" else list(arguments)


class Restless(FaithfulWrapper):
    """Asks the native SDK again and again, at last with what is no JSON, or endless."""

    def ask(self, method: str, arguments: Sequence[Any], success: Any, error: Any) -> Any:
        if method == "logEvent":
            for _ in range(30):
                self.native("isUserLoggedIn", [])
            return None
        return super().ask(method, arguments, success, error)


class Wordy(FaithfulWrapper):
    """Gives the native SDK far more than it was given."""

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        return ["x" * 100_000] if method == "logEvent" else list(arguments)
