"""Drives a program over the wire, whatever the connection is made of.

One request at a time: the driver writes it, then serves the program's own requests and takes its
notifications until the response comes, the deadline passes, or the other side is gone. Whatever breaks a
request ends the connection, because the two sides no longer agree on where they are; `initialize` makes a
new one.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeAlias

import attrs

from intercom_conformance.drivers import messages
from intercom_conformance.drivers.pipes import MAX_LINE, Ended, Late, TooLong
from intercom_conformance.drivers.protocol import (
    MISSING,
    PROTOCOL,
    Answered,
    Binding,
    Crashed,
    DriverError,
    Failed,
    Json,
    Native,
    NotStarted,
    ProtocolBroken,
    Reaction,
    Refused,
    Settled,
    TimedOut,
)

__all__ = ["MAX_MESSAGES", "Connection", "Lines", "Tap", "Timing", "WireDriver"]

MAX_MESSAGES: Final = 10_000
"""Messages that a driver may send while one request is served; more are a flood."""

_LOG: Final = logging.getLogger("intercom_conformance.drivers")
# What drivers log is for whoever sets up logging; it is no part of what the kit prints.
_LOG.addHandler(logging.NullHandler())


class Lines(Protocol):
    """Moves lines to and from a driver; deadlines are values of `time.monotonic()`."""

    def send(self, line: bytes, deadline: float) -> None:
        """Writes a line; raises `Late` or `Ended`."""
        ...

    def receive(self, deadline: float) -> bytes:
        """The next line, without its end; raises `Late`, `Ended` or `TooLong`."""
        ...

    def tail(self) -> str:
        """The end of the driver's log, as far as it can be had."""
        ...


Tap: TypeAlias = Callable[[str, bytes], None]
"""Is told of each line as it passes: ``sent`` or ``received``, and the line."""


@attrs.frozen
class _Tapped:
    """Lines that somebody listens to."""

    lines: Lines
    tap: Tap

    def send(self, line: bytes, deadline: float) -> None:
        self.tap("sent", line)
        self.lines.send(line, deadline)

    def receive(self, deadline: float) -> bytes:
        line = self.lines.receive(deadline)
        self.tap("received", line)
        return line

    def tail(self) -> str:
        return self.lines.tail()


@attrs.frozen
class Connection:
    """One life of a driver at the other end of the wire.

    Shapes:
        lines: moves the messages.
        gone: why the other side is no longer there, for the request in whose midst that is noticed.
        leave: gives a driver that was asked to shut down the time to do so.
        end: ends the connection for good, and with it the programs that the kit started; may be called
            any number of times. It must not know the driver, so that it can run when that is forgotten.
    """

    lines: Lines
    gone: Callable[[str], DriverError]
    leave: Callable[[], None]
    end: Callable[[], None]


@attrs.frozen
class Timing:
    """Seconds: until `initialize` is answered, until any other request is, and for each polite step of `shutdown`."""

    start: float = 30.0
    request: float = 10.0
    grace: float = 1.0


@attrs.frozen
class _Run:
    """A connection; `end` is called at the latest when nobody knows the driver any more."""

    connection: Connection
    end: Callable[[], Any]


class WireDriver:
    """A driver at the other end of a connection; a context manager that ends it.

    Args:
        name: what errors call the driver.
        connect: makes a connection to a driver that is freshly started, or raises `NotStarted`.
        native: the far end of a wrapper's bridge. The time it takes does not count.
        timing: how long things may take.
        spec: the revision of the specification that the driver is told.
        max_line: bytes that a line may have.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        native: Native,
        *,
        timing: Timing | None = None,
        spec: str = "1.0",
        max_line: int = MAX_LINE,
    ) -> None:
        self._name, self._connect, self._native = name, connect, native
        self._timing = timing or Timing()
        self._spec, self._max_line = spec, max_line
        self._ids = itertools.count(1)
        self._early: list[Settled] = []
        self._run: _Run | None = None
        self.tap: Tap | None = None
        """Who listens to the lines, from the next start on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()

    @property
    def pid(self) -> int | None:
        """The process id of the program, if the kit has started one and it runs."""
        return None

    def initialize(self) -> Binding:
        """Starts the driver, after ending one that runs, and learns which binding it drives."""
        self._end()
        self._start()
        try:
            params = {"protocol": PROTOCOL, "spec": self._spec}
            result = self._request("initialize", params, self._timing.start)
        except (Crashed, TimedOut, Refused) as error:
            self._end()
            raise self._not_started(error) from error
        if result["protocol"] != PROTOCOL:
            self._end()
            what = f"the driver speaks version {result['protocol']} of the protocol, the kit {PROTOCOL}"
            raise ProtocolBroken(what, remedy="Use a driver and a kit of the same version.")
        return messages.binding(result)

    def restart(self) -> Binding:
        """The same as `initialize`: ends what runs, and starts anew."""
        return self.initialize()

    def reset(self) -> None:
        self._request("reset", {})
        self._early.clear()

    def call(self, call: str, method: str, arguments: Sequence[Json], callbacks: Collection[str]) -> Reaction:
        params = {"call": call, "method": method, "arguments": arguments, "callbacks": list(callbacks)}
        return self._reaction("call", params)

    def answer(self, ticket: str, reply: Answered | Failed) -> Reaction:
        params: dict[str, Json] = {"ticket": ticket}
        if isinstance(reply, Failed):
            params["error"] = {"code": reply.code, "message": reply.message}
        elif reply.value is not MISSING:
            params["value"] = reply.value
        return self._reaction("answer", params)

    def advance(self, seconds: float) -> Reaction:
        return self._reaction("advance", {"seconds": seconds})

    def environment(self, event: str, arguments: Sequence[Json]) -> Reaction:
        return self._reaction("environment", {"event": event, "arguments": arguments})

    def observe(self) -> Json:
        return self._request("observe", {})["snapshot"]

    def shutdown(self) -> None:
        """Ends the program: by request, by the end of its input, by termination, and at last by force."""
        run = self._run
        if run is None:
            return
        try:
            self._request("shutdown", {}, self._timing.grace, ends=False)
        except DriverError as error:
            _LOG.info("The driver did not shut down when asked: %s", error)
        finally:
            run.connection.leave()
            self._end()

    def _reaction(self, method: str, params: Mapping[str, Json]) -> Reaction:
        result = self._request(method, params)
        early, self._early = self._early, []
        return messages.reaction(result, early)

    def _request(
        self, method: str, params: Mapping[str, Json], seconds: float | None = None, ends: bool = True
    ) -> dict[str, Json]:
        """The result of a request; a fault ends the program, unless it is to be ended otherwise."""
        number = next(self._ids)
        line = messages.request(number, method, params)
        connection = self._running()
        try:
            return self._exchange(connection, line, number, method, seconds or self._timing.request)
        except Refused:
            raise
        except BaseException:
            if ends:
                self._end()
            raise

    def _exchange(
        self, connection: Connection, line: bytes, number: int, method: str, seconds: float
    ) -> dict[str, Json]:
        deadline = time.monotonic() + seconds
        try:
            connection.lines.send(line, deadline)
            return self._response(connection.lines, number, method, deadline)
        except Late:
            raise TimedOut(method, seconds, connection.lines.tail()) from None
        except TooLong as error:
            what = f"a line is longer than {self._max_line} bytes"
            raise ProtocolBroken(what, messages.excerpt(error.start), "Send less in one message.") from None
        except Ended:
            raise connection.gone(method) from None

    def _response(self, lines: Lines, number: int, method: str, deadline: float) -> dict[str, Json]:
        for _ in range(MAX_MESSAGES):
            message = messages.incoming(lines.receive(deadline), number, method)
            if isinstance(message, messages.Result):
                return message.value
            match message:
                case messages.NativeCall():
                    deadline = self._serve(lines, message, deadline)
                case messages.Late(settled):
                    self._early.append(settled)
                case messages.Log(level, text):
                    _LOG.log(logging.getLevelNamesMapping()[level.upper()], "%s", text)
                case messages.Refusal(code, text):
                    raise Refused(method, code, text)
        what = f"the driver sent {MAX_MESSAGES} messages without answering {method!r}"
        raise ProtocolBroken(what, remedy="Answer as soon as the binding has nothing left to do.")

    def _serve(self, lines: Lines, request: messages.NativeCall, deadline: float) -> float:
        """Answers a native request; the deadline, later by the time that the far end took."""
        started = time.monotonic()
        reply = self._native(request.method, request.arguments)
        deadline += time.monotonic() - started
        lines.send(messages.native_response(request.id, reply), deadline)
        return deadline

    def _running(self) -> Connection:
        if self._run is None:
            raise NotStarted(self._name, "it is not running", "Call initialize(), first and after an error.")
        return self._run.connection

    def _start(self) -> None:
        connection = self._connect()
        if self.tap is not None:
            connection = attrs.evolve(connection, lines=_Tapped(connection.lines, self.tap))
        self._early = []
        self._run = _Run(connection, weakref.finalize(self, _finish, connection.end, os.getpid()))

    def _not_started(self, error: Crashed | TimedOut | Refused) -> NotStarted:
        match error:
            case Crashed(_, _, tail):
                reason = f"it {error.end} before it answered 'initialize'"
                return NotStarted(self._name, reason, "It has to run until 'shutdown'.", tail or "(empty)")
            case TimedOut(_, seconds, tail):
                reason = f"it did not answer 'initialize' within {seconds:g} s"
                remedy = "If it only needs longer, raise the time limit for the start."
                return NotStarted(self._name, reason, remedy, tail or "(empty)")
            case Refused(_, code, message):
                return NotStarted(self._name, f"it refused 'initialize': {message} (error {code})", "")

    def _end(self) -> None:
        run, self._run = self._run, None
        if run:
            run.end()


def _finish(end: Callable[[], None], owner: int) -> None:
    """Ends a connection; does nothing in a fork of the process that made it."""
    if os.getpid() == owner:
        end()
