"""``matrix``: several bindings side by side, and where two of them differ."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, List, Optional  # noqa: UP035

import typer

from intercom_conformance.commands.options import Examples, Format, FormatOption, Seed, Spec, Timeout, Verbose, Workers

if TYPE_CHECKING:
    from intercom_conformance.matrix import Column, Job

__all__ = ["matrix"]


_Connectors = Annotated[
    Optional[List[str]],  # noqa: UP006, UP045
    typer.Argument(metavar="[CONNECTOR]...", help="The bindings; all that are bundled if none is named."),
]
_Pairwise = Annotated[
    bool, typer.Option("--pairwise", help="Show where each two of them differ, by the shortest sequences.")
]
_Deviations = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--deviations", metavar="bundled", help="Hold each binding to what is on record of it."),
]
_Events = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--events", metavar="FOLDER", help="Keep the event stream of each run in this folder."),
]


def matrix(
    connectors: _Connectors = None,
    pairwise: _Pairwise = False,
    deviations: _Deviations = None,
    events: _Events = None,
    workers: Workers = None,
    seed: Seed = 0,
    examples: Examples = 100,
    timeout: Timeout = 10.0,
    format: FormatOption = Format.TEXT,
    verbose: Verbose = False,
    spec: Spec = None,
) -> None:
    """Run the suite over several bindings side by side, or show where two of them differ.

    \b
    Examples:
      intercom-conformance matrix
      intercom-conformance matrix --deviations bundled
      intercom-conformance matrix 'cmd:node old.js' 'cmd:node new.js'
      intercom-conformance matrix --pairwise npm:cordova-plugin-intercom@9.1.1 npm:cordova-plugin-intercom@12.1.0

    It ends with 0 if every run does, else with the gravest exit code of them; with --pairwise, with 1 if two differ.
    """
    from intercom_conformance.bindings.findings import known_connectors
    from intercom_conformance.exits import UsageProblem

    chosen = list(dict.fromkeys(connectors or known_connectors()))
    if deviations not in (None, "bundled"):
        raise UsageProblem(f"There is no --deviations {deviations}", "Write --deviations bundled, or use run.")
    if pairwise:
        raise typer.Exit(_pairwise(chosen, timeout, format, spec))
    options = ["--seed", str(seed), "--examples", str(examples), "--timeout", str(timeout)]
    options += ["--spec", spec] if spec else []
    with _folder(events) as folder:
        jobs = _jobs(chosen, folder, tuple(options), bundled=deviations is not None)
        columns = _run(jobs, workers or os.cpu_count() or 1, spec)
    _show(columns, format, verbose, spec)
    raise typer.Exit(max(column.code for column in columns))


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    import tempfile

    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="intercom-conformance-") as made:
        yield Path(made)


def _jobs(connectors: list[str], folder: Path, options: tuple[str, ...], *, bundled: bool) -> Iterator[Job]:
    from intercom_conformance.bindings.findings import path_of
    from intercom_conformance.matrix import Job

    for number, connector in enumerate(connectors, 1):
        on_record = bundled and path_of(connector).is_file()
        known = ("--deviations", "bundled") if on_record else ()
        yield Job(connector, folder / f"{number:02}-{path_of(connector).stem}.ndjson", (*options, *known))


def _run(jobs: Iterator[Job], workers: int, spec: str | None) -> list[Column]:
    from intercom_conformance.matrix import run_all
    from intercom_conformance.reports.terminal import progress
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import catalogue

    planned = list(jobs)
    with progress(len(planned) * len(catalogue(load_specification(spec)))) as bar:
        return run_all(planned, workers, bar.done)


def _show(columns: list[Column], format: Format, verbose: bool, spec: str | None) -> None:
    from intercom_conformance.reports.matrix import as_data, as_markdown, as_text
    from intercom_conformance.reports.terminal import problems, show, width_of
    from intercom_conformance.specification import load_specification

    specification, width = load_specification(spec), width_of()
    if format is Format.JSON:
        print(json.dumps(as_data(columns, specification), indent=2))
    elif format is Format.MARKDOWN:
        print(as_markdown(columns, specification))
    else:
        for column in columns:
            for text in problems(column.stream, width) if column.stream and verbose else ():
                show(text + "\n")
        show(as_text(columns, specification, width=width, every=verbose))


def _pairwise(connectors: list[str], timeout: float, format: Format, spec: str | None) -> int:
    from itertools import combinations

    from intercom_conformance.reports.pairwise import as_data, as_text
    from intercom_conformance.reports.terminal import show, width_of
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite.pairwise import compare

    specification = load_specification(spec)
    compared = [compare(one, other, specification, timeout=timeout) for one, other in combinations(connectors, 2)]
    if format is Format.JSON:
        print(json.dumps([as_data(one) for one in compared], indent=2))
    else:
        show("\n\n".join(as_text(one, width_of()) for one in compared))
    return int(any(one.differences for one in compared))
