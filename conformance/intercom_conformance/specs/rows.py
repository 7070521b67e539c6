"""Whether the statechart is deterministic and complete, row by row, and which of its parts can be of use at all.

A row is an event, the states of the regions that its transitions ask about, and what is known of the call. Every
row is looked at, also those in states that no history leads to: so nothing here depends on a search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations, product
from typing import Any

import attrs

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import Alternative, AmbiguousAnswer, Answers, Outcome, Transition
from intercom_conformance.specs.answers import answers_to, in_words
from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.sources import Sources

__all__ = ["Row", "Rows"]

CHART = "spec/session.yaml"
States = tuple[str, ...]


@attrs.frozen
class Row:
    """States, an event, and what is known of the call."""

    states: States
    event: str
    answers: Answers


@attrs.define(eq=False, slots=False)
class Rows:
    """All rows of a specification."""

    model: Model
    sources: Sources
    count: int = 0

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The transitions as they are written, by id."""
        return {one["id"]: one for one in self.model.spec.chart["transitions"]}

    def asked(self, event: str) -> frozenset[str]:
        """The regions on whose states it depends what an event does."""
        relevant = [self.documents[one.id] for one in self.model.table.transitions if event in one.events]
        own = {one["region"] for one in relevant if one.get("from", "any") != "any"}
        return frozenset(own.union(*(self._mentioned([one.get("when"), one.get("one_of")]) for one in relevant)))

    def _mentioned(self, document: Any) -> Iterator[str]:
        if isinstance(document, Mapping):
            for key, body in document.items():
                known = self.model.spec.chart.get("conditions", {})
                yield from body if key == "in" else self._mentioned(known[body] if key == "condition" else body)
        elif isinstance(document, list):
            for part in document:
                yield from self._mentioned(part)

    def of(self, event: str) -> Iterator[Row]:
        """The rows of an event; regions that it does not ask about stand in their first state."""
        asked = self.asked(event)
        axes = [one.states if one.name in asked else (one.initial,) for one in self.model.table.regions]
        for states, answers in product(product(*axes), answers_to(self.model, event)):
            self.count += 1
            yield Row(states, event, answers)

    def faults(self) -> Iterator[Fault]:
        """The faults of all rows; one for each pair of transitions, and one for each call that is not answered."""
        found: dict[tuple[str, str], Fault] = {}
        for event in self.model.table.atoms:
            for row in self.of(event):
                for fault in self._of_row(row):
                    found.setdefault((fault.rule, fault.problem), fault)
        yield from found.values()

    def _of_row(self, row: Row) -> Iterator[Fault]:
        table = self.model.table
        known = dict(zip(table.atoms[row.event], row.answers, strict=True))
        yield from self._overlaps(row, known)
        if row.event not in self.model.environment:
            try:
                yield from self._gaps(row, table.outcomes(row.states, row.event, row.answers))
            except AmbiguousAnswer as error:
                yield self._fault(
                    "determinism",
                    error.transitions[-1],
                    f"{_and(error.transitions)} all answer one call of {row.event}",
                    row,
                    "Let one of them have a callback, a defer or an again.",
                )

    def _overlaps(self, row: Row, known: Mapping[Any, Any]) -> Iterator[Fault]:
        applying = [one for one in self.model.table.transitions if _applies(one, row, known)]
        for one, other in combinations(applying, 2):
            if one.region == other.region:
                problem = f"{one.id} and {other.id} both apply to {row.event}"
                remedy = "Narrow the `when` of one, so that no call meets both."
                yield self._fault("determinism", other.id, problem, row, remedy)

    def _gaps(self, row: Row, outcomes: tuple[Outcome, ...]) -> Iterator[Fault]:
        if not outcomes:
            yield self._unanswered(row)
        for outcome in outcomes:
            if outcome.answer is None:
                names = [transition.id for transition, _ in outcome.taken]
                problem = f"{_and(names)} can be taken for {row.event} without an answer to the call"
                remedy = "Give one of them a callback, a defer or an again."
                yield self._fault("completeness", names[0], problem, row, remedy)

    def _unanswered(self, row: Row) -> Fault:
        method = next(one.name for one in self.model.spec.api.methods.values() if one.event == row.event)
        line = self.sources.line("spec/api.yaml", ("methods", method, "event"))
        problem = f"nothing is said about {row.event} in some state"
        remedy = f"Add a transition on {row.event} to {CHART}, or widen the `when` of one."
        return Fault("spec/api.yaml", line, "completeness", problem, self.shown(row), remedy)

    def _fault(self, rule: str, transition: str, problem: str, row: Row, remedy: str) -> Fault:
        return Fault(CHART, self.sources.transition(transition), rule, problem, self.shown(row), remedy)

    def shown(self, row: Row) -> tuple[str, ...]:
        """A row in words: the states that matter, and what is known of the call."""
        asked = self.asked(row.event)
        where = [
            f"{region.name} is {state}"
            for region, state in zip(self.model.table.regions, row.states, strict=True)
            if region.name in asked
        ]
        known = in_words(self.model.table.atoms[row.event], row.answers)
        return (f"in: {', '.join(where) or 'any state'}", f"{row.event}: {known}")

    @cached_property
    def moves(self) -> dict[str, dict[States, frozenset[tuple[tuple[int, str], ...]]]]:
        """What events can change: by event and states of the regions asked about, the regions moved and where to."""
        return {event: self._moves_of(event) for event in self.model.table.atoms}

    def _moves_of(self, event: str) -> dict[States, frozenset[tuple[tuple[int, str], ...]]]:
        found: dict[States, set[tuple[tuple[int, str], ...]]] = {}
        for row in self.of(event):
            for outcome in self.model.table.outcomes(row.states, event, row.answers):
                found.setdefault(row.states, set()).add(_moved(outcome))
        return {states: frozenset(moves) for states, moves in found.items()}

    def reached(self) -> set[States]:
        """The states that may be reached at all, if every row of a state can come about in it."""
        table, reached = self.model.table, {self.model.table.initial}
        waiting = [table.initial]
        asked = {event: [one.name in self.asked(event) for one in table.regions] for event in self.moves}
        while waiting:
            states = waiting.pop()
            for event, moves in self.moves.items():
                seen = tuple(s if a else r.initial for s, a, r in zip(states, asked[event], table.regions, strict=True))
                for after in {_after(states, move) for move in moves.get(seen, ())} - reached:
                    reached.add(after)
                    waiting.append(after)
        return reached

    def useful(self, reached: set[States]) -> set[tuple[str, Alternative]]:
        """The alternatives that some row in a reached state takes, each with its transition."""
        found: set[tuple[str, Alternative]] = set()
        for event in self.model.table.atoms:
            asked = [one.name in self.asked(event) for one in self.model.table.regions]
            shadows = {tuple(s for s, a in zip(states, asked, strict=True) if a) for states in reached}
            for row in self.of(event):
                if tuple(s for s, a in zip(row.states, asked, strict=True) if a) in shadows:
                    outcomes = self.model.table.outcomes(row.states, event, row.answers)
                    found.update((transition.id, one) for outcome in outcomes for transition, one in outcome.taken)
        return found


def _applies(transition: Transition, row: Row, known: Mapping[Any, Any]) -> bool:
    return (
        row.event in transition.events
        and row.states[transition.region] in transition.sources
        and transition.guard(row.states, known, row.event)
    )


def _moved(outcome: Outcome) -> tuple[tuple[int, str], ...]:
    return tuple((one.region, to.to) for one, to in outcome.taken if to.to is not None)


def _after(states: States, move: tuple[tuple[int, str], ...]) -> States:
    after = list(states)
    for region, state in move:
        after[region] = state
    return tuple(after)


def _and(names: Any) -> str:
    return " and ".join(names)
