"""The specification as the one document that an interpreter in any language needs: ``machine.json``.

It holds the statechart as it is, the methods of the API, the payload schemas at level MUST with their remedies,
and what the reference adds: texts of errors, and the schedule of retries. It is a function of the documents: the same
ones give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance._version import __version__
from intercom_conformance.specification import Specification
from intercom_reference.documents import Documents, embedded, folder
from intercom_reference.errors import KitError

__all__ = ["KEYWORDS", "UnknownKeyword", "machine"]

KEYWORDS = frozenset(
    (
        *("$defs", "$ref", "type", "const", "enum", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
        *("required", "properties", "patternProperties", "additionalProperties", "propertyNames"),
        *("minProperties", "maxProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "x-alias-of", "x-remedy"),
    )
)
"""Keywords that the interpreters understand."""
_ANNOTATIONS = frozenset(("$schema", "$id", "title", "description", "examples", "writeOnly", "default", "$comment"))
_NAMED = frozenset(("properties", "patternProperties", "$defs"))
_DATA = frozenset(("const", "enum"))


@attrs.frozen(str=False)
class UnknownKeyword(KitError):
    """A payload schema has a keyword that the interpreters of stand-ins do not understand."""

    place: str
    keyword: str

    def __str__(self) -> str:
        return (
            f"a stand-in does not understand {self.keyword!r}, in {self.place}. "
            f"Say it with others: {', '.join(sorted(KEYWORDS))}."
        )


def machine(spec: Specification) -> dict[str, Any]:
    """What an interpreter needs to behave as a specification says.

    Raises:
        UnknownKeyword: a schema says what the interpreters do not understand.
    """
    from intercom_reference.loading import MAX_DEPTH
    from intercom_reference.messages import CANCELLED, MESSAGES
    from intercom_reference.network import BACKOFF, HOUR

    documents = folder(Path(spec.folder)) if spec.folder else embedded()
    methods = documents.load("spec/api.yaml")["methods"]
    aliases = [(name, alias) for name, body in methods.items() for alias in body.get("aliases", ())]
    return {
        "version": __version__,
        "specification": {"name": spec.name, "version": spec.version, "digest": spec.digest},
        "capabilities": sorted(spec.capabilities),
        "methods": {name: _method(body) for name, body in methods.items()},
        "aliases": {alias["name"]: name for name, alias in aliases},
        "deprecated": [alias["name"] for _, alias in aliases if "deprecated" in alias],
        "texts": {**MESSAGES, "invalid": MESSAGES["invalid"].replace(" {tell}", " See the schema {schema}.")},
        "cancelled": CANCELLED,
        "backoff": list(BACKOFF),
        "hour": HOUR,
        "depth": MAX_DEPTH,
        "schemas": {name: _schema(documents, name) for name in spec.payloads.schema_names()},
        "chart": spec.chart,
    }


def _method(body: Mapping[str, Any]) -> dict[str, Any]:
    result = body.get("result", {})
    return {
        "event": body["event"],
        "parameters": [_parameter(one) for one in body["parameters"]],
        "tells": bool(result),
        "returned": bool(result.get("returned")),
    }


def _parameter(body: Mapping[str, Any]) -> dict[str, Any]:
    flags = {flag: True for flag in ("optional", "ignored") if body.get(flag)}
    return {"name": body["name"], "schema": body["schema"], **flags}


def _path(schema: str) -> str:
    return f"schemas/{schema}.schema.json"


def _schema(documents: Documents, name: str) -> Any:
    return _bare(documents.load(_path(name)), _path(name))


def _bare(node: Any, place: str) -> Any:
    """A schema without what says nothing about validity at level MUST."""
    if not isinstance(node, dict):
        return [_bare(part, place) for part in node] if isinstance(node, list) else node
    return {key: _body(key, body, f"{place}/{key}") for key, body in node.items() if _matters(key, place)}


def _body(keyword: str, body: Any, place: str) -> Any:
    if keyword in _DATA:
        return body
    if keyword in _NAMED:
        return {name: _bare(part, f"{place}/{name}") for name, part in body.items()}
    return _bare(body, place)


def _matters(keyword: str, place: str) -> bool:
    if keyword in KEYWORDS:
        return True
    if keyword in _ANNOTATIONS or keyword.startswith("x-"):
        return False
    raise UnknownKeyword(place, keyword)
