"""``deviations``: keeps a file of known deviations true."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, List, Optional  # noqa: UP035

import typer

from intercom_conformance.commands.options import Spec

if TYPE_CHECKING:
    from intercom_conformance.deviations import DeviationsFile
    from intercom_conformance.exits import Exit
    from intercom_conformance.specification import Specification

__all__ = ["deviations"]

deviations = typer.Typer(
    no_args_is_help=True,
    help="Keep a file of known deviations true: what a binding does otherwise, and why that stands.",
    rich_markup_mode=None,
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The file of known deviations.")]


@deviations.command()
def update(
    file: _File,
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="The event stream of a run: run --events EVENTS.")],
) -> None:
    """Bring a file of known deviations up to what a whole run has found.

    Comments, reasons and conditions stay as they are. New entries have an empty reason: say why each stands, or mend
    the binding. A run of a part of the suite is refused.

    \b
    Example:
      intercom-conformance run 'cmd:node driver.js' --events run.ndjson
      intercom-conformance deviations update known.yaml run.ndjson
      intercom-conformance deviations lint known.yaml
    """
    from intercom_conformance import events as streams
    from intercom_conformance.deviations.updating import updated

    text = file.read_text(encoding="utf-8") if file.exists() else None
    new = updated(text, streams.read(events), str(file))
    if new.text != text:
        file.write_text(new.text, encoding="utf-8", newline="\n")
    for what, titles in (("added", new.added), ("changed", new.changed), ("taken out", new.removed)):
        for title in titles:
            typer.echo(f"{what:<9}  {title}")
    counts = f"{len(new.added)} added, {len(new.changed)} changed, {len(new.removed)} taken out"
    typer.echo(f"{file}: {counts}" + ("; each new one needs a reason" if new.added else ""))


@deviations.command()
def lint(
    files: Annotated[List[Path], typer.Argument(metavar="FILE...", help="Files of known deviations.")],  # noqa: UP006
    spec: Spec = None,
) -> None:
    """Tell what is wrong with files of known deviations: what keeps them from being used, and what has no reason.

    \b
    Exit codes: 0 nothing is wrong, 1 something is, 4 a file cannot be used
    """
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import catalogue

    specification = load_specification(spec)
    checks = [check.id for check in catalogue(specification)]
    raise typer.Exit(max(_lint(file, specification, checks) for file in files))


def _lint(file: Path, spec: Specification, checks: Sequence[str]) -> Exit:
    from intercom_conformance.deviations import read
    from intercom_conformance.exits import Exit
    from intercom_reference.errors import KitError

    try:
        found = read(file, spec, checks)
    except KitError as error:
        typer.echo(str(error), err=True)
        return Exit.USAGE
    problems = list(_complaints(found, datetime.date.today()))
    for problem in problems:
        typer.echo(f"{file}: {problem}")
    typer.echo(f"{file}: {len(found.entries)} deviations, {len(problems)} complaints")
    return Exit.FAILED if problems else Exit.OK


@deviations.command()
def report(
    files: Annotated[
        Optional[List[Path]],  # noqa: UP006, UP045
        typer.Argument(
            metavar="[FILE]...", help="Files of known deviations; those of bundled bindings if none is named."
        ),
    ] = None,
    spec: Spec = None,
) -> None:
    """Write known deviations as bug reports, in Markdown.

    \b
    Example:
      intercom-conformance deviations report > findings.md
    """
    from intercom_conformance.bindings.findings import known_connectors, path_of
    from intercom_conformance.deviations import read
    from intercom_conformance.reports.findings_page import findings_page
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import catalogue

    specification = load_specification(spec)
    checks = [check.id for check in catalogue(specification)]
    chosen = files or [path_of(connector) for connector in known_connectors()]
    typer.echo(findings_page([read(path, specification, checks) for path in chosen], specification), nl=False)


def _complaints(file: DeviationsFile, today: datetime.date) -> Iterator[str]:
    for entry in file.entries:
        if not entry.reason.strip():
            yield f"{entry.title} has no reason. Say why it is so, and why it stands."
        if entry.expired(today):
            yield f"{entry.title} expired on {entry.expires}. Mend the binding, or judge it anew."
        if not entry.message:
            yield f"{entry.title} pins no message. Any other fault of this kind would pass for it."
