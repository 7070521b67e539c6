"""Learned machines as values and as documents; `schemas/documents/machine.schema.json` says what one may hold.

A document has what was learned of each part of one binding. The same machine gives the same document to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance._version import __version__
from intercom_conformance.learning.outputs import Output
from intercom_conformance.specification import Specification
from intercom_conformance.suite.complete.automaton import Machine
from intercom_conformance.trace import Step, from_document, to_document
from intercom_reference.documents import embedded
from intercom_reference.errors import KitError
from intercom_reference.loading import parse_json

__all__ = ["FORMAT", "WHOLE", "BadMachine", "Model", "Models", "body_of", "document_of", "read"]

FORMAT = 1
"""The version of the format."""

WHOLE = "whole"
"""The part that has the inputs of all the others."""

_SCHEMA = "schemas/documents/machine.schema.json"


@attrs.frozen(str=False)
class BadMachine(KitError):
    """A file that holds no learned machine: which, what is wrong, what to do."""

    source: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}. {self.remedy}"


@attrs.frozen(eq=False)
class Model:
    """What is known of a part of a binding: a machine over the numbers of `inputs`, None if there is none.

    `left_out` are the inputs that were not asked, with the reason; `why` tells what cut the learning short, if
    something did.
    """

    part: str
    inputs: tuple[Step, ...]
    machine: Machine | None
    left_out: Mapping[int, str] = attrs.field(factory=dict)
    why: str = ""

    @property
    def size(self) -> int:
        """How many states are known."""
        return 0 if self.machine is None else self.machine.size

    @property
    def complete(self) -> bool:
        """Whether the machine stood every test that was planned."""
        return self.machine is not None and not self.why


@attrs.frozen(eq=False)
class Models:
    """The machines of one binding, by part: whose they are, and where they come from."""

    name: str
    binding: Mapping[str, Any]
    parts: Mapping[str, Model]


def document_of(spec: Specification, connector: str, binding: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The document of a binding's machines, still without parts."""
    return {
        "machine": FORMAT,
        "tool": {"name": "intercom-conformance", "version": __version__},
        "specification": {"name": spec.name, "version": spec.version, "digest": spec.digest},
        "connector": connector,
        "binding": dict(binding),
        "seed": seed,
        "parts": [],
    }


def body_of(model: Model) -> dict[str, Any]:
    """A model as JSON: its outputs are listed once, and each step of a state is ``[input, output, target]``."""
    rows = [] if model.machine is None else model.machine.rows
    outputs = list(dict.fromkeys(output for row in rows for output, _ in row.values()))
    places = {output: place for place, output in enumerate(outputs)}
    return {
        "part": model.part,
        "complete": model.complete,
        "why": model.why,
        "inputs": to_document(model.inputs),
        "left_out": [{"input": number, "why": why} for number, why in sorted(model.left_out.items())],
        "outputs": [one.document() for one in outputs],
        "states": [[[one, places[output], to] for one, (output, to) in sorted(row.items())] for row in rows],
    }


def read(path: str, spec: Specification) -> Models:
    """The machines in a file.

    Raises:
        BadMachine, DocumentError: the file cannot be read, or holds no machine.
        SpecificationError: an input is no step of the specification.
    """
    document = _document(path)
    _refuse_foreign(document["specification"]["name"], spec, path)
    parts = [_model(body, spec, path) for body in document["parts"]]
    if len({one.part for one in parts}) != len(parts):
        raise BadMachine(path, "a part stands in it twice", "Keep one of them.")
    name = f"{document['binding']['name']} {document['binding']['version']}, from {path}"
    return Models(name, document["binding"], {one.part: one for one in parts})


def _document(path: str) -> Any:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadMachine(path, f"it cannot be read ({problem})", "Name a file that `learn --export` wrote.") from None
    document = parse_json(text, path)
    if isinstance(document, dict) and document.get("machine", FORMAT) != FORMAT:
        version = str(document["machine"])[:40]
        told = f"it has version {version}, and this kit reads version {FORMAT}"
        raise BadMachine(path, told, "Read it with the kit that wrote it.")
    error = next(_validator().iter_errors(document), None)
    if error is not None:
        place = "/".join(str(part) for part in error.instance_path) or "the top"
        raise BadMachine(path, f"at {place}, {str(error.message)[:200]}", f"See {_SCHEMA}.")
    return document


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(embedded().load(_SCHEMA))


def _refuse_foreign(name: str, spec: Specification, path: str) -> None:
    if name != spec.name:
        problem = f"it was learned with the specification {name!r}, and this is {spec.name!r}"
        raise BadMachine(path, problem, "Name that specification with --spec FOLDER.")


def _model(body: Mapping[str, Any], spec: Specification, path: str) -> Model:
    inputs = from_document(body["inputs"], spec, path)
    outputs = [Output.of(one) for one in body["outputs"]]
    problem = next(_problems(body), None)
    if problem is not None:
        raise BadMachine(path, f"in {body['part']}, {problem}", "Learn it again, and write it with --export.")
    rows = [{one: (outputs[output], to) for one, output, to in row} for row in body["states"]]
    machine = Machine(rows, tuple(sorted({one for row in rows for one in row}))) if rows else None
    left_out = {one["input"]: one["why"] for one in body["left_out"]}
    return Model(body["part"], inputs, machine, left_out, body["why"])


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    """What no schema tells: numbers that stand for nothing, and steps that a state has twice or not at all."""
    limits = len(body["inputs"]), len(body["outputs"]), len(body["states"])
    known = {one[0] for row in body["states"] for one in row}
    for number, row in enumerate(body["states"]):
        if any(one >= limit for step in row for one, limit in zip(step, limits, strict=True)):
            yield f"state {number} names an input, an output or a state that is not there"
        if {one[0] for one in row} != known or len(row) != len(known):
            yield f"state {number} does not answer each input once"
    if any(one["input"] >= limits[0] for one in body["left_out"]):
        yield "an input is left out that is not there"
