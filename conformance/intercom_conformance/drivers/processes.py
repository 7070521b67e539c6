"""Starts a driver's program, and ends it together with every process that it started.

The program runs in a group of its own, so that one signal reaches all of it. A child that leaves the group on
purpose is beyond reach; everything else ends with `end`, which also runs when the driver object is
forgotten or the interpreter exits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO

__all__ = ["end", "start", "terminate", "wait"]


def start(
    command: Sequence[str],
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """The program, running; `env` is added to this process's environment.

    It has three pipes, or, with a `log`, no input, and that file for all that it writes.

    Raises:
        OSError: it cannot be started.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL if log else subprocess.PIPE,
        stdout=log or subprocess.PIPE,
        stderr=log or subprocess.PIPE,
        bufsize=0,
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """The exit code, or None if the program still runs after that time."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def terminate(process: subprocess.Popen[bytes], grace: float) -> None:
    """Waits for a program that has been told to end, and asks the system to terminate it if it does not.

    Args:
        process: the program.
        grace: seconds given to it before that, and again after it.
    """
    if wait(process, grace) is None:
        _signal_group(process, kill=False)
        wait(process, grace)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills the program and all that it started; harmless if it has ended already."""
    _signal_group(process, kill=True)
    wait(process, 5.0)


def _signal_group(process: subprocess.Popen[bytes], kill: bool) -> None:
    if sys.platform == "win32":
        force = ["/F"] if kill else []
        with contextlib.suppress(OSError):
            subprocess.run(["taskkill", *force, "/T", "/PID", str(process.pid)], capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
