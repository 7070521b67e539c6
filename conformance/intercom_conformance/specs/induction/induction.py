"""Proves invariants by induction: they hold in the beginning, and no step leads out of where all of them hold.

The memories that are looked at are all there can be: any number of records, any number of calls that wait, any
arguments. z3 looks for one in which every property holds and from which one attempt of one call, or one event of the
world, breaks a property. What breaks is taken out, and the rest is looked at again without it, until nothing breaks:
the rest is proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.specs.induction.calls import CallTerms, called, knowledge
from intercom_conformance.specs.induction.effects import Effects
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slots, positions, record_sort
from intercom_conformance.specs.induction.properties import (
    CANDIDATE,
    Assumption,
    Property,
    candidates,
    read_assumptions,
    read_properties,
)
from intercom_conformance.specs.induction.steps import Joint, Steps, joints
from intercom_conformance.specs.induction.values import Literals, Term, mark, some
from intercom_conformance.specs.induction.wording import Shown, in_words
from intercom_conformance.specs.rows import Rows

__all__ = ["Induction", "Proved", "Unproved"]

_FEW = 4
"""Records with which a counterexample is tried to be shown; if it takes more, it has as many as it takes."""
_FIRST = "It does not hold in the beginning."
_PATIENCE = 20_000
"""Milliseconds for one question; one that takes longer counts as not proved."""


@attrs.frozen(eq=False)
class Unproved:
    """A property that is not proved: the step that leads out, in words; or the properties that its proof lacks."""

    property: Property
    counterexample: tuple[str, ...]
    taken: tuple[str, ...]
    lacks: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Proved:
    """What a proof came to: the properties proved, with the assumptions each rests on, and the others."""

    proved: Mapping[str, tuple[str, ...]]
    unproved: tuple[Unproved, ...]
    steps: int
    records: str = "any number of"


@attrs.frozen(eq=False)
class Induction:
    """A specification as a system of transitions, and what is to be proved of it."""

    model: Model
    rows: Rows
    properties: Sequence[Property]
    assumptions: Sequence[Assumption]
    joints: Mapping[str, Sequence[Joint]]
    steps: Steps
    slots: Slots
    facts: Facts

    @classmethod
    def of(cls, model: Model, rows: Rows, document: Mapping[str, Any]) -> Induction:
        """The system of a specification, and the properties of its invariants document."""
        facts = Facts(Literals())
        chart = model.spec.chart
        proving = {key: document.get(key) for key in ("assumptions", "lemmas", "invariants")}
        slots = Slots.of(chart.get("facts"), chart["effects"], proving)
        effects = Effects(chart["effects"], chart["records"][model.collection], facts)
        properties = read_properties(model, document, facts)
        properties += candidates(_unknown(model, slots), model, document, facts, properties)
        guards = list(model.table.payload_schemas.values())
        _mention(facts, [chart.get("facts"), chart["effects"], chart["records"], proving, guards])
        steps = Steps(model, rows, effects)
        return cls(
            model, rows, properties, read_assumptions(model, document, facts), joints(rows), steps, slots, facts
        )

    def run(self) -> Proved:
        """Proves as much as there is; first everything, and then what needs none of the assumptions."""
        proved, unproved = self._inductive(self.properties, self.assumptions)
        unaided = proved if not self.assumptions else self._inductive(proved, ())[0]
        names = tuple(one.name for one in self.assumptions)
        return Proved(
            {one.name: () if one in unaided else names for one in proved if one.kind != CANDIDATE},
            tuple(unproved),
            sum(map(len, self.joints.values())),
        )

    def _inductive(
        self, properties: Sequence[Property], assumptions: Sequence[Assumption]
    ) -> tuple[list[Property], list[Unproved]]:
        """The greatest part of the properties that is inductive, and what is wrong with the others."""
        held = [one for one in properties if self._holds_at_first(one)]
        lost = [Unproved(one, (_FIRST,), ()) for one in properties if one not in held and one.kind != CANDIDATE]
        while broken := self._broken(held, assumptions):
            written = [one for one in broken.values() if one.property.kind != CANDIDATE]
            gone = broken if len(written) == len(broken) else broken.keys() - {one.property.name for one in written}
            if gone is broken:
                fallen = tuple(one.property.name for one in lost)
                lost += [attrs.evolve(one, lacks=fallen) for one in written]
            held = [one for one in held if one.name not in gone]
        return held, lost

    def _holds_at_first(self, one: Property) -> bool:
        memory = _unknown(self.model, self.slots)
        solver = z3.Solver()
        solver.add(*self._beginning(memory), one.broken(memory))
        return bool(solver.check() == z3.unsat)

    def _beginning(self, memory: Memory) -> Iterator[Term]:
        record = z3.FreshConst(record_sort(), "r")
        yield z3.ForAll([record], z3.Not(memory.alive(record)))
        yield z3.Not(memory.someone)
        for region in self.model.table.regions:
            yield memory.states[region.name] == region.states.index(region.initial)
        for slot, value in memory.registers.items():
            content: Any = {slot[0]: self.model.initial.world.registers[slot[0]]}
            yield value == self.steps.effects.literal(content, slot)

    def _broken(self, held: Sequence[Property], assumptions: Sequence[Assumption]) -> dict[str, Unproved]:
        """The properties that some step breaks, each by the first one found."""
        found: dict[str, Unproved] = {}
        for event, taken in self.joints.items():
            scene = _Scene.of(self, event, held, assumptions)
            for joint in taken:
                found = {**scene.broken_by(joint, [one for one in held if one.name not in found]), **found}
        return found


def _unknown(model: Model, slots: Slots) -> Memory:
    return Memory.unknown({one.name: len(one.states) for one in model.table.regions}, slots)


@attrs.frozen(eq=False)
class _Scene:
    """Any memory in which all that is held holds, a call of one event, and another call that waits."""

    induction: Induction
    event: str
    memory: Memory
    call: CallTerms
    waiting: CallTerms
    solver: Any

    @classmethod
    def of(
        cls, induction: Induction, event: str, held: Sequence[Property], assumptions: Sequence[Assumption]
    ) -> _Scene:
        model, solver = induction.model, z3.Solver()
        memory = _unknown(model, induction.slots)
        solver.set("timeout", _PATIENCE)
        call = called("call", model, induction.slots, event)
        waiting = called("waiting", model, induction.slots)
        scene = cls(induction, event, memory, call, waiting, solver)
        solver.add(positions(memory, {one.name: len(one.states) for one in model.table.regions}))
        solver.add(*knowledge(call, event, model, memory, induction.facts))
        solver.add(*(value != mark("uncertain") for value in waiting.arguments.values()))
        solver.add(*(z3.Not(one.broken(memory)) for one in held))
        solver.add(*scene._of_calls(held, assumptions))
        return scene

    def _of_calls(self, held: Sequence[Property], assumptions: Sequence[Assumption]) -> Iterator[Term]:
        for one in held:
            yield z3.Not(one.broken_by_waiting(self.memory, self.waiting))
            yield z3.Or(self.call.is_first(), z3.Not(one.broken_by_waiting(self.memory, self.call)))
        for given in assumptions:
            yield z3.Implies(self.call.is_first(), given.granted(self.memory, self.call))

    def broken_by(self, joint: Joint, properties: Sequence[Property]) -> dict[str, Unproved]:
        """The properties that taking something breaks."""
        properties = [one for one in properties if self._may_break(one, joint)]
        if not properties:
            return {}
        after, known = self.induction.steps.after(joint, self.memory, self.call)
        breaks = {one.name: self._breaks(one, joint, after) for one in properties}
        self.solver.push()
        self.solver.add(self.induction.steps.guard(joint, self.memory, self.call), *known)
        found: dict[str, Unproved] = {}
        if self._can(some(list(breaks.values()))):
            found = {one.name: self._unproved(one, joint, after) for one in properties if self._can(breaks[one.name])}
        self.solver.pop()
        return found

    def _may_break(self, one: Property, joint: Joint) -> bool:
        """Whether something changes that a property depends on, or a call of which it speaks begins to wait."""
        joins = one.is_of_calls and joint.has("defer", "again", "remember")
        return joins or bool(one.reads & self.induction.steps.changes(joint))

    def _can(self, broken: Term) -> bool:
        return bool(self.solver.check(broken) != z3.unsat)

    def _breaks(self, one: Property, joint: Joint, after: Memory) -> Term:
        parts = [one.broken(after), one.changed(self.memory, after)]
        if joint.has("defer", "again", "remember"):
            parts.append(one.broken_by_waiting(after, self.call))
        if not joint.has("cancel"):
            parts.append(one.broken_by_waiting(after, self.waiting))
        return some(parts)

    def _unproved(self, one: Property, joint: Joint, after: Memory) -> Unproved:
        if one.kind == CANDIDATE:
            return Unproved(one, (), ())
        broken = self._breaks(one, joint, after)
        model, records = self._smallest(broken)
        if model is None:
            return Unproved(one, (f"{joint.names}: not decided in {_PATIENCE // 1000} seconds",), ())
        shown = Shown(self.induction.model, self.induction.facts.literals, model, tuple(records))
        waiting = self.waiting if one.is_of_calls else None
        lines = in_words(shown, joint, self.memory, after, self.call, waiting)
        return Unproved(one, lines, tuple(transition.id for transition, _ in joint.taken))

    def _smallest(self, broken: Term) -> tuple[Any, Sequence[Term]]:
        """A model with as few records as will do, and its records."""
        for count in range(1, _FEW + 1):
            records = [z3.Const(f"record {number}", record_sort()) for number in range(count)]
            record = z3.FreshConst(record_sort(), "r")
            few = z3.ForAll([record], some([record == one for one in records]))
            if self.solver.check(broken, few) == z3.sat:
                return self.solver.model(), records
        if self.solver.check(broken) != z3.sat:
            return None, ()
        model = self.solver.model()
        return model, model.get_universe(record_sort()) or ()


def _mention(facts: Facts, documents: Any) -> None:
    """Gives every literal its identity before any question is asked, so that payload guards know them all."""
    if isinstance(documents, Mapping):
        documents = list(documents.values())
    if isinstance(documents, list):
        for one in documents:
            _mention(facts, one)
    elif isinstance(documents, (str, bool)):
        facts.literals.term(documents)
