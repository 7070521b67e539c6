"""Reads payload schemas out of a specification's documents, and makes variants of them.

A payload schema is one file under ``schemas/``; what it refers to are other files there.
`PayloadSchemas.bundle` gives one document that needs no other, with the limits that a caller wants, and
with or without what is only a SHOULD.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

import attrs

from intercom_reference.documents import Documents
from intercom_reference.errors import KitError

__all__ = [
    "BadLimitError",
    "LimitKey",
    "Limits",
    "PayloadSchemas",
    "Rule",
    "UnknownNameError",
    "append",
    "closest",
    "plain_names",
]

Json = Any
Level = Literal["MUST", "SHOULD"]
Limits = Mapping[str, int]
LimitKey = frozenset[tuple[str, int]]

_FOLDER, _SUFFIX = "schemas", ".schema.json"
_MAXIMA = ("maxProperties", "maxLength", "maxItems")
_DATA = {"examples", "enum", "const", "default"}
"""Keywords whose value is a payload: nothing inside is an annotation or a reference."""
_NAMED = {"properties", "patternProperties", "$defs"}
"""Keywords whose value has schemas under names that are no keywords."""


@attrs.frozen
class Rule:
    """A requirement that payload schemas express, its level, and the places of its schemas, such as
    ``company.schema.json#/properties/id``."""

    slug: str
    level: Level
    places: tuple[str, ...]


@attrs.frozen(str=False)
class UnknownNameError(KitError):
    """A schema or a limit was asked for under a name that none has."""

    kind: Literal["payload schema", "limit", "kind of payload", "profile"]
    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        near = closest(self.name, self.known)
        advice = f'Did you mean "{near}"?' if near else f"There are: {', '.join(self.known)}."
        return f'no {self.kind} is called "{self.name}". {advice}'


@attrs.frozen(str=False)
class BadLimitError(KitError):
    """A limit was replaced by something that is not a whole number from 0 up."""

    name: str
    value: object

    def __str__(self) -> str:
        return f'the limit "{self.name}" cannot be {self.value!r}. Give a whole number from 0 up.'


@attrs.frozen(eq=False)
class PayloadSchemas:
    """The payload schemas of a specification's documents, each read once."""

    documents: Documents

    def names(self) -> tuple[str, ...]:
        """The names of all payload schemas, such as ``login`` and ``event-metadata``."""
        return _names(self)

    def document(self, name: str) -> dict[str, Any]:
        """A payload schema as it stands in its file; callers must not change it."""
        if name not in _names(self):
            raise UnknownNameError("payload schema", name, _names(self))
        return _document(self, name)

    def bundle(self, name: str, key: LimitKey = frozenset(), strict: bool = False) -> dict[str, Any]:
        """A payload schema as one document that needs no other; callers must not change it."""
        return _bundle(self, name, key, strict)

    def components(self, place: str) -> dict[str, dict[str, Any]]:
        """Every payload schema by name, to stand beside one another inside another document.

        `place` is the reference to a schema there, with ``{}`` for its name: ``#/components/schemas/{}``.
        """
        return {name: _component(self.document(name), name, place) for name in self.names()}

    def limits(self) -> dict[str, int]:
        """The limits that a caller may replace, and their values."""
        return {
            node["x-limit"]: node[_maximum(node)]
            for name in self.names()
            for _, node in _nodes(self.document(name))
            if "x-limit" in node
        }

    def key(self, chosen: Limits | None) -> LimitKey:
        """The chosen limits as a value that can be remembered; an error tells what is wrong with them."""
        known = self.limits() if chosen else {}
        for name, value in (chosen or {}).items():
            if name not in known:
                raise UnknownNameError("limit", name, tuple(known))
            if type(value) is not int or value < 0:
                raise BadLimitError(name, value)
        return frozenset((chosen or {}).items())

    def rules(self) -> dict[str, Rule]:
        """Every requirement that the payload schemas express, by its slug."""
        found: dict[str, Rule] = {}
        for name in self.names():
            for pointer, node in _nodes(self.document(name)):
                if slug := node.get("x-requirement"):
                    places = found[slug].places if slug in found else ()
                    here = f"{name}{_SUFFIX}#{pointer}"
                    found[slug] = Rule(slug, node.get("x-level", "MUST"), (*places, here))
        return found

    def follow(self, node: dict[str, Any], document: dict[str, Any]) -> tuple[Json, dict[str, Any]]:
        """The schema that the reference in a node of `document` names, with the document it stands in."""
        reference = node["$ref"]
        if not reference.startswith("#"):
            target = self.document(reference.removesuffix(_SUFFIX))
            return target, target
        found: Json = document
        for part in reference.split("/")[1:]:
            found = found[part]
        return found, document


@lru_cache(maxsize=64)
def _names(schemas: PayloadSchemas) -> tuple[str, ...]:
    stems = (path.removeprefix(f"{_FOLDER}/") for path in schemas.documents.names(_FOLDER))
    return tuple(stem.removesuffix(_SUFFIX) for stem in stems if stem.endswith(_SUFFIX))


@lru_cache(maxsize=1024)
def _document(schemas: PayloadSchemas, name: str) -> dict[str, Any]:
    document: dict[str, Any] = schemas.documents.load(f"{_FOLDER}/{name}{_SUFFIX}")
    return document


@lru_cache(maxsize=1024)
def _bundle(schemas: PayloadSchemas, name: str, key: LimitKey, strict: bool) -> dict[str, Any]:
    bundle = copy.deepcopy(schemas.document(name))
    for other in sorted(_closure(schemas, name) - {name}):
        embedded = copy.deepcopy(schemas.document(other))
        # One dialect for all: a second declaration takes jsonschema back to that dialect's own keywords.
        del embedded["$schema"]
        bundle.setdefault("$defs", {})[other] = embedded
    for _, node in list(_nodes(bundle)):
        _replace_limit(node, dict(key))
        if strict:
            _fold_should(node)
    return bundle


def _component(document: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    component = copy.deepcopy(document)
    for key in ("$schema", "$id"):
        component.pop(key, None)
    for _, node in list(_nodes(component)):
        if "$ref" in node:
            target, _, inside = node["$ref"].partition("#")
            node["$ref"] = place.format(target.removesuffix(_SUFFIX) or name) + inside
    return component


def _closure(schemas: PayloadSchemas, name: str) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        if (current := waiting.pop()) not in reached:
            reached.add(current)
            references = (node.get("$ref", "#") for _, node in _nodes(schemas.document(current)))
            waiting += [ref.removesuffix(_SUFFIX) for ref in references if not ref.startswith("#")]
    return reached


def _replace_limit(node: dict[str, Any], chosen: Limits) -> None:
    if node.get("x-limit") in chosen:
        node[_maximum(node)] = chosen[node["x-limit"]]


def _maximum(node: dict[str, Any]) -> str:
    return next(keyword for keyword in _MAXIMA if keyword in node)


def _fold_should(node: dict[str, Any]) -> None:
    if "x-should" in node:
        node["allOf"] = [*node.get("allOf", ()), node.pop("x-should")]
    if "x-alias-of" in node:
        node["not"] = {}


def plain_names(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks for names in small letters where names must differ in more than case.

    It is stricter, and needs no keyword of ours: whatever it accepts is fine.
    """
    result = copy.deepcopy(schema)
    for _, node in list(_nodes(result)):
        if node.pop("x-caseless", None):
            node["propertyNames"] = {"pattern": "^[a-z0-9_ -]*$"}
    return result


def _nodes(node: Json, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema document with its pointer, outermost first."""
    if isinstance(node, dict):
        yield pointer, node
        for key, child in node.items():
            below = append(pointer, key)
            if key in _NAMED:
                for name, named in child.items():
                    yield from _nodes(named, append(below, name))
            elif key not in _DATA:
                yield from _nodes(child, below)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _nodes(child, append(pointer, index))


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely stands for; case, ``_``, ``-`` and blanks count for nothing."""
    plain = {_plain(one): one for one in known}
    near = difflib.get_close_matches(_plain(name)[:100], plain, n=1, cutoff=0.7)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")


def append(pointer: str, part: str | int) -> str:
    """A JSON pointer with one more part."""
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"
