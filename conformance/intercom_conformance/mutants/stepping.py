"""What one step comes to: a call or an event of the world, with all the tries of waiting calls that follow from it.

A mutant does one thing, if it is known what facts say; the specification allows several, of which those are followed
that agree with what the mutant was seen to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from intercom_conformance.mutants.kinds import FIRST, Entry, Kind, Move, Place

__all__ = ["Allowed", "Asked", "Given", "Happening", "Impossible", "Refuted", "Stand", "Tape", "Token"]

_DEEPEST = 6
"""Tries within tries: a specification that ends needs fewer."""

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


@attrs.frozen
class Happening:
    """What may happen: a call of a kind, or an event of the world and how calls are tried again after it.

    `settles` tells whether so much time passes that no callback may be outstanding afterwards, if the world is as it
    should be.
    """

    kind: int
    called: bool
    tries: tuple[str, ...] = ()
    settles: bool = False


class Asked(Exception):
    """What a call's facts say is needed, after so many things were recorded, and not chosen yet."""

    def __init__(self, key: tuple[int, int], groups: Iterable[frozenset[int]]) -> None:
        super().__init__(key)
        self.key, self.groups = key, groups


class Impossible(Exception):
    """The facts cannot be as they were chosen."""


class Refuted(Exception):
    """The mutant answers nothing, or tries without end."""


Tape = Mapping[tuple[int, int], frozenset[int]]
"""Which behaviours a call, by its number, has been chosen to have after so many things were recorded."""


class Given:
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
            Asked: it depends on facts that have not been chosen.
            Impossible: they cannot be so there.
        """
        entries = self.kinds[token.kind].entries(self.possible(token, recorded), place, attempt)
        if len(entries) > 1:
            raise Asked((token.number, recorded), entries.values())
        if not entries:
            raise Impossible
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
            raise Refuted
        self.agreed = self.agreed and entry.agreed
        return entry.given

    def _try(self, token: Token, attempt: str, depth: int) -> None:
        if depth == 0:
            raise Refuted
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
            raise Refuted
        self.settled[token.number] = (callback, told)


class _Branch(NamedTuple):
    """What the specification allows in one step so far."""

    stand: Stand
    recorded: int = 0
    owed: frozenset[int] = frozenset()
    moved: frozenset[tuple[int, str]] = frozenset()
    epoch: int = 0


class Allowed:
    """What the specification allows in one step, as far as it agrees with what the mutant made of it."""

    def __init__(self, kinds: Sequence[Kind], given: Given) -> None:
        self.kinds, self.given = kinds, given

    def ends(self, start: Stand, token: Token, happening: Happening) -> Iterator[Stand]:
        """Where it may stand after the step."""
        branches = {_Branch(start)}
        if happening.called:
            branches = self._try(branches, token, FIRST, _DEEPEST)
        else:
            branches = {after for one in branches for after, _ in self._moves(one, token, FIRST)}
            for attempt in happening.tries:
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
