"""Whether every document is there, is strict YAML or JSON, and is valid against the schema of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.sources import Sources
from intercom_reference.documents import embedded
from intercom_reference.errors import DocumentError

__all__ = ["document_faults"]

_FOLDER = "schemas/documents"


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
    problem = f"at {where}, {error.message[:300]}"
    return Fault(path, sources.line(path, place), "document", problem, (), f"See {_FOLDER}/{kind}.schema.json.")
