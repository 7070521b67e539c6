"""The Wp-method of AALpy, against which ours is held, and by which table and reference are held equal."""

from __future__ import annotations

from itertools import chain

from aalpy.automata import MealyMachine
from aalpy.oracles.WpMethodEqOracle import first_phase_it, second_phase_it

__all__ = ["library_suite"]


def library_suite(specified: MealyMachine, bound: int) -> list[tuple[int, ...]]:
    """The input sequences of the Wp-method for systems of at most `bound` states, without prefixes of others.

    Raises:
        ValueError: the bound is below the number of states, where the method would give nothing to try.
    """
    if bound < specified.size:
        raise ValueError(f"a system of {bound} states cannot equal a machine of {specified.size}; raise the bound")
    letters = specified.get_input_alphabet()
    specified.compute_prefixes()
    specified.characterization_set = specified.compute_characterization_set()
    cover = {state.prefix for state in specified.states}
    further = {(*prefix, letter) for prefix in cover for letter in letters} - cover
    depth = bound + 1 - specified.size
    first = first_phase_it(letters, cover, depth, specified.characterization_set)
    tests = set(chain(first, second_phase_it(specified, letters, further, depth)))
    return sorted(tests - {test[:end] for test in tests for end in range(len(test))})
