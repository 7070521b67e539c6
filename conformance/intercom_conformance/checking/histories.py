"""Looks up what led to the first impossible step of each fault, by reading the sources once more.

Nothing of a session is kept while millions of them are judged; so this costs those who find no fault nothing. It ends
at the last step that is looked for. The standard input cannot be read twice: its beginning is kept in a file that
nobody else sees, and that is gone with the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from tempfile import TemporaryFile
from typing import BinaryIO

import attrs

from intercom_conformance.checking.checker import Settings
from intercom_conformance.checking.lines import NOTHING, RESET, Line, decoded, read_line, whose, without_blanks
from intercom_conformance.checking.ordering import when
from intercom_conformance.checking.running import Opening, Reading, opened_bytes, pieces
from intercom_conformance.checking.tally import Example, Fault, Past, Seen, Tally
from intercom_conformance.validation.records import Block, Record, TooLong

__all__ = ["Keeper", "with_histories"]

_KEPT, _LONG = 256 << 20, 4096
"""Bytes of the standard input that are kept, and bytes of arguments from which on only their number is told."""


class Keeper:
    """Opens sources, and keeps what is read of the standard input, so that it can be opened again."""

    def __init__(self, limit: int = _KEPT) -> None:
        self._file: BinaryIO | None = None
        self._limit = limit

    def open(self, name: str, read: Callable[[int], None]) -> BinaryIO:
        """The bytes of a source, unpacked."""
        if name != "-":
            return opened_bytes(name, read)
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115 (it is read again, and closed with the keeper)
            return _Tee(opened_bytes(name, read), self._file, self._limit)  # type: ignore[return-value]
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Lets go what was kept."""
        if self._file is not None:
            self._file.close()


class _Tee:
    """A stream of which the beginning is written to a file as it is read."""

    def __init__(self, stream: BinaryIO, file: BinaryIO, limit: int) -> None:
        self._stream, self._file, self._left = stream, file, limit

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._file.write(data[: self._left])
        self._left -= min(len(data), self._left)
        return data

    def close(self) -> None:
        self._stream.close()


@attrs.define
class _Search:
    """What was found so far of the session of an example."""

    fault: Fault
    example: Example
    lines: deque[tuple[int, int, Line]]
    count: int = 0

    def take(self, source: int, number: int, line: Line) -> None:
        if (source, number) <= self.example.until:
            self.count = 1 if line.happening == RESET else self.count + 1
            self.lines.append((source, number, line))


def with_histories(
    tally: Tally, names: Sequence[str], settings: Settings, longest: int, opening: Opening, read: Callable[[int], None]
) -> Tally:
    """The tally, with up to so many steps of each example's session, the impossible one last."""
    searches = [
        _Search(fault, seen.example, deque(maxlen=longest + settings.window)) for fault, seen in tally.faults.items()
    ]
    if not searches or not longest:
        return tally
    wanted: dict[tuple[str, str], list[_Search]] = {}
    for search in searches:
        wanted.setdefault((search.example.session, search.example.device), []).append(search)
    _read(wanted, max(one.example.until for one in searches), names, settings, opening, read)
    faults = {one.fault: Seen(tally.faults[one.fault].sessions, _with_history(one, longest)) for one in searches}
    return attrs.evolve(tally, faults=faults)


def _read(
    wanted: dict[tuple[str, str], list[_Search]],
    until: tuple[int, int],
    names: Sequence[str],
    settings: Settings,
    opening: Opening,
    read: Callable[[int], None],
) -> None:
    reading = Reading.of(settings)
    for source, name in enumerate(names[: until[0] + 1]):
        with closing(opening(name, read)) as stream:
            for piece in pieces(stream, source, Tally(), reading):
                if (source, piece.line) > until:
                    return
                for number, line in _lines(piece, wanted):
                    for search in wanted[line.session, line.device or ""]:
                        search.take(source, number, line)


def _lines(piece: Block | Record | TooLong, wanted: Container[tuple[str, str]]) -> Iterator[tuple[int, Line]]:
    """The lines of a piece that are of a session which is looked for."""
    if isinstance(piece, TooLong):
        return
    numbers, texts = without_blanks(piece.line, piece.data)
    for number, text, who in zip(numbers, texts, whose(texts), strict=False):
        if who in wanted:
            yield from ((at, line) for at, line in read_line(Record(number, text)) if isinstance(line, Line))


def _with_history(search: _Search, longest: int) -> Example:
    """The example with the steps that led to it, in their order; with none if its own is not on record any more."""
    example, lines = search.example, sorted(search.lines, key=_key)
    own = [at for at, (source, number, _) in enumerate(lines) if (source, number) == (example.source, example.line)]
    if not own:
        return example
    lines = lines[: own[0] + 1]
    resets = [at for at, (_, _, line) in enumerate(lines[:-1]) if line.happening == RESET]
    since = lines[resets[-1] :] if resets else lines
    shown = since[-longest:]
    earlier = len(since) - len(shown) if resets else max(0, search.count - len(shown))
    return attrs.evolve(example, history=tuple(_past(*one) for one in shown), earlier=earlier)


def _key(one: tuple[int, int, Line]) -> tuple[float, float, int, int]:
    source, number, line = one
    if line.seq is not None:
        return line.seq, 0, source, number
    try:
        return 0, 0 if line.time is None else when(line.time), source, number
    except ValueError:
        return 0, 0, source, number


def _past(source: int, number: int, line: Line) -> Past:
    name = line.call or line.happening or f"the callback of {line.settled}"
    raw = b"[]" if line.arguments is NOTHING else bytes(line.arguments)
    arguments = [f"… ({len(raw):,} bytes)"] if len(raw) > _LONG else decoded(raw, list)
    told: str = "not on record" if line.call and not line.outcome else line.outcome or ""
    if line.thrown is not None:
        told = f"it threw {line.thrown}"
    code = "" if line.code is None else f" {line.code}"
    return Past(source, number, name, tuple(arguments), f"{told}{code}")
