"""Finds short traces through the specification: to every transition, and to where a method succeeds.

The walk is breadth first over the oracle's own configurations, so that the first trace found is a shortest one among
those that take the choices that the specification lists first. A configuration is walked on from only if it shows
something new: a pair of states in two regions, a kind of call that waits, a place, or a setting of the world.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, combinations
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Call, Configuration, Happening
from intercom_conformance.specification import Specification
from intercom_conformance.suite.places import Place, deciding_regions, place_of
from intercom_conformance.suite.steps import facts_of, letters, searching
from intercom_conformance.suite.ways import Exploration, Spot, kept_ways
from intercom_conformance.trace import Step, Trace

__all__ = ["explore", "walked"]

_LONGEST = 8
"""Steps of a way at most."""

_MOST = 800
"""Configurations that a walk goes on from at most: what is farther away than that is told as not reached."""


@cache
def explore(spec: Specification) -> Exploration:
    """The exploration of a specification, found out once; that of the embedded one is kept in the kit."""
    return kept_ways(spec) or walked(spec)


def walked(spec: Specification) -> Exploration:
    """The exploration of a specification, by three walks, which take some seconds.

    The first walk takes the choices that the specification lists first, as most implementations do; a second walk goes
    along every choice, and a third only where there is none.
    """
    usual, every = (_Notes.of(spec, _legs(spec, following)) for following in (_usual, _all))
    return Exploration(
        {**every.transitions, **usual.transitions},
        {**every.successes, **usual.successes},
        {**every.failures, **usual.failures},
        {**every.alternatives, **usual.alternatives},
        {**every.guards, **usual.guards},
        {**every.facts, **usual.facts},
        {place: _distinct(usual.places.get(place), spot) for place, spot in every.places.items()},
        {**every.sources, **usual.sources},
        _certain_ways(spec),
    )


def _certain_ways(spec: Specification) -> Mapping[tuple[str, str], Trace]:
    """The ways on which every implementation takes a transition, whatever it chooses where it may."""
    found: dict[tuple[str, str], Trace] = {}
    for leg in _legs(spec, _certain):
        for transition, _ in (one for branch in leg.followed for one in branch.taken):
            state = leg.start.states[transition.region] if transition.region in deciding_regions(spec) else ""
            found.setdefault((transition.id, state), leg.trace)
    return found


def _distinct(*spots: Spot | None) -> tuple[Spot, ...]:
    return tuple({repr([(s.name, s.arguments) for s in one.way]): one for one in spots if one is not None}.values())


# Walking ---------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class _Leg:
    """A step of a walk: where it starts, the trace that ends with it, all its branches, and those that are followed."""

    spot: Spot
    trace: Trace
    judged: Call | Happening
    branches: list[Branch]
    followed: list[Branch]

    @property
    def start(self) -> Configuration:
        """The configuration that it starts in."""
        return self.spot.configuration

    def end(self, number: int) -> Spot:
        """Where a branch that is followed ends."""
        return Spot(self.trace, self.followed[number].end, (*self.spot.choices, number))


_Following = Callable[[list[Branch]], list[Branch]]
"""Which branches of a step a walk goes on from: the first so many of them."""


def _usual(branches: list[Branch]) -> list[Branch]:
    return branches[:1]


def _all(branches: list[Branch]) -> list[Branch]:
    return branches


def _certain(branches: list[Branch]) -> list[Branch]:
    return branches if len(branches) == 1 else []


def _legs(spec: Specification, following: _Following) -> Iterator[_Leg]:
    """Every step of a walk, until nothing new is within reach."""
    oracle, news = searching(spec), _News(spec)
    queue = deque([Spot((), oracle.initial()[0], ())])
    for _ in range(_MOST):
        if not queue:
            return
        start = queue.popleft()
        for step, judged in letters(spec, len(start.way)):
            branches = oracle.branches([start.configuration], judged)
            leg = _Leg(start, (*start.way, step), judged, branches, following(branches))
            yield leg
            if len(leg.trace) < _LONGEST:
                fresh = (at for at, one in enumerate(leg.followed) if news.are_in(one.end, start.configuration))
                queue.extend(map(leg.end, fresh))


class _News:
    """What the configurations of a walk have shown so far."""

    def __init__(self, spec: Specification) -> None:
        self._spec = spec
        self._hidden = searching(spec).model.hidden_registers
        self._shown: set[Any] = set()
        self._told: dict[int, tuple[Mapping[str, Any], str]] = {}

    def are_in(self, configuration: Configuration, start: Configuration) -> bool:
        """Whether a configuration shows something that none before it did."""
        if configuration.world is start.world and not _has_moved(start, configuration):
            return False
        new = self._features(configuration) - self._shown
        self._shown |= new
        return bool(new)

    def _features(self, configuration: Configuration) -> set[Any]:
        world = configuration.world
        who = None if world.current is None else self._scalars(world.records[world.current])
        settings = repr([world.registers[name] for name in self._hidden])
        deciding = tuple(configuration.states[position] for position in deciding_regions(self._spec))
        return {
            *enumerate(configuration.states),
            *(("waits", waiting.source.method.event) for waiting in configuration.queue),
            *combinations(deciding, 2),
            place_of(self._spec, configuration),
            (deciding, who),
            (configuration.states[0], settings, *sorted(map(self._scalars, world.records.values()))),
        }

    def _scalars(self, record: Mapping[str, Any]) -> str:
        """The fields of a record that hold one value, written out once: configurations share their records."""
        if (known := self._told.get(id(record))) is not None:
            return known[1]
        fields = {name: repr(value) for name, value in record.items() if not isinstance(value, (dict, list))}
        written = repr(sorted(fields.items()))
        self._told[id(record)] = record, written
        return written


def _has_moved(start: Configuration, end: Configuration) -> bool:
    return end.states != start.states or end.queue != start.queue


# Taking note -----------------------------------------------------------------------------------------------------


class _Notes:
    """The shortest ways that a walk has found, by what each leads to."""

    def __init__(self, spec: Specification) -> None:
        self._spec, self._model, self._deciding = spec, searching(spec).model, deciding_regions(spec)
        initial = searching(spec).initial()[0]
        self.places: dict[Place, Spot] = {place_of(spec, initial): Spot((), initial, ())}
        self.sources: dict[tuple[str, int, str], Trace] = {}
        self.transitions: dict[str, Trace] = {}
        self.successes: dict[str, Trace] = {}
        self.failures: dict[str, Trace] = {}
        self.guards: dict[str, Trace] = {}
        self.facts: dict[tuple[str, tuple[bool, ...], str], tuple[str, Trace]] = {}
        self.alternatives: dict[tuple[str, int, str], Trace] = {}

    @classmethod
    def of(cls, spec: Specification, legs: Iterable[_Leg]) -> _Notes:
        """What there is to note of a walk."""
        notes = cls(spec)
        for leg in legs:
            notes._note_alternatives(leg)
            notes._note_facts(leg)
            notes._note_guards(leg)
            notes._note_followed(leg)
            notes._note_outcome(leg)
        return notes

    def _note_alternatives(self, leg: _Leg) -> None:
        for transition, one in (taken for branch in leg.branches for taken in branch.taken):
            place, state = transition.alternatives.index(one), leg.start.states[transition.region]
            hidden = self._model.table.regions[transition.region].visibility != "shown"
            self.alternatives.setdefault((transition.id, place, state if hidden else ""), leg.trace)
            if transition.region in self._deciding:
                self.sources.setdefault((transition.id, place, state), leg.trace)

    def _note_facts(self, leg: _Leg) -> None:
        """Takes note of what is certain of a call."""
        if not isinstance(leg.judged, Call):
            return
        facts = facts_of(self._spec, leg.start, leg.judged)
        taken = next((one.id for branch in leg.branches for one, _ in branch.taken), None)
        if len(facts) == 1 and taken is not None:
            key = leg.judged.method.event, facts[0], leg.start.states[0]
            self.facts.setdefault(key, (taken, leg.trace))

    def _note_guards(self, leg: _Leg) -> None:
        """Takes note of what guards said; where not every branch is followed, of what they said in all of them."""
        said = [dict.fromkeys(chain.from_iterable(branch.guards)) for branch in leg.branches]
        partly = len(leg.followed) < len(leg.branches)
        for outcome in dict.fromkeys(chain.from_iterable(said)):
            if outcome not in self.guards and not (partly and any(outcome not in one for one in said)):
                self.guards[outcome] = leg.trace

    def _note_followed(self, leg: _Leg) -> None:
        for number, branch in enumerate(leg.followed):
            if _has_moved(leg.start, branch.end) or branch.end.remembered is not leg.start.remembered:
                self.places.setdefault(place_of(self._spec, branch.end), leg.end(number))
            for transition, _ in branch.taken:
                self.transitions.setdefault(transition.id, leg.trace)

    def _note_outcome(self, leg: _Leg) -> None:
        """Takes note of how the first branch ends for the step's own call."""
        step, way = leg.trace[-1], leg.trace[:-1]
        callbacks = {owed.callback for branch in leg.branches[:1] for owed in branch.owed}
        if step.name in self._spec.api.methods and "success" in callbacks:
            self.successes.setdefault(step.name, way)
        elif "error" in callbacks and self._succeeded_before(step, way):
            self.failures.setdefault(step.name, way)

    def _succeeded_before(self, step: Step, way: Trace) -> bool:
        """Whether a valid call would succeed if the world had not just changed."""
        method = self._spec.api.methods.get(step.name)
        changed = bool(way) and way[-1].name in self._model.environment
        after = changed and self.successes.get(step.name) == way[:-1]
        return after and method is not None and self._spec.accepts(method, step.arguments)
