"""How the statechart fared, as the page shows it: drawings, a map of calls in states, and a row for each transition.

All of it is there once, for all runs together. What it is for one run alone is kept as data, from which the page's
script fills it in; the words are all made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from markupsafe import Markup

from intercom_conformance.events import Stream
from intercom_conformance.reports.page import faring
from intercom_conformance.reports.page.charting import Chart, Edge, RegionGraph, chart_of, events_of, listed
from intercom_conformance.reports.page.faring import Faring
from intercom_conformance.reports.page.statechart import Link, region_svg
from intercom_conformance.specification import Specification

__all__ = ["ChartView", "EdgeView", "Heat", "RegionView", "Taken", "chart_view"]


@attrs.frozen
class Taken:
    """A transition: from where, by what, what it stands for, how it fared, and the tests that took it, by anchor."""

    anchor: str
    id: str
    region: str
    source: str
    event: str
    requirement: str
    level: str
    fared: Faring
    tests: tuple[tuple[str, str], ...]


@attrs.frozen
class EdgeView:
    """An arrow that stands for several transitions: how they fared, and their anchors and ids."""

    number: int
    anchor: str
    name: str
    fared: Faring
    transitions: tuple[tuple[str, str], ...]


@attrs.frozen
class RegionView:
    """A region: its drawing, and its arrows that stand for several transitions."""

    name: str
    summary: str
    svg: Markup
    edges: tuple[EdgeView, ...]


@attrs.frozen
class Heat:
    """Of each state, a row, and of each call or event, a column: how it fared there."""

    events: tuple[tuple[str, str], ...]
    """Each with the methods that cause it."""
    rows: tuple[tuple[str, str, tuple[Faring, ...]], ...]
    """Region, state, and a cell for each event."""


@attrs.frozen
class ChartView:
    """The statechart, how it fared in all runs together, and as data how it fared in each."""

    regions: tuple[RegionView, ...]
    transitions: tuple[Taken, ...]
    heat: Heat
    covered: str
    data: Mapping[str, Any]
    left_out: tuple[int, ...]
    """Runs that are of another specification."""


@attrs.frozen
class _Fared:
    """How everything fared in some runs."""

    edges: Mapping[Edge, Faring]
    states: Mapping[str, Faring]
    transitions: Mapping[str, Faring]
    tests: Mapping[str, Sequence[str]]
    calls: tuple[tuple[Faring, ...], ...]

    @property
    def covered(self) -> str:
        """How many transitions were taken, of how many."""
        return f"{sum(bool(names) for names in self.tests.values())} of {len(self.tests)} transitions were taken"


def chart_view(streams: Sequence[Stream], spec: Specification, anchors: Mapping[str, str]) -> ChartView:
    """How the statechart of a specification fared in those runs that are of it.

    Args:
        streams: all runs.
        spec: their specification.
        anchors: the anchors of the tests, by their ids.
    """
    chart, ids = chart_of(spec.chart), [one["id"] for one in spec.chart["transitions"]]
    own = [stream.header["specification"]["digest"] == spec.digest for stream in streams]
    together = _fared([stream for stream, mine in zip(streams, own, strict=True) if mine], chart, spec)
    alone = [_fared([stream], chart, spec) if mine else None for stream, mine in zip(streams, own, strict=True)]
    links = {edge: Link(at, _anchor(edge, at, ids), together.edges[edge]) for at, edge in enumerate(chart.edges)}
    return ChartView(
        tuple(_region(region, links, together, ids) for region in chart.regions),
        tuple(_taken(at, one, spec, together, anchors) for at, one in enumerate(spec.chart["transitions"])),
        _heat(chart, spec, together),
        together.covered,
        {"views": [_data(one, anchors) for one in (together, *alone)] if len(streams) > 1 else []},
        tuple(number for number, mine in enumerate(own, 1) if not mine),
    )


def _fared(streams: Sequence[Stream], chart: Chart, spec: Specification) -> _Fared:
    seen, states, calls = faring.taken(streams), faring.states_seen(streams), faring.calls_seen(streams, spec)
    ids = [one["id"] for one in spec.chart["transitions"]]
    events = _events(spec)
    return _Fared(
        {edge: faring.of_edge(edge, seen) for edge in chart.edges},
        {state: faring.of_state(states.get(state)) for state in chart.states},
        {name: faring.of_transition(seen.get(name)) for name in ids},
        {name: tuple(seen[name].tests) if name in seen else () for name in ids},
        tuple(tuple(faring.of_call(calls.get((state, event))) for event in events) for state in chart.states),
    )


def _events(spec: Specification) -> list[str]:
    """Everything that can come, calls first; events that no transition names are none of them."""
    used = {event for one in spec.chart["transitions"] for event in events_of(spec.chart, one)}
    return [event for event in (*spec.events, *spec.chart["environment"]) if event in used]


def _anchor(edge: Edge, at: int, ids: Sequence[str]) -> str:
    """Where an arrow leads: to its transition, or to the list of them."""
    first, *others = edge.transitions
    return f"edge{at}" if others else f"transition{ids.index(first)}"


def _region(region: RegionGraph, links: Mapping[Edge, Link], fared: _Fared, ids: Sequence[str]) -> RegionView:
    edges = [
        EdgeView(
            links[edge].number,
            links[edge].anchor,
            f"{edge.source}, without a move" if edge.stays else f"{edge.source} to {edge.target}",
            links[edge].fared,
            tuple((f"transition{ids.index(name)}", name) for name in edge.transitions),
        )
        for edge in region.edges
        if len(edge.transitions) > 1
    ]
    numbered = {state: (at, one) for at, (state, one) in enumerate(fared.states.items())}
    return RegionView(region.name, region.summary, region_svg(region, links, numbered), tuple(edges))


def _taken(at: int, one: Mapping[str, Any], spec: Specification, fared: _Fared, anchors: Mapping[str, str]) -> Taken:
    return Taken(
        f"transition{at}",
        one["id"],
        one["region"],
        ", ".join(listed(one.get("from", "any"))),
        ", ".join(listed(one["on"])),
        one["requirement"],
        spec.requirements[one["requirement"]].level,
        fared.transitions[one["id"]],
        tuple((anchors[name], name) for name in fared.tests[one["id"]]),
    )


def _heat(chart: Chart, spec: Specification, fared: _Fared) -> Heat:
    methods: dict[str, list[str]] = {}
    for method in spec.api.methods.values():
        methods.setdefault(method.event, []).append(method.name)
    rows = [
        (region, state, cells)
        for (region, _, state), cells in zip((one.partition(": ") for one in chart.states), fared.calls, strict=True)
    ]
    return Heat(tuple((event, ", ".join(methods.get(event, ()))) for event in _events(spec)), tuple(rows))


def _data(fared: _Fared | None, anchors: Mapping[str, str]) -> Any:
    """How everything fared, in the order in which it stands on the page; tests by the numbers of their anchors."""
    if fared is None:
        return None
    pairs = {
        "edges": fared.edges.values(),
        "states": fared.states.values(),
        "transitions": fared.transitions.values(),
        "calls": [cell for row in fared.calls for cell in row],
    }
    told = {name: [f"{one.kind}|{one.text}" for one in values] for name, values in pairs.items()}
    tests = [[int(anchors[name].removeprefix("test")) for name in names] for names in fared.tests.values()]
    return {**told, "tests": tests, "covered": fared.covered}
