"""Steps that tell where a hidden region is: what would end in another way if it were elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import attrs

from intercom_conformance.oracle import Configuration
from intercom_conformance.oracle.table import Transition
from intercom_conformance.specification import Specification
from intercom_conformance.suite.places import place_of
from intercom_conformance.suite.steps import alphabet, ends, judged, searching
from intercom_conformance.trace import Step, Trace

__all__ = ["elsewhere", "telling", "told_after"]

_MOST = 8
"""Configurations after a way at most: where more is open, nothing is asked."""


def told_after(spec: Specification, way: Trace) -> list[Trace]:
    """What tells where the hidden regions are after a way, for each configuration that may be reached then."""
    reached = ends(spec, way)
    found = {one.states: telling(spec, one, len(way)) for one in reached if len(reached) <= _MOST}
    return [told for n, told in enumerate(found.values()) if told and told not in list(found.values())[:n]]


def telling(spec: Specification, here: Configuration, position: int) -> Trace:
    """For each other state of the hidden regions, a call that moves nothing and would end in another way there.

    Where none does as the world is, it is changed first; where none surely does, one that does by the usual choices is
    made. `position` is how many steps have led here. It is found out once for all configurations in which the regions
    stand so, as many calls wait, and a record is current or not.
    """
    known, key = _known(spec), (here.states, len(here.queue), here.remembered is None, here.world.current is None)
    if key not in known:
        told, left = tuple[Step, ...](), list(_others(spec, here))
        for ending in (_endings, _usual_ending):
            untold = list[Configuration]()
            for there in left:
                steps = next(_that_tell(spec, here, there, position + len(told), ending), ())
                told = told if _is_part(steps, told) else (*told, *steps)
                untold += [] if steps else [there]
            left = untold
        known[key] = told
    return known[key]


@cache
def _known(spec: Specification) -> dict[object, Trace]:
    return {}


def _that_tell(
    spec: Specification, here: Configuration, there: Configuration, position: int, ending: _Ending
) -> Iterator[Trace]:
    """The calls that would end in another way there, those that need no event of the world before them first."""
    yield from ((one,) for one in _calls(spec) if _tells(spec, here, there, one, position, ending))
    for event in _events(spec):
        moved = [_moved(spec, one, event, position) for one in (here, there)]
        if moved[0] is not None and moved[1] is not None:
            pair = moved[0], moved[1]
            yield from ((event, one) for one in _calls(spec) if _tells(spec, *pair, one, position + 1, ending))


def elsewhere(spec: Specification, here: Configuration, step: Step, position: int) -> tuple[frozenset[str], ...]:
    """The callbacks that a call may end with in each other state of the hidden regions, as if it were that one."""
    return tuple(frozenset(_endings(spec, there, step, position)) for there in _others(spec, here))


def _is_part(steps: Trace, told: Trace) -> bool:
    return any(told[place : place + len(steps)] == steps for place in range(len(told)))


def _others(spec: Specification, here: Configuration) -> Iterator[Configuration]:
    """The configuration, but for the state of one hidden region."""
    for region in searching(spec).model.table.regions:
        for state in region.states if region.visibility == "internal" else ():
            if state != here.states[region.position]:
                states = (*here.states[: region.position], state, *here.states[region.position + 1 :])
                yield attrs.evolve(here, states=states)


@cache
def _calls(spec: Specification) -> tuple[Step, ...]:
    """A valid call of each method."""
    methods, found = spec.api.methods, dict[str, Step]()
    for step in alphabet(spec):
        if step.name in methods and spec.accepts(methods[step.name], step.arguments):
            found.setdefault(step.name, step)
    return tuple(found.values())


@cache
def _events(spec: Specification) -> tuple[Step, ...]:
    """The events of the world that may change a state."""
    moving = {event for one in searching(spec).model.table.transitions for event in one.events if _is_moved(one)}
    return tuple(step for step in alphabet(spec) if step.name in moving and step.name not in spec.api.methods)


def _is_moved(transition: Transition) -> bool:
    return any(one.to is not None for one in transition.alternatives)


def _tells(
    spec: Specification, here: Configuration, there: Configuration, step: Step, position: int, ending: _Ending
) -> bool:
    """Whether a call ends in another way, and leaves the place as it is."""
    if ending(spec, here, step, position) & ending(spec, there, step, position):
        return False
    after = searching(spec).branches([here], judged(spec, step, position))
    return all(place_of(spec, one.end) == place_of(spec, here) for one in after)


def _moved(spec: Specification, one: Configuration, step: Step, position: int) -> Configuration | None:
    """Where an event of the world leads, if that is certain."""
    branches = searching(spec).branches([one], judged(spec, step, position))
    return branches[0].end if len(branches) == 1 else None


def _endings(spec: Specification, one: Configuration, step: Step, position: int) -> set[str]:
    """The callbacks that a call may end with; an empty text if it may end with none."""
    branches = searching(spec).branches([one], judged(spec, step, position))
    found = {callback for branch in branches for callback in [owed.callback for owed in branch.owed] or [""]}
    return {"success", "error"} | found if "either" in found else found


def _usual_ending(spec: Specification, one: Configuration, step: Step, position: int) -> set[str]:
    """The callbacks that a call ends with by the usual choices."""
    branches = searching(spec).branches([one], judged(spec, step, position))
    return {owed.callback for branch in branches[:1] for owed in branch.owed} or {""}


_Ending = Callable[[Specification, Configuration, Step, int], set[str]]
