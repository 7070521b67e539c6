"""Checks by place: wherever an implementation may stand, every call, and what shows of it later.

Rules tell places apart: where the regions stand that several rules ask about, whether calls wait, and whether one is
remembered. A call that changes nothing of that is made right after others that do not; of calls that do, one for each
thing that the specification says of them there. At the end the world is as it should be again, and a call that takes
up what was remembered shows what had become of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Configuration, Oracle
from intercom_conformance.player import Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.explore import Place, Spot, alphabet, explore, letters, place_of
from intercom_conformance.suite.session import Session
from intercom_conformance.trace import Step, Trace

__all__ = ["everywhere_checks"]


def everywhere_checks(spec: Specification) -> Iterator[Check]:
    """One check for each combination of states that rules tell apart."""
    found: dict[tuple[str, ...], list[Place]] = {}
    for place in explore(spec).places:
        found.setdefault(place.states, []).append(place)
    for states, places in sorted(found.items()):
        title = f"Every call while it is {', '.join(one.replace('_', ' ') for one in states)}, and what shows later."
        yield Check(f"everywhere/{'+'.join(states)}", title, (), _run(spec, places))


def _run(spec: Specification, places: list[Place]) -> Any:
    def run(session: Session, settings: Settings) -> None:
        own = (session.player.binding or session.player.start()).kind != "wrapper"
        for place in places:
            spots = explore(spec).places[place]
            for spot in spots if own else [one for one in spots if _is_sure(spec, one.way)][:1]:
                traces = _Around(spec, session.player, spot).traces()
                session.play_all(traces if own else islice(traces, 1))

    return run


def _is_sure(spec: Specification, way: Trace) -> bool:
    """Whether a way leads to the same place behind every wrapper: what one makes of wrong arguments is its affair."""
    methods = spec.api.methods
    return all(spec.accepts(methods[step.name], step.arguments) for step in way if step.name in methods)


@attrs.frozen
class _Around:
    """All that can be done at a spot."""

    spec: Specification
    player: Player
    spot: Spot

    def traces(self) -> Iterator[Trace]:
        """The calls that change nothing, one after another, and then those that do, each by itself.

        What a binding does not have is left out, as it would keep it from playing the rest.
        """
        still: list[Step] = []
        others: dict[frozenset[tuple[str, int]], Step] = {}
        for step, judged in letters(self.spec, len(self.spot.way)):
            if self.player.supports(step):
                continue
            branches = self.player.oracle.branches([self.spot.configuration], judged)
            if all(self._stays(one.end) for one in branches):
                still.append(step)
            else:
                others.setdefault(frozenset(_taken(branches)), step)
        later = [one for one in afterwards(self.spec, self.player.oracle) if not self.player.supports(one)]
        if still:
            yield (*self.spot.way, *still, *later)
        for step in others.values():
            yield (*self.spot.way, step, *later)

    def _stays(self, after: Configuration) -> bool:
        """Whether it is the same place still, where the same calls wait, and the same one is remembered."""
        before = self.spot.configuration
        kept = before.queue == after.queue and before.remembered is after.remembered
        return kept and place_of(self.spec, after) == place_of(self.spec, before)


def _taken(branches: list[Branch]) -> Iterator[tuple[str, int]]:
    for branch in branches:
        yield from ((transition.id, transition.alternatives.index(one)) for transition, one in branch.taken)


def afterwards(spec: Specification, oracle: Oracle) -> Trace:
    """What shows later what a step has kept to itself: the world as it should be, and a call that takes up others."""
    closing = [Step(name) for name in oracle.model.closing_events]
    events = {event for one in oracle.model.table.transitions if _takes_up(one) for event in one.events}
    calls = [
        one for one in alphabet(spec) if one.name in spec.api.methods and spec.api.methods[one.name].event in events
    ]
    return (*closing[:1], *calls[:1], *closing[1:])


def _takes_up(transition: Any) -> bool:
    return any(one.requeue for one in transition.alternatives)
