"""Moves lines to and from a running program, with deadlines, and with a bound on everything that is kept.

There are two kinds. `PolledPipes` does all the work in the caller's thread with one `poll`, which costs
little more than a bare read; it needs POSIX. `ThreadedPipes` has a thread for each pipe and runs anywhere.
Both keep reading the program's output while they write to it, so that neither side can block the other for
good, and both keep the end of its standard error.

Deadlines are values of `time.monotonic()`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO, Final, Protocol

__all__ = ["MAX_LINE", "Ended", "Late", "Pipes", "PolledPipes", "ThreadedPipes", "TooLong", "default_pipes"]

MAX_LINE: Final = 16 * 1024 * 1024
"""Bytes that a line may have, unless a driver is told otherwise."""

TAIL: Final = 8 * 1024
"""Bytes that are kept of the standard error."""

_CHUNK: Final = 64 * 1024
_GLANCE: Final = 0.25
"""Seconds between two looks at whether a silent program still runs; a child of it may keep its pipes open."""


class Late(Exception):
    """The deadline has passed."""


class Ended(Exception):
    """The program has ended, or has closed the pipe."""


class TooLong(Exception):
    """A line is longer than allowed; holds the line's start."""

    def __init__(self, start: bytes) -> None:
        super().__init__(start)
        self.start = start


class Pipes(Protocol):
    """The three pipes of a running program."""

    def send(self, line: bytes, deadline: float) -> None:
        """Writes a line; raises `Late` or `Ended`."""
        ...

    def receive(self, deadline: float) -> bytes:
        """The next line, without its end; raises `Late`, `Ended` or `TooLong`."""
        ...

    def tail(self) -> str:
        """The end of what the program wrote to its standard error; not to be asked for after `close`."""
        ...

    def close_input(self) -> None:
        """Tells the program that nothing more will be sent."""
        ...

    def close(self) -> None:
        """Frees the pipes, once the program has ended."""
        ...


class Lines:
    """Cuts what is read into lines."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._whole: deque[bytes] = deque()
        self._part: list[bytes] = []
        self._waiting = 0

    def feed(self, chunk: bytes) -> None:
        """Adds what was read; `TooLong` if more waits than a line may have."""
        self._waiting += len(chunk)
        if self._waiting > self._limit + _CHUNK:
            raise TooLong(b"".join([*self._whole, *self._part])[:1024])
        first, *others = chunk.split(b"\n")
        self._part.append(first)
        if others:
            self._whole.append(b"".join(self._part))
            *whole, last = others
            self._whole.extend(whole)
            self._part = [last]

    def next(self) -> bytes | None:
        """The first whole line, which is taken out, or None if there is none yet."""
        if not self._whole:
            return None
        line = self._whole.popleft()
        self._waiting -= len(line) + 1
        if len(line) > self._limit:
            raise TooLong(line[:1024])
        return line


class Tail:
    """Keeps the last bytes of a stream."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, chunk: bytes) -> None:
        """Adds what was read."""
        self._bytes = (self._bytes + chunk)[-TAIL:]

    def text(self) -> str:
        """The kept end as text, whatever its bytes are."""
        return self._bytes.decode("utf-8", "replace")


class PolledPipes:
    """Pipes without threads, for POSIX."""

    def __init__(self, process: subprocess.Popen[bytes], max_line: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._in, self._out = process.stdin.fileno(), process.stdout.fileno()
        self._err = process.stderr.fileno()
        self._lines, self._tail = Lines(max_line), Tail()
        self._poll = select.poll()
        for pipe in (self._in, self._out, self._err):
            os.set_blocking(pipe, False)
        self._poll.register(self._out, select.POLLIN)
        self._poll.register(self._err, select.POLLIN)
        self._open = True

    def send(self, line: bytes, deadline: float) -> None:
        written = self._write(line)
        if written == len(line):
            return
        rest = memoryview(line)[written:]
        self._poll.register(self._in, select.POLLOUT)
        try:
            while rest:
                self._turn(deadline)
                rest = rest[self._write(rest) :]
        finally:
            self._poll.unregister(self._in)

    def receive(self, deadline: float) -> bytes:
        while (line := self._lines.next()) is None:
            if not self._open:
                raise Ended
            self._turn(deadline)
        return line

    def tail(self) -> str:
        for _ in range(2 * TAIL // 1024):
            if not self._read_error():
                break
        return self._tail.text()

    def close_input(self) -> None:
        _close(self._process.stdin)

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            _close(pipe)

    def _write(self, data: bytes | memoryview) -> int:
        try:
            return os.write(self._in, data)
        except BlockingIOError:
            return 0
        except OSError:
            raise Ended from None

    def _turn(self, deadline: float) -> None:
        """Waits until something can be read or written, and reads it."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        ready = self._poll.poll(min(left, _GLANCE) * 1000)
        if not ready and self._process.poll() is not None:
            self._open = False
        for pipe, _ in ready:
            if pipe == self._out:
                self._read_output()
            elif pipe == self._err:
                self._read_error()

    def _read_output(self) -> None:
        chunk = _read(self._out)
        if chunk:
            self._lines.feed(chunk)
        elif chunk is not None:
            self._open = False
            self._poll.unregister(self._out)

    def _read_error(self) -> bool:
        """Reads some of the standard error; whether there was any."""
        chunk = _read(self._err)
        if chunk:
            self._tail.feed(chunk)
        elif chunk is not None:
            with contextlib.suppress(KeyError):
                self._poll.unregister(self._err)
        return bool(chunk)


def _read(pipe: int) -> bytes | None:
    """What waits in the pipe, nothing (b"") at its end, or None if it is empty now."""
    try:
        return os.read(pipe, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class ThreadedPipes:
    """Pipes with a thread each, for every platform.

    Each thread owns its pipe and closes it: were another to close it, its number could already belong to
    something else when the thread reads on.
    """

    def __init__(self, process: subprocess.Popen[bytes], max_line: int) -> None:
        self._process = process
        self._lines, self._tail = Lines(max_line), Tail()
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # The bound makes a program that floods its output wait, instead of filling the memory.
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._open = True
        work = (
            (self._read_errors, process.stderr),
            (self._read_output, process.stdout),
            (self._write_input, process.stdin),
        )
        self._threads = [_start_thread(target, pipe) for target, pipe in work if pipe]

    def send(self, line: bytes, deadline: float) -> None:
        self._to_write.put(line)

    def receive(self, deadline: float) -> bytes:
        while (line := self._lines.next()) is None:
            if not self._open:
                raise Ended
            self._turn(deadline)
        return line

    def tail(self) -> str:
        if self._process.poll() is not None:
            self._threads[0].join(_GLANCE)
        return self._tail.text()

    def close_input(self) -> None:
        self._to_write.put(None)

    def close(self) -> None:
        self.close_input()
        for thread in self._threads:
            thread.join(2 * _GLANCE)

    def _turn(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        try:
            chunk = self._chunks.get(timeout=min(left, _GLANCE))
        except queue.Empty:
            self._open = self._process.poll() is None
            return
        self._open = bool(chunk)
        self._lines.feed(chunk)

    def _read_output(self, pipe: int) -> None:
        chunk = _read(pipe)
        while chunk and self._hand_over(chunk):
            chunk = _read(pipe)
        self._hand_over(b"")

    def _hand_over(self, chunk: bytes) -> bool:
        """Whether the chunk could be handed over while the program runs."""
        while True:
            try:
                self._chunks.put(chunk, timeout=_GLANCE)
            except queue.Full:
                if self._process.returncode is not None:
                    return False
            else:
                return True

    def _read_errors(self, pipe: int) -> None:
        while chunk := _read(pipe):
            self._tail.feed(chunk)

    def _write_input(self, pipe: int) -> None:
        with contextlib.suppress(OSError):
            while (rest := self._to_write.get()) is not None:
                while rest:
                    rest = rest[os.write(pipe, rest) :]


def _start_thread(work: Callable[[int], None], pipe: IO[bytes]) -> threading.Thread:
    def run() -> None:
        work(pipe.fileno())
        _close(pipe)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _close(pipe: IO[bytes] | None) -> None:
    if pipe:
        with contextlib.suppress(OSError):
            pipe.close()


def default_pipes(process: subprocess.Popen[bytes], max_line: int) -> Pipes:
    """The fastest kind that this platform has."""
    kind = ThreadedPipes if sys.platform == "win32" else PolledPipes
    return kind(process, max_line)
