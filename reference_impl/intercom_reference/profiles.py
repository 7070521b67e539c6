"""Profiles: one payload under the names of another binding, and what it loses there.

A profile says how a binding or an interface spells the payloads of the payload schemas, and what it does not
carry: `names` lists them. `convert` writes a payload of one profile as another has it; `losses` tells what would
not arrive. Nothing is corrected on the way: a payload that breaks a rule breaks it in the other spelling too.

    >>> convert({"userId": "1", "languageOverride": "de"}, "user-attributes", "mobile", "cordova-ios").payload
    {'user_id': '1', 'language_override': 'de'}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import attrs

from intercom_reference._payload_schemas import PayloadSchemas, UnknownNameError, append
from intercom_reference._profile_schemas import Kind, Spelled, own_names
from intercom_reference.documents import Documents, embedded
from intercom_reference.payloads import Payloads

__all__ = ["Converted", "Loss", "Profile", "convert", "losses", "names", "profile"]

Json = Any
_FOLDER, _SUFFIX = "schemas/profiles", ".yaml"


@attrs.frozen(eq=False)
class Profile:
    """How one binding or interface spells payloads, kind by kind."""

    name: str
    title: str
    source: str
    kinds: Mapping[str, Kind]
    documents: Documents

    def kind(self, name: str) -> Kind:
        """The spelling of one kind of payload; `UnknownNameError` if there is no such kind here."""
        if name not in self.kinds:
            raise UnknownNameError("kind of payload", name, tuple(self.kinds))
        return self.kinds[name]

    def payloads(self, kind: str) -> Payloads:
        """Validation of one kind of payload in this profile's spellings."""
        self.kind(kind)
        return _payloads(self, kind)


@attrs.frozen
class Loss:
    """Something that another profile does not carry: its place in the payload, what stood there, what to do."""

    pointer: str
    found: Json
    remedy: str

    def __str__(self) -> str:
        return f"{self.pointer} is lost. {self.remedy}"


@attrs.frozen
class Converted:
    """A payload in another profile's spelling, and what was lost on the way."""

    payload: Json
    losses: tuple[Loss, ...]


def names(documents: Documents | None = None) -> tuple[str, ...]:
    """The names of all profiles."""
    stems = (path.removeprefix(f"{_FOLDER}/") for path in (documents or embedded()).names(_FOLDER))
    return tuple(stem.removesuffix(_SUFFIX) for stem in stems if stem.endswith(_SUFFIX))


def profile(name: str, documents: Documents | None = None) -> Profile:
    """A profile by its name; `UnknownNameError` if there is none."""
    chosen: Any = documents or embedded()
    return _profile(name, chosen)


def convert(payload: Json, kind: str, source: str, target: str) -> Converted:
    """A payload as another profile spells it, with what is lost on the way.

    Args:
        payload: what one kind of payload looks like in the profile `source`; parts of other shapes are kept.
        kind: the payload schema, such as ``user-attributes``.
        source: the name of the profile that the payload is written in.
        target: the name of the profile that it shall be written in.
    """
    start, end = profile(source), profile(target)
    start.kind(kind)
    end.kind(kind)
    lost: list[Loss] = []
    return Converted(_Way(start, end, lost).object(kind, payload, ""), tuple(lost))


def losses(payload: Json, kind: str, source: str, target: str) -> tuple[Loss, ...]:
    """What a payload written for the profile `source` loses when it goes through `target`."""
    return convert(payload, kind, source, target).losses


@lru_cache(maxsize=64)
def _profile(name: str, documents: Documents) -> Profile:
    if name not in names(documents):
        raise UnknownNameError("profile", name, names(documents))
    document = documents.load(f"{_FOLDER}/{name}{_SUFFIX}")
    kinds = {kind: Kind(**entry) for kind, entry in document["kinds"].items()}
    return Profile(document["profile"], document["title"], document["source"], kinds, documents)


@lru_cache(maxsize=256)
def _payloads(profile: Profile, kind: str) -> Payloads:
    return Payloads(Spelled(PayloadSchemas(profile.documents), profile.kinds, kind))


@attrs.frozen
class _Way:
    """The way from one profile to another."""

    start: Profile
    end: Profile
    lost: list[Loss]

    def object(self, kind: str, value: Json, pointer: str) -> Json:
        """An object of a kind in the other spelling; a value that is no object is kept."""
        if type(value) is not dict:
            return value
        result: dict[str, Json] = {}
        for name, member, place in _Reading(self.start, kind).members(value, pointer):
            result.update(self._member(kind, name, member, place))
        return _spread(self.end.kinds[kind], result)

    def _member(self, kind: str, name: str, value: Json, place: str) -> dict[str, Json]:
        entry = self.end.kinds[kind]
        if name in entry.first_of:
            return self._first(entry, name, value, place)
        if name in own_names(_schemas(self.end), kind) and not _carries(entry, name):
            remedy = entry.lost.get(name, "Leave it out: it has no counterpart there.")
            self.lost.append(Loss(place, value, remedy))
            return {}
        return {entry.here(name): self._whole(entry, name, self._nested(kind, name, value, place), place)}

    def _nested(self, kind: str, name: str, value: Json, place: str) -> Json:
        inner = _items(_schemas(self.end), kind, name)
        if inner is None or inner not in self.end.kinds or type(value) is not list:
            return value
        return [self.object(inner, item, append(place, index)) for index, item in enumerate(value)]

    def _whole(self, entry: Kind, name: str, value: Json, place: str) -> Json:
        if name not in entry.units or type(value) is not float or value.is_integer():
            return value
        self.lost.append(Loss(place, value, f"Round it: {int(value)} arrives."))
        return int(value)

    def _first(self, entry: Kind, name: str, value: Json, place: str) -> dict[str, Json]:
        """The names of the first item that are carried; the other names and the other items are lost."""
        if type(value) is not list or not value or type(value[0]) is not dict:
            return {}
        carried = entry.first_of[name]
        items = [(append(place, index), item) for index, item in enumerate(value[1:], 1)]
        members = [(append(place + "/0", key), part) for key, part in value[0].items() if key not in carried]
        self.lost.extend(Loss(at, found, "Send it elsewhere: one alone is carried.") for at, found in items)
        self.lost.extend(Loss(at, found, f"Only {' and '.join(carried)} are carried.") for at, found in members)
        return {here: value[0][key] for key, here in carried.items() if key in value[0]}


@attrs.frozen
class _Reading:
    """Reads the payloads of one profile by the names of the payload schemas."""

    profile: Profile
    kind: str

    def members(self, value: dict[str, Json], pointer: str) -> Iterator[tuple[str, Json, str]]:
        """Each member under the schema's name for it, its value, and its place in what was given."""
        entry = self.profile.kinds[self.kind]
        if entry.names is None:
            value = self.profile.payloads(self.kind).canonical(self.kind, value)
        back = {here: name for name, here in (entry.names or {}).items()}
        flat = {here: name for name, keys in entry.first_of.items() for here in keys.values()}
        yield from self._gathered(entry, value, pointer, back, flat)
        for here, member in value.items():
            name = back.get(here, here)
            if here not in flat and (here in back or entry.spread is None):
                yield name, member, append(pointer, here)

    def _gathered(
        self, entry: Kind, value: dict[str, Json], pointer: str, back: Mapping[str, str], flat: Mapping[str, str]
    ) -> Iterator[tuple[str, Json, str]]:
        """The objects that this profile takes apart, put together again."""
        own = {here: member for here, member in value.items() if here not in back and here not in flat}
        if entry.spread is not None and own:
            yield entry.spread, own, pointer
        for name in entry.first_of:
            item = {here: value[here] for here, of in flat.items() if of == name and here in value}
            if item:
                yield name, [item], append(pointer, next(iter(item)))


def _spread(entry: Kind, result: dict[str, Json]) -> dict[str, Json]:
    inner = result.get(entry.spread or "")
    if type(inner) is not dict:
        return result
    return {**inner, **{name: value for name, value in result.items() if name != entry.spread}}


def _carries(entry: Kind, name: str) -> bool:
    return entry.names is None or name in entry.names or name == entry.spread


@lru_cache(maxsize=256)
def _schemas(profile: Profile) -> PayloadSchemas:
    return PayloadSchemas(profile.documents)


@lru_cache(maxsize=1024)
def _items(schemas: PayloadSchemas, kind: str, name: str) -> str | None:
    """The payload schema of the items of a list, if they have one of their own."""
    part = own_names(schemas, kind).get(name, {})
    if "$ref" not in part or part["$ref"].startswith("#"):
        return None
    reference = schemas.document(part["$ref"].removesuffix(".schema.json")).get("items", {}).get("$ref", "")
    return reference.removesuffix(".schema.json") or None
