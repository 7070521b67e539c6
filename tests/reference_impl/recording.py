"""An app that notes what its callbacks are told."""

from __future__ import annotations

from typing import Any

from intercom_reference.client import Client

NOTHING = object()
"""What a callback is told that is called without a value."""


class App:
    """A client and the answers that came, in order: (method, callback) pairs, and the values beside them."""

    def __init__(self, **options: Any) -> None:
        self.sdk = Client(**options)
        self.answers: list[tuple[str, str]] = []
        self.values: list[Any] = []

    def call(self, method: str, *arguments: Any) -> list[tuple[str, str]]:
        """Calls a method and gives the answers that came during the call."""
        before = len(self.answers)

        def note(callback: str) -> Any:
            def noted(value: Any = NOTHING) -> None:
                self.answers.append((method, callback))
                self.values.append(value)

            return noted

        self.sdk.call(method, arguments, note("success"), note("error"))
        return self.answers[before:]

    def outcome(self, method: str, *arguments: Any) -> str:
        """What the call itself was answered with: one word."""
        answers = self.call(method, *arguments)
        assert [name for name, _ in answers] == [method]
        return answers[0][1]

    def value(self, method: str, *arguments: Any) -> Any:
        """What the only callback of a call is told."""
        self.outcome(method, *arguments)
        return self.values[-1]

    def error(self, method: str, *arguments: Any) -> int:
        """The code of the error that a call ends with."""
        assert self.outcome(method, *arguments) == "error"
        code: int = self.values[-1]["code"]
        return code

    @property
    def contacts(self) -> list[dict[str, Any]]:
        """The contacts of the snapshot."""
        found: list[dict[str, Any]] = self.sdk.observe()["records"]["contacts"]
        return found

    @property
    def user(self) -> dict[str, Any]:
        """The contact who is logged in."""
        snapshot = self.sdk.observe()
        found: dict[str, Any] = snapshot["records"]["contacts"][snapshot["current"]]
        return found

    def state(self, region: str) -> str:
        """Where a region stands."""
        state: str = self.sdk.observe()["state"][region]
        return state
