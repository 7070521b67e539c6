"""Checks by place: wherever an implementation may stand, every call, and what shows of it later.

Rules tell places apart: where the regions stand that several rules ask about, which kinds of calls wait, and whether
one is remembered. A call that changes nothing of that is made right after others that do not; of calls that do, one for
each thing that the specification says of them there, or would say if a hidden region stood elsewhere. Where such a
region is then is told by another call. At the end the world is as it should be again, and a call that takes up what was
remembered, in each world in which one does, shows what had become of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Call, Configuration
from intercom_conformance.player import Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.departed import after_settings, after_somebody, choosing_calls, departed
from intercom_conformance.suite.dressing import chooses, dressed
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.habits import habitual
from intercom_conformance.suite.later import afterwards, endings, no_more_tries, trying_again
from intercom_conformance.suite.places import Place, place_of
from intercom_conformance.suite.session import Session
from intercom_conformance.suite.steps import facts_of, judged, letters, said, searching, wrong_letters
from intercom_conformance.suite.telling import elsewhere, telling
from intercom_conformance.suite.twins import spoilt
from intercom_conformance.suite.ways import Spot
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
class _Try:
    """A call or an event after a way; what is said of it, and what may become of it."""

    way: Trace
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
        still, others = self._told_apart()
        if still:
            yield from self._one_after_another(still)
        yield from self._each_by_itself(others)
        yield from self._when_tries_are_over(others)

    def _told_apart(self) -> tuple[list[list[Step]], list[_Try]]:
        """The calls that change nothing, by what is said of them, and of those that do one for each thing that is."""
        still, others, known = dict[_Says, list[Step]](), dict[Any, _Try](), set[_Says]()
        for one in self._calls(letters):
            known.add(one.says)
            if all(self._stays(branch.end) for branch in one.branches):
                still.setdefault(one.says, []).append(one.step)
            else:
                key = (one.says, elsewhere(self.spec, self.spot.configuration, one.step, len(one.way)))
                if key not in others or (self._was_made(others[key].step) and not self._was_made(one.step)):
                    others[key] = one
        for one in self._calls(wrong_letters):
            if one.says not in known:
                known.add(one.says)
                others[one.says] = one
        others |= self._otherwise()
        return list(still.values()), list(others.values())

    def _one_after_another(self, still: list[list[Step]]) -> Iterator[Trace]:
        """All calls before the usual end, and before each other end one for each thing that is said of them."""
        here, position = self.spot.configuration, len(self.spot.way) + 1
        ends = (*endings(self.spec, [here], position), *trying_again(self.spec, here, position))
        usual, *others = map(self._played, ends)
        yield (*self.spot.way, *chain.from_iterable(still), *usual)
        yield from ((*self.spot.way, *(steps[0] for steps in still), *end) for end in others)

    def _each_by_itself(self, others: Iterable[_Try]) -> Iterator[Trace]:
        """Each call by itself, before every end where it is the first of which hidden regions say so.

        Users have something to lose where it is the first that has the user change so.
        """
        changed, known = set[tuple[str, int]](), set[_Says]()
        for other in others:
            changing, hidden = (
                other.says & _changing(self.spec),
                other.says & _rules(self.spec, "internal") or other.says,
            )
            way = (*other.way, other.step)
            way = way if changing <= changed else dressed(self.spec, way)
            moved = self._moves(other.branches, "internal")
            told = telling(self.spec, other.branches[0].end, len(way)) if moved else ()
            yield (*way, *self._played(told), *self._played(afterwards(self.spec)))
            if hidden not in known:
                # What tells where a region is may move it, in an implementation that makes other choices.
                ends = endings(self.spec, (one.end for one in other.branches), len(way))
                yield from ((*way, *self._played(end)) for end in islice(ends, 0 if told else 1, None))
            changed |= changing
            known.add(hidden)

    def _when_tries_are_over(self, others: Iterable[_Try]) -> Iterator[Trace]:
        """Calls that change the world while others wait, once no more tries follow of themselves."""
        over, known = self._played(no_more_tries(self.spec)), set[_Says]()
        for other in others if self.spot.configuration.queue and over else ():
            changing = other.says & _rules(self.spec, "environment")
            if other.step.name in self.spec.api.methods and changing and changing not in known:
                known.add(changing)
                yield (*self.spot.way, *over, other.step, *over, *self._played(afterwards(self.spec)))

    def _moves(self, branches: list[Branch], visibility: str) -> bool:
        """Whether a region of this kind may have moved."""
        regions = [one.position for one in self.player.oracle.model.table.regions if one.visibility == visibility]
        return any(one.end.states[n] != self.spot.configuration.states[n] for one in branches for n in regions)

    def _calls(self, of: Any) -> Iterator[_Try]:
        """The letters that a binding has, each with what may become of it here."""
        way = self.spot.way
        for step, happening in of(self.spec, len(way)):
            if not self.player.supports(step):
                branches = self.player.oracle.branches([self.spot.configuration], happening)
                yield _Try(way, step, said(branches), branches)

    def _otherwise(self) -> Mapping[Any, _Try]:
        """The calls that may choose a record, where something that has happened before changes what is true of them."""
        valid = choosing_calls(self.spec)
        wrong = (one for call in valid for one in spoilt(self.spec, call))
        calls = [one for one in (*valid, *wrong) if not self.player.supports(one)]
        known = {key for key, _ in self._meant(self.spot.way, self.spot.configuration, calls)}
        found: dict[Any, _Try] = {}
        after_users = (one for gone in departed(self.spec) for one in after_somebody(self.spec, gone, self.spot))
        for way, here in chain(after_users, after_settings(self.spec, self.spot)):
            meant = self._meant(way, here, calls)
            found |= {key: one for key, one in meant if key not in known and key not in found}
        return found

    def _meant(self, way: Trace, here: Configuration, calls: list[Step]) -> Iterator[tuple[Any, _Try]]:
        """Calls, each with what is said and what is true of it after a way."""
        for step in calls:
            happening = judged(self.spec, step, len(way))
            branches = self.player.oracle.branches([here], happening)
            assert isinstance(happening, Call)
            says = said(branches)
            yield (says, *facts_of(self.spec, here, happening)), _Try(way, step, says, branches)

    def _was_made(self, step: Step) -> bool:
        """Whether a call was made on the way here: what it says is nothing new."""
        return any((one.name, one.arguments) == (step.name, step.arguments) for one in self.spot.way)

    def _played(self, steps: Trace) -> Trace:
        return tuple(one for one in steps if not self.player.supports(one))

    def _stays(self, after: Configuration) -> bool:
        """Whether it is the same place still, where the same calls wait, and the same one is remembered."""
        before = self.spot.configuration
        kept = before.queue == after.queue and before.remembered is after.remembered
        return kept and place_of(self.spec, after) == place_of(self.spec, before)


@cache
def _changing(spec: Specification) -> _Says:
    """The alternatives by which another user comes, or the user goes: what the one before has to lose matters."""
    return frozenset(
        (one.id, place)
        for one in searching(spec).model.table.transitions
        for place, choice in enumerate(one.alternatives)
        if any(chooses(spec, effect) for effect in choice.effects)
    )


@cache
def _rules(spec: Specification, visibility: str) -> _Says:
    """The alternatives of transitions of regions of this kind."""
    table = searching(spec).model.table
    own = (one for one in table.transitions if table.regions[one.region].visibility == visibility)
    return frozenset((one.id, place) for one in own for place in range(len(one.alternatives)))
