"""Adds to valid payloads what none of them has, so that together they have all that their schema speaks of.

A nearly valid payload breaks a rule at a place that a valid one has. So each member that a schema names, the elements
of an array, the members under other names, and each alternative of an ``anyOf`` or ``oneOf`` is put into a valid
payload that lacks it, a small one first and one thing at a time.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import attrs

from intercom_conformance.generation._schemas import (
    Located,
    SchemaRegistry,
    conjuncts,
    elements,
    locate,
    members,
    others,
    replaced,
    type_of,
)

__all__ = ["covering"]

Json = Any
Place = tuple[str | int, ...]
Key = tuple[frozenset[str], str | int]

_OTHER, _ELEMENT = "*", "[]"
_DEEPEST, _LONGEST = 4, 1000
_BRANCHES = ("anyOf", "oneOf")

_NUMBERS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_ABOUT = {
    "string": ("minLength", "maxLength", "pattern"),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "minItems", "maxItems"),
}
"""The keywords that are about values of a type, and let all others pass."""


@attrs.frozen
class _Part:
    """Something that rules speak of: whether a payload has it, and otherwise values for `place` that do.

    Its key has the rules, wherever they hold: a schema that refers to itself has no end of places, but one of parts.
    """

    key: Key
    place: Place
    values: Iterator[Json] | None = None


def covering(
    schema: Json, registry: SchemaRegistry, examples: Sequence[Json], is_valid: Callable[[Json], bool]
) -> Iterator[Json]:
    """Valid payloads that have, together with `examples`, as much as possible of what the schema speaks of.

    `is_valid` has the last word, of the examples as well, so that it may be stricter than the schema. The payloads
    share what they have in common with the examples: callers must not change them. Parts for which no valid value is
    found are left out.
    """
    root = [locate(schema, registry)]
    good = [one for one in examples if is_valid(one)]
    known = {part.key for one in good for part in _parts(root, (), one) if part.values is None}
    waiting = deque(sorted(good, key=lambda one: len(json.dumps(one))))
    told = set(map(repr, good))
    while waiting:
        payload = waiting.popleft()
        for part in _parts(root, (), payload):
            if part.values is not None and part.key not in known:
                proposed = (replaced(payload, part.place, value) for value in part.values)
                found = next(((one,) for one in proposed if is_valid(one)), ())
                known |= {part.key} if found else set()
                new = [one for one in found if repr(one) not in told]
                told |= set(map(repr, new))
                waiting.extend(new)
                yield from new


def _parts(rules: Iterable[Located], place: Place, value: Json) -> Iterator[_Part]:
    """What the rules speak of, in the value and in those inside it."""
    flat = _flat(rules)
    own = frozenset(repr(rule.schema) for rule in flat if rule.schema)
    for number, branch in enumerate(_alternatives(flat)):
        yield _Part((own, number), place, _samples([branch]))
    if isinstance(value, dict):
        yield from _members(flat, own, place, value)
    elif isinstance(value, list):
        inner = elements(flat)
        yield _Part((own, _ELEMENT), place, None if value else ([one] for one in _samples(inner)))
        for index, item in enumerate(value):
            yield from _parts(inner, (*place, index), item)


def _members(flat: Sequence[Located], own: frozenset[str], place: Place, value: dict[str, Json]) -> Iterator[_Part]:
    named = dict.fromkeys(name for rule in flat for name in rule.schema.get("properties", ()))
    for name in named:
        yield _Part((own, f"/{name}"), place, None if name in value else _with(value, name, members(flat, name)))
    if rest := others(flat):
        yield _Part((own, _OTHER), place, None if value.keys() - named.keys() else _with(value, "x", rest))
    for name, member in value.items():
        yield from _parts(members(flat, name), (*place, name), member)


def _with(value: dict[str, Json], name: str, rules: Iterable[Located]) -> Iterator[Json]:
    return ({**value, name: member} for member in _samples(rules))


def _alternatives(flat: Sequence[Located]) -> Iterator[Located]:
    for rule in flat:
        for keyword in _BRANCHES:
            yield from map(rule.at, rule.schema.get(keyword, ()))
        if "if" in rule.schema:
            yield rule.at({"allOf": [rule.schema["if"], rule.schema.get("then", True)]})
            yield rule.at(rule.schema.get("else", True))


def _flat(rules: Iterable[Located]) -> list[Located]:
    return [rule for rule in conjuncts(rules) if isinstance(rule.schema, dict)]


# Values that may be valid -------------------------------------------------------------------------------


def _samples(rules: Iterable[Located], depth: int = 0) -> Iterator[Json]:
    """Values that may well meet rules that hold at once: what they list themselves, and a plain one of each type."""
    flat = _flat(rules)
    listed = chain.from_iterable(_listed(rule.schema) for rule in flat)
    yield from sorted(listed, key=lambda value: value is None)
    for branch in _alternatives(flat) if depth < _DEEPEST else ():
        yield from _samples([branch, *(rule.without(*_BRANCHES, "if") for rule in flat)], depth + 1)
    yield from _plain(flat, depth)


def _listed(schema: dict[str, Any]) -> Iterator[Json]:
    yield from schema.get("examples", ())
    yield from schema.get("enum", ())
    yield from [schema["const"]] if "const" in schema else ()


def _plain(flat: Sequence[Located], depth: int) -> Iterator[Json]:
    """A plain value of each type that the rules allow, those first that the rules have more to say of."""
    required = dict.fromkeys(name for rule in flat for name in rule.schema.get("required", ()))
    whole = {name: next(_samples(members(flat, name), depth + 1), None) for name in required if depth < _DEEPEST}
    text, number = min(_most(flat, "minLength", 1), _LONGEST) * "x", _most(flat, "minimum", 1)
    more = _most(flat, "exclusiveMinimum", 0) + 1
    asked = {keyword for rule in flat for keyword in rule.schema}
    allowed = [rule.schema["type"] for rule in flat if "type" in rule.schema]
    plain: tuple[Json, ...] = (text, number, more, True, whole, [], None)
    fitting = [one for one in plain if all(_fits(one, types) for types in allowed)]
    yield from sorted(fitting, key=lambda one: asked.isdisjoint(_ABOUT.get(type_of(one), ())))


def _fits(value: Json, types: str | list[str]) -> bool:
    kind, listed = type_of(value), [types] if isinstance(types, str) else types
    return kind in listed or (kind == "integer" and "number" in listed)


def _most(flat: Sequence[Located], keyword: str, least: Any) -> Any:
    return max([least, *(rule.schema[keyword] for rule in flat if keyword in rule.schema)])
