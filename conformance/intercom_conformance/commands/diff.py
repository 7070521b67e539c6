"""``diff``: what changed from one run to another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from intercom_conformance.commands.options import Format, FormatOption

__all__ = ["diff"]


def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The event stream of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The event stream of the later run.")],
    format: FormatOption = Format.TEXT,
) -> None:
    """Tell what changed from one run to another: fixed, broken, new, gone, and what says something else.

    \b
    Examples:
      intercom-conformance diff main.ndjson branch.ndjson
      intercom-conformance diff main.ndjson branch.ndjson --format markdown

    It ends with 1 if something fails in AFTER that did not fail in BEFORE, or if AFTER did not come to its end.
    """
    from intercom_conformance.commands.report import stream_in
    from intercom_conformance.reports.difference import as_data, as_markdown, as_text, compare
    from intercom_conformance.reports.terminal import show, width_of

    difference = compare(stream_in(before), stream_in(after))
    if format is Format.JSON:
        print(json.dumps(as_data(difference), indent=2))
    elif format is Format.MARKDOWN:
        print(as_markdown(difference))
    else:
        show(as_text(difference, width_of()))
    raise typer.Exit(int(not difference.proves))
