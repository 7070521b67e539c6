"""Writes guards in the syntax of another tool, event by event.

The elementary questions about a call become inputs of the machine, named by `input_name`; which alternative an
implementation takes is an input as well. So a machine written out is deterministic, and can be run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from intercom_conformance.oracle.table import Atom
from intercom_conformance.specification import Specification

__all__ = ["Arrow", "Syntax", "Writer", "arrows", "input_name"]

Json = Any
T = TypeVar("T")


@attrs.frozen(eq=False)
class Syntax(Generic[T]):
    """How a tool writes conjunction, disjunction, negation, a region's state, an input, and an input's value."""

    every: Callable[[Sequence[T]], T]
    some: Callable[[Sequence[T]], T]
    inverse: Callable[[T], T]
    state: Callable[[str, str], T]
    truth: Callable[[str], T]
    equals: Callable[[str, Json], T]


@attrs.frozen
class Arrow:
    """A way out of a state, or out of any of a region: on an event, if the guard holds."""

    region: str
    source: str
    event: str
    guard: str
    target: str | None
    answer: str
    transition: str


def input_name(atom: Atom) -> str:
    """The input that answers an elementary question about a call."""
    if atom.kind == "attempt":
        return "attempt"
    name = "arguments" if atom.name == "*" else atom.name
    suffix = re.sub(r"\W+", "_", atom.schema).strip("_")
    return f"{atom.kind}_{name}" + (f"_{suffix}" if suffix else "")


def arrows(spec: Specification, syntax: Syntax[str]) -> Iterator[Arrow]:
    """Every arrow of the statechart; the inputs ``choice_REGION`` number the alternatives of a transition."""
    writer = Writer(spec, syntax)
    for document in spec.chart["transitions"]:
        for event in writer.events(document["on"]):
            for number, alternative in enumerate(document.get("one_of", [{**document, "when": {}}])):
                yield from _arrows(writer, document, event, number, alternative)


def _arrows(
    writer: Writer[str], document: Mapping[str, Json], event: str, number: int, own: Mapping[str, Json]
) -> Iterator[Arrow]:
    region = document["region"]
    parts = [*writer.applies(document.get("when", {}), event), *writer.parts(own.get("when", {}), event)]
    if "one_of" in document:
        parts.append(writer.syntax.equals(f"choice_{region}", number))
    answer = own.get("callback") or ("defer" if own.get("defer") else "again" if own.get("again") else "")
    for source in writer.sources(document):
        guard = writer.syntax.every(parts) if parts else ""
        yield Arrow(region, source, event, guard, own.get("to"), answer, document["id"])


@attrs.frozen
class Writer(Generic[T]):
    """Writes guards in a syntax."""

    spec: Specification
    syntax: Syntax[T]

    def sources(self, document: Mapping[str, Json]) -> Sequence[str]:
        """The states in which a transition applies."""
        origin = document.get("from", "any")
        states: Sequence[str] = self.spec.chart["regions"][document["region"]]["states"]
        return states if origin == "any" else _listed(origin)

    def events(self, names: Json) -> list[str]:
        """The events behind names of events and groups."""
        groups = self.spec.chart.get("groups", {})
        return [event for name in _listed(names) for event in groups.get(name, [name])]

    def applies(self, guard: Mapping[str, Json], event: str) -> list[T]:
        """The conditions of a transition: those of its guard, and that the arguments are valid if it is silent."""
        parts = self.parts(guard, event)
        called = event not in self.spec.chart["environment"]
        if called and not _speaks_of_validity(guard):
            parts.append(self.syntax.truth(input_name(Atom("valid", "*"))))
        return parts

    def parts(self, guard: Mapping[str, Json], event: str) -> list[T]:
        """The conditions that must all hold."""
        return [part for key, body in guard.items() if key != "summary" for part in self._entry(key, body, event)]

    def guard(self, guard: Mapping[str, Json], event: str) -> T:
        """One condition for a whole guard."""
        return self.syntax.every(self.parts(guard, event))

    def _entry(self, key: str, body: Json, event: str) -> list[T]:
        match key:
            case "in":
                return [self._one_of(region, states) for region, states in body.items()]
            case "attempt":
                return [self.syntax.some([self.syntax.equals("attempt", one) for one in _listed(body)])]
            case "event":
                return [self._constant(event in self.events(body))]
            case "condition":
                return [self.guard(self.spec.chart["conditions"][body], event)]
            case "fact" | "valid":
                return [self.syntax.truth(input_name(Atom(key, one))) for one in _listed(body)]
            case "invalid":
                return [self.syntax.some([self._false(Atom("valid", one)) for one in _listed(body)])]
            case "argument":
                return [self.syntax.truth(input_name(Atom("payload", n, repr(s)))) for n, s in body.items()]
            case "all" | "any":
                joined = self.syntax.every if key == "all" else self.syntax.some
                return [joined([self.guard(part, event) for part in body])]
            case "not":
                return self._not(body, event)
        return []

    def _not(self, body: Json, event: str) -> list[T]:
        if isinstance(body, Mapping):
            return [self.syntax.inverse(self.guard(body, event))]
        return [self._false(Atom("fact", one)) for one in _listed(body)]

    def _false(self, atom: Atom) -> T:
        return self.syntax.inverse(self.syntax.truth(input_name(atom)))

    def _one_of(self, region: str, states: Json) -> T:
        return self.syntax.some([self.syntax.state(region, state) for state in _listed(states)])

    def _constant(self, value: bool) -> T:
        return self.syntax.every([]) if value else self.syntax.some([])


def _speaks_of_validity(document: Json) -> bool:
    if isinstance(document, Mapping):
        return bool({"invalid", "arguments"} & document.keys()) or any(map(_speaks_of_validity, document.values()))
    return isinstance(document, list) and any(map(_speaks_of_validity, document))


def _listed(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
