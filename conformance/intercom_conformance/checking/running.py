"""Checks whole traces, from what was named to what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import BinaryIO

from intercom_conformance.checking.checker import Checker, Settings
from intercom_conformance.checking.importing import is_stream, lines_of_stream
from intercom_conformance.checking.tally import Tally
from intercom_conformance.validation.judging import Piece
from intercom_conformance.validation.records import Block, Record, lines
from intercom_conformance.validation.sources import opened
from intercom_conformance.validation.validating import Head, broken_off

__all__ = ["checked", "pieces"]


def checked(names: Sequence[str], settings: Settings, read: Callable[[int], None]) -> Tally:
    """What the traces in these files and URLs show; `read` is told of every portion, in bytes before unpacking.

    Raises:
        UsageProblem: one cannot be opened, or needs an extra that is not installed.
    """
    checker = Checker(settings)
    world = frozenset(checker.spec.chart["environment"])
    for number, name in enumerate(names):
        with closing(opened(name, read).stream) as stream:
            for piece in pieces(stream, number, checker.tally, world):
                checker.piece(number, piece)
    return checker.finish()


def pieces(stream: BinaryIO, number: int, tally: Tally, world: frozenset[str]) -> Iterator[Piece]:
    """The pieces of a source, be it a trace or an event stream; one that breaks off ends with a note that says so."""
    line = 1
    try:
        head = Head(stream)
        if is_stream(head.start):
            yield from _of_stream(head, number, tally, world)
            return
        for piece in lines(head):
            yield piece
            line = piece.line + (piece.data.count(b"\n") if isinstance(piece, Block) else 1)
    except broken_off() as error:
        found = f"a source that breaks off ({error}). Write the file anew, and whole."
        tally.note("unreadable", found, number, line)


def _of_stream(head: Head, number: int, tally: Tally, world: frozenset[str]) -> Iterator[Piece]:
    for line, made in lines_of_stream(_whole(head), world):
        if isinstance(made, str):
            tally.note("not imported", made, number, line)
        else:
            yield Record(line, made)


def _whole(head: Head) -> bytes:
    return b"".join(iter(lambda: head.read(1 << 20), b""))
