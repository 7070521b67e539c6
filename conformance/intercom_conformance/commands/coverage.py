"""``coverage``: how much of the specification runs have gone through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, List  # noqa: UP035

import typer

from intercom_conformance.commands.options import Spec

__all__ = ["coverage"]


def coverage(
    streams: Annotated[
        List[Path],  # noqa: UP006
        typer.Argument(metavar="EVENTS...", help="Event streams of runs, written by run --events EVENTS."),
    ],
    format: Annotated[str, typer.Option("--format", help="text or json.", metavar="FORMAT")] = "text",
    spec: Spec = None,
) -> None:
    """Tell how much of the specification runs have gone through together, and the way to what they have not.

    \b
    Examples:
      intercom-conformance coverage run.ndjson
      intercom-conformance coverage android.ndjson ios.ndjson --format json
    """
    from intercom_conformance import coverage as covering
    from intercom_conformance.commands.report import stream_in
    from intercom_conformance.exits import unknown
    from intercom_conformance.reports.terminal import incomplete_line
    from intercom_conformance.specification import load_specification

    if format not in ("text", "json"):
        raise unknown("format", format, ("text", "json"), "There are text and json.")
    read = {str(path): stream_in(path) for path in streams}
    found = covering.coverage_of(read, load_specification(spec))
    cut = [f"{name}: {told}" for name, stream in read.items() if (told := incomplete_line(stream))]
    if format == "json":
        print(json.dumps({**covering.document(found), "incomplete": cut}, indent=2))
    else:
        print("\n".join([*cut, *covering.lines(found)]))
