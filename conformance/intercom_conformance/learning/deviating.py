"""A learned machine against the specification: their product, gone through breadth first.

A place of the product is a state of the machine and the set of configurations that the history allows. An output that
no configuration allows is a *deviation*; where the specification leaves a choice open, what the machine does is a
*choice*. Both are told by a shortest word. A deviation is a prediction of the machine: the binding has not shown it yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.learning.outputs import FULL, UNTOLD, Output, current_of, effects_of, is_certain
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

__all__ = ["Against", "Choice", "Deviation", "against"]

_MOST = 4000
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

    deviations: tuple[Deviation, ...]
    choices: tuple[Choice, ...]
    words: tuple[Inputs, ...]
    """A word for each input at each place: the ways on which all that was seen."""
    cut: bool = False
    """Whether there is more of the product than was gone through, or some of it could not be judged."""


def against(machine: Machine, inputs: Sequence[Step], oracle: Oracle, binding: Binding | None) -> Against:
    """Where a machine over these inputs is not what the oracle allows, and which choices it makes.

    Args:
        machine: its outputs are `Output` values.
        inputs: the steps by their numbers.
        oracle: the oracle of the specification.
        binding: whose machine it is; a binding whose API tells no outcomes gets no callbacks.
    """
    return _Product(machine, inputs, oracle, binding is not None and binding.style == "none").run()


@attrs.frozen(eq=False)
class _Place:
    state: int
    configurations: tuple[Configuration, ...]
    word: Inputs = ()
    waiting: tuple[str, ...] = ()


@attrs.define(eq=False)
class _Product:
    machine: Machine
    inputs: Sequence[Step]
    oracle: Oracle
    untold: bool
    deviations: dict[tuple[str, str, str], Deviation] = attrs.field(factory=dict)
    choices: dict[tuple[str, str], Choice] = attrs.field(factory=dict)
    words: list[Inputs] = attrs.field(factory=list)
    cut: bool = False
    asked: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.asked = registers_asked(self.oracle.model.spec.chart)

    def run(self) -> Against:
        """Goes through the product from where both begin; nothing is judged behind a deviation."""
        start = _Place(0, self.oracle.initial())
        seen, queue = {self._key(start)}, deque([start])
        while queue and len(seen) <= _MOST:
            for place in self._next(queue.popleft()):
                if (key := self._key(place)) not in seen:
                    seen.add(key)
                    queue.append(place)
        cut = self.cut or bool(queue)
        return Against(tuple(self.deviations.values()), tuple(self.choices.values()), tuple(self.words), cut)

    def _key(self, place: _Place) -> Any:
        return place.state, place_of(place.configurations, self.asked), len(place.waiting)

    def _next(self, place: _Place) -> Iterator[_Place]:
        for number, (output, target) in self.machine.rows[place.state].items():
            self.words.append((*place.word, number))
            if output == FULL:
                yield attrs.evolve(place, state=target, word=(*place.word, number))
                continue
            try:
                after = self._step(place, number, output)
            except Undecidable:
                self.cut = True
                continue
            if after is not None:
                yield attrs.evolve(after, state=target)

    def _step(self, place: _Place, number: int, output: Output) -> _Place | None:
        """The place after an input, or None if its output is not allowed."""
        step, word = self.inputs[number], (*place.word, number)
        judged = self._judged(step, f"c{len(word)}")
        waiting = (*place.waiting, judged.call) if isinstance(judged, Call) else place.waiting
        seen = _observation(output, waiting, untold=self.untold)
        branches = self.oracle.branches(place.configurations, judged)
        verdicts = [_compared(self.oracle, branch, judged, seen, output) for branch in branches]
        kept = [(branch, end) for branch, (broken, end) in zip(branches, verdicts, strict=True) if not broken]
        if not kept:
            self._deviates(word, step, min((broken for broken, _ in verdicts), key=len)[0])
            return None
        self._chooses(word, branches, [branch for branch, _ in kept], output)
        answered = {one.call for one in seen.settled} | seen.unheard
        left = tuple(call for call in waiting if call not in answered)
        return _Place(place.state, _distinct([end for _, end in kept]), word, left)

    def _judged(self, step: Step, call: str) -> Call | Happening:
        model = self.oracle.model
        if step.name in model.environment:
            parameters = model.environment[step.name].get("parameters", ())
            return Happening(step.name, dict(zip(parameters, step.arguments, strict=False)))
        given = frozenset[str]() if self.untold else frozenset(step.callbacks)
        return model.call(call, step.name, list(step.arguments), given)

    def _deviates(self, word: Inputs, step: Step, first: Broken) -> None:
        one = Deviation(word, first.requirement, first.kind, first.expected, first.observed)
        self.deviations.setdefault((first.requirement, first.kind, step.name), one)

    def _chooses(self, word: Inputs, branches: Sequence[Branch], kept: Sequence[Branch], output: Output) -> None:
        """Takes note of what is done where branches go apart in the same transition."""
        chosen = _options(kept)
        for transition, options in _options(branches).items():
            requirement, callbacks = transition.requirement, {callback for callback, _ in options}
            targets = {to for _, to in chosen.get(transition, ())}
            if (len(options) > 1 or "either" in callbacks) and len(targets) == 1:
                told = _told(self.oracle.model.table.regions[transition.region].name, targets.pop(), output)
                self.choices.setdefault((transition.id, told), Choice(word, transition.id, requirement, told))


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
    end = attrs.evolve(end, world=_settled(oracle, end.world, parse_json(output.current)))
    return [*broken, *_records_broken(oracle, branch, end.world, output)], end


def _settled(oracle: Oracle, world: World, current: Any) -> World:
    """The world in which what was uncertain of the current record is as it is shown, where that is a single value."""
    if world.current is None or not isinstance(current, dict):
        return world
    record, blank = world.records[world.current], oracle.model.spec.chart["records"][oracle.model.collection]
    single = (field for field, value in blank.items() if not isinstance(value, dict | list))
    return world.with_current(**{field: current.get(field) for field in single if record[field] is UNCERTAIN})


def _records_broken(oracle: Oracle, branch: Branch, world: World, output: Output) -> Iterator[Broken]:
    """What is wrong about the current record, and about the effects where nothing is left open."""
    current = current_of(None if world.current is None else world.records[world.current])
    if current != output.current:
        yield _wrong(oracle, branch, f"the current record is {current}", f"it is {output.current}")
    collection = oracle.model.collection
    before, after = ({collection: list(one.records.values())} for one in (branch.before.world, world))
    effects = effects_of(before, after)
    if is_certain(before) and is_certain(after) and effects != output.effects:
        told = ("; ".join(one) or "nothing reaches the records" for one in (effects, output.effects))
        yield _wrong(oracle, branch, *told)


def _wrong(oracle: Oracle, branch: Branch, expected: str, observed: str) -> Broken:
    requirement = branch.main_requirement if branch.taken else oracle.model.contract["record_changed"]
    return Broken("record_changed", requirement, expected, observed)
