"""``spec``: the specification itself, proved, compared with another, shown, and written for other tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Optional

import typer

from intercom_conformance.commands.options import Format, FormatOption

__all__ = ["spec"]

spec = typer.Typer(
    no_args_is_help=True, help="Prove the specification, compare it with another, show it, or write it for other tools."
)
Folder = Annotated[
    Optional[str],  # noqa: UP045
    typer.Argument(metavar="[FOLDER]", help="A folder with spec/ and schemas/; the embedded one if left out."),
]


@spec.command()
def check(
    folder: Folder = None,
    proof: Annotated[
        bool, typer.Option("--proof", help="Prove the invariants by induction too, without a bound. Needs an extra.")
    ] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Prove that a specification holds together, before it judges anybody.

    \b
    Examples:
      intercom-conformance spec check
      intercom-conformance spec check my-specification
      intercom-conformance spec check my-specification --proof

    It ends with 0 if no rule is broken, and with 1 otherwise.
    """
    from intercom_conformance.reports.specs import verdict_text
    from intercom_conformance.specs import check as checked

    with _status("reading the documents") as tell:
        verdict = checked(folder, proof=proof, tell=tell)
    if format is Format.JSON:
        faults = [fault.body() for fault in verdict.faults]
        document = {"specification": verdict.name, "looked_at": verdict.looked_at, "faults": faults}
        proved = {"proofs": verdict.induction.words, "assumed": verdict.induction.assumed}
        document |= proved if proof else {}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(verdict_text(verdict))
    raise typer.Exit(int(not verdict.holds))


@contextmanager
def _status(stage: str) -> Iterator[Callable[[str], None]]:
    """What is being done, on the standard error output while it is a terminal; gives what changes it."""
    from rich.console import Console

    with Console(stderr=True).status(stage) as status:
        yield status.update


def _place(name: str) -> str | None:
    return None if name == "embedded" else name


Specification = Annotated[
    str, typer.Argument(metavar="FOLDER", help="A folder with spec/ and schemas/, or `embedded`.")
]


@spec.command()
def diff(old: Specification, new: Specification, format: FormatOption = Format.TEXT) -> None:
    """Tell whether what conforms to one specification conforms to another.

    \b
    Examples:
      intercom-conformance spec diff embedded my-specification
      intercom-conformance spec diff old new --format json

    It ends with 0 if the new one is compatible, and with 1 if it breaks what conformed.
    """
    from intercom_conformance.reports.specs import difference_text
    from intercom_conformance.specs import diff as compared

    with _status("comparing every row, and walking where they differ"):
        difference = compared(_place(old), _place(new))
    if format is Format.JSON:
        import attrs

        print(json.dumps({**attrs.asdict(difference), "compatible": difference.compatible}, indent=2))
    else:
        print(difference_text(difference))
    raise typer.Exit(int(not difference.compatible))


@spec.command()
def export(
    folder: Folder = None,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="table, mermaid, dot, scxml, xstate or promela.")
    ] = "table",
) -> None:
    """Write the statechart for other tools.

    \b
    Examples:
      intercom-conformance spec export --format mermaid
      intercom-conformance spec export my-specification --format dot | dot -Tsvg
    """
    from intercom_conformance.exits import unknown
    from intercom_conformance.specification import load_specification
    from intercom_conformance.specs import FORMATS
    from intercom_conformance.specs import export as written

    if format not in FORMATS:
        raise unknown("format", format, FORMATS, f"There are: {', '.join(FORMATS)}.")
    print(written(load_specification(folder), format))


@spec.command()
def show(folder: Folder = None) -> None:
    """Print what a specification is about: its states, its methods, and what it asks for.

    \b
    Examples:
      intercom-conformance spec show
    """
    from intercom_conformance.reports.specs import specification_text
    from intercom_conformance.specification import load_specification

    print(specification_text(load_specification(folder)))
