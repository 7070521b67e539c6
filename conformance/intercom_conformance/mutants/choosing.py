"""The choices that the implementations make in which mutants are hunted, beside the usual ones.

What a change does may show only where two choices come together: one that leads to it, and one that makes it matter.
So there are so many implementations that every two choices are made together by one of them (a covering array of
strength two, made greedily).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any

from intercom_conformance.specification import Specification

__all__ = ["Choices", "covering", "nth_choices"]

Choices = tuple[tuple[str, int], ...]
"""Alternatives by transition."""

_Pair = tuple[tuple[int, int], tuple[int, int]]
"""Two choices, each as the place of a transition and that of its alternative."""


def nth_choices(spec: Specification, number: int) -> Choices:
    """For each transition that leaves a choice between alternatives, the one of that number, or the last one."""
    counted = ((one["id"], len(one["one_of"])) for one in spec.chart["transitions"] if "one_of" in one)
    return tuple((name, min(number, count - 1)) for name, count in counted)


@cache
def covering(spec: Specification) -> tuple[Choices, ...]:
    """Sets of choices in which every two come together, those that bring most that is new first."""
    counts = {one["id"]: count for one in spec.chart["transitions"] if (count := _count(one)) > 1}
    return tuple(tuple(zip(counts, row, strict=True)) for row in _rows(list(counts.values())))


def _count(transition: Mapping[str, Any]) -> int:
    """The ways to behave among which a transition leaves the choice: alternatives, or the kinds of a callback."""
    return len(transition["one_of"]) if "one_of" in transition else 2 if transition.get("callback") == "either" else 1


def _rows(counts: Sequence[int]) -> Iterator[list[int]]:
    singles = [(place, choice) for place, count in enumerate(counts) for choice in range(count)]
    left: set[_Pair] = {(one, other) for one, other in combinations(singles, 2) if one[0] != other[0]}
    while left:
        row = _row(counts, left)
        left -= set(combinations(enumerate(row), 2))
        yield row


def _row(counts: Sequence[int], left: set[_Pair]) -> list[int]:
    """Choices one after another, each the one with most pairs that are left: with those before it, then with others."""
    row: list[int] = []
    for place, count in enumerate(counts):
        new = [sum((one, (place, choice)) in left for one in enumerate(row)) for choice in range(count)]
        more = [sum(one == (place, choice) for one, _ in left) for choice in range(count)]
        row.append(max(range(count), key=lambda choice: (new[choice], more[choice], -choice)))
    return row
