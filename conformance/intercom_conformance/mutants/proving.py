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
from functools import cached_property
from itertools import product
from typing import Any

import attrs

from intercom_conformance.mutants.effects import Effects
from intercom_conformance.mutants.mutant import CHART, Changed, Mutant, documents_of
from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.oracle.table import FLAGS, Alternative, Answers, Atom, Outcome, Table, Transition, compile_table
from intercom_conformance.specification import Specification
from intercom_conformance.specs.answers import answers_to
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources
from intercom_reference.payloads import Payloads

__all__ = ["Prover"]

Json = Any
States = tuple[str, ...]
Taken = tuple[Transition, Alternative]


@attrs.frozen(eq=False)
class Row:
    """States, an event, the answers to what the original table asks, and to what either table asks."""

    states: States
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
    def _effects(self) -> Effects:
        return Effects.of(self.spec.chart)

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.model, Sources.of(self.spec.folder))

    @cached_property
    def _reached(self) -> set[States]:
        return self._rows.reached()

    def proof(self, mutant: Mutant) -> str | None:
        """Why the specification allows a mutant, in a sentence; None if that is not proved."""
        if mutant.schemas:
            return self._of_schemas(mutant)
        if mutant.delivery or mutant.tries is not None:
            return None
        return self._of_chart(mutant)

    # Payloads -----------------------------------------------------------------------------------------------

    def _of_schemas(self, mutant: Mutant) -> str | None:
        """Whether every schema accepts just what it accepted before."""
        changed = Payloads(Changed(documents_of(self.spec), mutant.edits))
        names = [one for one in self.spec.payloads.schema_names() if _differs(self.spec.payloads, changed, one)]
        return None if names else "Each payload schema covers, with the rule and without it, the same values."

    # The statechart -----------------------------------------------------------------------------------------

    def _of_chart(self, mutant: Mutant) -> str | None:
        chart = Changed(documents_of(self.spec), mutant.edits).load(CHART)
        if any(chart[part] != self.spec.chart[part] for part in ("regions", "environment")):
            return None
        table = compile_table(chart, self.spec.events)
        changed = attrs.evolve(self.model, spec=attrs.evolve(self.spec, chart=chart), table=table)
        rows = [row for event in self._events(table, mutant) for row in self._places(changed, event)]
        if not all(self._allowed(table, mutant, row) for row in rows):
            return None
        return f"In each of {len(rows)} rows of the table it does what the specification allows."

    def _events(self, table: Table, mutant: Mutant) -> list[str]:
        """The events whose steps the mutant may change."""
        transitions = (*self.model.table.transitions, *table.transitions)
        events = {event for one in transitions if one.id in mutant.transitions for event in one.events}
        return [event for event in table.atoms if event in events]

    def _places(self, changed: Model, event: str) -> Iterator[Row]:
        """The rows of an event that may come about, with the answers to all that either table asks."""
        one, other = self.model.table, changed.table
        atoms = tuple(dict.fromkeys((*one.atoms[event], *other.atoms[event])))
        schemas = {**one.payload_schemas, **other.payload_schemas}
        both = attrs.evolve(changed, table=attrs.evolve(other, atoms={event: atoms}, payload_schemas=schemas))
        places = self._states(changed, event)
        for answers in answers_to(both, event):
            known = dict(zip(atoms, answers, strict=True))
            own = tuple(known[atom] for atom in one.atoms[event])
            yield from (Row(states, event, own, known) for states in places)

    def _states(self, changed: Model, event: str) -> list[States]:
        """The states that may be reached; of those alike in all that matters to the event, one."""
        matters = _mattering(self.model, event) | _mattering(changed, event)
        shadows = {tuple(s for n, s in enumerate(states) if n in matters): states for states in self._reached}
        return list(shadows.values())

    def _allowed(self, table: Table, mutant: Mutant, row: Row) -> bool:
        """Whether all that a mutant may do in a row is allowed; a row without any transition is no step at all."""
        allowed = self.model.table.outcomes(row.states, row.event, row.answers)
        ways = list(_ways(table, dict(mutant.choices), row))
        return all(
            bool(taken) and any(self._conforms(row.states, taken, one) for one in allowed) for taken in ways
        )

    def _conforms(self, states: States, taken: Sequence[Taken], allowed: Outcome) -> bool:
        """Whether a joint step of the mutant is one that the specification allows."""
        answers = [one for _, one in taken if one.answers]
        return (
            len(answers) <= 1
            and _after(states, taken) == allowed.states
            and self._answers_alike(answers[0] if answers else None, allowed.answer)
            and _filed(one for _, one in taken) == _filed(one for _, one in allowed.taken)
            and self._effects.alike([name for _, one in taken for name in one.effects], allowed.effects)
        )

    def _answers_alike(self, given: Alternative | None, allowed: Alternative | None) -> bool:
        if given is None or allowed is None:
            return given is allowed
        if (given.defer, given.again) != (allowed.defer, allowed.again):
            return False
        callbacks = ("success", "error", "either") if allowed.callback == "either" else (allowed.callback,)
        if given.callback not in callbacks:
            return False
        if given.code != allowed.code and given.code is not None and not self.model.code_is_documented(given.code):
            return False
        return given.callback in (None, "error") or given.value == allowed.value


def _differs(old: Payloads, new: Payloads, name: str) -> bool:
    import jsonschema_rs

    before, after = old.schema(name), new.schema(name)
    if before == after:
        return False
    one, other = jsonschema_rs.canonicalize(before), jsonschema_rs.canonicalize(after)
    return str(one.covers(other)) != "yes" or str(other.covers(one)) != "yes"


def _mattering(model: Model, event: str) -> frozenset[int]:
    """The regions that an event's rules ask about, or may move."""
    asked = Rows(model, Sources.of(None)).asked(event)
    own = [one for one in model.table.transitions if event in one.events]
    moved = {one.region for one in own if any(choice.to is not None for choice in one.alternatives)}
    return frozenset(moved | {one.position for one in model.table.regions if one.name in asked})


def _ways(table: Table, choices: Mapping[str, int], row: Row) -> Iterator[Sequence[Taken]]:
    """What an implementation with these choices may do: one joint step, several where rules overlap.

    A step is empty where no rule applies, or one that has no alternative there: nobody answers.
    """
    regions: dict[int, list[Taken | None]] = {}
    for one in table.transitions:
        if row.event in one.events and row.states[one.region] in one.sources:
            if one.guard(row.states, row.known, row.event):
                regions.setdefault(one.region, []).append(_chosen(one, choices.get(one.id, 0), row))
    for taken in product(*regions.values()):
        yield () if None in taken else tuple(one for one in taken if one is not None)


def _chosen(one: Transition, choice: int, row: Row) -> Taken | None:
    """The alternative that an implementation takes, which prefers one; None if there is none here."""
    order = sorted(range(len(one.alternatives)), key=lambda place: place != choice)
    found = (one.alternatives[place] for place in order if one.alternatives[place].when(row.states, row.known, row.event))
    alternative = next(found, None)
    return None if alternative is None else (one, alternative)


def _after(states: States, taken: Sequence[Taken]) -> States:
    after = list(states)
    for transition, one in taken:
        if one.to is not None:
            after[transition.region] = one.to
    return tuple(after)


def _filed(taken: Iterator[Alternative]) -> frozenset[str]:
    """What becomes of calls that wait."""
    return frozenset(flag for one in taken for flag in FLAGS if getattr(one, flag) and flag not in ("defer", "again"))
