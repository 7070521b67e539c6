"""Payload schemas in the spellings of a profile: the same rules, under the names that one binding uses.

A profile is a small document under ``schemas/profiles``. `Spelled` wraps the documents of a specification, so
that whatever reads payload schemas reads those of a profile without knowing it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import attrs

from intercom_reference._payload_schemas import PayloadSchemas
from intercom_reference.documents import Documents

__all__ = ["Kind", "Spelled", "documents_of", "own_names"]

Json = Any
_BRANCHES = {"not", "if", "then", "else", "x-should"}
_FOLDER, _SUFFIX = "schemas/", ".schema.json"


@attrs.frozen(eq=False)
class Kind:
    """How one kind of payload is spelt by a profile; see ``schemas/documents/profile.schema.json``."""

    names: Mapping[str, str] | None = None
    units: Mapping[str, str] = attrs.field(factory=dict)
    lost: Mapping[str, str] = attrs.field(factory=dict)
    spread: str | None = None
    first_of: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    adds: Mapping[str, Json] = attrs.field(factory=dict)
    also: Json = None

    def here(self, name: str) -> str:
        """What a name of the payload schema is called in this profile."""
        return name if self.names is None else self.names.get(name, name)


def documents_of(schemas: PayloadSchemas, kind: str) -> tuple[str, ...]:
    """The payload schemas that describe one and the same object: the kind's own, and what its ``allOf`` refers to."""
    parts = [part["$ref"].removesuffix(_SUFFIX) for part in schemas.document(kind).get("allOf", ()) if "$ref" in part]
    return (kind, *(name for part in parts for name in documents_of(schemas, part)))


def own_names(schemas: PayloadSchemas, kind: str) -> dict[str, Json]:
    """The schema of each name that a kind of payload knows, without alternative spellings."""
    documents = [schemas.document(name) for name in documents_of(schemas, kind)]
    found = {name: part for document in documents for name, part in document.get("properties", {}).items()}
    return {name: part for name, part in found.items() if "x-alias-of" not in part}


@attrs.frozen(eq=False)
class Spelled:
    """Documents in which the payload schemas are spelt as a profile spells them, for one kind of payload."""

    schemas: PayloadSchemas
    kinds: Mapping[str, Kind]
    kind: str

    def names(self, folder: str) -> list[str]:
        """The paths of the documents directly in a folder."""
        return self._documents.names(folder)

    def load(self, path: str) -> Json:
        """A document; a payload schema comes in the profile's spellings."""
        document = self._documents.load(path)
        name = path.removeprefix(_FOLDER).removesuffix(_SUFFIX)
        entry = self._entry(name)
        if entry is None or (entry.names is None and entry.also is None):
            return document
        spelt = _node(document, entry)
        if "properties" in document:
            spelt["properties"] = {**spelt["properties"], **copy.deepcopy(dict(entry.adds))}
            spelt = self._spread(entry, document, spelt)
        return self._also(entry, spelt) if name == self.kind or name in self.kinds else spelt

    @property
    def _documents(self) -> Documents:
        return self.schemas.documents

    def _entry(self, name: str) -> Kind | None:
        own = name in documents_of(self.schemas, self.kind)
        return self.kinds[self.kind] if own else self.kinds.get(name)

    def _spread(self, entry: Kind, document: Json, spelt: Json) -> Json:
        """The schema with the rules for the members of the object that is spread, now for every other name."""
        if entry.spread is None or entry.spread not in document["properties"]:
            return spelt
        inner, _ = self.schemas.follow(document["properties"][entry.spread], document)
        should = [*spelt.get("x-should", {}).get("allOf", ()), *inner["x-should"]["allOf"]]
        rules = {keyword: inner[keyword] for keyword in ("propertyNames", "additionalProperties")}
        return {**spelt, **rules, "x-should": {"allOf": should}}

    def _also(self, entry: Kind, spelt: Json) -> Json:
        return spelt if entry.also is None else {**spelt, "allOf": [*spelt.get("allOf", ()), entry.also]}


def _node(node: Json, entry: Kind) -> dict[str, Json]:
    """A schema of the object itself in the profile's names; schemas of its members stay as they are."""
    return {keyword: _keyword(keyword, value, entry) for keyword, value in node.items()}


def _keyword(keyword: str, value: Json, entry: Kind) -> Json:
    if keyword == "properties":
        return {entry.here(name): _remedied(part, entry) for name, part in value.items() if _carried(name, entry)}
    if keyword == "required":
        return [entry.here(name) for name in value]
    if keyword in ("allOf", "anyOf"):
        return [spelt for part in value for spelt in _parts(part, entry)]
    if keyword == "x-remedy":
        return _renamed_text(value, entry)
    if keyword == "examples":
        return []
    return _node(value, entry) if keyword in _BRANCHES else value


def _carried(name: str, entry: Kind) -> bool:
    return entry.names is None or name in entry.names


def _parts(part: Json, entry: Kind) -> list[Json]:
    """What a part of an ``allOf`` becomes: nothing if it speaks of a name that is not carried."""
    if not all(_carried(name, entry) for name in part.get("not", {}).get("required", ())):
        return []
    if "enum" in part.get("propertyNames", {}):
        return _known_names(part, entry)
    return [_node(part, entry)]


def _known_names(part: Json, entry: Kind) -> list[Json]:
    """The rule that lists the names: those of the profile, with a rule for each name that means nothing here."""
    listed = part["propertyNames"]["enum"]
    known = [entry.here(name) for name in listed if _carried(name, entry)]
    advice = {name: text for name, text in _advice(entry).items() if name in listed and name not in known}
    refused = [_refusing(part, name, text) for name, text in advice.items()]
    if entry.spread in listed:
        return refused
    # Apart, so that the closest name to a misspelling is always one of the profile's.
    others = {"if": {"not": {"enum": [*advice]}}, "then": {"enum": [*known, *entry.adds]}}
    return [{**_node(part, entry), "propertyNames": others}, *refused]


def _advice(entry: Kind) -> dict[str, str]:
    """What to write instead of each name that the payload schemas know and this profile does not."""
    renamed = {name: f"Write {here} instead." for name, here in (entry.names or {}).items()}
    parts = {name: f"Give {' and '.join(keys.values())} of one instead." for name, keys in entry.first_of.items()}
    return {**renamed, **entry.lost, **parts}


def _refusing(rule: Json, name: str, remedy: str) -> Json:
    return {**rule, "propertyNames": {"not": {"enum": [name]}}, "x-remedy": remedy}


def _remedied(part: Json, entry: Kind) -> Json:
    return {**part, "x-remedy": _renamed_text(part["x-remedy"], entry)} if "x-remedy" in part else part


def _renamed_text(text: str, entry: Kind) -> str:
    """A remedy in the profile's names; a name that is also an everyday word is left alone."""
    telling = {name: here for name, here in (entry.names or {}).items() if not name.islower()}
    return re.sub(r"\b[A-Za-z_]+\b", lambda found: telling.get(found[0], found[0]), text)
