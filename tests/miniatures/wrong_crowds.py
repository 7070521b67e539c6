"""Mistakes that show only with more calls in flight than anybody goes through one by one; all else is right.

Up to three calls at a time, in every order, are right: it takes random walks that keep answers back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from intercom_reference.hosting import MISSING
from miniatures.wrong_overlaps import LOGINS
from miniatures.wrong_sdks import Callback
from miniatures.wrong_wrappers import FaithfulWrapper, OneAtATime, give


class CrowdTakenInTurn(FaithfulWrapper):
    """As long as three calls are in flight each has its answer; of more, the answers are taken in turn."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        oldest = next(iter(self.waiting))
        if len(self.waiting) > 3:
            self.waiting[ticket], self.waiting[oldest] = self.waiting[oldest], self.waiting[ticket]
        super().answer(ticket, value, error)


class CrowdAnsweredByAny(FaithfulWrapper):
    """Once four calls are in flight, the first success is taken for that of the call which was made first."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        oldest = next(iter(self.waiting))
        if len(self.waiting) > 3 and error is None and oldest != ticket:
            name, told, _ = self.waiting[oldest]
            self.waiting[oldest] = (name, None, None)
            give(told)
        super().answer(ticket, value, error)


class SecondLoginAnswersFirst(FaithfulWrapper):
    """With two logins and two other calls in flight, the answer to the second login is given to the first one."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        logins = [one for one, (method, _, _) in self.waiting.items() if method in LOGINS]
        if len(logins) > 1 and len(self.waiting) - len(logins) > 1 and ticket == logins[1]:
            first, second = logins[:2]
            self.waiting[first], self.waiting[second] = self.waiting[second], self.waiting[first]
        super().answer(ticket, value, error)


class ThirdTakesFirst(FaithfulWrapper):
    """A method has two places for its calls: a third one in flight changes places with the first."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        method = self.waiting[ticket][0]
        alike = [one for one, (name, _, _) in self.waiting.items() if name == method]
        if method not in LOGINS and len(alike) > 2 and ticket == alike[2]:
            self.waiting[alike[0]], self.waiting[ticket] = self.waiting[ticket], self.waiting[alike[0]]
        super().answer(ticket, value, error)


class LastOfManyGoesFirst(OneAtATime):
    """Two calls wait for their turn in order; of more, the last one goes first."""

    def next(self) -> tuple[str, Sequence[Any], Callback, Callback]:
        return self.queue.pop(-1 if len(self.queue) > 2 else 0)


__all__ = sorted(
    name
    for name, value in globals().items()
    if isinstance(value, type) and issubclass(value, FaithfulWrapper) and value.__module__ == __name__
)
