"""Serves an SDK that is a Python object over the wire: JSON-RPC 2.0, one message a line (see
`spec/README.md`).

The requests are those of `schemas/documents/protocol.schema.json`, and `intercom_reference.hosting.Host` does
what they ask. This module only reads lines, finds the right method, and writes lines; when the host's
object is a wrapper, it also puts the object's calls to the native SDK to the other side, and waits for the
answer.

An error of the hosted object is part of a reaction. What goes back as a JSON-RPC error is a request that
cannot be
served: malformed (-32700, -32600), unknown (-32601), with unusable parameters (-32602), or one in which the
host itself failed (-32000).
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final

import attrs

from intercom_reference.errors import KitError
from intercom_reference.hosting import MISSING, Answered, Failed, Held, Host, Native, NativeReply, NotServed

__all__ = ["PROTOCOL", "Responder", "WireError", "serve"]

PROTOCOL: Final = "1.0"
_SERVED: Final = ("reset", "call", "answer", "advance", "environment", "observe")


@attrs.frozen(str=False)
class WireError(KitError):
    """A request that cannot be served, with its JSON-RPC error code."""

    code: int
    message: str

    def __str__(self) -> str:
        return f"{self.message} (JSON-RPC error {self.code})"


class _Closed(KitError):
    """The other side has closed the wire in the midst of a request: there is nobody left to serve."""


def serve(factory: Callable[..., Any], stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> None:
    """Serves the factory's objects until `shutdown` or until the input ends.

    Args:
        factory: makes one object for each freshly installed app; see `intercom_reference.hosting`.
        stdin: where the requests come from; the standard input if none is given.
        stdout: where the responses go; the standard output if none is given. While it serves, what the object
            prints goes to the standard error.
    """
    server = _Server(factory, stdin or sys.stdin.buffer, stdout or sys.stdout.buffer)
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(_Closed):
        while server.serve_one():
            pass


class Responder:
    """Answers requests one after another for the objects of a factory, wherever their lines come from.

    Args:
        factory: makes one object for each freshly installed app.
        native: the far end of a wrapper's bridge; a self-contained object needs none.
    """

    def __init__(self, factory: Callable[..., Any], native: Native | None = None) -> None:
        self._factory = factory
        self._native = native
        self._host: Host | None = None

    def respond(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The response to a request that was read."""
        try:
            result = self._result(request["method"], request["params"])
        except WireError as error:
            return _message(id=request["id"], error={"code": error.code, "message": error.message})
        return _message(id=request["id"], result=result)

    def _result(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "shutdown":
            return {}
        return _guarded(self._served(method), params)

    def _served(self, method: str) -> Callable[..., dict[str, Any]]:
        if method == "initialize":
            return self._initialize
        if method not in _SERVED:
            raise WireError(-32601, f"{method!r} is none of the methods {', '.join(_SERVED)}")
        if self._host is None:
            raise WireError(-32600, f"{method!r} came before 'initialize'")
        return getattr(self._host, method)  # type: ignore[no-any-return]

    def _initialize(self, protocol: str, spec: str) -> dict[str, Any]:
        if protocol != PROTOCOL:
            raise WireError(-32602, f"this driver speaks the protocol {PROTOCOL}, not {protocol}")
        self._host = Host(self._factory, self._native)
        return self._host.initialize(protocol, spec)


class _Server:
    def __init__(self, factory: Callable[..., Any], stdin: BinaryIO, stdout: BinaryIO) -> None:
        self._responder = Responder(factory, self._native)
        self._in = stdin
        self._out = stdout
        self._ids = itertools.count(1)

    def serve_one(self) -> bool:
        """Answers one request; whether another one may follow."""
        line = self._in.readline()
        if not line:
            return False
        try:
            request = _request(line)
        except WireError as error:
            self._send(_message(id=None, error={"code": error.code, "message": error.message}))
            return True
        self._send(self._responder.respond(request))
        return bool(request["method"] != "shutdown")

    def _native(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        name = f"n{next(self._ids)}"
        self._send(_message(id=name, method="native", params={"method": method, "arguments": arguments}))
        line = self._in.readline()
        if not line:
            raise _Closed
        return _reply(line, name)

    def _send(self, message: Mapping[str, Any]) -> None:
        text = json.dumps(message, separators=(",", ":"), allow_nan=False)
        self._out.write(text.encode() + b"\n")
        self._out.flush()


def _message(**content: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", **content}


def _guarded(serve: Callable[..., dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    try:
        return serve(**params)
    except NotServed as error:
        raise WireError(-32601, str(error)) from None
    except (WireError, _Closed):
        raise
    except Exception as error:
        raise WireError(_code(serve, params), f"{type(error).__name__}: {error}") from error


def _code(serve: Callable[..., Any], params: dict[str, Any]) -> int:
    """Whether the parameters did not fit the method, or the method failed with parameters that fit."""
    try:
        inspect.signature(serve).bind(**params)
    except TypeError:
        return -32602
    return -32000


def _request(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError(-32700, f"the line is not JSON: {error}") from None
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0":
        raise WireError(-32600, "the line is no object with jsonrpc 2.0")
    if not {"id", "method"} <= request.keys() or not isinstance(request.setdefault("params", {}), dict):
        raise WireError(-32600, "a request has an id, a method, and params that are an object")
    return request


def _reply(line: bytes, name: str) -> NativeReply:
    reply = json.loads(line)
    if reply.get("id") != name:
        raise WireError(-32600, f"expected the answer to the native request {name}")
    if "error" in reply:
        data = reply["error"]["data"]
        return Failed(data["code"], data["message"])
    if "held" in reply["result"]:
        return Held(reply["result"]["held"])
    return Answered(reply["result"].get("value", MISSING))
