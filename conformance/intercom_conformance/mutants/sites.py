"""Where a statechart document can be changed: alternatives of transitions, and guards down to their smallest parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from intercom_conformance.mutants.mutant import CHART, Edit, Mutant
from intercom_conformance.specification import Method, Specification

__all__ = ["Chart", "Guard", "Site", "listed"]

Json = Any
Place = tuple[str | int, ...]


@attrs.frozen(eq=False)
class Site:
    """An alternative of a transition, or a transition without alternatives."""

    name: str
    """The transition's slug, with the alternative's place in its `one_of` if it has any."""
    transition: Mapping[str, Json]
    body: Mapping[str, Json]
    place: Place
    choices: tuple[tuple[str, int], ...] = ()

    @property
    def calls_back(self) -> bool:
        """Whether it ends a call with a callback."""
        return "callback" in self.body

    def changed(self, change: str, summary: str, *edits: tuple[Place, Json], **more: Any) -> Mutant:
        """The mutant that has new values here; `change` begins with the operator."""
        operator, _, rest = change.partition("/")
        return Mutant(
            id="/".join(filter(None, (operator, self.name, rest))),
            operator=operator,
            summary=f"{self.name}: {summary}",
            edits=tuple(Edit(CHART, (*self.place, *path), value) for path, value in edits),
            transitions=frozenset([self.transition["id"]]),
            choices=self.choices,
            **more,
        )


@attrs.frozen(eq=False)
class Guard:
    """An entry of a guard, at its place in the document, with the guard that it stands in."""

    name: str
    key: str
    value: Json
    holder: Mapping[str, Json]
    holder_place: Place
    transitions: frozenset[str]
    choices: tuple[tuple[str, int], ...] = ()

    def changed(self, how: str, summary: str, holder: Mapping[str, Json]) -> Mutant:
        """The mutant in which the guard around this entry is another one."""
        return Mutant(
            id=f"guard/{self.name}/{how}",
            operator="guard",
            summary=f"{self.name}: {summary}",
            edits=(Edit(CHART, self.holder_place, holder),),
            transitions=self.transitions,
            choices=self.choices,
        )


@attrs.frozen(eq=False, slots=False)
class Chart:
    """A specification's statechart document, asked for the places that can be changed."""

    spec: Specification

    @property
    def document(self) -> Mapping[str, Json]:
        """The document as it is written."""
        return self.spec.chart

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every alternative of every transition."""
        return tuple(self._sites())

    def _sites(self) -> Iterator[Site]:
        for number, body in enumerate(self.document["transitions"]):
            place: Place = ("transitions", number)
            if "one_of" not in body:
                yield Site(body["id"], body, body, place)
            for turn, one in enumerate(body.get("one_of", ())):
                chosen = ((body["id"], turn),) if turn else ()
                yield Site(f"{body['id']}.{turn}", body, one, (*place, "one_of", turn), chosen)

    def states(self, region: str) -> list[str]:
        """The states of a region."""
        return list(self.document["regions"][region]["states"])

    def events(self, names: Json) -> list[str]:
        """The events behind names of events and groups."""
        groups = self.document.get("groups", {})
        return [event for name in listed(names) for event in groups.get(name, [name])]

    def methods(self, transition: Mapping[str, Json]) -> list[Method]:
        """The methods whose calls may take a transition."""
        events = self.events(transition["on"])
        return [one for one in self.spec.api.methods.values() if one.event in events]

    # Guards -----------------------------------------------------------------------------------------------

    def guards(self) -> Iterator[Guard]:
        """Every entry of every guard: of transitions, of their alternatives, and of named conditions."""
        for number, body in enumerate(self.document["transitions"]):
            place, own = ("transitions", number, "when"), frozenset([body["id"]])
            yield from _entries(body["id"], body.get("when", {}), place, own)
        for site in self.sites:
            if "one_of" in site.transition:
                own = frozenset([site.transition["id"]])
                yield from _entries(site.name, site.body.get("when", {}), (*site.place, "when"), own, site.choices)
        for name, body in self.document.get("conditions", {}).items():
            yield from _entries(name, body, ("conditions", name), self.asking(name))

    def asking(self, condition: str) -> frozenset[str]:
        """The transitions whose guards ask for a named condition, by themselves or by way of another one."""
        bodies = self.document.get("conditions", {})
        wanted, size = {condition}, 0
        while size != len(wanted):
            size = len(wanted)
            wanted |= {name for name, body in bodies.items() if any(_names(body, one) for one in wanted)}
        transitions = self.document["transitions"]
        return frozenset(body["id"] for body in transitions if any(_names(body, one) for one in wanted))


def _entries(
    name: str,
    guard: Mapping[str, Json],
    place: Place,
    transitions: frozenset[str],
    choices: tuple[tuple[str, int], ...] = (),
) -> Iterator[Guard]:
    for key, body in guard.items():
        if key == "summary":
            continue
        yield Guard(f"{name}/{key}", key, body, guard, place, transitions, choices)
        inner = list(enumerate(body)) if key in ("all", "any") else [(None, body)] if _is_guard(key, body) else []
        for number, part in inner:
            below = (*place, key) if number is None else (*place, key, number)
            called = f"{name}/{key}" if number is None else f"{name}/{key}.{number}"
            yield from _entries(called, part, below, transitions, choices)


def _is_guard(key: str, body: Json) -> bool:
    return key == "not" and isinstance(body, Mapping)


def _names(document: Json, condition: str) -> bool:
    if isinstance(document, Mapping):
        return any(
            (key == "condition" and part == condition) or _names(part, condition) for key, part in document.items()
        )
    return isinstance(document, list) and any(_names(part, condition) for part in document)


def listed(value: Json) -> Sequence[Json]:
    """A value that may be one or several."""
    return value if isinstance(value, list) else [value]
