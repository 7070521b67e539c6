"""A binding that runs under its adapter, and the far end below it that a test can script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from intercom_conformance.drivers import Answered, Binding, NativeReply, Reaction, StdioDriver

BOTH = ("success", "error")


@attrs.define
class FarEnd:
    """The native SDK as a test wants it: hears every request, gives the reply set for the method."""

    replies: dict[str, NativeReply] = attrs.field(factory=dict)
    heard: list[tuple[str, list[Any]]] = attrs.field(factory=list)

    def __call__(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        self.heard.append((method, list(arguments)))
        return self.replies.get(method, Answered())


@attrs.frozen
class App:
    """A binding that runs, with the far end below it."""

    driver: StdioDriver
    binding: Binding
    far_end: FarEnd

    def call(self, method: str, *arguments: Any, name: str = "c1", callbacks: Sequence[str] = BOTH) -> Reaction:
        return self.driver.call(name, method, arguments, callbacks)


Start = Callable[[Sequence[str]], App]
