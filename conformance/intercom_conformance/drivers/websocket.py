"""Lines over WebSocket: every text message is one line.

The library *websockets* knows the protocol, without doing any input or output itself; it comes with the extra
``websocket`` of this package.
"""

from __future__ import annotations

import importlib
from typing import Any

import attrs

from intercom_conformance.drivers import pipes
from intercom_conformance.drivers.pipes import Ended, TooLong
from intercom_conformance.drivers.protocol import DriverError, ProtocolBroken

__all__ = ["HandshakeFailed", "WebSocketFraming", "WebSocketsMissing", "client", "library", "server"]


@attrs.frozen(str=False)
class WebSocketsMissing(DriverError):
    """The library that speaks WebSocket is not installed."""

    def __str__(self) -> str:
        return "WebSocket needs the Python package websockets: pip install 'intercom-conformance[websocket]'."


class HandshakeFailed(Exception):
    """What listens at the other end is no WebSocket server, or does not want this connection."""


def library(module: str) -> Any:
    """A module of websockets; `WebSocketsMissing` if it is not installed."""
    try:
        return importlib.import_module(f"websockets.{module}")
    except ImportError:
        raise WebSocketsMissing from None


class WebSocketFraming:
    """One side of a WebSocket connection.

    Args:
        protocol: the library's side, before the handshake of a client, or after that of a server.
        limit: bytes that a line may have; the protocol has the same bound.
        request: the handshake's request, of a client.
    """

    def __init__(self, protocol: Any, limit: int, request: Any = None) -> None:
        self._protocol, self._request = protocol, request
        self._lines = pipes.Lines(limit)
        self._message: list[bytes] = []
        self.ended = False

    def ready(self) -> bool:
        """Whether the handshake is done; `HandshakeFailed` if it is over in another way."""
        if self._protocol.handshake_exc is not None:
            raise HandshakeFailed(str(self._protocol.handshake_exc))
        return bool(self._protocol.state.name != "CONNECTING")

    def greeting(self) -> bytes:
        if self._request is not None:
            self._protocol.send_request(self._request)
        return self._to_send()

    def frame(self, line: bytes) -> bytes:
        if self._protocol.state.name != "OPEN":
            raise Ended
        self._protocol.send_text(line.removesuffix(b"\n"))
        return self._to_send()

    def feed(self, chunk: bytes) -> bytes:
        if chunk:
            self._protocol.receive_data(chunk)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            self._take(event)
        self._check()
        return self._to_send()

    def next(self) -> bytes | None:
        return self._lines.next()

    def farewell(self) -> bytes:
        if self._protocol.state.name == "OPEN":
            self._protocol.send_close(1000)
        return self._to_send()

    def _take(self, event: Any) -> None:
        opcode = getattr(event, "opcode", None)
        if opcode is None:
            return
        self.ended = self.ended or opcode.name == "CLOSE"
        if opcode.name in ("TEXT", "BINARY", "CONT"):
            self._message.append(bytes(event.data))
            if event.fin:
                self._lines.feed(b"".join(self._message).removesuffix(b"\n") + b"\n")
                self._message = []

    def _check(self) -> None:
        """What the other side has done against the protocol, if it has."""
        error = self._protocol.parser_exc
        kind = type(error).__name__
        if kind == "PayloadTooBig":
            raise TooLong(b"".join(self._message)[:1024])
        if kind == "ProtocolError":
            raise ProtocolBroken(f"this is not WebSocket: {error}", remedy="RFC 6455 says what a frame is.")

    def _to_send(self) -> bytes:
        return b"".join(self._protocol.data_to_send())


def client(uri: str, limit: int) -> WebSocketFraming:
    """The framing of the side that connects."""
    protocol = library("client").ClientProtocol(library("uri").parse_uri(uri), max_size=limit)
    return WebSocketFraming(protocol, limit, protocol.connect())


def server(protocol: Any, limit: int) -> WebSocketFraming:
    """The framing of the side that was connected to, once its handshake is done."""
    return WebSocketFraming(protocol, limit)
