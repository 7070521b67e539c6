"""A specification made ready for judging: table, effects, facts and values, all compiled.

`compile_model` reads the documents once; nothing is interpreted while a suite runs. Facts are asked only where a
guard of the event at hand mentions them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Call, Configuration, Happening, Owed
from intercom_conformance.oracle.expressions import (
    ABSENT,
    UNCERTAIN,
    Scope,
    Test,
    Undecided,
    compile_fact,
    compile_path,
    same,
)
from intercom_conformance.oracle.table import Answers, Atom, Table, compile_table
from intercom_conformance.oracle.wording import text
from intercom_conformance.oracle.world import Effect, World, compile_effect, settle
from intercom_conformance.specification import Specification

__all__ = ["Model", "Unanswered", "compile_model"]


@attrs.frozen(str=False)
class Unanswered(Exception):
    """A fault of the specification: it does not say what a call does in a state."""

    event: str
    states: tuple[str, ...]
    attempt: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        where = ", ".join(self.states)
        return (
            f"the specification has no transition for {self.event} ({self.attempt}) in {where}, "
            f"with {dict(self.arguments)!r}; add one to spec/session.yaml"
        )


@attrs.frozen(eq=False)
class Model:
    """A compiled specification."""

    spec: Specification
    table: Table
    effects: Mapping[str, Effect]
    facts: Mapping[str, Test]
    initial: Configuration
    collection: str
    shown_registers: tuple[str, ...]
    environment: Mapping[str, Mapping[str, Any]]
    closing_events: tuple[str, ...]
    contract: Mapping[str, str]
    payload_tests: Mapping[str, Callable[[Any], bool]]
    waits: frozenset[str]
    """The events of calls that may have to wait for an answer."""
    is_valid: Callable[[str, Any], bool]

    def call(self, call: str, name: str, arguments: list[Any], callbacks: frozenset[str]) -> Call:
        """A call of a method by name or alias, with its arguments under their main spellings."""
        method = self.spec.api.by_any_name[name]
        named = {
            parameter.name: self.spec.payloads.canonical(parameter.schema, value)
            for parameter, value in zip(method.parameters, arguments, strict=False)
        }
        return Call(call, method, tuple(arguments), named, callbacks, self.spec.invalid(method, named))

    @property
    def hidden_registers(self) -> list[str]:
        """The registers that nobody is shown, by name."""
        return sorted(self.spec.chart["registers"].keys() - set(self.shown_registers))

    def happening(self, event: str, arguments: Sequence[Any] = ()) -> Happening:
        """An event of the world, with its arguments by name."""
        parameters = self.environment[event].get("parameters", ())
        return Happening(event, dict(zip(parameters, arguments, strict=False)))

    def step(self, call: str, name: str, arguments: Sequence[Any], callbacks: frozenset[str]) -> Call | Happening:
        """What a step is by its name: an event of the world, or a call that goes by an identifier."""
        if name in self.environment:
            return self.happening(name, arguments)
        return self.call(call, name, list(arguments), callbacks)

    def answers(
        self, at: Configuration, event: str, named: Mapping[str, Any], attempt: str, call: Call | None = None
    ) -> list[Answers]:
        """The answers to an event's atoms for a call in a configuration; several where a fact is undecided."""
        atoms = self.table.atoms[event]
        if not atoms:
            return [()]
        scope = at.world.scope(self.collection, named)
        try:
            return [tuple([self._answer(atom, scope, attempt, call) for atom in atoms])]
        except Undecided:
            return list(product(*(self._possible_answers(atom, scope, attempt, call) for atom in atoms)))

    def _possible_answers(self, atom: Atom, scope: Scope, attempt: str, call: Call | None) -> tuple[Any, ...]:
        try:
            return (self._answer(atom, scope, attempt, call),)
        except Undecided:
            return (True, False)

    def _answer(self, atom: Atom, scope: Scope, attempt: str, call: Call | None) -> Any:
        if atom.kind == "attempt":
            return attempt
        if atom.kind == "fact":
            return self.facts[atom.name](scope)
        if atom.kind == "payload":
            return self.payload_tests[atom.schema](scope.arguments.get(atom.name))
        assert call is not None
        return not call.invalid if atom.name == "*" else atom.name not in call.invalid

    def is_calm(self, at: Configuration) -> bool:
        """Whether the world does nothing unusual: every environment region is in its first state."""
        return all(at.states[r.position] == r.initial for r in self.table.regions if r.visibility == "environment")

    def unanswered(self, at: Configuration, call: Call, attempt: str) -> Unanswered:
        """The error for a call that no transition answers."""
        return Unanswered(call.method.event, at.states, attempt, call.named)

    def code_is_documented(self, error: Any) -> bool:
        """Whether an error carries a code that public documentation names; errors without a code pass."""
        code = error.get("code") if isinstance(error, Mapping) else error
        if isinstance(code, str) and code.isdigit():
            code = int(code)
        if isinstance(code, bool) or not isinstance(code, int):
            return True
        return any(one["from"] <= code <= one["to"] for one in self.spec.api.error_codes)

    def expected_value(self, owed: Owed) -> Any:
        """What success carries; `UNCERTAIN` where only the shape is known, `ABSENT` for nothing."""
        result = owed.result
        if result is None:
            return ABSENT
        if "const" in result:
            return result["const"]
        scope = owed.world.scope(self.collection, owed.named)
        if "path" in result:
            return compile_path(result["path"])(scope)
        if "object" in result:
            return {key: _or_none(compile_path(path)(scope)) for key, path in result["object"].items()}
        return UNCERTAIN

    def result_agrees(self, owed: Owed, value: Any) -> bool:
        """Whether what success carried is what the specification says; a value that nobody recorded is."""
        expected = self.expected_value(owed)
        if value is UNCERTAIN:
            return True
        if expected is ABSENT:
            return value is ABSENT or value is None
        if value is ABSENT and expected is not None and expected is not UNCERTAIN:
            return False
        if isinstance(expected, Mapping) and owed.result and "object" in owed.result:
            return isinstance(value, Mapping) and all(settle(e, value.get(k))[0] for k, e in expected.items())
        if expected is UNCERTAIN:
            return self.has_result_type(owed, value)
        return settle(expected, None if value is ABSENT else value)[0] and not _only_looks_equal(expected, value)

    def has_result_type(self, owed: Owed, value: Any) -> bool:
        """Whether what success carried is a result of the method at all, be it right or wrong."""
        schema = _result_schema(owed)
        return schema is None or self.is_valid(schema, None if value is ABSENT else value)

    def describe_result(self, owed: Owed) -> str:
        """What success should carry, in words."""
        expected = self.expected_value(owed)
        if expected is UNCERTAIN:
            return f"a value that the schema {_result_schema(owed)} allows"
        return "no value" if expected is ABSENT else text(expected)


def _result_schema(owed: Owed) -> str | None:
    own = (owed.result or {}).get("schema")
    return own or ((owed.method and owed.method.result) or {}).get("schema")


def compile_model(spec: Specification) -> Model:
    """The model of a specification."""
    chart = spec.chart
    table = compile_table(chart, spec.events)
    collection, blank = next(iter(chart["records"].items()))
    registers = {name: body["initial"] for name, body in chart["registers"].items()}
    shown = tuple(sorted(name for name, body in chart["registers"].items() if not body.get("internal")))
    return Model(
        spec=spec,
        table=table,
        effects={
            name: compile_effect(name, body, collection, blank, spec.payloads)
            for name, body in chart["effects"].items()
        },
        facts={name: compile_fact(body, spec.payloads) for name, body in chart.get("facts", {}).items()},
        initial=Configuration(table.initial, World({}, None, registers)),
        collection=collection,
        shown_registers=shown,
        environment=chart["environment"],
        closing_events=tuple(chart.get("closing", ())),
        contract=spec.api.contract,
        payload_tests=_payload_tests(table),
        waits=frozenset(
            event
            for one in table.transitions
            if any(choice.defer for choice in one.alternatives)
            for event in one.events
        ),
        is_valid=spec.payloads.is_valid,
    )


def _payload_tests(table: Table) -> dict[str, Callable[[Any], bool]]:
    import jsonschema_rs

    return {text: jsonschema_rs.Draft202012Validator(schema).is_valid for text, schema in table.payload_schemas.items()}


def _or_none(value: Any) -> Any:
    return None if value is ABSENT else value


def _only_looks_equal(expected: Any, value: Any) -> bool:
    """Whether null or nothing was given for an empty object, which settling would let pass."""
    return not same(expected, value) and (expected is None) != (value is None or value is ABSENT)
