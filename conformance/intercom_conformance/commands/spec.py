"""``spec``: the specification itself, proved, compared with another, shown, and written for other tools."""

from __future__ import annotations

import json
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
def check(folder: Folder = None, format: FormatOption = Format.TEXT) -> None:
    """Prove that a specification holds together, before it judges anybody.

    \b
    Examples:
      intercom-conformance spec check
      intercom-conformance spec check my-specification

    It ends with 0 if no rule is broken, and with 1 otherwise.
    """
    from intercom_conformance.reports.specs import verdict_text
    from intercom_conformance.specs import check as checked

    verdict = checked(folder)
    if format is Format.JSON:
        faults = [fault.body() for fault in verdict.faults]
        document = {"specification": verdict.name, "looked_at": verdict.looked_at, "faults": faults}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(verdict_text(verdict))
    raise typer.Exit(int(not verdict.holds))
