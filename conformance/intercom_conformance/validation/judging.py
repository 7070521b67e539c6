"""Judges records: a batch at a time while all is well, one by one where something is not.

Records are parsed and validated by Rust, some dozen with one call. What parsers tell apart is then made sure of by
counting: that no name stands twice in an object, and that nothing nests too deep. A batch that is not fine for
whatever reason is judged record by record, by the strict parser and the validator that explains.
"""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import attrs

from intercom_conformance.validation.locating import line_in
from intercom_conformance.validation.records import MAX_RECORD, Block, Record, TooLong
from intercom_conformance.validation.tally import Tally
from intercom_reference.errors import DocumentError
from intercom_reference.loading import MAX_DEPTH, parse_json
from intercom_reference.payloads import Problem, Validator, validator

__all__ = ["Judge", "Settings", "no_collection", "no_json"]

Json = Any
Piece = Block | Record | TooLong
_BATCH = 16
_BLANK = b" \t\r"
_NO_FRAME = bytes({*range(256)} - {*b":[{"})
"""What is left of a text without these bytes shows its shape."""


@attrs.frozen
class Settings:
    """What is asked of records: everything that a worker must know.

    `only_errors` leaves out what breaks a SHOULD; `keep` is how many findings are held in full.
    """

    kind: str
    profile: str | None = None
    limits: Mapping[str, int] | None = None
    spec: str | None = None
    only_errors: bool = False
    keep: int = 1000

    def validator(self) -> Validator:
        """The validator of one record; an unknown name is an error of the payload schemas."""
        from pathlib import Path

        from intercom_reference.documents import folder

        documents = folder(Path(self.spec)) if self.spec else None
        return validator(self.kind, profile=self.profile, limits=self.limits, documents=documents)


@attrs.frozen(eq=False, slots=False)
class Judge:
    """Judges the records of one source after the other, by its settings."""

    settings: Settings

    def pieces(self, source: str, pieces: Iterator[Piece]) -> Iterator[Tally]:
        """A tally of each piece of a source."""
        for piece in pieces:
            yield self.piece(source, piece)

    def piece(self, source: str, piece: Piece) -> Tally:
        """A tally of one piece of a source."""
        tally = Tally(self.settings.keep)
        if isinstance(piece, Block):
            self._block(tally, source, piece)
        else:
            tally.records = 1
            tally.add(source, self._of_record(piece))
        return tally

    def value(self, source: str, line: int, value: Json) -> Tally:
        """A tally of one record that is no text any more, such as the row of a table."""
        tally = Tally(self.settings.keep, records=1)
        tally.add(source, ((line, problem) for problem in self._problems(value)))
        return tally

    def _block(self, tally: Tally, source: str, block: Block) -> None:
        found = block.data.removesuffix(b"\n").split(b"\n")
        with no_collection():
            for start in range(0, len(found), _BATCH):
                self._batch(tally, source, block.line + start, found[start : start + _BATCH])

    def _batch(self, tally: Tally, source: str, number: int, lines: list[bytes]) -> None:
        if self._fast and self._fast.all_fine(lines):
            tally.records += len(lines)
            return
        for index, line in enumerate(lines):
            if line.strip(_BLANK):
                self._line(tally, source, number + index, line)

    def _line(self, tally: Tally, source: str, number: int, line: bytes) -> None:
        tally.records += 1
        if not self._fast or not self._fast.all_fine([line]):
            record = Record(number, line) if len(line) <= MAX_RECORD else TooLong(number, len(line))
            tally.add(source, self._of_record(record))

    def _of_record(self, record: Record | TooLong) -> list[tuple[int, Problem]]:
        value = strictly(record)
        if isinstance(value, Problem):
            return [(record.line, value)]
        text = record.data if isinstance(record, Record) else b""
        return [(record.line + line_in(text, problem.pointer), problem) for problem in self._problems(value)]

    def _problems(self, value: Json) -> tuple[Problem, ...]:
        return self._validator.errors(value) if self.settings.only_errors else self._validator(value)

    @cached_property
    def _validator(self) -> Validator:
        return self.settings.validator()

    @cached_property
    def _fast(self) -> _Batches | None:
        try:
            import orjson
        except ImportError:
            return None
        return _Batches(orjson.loads, orjson.dumps, self._all_valid)

    @cached_property
    def _all_valid(self) -> Callable[[Json], bool]:
        """Whether every one of a list of values is valid, in one call."""
        return self._validator.of_list(strict=not self.settings.only_errors)


def strictly(record: Record | TooLong) -> Json | Problem:
    """The value of a record, or what keeps it from having one that every reader agrees on."""
    if isinstance(record, TooLong):
        return no_json(f"a record of {record.size:,} bytes", f"Keep each record below {MAX_RECORD:,} bytes.")
    try:
        return parse_json(record.data.removeprefix(b"\xef\xbb\xbf").decode(), "record")
    except UnicodeDecodeError as error:
        return no_json(f"bytes that are no UTF-8, from byte {error.start} on", "Write the record in UTF-8.")
    except DocumentError as error:
        return no_json(f"no JSON ({error.problem})", error.remedy)
    except ValueError:
        return no_json("a number of thousands of digits", "Send it as text.")


def no_json(found: str, remedy: str) -> Problem:
    """The problem of a record that is not JSON as every parser reads it."""
    return Problem("", "MUST", "json", "payload-is-json", found, remedy)


@attrs.frozen
class _Batches:
    """Tells of many records at once whether all of them are fine, and never says so of one that is not."""

    loads: Callable[[bytes], Json]
    dumps: Callable[[Json], bytes]
    all_valid: Callable[[Json], bool]
    mark: str = attrs.field(factory=lambda: secrets.token_hex(4))
    """Nobody who writes a record knows it, so that no records can pretend to be more, or fewer, than they are."""

    def all_fine(self, lines: list[bytes]) -> bool:
        """Whether each line is one record, with nothing at all to say against it."""
        text = f',"{self.mark}",'.encode().join(lines)
        try:
            parsed = self.loads(b"[" + text + b"]")
        except ValueError:
            return False
        records = parsed[::2]
        if parsed[1::2] != [self.mark] * (len(lines) - 1) or len(records) != len(lines):
            return False
        frame = text.translate(None, _NO_FRAME)
        if not _shallow(frame, lines, records) or not self.all_valid(records):
            return False
        return _nothing_twice(text, frame, self.dumps(parsed))


def _nothing_twice(text: bytes, frame: bytes, whole: bytes) -> bool:
    """Whether parsing dropped no name: what was parsed has as many colons as the text had, and none was escaped."""
    if b"\\" in text and b"\\u003" in text:
        return False
    return whole[1:-1] == text or whole[1:-1].translate(None, _NO_FRAME) == frame


def _shallow(frame: bytes, lines: list[bytes], records: list[Json]) -> bool:
    """Whether no line has enough brackets to nest too deep; an object has at least one of its own."""
    brackets = frame.count(b"{") + frame.count(b"[")
    own = len(lines) - 1 if {*map(type, records)} == {dict} else 0
    if brackets - own <= MAX_DEPTH:
        return True
    return all(line.count(b"{") + line.count(b"[") <= MAX_DEPTH for line in lines)


@contextmanager
def no_collection() -> Iterator[None]:
    """Parsed records hold no cycles, so looking for some is lost time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
