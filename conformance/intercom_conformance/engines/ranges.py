"""Cuts what is named into parts that workers read by themselves: whole lines between two places of a file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from intercom_conformance.exits import UsageProblem
from intercom_conformance.validation.sources import is_packed, opened, raw_opened
from intercom_conformance.validation.urls import is_url, shown

__all__ = ["Part", "parts_of", "rooted"]

SIZE = 32 << 20
"""Bytes of a part."""
_LOOK = 1 << 16
"""Bytes that are fetched to see what a source is."""


@attrs.frozen
class Part:
    """Bytes of a source, from the first line that begins in them to the end of the last one.

    `end` is None for a source that can only be read as a whole. `source` is its number.
    """

    source: int
    name: str = attrs.field(repr=shown)  # clusters log what they fail at
    start: int = 0
    end: int | None = None

    @property
    def size(self) -> int:
        """How many bytes it has, if that is known."""
        return 0 if self.end is None else self.end - self.start

    def open(self) -> BinaryIO:
        """The lines of the part, unpacked."""
        if self.end is None:
            return opened(self.name, lambda _: None).stream
        file, size = raw_opened(self.name)
        end, start = (_line_start(file, at, size or 0) for at in (self.end, self.start))
        file.seek(start)
        return io.BufferedReader(_Between(file, end - start), 1 << 18)


def parts_of(source: int, name: str, size: int | None = None) -> list[Part]:
    """The parts of a file or URL; one alone if it is packed, or has no size."""
    if name == "-":
        raise UsageProblem("A cluster cannot read the standard input", "Name a file or a URL, or leave --engine out.")
    file, length = raw_opened(name, _LOOK)
    with file:
        start = file.read(64)
        whole = length is None or not file.seekable() or is_packed(start) or start.lstrip().startswith(b'{"event"')
    if whole or length is None:
        return [Part(source, name)]
    step = size or SIZE
    return [Part(source, name, at, min(at + step, length)) for at in range(0, length, step)]


def rooted(name: str) -> str:
    """A name that means the same to a process that works elsewhere."""
    return name if name == "-" or is_url(name) else str(Path(os.path.abspath(name)))


def _line_start(file: BinaryIO, at: int, size: int) -> int:
    """Where the first line begins that begins at a place or behind it."""
    if at == 0 or at >= size:
        return min(at, size)
    file.seek(at - 1)
    place = at - 1
    while data := file.read(1 << 16):
        found = data.find(b"\n")
        if found >= 0:
            return place + found + 1
        place += len(data)
    return size


class _Between(io.RawIOBase):
    """The next bytes of a file, as many as are given."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        portion = self._file.read(min(len(buffer), self._left))
        self._left -= len(portion)
        buffer[: len(portion)] = portion
        return len(portion)

    def close(self) -> None:
        self._file.close()
        super().close()
