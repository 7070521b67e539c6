"""One HTTP connection, with the bounds that uvicorn leaves to whoever stands in front of it.

A request has `patience` seconds from its first byte to the last of its answer: a client that sends or takes a byte now
and then holds nothing for longer. And there are only so many connections at once.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem
from intercom_conformance.serving.reading import compact

__all__ = ["bounded", "bounded_websocket"]


def bounded(limits: Limits) -> type[H11Protocol]:
    """The class of connections with these limits, for uvicorn."""
    return type("BoundedConnection", (_Connection,), {"limits": limits})


def bounded_websocket(limits: Limits) -> type[WebSocketsSansIOProtocol]:
    """The class of WebSockets with these limits, for uvicorn."""
    return type("BoundedWebSocket", (_WebSocket,), {"limits": limits})


class _Impatient:
    """What both kinds of connection have: they end when their client does not take what was sent."""

    limits: Limits
    loop: asyncio.AbstractEventLoop
    transport: Any
    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._stalled = self.loop.call_later(self.limits.patience, self.transport.abort)

    def resume_writing(self) -> None:
        self._go_on()
        super().resume_writing()  # type: ignore[misc]

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)  # type: ignore[misc]

    def _go_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()


class _WebSocket(_Impatient, WebSocketsSansIOProtocol):
    pass


class _Connection(_Impatient, H11Protocol):
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            detail = f"There are {self.limits.connections} connections"
            self._refuse(Problem(503, "too-many-connections", detail, "Close some, or try again later."))
        self._begin()

    def data_received(self, data: bytes) -> None:
        self._begin()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._end()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._end()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def _begin(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.limits.patience, self._late)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.abort()
            return
        detail = f"The request was not whole after {self.limits.patience:g} seconds"
        self._refuse(Problem(408, "too-slow", detail, "Send it at once."))

    def _refuse(self, problem: Problem) -> None:
        """Answers outside of any request, and closes."""
        body = compact(problem.document())
        head = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
        head += f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
