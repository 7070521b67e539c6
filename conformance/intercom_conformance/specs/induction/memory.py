"""What a specification keeps, as terms: states of regions, any number of records, who is current, registers.

Only *slots* are kept: the places in records, registers and arguments that some path of the documents leads to. A
field of all records is a function of the record, so that nothing depends on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import attrs
import z3

from intercom_conformance.specs.induction.values import Term, every, mark, value_sort

__all__ = ["ROOTS", "Memory", "Slot", "Slots", "View", "positions", "record_sort"]

Slot = tuple[str, ...]
"""A place: a field, register or parameter, and keys inside it."""
ROOTS = {"argument": "arguments", "register": "registers", "current": "fields", "record": "fields"}


@cache
def record_sort() -> Any:
    """The sort of records; there may be any number of them."""
    return z3.DeclareSort("Record")


@attrs.frozen
class Slots:
    """The slots of a specification."""

    fields: frozenset[Slot]
    registers: frozenset[Slot]
    arguments: frozenset[Slot]

    @classmethod
    def of(cls, *documents: Any) -> Slots:
        """The slots that paths anywhere in documents lead to, and what is merged into those of records."""
        found: dict[str, set[Slot]] = {"fields": set(), "registers": set(), "arguments": set()}
        for kind, slot in _paths([*documents]):
            found[kind].add(slot)
        for field in _named_fields([*documents]):
            found["fields"].add((field,))
        for merge in _bodies([*documents], "merge"):
            kind, origin = _slot(merge["from"])
            into = {rest[0] for field, *rest in found["fields"] if field == merge["into"] and rest}
            found[kind] |= {(*origin, key) for key in into}
        return cls(**{kind: frozenset(slots) for kind, slots in found.items()})


def _paths(document: Any) -> Iterator[tuple[str, Slot]]:
    if isinstance(document, Mapping):
        document = list(document.values())
    if isinstance(document, list):
        if len(document) > 1 and isinstance(document[0], str) and document[0] in ROOTS and isinstance(document[1], str):
            yield _slot(document)
        for part in document:
            yield from _paths(part)


def _slot(path: list[Any]) -> tuple[str, Slot]:
    """The kind of a path and its slot: up to the first key that is itself a path."""
    static = next((number for number, key in enumerate(path) if not isinstance(key, str)), len(path))
    return ROOTS[path[0]], tuple(path[1:static])


def _named_fields(document: Any) -> Iterator[str]:
    """The fields that are named outside paths: those by which records are chosen, and those that are kept."""
    for body in _bodies(document, "select"):
        yield from body["by"]
    for body in _bodies(document, "keeps"):
        yield body["field"]


def _bodies(document: Any, key: str) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, Mapping):
        if isinstance(document.get(key), Mapping):
            yield document[key]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _bodies(part, key)


Reader = Callable[[Term], Term]


@attrs.frozen(eq=False)
class Memory:
    """States by region, as positions; records and their slots as functions; who is current, and was before."""

    states: Mapping[str, Term]
    someone: Term
    current: Term
    alive: Reader
    fields: Mapping[Slot, Reader]
    registers: Mapping[Slot, Term]
    had_previous: Term
    previous: Term

    @classmethod
    def unknown(cls, regions: Iterable[str], slots: Slots) -> Memory:
        """A memory with these regions that nothing is known of."""
        someone, current = z3.Bool("someone"), z3.Const("current", record_sort())
        return cls(
            {name: z3.Int(f"state {name}") for name in regions},
            someone,
            current,
            z3.Function("alive", record_sort(), z3.BoolSort()),
            {slot: z3.Function(f"field {'.'.join(slot)}", record_sort(), value_sort()) for slot in slots.fields},
            {slot: z3.Const(f"register {'.'.join(slot)}", value_sort()) for slot in slots.registers},
            someone,
            current,
        )

    def with_current(self, changes: Mapping[Slot, Term]) -> Memory:
        """The memory in which slots of the current record hold something else, if there is one."""
        changed = {slot: self._written(self.fields[slot], value) for slot, value in changes.items()}
        return attrs.evolve(self, fields={**self.fields, **changed})

    def _written(self, read: Reader, value: Term) -> Reader:
        return lambda record: z3.If(z3.And(self.someone, record == self.current), value, read(record))

    def of_current(self, slot: Slot) -> Term:
        """The value of a slot of the current record, absent if nobody is current."""
        return z3.If(self.someone, self.fields[slot](self.current), mark("absent"))


@attrs.frozen(eq=False)
class View:
    """What an expression may look at: a memory, the arguments of a call, and the record at hand."""

    memory: Memory
    arguments: Mapping[Slot, Term] = attrs.field(factory=dict)
    record: Term | None = None

    def read(self, path: list[Any]) -> Term:
        """The value at a path; where a key is itself a path, whatever that place of the container holds."""
        _, slot = _slot(path)
        value = self._at(path[0], slot)
        keys = [key if isinstance(key, list) else [key] for key in path[1 + len(slot) :]]
        return value if not keys else self._inside(value, keys)

    def _at(self, root: str, slot: Slot) -> Term:
        if root == "argument":
            return self.arguments.get(slot, mark("absent"))
        if root == "register":
            return self.memory.registers[slot]
        return self.memory.of_current(slot) if root == "current" else self.memory.fields[slot](self.record)

    def _inside(self, container: Term, keys: list[list[Any]]) -> Term:
        terms = [self.read(key) for key in keys if len(key) > 1]
        name = "inside " + ".".join(key[0] if len(key) == 1 else "*" for key in keys)
        sort = value_sort()
        inside = z3.Function(name, *[sort] * (1 + len(terms)), sort)(container, *terms)
        return z3.If(container == mark("uncertain"), mark("uncertain"), inside)


def positions(memory: Memory, regions: Mapping[str, int]) -> Term:
    """That every state is one of its region."""
    return every([z3.And(memory.states[name] >= 0, memory.states[name] < count) for name, count in regions.items()])
