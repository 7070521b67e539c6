"""The service on lines: JSON-RPC 2.0, one message a line, whatever the lines travel on.

Every operation can be called by its name, with its parameters in one object, the session's name among them. Where a
token is asked for, `authorize` comes first. And because a stand-in is a system under test like any other, a
connection also speaks the wire between kit and driver (``schemas/documents/protocol.schema.json``), with a stand-in
of its own: ``intercom-conformance run tcp:127.0.0.1:8643``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from intercom_conformance.serving.access import Access, unauthorised
from intercom_conformance.serving.operations import BY_NAME, Service
from intercom_conformance.serving.problems import Problem, too_many, unprocessable
from intercom_conformance.serving.reading import compact, read
from intercom_conformance.specification import closest
from intercom_reference.wire import Responder

__all__ = ["Connection", "refusal"]

_DRIVER: Final = frozenset(["initialize", "reset", "call", "advance", "environment", "observe", "shutdown"])
_CODES: Final = {400: -32700, 422: -32602}
_INVALID, _UNKNOWN, _REFUSED, _INTERNAL = -32600, -32601, -32000, -32603


def refusal(problem: Problem, id: Any = None, code: int | None = None) -> bytes:
    """The line that tells of a problem."""
    number = _CODES.get(problem.status, _REFUSED) if code is None else code
    return _line(id, error={"code": number, "message": str(problem), "data": problem.document()})


def _line(id: Any, **content: Any) -> bytes:
    return compact({"jsonrpc": "2.0", "id": id, **content}) + b"\n"


@attrs.frozen
class _Request:
    id: int | str
    method: str
    params: dict[str, Any]


class Connection:
    """One client on lines: `answer` takes a line and gives the line that answers it.

    Args:
        service: what is asked.
        access: whether the token is asked for, unless it was shown before (`admitted`).
        factory: makes the stand-in of this connection; None where there is none.
        failed: is told of a fault of the service itself.
    """

    def __init__(
        self,
        service: Service,
        access: Access,
        factory: Callable[[], Any] | None,
        failed: Callable[[Exception], None],
        *,
        admitted: bool = False,
    ) -> None:
        self._service, self._access, self._failed = service, access, failed
        self._admitted = admitted or access.token is None
        self._driver = None if factory is None else Responder(factory)
        self._given = self._requests = 0
        self.over = False

    def answer(self, line: bytes) -> bytes:
        """The answer to a line."""
        id: Any = None
        try:
            request = _request(read(line, self._service.limits))
            id = request.id
            return self._answered(request, len(line))
        except Problem as problem:
            return refusal(problem, id, _code(problem))
        except Exception as error:
            self._failed(error)
            return refusal(Problem(500, "internal", "A fault of the service", "Please report it."), id, _INTERNAL)

    def _answered(self, request: _Request, size: int) -> bytes:
        if request.method == "authorize":
            return _line(request.id, result=self._authorize(request.params))
        if not self._admitted:
            raise unauthorised("Send the request authorize with the params {token}, before any other.")
        if self._for_driver(request):
            return self._driven(request, size)
        return _line(request.id, result=self._performed(request))

    def _authorize(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if not self._access.admits(params.get("token")):
            raise unauthorised("Send the token that the service was started with.")
        self._admitted = True
        return {}

    def _performed(self, request: _Request) -> Any:
        operation = BY_NAME.get(request.method)
        if operation is None:
            known = (*BY_NAME, "authorize", *sorted(_DRIVER))
            near = closest(request.method[:100], known)
            remedy = f"Did you mean {near!r}?" if near else f"There are: {', '.join(known)}."
            raise Problem(404, "no-such-operation", f"There is no operation {request.method[:100]!r}", remedy)
        given, session = dict(request.params), ""
        if operation.of_session:
            session = given.pop("session", None)
            if not isinstance(session, str):
                raise unprocessable("The session is missing", "Give its name as told in the answer to beginSession.")
        return self._service.perform(operation, session, given)

    # The stand-in of this connection --------------------------------------------------------------

    def _for_driver(self, request: _Request) -> bool:
        """Whether a request is one of the wire; a `call` in a session names that session."""
        return request.method in _DRIVER and "session" not in request.params

    def _driven(self, request: _Request, size: int) -> bytes:
        if self._driver is None:
            detail = "No SDK stands in: the specification that is served has no implementation here"
            raise Problem(409, "no-stand-in", detail, "Begin a session with stand_in false, and judge your own.")
        if request.method in ("reset", "initialize"):
            self._given = self._requests = 0
        self._refuse_more(size)
        self.over = request.method == "shutdown"
        return compact(self._driver.respond(attrs.asdict(request))) + b"\n"

    def _refuse_more(self, size: int) -> None:
        """Bounds the stand-in of the connection as a session is."""
        limits = self._service.limits
        self._given += size
        self._requests += 1
        if self._given > limits.session or self._requests > 4 * limits.steps:
            raise too_many("The stand-in of this connection has taken all that it may", "Send a reset, and go on.")


def _request(message: Any) -> _Request:
    """The request in a message; `Problem` if it is none."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise _no_request("The message is no object with jsonrpc 2.0")
    id, method, params = message.get("id"), message.get("method"), message.get("params", {})
    if isinstance(id, bool) or not isinstance(id, int | str):
        raise _no_request("The message has no id that is a number or a text")
    if not isinstance(method, str) or not isinstance(params, dict):
        raise _no_request("A request has a method, and params that are an object")
    return _Request(id, method, params)


def _no_request(detail: str) -> Problem:
    return Problem(400, "no-request", detail, 'Send {"jsonrpc": "2.0", "id": 1, "method": …, "params": {…}}.')


def _code(problem: Problem) -> int | None:
    return {"no-request": _INVALID, "no-such-operation": _UNKNOWN}.get(problem.kind)
