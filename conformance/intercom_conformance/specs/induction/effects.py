"""Effects as terms: how each operation of the documents changes a memory.

Where an operation writes more than slots tell (inside lists, below keys of keys), the slot may hold anything after.
So a proof may fail for what it does not know, and never holds for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.expressions import ABSENT
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slot, View, record_sort
from intercom_conformance.specs.induction.values import (
    Term,
    Truth,
    every,
    fresh,
    fresh_truth,
    is_any,
    is_given,
    mark,
    some,
    value_sort,
)

__all__ = ["Effects"]

Change = tuple[Memory, list[Term]]
"""A memory, and what is known besides of the terms in it."""


@attrs.frozen(eq=False)
class Effects:
    """Translates effects: the documents by name, and what a new record holds."""

    documents: Mapping[str, Mapping[str, Any]]
    blank: Mapping[str, Any]
    facts: Facts

    def apply(self, names: Sequence[str], memory: Memory, arguments: Mapping[Slot, Term]) -> Change:
        """The memory after effects, in their order; `previous` is who was current before them."""
        memory = attrs.evolve(memory, previous=memory.current, had_previous=memory.someone)
        known: list[Term] = []
        for name in names:
            for step in self.documents[name]["do"]:
                for operation, body in step.items():
                    memory, more = getattr(self, f"_{operation}")(View(memory, arguments), body)
                    known += more
        return memory, known

    def literal(self, content: Mapping[str, Any], slot: Slot) -> Term:
        """What stands in a slot of literal content."""
        return self.facts.literals.term(_dug(content, slot))

    # Records: made, chosen, gone

    def _create(self, view: View, body: Mapping[str, Any]) -> Change:
        new = z3.FreshConst(record_sort(), "new")
        memory = self._added(view.memory, new, z3.BoolVal(True), body["values"])
        return attrs.evolve(memory, someone=z3.BoolVal(True), current=new), [z3.Not(view.memory.alive(new))]

    def _added(self, memory: Memory, new: Term, when: Term, values: Mapping[str, Any]) -> Memory:
        content = {**self.blank, **values}

        def written(slot: Slot) -> Any:
            old, value = memory.fields[slot], self.literal(content, slot)
            return lambda record: z3.If(z3.And(when, record == new), value, old(record))

        old_alive = memory.alive
        fields = {slot: written(slot) for slot in memory.fields}
        return attrs.evolve(
            memory, alive=lambda record: z3.Or(old_alive(record), z3.And(when, record == new)), fields=fields
        )

    def _select(self, view: View, body: Mapping[str, Any]) -> Change:
        memory = view.memory
        asked = [((field,), view.read(path)) for field, path in body["by"].items()]
        new, chosen = z3.FreshConst(record_sort(), "new"), z3.FreshConst(record_sort(), "chosen")
        found, other = fresh_truth("found"), z3.FreshConst(record_sort(), "r")
        known = [
            z3.Not(memory.alive(new)),
            z3.Implies(found, _matches(memory, asked, chosen)),
            z3.Implies(z3.Not(found), z3.ForAll([other], z3.Not(_matches(memory, asked, other)))),
        ]
        after = self._added(memory, new, z3.Not(found), body["otherwise"])
        return attrs.evolve(after, someone=z3.BoolVal(True), current=z3.If(found, chosen, new)), known

    def _delete_previous(self, view: View, body: Any) -> Change:
        memory = view.memory

        def alive(record: Term) -> Term:
            gone = z3.And(memory.had_previous, record == memory.previous)
            return z3.And(memory.alive(record), z3.Not(gone))

        return attrs.evolve(memory, alive=alive), []

    def _leave(self, view: View, body: Any) -> Change:
        return attrs.evolve(view.memory, someone=z3.BoolVal(False)), []

    # Fields of the current record

    def _below(self, view: View, field: str) -> list[Slot]:
        return [slot for slot in view.memory.fields if slot[0] == field]

    def _set(self, view: View, body: Mapping[str, Any], *, once: bool = False) -> Change:
        changes = {}
        for field, path in body.items():
            value = view.read(path)
            kept = is_any(value, "absent", "null")
            if once and (field,) in view.memory.fields:
                kept = z3.Or(kept, view.memory.of_current((field,)) != mark("null"))
            new = z3.If(is_any(value, "empty"), mark("uncertain"), value)
            for slot in self._below(view, field):
                old = view.memory.of_current(slot)
                changes[slot] = z3.If(kept, old, new if slot == (field,) else fresh(field))
        return view.memory.with_current(changes), []

    def _set_once(self, view: View, body: Mapping[str, Any]) -> Change:
        return self._set(view, body, once=True)

    def _merge(self, view: View, body: Mapping[str, Any]) -> Change:
        free, listed = self._permitted(view, body)
        excluded = body.get("except", ())
        changes: dict[Slot, Term] = {}
        for slot in self._below(view, body["into"]):
            if len(slot) == 2 and slot[1] not in excluded:
                changes[slot] = self._merged(view, view.read([*body["from"], slot[1]]), slot, free, listed)
            elif len(slot) != 2:
                changes[slot] = _perhaps(view.memory.of_current(slot), fresh(slot[0]))
        return view.memory.with_current(changes), []

    def _permitted(self, view: View, body: Mapping[str, Any]) -> tuple[Truth, Term]:
        """Whether every key may be merged, and the list of those that may otherwise."""
        if "only" not in body:
            return Truth(z3.BoolVal(True), z3.BoolVal(False)), mark("absent")
        free = self.facts.truth(body["unless"], view) if "unless" in body else None
        return free or Truth(z3.BoolVal(False), z3.BoolVal(True)), view.read(body["only"])

    def _merged(self, view: View, value: Term, slot: Slot, free: Truth, listed: Term) -> Term:
        old = view.memory.of_current(slot)
        given = z3.If(is_any(value, "absent"), old, z3.If(is_any(value, "null"), mark("absent"), value))
        new = z3.If(is_any(old, "uncertain"), _perhaps(old, given), given)
        open_list = z3.Or(z3.And(z3.Not(free.yes), z3.Not(free.no)), is_any(listed, "uncertain"))
        limited = z3.If(open_list, _perhaps(old, mark("uncertain")), _perhaps(old, new))
        return z3.If(free.yes, new, limited)

    def _merge_items(self, view: View, body: Mapping[str, Any]) -> Change:
        return self._anything(view, [body["into"]])

    def _append(self, view: View, body: Mapping[str, Any]) -> Change:
        return self._anything(view, [body["to"]])

    def _anything(self, view: View, fields: Sequence[str]) -> Change:
        slots = [slot for field in fields for slot in self._below(view, field)]
        return view.memory.with_current({s: _perhaps(view.memory.of_current(s), fresh(s[0])) for s in slots}), []

    def _absorb(self, view: View, body: Mapping[str, Any]) -> Change:
        memory, known = self._anything(view, body["lists"])
        changes = {}
        for slot in (slot for field in body["uncertain"] for slot in self._below(view, field)):
            held = z3.And(memory.had_previous, memory.fields[slot](memory.previous) != mark("absent"))
            perhaps = z3.And(memory.had_previous, fresh_truth("held"))
            old = memory.of_current(slot)
            changes[slot] = z3.If(z3.Or(z3.And(held, len(slot) > 1), perhaps), mark("uncertain"), old)
        return memory.with_current(changes), known

    def _forget(self, view: View, fields: Sequence[str]) -> Change:
        slots = [slot for field in fields for slot in self._below(view, field)]
        return view.memory.with_current(dict.fromkeys(slots, mark("uncertain"))), []

    # Registers

    def _with_registers(self, view: View, changes: Mapping[Slot, Term]) -> Change:
        return attrs.evolve(view.memory, registers={**view.memory.registers, **changes}), []

    def _assign(self, view: View, body: Mapping[str, Any]) -> Change:
        changes = {}
        for slot in (slot for slot in view.memory.registers if slot[0] in body):
            value = self._assigned(view, body[slot[0]], slot)
            changes[slot] = z3.If(is_any(value, "absent"), mark("null"), value) if len(slot) == 1 else value
        return self._with_registers(view, changes)

    def _assigned(self, view: View, operand: Any, slot: Slot) -> Term:
        if len(slot) == 1:
            return self.facts.operand(operand, view)
        is_path = isinstance(operand, list)
        return fresh(slot[0]) if is_path else self.literal({slot[0]: operand}, slot)

    def _assign_in(self, view: View, body: Mapping[str, Any]) -> Change:
        slots = [slot for slot in view.memory.registers if slot[0] == body["register"]]
        return self._with_registers(view, {slot: fresh(slot[0]) for slot in slots})

    def _increase(self, view: View, register: str) -> Change:
        if (register,) not in view.memory.registers:
            return view.memory, []
        old = view.memory.registers[register,]
        sort = value_sort()
        more = z3.If(sort.is_number(old), sort.number(sort.whole(old) + 1), fresh(register))
        return self._with_registers(view, {(register,): z3.If(is_any(old, "uncertain"), old, more)})

    def _forget_registers(self, view: View, names: Sequence[str]) -> Change:
        slots = [slot for slot in view.memory.registers if slot[0] in names]
        return self._with_registers(view, dict.fromkeys(slots, mark("uncertain")))


def _matches(memory: Memory, asked: Sequence[tuple[Slot, Term]], record: Term) -> Term:
    """Whether a record is the one that the first value given names."""
    cases = []
    for number, (slot, value) in enumerate(asked):
        missing = [z3.Not(is_given(other)) for _, other in asked[:number]]
        cases.append(every([*missing, is_given(value), memory.fields[slot](record) == value]))
    return z3.And(memory.alive(record), some(cases))


def _perhaps(one: Term, other: Term) -> Term:
    return z3.If(fresh_truth("perhaps"), other, one)


def _dug(content: Mapping[str, Any], slot: Slot) -> Any:
    value: Any = content
    for key in slot:
        value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value
