"""The report of a run for a person: failures first, then the verdicts, and one line that sums it up.

`report` makes plain text of a stream. `show` writes it; only a terminal gets colours, and only there is
rich imported. `Progress` is the bar that long runs have, on the standard error output and only if that is a
terminal.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import IO, Protocol

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.finding import (
    printable,
    render_check,
    render_finding,
    sut_name,
    wrapped,
)

__all__ = [
    "Progress",
    "coverage_line",
    "incomplete_line",
    "problems",
    "progress",
    "proved_lines",
    "report",
    "show",
    "summary_line",
    "tally",
    "untold_line",
    "width_of",
]

SPOKEN = (
    *("passed", "failed", "warned", "crashed", "timed out", "protocol error", "flaky"),
    *("expected failure", "unexpected pass"),
)
"""Verdicts of requirements that were put to the test."""

_WIDEST = 160
_LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")


def report(stream: Stream, *, width: int = 100, verbose: bool = False, skip: int = 0, only: str = "") -> str:
    """The whole report of a run.

    Args:
        stream: the run; its footer may say that it is not complete.
        width: columns; it reads well from 60 to 160.
        verbose: lists every requirement and every check.
        skip: problems, from the first, that have been shown already.
        only: the word that a problem must begin with, if not all are to be shown.
    """
    width = min(width, _WIDEST)
    blocks = [block for block in [*problems(stream, width)][skip:] if block.startswith(only)]
    if stream.footer is not None:
        blocks += _verdicts(stream, stream.footer, width, verbose)
        blocks.append("\n".join(proved_lines(stream, width)))
        blocks.append("\n".join(untold_line(stream.header, width)))
        blocks.append("\n".join([*coverage_line(stream.footer, width, verbose), *summary_line(stream, width)]))
    else:
        blocks.append("\n".join(wrapped(incomplete_line(stream), width)))
    return "\n\n".join(block for block in blocks if block)


# What went wrong ------------------------------------------------------------------------------------------


def problems(stream: Stream, width: int = 100) -> Iterator[str]:
    """Every fault that the run found, in the order of its checks, each fault once."""
    seen: set[tuple[str, str]] = set()
    for document in stream.results:
        yield from problems_of(document, stream.header, seen, width)


def problems_of(document: Document, header: Document, seen: set[tuple[str, str]], width: int) -> Iterator[str]:
    """What a check found that is not in `seen` yet; it is added there."""
    for finding in document["findings"]:
        key = (finding["requirement"], finding["kind"])
        if key not in seen and not finding.get("known"):
            seen.add(key)
            yield render_finding(finding, header, width)
    if not document["findings"] and document["verdict"] in SPOKEN[1:]:
        yield render_check(document, header, width)


# Verdicts -------------------------------------------------------------------------------------------------


def _verdicts(stream: Stream, footer: Document, width: int, verbose: bool) -> Iterator[str]:
    yield "\n".join(line for one in footer.get("stale", ()) for line in wrapped(f"STALE  {one}", width, then=" " * 7))
    yield "\n".join(_not_passed(stream, footer["requirements"], width, verbose))
    yield "\n".join(_table(footer["requirements"], width))
    if verbose:
        yield "\n".join(_listed(footer["requirements"], width))
        yield "\n".join(_checks(stream.results, width))


def _not_passed(stream: Stream, requirements: Mapping[str, Document], width: int, verbose: bool) -> Iterator[str]:
    """What was not judged, many of one kind in a line of their own, and after that what is wrong."""
    places = _places(stream)
    open_ones = {slug: one for slug, one in requirements.items() if one["verdict"] not in ("passed", "waived")}
    for verdict in _UNJUDGED:
        idle = {slug: one for slug, one in open_ones.items() if one["verdict"] == verdict}
        if len(idle) > _MANY and not verbose:
            yield from _many(verdict, idle, width)
        else:
            yield from (line for slug, one in idle.items() for line in _line(slug, one, width))
    for slug, one in open_ones.items():
        if one["verdict"] not in _UNJUDGED:
            yield from _line(slug, one, width, places.get(slug, ()))


_UNJUDGED, _MANY = ("unsupported", "not run"), 10


def _many(verdict: str, idle: Mapping[str, Document], width: int) -> Iterator[str]:
    needed = sorted({name for one in idle.values() for name in one.get("missing", ())})
    needs = f", which need {', '.join(needed)}" if needed else ""
    yield from wrapped(f"{verdict:<16}  {len(idle)} requirements{needs}; -v lists them", width, then=" " * 18)


def _places(stream: Stream) -> dict[str, list[str]]:
    """The steps in which each requirement was seen broken, each with the id to replay it by."""
    places: dict[str, dict[str, str]] = {}
    for document in stream.results:
        for finding in document["findings"]:
            last = finding["steps"][-1]["call"] if finding["steps"] else ""
            places.setdefault(finding["requirement"], {}).setdefault(last.partition("(")[0], finding["id"])
    return {slug: [f"{name} (replay {id_})" for name, id_ in named.items()] for slug, named in places.items()}


def _listed(requirements: Mapping[str, Document], width: int) -> Iterator[str]:
    for slug, one in requirements.items():
        if one["verdict"] in ("passed", "waived"):
            yield from _line(slug, one, width)


def _line(slug: str, one: Document, width: int, places: Sequence[str] = ()) -> list[str]:
    more = f"   needs {', '.join(one['missing'])}" if one.get("missing") else ""
    more += f"   in {', '.join(places)}" if places else ""
    return wrapped(f"{one['verdict']:<16}  {one['level']:<8}  {slug}{more}", width, then=" " * 28)


def _table(requirements: Mapping[str, Document], width: int) -> list[str]:
    """How many requirements of each level got each verdict; levels stand on top if it would be too wide."""
    counts = Counter((one["level"], one["verdict"]) for one in requirements.values())
    columns = [verdict for verdict in (*SPOKEN, "unsupported", "not run", "waived") if _any(counts, verdict)]
    rows = [["", *columns]]
    for level in _LEVELS:
        if any(counts[level, verdict] for verdict in columns):
            rows.append([level, *(str(counts[level, verdict] or "-") for verdict in columns)])
    lines = _aligned(rows)
    return lines if max(map(len, lines)) <= width else _aligned([list(column) for column in zip(*rows, strict=True)])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    sizes = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [_row(row, sizes) for row in rows]


def _any(counts: Mapping[tuple[str, str], int], verdict: str) -> bool:
    return any(counts.get((level, verdict)) for level in _LEVELS)


def _row(row: Sequence[str], sizes: Sequence[int]) -> str:
    cells = [f"{cell:>{size}}" for cell, size in zip(row[1:], sizes[1:], strict=True)]
    return "  ".join([f"{row[0]:<{sizes[0]}}", *cells]).rstrip()


def _checks(results: Sequence[Document], width: int) -> Iterator[str]:
    for one in results:
        effort = f"{count(one['traces'], 'trace')}, {count(one['steps'], 'step')}, {one['seconds']:.2f} s"
        missing = f"needs {', '.join(one['missing'])}" if one["missing"] else ""
        told = missing or (printable(one["message"]).splitlines() or [""])[0] or effort
        yield from wrapped(f"{one['verdict']:<14}  {one['id']}   {told}", width, then=" " * 16)


# The last lines -------------------------------------------------------------------------------------------


def coverage_line(footer: Document, width: int, verbose: bool = False) -> list[str]:
    """How many transitions of the specification the run took, and which it did not."""
    transitions = footer["transitions"]
    missed = list(transitions["missed"])
    shown = missed if verbose or len(missed) <= 12 else [*missed[:8], f"and {len(missed) - 8} more, see -v"]
    told = f" (not reached: {', '.join(shown)})" if missed else ""
    line = f"transitions {transitions['reached']}/{transitions['of']}{told}"
    return wrapped(line, width, then="  ")


def proved_lines(stream: Stream, width: int) -> list[str]:
    """What the complete suites have proved of each part of the specification, and what that takes for granted."""
    told = [(one["id"].partition("/")[2], one["message"]) for one in stream.results if one["family"] == "complete"]
    lines = [line for part, text in told if text for line in wrapped(f"{part}: {printable(text)}", width - 2, "  ")]
    granted = (
        "Proved, part by part, of a binding that is deterministic and that a reset makes new, "
        "where the specification's examples stand for all arguments:"
    )
    return [*wrapped(granted, width), *(f"  {line}" for line in lines)] if lines else []


def untold_line(header: Document, width: int) -> list[str]:
    """What was not judged because the native SDK below the binding tells no outcome of it; nothing if it tells all."""
    silent = (header["binding"] or {}).get("silent")
    if not silent:
        return []
    told = f"The native SDK tells no outcome of {', '.join(silent)}: which of their callbacks ran was not judged."
    return wrapped(told, width, then="  ")


def summary_line(stream: Stream, width: int) -> list[str]:
    """The run in one sentence: never a lone percentage."""
    footer, specification = stream.footer, stream.header["specification"]
    assert footer is not None
    what = f"{specification['name']} {specification['version']} against {sut_name(stream.header)}"
    counts = ", ".join(_counts(footer["requirements"]))
    checks = sum(footer["checks"].values())
    effort = f"{count(checks, 'check')}, {count(footer['steps'], 'step')} in {footer['seconds']:.1f} s"
    lines = wrapped(f"{what}: {counts}; {effort}", width, then="  ")
    return lines if footer["complete"] else [*lines, *wrapped(incomplete_line(stream), width)]


def tally(requirements: Mapping[str, Document], level: str) -> tuple[int, int]:
    """How many requirements of MUST or SHOULD passed, and how many were judged."""
    of_level = [one["verdict"] for one in requirements.values() if one["level"].startswith(level)]
    judged = [verdict for verdict in of_level if verdict in SPOKEN]
    return judged.count("passed"), len(judged)


def _counts(requirements: Mapping[str, Document]) -> Iterator[str]:
    verdicts = list(requirements.values())
    for level in ("MUST", "SHOULD"):
        passed, judged = tally(requirements, level)
        yield f"{passed}/{judged} {level}"
    recorded = sum(one["level"] == "MAY" and one["verdict"] == "passed" for one in verdicts)
    yield f"{recorded} MAY recorded"
    for verdict in ("unsupported", "not run"):
        number = sum(one["verdict"] == verdict for one in verdicts)
        if number:
            yield f"{number} {verdict}"


def incomplete_line(stream: Stream) -> str:
    """What to say of a run that did not come to its end, in one sentence; nothing of one that did."""
    if stream.complete:
        return ""
    done, planned = len(stream.results), stream.header["planned"]
    why = stream.cut or "it did not come to its end"
    return f"INCOMPLETE: {done} of {count(planned, 'check')} were run: {why}. What is missing may fail."


def count(number: int, what: str) -> str:
    """A number with its noun, such as ``8,412 steps``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


# Writing it -----------------------------------------------------------------------------------------------

_STYLES = (
    (r"(?m)^(?:FAILED|CRASHED|TIMED OUT|PROTOCOL ERROR|FLAKY|INCOMPLETE)\b", "bold red"),
    (r"(?m)^WARNED\b", "bold yellow"),
    (r"(?m)^STALE\b", "bold red"),
    (r"(?m)^unexpected pass\b", "red"),
    (r"(?m)^expected failure\b", "yellow"),
    (r"(?m)^(?:failed|crashed|timed out|protocol error|flaky)\b", "red"),
    (r"(?m)^warned\b", "yellow"),
    (r"(?m)^(?:unsupported|not run|waived)\b", "dim"),
    (r"(?m)^(?:passed|ok) ", "green"),
    (r"(?m)^ {7}expected\b", "green"),
    (r"(?m)^ {7}observed\b", "red"),
    (r"(?m)^  (?:replay|explain)\b", "dim"),
)


def show(text: str, file: IO[str] | None = None) -> None:
    """Writes a text: in colours on a terminal (unless ``NO_COLOR`` is set), plain everywhere else."""
    out: IO[str] = file or sys.stdout
    if not _colourful(out):
        print(text, file=out, flush=True)
        return
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    for pattern, style in _STYLES:
        styled.highlight_regex(re.compile(pattern), style)
    Console(file=out, highlight=False, width=width_of(out)).print(styled, soft_wrap=True)


def _colourful(file: IO[str]) -> bool:
    return file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(file: IO[str] | None = None) -> int:
    """The columns to write in: ``COLUMNS``, or those of the terminal, or 100 where there is none."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size((file or sys.stdout).fileno()).columns or 100
    except (OSError, ValueError):
        return 100


# Progress -------------------------------------------------------------------------------------------------


class Progress(Protocol):
    """Tells how far a run is."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def done(self, document: Document) -> None:
        """A check has its result."""
        ...

    def tell(self, text: str, *, answer: bool) -> None:
        """Shows a text at once, above the bar; it goes where the answer goes if it is part of the answer."""
        ...


def progress(total: int, file: IO[str] | None = None) -> Progress:
    """The bar of a run of so many checks, or nothing where nobody watches."""
    out: IO[str] = file or sys.stderr
    return _Bar(total, out) if out.isatty() and os.environ.get("TERM") != "dumb" else _Silent()


class _Silent:
    """No bar."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def done(self, document: Document) -> None:
        """Nobody watches."""

    def tell(self, text: str, *, answer: bool) -> None:
        if answer:
            show(text)


class _Bar:
    """A bar with counts and the time that is left."""

    def __init__(self, total: int, file: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._file = file
        self._counts: Counter[str] = Counter()
        self._progress = RichProgress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[counts]}"),
            console=Console(file=file, width=width_of(file)),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("checks", total=total, counts="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def done(self, document: Document) -> None:
        self._counts[document["verdict"]] += 1
        counts = ", ".join(f"{number} {verdict}" for verdict, number in self._counts.items())
        self._progress.update(self._task, advance=1, counts=counts)

    def tell(self, text: str, *, answer: bool) -> None:
        self._progress.stop()
        if answer:
            show(text)
        if not answer or not sys.stdout.isatty():
            show(text, self._file)
        self._progress.start()
