"""A learned machine against the specification: their product, gone through breadth first.

A place of the product is a state of the machine and the set of configurations that the history allows. An output that
no configuration allows is a *deviation*; where the specification leaves a choice open, what the machine does is a
*choice*. Both are told by a shortest word. A deviation is a prediction of the machine: it has still to be played.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import attrs

from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.learning.outputs import FULL, UNTOLD, Output, Records, current_of, effects_of, is_certain
from intercom_conformance.oracle import (
    ABSENT,
    FORMAL,
    UNCERTAIN,
    Branch,
    Broken,
    Call,
    Configuration,
    Happening,
    Observation,
    Oracle,
    Settlement,
    Undecidable,
)
from intercom_conformance.oracle.comparing import compare
from intercom_conformance.oracle.configuration import World
from intercom_conformance.oracle.table import Transition
from intercom_conformance.suite.complete.automaton import Inputs, Machine
from intercom_conformance.suite.complete.choices import place_of, registers_asked
from intercom_conformance.trace import Step
from intercom_reference.loading import parse_json

__all__ = ["Against", "Choice", "Deviation", "Specified"]

_MOST = 1000
"""Places of the product that are gone through at most."""


@attrs.frozen
class Deviation:
    """A word after whose last input the machine gives an output that no configuration allows."""

    word: Inputs
    requirement: str
    kind: str
    expected: str
    observed: str


@attrs.frozen
class Choice:
    """What a binding does where the specification leaves it open: in which transition, and a word that shows it."""

    word: Inputs
    transition: str
    requirement: str
    chosen: str


@attrs.frozen
class Against:
    """What came of comparing a machine with the specification."""

    deviations: tuple[Deviation, ...] = ()
    choices: tuple[Choice, ...] = ()
    cut: bool = False
    """Whether there is more of the product than was gone through, or some of it could not be judged."""


@attrs.frozen(eq=False)
class _Possible:
    """What is possible after a history: configurations, the calls without an answer, and a key of both."""

    configurations: tuple[Configuration, ...]
    waiting: tuple[str, ...]
    key: Any


@attrs.frozen(eq=False)
class _Came:
    """What came of an output: what is possible then, or what is broken, or neither if that cannot be told."""

    after: _Possible | None = None
    broken: Broken | None = None
    chosen: tuple[tuple[str, str, str], ...] = ()


@attrs.define(eq=False)
class Specified:
    """The specification as machines are held against it; it remembers what it has judged, from one to the next.

    Args:
        inputs: the steps by their numbers.
        oracle: the oracle of the specification.
        binding: whose machines they are; a binding whose API tells no outcomes gets no callbacks.
    """

    inputs: Sequence[Step]
    oracle: Oracle
    binding: Binding | None
    _known: dict[tuple[Any, int, Output], _Came] = attrs.field(factory=dict)
    _numbers: Iterator[int] = attrs.field(factory=count)
    _asked: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._asked = registers_asked(self.oracle.model.spec.chart)

    @property
    def _untold(self) -> bool:
        return self.binding is not None and self.binding.style == "none"

    def against(self, machine: Machine, until: float = math.inf) -> Against:
        """Where a machine is not what the specification allows, and which choices it makes, by shortest words.

        It is cut where `until`, by the monotonic clock, has come.
        """
        deviations: dict[tuple[str, str, str], Deviation] = {}
        choices: dict[tuple[str, str], Choice] = {}
        cut = False
        for word, came in self._walk(machine):
            if came.broken is not None:
                fault = came.broken.requirement, came.broken.kind, self.inputs[word[-1]].name
                deviations.setdefault(fault, Deviation(word, *fault[:2], came.broken.expected, came.broken.observed))
            for transition, requirement, told in came.chosen:
                choices.setdefault((transition, told), Choice(word, transition, requirement, told))
            cut = cut or (came.after is None and came.broken is None)
            if time.monotonic() >= until:
                cut = True
                break
        return Against(tuple(deviations.values()), tuple(choices.values()), cut)

    def words(self, machine: Machine) -> Iterator[Inputs]:
        """A word for each input at each place of the product with a machine, the shortest first."""
        return (word for word, _ in self._walk(machine))

    def _walk(self, machine: Machine) -> Iterator[tuple[Inputs, _Came]]:
        """The steps of the product, from where both begin; nothing is followed behind a deviation."""
        start = self._possible(self.oracle.initial(), ())
        seen, queue = {(0, start.key)}, deque[tuple[int, _Possible, Inputs]]([(0, start, ())])
        while queue:
            state, place, before = queue.popleft()
            for number, (output, target) in machine.rows[state].items():
                came = self._came(place, number, output)
                if came.after is not None and len(seen) >= _MOST:
                    came = _Came()
                yield (*before, number), came
                if came.after is not None and (target, came.after.key) not in seen:
                    seen.add((target, came.after.key))
                    queue.append((target, came.after, (*before, number)))

    def _possible(self, configurations: Sequence[Configuration], waiting: tuple[str, ...]) -> _Possible:
        return _Possible(tuple(configurations), waiting, (place_of(configurations, self._asked), len(waiting)))

    def _came(self, place: _Possible, number: int, output: Output) -> _Came:
        known = self._known.get((place.key, number, output))
        if known is None:
            try:
                known = _Came(place) if output == FULL else self._judge(place, self.inputs[number], output)
            except Undecidable:
                known = _Came()
            self._known[place.key, number, output] = known
        return known

    def _judge(self, place: _Possible, step: Step, output: Output) -> _Came:
        judged = self._judged(step)
        waiting = (*place.waiting, judged.call) if isinstance(judged, Call) else place.waiting
        seen = _observation(output, waiting, untold=self._untold)
        branches = self.oracle.branches(place.configurations, judged)
        verdicts = [_compared(self.oracle, branch, judged, seen, output) for branch in branches]
        kept = [(branch, end) for branch, (broken, end) in zip(branches, verdicts, strict=True) if not broken]
        if not kept:
            return _Came(broken=min((broken for broken, _ in verdicts), key=len)[0])
        answered = {one.call for one in seen.settled} | seen.unheard
        left = tuple(call for call in waiting if call not in answered)
        after = self._possible(_distinct([end for _, end in kept]), left)
        return _Came(after, chosen=tuple(self._chosen(branches, [branch for branch, _ in kept], output)))

    def _judged(self, step: Step) -> Call | Happening:
        model = self.oracle.model
        if step.name in model.environment:
            return model.happening(step.name, step.arguments)
        given = frozenset[str]() if self._untold else frozenset(step.callbacks)
        return model.call(f"call {next(self._numbers)}", step.name, list(step.arguments), given)

    def _chosen(
        self, branches: Sequence[Branch], kept: Sequence[Branch], output: Output
    ) -> Iterator[tuple[str, str, str]]:
        """What is done where branches go apart in the same transition: the transition, its requirement, in words."""
        chosen = _options(kept)
        for transition, options in _options(branches).items():
            targets = {to for _, to in chosen.get(transition, ())}
            is_open = len(options) > 1 or any(callback == "either" for callback, _ in options)
            if is_open and len(targets) == 1:
                region = self.oracle.model.table.regions[transition.region].name
                yield transition.id, transition.requirement, _told(region, targets.pop(), output)


def _options(branches: Sequence[Branch]) -> dict[Transition, set[tuple[str | None, str | None]]]:
    """For each transition that branches take, the callbacks and the targets of its alternatives."""
    found: dict[Transition, set[tuple[str | None, str | None]]] = {}
    for branch in branches:
        for transition, alternative in branch.taken:
            found.setdefault(transition, set()).add((alternative.callback, alternative.to))
    return found


def _told(region: str, target: str | None, output: Output) -> str:
    return f"{output.answer}; {region} becomes {target}" if target else output.answer


def _distinct(ends: Sequence[Configuration]) -> tuple[Configuration, ...]:
    found: list[Configuration] = []
    for end in ends:
        if end not in found:
            found.append(end)
    return tuple(found)


def _observation(output: Output, waiting: Sequence[str], *, untold: bool) -> Observation:
    """An observation of which the output tells as much as it does; a callback that says nothing is any of the two."""
    called = [(_named(waiting, age), callback) for age, callback in output.callbacks]
    settled = tuple(Settlement(call, "success" if said == UNTOLD else said) for call, said in called)
    unheard = frozenset(call for call, said in called if said == UNTOLD)
    return Observation(
        settled=() if untold else settled,
        thrown=output.answer if output.thrown or output.ended else None,
        snapshot={"state": dict(output.state)} if output.state else ABSENT,
        unheard=unheard,
    )


def _named(waiting: Sequence[str], age: int) -> str:
    return waiting[-1 - age] if age < len(waiting) else "an earlier call"


def _compared(
    oracle: Oracle, branch: Branch, judged: Call | Happening, seen: Observation, output: Output
) -> tuple[list[Broken], Configuration]:
    """What is broken if a branch was meant, as far as an output tells, and where the binding stands then."""
    broken, end = compare(oracle.model, branch, judged, seen)
    broken = [one for one in broken if one.kind not in FORMAL]
    if output.current is None:
        return broken, end
    settled = _settled(oracle, end.world, parse_json(output.current))
    told = _records_broken(oracle, branch, settled, is_certain(_records_of(oracle, end.world)), output)
    return [*broken, *told], attrs.evolve(end, world=settled)


def _records_of(oracle: Oracle, world: World) -> Records:
    return {oracle.model.collection: list(world.records.values())}


def _settled(oracle: Oracle, world: World, current: Any) -> World:
    """The world without doubts about the current record: single values are as shown, others, not seen, are empty."""
    if world.current is None or not isinstance(current, dict):
        return world
    record, blank = world.records[world.current], oracle.model.spec.chart["records"][oracle.model.collection]
    single = {field: not isinstance(value, dict | list) for field, value in blank.items()}
    doubtful = [field for field in single if record[field] is UNCERTAIN]
    return world.with_current(**{one: current.get(one) if single[one] else blank[one] for one in doubtful})


def _records_broken(oracle: Oracle, branch: Branch, world: World, certain: bool, output: Output) -> Iterator[Broken]:
    """What is wrong about the current record, and about the effects if it is certain what they are."""
    current = current_of(None if world.current is None else world.records[world.current])
    if current != output.current:
        yield _wrong(oracle, branch, f"the current record is {current}", f"it is {output.current}")
    effects = effects_of(_records_of(oracle, branch.before.world), _records_of(oracle, world))
    if certain and effects != output.effects:
        told = ("; ".join(one) or "nothing reaches the records" for one in (effects, output.effects))
        yield _wrong(oracle, branch, *told)


def _wrong(oracle: Oracle, branch: Branch, expected: str, observed: str) -> Broken:
    requirement = branch.main_requirement if branch.taken else oracle.model.contract["record_changed"]
    return Broken("record_changed", requirement, expected, observed)
