"""Plays the traces of one check, and turns what fails into findings.

A finding is only reported after it was shrunk and seen again; what fails once and not again is flaky. A driver that
went down is started anew, and only the step in flight is blamed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from intercom_conformance.drivers.protocol import (
    MISSING,
    Crashed,
    DriverError,
    Failed,
    Held,
    NativeReply,
    ProtocolBroken,
    TimedOut,
)
from intercom_conformance.oracle import ABSENT, Broken, Observation
from intercom_conformance.oracle.judge import describe_seen
from intercom_conformance.oracle.wording import with_value
from intercom_conformance.player import Crash, Crossing, Failure, Played, Player, Seen
from intercom_conformance.results import Fault, Finding, NativeSeen, StepSeen
from intercom_conformance.suite.shrink import shrink
from intercom_conformance.trace import Trace, render_step

__all__ = ["ALIAS", "SCENARIO", "Session", "finding_of", "verdict_of_crash"]

SCENARIO = "scenario"
"""The kind of failure that is told by what a scenario expects."""

ALIAS = "alias_differs"
"""The kind of failure that is told by playing the same trace with the other name of a method."""

WRITABLE = "every-call"
"""What a binding lacks whose API has no way to write some of the calls, as a capability."""

_RESTARTS_FOR_SHRINKING = 25

_ORDERS = 6
"""Orders of overlapping calls that are told of a finding: more than a person reads through."""
_MOST_CROSSINGS, _LONGEST_ARGUMENT = 20, 2000
"""Calls of the native SDK in one step that a finding tells of, and the characters of an argument."""


@attrs.define
class Session:
    """One check in progress."""

    player: Player
    shrinking: bool = True
    exercised: set[str] = attrs.field(factory=set)
    transitions: set[str] = attrs.field(factory=set)
    pairs: set[str] = attrs.field(factory=set)
    states: set[str] = attrs.field(factory=set)
    guards: set[str] = attrs.field(factory=set)
    visits: set[tuple[frozenset[str], str]] = attrs.field(factory=set)
    findings: dict[Fault, Finding] = attrs.field(factory=dict)
    missing: set[str] = attrs.field(factory=set)
    verdicts: set[str] = attrs.field(factory=set)
    traces: int = 0
    stopped: bool = False
    undecided: int = 0
    told: list[str] = attrs.field(factory=list)
    """What else there is to say, in sentences."""

    def play(self, trace: Trace) -> bool:
        """Plays a trace, and tells whether it was played; it is not when the binding lacks a capability for it."""
        outcome = self.outcome(trace)
        if outcome is not None:
            self.judge(outcome)
        return outcome is not None

    def outcome(self, trace: Trace) -> Played | Failure | Crash | None:
        """How a trace ends, for a check that judges it itself; None when the binding lacks a capability for it."""
        missing = {name for step in trace for name in self.player.supports(step)}
        self.missing |= missing
        return None if missing else self._whole(self.player.play(trace))

    def _whole(self, outcome: Played | Failure | Crash) -> Played | Failure | Crash | None:
        """The outcome, or None if a step had to be left out; then only a failure of form counts."""
        if not isinstance(outcome, Played) or not outcome.unwritable:
            return outcome
        self.missing.add(WRITABLE)
        for failure in outcome.formal:
            self._failed(failure)
        return None

    def play_all(self, traces: Iterable[Trace]) -> None:
        """Plays traces one after another; a fault in one does not keep the others from being played."""
        for trace in traces:
            self.play(trace)

    def judge(self, outcome: Played | Failure | Crash) -> None:
        """Takes note of how a trace ended."""
        self.traces += 1
        if isinstance(outcome, Played) and outcome.unwritable:
            self.missing.add(WRITABLE)
        for failure in outcome.formal:
            self._failed(failure)
        self.stopped = self.stopped or not isinstance(outcome, Played) or outcome.undecided
        if isinstance(outcome, Played):
            self.undecided += outcome.undecided
            self.exercised |= outcome.exercised
            self.transitions |= outcome.transitions
            self.pairs |= outcome.pairs
            self.states |= outcome.states
            self.guards |= outcome.guards
            self.visits |= outcome.visits
        elif isinstance(outcome, Failure):
            self._failed(outcome)
        else:
            self._crashed(outcome)

    def visited(self) -> dict[str, frozenset[str]]:
        """The events that came while a region was in a state for certain, by ``region: state``."""
        events: dict[str, set[str]] = {}
        for states, event in self.visits:
            for state in states:
                events.setdefault(state, set()).add(event)
        return {state: frozenset(names) for state, names in events.items()}

    def is_known(self, outcome: Failure) -> bool:
        """Whether this check has found the same before; what only comes out later, in the world's steps, included."""
        if outcome.fault[-1] in self.player.spec.chart["environment"]:
            return outcome.fault[:2] in {fault[:2] for fault in self.findings}
        return outcome.fault in self.findings

    def _failed(self, failure: Failure) -> None:
        if self.is_known(failure):
            return
        wanted = failure.fault
        if failure.broken[0].kind in (SCENARIO, ALIAS):
            # What a check expects beyond the statechart is told by the whole of its trace only.
            self._found(failure)
            return
        again = self._shown_before(wanted) or self._shrunk(failure)
        if again is None:
            self.verdicts.add("flaky")
            self.findings[wanted] = finding_of(failure)
        else:
            self._found(again)

    def _shown_before(self, wanted: Fault) -> Failure | None:
        known = self.player.shown.get(wanted)
        if known is None and wanted[-1] in self.player.spec.chart["environment"]:
            wanted, known = next(((f, t) for f, t in self.player.shown.items() if f[:2] == wanted[:2]), (wanted, None))
        return None if known is None else _showing(self.player.play(known), wanted)

    def _shrunk(self, failure: Failure) -> Failure | None:
        """The failure by a short trace: in another step if that is shorter, unless that one is known already."""
        anywhere = self._shortened(failure, failure.fault[:2])
        if anywhere is None or anywhere.fault not in self.findings:
            return anywhere
        return self._shortened(failure, failure.fault)

    def _shortened(self, failure: Failure, wanted: tuple[str, ...]) -> Failure | None:
        shortest = self._shortest(failure.trace, lambda outcome: _showing(outcome, wanted) is not None, most=400)
        return _showing(self.player.play(shortest), wanted)

    def _found(self, failure: Failure) -> None:
        self.player.shown[failure.fault] = failure.trace
        requirement = self.player.spec.requirements[failure.requirement]
        self.verdicts.add("failed" if requirement.binding else "warned")
        self.findings[failure.fault] = finding_of(failure)

    def _crashed(self, crash: Crash) -> None:
        verdict = verdict_of_crash(crash.error)
        self.player.start()
        played = crash.trace[: crash.at + 1]
        shortest = self._shortest(played, lambda outcome: isinstance(outcome, Crash), most=_RESTARTS_FOR_SHRINKING)
        again = self.player.play(shortest)
        self.player.start()
        self.verdicts.add(verdict)
        found = again if isinstance(again, Crash) else crash
        kind = self.player.blame(found.trace, found.at)
        requirement = self.player.oracle.model.contract[kind]
        steps = (*_steps(found.seen), _step_seen(render_step(found.trace[found.at]), verdict, found.crossed))
        trace = found.trace[: found.at + 1]
        expected = "the driver stays alive and answers"
        observed, blamed, states = str(found.error), found.transitions, found.states
        finding = Finding(requirement, verdict, trace, steps, expected, observed, transitions=blamed, states=states)
        self.findings[finding.fault] = finding

    def _shortest(self, trace: Trace, same: Callable[[Any], bool], *, most: int) -> Trace:
        if not self.shrinking:
            return trace

        def fails(candidate: Trace) -> bool:
            if any(self.player.supports(step) for step in candidate):
                return False
            outcome = self.player.play(candidate)
            if isinstance(outcome, Crash):
                self.player.start()
            return same(outcome)

        return shrink(trace, fails, most=most)


def _showing(outcome: Played | Failure | Crash, wanted: tuple[str, ...]) -> Failure | None:
    """The failure in an outcome that is the wanted fault, or begins as it does: its step may be left out."""
    failures = (*outcome.formal, outcome) if isinstance(outcome, Failure) else outcome.formal
    return next((one for one in failures if one.fault[: len(wanted)] == wanted), None)


def verdict_of_crash(error: DriverError) -> str:
    """The verdict for a driver that went down."""
    kinds = {Crashed: "crashed", TimedOut: "timed out", ProtocolBroken: "protocol error"}
    return next((verdict for kind, verdict in kinds.items() if isinstance(error, kind)), "protocol error")


def finding_of(failure: Failure) -> Finding:
    """A failure as a finding: what is broken first, with the steps that show it."""
    first: Broken = failure.broken[0]
    return Finding(
        requirement=first.requirement,
        kind=first.kind,
        trace=failure.trace[: failure.at + 1],
        steps=_steps(failure.seen),
        expected=first.expected,
        observed=first.observed,
        orders=failure.orders[:_ORDERS],
        transitions=failure.transitions,
        states=failure.states,
    )


def _steps(seen: Iterable[Seen]) -> tuple[StepSeen, ...]:
    return tuple(_step_seen(render_step(one.step), _in_words(one.observation), one.crossed) for one in seen)


def _step_seen(call: str, seen: str, crossed: Sequence[Crossing]) -> StepSeen:
    native = tuple(map(_native_seen, crossed[:_MOST_CROSSINGS]))
    return StepSeen(call, seen, native, len(crossed) - len(native))


def _native_seen(one: Crossing) -> NativeSeen:
    return NativeSeen(one.method, tuple(map(_writable, one.arguments)), _reply_in_words(one.reply), one.late)


def _writable(value: Any) -> Any:
    """A value that a binding gave to the native SDK, as JSON; as text if it is none, or too long to be shown."""
    try:
        written = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return _shortened(f"{type(value).__name__} that is no JSON")
    return json.loads(written) if len(written) <= _LONGEST_ARGUMENT else _shortened(written)


def _shortened(written: str) -> str:
    cut = f"{written[:_LONGEST_ARGUMENT]}… ({len(written)} characters)"
    return written if len(written) <= _LONGEST_ARGUMENT else cut


def _reply_in_words(reply: NativeReply) -> str:
    if isinstance(reply, Held):
        return "held"
    if isinstance(reply, Failed):
        return f"error {reply.code}: {reply.message}"
    return _shortened(with_value("success", ABSENT if reply.value is MISSING else reply.value))


def _in_words(observation: Observation) -> str:
    return describe_seen(observation)
