"""Deterministic Mealy machines, given as tables of numbers: minimised, and told apart state by state.

A machine may be partial: where a step has no entry, nothing is claimed, and nothing is told apart by it. The
algorithms are the textbook's: Moore's refinement of partitions, and breadth-first search for shortest sequences.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import attrs

__all__ = ["Inputs", "Machine", "minimised", "prefix_free"]

Inputs = tuple[int, ...]
"""Inputs by their numbers."""

Row = Mapping[int, tuple[Any, int]]
"""What a state answers to each input, and where it goes."""


@attrs.frozen(eq=False, slots=False)
class Machine:
    """A machine that begins in state 0: for each state, its answer and target by input."""

    rows: Sequence[Row]
    inputs: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of states."""
        return len(self.rows)

    def outputs(self, sequence: Inputs) -> list[Any]:
        """The answers to a sequence, as far as the machine has them."""
        state, answers = 0, []
        for one in sequence:
            if one not in self.rows[state]:
                break
            answer, state = self.rows[state][one]
            answers.append(answer)
        return answers

    def reached(self, sequence: Inputs, state: int = 0) -> int | None:
        """The state after a sequence; None if the machine lacks a step of it."""
        for one in sequence:
            if one not in self.rows[state]:
                return None
            state = self.rows[state][one][1]
        return state

    @cached_property
    def access(self) -> tuple[Inputs, ...]:
        """A shortest sequence to each state, in the order of the states: a state cover."""
        found: dict[int, Inputs] = {0: ()}
        queue = deque([0])
        while queue:
            state = queue.popleft()
            for one, (_, target) in self.rows[state].items():
                if target not in found:
                    found[target] = (*found[state], one)
                    queue.append(target)
        return tuple(found[state] for state in range(self.size))

    @cached_property
    def separating(self) -> tuple[Inputs, ...]:
        """Sequences that tell all states apart that can be told apart: a characterisation set."""
        pairs = list(combinations(range(self.size), 2))
        ways = dict.fromkeys(one for pair in pairs for one in self._shortest_difference(*pair))
        told = {one: {pair for pair in pairs if self.separates(one, *pair)} for one in ways}
        left, chosen = set[tuple[int, int]]().union(*told.values()), list[Inputs]()
        while left:
            chosen.append(max(told, key=lambda one: len(told[one] & left) / len(one)))
            left -= told[chosen[-1]]
        return tuple(one for one in chosen if not any(one == other[: len(one)] for other in chosen if other != one))

    def separates(self, sequence: Inputs, one: int, other: int) -> bool:
        """Whether two states answer a sequence in different ways; only as far as both have answers."""
        for letter in sequence:
            if letter not in self.rows[one] or letter not in self.rows[other]:
                return False
            (said, one), (replied, other) = self.rows[one][letter], self.rows[other][letter]
            if said != replied:
                return True
        return False

    @cached_property
    def distinct(self) -> int:
        """How many states there are of which any two are told apart by some sequence: no system has fewer."""
        found: list[int] = []
        for state in range(self.size):
            if all(any(self.separates(one, state, other) for one in self.separating) for other in found):
                found.append(state)
        return len(found)

    def _shortest_difference(self, one: int, other: int) -> list[Inputs]:
        """A shortest sequence that tells two states apart, or none."""
        seen = {(one, other)}
        queue: deque[tuple[int, int, Inputs]] = deque([(one, other, ())])
        while queue:
            left, right, before = queue.popleft()
            for letter in sorted(self.rows[left].keys() & self.rows[right].keys()):
                (said, there), (replied, elsewhere) = self.rows[left][letter], self.rows[right][letter]
                if said != replied:
                    return [(*before, letter)]
                if there != elsewhere and (there, elsewhere) not in seen:
                    seen.add((there, elsewhere))
                    queue.append((there, elsewhere, (*before, letter)))
        return []


def minimised(
    edges: Mapping[Hashable, Mapping[int, tuple[Any, Hashable]]],
    inputs: Sequence[int],
    marks: Mapping[Hashable, Any] | None = None,
) -> Machine:
    """The smallest machine that does the same; the first key is where it begins.

    States that lack different steps stay apart, and those that are marked differently.
    """
    kinds = _numbered({key: (marks or {}).get(key) for key in edges})
    count = 0
    while len(set(kinds.values())) > count:
        count = len(set(kinds.values()))
        kinds = _numbered({key: _mark(kinds, key, row) for key, row in edges.items()})
    rows: dict[int, Row] = {}
    for key, row in edges.items():
        rows.setdefault(kinds[key], {one: (said, kinds[target]) for one, (said, target) in sorted(row.items())})
    return Machine([rows[kind] for kind in range(len(rows))], tuple(inputs))


def _numbered(marks: Mapping[Hashable, Any]) -> dict[Hashable, int]:
    numbers: dict[Any, int] = {}
    return {key: numbers.setdefault(mark, len(numbers)) for key, mark in marks.items()}


def _mark(kinds: Mapping[Hashable, int], key: Hashable, row: Mapping[int, tuple[Any, Hashable]]) -> Any:
    return kinds[key], frozenset((one, said, kinds[target]) for one, (said, target) in row.items())


def prefix_free(sequences: set[Inputs]) -> Iterator[Inputs]:
    """The sequences, in order, without those that another one begins with."""
    begun = {one[:end] for one in sequences for end in range(len(one))}
    return (one for one in sorted(sequences) if one not in begun)
