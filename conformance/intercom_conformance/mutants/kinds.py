"""What calls come to, place by place: the table of the specification beside that of a mutant.

A *place* is where the tracked regions stand, and whether some record is current. Tracked are the regions on which it
depends what becomes of a call; where the others stand is taken to be the same on both sides, whatever that is. Calls
that no rule tells apart are of one *kind*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import attrs

from intercom_conformance.mutants.effects import Situation
from intercom_conformance.mutants.proving import Prover, Taken, taken
from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import FILING, Alternative, Atom, Outcome
from intercom_conformance.specs.answers import ATTEMPTS

__all__ = ["FIRST", "Entry", "Kind", "Kinds", "Move", "Place"]

Json = Any
States = tuple[str, ...]
Known = Mapping[Atom, Json]

FIRST = ATTEMPTS[0]
_ATTEMPT = Atom("attempt", "*")
_OF_THE_WORLD = frozenset(("current", "register", "record"))
"""Words of facts that ask about more than a call's arguments."""


class Place(NamedTuple):
    """Where the tracked regions stand, and whether a record is current."""

    states: States
    current: bool


class Move(NamedTuple):
    """One joint step of a try: the place after it, its answer, what becomes of calls, what it records and tells.

    `answer` is a callback, ``defer``, ``again`` or None. `done` and `told` are labels of effects and of what a callback
    carries, 0 for nothing; `moves` are those of regions that are not tracked, by position.
    """

    after: Place
    answer: str | None
    filing: tuple[str, ...] = ()
    done: int = 0
    told: int = 0
    moves: tuple[tuple[int, str], ...] = ()


class Entry(NamedTuple):
    """What a try may come to in one place, and what the mutant makes of it: None if it answers nothing.

    `agreed` tells whether that is one of the moves that are allowed, as far as anybody can tell.
    """

    allowed: tuple[Move, ...]
    given: Move | None
    agreed: bool = False


Behaviour = Mapping[tuple[Place, str], Entry]


@attrs.frozen
class Kind:
    """Calls that no rule tells apart, or an event of the world.

    Each of the `behaviours` stands for an answer to all facts: it maps a place and an attempt to an entry, and leaves
    out places where those answers cannot be had. `done` and `told` are the pairs of labels, given and allowed, that
    nobody can tell apart. `facts` are what each fact looks at, and `truths` what they say in each behaviour;
    `touched` are what effects change, by label.
    """

    behaviours: tuple[Behaviour, ...] = attrs.field(eq=False, repr=False)
    done: frozenset[tuple[int, int]] = attrs.field(repr=False)
    told: frozenset[tuple[int, int]] = attrs.field(repr=False)
    facts: tuple[frozenset[str], ...]
    truths: tuple[tuple[Json, ...], ...]
    touched: tuple[frozenset[str], ...]
    event: str = attrs.field(eq=False)
    _rows: tuple[Any, ...] = attrs.field(repr=False)
    _memory: dict[Any, Any] = attrs.field(factory=dict, eq=False, repr=False)

    def entries(self, behaviours: frozenset[int], place: Place, attempt: str) -> Mapping[Entry, frozenset[int]]:
        """What a try may come to, each with the behaviours in which it does; nothing where none is possible."""
        key = (behaviours, place, attempt)
        if key not in self._memory:
            found: dict[Entry, set[int]] = {}
            for one in behaviours:
                entry = self.behaviours[one].get((place, attempt)) or self.behaviours[one].get((place, FIRST))
                if entry is not None:
                    found.setdefault(entry, set()).add(one)
            self._memory[key] = {entry: frozenset(several) for entry, several in found.items()}
        known: Mapping[Entry, frozenset[int]] = self._memory[key]
        return known

    def is_inert(self, place: Place) -> bool:
        """Whether a call leaves everything there as it is, for the mutant as for the specification."""
        every = frozenset(range(len(self.behaviours)))
        return all(self._leaves(place, entry) for entry in self.entries(every, place, FIRST))

    def _leaves(self, place: Place, entry: Entry) -> bool:
        given = entry.given
        if given is None or not entry.agreed or given.answer in ("defer", "again"):
            return False
        return given.after == place and not given.filing and not self.touched[given.done]

    def after(self, behaviours: frozenset[int], touched: frozenset[str]) -> frozenset[int]:
        """The behaviours that a call may have after something has changed, which had one of some before."""
        if not touched or len(behaviours) == len(self.behaviours):
            return behaviours
        still = [n for n, words in enumerate(self.facts) if not words & touched]
        known = {tuple(self.truths[one][n] for n in still) for one in behaviours}
        return frozenset(n for n, one in enumerate(self.truths) if tuple(one[m] for m in still) in known)


class _Numbers:
    """Numbers for what is recorded or told, in the order in which it turns up; 0 is nothing."""

    def __init__(self, nothing: Any, alike: Any) -> None:
        self._known: dict[Any, int] = {nothing: 0}
        self._alike = alike

    def of(self, content: Any) -> int:
        """The number of a content."""
        return self._known.setdefault(content, len(self._known))

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        return iter(self._known.items())

    def alike(self) -> frozenset[tuple[int, int]]:
        """The numbers of a content that is given, and of one that is allowed, where that is no fault."""
        pairs = product(self, repeat=2)
        return frozenset((m, n) for (one, m), (other, n) in pairs if m == n or self._alike(one, other))


class _Done(NamedTuple):
    """What a step records, and what is known of the values that it uses."""

    effects: tuple[str, ...] = ()
    situation: Situation = Situation()


@attrs.frozen
class _Told:
    """What a callback carries, and an alternative that says so."""

    text: str = ""
    answer: Alternative | None = attrs.field(default=None, eq=False)


def _told(answer: Alternative | None) -> _Told:
    if answer is None or answer.callback is None:
        return _Told()
    return _Told(repr((answer.callback, answer.value, answer.code)), answer)


@attrs.frozen(eq=False)
class _Labels:
    """The labels of one kind."""

    done: _Numbers
    told: _Numbers


@attrs.frozen(eq=False, slots=False)
class Kinds:
    """The kinds of calls and events by the table of the specification and that of a mutant, with its choices."""

    prover: Prover
    changed: Model
    choices: Mapping[str, int]

    @property
    def model(self) -> Model:
        """The specification."""
        return self.prover.model

    @cached_property
    def tracked(self) -> tuple[int, ...]:
        """The positions of the regions on which it depends what becomes of a call."""
        calls = [event for event in self.model.table.atoms if event not in self.model.environment]
        asked = {
            name for event in calls for one in (self.model, self.changed) for name in self.prover.asked(one, event)
        }
        return tuple(one.position for one in self.model.table.regions if one.name in asked)

    @property
    def initial(self) -> Place:
        """Where an app starts with the mutant."""
        return self._start(self.changed)

    @property
    def original(self) -> Place:
        """Where it starts by the specification."""
        return self._start(self.model)

    def _start(self, model: Model) -> Place:
        return Place(tuple(model.table.initial[position] for position in self.tracked), current=False)

    def of_calls(self) -> list[Kind]:
        """The kinds of calls, each once."""
        events = [event for event in self.model.table.atoms if event not in self.model.environment]
        return list(dict.fromkeys(kind for event in events for kind in self._of(event)))

    def of_the_world(self) -> list[tuple[str, Kind]]:
        """The kinds of each event of the world."""
        return [(event, kind) for event in self.model.environment for kind in self._of(event)]

    # The kinds of one event -----------------------------------------------------------------------------------

    def _of(self, event: str) -> Iterator[Kind]:
        atoms = tuple(dict.fromkeys((*self.model.table.atoms[event], *self.changed.table.atoms[event])))
        groups: dict[Any, dict[Any, Known]] = {}
        for answers in self.prover.answers(self.changed, event, atoms):
            known = dict(zip(atoms, answers, strict=True))
            fixed = tuple(answer for atom, answer in known.items() if self._is_fixed(atom))
            rest = tuple(answer for atom, answer in known.items() if atom != _ATTEMPT)
            groups.setdefault(fixed, {})[rest] = known
        for group in groups.values():
            yield self._kind(event, list(group.values()))

    def _is_fixed(self, atom: Atom) -> bool:
        """Whether the answer depends on nothing but the call itself."""
        if atom.kind != "fact":
            return atom.kind != "attempt"
        return not self._looked_at(atom) & _OF_THE_WORLD

    def _looked_at(self, fact: Atom) -> frozenset[str]:
        facts = [one.spec.chart["facts"].get(fact.name) for one in (self.model, self.changed)]
        return frozenset(_words(facts))

    def _kind(self, event: str, answers: Sequence[Known]) -> Kind:
        labels = _Labels(_Numbers(_Done(), self._done_alike), _Numbers(_Told(), self._told_alike))
        cases = list(product(answers, self._contexts(event)))
        drafts = [self._behaviour(event, known, context, labels) for known, context in cases]
        done, told = labels.done.alike(), labels.told.alike()
        behaviours = tuple({key: _compared(entry, done, told) for key, entry in one.items()} for one in drafts)
        facts = [atom for atom in answers[0] if atom.kind == "fact" and not self._is_fixed(atom)]
        return Kind(
            behaviours,
            done,
            told,
            tuple(map(self._looked_at, facts)),
            tuple(tuple(known[atom] for atom in facts) for known, _ in cases),
            tuple(self.prover.effects.changed(content.effects) for content, _ in labels.done),
            event,
            tuple(tuple(one.items()) for one in behaviours),
        )

    def _done_alike(self, given: _Done, allowed: _Done) -> bool:
        return self.prover.effects.alike(given.effects, allowed.effects, given.situation)

    def _told_alike(self, given: _Told, allowed: _Told) -> bool:
        if given.answer is None or allowed.answer is None:
            return False
        return self.prover.told_alike(given.answer, allowed.answer)

    def _contexts(self, event: str) -> Iterator[States]:
        """Where all regions may stand, as far as those are asked about that are not tracked."""
        asked = self.prover.asked(self.model, event) | self.prover.asked(self.changed, event)
        axes = [
            one.states if one.name in asked and one.position not in self.tracked else (one.initial,)
            for one in self.model.table.regions
        ]
        return iter(product(*axes))

    def _behaviour(self, event: str, known: Known, context: States, labels: _Labels) -> Behaviour:
        attempts = ATTEMPTS if _ATTEMPT in known else (FIRST,)
        of_nobody = self.prover.places.possible_for_nobody(known)
        found: dict[tuple[Place, str], Entry] = {}
        for place, attempt in product(self._places, attempts):
            if place.current or of_nobody:
                told_of = {**known, _ATTEMPT: attempt} if _ATTEMPT in known else known
                found[place, attempt] = self._entry(event, told_of, self._full(place, context), place, labels)
        return found

    @cached_property
    def _places(self) -> Sequence[Place]:
        axes = [self.model.table.regions[position].states for position in self.tracked]
        return [Place(states, current) for states in product(*axes) for current in (False, True)]

    def _full(self, place: Place, context: States) -> States:
        states = list(context)
        for position, state in zip(self.tracked, place.states, strict=True):
            states[position] = state
        return tuple(states)

    def _entry(self, event: str, known: Known, states: States, place: Place, labels: _Labels) -> Entry:
        own = tuple(known[atom] for atom in self.model.table.atoms[event])
        outcomes = self.model.table.outcomes(states, event, own)
        steps = taken(self.changed.table, self.choices, states, event, known)
        effects, situation = self.prover.effective(event, known, own, steps, someone=place.current)
        given = self._given(event, steps, _Done(effects, situation), place, labels)
        allowed = [self._allowed(one, situation, place, labels) for one in outcomes]
        if event in self.model.environment and not allowed:
            allowed = [Move(place, None)]
        return Entry(tuple(dict.fromkeys(allowed)), given)

    def _allowed(self, outcome: Outcome, situation: Situation, place: Place, labels: _Labels) -> Move:
        flags = [one for _, one in outcome.taken]
        filing = tuple(flag for flag in FILING if any(getattr(one, flag) for one in flags))
        return self._move(outcome.taken, outcome.answer, filing, _Done(outcome.effects, situation), place, labels)

    def _given(self, event: str, steps: Sequence[Taken], done: _Done, place: Place, labels: _Labels) -> Move | None:
        answer = next((one for _, one in steps if one.answers), None)
        if answer is None and event not in self.model.environment:
            return None
        filing = tuple(flag for _, one in steps for flag in FILING if getattr(one, flag))
        return self._move(steps, answer, filing, done, place, labels)

    def _move(
        self,
        steps: Sequence[Taken],
        answer: Alternative | None,
        filing: tuple[str, ...],
        done: _Done,
        place: Place,
        labels: _Labels,
    ) -> Move:
        moves = {transition.region: one.to for transition, one in steps if one.to is not None}
        after = tuple(moves.pop(n, state) for n, state in zip(self.tracked, place.states, strict=True))
        content = done if done.effects else _Done()
        word = None if answer is None else answer.callback or ("again" if answer.again else "defer")
        says = _told(answer)
        current = self.prover.effects.current_after(done.effects, current=place.current)
        others = tuple(sorted(moves.items()))
        return Move(Place(after, current), word, filing, labels.done.of(content), labels.told.of(says), others)


def _compared(entry: Entry, done: frozenset[tuple[int, int]], told: frozenset[tuple[int, int]]) -> Entry:
    """The entry, with whether what is given is allowed."""
    given = entry.given
    agreed = given is not None and any(
        given[:1] + given[2:3] + given[5:] == one[:1] + one[2:3] + one[5:]
        and one.answer in (given.answer, "either" if given.answer == "error" else given.answer)
        and (given.done, one.done) in done
        and (given.told, one.told) in told
        for one in entry.allowed
    )
    return entry._replace(agreed=agreed)


def _words(document: Json) -> Iterator[str]:
    """Every word that stands in a document: the names of what an expression looks at are among them."""
    if isinstance(document, str):
        yield document
    for part in document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ():
        yield from _words(part)
