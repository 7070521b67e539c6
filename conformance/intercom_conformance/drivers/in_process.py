"""Drives an SDK that is a Python object in this process: no wire, no deadlines, the same reactions.

What the object is given and what it hands out is copied, so that it and the kit share nothing mutable. A
hang of the object is a hang of the kit; serve the object over the wire (`intercom_reference.wire`) if it
may hang.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from intercom_conformance.drivers import messages
from intercom_conformance.drivers.protocol import (
    MISSING,
    PROTOCOL,
    Answered,
    Binding,
    Failed,
    Json,
    Native,
    NativeReply,
    NotStarted,
    ProtocolBroken,
    Reaction,
    Refused,
)
from intercom_reference.hosting import Host, HostedError, NotServed, plain

__all__ = ["InProcessDriver"]


class InProcessDriver:
    """A driver of the objects that a factory makes.

    Args:
        factory: makes one object for each freshly installed app; see `intercom_reference.hosting` for what
            the object may have. With a parameter `native` it makes wrappers, and is given the far end of
            their bridge.
        native: that far end.
        spec: the revision of the specification, as in the other drivers; an object is not told.
    """

    def __init__(self, factory: Callable[..., Any], native: Native, *, spec: str = "1.0") -> None:
        self._factory = factory
        self._native = _copying(native)
        self._spec = spec
        self._host: Host | None = None

    @property
    def pid(self) -> int:
        return os.getpid()

    def initialize(self) -> Binding:
        try:
            host = Host(self._factory, self._native)
            result = host.initialize(PROTOCOL, self._spec)
        except HostedError as error:
            raise NotStarted(repr(self._factory), str(error), "Correct the object.") from error
        remedy = "Correct the object's binding; the schema's initialize-result tells what it may hold."
        messages.check("initialize-result", result, "the object's binding", remedy)
        self._host = host
        return messages.binding(result)

    def restart(self) -> Binding:
        """The same as `initialize`."""
        return self.initialize()

    def reset(self) -> None:
        self._ask("reset")

    def call(self, call: str, method: str, arguments: Sequence[Json], callbacks: Collection[str]) -> Reaction:
        return messages.reaction(self._running().call(call, method, _copy(arguments), callbacks))

    def answer(self, ticket: str, reply: Answered | Failed) -> Reaction:
        outcome: dict[str, Json] = {}
        if isinstance(reply, Failed):
            outcome["error"] = {"code": reply.code, "message": reply.message}
        elif reply.value is not MISSING:
            outcome["value"] = _copy(reply.value)
        return messages.reaction(self._ask("answer", ticket, **outcome))

    def advance(self, seconds: float) -> Reaction:
        return messages.reaction(self._ask("advance", seconds))

    def environment(self, event: str, arguments: Sequence[Json]) -> Reaction:
        return messages.reaction(self._ask("environment", event, _copy(arguments)))

    def observe(self) -> Json:
        result = messages.check("observe-result", self._ask("observe"), "what observe returned")
        return result["snapshot"]

    def shutdown(self) -> None:
        self._host = None

    def _ask(self, request: str, *arguments: Json, **named: Json) -> Mapping[str, Any]:
        try:
            result: Mapping[str, Any] = getattr(self._running(), request)(*arguments, **named)
        except NotServed as error:
            raise Refused(request, -32601, str(error)) from error
        except HostedError as error:
            raise Refused(request, -32000, str(error)) from error
        return result

    def _running(self) -> Host:
        if self._host is None:
            raise NotStarted(repr(self._factory), "it is not running", "Call initialize() first.")
        return self._host


def _copying(native: Native) -> Native:
    """The far end, whose answers the object may change without changing them for anybody else."""

    def copied(method: str, arguments: Sequence[Json]) -> NativeReply:
        reply = native(method, arguments)
        if isinstance(reply, Answered) and reply.value is not MISSING:
            return Answered(_copy(reply.value))
        return reply

    return copied


def _copy(value: Json) -> Json:
    try:
        return plain(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolBroken(f"a value cannot be handed to the object: {error}", remedy=messages.KIT) from None
