"""Steps that tell where a hidden region is: what would end in another way if it were elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import attrs

from intercom_conformance.oracle import Configuration, Oracle
from intercom_conformance.oracle.table import Transition
from intercom_conformance.specification import Specification
from intercom_conformance.suite.explore import alphabet, ends, judged, letters, place_of
from intercom_conformance.trace import Step, Trace

__all__ = ["telling", "told_after"]

_MOST = 8
"""Configurations after a way at most: where more is open, nothing is asked."""


def told_after(spec: Specification, way: Trace) -> list[Trace]:
    """What tells where the hidden regions are after a way, for each configuration that may be reached then."""
    reached = ends(spec, way)
    found = {one.states: telling(spec, one, len(way)) for one in reached if len(reached) <= _MOST}
    return [told for n, told in enumerate(found.values()) if told and told not in list(found.values())[:n]]


def telling(spec: Specification, here: Configuration, position: int) -> Trace:
    """For each other state of the hidden regions, a call that moves nothing and would end in another way there.

    Where none does as the world is, it is changed first. `position` is how many steps have led here.
    """
    told: Trace = ()
    for there in _others(spec, here):
        for steps in _short(spec):
            if _tells(spec, here, there, steps, position + len(told)):
                if not _is_part(steps, told):
                    told = (*told, *steps)
                break
    return told


def _is_part(steps: Trace, told: Trace) -> bool:
    return any(told[place : place + len(steps)] == steps for place in range(len(told)))


def _others(spec: Specification, here: Configuration) -> Iterator[Configuration]:
    """The configuration, but for the state of one hidden region."""
    for region in _oracle(spec).model.table.regions:
        for state in region.states if region.visibility == "internal" else ():
            if state != here.states[region.position]:
                states = (*here.states[: region.position], state, *here.states[region.position + 1 :])
                yield attrs.evolve(here, states=states)


@cache
def _short(spec: Specification) -> tuple[Trace, ...]:
    """Single calls, one for each method, and those after one event of the world, one for each, that changes a state."""
    methods, found = spec.api.methods, dict[str, Step]()
    for step, _ in letters(spec, 0):
        if step.name in methods and spec.accepts(methods[step.name], step.arguments):
            found.setdefault(step.name, step)
    moving = {event for one in _oracle(spec).model.table.transitions for event in one.events if _is_moved(one)}
    events = [step for step in alphabet(spec) if step.name in moving and step.name not in methods]
    return (*((one,) for one in found.values()), *((event, one) for event in events for one in found.values()))


def _is_moved(transition: Transition) -> bool:
    return any(one.to is not None for one in transition.alternatives)


def _tells(spec: Specification, here: Configuration, there: Configuration, steps: Trace, position: int) -> bool:
    """Whether the last of the steps surely ends in another way, and none of them moves anything else than the world."""
    for place, step in enumerate(steps[:-1], position):
        moved = [_moved(spec, one, step, place) for one in (here, there)]
        if moved[0] is None or moved[1] is None:
            return False
        here, there = moved[0], moved[1]
    last, place = steps[-1], position + len(steps) - 1
    if _endings(spec, here, last, place) & _endings(spec, there, last, place):
        return False
    after = _oracle(spec).branches([here], judged(spec, last, place))
    return all(place_of(spec, one.end) == place_of(spec, here) for one in after)


def _moved(spec: Specification, one: Configuration, step: Step, position: int) -> Configuration | None:
    """Where an event of the world leads, if that is certain."""
    branches = _oracle(spec).branches([one], judged(spec, step, position))
    return branches[0].end if len(branches) == 1 else None


def _endings(spec: Specification, one: Configuration, step: Step, position: int) -> set[str]:
    """The callbacks that a call may end with; an empty text if it may end with none."""
    branches = _oracle(spec).branches([one], judged(spec, step, position))
    found = {callback for branch in branches for callback in [owed.callback for owed in branch.owed] or [""]}
    return {"success", "error"} | found if "either" in found else found


@cache
def _oracle(spec: Specification) -> Oracle:
    return Oracle.of(spec)
