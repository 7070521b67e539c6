"""What a test calls: an app on a fresh device, each step of which is judged at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from intercom_conformance.exits import unknown
from intercom_conformance.oracle import Observation
from intercom_conformance.player import Crash, Failure, Game, Played, Player
from intercom_conformance.results import Finding, Result
from intercom_conformance.suite.session import Session
from intercom_conformance.trace import BOTH, Step

__all__ = ["NonConforming", "Sdk"]


class NonConforming(AssertionError):
    """The binding did what the specification does not allow; `finding` has the rule and the steps."""

    def __init__(self, finding: Finding, text: str) -> None:
        super().__init__(text)
        self.finding = finding


class Sdk:
    """A freshly installed app of the binding under test.

    ``sdk.call(method, *arguments)`` gives an `Observation`: which callbacks ran, with which values, and what the
    call returned. `steps` is the trace so far.
    """

    def __init__(self, player: Player, conclude: Callable[[Result], None]) -> None:
        self._player = player
        self._conclude = conclude
        self._game: Game = player.begin()
        self._begun = time.perf_counter()
        self._over = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps taken so far."""
        return tuple(self._game.trace)

    def call(self, method: str, *arguments: Any, callbacks: Sequence[str] = BOTH, name: str = "") -> Observation:
        """Calls a method of the API, and tells what was seen until nothing was left to do.

        Args:
            method: its name, or an alias.
            arguments: JSON values, in order; trailing ones may be missing.
            callbacks: those that the app gives, of ``success`` and ``error``.
            name: the call's name in what is seen later of it; c1, c2 and so on by default.

        Raises:
            NonConforming: the specification does not allow what was seen.
            UsageProblem: there is no such method.
        """
        __tracebackhide__ = True
        known = self._player.spec.api.by_any_name
        if method not in known:
            raise unknown("method", method, known, "They are listed by intercom-conformance list methods.")
        return self._play(Step(method, arguments, tuple(callbacks), name))

    def environment(self, event: str, *arguments: Any) -> Observation:
        """Lets something happen in the world, such as the network going down; the rest is as for `call`."""
        __tracebackhide__ = True
        known = self._player.spec.chart["environment"]
        if event not in known:
            raise unknown("event of the environment", event, known, f"There are: {', '.join(known)}.")
        return self._play(Step(event, arguments, ()))

    def _play(self, step: Step) -> Observation:
        __tracebackhide__ = True
        missing = self._player.supports(step)
        if missing:
            self._conclude(Result("", "", "unsupported", (), missing=tuple(sorted(missing))))
        outcome = self._game.play(step)
        if outcome is not None:
            self._end(outcome)
        return self._game.seen[-1].observation

    def finish(self) -> None:
        """Ends the app's life: every callback that is still owed must come now."""
        __tracebackhide__ = True
        if not self._over and self._game.trace:
            self._end(self._game.finish())

    def _end(self, outcome: Played | Failure | Crash) -> None:
        __tracebackhide__ = True
        self._over = True
        session = Session(self._player, shrinking=False)
        session.judge(outcome)
        verdict = next(iter(session.verdicts), "passed")
        self._conclude(
            Result(
                "",
                "",
                verdict,
                (),
                exercised=frozenset(session.exercised),
                transitions=frozenset(session.transitions),
                pairs=frozenset(session.pairs),
                states=frozenset(session.states),
                guards=frozenset(session.guards),
                findings=tuple(session.findings.values()),
                traces=1,
                steps=len(self._game.trace),
                seconds=round(time.perf_counter() - self._begun, 6),
            )
        )
