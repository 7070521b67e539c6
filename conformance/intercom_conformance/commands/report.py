"""``report``: makes reports of event streams, and joins the streams of shards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, List, Optional  # noqa: UP035

import typer
from typer.core import TyperGroup

from intercom_conformance.commands.options import Spec

if TYPE_CHECKING:
    from intercom_conformance.events import Stream

__all__ = ["report", "stream_in", "write_stream"]


class _Shortened(TyperGroup):
    """A group in which ``show`` need not be written."""

    # typer brings its own click from some version on, so the context has no type that all versions share.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if not args or args[0] in known else ["show", *args])


report = typer.Typer(cls=_Shortened, no_args_is_help=True, rich_markup_mode=None)

_Streams = Annotated[
    List[Path],  # noqa: UP006
    typer.Argument(metavar="EVENTS...", help="Event streams of runs, written by run --events EVENTS."),
]
_Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--out", "-o", metavar="FILE", help="Where it goes; the standard output if left out."),
]


@report.callback()
def _report() -> None:
    """Make reports of event streams, and join the streams of shards.

    \b
    Examples:
      intercom-conformance report run.ndjson --format junit --out report.xml
      intercom-conformance report run.ndjson --format badge
      intercom-conformance report merge one.ndjson two.ndjson --out whole.ndjson
    """


@report.command()
def show(
    streams: _Streams,
    format: Annotated[
        str, typer.Option("--format", help="text, markdown, json, junit, ctrf, badge or html.", metavar="FORMAT")
    ] = "text",
    out: _Out = None,
) -> None:
    """Make a report of event streams; 'show' may be left out.

    It ends with 0 if the report was made, whatever it tells: 'run' tells by its exit code.

    \b
    Examples:
      intercom-conformance report run.ndjson
      intercom-conformance report run.ndjson --format ctrf --out ctrf.json
    """
    from intercom_conformance.reports.formats import known_format, render
    from intercom_conformance.reports.terminal import show as show_text

    known_format(format)
    text = render(format, [stream_in(path) for path in streams])
    if out is not None:
        _write(text, out)
    elif format == "text":
        show_text(text.removesuffix("\n"))
    else:
        print(text, end="")


@report.command()
def merge(
    shards: _Streams,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the stream of the whole goes.")],
    spec: Spec = None,
) -> None:
    """Join the streams of shards: runs of parts of the suite, against one binding, by one plan.

    It ends as a run of the whole would, and with 2 if a shard did not come to its end. Whether a known deviation is
    stale only a run of the whole suite tells.

    \b
    Example:
      intercom-conformance run 'cmd:node driver.js' --family scenario --events one.ndjson
      intercom-conformance run 'cmd:node driver.js' --family sequences --events two.ndjson
      intercom-conformance report merge one.ndjson two.ndjson --out whole.ndjson
    """
    from intercom_conformance.exits import Exit
    from intercom_conformance.merging import merge as merged
    from intercom_conformance.reports.terminal import report as report_text
    from intercom_conformance.reports.terminal import show as show_text
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import catalogue

    specification = load_specification(spec)
    streams = {str(path): stream_in(path) for path in shards}
    whole = merged(streams, specification, [check.id for check in catalogue(specification)])
    write_stream(whole, out)
    show_text(report_text(whole))
    raise typer.Exit(Exit.INTERRUPTED if whole.footer is None else whole.footer["exit_code"])


def stream_in(path: Path) -> Stream:
    """The stream in a file.

    Raises:
        UsageProblem, BadStream: the file cannot be read, or is no event stream.
    """
    from intercom_conformance.events import read
    from intercom_conformance.exits import UsageProblem

    try:
        return read(path)
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read ({error.strerror})", "Name an event stream.") from None


def write_stream(stream: Stream, out: Path) -> None:
    """Writes a stream to a file."""
    import io

    from intercom_conformance.events import Writer

    text = io.StringIO()
    for event in [stream.header, *stream.results, *([stream.footer] if stream.footer else [])]:
        Writer(text).write(event)
    _write(text.getvalue(), out)


def _write(text: str, out: Path) -> None:
    from intercom_conformance.exits import UsageProblem

    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageProblem(f"{out} cannot be written ({error.strerror})", "Name another file.") from None
