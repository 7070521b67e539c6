"""Proves that a mutant is allowed by the specification, by the product of its table with the original one.

The mutant and the specification start in the same place. As long as each step that the mutant can make there is one
of those that the specification allows, with the same states after it and the same effects, they stay in the same place.
So it is enough to look at every row of the table: the states that may be reached, the event, and the answers that a
call can give to what guards ask. If the mutant keeps to what is allowed in all of them, no history tells it from an
implementation that conforms, and it is *equivalent*. If it does not, nothing is proved.

Where the specification leaves an effect open (it forgets a field or a register, so that whatever is seen next is
accepted), having another effect there, or none, is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import islice
from typing import Any

import attrs

from intercom_conformance.mutants.effects import Effects, Situation
from intercom_conformance.mutants.holding import Held, Holding, Step
from intercom_conformance.mutants.mutant import CHART, Changed, Mutant, documents_of
from intercom_conformance.mutants.places import Kept, Places, facts_in, filed, flags_of
from intercom_conformance.mutants.subjects import callback_of, habits_of, kept_of_refused
from intercom_conformance.mutants.validity import Validity
from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.oracle.table import Alternative, Answers, Atom, Outcome, Table, Transition, compile_table
from intercom_conformance.specification import Specification
from intercom_conformance.specs.answers import answers_to
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources

__all__ = ["Prover", "Taken", "taken"]

Json = Any
States = tuple[str, ...]
Taken = tuple[Transition, Alternative]
Where = tuple[str, frozenset[str]]
"""An event, and the states in which it comes, each as ``region: state``."""


class Remembering(Enum):
    """How the call that is remembered is compared: always, where it matters, or as if it were another one before."""

    EXACT, LOOSE, FOREIGN = range(3)


_EXACT, _LOOSE, _FOREIGN = Remembering


@attrs.frozen(eq=False)
class Row:
    """States and what is kept there, an event, the answers to the original table, and all that a mutant is told."""

    states: States
    kept: Kept
    event: str
    answers: Answers
    known: Mapping[Atom, Json]


@attrs.frozen(eq=False, slots=False)
class Prover:
    """Proves for one specification."""

    spec: Specification

    @cached_property
    def model(self) -> Model:
        """The specification, compiled."""
        return compile_model(self.spec)

    @cached_property
    def effects(self) -> Effects:
        """Tells which effects do the same."""
        payloads = self.spec.payloads
        objects = frozenset(one for one in payloads.schema_names() if payloads.schema(one).get("type") == "object")
        return Effects.of(self.spec.chart, habits_of(self.spec.chart), objects)

    @cached_property
    def places(self) -> Places:
        """Tells where the specification may bring an implementation."""
        return Places(self.model)

    @cached_property
    def _sources(self) -> Sources:
        return Sources.of(self.spec.folder)

    @cached_property
    def _reached(self) -> list[States]:
        return sorted(Rows(self.model, self._sources).reached())

    @cached_property
    def _memory(self) -> dict[Any, Any]:
        return {}

    def proof(self, mutant: Mutant) -> str | None:
        """Why the specification allows a mutant, in a sentence; None if that is not proved."""
        if mutant.delivery:
            return None
        if mutant.tries is not None:
            return _ONCE if mutant.tries == 1 else None
        if mutant.schemas:
            return self._of_schemas(mutant)
        chart = Changed(documents_of(self.spec), mutant.edits).load(CHART)
        if chart["regions"] != self.spec.chart["regions"]:
            return None
        if chart["environment"] != self.spec.chart["environment"]:
            return self._of_retries(chart["environment"])
        return self._of_chart(mutant, chart)

    # Payloads -----------------------------------------------------------------------------------------------

    def _of_schemas(self, mutant: Mutant) -> str | None:
        """Whether every schema accepts what it accepted, or calls with what it accepts beyond that may succeed."""
        validity = Validity(self.spec, Changed(documents_of(self.spec), mutant.edits))
        if not validity.only_wider or validity.in_effects:
            return None
        if not validity.parameters and not validity.facts:
            return "Each payload schema covers, with the rule and without it, the same values."
        rows = (
            attrs.evolve(row, known=known)
            for event in self.model.table.atoms
            for row in self.rows_of(self.model, event)
            for known in validity.told(event, row.known)
        )
        return self._all_allowed(self.model.table, {}, rows)

    # Trying again -------------------------------------------------------------------------------------------

    def _of_retries(self, environment: Mapping[str, Json]) -> str | None:
        """Whether a call that is tried as the last time, or not at all, may answer so, or go on waiting."""
        world = self.spec.chart["environment"]
        event = next(one for one in world if world[one] != environment[one])
        attempt, given = world[event]["retries"], environment[event].get("retries")
        rows = (row for row in self._calls_after(event) if row.known.get(_ATTEMPT, attempt) == attempt)
        if given is None:
            kept = all(any(_only_waits(row.states, one) for one in self._outcomes(row)) for row in rows)
            return "Wherever it happens, calls may go on waiting." if kept else None
        told = (attrs.evolve(row, known={**row.known, _ATTEMPT: given}) for row in rows)
        return self._all_allowed(self.model.table, {}, told)

    def _calls_after(self, event: str) -> Iterator[Row]:
        """The rows of calls where the event of the world has just happened and calls wait."""
        moves = [one for one in self.model.table.transitions if event in one.events]
        fixed = {one.region: choice.to for one in moves for choice in one.alternatives if choice.to is not None}
        waiting = [one for one in self.model.table.transitions if any(o.defer or o.again for o in one.alternatives)]
        for call in sorted({call for one in waiting for call in one.events}):
            for row in self.rows_of(self.model, call):
                if row.kept.waiting and all(row.states[region] == state for region, state in fixed.items()):
                    yield row

    # The statechart -----------------------------------------------------------------------------------------

    def _of_chart(self, mutant: Mutant, chart: Mapping[str, Json]) -> str | None:
        changed, choices = self.changed(chart), dict(mutant.choices)
        rows = self._rows_near(mutant, changed)
        return self._all_allowed(changed.table, choices, rows, _Lacking(self, changed, choices))

    @cached_property
    def holding(self) -> Holding:
        """Tells what the current record may hold."""
        blank = self.spec.chart.get("records", {}).get(self.model.collection, {})
        return Holding(self.effects, blank, self.places.possible)

    def refuted(self, mutant: Mutant, most: int = 400) -> list[Where]:
        """Where a mutant of the statechart does what is not allowed: some of the rows, by the states that matter."""
        chart = Changed(documents_of(self.spec), mutant.edits).load(CHART)
        if mutant.schemas or not mutant.edits or not mutant.transitions:
            return []
        changed, choices = self.changed(chart), dict(mutant.choices)
        rows = (row for row in self._rows_near(mutant, changed) if not self._allowed(changed.table, choices, row))
        names = [one.name for one in self.model.table.regions]
        found: dict[Where, None] = {}
        for row in islice(rows, most):
            mattering = self.mattering(changed, row.event)
            found[row.event, frozenset(f"{names[n]}: {row.states[n]}" for n in mattering)] = None
        return list(found)

    def changed(self, chart: Mapping[str, Json]) -> Model:
        """The model of a changed statechart, in which success carries what the reference gives where that is told."""
        transitions = [
            {**one, "value": one["usual"]} if "const" in one.get("usual", ()) else one for one in chart["transitions"]
        ]
        table = compile_table({**chart, "transitions": transitions}, self.spec.events)
        return attrs.evolve(self.model, spec=attrs.evolve(self.spec, chart=chart), table=table)

    def _rows_near(self, mutant: Mutant, changed: Model) -> Iterator[Row]:
        """The rows in which a changed transition applies; in all others, all is as it was."""
        table = changed.table
        rows = (row for event in self._events(table, mutant) for row in self.rows_of(changed, event))
        changing = [one for one in (*self.model.table.transitions, *table.transitions) if one.id in mutant.transitions]
        return (row for row in rows if _concerned(changing, row))

    def _all_allowed(
        self, table: Table, choices: Mapping[str, int], rows: Iterator[Row], lacking: _Lacking | None = None
    ) -> str | None:
        seen = []
        for row in rows:
            if self._allowed(table, choices, row):
                seen.append(row)
            elif lacking is None or not lacking.rules_out(row):
                return None
        told = f"In each of {len(seen)} rows of the table it does what the specification allows"
        if all(self._allowed(table, choices, row, _EXACT) for row in seen):
            return f"{told}."
        # From here on it may remember another call, where that has no consequence: nor must its own rows give it one.
        if all(self._allowed(table, choices, row, _FOREIGN) for row in seen if not self.places.remembers(row.states)):
            return f"{told}; it remembers a call where none is taken up again."
        return None

    def _events(self, table: Table, mutant: Mutant) -> list[str]:
        """The events whose steps the mutant may change, those with few rows first."""
        transitions = (*self.model.table.transitions, *table.transitions)
        events = {event for one in transitions if one.id in mutant.transitions for event in one.events}
        return sorted(events, key=lambda event: len(table.atoms[event]))

    def rows_of(self, changed: Model, event: str) -> Sequence[Row]:
        """The rows of an event that may come about, with the answers to all that either table asks."""
        one, other = self.model.table, changed.table
        atoms = tuple(dict.fromkeys((*one.atoms[event], *other.atoms[event])))
        key = (event, atoms, self.mattering(changed, event))
        if key not in self._memory:
            self._memory[key] = tuple(self._made_rows(changed, event, atoms))
        found: Sequence[Row] = self._memory[key]
        return found

    def _made_rows(self, changed: Model, event: str, atoms: tuple[Atom, ...]) -> Iterator[Row]:
        places = self._states(changed, event)
        for answers in self.answers(changed, event, atoms):
            known = dict(zip(atoms, answers, strict=True))
            own = tuple(known[atom] for atom in self.model.table.atoms[event])
            possible = self.places.possible_for_nobody(known)
            for states, kept in places:
                if kept.current or possible:
                    yield Row(states, kept, event, own, known)

    def answers(self, changed: Model, event: str, atoms: tuple[Atom, ...]) -> tuple[Answers, ...]:
        """What a call of an event can answer to atoms that either specification asks about."""
        key = (event, atoms)
        if key not in self._memory:
            schemas = {**self.model.table.payload_schemas, **changed.table.payload_schemas}
            table = attrs.evolve(changed.table, atoms={event: atoms}, payload_schemas=schemas)
            self._memory[key] = answers_to(attrs.evolve(changed, table=table), event)
        found: tuple[Answers, ...] = self._memory[key]
        return found

    def _states(self, changed: Model, event: str) -> list[tuple[States, Kept]]:
        """The states that may be reached, with what may be kept there; of those alike in all that matters, one."""
        key = (event, self.mattering(self.model, event) | self.mattering(changed, event))
        if key not in self._memory:
            shadows: dict[Any, tuple[States, Kept]] = {}
            for states in self._reached:
                shadow = tuple(s for n, s in enumerate(states) if n in key[1])
                shadows.update(((shadow, kept), (states, kept)) for kept in self.places.kept(states))
            self._memory[key] = list(shadows.values())
        found: list[tuple[States, Kept]] = self._memory[key]
        return found

    def mattering(self, model: Model, event: str) -> frozenset[int]:
        """The regions that an event's rules ask about, or may move."""
        asked = self.asked(model, event)
        own = [one for one in model.table.transitions if event in one.events]
        moved = {one.region for one in own if any(choice.to is not None for choice in one.alternatives)}
        return frozenset(moved | {one.position for one in model.table.regions if one.name in asked})

    def asked(self, model: Model, event: str) -> frozenset[str]:
        """The regions on whose states it depends what an event does."""
        return Rows(model, self._sources).asked(event)

    def _outcomes(self, row: Row) -> tuple[Outcome, ...]:
        return self.model.table.outcomes(row.states, row.event, row.answers)

    def _allowed(self, table: Table, choices: Mapping[str, int], row: Row, remembering: Remembering = _LOOSE) -> bool:
        """Whether what a mutant does in a row is allowed; a row without any transition is no step at all."""
        steps = taken(table, choices, row.states, row.event, row.known)
        return bool(steps) and any(self._conforms(row, steps, one, remembering) for one in self._outcomes(row))

    def _conforms(self, row: Row, steps: Sequence[Taken], allowed: Outcome, remembering: Remembering) -> bool:
        """Whether a joint step of the mutant is one that the specification allows."""
        # Where several answer a call, the reference goes by the first region.
        answers = [one for _, one in steps if one.answers]
        effects, situation = self.effective(row.event, row.known, row.answers, steps, someone=row.kept.current)
        given, wanted = flags_of(one for _, one in steps), flags_of(one for _, one in allowed.taken)
        return (
            _after(row.states, steps) == allowed.states
            and self._answers_alike(answers[0] if answers else None, allowed.answer)
            and self._filed_alike(row.kept, given, wanted, allowed.states, remembering)
            and self.effects.alike(effects, allowed.effects, situation)
        )

    def effective(
        self, event: str, known: Mapping[Atom, Json], own: Answers, steps: Sequence[Taken], *, someone: bool
    ) -> tuple[tuple[str, ...], Situation]:
        """The effects that the reference has in a joint step, and what is known of the values that they use.

        `known` is what a mutant takes for true, `own` are the answers to what the specification asks.
        """
        answer = next((one for _, one in steps if one.answers), None)
        effects = tuple(name for _, one in steps for name in one.effects)
        accepted = event in self.model.environment or (answer is not None and answer.callback == "success")
        situation = self._situation(event, known, own, someone=someone, accepted=accepted)
        return (effects if accepted else kept_of_refused(effects)), situation

    def _situation(
        self, event: str, known: Mapping[Atom, Json], own: Answers, *, someone: bool, accepted: bool
    ) -> Situation:
        """What is known of the values that effects use, whatever a mutant takes for true."""
        true = {**known, **dict(zip(self.model.table.atoms[event], own, strict=True))}
        valid = known.get(_VALID, True)
        methods = [one for one in self.spec.api.methods.values() if one.event == event and not valid]
        parameters = {one.name for method in methods for one in method.parameters}
        invalid = frozenset(name for name in parameters if not known.get(Atom("valid", name), False))
        return Situation(someone, facts_in(true), invalid, accepted=accepted and true.get(_VALID, True))

    def _filed_alike(
        self, kept: Kept, given: frozenset[str], wanted: frozenset[str], after: States, remembering: Remembering
    ) -> bool:
        """Whether the same calls wait after a step, and the same one is remembered, as far as that matters there."""
        allowed = filed(wanted, kept)
        for remembered in ("", "another") if remembering is _FOREIGN else (kept.remembered and "kept",):
            one = filed(given, kept, remembered or "")
            same = one.remembered == allowed.remembered or (
                remembering is not _EXACT and not self.places.remembers(after)
            )
            if not same or (one.waiting, one.freed) != (allowed.waiting, allowed.freed):
                return False
        return True

    def _answers_alike(self, given: Alternative | None, allowed: Alternative | None) -> bool:
        if given is None or allowed is None:
            return given is allowed
        if (given.defer, given.again) != (allowed.defer, allowed.again):
            return False
        callbacks = ("success", "error", "either") if allowed.callback == "either" else (allowed.callback,)
        if given.callback not in callbacks:
            return False
        return self.told_alike(given, allowed)

    def told_alike(self, given: Alternative, allowed: Alternative) -> bool:
        """Whether a callback may carry what a mutant gives it where the specification has something else."""
        if given.code != allowed.code and given.code is not None and not self.model.code_is_documented(given.code):
            return False
        return given.callback in (None, "error") or self._values_alike(given.value, allowed.value)

    def _values_alike(self, given: Json, allowed: Json) -> bool:
        """Whether success may carry a value: the same, nothing for null, or a constant of the shape asked for."""
        if given == allowed or (given in _NOTHING and allowed in _NOTHING):
            return True
        if not isinstance(given, Mapping) or not isinstance(allowed, Mapping):
            return False
        fits = "const" in given and set(allowed) == {"schema"}
        return fits and self.spec.payloads.is_valid(allowed["schema"], given["const"])


@attrs.frozen(eq=False, slots=False)
class _Lacking:
    """Rules out rows whose answers ask for what the current record never has there, by all that a mutant does."""

    prover: Prover
    changed: Model
    choices: Mapping[str, int]

    def rules_out(self, row: Row) -> bool:
        """Whether a row cannot come about."""
        if not row.kept.current or not self._depends_on_first(row.event):
            return False
        possible, fields = self.prover.places.possible, self.prover.holding.fields
        answers = facts_in(row.known)
        return not possible(answers, fields) and not possible(answers, fields - self._held.get(row.states[0], fields))

    def _depends_on_first(self, event: str) -> bool:
        return 0 in self.prover.mattering(self.changed, event)

    @cached_property
    def _held(self) -> Mapping[str, Held]:
        """The fields that may have a value, by the state of the first region."""
        original, changed = self.prover.spec.chart, self.changed.spec.chart
        if any(original.get(part) != changed.get(part) for part in ("effects", "facts", "records")):
            return {}
        return self.prover.holding.by_state(self.changed.table.initial[0], self._steps())

    def _steps(self) -> Iterator[Step]:
        """What the mutant does in the first region, and to records, in every row."""
        table = self.changed.table
        for event in sorted({event for one in table.transitions if _tells(one) for event in one.events}):
            first = self._depends_on_first(event)
            for row in self.prover.rows_of(self.changed, event):
                steps = taken(table, self.choices, row.states, event, row.known)
                effects, situation = self.prover.effective(
                    event, row.known, row.answers, steps, someone=row.kept.current
                )
                for before in (row.states[0],) if first else table.regions[0].states:
                    yield Step(before, _after((before, *row.states[1:]), steps)[0], effects, situation)


def _tells(transition: Transition) -> bool:
    """Whether it moves the first region, or has effects."""
    return any(one.effects or (one.to and transition.region == 0) for one in transition.alternatives)


_NOTHING = (None, {"const": None})
"""No value and null, which nobody is asked to tell apart."""

_ATTEMPT = Atom("attempt", "*")
_VALID = Atom("valid", "*")
_ONCE = "What waits is tried once more, as the last time: that is what the statechart says of the passing of time."


def _only_waits(states: States, outcome: Outcome) -> bool:
    """Whether a step does nothing but let the call wait."""
    waits = outcome.answer is not None and outcome.answer.defer
    return waits and outcome.states == states and not outcome.effects and not flags_of(o for _, o in outcome.taken)


def _concerned(transitions: Sequence[Transition], row: Row) -> bool:
    """Whether one of the transitions applies in a row."""
    return any(
        row.event in one.events
        and row.states[one.region] in one.sources
        and one.guard(row.states, row.known, row.event)
        for one in transitions
    )


def taken(
    table: Table, choices: Mapping[str, int], states: States, event: str, known: Mapping[Atom, Json]
) -> Sequence[Taken]:
    """The joint step of an implementation with these choices: in each region the first rule that has something to do.

    A rule from some states goes before one from any, as in statecharts. Where no rule applies nobody answers.
    """
    regions: dict[int, Taken] = {}
    for one in sorted(table.transitions, key=lambda one: one.anywhere):
        applies = one.region not in regions and event in one.events and states[one.region] in one.sources
        if applies and one.guard(states, known, event):
            chosen = _chosen(one, choices.get(one.id), states, event, known)
            regions |= {} if chosen is None else {one.region: chosen}
    return [regions[region] for region in sorted(regions)]


def _chosen(
    one: Transition, choice: int | None, states: States, event: str, known: Mapping[Atom, Json]
) -> Taken | None:
    """The alternative that an implementation takes, which prefers one; None if there is none here."""
    order = sorted(range(len(one.alternatives)), key=lambda place: place != (choice or 0))
    found = (one.alternatives[place] for place in order if one.alternatives[place].when(states, known, event))
    alternative = next(found, None)
    if alternative is None:
        return None
    callback = callback_of(alternative.callback, alternative.code, choice if len(order) == 1 else None)
    return one, attrs.evolve(alternative, callback=callback)


def _after(states: States, taken: Sequence[Taken]) -> States:
    after = list(states)
    for transition, one in taken:
        if one.to is not None:
            after[transition.region] = one.to
    return tuple(after)
