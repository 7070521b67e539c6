"""Reads paths and facts: what a rule may ask about the call at hand, the records and the registers.

A *path* is a list such as ``[argument, options, name]``; a *fact* is a small tree of operators over paths.
Both are compiled once, to closures over a `Scope`, so that no text is interpreted while a suite runs.
spec/README.md defines every operator.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import attrs

__all__ = [
    "ABSENT",
    "UNCERTAIN",
    "Reader",
    "Scope",
    "Test",
    "Undecided",
    "compile_fact",
    "compile_operand",
    "compile_path",
]


class _Mark:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __deepcopy__(self, memo: object) -> _Mark:
        return self


ABSENT: Any = _Mark("ABSENT")
"""The value of a path that leads nowhere."""

UNCERTAIN: Any = _Mark("UNCERTAIN")
"""The value of something that the sources leave open: it equals whatever is observed."""


class Schemas(Protocol):
    """Answers whether a value is valid against a schema, by the schema's name."""

    def is_valid(self, name: str, value: Any) -> bool: ...


@attrs.frozen
class Scope:
    """What an expression may look at: the arguments by name, the current record, all records, the registers."""

    arguments: Mapping[str, Any]
    current: Mapping[str, Any] | None
    collections: Mapping[str, Sequence[Mapping[str, Any]]]
    registers: Mapping[str, Any]
    record: Mapping[str, Any] | None = None


Reader = Callable[[Scope], Any]
Test = Callable[[Scope], bool]

_ROOTS: Mapping[str, Callable[[Scope], Any]] = {
    "argument": lambda scope: scope.arguments,
    "register": lambda scope: scope.registers,
    "current": lambda scope: scope.current,
    "record": lambda scope: scope.record,
}


def compile_path(path: Sequence[Any]) -> Reader:
    """A function from a scope to the value at a path: `ABSENT` where it leads nowhere, `UNCERTAIN` where it may."""
    root = _ROOTS[path[0]]
    steps = [compile_path(step) if isinstance(step, list) else _constant(step) for step in path[1:]]

    def read(scope: Scope) -> Any:
        value = root(scope)
        for step in steps:
            if not isinstance(value, dict):
                return UNCERTAIN if value is UNCERTAIN else ABSENT
            key = step(scope)
            value = value.get(key, ABSENT) if isinstance(key, str) else ABSENT
        return value

    return read


def compile_operand(operand: Any) -> Reader:
    """A path if the operand is a list that begins with a root, otherwise the literal itself."""
    if isinstance(operand, list) and operand and operand[0] in _ROOTS:
        return compile_path(operand)
    return _constant(operand)


def compile_fact(expression: Mapping[str, Any], schemas: Schemas) -> Test:
    """A test from a fact's expression."""
    operators: dict[str, Callable[[Any], Test]] = {
        "all": lambda parts: _all([again(part) for part in parts]),
        "any": lambda parts: _any([again(part) for part in parts]),
        "not": lambda part: _not(again(part)),
        "given": lambda path: _given(compile_path(path)),
        "equal": lambda pair: _equal(compile_operand(pair[0]), compile_operand(pair[1])),
        "valid": lambda spec: _valid(schemas, spec["schema"], compile_path(spec["value"])),
        "exists": lambda spec: _exists(spec["in"], again(spec["where"])),
        "keys_within": lambda pair: _keys_within(compile_path(pair[0]), compile_path(pair[1])),
        "has_key": lambda pair: _has_key(compile_path(pair[0]), compile_path(pair[1])),
        "every": lambda spec: _every([compile_path(p) for p in spec["of"]], compile_path(spec["in"]), spec["equals"]),
        "signed": lambda spec: _signed(
            compile_path(spec["key"]),
            [compile_path(p) for p in spec["message"]],
            compile_path(spec["signature"]),
        ),
        "valid_without": lambda spec: _valid(schemas, spec["schema"], compile_path(spec["value"]), spec["key"]),
    }

    def again(part: Mapping[str, Any]) -> Test:
        tests = [operators[name](body) for name, body in part.items() if name != "summary"]
        return tests[0] if len(tests) == 1 else _all(tests)

    return again(expression)


def _constant(value: Any) -> Reader:
    return lambda scope: value


def _all(tests: Sequence[Test]) -> Test:
    return lambda scope: not _one_gives(False, [(test, scope) for test in tests])


def _any(tests: Sequence[Test]) -> Test:
    return lambda scope: _one_gives(True, [(test, scope) for test in tests])


def _one_gives(wanted: bool, asked: Iterable[tuple[Test, Scope]]) -> bool:
    """Whether one of the tests gives what is wanted; `Undecided` only if none does and one might."""
    undecided = False
    for test, scope in asked:
        try:
            if test(scope) is wanted:
                return True
        except Undecided:
            undecided = True
    if undecided:
        raise Undecided
    return False


def _not(test: Test) -> Test:
    return lambda scope: not test(scope)


class Undecided(Exception):
    """A fact depends on something uncertain."""


def is_given(value: Any) -> bool:
    """Whether a value is there: not absent, not null, not an empty text; `Undecided` if it is uncertain."""
    return _decided(value) is not ABSENT and value is not None and value != ""


def _decided(value: Any) -> Any:
    """The value, if it is known."""
    if value is UNCERTAIN:
        raise Undecided
    return value


def _given(read: Reader) -> Test:
    return lambda scope: is_given(read(scope))


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: 1 and true differ, 1 and 1.0 do not.

    Numbers are compared as the double-precision numbers that JSON promises across languages (RFC 8259, section 6).
    """
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or _double(left) == _double(right)
    return bool(left == right)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _equal(left: Reader, right: Reader) -> Test:
    def test(scope: Scope) -> bool:
        one, other = _decided(left(scope)), _decided(right(scope))
        return one is not ABSENT and one is not None and same(one, other)

    return test


def _valid(schemas: Schemas, name: str, read: Reader, without: str | None = None) -> Test:
    def test(scope: Scope) -> bool:
        value = _decided(read(scope))
        if without is not None and isinstance(value, Mapping):
            value = {key: member for key, member in value.items() if key != without}
        return value is not ABSENT and schemas.is_valid(name, value)

    return test


def _exists(collection: str, where: Test) -> Test:
    def test(scope: Scope) -> bool:
        records = scope.collections.get(collection, ())
        return _one_gives(True, ((where, attrs.evolve(scope, record=record)) for record in records))

    return test


def _keys_within(left: Reader, right: Reader) -> Test:
    def test(scope: Scope) -> bool:
        keys = _decided(left(scope))
        if not isinstance(keys, Mapping) or not keys:
            return True
        allowed = _decided(right(scope))
        return isinstance(allowed, list) and all(key in allowed for key in keys)

    return test


def _has_key(container: Reader, key: Reader) -> Test:
    def test(scope: Scope) -> bool:
        wanted, entries = _decided(key(scope)), _decided(container(scope))
        return isinstance(wanted, str) and isinstance(entries, Mapping) and wanted in entries

    return test


def _every(paths: Sequence[Reader], container: Reader, expected: Any) -> Test:
    def test(scope: Scope) -> bool:
        keys, entries = _items(paths, scope), container(scope)
        entries = _decided(entries) if keys else {}
        entries = entries if isinstance(entries, Mapping) else {}
        return all(isinstance(key, str) and same(_decided(entries.get(key)), expected) for key in keys)

    return test


def _items(paths: Sequence[Reader], scope: Scope) -> list[Any]:
    values = [read(scope) for read in paths]
    return [item for value in values if is_given(value) for item in (value if isinstance(value, list) else [value])]


def _signed(key: Reader, messages: Sequence[Reader], signature: Reader) -> Test:
    def test(scope: Scope) -> bool:
        given, secret = _decided(signature(scope)), _decided(key(scope))
        message = next((text for text in (read(scope) for read in messages) if is_given(text)), None)
        if not isinstance(given, str) or not isinstance(message, str) or not isinstance(secret, str):
            return False
        digest = hmac.new(secret.encode(), message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return hmac.compare_digest(digest.encode(), given.lower().encode("utf-8", "surrogatepass"))

    return test
