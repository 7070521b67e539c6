"""Payload rules as mutants: each keyword of a payload schema, dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from intercom_conformance.mutants.mutant import GONE, Edit, Mutant, documents_of
from intercom_conformance.specification import Specification

__all__ = ["dropped_rules"]

Json = Any
Place = tuple[str | int, ...]

_SCHEMAS = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_NO_RULES = frozenset(
    [
        "$schema",
        "$id",
        "$defs",
        "$comment",
        "title",
        "description",
        "examples",
        "properties",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
    ]
)


def dropped_rules(spec: Specification) -> Iterator[Mutant]:
    """A mutant for each rule of each schema that arguments are held to."""
    for path in _documents(spec):
        for place, keyword in _rules(documents_of(spec).load(path), ()):
            name = path.rpartition("/")[2].partition(".")[0]
            where = "/".join(map(str, (*place, keyword)))
            summary = f"{name}: {where} is not checked"
            yield Mutant(f"payload/{name}/{where}", "payload", summary, (Edit(path, (*place, keyword), GONE),))


def _documents(spec: Specification) -> list[str]:
    """The schemas of parameters, and those that they refer to."""
    parameters = [one for method in spec.api.methods.values() for one in method.parameters if not one.ignored]
    found: dict[str, None] = {}
    waiting = [f"schemas/{one.schema}.schema.json" for one in parameters]
    while waiting:
        path = waiting.pop(0)
        if path not in found:
            found[path] = None
            waiting += [f"schemas/{name}" for name in _references(documents_of(spec).load(path))]
    return list(found)


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, Mapping):
        target = schema.get("$ref")
        if isinstance(target, str) and not target.startswith("#"):
            yield target.partition("#")[0].rpartition("/")[2]
        for key, part in schema.items():
            if not key.startswith("x-"):
                yield from _references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _rules(schema: Json, place: Place) -> Iterator[tuple[Place, str]]:
    """Each keyword that asks something, with the place of its schema."""
    if not isinstance(schema, Mapping):
        return
    for keyword, body in schema.items():
        if keyword not in _NO_RULES and not keyword.startswith("x-"):
            yield place, keyword
        if keyword in _SCHEMAS:
            yield from _rules(body, (*place, keyword))
        elif keyword in _LISTS:
            for number, part in enumerate(body):
                yield from _rules(part, (*place, keyword, number))
        elif keyword in _MAPS:
            for name, part in body.items():
                yield from _rules(part, (*place, keyword, name))
