"""A toy SDK in three shapes, to test drivers with: a basket, a wrapper around one, and nothing at all.

``python toy_sdk.py Basket`` serves it over the wire.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, ClassVar

from intercom_reference.hosting import Answered, Failed, Held, Native

Callback = Callable[..., None] | None


class Basket:
    """Remembers what was added; self-contained."""

    binding: ClassVar[dict[str, Any]] = {"name": "basket", "version": "2.1", "capabilities": ["gift-wrap"]}

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.waiting: list[Callable[..., None]] = []
        self.given: list[Any] = []

    def add(self, item: Any, success: Callback = None, error: Callback = None) -> None:
        if not isinstance(item, dict):
            return error({"code": 7, "message": "not an item"}) if error else None
        self.items.append(item)
        return success() if success else None

    def count(self, success: Callback = None, error: Callback = None) -> int:
        if success:
            success(len(self.items))
        return len(self.items)

    def later(self, success: Callback = None, error: Callback = None) -> None:
        if success:
            self.waiting.append(success)

    def twice(self, success: Callable[..., None], error: Callable[..., None]) -> None:
        success(1)
        error("no, wait")
        success(None)

    def explode(self) -> None:
        raise LookupError("nothing there")

    def leave(self) -> None:
        sys.exit("enough")

    def noisy(self) -> None:
        print("this is no message")

    def odd(self, success: Callback = None, error: Callback = None) -> Any:
        if success:
            success({1})
        return float("inf")

    def positional(self, item: Any, done: Callback = None, failed: Callback = None, /) -> None:
        if done:
            done(["done", item])
        if failed:
            failed(["failed", item])

    def give(self, success: Callable[..., None], error: Callback = None) -> list[Any]:
        success(self.given)
        self.given.append("more")
        return self.given

    def advance(self, seconds: float) -> None:
        waiting, self.waiting = self.waiting, []
        for callback in waiting:
            callback(seconds)

    def environment(self, event: str, *arguments: Any) -> None:
        self.items.append({"event": event, "arguments": list(arguments)})

    def observe(self) -> dict[str, Any]:
        return {"items": self.items}


class Wrapper:
    """Puts every call through a bridge."""

    def __init__(self, native: Native) -> None:
        self.native = native
        self.held: dict[str, tuple[Callback, Callback]] = {}

    def add(self, item: Any, success: Callback = None, error: Callback = None) -> None:
        match self.native("add", [item]):
            case Answered(value) if success:
                success(value) if value is not None else success()
            case Failed(code, message) if error:
                error({"code": code, "message": message})
            case Held(ticket):
                self.held[ticket] = success, error

    def swallow(self) -> str:
        try:
            self.native("swallow", [])
        except BaseException:
            return "nothing happened"
        return "fine"

    def answer(self, ticket: str, value: Any = None, error: Any = None) -> None:
        success, failure = self.held.pop(ticket)
        if error and failure:
            failure(error)
        elif success:
            success(value)


class Bare:
    """Has nothing."""


if __name__ == "__main__":
    from intercom_reference.wire import serve

    serve(globals()[sys.argv[1]])
