"""Reads a JSON Schema as what it is: a set of rules that all hold at once, some of them written elsewhere.

`locate` gives the root, `conjuncts` the rules that hold for one value once references and ``allOf`` are
followed, and `members` and `elements` the rules for the values inside it. Strategies and near misses both
walk this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY, SchemaRegistry

if TYPE_CHECKING:
    import jsonschema_rs
    from referencing._core import Resolver

__all__ = [
    "EMPTY_REGISTRY",
    "Located",
    "SchemaRegistry",
    "conjuncts",
    "elements",
    "fast_validator",
    "locate",
    "members",
    "others",
    "replaced",
    "type_of",
]

Json = Any


@attrs.frozen(eq=False)
class Located:
    """A schema, with what is needed to follow the references in it."""

    schema: Json
    resolver: Resolver[Any]

    def at(self, child: Json) -> Located:
        """A schema that stands inside this one."""
        if isinstance(child, dict) and "$id" in child:
            return Located(child, self.resolver.in_subresource(DRAFT202012.create_resource(child)))
        return Located(child, self.resolver)

    def followed(self) -> Located:
        """The schema that this one's ``$ref`` names."""
        found = self.resolver.lookup(self.schema["$ref"])
        return Located(found.contents, found.resolver)

    def without(self, *keywords: str) -> Located:
        """The same rules except those of some keywords."""
        return self.at({key: rule for key, rule in self.schema.items() if key not in keywords})


def locate(schema: Json, registry: SchemaRegistry) -> Located:
    """The root of a schema document; `registry` holds what it refers to outside itself."""
    resource = DRAFT202012.create_resource(schema)
    uri = resource.id() or ""
    return Located(schema, registry.with_resource(uri, resource).crawl().resolver(uri))


def fast_validator(schema: Json, registry: SchemaRegistry) -> jsonschema_rs.Draft202012Validator:
    """The compiled validator of a schema document."""
    import jsonschema_rs

    def retrieve(uri: str) -> Json:
        return registry.contents(uri)

    return jsonschema_rs.Draft202012Validator(schema, retriever=retrieve)


def conjuncts(rules: Iterable[Located]) -> list[Located]:
    """All schemas that hold at once, their ``$ref`` and ``allOf`` followed and taken away."""
    found: list[Located] = []
    for rule in rules:
        if rule.schema is True:
            continue
        if rule.schema is False:
            found.append(rule)
            continue
        inner = [rule.at(part) for part in rule.schema.get("allOf", ())]
        inner += [rule.followed()] if "$ref" in rule.schema else []
        found += [rule.without("$ref", "allOf"), *conjuncts(inner)] if inner else [rule]
    return found


def members(rules: Iterable[Located], name: str) -> tuple[Located, ...]:
    """The schemas that hold for the member `name` of an object, by flat rules as `conjuncts` gives them."""
    return tuple(child for rule in rules for child in _members(rule, name))


def others(rules: Iterable[Located]) -> tuple[Located, ...]:
    """The schemas that hold for a member of an object that no name or pattern speaks of."""
    found = (rule for rule in rules if "additionalProperties" in rule.schema)
    return tuple(rule.at(rule.schema["additionalProperties"]) for rule in found)


def elements(rules: Iterable[Located]) -> tuple[Located, ...]:
    """The schemas that hold for every element of an array."""
    return tuple(rule.at(rule.schema["items"]) for rule in rules if "items" in rule.schema)


def _members(rule: Located, name: str) -> Iterator[Located]:
    schema = rule.schema
    own = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    own += [child for pattern, child in schema.get("patternProperties", {}).items() if re.search(pattern, name)]
    if not own and "additionalProperties" in schema:
        own = [schema["additionalProperties"]]
    return map(rule.at, own)


def replaced(value: Json, place: tuple[str | int, ...], new: Json) -> Json:
    """A value with a new one at a place inside it; what is not on the way there is shared."""
    if not place:
        return new
    changed = value.copy()
    changed[place[0]] = replaced(value[place[0]], place[1:], new)
    return changed


def type_of(value: Json) -> str:
    """The JSON Schema type of a value; ``integer`` for every number without a fraction."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _TYPES[type(value)]


_TYPES = {type(None): "null", bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
