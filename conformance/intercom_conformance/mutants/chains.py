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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from intercom_conformance.mutants.kinds import FIRST, Entry, Kind, Kinds, Move, Place
from intercom_conformance.mutants.proving import Prover
from intercom_conformance.mutants.mutant import CHART, Changed, Mutant, documents_of

__all__ = ["MOST_WAITING", "Chains", "Verdict"]

MOST_WAITING = 2
"""Calls that wait after a step from which a walk goes on at most."""
_DEEPEST = 6
"""Tries within tries: a specification that ends needs fewer."""
_MOST = 50_000
"""Pairs that are walked at most."""

Recorded = tuple[tuple[int, int], ...]
"""What a step has recorded so far: labels, each with the number of its call."""


class Token(NamedTuple):
    """A call that waits or is remembered: its number, its kind, and whether its callback has run already.

    `behaviours` are those that it may have by what its facts are known to say, None for all of its kind.
    """

    number: int
    kind: int
    spent: bool = False
    behaviours: frozenset[int] | None = None


class Stand(NamedTuple):
    """Where one side stands; `free` are calls whose user is gone, so that either callback may come at any time."""

    place: Place
    queue: tuple[Token, ...] = ()
    remembered: Token | None = None
    free: frozenset[int] = frozenset()


class Pair(NamedTuple):
    """Where the mutant stands, and everywhere that the specification may."""

    given: Stand
    allowed: frozenset[Stand]


@attrs.frozen
class Happening:
    """What may happen: a call of a kind, or an event of the world and how calls are tried again after it.

    `given` are the ways in which the mutant may try, all of which have to be allowed by `allowed`; `settles` tells
    whether no callback may be outstanding afterwards, if the world is as it should be.
    """

    kind: int
    called: bool
    given: tuple[tuple[str, ...], ...] = ((),)
    allowed: tuple[str, ...] = ()
    settles: bool = False


@attrs.frozen
class Verdict:
    """What a walk came to: why the mutant is allowed, or the events after which it is not; neither if it gave up."""

    reason: str | None = None
    events: tuple[str, ...] = ()


class _Asked(Exception):
    """What a call's facts say is needed, after so many things were recorded, and not chosen yet."""

    def __init__(self, key: tuple[int, int], groups: Iterable[frozenset[int]]) -> None:
        super().__init__(key)
        self.key, self.groups = key, groups


class _Impossible(Exception):
    """The facts cannot be as they were chosen."""


class _Refuted(Exception):
    """The mutant answers nothing, or tries without end."""


Tape = Mapping[tuple[int, int], frozenset[int]]
"""Which behaviours a call, by its number, has been chosen to have after so many things were recorded."""


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
            happenings.append(Happening(number, False, _SCHEDULES if passes else (tries,), tries, passes))
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
        for tries in happening.given:
            tapes: list[Tape] = [{}]
            while tapes:
                tape = tapes.pop()
                try:
                    yield self._followed(pair, happening, tries, tape)
                except _Asked as asked:
                    tapes += [{**tape, asked.key: group} for group in asked.groups]
                except _Impossible:
                    continue
                except _Refuted:
                    yield None

    def _followed(self, pair: Pair, happening: Happening, tries: Sequence[str], tape: Tape) -> Pair | None:
        number = 1 + max((token.number for token in _tokens(pair)), default=0)
        token = Token(number, happening.kind)
        given = _Given(self.kinds, tape, pair.given)
        given.do(token, happening, tries)
        if given.agreed and tries == happening.allowed and pair.allowed == {pair.given}:
            return _renumbered(Pair(given.stand, frozenset([given.stand])), given.possible)
        allowed = _Allowed(self.kinds, given)
        ends = {stand for one in pair.allowed for stand in allowed.ends(one, token, happening)}
        ends = {one for one in ends if self._agrees(given.stand, one, happening)}
        if not ends:
            return None
        if given.stand in ends:
            ends = {given.stand}
        return _renumbered(Pair(given.stand, frozenset(ends)), given.possible)

    def _agrees(self, given: Stand, allowed: Stand, happening: Happening) -> bool:
        one, other = given.place, allowed.place
        if one.current != other.current or any(one.states[n] != other.states[n] for n in self.shown):
            return False
        settled = happening.settles and all(other.states[n] == state for n, state in self.calm.items())
        return not (settled and allowed.free)


_SCHEDULES = (("repeated", "repeated", "last"), ("last",))
"""How the reference tries calls again while much time passes: it has just begun to, or has tried often already."""


def _told(pairs: int, *, bounded: bool) -> str:
    told = f"Over chains of steps it does what the specification allows: {pairs} pairs of places, walked to the end"
    return f"{told}, with up to {MOST_WAITING} calls that wait." if bounded else f"{told}."


class _Given:
    """What the mutant makes of one step."""

    def __init__(self, kinds: Sequence[Kind], tape: Tape, stand: Stand) -> None:
        self.kinds, self.tape = kinds, tape
        self.place, self.queue, self.remembered = stand.place, stand.queue, stand.remembered
        self.recorded: Recorded = ()
        self.touched: list[frozenset[str]] = []
        self.moved: Mapping[int, str] = {}
        self.settled: dict[int, tuple[str, int]] = {}
        self.users = 0
        self.agreed = True
        """Whether each try by itself came to what is allowed where it was made."""

    @property
    def stand(self) -> Stand:
        """Where it stands."""
        return Stand(self.place, self.queue, self.remembered)

    def entry(self, token: Token, recorded: int, place: Place, attempt: str) -> Entry:
        """What a try comes to in a place, after so many things were recorded.

        Raises:
            _Asked: it depends on facts that have not been chosen.
            _Impossible: they cannot be so there.
        """
        entries = self.kinds[token.kind].entries(self.possible(token, recorded), place, attempt)
        if len(entries) > 1:
            raise _Asked((token.number, recorded), entries.values())
        if not entries:
            raise _Impossible
        return next(iter(entries))

    def possible(self, token: Token, recorded: int | None = None) -> frozenset[int]:
        """The behaviours that a call may have after so many things were recorded, after all if it is not told."""
        kind, end = self.kinds[token.kind], len(self.recorded) if recorded is None else recorded
        found = frozenset(range(len(kind.behaviours))) if token.behaviours is None else token.behaviours
        for place in range(end + 1):
            chosen = self.tape.get((token.number, place))
            found = found if chosen is None else chosen
            found = found if place == end else kind.after(found, self.touched[place])
        return found

    def do(self, token: Token, happening: Happening, tries: Sequence[str]) -> None:
        """The step: a call, or an event and the tries that follow it."""
        if happening.called:
            self._try(token, FIRST, _DEEPEST)
            return
        self._move(token, self._tried(token, FIRST))
        for attempt in tries:
            self._try_again(attempt, _DEEPEST)

    def _tried(self, token: Token, attempt: str) -> Move:
        entry = self.entry(token, len(self.recorded), self.place, attempt)
        if entry.given is None:
            raise _Refuted
        self.agreed = self.agreed and entry.agreed
        return entry.given

    def _try(self, token: Token, attempt: str, depth: int) -> None:
        if depth == 0:
            raise _Refuted
        move = self._tried(token, attempt)
        self._move(token, move)
        if move.answer in ("defer", "again"):
            self.queue = (*self.queue, token)
            if move.answer == "again":
                self._try_again("repeated", depth - 1)
        elif not token.spent:
            self._settle(token, move.answer or "", move.told)

    def _move(self, token: Token, move: Move) -> None:
        self.place, self.moved = move.after, {**self.moved, **dict(move.moves)}
        for flag in move.filing:
            getattr(self, f"_{flag}")(token)
        if move.done:
            self.recorded = (*self.recorded, (token.number, move.done))
            self.touched.append(self.kinds[token.kind].touched[move.done])

    def _cancel(self, token: Token) -> None:
        for one in self.queue:
            self._release(one)
        self.queue, self.remembered = (), None
        self.users += 1

    def _drop(self, token: Token) -> None:
        self.remembered = None

    def _requeue(self, token: Token) -> None:
        if self.remembered is not None:
            self.queue, self.remembered = (self.remembered, *self.queue), None

    def _remember(self, token: Token) -> None:
        self.remembered = token._replace(spent=True)

    def _try_again(self, attempt: str, depth: int) -> None:
        pending, self.queue, users = self.queue, (), self.users
        for token in pending:
            if self.users == users:
                self._try(token, attempt, depth)
            else:
                self._release(token)

    def _release(self, token: Token) -> None:
        if not token.spent:
            self._settle(token, "cancelled", 0)

    def _settle(self, token: Token, callback: str, told: int) -> None:
        if token.number in self.settled:
            raise _Refuted
        self.settled[token.number] = (callback, told)


class _Branch(NamedTuple):
    """What the specification allows in one step so far."""

    stand: Stand
    recorded: int = 0
    owed: frozenset[int] = frozenset()
    moved: frozenset[tuple[int, str]] = frozenset()
    epoch: int = 0


class _Allowed:
    """What the specification allows in one step, as far as it agrees with what the mutant made of it."""

    def __init__(self, kinds: Sequence[Kind], given: _Given) -> None:
        self.kinds, self.given = kinds, given

    def ends(self, start: Stand, token: Token, happening: Happening) -> Iterator[Stand]:
        """Where it may stand after the step."""
        branches = {_Branch(start)}
        if happening.called:
            branches = self._try(branches, token, FIRST, _DEEPEST)
        else:
            branches = {after for one in branches for after, _ in self._moves(one, token, FIRST)}
            for attempt in happening.allowed:
                branches = self._try_again(branches, attempt, _DEEPEST)
        for branch in branches:
            missing = self.given.settled.keys() - branch.owed
            same = branch.recorded == len(self.given.recorded) and dict(branch.moved) == self.given.moved
            if same and missing <= branch.stand.free:
                yield branch.stand._replace(free=branch.stand.free - missing)

    def _moves(self, branch: _Branch, token: Token, attempt: str) -> Iterator[tuple[_Branch, Move]]:
        """The branches after each joint step that agrees with what is recorded."""
        entry = self.given.entry(token, branch.recorded, branch.stand.place, attempt)
        for move in entry.allowed:
            recorded = branch.recorded
            if move.done and self._is_recorded(recorded, token, move.done):
                recorded += 1
            elif (0, move.done) not in self.kinds[token.kind].done:
                continue
            stand, epoch = _filed(branch.stand._replace(place=move.after), move.filing, token)
            moved = frozenset({**dict(branch.moved), **dict(move.moves)}.items())
            yield _Branch(stand, recorded, branch.owed, moved, branch.epoch + epoch), move

    def _is_recorded(self, before: int, token: Token, label: int) -> bool:
        """Whether what the mutant has recorded next may be recorded by this call, too."""
        number, given = self.given.recorded[before] if before < len(self.given.recorded) else (0, 0)
        return number == token.number and (given, label) in self.kinds[token.kind].done

    def _try(self, branches: set[_Branch], token: Token, attempt: str, depth: int) -> set[_Branch]:
        found: set[_Branch] = set()
        if depth == 0:
            return found
        for branch in branches:
            for after, move in self._moves(branch, token, attempt):
                if move.answer in ("defer", "again"):
                    waiting = after._replace(stand=after.stand._replace(queue=(*after.stand.queue, token)))
                    again = move.answer == "again"
                    found |= self._try_again({waiting}, "repeated", depth - 1) if again else {waiting}
                elif token.spent:
                    found.add(after)
                elif self._is_settled(token, move):
                    found.add(after._replace(owed=after.owed | {token.number}))
        return found

    def _is_settled(self, token: Token, move: Move) -> bool:
        callback, told = self.given.settled.get(token.number, ("", 0))
        same = callback and callback != "cancelled" and move.answer in ("either", callback)
        return bool(same) and (told, move.told) in self.kinds[token.kind].told

    def _try_again(self, branches: set[_Branch], attempt: str, depth: int) -> set[_Branch]:
        found: set[_Branch] = set()
        for branch in branches:
            partial = {branch._replace(stand=branch.stand._replace(queue=()))}
            for token in branch.stand.queue:
                still = {one for one in partial if one.epoch == branch.epoch}
                gone = {_released(one, token) for one in partial - still}
                partial = gone | self._try(still, token, attempt, depth)
            found |= partial
        return found


def _released(branch: _Branch, token: Token) -> _Branch:
    if token.spent:
        return branch
    return branch._replace(stand=branch.stand._replace(free=branch.stand.free | {token.number}))


def _filed(stand: Stand, filing: Sequence[str], token: Token) -> tuple[Stand, int]:
    """The stand after what becomes of calls in a step, and whether the user is another one then."""
    epoch = 0
    if "cancel" in filing:
        free = stand.free | {one.number for one in stand.queue if not one.spent}
        stand, epoch = Stand(stand.place, (), None, free), 1
    if "drop" in filing:
        stand = stand._replace(remembered=None)
    if "requeue" in filing and stand.remembered is not None:
        stand = stand._replace(queue=(stand.remembered, *stand.queue), remembered=None)
    if "remember" in filing:
        stand = stand._replace(remembered=token._replace(spent=True))
    return stand, epoch


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

    return Pair(stand(pair.given), frozenset(map(stand, pair.allowed)))
