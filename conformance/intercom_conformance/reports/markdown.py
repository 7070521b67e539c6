"""The report of a run in Markdown, for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterator

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.finding import binding_line
from intercom_conformance.reports.terminal import coverage_line, problems, summary_line, untold_line

__all__ = ["fenced", "markdown", "plain"]

_WIDTH = 100
_ENDLESS = 1_000_000


def markdown(stream: Stream) -> str:
    """The whole report: the sum first, then the requirements that did not pass, then every fault."""
    blocks = [f"## Conformance of {plain(binding_line(stream.header))}", *_sums(stream)]
    if stream.footer is not None:
        blocks += _open(stream.footer)
    blocks += [fenced(problem) for problem in problems(stream, _WIDTH)]
    return "\n\n".join(blocks)


def _sums(stream: Stream) -> Iterator[str]:
    if stream.footer is None:
        yield f"**INCOMPLETE: {len(stream.results)} of {stream.header['planned']} checks were run.**"
        return
    first, *rest = summary_line(stream, _ENDLESS)
    yield plain(first)
    yield from (f"**{plain(line)}**" for line in rest)
    yield plain(" ".join(coverage_line(stream.footer, _ENDLESS)))
    yield from map(plain, untold_line(stream.header, _ENDLESS))


def _open(footer: Document) -> Iterator[str]:
    rows = [
        f"| {one['verdict']} | {one['level']} | `{slug}` | {', '.join(one.get('missing', ()))} |"
        for slug, one in footer["requirements"].items()
        if one["verdict"] not in ("passed", "waived", "not run")
    ]
    if rows:
        yield "\n".join(["| verdict | level | requirement | needs |", "|---|---|---|---|", *rows])


def fenced(text: str) -> str:
    """A block of text as it is, which nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def plain(text: str) -> str:
    """A text in which nothing is markup."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text)
