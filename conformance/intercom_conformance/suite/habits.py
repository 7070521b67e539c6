"""Ways that implementations come along which always make one choice, to the places where they make it.

An implementation that has a choice mostly makes the same one wherever it has it. The shortest way to a place may lead
elsewhere behind one that makes another choice on the way; so there is a way of its own for each choice of what is kept
to itself: whether a call waits, which one is remembered, how a region moves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache, cached_property

import attrs

from intercom_conformance.oracle import Branch, Call, Configuration, Happening, Oracle
from intercom_conformance.oracle.table import FLAGS, Alternative, Transition
from intercom_conformance.specification import Specification
from intercom_conformance.suite.dressing import chooses
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.places import Place, place_of
from intercom_conformance.suite.steps import judged, letters, searching, wrong_letters
from intercom_conformance.trace import Step, Trace

__all__ = ["Habitual", "habitual"]

_LONGEST = 6
"""Steps of a way at most."""


@attrs.frozen(eq=False)
class Habitual:
    """A step in which an implementation makes a choice that it made before wherever it could, and where it leads."""

    way: Trace
    step: Step
    end: Configuration


@cache
def habitual(spec: Specification) -> dict[tuple[str, ...], list[Habitual]]:
    """The steps by where the deciding regions are before them, those that the places of an exploration do not show."""
    oracle = searching(spec)
    root, found = _Node(spec, oracle, oracle.initial()[0], ()), dict[tuple[str, ...], list[Habitual]]()
    for transition in oracle.model.table.transitions:
        for choice in _choices(transition):
            for place, one in _Walk(spec, root, transition, choice).run().items():
                found.setdefault(place.states, []).append(one)
    return found


def _choices(transition: Transition) -> Iterator[Alternative]:
    """The alternatives beside the usual one, if they differ in what an implementation keeps to itself."""
    if len({_kept(one) for one in transition.alternatives}) > 1:
        yield from transition.alternatives[1:]


def _kept(one: Alternative) -> tuple[object, ...]:
    return (one.to, *(getattr(one, flag) for flag in FLAGS))


@attrs.frozen(eq=False, slots=False)
class _Node:
    """A configuration after a way; what may come next is found once for all walks."""

    spec: Specification
    oracle: Oracle
    configuration: Configuration
    way: Trace

    @cached_property
    def place(self) -> Place:
        """The place that the configuration is in."""
        return place_of(self.spec, self.configuration)

    @cached_property
    def features(self) -> tuple[object, ...]:
        """What a walk goes on for: another place, or another user."""
        return self.place, self.configuration.world.current

    @cached_property
    def next(self) -> list[tuple[Step, list[tuple[Branch, _Node]]]]:
        """The steps, each with what may become of it."""
        found = []
        for step, happening in _moving(self.spec, len(self.way)):
            branches = self.oracle.branches([self.configuration], happening)
            nodes = [_Node(self.spec, self.oracle, one.end, (*self.way, step)) for one in branches]
            found.append((step, list(zip(branches, nodes, strict=True))))
        return found


@attrs.frozen(eq=False)
class _Walk:
    """A walk along the usual choices, but for one."""

    spec: Specification
    root: _Node
    transition: Transition
    choice: Alternative

    def run(self) -> dict[Place, Habitual]:
        """A step with the choice in each place to which no way leads that others show."""
        found: dict[Place, Habitual] = {}
        queue, seen = deque([self.root]), {self.root.features}
        while queue:
            node = queue.popleft()
            for step, outcomes in node.next if len(node.way) < _LONGEST else ():
                branch, after = min(outcomes, key=self._others)
                if node.place not in found and self._is_made(branch) and not self._is_shown(node.place):
                    found[node.place] = Habitual(node.way, step, after.configuration)
                if after.features not in seen:
                    seen.add(after.features)
                    queue.append(after)
        return found

    def _others(self, outcome: tuple[Branch, _Node]) -> int:
        """How often another choice is made; an implementation with the habit makes none if it can."""
        return sum(transition is self.transition and one is not self.choice for transition, one in outcome[0].taken)

    def _is_made(self, branch: Branch) -> bool:
        return any(transition is self.transition and one is self.choice for transition, one in branch.taken)

    def _is_shown(self, place: Place) -> bool:
        """Whether one of the ways to a place leads an implementation with the habit there, too."""
        spots = explore(self.spec).places.get(place, ())
        return any(self._leads_to(place, spot.way) for spot in spots)

    def _leads_to(self, place: Place, way: Trace) -> bool:
        at = self.root.configuration
        for position, step in enumerate(way):
            branches = self.root.oracle.branches([at], judged(self.spec, step, position))
            at = min(branches, key=lambda one: self._others((one, self.root))).end
        return place_of(self.spec, at) == place


@cache
def _moving(spec: Specification, position: int) -> tuple[tuple[Step, Call | Happening], ...]:
    """The steps that lead from place to place: each call with which a user comes or goes, one of each other kind."""
    found: dict[object, tuple[Step, Call | Happening]] = {}
    methods = spec.api.methods
    for step, happening in (*letters(spec, position), *wrong_letters(spec, position)):
        event = methods[step.name].event if step.name in methods else step.name
        if moving := _moving_by(spec).get(event):
            found.setdefault(repr(step) if event in _choosing_events(spec) else moving, (step, happening))
    return tuple(found.values())


@cache
def _moving_by(spec: Specification) -> dict[str, frozenset[str]]:
    """The transitions of each event that may move a region that rules ask about, or let a call wait; and retries."""
    deciding = {state for place in explore(spec).places for state in place.states}
    found: dict[str, frozenset[str]] = {}
    for one in searching(spec).model.table.transitions:
        if any(choice.to in deciding or any(_kept(choice)[1:]) for choice in one.alternatives):
            for event in one.events:
                found[event] = found.get(event, frozenset()) | {one.id}
    retrying = (name for name, body in spec.chart["environment"].items() if "retries" in body)
    return {**{name: frozenset([name]) for name in retrying}, **found}


@cache
def _choosing_events(spec: Specification) -> frozenset[str]:
    """The events with which a user may come or go."""
    return frozenset(
        event
        for one in searching(spec).model.table.transitions
        if any(chooses(spec, effect) for choice in one.alternatives for effect in choice.effects)
        for event in one.events
    )
