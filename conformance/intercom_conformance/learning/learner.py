"""Learns a binding's own Mealy machine with AALpy: the algorithm of Kearns and Vazirani, and random Wp-tests.

Needs the extra `learn`. Every bound that is reached is told: the machine is then the last one that no test had
contradicted yet, and the binding may have more states.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
from aalpy.automata import MealyMachine
from aalpy.base import SUL
from aalpy.learning_algs import run_KV
from aalpy.learning_algs.deterministic.ClassificationTree import ClassificationTree
from aalpy.oracles import RandomWpMethodEqOracle

from intercom_conformance.learning.outputs import Output
from intercom_conformance.learning.subject import Exhausted, LeftOut, NotDeterministic, Subject
from intercom_conformance.suite.complete.automaton import Inputs, Machine

__all__ = ["Learned", "Plan", "learn"]

# The packages have classes and functions of the same names as these modules.
KV = sys.modules[run_KV.__module__]
WpMethodEqOracle = sys.modules[RandomWpMethodEqOracle.__module__]

_WALK = 6
"""How long the random middle of a test is on average."""


@attrs.frozen
class Plan:
    """How a machine is learned: random tests of the last hypothesis, the most states, where chance begins."""

    tests: int = 1000
    states: int = 200
    seed: int = 0


@attrs.frozen(eq=False)
class Learned:
    """A machine over the numbers of a projection's inputs; None if not even one state was learned.

    `cut` is the bound that cut the learning short; `least` is how many states were told apart by then, which may be
    more than the machine has. `unsteady` is a word that was answered in two ways.
    """

    machine: Machine | None
    cut: Exhausted | None = None
    least: int = 0
    unsteady: NotDeterministic | None = None


def learn(
    subject: Subject,
    plan: Plan,
    further: Callable[[Machine], Iterable[Inputs]] = lambda machine: (),
    told: Callable[[int], None] = lambda states: None,
) -> Learned:
    """The machine of a subject.

    Args:
        subject: the binding, asked word by word.
        plan: how it is learned.
        further: the words that a hypothesis is tested by before anything random is tried.
        told: hears how many states are told apart, each time that there are more.

    Raises:
        DriverError: the binding went down and cannot be started again.
    """
    while subject.usable:
        notes = _Notes(list(subject.usable), told)
        try:
            _learn(subject, plan, notes, further)
            return Learned(notes.machine)
        except LeftOut as one:
            subject.leave_out(one)
        except Exhausted as reached:
            return Learned(notes.machine, reached, len(notes.leaves))
        except NotDeterministic as found:
            return Learned(notes.machine, unsteady=found)
    return Learned(None)


@attrs.define(eq=False)
class _Notes:
    """What is known while it is learned: the latest hypothesis, and the leaves of the classification tree."""

    inputs: list[int]
    told: Callable[[int], None]
    machine: Machine | None = None
    leaves: dict[Any, Any] = attrs.field(factory=dict)

    def take(self, hypothesis: Any) -> Machine:
        """Takes note of a hypothesis, which is then the latest."""
        self.machine = _table(hypothesis, self.inputs)
        return self.machine


def _learn(subject: Subject, plan: Plan, notes: _Notes, further: Callable[[Machine], Iterable[Inputs]]) -> None:
    class Tests(RandomWpMethodEqOracle):  # type: ignore[misc]
        """The further tests, and then random ones."""

        def find_cex(self, hypothesis: Any) -> Inputs | None:
            words = further(notes.take(hypothesis))
            return _wrong(subject, hypothesis, words) or super().find_cex(hypothesis)

    class Tree(ClassificationTree):  # type: ignore[misc]
        """A bounded classification tree; each of its hypotheses is taken note of."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.leaf_nodes: Any = _Leaves(dict(self.leaf_nodes), plan.states, notes.told)
            notes.leaves = self.leaf_nodes

        def update_hypothesis(self) -> Any:
            hypothesis = super().update_hypothesis()
            notes.take(hypothesis)
            return hypothesis

    asked = _Asked(subject)
    tests = Tests(list(subject.usable), asked, min_length=1, expected_length=_WALK, num_tests=plan.tests)
    # A binding in this process may use, or seed, the chance of all: AALpy's tests get one of their own.
    chance = random.Random(plan.seed)
    with _instead(WpMethodEqOracle, "random", chance), _instead(KV, "ClassificationTree", Tree):
        run_KV(list(subject.usable), asked, tests, "mealy", cache_and_non_det_check=False, print_level=0)


def _wrong(subject: Subject, hypothesis: Any, words: Iterable[Inputs]) -> Inputs | None:
    """The first of some words that is not answered as a hypothesis has it, until there."""
    for word in words:
        expected = hypothesis.execute_sequence(hypothesis.initial_state, word)
        answered = subject.ask(word)
        for end, (one, other) in enumerate(zip(expected, answered, strict=True), 1):
            if one != other:
                return word[:end]
    return None


class _Leaves(dict[Any, Any]):
    """The leaves of a tree, each a state: one alone may bring about others without end."""

    def __init__(self, leaves: Mapping[Any, Any], most: int, told: Callable[[int], None]) -> None:
        super().__init__(leaves)
        self._most, self._told = most, told
        told(len(self))

    def __setitem__(self, word: Any, leaf: Any) -> None:
        if len(self) >= self._most:
            raise Exhausted(f"{self._most:,} states", "--max-states")
        super().__setitem__(word, leaf)
        self._told(len(self))


class _Asked(SUL):  # type: ignore[misc]
    """A subject as AALpy asks it."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self._subject = subject

    def pre(self) -> None:
        self._subject.begin()

    def post(self) -> None:
        self._subject.end()

    def step(self, letter: int) -> Output:
        return self._subject.step(letter)


@contextmanager
def _instead(module: Any, name: str, value: Any) -> Iterator[None]:
    """Puts something in the place of what a module has under a name, for a while."""
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, kept)


def _table(hypothesis: MealyMachine, inputs: list[int]) -> Machine:
    """The hypothesis as a table, its states numbered as they are first reached."""
    numbers, rows = {hypothesis.initial_state: 0}, []
    for state in (queue := [hypothesis.initial_state]):
        for one in inputs:
            target = state.transitions[one]
            if target not in numbers:
                numbers[target] = len(numbers)
                queue.append(target)
        rows.append({one: (state.output_fun[one], numbers[state.transitions[one]]) for one in inputs})
    return Machine(rows, tuple(inputs))
