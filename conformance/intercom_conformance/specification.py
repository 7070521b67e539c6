"""The specification as frozen values: what the documents under ``spec/`` and ``schemas/`` say, read once.

Nothing here knows an SDK. A specification is a folder with ``spec/`` and ``schemas/``; the embedded one is the
default. Every document is validated against its own JSON Schema before it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from referencing import Registry, Resource

from intercom_conformance.references import closest, unresolved
from intercom_reference.documents import Documents, WrittenDocuments, embedded, folder
from intercom_reference.payloads import Payloads

__all__ = [
    "Api",
    "Method",
    "Parameter",
    "Requirement",
    "Scenario",
    "Specification",
    "SpecificationError",
    "Variant",
    "closest",
    "documents_in",
    "load_specification",
]


@attrs.frozen(str=False)
class SpecificationError(Exception):
    """A specification that cannot be used: which document, what is wrong, what to do."""

    document: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.document}: {self.problem}. {self.remedy}"


@attrs.frozen
class Requirement:
    """One normative sentence, under its slug."""

    id: str
    level: str
    on: str
    sentence: str
    source: str
    untestable: str | None = None

    @property
    def binding(self) -> bool:
        """Whether breaking it is a failure (MUST, MUST NOT) and not a warning."""
        return self.level.startswith("MUST")


@attrs.frozen
class Variant:
    """Values of a parameter, by a JSON Schema, that only bindings with a capability accept."""

    when: Mapping[str, Any]
    capability: str


@attrs.frozen
class Parameter:
    """A parameter of a method: its name and the schema of its values."""

    name: str
    schema: str
    optional: bool = False
    ignored: bool = False
    secret: bool = False
    variants: tuple[Variant, ...] = ()
    parts: tuple[Variant, ...] = ()


@attrs.frozen
class Method:
    """A method of the API."""

    name: str
    summary: str
    event: str
    capability: str
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...]
    examples: tuple[tuple[Any, ...], ...]
    result: Mapping[str, Any] | None
    source: str
    since: str

    def named(self, arguments: tuple[Any, ...] | list[Any]) -> dict[str, Any]:
        """The arguments by parameter name; missing ones are left out, surplus ones are dropped."""
        return {parameter.name: value for parameter, value in zip(self.parameters, arguments, strict=False)}


def _by_any_name(api: Api) -> dict[str, Method]:
    return {name: method for method in api.methods.values() for name in (method.name, *method.aliases)}


@attrs.frozen
class Api:
    """The methods, and which requirement a binding breaks by what it does around a call.

    `by_any_name` are the methods by their names and their aliases.
    """

    methods: Mapping[str, Method]
    contract: Mapping[str, str]
    error_codes: tuple[Mapping[str, Any], ...]
    by_any_name: Mapping[str, Method] = attrs.field(init=False, default=attrs.Factory(_by_any_name, takes_self=True))


@attrs.frozen
class Scenario:
    """An example of behaviour: steps, and what holds after them."""

    id: str
    summary: str
    requirements: tuple[str, ...]
    steps: tuple[Mapping[str, Any], ...]
    then: Mapping[str, Any]
    needs: tuple[str, ...]
    source: str


@attrs.frozen(eq=False)
class Specification:
    """All documents of one specification."""

    name: str
    version: str
    digest: str
    chart: Mapping[str, Any]
    api: Api
    requirements: Mapping[str, Requirement]
    capabilities: Mapping[str, Mapping[str, Any]]
    scenarios: tuple[Scenario, ...]
    payloads: Payloads
    folder: str | None = None
    """Where it was read from; None for the embedded one."""

    @property
    def events(self) -> list[str]:
        """The events that calls cause, in the order of the methods."""
        return list(dict.fromkeys(method.event for method in self.api.methods.values()))

    def invalid(self, method: Method, named: Mapping[str, Any]) -> frozenset[str]:
        """The parameters of a method that are not valid, given the arguments by name; absent ones are missing there."""
        return frozenset(one.name for one in method.parameters if not self._is_valid(one, named))

    def lacking(self, requirement: str, kind: str, capabilities: frozenset[str]) -> tuple[str, ...]:
        """The capabilities for want of which a requirement cannot be judged of a binding of some kind.

        Of those that open it, one is enough; of those that only bindings of its kind are asked for, it needs each.
        """
        naming = {name: body for name, body in self.capabilities.items() if requirement in body.get("needed_for", ())}
        usual = [name for name, body in naming.items() if "only_for" not in body]
        special = [name for name, body in naming.items() if body.get("only_for") == kind]
        lacking = [] if not usual or capabilities & set(usual) else usual
        return (*lacking, *(name for name in special if name not in capabilities))

    def accepts(self, method: Method, arguments: tuple[Any, ...]) -> bool:
        """Whether a method may be called with these arguments."""
        return not self.invalid(method, method.named(arguments))

    def _is_valid(self, parameter: Parameter, named: Mapping[str, Any]) -> bool:
        value = named.get(parameter.name)
        if parameter.ignored or (parameter.optional and value is None):
            return True
        return parameter.name in named and self.payloads.is_valid(parameter.schema, value)


@cache
def load_specification(path: str | None = None) -> Specification:
    """The specification in a folder, or the embedded one.

    Raises:
        SpecificationError: there is no such folder, or a document in it is missing, breaks its schema, or names
            something that does not exist.
        DocumentError: a document is not strict YAML or JSON.
    """
    return _read(documents_in(path), path)


def documents_in(path: str | None) -> WrittenDocuments:
    """The documents of the specification in a folder, or the embedded ones; `SpecificationError` if there is none."""
    if path is None:
        return embedded()
    place = Path(path)
    if (place / "session.yaml").is_file():
        raise SpecificationError(path, "this is a folder of documents", "Name the folder that it is in.")
    if not place.is_dir():
        raise SpecificationError(path, "there is no such folder", "Name one with spec/ and schemas/ in it.")
    return folder(place)


def _read(documents: Documents, place: str | None) -> Specification:
    chart = _document(documents, "spec/session.yaml", "session")
    api = _document(documents, "spec/api.yaml", "api")
    requirements = _document(documents, "spec/requirements.yaml", "requirements")["requirements"]
    capabilities = _document(documents, "spec/capabilities.yaml", "capabilities")["capabilities"]
    scenarios = [
        scenario
        for name in documents.names("spec/scenarios")
        for scenario in _document(documents, name, "scenarios")["scenarios"]
    ]
    schemas = [documents.load(name) for name in documents.names("schemas")]
    result = Specification(
        name=api["api"],
        version=api["version"],
        digest=_digest([chart, api, requirements, capabilities, scenarios, schemas]),
        chart=chart,
        api=_api(api),
        requirements={slug: Requirement(slug, **body) for slug, body in requirements.items()},
        capabilities=capabilities,
        scenarios=tuple(_scenario(body) for body in scenarios),
        payloads=Payloads(documents),
        folder=place,
    )
    _check_names(documents)
    return result


def _document(documents: Documents, path: str, kind: str) -> Any:
    import jsonschema_rs

    try:
        value = documents.load(path)
    except FileNotFoundError:
        raise SpecificationError(path, "the document is missing", "Add it, or name another folder.") from None
    schema = embedded().load(f"schemas/documents/{kind}.schema.json")
    registry = jsonschema_rs.Registry([(one["$id"], one) for one in _document_schemas()])
    if not jsonschema_rs.Draft202012Validator(schema, registry=registry).is_valid(value):
        raise _invalid(path, kind, schema, value)
    return value


@cache
def _document_schemas() -> tuple[Any, ...]:
    return tuple(embedded().load(name) for name in embedded().names("schemas/documents"))


def _invalid(path: str, kind: str, schema: Any, value: Any) -> SpecificationError:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    # The fast validator has decided; the slow one explains.
    resources = ((one["$id"], Resource.from_contents(one)) for one in _document_schemas())
    registry: Registry[Any] = Registry().with_resources(resources)
    error = best_match(Draft202012Validator(schema, registry=registry).iter_errors(value))
    place = "/".join(str(part) for part in error.absolute_path) or "top level"
    problem = f"at {place}, {error.message[:300]}"
    return SpecificationError(path, problem, f"See schemas/documents/{kind}.schema.json.")


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _api(document: Mapping[str, Any]) -> Api:
    methods = {name: _method(name, body) for name, body in document["methods"].items()}
    return Api(methods, document["contract"], tuple(document["error_codes"]))


def _method(name: str, body: Mapping[str, Any]) -> Method:
    return Method(
        name=name,
        summary=body["summary"],
        event=body["event"],
        capability=body["capability"],
        parameters=tuple(_parameter(parameter) for parameter in body["parameters"]),
        aliases=tuple(alias["name"] for alias in body.get("aliases", ())),
        examples=tuple(tuple(arguments) for arguments in body["examples"]),
        result=body.get("result"),
        source=body["source"],
        since=body["since"],
    )


def _parameter(body: Mapping[str, Any]) -> Parameter:
    lists = {key: tuple(Variant(**one) for one in body.get(key, ())) for key in ("variants", "parts")}
    return Parameter(**{**body, **lists})


def _scenario(body: Mapping[str, Any]) -> Scenario:
    return Scenario(
        id=body["id"],
        summary=body["summary"],
        requirements=tuple(body["requirements"]),
        steps=tuple(body["steps"]),
        then=body.get("then", {}),
        needs=tuple(body.get("needs", ())),
        source=body["source"],
    )


def _check_names(documents: Documents) -> None:
    kinds = {"spec/capabilities.yaml": "capabilities", **dict.fromkeys(documents.names("spec/scenarios"), "scenarios")}
    for one in unresolved(documents, kinds):
        raise SpecificationError(one.at.document, one.problem, one.remedy)
