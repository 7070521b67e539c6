"""The binding as a system under learning: words of inputs in, outputs out, each word from a reset.

Answers are kept in a tree of prefixes, so that a word is only played as far as it is new; what is played again on
the way there must answer as it did. Each word that is played is judged by the oracle as every trace is, and goes on
after a fault, since what a binding does then belongs to its machine too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from intercom_conformance.drivers.protocol import DriverError, Refused
from intercom_conformance.learning.outputs import DOWN, FULL, Output, Records, output_of, records_of
from intercom_conformance.oracle import Observation
from intercom_conformance.player import Crash, Failure, Game, Played, Player
from intercom_conformance.suite.complete.automaton import Inputs, Machine
from intercom_conformance.suite.complete.projections import Projection
from intercom_conformance.suite.session import verdict_of_crash
from intercom_conformance.trace import Step

__all__ = ["Budget", "Exhausted", "LeftOut", "NotDeterministic", "Outcome", "Subject", "Word", "steps_of"]

Outcome: TypeAlias = Played | Failure | Crash

_HANGS, _FALLS = 3, 20
"""How often an input may hang, or bring the binding down otherwise, before it is asked no more: it takes long."""

_HANG = "timed out"


@attrs.frozen
class Exhausted(Exception):
    """A bound is reached, which `option` moves; what is known until then may be less than there is."""

    bound: str
    option: str


@attrs.frozen
class LeftOut(Exception):
    """An input that is asked no more, and why."""

    number: int
    why: str


@attrs.frozen
class NotDeterministic(Exception):
    """A word after which the same was asked and two things were answered: no machine does that."""

    word: Inputs
    one: Output
    other: Output


@attrs.define
class Budget:
    """How much may be asked: steps of the binding, and a time by the monotonic clock; it counts the steps."""

    steps: int
    until: float
    spent: int = 0

    def take(self) -> None:
        """Takes one step; `Exhausted` if there is none left."""
        if self.spent >= self.steps:
            raise Exhausted(f"{self.steps:,} steps", "--max-steps")
        self.look_at_the_clock()
        self.spent += 1

    def look_at_the_clock(self) -> None:
        """`Exhausted` if the time is over."""
        if self.is_over:
            raise Exhausted("its time", "--seconds")

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return time.monotonic() >= self.until


@attrs.define(eq=False)
class _Node:
    output: Output
    children: dict[int, _Node] = attrs.field(factory=dict)


@attrs.define(eq=False)
class Word:
    """One word being played on a freshly installed app."""

    player: Player
    projection: Projection
    game: Game = attrs.field(init=False)
    outcome: Failure | Crash | None = None
    """How the word came to be judged no further, if it did."""
    _unanswered: tuple[str, ...] = ()
    _overdue: int = 0
    _records: Records = attrs.field(factory=dict)
    _steps: int = 0
    down: bool = False

    def __attrs_post_init__(self) -> None:
        self.game = self.player.begin()

    def play(self, number: int) -> Output:
        """The output to one more input.

        Raises:
            LeftOut: no app can write this input.
        """
        step = self.projection.inputs[number]
        call = step.name not in self.player.spec.chart["environment"]
        if call and len(self._unanswered) - self._overdue >= self.projection.outstanding:
            return FULL
        seen = self._seen(step, number)
        if isinstance(seen, DriverError):
            self.down = True
            return Output(ended=verdict_of_crash(seen))
        if call:
            self._unanswered = (*self._unanswered, step.named(self._steps - 1))
        output = output_of(seen, self._unanswered, self._records)
        self._take(seen, call)
        return output

    def _seen(self, step: Step, number: int) -> Observation | DriverError:
        """What is seen of a step: judged, until there is a fault."""
        position, self._steps = self._steps, self._steps + 1
        if self.outcome is None and not self.game.undecided:
            self.outcome = self.game.play(step)
            if self.game.unwritable:
                raise LeftOut(number, "no app can write it in the binding's API")
            return self.outcome.error if isinstance(self.outcome, Crash) else self.game.seen[-1].observation
        try:
            return self.player.perform(step, step.named(position))
        except DriverError as error:
            if isinstance(error, Refused) and error.unwritable:
                raise LeftOut(number, "no app can write it in the binding's API") from None
            return error

    def _take(self, seen: Observation, call: bool) -> None:
        """Takes note of which calls still wait; one whose callback is missing by the rules does not."""
        answered = {one.call for one in seen.settled} | seen.unheard
        missing = call and isinstance(self.outcome, Failure) and self._unanswered[-1] not in answered
        self._unanswered = tuple(one for one in self._unanswered if one not in answered)
        self._overdue = min(self._overdue + missing, len(self._unanswered))
        self._records = records_of(seen.snapshot) or self._records

    def finish(self) -> Outcome:
        """How the word ends, as the oracle judges it; a binding that is down is started anew."""
        outcome = self.outcome or self.game.finish()
        if self.down or isinstance(outcome, Crash):
            self.player.start()
        return outcome


@attrs.define(eq=False)
class Subject:
    """A binding, asked word by word, within a budget.

    Args:
        player: plays with the binding.
        projection: the part of the specification whose inputs are asked.
        budget: how much may be asked.
        note: takes note of how each word ended that was played.
    """

    player: Player
    projection: Projection
    budget: Budget
    note: Callable[[Outcome], None]
    usable: list[int] = attrs.field(factory=list)
    left_out: dict[int, str] = attrs.field(factory=dict)
    words: int = 0
    _root: _Node = attrs.field(factory=lambda: _Node(Output()))
    _node: _Node = attrs.field(init=False)
    _asked: Inputs = ()
    _word: Word | None = None
    _falls: dict[tuple[int, str], int] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._node = self._root
        for number, step in enumerate(self.projection.inputs):
            lacking = self.player.supports(step)
            if lacking:
                self.left_out[number] = f"needs {', '.join(sorted(lacking))}"
        self.usable = [number for number in range(len(self.projection.inputs)) if number not in self.left_out]

    def leave_out(self, one: LeftOut) -> None:
        """Asks an input no more."""
        self.left_out[one.number] = one.why
        self.usable.remove(one.number)

    def ask(self, word: Inputs) -> list[Output]:
        """The outputs to a word, from a reset."""
        self.begin()
        try:
            return [self.step(number) for number in word]
        finally:
            self.end()

    def answered(self, word: Inputs, machine: Machine) -> bool:
        """Whether a word was played, and answered as a machine has it."""
        outputs, node = machine.outputs(word), self._root
        for number, output in zip(word, outputs, strict=True):
            if number not in node.children or node.children[number].output != output:
                return False
            node = node.children[number]
        return True

    def begin(self) -> None:
        """Begins a word; nothing is played before something new is asked.

        Raises:
            Exhausted: the time is over; what is known already takes time, too.
        """
        self.budget.look_at_the_clock()
        self._node, self._asked = self._root, ()

    def step(self, number: int) -> Output:
        """The output to one more input of the word.

        Raises:
            Exhausted, LeftOut, NotDeterministic: there is no output, and the word is over.
        """
        known = self._node.children.get(number)
        if self._node.output.ended not in ("", FULL.ended):
            known = self._node.children.setdefault(number, _Node(DOWN))
        if known is None or (self._word is not None and not self._word.down):
            known = self._played(number)
        self._node, self._asked = known, (*self._asked, number)
        return known.output

    def _played(self, number: int) -> _Node:
        """The node after an input, which is played, behind what stands before it if that was not played yet."""
        try:
            if self._word is None:
                self._word, node = Word(self.player, self.projection), self._root
                for before in self._asked:
                    node = self._compared(node, before)
            return self._compared(self._node, number)
        except (Exhausted, LeftOut, NotDeterministic):
            self.end()
            raise
        except BaseException:
            self._word = None
            raise

    def _compared(self, node: _Node, number: int) -> _Node:
        assert self._word is not None
        self.budget.take()
        output = self._word.play(number)
        known = node.children.setdefault(number, _Node(output))
        if known.output != output:
            raise NotDeterministic(self._path(node, number), known.output, output)
        if self._word.down:
            self._fell(number, output.ended)
        return known

    def _path(self, node: _Node, number: int) -> Inputs:
        """The word to a node of the one being asked, and an input."""
        at, path = self._root, list[int]()
        for one in self._asked:
            if at is node:
                break
            at = at.children[one]
            path.append(one)
        return (*path, number)

    def _fell(self, number: int, how: str) -> None:
        """Counts how often an input brought the binding down, and asks it no more if that takes too long."""
        self._falls[number, how] = self._falls.get((number, how), 0) + 1
        if self._falls[number, how] >= (_HANGS if how == _HANG else _FALLS):
            raise LeftOut(number, f"{how} {self._falls[number, how]} times")

    def end(self) -> None:
        """Ends the word, and takes note of how it ended if it was played."""
        word, self._word = self._word, None
        if word is not None:
            self.words += 1
            self.note(word.finish())


def steps_of(projection: Projection, word: Sequence[int]) -> tuple[Step, ...]:
    """The steps that a word stands for."""
    return tuple(projection.inputs[number] for number in word)
