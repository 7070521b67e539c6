"""The invariants of a specification and the population they are searched in, read from ``spec/invariants.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Call, Configuration, Happening
from intercom_conformance.oracle.expressions import Scope, Test, Undecided, compile_fact
from intercom_conformance.oracle.model import Model
from intercom_conformance.trace import BOTH, Step

__all__ = ["Invariant", "Population", "Possible", "read_invariants", "read_populations"]

Json = Any


@attrs.frozen(eq=False)
class Possible:
    """A step that may happen: as it is written, as it is judged, and when it is made."""

    step: Step
    event: Call | Happening
    when: Test | None

    def is_made(self, model: Model, at: Configuration, outstanding: int) -> bool:
        """Whether it happens here: calls only while few wait, and only where its own condition holds."""
        waiting = sum(not one.spent for one in at.queue)
        if isinstance(self.event, Call) and waiting >= outstanding:
            return False
        return self.when is None or may_hold(self.when, at.world.scope(model.collection, self.event.named))


@attrs.frozen(eq=False)
class Population:
    """Everything that happens in a search."""

    name: str
    summary: str
    outstanding: int
    records: int
    steps: tuple[Possible, ...]


@attrs.frozen(eq=False)
class Invariant:
    """What holds of every configuration (`holds`) and of every step (`keeps`); what is uncertain breaks neither."""

    name: str
    summary: str
    requirement: str
    document: Mapping[str, Json]
    holds: Callable[[Configuration], bool]
    keeps: Callable[[Configuration, Configuration], bool]


def read_populations(model: Model, document: Mapping[str, Json]) -> tuple[Population, ...]:
    """The populations of an invariants document."""
    return tuple(_population(model, name, body) for name, body in document["populations"].items())


def _population(model: Model, name: str, body: Mapping[str, Json]) -> Population:
    steps = tuple(_possible(model, number, one) for number, one in enumerate(body["steps"]))
    return Population(name, body["summary"], body["outstanding"], body["records"], steps)


def _possible(model: Model, number: int, body: Mapping[str, Json]) -> Possible:
    name = next(key for key in body if key != "when")
    when = compile_fact(body["when"], model.spec.payloads) if "when" in body else None
    if name in model.environment:
        return Possible(Step(name, tuple(body[name]), ()), model.happening(name, body[name]), when)
    called = model.call(f"c{number}", name, body[name], frozenset(BOTH))
    return Possible(Step(name, tuple(body[name])), called, when)


def read_invariants(model: Model, document: Mapping[str, Json]) -> tuple[Invariant, ...]:
    """The invariants of an invariants document."""
    return tuple(_invariant(model, name, body) for name, body in document["invariants"].items())


def _invariant(model: Model, name: str, body: Mapping[str, Json]) -> Invariant:
    applies = _states_test(model, body.get("while", {}))
    meets = _states_test(model, body["never"]) if "never" in body else None
    test = _test(model, body)

    def holds(at: Configuration) -> bool:
        if meets is not None and applies(at.states) and meets(at.states):
            return False
        return not applies(at.states) or test is None or may_hold(test, at.world.scope(model.collection, {}))

    keeps = _keeps(model, body["keeps"]) if "keeps" in body else _always
    return Invariant(name, body["summary"], body["requirement"], body, holds, keeps)


def _states_test(model: Model, guard: Mapping[str, Json]) -> Callable[[tuple[str, ...]], bool]:
    positions = {region.name: region.position for region in model.table.regions}
    wanted = [(positions[region], _listed(states)) for region, states in guard.get("in", {}).items()]
    return lambda states: all(states[position] in names for position, names in wanted)


def _test(model: Model, body: Mapping[str, Json]) -> Test | None:
    if "holds" in body:
        return compile_fact(body["holds"], model.spec.payloads)
    return _at_most(model, body["at_most"]) if "at_most" in body else None


def _at_most(model: Model, body: Mapping[str, Json]) -> Test:
    where, collection, count = compile_fact(body["where"], model.spec.payloads), body["in"], int(body["count"])

    def test(scope: Scope) -> bool:
        records = scope.collections.get(collection, ())
        return sum(_surely(where, attrs.evolve(scope, record=record)) for record in records) <= count

    return test


def _keeps(model: Model, body: Mapping[str, Json]) -> Callable[[Configuration, Configuration], bool]:
    field = body["field"]
    where: Test = compile_fact(body["where"], model.spec.payloads) if "where" in body else _always

    def changes(record: Mapping[str, Json], after: Mapping[str, Json] | None) -> bool:
        return record[field] is not None and after is not None and bool(after[field] != record[field])

    def keeps(before: Configuration, after: Configuration) -> bool:
        scope = before.world.scope(model.collection, {})
        changed = [record for n, record in before.world.records.items() if changes(record, after.world.records.get(n))]
        return not any(_surely(where, attrs.evolve(scope, record=record)) for record in changed)

    return keeps


def _always(*things: object) -> bool:
    return True


def may_hold(test: Test, scope: Scope) -> bool:
    """Whether a test holds, or would for some value of what is uncertain."""
    try:
        return test(scope)
    except Undecided:
        return True


def _surely(test: Test, scope: Scope) -> bool:
    try:
        return test(scope)
    except Undecided:
        return False


def _listed(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
