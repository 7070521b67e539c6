"""What effects make of a world of which little is known: each value is told in terms of those before the step.

Two lists of operations that leave the same shadow do the same in every world. spec/README.md defines the operations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.mutants.knowing import NOTHING_KNOWN, Case, Kind, Term, is_path, literal

__all__ = ["OPEN", "Shadow"]

Json = Any
Values = Mapping[str, Term]

OPEN: Term = ("open",)
"""The value of what is left open, so that it may be anything."""
_BEFORE: Term = ("before",)
"""The record that is current before the step."""
_NULL = literal(None)


@attrs.frozen(eq=False)
class Shadow:
    """A world after some operations: what it does not name is as it was before.

    `record` stands for the record that is current, and `behind` for those that were, each with its fields. `previous`
    is the one that was left for the current one, while it is there; `gone` tells whether it was deleted. `hidden` are
    the registers that nobody is shown. `keeping` tells whether an empty text leaves a field as it is.
    """

    case: Case = NOTHING_KNOWN
    hidden: frozenset[str] = frozenset()
    keeping: bool = False
    record: Term | None = _BEFORE
    fields: Values = attrs.field(factory=dict)
    registers: Values = attrs.field(factory=dict)
    behind: tuple[Term, ...] = ()
    previous: tuple[Term, Values] | None = None
    gone: bool = False

    def after(self, operation: str, body: Json) -> Shadow:
        """The shadow after one operation more. What works on a record that is not there does nothing."""
        if self.record is None and operation in _ON_RECORDS:
            return self
        after: Shadow = getattr(self, f"_{operation}")(body)
        return after

    def allows(self, other: Shadow) -> bool:
        """Whether the other one is this one, up to what is left open here."""
        if (self.record, self.behind, self.gone) != (other.record, other.behind, other.gone):
            return False
        fields, registers = {*self.fields, *other.fields}, {*self.registers, *other.registers}
        return all(_fits(other.field(name), self.field(name)) for name in fields) and all(
            _fits(other.register(name), self.register(name)) for name in registers
        )

    # Values -------------------------------------------------------------------------------------------------

    def field(self, name: str) -> Term:
        """The value of a field of the current record."""
        return _NULL if self.record is None else self._field_of(self.record, self.fields, name)

    def register(self, name: str) -> Term:
        """The value of a register."""
        return self.registers.get(name, self.case.the(("register", name)))

    def _field_of(self, record: Term, fields: Values, name: str) -> Term:
        first = ("current", name) if record == _BEFORE else ("of", record, name)
        return fields.get(name, self.case.the(first))

    def _value(self, operand: Json) -> Term:
        """The value of a path or of a literal, as things stand."""
        if not is_path(operand):
            return literal(operand)
        root, name, *keys = operand
        path = (root, name, *(self._value(key) if is_path(key) else key for key in keys))
        if root not in _READ:
            return self.case.the(path)
        before, now = self.case.the((root, name)), getattr(self, _READ[root])(name)
        if now == before:
            return self.case.the(path)
        return OPEN if now == OPEN else ("at", now, *path[2:]) if keys else now

    def _made(self, operation: str, body: Json) -> Term:
        """What an operation makes, told by its document and by every value that it looks at."""
        values = tuple(self._value(path) for path in _paths(body))
        return (operation, json.dumps(body, sort_keys=True), values, _doubt(values))

    def _with_fields(self, values: Values) -> Shadow:
        return attrs.evolve(self, fields={**self.fields, **values})

    def _with_registers(self, values: Values) -> Shadow:
        return attrs.evolve(self, registers={**self.registers, **values})

    # Which record it is -------------------------------------------------------------------------------------

    def _create(self, body: Json) -> Shadow:
        return self._chosen(self._made("create", body))

    def _select(self, body: Json) -> Shadow:
        return self._chosen(self._made("select", body))

    def _chosen(self, how: Term) -> Shadow:
        behind = self._left_behind()
        previous = None if self.record is None else (self.record, self.fields)
        return attrs.evolve(self, record=(how, behind, _doubt(behind)), fields={}, behind=behind, previous=previous)

    def _leave(self, body: Json) -> Shadow:
        return attrs.evolve(self, record=None, fields={}, behind=self._left_behind(), previous=None)

    def _left_behind(self) -> tuple[Term, ...]:
        if self.record is None:
            return self.behind
        changed = {name: value for name, value in self.fields.items() if value != self._field_of(self.record, {}, name)}
        return (*self.behind, (self.record, frozenset(changed.items())))

    def _absorb(self, body: Json) -> Shadow:
        if self.previous is None:
            return self
        moved = {
            name: OPEN if self.field(name) == OPEN else (how, self.field(name), self._field_of(*self.previous, name))
            for how in ("lists", "uncertain")
            for name in body[how]
        }
        return self._with_fields(moved)

    def _delete_previous(self, body: Json) -> Shadow:
        return self if self.previous is None else attrs.evolve(self, previous=None, gone=True)

    # Fields -------------------------------------------------------------------------------------------------

    def _set(self, body: Json) -> Shadow:
        return self._with_fields({name: self._set_to(self.field(name), self._value(p)) for name, p in body.items()})

    def _set_to(self, old: Term, value: Term) -> Term:
        kind = self.case.kinds.get(value)
        if value == OPEN or kind is Kind.EMPTY:
            return old if self.keeping and value != OPEN else OPEN
        if kind is None:
            return old if old[0] == "set" and old[2] == value else ("set", old, value)
        return value if kind is Kind.GIVEN else old

    def _set_once(self, body: Json) -> Shadow:
        return self._with_fields({name: self._once(self.field(name), self._value(p)) for name, p in body.items()})

    def _once(self, old: Term, value: Term) -> Term:
        kind = self.case.kinds.get(old)
        if old == OPEN or kind in (Kind.GIVEN, Kind.EMPTY) or (old[0] in ("set", "once") and old[2] == value):
            return old
        new = self._set_to(_NULL, value)
        if old == _NULL or kind is Kind.NOTHING:
            return new
        return old if new == _NULL else ("once", old, value if new[0] == "set" else new)

    def _merge(self, body: Json) -> Shadow:
        return self._added(body["into"], "merge", body)

    def _merge_items(self, body: Json) -> Shadow:
        return self._added(body["into"], "merge_items", body)

    def _append(self, body: Json) -> Shadow:
        return self._added(body["to"], "append", body)

    def _added(self, name: str, operation: str, body: Json) -> Shadow:
        """Where something is added to what may be anything, that may be anything still."""
        old = self.field(name)
        return self if old == OPEN else self._with_fields({name: ("added", old, self._made(operation, body))})

    def _forget(self, body: Json) -> Shadow:
        return self._with_fields(dict.fromkeys(body, OPEN))

    # Registers ----------------------------------------------------------------------------------------------

    def _assign(self, body: Json) -> Shadow:
        return self._with_registers({name: self._value(operand) for name, operand in body.items()})

    def _assign_in(self, body: Json) -> Shadow:
        old = self.register(body["register"])
        return self._with_registers({body["register"]: ("added", old, self._made("assign_in", body))})

    def _increase(self, register: str) -> Shadow:
        old = self.register(register)
        return self if old == OPEN else self._with_registers({register: ("increased", old)})

    def _forget_registers(self, body: Json) -> Shadow:
        """What nobody is shown stays uncertain for good, so that it is not as good as anything else."""
        return self._with_registers({name: ("forgotten", name) if name in self.hidden else OPEN for name in body})


_READ = {"register": "register", "current": "field"}
_ON_RECORDS = ("set", "set_once", "merge", "merge_items", "append", "forget", "absorb", "delete_previous")


def _fits(given: Term, allowed: Term) -> bool:
    """Whether a value is an allowed one: the same, or any where it is left open."""
    if allowed == OPEN or given == allowed:
        return True
    return allowed[0] == "once" and allowed[2] == OPEN and _fits(given, allowed[1])


def _paths(document: Json) -> Iterator[Json]:
    """The paths in a document, in its order."""
    if is_path(document):
        yield document
    elif isinstance(document, Mapping | list):
        for part in document.values() if isinstance(document, Mapping) else document:
            yield from _paths(part)


def _doubt(values: Term) -> object | None:
    """What is like nothing else, if something that is left open is looked at: who knows what comes of that."""
    return object() if _is_doubtful(values) else None


def _is_doubtful(term: Json) -> bool:
    return term == OPEN or (isinstance(term, tuple | frozenset) and any(_is_doubtful(part) for part in term))
