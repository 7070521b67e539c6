"""Turns what a validator reports about a payload into problems that a person can act on.

jsonschema is the validator here, for its errors say where they come from. Keywords of ours join it:
``x-should``, ``x-alias-of`` and ``x-caseless`` report as any keyword does, and become problems of level SHOULD. Before
that, what JSON cannot hold is found, so that no payload whatever can crash a validator.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

import attrs

from intercom_reference._payload_schemas import LimitKey, PayloadSchemas, append, closest
from intercom_reference.loading import MAX_DEPTH

__all__ = ["Problem", "first_odd", "problems", "quick_problems", "same_but_for_case"]

Json = Any
Level = Literal["MUST", "SHOULD"]
_Error = Any
"""A jsonschema `ValidationError`; its type allows any field to be unset, which a validator never leaves."""


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
        place = _cut(self.pointer, 100) or "the payload"
        return f"{self.level} {self.requirement} at {place}: found {self.found}. {self.remedy}"


def problems(schemas: PayloadSchemas, name: str, key: LimitKey, value: Json) -> tuple[Problem, ...]:
    """Every rule of a payload schema that `value` breaks, MUST before SHOULD, each once per place."""
    if odd := first_odd(value):
        return (odd,)
    found: dict[tuple[str, str, str], Problem] = {}
    for error in _closest_errors(_truth(schemas, name, key).iter_errors(value)):
        problem = _problem(schemas, name, error)
        found.setdefault((problem.pointer, problem.level, problem.keyword), problem)
    return tuple(sorted(found.values(), key=lambda problem: (problem.level, problem.pointer)))


def quick_problems(
    schemas: PayloadSchemas, name: str, errors: Iterable[Any], value: Json
) -> tuple[Problem, ...] | None:
    """What `problems` gives, from the errors of jsonschema-rs by the strict schema; None where they do not suffice."""
    if _tells_apart(value):
        return None
    found: dict[tuple[str, str, str], Problem] = {}
    views = [_view(schemas, name, error, value) for one in errors for error in _closest_quick_errors(one)]
    told = [view for view in views if view is not None]
    if len(told) < len(views):
        return None
    for _, error in sorted(told, key=lambda view: view[0]):
        problem = _problem(schemas, name, error)
        found.setdefault((problem.pointer, problem.level, problem.keyword), problem)
    return tuple(sorted(found.values(), key=lambda problem: (problem.level, problem.pointer)))


def _tells_apart(value: Json) -> bool:
    """Whether jsonschema-rs may tell other problems: of an empty name, or of a text that ends in a line end.

    It leaves such names out of its paths, and Python's ``$`` matches before such an end.
    """
    if isinstance(value, dict):
        return "" in value or any(map(_tells_apart, value)) or any(map(_tells_apart, value.values()))
    if isinstance(value, list):
        return any(map(_tells_apart, value))
    return isinstance(value, str) and value.endswith("\n")


@attrs.frozen
class _View:
    """An error of jsonschema-rs, with the fields that one of jsonschema has."""

    validator: str
    validator_value: Json
    instance: Json
    absolute_path: list[str | int]
    absolute_schema_path: list[str | int]


def _view(schemas: PayloadSchemas, name: str, error: Any, value: Json) -> tuple[tuple[int, ...], _View] | None:
    """An error as jsonschema would have it, with its place in the order in which jsonschema comes upon errors."""
    if error.kind.name == "x-caseless":
        return None
    order, path, wanted = _in_file(schemas, name, error.evaluation_path)
    if error.kind.name == "propertyNames":
        instance = error.kind.error.instance
    else:
        instance = value
        for part in error.instance_path:
            instance = instance[part]
    return order, _View(str(path[-1]), wanted, instance, error.instance_path, path)


def _closest_quick_errors(error: Any) -> Iterator[Any]:
    """The same as `_closest_errors`, of an error of jsonschema-rs."""
    meant = _meant_quick_branch(error) if error.kind.name == "anyOf" else None
    if meant is None:
        yield error
        return
    for cause in meant:
        yield from _closest_quick_errors(cause)


def _meant_quick_branch(error: Any) -> list[Any] | None:
    here = error.instance_path
    fitting = [
        branch
        for branch in error.kind.context
        if not any(cause.kind.name == "type" and cause.instance_path == here for cause in branch)
    ]
    return _shortest(fitting)


def _in_file(
    schemas: PayloadSchemas, name: str, steps: list[str | int]
) -> tuple[tuple[int, ...], list[str | int], Json]:
    """A path in the strict schema as the path in the files that it was made of, its order, and what stands there.

    In the strict schema an ``x-should`` is the last part of an ``allOf``, and an alternative spelling a ``not``.
    """
    node: Json = schemas.document(name)
    document = node
    order: list[int] = []
    path: list[str | int] = []
    rest = list(reversed(steps))
    while rest:
        step = _written(node, rest)
        order.append(step if isinstance(step, int) else list(node).index("if" if step in ("then", "else") else step))
        if step == "$ref":
            node, document = schemas.follow(node, document)
        else:
            path.append(step)
            node = node[step]
    return tuple(order), path, node


def _written(node: Json, rest: list[str | int]) -> str | int:
    """The next step as the file has it; `rest` holds the steps to go, the next one last."""
    step = rest.pop()
    if step == "not" and "x-alias-of" in node:
        return "x-alias-of"
    if step == "allOf" and rest[-1] == len(node.get("allOf", ())):
        rest.pop()
        return "x-should"
    return step


@lru_cache(maxsize=256)
def _truth(schemas: PayloadSchemas, name: str, key: LimitKey) -> Any:
    from jsonschema import Draft202012Validator, validators
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    extend: Any = validators.extend
    cls = extend(Draft202012Validator, {"x-should": _should, "x-alias-of": _alias, "x-caseless": _caseless})
    document = schemas.bundle(name, key)
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


def _caseless(_: Any, __: Json, instance: Json, ___: Json) -> Iterator[_Error]:
    from jsonschema.exceptions import ValidationError

    for first, second in same_but_for_case(instance):
        yield ValidationError(f"{first} and {second} differ only in case", instance=[first, second], path=[second])


def same_but_for_case(value: Json) -> Iterator[tuple[str, str]]:
    """Names of an object that differ from an earlier name only in case, each after that earlier name."""
    seen: dict[str, str] = {}
    for name in value if isinstance(value, dict) else ():
        earlier = seen.setdefault(name.casefold(), name)
        if earlier != name:
            yield earlier, name


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
    return _shortest([branch for branch in branches.values() if not _other_type(branch)])


def _shortest(branches: Sequence[list[Any]]) -> list[Any] | None:
    """The branch with the fewest errors, None if there is none or several."""
    ranked = sorted(branches, key=len)
    if not ranked or (len(ranked) > 1 and len(ranked[0]) == len(ranked[1])):
        return None
    return ranked[0]


def _other_type(branch: list[_Error]) -> bool:
    return any(cause.validator == "type" and not cause.relative_path for cause in branch)


def _problem(schemas: PayloadSchemas, name: str, error: _Error) -> Problem:
    keyword = str(error.validator)
    rule, level = _governing_rule(schemas, name, error.absolute_schema_path)
    pointer = ""
    for part in error.absolute_path:
        pointer = append(pointer, part)
    if "propertyNames" in error.absolute_schema_path:
        pointer = append(pointer, str(error.instance))
    remedy = " ".join(filter(None, [_suggestion(rule["x-requirement"], error), rule["x-remedy"]]))
    return Problem(pointer, level, keyword, rule["x-requirement"], _found(error, rule), remedy)


def _governing_rule(schemas: PayloadSchemas, name: str, path: Iterable[str | int]) -> tuple[dict[str, Any], Level]:
    """The innermost schema on the way to the failed keyword that names a requirement, and its level."""
    node: Json = schemas.document(name)
    document, rule = node, node
    steps = list(path)
    for step in steps:
        # Beside a reference stand annotations only, so whatever else is on the path lies behind it.
        while "$ref" in node and step not in node:
            node, document = schemas.follow(node, document)
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
    if error.validator == "x-caseless":
        return f"the names {_quoted(value[0])} and {_quoted(value[1])}"
    if error.validator == "maxProperties":
        return f"{len(value)} names"
    if isinstance(value, str) and rule.get("writeOnly"):
        return f"a text of {len(value)} characters"
    return _quoted(value)


def _quoted(value: Json, width: int = 60) -> str:
    return _cut(json.dumps(value, ensure_ascii=False), width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _suggestion(requirement: str, error: _Error) -> str | None:
    make = _SUGGESTIONS.get(requirement) or _SUGGESTIONS.get(str(error.validator))
    return make(error) if make else None


def _suggest_name(error: _Error) -> str | None:
    known = [name for name in error.validator_value if isinstance(name, str)]
    near = closest(error.instance, known) if isinstance(error.instance, str) else None
    return f"Did you mean {_quoted(near)}?" if near else None


def _suggest_quotes(error: _Error) -> str | None:
    value, wanted = error.instance, error.validator_value
    if "string" in wanted and isinstance(value, (int, float)):
        return f"Write {_quoted(json.dumps(value))}, in quotes."
    if isinstance(value, str) and value.isascii() and value.isdigit() and {"integer", "number"} & {*wanted}:
        return f"Write {value}, without quotes."
    return None


def _suggest_number_of_date(error: _Error) -> str | None:
    value = error.instance
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _suggest_quotes(error) or f"Write {int(moment.timestamp())}: seconds."
    return _suggest_quotes(error)


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
    "custom-attribute-dates-are-numbers": _suggest_number_of_date,
    "dates-are-not-milliseconds": _suggest_seconds,
    "dates-are-unix-seconds": _suggest_number_of_date,
    "monetary-shape": _suggest_cents,
    "enum": _suggest_name,
    "type": _suggest_quotes,
}
"""What can be added to a remedy by looking at the value: by requirement first, then by keyword."""


# What JSON cannot hold ----------------------------------------------------------------------------


def first_odd(value: object) -> Problem | None:
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
        pointer = append(pointer, part)
    return Problem(pointer, "MUST", "json", "payload-is-json", found, remedy)
