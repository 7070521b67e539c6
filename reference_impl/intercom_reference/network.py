"""Time, and the calls that wait for an answer of the network.

Time is virtual: it stands still until somebody advances the `Clock`. Calls that wait are tried again on a
schedule (`Retries`), 1, 2 and 4 seconds after one another, of which the third is the `last`; what waits
even then, because answers are held back, is looked after once an hour. `Waiting` holds the calls in their
order, and a login that failed and is tried again before anything else. `Call` is a call of the API with all
that is known of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from intercom_reference.model import Method

__all__ = ["BACKOFF", "HOUR", "Call", "Clock", "Retries", "Waiting"]

BACKOFF = (1.0, 2.0, 4.0)
"""Seconds from one try of a call to the next."""
HOUR = 3600.0

Callback = Callable[..., object]


@attrs.define
class Clock:
    """A clock that moves when it is told to: `now` in seconds."""

    now: float = 0.0

    def move_to(self, now: float) -> None:
        """Sets the time, which never goes backwards."""
        self.now = max(self.now, now)


@attrs.frozen(eq=False)
class Call:
    """A call of the API.

    `arguments` are plain JSON under the guide's main spellings, by Python names; `invalid` names the
    parameters whose values are not valid, as the guide does.
    """

    method: Method
    arguments: Mapping[str, Any]
    invalid: frozenset[str]
    success: Callback | None
    error: Callback | None

    def without_callbacks(self) -> Call:
        """The same call, which reports to nobody."""
        return attrs.evolve(self, success=None, error=None)


@attrs.frozen
class Waiting:
    """The calls that wait, in their order, and the login that failed and is kept."""

    calls: tuple[Call, ...] = ()
    remembered: Call | None = None

    def joined(self, call: Call) -> Waiting:
        """The call waits behind all others."""
        return attrs.evolve(self, calls=(*self.calls, call))

    def remembering(self, login: Call) -> Waiting:
        """The login is kept, without its callbacks."""
        return attrs.evolve(self, remembered=login.without_callbacks())

    def requeued(self) -> Waiting:
        """The login that was kept waits in front of all calls."""
        if self.remembered is None:
            return self
        return Waiting((self.remembered, *self.calls))

    def dropped(self) -> Waiting:
        """The login that was kept is forgotten."""
        return attrs.evolve(self, remembered=None)


@attrs.frozen
class Retries:
    """When calls that wait are tried next, in seconds of the clock or never, and how often they were.

    `pauses` are the seconds from one try to the next; after them, what waits is looked after once an hour.
    """

    due: float | None = None
    tried: int = 0
    pauses: tuple[float, ...] = BACKOFF

    def armed(self, now: float) -> Retries:
        """The schedule that begins now."""
        return attrs.evolve(self, due=now + (*self.pauses, HOUR)[0], tried=0)

    def ended(self) -> Retries:
        """The schedule while nothing waits."""
        return Retries(pauses=self.pauses)

    @property
    def attempt(self) -> Literal["repeated", "last"]:
        """What the next try is: the last one of the schedule, and every one after it, is `last`."""
        return "last" if self.tried + 1 >= len(self.pauses) else "repeated"

    def following(self) -> Retries:
        """The schedule after the try that was due."""
        tried = self.tried + 1
        pause = self.pauses[tried] if tried < len(self.pauses) else HOUR
        return attrs.evolve(self, due=(self.due or 0.0) + pause, tried=tried)


def checked_seconds(seconds: float) -> float:
    """The seconds by which a clock is to be advanced.

    Raises:
        ValueError: they are negative, or not a finite number.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(f"time cannot be advanced by {seconds!r}; give seconds as a number from 0 up")
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"time cannot be advanced by {seconds}; give a finite number of seconds from 0 up")
    return float(seconds)
