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

import attrs

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import Answers, Atom
from intercom_conformance.specification import Method, Parameter

__all__ = ["ATTEMPTS", "accepted_values", "answers_to", "answers_to_both", "in_words", "leaves_of", "truth_of"]

ATTEMPTS = ("first", "repeated", "last")
Known = Mapping[Atom, Any]


def answers_to(model: Model, event: str) -> tuple[Answers, ...]:
    """Every answer that a call, or an event of the world, can give to the atoms of its event."""
    atoms = model.table.atoms[event]
    facts = {atom: model.spec.chart["facts"][atom.name] for atom in atoms if atom.kind == "fact"}
    known = _known(model, event, _Asked(atoms, facts, model.table.payload_schemas))
    # A parameter that the method at hand does not have is neither absent nor wrong.
    return tuple(dict.fromkeys(tuple(one.get(atom, True) for atom in atoms) for one in known))


def answers_to_both(old: Model, new: Model, event: str, renamed: str) -> tuple[tuple[Answers, Answers], ...]:
    """Every pair of answers that one call, valid or not by the old specification, gives to the atoms of both.

    `renamed` is the event in the new one. Facts of one name and of different meaning are asked separately.
    """
    mine, theirs = old.table.atoms[event], new.table.atoms[renamed]
    own = {atom: old.spec.chart["facts"][atom.name] for atom in mine if atom.kind == "fact"}
    other = {atom: _told_apart(atom, own, new) for atom in theirs}
    facts = own | {key: new.spec.chart["facts"][atom.name] for atom, key in other.items() if atom.kind == "fact"}
    atoms = tuple(dict.fromkeys((*mine, *other.values())))
    schemas = {**old.table.payload_schemas, **new.table.payload_schemas}
    known = _known(old, event, _Asked(atoms, facts, schemas))
    pairs = (
        (tuple(one.get(atom, True) for atom in mine), tuple(one.get(other[atom], True) for atom in theirs))
        for one in known
    )
    return tuple(dict.fromkeys(pairs))


def _told_apart(atom: Atom, own: Mapping[Atom, Any], new: Model) -> Atom:
    """The atom, or one of its own if it is a fact that means something else than the old one of its name."""
    if atom.kind != "fact" or atom not in own or _meaning(own[atom]) == _meaning(new.spec.chart["facts"][atom.name]):
        return atom
    return Atom("fact", atom.name, "new")


def _meaning(fact: Mapping[str, Any]) -> str:
    return json.dumps({key: body for key, body in fact.items() if key != "summary"}, sort_keys=True)


@attrs.frozen
class _Asked:
    """What is asked about a call: atoms, the expressions of those that are facts, and the payload guards."""

    atoms: Sequence[Atom]
    facts: Mapping[Atom, Mapping[str, Any]]
    schemas: Mapping[str, Any]


def _known(model: Model, event: str, asked: _Asked) -> Iterator[Known]:
    called = event not in model.environment
    attempts = ATTEMPTS if called and Atom("attempt", "*") in asked.atoms else ATTEMPTS[:1]
    facts = list(_facts(asked.facts))
    arguments = list(_arguments(model, event, asked)) if called else [{}]
    yield from ({**a, **f, Atom("attempt", "*"): t} for a, f, t in product(arguments, facts, attempts))


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


def _arguments(model: Model, event: str, asked: _Asked) -> Iterator[Known]:
    for method in model.spec.api.methods.values():
        if method.event == event:
            yield from _of_method(model, method, asked)


def _of_method(model: Model, method: Method, asked: _Asked) -> Iterator[Known]:
    for chosen in product(*(list(_of_parameter(model, one, asked)) for one in method.parameters)):
        known = {atom: answer for part in chosen for atom, answer in part.items()}
        yield {**known, Atom("valid", "*"): all(known[Atom("valid", one.name)] for one in method.parameters)}


def _of_parameter(model: Model, parameter: Parameter, asked: _Asked) -> Iterator[Known]:
    """What one argument can be: valid or not, and meeting each payload guard or not."""
    import jsonschema_rs

    atoms = [atom for atom in asked.atoms if atom.kind == "payload" and atom.name == parameter.name]
    guards = [(atom, jsonschema_rs.canonicalize(asked.schemas[atom.schema])) for atom in atoms]
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


def _facts(bodies: Mapping[Atom, Mapping[str, Any]]) -> Iterator[Known]:
    """The answers that facts can give together, by every truth value of the expressions that they are made of."""
    leaves = list(dict.fromkeys(leaf for body in bodies.values() for leaf in leaves_of(body)))
    truths = (dict(zip(leaves, bits, strict=True)) for bits in product((True, False), repeat=len(leaves)))
    found = dict.fromkeys(tuple(truth_of(body, truth) for body in bodies.values()) for truth in truths)
    for one in found:
        yield dict(zip(bodies, one, strict=True))


def leaves_of(body: Mapping[str, Any]) -> Iterator[str]:
    """The parts of an expression that no operator joins, each as JSON."""
    for operator, part in body.items():
        if operator in ("all", "any", "not"):
            for inner in [part] if operator == "not" else part:
                yield from leaves_of(inner)
        elif operator != "summary":
            yield json.dumps({operator: part})


def truth_of(body: Mapping[str, Any], truth: Mapping[str, bool]) -> bool:
    """The truth of an expression, which has one operator beside its summary."""
    operator, part = next((key, value) for key, value in body.items() if key != "summary")
    if operator == "all":
        return all(truth_of(inner, truth) for inner in part)
    if operator == "any":
        return any(truth_of(inner, truth) for inner in part)
    return not truth_of(part, truth) if operator == "not" else truth[json.dumps({operator: part})]
