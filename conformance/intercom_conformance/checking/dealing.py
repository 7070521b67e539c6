"""Deals lines out by session, so that several judges find what one would: each session is judged whole by one."""

from __future__ import annotations

import zlib
from array import array
from functools import lru_cache

import attrs

from intercom_conformance.checking.lines import read_line, whose, without_blanks
from intercom_conformance.checking.tally import Tally
from intercom_conformance.validation.records import Block, Record, TooLong

__all__ = ["Dealer", "Hand", "note_too_long"]


@attrs.frozen
class Hand:
    """The lines that one judge gets, with the number of each."""

    numbers: array[int]
    data: bytes


class Dealer:
    """Deals lines into as many hands as there are judges."""

    def __init__(self, judges: int) -> None:
        self._numbers = [array("q") for _ in range(judges)]
        self._texts = [list[bytes]() for _ in range(judges)]

    def add(self, piece: Block | Record) -> int:
        """Deals the lines of a piece out; how many lines it has, blank ones included."""
        data = piece.data.removesuffix(b"\n")
        numbers, texts = ([piece.line], [data]) if isinstance(piece, Record) else without_blanks(piece.line, data)
        for number, text, who in zip(numbers, texts, whose(texts), strict=True):
            judge = _judge(who, len(self._texts))
            self._numbers[judge].append(number)
            self._texts[judge].append(text)
        return data.count(b"\n") + 1

    def hands(self) -> tuple[Hand, ...]:
        """A hand for each judge."""
        pairs = zip(self._numbers, self._texts, strict=True)
        return tuple(Hand(numbers, b"\n".join(texts)) for numbers, texts in pairs)


@lru_cache(maxsize=1 << 16)
def _judge(who: tuple[str, str], judges: int) -> int:
    """Which judge gets the lines of a session."""
    return zlib.crc32("\0".join(who).encode()) % judges


def note_too_long(tally: Tally, source: int, piece: TooLong) -> None:
    """Tells of a line that no judge gets."""
    for number, line in read_line(piece):
        tally.lines += 1
        tally.unreadable += 1
        tally.note("unreadable", f"{line.found}. {line.remedy}", source, number)  # type: ignore[union-attr]
