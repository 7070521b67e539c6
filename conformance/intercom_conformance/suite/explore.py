"""Finds short traces through the specification: to every transition, and to where a method succeeds.

The walk is breadth first over the oracle's own configurations, so that the first trace found is a shortest one among
those that take the choices that the specification lists first. A configuration is walked on from only if it shows
something new: a pair of states in two regions, a kind of call that waits, a place, or a setting of the world.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import cache
from itertools import chain, combinations
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Call, Configuration, Happening, Oracle
from intercom_conformance.oracle.table import Alternative, Transition
from intercom_conformance.specification import Specification
from intercom_conformance.suite.places import Place, deciding_regions, place_of
from intercom_conformance.suite.steps import letters, searching
from intercom_conformance.trace import Step, Trace

__all__ = ["Exploration", "Spot", "certain_ways", "explore"]


_MOST = 800
"""Configurations that a walk goes on from at most: what is farther away than that is told as not reached."""


@attrs.frozen(eq=False)
class Spot:
    """A place that was come to: the way there, and the configuration that an implementation may be in then."""

    way: Trace
    configuration: Configuration


@attrs.frozen(eq=False)
class Exploration:
    """Short traces: to each transition (by id), and to where a method's valid call succeeds (before that call).

    `alternatives` are those after which a binding may have taken an alternative of a transition: by id, place, and the
    state it was in, if that is one that nobody is shown. `guards` are those to each outcome of a guard, where it is
    certain if there is such a way. `failures` are those to where the world makes a method's valid call fail that
    succeeded just before (before that call). `facts` are those to calls whose facts are
    certain: by event, what is true of them, and the state of the first region; with a transition that the call takes.
    `places` has for each place the way that the usual choices lead there, if any, and the one that any choices do.
    `sources` are those after which a binding may have taken an alternative of a transition of a region that other
    regions' rules ask about: by id, place, and the state it was in.
    """

    transitions: Mapping[str, Trace]
    successes: Mapping[str, Trace]
    failures: Mapping[str, Trace]
    alternatives: Mapping[tuple[str, int, str], Trace]
    guards: Mapping[str, Trace]
    facts: Mapping[tuple[str, tuple[bool, ...], str], tuple[str, Trace]]
    places: Mapping[Place, tuple[Spot, ...]]
    sources: Mapping[tuple[str, int, str], Trace]


@cache
def explore(spec: Specification, longest: int = 8) -> Exploration:
    """The exploration of a specification, by traces of at most `longest` steps; computed once.

    The first walk takes the choices that the specification lists first, as most implementations do, until it has taken
    every transition; a second walk goes along every choice.
    """
    oracle = searching(spec)
    usual = _Walk(oracle, spec, every_choice=False)
    usual.run(longest)
    every = _Walk(oracle, spec, every_choice=True)
    every.run(longest)
    return Exploration(
        {**every.transitions, **usual.transitions},
        {**every.successes, **usual.successes},
        {**every.failures, **usual.failures},
        {**every.alternatives, **usual.alternatives},
        {**every.guards, **usual.guards},
        {**every.facts, **usual.facts},
        {place: _distinct(usual.places.get(place), spot) for place, spot in every.places.items()},
        {**every.sources, **usual.sources},
    )


@cache
def certain_ways(spec: Specification, longest: int = 8) -> Mapping[tuple[str, str], Trace]:
    """The ways on which every implementation takes a transition, whatever it chooses where it may.

    They go by the transition's id, and the state that its region was in, if other regions' rules ask about that.
    """
    walk = _CertainWalk(searching(spec), spec, every_choice=True)
    walk.run(longest)
    return walk.certain


def _distinct(*spots: Spot | None) -> tuple[Spot, ...]:
    return tuple({repr([(s.name, s.arguments) for s in one.way]): one for one in spots if one is not None}.values())


class _Walk:
    def __init__(self, oracle: Oracle, spec: Specification, *, every_choice: bool) -> None:
        self.oracle, self.spec, self._every_choice = oracle, spec, every_choice
        self.sources: dict[tuple[str, int, str], Trace] = {}
        self.transitions: dict[str, Trace] = {}
        self.successes: dict[str, Trace] = {}
        self.failures: dict[str, Trace] = {}
        self.guards: dict[str, Trace] = {}
        self.facts: dict[tuple[str, tuple[bool, ...], str], tuple[str, Trace]] = {}
        self.alternatives: dict[tuple[str, int, str], Trace] = {}
        self.places: dict[Place, Spot] = {}
        self._shown: set[Any] = set()
        self._hidden = sorted(spec.chart["registers"].keys() - oracle.model.shown_registers)
        self._deciding = deciding_regions(spec)

    def run(self, longest: int) -> None:
        """Walks until nothing new is within reach; along the usual choices only until every transition is taken."""
        initial = self.oracle.initial()[0]
        self.places[place_of(self.spec, initial)] = Spot((), initial)
        queue: deque[tuple[Configuration, Trace]] = deque([(initial, ())])
        for _ in range(_MOST):
            if not queue or self._has_enough:
                return
            start, trace = queue.popleft()
            for step, judged in letters(self.spec, len(trace)):
                for branch in self.follow(start, trace, step, judged):
                    if len(trace) + 1 < longest and self.is_new(start, branch.end):
                        queue.append((branch.end, (*trace, step)))

    @property
    def _has_enough(self) -> bool:
        return not self._every_choice and len(self.transitions) == len(self.spec.chart["transitions"])

    def follow(self, start: Configuration, trace: Trace, step: Step, judged: Call | Happening) -> list[Branch]:
        """The branches of a step, all of them or the usual one; takes note of what they reach."""
        branches = self.oracle.branches([start], judged)
        for branch in branches:
            for transition, one in branch.taken:
                self.alternatives.setdefault(self._alternative(start, transition, one), (*trace, step))
                if transition.region in self._deciding:
                    key = transition.id, transition.alternatives.index(one), start.states[transition.region]
                    self.sources.setdefault(key, (*trace, step))
        self._note_facts(start, (*trace, step), judged, branches)
        for outcome in dict.fromkeys(chain.from_iterable(map(_said, branches))):
            if self._every_choice or all(outcome in _said(branch) for branch in branches):
                self.guards.setdefault(outcome, (*trace, step))
        branches = branches if self._every_choice else branches[:1]
        for branch in branches:
            self.places.setdefault(place_of(self.spec, branch.end), Spot((*trace, step), branch.end))
        for branch in branches:
            for transition, _ in branch.taken:
                self.transitions.setdefault(transition.id, (*trace, step))
        if step.name in self.spec.api.methods and any(_ends(branch, "success") for branch in branches[:1]):
            self.successes.setdefault(step.name, trace)
        elif any(_ends(branch, "error") for branch in branches[:1]) and self._succeeded_before(step, trace):
            self.failures.setdefault(step.name, trace)
        return branches

    def _note_facts(self, start: Configuration, trace: Trace, judged: Call | Happening, branches: list[Branch]) -> None:
        """Takes note of what is certain of a call."""
        if not isinstance(judged, Call):
            return
        model, event = self.oracle.model, judged.method.event
        asked = [place for place, atom in enumerate(model.table.atoms[event]) if atom.kind == "fact"]
        known = model.answers(start, event, judged.named, "first", judged) if asked else []
        taken = [transition.id for branch in branches for transition, _ in branch.taken]
        if len(known) == 1 and taken:
            facts = tuple(bool(known[0][place]) for place in asked)
            self.facts.setdefault((event, facts, start.states[0]), (taken[0], trace))

    def _succeeded_before(self, step: Step, trace: Trace) -> bool:
        """Whether a valid call would succeed if the world had not just changed."""
        method = self.spec.api.methods.get(step.name)
        changed = bool(trace) and trace[-1].name in self.oracle.model.environment
        after = changed and self.successes.get(step.name) == trace[:-1]
        return after and method is not None and self.spec.accepts(method, step.arguments)

    def _alternative(self, start: Configuration, transition: Transition, one: Alternative) -> tuple[str, int, str]:
        hidden = self.oracle.model.table.regions[transition.region].visibility != "shown"
        state = start.states[transition.region] if hidden else ""
        return transition.id, transition.alternatives.index(one), state

    def is_new(self, start: Configuration, configuration: Configuration) -> bool:
        """Whether a configuration shows something that none before it did."""
        same_place = configuration.states == start.states and configuration.world is start.world
        if same_place and configuration.queue == start.queue:
            return False
        new = self._features(configuration) - self._shown
        self._shown |= new
        return bool(new)

    def _features(self, configuration: Configuration) -> set[Any]:
        world = configuration.world
        who = None if world.current is None else repr(sorted(_scalars(world.records[world.current]).items()))
        settings = repr([world.registers[name] for name in self._hidden])
        deciding = tuple(configuration.states[position] for position in self._deciding)
        facets = {
            *enumerate(configuration.states),
            *(("waits", waiting.source.method.event) for waiting in configuration.queue),
        }
        kept = repr(sorted(repr(sorted(_scalars(record).items())) for record in world.records.values()))
        return {
            *facets,
            *combinations(deciding, 2),
            (deciding, who),
            (configuration.states[0], settings, kept),
        }


class _CertainWalk(_Walk):
    """A walk along those steps only that have a single outcome."""

    def __init__(self, oracle: Oracle, spec: Specification, *, every_choice: bool) -> None:
        super().__init__(oracle, spec, every_choice=every_choice)
        self.certain: dict[tuple[str, str], Trace] = {}

    def follow(self, start: Configuration, trace: Trace, step: Step, judged: Call | Happening) -> list[Branch]:
        """The branch that a step has if it has just one; takes note of what it takes."""
        branches = self.oracle.branches([start], judged)
        if len(branches) != 1:
            return []
        for transition, _ in branches[0].taken:
            state = start.states[transition.region] if transition.region in self._deciding else ""
            self.certain.setdefault((transition.id, state), (*trace, step))
        return branches


def _said(branch: Branch) -> list[str]:
    """What the guards said that were asked in a branch."""
    return list(chain.from_iterable(branch.guards))


def _ends(branch: Branch, callback: str) -> bool:
    return any(owed.callback == callback for owed in branch.owed)


def _scalars(record: Mapping[str, Any]) -> dict[str, str]:
    return {field: repr(value) for field, value in record.items() if not isinstance(value, (dict, list))}
