"""``check``: whether recorded calls are possible at all: of one session, or of millions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from intercom_conformance.commands.options import Engine, ShowSecrets, Spec
from intercom_conformance.commands.validate import Output, OutputOption, progress_of

if TYPE_CHECKING:
    from intercom_conformance.checking import Settings, Tally
    from intercom_conformance.checking.running import Opening

__all__ = ["check"]

# typer reads the annotations at run time, and knows unions with None in this spelling in every version.
Traces = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Argument(
        metavar="[FILE|-|URL]...",
        help="Recorded calls as NDJSON, packed with gzip or zstd or not; a folder or a pattern with * stands for "
        "the files in it, - for the standard input.",
        show_default=False,
    ),
]
NoPayloads = Annotated[
    bool, typer.Option("--no-payloads", help="Do not validate arguments and results: several times as fast.")
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Each session is that of a newly installed app, whether it says so or not.")
]
Window = Annotated[
    int, typer.Option("--window", metavar="LINES", min=0, help="How many lines of a session may overtake a late one.")
]
Map = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--map", metavar="FILE", help="What the lines of another log mean: a file of places and names."),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="How many processes judge sessions.")]
History = Annotated[
    int,
    typer.Option("--history", metavar="STEPS", min=0, help="How many steps of a session are shown with each fault."),
]
MaxSessions = Annotated[
    int,
    typer.Option("--max-sessions", min=1, help="How many sessions a process has open; then the first are let go."),
]


def check(
    traces: Traces = None,
    no_payloads: NoPayloads = False,
    fresh: Fresh = False,
    window: Window = 16,
    max_sessions: MaxSessions = 5_000_000,
    map: Map = None,
    history: History = 12,
    workers: Workers = 1,
    strict: Annotated[
        bool, typer.Option("--strict", help="A SHOULD that is broken, or an argument that is not valid, fails too.")
    ] = False,
    format: OutputOption = Output.TEXT,
    engine: Engine = "local",
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Tell which recorded sessions no SDK could have that conforms, and how many of them.

    Each line is a call with its outcome, a callback that came later, or something that happened;
    spec/README.md describes it. What a trace leaves out is unknown and held against nobody: what the
    network did, what the workspace holds, and without a line "reset" also what came before.

    \b
    Examples:
      intercom-conformance check calls.ndjson
      intercom-conformance check logs/*.ndjson.gz --fresh --no-payloads
      intercom-conformance run 'cmd:node driver.js' --record calls.ndjson; intercom-conformance check calls.ndjson
      intercom-conformance check app.log --map app.map.yaml
      intercom-conformance check calls.ndjson.zst --workers 4
      intercom-conformance check s3://bucket/calls.ndjson.zst --engine dask=tcp://scheduler:8786
      adb logcat -d | my-converter | intercom-conformance check --format json

    It ends with 0 if every step is possible, with 1 if one is not or a line could not be read, and with 5 if there was
    no step at all.
    """
    from intercom_conformance.checking import Settings
    from intercom_conformance.validation.urls import expanded

    settings = Settings(spec, not no_payloads, fresh, window, max_sessions, map)
    names = expanded(traces or ["-"])
    tally = _tally(names, settings, engine, workers, history)
    _show(tally, names, settings, format, show_secrets)
    raise typer.Exit(_code(tally, settings, strict))


def _tally(names: list[str], settings: Settings, engine: str, workers: int, history: int) -> Tally:
    from intercom_conformance.checking.histories import Keeper, with_histories
    from intercom_conformance.checking.running import opened_bytes
    from intercom_conformance.engines import known_engine

    local = known_engine(engine) == "local"
    with closing(Keeper()) as keeper:
        opening = keeper.open if history and local else opened_bytes
        with progress_of(names, "checking") as read:
            tally = _judged(names, settings, None if local else engine, workers, read, opening)
        with progress_of(names, "looking back") as read:
            return with_histories(tally, names, settings, history, opening, read)


def _judged(
    names: list[str],
    settings: Settings,
    engine: str | None,
    workers: int,
    read: Callable[[int], None],
    opening: Opening,
) -> Tally:
    from intercom_conformance.checking.running import checked

    if engine is not None:
        from intercom_conformance.engines.checking import checked_by_dask

        return checked_by_dask(names, settings, engine, read)
    if workers > 1:
        from intercom_conformance.checking.workers import checked_by_workers

        return checked_by_workers(names, settings, workers, read, opening)
    return checked(names, settings, read, opening)


def _show(tally: Tally, names: list[str], settings: Settings, format: Output, show_secrets: bool) -> None:
    from intercom_conformance.masking import Masker
    from intercom_conformance.reports.checking import as_json, as_sarif, as_text
    from intercom_conformance.validation.urls import shown

    spec = settings.specification()
    places = ["<stdin>" if name == "-" else shown(name) for name in names]
    written = {Output.TEXT: as_text, Output.JSON: as_json, Output.SARIF: as_sarif}[format]
    print(written(tally, places, Masker.of(spec, show=show_secrets), spec.requirements))


def _code(tally: Tally, settings: Settings, strict: bool) -> int:
    from intercom_conformance.exits import Exit

    requirements, counts = settings.specification().requirements, tally.counts
    broken = any(strict or requirements[fault.requirement].binding for fault in tally.faults)
    if broken or counts["unreadable"] or (strict and counts["argument"]):
        return Exit.FAILED
    return Exit.OK if tally.steps else Exit.NOTHING_RAN
