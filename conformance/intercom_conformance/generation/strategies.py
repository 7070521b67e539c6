"""Compiles a JSON Schema into a Hypothesis strategy, whose every example is valid.

Three steps: the rules that hold for one value are collected (`_schemas.conjuncts`); alternatives
(``anyOf``, ``oneOf``, ``if``) become one strategy each; what is left is plain and goes to the strategy of
its type. The last word is a validator's: an example that the compiled strategy got wrong, because two
rules meet in a way it does not see, is filtered out. A keyword that this module does not know therefore
costs rejected examples, never invalid ones.

Numbers stay in the range that every JSON parser keeps exactly, and text is whole Unicode: what is beyond
belongs to `hostile_values`. An object that names its members and says nothing of others is given no
others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from intercom_conformance.generation._schemas import (
    EMPTY_REGISTRY,
    Located,
    SchemaRegistry,
    conjuncts,
    elements,
    fast_validator,
    locate,
    members,
    others,
    type_of,
)

__all__ = ["from_schema", "unchecked"]

Json = Any
Strategy = st.SearchStrategy[Any]
Rules = Sequence[Located]

_SAFE = 2**53 - 1
_TEXT = st.characters(codec="utf-8")
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-_SAFE, _SAFE)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    | st.text(_TEXT)
)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(_TEXT), inner, max_size=3),
    max_leaves=5,
)


def from_schema(schema: Json, registry: SchemaRegistry = EMPTY_REGISTRY) -> Strategy:
    """The valid payloads of a JSON Schema 2020-12; `registry` holds what it refers to outside itself."""
    return unchecked(schema, registry).filter(fast_validator(schema, registry).is_valid)


def unchecked(schema: Json, registry: SchemaRegistry = EMPTY_REGISTRY) -> Strategy:
    """The same before the validator's last word: for measuring how much of it is valid."""
    return _Compiler().strategy([locate(schema, registry)])


class _Compiler:
    """One compilation; it remembers what it has seen, so that a schema may refer to itself."""

    def __init__(self) -> None:
        # The rules are kept beside their strategy, so that no other schema can get their identities.
        self._seen: dict[tuple[int, ...], tuple[Strategy, list[Located]]] = {}

    def later(self, rules: Iterable[Located]) -> Strategy:
        """The strategy of a value inside another, compiled when it is first drawn."""
        kept = list(rules)
        key = tuple(id(rule.schema) for rule in kept)
        if key not in self._seen:
            self._seen[key] = (st.deferred(lambda: self.strategy(kept)), kept)
        return self._seen[key][0]

    def strategy(self, rules: Iterable[Located]) -> Strategy:
        flat = conjuncts(rules)
        if any(rule.schema is False for rule in flat):
            return st.nothing()
        for index, rule in enumerate(flat):
            if branches := _branches(rule):
                rest = [
                    *flat[:index],
                    rule.without("anyOf", "oneOf", "if", "then", "else"),
                    *flat[index + 1 :],
                ]
                return st.one_of([self.strategy([*rest, *branch]) for branch in branches])
        return self._plain(flat)

    def _plain(self, flat: Rules) -> Strategy:
        listed = _listed(flat)
        if listed is not None:
            return st.sampled_from(listed) if listed else st.nothing()
        types = _types(flat)
        if len(types) == len(_MAKERS) and not any(_SHAPING & rule.schema.keys() for rule in flat):
            return _ANYTHING
        return st.one_of([_MAKERS[name](self, flat) for name in sorted(types)])

    def object(self, flat: Rules) -> Strategy:
        required = list(dict.fromkeys(name for rule in flat for name in rule.schema.get("required", ())))
        named = dict.fromkeys(name for rule in flat for name in rule.schema.get("properties", ()))
        optional = [name for name in named if name not in required and not _forbidden(flat, name)]
        known = st.fixed_dictionaries(
            {name: self.later(members(flat, name)) for name in required},
            optional={name: self.later(members(flat, name)) for name in optional},
        )
        extras = self._extras(flat, {*required, *named})
        return st.tuples(*extras, known).map(_union) if extras else known

    def _extras(self, flat: Rules, named: set[str]) -> list[Strategy]:
        """Strategies of objects with members that no schema names: all others, and those of each pattern."""
        least, room = _room(flat, named)
        if room <= 0:
            return []
        patterns = list(dict.fromkeys(pattern for rule in flat for pattern in rule.schema.get("patternProperties", ())))
        share = room // (1 + len(patterns))
        plain = st.dictionaries(
            self._names(flat, named, None, patterns),
            self.later(others(flat)),
            min_size=min(least, share),
            max_size=share,
        )
        return [plain, *(self._patterned(flat, named, pattern, patterns, share) for pattern in patterns)]

    def _patterned(self, flat: Rules, named: set[str], pattern: str, patterns: list[str], share: int) -> Strategy:
        values = self.later(_by_pattern(flat, pattern))
        return st.dictionaries(self._names(flat, named, pattern, patterns), values, max_size=share)

    def _names(self, flat: Rules, named: set[str], own: str | None, patterns: list[str]) -> Strategy:
        """Names for members that no schema names: those of one pattern, or those of none."""
        rules = [rule.at(rule.schema["propertyNames"]) for rule in flat if "propertyNames" in rule.schema]
        kind = {"type": "string"} if own is None else {"type": "string", "pattern": own}
        return self.strategy([flat[0].at(kind), *rules]).filter(
            lambda name: name not in named and all(bool(re.search(p, name)) == (p == own) for p in patterns)
        )

    def array(self, flat: Rules) -> Strategy:
        least, most = _bound(flat, "minItems", max, 0), _bound(flat, "maxItems", min, math.inf)
        unique = any(rule.schema.get("uniqueItems") for rule in flat)
        return st.lists(
            self.later(elements(flat)),
            min_size=least,
            max_size=int(min(most, least + 4)),
            unique_by=_identity if unique else None,
        )

    def string(self, flat: Rules) -> Strategy:
        least, most = _bound(flat, "minLength", max, 0), _bound(flat, "maxLength", min, None)
        wanted = [rule.schema["pattern"] for rule in flat if "pattern" in rule.schema]
        refused = [pattern for rule in flat if (pattern := _refused_pattern(rule.schema.get("not")))]
        if not wanted:
            texts: Strategy = st.text(_TEXT, min_size=least, max_size=most)
        else:
            limit = math.inf if most is None else most
            texts = _matching(wanted[0]).filter(lambda text: least <= len(text) <= limit)
        if not wanted[1:] and not refused:
            return texts
        return texts.filter(
            lambda text: all(re.search(p, text) for p in wanted) and not any(re.search(p, text) for p in refused)
        )

    def integer(self, flat: Rules) -> Strategy:
        low, high = _range(flat)
        step = _bound(flat, "multipleOf", max, 1)
        least = math.ceil((-_SAFE if low is None else low) / step)
        most = math.floor((_SAFE if high is None else high) / step)
        return st.integers(least, most).map(lambda number: number * step) if least <= most else st.nothing()

    def number(self, flat: Rules) -> Strategy:
        return st.floats(*_range(flat), allow_nan=False, allow_infinity=False, allow_subnormal=False)

    def boolean(self, _: Rules) -> Strategy:
        return st.booleans()

    def null(self, _: Rules) -> Strategy:
        return st.none()


_MAKERS = {
    "null": _Compiler.null,
    "boolean": _Compiler.boolean,
    "integer": _Compiler.integer,
    "number": _Compiler.number,
    "string": _Compiler.string,
    "array": _Compiler.array,
    "object": _Compiler.object,
}
_SHAPING = {
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "required", "items"),
    *(
        "minProperties",
        "maxProperties",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
    ),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def _branches(rule: Located) -> list[list[Located]]:
    """The alternatives that a rule leaves open, each as rules to add; none if it leaves none open."""
    schema = rule.schema
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return [[rule.at(part), *_left(rule, keyword)] for part in schema[keyword]]
    if "if" in schema:
        holds = [rule.at(schema["if"]), rule.at(schema.get("then", True))]
        return [holds, [rule.at(_negated(schema["if"])), rule.at(schema.get("else", True))]]
    return []


def _left(rule: Located, keyword: str) -> list[Located]:
    """The alternatives of a rule beside those of `keyword`, still to be opened."""
    others = {"anyOf", "oneOf", "if", "then", "else"} - {keyword}
    return [rule.at({key: rule.schema[key] for key in others & rule.schema.keys()})]


def _negated(schema: Json) -> Json:
    """What surely fails a condition on one member: that member, with the opposite value."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    if len(properties) != 1:
        return True
    [(name, condition)] = properties.items()
    return {"properties": {name: {"not": condition}}}


def _listed(flat: Rules) -> list[Json] | None:
    """The values that ``enum`` and ``const`` leave, or None where neither is used."""
    lists = [_values(rule.schema) for rule in flat if {"enum", "const"} & rule.schema.keys()]
    if not lists:
        return None
    nots = [rule.schema["not"] for rule in flat if isinstance(rule.schema.get("not"), dict)]
    refused = [_identity(value) for schema in nots if schema.keys() & {"enum", "const"} for value in _values(schema)]
    others = [[_identity(value) for value in values] for values in lists[1:]]
    types = _types(flat)
    return [
        value
        for value in lists[0]
        if type_of(value) in types and _identity(value) not in refused and all(_identity(value) in o for o in others)
    ]


def _values(schema: Json) -> list[Json]:
    return [schema["const"]] if "const" in schema else list(schema["enum"])


def _identity(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _types(flat: Rules) -> set[str]:
    types = set(_MAKERS)
    for rule in flat:
        if "type" in rule.schema:
            named = rule.schema["type"]
            allowed = {named} if isinstance(named, str) else {*named}
            types &= allowed | ({"integer"} if "number" in allowed else set())
    return types


def _bound(flat: Rules, keyword: str, tightest: Any, default: Any) -> Any:
    found = [rule.schema[keyword] for rule in flat if keyword in rule.schema]
    return tightest(found) if found else default


def _range(flat: Rules) -> tuple[float | None, float | None]:
    """The closed range of a number. An open end is left in: it is one value, and the validator refuses it."""
    lows = [rule.schema[key] for rule in flat for key in ("minimum", "exclusiveMinimum") if key in rule.schema]
    highs = [rule.schema[key] for rule in flat for key in ("maximum", "exclusiveMaximum") if key in rule.schema]
    return max(lows, default=None), min(highs, default=None)


def _forbidden(flat: Rules, name: str) -> bool:
    return any(rule.schema is False or rule.schema.get("not") in ({}, True) for rule in conjuncts(members(flat, name)))


def _room(flat: Rules, named: set[str]) -> tuple[int, int]:
    """How many members that no schema names an object must have at least, and may have at most."""
    additional = [rule.schema["additionalProperties"] for rule in flat if "additionalProperties" in rule.schema]
    if False in additional or (named and not additional):
        return 0, 0
    least, most = _bound(flat, "minProperties", max, 0), _bound(flat, "maxProperties", min, math.inf)
    return least, int(min(most - len(named), max(8, least)))


def _by_pattern(flat: Rules, pattern: str) -> list[Located]:
    found = []
    for rule in flat:
        own = rule.schema.get("patternProperties", {})
        if pattern in own:
            found.append(rule.at(own[pattern]))
        elif "additionalProperties" in rule.schema:
            found.append(rule.at(rule.schema["additionalProperties"]))
    return found


def _refused_pattern(refused: Json) -> str | None:
    """The pattern that a ``not`` refuses in texts, where it refuses nothing less."""
    if not isinstance(refused, dict) or refused.keys() - {"type", "pattern"}:
        return None
    return refused.get("pattern")


def _matching(pattern: str) -> Strategy:
    """Texts in which a pattern is found; where it is not anchored, anything may stand around it."""
    core = pattern.removeprefix("^").removesuffix("$")
    parts = [st.from_regex(core, fullmatch=True, alphabet=_TEXT)]
    if core + "$" not in pattern:
        parts.append(st.text(_TEXT))
    if "^" + core not in pattern:
        parts.insert(0, st.text(_TEXT))
    return parts[0] if len(parts) == 1 else st.tuples(*parts).map("".join)


def _union(parts: Iterable[dict[str, Json]]) -> dict[str, Json]:
    return {name: value for part in parts for name, value in part.items()}
