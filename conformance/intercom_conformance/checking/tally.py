"""Adds up what was found in traces: faults with the sessions they affect, and what could not be judged."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import attrs

__all__ = ["Example", "Fault", "Note", "Past", "Seen", "Tally"]

_NOTES = 3


class Fault(NamedTuple):
    """What tells one fault from another: what is broken, by which call, in which state, and how it shows."""

    requirement: str
    kind: str
    call: str
    states: str
    observed: str


@attrs.frozen(order=True)
class Past:
    """A line of a session's history: where it stands, what was called or happened, and what came of it."""

    source: int
    line: int
    step: str
    arguments: tuple[Any, ...] = ()
    outcome: str = ""


@attrs.frozen(order=True)
class Example:
    """The first impossible step of a session: where it stands, and what would have been possible.

    `until` is the source and the line that had been read when it was judged. `history` are the steps that led to it,
    itself the last, if they were looked up; `earlier` tells how many came before them.
    """

    source: int
    line: int
    session: str
    device: str = ""
    expected: str = ""
    observed: str = ""
    allowed: tuple[str, ...] = ()
    until: tuple[int, int] = attrs.field(default=(0, 0), eq=False)
    history: tuple[Past, ...] = attrs.field(default=(), eq=False)
    earlier: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Note:
    """Something that is no fault of the SDK: how often, and where first, as the number of the source and a line."""

    count: int
    places: tuple[tuple[int, int], ...]

    def and_(self, other: Note) -> Note:
        """Both together."""
        return Note(self.count + other.count, tuple(sorted((*self.places, *other.places)))[:_NOTES])


@attrs.define
class Seen:
    """A fault as it was seen: how many sessions it affects, and the first of them."""

    sessions: int
    example: Example


@attrs.define
class Tally:
    """What was found; two tallies of different sessions can be merged in any order, with the same result.

    `notes` are what is told besides, by kind and text: unreadable lines, duplicates, gaps, lines that came too late,
    sessions that were let go, and arguments that are not valid.
    """

    lines: int = 0
    unreadable: int = 0
    sessions: int = 0
    affected: int = 0
    told: int = 0
    faults: dict[Fault, Seen] = attrs.field(factory=dict)
    notes: dict[tuple[str, str], Note] = attrs.field(factory=dict)

    def fault(self, fault: Fault, example: Example) -> None:
        """Counts a session that a fault affects."""
        self._add(fault, Seen(1, example))

    def note(self, kind: str, text: str, source: int, line: int) -> None:
        """Counts something that is told besides."""
        self._note(kind, text, Note(1, ((source, line),)))

    def merge(self, other: Tally) -> None:
        """Counts what another tally has counted, of other sessions."""
        self.lines += other.lines
        self.unreadable += other.unreadable
        self.sessions += other.sessions
        self.affected += other.affected
        self.told += other.told
        for fault, seen in other.faults.items():
            self._add(fault, seen)
        for (kind, text), note in other.notes.items():
            self._note(kind, text, note)

    def moved(self, lines: int) -> Tally:
        """The same of a part of a source that begins so many lines further down; of notes alone."""
        notes = {
            key: Note(one.count, tuple((source, line + lines) for source, line in one.places))
            for key, one in self.notes.items()
        }
        return attrs.evolve(self, notes=notes)

    def _add(self, fault: Fault, seen: Seen) -> None:
        known = self.faults.get(fault)
        if known is None:
            self.faults[fault] = Seen(seen.sessions, seen.example)
        else:
            known.sessions += seen.sessions
            known.example = min(known.example, seen.example)

    def _note(self, kind: str, text: str, note: Note) -> None:
        known = self.notes.get((kind, text))
        self.notes[kind, text] = note if known is None else known.and_(note)

    @property
    def steps(self) -> int:
        """How many lines were judged, or told what is no step but can be read."""
        return self.lines - self.unreadable

    @property
    def counts(self) -> Counter[str]:
        """How much of each kind is told besides."""
        found: Counter[str] = Counter()
        for (kind, _), note in self.notes.items():
            found[kind] += note.count
        return found

    def ranked(self) -> list[tuple[Fault, Seen]]:
        """The faults, those first that affect most sessions."""
        return sorted(self.faults.items(), key=lambda one: (-one[1].sessions, one[0]))
