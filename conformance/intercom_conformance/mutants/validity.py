"""What a change of payload schemas makes of validity: which parameters, facts and effects it may be seen in.

Arguments are put under their main spellings before anything is asked of them. So a schema is compared only on values
that have no alternative spelling where those are renamed: what it says of one there is never asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import attrs

from intercom_conformance.mutants.mutant import documents_of
from intercom_conformance.oracle.table import Atom
from intercom_conformance.specification import Method, Specification
from intercom_reference.documents import Documents
from intercom_reference.payloads import Payloads

__all__ = ["Validity"]

Json = Any
Known = Mapping[Atom, Json]
Valid = Mapping[str, bool]

_SUFFIX = ".schema.json"

_ALL = Atom("valid", "*")
_ITEMS = object()
"""The step of a path to every item of an array."""


@attrs.frozen
class Question:
    """That a value is asked whether it meets a payload schema; all such values meet `shape`, a JSON Schema."""

    name: str
    shape: Json = attrs.field(eq=False)


@attrs.frozen(eq=False, slots=False)
class Validity:
    """The payload schemas of a specification, and those of changed documents."""

    spec: Specification
    documents: Documents

    @property
    def only_wider(self) -> bool:
        """Whether the changed schemas accept what they accepted, and say of the same spellings that they are others."""
        same = all(_shape(self.documents, name) == one.shape for name, one in self._of_parameters.items())
        return same and all(map(self._is_kept, self._questions))

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The schemas of parameters that accept more."""
        return frozenset(one.name for one in self._of_parameters.values() if self._is_wider(one))

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that ask for a schema that accepts more."""
        facts = self.spec.chart.get("facts", {})
        return frozenset(name for name, body in facts.items() if any(map(self._is_wider, self._asked(body))))

    @property
    def in_effects(self) -> bool:
        """Whether an effect asks for a schema that accepts more: which values it lets pass decides what is kept."""
        return any(map(self._is_wider, self._asked(self.spec.chart["effects"])))

    def told(self, event: str, known: Known) -> Iterator[Known]:
        """What is answered by the changed schemas of calls of which `known` is, wherever that may be anything else."""
        facts = [atom for atom in known if atom.kind == "fact" and atom.name in self.facts]
        for before, after in self._of_calls(event, known):
            for answers in product((False, True), repeat=len(facts)):
                new = dict(zip(facts, answers, strict=True))
                if after != before or any(new[atom] != known[atom] for atom in facts):
                    yield {**known, **new, **_answers(known, after)}

    def _of_calls(self, event: str, known: Known) -> Iterator[tuple[Valid, Valid]]:
        """Which parameters of a call may be valid, if so much is known of it, and which by the changed schemas."""
        methods = [one for one in self.spec.api.methods.values() if one.event == event]
        if not methods:
            yield {}, {}
        for method in methods:
            for before in _valid(method, known):
                axes = [
                    (valid, True) if one.schema in self.parameters and not one.ignored else (valid,)
                    for one, valid in zip(method.parameters, before.values(), strict=True)
                ]
                for after in dict.fromkeys(product(*axes)):
                    yield before, dict(zip(before, after, strict=True))

    # Comparing ------------------------------------------------------------------------------------------------

    @cached_property
    def _of_parameters(self) -> Mapping[str, Question]:
        parameters = (one for method in self.spec.api.methods.values() for one in method.parameters if not one.ignored)
        names = dict.fromkeys(one.schema for one in parameters)
        return {name: Question(name, _shape(documents_of(self.spec), name)) for name in names}

    @cached_property
    def _changed(self) -> Payloads:
        return Payloads(self.documents)

    @cached_property
    def _questions(self) -> Sequence[Question]:
        chart = self.spec.chart
        return [*self._of_parameters.values(), *self._asked(chart.get("facts", {})), *self._asked(chart["effects"])]

    def _asked(self, document: Json) -> Iterator[Question]:
        """The questions in a part of the statechart."""
        if isinstance(document, Mapping):
            if isinstance(document.get("schema"), str):
                yield from (Question(document["schema"], shape) for shape in self._shapes(document))
            for part in document.values():
                yield from self._asked(part)
        elif isinstance(document, list):
            for part in document:
                yield from self._asked(part)

    def _shapes(self, body: Mapping[str, Json]) -> Iterator[Json]:
        """The shapes of what is asked about: an argument's part, or the items of one; anything, if it is neither."""
        path = body["value"] if "value" in body else body.get("from")
        if not isinstance(path, list) or path[:1] != ["argument"]:
            yield True
            return
        inner = path[2:] if "value" in body else [*path[2:], _ITEMS]
        yield from (_inside(shape, inner) for shape in self._shapes_of(path[1]))

    def _shapes_of(self, argument: str) -> Iterator[Json]:
        """The shapes of the arguments that go by a name; those of the world's events are as they come."""
        for method in self.spec.api.methods.values():
            for one in method.parameters:
                if one.name == argument:
                    yield True if one.ignored else self._of_parameters[one.schema].shape
        if any(argument in body.get("parameters", ()) for body in self.spec.chart["environment"].values()):
            yield True

    def _is_wider(self, question: Question) -> bool:
        """Whether the changed schema may accept a value that the original one does not."""
        return not _covers(*self._both(question))

    def _is_kept(self, question: Question) -> bool:
        """Whether the changed schema accepts each value that the original one does."""
        original, changed = self._both(question)
        return _covers(changed, original)

    def _both(self, question: Question) -> tuple[Any, Any]:
        """The values of that shape that the original schema accepts, and those that the changed one does."""
        import jsonschema_rs

        documents = (one.schema(question.name) for one in (self.spec.payloads, self._changed))
        shape = jsonschema_rs.canonicalize(question.shape)
        one, other = (jsonschema_rs.canonicalize(document).intersect(shape) for document in documents)
        return one, other


def _covers(one: Any, other: Any) -> bool:
    return one is other or str(one.covers(other)) == "yes"


def _valid(method: Method, known: Known) -> Iterator[Valid]:
    """Which parameters may be valid, where the answers tell it of some, or of all together."""
    asked = [known.get(Atom("valid", one.name)) for one in method.parameters]
    for valid in product(*((False, True) if answer is None else (answer,) for answer in asked)):
        if known.get(_ALL) in (None, all(valid)):
            yield {one.name: answer for one, answer in zip(method.parameters, valid, strict=True)}


def _answers(known: Known, valid: Valid) -> Known:
    """The answers that depend on which parameters are valid."""
    told = {Atom("valid", name): answer for name, answer in valid.items()} | {_ALL: all(valid.values())}
    return {atom: answer for atom, answer in told.items() if atom in known}


def _shape(documents: Documents, name: str) -> Json:
    """A schema that each payload of a kind meets once its alternative spellings are renamed."""
    return _renamed(documents, *_file(documents, f"{name}{_SUFFIX}"), ())


def _renamed(documents: Documents, node: Json, document: Json, above: tuple[Json, ...]) -> Json:
    if not isinstance(node, Mapping):
        return True
    if "$ref" in node:
        found, home = _followed(documents, node["$ref"], document)
        return True if any(found is one for one in above) else _renamed(documents, found, home, (*above, found))
    parts = [_renamed(documents, part, document, above) for part in node.get("allOf", ())]
    if "items" in node:
        parts.append(_only("items", _renamed(documents, node["items"], document, above)))
    members = {key: part for key, part in node.get("properties", {}).items() if isinstance(part, Mapping)}
    mains = {part.get("x-alias-of", key) for key, part in members.items()}
    shapes = {key: key in mains and _renamed(documents, part, document, above) for key, part in members.items()}
    parts.append(_only("properties", {key: shape for key, shape in shapes.items() if shape is not True} or True))
    return _all(parts)


def _followed(documents: Documents, reference: str, document: Json) -> tuple[Json, Json]:
    """The schema that a reference names, and the document that it stands in."""
    if not reference.startswith("#"):
        return _file(documents, reference)
    found = document
    for part in reference.split("/")[1:]:
        found = found[part]
    return found, document


def _file(documents: Documents, name: str) -> tuple[Json, Json]:
    document = documents.load(f"schemas/{name}")
    return document, document


def _only(keyword: str, body: Json) -> Json:
    return True if body is True else {keyword: body}


def _all(parts: Sequence[Json]) -> Json:
    left = [one for one in parts if one is not True]
    return {"allOf": left} if left[1:] else (*left, True)[0]


def _inside(shape: Json, path: Sequence[Json]) -> Json:
    """What a shape says of the values at a path inside; a step is a key, or stands for every item."""
    if not path or not isinstance(shape, Mapping):
        return True if path else shape
    parts = [_inside(part, path[:1]) for part in shape.get("allOf", ())]
    members = shape.get("properties", {}) if isinstance(path[0], str) else {}
    parts.append(shape.get("items", True) if path[0] is _ITEMS else members.get(path[0], True) if members else True)
    return _inside(_all(parts), path[1:])
