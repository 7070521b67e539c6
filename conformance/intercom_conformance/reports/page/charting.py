"""What is drawn of a statechart: for each region its states, the moves between them, and what happens without a move.

Transitions between the same two states are one arrow. Those that lead somewhere from any state begin at a box of their
own, for an arrow from every state would hide all others. A transition that leaves an implementation the choice is drawn
with each of the moves that it allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

__all__ = ["ANY", "Chart", "Edge", "Place", "RegionGraph", "chart_of", "events_of", "listed"]

ANY = "any state"
"""The name of the box from which those arrows begin that begin everywhere."""


@attrs.frozen
class Edge:
    """The transitions from one place to another; to itself, where nothing moves."""

    region: str
    source: str
    target: str
    transitions: tuple[str, ...]
    events: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether it leads nowhere."""
        return self.source == self.target


@attrs.frozen
class Place:
    """A state, or the box that stands for any."""

    name: str
    initial: bool = False


@attrs.frozen
class RegionGraph:
    """A region: its places, and its edges, those that stay last."""

    name: str
    summary: str
    places: tuple[Place, ...]
    edges: tuple[Edge, ...]


@attrs.frozen
class Chart:
    """All regions."""

    regions: tuple[RegionGraph, ...]

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of all regions, in their order."""
        return tuple(edge for region in self.regions for edge in region.edges)

    @property
    def states(self) -> tuple[str, ...]:
        """The states of all regions, each as ``region: state``."""
        return tuple(
            f"{region.name}: {place.name}" for region in self.regions for place in region.places if place.name != ANY
        )


def chart_of(chart: Mapping[str, Any]) -> Chart:
    """What is drawn of a session document."""
    return Chart(tuple(_region(chart, name, body) for name, body in chart["regions"].items()))


def events_of(chart: Mapping[str, Any], transition: Mapping[str, Any]) -> tuple[str, ...]:
    """The events of a transition, those of groups each by its name."""
    groups = chart.get("groups", {})
    return tuple(dict.fromkeys(event for name in listed(transition["on"]) for event in groups.get(name, [name])))


def listed(value: Any) -> list[str]:
    """A name, or a list of names, as a list."""
    return [value] if isinstance(value, str) else list(value)


def _region(chart: Mapping[str, Any], name: str, body: Mapping[str, Any]) -> RegionGraph:
    mine = [one for one in chart["transitions"] if one["region"] == name]
    moves: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for transition in mine:
        for move in dict.fromkeys(_moves(transition, name, body["states"])):
            moves.setdefault(move, []).append(transition)
    order = [ANY, *body["states"]]
    edges = sorted(
        (_edge(name, *move, transitions) for move, transitions in moves.items()),
        key=lambda edge: (edge.stays, order.index(edge.source), order.index(edge.target)),
    )
    places = [Place(state, state == body["initial"]) for state in body["states"]]
    if any(edge.source == ANY for edge in edges):
        places.insert(0, Place(ANY))
    return RegionGraph(name, body.get("summary", ""), tuple(places), tuple(edges))


def _edge(region: str, source: str, target: str, transitions: Sequence[Mapping[str, Any]]) -> Edge:
    events = dict.fromkeys(event for one in transitions for event in listed(one["on"]))
    return Edge(region, source, target, tuple(one["id"] for one in transitions), tuple(events))


def _moves(transition: Mapping[str, Any], region: str, states: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The moves that a transition allows; where it allows none, it stays."""
    sources = _narrowed(_sources(transition, states), transition, region)
    moved: set[str] = set()
    for one in transition.get("one_of", [transition]):
        if one.get("to") is not None:
            mine = _narrowed(sources, one, region)
            moved.update(mine)
            yield from ((source, one["to"]) for source in _together(mine, states))
    yield from ((source, source) for source in _together([one for one in sources if one not in moved], states))


def _sources(transition: Mapping[str, Any], states: Sequence[str]) -> list[str]:
    named = listed(transition.get("from", "any"))
    return list(states) if "any" in named else named


def _narrowed(sources: Sequence[str], guarded: Mapping[str, Any], region: str) -> list[str]:
    """Those states in which the guard can hold, as far as it names states of the region itself."""
    allowed = guarded.get("when", {}).get("in", {}).get(region)
    return [one for one in sources if allowed is None or one in listed(allowed)]


def _together(sources: Sequence[str], states: Sequence[str]) -> list[str]:
    """The states, or the box that stands for any if they are all there are."""
    return [ANY] if len(sources) == len(states) > 1 else list(sources)
