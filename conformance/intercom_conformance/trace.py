"""A trace: the steps that are played against a binding, as values that can be written down and read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import attrs

from intercom_conformance.specification import Parameter, Specification, SpecificationError, closest

__all__ = ["BOTH", "Step", "Trace", "from_document", "identifier", "of_document", "render_step", "to_document"]

BOTH = ("success", "error")


@attrs.frozen(eq=False)
class Step:
    """A call of a method, or an event of the world, with its arguments and the callbacks given to a call.

    `answers` are the calls whose answers the kit, playing the native SDK, hands over in this step, in that order; it
    keeps those of all others until a later step. None stands for all that there are, as they come.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    callbacks: tuple[str, ...] = BOTH
    call: str = ""
    answers: tuple[str, ...] | None = None

    def named(self, position: int) -> str:
        """The name of the call: its own, or one made of its position in the trace."""
        return self.call or f"c{position + 1}"


Trace = tuple[Step, ...]


def from_document(document: Sequence[Mapping[str, Any]], spec: Specification, source: str = "trace") -> Trace:
    """The trace in a list of step documents, in the shape that spec/README.md gives for scenarios.

    Raises:
        SpecificationError: a step names neither a method nor an event of the world, or has too many arguments.
    """
    return tuple(_step(body, spec, source) for body in document)


def _step(body: Mapping[str, Any], spec: Specification, source: str) -> Step:
    name = next(iter(body))
    methods, world = spec.api.by_any_name, spec.chart["environment"]
    if name not in methods and name not in world:
        near = closest(name, [*methods, *world])
        hint = f"Did you mean {near!r}?" if near else "Use a method of the API or an event of the environment."
        raise SpecificationError(source, f"there is no method or event {name!r}", hint)
    return of_document(body)


def of_document(body: Mapping[str, Any]) -> Step:
    """The step in a step document, whatever specification it belongs to."""
    name, answers = next(iter(body)), body.get("answers")
    given = tuple(body.get("callbacks", BOTH))
    return Step(name, tuple(body[name]), given, body.get("as", ""), None if answers is None else tuple(answers))


def to_document(trace: Trace) -> list[dict[str, Any]]:
    """The trace as a list of step documents, which `from_document` reads again."""
    documents = []
    for step in trace:
        body: dict[str, Any] = {step.name: list(step.arguments)}
        if step.callbacks != BOTH:
            body["callbacks"] = list(step.callbacks)
        if step.answers is not None:
            body["answers"] = list(step.answers)
        documents.append(body | ({"as": step.call} if step.call else {}))
    return documents


def identifier(trace: Trace) -> str:
    """A short name of a trace, the same wherever it is computed."""
    text = json.dumps(to_document(trace), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def render_step(step: Step) -> str:
    """A step as a person would write it."""
    arguments = ", ".join(_shortened(json.dumps(argument, ensure_ascii=False)) for argument in step.arguments)
    given = f"   [{' and '.join(step.callbacks) or 'no callbacks'} given]"
    named = f" as {step.call}" if step.call else ""
    return f"{step.name}({arguments}){named}{'' if step.callbacks == BOTH else given}{_handed_over(step)}"


def _handed_over(step: Step) -> str:
    if step.answers is None:
        return ""
    return f"   [answers to {', then '.join(step.answers)}]" if step.answers else "   [answers kept back]"


def _shortened(text: str, longest: int = 200) -> str:
    text = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    return text if len(text) <= longest else f"{text[: longest - 20]}… ({len(text)} characters)"


def needs(step: Step, spec: Specification) -> frozenset[str]:
    """The capabilities that a binding must have for a step to be put to it."""
    method = spec.api.by_any_name.get(step.name)
    if method is None:
        return frozenset()
    found = {method.capability}
    for parameter, value in zip_longest(method.parameters, step.arguments[: len(method.parameters)]):
        found |= _parameter_needs(parameter, spec.payloads.canonical(parameter.schema, value))
    return frozenset(found)


def _parameter_needs(parameter: Parameter, value: Any) -> set[str]:
    parts = {one.capability for one in parameter.parts if _matches(one.when, value)}
    matching = {one.capability for one in parameter.variants if _matches(one.when, value)}
    return parts | (matching or {one.capability for one in parameter.variants})


_validators: dict[int, tuple[Any, Any]] = {}
"""The compiled schemas of variants and parts by identity, each beside its schema, which so keeps its identity."""


def _matches(schema: Mapping[str, Any], value: Any) -> bool:
    import jsonschema_rs

    _, validator = _validators.get(id(schema), (None, None))
    if validator is None:
        validator = jsonschema_rs.Draft202012Validator(dict(schema))
        _validators[id(schema)] = schema, validator
    return bool(validator.is_valid(value))
