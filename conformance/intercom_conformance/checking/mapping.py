"""Reads the lines of other logs as lines of a trace, by a file that says where each part stands.

A map is data: patterns with named groups for lines of text, JSON pointers for lines of JSON, and the app's names of
methods, outcomes and happenings beside those of the specification. ``schemas/documents/trace-map.schema.json``
describes it. A line that no rule fits is passed over; one that a rule fits and that cannot be read is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import msgspec

from intercom_conformance.checking.lines import END, LOST, RESET
from intercom_conformance.specification import Specification, closest
from intercom_reference.documents import embedded
from intercom_reference.errors import KitError
from intercom_reference.loading import parse_yaml

__all__ = ["BadMap", "NotMapped", "TraceMap", "read_map"]

_SCHEMA = "schemas/documents/trace-map.schema.json"
_MISSING: Any = object()
_PLACES = ("session", "device", "time", "seq", "id", "settled", "outcome", "code", "value", "thrown", "happening")
_WHO = ("session", "device", "time", "seq")
_OUTCOMES = ("success", "error", "pending", "none")


@attrs.frozen(str=False)
class BadMap(KitError):
    """A map of a log that cannot be used: what is wrong, and what to do."""

    source: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}. {self.remedy}"


@attrs.frozen
class NotMapped:
    """A line of which no trace line was made: what keeps it from being one; empty if it tells of no call at all."""

    problem: str


class _Unfit(Exception):
    """A part of a line that cannot be read."""


_BROKEN = (_Unfit, msgspec.MsgspecError, RecursionError, ValueError)


@attrs.frozen
class TraceMap:
    """What the lines of a log mean; `known` are the methods that there are."""

    document: Mapping[str, Any]
    known: tuple[str, ...]

    def line(self, text: bytes) -> bytes | NotMapped:
        """The trace line that a line of the log tells of.

        Where its session can be told and the rest cannot, that is a line which says that something was lost.
        """
        try:
            for rule in self.document["lines"]:
                found = _fitting(rule, text)
                if found is not None:
                    return self._read(rule, found)
        except _BROKEN as error:
            return NotMapped(str(error))
        return NotMapped("")

    def _read(self, rule: Mapping[str, Any], parts: Any) -> bytes:
        try:
            return msgspec.json.encode(self._made(rule, parts))
        except _BROKEN as error:
            where = {key: _value(rule[key], parts, key) for key in _WHO if key in rule}
            where = {key: value for key, value in where.items() if value is not _MISSING}
            if "session" not in where:
                raise
            lost = {**where, "session": str(where["session"]), "happening": LOST, "note": str(error)}
            return msgspec.json.encode(lost)

    def _made(self, rule: Mapping[str, Any], parts: Any) -> dict[str, Any]:
        made = {key: _value(rule[key], parts, key) for key in _PLACES if key in rule}
        made = {key: value for key, value in made.items() if value is not _MISSING}
        if "session" not in made:
            raise _Unfit("no session: nothing stands where the map says")
        made["session"] = str(made["session"])
        if "outcome" in made:
            made["outcome"] = self._named("outcomes", made["outcome"], _OUTCOMES)
        if "happening" in made:
            made["happening"] = self.document.get("happenings", {}).get(str(made["happening"]), made["happening"])
        return {**made, **self._call(rule, parts)} if "call" in rule else made

    def _call(self, rule: Mapping[str, Any], parts: Any) -> dict[str, Any]:
        name = _value(rule["call"], parts, "call")
        if name is _MISSING:
            raise _Unfit("no call: nothing stands where the map says")
        body = self._named("methods", name, self.known)
        body = body if isinstance(body, Mapping) else {"call": body}
        if "happening" in body:
            return {"happening": body["happening"]}
        given = body.get("arguments", rule.get("arguments"))
        arguments = _MISSING if given is None else _arguments(given, parts)
        return {"call": body["call"], **({} if arguments is _MISSING else {"arguments": arguments})}

    def _named(self, kind: str, value: Any, known: Sequence[str]) -> Any:
        names: Mapping[str, Any] = self.document.get(kind, {})
        text = _plain(value)
        if text in names or text in known:
            return names.get(text, text)
        near = closest(text, [*names, *known])
        hint = f"; did you mean {near!r}?" if near else ""
        raise _Unfit(f"{text!r} is none of the {kind}{hint}")


# Lines and places -----------------------------------------------------------------------------------------


def _fitting(rule: Mapping[str, Any], text: bytes) -> Any:
    """What a rule reads of a line: its groups, or its JSON; None if the line is none of its kind."""
    if "pattern" in rule:
        found = _compiled(rule["pattern"]).search(text.decode("utf-8", "surrogateescape").rstrip("\r"))
        return found and found.groupdict()
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if text.lstrip()[:1] == b"{":
            raise _Unfit(f"no JSON ({error})") from None
        return None
    wanted: Mapping[str, Any] = rule.get("where", {})
    return value if all(_is_one(_at(value, at), one) for at, one in wanted.items()) else None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)  # re keeps the last few hundred


def _is_one(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else bool(value == wanted)


def _at(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; missing if nothing stands there."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, _MISSING)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _MISSING
    return value


_JSON = frozenset(["arguments", "value"])
_NUMBERS = frozenset(["seq", "code", "time"])


def _value(place: Any, parts: Any, key: str) -> Any:
    """What stands at a place, as it is written in a trace under this key."""
    if isinstance(place, Mapping) and "is" in place:
        return place["is"]
    at, form = (place, None) if isinstance(place, str) else (place["at"], place.get("as"))
    if at.startswith("/") or not at:
        return _formed(_at(parts, at), form, key)
    found = parts[at]
    return _MISSING if found is None else _formed(found, form or _usual(key), key)


def _usual(key: str) -> str:
    return "json" if key in _JSON else "number" if key in _NUMBERS else "text"


def _formed(value: Any, form: str | None, key: str) -> Any:
    if form == "text":
        return value if value is _MISSING else _plain(value)
    if form is None or not isinstance(value, str):
        return value
    if form == "number":
        return _number(value)
    text = f"[{value}]" if key == "arguments" and value.lstrip()[:1] != "[" else value
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _Unfit(f"{key}: no JSON ({error})") from None


def _number(text: str) -> int | float | str:
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,18}\.[0-9]{1,18}", text) else text


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _arguments(given: Any, parts: Any) -> Any:
    """The arguments of a call; missing if they are not on record."""
    if not isinstance(given, list):
        return _value(given, parts, "arguments")
    found = [_argument(one, parts) for one in given]
    while found and found[-1] is _MISSING:
        found.pop()
    return [None if one is _MISSING else one for one in found]


def _argument(given: Any, parts: Any) -> Any:
    if isinstance(given, Mapping) and "members" in given:
        members = {name: _argument(one, parts) for name, one in given["members"].items()}
        return {name: value for name, value in members.items() if value is not _MISSING}
    return _value(given, parts, "argument")


# The file -------------------------------------------------------------------------------------------------


def read_map(path: Path, spec: Specification) -> TraceMap:
    """The map in a file.

    Raises:
        BadMap: it cannot be read, breaks its schema, or names what there is not.
        DocumentError: it is no strict YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadMap(str(path), f"it cannot be read ({error})", "Name a UTF-8 text file.") from None
    document = parse_yaml(text, str(path))
    _check_schema(document, str(path))
    for problem, remedy in _problems(document, spec):
        raise BadMap(str(path), problem, remedy)
    return TraceMap(document, tuple(spec.api.by_any_name))


def _check_schema(document: Any, source: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(embedded().load(_SCHEMA)).iter_errors(document))
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the file"
        raise BadMap(source, f"at {place}, {error.message[:200]}", f"See {_SCHEMA}.")


def _problems(document: Mapping[str, Any], spec: Specification) -> Iterator[tuple[str, str]]:
    """What keeps a map from being used, beyond its schema, each with its remedy."""
    methods, happenings = spec.api.by_any_name, [*spec.chart["environment"], RESET, END, LOST]
    for body in document.get("methods", {}).values():
        target = body if isinstance(body, Mapping) else {"call": body}
        yield from _unknown("method", target.get("call"), methods)
        yield from _unknown("happening", target.get("happening"), happenings)
        parameters = methods[target["call"]].parameters if target.get("call") in methods else ()
        if isinstance(target.get("arguments"), list) and len(target["arguments"]) > len(parameters):
            yield f"{target['call']} has {len(parameters)} parameters", "Map no more arguments than that."
    for name in document.get("happenings", {}).values():
        yield from _unknown("happening", name, happenings)
    for rule in document["lines"]:
        yield from _of_rule(rule, document)


def _of_rule(rule: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    methods = [one.get("arguments") for one in document.get("methods", {}).values() if isinstance(one, Mapping)]
    places = list(_places([rule[key] for key in (*_PLACES, "call", "arguments") if key in rule]))
    places += _places(methods) if "call" in rule else []
    if "pattern" not in rule:
        pointers = [*places, *rule.get("where", {})]
        for place in (one for one in pointers if one and not one.startswith("/")):
            yield f"{place!r} is no JSON pointer", f"Write /{place}, or give the rule a pattern with named groups."
        return
    try:
        groups = _compiled(rule["pattern"]).groupindex
    except re.error as error:
        yield f"{rule['pattern']!r} is no regular expression ({error})", "Write one of Python's, with (?P<name>...)."
        return
    for place in places:
        yield from _unknown("group", place, groups)


def _places(given: Any) -> Iterator[str]:
    """Every place that is named in a part of a map."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list):
        for one in given:
            yield from _places(one)
    elif isinstance(given, Mapping):
        yield from _places(given["at"] if "at" in given else list(given.get("members", {}).values()))


def _unknown(kind: str, name: Any, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    if name is not None and name not in known:
        near = closest(name, known)
        yield f"there is no {kind} {name!r}", f"Did you mean {near!r}?" if near else f"Name one of: {', '.join(known)}."
