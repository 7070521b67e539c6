"""The lines of the wire: written and read strictly, and checked against the protocol's schema in both
directions.

A line comes in as bytes of any content. `incoming` makes one of the message values below of it, or raises
`ProtocolBroken` with the reason and the start of the line. What the kit itself sends is checked just the
same, so that a driver's author can trust the schema. The schema is read and compiled at the first message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import attrs

from intercom_conformance import strict_json
from intercom_conformance.drivers.protocol import (
    EXCERPT,
    MISSING,
    Answered,
    Binding,
    Failed,
    Held,
    Json,
    NativeReply,
    ProtocolBroken,
    Reaction,
    Settled,
    Thrown,
)

__all__ = [
    "KIT",
    "SCHEMA",
    "Incoming",
    "Late",
    "Log",
    "NativeCall",
    "Refusal",
    "Result",
    "binding",
    "incoming",
    "native_response",
    "reaction",
    "request",
]

SCHEMA: Final = "schemas/documents/protocol.schema.json"
_PARTS: Final = {
    "initialize": ("initialize-params", "initialize-result"),
    "reset": ("nothing", "nothing"),
    "call": ("call-params", "reaction"),
    "answer": ("answer-params", "reaction"),
    "advance": ("advance-params", "reaction"),
    "environment": ("environment-params", "reaction"),
    "observe": ("nothing", "observe-result"),
    "shutdown": ("nothing", "nothing"),
}
"""The schema's definitions of the parameters and of the result of each request of the kit."""

_RESULT_KEYS: Final = {"jsonrpc", "id", "result"}
_STDOUT: Final = "The driver's standard output carries the protocol only: write logs to the standard error."
_SCHEMA: Final = f"Compare {SCHEMA}."
KIT: Final = "This message is the kit's own: correct what was handed to the driver."
_NATIVE_ERROR: Final = -32000


@attrs.frozen
class Result:
    """The awaited response, with its checked result."""

    value: dict[str, Json]


@attrs.frozen
class Refusal:
    """The awaited response, with an error."""

    code: int
    message: str


@attrs.frozen
class NativeCall:
    """A request of the driver: the binding's bridge calls the native SDK."""

    id: int | str
    method: str
    arguments: Sequence[Json]


@attrs.frozen
class Late:
    """A notification: a callback ran outside the request it belongs to."""

    settled: Settled


@attrs.frozen
class Log:
    """A notification: a line of the driver's log."""

    level: str
    message: str


Incoming: TypeAlias = Result | Refusal | NativeCall | Late | Log


def request(number: int, method: str, params: Mapping[str, Json]) -> bytes:
    """The line of a request of the kit; `ProtocolBroken` if its parameters are not what the schema says."""
    parts = _PARTS.get(method)
    if parts is None:
        raise ProtocolBroken(f"the kit sends no request {method!r}", remedy=KIT)
    check(parts[0], params, f"the request {method!r}", KIT)
    return _line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def native_response(name: int | str, reply: NativeReply) -> bytes:
    """The line with which the kit answers a driver's native request."""
    match reply:
        case Failed(code, message):
            data = {"code": code, "message": message}
            error = {"code": _NATIVE_ERROR, "message": message, "data": data}
            return _response_line(name, error=error)
        case Held(ticket):
            result = {"held": ticket}
        case Answered(value):
            result = {} if value is MISSING else {"value": value}
    check("native-result", result, "the native SDK's answer", KIT)
    return _response_line(name, result=result)


def _response_line(name: int | str, **outcome: Any) -> bytes:
    return _line(check("response", {"jsonrpc": "2.0", "id": name, **outcome}, "the response", KIT))


def _line(message: dict[str, Any]) -> bytes:
    try:
        return _ENCODER.encode(message).encode("ascii") + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolBroken(f"a value cannot be sent: {error}", _quoted(message), KIT) from None


def incoming(line: bytes, number: int, method: str) -> Incoming:
    """What a line of the driver says, while the kit awaits the response to its request `method` with that id.

    Raises:
        ProtocolBroken: the line is not a message that a driver may send now.
    """
    message = _decode(line)
    try:
        if "method" not in message:
            return _response(message, number, method)
        if "id" in message:
            return _native_call(message)
        return _notification(message)
    except ProtocolBroken as error:
        raise attrs.evolve(error, line_excerpt=excerpt(line)) from None


def _response(message: dict[str, Any], number: int, method: str) -> Result | Refusal:
    # The one envelope that nearly every line has need not be looked up in the schema.
    if not (message.keys() == _RESULT_KEYS and message["jsonrpc"] == "2.0"):
        check("response", message)
    if message["id"] is None and "error" in message:
        raise ProtocolBroken(f"the driver could not read a request: {message['error']['message']}", remedy=_SCHEMA)
    if type(message["id"]) is not int or message["id"] != number:
        what = f"a response has the id {message['id']!r}, but {method!r} with id {number} is awaited"
        raise ProtocolBroken(what, remedy="Answer each request once, with its own id.")
    if "error" in message:
        return Refusal(message["error"]["code"], message["error"]["message"])
    return Result(check(_PARTS[method][1], message["result"], f"the result of {method!r}"))


def _native_call(message: dict[str, Any]) -> NativeCall:
    _known(message["method"], ("native",), "request")
    check("request", message)
    params = message["params"]
    return NativeCall(message["id"], params["method"], params["arguments"])


def _notification(message: dict[str, Any]) -> Late | Log:
    _known(message["method"], ("settled", "log"), "notification")
    check("notification", message)
    params = message["params"]
    if message["method"] == "settled":
        return Late(_settled(params))
    return Log(params["level"], params["message"])


def _known(method: Any, known: Iterable[str], kind: str) -> None:
    if method not in known:
        what = f"a driver sends no {kind} {excerpt(repr(method))}"
        raise ProtocolBroken(what, remedy=f"It may send {' and '.join(known)}.")


def binding(result: Mapping[str, Any]) -> Binding:
    """The binding of a checked `initialize-result`."""
    names = ("name", "version", "language", "platform", "kind", "style")
    return Binding(
        **{name: result[name] for name in names},
        capabilities=frozenset(result["capabilities"]),
        silent=frozenset(result.get("silent", ())),
    )


def reaction(result: Mapping[str, Any], early: Iterable[Settled] = ()) -> Reaction:
    """The reaction of a checked result, after the callbacks that were reported before it."""
    thrown = result.get("thrown")
    return Reaction(
        settled=(*early, *map(_settled, result["settled"])),
        returned=result.get("returned", MISSING),
        thrown=Thrown(thrown["type"], thrown["message"]) if thrown else None,
    )


def _settled(params: Mapping[str, Any]) -> Settled:
    return Settled(params["call"], params["callback"], params.get("value", MISSING))


def check(definition: str, value: Any, what: str = "a message", remedy: str = _SCHEMA) -> Any:
    """The value, if the schema's definition of that name allows it; `ProtocolBroken` otherwise."""
    validator = _validator(definition)
    try:
        if validator.is_valid(value):
            return value
        problem = _problem(validator.iter_errors(value))
    except (ValueError, TypeError, RecursionError) as error:
        # Text of half a surrogate pair, where the schema wants to look into the text.
        problem = str(error)
    raise ProtocolBroken(f"{what} is not valid: {problem}", _quoted(value), remedy)


def _problem(errors: Iterable[Any]) -> str:
    """The error that lies deepest, with its place: the outer ones only say that something inside is wrong."""
    error = max(errors, key=lambda error: len(error.instance_path))
    place = "/".join(map(str, error.instance_path))
    return excerpt(f"{place}: {error.message}" if place else error.message)


@cache
def _validator(definition: str) -> Any:
    return _validators()[f"#/$defs/{definition}"]


@cache
def _validators() -> Any:
    import jsonschema_rs

    from intercom_reference.loading import load_document

    return jsonschema_rs.validator_map_for(load_document(SCHEMA))


def _decode(line: bytes) -> dict[str, Any]:
    try:
        message = strict_json.decode(line)
    except UnicodeDecodeError as error:
        raise ProtocolBroken(f"a line is not UTF-8: {error.reason}", excerpt(line), _STDOUT) from None
    except RecursionError:
        raise ProtocolBroken("a line nests too deep", excerpt(line), _SCHEMA) from None
    except ValueError as error:
        raise ProtocolBroken(f"a line is not JSON: {error}", excerpt(line), _STDOUT) from None
    if not isinstance(message, dict):
        raise ProtocolBroken("a line is JSON, but no object", excerpt(line), _STDOUT)
    return message


def excerpt(text: str | bytes) -> str:
    """The start of a text or a line, safe to print."""
    shown = text[: EXCERPT + 1]
    if isinstance(shown, bytes):
        shown = shown.decode("utf-8", "backslashreplace")
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown.strip())
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 1] + "…"


def _quoted(value: Any) -> str:
    try:
        return excerpt(repr(value))
    except (RecursionError, ValueError):
        return "(too large to be shown)"


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
