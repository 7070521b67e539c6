"""Drives a program that speaks the wire protocol on its standard input and output; it ends with its driver."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from intercom_conformance.drivers import processes
from intercom_conformance.drivers.pipes import MAX_LINE, Pipes, default_pipes
from intercom_conformance.drivers.protocol import Crashed, DriverError, Native, NotStarted, ProtocolBroken
from intercom_conformance.drivers.wire import Connection, Timing, WireDriver

__all__ = ["StdioDriver"]


class StdioDriver(WireDriver):
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
        self._cwd, self._env = cwd, env
        self._max_line, self._make_pipes = max_line, pipes
        self._process: subprocess.Popen[bytes] | None = None
        timing = Timing(start_timeout, timeout, grace)
        name = shlex.join(self._command)
        super().__init__(name, self._open, native, timing=timing, spec=spec, max_line=max_line)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._run and self._process else None

    def _open(self) -> Connection:
        try:
            self._process = process = processes.start(self._command, self._cwd, self._env)
        except (OSError, ValueError, IndexError) as error:
            remedy = "Is the program installed and on the PATH, and does the working directory exist?"
            raise NotStarted(self._name, str(error), remedy) from None
        pipes, grace = self._make_pipes(process, self._max_line), self._timing.grace
        return Connection(
            lines=pipes,
            gone=partial(_gone, process, pipes, grace),
            leave=partial(_leave, process, pipes, grace),
            end=partial(_end, process, pipes),
        )


def _gone(process: subprocess.Popen[bytes], pipes: Pipes, grace: float, request: str) -> DriverError:
    exit_code = processes.wait(process, grace)
    if exit_code is not None:
        return Crashed(request, exit_code, pipes.tail())
    what = f"the driver closed its standard input or output in the midst of {request!r}, but runs on"
    return ProtocolBroken(what, remedy="Keep both open until 'shutdown'.")


def _leave(process: subprocess.Popen[bytes], pipes: Pipes, grace: float) -> None:
    pipes.close_input()
    processes.terminate(process, grace)


def _end(process: subprocess.Popen[bytes], pipes: Pipes) -> None:
    processes.end(process)
    pipes.close()
