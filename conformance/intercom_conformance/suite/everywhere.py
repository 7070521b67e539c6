"""Checks by place: wherever an implementation may stand, every call, and what shows of it later.

Rules tell places apart: where the regions stand that several rules ask about, whether calls wait, and whether one is
remembered. A call that changes nothing of that is made right after others that do not; of calls that do, one for each
thing that the specification says of them there, or would say if a hidden region stood elsewhere. Where such a region is
then is told by another call. At the end the world is as it should be again, and a call that takes up what was
remembered, in each world in which one does, shows what had become of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Configuration
from intercom_conformance.player import Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.dressing import chooses, dressed
from intercom_conformance.suite.explore import Spot, explore
from intercom_conformance.suite.habits import habitual
from intercom_conformance.suite.places import Place, place_of
from intercom_conformance.suite.session import Session
from intercom_conformance.suite.steps import alphabet, followed, letters, said, searching, taken_by, wrong_letters
from intercom_conformance.suite.telling import elsewhere, telling
from intercom_conformance.trace import Step, Trace

__all__ = ["everywhere_checks"]

_Says = frozenset[tuple[str, int]]
"""What the specification says of a call: the alternatives of transitions that it may take."""


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
        session.play_all(_of_habit(spec, session.player, places[0].states) if own else ())

    return run


def _of_habit(spec: Specification, player: Player, states: tuple[str, ...]) -> Iterator[Trace]:
    """The steps of implementations that come here by a way of their own; what they keep to themselves is asked for."""
    for one in habitual(spec).get(states, ()):
        way = (*one.way, one.step)
        told = telling(spec, one.end, len(way))
        if not any(player.supports(step) for step in way):
            later = (*told, *afterwards(spec))
            yield (*way, *(step for step in later if not player.supports(step)))


def _is_sure(spec: Specification, way: Trace) -> bool:
    """Whether a way leads to the same place behind every wrapper: what one makes of wrong arguments is its affair."""
    methods = spec.api.methods
    return all(spec.accepts(methods[step.name], step.arguments) for step in way if step.name in methods)


@attrs.frozen(eq=False)
class _Other:
    """A call that may lead elsewhere, what the specification says of it, and what may become of it."""

    step: Step
    says: _Says
    branches: list[Branch]


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
        still, others, known = list[Step](), dict[Any, _Other](), set[_Says]()
        for step, branches in self._branches(letters):
            says = said(branches)
            known.add(says)
            if all(self._stays(one.end) for one in branches):
                still.append(step)
            else:
                key = (says, elsewhere(self.spec, self.spot.configuration, step, len(self.spot.way)))
                others.setdefault(key, _Other(step, says, branches))
        for step, branches in self._branches(wrong_letters):
            if (says := said(branches)) not in known:
                known.add(says)
                others[says] = _Other(step, says, branches)
        if still:
            later = (*self._later(self.spot.configuration), *self._still_later())
            yield from ((*self.spot.way, *still, *one) for one in later)
        for other in others.values():
            way, end = (*self.spot.way, other.step), other.branches[0].end
            way = dressed(self.spec, way) if self._may_choose(other.says) else way
            told = self._played(telling(self.spec, end, len(way))) if self._hides(other.branches) else ()
            yield from ((*way, *told, *later) for later in self._later(end))

    def _hides(self, branches: list[Branch]) -> bool:
        """Whether a hidden region may have moved."""
        hidden = [one.position for one in self.player.oracle.model.table.regions if one.visibility == "internal"]
        return any(one.end.states[n] != self.spot.configuration.states[n] for one in branches for n in hidden)

    def _may_choose(self, says: _Says) -> bool:
        """Whether another user may come, or the user go, so that it matters what the one before has to lose."""
        table = self.player.oracle.model.table
        effects = {one.id: [choice.effects for choice in one.alternatives] for one in table.transitions}
        return any(chooses(self.spec, effect) for name, place in says for effect in effects[name][place])

    def _branches(self, of: Any) -> Iterator[tuple[Step, list[Branch]]]:
        """The letters that a binding has, each with what may become of it here."""
        for step, happening in of(self.spec, len(self.spot.way)):
            if not self.player.supports(step):
                yield step, self.player.oracle.branches([self.spot.configuration], happening)

    def _later(self, here: Configuration) -> Iterator[Trace]:
        """What shows later; where a call is remembered, in each world in which another takes it up."""
        usual = afterwards(self.spec)
        yield self._played(usual)
        if here.remembered is not None:
            yield from (self._played(one) for one in _taking_up(self.spec, here, len(self.spot.way) + 1, usual))

    def _still_later(self) -> Iterator[Trace]:
        """What shows later where what is remembered is taken up, and waits."""
        here, usual = self.spot.configuration, afterwards(self.spec)
        if here.remembered is not None:
            yield from map(self._played, _trying_again(self.spec, here, len(self.spot.way), usual))

    def _played(self, steps: Trace) -> Trace:
        return tuple(one for one in steps if not self.player.supports(one))

    def _stays(self, after: Configuration) -> bool:
        """Whether it is the same place still, where the same calls wait, and the same one is remembered."""
        before = self.spot.configuration
        kept = before.queue == after.queue and before.remembered is after.remembered
        return kept and place_of(self.spec, after) == place_of(self.spec, before)


@cache
def afterwards(spec: Specification) -> Trace:
    """What shows later what a step has kept to itself: the world as it should be, and a call that takes up others."""
    model = searching(spec).model
    closing = [Step(name) for name in model.closing_events]
    events = {event for one in model.table.transitions if _takes_up(one) for event in one.events}
    calls = [
        one for one in alphabet(spec) if one.name in spec.api.methods and spec.api.methods[one.name].event in events
    ]
    return (*closing[:1], *calls[:1], *closing[1:])


def _taking_up(spec: Specification, here: Configuration, position: int, usual: Trace) -> Iterator[Trace]:
    """The usual end in another world, for each further rule by which the call that is remembered is taken up."""
    calls = [step for step in usual if step.name in spec.api.methods]
    known = _rules_after(spec, here, usual[0], calls, position)
    for event in _world(spec):
        if not (new := _rules_after(spec, here, event, calls, position)) <= known:
            known |= new
            yield (event, *calls, *(step for step in usual if step not in calls))


def _trying_again(spec: Specification, here: Configuration, position: int, usual: Trace) -> Iterator[Trace]:
    """Ends at which what is taken up waits, so that the world gives it another reason to be tried again."""
    for end in _taking_up(spec, here, position, usual):
        again = [one for one in _world(spec, "retries") if one not in end]
        if _waits(spec, here, end[:2], position):
            yield from ((*end[:2], one, *end[3:]) for one in again)


def _world(spec: Specification, having: str = "summary") -> list[Step]:
    """The events of the world, or those that say something."""
    world = spec.chart["environment"]
    return [one for one in alphabet(spec) if having in world.get(one.name, ())]


def _waits(spec: Specification, here: Configuration, steps: Trace, position: int) -> bool:
    """Whether a call may wait after these steps."""
    reached: Sequence[Configuration] = [here]
    for place, step in enumerate(steps, position):
        reached = followed(spec, reached, step, place)
    return any(one.queue for one in reached)


def _rules_after(
    spec: Specification, here: Configuration, event: Step, calls: list[Step], position: int
) -> frozenset[str]:
    """The rules by which one of the calls takes up what is remembered after an event of the world."""
    reached = followed(spec, [here], event, position)
    taken = (one for call in calls for one in taken_by(spec, reached, call, position + 1))
    return frozenset(transition.id for transition, choice in taken if choice.requeue)


def _takes_up(transition: Any) -> bool:
    return any(one.requeue for one in transition.alternatives)
