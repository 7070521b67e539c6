"""What can be known of a call all at once: the answers to an event's atoms that some call can give.

Every fact is a formula over elementary expressions, so facts are enumerated together through these; payload guards
and validity are enumerated by intersecting JSON Schemas. What remains is an exhaustive list: it may hold answers
that no history brings about, and lacks none that one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import Answers, Atom
from intercom_conformance.specification import Method, Parameter

__all__ = ["answers_to", "in_words"]

ATTEMPTS = ("first", "repeated", "last")
Known = Mapping[Atom, Any]


def answers_to(model: Model, event: str) -> tuple[Answers, ...]:
    """Every answer that a call, or an event of the world, can give to the atoms of its event."""
    atoms = model.table.atoms[event]
    called = event not in model.environment
    attempts = ATTEMPTS if called and Atom("attempt", "*") in atoms else ATTEMPTS[:1]
    facts = list(_facts(model, [atom.name for atom in atoms if atom.kind == "fact"]))
    arguments = list(_arguments(model, event, atoms)) if called else [{}]
    known = ({**a, **f, Atom("attempt", "*"): t} for a, f, t in product(arguments, facts, attempts))
    # A parameter that the method at hand does not have is neither absent nor wrong.
    return tuple(dict.fromkeys(tuple(one.get(atom, True) for atom in atoms) for one in known))


def in_words(atoms: Sequence[Atom], answers: Answers) -> str:
    """Answers as a person would say them."""
    return ", ".join(_said(atom, answer) for atom, answer in zip(atoms, answers, strict=True)) or "whatever is called"


def _said(atom: Atom, answer: Any) -> str:
    if atom.kind == "attempt":
        return f"attempt {answer}"
    if atom.kind == "fact":
        return atom.name if answer else f"not {atom.name}"
    about = "the arguments" if atom.name == "*" else atom.name
    if atom.kind == "valid":
        return f"{about} {'valid' if answer else 'not valid'}"
    return f"{about} {'meets' if answer else 'does not meet'} {atom.schema}"


def _arguments(model: Model, event: str, atoms: Sequence[Atom]) -> Iterator[Known]:
    for method in model.spec.api.methods.values():
        if method.event == event:
            yield from _of_method(model, method, atoms)


def _of_method(model: Model, method: Method, atoms: Sequence[Atom]) -> Iterator[Known]:
    for chosen in product(*(list(_of_parameter(model, one, atoms)) for one in method.parameters)):
        known = {atom: answer for part in chosen for atom, answer in part.items()}
        yield {**known, Atom("valid", "*"): all(known[Atom("valid", one.name)] for one in method.parameters)}


def _of_parameter(model: Model, parameter: Parameter, atoms: Sequence[Atom]) -> Iterator[Known]:
    """What one argument can be: valid or not, and meeting each payload guard or not."""
    import jsonschema_rs

    asked = [atom for atom in atoms if atom.kind == "payload" and atom.name == parameter.name]
    guards = [(atom, jsonschema_rs.canonicalize(model.table.payload_schemas[atom.schema])) for atom in asked]
    accepted = accepted_values(model, parameter)
    for valid, values in ((True, accepted), (False, accepted.negate())):
        for met in _met(values, guards):
            yield {Atom("valid", parameter.name): valid, **met}


def accepted_values(model: Model, parameter: Parameter) -> Any:
    """The values that a parameter accepts, as a canonical schema."""
    import jsonschema_rs

    if parameter.ignored:
        return jsonschema_rs.canonicalize(True)
    values = jsonschema_rs.canonicalize(model.spec.payloads.schema(parameter.schema))
    return values.union(jsonschema_rs.canonicalize({"const": None})) if parameter.optional else values


def _met(values: Any, guards: Sequence[tuple[Atom, Any]]) -> Iterator[Known]:
    """Which of the guards the values can meet together; only what is proved impossible is left out."""
    if str(values.satisfiability()) == "no":
        return
    if not guards:
        yield {}
        return
    (atom, guard), rest = guards[0], guards[1:]
    yield from ({atom: True, **met} for met in _met(values.intersect(guard), rest))
    yield from ({atom: False, **met} for met in _met(values.subtract(guard), rest))


def _facts(model: Model, names: Sequence[str]) -> Iterator[Known]:
    """The answers that facts can give together, by every truth value of the expressions that they are made of."""
    bodies = {name: model.spec.chart["facts"][name] for name in names}
    leaves = list(dict.fromkeys(leaf for body in bodies.values() for leaf in _leaves(body)))
    truths = (dict(zip(leaves, bits, strict=True)) for bits in product((True, False), repeat=len(leaves)))
    found = dict.fromkeys(tuple(_truth(body, truth) for body in bodies.values()) for truth in truths)
    for one in found:
        yield {Atom("fact", name): answer for name, answer in zip(names, one, strict=True)}


def _leaves(body: Mapping[str, Any]) -> Iterator[str]:
    for operator, part in body.items():
        if operator in ("all", "any", "not"):
            for inner in [part] if operator == "not" else part:
                yield from _leaves(inner)
        elif operator != "summary":
            yield json.dumps({operator: part})


def _truth(body: Mapping[str, Any], truth: Mapping[str, bool]) -> bool:
    """The truth of an expression, which has one operator beside its summary."""
    operator, part = next((key, value) for key, value in body.items() if key != "summary")
    if operator == "all":
        return all(_truth(inner, truth) for inner in part)
    if operator == "any":
        return any(_truth(inner, truth) for inner in part)
    return not _truth(part, truth) if operator == "not" else truth[json.dumps({operator: part})]
