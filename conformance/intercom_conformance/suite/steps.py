"""The alphabet of a specification, and what each step does by the oracle.

The alphabet is what the specification itself gives as examples of calls, and every event of the world. All searches
for ways share one oracle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from intercom_conformance.oracle import Branch, Call, Configuration, Happening, Oracle
from intercom_conformance.oracle.table import Alternative, Transition
from intercom_conformance.specification import Specification
from intercom_conformance.suite.keeping import kept
from intercom_conformance.suite.twins import spoilt
from intercom_conformance.trace import Step, Trace

__all__ = [
    "alphabet",
    "ends",
    "facts_of",
    "followed",
    "judged",
    "letters",
    "said",
    "says",
    "searching",
    "taken_by",
    "wrong_letters",
]


@cache
def alphabet(spec: Specification) -> tuple[Step, ...]:
    """The steps that stand for everything that can happen: every example call, every event of the world."""
    calls = [Step(name, arguments) for name, method in spec.api.methods.items() for arguments in method.examples]
    return (*calls, *(step for step in _world(spec)))


def _world(spec: Specification) -> Iterator[Step]:
    for event, body in spec.chart["environment"].items():
        for arguments in body.get("examples", [[]]):
            yield Step(event, tuple(arguments))


@cache
def searching(spec: Specification) -> Oracle:
    """The oracle with which ways are looked for, compiled once: what it works out of the table, all searches share."""
    return Oracle.of(spec)


@cache
def letters(spec: Specification, position: int) -> tuple[tuple[Step, Call | Happening], ...]:
    """The alphabet, each step also as the oracle is told of it at that position in a trace."""
    return tuple((step, judged(spec, step, position)) for step in alphabet(spec))


@cache
def wrong_letters(spec: Specification, position: int) -> tuple[tuple[Step, Call | Happening], ...]:
    """The valid calls of the alphabet with a wrong part, each as `letters` gives them."""
    known = alphabet(spec)
    wrong = {repr((one.name, one.arguments)): one for step in known for one in spoilt(spec, step) if one not in known}
    return tuple((step, judged(spec, step, position)) for step in wrong.values())


@kept
def judged(spec: Specification, step: Step, position: int) -> Call | Happening:
    """A step as the oracle is told of it, at its position in a trace."""
    model = searching(spec).model
    return model.step(step.named(position), step.name, step.arguments, frozenset(step.callbacks))


def followed(
    spec: Specification, configurations: Sequence[Configuration], step: Step, position: int
) -> Sequence[Configuration]:
    """Where an implementation may be after a step at a position in a trace; each configuration once."""
    branches = searching(spec).branches(configurations, judged(spec, step, position))
    return list({repr(one.end): one.end for one in branches}.values())


@kept
def ends(spec: Specification, way: Trace) -> Sequence[Configuration]:
    """Where an implementation may be after a way; each configuration once. Ways that begin alike share what they do."""
    return followed(spec, ends(spec, way[:-1]), way[-1], len(way) - 1) if way else searching(spec).initial()


def says(
    spec: Specification, configurations: Sequence[Configuration], step: Step, position: int
) -> frozenset[tuple[str, int]]:
    """The alternatives of transitions that a step may take."""
    return said(searching(spec).branches(configurations, judged(spec, step, position)))


def said(branches: Sequence[Branch]) -> frozenset[tuple[str, int]]:
    """The alternatives of transitions that some branches take."""
    return frozenset((one.id, one.alternatives.index(choice)) for branch in branches for one, choice in branch.taken)


def facts_of(spec: Specification, configuration: Configuration, call: Call) -> list[tuple[bool, ...]]:
    """What the facts that a call's rules ask for may say of it: each answer, fact by fact."""
    model, event = searching(spec).model, call.method.event
    asked = [place for place, atom in enumerate(model.table.atoms[event]) if atom.kind == "fact"]
    known = model.answers(configuration, event, call.named, "first", call) if asked else []
    return [tuple(bool(one[place]) for place in asked) for one in known]


def taken_by(
    spec: Specification, configurations: Sequence[Configuration], step: Step, position: int
) -> list[tuple[Transition, Alternative]]:
    """What a step may take, each transition with the alternative of it."""
    branches = searching(spec).branches(configurations, judged(spec, step, position))
    return [one for branch in branches for one in branch.taken]
