"""The oracle's part of a session: it follows what happened, and tells what may happen next.

What happened is what an app sees: calls and the callbacks that ran. Where that leaves open which of several
alternatives an SDK took, the snapshot of the SDK is looked at as well; otherwise it is not, so that a step costs the
same however much a session holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from intercom_conformance.oracle import (
    ABSENT,
    UNCERTAIN,
    Accepted,
    Branch,
    Broken,
    Call,
    Configuration,
    Happening,
    Observation,
    Oracle,
    Rejected,
    Settlement,
    Unanswered,
    Undecidable,
)
from intercom_conformance.oracle.configuration import Owed
from intercom_conformance.serving.problems import Problem, conflict
from intercom_conformance.specification import Specification

__all__ = ["Follower", "Step", "call_step", "event_step", "observation", "time_step"]

Step: TypeAlias = Call | Happening
Snapshot: TypeAlias = Callable[[], Any]

_CROWD = 64
"""Alternatives of one step up to which all are followed when nothing was seen."""
_PAIRS = 200_000
"""Pairs of a record that is known and one that is shown, up to which a snapshot is compared: about a second."""
_SHOWN = 20
"""Alternatives of one step that are told."""
_SOME_TIME = (
    (),
    ("repeated",),
    ("repeated", "repeated"),
    ("repeated", "repeated", "last"),
    ("repeated", "last"),
    ("last",),
)
"""How calls that wait may be tried again while some time passes, of which no document says how much a retry takes."""


def call_step(oracle: Oracle, name: str, request: Mapping[str, Any], style: str) -> Call:
    """The step that a call is, by the document of a request."""
    given = () if style == "none" else request.get("callbacks", ("success", "error"))
    return oracle.model.call(name, request["method"], list(request.get("arguments", ())), frozenset(given))


def event_step(oracle: Oracle, request: Mapping[str, Any]) -> Happening:
    """The step that an event of the world is, by the document of a request."""
    return oracle.model.happening(request["event"], request.get("arguments", ()))


def time_step(oracle: Oracle, seconds: float) -> Happening | None:
    """The step that it is to let time pass: the event that stands for so much time, or some time less than that.

    None of a specification in which time does nothing.
    """
    timed = {name: body["seconds"] for name, body in oracle.model.environment.items() if "seconds" in body}
    long = next((name for name, enough in timed.items() if seconds >= enough), None)
    if long is not None:
        return Happening(long)
    return Happening(next(iter(timed)), attempts=_SOME_TIME) if timed else None


def observation(document: Mapping[str, Any], style: str, calls: frozenset[str] = frozenset()) -> Observation:
    """What was seen, by the document of a reaction, perhaps with a snapshot beside it."""
    thrown = document.get("thrown")
    return Observation(
        settled=tuple(
            Settlement(one["call"], one["callback"], one.get("value", ABSENT)) for one in document["settled"]
        ),
        returned=document.get("returned", ABSENT),
        thrown=None if thrown is None else f"{thrown['type']}: {thrown['message']}",
        snapshot=document.get("snapshot", ABSENT),
        promises=style == "promises",
        unheard=calls if style == "none" else frozenset(),
    )


class Follower:
    """The configurations that the history of one session allows."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._configurations: tuple[Configuration, ...] | None = oracle.initial()

    @property
    def lost(self) -> bool:
        """Whether so much is open, or something was seen that is not allowed, that nothing can be said any more."""
        return self._configurations is None

    def follow(self, step: Step, seen: Observation, snapshot: Snapshot) -> dict[str, Any] | None:
        """Judges what the stand-in did, and goes on from there; None if nothing can be said."""
        if self._configurations is None:
            return None
        verdict = self._settled(self._configurations, step, seen, snapshot)
        kept = verdict.recovered if isinstance(verdict, Rejected) else verdict
        self._configurations = None if kept is None else kept.configurations
        return None if verdict is None else self._told(step, seen, verdict)

    def _settled(
        self, before: tuple[Configuration, ...], step: Step, seen: Observation, snapshot: Snapshot
    ) -> Accepted | Rejected | None:
        """The verdict on a step, with a look at the snapshot where without it several alternatives remain."""
        try:
            verdict = self._oracle.judge(before, step, seen)
            if isinstance(verdict, Accepted) and len(verdict.configurations) == 1:
                return verdict
        except Undecidable:
            pass
        looked = attrs.evolve(seen, snapshot=snapshot())
        try:
            return None if self._is_laborious(before, looked) else self._oracle.judge(before, step, looked)
        except Undecidable:
            return None

    def judge(self, step: Step, seen: Observation, *, keep: bool) -> dict[str, Any]:
        """Judges what somebody saw of an SDK after this history; if it is allowed, `keep` makes it part of it."""
        before = self._known()
        if self._is_laborious(before, seen):
            remedy = "Judge without the snapshot, or in a session with fewer records."
            raise conflict("too-many-records", "Too many records would have to be compared with one another", remedy)
        try:
            verdict = self._oracle.judge(before, step, seen)
        except (Undecidable, Unanswered) as error:
            raise _unclear(error) from None
        kept = verdict.recovered if isinstance(verdict, Rejected) else verdict
        if keep and kept is not None:
            self._configurations = kept.configurations
        return {"kept": keep and kept is not None, **self._told(step, seen, verdict)}

    def _is_laborious(self, before: tuple[Configuration, ...], seen: Observation) -> bool:
        """Whether it would take too long to find out which of the records shown is which."""
        shown = {} if seen.snapshot is ABSENT else seen.snapshot.get("records", {})
        known = sum(len(at.world.records) for at in before)
        return known * len(shown.get(self._oracle.model.collection, ())) > _PAIRS

    def states(self) -> list[dict[str, str]]:
        """The joint states in which an SDK may be after this history."""
        found = {at.states: None for at in self._known()}
        return [self._state(states) for states in found]

    def alternatives(self, step: Step) -> dict[str, Any]:
        """What an SDK may do in a step: callbacks, states and requirements of each alternative."""
        guide = self._oracle.guide({}, _CROWD)
        try:
            branches = self._oracle.branches(self._known(), step, guide)
            told = list({repr(one): one for one in map(self._alternative, branches)}.values())
        except (Undecidable, Unanswered) as error:
            raise _unclear(error) from None
        return {"alternatives": told[:_SHOWN], "complete": len(told) <= _SHOWN and not guide.narrowed}

    def _known(self) -> tuple[Configuration, ...]:
        if self._configurations is None:
            detail = "The oracle has lost this session's history: it leaves too much open, or is not allowed"
            raise conflict("undecided", detail, "Reset the session, and give the calls callbacks.")
        return self._configurations

    def _told(self, step: Step, seen: Observation, verdict: Accepted | Rejected) -> dict[str, Any]:
        if isinstance(verdict, Accepted):
            contract = self._oracle.contract_exercised(step, seen)
            exercised = sorted(verdict.exercised | contract)
            return {"allowed": True, "transitions": list(verdict.transitions), "requirements": exercised}
        broken = [_broken(self._oracle.model.spec, one) for one in verdict.broken]
        return {"allowed": False, "broken": broken, "expected": list(verdict.allowed), "seen": verdict.seen}

    def _alternative(self, branch: Branch) -> dict[str, Any]:
        taken = {transition.id: transition.requirement for transition, _ in branch.taken}
        return {
            "callbacks": [self._owed(one) for one in branch.owed],
            "states": self._state(branch.end.states),
            "transitions": list(taken),
            "requirements": sorted(set(branch.requirements(self._oracle.model))),
        }

    def _owed(self, owed: Owed) -> dict[str, Any]:
        told: dict[str, Any] = {"call": owed.call, "callback": owed.callback, "given": sorted(owed.callbacks)}
        if owed.callback == "success" and owed.method is not None:
            told["carries"] = self._oracle.model.describe_result(owed)
            told |= _certain(self._oracle.model.expected_value(owed))
        return told

    def _state(self, states: Sequence[str]) -> dict[str, str]:
        regions = self._oracle.model.table.regions
        return {one.name: states[one.position] for one in regions if one.visibility != "internal"}


def _certain(value: Any) -> dict[str, Any]:
    """The value that a callback must carry, if there is one and only one."""
    return {"value": value} if value is not ABSENT and all(one is not UNCERTAIN for one in _leaves(value)) else {}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _broken(spec: Specification, broken: Broken) -> dict[str, Any]:
    requirement = spec.requirements[broken.requirement]
    told = {"requirement": requirement.id, "level": requirement.level, "sentence": requirement.sentence}
    return {**told, "kind": broken.kind, "expected": broken.expected, "observed": broken.observed}


def _unclear(error: Undecidable | Unanswered) -> Problem:
    return conflict("undecided", f"Nothing can be said of this step: {error}"[:500], "Reset the session.")
