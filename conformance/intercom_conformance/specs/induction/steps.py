"""Steps as terms: everything that one attempt of one call, or one event of the world, may take together.

A step of a session is a chain of such attempts, so what each of them preserves is preserved by any step, however
many calls wait and in whatever order they are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import Alternative, Transition
from intercom_conformance.specs.answers import ATTEMPTS
from intercom_conformance.specs.guards import Syntax, Writer
from intercom_conformance.specs.induction.calls import CallTerms
from intercom_conformance.specs.induction.effects import Effects
from intercom_conformance.specs.induction.memory import Memory
from intercom_conformance.specs.induction.values import Term, every, some
from intercom_conformance.specs.rows import Rows

__all__ = ["Joint", "Steps", "joints"]


@attrs.frozen
class Joint:
    """What is taken together for an event: in each region at most one transition, by one of its alternatives."""

    event: str
    taken: tuple[tuple[Transition, Alternative], ...]

    def has(self, *flags: str) -> bool:
        """Whether something of it does one of these: defer, again, remember, cancel."""
        return any(getattr(one, flag) for _, one in self.taken for flag in flags)

    @property
    def names(self) -> str:
        """The transitions taken."""
        return ", ".join(transition.id for transition, _ in self.taken)


def joints(rows: Rows) -> dict[str, list[Joint]]:
    """Everything that may be taken together, by event; each row of the statechart is looked at."""
    found: dict[str, dict[Joint, None]] = {event: {} for event in rows.model.table.atoms}
    for event, known in found.items():
        for row in rows.of(event):
            for outcome in rows.model.table.outcomes(row.states, event, row.answers):
                known[Joint(event, outcome.taken)] = None
    return {event: list(known) for event, known in found.items()}


@attrs.frozen(eq=False)
class Steps:
    """Translates what is taken: when it may be, and the memory after it."""

    model: Model
    rows: Rows
    effects: Effects

    def guard(self, joint: Joint, memory: Memory, call: CallTerms) -> Term:
        """Whether it may be taken: its guards hold, and none of any other region."""
        writer = Writer(self.model.spec, _syntax(self.model, memory, call))
        regions = {transition.region for transition, _ in joint.taken}
        others = [
            one for one in self.model.table.transitions if joint.event in one.events and one.region not in regions
        ]
        mine = [part for taken in joint.taken for part in self._taken(writer, joint.event, *taken)]
        return every([*mine, *(z3.Not(every(self._applies(writer, joint.event, one))) for one in others)])

    def _taken(self, writer: Writer[Any], event: str, one: Transition, chosen: Alternative) -> Iterator[Term]:
        yield from self._applies(writer, event, one)
        several = self.rows.documents[one.id].get("one_of")
        if several:
            yield from writer.parts(several[one.alternatives.index(chosen)].get("when", {}), event)

    def _applies(self, writer: Writer[Any], event: str, one: Transition) -> list[Term]:
        document = self.rows.documents[one.id]
        places = [writer.syntax.state(document["region"], state) for state in writer.sources(document)]
        return [some(places), *writer.applies(document.get("when", {}), event)]

    def after(self, joint: Joint, memory: Memory, call: CallTerms) -> tuple[Memory, list[Term]]:
        """The memory after it, and what is known besides."""
        names = [name for _, one in joint.taken for name in one.effects]
        after, known = self.effects.apply(names, memory, call.arguments)
        return attrs.evolve(after, states={**after.states, **self._moves(joint)}), known

    def changes(self, joint: Joint) -> frozenset[str]:
        """The regions, fields and registers that it may change, and whether it changes what records there are."""
        effects = [self.model.effects[name].touches for _, one in joint.taken for name in one.effects]
        return frozenset(self._moves(joint)).union(*effects)

    def _moves(self, joint: Joint) -> Mapping[str, Term]:
        regions = self.model.table.regions
        moved = [(regions[one.region], to.to) for one, to in joint.taken if to.to is not None]
        return {region.name: z3.IntVal(region.states.index(state)) for region, state in moved}


def _syntax(model: Model, memory: Memory, call: CallTerms) -> Syntax[Any]:
    places = {region.name: region.states.index for region in model.table.regions}
    return Syntax(
        every=every,
        some=some,
        inverse=z3.Not,
        state=lambda region, state: memory.states[region] == places[region](state),
        truth=lambda name: call.inputs[name],
        equals=lambda name, value: call.attempt == ATTEMPTS.index(value),
    )
