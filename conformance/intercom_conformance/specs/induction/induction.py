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
from intercom_conformance.specs.induction.effects import Effects
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slots, record_sort
from intercom_conformance.specs.induction.properties import (
    CANDIDATE,
    Assumption,
    Property,
    candidates,
    read_assumptions,
    read_properties,
)
from intercom_conformance.specs.induction.scenes import Case, Ground, Scene
from intercom_conformance.specs.induction.steps import Steps, joints
from intercom_conformance.specs.induction.values import Literals, Term, some
from intercom_conformance.specs.induction.wording import Shown, in_words
from intercom_conformance.specs.rows import Rows

__all__ = ["Induction", "Proved", "Unproved"]

_FEW = 4
"""Records with which a counterexample is tried to be shown; if it takes more, it has as many as it takes."""
_FIRST = "it does not hold in the beginning"


@attrs.frozen(eq=False)
class Unproved:
    """A property that is not proved: the step that leads out, in words; or the properties that its proof lacks."""

    property: Property
    counterexample: tuple[str, ...]
    taken: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@attrs.frozen(eq=False)
class Proved:
    """What a proof came to: the properties proved, those of them that rest on the assumptions, and the others."""

    proved: frozenset[str]
    assuming: frozenset[str]
    unproved: tuple[Unproved, ...]
    steps: int


@attrs.frozen(eq=False)
class Induction:
    """A specification as a system of transitions, and what is to be proved of it."""

    ground: Ground
    properties: Sequence[Property]
    assumptions: Sequence[Assumption]
    scenes: Sequence[Scene]

    @classmethod
    def of(cls, model: Model, rows: Rows, document: Mapping[str, Any]) -> Induction:
        """The system of a specification, and the properties of its invariants document."""
        facts, chart = Facts(Literals(), model.collection), model.spec.chart
        proving = {key: document.get(key) for key in ("assumptions", "lemmas", "invariants")}
        slots = Slots.of(chart.get("facts"), chart["effects"], proving)
        _mention(facts, [chart.get("facts"), chart["effects"], proving, [*model.table.payload_schemas.values()]])
        steps = Steps(model, rows, Effects(chart["effects"], chart["records"][model.collection], facts))
        ground = Ground(model, slots, facts, steps)
        properties = read_properties(model, document, facts)
        properties += candidates(ground.memory, model, document, facts, properties)
        scenes = [Scene(ground, event, taken) for event, taken in joints(rows).items()]
        return cls(ground, properties, read_assumptions(model, document, facts), scenes)

    def run(self) -> Proved:
        """Proves as much as there is; first everything, and then what needs none of the assumptions."""
        proved, unproved = self._inductive(self.properties, self.assumptions)
        unaided = self._inductive(proved, ())[0] if self.assumptions else proved
        written = frozenset(one.name for one in proved if one.kind != CANDIDATE)
        assuming = written - {one.name for one in unaided}
        return Proved(written, assuming, tuple(unproved), sum(len(scene.joints) for scene in self.scenes))

    def _inductive(
        self, properties: Sequence[Property], assumptions: Sequence[Assumption]
    ) -> tuple[list[Property], list[Unproved]]:
        """The greatest part of the properties that is inductive, and what is wrong with the others.

        A candidate that falls is left out before any property is blamed.
        """
        held = [one for one in properties if self._holds_at_first(one)]
        lost = [Unproved(one, (_FIRST,)) for one in properties if one not in held and one.kind != CANDIDATE]
        while broken := self._broken(held, assumptions):
            fallen = [one for one in broken if one.property.kind == CANDIDATE]
            if not fallen:
                lacks = tuple(one.property.name for one in lost)
                lost += [attrs.evolve(one, lacks=lacks) for one in broken]
            gone = {one.property.name for one in fallen or broken}
            held = [one for one in held if one.name not in gone]
        return held, lost

    def _holds_at_first(self, one: Property) -> bool:
        solver = z3.Solver()
        solver.add(*self._beginning(self.ground.memory), one.broken(self.ground.memory))
        return bool(solver.check() == z3.unsat)

    def _beginning(self, memory: Memory) -> Iterator[Term]:
        """There is no record, no user and no call; regions and registers are as they are initially."""
        model, record = self.ground.model, z3.FreshConst(record_sort(), "r")
        yield z3.ForAll([record], z3.Not(memory.alive(record)))
        yield z3.Not(memory.someone)
        for region in model.table.regions:
            yield memory.states[region.name] == region.states.index(region.initial)
        for slot, value in memory.registers.items():
            yield value == self.ground.steps.effects.literal(model.initial.world.registers, slot)

    def _broken(self, held: Sequence[Property], assumptions: Sequence[Assumption]) -> list[Unproved]:
        """The properties that some step breaks, each by the first one found."""
        found: dict[str, Unproved] = {}
        for scene in self.scenes:
            solver = scene.solver(held, assumptions)
            for case in scene.cases:
                open_yet = [one for one in held if one.name not in found and case.may_break(one)]
                found.update((one.property.name, one) for one in self._of_case(scene, case, solver, open_yet))
        return list(found.values())

    def _of_case(self, scene: Scene, case: Case, solver: Any, properties: Sequence[Property]) -> list[Unproved]:
        if not properties:
            return []
        solver.push()
        solver.add(*case.outcome[1])
        broken: list[Unproved] = []
        if solver.check(some([case.breaks(one) for one in properties])) != z3.unsat:
            breaking = [one for one in properties if solver.check(case.breaks(one)) != z3.unsat]
            broken = [self._unproved(one, scene, case, solver) for one in breaking]
        solver.pop()
        return broken

    def _unproved(self, one: Property, scene: Scene, case: Case, solver: Any) -> Unproved:
        taken = tuple(transition.id for transition, _ in case.joint.taken)
        if one.kind == CANDIDATE:
            return Unproved(one, (), taken)
        values, records = scene.smallest(solver, case.breaks(one), _FEW)
        if values is None:
            return Unproved(one, (f"z3 came to no answer about {case.joint.names}",), taken)
        names = one.reads | case.changes | self.ground.steps.rows.asked(scene.event)
        shown = Shown(self.ground.model, self.ground.facts.literals, values, tuple(records), names)
        waiting = self.ground.waiting if one.is_of_calls else None
        lines = in_words(shown, case.joint, self.ground.memory, case.outcome[0], case.call, waiting)
        return Unproved(one, lines, taken)


def _mention(facts: Facts, documents: Any) -> None:
    """Gives every literal its identity before any question is asked, so that payload guards know them all."""
    if isinstance(documents, Mapping):
        documents = list(documents.values())
    if isinstance(documents, list):
        for one in documents:
            _mention(facts, one)
    elif isinstance(documents, (str, bool)):
        facts.literals.term(documents)
