"""Serves one page on the loopback interface, until a browser has opened it and the page has connected to the kit.

The address holds a token that nobody else knows. The page is served at ``/TOKEN/``; at ``/TOKEN/wire`` it connects by
WebSocket. Everything else is not found.
"""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs

from intercom_conformance.drivers import websocket
from intercom_conformance.drivers.pipes import Ended, Late
from intercom_conformance.drivers.websocket import WebSocketFraming

__all__ = ["Listener"]

_GLANCE: Final = 0.1
"""Seconds between two looks at whether the browser still runs."""

_PATIENCE: Final = 5.0
"""Seconds that sending the page may take; a browser on the same machine needs none."""

_CHUNK: Final = 64 * 1024


Connected: TypeAlias = tuple[socket.socket, WebSocketFraming]
"""The socket of a page, and how its lines are framed."""


@attrs.frozen(eq=False)
class _Visitor:
    """A connection that has not told yet what it wants."""

    connection: socket.socket
    protocol: Any


class Listener:
    """Waits for a page; a context manager that stops listening.

    Args:
        limit: bytes that a line of the page may have.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._server = websocket.library("server")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._token = secrets.token_urlsafe(16)
        self._visitors: set[_Visitor] = set()

    @property
    def page_address(self) -> str:
        """Where the page is served."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/{self._token}/"

    @property
    def wire_address(self) -> str:
        """Where the page connects."""
        return self.page_address.replace("http:", "ws:", 1) + "wire"

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()
        for visitor in self._visitors:
            visitor.connection.close()

    def connected(self, page: bytes, deadline: float, alive: Callable[[], bool]) -> Connected:
        """The connection of the page, once it is there: the socket, and its framing.

        Raises:
            Late: it was not there in time.
            Ended: the browser is not alive any more.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while time.monotonic() < deadline:
                if not alive():
                    raise Ended
                for key, _ in selector.select(_GLANCE):
                    connected = self._turn(selector, key.data, page)
                    if connected:
                        return connected
        raise Late

    def _turn(self, selector: selectors.BaseSelector, visitor: _Visitor | None, page: bytes) -> Connected | None:
        if visitor is None:
            connection, _ = self._socket.accept()
            connection.settimeout(_PATIENCE)
            visitor = _Visitor(connection, self._server.ServerProtocol(max_size=self._limit))
            self._visitors.add(visitor)
            selector.register(connection, selectors.EVENT_READ, visitor)
            return None
        request = self._request(visitor)
        if request is None:
            return None
        selector.unregister(visitor.connection)
        self._visitors.remove(visitor)
        return self._answer(visitor, request, page)

    def _request(self, visitor: _Visitor) -> Any:
        """What a visitor asks for; an empty text if it has gone, and None if it has not said it yet."""
        try:
            chunk = visitor.connection.recv(_CHUNK)
        except OSError:
            chunk = b""
        visitor.protocol.receive_data(chunk) if chunk else None
        return next(iter(visitor.protocol.events_received()), None if chunk else "")

    def _answer(self, visitor: _Visitor, request: Any, page: bytes) -> Connected | None:
        path = getattr(request, "path", None)
        if path == f"/{self._token}/wire":
            visitor.protocol.send_response(visitor.protocol.accept(request))
            self._send(visitor)
            return visitor.connection, WebSocketFraming(visitor.protocol, self._limit)
        if path is not None:
            found = page if path == f"/{self._token}/" else None
            visitor.protocol.send_response(self._document(visitor.protocol, found))
            self._send(visitor)
        visitor.connection.close()
        return None

    def _document(self, protocol: Any, page: bytes | None) -> Any:
        if page is None:
            return protocol.reject(404, "There is nothing here.\n")
        response = protocol.reject(200, page.decode())
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response

    def _send(self, visitor: _Visitor) -> None:
        with contextlib.suppress(OSError):
            visitor.connection.sendall(b"".join(visitor.protocol.data_to_send()))
