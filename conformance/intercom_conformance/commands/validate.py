"""``validate``: what is wrong with payloads: one, or millions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from intercom_conformance.commands.options import Engine, ShowSecrets, Spec
from intercom_conformance.forms import Form

if TYPE_CHECKING:
    from intercom_conformance.validation import Settings, Tally

__all__ = ["Output", "OutputOption", "progress_of", "validate"]


class Output(StrEnum):
    """In what form the findings are given."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


# typer reads the annotations at run time, and knows unions with None in this spelling in every version.
Kind = Annotated[str, typer.Argument(metavar="KIND", help="A payload schema: user-attributes, company, event, login …")]
Sources = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Argument(
        metavar="[FILE|-|URL]...",
        help="JSON, a JSON array, NDJSON, CSV or Parquet, packed with gzip or zstd or not; a folder or a pattern with "
        "* stands for the files in it, - for the standard input.",
        show_default=False,
    ),
]
Profile = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--profile", help="Whose spellings the payloads use, such as cordova-ios, flutter, rest or web."),
]
Limit = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--limit", metavar="NAME=NUMBER", help="Another maximum, such as event-metadata-keys=20."),
]
Input = Annotated[Form, typer.Option("--input", help="The form of the input, if its name does not tell.")]
OutputOption = Annotated[Output, typer.Option("--format", help="The form of the answer.", case_sensitive=False)]
MaxFindings = Annotated[int, typer.Option("--max-findings", min=0, help="How many findings are shown in full.")]


def validate(
    kind: Kind,
    sources: Sources = None,
    profile: Profile = None,
    input: Input = Form.AUTO,
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is broken is an error too.")] = False,
    errors_only: Annotated[bool, typer.Option("--errors-only", help="Leave out what is only a SHOULD.")] = False,
    limit: Limit = None,
    format: OutputOption = Output.TEXT,
    max_findings: MaxFindings = 100,
    workers: Annotated[int, typer.Option("--workers", min=1, help="How many processes judge lines of JSON.")] = 1,
    engine: Engine = "local",
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Tell every rule that payloads break, with its place and its remedy.

    \b
    Examples:
      intercom-conformance validate KIND payload.json
      echo '{}' | intercom-conformance validate KIND
      intercom-conformance validate KIND export.ndjson.gz --workers 2
      intercom-conformance validate KIND users.json --profile cordova-ios
      intercom-conformance validate KIND *.json --format sarif
      intercom-conformance validate KIND s3://bucket/export/ --engine dask=tcp://scheduler:8786

    It ends with 0 if no MUST is broken, with 1 if one is, and with 5 if there is no record at all.
    """
    from intercom_conformance.validation import Settings

    limits = _limits(limit or [])
    settings = Settings(kind, profile, limits, spec, errors_only, max_findings)
    tally = _tally(sources or ["-"], input, settings, workers, engine)
    _show(tally, settings, format, show_secrets)
    raise typer.Exit(_code(tally, strict))


def _limits(given: list[str]) -> dict[str, int]:
    from intercom_conformance.exits import UsageProblem

    pairs = [one.partition("=") for one in given]
    for name, _, number in pairs:
        if not number.isdecimal():
            raise UsageProblem(
                f"The limit {name!r} has no number", "Write NAME=NUMBER, such as event-metadata-keys=20."
            )
    return {name: int(number) for name, _, number in pairs}


def _tally(names: list[str], form: Form, settings: Settings, workers: int, engine: str) -> Tally:
    from intercom_conformance.engines import known_engine
    from intercom_conformance.validation import Judge, Tally, validated
    from intercom_conformance.validation.sources import opened
    from intercom_conformance.validation.urls import expanded
    from intercom_conformance.validation.workers import crew

    settings.validator()  # an unknown kind or profile is told before any payload is waited for
    names = expanded(names)
    if known_engine(engine) == "dask":
        from intercom_conformance.engines.validating import validated_by_dask

        with progress_of(names, "validating") as read:
            return validated_by_dask(names, form, settings, engine, read)
    judge, total = Judge(settings), Tally(settings.keep)
    with ExitStack() as stack:
        pieces = stack.enter_context(crew(settings, workers)) if workers > 1 else judge
        read = stack.enter_context(progress_of(names, "validating"))
        for name in names:
            source = opened(name, read)
            with closing(source.stream):
                for tally in validated(source, form, judge, pieces):
                    total.merge(tally)
    return total


@contextmanager
def progress_of(names: list[str], verb: str) -> Iterator[Callable[[int], None]]:
    """What is told of each portion that is read: shown as a bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = TextColumn(verb), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=_size(names))
        yield lambda portion: progress.advance(task, portion)


def _size(names: list[str]) -> int | None:
    """How many bytes there are altogether, if that can be known beforehand."""
    return sum(map(os.path.getsize, names)) if all(map(os.path.isfile, names)) else None


def _show(tally: Tally, settings: Settings, format: Output, show_secrets: bool) -> None:
    from intercom_conformance.masking import Masker
    from intercom_conformance.reports.validation import as_json, as_sarif, as_text
    from intercom_conformance.specification import load_specification

    specification = load_specification(settings.spec)
    masker = Masker.of(specification, show=show_secrets)
    if format is Output.SARIF:
        print(as_sarif(tally, masker, specification.requirements))
    else:
        print({Output.TEXT: as_text, Output.JSON: as_json}[format](tally, masker))


def _code(tally: Tally, strict: bool) -> int:
    from intercom_conformance.exits import Exit

    if not tally.records:
        return Exit.NOTHING_RAN
    return Exit.FAILED if tally.invalid or (strict and tally.warned) else Exit.OK
