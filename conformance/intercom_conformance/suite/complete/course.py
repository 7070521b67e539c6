"""One input sequence being played on a freshly installed app, and what it has answered.

An *answer* is which calls got which callback, and what is shown; the oracle has judged everything else of a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from intercom_conformance.oracle import ABSENT
from intercom_conformance.player import Crash, Failure, Game, Played, Player
from intercom_conformance.suite.complete.projections import Projection

__all__ = ["FULL", "Answer", "Course", "answer_of"]

FULL = "no call is made while so many are without an answer"
"""The answer to a call that is not made; the kit, not the binding, gives it."""

Answer = Any


def answer_of(callbacks: Iterable[tuple[str, str]], waiting: Sequence[str], shown: Any, thrown: bool) -> Answer:
    """An answer, in which calls are named by their age: 0 is the latest of those without an answer."""
    aged = [(waiting[::-1].index(call) if call in waiting else -1, callback) for call, callback in callbacks]
    return tuple(sorted(aged)), None if shown is ABSENT else tuple(sorted(shown.items())), thrown


@attrs.define
class Course:
    """A sequence of the inputs of a projection, played one by one."""

    player: Player
    projection: Projection
    waiting: tuple[str, ...] = ()
    game: Game = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.game = self.player.begin()

    def play(self, number: int) -> tuple[Answer, Failure | Crash | None]:
        """The answer to an input, or how the binding broke a rule with it; neither if nothing can be said of it."""
        step, world = self.projection.inputs[number], self.player.spec.chart["environment"]
        if step.name not in world and len(self.waiting) >= self.projection.outstanding:
            return FULL, None
        outcome = self.game.play(step)
        if outcome is not None or self.ended:
            return None, outcome
        if step.name not in world:
            self.waiting = (*self.waiting, step.named(len(self.game.trace) - 1))
        return self._answer(), None

    @property
    def ended(self) -> bool:
        """Whether so much is open that nothing more can be judged, or no app can write the step."""
        return self.game.undecided or self.game.unwritable

    def _answer(self) -> Answer:
        seen = self.game.seen[-1].observation
        shown = seen.snapshot if seen.snapshot is ABSENT else seen.snapshot["state"]
        settled = [(one.call, one.callback) for one in seen.settled]
        answer = answer_of(settled, self.waiting, shown, seen.thrown is not None)
        told = {call for call, _ in settled} | seen.unheard
        self.waiting = tuple(call for call in self.waiting if call not in told)
        return answer

    def finish(self) -> Played | Failure | Crash:
        """Ends the course: what still waits must be answered."""
        return self.game.finish()
