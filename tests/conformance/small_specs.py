"""Specifications of a few lines, made in memory, for tests of single parts of the oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.oracle import Call, Oracle
from intercom_conformance.specification import Api, Method, Parameter, Requirement, Specification
from intercom_reference.payloads import Payloads

KINDS = (
    "callback_missing", "callback_repeated", "callback_both", "callback_early", "callback_unknown",
    "failure_hidden", "failure_invented", "success_value", "result_wrong", "result_changed", "returned_wrong",
    "error_empty", "error_undocumented", "crash", "crash_on_missing", "crash_on_valid", "state_wrong",
    "record_lost", "record_changed", "record_text", "record_invented", "identity_mixed", "callbacks_absent",
    "alias_differs",
)  # fmt: skip
"""The kinds of misbehaviour that every contract names; here each breaks a requirement of its own name."""

BOTH = frozenset(["success", "error"])

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "person": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "years": {"type": "integer"}},
        "required": ["name"],
    },
    "item": {"type": "object", "required": ["id"], "properties": {"price": {"type": "integer"}}},
    "whole": {"type": "integer"},
}


@attrs.frozen(eq=False)
class Memory:
    """Documents that are in no file."""

    documents: Mapping[str, Any]

    def load(self, path: str) -> Any:
        return self.documents[path]

    def names(self, folder: str) -> list[str]:
        return sorted(path for path in self.documents if path.rpartition("/")[0] == folder)


def payloads() -> Payloads:
    """The payload schemas above."""
    return Payloads(Memory({f"schemas/{name}.schema.json": body for name, body in SCHEMAS.items()}))


def method(name: str, *parameters: Parameter, **changes: Any) -> Method:
    """A method whose event has its own name."""
    fields = {
        "name": name, "summary": "It.", "event": name, "capability": "all", "parameters": parameters,
        "aliases": (), "examples": ((),), "result": None, "source": "here", "since": "1.0",
    }  # fmt: skip
    return Method(**{**fields, **changes})


def chart(transitions: Sequence[Mapping[str, Any]], **parts: Any) -> dict[str, Any]:
    """A statechart with one region, ``phase``, of three states, unless it is given others."""
    phases = {"summary": "It.", "initial": "one", "states": ["one", "two", "three"]}
    defaults: dict[str, Any] = {
        "regions": {"phase": phases},
        "environment": {},
        "records": {"people": {"name": None, "mail": None, "tags": {}, "log": []}},
        "registers": {},
        "effects": {},
    }
    complete = [
        {"id": f"t{n}", "region": "phase", "requirement": f"r{n}"} | dict(one) for n, one in enumerate(transitions)
    ]
    return {**defaults, **parts, "transitions": complete}


def specification(
    transitions: Sequence[Mapping[str, Any]], methods: Sequence[Method] = (), **parts: Any
) -> Specification:
    """A specification with a chart, the methods ``go`` and ``stop`` or others, and a contract for everything."""
    known = {one.name: one for one in methods or (method("go"), method("stop"))}
    drawn = chart(transitions, **parts)
    slugs = {one["requirement"] for one in (*drawn["transitions"], *drawn["effects"].values())}
    return Specification(
        name="small",
        version="1.0",
        digest="",
        chart=drawn,
        api=Api(known, {kind: kind for kind in KINDS}, ({"from": 400, "to": 499, "source": "here"},)),
        requirements={slug: Requirement(slug, "MUST", "sdk", "It holds.", "here") for slug in (*slugs, *KINDS)},
        capabilities={},
        scenarios=(),
        payloads=payloads(),
    )


def oracle(transitions: Sequence[Mapping[str, Any]], methods: Sequence[Method] = (), **parts: Any) -> Oracle:
    """The oracle of such a specification."""
    return Oracle.of(specification(transitions, methods, **parts))


def call(judge: Oracle, name: str, *arguments: Any, number: int = 1, callbacks: frozenset[str] = BOTH) -> Call:
    """A call with the identifier ``c1``, or with another number."""
    return judge.model.call(f"c{number}", name, list(arguments), callbacks)
