"""The specification as a log sees it: what an app can never write down is left open.

A log knows the calls and what became of them. It knows neither what the network did nor what the workspace holds:
other users' records, settings, content. So internal registers are uncertain, somebody may be in the workspace of whom
nothing is known, and a user who logs in may have been known before. Of the rest only *kept* parts are followed: those
that a rule about callbacks asks about, or that a result reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Configuration
from intercom_conformance.oracle.expressions import UNCERTAIN, Scope, Test, Undecided
from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import AmbiguousAnswer, Answers, Outcome, States, Table, regions_asked
from intercom_conformance.oracle.world import Effect, World, compile_effect
from intercom_conformance.specification import Specification

__all__ = ["FACTS", "WRONG", "Kept", "Leaf", "Skeleton", "open_model"]

FACTS = ""
"""Where the answers to facts about nothing but arguments stand among a call's arguments by name."""

WRONG: Any = type("Wrong", (), {"__repr__": lambda self: "WRONG"})()
"""A result that is none of the kind that the method gives."""

Path = tuple[Any, ...]


class Skeleton(dict[str, Any]):
    """What is left of an argument that is an object: the members that rules compare."""

    answers: Mapping[str, Any]
    """The answers to the payload guards of the argument, by their schemas."""


class Leaf(str):
    """What is left of an argument that is compared as a whole."""

    answers: Mapping[str, Any]


@attrs.frozen(eq=False, slots=False)
class Kept:
    """Which parts of a specification decide about callbacks and results, found by reading its statechart."""

    spec: Specification

    @cached_property
    def argument_facts(self) -> frozenset[str]:
        """The facts that ask about arguments alone."""
        facts: Mapping[str, Any] = self.spec.chart.get("facts", {})
        return frozenset(name for name, body in facts.items() if {path[0] for path in _paths(body)} == {"argument"})

    @cached_property
    def facts_of_givenness(self) -> frozenset[str]:
        """Those of them that ask only whether leaves are given."""
        bodies = {name: self.spec.chart["facts"][name] for name in self.argument_facts}
        leaves = {("argument", name, *path) for name, paths in self.leaves.items() for path in paths}
        return frozenset(
            name
            for name, body in bodies.items()
            if set(_operators(body)) <= {"all", "any", "not", "given", "summary"} and set(_paths(body)) <= leaves
        )

    @cached_property
    def facts_of_invalid(self) -> frozenset[str]:
        """Those of them that are asked only where some argument is not valid."""
        transitions = self.spec.chart["transitions"]
        free = [one for one in transitions if not _speaks_of_invalid(one.get("when", {}))]
        return self.argument_facts - set(_texts([[one, self.spec.chart.get("conditions", {})] for one in free]))

    @cached_property
    def compared(self) -> frozenset[Path]:
        """The paths to what is compared with an argument or reported in a result."""
        facts = [body for name, body in self.spec.chart.get("facts", {}).items() if name not in self.argument_facts]
        return frozenset((*_compared(facts), *self._reported()))

    def _reported(self) -> Iterator[Path]:
        """What results report of the user and of the device; what they report of the workspace is not known."""
        registers = self.spec.chart["registers"]
        for body in self.spec.chart["transitions"]:
            for way in _ways(body):
                value = way.get("value") or {}
                for path in (value.get("path"), *(value.get("object") or {}).values()):
                    if path and (path[0] == "current" or not registers[path[1]].get("internal")):
                        yield tuple(path)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of the current record that are followed."""
        (fields,) = list(self.spec.chart["records"].values())[:1]
        return tuple(name for name in fields if ("current", name) in self.compared)

    @cached_property
    def registers(self) -> tuple[str, ...]:
        """The registers that are followed: those of the workspace are not known anyway."""
        registers = self.spec.chart["registers"].items()
        return tuple(
            name for name, body in registers if ("register", name) in self.compared and not body.get("internal")
        )

    @cached_property
    def leaves(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """The places in each parameter whose values are compared, or are put where they are compared later."""
        wanted = {path for path in self.compared if path[0] == "argument"}
        wanted |= {path for path in self._written() if path[0] == "argument"}
        names = sorted({path[1] for path in wanted})
        return {name: tuple(sorted(path[2:] for path in wanted if path[1] == name)) for name in names}

    def _written(self) -> Iterator[Path]:
        kept = {*self.fields, *self.registers}
        for body in self.spec.chart["effects"].values():
            for step in body["do"]:
                for operation, what in step.items():
                    places = what.get("by", {}) if operation == "select" else what
                    if operation in ("select", "set", "set_once", "assign"):
                        yield from (tuple(path) for name, path in places.items() if name in kept and _is_path(path))

    @cached_property
    def regions(self) -> frozenset[int]:
        """The positions of the regions whose states decide about callbacks, and those of the world."""
        chart = self.spec.chart
        position = {name: at for at, name in enumerate(chart["regions"])}
        asked = {name for name, body in chart["regions"].items() if body.get("visibility") == "environment"}
        before: set[str] = set()
        while asked != before:
            before = set(asked)
            for body in chart["transitions"]:
                if _answers(body) or (body["region"] in asked and _moves(body)):
                    asked |= set(regions_asked(body, chart.get("conditions", {})))
                    asked |= {body["region"]} if body.get("from", "any") != "any" else set()
        return frozenset(position[name] for name in asked)

    @cached_property
    def literals(self) -> frozenset[Any]:
        """The single values that rules name: what a followed register holds is one of these, or anything."""
        chart = self.spec.chart
        registers = [body["initial"] for body in chart["registers"].values()]
        return frozenset(_scalars([chart.get("facts", {}), chart["effects"], registers]))

    @cached_property
    def result_keys(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of a result that report something followed, by the event of the call."""
        found: dict[str, dict[str, None]] = {}
        for body in self.spec.chart["transitions"]:
            for one in (body, *body.get("one_of", ())):
                for key, path in ((one.get("value") or {}).get("object") or {}).items():
                    if path[0] == "current" and path[1] in self.fields:
                        for event in _events(self.spec.chart, body["on"]):
                            found.setdefault(event, {})[key] = None
        return {event: tuple(keys) for event, keys in found.items()}

    @cached_property
    def weight(self) -> Mapping[str, tuple[str, ...]]:
        """The transitions by which a call changes anything that is followed, by its event."""
        found: dict[str, list[str]] = {event: [] for event in self.spec.events}
        for body in self.spec.chart["transitions"]:
            if any(self._acts(one, body) for one in _ways(body)):
                for event in _events(self.spec.chart, body["on"]) & found.keys():
                    found[event].append(body["id"])
        return {event: tuple(names) for event, names in found.items()}

    def _acts(self, way: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        position = list(self.spec.chart["regions"]).index(body["region"])
        visible = self.spec.chart["regions"][body["region"]].get("visibility") != "environment"
        moves = way.get("to") is not None and position in self.regions and visible
        return moves or any(way.get(flag) for flag in ("remember", "requeue", "cancel")) or self._touches(way)

    def _touches(self, way: Mapping[str, Any]) -> bool:
        kept = {*self.fields, *self.registers, ""}
        effects = self.spec.chart["effects"]
        bodies = [step for name in way.get("effects", ()) for step in effects[name]["do"]]
        return any(kept & set(_names(operation, what)) for step in bodies for operation, what in step.items())


def open_model(model: Model, kept: Kept) -> Model:
    """The model of the same specification in which nothing is known but what calls tell."""
    chart = model.spec.chart
    collection, blank = next(iter(chart["records"].items()))
    somebody = dict.fromkeys(blank, UNCERTAIN)
    registers = {n: body["initial"] if n in kept.registers else UNCERTAIN for n, body in chart["registers"].items()}
    return attrs.evolve(
        model,
        table=_Lenient(**{field.name.lstrip("_"): getattr(model.table, field.name) for field in attrs.fields(Table)}),
        effects={name: _open_effect(model.spec, name, collection, blank) for name in chart["effects"]},
        facts={
            name: _of_arguments(name) if name in kept.argument_facts else test for name, test in model.facts.items()
        },
        payload_tests={schema: _answered(schema) for schema in model.payload_tests},
        initial=Configuration(model.table.initial, World({0: somebody}, None, registers, None, 1)),
        is_valid=lambda schema, value: value is not WRONG,
    )


@attrs.frozen(eq=False)
class _Lenient(Table):
    """A table that has no outcome for answers that contradict one another: no real call gives them.

    Equal outcomes are one and the same, so that answers which make no difference make no branches.
    """

    _same: dict[Any, Outcome] = attrs.field(factory=dict, repr=False)

    def outcomes(self, states: States, event: str, answers: Answers) -> tuple[Outcome, ...]:
        """The joint steps allowed."""
        try:
            found = Table.outcomes(self, states, event, answers)
        except AmbiguousAnswer:
            return ()
        return tuple(self._same.setdefault((one.states, one.taken), one) for one in found)


def _open_effect(spec: Specification, name: str, collection: str, blank: Mapping[str, Any]) -> Effect:
    document = spec.chart["effects"][name]
    steps = [{op: _open_operation(op, body, blank) for op, body in step.items()} for step in document["do"]]
    return compile_effect(name, {**document, "do": steps}, collection, blank, spec.payloads)


def _open_operation(operation: str, body: Any, blank: Mapping[str, Any]) -> Any:
    """Who is selected may have been there before, with whatever the workspace knows of them."""
    if operation != "select":
        return body
    return {**body, "otherwise": {**dict.fromkeys(blank, UNCERTAIN), **body["otherwise"]}}


def _of_arguments(name: str) -> Test:
    def test(scope: Scope) -> bool:
        return _decided(scope.arguments.get(FACTS, {}).get(name, UNCERTAIN))

    return test


def _answered(schema: str) -> Test:
    def test(value: Any) -> bool:
        return _decided(value.answers.get(schema, UNCERTAIN) if isinstance(value, Skeleton | Leaf) else UNCERTAIN)

    return test


def _decided(answer: Any) -> bool:
    if answer is UNCERTAIN:
        raise Undecided
    return bool(answer)


# Reading the statechart -----------------------------------------------------------------------------------

_ROOTS = ("argument", "register", "current", "record")


def _is_path(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and value[0] in _ROOTS and all(isinstance(k, str | list) for k in value)
    )


def _paths(body: Any) -> Iterator[Path]:
    """Every path in a part of a document, those inside others included."""
    if _is_path(body):
        yield tuple(step for step in body if isinstance(step, str))
    if isinstance(body, Mapping | list):
        for part in body.values() if isinstance(body, Mapping) else body:
            yield from _paths(part)


def _compared(body: Any) -> Iterator[Path]:
    """The paths whose values are compared as a whole, in facts."""
    if isinstance(body, Mapping):
        for key, part in body.items():
            yield from _paths(part) if key in ("equal", "given") else _compared(part)
    elif isinstance(body, list):
        for part in body:
            yield from _compared(part)


def _ways(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(body.get("one_of") or [body])


def _answers(body: Mapping[str, Any]) -> bool:
    return any(way.get("callback") or way.get("defer") or way.get("again") for way in _ways(body))


def _moves(body: Mapping[str, Any]) -> bool:
    return any(way.get("to") is not None for way in _ways(body))


def _events(chart: Mapping[str, Any], on: str | list[str]) -> frozenset[str]:
    groups: Mapping[str, list[str]] = chart.get("groups", {})
    return frozenset(event for name in ([on] if isinstance(on, str) else on) for event in groups.get(name, [name]))


def _names(operation: str, body: Any) -> Iterator[str]:
    """The fields and registers that an operation of an effect names; an empty one for a record as a whole."""
    if operation in ("create", "select", "leave", "delete_previous"):
        yield ""
    elif isinstance(body, str):
        yield body
    else:
        yield from body


def _operators(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping):
        yield from body
        for part in body.values():
            yield from _operators(part)
    elif isinstance(body, list) and not _is_path(body):
        for part in body:
            yield from _operators(part)


def _speaks_of_invalid(guard: Mapping[str, Any]) -> bool:
    return "invalid" in guard or any("invalid" in part for part in guard.get("all", ()))


def _texts(part: Any) -> Iterator[str]:
    return (one for one in _scalars(part) if isinstance(one, str))


def _scalars(part: Any) -> Iterator[Any]:
    if isinstance(part, Mapping):
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _scalars(one)
    elif part is None or isinstance(part, str | int | float):
        yield part
