"""A check: one test with a stable id, the same for every binding."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from intercom_conformance.player import Player
from intercom_conformance.results import Result
from intercom_conformance.suite.remembered import Remembered
from intercom_conformance.suite.session import Session
from intercom_conformance.trace import Trace

__all__ = ["Check", "Settings", "replay", "run_check"]

_SEVEREST = ("protocol error", "timed out", "crashed", "failed", "flaky", "warned")


@attrs.frozen
class Settings:
    """How much is tried: the seed of everything random, examples per property, and whether failures are shrunk.

    `guarantee` is how many states a binding may have beyond the specification's, for the complete suites, and
    `method` the name of the method that makes those.
    """

    seed: int = 0
    examples: int = 100
    shrink: bool = True
    guarantee: int = 0
    method: str = "wp"
    remembered: Remembered | None = None
    """Traces that failed before, which are played first."""


@attrs.frozen(eq=False)
class Check:
    """One test. `requirements` are those that it is about; passing it counts for them."""

    id: str
    title: str
    requirements: tuple[str, ...]
    run: Callable[[Session, Settings], None]

    @property
    def family(self) -> str:
        """The kind of check: what stands before the first slash of its id."""
        return self.id.partition("/")[0]


def run_check(check: Check, player: Player, settings: Settings) -> Result:
    """What becomes of a check against the binding that a player plays with.

    Raises:
        NotStarted: the binding went down and cannot be started again.
    """
    session = Session(player, shrinking=settings.shrink)
    begun, steps = time.perf_counter(), player.steps_played
    check.run(session, settings)
    return _result(check, session, time.perf_counter() - begun, player.steps_played - steps)


def replay(player: Player, trace: Trace) -> Result:
    """What becomes of a single trace, without shrinking."""
    check = Check("replay/trace", "A trace that was given.", (), lambda session, settings: _once(session, trace))
    return run_check(check, player, Settings(shrink=False))


def _once(session: Session, trace: Trace) -> None:
    session.play(trace)


def _cut_short(session: Session) -> str:
    if not session.undecided:
        return ""
    return f"{session.undecided} of {session.traces} traces were judged only in part: too much was open after them"


def _result(check: Check, session: Session, seconds: float, steps: int) -> Result:
    verdict = next((one for one in _SEVEREST if one in session.verdicts), None)
    if verdict is None:
        verdict = "passed" if session.traces > session.undecided else "unsupported" if session.missing else "not run"
    played_out = session.traces and not session.stopped
    credited = set(check.requirements) - {slug for slug, _, _ in session.findings} if played_out else set()
    unshown = set(check.requirements) & session.player.unshown - session.exercised
    return Result(
        check=check.id,
        family=check.family,
        verdict=verdict,
        requirements=check.requirements,
        exercised=frozenset(session.exercised | credited - unshown),
        transitions=frozenset(session.transitions),
        pairs=frozenset(session.pairs),
        states=frozenset(session.states),
        guards=frozenset(session.guards),
        visits=session.visited(),
        findings=tuple(session.findings.values()),
        missing=tuple(sorted(session.missing | ({"callbacks"} if unshown else set()))),
        message=" ".join(filter(None, [*session.told, _cut_short(session)])),
        traces=session.traces,
        steps=steps,
        seconds=round(seconds, 6),
    )
