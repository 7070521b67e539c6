"""Checks whole traces, from what was named to what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import attrs

from intercom_conformance.checking.checker import Checker, Settings
from intercom_conformance.checking.importing import is_stream, lines_of_stream
from intercom_conformance.checking.mapping import NotMapped, TraceMap, read_map
from intercom_conformance.checking.tally import Tally
from intercom_conformance.validation.judging import Piece
from intercom_conformance.validation.records import Block, Record, TooLong, lines
from intercom_conformance.validation.sources import opened
from intercom_conformance.validation.validating import Head, broken_off

__all__ = ["Opening", "Reading", "checked", "opened_bytes", "pieces"]


Opening = Callable[[str, Callable[[int], None]], BinaryIO]
"""What gives the bytes of a source by its name, unpacked, and tells of every portion that is read."""


def opened_bytes(name: str, read: Callable[[int], None]) -> BinaryIO:
    """The bytes of a source, unpacked."""
    return opened(name, read).stream


@attrs.frozen
class Reading:
    """How sources are read: the events of the world, by which an event stream is read, and the map of other logs."""

    world: frozenset[str]
    map: TraceMap | None = None

    @classmethod
    def of(cls, settings: Settings) -> Reading:
        """How these settings have sources read.

        Raises:
            BadMap: the map cannot be used.
        """
        spec = settings.specification()
        found = None if settings.map is None else read_map(Path(settings.map), spec)
        return cls(frozenset(spec.chart["environment"]), found)


def checked(
    names: Sequence[str], settings: Settings, read: Callable[[int], None], opening: Opening = opened_bytes
) -> Tally:
    """What the traces in these files and URLs show; `read` is told of every portion, in bytes before unpacking.

    Raises:
        UsageProblem: one cannot be opened, or needs an extra that is not installed.
    """
    checker, reading = Checker(settings), Reading.of(settings)
    for number, name in enumerate(names):
        with closing(opening(name, read)) as stream:
            for piece in pieces(stream, number, checker.tally, reading):
                checker.piece(number, piece)
    return checker.finish()


def pieces(stream: BinaryIO, number: int, tally: Tally, reading: Reading) -> Iterator[Piece]:
    """The pieces of a source, be it a trace, an event stream or a log that a map describes.

    One that breaks off ends with a note that says so.
    """
    line = 1
    try:
        head = Head(stream)
        if reading.map is None and is_stream(head.start):
            yield from _of_stream(head, number, tally, reading.world)
            return
        for piece in lines(head):
            yield piece if reading.map is None else _mapped(reading.map, piece, number, tally)
            line = piece.line + (piece.data.count(b"\n") if isinstance(piece, Block) else 1)
    except broken_off() as error:
        found = f"a source that breaks off ({error}). Write the file anew, and whole."
        tally.note("unreadable", found, number, line)


def _mapped(map: TraceMap, piece: Block | TooLong, number: int, tally: Tally) -> Block | TooLong:
    """A piece of a log as a trace, with a blank line for each that tells of no call."""
    if isinstance(piece, TooLong):
        return piece
    made = []
    for line, text in enumerate(piece.data.removesuffix(b"\n").split(b"\n"), piece.line):
        found = map.line(text) if text.strip() else b""
        if isinstance(found, NotMapped):
            tally.note("unreadable" if found.problem else "passed over", found.problem, number, line)
            tally.lines += 1
            tally.unreadable += 1
        made.append(found if isinstance(found, bytes) else b"")
    return Block(piece.line, b"\n".join(made))


def _of_stream(head: Head, number: int, tally: Tally, world: frozenset[str]) -> Iterator[Piece]:
    for line, made in lines_of_stream(_whole(head), world):
        if isinstance(made, str):
            tally.note("not imported", made, number, line)
        else:
            yield Record(line, made)


def _whole(head: Head) -> bytes:
    return b"".join(iter(lambda: head.read(1 << 20), b""))
