"""Kills mutants: the default suite, those of its traces first that come near the change, until one fails.

1. Short traces that take a changed transition: most mutants die of one.
2. The proof: what the specification allows is no fault, and nothing needs to be played any more.
3. Longer traces that take a changed transition, the complete suites, and then everything else.

What no check fails is a *survivor*, unless it was proved to be allowed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import cached_property

import attrs

from intercom_conformance.kit import oracle_of
from intercom_conformance.mutants.ammunition import ADAPTIVE, Shot
from intercom_conformance.mutants.mutant import Mutant
from intercom_conformance.mutants.proving import Prover
from intercom_conformance.mutants.subjects import driver_of
from intercom_conformance.player import Crash, Failure, Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.shrink import shrink
from intercom_conformance.trace import Trace, render_step

__all__ = ["EQUIVALENT", "KILLED", "SURVIVED", "Fate", "Hunter"]

KILLED, EQUIVALENT, SURVIVED = "killed", "equivalent", "survived"

_SHORT, _FIRST = 8, 40
"""Steps of a short trace, and how many of them are played before a proof is tried."""
_SHRINKING = 60
"""Traces that are played at most to find the shortest sequence."""


@attrs.frozen
class Fate:
    """What became of a mutant: of which check it died after how many steps, or why it is allowed."""

    mutant: str
    operator: str
    summary: str
    verdict: str
    check: str = ""
    requirement: str = ""
    steps: int = 0
    sequence: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@attrs.frozen(eq=False, slots=False)
class Hunter:
    """Hunts the mutants of one specification, with the traces that a suite was seen to play."""

    spec: Specification
    shots: Sequence[Shot]
    settings: Settings

    @cached_property
    def prover(self) -> Prover:
        """Tells what is allowed."""
        return Prover(self.spec)

    @cached_property
    def _ordered(self) -> Sequence[Shot]:
        """Every trace once, the shortest first."""
        distinct = {repr([(s.name, s.arguments, s.callbacks, s.call) for s in one.trace]): one for one in self.shots}
        return sorted(distinct.values(), key=lambda one: len(one.trace))

    def hunt(self, mutant: Mutant) -> Fate:
        """What becomes of a mutant."""
        begun = time.perf_counter()
        player = Player(self.spec, oracle_of(self.spec), lambda native: driver_of(mutant, self.spec, native), None)
        player.start()
        fate = self._fate(mutant, player)
        return attrs.evolve(fate, seconds=round(time.perf_counter() - begun, 6))

    def _fate(self, mutant: Mutant, player: Player) -> Fate:
        near = [one for one in self._ordered if not mutant.transitions or one.transitions & mutant.transitions]
        first = near[: min(_FIRST, sum(len(one.trace) <= _SHORT for one in near))]
        if (fate := self._shoot(mutant, player, first)) is not None:
            return fate
        if (reason := self.prover.proof(mutant)) is not None:
            return self._told(mutant, EQUIVALENT, reason=reason, steps=player.steps_played)
        far = [one for one in self._ordered if mutant.transitions and not one.transitions & mutant.transitions]
        fate = self._shoot(mutant, player, reversed(near[len(first) :])) or self._check(mutant, player)
        fate = fate or self._shoot(mutant, player, far)
        return fate or self._told(mutant, SURVIVED, steps=player.steps_played)

    def _shoot(self, mutant: Mutant, player: Player, shots: Iterable[Shot]) -> Fate | None:
        for shot in shots:
            broken = self._broken(player, shot.trace)
            if broken is not None:
                steps = player.steps_played
                sequence = self._shortest(player, broken)
                return self._told(
                    mutant, KILLED, check=shot.check, requirement=broken[1], steps=steps, sequence=sequence
                )
        return None

    def _broken(self, player: Player, trace: Trace) -> tuple[Trace, str] | None:
        """The trace up to where it fails and the requirement that it breaks; a warning does not fail a run."""
        outcome = player.play(trace)
        if isinstance(outcome, Crash):
            kind = player.blame(outcome.trace, outcome.at)
            player.start()
            return outcome.trace[: outcome.at + 1], self.spec.api.contract[kind]
        failures = (*outcome.formal, outcome) if isinstance(outcome, Failure) else outcome.formal
        found = next((one for one in failures if self.spec.requirements[one.requirement].binding), None)
        return None if found is None else (found.trace[: found.at + 1], found.requirement)

    def _shortest(self, player: Player, broken: tuple[Trace, str]) -> tuple[str, ...]:
        def fails(candidate: Trace) -> bool:
            again = self._broken(player, candidate)
            return again is not None and again[1] == broken[1]

        return tuple(map(render_step, shrink(broken[0], fails, most=_SHRINKING)))

    def _check(self, mutant: Mutant, player: Player) -> Fate | None:
        """What the checks make of a mutant that play what the binding makes them play."""
        for check in catalogue(self.spec):
            if check.family == ADAPTIVE:
                result = run_check(check, player, attrs.evolve(self.settings, shrink=False))
                found = [one for one in result.findings if self.spec.requirements[one.requirement].binding]
                if found:
                    steps, sequence = (
                        player.steps_played,
                        self._shortest(player, (found[0].trace, found[0].requirement)),
                    )
                    requirement = found[0].requirement
                    return self._told(
                        mutant, KILLED, check=check.id, requirement=requirement, steps=steps, sequence=sequence
                    )
        return None

    @staticmethod
    def _told(mutant: Mutant, verdict: str, **more: object) -> Fate:
        return Fate(mutant.id, mutant.operator, mutant.summary, verdict, **more)  # type: ignore[arg-type]
