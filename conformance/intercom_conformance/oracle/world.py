"""The records and registers beside the states, and the effects that change them.

A `World` is a frozen value: an effect gives a new one. Parts may be `UNCERTAIN`, where the sources leave open
what an implementation keeps; comparing a world with what a binding shows settles them. spec/README.md defines
every effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.oracle.expressions import (
    ABSENT,
    UNCERTAIN,
    Reader,
    Schemas,
    Scope,
    Undecided,
    compile_fact,
    compile_operand,
    compile_path,
    is_given,
    same,
)

__all__ = ["GONE_RECORD", "WHOLE_RECORD", "Effect", "Record", "World", "compile_effect", "settle"]

WHOLE_RECORD, GONE_RECORD = "", "-"
"""What an effect touches that makes or chooses a record, and one that removes a record."""

Record = Mapping[str, Any]


@attrs.frozen
class World:
    """What is kept: records by number, the number of the current one, and the registers."""

    records: Mapping[int, Record]
    current: int | None
    registers: Mapping[str, Any]
    previous: int | None = attrs.field(default=None, eq=False)
    created: int = 0

    def scope(self, collection: str, arguments: Mapping[str, Any]) -> Scope:
        """What expressions see of this world during a call with these arguments."""
        record = None if self.current is None else self.records[self.current]
        return Scope(arguments, record, {collection: list(self.records.values())}, self.registers)

    def with_current(self, **fields: Any) -> World:
        """The world in which fields of the current record have new values; itself if nobody is current."""
        if self.current is None or not fields:
            return self
        record = {**self.records[self.current], **fields}
        records = {**self.records, self.current: record}
        return World(records, self.current, self.registers, self.previous, self.created)

    def with_registers(self, **values: Any) -> World:
        """The world in which registers have new values."""
        registers = {**self.registers, **values}
        return World(self.records, self.current, registers, self.previous, self.created)


@attrs.frozen
class Effect:
    """A named change of the world, with the requirement that is broken when it does not happen."""

    name: str
    requirement: str
    touches: frozenset[str]
    apply: Callable[[World, Mapping[str, Any]], World]


Operation = Callable[[World, Scope], World]


@attrs.frozen
class _Compiler:
    collection: str
    blank: Record
    schemas: Schemas

    def create(self, body: Mapping[str, Any]) -> Operation:
        values = body["values"]
        return lambda world, scope: self._add(world, values)

    def _add(self, world: World, values: Mapping[str, Any]) -> World:
        number = world.created
        records = {**world.records, number: {**self.blank, **values}}
        return attrs.evolve(world, records=records, current=number, created=number + 1)

    def select(self, body: Mapping[str, Any]) -> Operation:
        keys = [(field, compile_path(path)) for field, path in body["by"].items()]

        def operation(world: World, scope: Scope) -> World:
            try:
                field, wanted = next(((f, v) for f, read in keys if is_given(v := read(scope))), (None, None))
            except Undecided:
                return self._add(world, {**dict.fromkeys(self.blank, UNCERTAIN), **body["otherwise"]})
            found = (n for n, record in world.records.items() if field and same(record[field], wanted))
            number = next(found, None)
            return self._add(world, body["otherwise"]) if number is None else attrs.evolve(world, current=number)

        return operation

    def set(self, body: Mapping[str, Any], *, once: bool = False) -> Operation:
        fields = [(field, compile_path(path)) for field, path in body.items()]

        def operation(world: World, scope: Scope) -> World:
            given = {f: v for f, read in fields if (v := read(scope)) is not ABSENT and v is not None}
            given = {f: UNCERTAIN if v == "" else v for f, v in given.items()}
            if once and world.current is not None:
                given = {f: v for f, v in given.items() if world.records[world.current][f] is None}
            return world.with_current(**given)

        return operation

    def set_once(self, body: Mapping[str, Any]) -> Operation:
        return self.set(body, once=True)

    def merge(self, body: Mapping[str, Any]) -> Operation:
        into, read = body["into"], compile_path(body["from"])
        excluded = frozenset(body.get("except", ()))
        permitted = self._permitted(body)

        def operation(world: World, scope: Scope) -> World:
            new = read(scope)
            if world.current is None or not isinstance(new, Mapping):
                return world
            named = {key: value for key, value in new.items() if key not in excluded}
            allowed = permitted(scope)
            if allowed is UNCERTAIN:
                return world.with_current(**{into: UNCERTAIN}) if named else world
            kept = {key: value for key, value in named.items() if allowed is None or key in allowed}
            return _merge_into(world, into, kept)

        return operation

    def _permitted(self, body: Mapping[str, Any]) -> Reader:
        """What reads the keys that may be merged: None for all, `UNCERTAIN` where that is not known."""
        only = compile_path(body["only"]) if "only" in body else None
        free = compile_fact(body["unless"], self.schemas) if "unless" in body else None

        def read(scope: Scope) -> Any:
            try:
                if only is None or (free and free(scope)):
                    return None
            except Undecided:
                return UNCERTAIN
            allowed = only(scope)
            return () if allowed is ABSENT or allowed is None else allowed

        return read

    def merge_items(self, body: Mapping[str, Any]) -> Operation:
        into, read, key, schema = body["into"], compile_path(body["from"]), body["key"], body["schema"]

        def operation(world: World, scope: Scope) -> World:
            items = read(scope)
            items = items if isinstance(items, list) else []
            keyed = [i for i in items if isinstance(i, Mapping) and isinstance(i.get(key), str) and i[key]]
            for item in keyed:
                known = item if self.schemas.is_valid(schema, item) else UNCERTAIN
                world = _merge_into(world, into, {item[key]: known}, deep=True)
            return world

        return operation

    def append(self, body: Mapping[str, Any]) -> Operation:
        to = body["to"]
        fields = [(name, compile_path(path)) for name, path in body["value"].items()]

        def operation(world: World, scope: Scope) -> World:
            if world.current is None:
                return world
            item = {name: None if (v := read(scope)) is ABSENT else v for name, read in fields}
            return world.with_current(**{to: _extended(world.records[world.current][to], [item])})

        return operation

    def absorb(self, body: Mapping[str, Any]) -> Operation:
        lists, uncertain = body["lists"], body["uncertain"]

        def operation(world: World, scope: Scope) -> World:
            if world.current is None or world.previous in (None, world.current):
                return world
            old, new = world.records[world.previous], world.records[world.current]
            moved = {f: _extended(new[f], old[f]) for f in lists}
            return world.with_current(**moved, **{f: UNCERTAIN for f in uncertain if old[f]})

        return operation

    def delete_previous(self, body: Mapping[str, Any]) -> Operation:
        def operation(world: World, scope: Scope) -> World:
            if world.previous == world.current:
                return world
            records = {n: r for n, r in world.records.items() if n != world.previous}
            return attrs.evolve(world, records=records)

        return operation

    def leave(self, body: Mapping[str, Any]) -> Operation:
        return lambda world, scope: attrs.evolve(world, current=None)

    def assign(self, body: Mapping[str, Any]) -> Operation:
        values = [(name, compile_operand(operand)) for name, operand in body.items()]

        def operation(world: World, scope: Scope) -> World:
            return world.with_registers(**{n: None if (v := read(scope)) is ABSENT else v for n, read in values})

        return operation

    def assign_in(self, body: Mapping[str, Any]) -> Operation:
        register, value = body["register"], body["value"]
        path = [compile_operand(step) for step in body["path"]]

        def operation(world: World, scope: Scope) -> World:
            keys = [read(scope) for read in path]
            return world.with_registers(**{register: _assigned(world.registers[register], keys, value)})

        return operation

    def increase(self, register: str) -> Operation:
        def operation(world: World, scope: Scope) -> World:
            value = world.registers[register]
            return world.with_registers(**{register: value if value is UNCERTAIN else value + 1})

        return operation

    def forget(self, fields: Sequence[str]) -> Operation:
        return lambda world, scope: world.with_current(**dict.fromkeys(fields, UNCERTAIN))

    def forget_registers(self, names: Sequence[str]) -> Operation:
        return lambda world, scope: world.with_registers(**dict.fromkeys(names, UNCERTAIN))


def compile_effect(name: str, document: Mapping[str, Any], collection: str, blank: Record, schemas: Schemas) -> Effect:
    """The effect that a document describes, as a function from world and arguments to the next world."""
    compiler = _Compiler(collection, blank, schemas)
    steps = [getattr(compiler, op)(body) for step in document["do"] for op, body in step.items()]
    touches = frozenset(field for step in document["do"] for op, body in step.items() for field in _touched(op, body))

    def apply(world: World, arguments: Mapping[str, Any]) -> World:
        for step in steps:
            world = step(world, world.scope(collection, arguments))
        return world

    return Effect(name, document["requirement"], touches, apply)


def _touched(operation: str, body: Any) -> list[str]:
    if operation in ("set", "set_once", "assign"):
        return list(body)
    if operation in ("merge", "merge_items"):
        return [body["into"]]
    if operation in ("forget", "forget_registers"):
        return list(body)
    if operation == "absorb":
        return [*body["lists"], *body["uncertain"]]
    if operation == "append":
        return [body["to"]]
    if operation == "assign_in":
        return [body["register"]]
    if operation == "increase":
        return [body]
    return [GONE_RECORD if operation == "delete_previous" else WHOLE_RECORD]


def _merge_into(world: World, field: str, new: Mapping[str, Any], *, deep: bool = False) -> World:
    if world.current is None:
        return world
    old = world.records[world.current][field]
    if old is UNCERTAIN or not new:
        return world
    return world.with_current(**{field: _merged(old, new, deep=deep)})


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], *, deep: bool) -> dict[str, Any]:
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif deep and isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = _merged(result[key], value, deep=True)
        else:
            result[key] = value
    return result


def _extended(old: Any, more: Any) -> Any:
    return UNCERTAIN if old is UNCERTAIN or more is UNCERTAIN else [*old, *more]


def _assigned(value: Any, keys: Sequence[Any], leaf: Any) -> Any:
    if not keys:
        return leaf
    if value is UNCERTAIN:
        return value
    base = value if isinstance(value, Mapping) else {}
    return {**base, keys[0]: _assigned(base.get(keys[0]), keys[1:], leaf)}


def settle(expected: Any, observed: Any) -> tuple[bool, Any]:
    """Whether an observed value agrees with an expected one, and the expected one with its doubts settled."""
    if expected is observed:
        return True, expected
    if expected is UNCERTAIN:
        return True, observed
    if isinstance(expected, dict) and isinstance(observed, dict):
        return _settle_objects(expected, observed)
    if isinstance(expected, list) and isinstance(observed, list) and len(expected) == len(observed):
        pairs = [settle(one, other) for one, other in zip(expected, observed, strict=True)]
        return all(agrees for agrees, _ in pairs), [value for _, value in pairs]
    if _empty(expected) and _empty(observed):
        return True, expected
    return same(expected, observed), expected


def _empty(value: Any) -> bool:
    return value is None or value is ABSENT or value == {}


def _settle_objects(expected: Mapping[str, Any], observed: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
    agrees, result = True, {}
    for key in expected.keys() | observed.keys():
        same_here, value = settle(expected.get(key), observed.get(key))
        agrees = agrees and same_here
        result[key] = value
    return agrees, result
