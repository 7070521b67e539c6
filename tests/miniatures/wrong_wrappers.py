"""Wrappers around the native SDK: one that is right, and others that relay wrongly.

A wrapper is a factory with a parameter `native`, ``py:miniatures.wrong_wrappers:FaithfulWrapper``. It has every
method, passes each call on under its own name, and hands back what the native SDK answers, at once or by ticket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from intercom_conformance.specification import load_specification
from intercom_reference.hosting import MISSING, Answered, Failed, Held, Native, NativeReply

Callback = Callable[..., object] | None


class FaithfulWrapper:
    """Passes everything on, and everything back."""

    def __init__(self, native: Native) -> None:
        self.native = native
        self.waiting: dict[str, tuple[str, Callback, Callback]] = {}

    @property
    def binding(self) -> dict[str, Any]:
        """How it introduces itself."""
        offered = set(load_specification().capabilities) - {"clock", "environment", "snapshot"}
        return {"name": type(self).__name__, "version": "1", "capabilities": sorted(offered)}

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_") or method in ("observe", "advance", "environment"):
            raise AttributeError(method)

        def call(*arguments: Any, success: Callback = None, error: Callback = None) -> Any:
            return self.ask(method, self.sent(method, arguments), success, error)

        return call

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        """The arguments as they cross the bridge."""
        return list(arguments)

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        """Asks the native SDK; gives its answer if that is there at once."""
        reply = self.native(method, arguments)
        if isinstance(reply, Held):
            self.waiting[reply.ticket] = method, success, error
            return None
        return self.tell(method, reply, success, error)

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        """Tells the app what the native SDK has answered."""
        if isinstance(reply, Failed):
            return give(error, {"code": reply.code, "message": reply.message})
        value = reply.value if isinstance(reply, Answered) else MISSING
        give(success, *([] if value is MISSING else [value]))
        return None if value is MISSING else value

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        """Takes a late answer."""
        method, success, failure = self.waiting.pop(ticket)
        reply = Answered(value) if error is None else Failed(error["code"], error["message"])
        self.tell(method, reply, success, failure)


REQUESTS = [
    "loginUnidentifiedUser",
    "loginUserWithUserAttributes",
    "updateUser",
    "logEvent",
    "sendPushToken",
    "fetchHelpCenterCollections",
    "fetchHelpCenterCollection",
    "searchHelpCenter",
]
"""The methods that wait for the network."""

SILENT = [
    "logout",
    "setUserHash",
    "logEvent",
    "present",
    "presentSpace",
    "presentContent",
    "presentMessageComposer",
    "setLauncherVisibility",
    "setBottomPadding",
    "setInAppMessageVisibility",
    "hideIntercom",
    "sendPushToken",
]
"""The methods that an SDK of the kind of the Android one answers nothing to."""


class UntoldWrapper(FaithfulWrapper):
    """The SDK below it tells no outcome of calls that show or record something, so that each is a success at once."""

    @property
    def binding(self) -> dict[str, Any]:
        return {**super().binding, "silent": SILENT}

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method not in SILENT:
            return super().ask(method, arguments, success, error)
        self.native(method, arguments)
        return give(success)

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        if ticket in self.waiting:
            super().answer(ticket, value, error)


class UntoldAndDropped(UntoldWrapper):
    """As nobody tells what became of an event, its metadata are not sent either."""

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        return list(arguments[:1]) if method == "logEvent" else list(arguments)


class UntoldAndMute(UntoldWrapper):
    """As nobody tells what became of an event, nobody is told."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        return super().ask(method, arguments, None if method == "logEvent" else success, error)


class UntoldAndUndeclared(UntoldWrapper):
    """What it is not told of it reports as a success, and does not say that it cannot know."""

    @property
    def binding(self) -> dict[str, Any]:
        return {**super().binding, "silent": []}


class OneAtATime(FaithfulWrapper):
    """Right, though slow: a call that waits for the network is passed on when the one before it is answered."""

    def __init__(self, native: Native) -> None:
        super().__init__(native)
        self.queue: list[tuple[str, Sequence[Any], Callback, Callback]] = []

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logout":
            self.go_on(at_once=True)
        if self.waiting and method in REQUESTS:
            self.queue.append((method, arguments, success, error))
            return None
        return super().ask(method, arguments, success, error)

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        super().answer(ticket, value, error)
        self.go_on()

    def go_on(self, *, at_once: bool = False) -> None:
        """Passes on what has waited for the answer, until an answer is awaited again."""
        while self.queue and (at_once or not self.waiting):
            super().ask(*self.next())

    def next(self) -> tuple[str, Sequence[Any], Callback, Callback]:
        """Takes the next call from the queue."""
        return self.queue.pop(0)


def give(callback: Callback, *values: Any) -> None:
    """Calls a callback, if there is one."""
    if callback is not None:
        callback(*values)


class FailureHidden(FaithfulWrapper):
    """Whatever the native SDK answers to a push token is a success."""

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        if method == "sendPushToken" and isinstance(reply, Failed):
            return give(success)
        return super().tell(method, reply, success, error)


class FailureMadeUp(FaithfulWrapper):
    """A success without a value is taken for a failure."""

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        if method == "present" and isinstance(reply, Answered):
            return give(error, {"code": 201, "message": "no result"})
        return super().tell(method, reply, success, error)


class FireAndForget(FaithfulWrapper):
    """An event is a success as soon as it has crossed the bridge."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        reply = self.native(method, arguments)
        if method == "logEvent" and isinstance(reply, Held):
            return give(success)
        return (
            self.tell(method, reply, success, error)
            if not isinstance(reply, Held)
            else self.keep(reply.ticket, method, success, error)
        )

    def keep(self, ticket: str, method: str, success: Callback, error: Callback) -> None:
        """Waits for an answer."""
        self.waiting[ticket] = method, success, error

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        if ticket in self.waiting:
            super().answer(ticket, value, error)


class LateAnswersLost(FaithfulWrapper):
    """Nobody listens for an answer that does not come at once."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        self.waiting.pop(ticket)


class LateAnswersMixedUp(FaithfulWrapper):
    """A late answer is given to the call that was made last."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        latest = list(self.waiting)[-1]
        self.waiting[ticket], self.waiting[latest] = self.waiting[latest], self.waiting[ticket]
        super().answer(ticket, value, error)


class ResultAsText(FaithfulWrapper):
    """Results cross the bridge as JSON, and nobody reads it on the other side."""

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        if isinstance(reply, Answered) and reply.value is not MISSING:
            reply = Answered(json.dumps(reply.value))
        return super().tell(method, reply, success, error)


class CountRounded(FaithfulWrapper):
    """The unread count is told as whether there is any."""

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        if method == "unreadConversationCount" and isinstance(reply, Answered):
            reply = Answered(min(reply.value, 1))
        return super().tell(method, reply, success, error)


class CallsTwice(FaithfulWrapper):
    """An event crosses the bridge twice."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logEvent":
            self.native(method, arguments)
        return super().ask(method, arguments, success, error)

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        if ticket in self.waiting:
            super().answer(ticket, value, error)


class NeverAsks(FaithfulWrapper):
    """The launcher's visibility stays on this side of the bridge."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "setLauncherVisibility" and arguments and arguments[0] in ("VISIBLE", "GONE"):
            return give(success)
        return super().ask(method, arguments, success, error)


class KeysRenamed(FaithfulWrapper):
    """Custom attributes cross the bridge under a key that the other side does not know."""

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        return [_renamed(one) for one in arguments]


class TextOfEverything(FaithfulWrapper):
    """The composer's text is written with `str`, whether it is one or not."""

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        if method == "presentMessageComposer":
            return [str(one) for one in arguments]
        return list(arguments)


class OneArgumentOnly(FaithfulWrapper):
    """Only the first argument crosses the bridge."""

    def sent(self, method: str, arguments: Sequence[Any]) -> list[Any]:
        return list(arguments[:1])


class ErrorsBare(FaithfulWrapper):
    """The error callback is called, and told nothing."""

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        return give(error) if isinstance(reply, Failed) else super().tell(method, reply, success, error)


def _renamed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    names = {"customAttributes": "custom", "custom_attributes": "custom"}
    return {names.get(key, key): member for key, member in value.items()}


__all__ = sorted(
    name for name, value in globals().items() if isinstance(value, type) and issubclass(value, FaithfulWrapper)
)
