"""Validates all that a source holds, in whatever form it is."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import attrs

from intercom_conformance.forms import Form
from intercom_conformance.validation.judging import Judge, Piece, Settings, no_json, strictly
from intercom_conformance.validation.records import Record, TooLong, elements, lines
from intercom_conformance.validation.sources import Source
from intercom_conformance.validation.tables import csv_rows, parquet_rows
from intercom_conformance.validation.tally import Tally
from intercom_conformance.validation.urls import CutOff
from intercom_reference.payloads import Problem, Validator

__all__ = ["Head", "Pieces", "broken", "broken_off", "form_of", "validated"]

_PEEKED = 1 << 16


class Pieces(Protocol):
    """Judges the pieces of a source: in this process, or in others."""

    def pieces(self, source: str, pieces: Iterator[Piece]) -> Iterator[Tally]:
        """The tallies of the pieces, in order."""
        ...


def validated(source: Source, form: Form, judge: Judge, pieces: Pieces) -> Iterator[Tally]:
    """The tallies of a source, bit by bit; a source that breaks off ends with a finding that says so.

    Raises:
        UsageProblem: it is not of the form that was named, or needs an extra that is not installed.
    """
    line = 1
    try:
        for tally in _judged(source, form, judge, pieces):
            line += tally.records
            yield tally
    except broken_off() as error:
        yield broken(source.name, line, error, judge.settings)


def broken(name: str, line: int, error: Exception, settings: Settings) -> Tally:
    """The tally of a source that breaks off at a line."""
    tally = Tally(settings.keep, records=1)
    told = no_json(f"a source that breaks off ({error})", "Write or fetch the file anew, and whole.")
    tally.add(name, [(line, told)])
    return tally


def broken_off() -> tuple[type[Exception], ...]:
    """The errors of a source that ends in the middle of what is packed."""
    errors: tuple[type[Exception], ...] = (CutOff, EOFError, zlib.error, gzip.BadGzipFile)
    try:
        from zstandard import ZstdError
    except ImportError:
        return errors
    return (*errors, ZstdError)


def _judged(source: Source, form: Form, judge: Judge, pieces: Pieces) -> Iterator[Tally]:
    form = _SUFFIXES.get(source.suffix, form) if form is Form.AUTO else form
    validator = judge.settings.validator()
    if form is Form.PARQUET:
        with _seekable(source) as file:
            yield from (judge.value(source.name, line, row) for line, row in parquet_rows(file))
    elif form is Form.CSV:
        yield from _rows(source, judge, csv_rows(source.stream, _wants_text(validator)))
    else:
        head = Head(source.stream)
        yield from pieces.pieces(source.name, _pieces(head, form, takes_lists(validator)))


_SUFFIXES = {".csv": Form.CSV, ".parquet": Form.PARQUET, ".ndjson": Form.NDJSON, ".jsonl": Form.NDJSON}


def _rows(source: Source, judge: Judge, rows: Iterator[tuple[int, Any]]) -> Iterator[Tally]:
    for line, row in rows:
        if isinstance(row, Problem):
            unread = Tally(judge.settings.keep, records=1)
            unread.add(source.name, [(line, row)])
            yield unread
        else:
            yield judge.value(source.name, line, row)


@contextmanager
def _seekable(source: Source) -> Iterator[Any]:
    """Parquet is read from its end, so a stream is put aside first."""
    import shutil
    import tempfile

    with tempfile.TemporaryFile() as aside:
        shutil.copyfileobj(source.stream, aside)
        aside.seek(0)
        yield aside


def takes_lists(validator: Validator) -> bool:
    """Whether one payload of the kind is an array itself."""
    kinds = validator.payloads.schema(validator.kind).get("type", ())
    return "array" in ([kinds] if isinstance(kinds, str) else kinds)


def _wants_text(validator: Validator) -> Callable[[str], bool]:
    """Tells of a name whether its value has to be text, whatever that text looks like."""

    def wants(name: str) -> bool:
        def told(value: Any) -> bool:
            return any(one.pointer == f"/{name}" for one in validator.errors({name: value}))

        return told(5) and not told("5")

    return wants


# JSON: lines, an array, or one record -------------------------------------------------------------


@attrs.define
class Head:
    """A stream of which the beginning can be looked at first."""

    stream: BinaryIO
    start: bytes = attrs.field(default=attrs.Factory(lambda self: self.stream.read(_PEEKED), takes_self=True))

    def read(self, size: int) -> bytes:
        """The next bytes, as of any stream."""
        given, self.start = self.start, b""
        return given or self.stream.read(size)


def form_of(source: Source, form: Form, settings: Settings) -> Form:
    """The form of a source: as it is named, or else by the ending of its name, or by how it begins."""
    form = _SUFFIXES.get(source.suffix, form) if form is Form.AUTO else form
    if form is Form.AUTO and _is_lines(_beginning(Head(source.stream)), takes_lists(settings.validator())):
        return Form.NDJSON
    return form


def _beginning(head: Head) -> bytes:
    return head.start.removeprefix(b"\xef\xbb\xbf").lstrip()


def _pieces(head: Any, form: Form, lists: bool) -> Iterator[Piece]:
    start = _beginning(head)
    if form is Form.NDJSON or (form is Form.AUTO and _is_lines(start, lists)):
        return lines(head)
    if start.startswith(b"[") and not lists:
        return elements(head)
    return _whole(head)


def _is_lines(start: bytes, lists: bool) -> bool:
    """Whether there is a record on a line of its own among the first: only then are lines records."""
    if start.startswith(b"[") and not lists:
        return False
    first = start.split(b"\n", 4)[:3]
    return any(not isinstance(strictly(Record(1, line)), Problem) for line in first if line.strip()[:1] in (b"{", b"["))


def _whole(head: Any) -> Iterator[Piece]:
    """Everything as one record, unless it is too much."""
    from intercom_conformance.validation.records import MAX_RECORD

    kept = bytearray()
    size = 0
    while portion := head.read(1 << 20):
        size += len(portion)
        kept += portion if size <= MAX_RECORD else b""
    if size > MAX_RECORD:
        yield TooLong(1, size)
    elif kept.strip():
        yield Record(1, bytes(kept))
