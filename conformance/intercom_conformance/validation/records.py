"""Cuts a stream of bytes into records: lines into blocks, and the elements of a JSON array one by one.

A record longer than `MAX_RECORD` is passed over without being kept, so that no input fills the memory.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Protocol

import attrs

__all__ = ["MAX_RECORD", "Block", "Readable", "Record", "TooLong", "elements", "lines"]

MAX_RECORD = 16 * 1024 * 1024
"""Bytes that one record may have; a payload of that size is a mistake or an attack."""
_PORTION = 1 << 20
_OUTSIDE, _INSIDE = re.compile(rb'["\[\]{},]'), re.compile(rb'["\\]')


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""
        ...


@attrs.frozen
class Block:
    """Some whole lines of raw bytes, and the number of the first."""

    line: int
    data: bytes


@attrs.frozen
class Record:
    """The raw bytes of one record, and the line that it starts at."""

    line: int
    data: bytes


@attrs.frozen
class TooLong:
    """A record that was passed over, the line that it starts at, and its size."""

    line: int
    size: int


def lines(stream: Readable, portion: int = _PORTION, limit: int = MAX_RECORD) -> Iterator[Block | TooLong]:
    """The lines of a stream, many together; a line that is too long comes alone, as what it is."""
    line, rest = 1, b""
    while data := _read(stream, portion):
        end = data.rfind(b"\n") + 1
        if not end:
            rest += data
            if len(rest) > limit:
                size, rest = _passed_over(stream, portion, len(rest))
                yield TooLong(line, size)
                line += 1
            continue
        whole = rest + data[:end] if rest else data[:end]
        yield Block(line, whole)
        line, rest = line + whole.count(b"\n"), data[end:]
    if rest:
        yield Block(line, rest)


def _read(stream: Readable, portion: int) -> bytes:
    return stream.read(portion)


def _passed_over(stream: Readable, portion: int, size: int) -> tuple[int, bytes]:
    """Reads to the end of a line without keeping it; its size, and what was read of the next."""
    while data := _read(stream, portion):
        end = data.find(b"\n")
        if end >= 0:
            return size + end, data[end + 1 :]
        size += len(data)
    return size, b""


def elements(stream: Readable, portion: int = _PORTION, limit: int = MAX_RECORD) -> Iterator[Record | TooLong]:
    """The elements of the JSON array that a stream holds; what stands behind the array is a record too."""
    return _Cutter(stream, portion, limit).elements()


@attrs.define
class _Cutter:
    """Follows strings and brackets, nothing more: each element is judged by a parser later."""

    stream: Readable
    portion: int
    limit: int
    line: int = 1
    start: int = 1
    size: int = 0
    depth: int = 0
    inside: bool = False
    kept: bytearray = attrs.field(factory=bytearray)

    def elements(self) -> Iterator[Record | TooLong]:
        data = b""
        while portion := _read(self.stream, self.portion):
            data = yield from self._cut(data + portion)
        self._keep(data)
        yield from self._element()

    def _cut(self, data: bytes) -> Generator[Record | TooLong, None, bytes]:
        """Takes a portion apart; gives back its last byte if that only means something with the next."""
        at = 0
        while found := (_INSIDE if self.inside else _OUTSIDE).search(data, at):
            if found[0] == b"\\" and found.end() == len(data):
                self._keep(data[at : found.start()])
                return b"\\"
            end = found.end() + (found[0] == b"\\")
            if self._cuts(found[0]):
                self._keep(data[at : found.start()])
                yield from self._element()
                self._skip(data[found.start() : end])
            else:
                self._keep(data[at:end])
            at = end
        self._keep(data[at:])
        return b""

    def _cuts(self, token: bytes) -> bool:
        """Whether a token stands between elements."""
        if token == b'"':
            self.inside = not self.inside
        elif not self.inside and token in b"[{":
            self.depth += 1
            return self.depth == 1
        elif not self.inside and token in b"]}":
            self.depth -= 1
            return self.depth == 0
        return token == b"," and self.depth == 1

    def _keep(self, piece: bytes) -> None:
        if not self.size:
            stripped = piece.lstrip()
            self._skip(piece[: len(piece) - len(stripped)])
            self.start, piece = self.line, stripped
        self.size += len(piece)
        self.line += piece.count(b"\n")
        if self.size <= self.limit:
            self.kept += piece

    def _skip(self, piece: bytes) -> None:
        self.line += piece.count(b"\n")

    def _element(self) -> Iterator[Record | TooLong]:
        if self.size > self.limit:
            yield TooLong(self.start, self.size)
        elif self.size:
            yield Record(self.start, bytes(self.kept))
        self.size = 0
        self.kept.clear()
