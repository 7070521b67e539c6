"""What has happened before: users who are gone have left a record behind, and hidden settings have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from intercom_conformance.oracle import Configuration
from intercom_conformance.specification import Specification
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.places import place_of
from intercom_conformance.suite.steps import alphabet, ends, followed, searching
from intercom_conformance.suite.ways import Spot
from intercom_conformance.trace import Step, Trace

__all__ = [
    "after_settings",
    "after_somebody",
    "choosing",
    "choosing_calls",
    "departed",
    "first_call",
    "leaving",
    "listed",
]


@cache
def departed(spec: Specification) -> tuple[Trace, ...]:
    """Ways on which somebody comes and goes, one for each kind of record that is certain to be left behind."""
    initial = ends(spec, ())[0]
    found: dict[tuple[tuple[str, bool], ...], Trace] = {}
    for step in choosing_calls(spec) if leaving(spec) else ():
        reached = ends(spec, way := (step, *leaving(spec)))
        if len(reached) == 1 and place_of(spec, reached[0]) == place_of(spec, initial):
            (left,) = reached
            for record in left.world.records.values():
                found.setdefault(tuple((name, bool(value)) for name, value in sorted(record.items())), way)
    return tuple(found.values())


def after_somebody(spec: Specification, gone: Trace, spot: Spot) -> Iterator[tuple[Trace, Configuration]]:
    """Ways to a spot when somebody has gone, and where the usual choices lead on them, if that is the same place.

    Somebody who is gone may be the one who comes on the way; so there is one on which others come instead.
    """
    wanted = place_of(spec, spot.configuration)
    for way in (spot.way, _exchanged(spec, spot.way)):
        reached = [one for one in ends(spec, (*gone, *way)) if place_of(spec, one) == wanted]
        yield from (((*gone, *way), one) for one in reached[:1])


def after_settings(spec: Specification, spot: Spot) -> Iterator[tuple[Trace, Configuration]]:
    """Ways to a spot and on to an event of the world that changes nothing but what nobody is shown."""
    hidden, before = searching(spec).model.hidden_registers, spot.configuration
    for event in (one for one in alphabet(spec) if one.name in spec.chart["environment"]):
        after = followed(spec, [before], event, len(spot.way))
        same = len(after) == 1 and place_of(spec, after[0]) == place_of(spec, before)
        if same and any(after[0].world.registers[name] != before.world.registers[name] for name in hidden):
            yield (*spot.way, event), after[0]


def _exchanged(spec: Specification, way: Trace) -> Trace:
    """A way on which those who come change places, or another one comes if it is just one."""
    known = [(one.name, one.arguments) for one in choosing_calls(spec)]
    coming = [place for place, one in enumerate(way) if (one.name, one.arguments) in known]
    calls = [known.index((way[place].name, way[place].arguments)) for place in coming]
    others = [*dict.fromkeys(calls), *(number for number in range(len(known)) if number not in calls)]
    swapped = {one: others[(place + 1) % max(len(set(calls)), 2)] for place, one in enumerate(dict.fromkeys(calls))}
    steps = list(way)
    for place, call in zip(coming, calls, strict=True):
        name, arguments = known[swapped[call]]
        steps[place] = attrs.evolve(way[place], name=name, arguments=arguments)
    return tuple(steps)


@cache
def choosing_calls(spec: Specification) -> list[Step]:
    """The valid calls of the alphabet that may choose a record that has a certain value."""
    methods, events = spec.api.methods, choosing(spec)
    calls = [one for one in alphabet(spec) if one.name in methods and methods[one.name].event in events]
    return [one for one in calls if spec.accepts(methods[one.name], one.arguments)]


@cache
def choosing(spec: Specification) -> set[str]:
    """The events by which a record may be chosen that has a certain value."""
    effects, groups = spec.chart.get("effects", {}), spec.chart.get("groups", {})
    choosing = {name for name, body in effects.items() if any("select" in operation for operation in body["do"])}
    return {
        event
        for one in spec.chart["transitions"]
        if any(choosing & set(choice.get("effects", ())) for choice in one.get("one_of", [one]))
        for name in listed(one["on"])
        for event in groups.get(name, [name])
    }


@cache
def leaving(spec: Specification) -> list[Step]:
    """The call after which nobody is the user any more, if there is one."""
    region, body = next(iter(spec.chart["regions"].items()))
    return first_call(spec, lambda one: one["region"] == region and one.get("to") == body["initial"])


def first_call(spec: Specification, wanted: Callable[[Mapping[str, Any]], bool]) -> list[Step]:
    """The call that takes the first transition of a kind, if any does."""
    ways = explore(spec).transitions
    steps = [ways[one["id"]][-1] for one in _flat(spec) if one["id"] in ways and wanted(one)]
    return [step for step in steps if step.name in spec.api.methods][:1]


def _flat(spec: Specification) -> Iterator[Mapping[str, Any]]:
    """The transitions, of which the parts of a guard that joins several are told as one."""
    for one in spec.chart["transitions"]:
        parts = one.get("when", {}).get("all", ())
        joined = {key: body for part in parts for key, body in part.items()}
        yield {**one, "when": {**one.get("when", {}), **joined}}


def listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]
