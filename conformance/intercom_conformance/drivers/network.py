"""Drives a program that listens: on a device, in an emulator, under a debugger.

``tcp:host:port`` has lines over TCP, ``ws://host:port/path`` messages over WebSocket. The program is started by
whoever wants to; the kit tries to connect until the time for the start is over. `initialize` makes a new
connection, so a driver serves one after another, and each ends with it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import attrs

from intercom_conformance.drivers import websocket
from intercom_conformance.drivers.pipes import MAX_LINE, Ended, Late
from intercom_conformance.drivers.protocol import BadConnector, Crashed, Native, NotStarted
from intercom_conformance.drivers.sockets import UNSEEN, Framing, PlainFraming, SocketLines
from intercom_conformance.drivers.wire import Connection, Timing, WireDriver

__all__ = ["tcp_driver", "websocket_driver"]

_PAUSE: Final = 0.1
"""Seconds between two attempts to connect."""

_REMEDY: Final = "Have the driver listen there first. If it only needs longer, raise the time limit for the start."


@attrs.frozen
class _Place:
    """Where a driver listens, and how its lines are framed."""

    name: str
    host: str
    port: int
    framing: Callable[[], Framing]


def tcp_driver(
    rest: str, native: Native, *, timing: Timing | None = None, spec: str = "1.0", max_line: int = MAX_LINE
) -> WireDriver:
    """The driver of ``tcp:host:port``, by what stands after the first colon.

    Raises:
        BadConnector: it names no host and port.
    """
    name = f"tcp:{rest}"
    place = _Place(name, *_address(name, f"//{rest}", "tcp:host:port"), partial(PlainFraming, max_line))
    timing = timing or Timing()
    connect = partial(_connect, place, timing.start)
    return WireDriver(name, connect, native, timing=timing, spec=spec, max_line=max_line)


def websocket_driver(
    rest: str, native: Native, *, timing: Timing | None = None, spec: str = "1.0", max_line: int = MAX_LINE
) -> WireDriver:
    """The driver of ``ws://host:port/path``, by what stands after the first colon.

    Raises:
        BadConnector: it names no host and port.
        WebSocketsMissing: the library for it is not installed.
    """
    name = f"ws:{rest}"
    address = _address(name, rest, "ws://host:port or ws://host:port/path")
    websocket.library("client")
    place = _Place(name, *address, partial(websocket.client, name, max_line))
    timing = timing or Timing()
    connect = partial(_connect, place, timing.start)
    return WireDriver(name, connect, native, timing=timing, spec=spec, max_line=max_line)


def _address(name: str, rest: str, form: str) -> tuple[str, int]:
    try:
        parts = urlsplit(rest)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadConnector(name, str(error), f"Write {form}.") from None
    if not host or not port:
        raise BadConnector(name, "it names no host and port", f"Write {form}.")
    return host, port


def _connect(place: _Place, seconds: float) -> Connection:
    deadline = time.monotonic() + seconds
    lines = SocketLines(_connected(place, seconds, deadline), place.framing())
    try:
        lines.establish(deadline)
    except BaseException as error:
        lines.close()
        if not isinstance(error, (Late, Ended, websocket.HandshakeFailed)):
            raise
        reason = f"there was no handshake: {_why(error, seconds)}"
        raise NotStarted(place.name, reason, "Does a driver listen there?") from None
    return Connection(lines=lines, gone=_gone, leave=lines.farewell, end=lines.close)


def _why(error: Exception, seconds: float) -> str:
    if isinstance(error, Late):
        return f"it took longer than {seconds:g} s"
    return str(error) or "the connection was closed"


def _connected(place: _Place, seconds: float, deadline: float) -> socket.socket:
    while True:
        left = deadline - time.monotonic()
        try:
            return socket.create_connection((place.host, place.port), max(left, _PAUSE))
        except OSError as error:
            if time.monotonic() + _PAUSE >= deadline:
                reason = f"nobody accepted a connection within {seconds:g} s ({error.strerror or error})"
                raise NotStarted(place.name, reason, _REMEDY) from None
        time.sleep(_PAUSE)


def _gone(request: str) -> Crashed:
    return Crashed(request, None, UNSEEN)
