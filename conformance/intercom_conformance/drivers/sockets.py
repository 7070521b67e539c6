"""Moves lines to and from a driver over a socket, with deadlines, in the caller's thread.

What a line is on the socket is told by a *framing*: over TCP, it ends with a line feed; over WebSocket it is a
message (see `websocket`). While it writes, the kit keeps reading, so that neither side can block the other for good.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol

from intercom_conformance.drivers import pipes
from intercom_conformance.drivers.pipes import Ended, Late

__all__ = ["UNSEEN", "Framing", "PlainFraming", "SocketLines"]

UNSEEN: Final = "(The kit does not see it: look where the driver was started.)"
"""What stands for the end of a driver's log that is elsewhere."""

_CHUNK: Final = 64 * 1024


class Framing(Protocol):
    """Makes lines of what comes over a socket, and the other way round.

    `ended` tells whether the other side has said that it sends no more.
    """

    ended: bool

    def ready(self) -> bool:
        """Whether lines can be sent now."""
        ...

    def greeting(self) -> bytes:
        """What is to be sent first."""
        ...

    def frame(self, line: bytes) -> bytes:
        """What is to be sent for a line, which ends with a line feed."""
        ...

    def feed(self, chunk: bytes) -> bytes:
        """Takes what was read, and gives what the framing itself has to say to that; may raise `TooLong`."""
        ...

    def next(self) -> bytes | None:
        """The first whole line, which is taken out, or None if there is none yet; may raise `TooLong`."""
        ...

    def farewell(self) -> bytes:
        """What is to be sent before the connection is closed."""
        ...


class PlainFraming:
    """Each line ends with a line feed, as over a pipe."""

    ended = False

    def ready(self) -> bool:
        return True

    def __init__(self, limit: int) -> None:
        self._lines = pipes.Lines(limit)

    def greeting(self) -> bytes:
        return b""

    def frame(self, line: bytes) -> bytes:
        return line

    def feed(self, chunk: bytes) -> bytes:
        self._lines.feed(chunk)
        return b""

    def next(self) -> bytes | None:
        return self._lines.next()

    def farewell(self) -> bytes:
        return b""


class SocketLines:
    """The lines of a connected socket, which it owns from now on; `tail` tells the end of the driver's log."""

    def __init__(self, connected: socket.socket, framing: Framing, tail: Callable[[], str] = lambda: UNSEEN) -> None:
        self._socket, self._framing, self.tail = connected, framing, tail
        connected.setblocking(False)
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selectors.DefaultSelector()
        self._selector.register(connected, selectors.EVENT_READ)
        self._unsent = b""
        self._open = True

    def establish(self, deadline: float) -> None:
        """Does what has to be done before the first line."""
        self._write(self._framing.greeting())
        while self._unsent or not self._framing.ready():
            self._turn(deadline)

    def send(self, line: bytes, deadline: float) -> None:
        self._write(self._framing.frame(line))
        while self._unsent:
            self._turn(deadline)

    def receive(self, deadline: float) -> bytes:
        while (line := self._framing.next()) is None:
            self._turn(deadline)
        return line

    def farewell(self) -> None:
        """Says goodbye, as far as that goes at once."""
        with contextlib.suppress(Ended):
            self._write(self._framing.farewell())

    def close(self) -> None:
        """Closes the socket; harmless if that was done already."""
        self._open = False
        self._selector.close()
        self._socket.close()

    def _turn(self, deadline: float) -> None:
        """Waits until something can be read or sent, and does so."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        if not self._open:
            raise Ended
        writing = selectors.EVENT_WRITE if self._unsent else 0
        self._selector.modify(self._socket, selectors.EVENT_READ | writing)
        for _, ready in self._selector.select(left):
            if ready & selectors.EVENT_READ:
                self._read()
            if ready & selectors.EVENT_WRITE:
                self._write(b"")

    def _read(self) -> None:
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        reply = self._framing.feed(chunk)
        self._open = bool(chunk) and not self._framing.ended
        self._write(reply)

    def _write(self, data: bytes) -> None:
        unsent = self._unsent + data
        try:
            sent = self._socket.send(unsent) if unsent else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            raise Ended from None
        self._unsent = unsent[sent:]
