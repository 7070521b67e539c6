"""Requirement by binding: what several bindings do otherwise, side by side, as text, Markdown or data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from intercom_conformance.matrix import Column
from intercom_conformance.reports.finding import printable, wrapped
from intercom_conformance.specification import Specification

__all__ = ["as_data", "as_markdown", "as_text"]

_SIGNS = {
    "passed": ".",
    "failed": "F",
    "warned": "w",
    "crashed": "C",
    "timed out": "T",
    "protocol error": "P",
    "flaky": "~",
    "expected failure": "x",
    "unexpected pass": "X",
    "unsupported": "u",
    "not run": " ",
    "waived": "-",
}
_QUIET = frozenset(("passed", "waived"))


def as_text(columns: Sequence[Column], spec: Specification, *, width: int, every: bool = False) -> str:
    """The matrix for a terminal: numbered columns, a sign for each verdict, and what the numbers and signs mean."""
    rows = list(_rows(columns, spec, every))
    numbers = [str(number) for number in range(1, len(columns) + 1)]
    longest = max((len(slug) for slug, _ in rows), default=0)
    room = min(longest, max(width - sum(len(number) + 1 for number in numbers) - 1, 20))
    lines = [" " * room + "".join(f" {number}" for number in numbers)] if rows else []
    for slug, verdicts in rows:
        cells = "".join(f" {_SIGNS[one]:>{len(number)}}" for one, number in zip(verdicts, numbers, strict=True))
        lines.append(f"{slug[:room]:<{room}}{cells}")
    return "\n".join([*lines, "", *_legend(columns, rows, width)])


def _rows(columns: Sequence[Column], spec: Specification, every: bool) -> Iterator[tuple[str, list[str]]]:
    """The requirements with the verdict of each column; those that every binding passes only if asked for."""
    for slug, requirement in spec.requirements.items():
        verdicts = [column.verdict(slug) for column in columns]
        if requirement.on == "sdk" and (every or not set(verdicts) <= _QUIET):
            yield slug, verdicts


def _legend(columns: Sequence[Column], rows: Sequence[tuple[str, list[str]]], width: int) -> Iterator[str]:
    used = {one for _, verdicts in rows for one in verdicts}
    signs = ", ".join(f"{sign.strip() or 'blank'} {verdict}" for verdict, sign in _SIGNS.items() if verdict in used)
    if signs:
        yield from wrapped(signs, width)
        yield ""
    for number, column in enumerate(columns, 1):
        yield from wrapped(f"{number:>3}  {column.name}: {_sum(column)}", width, then=" " * 5)


def _sum(column: Column) -> str:
    if column.stream is None or column.stream.footer is None:
        return f"INCOMPLETE, {printable(column.why.splitlines()[-1]) if column.why else 'it did not come to its end'}"
    counts = Counter(one["verdict"] for one in column.stream.footer["requirements"].values())
    stale = [f"{len(column.stream.footer['stale'])} stale"] if "stale" in column.stream.footer else []
    told = [f"{counts[verdict]} {verdict}" for verdict in _SIGNS if counts[verdict] and verdict != "waived"]
    return ", ".join([*told, *stale])


def as_markdown(columns: Sequence[Column], spec: Specification) -> str:
    """The matrix as a table in Markdown."""
    heads = [f"`{column.name}`" for column in columns]
    lines = [f"| requirement | {' | '.join(heads)} |", "|---" * (len(columns) + 1) + "|"]
    for slug, verdicts in _rows(columns, spec, every=False):
        lines.append(f"| `{slug}` | {' | '.join(verdicts)} |")
    return "\n".join([*lines, "", *(f"- `{column.name}`: {_sum(column)}" for column in columns)])


def as_data(columns: Sequence[Column], spec: Specification) -> dict[str, Any]:
    """The matrix as JSON: the verdicts by requirement and connector, and how each run ended."""
    rows = dict(_rows(columns, spec, every=True))
    return {
        "bindings": [
            {"connector": column.connector, "exit_code": int(column.code), "summary": _sum(column)}
            for column in columns
        ],
        "requirements": {
            slug: {column.connector: verdict for column, verdict in zip(columns, verdicts, strict=True)}
            for slug, verdicts in rows.items()
        },
    }
