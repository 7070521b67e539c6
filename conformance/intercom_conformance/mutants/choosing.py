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
    open_ = ((one["id"], _choices(one)) for one in spec.chart["transitions"] if "one_of" in one)
    return tuple((name, choices[min(number, len(choices) - 1)]) for name, choices in open_)


@cache
def covering(spec: Specification) -> tuple[Choices, ...]:
    """Sets of choices in which every two come together, those that bring most that is new first."""
    open_ = {one["id"]: choices for one in spec.chart["transitions"] if len(choices := _choices(one)) > 1}
    rows = _rows([len(choices) for choices in open_.values()])
    return tuple(tuple((name, open_[name][place]) for name, place in zip(open_, row, strict=True)) for row in rows)


def _choices(transition: Mapping[str, Any]) -> list[int]:
    """The ways to behave among which a transition leaves the choice: alternatives, or the kinds of a callback.

    Where success carries anything, the documents do not tell the reference what to give, so that it does not conform.
    """
    if "one_of" in transition:
        return [place for place, one in enumerate(transition["one_of"]) if one.get("value") != {}]
    return [0, 1] if transition.get("callback") == "either" else [0]


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
