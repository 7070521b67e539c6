"""What matters to some events of a specification: what a walk has to follow, so as to judge them and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.world import WHOLE_RECORD
from intercom_conformance.specs.covering import Uncovered
from intercom_conformance.specs.rows import Rows

__all__ = ["Cone", "cone"]


@attrs.frozen
class Cone:
    """Regions, fields and registers whose values matter, and the events that change them or show them."""

    matters: frozenset[str]
    events: frozenset[str]
    differing: frozenset[str]
    """The events that differ, by their old names."""


def cone(old: Rows, new: Rows, differing: Sequence[Uncovered]) -> Cone:
    """What leads to events that differ, and what shows it where the difference itself is hidden."""
    parts = [*_Reading.of(old), *_Reading.of(new)]
    events = {name for one in differing for name in (one.event, one.renamed)}
    hidden = {name for one in differing for name in one.differing if _is_hidden(old.model, name)}
    events |= _forward(parts, hidden)
    matters = {name for one in differing for name in one.asked}
    matters |= {name for one in parts if one.event in events for name in one.reads}
    while grown := {one.event for one in parts if one.changes & matters} - events:
        events |= grown
        matters |= {name for one in parts if one.event in grown for name in one.reads}
    return Cone(frozenset(matters), frozenset(events), frozenset(one.event for one in differing))


def _forward(parts: Iterable[_Reading], hidden: set[str]) -> set[str]:
    """The events that show a hidden difference, or pass it on."""
    events: set[str] = set()
    while grown := {one.event for one in parts if one.reads & hidden} - events:
        events |= grown
        hidden = hidden.union(*(one.changes for one in parts if one.event in grown))
    return events


def _is_hidden(model: Model, name: str) -> bool:
    regions = {one.name: one.visibility for one in model.table.regions}
    registers = model.spec.chart["registers"]
    return regions.get(name, "shown") != "shown" or (name in registers and name not in model.shown_registers)


@attrs.frozen
class _Reading:
    """What an event depends on, and what it may change."""

    event: str
    reads: frozenset[str]
    changes: frozenset[str]

    @classmethod
    def of(cls, rows: Rows) -> list[_Reading]:
        """Those of all events of a specification."""
        return [cls(event, _reads(rows, event), _changes(rows.model, event)) for event in rows.model.table.atoms]


def _reads(rows: Rows, event: str) -> frozenset[str]:
    facts = rows.model.spec.chart.get("facts", {})
    asked = [facts[atom.name] for atom in rows.model.table.atoms[event] if atom.kind == "fact"]
    return rows.asked(event) | _named([*asked])


def _named(document: Any) -> frozenset[str]:
    """The registers and fields that paths lead to, and whole records where there is a field."""
    if isinstance(document, Mapping):
        document = list(document.values())
    if not isinstance(document, list):
        return frozenset()
    found: frozenset[str] = frozenset().union(*map(_named, document))
    if len(document) > 1 and document[0] in ("register", "current", "record") and isinstance(document[1], str):
        found |= {document[1], *([] if document[0] == "register" else [WHOLE_RECORD])}
    return found


def _changes(model: Model, event: str) -> frozenset[str]:
    taken = [(one, to) for one in model.table.transitions if event in one.events for to in one.alternatives]
    moved = {model.table.regions[one.region].name for one, to in taken if to.to is not None}
    effects = [model.effects[name].touches for _, to in taken for name in to.effects]
    return frozenset(moved).union(*effects)
