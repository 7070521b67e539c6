"""Whether a new statechart covers an old one row by row: whatever the old one allows in a row, the new one does too.

If it does, every implementation of the old one is one of the new one, whatever the history and the arguments: from
the same place, the same call leads to the same place. No walk is needed for that, and none could prove it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import attrs

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import FLAGS, Outcome, Region, States
from intercom_conformance.specs.answers import answers_to_both
from intercom_conformance.specs.rows import Rows

__all__ = ["Uncovered", "same_ground", "shared_events", "uncovered"]


@attrs.frozen
class Uncovered:
    """An event of which some row is not covered, the regions on which it depends, and what may then differ."""

    event: str
    renamed: str
    asked: frozenset[str]
    differing: frozenset[str]
    """Regions, fields and registers that an outcome changes in one of the two and that the other lacks."""


def same_ground(old: Model, new: Model) -> bool:
    """Whether both begin in the same place, with the same regions, records, environment and schemas in their rules.

    States that no binding shows may have other names, in the same order.
    """
    rules = _schemas([old.spec.chart["effects"], old.spec.chart.get("facts", {})])
    values = _schemas([one.value for transition in old.table.transitions for one in transition.alternatives])
    return (
        _ground(old) == _ground(new)
        and all(_covers(new, old, name) and _covers(old, new, name) for name in rules)
        and all(_covers(new, old, name) for name in values)
    )


def _schemas(document: Any) -> set[str]:
    """The names of schemas that rules mention."""
    if isinstance(document, Mapping):
        own = {document["schema"]} if isinstance(document.get("schema"), str) else set()
        return own.union(*map(_schemas, document.values()))
    return set().union(*map(_schemas, document)) if isinstance(document, list) else set()


def _covers(one: Model, other: Model, name: str) -> bool:
    """Whether a schema of one specification accepts whatever the schema of that name in another one accepts."""
    import jsonschema_rs

    if name not in one.spec.payloads.schema_names() or name not in other.spec.payloads.schema_names():
        return False
    mine, theirs = (jsonschema_rs.canonicalize(model.spec.payloads.schema(name)) for model in (one, other))
    return str(mine.covers(theirs)) == "yes"


def _state(region: Region, state: str) -> str:
    """What a state is known by in both: its name, or its position where nobody sees it."""
    return state if region.visibility == "shown" else f"{region.states.index(state):03}"


def _ground(model: Model) -> str:
    chart = model.spec.chart
    regions = {
        one.name: [_state(one, one.initial), sorted(_state(one, state) for state in one.states), one.visibility]
        for one in model.table.regions
    }
    registers = {name: [body["initial"], body.get("internal")] for name, body in chart["registers"].items()}
    retries = {name: body.get("retries") for name, body in chart["environment"].items()}
    return json.dumps([regions, registers, chart["records"], retries, chart.get("closing")], sort_keys=True)


def shared_events(old: Model, new: Model) -> dict[tuple[str, str], None]:
    """The events of both, each with its name in the old one and in the new one."""
    methods = new.spec.api.methods
    called = ((one.event, methods[name].event) for name, one in old.spec.api.methods.items() if name in methods)
    return dict.fromkeys([*called, *((name, name) for name in old.environment if name in new.environment)])


def uncovered(old: Rows, new: Rows) -> list[Uncovered]:
    """The events of which the new one does not cover every row that may come about in the old one."""
    reached = old.reached()
    found = (_Pair(old, new, *event).uncovered(reached) for event in shared_events(old.model, new.model))
    return [one for one in found if one is not None]


@attrs.frozen(eq=False)
class _Pair:
    """One event in both."""

    old: Rows
    new: Rows
    event: str
    renamed: str

    def uncovered(self, reached: set[States]) -> Uncovered | None:
        """What is not covered of it, if anything is."""
        asked = self.old.asked(self.event) | self.new.asked(self.renamed)
        differing: set[str] = set()
        answers = answers_to_both(self.old.model, self.new.model, self.event, self.renamed)
        for states, (mine, theirs) in product(self._shadows(asked, reached), answers):
            before = self.old.model.table.outcomes(states, self.event, mine)
            after = self.new.model.table.outcomes(self._placed(states), self.renamed, theirs)
            differing |= set(self._lacking(before, after))
        return Uncovered(self.event, self.renamed, asked, frozenset(differing)) if differing else None

    def _shadows(self, asked: frozenset[str], reached: set[States]) -> Iterator[States]:
        """What is seen of the states reached in the regions asked about; the others stand in their first."""
        regions = self.old.model.table.regions
        kept = [one.name in asked for one in regions]
        yield from {
            tuple(s if k else r.initial for s, k, r in zip(states, kept, regions, strict=True)) for states in reached
        }

    def _placed(self, states: States) -> States:
        """States in the order that the regions have in the new one."""
        known = {one.name: _state(one, state) for one, state in zip(self.old.model.table.regions, states, strict=True)}
        return tuple(
            next(state for state in one.states if _state(one, state) == known[one.name])
            for one in self.new.model.table.regions
        )

    def _lacking(self, before: Sequence[Outcome], after: Sequence[Outcome]) -> Iterator[str]:
        """What differs, if some old outcome is none of the new ones; a callback of its own name differs at least."""
        if self.event in self.old.model.environment and not (before and after):
            before, after = before or (_NOTHING,), after or (_NOTHING,)
        mine = {shape for one in before for shape in _shapes(self.old.model, one)}
        theirs = {shape for one in after for shape in _shapes(self.new.model, one)}
        if not mine <= theirs:
            yield ""
            yield from _changed(self.old.model, before) | _changed(self.new.model, after)


_NOTHING = Outcome((), (), None, (), files=False)


def _shapes(model: Model, outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """All of an outcome that matters, one for each callback that it allows."""
    regions = model.table.regions
    places = [(regions[one.region], to.to) for one, to in outcome.taken]
    moves = frozenset((region.name, _state(region, state)) for region, state in places if state is not None)
    files = tuple(any(getattr(one, flag) for _, one in outcome.taken) for flag in FLAGS)
    steps = json.dumps([step for name in outcome.effects for step in model.spec.chart["effects"][name]["do"]])
    callback = None if outcome.answer is None else outcome.answer.callback
    value = json.dumps(None if outcome.answer is None else outcome.answer.value, sort_keys=True)
    for kind in ("success", "error") if callback == "either" else (callback,):
        yield moves, files, steps, kind, value if kind == "success" else ""


def _changed(model: Model, outcomes: Sequence[Outcome]) -> set[str]:
    effects: Mapping[str, Any] = model.effects
    moved = {model.table.regions[one.region].name for outcome in outcomes for one, to in outcome.taken if to.to}
    return moved.union(*(effects[name].touches for outcome in outcomes for name in outcome.effects))
