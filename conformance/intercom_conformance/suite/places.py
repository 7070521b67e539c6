"""Places: what rules tell apart of where an implementation may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from intercom_conformance.oracle import Configuration
from intercom_conformance.oracle.table import regions_asked
from intercom_conformance.specification import Specification
from intercom_conformance.suite.steps import searching

__all__ = ["Place", "deciding_regions", "named_in", "place_of"]


@attrs.frozen
class Place:
    """What rules tell apart, beside facts: where the regions stand that several of them ask about, and what is kept.

    `waiting` names one event of each kind of call that waits, in the order in which the first of each came: calls are
    of one kind if the same rules of hidden regions tell what becomes of them when they are tried again.
    """

    states: tuple[str, ...]
    waiting: tuple[str, ...]
    remembered: bool


def place_of(spec: Specification, configuration: Configuration) -> Place:
    """The place that a configuration is in."""
    states = tuple(configuration.states[position] for position in deciding_regions(spec))
    kinds, waiting = _kinds(spec), (one.source.method.event for one in configuration.queue)
    return Place(states, tuple(dict.fromkeys(kinds[event] for event in waiting)), configuration.remembered is not None)


@cache
def _kinds(spec: Specification) -> Mapping[str, str]:
    """For each event, one that stands for all of its kind, and waits if any of it does."""
    model = searching(spec).model
    table = model.table
    hidden = {one.id: one for one in table.transitions if table.regions[one.region].visibility == "internal"}
    trying = [one["id"] for one in spec.chart["transitions"] if one["id"] in hidden and _names_attempt(one)]
    ordered = sorted(spec.events, key=lambda event: event not in model.waits)
    about = {event: frozenset(one for one in trying if event in hidden[one].events) for event in ordered}
    return {event: next(other for other in about if about[other] == rules) for event, rules in about.items()}


def _names_attempt(document: Any) -> bool:
    if isinstance(document, Mapping):
        return "attempt" in document or any(map(_names_attempt, document.values()))
    return isinstance(document, list) and any(map(_names_attempt, document))


@cache
def deciding_regions(spec: Specification) -> tuple[int, ...]:
    """The regions that more than one region's transitions depend on: those that guards of others ask about."""
    regions = {name: position for position, name in enumerate(spec.chart["regions"])}
    asked = Counter(
        name
        for body in (*spec.chart["transitions"], *spec.chart.get("conditions", {}).values())
        for name in regions_asked(body)
    )
    return tuple(sorted(regions[name] for name, count in asked.items() if count > 1))


def named_in(document: Any, *roots: str) -> Iterator[str]:
    """What paths with one of these roots name in a part of a statechart: the fields of records, or registers."""
    if isinstance(document, list) and len(document) > 1 and document[0] in roots:
        yield document[1]
    for part in document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ():
        yield from named_in(part, *roots)
