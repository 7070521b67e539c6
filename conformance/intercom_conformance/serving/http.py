"""The service over HTTP and WebSocket: a Starlette application, made of the table of operations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from intercom_conformance.serving.access import Access
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.operations import OPERATIONS, Operation, Service
from intercom_conformance.serving.problems import Problem, unprocessable
from intercom_conformance.serving.reading import compact, read, too_large
from intercom_conformance.serving.rpc import Connection

__all__ = ["RPC", "Journal", "application"]

RPC: Final = "/rpc"
"""Where WebSocket connections are taken."""

Journal = Callable[[str], None]
"""Is told a line about each request: never anything that a client has sent."""

_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def application(
    service: Service,
    access: Access,
    connect: Callable[[bool], Connection],
    failed: Callable[[Exception], None],
    journal: Journal,
) -> ASGIApp:
    """The application.

    Args:
        service: what is asked.
        access: who may ask.
        connect: makes the other end of a WebSocket, given whether the token was shown.
        failed: is told of a fault of the service itself.
        journal: is told of each request.
    """
    paths: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation
    endpoints = _Endpoints(service, failed, journal)
    routes: list[BaseRoute] = [Route(path, endpoints.of(by), methods=[*by]) for path, by in paths.items()]
    routes += [
        Route("/", endpoints.index, methods=["GET"]),
        WebSocketRoute(RPC, _lines(service.limits, access, connect)),
    ]
    handlers: dict[Any, Any] = {HTTPException: _not_routed}
    starlette = Starlette(routes=routes, exception_handlers=handlers)
    starlette.router.redirect_slashes = False
    return _guarded(starlette, access)


class _Endpoints:
    def __init__(self, service: Service, failed: Callable[[Exception], None], journal: Journal) -> None:
        self._service, self._failed, self._journal = service, failed, journal

    def of(self, by_method: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a path, for each method of it."""

        async def endpoint(request: Request) -> Response:
            operation = by_method["GET" if request.method == "HEAD" else request.method]
            started = time.perf_counter()
            response = await self._answer(operation, request)
            spent = (time.perf_counter() - started) * 1000
            self._journal(f"{request.method} {operation.path} {response.status_code} {spent:.1f} ms")
            return response

        return endpoint

    async def index(self, request: Request) -> Response:
        """The page that tells people what is there."""
        headers = {**_HEADERS, "Content-Security-Policy": _PAGE_POLICY}
        return Response(_page(self._service), media_type="text/html", headers=headers)

    async def _answer(self, operation: Operation, request: Request) -> Response:
        try:
            session = request.path_params.get("session", "")
            given = await self._given(operation, request)
            return _answered(operation, session, self._service.perform(operation, session, given))
        except Problem as problem:
            return _refused(problem)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            self._failed(error)
            return _refused(Problem(500, "internal", "A fault of the service", "Please report it."))

    async def _given(self, operation: Operation, request: Request) -> Any:
        if operation.body is None:
            return _query(operation, request)
        data = await _body(request, self._service.limits)
        if not data and not operation.needed:
            return {}
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "not-json", "The body is not said to be JSON", "Send Content-Type: application/json.")
        return read(data, self._service.limits)


async def _body(request: Request, limits: Limits) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > limits.request:
        raise too_large(limits)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limits.request:
            raise too_large(limits)
        chunks.append(chunk)
    return b"".join(chunks)


def _query(operation: Operation, request: Request) -> dict[str, Any]:
    """The parameters of the query as JSON values; each may be there once."""
    given: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in given:
            raise unprocessable("A parameter of the query stands there twice", "Keep one of them.")
        given[name] = _value(text, operation.query.get(name, {}).get("type"))
    return given


def _value(text: str, kind: Any) -> Any:
    digits = text.removeprefix("-")
    whole = kind == "integer" and digits.isascii() and digits.isdecimal() and len(digits) < 20
    return int(text) if whole else text


def _answered(operation: Operation, session: str, told: Any) -> Response:
    if operation.status == 204:
        return Response(status_code=204, headers=_HEADERS)
    location = {"Location": f"/sessions/{told['session']}"} if operation.status == 201 else {}
    headers = {**_HEADERS, **location}
    return Response(compact(told), operation.status, media_type="application/json", headers=headers)


def _refused(problem: Problem) -> Response:
    close = {"Connection": "close"} if problem.status in (413, 500) else {}
    headers = {**_HEADERS, **dict(problem.headers), **close}
    return Response(compact(problem.document()), problem.status, media_type="application/problem+json", headers=headers)


async def _not_routed(request: Request, error: Exception) -> Response:
    """What Starlette refuses: a path that there is not, or a method that a path does not have."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        headers = tuple((error.headers or {}).items())
        return _refused(Problem(405, "no-such-method", "The path has no such method", "See the header Allow.", headers))
    return _refused(Problem(404, "no-such-path", "There is nothing at this path", "GET / tells what there is."))


def _guarded(app: ASGIApp, access: Access) -> ASGIApp:
    """The application behind its access, for requests and for WebSockets alike."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] in ("http", "websocket"):
                headers = Headers(scope=scope)
                access.check_place(headers)
                if scope["type"] == "http":
                    access.check_token(headers)
        except Problem as problem:
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            else:
                await _refused(problem)(scope, receive, send)
            return
        await app(scope, receive, send)

    return guard


def _lines(limits: Limits, access: Access, connect: Callable[[bool], Connection]) -> Any:
    """The endpoint of WebSockets: each message is a line."""

    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()
        connection = connect(_shown(access, socket))
        while not connection.over:
            line = await _message(socket, limits)
            if line is None:
                return
            answer = connection.answer(line).decode("ascii").removesuffix("\n")
            await socket.send_text(answer)
        await socket.close()

    return endpoint


def _shown(access: Access, socket: WebSocket) -> bool:
    try:
        access.check_token(socket.headers)
    except Problem:
        return False
    return True


async def _message(socket: WebSocket, limits: Limits) -> bytes | None:
    """The next message; None when the client has gone, or has been silent for too long."""
    try:
        async with asyncio.timeout(limits.idle):
            message = await socket.receive()
    except TimeoutError:
        await socket.close(1001)
        return None
    if message["type"] == "websocket.disconnect":
        return None
    text = message.get("text")
    return bytes(message["bytes"]) if text is None else text.encode("utf-8", "replace")


@cache
def _page(service: Service) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("intercom_conformance.serving", "."), autoescape=True)
    spec = service.oracle.model.spec
    return environment.get_template("index.html.j2").render(
        spec=spec, operations=OPERATIONS, stands_in=service.registry.stands_in, rpc=RPC
    )
