"""Tells whether a payload is one that the guide allows, and if not, where, by which rule, and what to do.

The rules stand in ``schemas/``, never here. A payload schema is plain JSON Schema 2020-12, so that
validity at level MUST is what any validator says. Annotations, which plain validators ignore, tie the
rules to the specification:

- ``x-requirement`` and ``x-remedy`` name the rule that the keywords beside and below express;
- ``x-should`` holds a schema that a payload should satisfy, and ``x-alias-of`` marks an alternative spelling:
  both give a `Problem` of level SHOULD;
- ``x-caseless`` asks of an object, inside ``x-should``, that its names differ in more than case;
- ``x-limit`` names a maximum that public sources are at odds about, so that a caller can replace it.

Two engines read the schemas. `validate` uses jsonschema, whose errors can be explained; `is_valid` and
`compiled` use jsonschema-rs, which is some hundred times faster. The tests hold the two equal.

The functions speak of the specification that this package carries; `Payloads` does the same for another
one.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs

from intercom_reference._payload_problems import Problem, first_odd, problems, quick_problems, same_but_for_case
from intercom_reference._payload_schemas import (
    BadLimitError,
    LimitKey,
    Limits,
    PayloadSchemas,
    Rule,
    UnknownNameError,
    plain_names,
)
from intercom_reference.documents import Documents, embedded

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = [
    "BadLimitError",
    "Payloads",
    "Problem",
    "Rule",
    "UnknownNameError",
    "Validator",
    "canonical",
    "carried",
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
    "validator",
]

Json = Any


class Payloads:
    """Validation by the payload schemas of a specification's documents.

    Every method that takes the name of a schema, or limits, raises `UnknownNameError` for a name that there
    is not, and `BadLimitError` for a limit that is not a whole number from 0 up.
    """

    def __init__(self, documents: Documents) -> None:
        self._schemas = PayloadSchemas(documents)

    def validate(self, name: str, value: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
        """Every rule of a payload schema that `value` breaks, MUST before SHOULD, each once per place.

        Any Python object may be given: what JSON cannot hold is a problem, not an exception.
        """
        return problems(self._schemas, name, self._schemas.key(limits), value)

    def quickly(self, name: str, value: Json, *, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What `validate` gives, some ten times faster: jsonschema-rs finds the errors wherever it tells enough."""
        if first_odd(value) is not None:
            return self.validate(name, value, limits=limits)
        errors = self.compiled(name, limits=limits, strict=True).iter_errors(value)
        found = quick_problems(self._schemas, name, errors, value)
        return self.validate(name, value, limits=limits) if found is None else found

    def is_valid(self, name: str, value: Json, *, limits: Limits | None = None, strict: bool = False) -> bool:
        """Whether `validate` finds no problem of level MUST, or with `strict` no problem at all."""
        validator = self.compiled(name, limits=limits, strict=strict)
        return first_odd(value) is None and validator.is_valid(value)

    def compiled(
        self, name: str, *, limits: Limits | None = None, strict: bool = False
    ) -> jsonschema_rs.Draft202012Validator:
        """The jsonschema-rs validator of a payload schema, compiled once: for values fresh from a parser.

        It takes for granted what `is_valid` checks first: no NaN, no infinity, no lone surrogate, no nesting
        of thousands of levels.
        """
        return _compiled(self._schemas, name, self._schemas.key(limits), strict)

    def compiled_list(self, name: str, *, limits: Limits | None = None, strict: bool = False) -> Callable[[Json], bool]:
        """Tells whether every item of a list is valid by a payload schema; the items are as `compiled` wants them."""
        return _compiled_list(self._schemas, name, self._schemas.key(limits), strict)

    def canonical(self, name: str, value: Json) -> Json:
        """The payload under its main spellings: alternative ones are renamed, all else is left as it is.

        Where a payload uses both spellings, the two maps are merged and the main spelling wins.
        """
        if not _has_aliases(self._schemas, name):
            return value
        document = self._schemas.document(name)
        return _renamed(self._schemas, document, document, value)

    def schema(self, name: str, limits: Limits | None = None, *, strict: bool = False) -> dict[str, Any]:
        """A payload schema as one document that needs no other: what it refers to stands in its ``$defs``.

        `limits` replaces maxima by their ``x-limit`` names. `strict` turns every SHOULD into a rule of the
        schema, so that a plain validator refuses whatever `validate` would mention.
        """
        return copy.deepcopy(self._schemas.bundle(name, self._schemas.key(limits), strict))

    def components(self, place: str) -> dict[str, dict[str, Any]]:
        """Every payload schema, ready to stand inside another document; see `PayloadSchemas.components`."""
        return self._schemas.components(place)

    def schema_names(self) -> tuple[str, ...]:
        """The names of all payload schemas, such as ``login`` and ``event-metadata``."""
        return self._schemas.names()

    def limits(self) -> dict[str, int]:
        """The limits that a caller may replace, and their values."""
        return self._schemas.limits()

    def requirements(self) -> dict[str, Rule]:
        """Every requirement that the payload schemas express, by its slug."""
        return self._schemas.rules()


carried = Payloads(embedded())
"""Validation by the specification that this package carries."""

validate = carried.validate
is_valid = carried.is_valid
compiled = carried.compiled
canonical = carried.canonical
schema = carried.schema
schema_names = carried.schema_names
limits = carried.limits
requirements = carried.requirements


def validator(
    kind: str, *, profile: str | None = None, limits: Limits | None = None, documents: Documents | None = None
) -> Validator:
    """A validator for one kind of payload, made once and used often.

    Args:
        kind: the name of a payload schema, such as ``user-attributes`` or ``event``.
        profile: whose spellings the payloads use, one of `intercom_reference.profiles.names`; the guide's if None.
        limits: maxima by their ``x-limit`` names.
        documents: another specification.

    Raises:
        UnknownNameError: there is no such kind, profile or limit.
        BadLimitError: a limit is not a whole number from 0 up.
    """
    if profile is None:
        payloads = Payloads(documents) if documents else carried
    else:
        from intercom_reference.profiles import profile as named

        payloads = named(profile, documents).payloads(kind)
    payloads.compiled(kind, limits=limits)
    return Validator(payloads, kind, limits)


@attrs.frozen(eq=False)
class Validator:
    """Judges payloads of one kind; `validator` makes one."""

    payloads: Payloads
    kind: str
    limits: Limits | None = None

    def __call__(self, value: Json) -> tuple[Problem, ...]:
        """Every rule that a payload breaks: errors, which are of level MUST, before warnings."""
        return self.payloads.quickly(self.kind, value, limits=self.limits)

    def errors(self, value: Json) -> tuple[Problem, ...]:
        """The rules of level MUST that a payload breaks."""
        return () if self.is_valid(value) else tuple(one for one in self(value) if one.level == "MUST")

    def warnings(self, value: Json) -> tuple[Problem, ...]:
        """The rules of level SHOULD that a payload breaks."""
        return tuple(one for one in self(value) if one.level == "SHOULD")

    def is_valid(self, value: Json, *, strict: bool = False) -> bool:
        """Whether there are no errors, or with `strict` no warnings either."""
        return self.payloads.is_valid(self.kind, value, limits=self.limits, strict=strict)

    def of_list(self, *, strict: bool = False) -> Callable[[Json], bool]:
        """Whether every item of a list is valid, in one call: for values fresh from a parser, as `compiled` is."""
        return self.payloads.compiled_list(self.kind, limits=self.limits, strict=strict)


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


@lru_cache(maxsize=1024)
def _compiled(schemas: PayloadSchemas, name: str, key: LimitKey, strict: bool) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schemas.bundle(name, key, strict), keywords=_keywords())


@lru_cache(maxsize=1024)
def _compiled_list(schemas: PayloadSchemas, name: str, key: LimitKey, strict: bool) -> Callable[[Json], bool]:
    import jsonschema_rs

    bundle = schemas.bundle(name, key, strict)
    whole = {"items": {"$ref": bundle["$id"]}, "$defs": {"item": bundle}}
    exact = jsonschema_rs.Draft202012Validator(whole, keywords=_keywords()).is_valid
    if not strict or "x-caseless" not in json.dumps(bundle):
        return exact
    plain = jsonschema_rs.Draft202012Validator(plain_names(whole)).is_valid
    return lambda items: plain(items) or exact(items)


def _keywords() -> dict[str, Any]:
    return {"x-caseless": _Caseless}


class _Caseless:
    """The keyword ``x-caseless`` for jsonschema-rs."""

    def __init__(self, *_: Json) -> None:
        pass

    def validate(self, instance: Json) -> None:
        for first, second in same_but_for_case(instance):
            raise ValueError(f"{first} and {second} differ only in case")


@lru_cache(maxsize=1024)
def _has_aliases(schemas: PayloadSchemas, name: str) -> bool:
    return "x-alias-of" in json.dumps(schemas.bundle(name))


def _renamed(schemas: PayloadSchemas, node: Json, document: dict[str, Any], value: Json) -> Json:
    if "$ref" in node:
        return _renamed(schemas, *schemas.follow(node, document), value)
    for part in node.get("allOf", ()):
        value = _renamed(schemas, part, document, value)
    if isinstance(value, list) and "items" in node:
        return [_renamed(schemas, node["items"], document, item) for item in value]
    if isinstance(value, dict) and "properties" in node:
        return _renamed_object(schemas, node["properties"], document, value)
    return value


def _renamed_object(
    schemas: PayloadSchemas, properties: dict[str, Any], document: dict[str, Any], value: dict[str, Any]
) -> Json:
    result: dict[str, Any] = {}
    for key, member in value.items():
        part = properties.get(key, {})
        main = part.get("x-alias-of", key)
        member = _renamed(schemas, part, document, member)
        result[main] = _merged(result[main], member, first_wins=main != key) if main in result else member
    return result


def _merged(first: Json, second: Json, *, first_wins: bool) -> Json:
    winner, other = (first, second) if first_wins else (second, first)
    if isinstance(winner, dict) and isinstance(other, dict):
        return {**other, **winner}
    return winner
