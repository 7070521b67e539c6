"""Proves that a mutant is allowed over chains of steps, where a single row of the table is not allowed by itself.

The mutant and the specification are walked side by side, breadth first from where an app starts. A step is a call or an
event of the world, with all the tries of waiting calls that follow from it. After each, the specification may stand
wherever it has answered the same calls in the same way, has recorded the same and shows the same states; as long as
there is such a place after every step, no history tells the mutant from an implementation that conforms. What facts
say may be anything, but the same of a call on both sides for as long as the same has been recorded.

Where more than `MOST_WAITING` calls wait, the walk does not go on, and what it proves is said with that bound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from intercom_conformance.mutants.kinds import Kind, Kinds, Place
from intercom_conformance.mutants.mutant import CHART, Changed, Mutant, documents_of
from intercom_conformance.mutants.proving import Prover
from intercom_conformance.mutants.stepping import (
    Allowed,
    Asked,
    Given,
    Happening,
    Impossible,
    Refuted,
    Stand,
    Tape,
    Token,
)

__all__ = ["MOST_WAITING", "Chains", "Verdict"]

MOST_WAITING = 2
"""Calls that wait after a step from which a walk goes on at most."""
_MOST = 50_000
"""Pairs that are walked at most."""


class Pair(NamedTuple):
    """Where the mutant stands, and everywhere that the specification may.

    `tired` tells whether the mutant has tried calls that wait as often as it does in short intervals.
    """

    given: Stand
    allowed: frozenset[Stand]
    tired: bool = False


@attrs.frozen
class Verdict:
    """What a walk came to: why the mutant is allowed, or the events after which it is not; neither if it gave up."""

    reason: str | None = None
    events: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Chains:
    """Proofs over chains of steps, for the specification of a prover."""

    prover: Prover

    def verdict(self, mutant: Mutant, most: int = _MOST) -> Verdict:
        """Whether a mutant of the statechart is allowed; of other mutants nothing is said."""
        if mutant.delivery or mutant.tries is not None or mutant.schemas:
            return Verdict()
        chart = Changed(documents_of(self.prover.spec), mutant.edits).load(CHART)
        if any(chart[part] != self.prover.spec.chart[part] for part in ("environment", "regions")):
            return Verdict()
        changed = self.prover.changed(chart)
        return _Walk.of(Kinds(self.prover, changed, dict(mutant.choices))).run(most)


@attrs.frozen(eq=False)
class _Walk:
    """A walk through all pairs."""

    kinds: Sequence[Kind]
    happenings: Sequence[Happening]
    start: Pair
    shown: Sequence[int]
    """The places of tracked regions that are shown."""
    calm: Mapping[int, str]
    """In which states the tracked regions of the environment are as they should be."""
    _moving: dict[Place, Sequence[Happening]] = attrs.field(factory=dict)

    @classmethod
    def of(cls, kinds: Kinds) -> _Walk:
        """The walk of the kinds that two tables make."""
        calls, world = kinds.of_calls(), kinds.of_the_world()
        happenings = [Happening(number, called=True) for number in range(len(calls))]
        for number, (event, _) in enumerate(world, len(calls)):
            body = kinds.model.environment[event]
            reason, passes = body.get("retries"), "seconds" in body
            tries = () if reason is None else (reason,)
            happenings.append(Happening(number, False, tries, passes))
        regions = [kinds.model.table.regions[position] for position in kinds.tracked]
        start = Pair(Stand(kinds.initial), frozenset([Stand(kinds.original)]))
        shown = [n for n, one in enumerate(regions) if one.visibility == "shown"]
        calm = {n: one.initial for n, one in enumerate(regions) if one.visibility == "environment"}
        return cls([*calls, *(kind for _, kind in world)], happenings, start, shown, calm)

    def run(self, most: int) -> Verdict:
        """Walks until all pairs are known, or one refutes the mutant."""
        queue, seen = deque([self.start]), {self.start}
        before: dict[Pair, tuple[Pair, str]] = {}
        bounded = False
        while queue:
            if len(seen) > most:
                return Verdict()
            pair = queue.popleft()
            for happening in self._at(pair):
                for after in self._after(pair, happening):
                    if after is None:
                        return Verdict(events=(*self._way(pair, before), self.kinds[happening.kind].event))
                    if len(after.given.queue) > MOST_WAITING:
                        bounded = True
                    elif after not in seen:
                        seen.add(after)
                        queue.append(after)
                        before[after] = (pair, self.kinds[happening.kind].event)
        return Verdict(_told(len(seen), bounded=bounded))

    def _at(self, pair: Pair) -> Sequence[Happening]:
        """What may happen to a pair; of calls that leave everything as it is, nothing needs to be seen."""
        if pair.allowed != {pair.given}:
            return self.happenings
        place = pair.given.place
        if place not in self._moving:
            called = [one for one in self.happenings if one.called and not self.kinds[one.kind].is_inert(place)]
            self._moving[place] = [*called, *(one for one in self.happenings if not one.called)]
        return self._moving[place]

    @staticmethod
    def _way(pair: Pair, before: Mapping[Pair, tuple[Pair, str]]) -> tuple[str, ...]:
        steps: list[str] = []
        while pair in before:
            pair, name = before[pair]
            steps.append(name)
        return tuple(reversed(steps))

    def _after(self, pair: Pair, happening: Happening) -> Iterator[Pair | None]:
        """The pairs after a step, whatever facts say; None where the mutant does what is not allowed."""
        tapes: list[Tape] = [{}]
        while tapes:
            tape = tapes.pop()
            try:
                yield self._followed(pair, happening, tape)
            except Asked as asked:
                tapes += [{**tape, asked.key: group} for group in asked.groups]
            except Impossible:
                continue
            except Refuted:
                yield None

    def _followed(self, pair: Pair, happening: Happening, tape: Tape) -> Pair | None:
        number = 1 + max((token.number for token in _tokens(pair)), default=0)
        token, tries = Token(number, happening.kind), _tries(pair, happening)
        given = Given(self.kinds, tape, pair.given)
        given.do(token, happening, tries)
        ends = {given.stand}
        if not given.agreed or tries != happening.tries or pair.allowed != {pair.given}:
            allowed = Allowed(self.kinds, given)
            found = {stand for one in pair.allowed for stand in allowed.ends(one, token, happening)}
            found = {one for one in found if self._agrees(given.stand, one, happening)}
            if not found:
                return None
            ends = ends if given.stand in found else found
        return _renumbered(Pair(given.stand, frozenset(ends), _is_tired(pair, given, happening)), given.possible)

    def _agrees(self, given: Stand, allowed: Stand, happening: Happening) -> bool:
        one, other = given.place, allowed.place
        if one.current != other.current or any(one.states[n] != other.states[n] for n in self.shown):
            return False
        settled = happening.settles and all(other.states[n] == state for n, state in self.calm.items())
        return not (settled and allowed.free)


_PATIENT = ("repeated", "repeated", "last")
"""How the reference tries calls again while much time passes, if it has just begun to wait; once only later on."""


def _tries(pair: Pair, happening: Happening) -> Sequence[str]:
    """How the mutant tries calls again after an event."""
    return _PATIENT if happening.settles and not pair.tired else happening.tries


def _is_tired(pair: Pair, given: Given, happening: Happening) -> bool:
    """Whether the mutant has waited for long: it begins anew after an event that gives it a reason to try again."""
    if not given.queue or (happening.tries and not happening.settles):
        return False
    return happening.settles or pair.tired


def _told(pairs: int, *, bounded: bool) -> str:
    bound = f" with up to {MOST_WAITING} calls that wait" if bounded else ""
    return f"In each of {pairs} pairs of places, over chains of steps{bound}, it does what the specification allows."


def _tokens(pair: Pair) -> Iterator[Token]:
    for stand in (pair.given, *pair.allowed):
        yield from stand.queue
        yield from () if stand.remembered is None else (stand.remembered,)
        yield from (Token(number, -1) for number in stand.free)


def _renumbered(pair: Pair, possible: Callable[[Token], frozenset[int]]) -> Pair:
    """The pair with numbers of calls from 1 in the order in which they were made, and with what is known of them."""
    numbers = {old: new for new, old in enumerate(sorted({one.number for one in _tokens(pair)}), 1)}

    def token(one: Token) -> Token:
        return one._replace(number=numbers[one.number], behaviours=possible(one))

    def stand(one: Stand) -> Stand:
        kept = None if one.remembered is None else token(one.remembered)
        return Stand(one.place, tuple(map(token, one.queue)), kept, frozenset(numbers[n] for n in one.free))

    return Pair(stand(pair.given), frozenset(map(stand, pair.allowed)), pair.tired)
