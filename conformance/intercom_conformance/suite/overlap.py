"""Checks of calls that overlap: while one waits for its answer, others arrive, and answers come in any order.

Everything is derived from the specification: which calls wait for the network, which events keep answers back and
which let them go, and which calls change who is there. Small scopes are gone through systematically: a call in flight
and any other one after it, and three of which one changes who is there. The answers come at once, as failures, or,
where the kit plays the native SDK below a wrapper, in every order, one after another. What a binding made of that the
oracle judges: some order that the specification allows has to explain it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from itertools import permutations
from typing import Any

import attrs

from intercom_conformance.oracle import Branch, Call, Configuration, Happening, Oracle
from intercom_conformance.player import Played
from intercom_conformance.specification import Method, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.complete.projections import common_regions
from intercom_conformance.suite.inputs import valid_examples
from intercom_conformance.suite.later import endings, no_more_tries
from intercom_conformance.suite.session import Session
from intercom_conformance.suite.steps import alphabet, ends, searching
from intercom_conformance.trace import BOTH, Step, Trace

__all__ = ["overlap_checks"]

_NAMES = ("first", "second", "third")
_GIVEN = ((), ("success",), ("error",), BOTH)
"""The callbacks that calls in flight are given, turn and turn about."""

_FARTHEST = 4
"""Calls that a way to a state may have."""

_ROUND = 100
"""Examples for which every pair is played with one more way for its answers to come."""


def overlap_checks(spec: Specification) -> Iterator[Check]:
    """Two checks for each method that may wait for the network: with one other call, and with two."""
    for method in _Scope.of(spec).waiting:
        title = f"Other calls arrive while {method.name} waits for its answer."
        yield Check(f"overlap/{method.name}", title, (), _run(spec, method, _Scope.pairs))
        title = f"Two more calls arrive while {method.name} waits, and somebody else may be there then."
        yield Check(f"overlap/{method.name}/three", title, (), _run(spec, method, _Scope.triples))


def _run(spec: Specification, method: Method, groups: Callable[[_Scope, Method, Possible], Iterator[_Group]]) -> Any:
    def run(session: Session, settings: Settings) -> None:
        scope, player = _Scope.of(spec), session.player
        relayed = (player.binding or player.start()).kind == "wrapper"
        rounds = max(settings.examples // _ROUND, 1)
        for number, group in enumerate(groups(scope, method, player.supports), settings.seed):
            lacking = {name for step in (*group.before, *group.calls) for name in player.supports(step)}
            session.missing |= lacking
            if lacking:
                continue
            # What goes wrong in the plainest way tells nothing new in others, where less of it shows.
            if not _conforms(session, scope.answered(group)):
                continue
            session.play_all(scope.answered_otherwise(group, number, rounds, player.supports))
            session.play_all(scope.unanswered(group, player.supports))
            if relayed:
                session.play_all(scope.answered_in_turn(group, number, rounds, player.supports))

    return run


def _conforms(session: Session, trace: Trace) -> bool:
    """Whether nothing is wrong with how a trace ends."""
    outcome = session.outcome(trace)
    if outcome is not None:
        session.judge(outcome)
    return isinstance(outcome, Played) and not outcome.formal


Possible = Callable[[Step], frozenset[str]]
"""What a binding lacks for a step."""


@attrs.frozen
class _Group:
    """Calls that overlap, on an app that has been brought to some state first."""

    before: Trace
    calls: Trace
    waiting: tuple[str, ...]
    """The names of those that may wait."""


@attrs.frozen(eq=False, slots=False)
class _Scope:
    """What of a specification matters when calls overlap."""

    spec: Specification
    oracle: Oracle

    @classmethod
    @cache
    def of(cls, spec: Specification) -> _Scope:
        """The scope of a specification."""
        return cls(spec, searching(spec))

    # What overlaps -------------------------------------------------------------------------------------------

    def pairs(self, method: Method, lacks: Possible) -> Iterator[_Group]:
        """The method's call in flight, and any call after it, wherever the first one waits."""
        for before, first in self.waits_at(method):
            for other in self.spec.api.methods.values():
                yield self._group(before, first, lacks, other)

    def triples(self, method: Method, lacks: Possible) -> Iterator[_Group]:
        """The method's call in flight, and two after it; the first or the second changes who is there."""
        changing = self.changing
        for before, first in self.waits_at(method):
            for second in self.representatives:
                for third in self.representatives:
                    if method in changing or second in changing:
                        yield self._group(before, first, lacks, second, third)

    def _group(self, before: Trace, first: Step, lacks: Possible, *others: Method) -> _Group:
        calls = [first]
        for other in others:
            calls.append(self._unlike([*before, *calls], other, lacks))
        named = tuple(attrs.evolve(one, call=name) for one, name in zip(calls, _NAMES, strict=False))
        waits = self.oracle.model.waits
        waiting = [one.call for one in named if self.spec.api.methods[one.name].event in waits]
        return _Group(before, named, tuple(waiting))

    def _unlike(self, calls: Sequence[Step], method: Method, lacks: Possible) -> Step:
        """A valid call that the binding can be put to: one that was not made before, and that has the most to say."""
        valid = [Step(method.name, arguments) for arguments in valid_examples(self.spec, method)]
        possible = [one for one in valid if not lacks(one)] or valid
        used = [one.arguments for one in calls if one.name == method.name]
        fresh = [one for one in possible if one.arguments not in used]
        return max(fresh, key=lambda one: len(repr(one.arguments)), default=possible[0])

    @cached_property
    def waiting(self) -> tuple[Method, ...]:
        """The methods whose calls may wait, wherever that is."""
        return tuple(one for one in self.spec.api.methods.values() if self.waits_at(one))

    @cached_property
    def changing(self) -> list[Method]:
        """The methods whose calls change who is there, or end what is under way."""
        regions = common_regions(self.spec)
        positions = {one.position for one in self.oracle.model.table.regions if one.name in regions}
        events = {
            event
            for one in self.oracle.model.table.transitions
            if any(choice.cancel or (choice.to and one.region in positions) for choice in one.alternatives)
            for event in one.events
        }
        return [one for one in self.spec.api.methods.values() if one.event in events]

    @cached_property
    def representatives(self) -> list[Method]:
        """The methods that change who is there, and one for each kind of effect that a waiting call has."""
        chosen, seen = list(self.changing), set[Any]()
        for method in self.waiting:
            touched = self._touched(method)
            if method not in chosen and touched and touched not in seen:
                chosen.append(method)
                seen.add(touched)
        return chosen

    def _touched(self, method: Method) -> frozenset[str]:
        """The fields of records that a method's calls may change."""
        effects = self.oracle.model.effects
        fields = self.oracle.model.spec.chart["records"][self.oracle.model.collection]
        taken = [one for one in self.oracle.model.table.transitions if method.event in one.events]
        names = {name for one in taken for choice in one.alternatives for name in choice.effects}
        return frozenset(field for name in names for field in effects[name].touches if field in fields)

    # Where and how calls wait --------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[str, tuple[tuple[Trace, Step], ...]]:
        return {name: tuple(self._waits_at(method)) for name, method in self.spec.api.methods.items()}

    def waits_at(self, method: Method) -> tuple[tuple[Trace, Step], ...]:
        """A call of a method in each of the states that matter in which it has to wait, after the way there."""
        return self._places[method.name]

    def _waits_at(self, method: Method) -> Iterator[tuple[Trace, Step]]:
        for way in self.ways:
            for arguments in valid_examples(self.spec, method):
                step = Step(method.name, arguments)
                if self.holding is not None and self._has_to_wait((*way, self.holding), step):
                    yield way, step
                    break

    @cached_property
    def ways(self) -> tuple[Trace, ...]:
        """A shortest way of usual choices to each state of the regions that many rules ask about."""
        regions = [one for one in self.oracle.model.table.regions if one.name in common_regions(self.spec)]
        left = {(one.position, state) for one in regions for state in one.states}
        found: list[Trace] = []
        queue: deque[tuple[Trace, Configuration]] = deque([((), self.oracle.initial()[0])])
        while queue and left and len(queue[0][0]) <= _FARTHEST:
            way, at = queue.popleft()
            here = {(one.position, at.states[one.position]) for one in regions} & left
            if here or not regions:
                left -= here
                found.append(way)
                queue.extend(((*way, step), self._followed((*way, step))[-1].end) for step in self._valid_calls)
        return tuple(found)

    @property
    def _valid_calls(self) -> Iterator[Step]:
        for method in self.spec.api.methods.values():
            yield from (Step(method.name, arguments) for arguments in valid_examples(self.spec, method))

    @cached_property
    def retrying(self) -> list[Step]:
        """The events after which calls that wait are tried again."""
        return [one for one in alphabet(self.spec) if self.oracle.model.environment.get(one.name, {}).get("retries")]

    @cached_property
    def holding(self) -> Step | None:
        """The event after which most calls have to wait: it keeps answers back."""
        methods = self.spec.api.methods.values()
        counted = {step: sum(self._waits_after(step, one) for one in methods) for step in self.retrying}
        best = max(counted, key=lambda step: counted[step], default=None)
        return best if best is not None and counted[best] else None

    def _waits_after(self, event: Step, method: Method) -> bool:
        steps = [Step(method.name, arguments) for arguments in valid_examples(self.spec, method)]
        return any(self._has_to_wait((*way, event), step) for way in self.ways for step in steps)

    def _has_to_wait(self, way: Trace, step: Step) -> bool:
        """Whether the usual choice after a way is that a call gets no callback yet, and goes on waiting."""
        branch = self._followed((*way, step))[-1]
        return bool(branch.end.queue) and not branch.owed

    def _followed(self, trace: Trace) -> list[Branch]:
        at: Configuration = self.oracle.initial()[0]
        branches = []
        for position, step in enumerate(trace):
            branches.append(self.oracle.branches([at], self._judged(step, position))[0])
            at = branches[-1].end
        return branches

    def _judged(self, step: Step, position: int) -> Call | Happening:
        return self.oracle.model.step(step.named(position), step.name, step.arguments, frozenset(BOTH))

    # How answers come ----------------------------------------------------------------------------------------

    def answered(self, group: _Group) -> Trace:
        """All answers at once, when all is well again."""
        return (*group.before, self.held, *map(_unnamed, group.calls), self.calm)

    def answered_otherwise(self, group: _Group, number: int, rounds: int, lacks: Possible) -> Iterator[Trace]:
        """All answers at once, as failures or after one, to calls that are given other callbacks."""
        hold, calm = self.held, self.calm
        others = [one for one in self.retrying if one.name not in (calm.name, hold.name)]
        for turn in range(number, number + rounds):
            release = others[turn % len(others)] if others else calm
            calls = tuple(_given(_unnamed(one), turn // place, lacks) for place, one in enumerate(group.calls, 1))
            yield (*group.before, hold, *calls, release)

    def unanswered(self, group: _Group, lacks: Possible) -> Iterator[Trace]:
        """No answer ever comes to two calls that may wait, of which one changes who is there: what is taken up then."""
        changing = {one.name for one in self.changing}
        if len(group.waiting) == len(group.calls) < len(_NAMES) and changing & {one.name for one in group.calls}:
            for over in self.failing:
                way = (*group.before, self.held, *map(_unnamed, group.calls), *over)
                reached = [one for one in ends(self.spec, way) if one.remembered]
                for later in endings(self.spec, reached, len(way)) if reached else ():
                    yield (*way, *(one for one in later if not lacks(one)))

    def answered_in_turn(self, group: _Group, number: int, rounds: int, lacks: Possible) -> Iterator[Trace]:
        """One answer after another: of calls that wait, and of calls whose work is done.

        Two calls are answered in every order, and so are three of which the first changes who is there; of others
        the order changes from one to the next, unless there is time for all of them.
        """
        asking = [one for one in self.questions if not lacks(one)]
        kept = tuple(attrs.evolve(one, answers=()) for one in group.calls)
        few = len(group.calls) < len(_NAMES)
        for turn, order in enumerate(self._orders(group, number, rounds)):
            for calls in (kept, (self.held, *group.calls)) if few else ((kept, (self.held, *group.calls))[turn % 2],):
                yield (*group.before, *calls, attrs.evolve(self.calm, answers=order), *asking)
        for name in () if few else group.waiting[:-1]:
            # The answer of one comes before the last call is made, those of the others after it.
            last = attrs.evolve(group.calls[-1], answers=(name,))
            yield (*group.before, *kept[:-1], last, self.calm, *asking)

    def _orders(self, group: _Group, number: int, rounds: int) -> list[tuple[str, ...]]:
        orders = list(permutations(group.waiting))
        changing = {one.name for one in self.changing}
        whole = len(group.calls) < len(_NAMES) or group.calls[0].name in changing or rounds > 1
        return orders if whole else [orders[number % len(orders)]]

    @property
    def held(self) -> Step:
        """The event after which calls have to wait."""
        assert self.holding is not None, "a method waits only where something keeps its answer back"
        return self.holding

    @property
    def calm(self) -> Step:
        """The event after which calls are answered."""
        closing = self.oracle.model.closing_events
        return Step(closing[0]) if closing else self.retrying[0]

    @cached_property
    def failing(self) -> list[Trace]:
        """Events after which no call is answered any more: the world fails, and then no more tries follow."""
        over = no_more_tries(self.spec)
        worlds = [one for one in self.retrying if one not in over and one.name not in (self.calm.name, self.held.name)]
        return [(event, last) for event in worlds for last in over]

    @cached_property
    def questions(self) -> tuple[Step, ...]:
        """A call of each method that only asks, and need not wait for it."""
        waits = self.oracle.model.waits
        asking = [one for one in self.spec.api.methods.values() if one.result and one.event not in waits]
        return tuple(Step(one.name, valid_examples(self.spec, one)[0]) for one in asking)


def _unnamed(step: Step) -> Step:
    """The call without a name of its own, which it needs only if its answer is handed over by name."""
    return attrs.evolve(step, call="")


def _given(step: Step, turn: int, lacks: Possible) -> Step:
    """A call with callbacks that change from turn to turn, if the binding's API lets an app choose."""
    changed = attrs.evolve(step, callbacks=_GIVEN[turn % len(_GIVEN)])
    return step if lacks(changed) else changed
