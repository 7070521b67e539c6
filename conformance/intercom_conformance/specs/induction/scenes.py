"""What one event may break: any memory, a call of the event, another call that waits, and what may be taken.

Terms are made once, and asked about again whenever less is known to hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.specs.induction.calls import CallTerms, called, knowledge
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slots, positions, record_sort
from intercom_conformance.specs.induction.properties import Assumption, Property
from intercom_conformance.specs.induction.steps import Joint, Steps
from intercom_conformance.specs.induction.values import Term, mark, some

__all__ = ["Case", "Ground", "Scene"]

_PATIENCE = 20_000
"""Milliseconds for one question; one that takes longer counts as not proved."""


@attrs.define(eq=False, slots=False)
class Ground:
    """What all events have in common: a memory that nothing is known of, and a call that waits in it."""

    model: Model
    slots: Slots
    facts: Facts
    steps: Steps
    held: dict[str, Term] = attrs.field(factory=dict)

    @cached_property
    def memory(self) -> Memory:
        """The memory before a step."""
        return Memory.unknown([one.name for one in self.model.table.regions], self.slots)

    @cached_property
    def waiting(self) -> CallTerms:
        """A call that waits."""
        return called("queued", self.model, self.slots)

    def holds(self, one: Property) -> Term:
        """That a property holds in the memory, and of the call that waits."""
        if one.name not in self.held:
            broken = z3.Or(one.broken(self.memory), one.broken_by_waiting(self.memory, self.waiting))
            self.held[one.name] = z3.Not(broken)
        return self.held[one.name]


@attrs.define(eq=False, slots=False)
class Case:
    """One thing that may be taken: when, and what it breaks."""

    ground: Ground
    joint: Joint
    call: CallTerms
    known: dict[str, Term] = attrs.field(factory=dict)

    @cached_property
    def outcome(self) -> tuple[Memory, list[Term]]:
        """The memory after it, and what has to hold for it to be taken."""
        steps, memory = self.ground.steps, self.ground.memory
        after, besides = steps.after(self.joint, memory, self.call)
        return after, [steps.guard(self.joint, memory, self.call), *besides]

    @cached_property
    def changes(self) -> frozenset[str]:
        """The regions, fields and registers that it may change."""
        return self.ground.steps.changes(self.joint)

    def may_break(self, one: Property) -> bool:
        """Whether something changes that a property depends on, or a call of which it speaks begins to wait."""
        return bool(one.reads & self.changes) or (one.is_of_calls and self.joint.has("defer", "again", "remember"))

    def breaks(self, one: Property) -> Term:
        """Whether it breaks a property."""
        if one.name not in self.known:
            self.known[one.name] = some([*self._broken(one, self.outcome[0])])
        return self.known[one.name]

    def _broken(self, one: Property, after: Memory) -> Iterator[Term]:
        yield from (one.broken(after), one.changed(self.ground.memory, after))
        if self.joint.has("defer", "again", "remember"):
            yield one.broken_by_waiting(after, self.call)
        if not self.joint.has("cancel"):
            yield one.broken_by_waiting(after, self.ground.waiting)


@attrs.define(eq=False, slots=False)
class Scene:
    """A call of one event, or the event itself if it is the world's, and everything that may be taken for it."""

    ground: Ground
    event: str
    joints: Sequence[Joint]

    @cached_property
    def call(self) -> CallTerms:
        """The call."""
        return called("call", self.ground.model, self.ground.slots, self.event)

    @cached_property
    def cases(self) -> list[Case]:
        """What may be taken."""
        return [Case(self.ground, joint, self.call) for joint in self.joints]

    @cached_property
    def known(self) -> list[Term]:
        """What is known of every memory and every call."""
        ground, waiting = self.ground, self.ground.waiting
        return [
            positions(ground.memory, {one.name: len(one.states) for one in ground.model.table.regions}),
            *knowledge(self.call, self.event, ground.model, ground.memory, ground.facts),
            *(value != mark("uncertain") for value in waiting.arguments.values()),
        ]

    def solver(self, held: Sequence[Property], assumptions: Sequence[Assumption]) -> Any:
        """A solver that knows what is held before a step, and what is assumed of a call that is made just now."""
        solver, memory, first = z3.Solver(), self.ground.memory, self.call.is_first()
        solver.set("timeout", _PATIENCE)
        solver.add(*self.known, *map(self.ground.holds, held))
        of_calls = [one for one in held if one.is_of_calls]
        solver.add(*(z3.Or(first, z3.Not(one.broken_by_waiting(memory, self.call))) for one in of_calls))
        solver.add(*(z3.Implies(first, one.granted(memory, self.call)) for one in assumptions))
        return solver

    def smallest(self, solver: Any, broken: Term, few: int) -> tuple[Any, Sequence[Term]]:
        """A model with as few records as will do, and its records; no model if there is no answer."""
        for count in range(1, few + 1):
            records = [z3.Const(f"record {number}", record_sort()) for number in range(count)]
            record = z3.FreshConst(record_sort(), "r")
            if solver.check(broken, z3.ForAll([record], some([record == one for one in records]))) == z3.sat:
                return solver.model(), records
        if solver.check(broken) != z3.sat:
            return None, ()
        model = solver.model()
        return model, model.get_universe(record_sort()) or ()
