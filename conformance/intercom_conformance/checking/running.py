"""Checks whole traces, from what was named to what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from intercom_conformance.checking.checker import Checker, Settings
from intercom_conformance.checking.tally import Tally
from intercom_conformance.validation.judging import Piece
from intercom_conformance.validation.records import lines
from intercom_conformance.validation.sources import Source, opened
from intercom_conformance.validation.validating import broken_off

__all__ = ["checked", "pieces"]


def checked(names: Sequence[str], settings: Settings, read: Callable[[int], None]) -> Tally:
    """What the traces in these files and URLs show; `read` is told of every portion, in bytes before unpacking.

    Raises:
        UsageProblem: one cannot be opened, or needs an extra that is not installed.
    """
    checker = Checker(settings)
    for number, name in enumerate(names):
        source = opened(name, read)
        with closing(source.stream):
            for piece in pieces(source, number, checker.tally):
                checker.piece(number, piece)
    return checker.finish()


def pieces(source: Source, number: int, tally: Tally) -> Iterator[Piece]:
    """The pieces of a source; one that breaks off ends with a note that says so."""
    line = 1
    try:
        for piece in lines(source.stream):
            yield piece
            line = piece.line + 1
    except broken_off() as error:
        tally.note("unreadable", f"a source that breaks off ({error}). Write the file anew, and whole.", number, line)
