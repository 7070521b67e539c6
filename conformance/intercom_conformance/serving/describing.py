"""The service's description: an OpenAPI 3.1 document, made of the table of operations and the specification."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from intercom_conformance._version import __version__
from intercom_conformance.serving.operations import OPERATIONS, Operation
from intercom_conformance.serving.schemas import Checks
from intercom_conformance.specification import Specification

__all__ = ["describe"]

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ANY: Final = (403, 500)
_READING: Final = (400, 408, 413, 415, 422)
_ABOUT: Final = """A stand-in for the SDK, and the oracle that tells what the specification allows, as a service.

Begin a session, call methods in it, let faults happen, move the clock, look at the workspace; ask at any time what is
allowed next, or have an observation of your own SDK judged. The same operations are there by their names as JSON-RPC
2.0, one message a line, over WebSocket at `/rpc`, over TCP, and over standard input and output.
"""


def describe(spec: Specification, checks: Checks, *, protected: bool) -> dict[str, Any]:
    """The description; `protected` tells that a token is asked for."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"{spec.name}: stand-in and oracle", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {"schemas": checks.components},
    }
    for operation in OPERATIONS:
        path = document["paths"].setdefault(operation.path, {})
        path[operation.method.lower()] = _operation(operation, spec, protected)
    if protected:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    return document


def _operation(operation: Operation, spec: Specification, protected: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _answer(operation)} | _problems(operation, protected),
    }
    if operation.body:
        described["requestBody"] = _body(operation, spec)
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [{"name": name, "in": "query", "schema": dict(schema)} for name, schema in operation.query.items()]
    session = {"name": "session", "in": "path", "required": True, "schema": {"type": "string"}}
    return [session, *named] if operation.of_session else named


def _body(operation: Operation, spec: Specification) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{operation.body}"}
    examples = {name: {"value": value} for name, value in _examples(operation, spec)}
    content = {"schema": schema, **({"examples": examples} if examples else {})}
    return {"required": operation.needed, "content": {"application/json": content}}


def _examples(operation: Operation, spec: Specification) -> list[tuple[str, Any]]:
    """The first example of each method, and of each event, where a request is one."""
    calls = [
        (one.name, {"method": one.name, "arguments": list(next(iter(one.examples), ()))})
        for one in spec.api.methods.values()
    ]
    events = [
        (name, {"event": name, "arguments": list(next(iter(body.get("examples", ())), ()))})
        for name, body in spec.chart["environment"].items()
    ]
    return {"Call": calls, "Event": events, "Step": [*calls, *events]}.get(operation.body or "", [])


def _answer(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.result:
        schema = {"$ref": f"#/components/schemas/{operation.result}"}
        told["content"] = {"application/json": {"schema": schema}}
    if operation.status == HTTPStatus.CREATED:
        told["headers"] = {"Location": {"schema": {"type": "string"}}}
        told["links"] = _links()
    return told


def _links() -> Mapping[str, Any]:
    """What can be done next with the session that was begun."""
    parameters = {"session": "$response.body#/session"}
    of_session = [one.name for one in OPERATIONS if one.of_session]
    return {name: {"operationId": name, "parameters": parameters} for name in of_session}


def _problems(operation: Operation, protected: bool) -> dict[str, Any]:
    reading = _READING if operation.body else (422,) if operation.query else ()
    statuses = {*_ANY, *operation.refusals, *reading, *((401,) if protected else ())}
    return {str(one): {"description": HTTPStatus(one).phrase, "content": _PROBLEM} for one in sorted(statuses)}
