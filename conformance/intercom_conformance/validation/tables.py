"""Reads the rows of a table as records: CSV, and Parquet with pyarrow.

A column is a name of the payload; a dot leads into an object, so ``metadata.price.amount`` is the amount of the
price of an event. An empty cell is a name that is not there. CSV knows text only: a cell that reads as a number or
as true or false is one, unless its name wants text.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from intercom_conformance.exits import UsageProblem, missing_extra
from intercom_conformance.validation.records import TooLong, lines
from intercom_reference.payloads import Problem

__all__ = ["csv_rows", "parquet_rows"]

Json = Any
Row = tuple[int, Json]
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,3})?|true|false")
_BATCH = 1000


def csv_rows(stream: BinaryIO, is_text: Callable[[str], bool]) -> Iterator[Row]:
    """The rows of CSV with their lines, or the problem that a row has; `is_text` tells of a name what it wants."""
    reader = csv.reader(_text_lines(stream), strict=True)
    columns = _header(reader)
    texts = [is_text(column) for column in columns]
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, _bad_row(str(error))
            continue
        if cells is None:
            return
        if cells:
            yield reader.line_num, _row(columns, texts, cells)


def _text_lines(stream: BinaryIO) -> Iterator[str]:
    for piece in lines(stream):
        if isinstance(piece, TooLong):
            yield "x" * (csv.field_size_limit() + 1) + "\n"  # refused by the reader, as the line itself would be
            continue
        for line in piece.data.splitlines(keepends=True):
            yield line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        columns = next(reader, [])
    except csv.Error as error:
        raise UsageProblem(f"The first line of the table cannot be read ({error})", "Give names there.") from None
    if len({*columns}) != len(columns):
        raise UsageProblem("A column of the table stands twice", "Give each column a name of its own.")
    for column in columns:
        if any(other.startswith(f"{column}.") for other in columns):
            raise UsageProblem(f"The column {column!r} is an object and a value", "Name the parts of an object alone.")
    return columns


def _row(columns: list[str], texts: list[bool], cells: list[str]) -> Json:
    if len(cells) > len(columns):
        return _bad_row(f"{len(cells)} cells for {len(columns)} columns")
    named = zip(columns, texts, cells, strict=False)
    return nested({column: cell if text else _cell(cell) for column, text, cell in named if cell != ""})


def _cell(cell: str) -> Json:
    """The value of a cell; one that holds an object, as exports write metadata, is that object."""
    if _SCALAR.fullmatch(cell):
        return json.loads(cell)
    if not cell.startswith("{"):
        return cell
    from intercom_conformance.validation.judging import strictly
    from intercom_conformance.validation.records import Record

    value = strictly(Record(0, cell.encode("utf-8", "surrogateescape")))
    return cell if isinstance(value, Problem) else value


def _bad_row(found: str) -> Problem:
    from intercom_conformance.validation.judging import no_json

    return no_json(f"a row that is no CSV ({found})", "Quote cells that hold commas, quotes or line ends.")


def parquet_rows(stream: BinaryIO) -> Iterator[Row]:
    """The rows of Parquet, numbered from 1."""
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise missing_extra("data", "Parquet") from None
    try:
        table = ParquetFile(stream)
    except (ArrowInvalid, OSError) as error:
        raise UsageProblem(f"This is no Parquet ({error})", "Name a file that is.") from None
    number = 0
    for batch in table.iter_batches(_BATCH):
        for row in batch.to_pylist(maps_as_pydicts="lossy"):
            number += 1
            yield number, nested(_without_nulls(row))


def _without_nulls(value: Json) -> Json:
    """An object without the names that hold nothing: a table has every column in every row."""
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def nested(row: Mapping[str, Json]) -> dict[str, Json]:
    """A row as an object: a dot in the name of a column leads into an object."""
    result: dict[str, Json] = {}
    for column, value in row.items():
        *path, name = column.split(".")
        place = result
        for part in path:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[name] = value
    return result
