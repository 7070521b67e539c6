"""Whether every name in a specification leads to one thing: states, events, facts, fields, schemas, requirements.

Each part of a document is walked by a function that yields references, with the place where the name stands.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from intercom_reference.documents import Documents

__all__ = ["Place", "Reference", "Unresolved", "closest", "references", "unresolved"]

Place = tuple[str | int, ...]
"""Where something stands in a document: keys and positions, from the top."""

CHART, API, INVARIANTS = "spec/session.yaml", "spec/api.yaml", "spec/invariants.yaml"
_ROOTS = {"argument": "parameter", "register": "register", "current": "field", "record": "field"}


@attrs.frozen
class Reference:
    """A name that has to be that of something: where it stands, of what, and the name."""

    document: str
    path: Place
    kind: str
    name: str


@attrs.frozen
class Unresolved:
    """A reference that leads nowhere, or to two things: what is wrong, and what to do."""

    at: Reference
    problem: str
    remedy: str


def unresolved(documents: Documents, kinds: Mapping[str, str]) -> Iterator[Unresolved]:
    """The references that lead nowhere, or to two things, in the documents whose kinds are given.

    Each document is valid by itself.
    """
    yield from _ambiguous(documents, kinds)
    known = _Known.of(documents)
    for one in references(documents, kinds):
        names = known.of_kind(one.kind)
        if one.name not in names:
            near = closest(one.name, names)
            hint = f"Did you mean {near!r}?" if near else f"Define the {one.kind.partition(' of ')[0]}, or correct it."
            yield Unresolved(one, f"there is no {one.kind} {one.name!r}", hint)


def _ambiguous(documents: Documents, kinds: Mapping[str, str]) -> Iterator[Unresolved]:
    """Names that two things have, at the second of them."""
    seen = set[tuple[str, str]]()
    for one in _given(documents, kinds):
        if (one.kind, one.name) in seen:
            yield Unresolved(one, f"there are two of the {one.kind} {one.name!r}", "Give one of them another name.")
        seen.add((one.kind, one.name))


def _given(documents: Documents, kinds: Mapping[str, str]) -> Iterator[Reference]:
    """The names that lists of documents give; keys are unique already."""
    for number, one in enumerate(documents.load(CHART)["transitions"]):
        yield Reference(CHART, ("transitions", number, "id"), "transition", one["id"])
    methods = documents.load(API)["methods"]
    yield from (Reference(API, ("methods", name), "method", name) for name in methods)
    for name, body in methods.items():
        for number, alias in enumerate(body.get("aliases", ())):
            yield Reference(API, ("methods", name, "aliases", number), "method", alias["name"])
    for path in (path for path, kind in kinds.items() if kind == "scenarios"):
        for number, one in enumerate(documents.load(path)["scenarios"]):
            yield Reference(path, ("scenarios", number, "id"), "scenario", one["id"])


def closest(name: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant, if any is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return near[0] if near else None


def references(documents: Documents, kinds: Mapping[str, str]) -> Iterator[Reference]:
    """Every reference in the documents whose kinds are given, those of the statechart and of the API among them."""
    load = documents.load
    walker = _Walker(load(CHART), load(API))
    yield from walker.chart_references()
    yield from walker.api_references()
    for path, kind in kinds.items():
        if kind == "scenarios":
            yield from walker.scenario_references(path, load(path)["scenarios"])
        elif kind == "revision":
            yield from _each(path, ("requirements",), "requirement", load(path)["requirements"])
        elif kind == "capabilities":
            for name, body in load(path)["capabilities"].items():
                place = ("capabilities", name, "needed_for")
                yield from _each(path, place, "requirement", body.get("needed_for", ()))
        elif kind == "invariants":
            yield from walker.invariant_references(load(path))


@attrs.frozen
class _Known:
    chart: Mapping[str, Any]
    methods: Mapping[str, Any]
    others: Mapping[str, Sequence[str]]
    found: dict[str, frozenset[str]]

    @classmethod
    def of(cls, documents: Documents) -> _Known:
        load = documents.load
        stems = [path.rpartition("/")[2].partition(".")[0] for path in documents.names("schemas")]
        others = {
            "requirement": list(load("spec/requirements.yaml")["requirements"]),
            "capability": list(load("spec/capabilities.yaml")["capabilities"]),
            "schema": stems,
        }
        return cls(load(CHART), load(API)["methods"], others, {})

    def of_kind(self, kind: str) -> frozenset[str]:
        """The names that there are of a kind; a kind may be narrowed, as in ``state of session``."""
        if kind not in self.found:
            what, _, owner = kind.partition(" of ")
            names = self.others.get(what)
            self.found[kind] = frozenset(getattr(self, f"_{what.replace(' ', '_')}")(owner) if names is None else names)
        return self.found[kind]

    def _region(self, owner: str) -> Sequence[str]:
        return list(self.chart["regions"])

    def _state(self, region: str) -> Sequence[str]:
        return list(self.chart["regions"].get(region, {}).get("states", ()))

    def _called(self) -> dict[str, list[str]]:
        called: dict[str, list[str]] = {}
        for one in self.methods.values():
            called.setdefault(one["event"], []).extend(p["name"] for p in one["parameters"])
        return called

    def _event(self, owner: str) -> Sequence[str]:
        return [*self._called(), *self.chart["environment"], *self.chart.get("groups", {})]

    def _single_event(self, owner: str) -> Sequence[str]:
        return [*self._called(), *self.chart["environment"]]

    def _environment_event(self, owner: str) -> Sequence[str]:
        return list(self.chart["environment"])

    def _parameter(self, event: str) -> Sequence[str]:
        world = {name: body.get("parameters", []) for name, body in self.chart["environment"].items()}
        return [name for one, names in {**self._called(), **world}.items() if event in ("", one) for name in names]

    def _fact(self, owner: str) -> Sequence[str]:
        return list(self.chart.get("facts", {}))

    def _condition(self, owner: str) -> Sequence[str]:
        return list(self.chart.get("conditions", {}))

    def _effect(self, owner: str) -> Sequence[str]:
        return list(self.chart["effects"])

    def _collection(self, owner: str) -> Sequence[str]:
        return list(self.chart["records"])

    def _field(self, owner: str) -> Sequence[str]:
        return [field for name, fields in self.chart["records"].items() if owner in ("", name) for field in fields]

    def _register(self, owner: str) -> Sequence[str]:
        return list(self.chart["registers"])

    def _step(self, owner: str) -> Sequence[str]:
        aliases = (alias["name"] for one in self.methods.values() for alias in one.get("aliases", ()))
        return [*self.methods, *aliases, *self.chart["environment"]]


@attrs.frozen
class _Walker:
    chart: Mapping[str, Any]
    api: Mapping[str, Any]

    def chart_references(self) -> Iterator[Reference]:
        chart = self.chart
        for number, one in enumerate(chart["transitions"]):
            yield from self._transition(("transitions", number), one)
        for name, one in chart["effects"].items():
            yield from self._effect(("effects", name), one)
        for name, one in chart.get("facts", {}).items():
            yield from _expression(CHART, ("facts", name), one)
        for name, one in chart.get("conditions", {}).items():
            yield from self._guard(CHART, ("conditions", name), one, [""])
        for name, members in chart.get("groups", {}).items():
            yield from _each(CHART, ("groups", name), "single event", members)
        yield from _each(CHART, ("closing",), "environment event", chart.get("closing", ()))
        for name, one in chart["regions"].items():
            yield Reference(CHART, ("regions", name, "initial"), f"state of {name}", one["initial"])
            yield from _requirement(CHART, ("regions", name), one)
        for name, one in chart["registers"].items():
            yield from _requirement(CHART, ("registers", name), one)

    def _transition(self, place: Place, one: Mapping[str, Any]) -> Iterator[Reference]:
        region = one["region"]
        yield from _requirement(CHART, place, one)
        yield Reference(CHART, (*place, "region"), "region", region)
        yield from _each(CHART, (*place, "on"), "event", _listed(one["on"]))
        if one.get("from", "any") != "any":
            yield from _each(CHART, (*place, "from"), f"state of {region}", _listed(one["from"]))
        events = self._events(one["on"])
        yield from self._outcome(place, region, one, events)
        for number, alternative in enumerate(one.get("one_of", ())):
            yield from self._outcome((*place, "one_of", number), region, alternative, events)

    def _events(self, named: Any) -> list[str]:
        groups = self.chart.get("groups", {})
        return [event for name in _listed(named) for event in groups.get(name, [name])]

    def _outcome(self, place: Place, region: str, one: Mapping[str, Any], events: Sequence[str]) -> Iterator[Reference]:
        if "to" in one:
            yield Reference(CHART, (*place, "to"), f"state of {region}", one["to"])
        yield from self._guard(CHART, (*place, "when"), one.get("when", {}), events)
        yield from _each(CHART, (*place, "effects"), "effect", one.get("effects", ()))
        value = one.get("value", {})
        if "schema" in value:
            yield Reference(CHART, (*place, "value", "schema"), "schema", value["schema"])
        if "path" in value:
            yield from _path(CHART, (*place, "value", "path"), value["path"])
        for key, path in value.get("object", {}).items():
            yield from _path(CHART, (*place, "value", "object", key), path)
        yield from _expression(CHART, (*place, "usual"), one.get("usual", {}))

    def _guard(
        self, document: str, place: Place, guard: Mapping[str, Any], events: Sequence[str]
    ) -> Iterator[Reference]:
        for region, states in guard.get("in", {}).items():
            yield Reference(document, (*place, "in", region), "region", region)
            yield from _each(document, (*place, "in", region), f"state of {region}", _listed(states))
        for key in ("event", "fact", "condition"):
            yield from _each(document, (*place, key), key, _listed(guard.get(key, [])))
        for key in ("valid", "invalid", "argument"):
            for event in events:
                kind = f"parameter of {event}" if event else "parameter"
                yield from _each(document, (*place, key), kind, _listed(guard.get(key, [])))
        yield from self._inner_guards(document, place, guard, events)

    def _inner_guards(
        self, document: str, place: Place, guard: Mapping[str, Any], events: Sequence[str]
    ) -> Iterator[Reference]:
        inner = guard.get("not", [])
        if isinstance(inner, Mapping):
            yield from self._guard(document, (*place, "not"), inner, events)
        else:
            yield from _each(document, (*place, "not"), "fact", _listed(inner))
        for key in ("all", "any"):
            for number, part in enumerate(guard.get(key, ())):
                yield from self._guard(document, (*place, key, number), part, events)

    def _effect(self, place: Place, one: Mapping[str, Any]) -> Iterator[Reference]:
        yield from _requirement(CHART, place, one)
        yield from _each(CHART, (*place, "usual"), "effect", _listed(one.get("usual", ())))
        for number, step in enumerate(one["do"]):
            for operation, body in step.items():
                yield from _operation((*place, "do", number, operation), operation, body)

    def api_references(self) -> Iterator[Reference]:
        for kind, slug in self.api["contract"].items():
            yield Reference(API, ("contract", kind), "requirement", slug)
        for name, one in self.api["methods"].items():
            place = ("methods", name)
            yield Reference(API, (*place, "capability"), "capability", one["capability"])
            if "result" in one:
                yield Reference(API, (*place, "result", "schema"), "schema", one["result"]["schema"])
            for number, parameter in enumerate(one["parameters"]):
                yield from _parameter((*place, "parameters", number), parameter)

    def scenario_references(self, document: str, scenarios: Sequence[Mapping[str, Any]]) -> Iterator[Reference]:
        for number, one in enumerate(scenarios):
            place: Place = ("scenarios", number)
            yield from _each(document, (*place, "requirements"), "requirement", one["requirements"])
            yield from _each(document, (*place, "needs"), "capability", one.get("needs", ()))
            for index, step in enumerate(one["steps"]):
                yield Reference(document, (*place, "steps", index), "step", next(iter(step)))
            yield from _end(document, (*place, "then"), one.get("then", {}))

    def invariant_references(self, body: Mapping[str, Any]) -> Iterator[Reference]:
        for name, population in body["populations"].items():
            for number, step in enumerate(population["steps"]):
                place: Place = ("populations", name, "steps", number)
                yield Reference(INVARIANTS, place, "step", next(key for key in step if key != "when"))
                yield from _expression(INVARIANTS, (*place, "when"), step.get("when", {}))
        for name, one in body["invariants"].items():
            place = ("invariants", name)
            yield from _requirement(INVARIANTS, place, one)
            yield from self._property(place, one)
        for name, one in body.get("lemmas", {}).items():
            yield from self._property(("lemmas", name), one)
        for name, one in body.get("assumptions", {}).items():
            yield from _of_calls(("assumptions", name, "calls"), one["calls"])

    def _property(self, place: Place, one: Mapping[str, Any]) -> Iterator[Reference]:
        for key in ("while", "never"):
            yield from self._guard(INVARIANTS, (*place, key), one.get(key, {}), [])
        yield from _expression(INVARIANTS, (*place, "holds"), one.get("holds", {}))
        for key in ("at_most", "keeps"):
            yield from _of_collection((*place, key), one.get(key, {}))
        yield from _of_calls((*place, "queued"), one.get("queued", {}))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _each(document: str, place: Place, kind: str, names: Sequence[str]) -> Iterator[Reference]:
    for number, name in enumerate(names):
        yield Reference(document, (*place, number), kind, name)


def _requirement(document: str, place: Place, one: Mapping[str, Any]) -> Iterator[Reference]:
    if "requirement" in one:
        yield Reference(document, (*place, "requirement"), "requirement", one["requirement"])


def _path(document: str, place: Place, path: Any) -> Iterator[Reference]:
    if isinstance(path, list) and path and isinstance(path[0], str) and path[0] in _ROOTS:
        yield Reference(document, place, _ROOTS[path[0]], path[1])
        for number, key in enumerate(path[2:]):
            yield from _path(document, (*place, number + 2), key)


def _expression(document: str, place: Place, part: Any) -> Iterator[Reference]:
    """References anywhere inside a fact; paths are told from lists of facts by their first word."""
    found = list(_path(document, place, part))
    yield from found
    if isinstance(part, Mapping):
        if "schema" in part:
            yield Reference(document, (*place, "schema"), "schema", part["schema"])
        if "exists" in part:
            yield Reference(document, (*place, "exists", "in"), "collection", part["exists"]["in"])
        for key, inner in part.items():
            yield from _expression(document, (*place, key), inner)
    elif isinstance(part, list) and not found:
        for number, inner in enumerate(part):
            yield from _expression(document, (*place, number), inner)


_FIELDS = {"set", "set_once", "forget"}
_REGISTERS = {"assign", "forget_registers"}


def _operation(place: Place, operation: str, body: Any) -> Iterator[Reference]:
    if operation in _FIELDS:
        yield from _each(CHART, place, "field", list(body))
    elif operation in _REGISTERS:
        yield from _each(CHART, place, "register", list(body))
    elif operation == "increase":
        yield Reference(CHART, place, "register", body)
    elif operation in ("create", "select"):
        yield Reference(CHART, (*place, "in"), "collection", body["in"])
        fields = {**body.get("values", {}), **body.get("otherwise", {}), **body.get("by", {})}
        yield from _each(CHART, place, f"field of {body['in']}", list(fields))
    else:
        yield from _targets(place, body)
    yield from _expression(CHART, place, body)


def _targets(place: Place, body: Mapping[str, Any]) -> Iterator[Reference]:
    kinds = {"into": "field", "to": "field", "lists": "field", "uncertain": "field", "register": "register"}
    for key, kind in kinds.items():
        yield from _each(CHART, (*place, key), kind, _listed(body.get(key, ())))


def _parameter(place: Place, parameter: Mapping[str, Any]) -> Iterator[Reference]:
    yield Reference(API, (*place, "schema"), "schema", parameter["schema"])
    for key in ("variants", "parts"):
        for number, one in enumerate(parameter.get(key, ())):
            yield Reference(API, (*place, key, number, "capability"), "capability", one["capability"])


def _end(document: str, place: Place, then: Mapping[str, Any]) -> Iterator[Reference]:
    for region, state in then.get("state", {}).items():
        yield Reference(document, (*place, "state", region), "region", region)
        yield Reference(document, (*place, "state", region), f"state of {region}", state)
    yield from _each(document, (*place, "registers"), "register", list(then.get("registers", {})))
    yield from _each(document, (*place, "current"), "field", list(then.get("current") or ()))
    for collection, records in then.get("records", {}).items():
        yield Reference(document, (*place, "records", collection), "collection", collection)
        for number, one in enumerate(records):
            yield from _each(document, (*place, "records", collection, number), f"field of {collection}", list(one))


def _of_collection(place: Place, body: Mapping[str, Any]) -> Iterator[Reference]:
    if body:
        yield Reference(INVARIANTS, (*place, "in"), "collection", body["in"])
        yield from _each(INVARIANTS, (*place, "field"), f"field of {body['in']}", _listed(body.get("field", ())))
        yield from _expression(INVARIANTS, (*place, "where"), body.get("where", {}))


def _of_calls(place: Place, body: Mapping[str, Any]) -> Iterator[Reference]:
    yield from _each(INVARIANTS, (*place, "on"), "event", _listed(body.get("on", ())))
    for key in ("where", "holds"):
        yield from _expression(INVARIANTS, (*place, key), body.get(key, {}))
