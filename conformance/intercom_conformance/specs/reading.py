"""Whether every document is there, is strict YAML or JSON, and is valid against the schema of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from intercom_conformance.specification import closest
from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.sources import Sources
from intercom_reference.documents import embedded
from intercom_reference.errors import DocumentError

__all__ = ["document_faults"]

_FOLDER = "schemas/documents"
_LONGEST = 160
"""Characters of what a validator says that are shown."""


def document_faults(sources: Sources) -> Iterator[Fault]:
    """The faults of documents taken one by one; at most one of each."""
    for path, kind in sources.kinds().items():
        try:
            value = sources.documents.load(path)
        except FileNotFoundError:
            yield Fault(path, 1, "document", "the document is missing", (), "Add it, or name another folder.")
        except DocumentError as error:
            yield Fault(error.path, error.line, "document", error.problem, (), error.remedy)
        else:
            if not _validator(kind).is_valid(value):
                yield _invalid(sources, path, kind, value)


@cache
def _validator(kind: str) -> Any:
    import jsonschema_rs

    registry = jsonschema_rs.Registry([(one["$id"], one) for one in _all_schemas()])
    schema = embedded().load(f"{_FOLDER}/{kind}.schema.json")
    return jsonschema_rs.Draft202012Validator(schema, registry=registry)


@cache
def _all_schemas() -> tuple[Any, ...]:
    return tuple(embedded().load(name) for name in embedded().names(_FOLDER))


def _invalid(sources: Sources, path: str, kind: str, value: Any) -> Fault:
    """The fault of an invalid document; the fast validator has decided, the slow one explains."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resources(
        (one["$id"], Resource.from_contents(one)) for one in _all_schemas()
    )
    schema = embedded().load(f"{_FOLDER}/{kind}.schema.json")
    error = best_match(Draft202012Validator(schema, registry=registry).iter_errors(value))
    place = tuple(error.absolute_path)
    where = "/".join(map(str, place)) or "the top level"
    told = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]} …"
    line = sources.line(path, (*place, *_named(error)[:1]))
    return Fault(path, line, "document", f"at {where}, {told}", (), _remedy(error, kind))


def _named(error: Any) -> list[str]:
    """The keys that an error is about, if it is about keys."""
    if error.validator == "additionalProperties":
        return [name for name in error.instance if name not in error.schema.get("properties", ())]
    return [error.instance] if "propertyNames" in error.schema_path else []


def _remedy(error: Any, kind: str) -> str:
    """The name or value that was probably meant, or those that there are."""
    see = f"See {_FOLDER}/{kind}.schema.json."
    known = {"additionalProperties": list(error.schema.get("properties", ())), "enum": error.validator_value}
    words = [str(one) for one in known.get(error.validator, ())]
    near = next(filter(None, (closest(str(name), words) for name in _named(error) or [error.instance])), None)
    if near:
        return f"Did you mean {near!r}? {see}"
    return f"There may be: {', '.join(words)}. {see}" if words else see
