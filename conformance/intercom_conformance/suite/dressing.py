"""Ways on which whoever is logged in has something to lose: attributes, an event, a message, whatever calls can give.

What a step wrongly takes from a user, gives to another one or counts anew shows only if there was something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial, reduce
from typing import Any

from intercom_conformance.oracle import Branch, Configuration
from intercom_conformance.specification import Specification
from intercom_conformance.suite.keeping import kept
from intercom_conformance.suite.places import named_in, place_of
from intercom_conformance.suite.steps import alphabet, ends, followed, judged, searching
from intercom_conformance.suite.twins import joined
from intercom_conformance.trace import Step, Trace

__all__ = ["chooses", "dressed"]

_CHOOSING = {"create", "select", "leave"}
_TAKING = {*_CHOOSING, "absorb", "delete_previous", "forget", "forget_registers"}
_MOST = 8
"""Configurations after a way at most: where more is open, nothing is given that would be certain."""


def dressed(spec: Specification, way: Trace) -> Trace:
    """A way on which every user who comes is given what calls and the world are certain to give, before it goes on."""
    done: Trace = ()
    before: Sequence[Configuration] = searching(spec).initial()
    for step in way[:-1]:
        after = followed(spec, before, step, len(done))
        done = (*done, step)
        if not 0 < len(after) <= _MOST:
            return way
        if all(one.world.current is not None for one in after) and not _same_user(before, after):
            done = (*done, *_given(spec, done))
            after = ends(spec, done)
        before = after
    return (*done, *way[-1:])


def chooses(spec: Specification, effect: str) -> bool:
    """Whether an effect makes another record the current one, or none."""
    return any(name in _CHOOSING for step in spec.chart["effects"][effect]["do"] for name in step)


def _same_user(before: Sequence[Configuration], after: Sequence[Configuration]) -> bool:
    return {one.world.current for one in before} == {one.world.current for one in after}


@kept
def _given(spec: Specification, way: Trace) -> Trace:
    """What the user is given after a way: by each effect that gives something, by one call as rich as may be."""
    had, after, given = set[str](), ends(spec, way), list[Step]()
    for effect, steps in _wardrobe(spec).items():
        place = len(way) + len(given)
        fitting = (one for one in steps if effect not in had and _gives(spec, effect, after, one, place))
        if (step := next(fitting, None)) is not None:
            rich = reduce(partial(_richer, spec, effect, after, place), steps, step)
            had |= {one for one in _wardrobe(spec) if _gives(spec, one, after, rich, place)}
            after = followed(spec, after, rich, place)
            given.append(rich)
    return tuple(given)


def _richer(
    spec: Specification, effect: str, after: Sequence[Configuration], position: int, step: Step, _: Step
) -> Step:
    """The call with what some other example holds, if it gives that as well."""
    return next((one for one in joined(spec, step) if _gives(spec, effect, after, one, position)), step)


def _gives(spec: Specification, effect: str, after: Sequence[Configuration], step: Step, position: int) -> bool:
    """Whether a step has an effect for certain, and changes no place, register or field that rules ask about."""
    happening = judged(spec, step, position)
    for one in after:
        branches = searching(spec).branches([one], happening)
        if not all(_has(branch, effect) and _stays(spec, one, branch.end) for branch in branches):
            return False
    return True


def _has(branch: Branch, effect: str) -> bool:
    return any(effect in one.effects for _, one in branch.taken)


def _stays(spec: Specification, before: Configuration, after: Configuration) -> bool:
    kept = [_asked(spec, one) for one in (before, after)]
    return place_of(spec, before) == place_of(spec, after) and kept[0] == kept[1]


def _asked(spec: Specification, configuration: Configuration) -> list[Any]:
    """What is kept that rules may ask about: hidden registers, and the fields of the current record that facts name."""
    world = configuration.world
    record = {} if world.current is None else world.records[world.current]
    registers, fields = _remembered(spec)
    return [*(world.registers[name] for name in registers), *(record.get(name) for name in fields)]


@cache
def _remembered(spec: Specification) -> tuple[list[str], list[str]]:
    """The hidden registers, and the fields of records that facts name."""
    fields = set(named_in(spec.chart.get("facts", {}), "current", "record"))
    return searching(spec).model.hidden_registers, sorted(fields)


@cache
def _wardrobe(spec: Specification) -> Mapping[str, list[Step]]:
    """The steps that may have each effect which gives something that can be seen."""
    return {effect: list(_steps(spec, effect)) for effect in spec.chart["effects"] if _is_giving(spec, effect)}


def _steps(spec: Specification, effect: str) -> Iterator[Step]:
    transitions = [one for one in searching(spec).model.table.transitions if _may_have(one, effect)]
    events = {event for one in transitions for event in one.events}
    methods = spec.api.methods
    return (one for one in alphabet(spec) if (methods[one.name].event if one.name in methods else one.name) in events)


def _may_have(transition: Any, effect: str) -> bool:
    return any(effect in one.effects for one in transition.alternatives)


def _is_giving(spec: Specification, effect: str) -> bool:
    """Whether an effect gives what is shown, and does nothing else."""
    operations = [(name, body) for step in spec.chart["effects"][effect]["do"] for name, body in step.items()]
    hidden = set(searching(spec).model.hidden_registers)
    if any(name in _TAKING for name, _ in operations):
        return False
    return not any(isinstance(body, Mapping) and hidden & {*body, body.get("register")} for _, body in operations)
