"""The traces of the default suite, told by what they take of the specification, so that the right ones go first.

The suite is played once against an implementation that conforms, and what each check plays is written down: most checks
play the same traces whatever the binding does. Those that do not, the complete suites, are played as checks.
"""

from __future__ import annotations

import attrs

from intercom_conformance.exits import UsageProblem
from intercom_conformance.kit import oracle_of
from intercom_conformance.mutants.mutant import Mutant
from intercom_conformance.mutants.subjects import driver_of
from intercom_conformance.player import Crash, Failure, Played, Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.trace import Trace

__all__ = ["ADAPTIVE", "Shot", "recorded"]

ADAPTIVE = "complete"
"""The family of checks that play what the binding makes them play."""


@attrs.frozen(eq=False)
class Shot:
    """A trace that a check plays, and the transitions that it takes of an implementation that conforms."""

    check: str
    trace: Trace
    transitions: frozenset[str]
    visits: frozenset[tuple[frozenset[str], str]] = frozenset()
    """Where regions were for certain before a step, and its event."""


class Recorder(Player):
    """A player that notes each trace that it is given."""

    check = ""

    def play(self, trace: Trace) -> Played | Failure | Crash:
        outcome = super().play(trace)
        if isinstance(outcome, Played):
            self.shots.append(Shot(self.check, trace, outcome.transitions, outcome.visits))
        return outcome

    @property
    def shots(self) -> list[Shot]:
        """What was played so far."""
        shots: list[Shot] = self.__dict__.setdefault("_shots", [])
        return shots


def recorded(spec: Specification, settings: Settings) -> list[Shot]:
    """What the checks of the default suite play against the implementation that is to be mutated.

    Raises:
        UsageProblem: it does not conform, so that nothing could be said of its mutants.
    """
    original = Mutant("original", "", "nothing is changed")
    player = Recorder(spec, oracle_of(spec), lambda native: driver_of(original, spec, native), None)
    player.start()
    for check in catalogue(spec):
        player.check = check.id
        if check.family != ADAPTIVE and run_check(check, player, settings).findings:
            problem = f"What is to be mutated does not conform: {check.id} fails"
            raise UsageProblem(problem, "See why with intercom-conformance run, and mend it first.")
    return player.shots
