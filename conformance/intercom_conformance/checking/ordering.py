"""Puts the lines of one session in order, by their numbers or their times, as far as a window reaches.

A line with the number that is due goes on at once. One that is too early is held until the ones before it have come, or
until more than a window of lines is held: then what is missing is a *gap*. A line that comes after its turn is *late*,
one that has come before is a *duplicate*; neither is judged, and both are told.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from intercom_conformance.checking.lines import Line

__all__ = ["BY_NUMBER", "BY_TIME", "Held", "Order"]

BY_NUMBER, BY_TIME = -1, -2
"""What stands for the number of the next line while there is none yet: numbers count, or times do."""

_GAPS = 16
"""Gaps of a session that are remembered, so that what fills one later is late and no duplicate."""


class Held(NamedTuple):
    """A line that waits for its turn, and where it stands."""

    key: float
    source: int
    number: int
    line: Line


class Order:
    """The order of one session whose lines do not simply follow one another."""

    __slots__ = ("held", "latest", "missing", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.missing: list[tuple[float, float]] = []
        self.held: list[Held] = []
        self.latest: float | None = None

    def numbered(self, following: int, held: Held) -> Iterator[tuple[str, Held]]:
        """What may go on now that a numbered line came: each with ``next``, ``gap``, ``late`` or ``duplicate``."""
        number = int(held.key)
        if any(one.key == number for one in self.held):
            yield "duplicate", held
            return
        if 0 <= number < following:
            yield ("late" if self._missed(number) else "duplicate"), held
            return
        heapq.heappush(self.held, held)
        yield from self._numbers(following, self.window)

    def _numbers(self, following: int, window: int) -> Iterator[tuple[str, Held]]:
        while self.held and (len(self.held) > window or self.held[0].key == following or self._begins(following)):
            one = heapq.heappop(self.held)
            kind = "next" if one.key == following or one.key <= 1 else "gap"
            if kind == "gap":
                self.missing = [*self.missing[-_GAPS:], (following, one.key)]
            yield ("begins later" if kind == "gap" and following < 0 else kind), one
            following = int(one.key) + 1

    def _missed(self, number: float) -> bool:
        return any(start <= number < end for start, end in self.missing)

    def _begins(self, following: int) -> bool:
        return following < 0 and self.held[0].key <= 1

    def timed(self, held: Held) -> Iterator[tuple[str, Held]]:
        """What may go on now that a line with a time came."""
        if any(one.key == held.key and one.line == held.line for one in self.held):
            yield "duplicate", held
        elif self.latest is not None and held.key < self.latest:
            yield "late", held
        else:
            heapq.heappush(self.held, held)
            if len(self.held) > self.window:
                one = heapq.heappop(self.held)
                self.latest = one.key
                yield "next", one

    def rest(self, following: int) -> Iterator[tuple[str, Held]]:
        """What is still held when nothing more comes."""
        if following == BY_TIME:
            while self.held:
                yield "next", heapq.heappop(self.held)
        else:
            yield from self._numbers(following, 0)


def when(time: float | str) -> float:
    """A time as a number: numbers as they are, text as RFC 3339.

    Raises:
        ValueError: the text is no time.
    """
    if isinstance(time, int | float):
        return float(time)
    return datetime.fromisoformat(time).timestamp()
