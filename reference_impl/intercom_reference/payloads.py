"""Tells whether a payload is one that the guide allows, and if not, where, by which rule, and what to do.

The rules stand in ``schemas/``, never here. A payload schema is plain JSON Schema 2020-12, so that validity
at level MUST is what any validator says. Annotations, which plain validators ignore, tie the rules to the
specification:

- ``x-requirement`` and ``x-remedy`` name the rule that the keywords beside and below express;
- ``x-should`` holds a schema that a payload should satisfy, and ``x-alias-of`` marks an alternative spelling:
  both give a `Problem` of level SHOULD;
- ``x-limit`` names a maximum that public sources are at odds about, so that a caller can replace it.

Two engines read the schemas. `validate` uses jsonschema, whose errors can be explained; `is_valid` and
`compiled` use jsonschema-rs, which is some hundred times faster. The tests hold the two equal.
"""

from __future__ import annotations

import copy
import difflib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import attrs

from intercom_reference import _data
from intercom_reference.errors import KitError
from intercom_reference.loading import MAX_DEPTH, load_document

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = [
    "BadLimitError",
    "Problem",
    "Rule",
    "UnknownNameError",
    "canonical",
    "compiled",
    "is_valid",
    "limits",
    "requirements",
    "schema",
    "schema_names",
    "validate",
    "validate_company",
    "validate_content",
    "validate_event",
    "validate_login",
    "validate_user_attributes",
]

Json = Any
Level = Literal["MUST", "SHOULD"]
Limits = Mapping[str, int]
_Key = frozenset[tuple[str, int]]
_Error = Any
"""A jsonschema `ValidationError`; its type allows any field to be unset, which a validator never leaves."""

_FOLDER, _SUFFIX = "schemas", ".schema.json"
_MAXIMA = ("maxProperties", "maxLength", "maxItems")
_DATA_KEYWORDS = ("examples", "enum", "const", "default")
"""Keywords whose value is a payload, not a schema: nothing inside them is an annotation or a reference."""


@attrs.frozen
class Problem:
    """One rule that a payload breaks: where, which rule, what stands there, and what to do about it.

    `pointer` is a JSON pointer into the payload, `keyword` the JSON Schema keyword (or annotation) that
    failed, and `requirement` the slug under which the specification states the rule.
    """

    pointer: str
    level: Level
    keyword: str
    requirement: str
    found: str
    remedy: str

    def __str__(self) -> str:
        place = self.pointer or "the payload"
        return f"{self.level} {self.requirement} at {place}: found {self.found}. {self.remedy}"


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

    kind: Literal["payload schema", "limit"]
    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        near = _closest(self.name, self.known)
        advice = f'Did you mean "{near}"?' if near else f"There are: {', '.join(self.known)}."
        return f'no {self.kind} is called "{self.name}". {advice}'


@attrs.frozen(str=False)
class BadLimitError(KitError):
    """A limit was replaced by something that is not a whole number from 0 up."""

    name: str
    value: object

    def __str__(self) -> str:
        return f'the limit "{self.name}" cannot be {self.value!r}. Give a whole number from 0 up.'


# The doors ----------------------------------------------------------------------------------------


def validate_login(options: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """What is wrong with the options of an identified login; nothing when the tuple is empty."""
    return validate("login", options, limits=limits)


def validate_user_attributes(attributes: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """What is wrong with the attributes of a user update; nothing when the tuple is empty."""
    return validate("user-attributes", attributes, limits=limits)


def validate_company(company: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """What is wrong with one company; nothing when the tuple is empty."""
    return validate("company", company, limits=limits)


def validate_event(name: Json, metadata: Json = None, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """What is wrong with an event; pointers start with ``/name`` or ``/metadata``."""
    parts = {"/name": validate("event-name", name, limits=limits)}
    parts["/metadata"] = validate("event-metadata", metadata, limits=limits)
    return tuple(
        attrs.evolve(problem, pointer=prefix + problem.pointer)
        for prefix, problems in parts.items()
        for problem in problems
    )


def validate_content(content: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """What is wrong with a reference to content, in its wire shape; nothing when the tuple is empty."""
    return validate("content", content, limits=limits)


# Validation ---------------------------------------------------------------------------------------


def validate(name: str, value: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
    """Every rule of a payload schema that `value` breaks, MUST before SHOULD, each once per place.

    Any Python object may be given: what JSON cannot hold is a problem, not an exception.

    Raises:
        UnknownNameError: no schema or limit has that name.
        BadLimitError: a limit is not a whole number from 0 up.
    """
    truth = _truth(name, _key(limits))
    if odd := _first_odd(value):
        return (odd,)
    found: dict[tuple[str, str, str], Problem] = {}
    for error in _closest_errors(truth.iter_errors(value)):
        problem = _problem(name, error)
        found.setdefault((problem.pointer, problem.level, problem.keyword), problem)
    return tuple(sorted(found.values(), key=lambda problem: problem.level))


def is_valid(name: str, value: Json, *, limits: Limits | None = None, strict: bool = False) -> bool:
    """Whether `validate` finds no problem of level MUST, or with `strict` no problem at all."""
    validator = compiled(name, limits=limits, strict=strict)
    return _first_odd(value) is None and validator.is_valid(value)


def compiled(
    name: str, *, limits: Limits | None = None, strict: bool = False
) -> jsonschema_rs.Draft202012Validator:
    """The jsonschema-rs validator of a payload schema, compiled once: for values fresh from a JSON parser.

    It takes for granted what `is_valid` checks first: no NaN, no infinity, no lone surrogate, no nesting of
    thousands of levels.
    """
    return _compiled(name, _key(limits), strict)


def canonical(name: str, value: Json) -> Json:
    """The payload under its main spellings: alternative ones are renamed, everything else is left as it is.

    Where a payload uses both spellings, the two maps are merged and the main spelling wins.
    """
    document = _document(name)
    return _renamed(document, document, value)


# Schemas ------------------------------------------------------------------------------------------


def schema_names() -> tuple[str, ...]:
    """The names of all payload schemas, such as ``login`` and ``event-metadata``."""
    stems = (path.removeprefix(f"{_FOLDER}/") for path in _data.names(_FOLDER))
    return tuple(stem.removesuffix(_SUFFIX) for stem in stems if stem.endswith(_SUFFIX))


def schema(name: str, limits: Limits | None = None, *, strict: bool = False) -> dict[str, Any]:
    """A payload schema as one document that needs no other: what it refers to stands in its ``$defs``.

    `limits` replaces maxima by their ``x-limit`` names. `strict` turns every SHOULD into a rule of the
    schema, so that a plain validator refuses whatever `validate` would mention.

    Raises:
        UnknownNameError: no schema or limit has that name.
        BadLimitError: a limit is not a whole number from 0 up.
    """
    return copy.deepcopy(_schema(name, _key(limits), strict))


@cache
def limits() -> Mapping[str, int]:
    """The limits that a caller may replace, and their values."""
    found = {}
    for name in schema_names():
        for _, node in _nodes(_document(name)):
            if limit := node.get("x-limit"):
                found[limit] = next(node[keyword] for keyword in _MAXIMA if keyword in node)
    return found


@cache
def requirements() -> Mapping[str, Rule]:
    """Every requirement that the payload schemas express, by its slug."""
    found: dict[str, Rule] = {}
    for name in schema_names():
        for pointer, node in _nodes(_document(name)):
            if slug := node.get("x-requirement"):
                places = found[slug].places if slug in found else ()
                here = f"{name}{_SUFFIX}#{pointer}"
                found[slug] = Rule(slug, node.get("x-level", "MUST"), (*places, here))
    return found


def _document(name: str) -> dict[str, Any]:
    if name not in schema_names():
        raise UnknownNameError("payload schema", name, schema_names())
    document: dict[str, Any] = load_document(f"{_FOLDER}/{name}{_SUFFIX}")
    return document


def _key(chosen: Limits | None) -> _Key:
    for name, value in (chosen or {}).items():
        if name not in limits():
            raise UnknownNameError("limit", name, tuple(limits()))
        if type(value) is not int or value < 0:
            raise BadLimitError(name, value)
    return frozenset((chosen or {}).items())


@lru_cache(maxsize=256)
def _schema(name: str, key: _Key, strict: bool) -> dict[str, Any]:
    bundle = copy.deepcopy(_document(name))
    for other in sorted(_closure(name) - {name}):
        embedded = copy.deepcopy(_document(other))
        # One dialect for all: the second declaration would take `_truth` back to plain JSON Schema.
        del embedded["$schema"]
        bundle.setdefault("$defs", {})[other] = embedded
    for _, node in list(_nodes(bundle)):
        _replace_limit(node, dict(key))
    if strict:
        for _, node in list(_nodes(bundle)):
            _fold_should(node)
    return bundle


@lru_cache(maxsize=256)
def _compiled(name: str, key: _Key, strict: bool) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_schema(name, key, strict))


def _closure(name: str) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        if (current := waiting.pop()) not in reached:
            reached.add(current)
            references = (node.get("$ref", "#") for _, node in _nodes(_document(current)))
            waiting += [ref.removesuffix(_SUFFIX) for ref in references if not ref.startswith("#")]
    return reached


def _replace_limit(node: dict[str, Any], chosen: Limits) -> None:
    if node.get("x-limit") in chosen:
        keyword = next(keyword for keyword in _MAXIMA if keyword in node)
        node[keyword] = chosen[node["x-limit"]]


def _fold_should(node: dict[str, Any]) -> None:
    if "x-should" in node:
        node["allOf"] = [*node.get("allOf", ()), node.pop("x-should")]
    if "x-alias-of" in node:
        node["not"] = {}


def _nodes(node: Json, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a schema document with its pointer, but no payload inside it, such as an example."""
    if isinstance(node, dict):
        yield pointer, node
        for key, child in node.items():
            if key not in _DATA_KEYWORDS:
                yield from _nodes(child, _append(pointer, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _nodes(child, _append(pointer, index))


def _follow(node: Json, document: dict[str, Any]) -> tuple[Json, dict[str, Any]]:
    """The schema that a node refers to, with its document; the node itself if it refers to none."""
    reference = node.get("$ref") if isinstance(node, dict) else None
    if reference is None:
        return node, document
    if not reference.startswith("#"):
        target = _document(reference.removesuffix(_SUFFIX))
        return target, target
    target = document
    for part in reference.split("/")[1:]:
        target = target[part]
    return target, document


# Other spellings ----------------------------------------------------------------------------------


def _renamed(node: Json, document: dict[str, Any], value: Json) -> Json:
    if "$ref" in node:
        return _renamed(*_follow(node, document), value)
    for part in node.get("allOf", ()):
        value = _renamed(part, document, value)
    if isinstance(value, list) and "items" in node:
        return [_renamed(node["items"], document, item) for item in value]
    if isinstance(value, dict) and "properties" in node:
        return _renamed_object(node["properties"], document, value)
    return value


def _renamed_object(properties: dict[str, Any], document: dict[str, Any], value: dict[str, Any]) -> Json:
    result: dict[str, Any] = {}
    for key, member in value.items():
        part = properties.get(key, {})
        main = part.get("x-alias-of", key)
        member = _renamed(part, document, member)
        result[main] = _merged(result[main], member, first_wins=main != key) if main in result else member
    return result


def _merged(first: Json, second: Json, *, first_wins: bool) -> Json:
    winner, other = (first, second) if first_wins else (second, first)
    if isinstance(winner, dict) and isinstance(other, dict):
        return {**other, **winner}
    return winner


# From an error to a problem -----------------------------------------------------------------------


@lru_cache(maxsize=256)
def _truth(name: str, key: _Key) -> Any:
    from jsonschema import Draft202012Validator, validators
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    extend: Any = validators.extend
    cls = extend(Draft202012Validator, {"x-should": _should, "x-alias-of": _alias})
    document = _schema(name, key, False)
    # At a declared dialect jsonschema would go on with that dialect's keywords only.
    document = {keyword: value for keyword, value in document.items() if keyword != "$schema"}
    # Referred to in a crawled registry, the document is not crawled again for every payload.
    registry = EMPTY_REGISTRY.with_resource(document["$id"], DRAFT202012.create_resource(document)).crawl()
    return cls({"$ref": document["$id"]}, registry=registry)


def _should(validator: Any, should: Json, instance: Json, _: Json) -> Iterator[_Error]:
    yield from validator.descend(instance, should)


def _alias(_: Any, main: str, __: Json, ___: Json) -> Iterator[_Error]:
    from jsonschema.exceptions import ValidationError

    yield ValidationError(f"an alternative spelling of {main}")


def _closest_errors(errors: Iterable[_Error]) -> Iterator[_Error]:
    """The errors; an ``anyOf`` that failed gives way to what is wrong with the branch that was meant."""
    for error in errors:
        meant = _meant_branch(error) if error.validator == "anyOf" else None
        if meant is None:
            yield error
        else:
            yield from _closest_errors(meant)


def _meant_branch(error: _Error) -> list[_Error] | None:
    branches: dict[Any, list[_Error]] = {}
    for cause in error.context or ():
        branches.setdefault(cause.relative_schema_path[0], []).append(cause)
    ranked = sorted((branch for branch in branches.values() if not _other_type(branch)), key=len)
    if not ranked or (len(ranked) > 1 and len(ranked[0]) == len(ranked[1])):
        return None
    return ranked[0]


def _other_type(branch: list[_Error]) -> bool:
    return any(cause.validator == "type" and not cause.relative_path for cause in branch)


def _problem(name: str, error: _Error) -> Problem:
    keyword = str(error.validator)
    rule, level = _governing_rule(name, error.absolute_schema_path)
    pointer = ""
    for part in error.absolute_path:
        pointer = _append(pointer, part)
    if "propertyNames" in error.absolute_schema_path:
        pointer = _append(pointer, str(error.instance))
    remedy = " ".join(filter(None, [_suggestion(rule["x-requirement"], error), rule["x-remedy"]]))
    return Problem(pointer, level, keyword, rule["x-requirement"], _found(error, rule), remedy)


def _governing_rule(name: str, path: Iterable[str | int]) -> tuple[dict[str, Any], Level]:
    """The innermost schema on the way to the failed keyword that names a requirement, and its level."""
    node: Json = _document(name)
    document, rule = node, node
    steps = list(path)
    for step in steps:
        # Beside a reference stand annotations only, so whatever else is on the path lies behind it.
        while "$ref" in node and step not in node:
            node, document = _follow(node, document)
            rule = _ruling(node, rule)
        node = node[step]
        rule = _ruling(node, rule)
    return rule, "SHOULD" if {"x-should", "x-alias-of"} & {*steps} else "MUST"


def _ruling(node: Json, otherwise: dict[str, Any]) -> dict[str, Any]:
    return node if isinstance(node, dict) and "x-requirement" in node else otherwise


def _found(error: _Error, rule: Mapping[str, Any]) -> str:
    value = error.instance
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in value]
        return "no " + " and no ".join(map(_quoted, missing))
    if "propertyNames" in error.absolute_schema_path:
        return f"the name {_quoted(value)}"
    if error.validator == "maxProperties":
        return f"{len(value)} names"
    if isinstance(value, str) and rule.get("writeOnly"):
        return f"a text of {len(value)} characters"
    return _quoted(value)


def _quoted(value: Json, width: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _suggestion(requirement: str, error: _Error) -> str | None:
    make = _SUGGESTIONS.get(requirement) or _SUGGESTIONS.get(str(error.validator))
    return make(error) if make else None


def _suggest_name(error: _Error) -> str | None:
    known = [name for name in error.validator_value if isinstance(name, str)]
    near = _closest(error.instance, known) if isinstance(error.instance, str) else None
    return f"Did you mean {_quoted(near)}?" if near else None


def _suggest_quotes(error: _Error) -> str | None:
    value, wanted = error.instance, error.validator_value
    if "string" in wanted and isinstance(value, (int, float)):
        return f"Write {_quoted(json.dumps(value))}, in quotes."
    if isinstance(value, str) and value.isascii() and value.isdigit() and {"integer", "number"} & {*wanted}:
        return f"Write {value}, without quotes."
    return None


def _suggest_seconds(error: _Error) -> str | None:
    seconds = error.instance // 1000
    if error.validator != "maximum" or seconds > error.validator_value:
        return None
    return f"Write {int(seconds)}: seconds, not milliseconds."


def _suggest_cents(error: _Error) -> str | None:
    value = error.instance
    if error.validator != "type" or not isinstance(value, float) or not 0 < value < 1e12:
        return None
    return f"Write {round(value * 100)}: cents."


_SUGGESTIONS: dict[str, Callable[[_Error], str | None]] = {
    "dates-are-not-milliseconds": _suggest_seconds,
    "monetary-shape": _suggest_cents,
    "enum": _suggest_name,
    "type": _suggest_quotes,
}
"""What can be added to a remedy by looking at the value: by requirement first, then by keyword."""


def _closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely stands for; case, ``_``, ``-`` and blanks count for nothing."""
    plain = {_plain(one): one for one in known}
    near = difflib.get_close_matches(_plain(name)[:100], plain, n=1, cutoff=0.7)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")


# What JSON cannot hold ----------------------------------------------------------------------------


def _first_odd(value: object) -> Problem | None:
    """The first place where a Python object is not JSON that every platform reads, or None.

    Python knows more values than JSON: NaN, sets, keys that are numbers. Whole numbers beyond the range of a
    double, lone surrogates and nesting beyond `MAX_DEPTH` levels break other parsers, so they count as no
    JSON as well.
    """
    stack: list[tuple[object, tuple[str | int, ...]]] = [(value, ())]
    while stack:
        current, path = stack.pop()
        if oddity := _oddity(current, len(path)):
            return _odd_problem(path, *oddity)
        if type(current) is dict:
            stack += [(member, (*path, key)) for key, member in current.items()]
        elif type(current) is list:
            stack += [(item, (*path, index)) for index, item in enumerate(current)]
    return None


def _oddity(value: Any, depth: int) -> tuple[str, str] | None:
    kind = type(value)
    if value is None or kind is bool:
        return None
    if kind is str:
        return None if _is_unicode(value) else ("half a character", "Send whole Unicode characters.")
    if kind is float:
        return None if math.isfinite(value) else (f"{value}", "Leave the value out, or send null.")
    if kind is int:
        return None if value.bit_length() < 1024 else ("a number of hundreds of digits", "Send it as text.")
    if kind is not dict and kind is not list:
        return f"a Python {kind.__name__}", "Send text, a number, a boolean, null, a list or a dict."
    if depth > MAX_DEPTH:
        return f"more than {MAX_DEPTH} levels of nesting", "Flatten the payload."
    return _odd_key(value) if kind is dict else None


def _odd_key(value: dict[object, object]) -> tuple[str, str] | None:
    for key in value:
        if type(key) is not str or not _is_unicode(key):
            return "a name that is not text", "Use text of whole Unicode characters for every name."
    return None


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _odd_problem(path: tuple[str | int, ...], found: str, remedy: str) -> Problem:
    pointer = ""
    for part in path:
        pointer = _append(pointer, part)
    return Problem(pointer, "MUST", "json", "payload-is-json", found, remedy)


def _append(pointer: str, part: str | int) -> str:
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"


class Payloads:
    """The payload schemas of a specification's documents."""

    def __init__(self, documents: Any) -> None:
        self.documents = documents

    is_valid = staticmethod(is_valid)
    canonical = staticmethod(canonical)
    schema_names = staticmethod(schema_names)
    schema = staticmethod(schema)
    validate = staticmethod(validate)
