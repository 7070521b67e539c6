"""What shows later of what a step has kept to itself: the world is as it should be again, and calls are taken up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from intercom_conformance.oracle import Configuration
from intercom_conformance.specification import Specification
from intercom_conformance.suite.steps import alphabet, followed, searching, taken_by
from intercom_conformance.trace import Step, Trace

__all__ = ["afterwards", "endings", "no_more_tries", "trying_again"]


@cache
def afterwards(spec: Specification) -> Trace:
    """What shows later what a step has kept to itself: the world as it should be, and a call that takes up others."""
    model = searching(spec).model
    closing = [Step(name) for name in model.closing_events]
    events = {event for one in model.table.transitions if _takes_up(one) for event in one.events}
    calls = [
        one for one in alphabet(spec) if one.name in spec.api.methods and spec.api.methods[one.name].event in events
    ]
    return (*closing[:1], *calls[:1], *closing[1:])


def no_more_tries(spec: Specification) -> Trace:
    """The events of the world after which calls that wait are not tried again of themselves."""
    world = spec.chart["environment"]
    return tuple(Step(name) for name, body in world.items() if body.get("retries") == "last")


def endings(spec: Specification, reached: Iterable[Configuration], position: int) -> Iterator[Trace]:
    """The usual end, and where a call may be remembered, one in each world in which another takes it up.

    `reached` is where an implementation may be after a trace of that many steps.
    """
    yield afterwards(spec)
    others = (one for here in reached if here.remembered for one in _taking_up(spec, here, position))
    yield from {repr(one): one for one in others}.values()


def _taking_up(spec: Specification, here: Configuration, position: int) -> Iterator[Trace]:
    """The usual end in another world, for each further rule by which the call that is remembered is taken up."""
    usual = afterwards(spec)
    calls = [step for step in usual if step.name in spec.api.methods]
    known = _rules_after(spec, here, usual[0], calls, position)
    for event in _world(spec):
        if not (new := _rules_after(spec, here, event, calls, position)) <= known:
            known |= new
            yield (event, *calls, *(step for step in usual if step not in calls))


def trying_again(spec: Specification, here: Configuration, position: int) -> Iterator[Trace]:
    """Ends at which what is taken up waits, so that the world gives it another reason to be tried again."""
    for end in _taking_up(spec, here, position) if here.remembered else ():
        again = [one for one in _world(spec, "retries") if one not in end]
        if _waits(spec, here, end[:2], position):
            yield from ((*end[:2], one, *end[3:]) for one in again)


def _world(spec: Specification, having: str = "summary") -> list[Step]:
    """The events of the world, or those that say something."""
    world = spec.chart["environment"]
    return [one for one in alphabet(spec) if having in world.get(one.name, ())]


def _waits(spec: Specification, here: Configuration, steps: Trace, position: int) -> bool:
    """Whether a call may wait after these steps."""
    reached: Sequence[Configuration] = [here]
    for place, step in enumerate(steps, position):
        reached = followed(spec, reached, step, place)
    return any(one.queue for one in reached)


def _rules_after(
    spec: Specification, here: Configuration, event: Step, calls: list[Step], position: int
) -> frozenset[str]:
    """The rules by which one of the calls takes up what is remembered after an event of the world."""
    reached = followed(spec, [here], event, position)
    taken = (one for call in calls for one in taken_by(spec, reached, call, position + 1))
    return frozenset(transition.id for transition, choice in taken if choice.requeue)


def _takes_up(transition: Any) -> bool:
    return any(one.requeue for one in transition.alternatives)
