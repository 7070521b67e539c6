"""The native SDK behind a wrapper, played by the reference client.

This and `kit` are the only modules that join the kit to the reference; the oracle judges both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from intercom_conformance.drivers.protocol import MISSING, Answered, Failed, Held, NativeReply

__all__ = ["ReferenceFarEnd"]

_NO_SUCH_METHOD = 404


@attrs.define
class ReferenceFarEnd:
    """Answers what a wrapper asks of the native SDK, at once or later."""

    _client: Any = None
    _late: list[tuple[str, Answered | Failed]] = attrs.field(factory=list)
    _tickets: int = 0

    def reset(self) -> None:
        from intercom_reference.client import Client

        self._client, self._late, self._tickets = Client(), [], 0

    def native(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        from intercom_reference.errors import KitError

        answer = _Answer()
        try:
            self._client.call(method, arguments, answer.succeed, answer.fail)
        except KitError as error:
            return Failed(_NO_SUCH_METHOD, str(error))
        if answer.reply is not None:
            return answer.reply
        self._tickets += 1
        ticket = f"t{self._tickets}"
        answer.later = lambda reply: self._late.append((ticket, reply))
        return Held(ticket)

    def happen(self, event: str, arguments: Sequence[Any]) -> None:
        self._client.environment(event, *arguments)

    def late(self) -> list[tuple[str, Answered | Failed]]:
        due, self._late = self._late, []
        return due

    def observe(self) -> Any:
        return self._client.observe()


@attrs.define
class _Answer:
    reply: Answered | Failed | None = None
    later: Any = None

    def succeed(self, value: Any = MISSING) -> None:
        self._give(Answered(value))

    def fail(self, error: Any) -> None:
        self._give(Failed(error["code"], error["message"]))

    def _give(self, reply: Answered | Failed) -> None:
        self.reply = reply
        if self.later is not None:
            self.later(reply)
