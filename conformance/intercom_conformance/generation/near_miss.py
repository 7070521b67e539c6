"""Turns a valid payload into nearly valid ones, each of which breaks one keyword at a known place.

A walk visits every value with the rules that hold for it. For each keyword it proposes replacements of
that value which should break just this keyword, and the compiled validator decides: a proposal is a near
miss only if all the errors it causes are that keyword at that place. What fails inside ``anyOf``,
``oneOf`` or ``propertyNames`` counts as that keyword, for there the inner errors are only hints.

A keyword that has no proposals here (``PROPOSALS`` lists those that have) is never the one that is
broken.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.generation._schemas import (
    Located,
    SchemaRegistry,
    conjuncts,
    elements,
    fast_validator,
    locate,
    members,
    replaced,
    type_of,
)

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = ["PROPOSALS", "NearMiss", "near_misses"]

Json = Any
Path = tuple[str | int, ...]
Proposals = Callable[[dict[str, Any], Json], Iterator[Json]]

_SAMPLES: tuple[Json, ...] = (None, True, 0, 0.5, "", "x", [], {})
_CHARACTERS = (*string.punctuation, " ", "\0", "é", "😀")
"""A line end is not among them: whether ``$`` matches before a final one depends on the language."""


@attrs.frozen
class NearMiss:
    """A payload that breaks one keyword, and the JSON pointer of the value that breaks it.

    `rule` tells apart what it was made to break: that keyword, or one inside an alternative of it, at which place.
    """

    keyword: str
    pointer: str
    payload: Json
    rule: str


@attrs.frozen
class _Proposal:
    """A value to put at `place`, so that `keyword` fails for the value at `path`, as the rule of `aim` does there."""

    keyword: str
    path: Path
    place: Path
    value: Json
    aim: Path


def near_misses(schema: Json, registry: SchemaRegistry, value: Json) -> Iterator[NearMiss]:
    """The near misses of a valid payload, in an order that depends on nothing but schema and payload.

    They share with `value`, and with one another, what they did not change: callers must not change them.

    Raises:
        ValueError: `value` is not valid itself, so that no near miss of it could be told.
    """
    validator = fast_validator(schema, registry)
    if not validator.is_valid(value):
        raise ValueError("near misses start from a valid payload; this one is invalid, so correct it first")
    seen: set[tuple[Path, str]] = set()
    for proposal in _proposals([locate(schema, registry)], (), value, frozenset()):
        identity = (proposal.place, repr(proposal.value))
        if identity in seen:
            continue
        payload = replaced(value, proposal.place, proposal.value)
        if _breaks_only(validator, payload, proposal):
            seen.add(identity)
            rule = f"{_pointer(proposal.place)} {_pointer(proposal.aim)}"
            yield NearMiss(proposal.keyword, _pointer(proposal.path), payload, rule)


def _breaks_only(validator: jsonschema_rs.Draft202012Validator, payload: Json, proposal: _Proposal) -> bool:
    claimed, found = (proposal.keyword, [*proposal.path]), False
    for error in validator.iter_errors(payload):
        if (_keyword(error.schema_path), error.instance_path) != claimed:
            return False
        found = True
    return found


def _keyword(schema_path: list[str | int]) -> str:
    return "propertyNames" if "propertyNames" in schema_path else str(schema_path[-1])


def _pointer(path: Path) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


# The walk -------------------------------------------------------------------------------------------


def _proposals(rules: Iterable[Located], path: Path, value: Json, above: frozenset[int]) -> Iterator[_Proposal]:
    flat = [rule for rule in conjuncts(rules) if isinstance(rule.schema, dict)]
    for rule in flat:
        for keyword in [keyword for keyword in rule.schema if keyword in PROPOSALS]:
            for proposed in PROPOSALS[keyword](rule.schema, value):
                yield _Proposal(keyword, path, path, proposed, (keyword,))
        yield from _inside_alternatives(rule, path, value, above)
    yield from _inside(flat, path, value)


def _inside(flat: list[Located], path: Path, value: Json) -> Iterator[_Proposal]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _proposals(members(flat, name), (*path, name), member, frozenset())
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _proposals(elements(flat), (*path, index), item, frozenset())


def _inside_alternatives(rule: Located, path: Path, value: Json, above: frozenset[int]) -> Iterator[_Proposal]:
    """What breaks every alternative breaks the keyword that offers them; a condition just adds rules."""
    if id(rule.schema) in above:
        return
    above |= {id(rule.schema)}
    for keyword in ("then", "else"):
        if keyword in rule.schema:
            yield from _proposals([rule.at(rule.schema[keyword])], path, value, above)
    for keyword in ("anyOf", "oneOf"):
        for number, branch in enumerate(rule.schema.get(keyword, ())):
            for proposal in _proposals([rule.at(branch)], path, value, above):
                aim = (keyword, number, *proposal.aim)
                yield attrs.evolve(proposal, keyword=keyword, path=path, aim=aim)


# What might break each keyword ----------------------------------------------------------------------


def _any_sample(_: dict[str, Any], __: Json) -> Iterator[Json]:
    yield from _SAMPLES


def _other_type(schema: dict[str, Any], _: Json) -> Iterator[Json]:
    named = schema["type"]
    allowed = {named} if isinstance(named, str) else {*named}
    allowed |= {"integer"} if "number" in allowed else set()
    return (sample for sample in _SAMPLES if type_of(sample) not in allowed)


def _other_value(_: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, str):
        yield from (value.lower(), value.upper(), value.title(), value + " ", value[:-1])
    elif isinstance(value, (int, float)):
        yield from (value + 1, -value)
    yield from _SAMPLES


def _refused_value(schema: dict[str, Any], _: Json) -> Iterator[Json]:
    refused = schema["not"]
    if isinstance(refused, dict):
        yield from refused.get("enum", ())
        yield from [refused["const"]] if "const" in refused else ()


def _without_required(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    for name in schema["required"] if isinstance(value, dict) else ():
        yield {key: member for key, member in value.items() if key != name}


def _with_extra_member(_: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from ({**value, name: None} for name in ("", "x", "unexpected"))


def _with_bad_name(_: dict[str, Any], value: Json) -> Iterator[Json]:
    """One more member, under each of many doubtful names, with a value that the object has, if any."""
    if isinstance(value, dict):
        members_to_try = [next(iter(value.values()))] if value else _SAMPLES
        for name in ("", "x" * 300, *_CHARACTERS, *(f"a{character}b" for character in _CHARACTERS)):
            yield from ({**value, name: member} for member in members_to_try)


def _with_many_members(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        names = [f"filler{index}" for index in range(schema["maxProperties"] + 1 - len(value))]
        members_to_try = [next(iter(value.values()))] if value else _SAMPLES
        yield from ({**value, **dict.fromkeys(names, member)} for member in members_to_try)


def _with_few_members(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, dict) and schema["minProperties"]:
        yield dict(list(value.items())[: schema["minProperties"] - 1])


def _with_few_items(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, list) and schema["minItems"]:
        yield value[: schema["minItems"] - 1]


def _with_many_items(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value[-1:] or _SAMPLES:
            yield value + [item] * (schema["maxItems"] + 1 - len(value))


def _with_item_twice(_: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, list) and value:
        yield [*value, value[0]]


def _shorter(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, str) and schema["minLength"]:
        yield value[: schema["minLength"] - 1]


def _longer(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, str):
        length = schema["maxLength"] + 1
        yield (value or "x") * length if len(value) < 2 else (value * length)[:length]


def _mistyped(_: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, str):
        yield from ("", value[1:], value[:-1], value.swapcase())
        for character in _CHARACTERS:
            yield from (value + character, value[:-1] + character, character + value)


def _beyond(keyword: str, *steps: float) -> Proposals:
    def proposals(schema: dict[str, Any], value: Json) -> Iterator[Json]:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (schema[keyword] + step for step in steps)

    return proposals


def _between_steps(schema: dict[str, Any], value: Json) -> Iterator[Json]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        step = schema["multipleOf"]
        yield from (value + 1, value + step / 2)


PROPOSALS: dict[str, Proposals] = {
    "type": _other_type,
    "enum": _other_value,
    "const": _other_value,
    "anyOf": _any_sample,
    "oneOf": _any_sample,
    "not": _refused_value,
    "required": _without_required,
    "additionalProperties": _with_extra_member,
    "propertyNames": _with_bad_name,
    "minProperties": _with_few_members,
    "maxProperties": _with_many_members,
    "minItems": _with_few_items,
    "maxItems": _with_many_items,
    "uniqueItems": _with_item_twice,
    "minLength": _shorter,
    "maxLength": _longer,
    "pattern": _mistyped,
    "minimum": _beyond("minimum", -1, -0.5),
    "maximum": _beyond("maximum", 1, 0.5),
    "exclusiveMinimum": _beyond("exclusiveMinimum", 0, -1),
    "exclusiveMaximum": _beyond("exclusiveMaximum", 0, 1),
    "multipleOf": _between_steps,
}
