"""The machine that the specification is for one binding, as far as is known which choices the binding makes.

The specification leaves choices open, so it is no deterministic machine; a binding that makes its choices is one. Where
the specification leaves nothing open, the binding is taken to do that until it is seen to do otherwise; where it does,
the binding is asked: the step is played there. A *place* is what decides what may come, of the set of
configurations that the oracle holds possible: where the regions stand, who the user is and which other contacts
there are, what waits, and the registers that facts ask about. What else is stored is judged, and is no state.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import attrs

from intercom_conformance.oracle import ABSENT, UNCERTAIN, Branch, Call, Configuration, Happening
from intercom_conformance.player import Crash, Failure, Played, Player
from intercom_conformance.suite.complete.automaton import Inputs, Machine, minimised
from intercom_conformance.suite.complete.course import FULL, Answer, Course, answer_of
from intercom_conformance.suite.complete.projections import Projection
from intercom_conformance.trace import Step

__all__ = ["Choices", "place_of", "registers_asked"]

Place = Hashable
Edge = tuple[Answer, Place]

_MOST = 600
"""Places that are gone through at most."""


@attrs.frozen(eq=False)
class _Possible:
    """What is possible at a place, and the calls without an answer there."""

    configurations: tuple[Configuration, ...]
    waiting: tuple[str, ...] = ()


@attrs.define(eq=False)
class Choices:
    """What a binding is known, or taken, to do in a projection."""

    player: Player
    projection: Projection
    judge: Callable[[Played | Failure | Crash], None]
    asked: tuple[str, ...]
    usable: list[int]
    seen: dict[tuple[Place, int], Edge | None] = attrs.field(factory=dict)
    """What was seen, by place and input; None for what is left out, since it is not allowed or cannot be told."""
    unsteady: set[tuple[Place, int]] = attrs.field(factory=set)
    """Where two answers to the same input were seen at the same place."""
    _possible: dict[Place, _Possible] = attrs.field(factory=dict)
    _taken: dict[tuple[Place, int], Edge | None] = attrs.field(factory=dict)
    _numbers: Iterator[int] = attrs.field(factory=count)

    @classmethod
    def of(cls, player: Player, projection: Projection, judge: Callable[[Played | Failure | Crash], None]) -> Choices:
        """What a binding is taken to do before anything was seen of it; without the inputs that it does not have.

        Whatever is played, `judge` takes note of.
        """
        usable = [number for number, step in enumerate(projection.inputs) if not player.supports(step)]
        return cls(player, projection, judge, registers_asked(player.spec.chart), usable)

    def begin(self) -> Place:
        """Where a freshly installed app is."""
        return self._noted(_Possible(self.player.oracle.initial()))

    def play(self, inputs: Inputs) -> None:
        """Plays inputs until one that is left out, and takes note of what is seen."""
        course = Course(self.player, self.projection)
        outcome = self._follow(course, inputs)
        self.judge(course.finish() if outcome is None else outcome)

    def _follow(self, course: Course, inputs: Inputs) -> Failure | Crash | None:
        place = self.begin()
        for number in inputs:
            if number not in self.usable or self.seen.get((place, number), ()) is None:
                return None
            answer, outcome = course.play(number)
            if answer is None:
                self._leave_out(place, number, everywhere=isinstance(outcome, Crash) or course.game.unwritable)
                return outcome
            place = self._note(place, number, answer, course)
        return None

    def _note(self, place: Place, number: int, answer: Answer, course: Course) -> Place:
        target = self._noted(_Possible(course.game.configurations, course.waiting))
        if self.seen.setdefault((place, number), (answer, target)) != (answer, target):
            self.unsteady.add((place, number))
        return target

    def _leave_out(self, place: Place, number: int, *, everywhere: bool) -> None:
        self.seen[place, number] = None
        if everywhere:
            self.usable.remove(number)

    @property
    def left_out(self) -> int:
        """How many steps are left out, of those that were tried."""
        return sum(edge is None for edge in self.seen.values())

    def beyond(self) -> tuple[frozenset[str], frozenset[str]]:
        """What lies behind the steps that are left out, by the specification: states of regions, and transitions."""
        states, transitions = set[str](), set[str]()
        queue = deque((self._possible[place].configurations, number) for place, number in self._left_out())
        known = set(self._possible)
        for _ in range(_MOST):
            if not queue:
                break
            configurations, number = queue.popleft()
            branches = self._branches(configurations, number)
            transitions.update(one.id for branch in branches for one, _ in branch.taken)
            for branch in branches:
                states.update(self._named_states(branch.end))
                key = frozenset([_key(branch.end, self.asked)]), 0
                if key not in known and not branch.end.queue:
                    known.add(key)
                    queue.extend(((branch.end,), further) for further in self.usable)
        return frozenset(states), frozenset(transitions)

    def _left_out(self) -> Iterator[tuple[Place, int]]:
        return (step for step, edge in self.seen.items() if edge is None)

    def _branches(self, configurations: Sequence[Configuration], number: int) -> list[Branch]:
        call = f"beyond-{next(self._numbers)}"
        return self.player.oracle.branches(configurations, self._judged(self.projection.inputs[number], call))

    def _named_states(self, one: Configuration) -> Iterator[str]:
        regions = self.player.oracle.model.table.regions
        return (f"{region.name}: {one.states[region.position]}" for region in regions)

    def machine(self) -> Machine | None:
        """The machine of all that, for which the binding may be asked; None if it does not come to an end."""
        edges: dict[Place, dict[int, Edge]] = {self.begin(): {}}
        queue: deque[tuple[Place, Inputs]] = deque((place, ()) for place in edges)
        while queue:
            place, access = queue.popleft()
            for number in list(self.usable):
                edge = self._edge(place, access, number)
                if edge is None:
                    continue
                edges[place][number] = edge
                if edge[1] not in edges:
                    edges[edge[1]] = {}
                    queue.append((edge[1], (*access, number)))
            if len(edges) > _MOST:
                return None
        return minimised(edges, self.usable, {place: self._stands(place) for place in edges})

    def _edge(self, place: Place, access: Inputs, number: int) -> Edge | None:
        """What an input does at a place: as was seen, as the specification has it, or as the binding says now."""
        if (place, number) not in self.seen:
            edge = self._guess(place, number)
            if edge is not None:
                return edge
            self.play((*access, number))
        return self.seen.get((place, number))

    def _stands(self, place: Place) -> frozenset[tuple[str, ...]]:
        return frozenset(one.states for one in self._possible[place].configurations)

    def _noted(self, possible: _Possible) -> Place:
        key = place_of(possible.configurations, self.asked), len(possible.waiting)
        self._possible.setdefault(key, possible)
        return key

    # What is taken for granted until it is seen --------------------------------------------------------------

    def _guess(self, place: Place, number: int) -> Edge | None:
        if (place, number) not in self._taken:
            self._taken[place, number] = self._certain(place, self.projection.inputs[number])
        return self._taken[place, number]

    def _certain(self, place: Place, step: Step) -> Edge | None:
        """The only thing that the specification allows a step to do, or None if that is open."""
        at = self._possible[place]
        happens = step.name in self.player.oracle.model.environment
        if not happens and len(at.waiting) >= self.projection.outstanding:
            return FULL, place
        call = f"taken-{next(self._numbers)}"
        waiting = at.waiting if happens else (*at.waiting, call)
        branches = self.player.oracle.branches(at.configurations, self._judged(step, call))
        answers = {self._answer(branch, waiting) for branch in branches}
        if len(answers) > 1 or any(_is_open(branch, self.asked) for branch in branches):
            return None
        settled = {one.call for one in branches[0].owed}
        left = tuple(one for one in waiting if one not in settled)
        return answers.pop(), self._noted(_Possible(tuple(branch.end for branch in branches), left))

    def _judged(self, step: Step, call: str) -> Call | Happening:
        return self.player.oracle.model.step(call, step.name, step.arguments, self.player.given(step))

    def _answer(self, branch: Branch, waiting: Sequence[str]) -> Answer:
        owed = [(one.call, one.callback) for one in branch.owed]
        regions = self.player.oracle.model.table.regions
        shown = {one.name: branch.end.states[one.position] for one in regions if one.visibility == "shown"}
        return answer_of(owed, waiting, shown if self._shows() else ABSENT, False)

    def _shows(self) -> bool:
        binding = self.player.binding
        return binding is not None and (binding.kind == "wrapper" or "snapshot" in binding.capabilities)


# What a place is ------------------------------------------------------------------------------------------


def registers_asked(chart: Mapping[str, Any]) -> tuple[str, ...]:
    """The registers that some fact asks about: what they hold decides what may come."""
    found = {name for fact in chart.get("facts", {}).values() for name in _registers(fact)}
    return tuple(name for name in chart["registers"] if name in found)


def _registers(document: Any) -> Iterator[str]:
    if isinstance(document, Mapping):
        for part in document.values():
            yield from _registers(part)
    elif isinstance(document, list):
        if len(document) > 1 and document[0] == "register":
            yield str(document[1])
        for part in document:
            yield from _registers(part)


def _is_open(branch: Branch, asked: Sequence[str]) -> bool:
    """Whether a branch leaves open which callback runs, or something that decides what may come."""
    world = branch.end.world
    values = [value for record in world.records.values() for value in record.values()]
    registers = [world.registers[name] for name in asked]
    either = any(one.callback == "either" for one in branch.owed)
    return either or any(value is UNCERTAIN for value in (*values, *registers))


def place_of(configurations: Iterable[Configuration], asked: Sequence[str]) -> Hashable:
    """What decides what may come, of a set of configurations; `asked` are the registers that facts ask about."""
    return frozenset(_key(one, asked) for one in configurations)


def _key(one: Configuration, asked: Sequence[str]) -> Hashable:
    world = one.world
    current = None if world.current is None else _scalars(world.records[world.current])
    kept = tuple(sorted(map(_scalars, world.records.values())))
    registers = tuple(repr(world.registers[name]) for name in asked)
    queue = tuple((_named(waiting), waiting.spent) for waiting in one.queue)
    return one.states, current, kept, registers, queue, one.remembered and _named(one.remembered), len(one.free)


def _named(waiting: Any) -> Hashable:
    return waiting.source.method.name, repr(waiting.source.arguments)


def _scalars(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key, repr(value)) for key, value in sorted(record.items()) if not isinstance(value, dict | list))
