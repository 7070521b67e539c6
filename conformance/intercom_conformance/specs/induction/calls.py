"""Calls as terms: arguments of any kind, whether each is valid, which attempt it is, and what is true of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import Atom
from intercom_conformance.specification import Parameter
from intercom_conformance.specs.answers import ATTEMPTS, accepted_values
from intercom_conformance.specs.guards import input_name
from intercom_conformance.specs.induction.facts import Facts
from intercom_conformance.specs.induction.memory import Memory, Slot, Slots, View
from intercom_conformance.specs.induction.values import Literals, Term, every, mark, some, value_sort

__all__ = ["CallTerms", "called", "knowledge"]


@attrs.frozen(eq=False)
class CallTerms:
    """A call: its event (a position among those that calls cause, or -1), its arguments, what guards ask about it."""

    event: Term
    arguments: Mapping[Slot, Term]
    inputs: Mapping[str, Term]
    attempt: Term

    def is_first(self) -> Term:
        """Whether it is made just now; otherwise it has waited."""
        return self.attempt == 0


def called(name: str, model: Model, slots: Slots, event: str | None = None) -> CallTerms:
    """A call that nothing is known of but perhaps its event."""
    atoms = [] if event is None else [*model.table.atoms[event], *_validities(model, event)]
    truths = {input_name(atom) for atom in atoms if atom.kind != "attempt"}
    events = model.spec.events
    return CallTerms(
        z3.Int(f"{name} event") if event is None else z3.IntVal(events.index(event) if event in events else -1),
        {slot: z3.Const(f"{name} {'.'.join(slot)}", value_sort()) for slot in slots.arguments},
        {truth: z3.Bool(f"{name} {truth}") for truth in truths},
        z3.Int(f"{name} attempt"),
    )


def _validities(model: Model, event: str) -> list[Atom]:
    return [Atom("valid", one.name) for one in _parameters(model, event)]


def _parameters(model: Model, event: str) -> list[Parameter]:
    return [one for method in model.spec.api.methods.values() if method.event == event for one in method.parameters]


def knowledge(call: CallTerms, event: str, model: Model, memory: Memory, facts: Facts) -> list[Term]:
    """What is known of a call of an event in a memory: of its arguments, its validity, its facts."""
    known = [value != mark("uncertain") for value in call.arguments.values()]
    known += [call.attempt >= 0, call.attempt < len(ATTEMPTS)]
    known += _facts(call, event, model, View(memory, call.arguments), facts)
    if event not in model.environment:
        known.append(_validity(call, event, model))
        known += _payloads(call, event, model, facts.literals)
    return known


def _facts(call: CallTerms, event: str, model: Model, view: View, facts: Facts) -> Iterator[Term]:
    for atom in model.table.atoms[event]:
        if atom.kind == "fact":
            truth = facts.truth(model.spec.chart["facts"][atom.name], view)
            answer = call.inputs[input_name(atom)]
            yield z3.Implies(truth.yes, answer)
            yield z3.Implies(truth.no, z3.Not(answer))


def _validity(call: CallTerms, event: str, model: Model) -> Term:
    """The arguments are valid if each is, for one of the methods that cause the event."""
    whole = call.inputs[input_name(Atom("valid", "*"))]
    methods = [method for method in model.spec.api.methods.values() if method.event == event]
    names = [[input_name(Atom("valid", one.name)) for one in method.parameters] for method in methods]
    return some([whole == every([call.inputs[name] for name in one]) for one in names])


def _payloads(call: CallTerms, event: str, model: Model, literals: Literals) -> Iterator[Term]:
    """What an argument can be, given whether it is valid and which payload guards it meets.

    Nothing is said where several methods cause the event: which of them is called is not known.
    """
    if sum(method.event == event for method in model.spec.api.methods.values()) > 1:
        return
    for parameter in _parameters(model, event):
        value = call.arguments.get((parameter.name,))
        if value is not None:
            yield from _schema(value, call, parameter, model, literals)


def _schema(value: Term, call: CallTerms, parameter: Parameter, model: Model, literals: Literals) -> Iterator[Term]:
    import jsonschema_rs

    accepted = accepted_values(model, parameter)
    absent = parameter.ignored or parameter.optional
    yield from _meets(value, call.inputs[input_name(Atom("valid", parameter.name))], accepted, absent, literals)
    for text, schema in model.table.payload_schemas.items():
        meets = call.inputs.get(input_name(Atom("payload", parameter.name, text)))
        if meets is not None:
            guard = jsonschema_rs.canonicalize(schema)
            yield from _meets(value, meets, guard, model.payload_tests[text](None), literals)


def _meets(value: Term, meets: Term, schema: Any, absent: bool, literals: Literals) -> Iterator[Term]:
    """Whether a value meets a schema: known of each literal, and of the rest where the schema leaves no choice."""
    import jsonschema_rs

    scalars: Sequence[Any] = [None, "", *literals.scalars()]
    yield z3.Implies(value == mark("absent"), meets == z3.BoolVal(absent))
    for one in scalars:
        met = str(schema.intersect(jsonschema_rs.canonicalize({"const": one})).satisfiability())
        if met in ("yes", "no"):
            yield z3.Implies(value == literals.term(one), meets == z3.BoolVal(met == "yes"))
    others = jsonschema_rs.canonicalize({"not": {"enum": scalars}})
    listed = some([value == literals.term(one) for one in scalars] + [value == mark("absent")])
    for answer, values in ((meets, schema), (z3.Not(meets), schema.negate())):
        if str(values.intersect(others).satisfiability()) == "no":
            yield z3.Implies(answer, listed)
