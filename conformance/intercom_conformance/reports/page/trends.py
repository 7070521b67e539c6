"""How one binding fared from run to run: what its verdicts were, and what became better or worse since the run before.

Runs are of one binding if its name, language and platform are the same. Those of an earlier version come first, and
those of one version in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import attrs
from markupsafe import Markup

from intercom_conformance.events import Document, Stream
from intercom_conformance.exits import FAILING
from intercom_conformance.reports.difference import compare
from intercom_conformance.reports.terminal import count, incomplete_line, tally

__all__ = ["Point", "Trend", "trends"]

_TOLD = 4
"""Names of a kind of change that are told; the others are counted."""


@attrs.frozen
class Point:
    """One run of several: how many requirements passed of how many, how many fail, and what changed."""

    run: int
    version: str
    started: str
    must: str
    should: str
    failing: int | None
    """None for a run that did not come to its end."""
    changes: tuple[str, ...]


@attrs.frozen
class Trend:
    """The runs of one binding in their order."""

    name: str
    points: tuple[Point, ...]

    @property
    def words(self) -> str:
        """The whole in a sentence."""
        told = [one.failing for one in self.points if one.failing is not None]
        if len(told) < 2:
            return "Too few runs came to their end to be compared."
        way = "as many as" if told[-1] == told[0] else "fewer than" if told[-1] < told[0] else "more than"
        return f"Requirements that fail: {', then '.join(map(str, told))}; at last {way} at first."

    @property
    def line(self) -> Markup:
        """The numbers of requirements that fail, as a line."""
        told = [one.failing for one in self.points if one.failing is not None]
        if len(told) < 2:
            return Markup("")
        top = max(*told, 1)
        places = [(8 + 184 * at / (len(told) - 1), 44 - 36 * value / top) for at, value in enumerate(told)]
        path = "L".join(f"{x:.0f} {y:.0f}" for x, y in places)
        dots = Markup("").join(Markup('<circle cx="{:.0f}" cy="{:.0f}" r="3"/>').format(*place) for place in places)
        drawn = Markup('<svg class="trend" viewBox="0 0 200 52" role="img" aria-label="{}"><path d="M{}"/>{}</svg>')
        return drawn.format(self.words, path, dots)


def trends(streams: Sequence[Stream]) -> tuple[Trend, ...]:
    """A trend for each binding that was run more than once."""
    groups: dict[tuple[str, ...], list[tuple[int, Stream]]] = {}
    for number, stream in enumerate(streams, 1):
        if stream.header["binding"] is not None:
            groups.setdefault(_who(stream.header["binding"]), []).append((number, stream))
    return tuple(_trend(" ".join(filter(None, who)), runs) for who, runs in groups.items() if len(runs) > 1)


def _who(binding: Document) -> tuple[str, ...]:
    platform = "" if binding["platform"] in ("", "any") else f"on {binding['platform']}"
    return binding["name"], f"({binding['language']})" if binding["language"] else "", platform


def _trend(name: str, runs: Sequence[tuple[int, Stream]]) -> Trend:
    runs = sorted(runs, key=lambda run: (_version(run[1]), run[1].header["started"], run[0]))
    changes: list[tuple[str, ...]] = [(), *(tuple(_changes(one[1], other[1])) for one, other in pairwise(runs))]
    return Trend(name, tuple(_point(*run, told) for run, told in zip(runs, changes, strict=True)))


def _version(stream: Stream) -> Any:
    """A version by which runs can be put into order; what is no version comes first, by its letters."""
    from packaging.version import InvalidVersion, Version

    told = stream.header["binding"]["version"]
    try:
        return 1, Version(told), ""
    except InvalidVersion:
        return 0, Version("0"), told


def _point(number: int, stream: Stream, changes: tuple[str, ...]) -> Point:
    footer, started = stream.footer, stream.header["started"].replace("T", " ").removesuffix("Z")
    version = stream.header["binding"]["version"]
    if footer is None:
        return Point(number, version, started, "", "", None, (incomplete_line(stream), *changes))
    must, should = ("/".join(map(str, tally(footer["requirements"], level))) for level in ("MUST", "SHOULD"))
    bad = FAILING | {"warned", "unexpected pass"}
    failing = sum(one["verdict"] in bad for one in footer["requirements"].values())
    return Point(number, version, started, must, should, failing, changes)


def _changes(before: Stream, after: Stream) -> Iterator[str]:
    """What became of requirements since the run before, a phrase for each kind of change."""
    if before.footer is None or after.footer is None:
        return
    found: dict[str, list[str]] = {}
    for change in compare(before, after).changes:
        if change.what == "requirement":
            found.setdefault(change.kind, []).append(change.name)
    for kind, names in found.items():
        more = f" and {count(len(names) - _TOLD, 'other')}" if len(names) > _TOLD else ""
        yield f"{kind}: {', '.join(names[:_TOLD])}{more}"
    if not found:
        yield "no requirement changed"
