"""Checks the lines of traces, session by session, as they come.

A session that tells no more than an app can log is a row of the automaton, the hashes of the values that are compared,
and the number of its next line. Everything that is unusual takes the longer way through `_line`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance.checking.abstraction import Abstraction, NoList, is_waiting, plain_key
from intercom_conformance.checking.automaton import Automaton, Detour, Entry, Impossible, Row
from intercom_conformance.checking.lines import (
    END,
    LOST,
    NOTHING,
    RESET,
    Brief,
    Line,
    Unreadable,
    brief_reader,
    decoded,
    read_block,
    read_line,
    whole,
    without_blanks,
)
from intercom_conformance.checking.open_world import Kept
from intercom_conformance.checking.ordering import BY_NUMBER, BY_TIME, Held, Order, when
from intercom_conformance.checking.tally import Example, Fault, Tally
from intercom_conformance.checking.told import Told, Verdict
from intercom_conformance.oracle.expressions import UNCERTAIN
from intercom_conformance.oracle.judge import Oracle
from intercom_conformance.oracle.wording import with_value
from intercom_conformance.specification import Specification, closest, load_specification
from intercom_conformance.validation.judging import Piece, no_collection
from intercom_conformance.validation.records import Block

__all__ = ["Checker", "Settings"]

_PORTION = 1 << 15
"""Bytes of lines that are read at once, about: what is made of them stays in the processor's cache."""


@attrs.frozen
class Settings:
    """What is asked of traces: everything that a worker must know.

    `payloads` validates arguments and results; `fresh` takes each session for that of a newly installed app; `window`
    is how many lines of a session may wait for one that comes late; `sessions` how many may be open at a time; `map`
    is the file that says what the lines of another log mean.
    """

    spec: str | None = None
    payloads: bool = True
    fresh: bool = False
    window: int = 16
    sessions: int = 5_000_000
    map: str | None = None

    def specification(self) -> Specification:
        """The specification that traces are judged by."""
        return load_specification(str(Path(self.spec)) if self.spec else None)


class Session:
    """A session, as far as it has come."""

    __slots__ = ("apart", "device", "faults", "names", "next", "order", "row", "told", "unknown_past")

    def __init__(self, row: Row, device: str, *, unknown_past: bool) -> None:
        self.row, self.device = row, device
        self.next: int | None = None
        self.names: tuple[int, ...] = ()
        self.order: Order | None = None
        self.told: Told | None = None
        self.faults: frozenset[Fault] = frozenset()
        self.unknown_past = unknown_past
        self.apart = False
        """Whether lines have to be put in order, or everything is told: then each takes the longer way."""


class Checker:
    """Checks lines; `tally` is what was found so far."""

    def __init__(self, settings: Settings) -> None:
        spec = settings.specification()
        self.settings, self.spec = settings, spec
        self.oracle = Oracle.of(spec)
        kept = Kept(spec)
        self.abstraction = Abstraction(self.oracle.model, kept, settings.payloads)
        self.automaton = Automaton(self.oracle.model, kept, self.abstraction)
        self.tally = Tally()
        self._sessions: dict[Any, Session] = {}
        self._read = (0, 0)
        self._happenings = frozenset((*spec.chart["environment"], RESET, END, LOST))
        self._read_briefly = None if settings.payloads else brief_reader(spec.api.by_any_name)

    def piece(self, source: int, piece: Piece) -> None:
        """Checks the lines of one piece of a source, which is named by its number."""
        if not isinstance(piece, Block):
            self._one_by_one(source, read_line(piece))
            return
        number, start = piece.line, 0
        with no_collection():
            while start < len(piece.data):
                end = piece.data.find(b"\n", start + _PORTION) + 1 or len(piece.data)
                number += self._portion(source, number, piece.data[start:end])
                start = end

    def _portion(self, source: int, number: int, data: bytes) -> int:
        """Checks some whole lines that follow one another; how many they are."""
        # There are no more lines than bytes; to count them beforehand would cost a look at each byte.
        found = self._at_once(source, range(number, number + len(data)), data)
        if not found:
            numbers, texts = without_blanks(number, data)
            self.scattered(source, numbers, b"\n".join(texts))
        return found or data.count(b"\n")

    def scattered(self, source: int, numbers: Sequence[int], data: bytes) -> None:
        """Checks lines of a source that do not follow one another; none of them is blank."""
        if numbers and not self._at_once(source, numbers, data):
            self._one_by_one(source, ((numbers[at - 1], line) for at, line in read_line(Block(1, data))))

    def _at_once(self, source: int, numbers: Sequence[int], data: bytes) -> int:
        """Checks some whole lines if all of them can be read at once; how many they are, or 0 if they cannot.

        There may be more numbers than lines: then the first ones are theirs.
        """
        with no_collection():
            if self._read_briefly is not None and (brief := self._read_briefly(data)) is not None:
                self._briefly(source, numbers, brief)
                return len(brief)
            if (lines := read_block(data)) is not None:
                self._block(source, numbers, lines)
                return len(lines)
        return 0

    def finish(self) -> Tally:
        """What was found, when nothing more comes."""
        for key, session in self._sessions.items():
            self._close(key, session)
        self._sessions.clear()
        return self.tally

    def _one_by_one(self, source: int, lines: Iterable[tuple[int, Line | Unreadable]]) -> None:
        for number, line in lines:
            self.one(source, number, line)

    def one(self, source: int, number: int, line: Line | Unreadable) -> None:
        """Checks one line on the longer way, which every other one is a shortcut of."""
        self.tally.lines += 1
        if isinstance(line, Unreadable):
            session, device = line.who
            found = self._sessions.get((session, device) if device else session)
            self._unreadable(found, f"{line.found}. {line.remedy}", Held(0, source, number, Line("")))
        else:
            self._line(Held(0, source, number, line))

    # The short ways: most lines are a call and an outcome, in order --------------------------------------

    def _briefly(self, source: int, numbers: Sequence[int], lines: list[Brief]) -> None:
        """Checks brief lines; every step here is paid for by each of millions of lines."""
        known = self._sessions.get
        for number, line in zip(numbers, lines, strict=False):
            session = known(line.session)
            seq = line.seq
            if session is None or seq != session.next or session.apart or line.happening is not None:
                self._line(Held(0, source, number, whole(line)))
                continue
            call, outcome, code = line.call, line.outcome, line.code
            row = session.row.get(call if code is None and outcome == "success" else (call, outcome, code))
            if row is not None:
                session.row = row
                if seq is not None:
                    session.next = seq + 1
            else:
                self._brief_step(session, source, number, line)
        self.tally.lines += len(lines)

    def _brief_step(self, session: Session, source: int, number: int, line: Brief) -> None:
        """A call that asks for a look at its arguments, or that has not been met in this row."""
        if line.call is None or line.outcome == "pending":
            self._line(Held(0, source, number, whole(line)))
            return
        row, names = session.row, session.names
        if len(names) > row.size:
            names = names[: row.size]
        if line.call in self.abstraction.plain:
            key = plain_key(line)
        else:
            key, names = self.abstraction.brief_key(line, names)
        following = row.get(key)
        if following is not None:
            session.row, session.names = following, names
        else:
            entry = row.entry(key)
            if entry.impossible is not None:
                self._broken(session, Held(0, source, number, whole(line)), entry.impossible)
            self._detour(session, entry, names)
        if line.seq is not None:
            session.next = line.seq + 1

    def _block(self, source: int, numbers: Sequence[int], lines: list[Line]) -> None:
        """Checks lines of any kind."""
        known, plain, methods = self._sessions.get, self.abstraction.plain, self.spec.api.by_any_name
        for number, line in zip(numbers, lines, strict=False):
            session = known(line.session)
            if (
                session is None
                or line.seq != session.next
                or session.apart
                or line.device is not None
                or line.settled is not None
                or line.happening is not None
                or line.call not in methods
                or (line.arguments is not NOTHING and bytes(line.arguments)[:1] != b"[")
            ):
                self._line(Held(0, source, number, line))
                continue
            if line.call in plain and line.value is NOTHING and line.outcome != "pending" and line.thrown is None:
                try:
                    session.row = session.row[plain_key(line)]
                except Detour as detour:
                    self._detoured(session, Held(0, source, number, line), detour, session.names)
            else:
                self._step(session, source, number, line)
            if line.seq is not None:
                session.next = line.seq + 1
        self.tally.lines += len(lines)

    # The longer way -------------------------------------------------------------------------------------

    def _line(self, held: Held) -> None:
        line, self._read = held.line, (held.source, held.number)
        key = line.session if line.device is None else (line.session, line.device)
        problem = line.problem or self._misspelt(line)
        if problem:
            self._unreadable(self._sessions.get(key), problem, held)
            return
        session = self._sessions.get(key) or self._opened(key, held)
        self._in_turn(key, session, held)
        session.apart = session.order is not None or session.told is not None

    def _in_turn(self, key: Any, session: Session, held: Held) -> None:
        if session.order is None and self._is_next(session.next, held.line):
            self._go_on(key, session, held)
            return
        for kind, one in self._in_order(session, held):
            if kind in ("duplicate", "late"):
                self.tally.note(kind, "", one.source, one.number)
                continue
            if kind != "next":
                self._lost(session, kind, one)
            self._go_on(key, session, one)
        if (
            session.order is not None
            and not session.order.held
            and not session.order.missing
            and session.next != BY_TIME
        ):
            session.order = None

    def _unreadable(self, session: Session | None, problem: str, held: Held) -> None:
        """A line that may have been any call: it is told, and its session may be anywhere now."""
        self.tally.note("unreadable", problem, held.source, held.number)
        self.tally.unreadable += 1
        if session is not None:
            self._forget(session)

    def _is_next(self, following: int | None, line: Line) -> bool:
        if following == BY_TIME:
            return line.time is None
        return line.seq is None or line.seq == following or (following == BY_NUMBER and line.seq <= 1)

    def _go_on(self, key: Any, session: Session, held: Held) -> None:
        if held.line.seq is not None:
            session.next = held.line.seq + 1
        self._take(session, held)
        if held.line.happening == END:
            self._close(key, self._sessions.pop(key))

    def _misspelt(self, line: Line) -> str:
        name = line.happening if line.call is None else line.call
        known = self._happenings if line.call is None else self.spec.api.by_any_name.keys()
        if name is None or name in known:
            return ""
        near = closest(name, known)
        kind = "method" if line.call else "happening"
        return f"there is no {kind} {name!r}" + (f"; did you mean {near!r}?" if near else "")

    def _opened(self, key: Any, held: Held) -> Session:
        line = held.line
        if len(self._sessions) >= self.settings.sessions:
            oldest = next(iter(self._sessions))
            self._close(oldest, self._sessions.pop(oldest))
            self.tally.note("let go", "", held.source, held.number)
        fresh = self.settings.fresh
        row = self.automaton.fresh if fresh or line.happening == RESET else self.automaton.anything
        session = self._sessions[key] = Session(row, line.device or "", unknown_past=not fresh)
        self.tally.sessions += 1
        if line.seq is not None:
            session.next = BY_NUMBER
        elif line.time is not None:
            session.next = BY_TIME
        return session

    def _in_order(self, session: Session, held: Held) -> Iterator[tuple[str, Held]]:
        line, following = held.line, session.next
        if line.seq is not None and following != BY_TIME:
            session.order = session.order or Order(self.settings.window)
            begun = BY_NUMBER if following is None else following
            yield from session.order.numbered(begun, held._replace(key=line.seq))
        elif line.time is not None and following == BY_TIME:
            session.order = session.order or Order(self.settings.window)
            yield from self._by_time(session.order, held)
        else:
            yield "next", held

    def _by_time(self, order: Order, held: Held) -> Iterator[tuple[str, Held]]:
        assert held.line.time is not None
        try:
            key = when(held.line.time)
        except ValueError:
            found = f"{held.line.time!r} is no time; write a number, or RFC 3339"
            self.tally.note("unreadable", found, held.source, held.number)
            return
        yield from order.timed(held._replace(key=key))

    def _lost(self, session: Session, kind: str, held: Held) -> None:
        """Something of a session is not on record: it may be anywhere now."""
        self.tally.note(kind, "", held.source, held.number)
        self._forget(session)

    def _forget(self, session: Session) -> None:
        session.row, session.names, session.unknown_past = self.automaton.anything, (), True
        if session.told is not None:
            session.told.ended = True

    def _take(self, session: Session, held: Held) -> None:
        """Takes the next line of a session."""
        line = held.line
        if line.happening == END:
            return
        if line.happening == LOST:
            self._unreadable(session, _lost_text(line), held)
        elif line.happening == RESET:
            self._reset(session, held)
        elif session.told is not None:
            self._found(session, session.told.take(held))
        elif line.settled is not None and session.unknown_past and not self._is_pending(session, line.settled):
            pass  # of a call before the log begins
        else:
            self._step(session, held.source, held.number, held.line)

    def _reset(self, session: Session, held: Held) -> None:
        if session.told is not None:
            self._found(session, session.told.finish())
        line = held.line
        session.row, session.names, session.unknown_past = self.automaton.fresh, (), False
        session.told = Told(self.oracle, line.style or "callbacks") if line.world == "told" else None
        self.tally.told += session.told is not None

    def _is_pending(self, session: Session, call: str) -> bool:
        return is_waiting(call, session.names[: session.row.size])

    def _step(self, session: Session, source: int, number: int, line: Line) -> None:
        row, names = session.row, session.names
        if len(names) > row.size:
            names = names[: row.size]
        try:
            key, names, invalid = self.abstraction.key(line, names)
        except NoList:
            self._unreadable(session, "arguments that are no list", Held(0, source, number, line))
            return
        if invalid:
            self._note_arguments(Held(0, source, number, line), invalid)
        try:
            session.row = row[key]
        except Detour as detour:
            self._detoured(session, Held(0, source, number, line), detour, names)
        else:
            session.names = names

    def _note_arguments(self, held: Held, invalid: tuple[str, ...]) -> None:
        for parameter in invalid:
            self.tally.note("argument", f"{self._name(held.line)}: {parameter}", held.source, held.number)

    def _detoured(self, session: Session, held: Held, detour: Detour, names: tuple[int, ...]) -> None:
        if detour.entry.impossible is not None:
            self._broken(session, held, detour.entry.impossible)
        self._detour(session, detour.entry, names)

    def _detour(self, session: Session, entry: Entry, names: tuple[int, ...]) -> None:
        row, kept, _ = entry
        session.unknown_past = session.unknown_past or self.automaton.is_anything(row)
        session.row = row
        session.names = names[: row.size] if kept is None else tuple(names[at] for at in kept)

    def _name(self, line: Line) -> str:
        method = self.spec.api.by_any_name.get(line.call or "")
        return method.name if method else (line.happening or "a callback")

    # Faults ---------------------------------------------------------------------------------------------

    def _broken(self, session: Session, held: Held, why: Impossible) -> None:
        line = held.line
        fault = Fault(why.broken.requirement, why.broken.kind, self._name(line), why.states, _outcome(line))
        self._count(session, fault, held, why.broken.expected, _observed(line), why.allowed)

    def _found(self, session: Session, verdicts: Iterator[Verdict]) -> None:
        for call, states, broken, allowed, held in verdicts:
            fault = Fault(broken.requirement, broken.kind, call, states, _outcome(held.line))
            self._count(session, fault, held, broken.expected, broken.observed, allowed)

    def _count(
        self, session: Session, fault: Fault, held: Held, expected: str, observed: str, allowed: tuple[str, ...]
    ) -> None:
        if fault in session.faults:
            return
        self.tally.affected += not session.faults
        session.faults |= {fault}
        until = max(self._read, (held.source, held.number))
        example = Example(
            held.source, held.number, held.line.session, session.device, expected, observed, allowed, until
        )
        self.tally.fault(fault, example)

    def _close(self, key: Any, session: Session) -> None:
        if session.order is not None:
            following = BY_TIME if session.next == BY_TIME else (session.next or 0)
            for kind, one in session.order.rest(following):
                if kind != "next":
                    self._lost(session, kind, one)
                self._take(session, one)
        if session.told is not None:
            self._found(session, session.told.finish())


def _lost_text(line: Line) -> str:
    """What a line says of why something is not on record."""
    note = "" if line.note is NOTHING else decoded(line.note, str)
    return note if isinstance(note, str) else ""


def _outcome(line: Line) -> str:
    """What a line tells of a call's outcome, in a few words."""
    if line.thrown is not None:
        return "thrown"
    if line.outcome not in ("success", "error"):
        return "no callback"
    return line.outcome if line.code is None else f"{line.outcome} {line.code}"


def _observed(line: Line) -> str:
    """What a line tells of a call's outcome, in full."""
    if line.thrown is not None:
        return f"it threw {line.thrown}"
    if line.outcome not in ("success", "error"):
        return "no callback"
    value = UNCERTAIN if line.code is None else {"code": line.code}
    return with_value(line.outcome, value if line.value is NOTHING else decoded(line.value, lambda: None))
