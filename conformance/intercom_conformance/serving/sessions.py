"""One session: an SDK that stands in, if there is one, the oracle beside it, and what has happened so far.

A session is what its *history* makes of it. Every step is a document, its outcome follows from the steps before it
and from nothing else, so that a session is kept by keeping its steps and brought back by taking them again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from intercom_conformance.oracle import Oracle
from intercom_conformance.serving.following import Follower, call_step, event_step, observation, time_step
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem, conflict, too_many
from intercom_conformance.serving.reading import compact
from intercom_conformance.trace import BOTH
from intercom_reference.hosting import Host

__all__ = ["Entry", "Session", "Setting", "StandIn"]

StandIn = Callable[[Mapping[str, int]], Callable[[], Any]]
"""Gives the factory of stand-ins that make these choices; raises `Problem` if nothing can be chosen so."""

_NO_STAND_IN = "This session has no stand-in: what happens in it happens elsewhere"


@attrs.frozen
class Setting:
    """What a session is made with; see ``NewSession`` in the service's description."""

    stand_in: bool
    style: str = "callbacks"
    choices: Mapping[str, int] = attrs.field(factory=dict)

    def document(self) -> dict[str, Any]:
        """The setting as a document, which `Setting(**document)` reads again."""
        return attrs.asdict(self)


@attrs.frozen
class Entry:
    """A step of a history: its kind, the request, its outcome, and all of them as the text that is kept."""

    kind: str = attrs.field(eq=False)
    request: Mapping[str, Any] = attrs.field(eq=False)
    outcome: Mapping[str, Any] = attrs.field(eq=False)
    text: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, kind: str, request: Mapping[str, Any], outcome: Mapping[str, Any]) -> Entry:
        """The entry of a step that was taken."""
        return cls(kind, request, outcome, compact({"kind": kind, "request": request, "outcome": outcome}))

    @classmethod
    def read(cls, text: bytes) -> Entry:
        """The entry that was kept as this text."""
        return cls(**json.loads(text), text=text)

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.text)


class Session:
    """One session; not to be used by several threads at a time.

    Args:
        setting: what it is made with.
        oracle: what follows it.
        factory: makes the SDK that stands in; None where there is none.
        limits: how much it may hold.
    """

    def __init__(self, setting: Setting, oracle: Oracle, factory: Callable[[], Any] | None, limits: Limits) -> None:
        self.setting = setting
        self._oracle, self._factory, self._limits = oracle, factory, limits
        self.begin()

    def begin(self) -> None:
        """A freshly installed app, and an empty workspace."""
        self.entries: list[bytes] = []
        self.size = 0
        self.seconds = 0.0
        self._names: set[str] = set()
        self._follower = Follower(self._oracle)
        self._host = Host(self._factory) if self._factory else None

    @property
    def steps(self) -> int:
        """How many steps the history has."""
        return len(self.entries)

    def take(self, kind: str, request: Mapping[str, Any]) -> Entry:
        """Takes a step of a kind (``call``, ``event``, ``clock``, ``judged``); what came of it.

        Raises:
            Problem: it cannot be taken, and is no part of the history.
        """
        outcome = self._TAKE[kind](self, request)
        return Entry.of(kind, request, {"step": self.steps + 1, **outcome})

    def keep(self, entry: Entry) -> None:
        """Makes an entry that was taken part of the history."""
        self.entries.append(entry.text)
        self.size += entry.size

    def refuse_more(self) -> None:
        """Raises `Problem` (429) if there is no room for one more step."""
        if self.steps >= self._limits.steps:
            raise too_many(f"The session has its {self._limits.steps} steps", "Reset it, or begin another.")
        if self.size >= self._limits.session:
            raise too_many(f"The session has its {self._limits.session} bytes", "Reset it, or begin another.")

    # Steps ----------------------------------------------------------------------------------------

    def _call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        host, name = self._standing_in(), self._named(request)
        step = call_step(self._oracle, name, request, self.setting.style)
        arguments = request.get("arguments", ())
        reaction = host.call(name, request["method"], arguments, sorted(step.callbacks, key=BOTH.index))
        self._names.add(name)
        return {"call": name, **self._followed(step, reaction)}

    def _event(self, request: Mapping[str, Any]) -> dict[str, Any]:
        host = self._standing_in()
        reaction = host.environment(request["event"], request.get("arguments", ()))
        if "thrown" in reaction:
            detail = f"The stand-in cannot let this happen: {reaction['thrown']['message']}"[:300]
            raise Problem(422, "not-as-described", detail, "Give the event the arguments that its examples have.")
        return self._followed(event_step(self._oracle, request), reaction)

    def _clock(self, request: Mapping[str, Any]) -> dict[str, Any]:
        host, seconds = self._standing_in(), request["seconds"]
        reaction = host.advance(seconds)
        self.seconds += seconds
        step = time_step(self._oracle, seconds)
        return {"now": self.seconds, **(reaction if step is None else self._followed(step, reaction))}

    def _judged(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, told = self._judgement(request, keep=True)
        if told["kept"]:
            self._names.add(name)
        return told

    _TAKE: Final = {"call": _call, "event": _event, "clock": _clock, "judged": _judged}

    def _followed(self, step: Any, reaction: Mapping[str, Any]) -> dict[str, Any]:
        seen = observation(reaction, self.setting.style, frozenset(self._names))
        judged = self._follower.follow(step, seen, self.snapshot)
        return {**reaction, "judged": judged}

    # Questions ------------------------------------------------------------------------------------

    def snapshot(self) -> Any:
        """What the stand-in holds: states, records, registers."""
        return self._standing_in().observe()["snapshot"]

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Whether an observation would be allowed next; the history stays as it is."""
        return self._judgement(request, keep=False)[1]

    def allowed(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What is allowed in one step, a call or an event, were it the next one."""
        return self._follower.alternatives(self._step(request, self._named(request)))

    def states(self) -> list[dict[str, str]]:
        """The joint states in which an SDK may be now."""
        return self._follower.states()

    def history(self, start: int, end: int) -> list[Any]:
        """The entries from one step to another, as documents."""
        return [json.loads(entry) for entry in self.entries[start:end]]

    @property
    def undecided(self) -> bool:
        """Whether the oracle can say nothing of this session any more."""
        return self._follower.lost

    def _judgement(self, request: Mapping[str, Any], *, keep: bool) -> tuple[str, dict[str, Any]]:
        if keep and self._host is not None:
            detail = "The stand-in makes this session's history; what somebody else did is no part of it"
            raise conflict("has-a-stand-in", detail, "Judge without keep, or begin a session with stand_in false.")
        asked = request["step"]
        name = self._named(asked)
        seen = observation(request["observed"], self.setting.style, frozenset((*self._names, name)))
        return name, self._follower.judge(self._step(asked, name), seen, keep=keep)

    def _step(self, request: Mapping[str, Any], name: str) -> Any:
        if "method" in request:
            return call_step(self._oracle, name, request, self.setting.style)
        return event_step(self._oracle, request)

    def _named(self, request: Mapping[str, Any]) -> str:
        """The name of a call: the one given, or the first free one made of its position."""
        name = request.get("call")
        if name is None:
            names = (f"c{number}" for number in itertools.count(self.steps + 1))
            return next(one for one in names if one not in self._names)
        if name in self._names:
            detail = "The session has a call of that name already"
            raise conflict("name-taken", detail, "Give the call another name, or none.")
        return str(name)

    def _standing_in(self) -> Host:
        if self._host is None:
            raise conflict("no-stand-in", _NO_STAND_IN, "Tell with judge and keep what happened, or begin another.")
        return self._host
