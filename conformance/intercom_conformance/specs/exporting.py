"""Writes the statechart for other tools: as a table, as diagrams of Mermaid and Graphviz, and as `machines`.

Table and diagrams are made from the same edges: one for each alternative of each transition, event and source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import attrs

from intercom_conformance.oracle.table import Alternative, Region, Table, Transition, compile_table
from intercom_conformance.specification import Specification
from intercom_conformance.specs.machines import as_promela, as_scxml, as_xstate

__all__ = ["FORMATS", "Edge", "edges", "export"]


@attrs.frozen
class Edge:
    """A way from state to state: through which transition, on which event, and what becomes of the call."""

    region: str
    source: str
    event: str
    target: str
    transition: str
    guard: str
    answer: str
    effects: tuple[str, ...]


def edges(spec: Specification) -> tuple[Edge, ...]:
    """The edges of a specification's statechart, in the order of its transitions."""
    table = _table(spec)
    documents = {one["id"]: one for one in spec.chart["transitions"]}
    found: list[Edge] = []
    for transition in table.transitions:
        document = documents[transition.id]
        alternatives = document.get("one_of", [{}])
        for alternative, own in zip(transition.alternatives, alternatives, strict=True):
            guards = [json.dumps(one, sort_keys=True) for one in (document.get("when"), own.get("when")) if one]
            found += _of_alternative(table, transition, alternative, " and ".join(guards))
    return tuple(found)


def _of_alternative(table: Table, transition: Transition, alternative: Alternative, guard: str) -> Iterator[Edge]:
    region = table.regions[transition.region]
    for event in sorted(transition.events):
        for source in (state for state in region.states if state in transition.sources):
            target = alternative.to or source
            answer = alternative.callback or ("defer" if alternative.defer else "again" if alternative.again else "")
            yield Edge(region.name, source, event, target, transition.id, guard, answer, alternative.effects)


def _table(spec: Specification) -> Table:
    return compile_table(spec.chart, spec.events)


def _as_table(spec: Specification) -> str:
    """Values between tabs, with a head."""
    head = [field.name for field in attrs.fields(Edge)]
    rows = ([*attrs.astuple(one)[:-1], " ".join(one.effects)] for one in edges(spec))
    return "\n".join("\t".join(row) for row in (head, *rows))


def _moves(spec: Specification) -> Mapping[Region, list[tuple[str, str, str]]]:
    """The ways between different states of each region, with all the events that lead there."""
    found: dict[Region, list[tuple[str, str, str]]] = {}
    for region in _table(spec).regions:
        own = [one for one in edges(spec) if one.region == region.name and one.source != one.target]
        ways = dict.fromkeys((one.source, one.target) for one in own)
        found[region] = [(*way, ", ".join(_events_of(own, way))) for way in ways]
    return found


def _events_of(own: list[Edge], way: tuple[str, str]) -> list[str]:
    return list(dict.fromkeys(one.event for one in own if (one.source, one.target) == way))


def _as_mermaid(spec: Specification) -> str:
    lines = ["stateDiagram-v2"]
    for region, ways in _moves(spec).items():
        lines += [f"  state {region.name}_region {{", f"    [*] --> {region.initial}"]
        lines += [f"    {state}" for state in region.states]
        lines += [f"    {source} --> {target} : {events}" for source, target, events in ways]
        lines.append("  }")
    return "\n".join(lines)


def _as_dot(spec: Specification) -> str:
    lines = [f"digraph {json.dumps(spec.chart['chart'])} {{"]
    for region, ways in _moves(spec).items():
        lines += [f'  subgraph "cluster_{region.name}" {{', f'    label="{region.name}";']
        lines += [f'    "{region.name}.{state}" [label="{state}"];' for state in region.states]
        lines += [f'    "{region.name}.{a}" -> "{region.name}.{b}" [label="{events}"];' for a, b, events in ways]
        lines.append("  }")
    return "\n".join([*lines, "}"])


FORMATS: Mapping[str, Callable[[Specification], str]] = {
    "table": _as_table,
    "mermaid": _as_mermaid,
    "dot": _as_dot,
    "scxml": as_scxml,
    "xstate": as_xstate,
    "promela": as_promela,
}


def export(spec: Specification, form: str) -> str:
    """A specification's statechart in one of `FORMATS`."""
    return FORMATS[form](spec)
