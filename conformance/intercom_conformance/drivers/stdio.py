"""Drives a program that speaks the wire protocol on its standard input and output.

One request at a time: the driver writes it, then serves the program's own requests and takes its
notifications until the response comes, the deadline passes, or the program ends. Whatever breaks a request
ends the program with all its children, because the two sides no longer agree on where they are;
`initialize` starts a new one.
"""

from __future__ import annotations

import itertools
import logging
import os
import shlex
import subprocess
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import attrs

from intercom_conformance.drivers import messages, processes
from intercom_conformance.drivers.pipes import MAX_LINE, Ended, Late, Pipes, TooLong, default_pipes
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

__all__ = ["MAX_MESSAGES", "StdioDriver"]

MAX_MESSAGES: Final = 10_000
"""Messages that a driver may send while one request is served; more are a flood."""

_LOG: Final = logging.getLogger("intercom_conformance.drivers")


@attrs.frozen
class _Run:
    """One life of the program; `end` may be called any number of times, and is when nobody else does."""

    process: subprocess.Popen[bytes]
    pipes: Pipes
    end: Callable[[], Any]


class StdioDriver:
    """A driver in a program of its own; a context manager that ends the program.

    Args:
        command: the program and its arguments.
        native: the far end of a wrapper's bridge. The time it takes does not count.
        start_timeout: seconds until `initialize` must have been answered.
        timeout: seconds until any other request must have been answered.
        grace: seconds that each polite step of `shutdown` is given, and a program that has closed a pipe.
        cwd: the program's working directory.
        env: variables to add to the program's environment.
        spec: the revision of the specification that the program is told.
        max_line: bytes that a line may have.
        pipes: how lines are moved; the fastest way of the platform if none is given.
    """

    def __init__(
        self,
        command: Sequence[str],
        native: Native,
        *,
        start_timeout: float = 30.0,
        timeout: float = 10.0,
        grace: float = 1.0,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        spec: str = "1.0",
        max_line: int = MAX_LINE,
        pipes: Callable[[subprocess.Popen[bytes], int], Pipes] = default_pipes,
    ) -> None:
        self._command = tuple(command)
        self._native = native
        self._start_timeout, self._timeout, self._grace = start_timeout, timeout, grace
        self._cwd, self._env, self._spec = cwd, env, spec
        self._max_line, self._make_pipes = max_line, pipes
        self._ids = itertools.count(1)
        self._early: list[Settled] = []
        self._run: _Run | None = None

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
        """The process id of the running program, if one runs."""
        return self._run.process.pid if self._run else None

    def initialize(self) -> Binding:
        """Starts the program, after ending one that runs, and learns which binding it drives."""
        self._end()
        self._start()
        try:
            params = {"protocol": PROTOCOL, "spec": self._spec}
            result = self._request("initialize", params, self._start_timeout)
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
            self._request("shutdown", {}, self._grace, ends=False)
        except DriverError as error:
            _LOG.info("The driver did not shut down when asked: %s", error)
        finally:
            run.pipes.close_input()
            processes.terminate(run.process, self._grace)
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
        run = self._running()
        try:
            return self._exchange(run, line, number, method, seconds or self._timeout)
        except Refused:
            raise
        except BaseException:
            if ends:
                self._end()
            raise

    def _exchange(self, run: _Run, line: bytes, number: int, method: str, seconds: float) -> dict[str, Json]:
        deadline = time.monotonic() + seconds
        try:
            run.pipes.send(line, deadline)
            return self._response(run.pipes, number, method, deadline)
        except Late:
            raise TimedOut(method, seconds, run.pipes.tail()) from None
        except TooLong as error:
            what = f"a line is longer than {self._max_line} bytes"
            raise ProtocolBroken(what, messages.excerpt(error.start), "Send less in one message.") from None
        except Ended:
            raise _ended(run, method, self._grace) from None

    def _response(self, pipes: Pipes, number: int, method: str, deadline: float) -> dict[str, Json]:
        for _ in range(MAX_MESSAGES):
            message = messages.incoming(pipes.receive(deadline), number, method)
            if isinstance(message, messages.Result):
                return message.value
            match message:
                case messages.NativeCall():
                    deadline = self._serve(pipes, message, deadline)
                case messages.Late(settled):
                    self._early.append(settled)
                case messages.Log(level, text):
                    _LOG.log(logging.getLevelNamesMapping()[level.upper()], "%s", text)
                case messages.Refusal(code, text):
                    raise Refused(method, code, text)
        what = f"the driver sent {MAX_MESSAGES} messages without answering {method!r}"
        raise ProtocolBroken(what, remedy="Answer as soon as the binding has nothing left to do.")

    def _serve(self, pipes: Pipes, request: messages.NativeCall, deadline: float) -> float:
        """Answers a native request; the deadline, later by the time that the far end took."""
        started = time.monotonic()
        reply = self._native(request.method, request.arguments)
        deadline += time.monotonic() - started
        pipes.send(messages.native_response(request.id, reply), deadline)
        return deadline

    def _running(self) -> _Run:
        if self._run is None:
            raise NotStarted(self._name, "it is not running", "Call initialize(), first and after an error.")
        return self._run

    @property
    def _name(self) -> str:
        return shlex.join(self._command)

    def _start(self) -> None:
        try:
            process = processes.start(self._command, self._cwd, self._env)
        except (OSError, ValueError, IndexError) as error:
            remedy = "Is the program installed and on the PATH, and does the working directory exist?"
            raise NotStarted(self._name, str(error), remedy) from None
        pipes = self._make_pipes(process, self._max_line)
        self._early = []
        self._run = _Run(process, pipes, weakref.finalize(self, _finish, process, pipes, os.getpid()))

    def _not_started(self, error: Crashed | TimedOut | Refused) -> NotStarted:
        match error:
            case Crashed(_, exit_code, tail):
                end = f"by {error.signal}" if error.signal else f"with exit code {exit_code}"
                reason = f"it ended {end} before it answered 'initialize'"
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


def _ended(run: _Run, method: str, grace: float) -> DriverError:
    exit_code = processes.wait(run.process, grace)
    if exit_code is not None:
        return Crashed(method, exit_code, run.pipes.tail())
    what = f"the driver closed its standard input or output in the midst of {method!r}, but runs on"
    return ProtocolBroken(what, remedy="Keep both open until 'shutdown'.")


def _finish(process: subprocess.Popen[bytes], pipes: Pipes, owner: int) -> None:
    """Ends the program; does nothing in a fork of the process that started it."""
    if os.getpid() == owner:
        processes.end(process)
        pipes.close()
