"""Complete test suites for a Mealy machine: the Wp-method and the HSI-method.

For a machine of n states, a suite for n+N passes nothing but what answers as the machine does, or has more than n+N
states. Both methods go to every state, from there along every sequence of N+1 inputs, and then ask where they are; the
Wp-method asks with the whole characterisation set on shorter ways (Fujiwara and others, 1991), the HSI-method
with harmonised state identifiers everywhere (Petrenko and others, 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import attrs

from intercom_conformance.suite.complete.automaton import Inputs, Machine, prefix_free
from intercom_reference.errors import KitError

__all__ = ["METHODS", "BoundTooLow", "hsi_suite", "wp_suite"]


@attrs.frozen(str=False)
class BoundTooLow(KitError):
    """A suite was asked for that would try nothing: the bound on states, and how many the specification has."""

    bound: int
    size: int

    def __str__(self) -> str:
        return (
            f"a system of at most {self.bound} states cannot do what a machine of {self.size} states does, "
            f"and nothing would be tested; ask for a bound of {self.size} or more"
        )


def wp_suite(machine: Machine, bound: int) -> tuple[Inputs, ...]:
    """The Wp-method's suite for systems of at most `bound` states.

    Raises:
        BoundTooLow: the machine itself has more states that differ.
    """
    identifiers = [_identifier(machine, state) for state in range(machine.size)]
    tests = set[Inputs]()
    for way in _ways(machine, range(_extra(machine, bound) + 1)):
        tests |= {(*way, *asked) for asked in machine.separating or ((),)}
    for way in _ways(machine, [_extra(machine, bound) + 1]):
        tests |= _asked(machine, way, identifiers)
    return tuple(prefix_free(tests))


def hsi_suite(machine: Machine, bound: int) -> tuple[Inputs, ...]:
    """The HSI-method's suite for systems of at most `bound` states.

    Raises:
        BoundTooLow: the machine itself has more states that differ.
    """
    identifiers = [_harmonised(machine, state) for state in range(machine.size)]
    tests = set[Inputs]()
    for way in _ways(machine, range(_extra(machine, bound) + 2)):
        tests |= _asked(machine, way, identifiers)
    return tuple(prefix_free(tests))


METHODS: Mapping[str, Callable[[Machine, int], tuple[Inputs, ...]]] = {"wp": wp_suite, "hsi": hsi_suite}
"""The methods by the names that a user gives."""


def _extra(machine: Machine, bound: int) -> int:
    if bound < machine.distinct:
        raise BoundTooLow(bound, machine.distinct)
    return bound - machine.distinct


def _ways(machine: Machine, lengths: Sequence[int]) -> Iterator[Inputs]:
    """From each state along every sequence of these lengths that the machine has."""
    for access in machine.access:
        for length in lengths:
            for further in product(machine.inputs, repeat=length):
                if machine.reached((*access, *further)) is not None:
                    yield *access, *further


def _asked(machine: Machine, way: Inputs, identifiers: Sequence[Sequence[Inputs]]) -> set[Inputs]:
    state = machine.reached(way)
    assert state is not None
    return {(*way, *asked) for asked in identifiers[state] or ((),)}


def _identifier(machine: Machine, state: int) -> list[Inputs]:
    """Few beginnings of separating sequences that still tell a state from all others."""
    left, chosen = {other for other in range(machine.size) if other != state}, list[Inputs]()
    while left:
        told = {one: {other for other in left if machine.separates(one, state, other)} for one in machine.separating}
        best = max(machine.separating, key=lambda one: len(told[one]), default=())
        if not told.get(best):
            break
        chosen.append(next(one for one in _prefixes(best) if all(machine.separates(one, state, o) for o in told[best])))
        left -= told[best]
    return chosen


def _prefixes(sequence: Inputs) -> Iterator[Inputs]:
    return (sequence[:end] for end in range(1, len(sequence) + 1))


def _harmonised(machine: Machine, state: int) -> list[Inputs]:
    """For each other state the first separating sequence that tells the two apart: both are asked the same."""
    found: dict[Inputs, None] = {}
    for other in range(machine.size):
        telling = (one for one in machine.separating if machine.separates(one, state, other))
        found.update(dict.fromkeys([*telling][:1]))
    return list(found)
