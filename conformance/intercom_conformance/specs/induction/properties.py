"""What is proved, as terms: invariants, and the lemmas that make them inductive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.world import GONE_RECORD, WHOLE_RECORD
from intercom_conformance.specs.induction.calls import CallTerms
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slot, Slots, View, record_sort
from intercom_conformance.specs.induction.values import Term, every, mark, some

__all__ = ["CANDIDATE", "Assumption", "Property", "candidates", "read_assumptions", "read_properties"]

Json = Any
_MARKS = ("absent", "uncertain", "empty")
_CURRENT, _SLOT = "current", "slot"
CANDIDATE = "candidate"
"""The kind of a lemma that nobody wrote down: it helps if it can be proved, and is left out if not."""


@attrs.frozen(eq=False)
class Assumption:
    """What the proof takes for granted of every call at the moment it is made."""

    name: str
    document: Mapping[str, Json]
    model: Model
    facts: Facts

    def granted(self, memory: Memory, call: CallTerms) -> Term:
        """Whether a call that is made just now is as it is assumed to be."""
        return z3.Not(_breaks(self.model, self.facts, self.document["calls"], memory, call))


@attrs.define(eq=False, slots=False)
class Property:
    """An invariant or a lemma: when a memory, a step or a waiting call breaks it."""

    name: str
    kind: str
    document: Mapping[str, Json]
    model: Model
    facts: Facts

    @cached_property
    def reads(self) -> frozenset[str]:
        """The regions, fields and registers on which it depends, and the whole of records if it speaks of any."""
        if _SLOT in self.document:
            return frozenset((self.document[_SLOT][1][0], WHOLE_RECORD))
        found = Slots.of(self.document)
        records = [WHOLE_RECORD, GONE_RECORD] if found.fields or _CURRENT in self.document else []
        kept = {slot[0] for slot in (*found.fields, *found.registers)}
        return frozenset((*kept, *records, *_regions(self.document)))

    @property
    def is_of_steps(self) -> bool:
        """Whether it speaks of a step, and so cannot help to prove another."""
        return "keeps" in self.document

    @property
    def is_of_calls(self) -> bool:
        """Whether it speaks of every call that waits."""
        return "queued" in self.document

    def broken(self, memory: Memory) -> Term:
        """Whether a memory breaks it."""
        body = self.document
        if "holds" in body:
            broken = self.facts.truth(body["holds"], View(memory)).no
        elif "at_most" in body:
            broken = self._too_many(memory, body["at_most"])
        elif "never" in body:
            broken = self._in(memory, body["never"])
        elif _CURRENT in body:
            broken = z3.And(memory.someone, z3.Not(memory.alive(memory.current)))
        elif _SLOT in body:
            broken = _marked(memory, body[_SLOT], body["mark"])
        else:
            broken = z3.BoolVal(False)
        return z3.And(self._in(memory, body.get("while", {})), broken)

    def _in(self, memory: Memory, guard: Mapping[str, Json]) -> Term:
        places = {region.name: region.states.index for region in self.model.table.regions}
        return every(
            [
                some([memory.states[region] == places[region](state) for state in _listed(states)])
                for region, states in guard.get("in", {}).items()
            ]
        )

    def _too_many(self, memory: Memory, body: Mapping[str, Json]) -> Term:
        records = [z3.FreshConst(record_sort(), "r") for _ in range(body["count"] + 1)]
        fulfil = [self.facts.truth(body["where"], View(memory, {}, one)).yes for one in records]
        alive = [memory.alive(one) for one in records]
        differ = [one != other for one, other in combinations(records, 2)]
        return z3.Exists(records, every([*differ, *alive, *fulfil]))

    def changed(self, before: Memory, after: Memory) -> Term:
        """Whether a step changes a field that it has to keep."""
        if not self.is_of_steps:
            return z3.BoolVal(False)
        body, record = self.document["keeps"], z3.FreshConst(record_sort(), "r")
        old, new = before.fields[body["field"],](record), after.fields[body["field"],](record)
        where = self.facts.truth(body["where"], View(before, {}, record)).yes if "where" in body else z3.BoolVal(True)
        there = z3.And(before.alive(record), after.alive(record))
        return z3.Exists([record], every([there, where, old != mark("null"), old != new]))

    def broken_by_waiting(self, memory: Memory, call: CallTerms) -> Term:
        """Whether a call that waits breaks it."""
        if not self.is_of_calls:
            return z3.BoolVal(False)
        waits = _breaks(self.model, self.facts, self.document["queued"], memory, call)
        return z3.And(self._in(memory, self.document.get("while", {})), waits)


def _breaks(model: Model, facts: Facts, body: Mapping[str, Json], memory: Memory, call: CallTerms) -> Term:
    """Whether a call of one of some events fulfils `where`, and surely not `holds`."""
    view = View(memory, call.arguments)
    groups, events = model.spec.chart.get("groups", {}), model.spec.events
    named = [event for name in _listed(body.get("on", events)) for event in groups.get(name, [name])]
    parts = [some([call.event == events.index(event) for event in named if event in events])]
    if "where" in body:
        parts.append(facts.truth(body["where"], view).yes)
    return every([*parts, facts.truth(body["holds"], view).no])


def read_assumptions(model: Model, document: Mapping[str, Json], facts: Facts) -> list[Assumption]:
    """The assumptions of an invariants document."""
    return [Assumption(name, body, model, facts) for name, body in document.get("assumptions", {}).items()]


def read_properties(model: Model, document: Mapping[str, Json], facts: Facts) -> list[Property]:
    """The invariants and lemmas of an invariants document."""
    kinds = {"lemma": document.get("lemmas", {}), "invariant": document["invariants"]}
    return [Property(name, kind, body, model, facts) for kind, bodies in kinds.items() for name, body in bodies.items()]


def candidates(
    memory: Memory, model: Model, document: Mapping[str, Json], facts: Facts, written: Sequence[Property]
) -> list[Property]:
    """Lemmas that go without saying, where they can be proved.

    Who is current has not been deleted; what fields and registers hold is never absent, empty or unknown; what is
    assumed of a call when it is made holds for as long as it waits.
    """
    asked = frozenset().union(*(one.reads for one in written))
    doubtful = frozenset(_doubtful(model.spec.chart["effects"]))
    slots = [
        {_SLOT: slot, "mark": name}
        for slot in _whole(memory)
        if slot[1][0] in asked
        for name in _MARKS
        if name != "uncertain" or slot[1][0] not in doubtful
    ]
    waiting = [{"queued": body["calls"]} for body in document.get("assumptions", {}).values()]
    bodies: list[Mapping[str, Json]] = [{_CURRENT: "alive"}, *slots, *waiting]
    return [Property(f"{CANDIDATE} {number}", CANDIDATE, body, model, facts) for number, body in enumerate(bodies)]


def _doubtful(effects: Mapping[str, Json]) -> Iterator[str]:
    """The fields and registers that effects make uncertain."""
    for operation, body in (item for one in effects.values() for step in one["do"] for item in step.items()):
        if operation in ("forget", "forget_registers"):
            yield from body
        elif operation == "absorb":
            yield from body["uncertain"]


def _regions(document: Json) -> Iterator[str]:
    for key in ("while", "never"):
        yield from document.get(key, {}).get("in", {})


def _whole(memory: Memory) -> list[tuple[str, Slot]]:
    """The slots that are whole fields or registers."""
    both = (("fields", memory.fields), ("registers", memory.registers))
    return [(kind, slot) for kind, slots in both for slot in sorted(slots) if len(slot) == 1]


def _marked(memory: Memory, place: tuple[str, Slot], name: str) -> Term:
    """Whether some record, or the register, holds a mark."""
    kind, slot = place
    if kind == "registers":
        return memory.registers[slot] == mark(name)
    record = z3.FreshConst(record_sort(), "r")
    return z3.Exists([record], z3.And(memory.alive(record), memory.fields[slot](record) == mark(name)))


def _listed(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
