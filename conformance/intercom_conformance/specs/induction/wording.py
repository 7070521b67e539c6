"""A counterexample to an induction step as a person reads it: before, the step, and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.model import Model
from intercom_conformance.specs.answers import ATTEMPTS
from intercom_conformance.specs.induction.calls import CallTerms
from intercom_conformance.specs.induction.memory import Memory, Slot
from intercom_conformance.specs.induction.steps import Joint
from intercom_conformance.specs.induction.values import Literals, Term

__all__ = ["Shown", "in_words"]


@attrs.frozen(eq=False)
class Shown:
    """A model of z3, and how its values are called."""

    model: Model
    literals: Literals
    values: Any
    records: tuple[Term, ...]
    names: frozenset[str]
    """The regions and registers that are shown."""

    def truth(self, term: Term) -> bool:
        """Whether something holds in the model."""
        return bool(z3.is_true(self.values.eval(term, model_completion=True)))

    def value(self, term: Term) -> str:
        """A value of the model."""
        return self.literals.word(self.values.eval(term, model_completion=True))

    def number(self, term: Term) -> int:
        """A whole number of the model."""
        return int(self.values.eval(term, model_completion=True).as_long())


def in_words(
    shown: Shown, joint: Joint, before: Memory, after: Memory, call: CallTerms, waiting: CallTerms | None
) -> tuple[str, ...]:
    """The lines of a counterexample; `waiting` is a call that waits, if the property speaks of such."""
    lines = [("before", line) for line in _memory(shown, before)]
    if waiting is not None:
        lines.append(("before", f"there may wait {_call(shown, waiting)}"))
    lines.append(("step", _step(shown, joint, call)))
    lines += [("after", line) for line in _memory(shown, after)]
    return tuple(f"{when:<6}  {line}" for when, line in lines)


def _memory(shown: Shown, memory: Memory) -> Iterator[str]:
    regions = [one for one in shown.model.table.regions if one.name in shown.names]
    yield ", ".join(f"{one.name} is {one.states[shown.number(memory.states[one.name])]}" for one in regions)
    current = shown.values.eval(memory.current, model_completion=True) if shown.truth(memory.someone) else None
    seen = {str(one): one for one in (shown.values.eval(r, model_completion=True) for r in shown.records)}
    alive = [one for one in seen.values() if shown.truth(memory.alive(one))]
    yield f"the user: {_record(shown, memory, current) if current is not None else 'nobody'}"
    yield from (f"besides: {_record(shown, memory, one)}" for one in alive if current is None or not one.eq(current))
    if registers := _slots(shown, {slot: one for slot, one in memory.registers.items() if slot[0] in shown.names}):
        yield f"registers: {registers}"


def _record(shown: Shown, memory: Memory, record: Term) -> str:
    values = {slot: read(record) for slot, read in memory.fields.items()}
    gone = "" if shown.truth(memory.alive(record)) else ", which is deleted"
    return "{" + _slots(shown, values) + "}" + gone


def _slots(shown: Shown, values: Mapping[Slot, Term]) -> str:
    words = {".".join(slot): shown.value(value) for slot, value in sorted(values.items())}
    return ", ".join(f"{name}: {word}" for name, word in words.items() if word not in ("null", "absent"))


def _step(shown: Shown, joint: Joint, call: CallTerms) -> str:
    if joint.event in shown.model.environment:
        return f"{joint.event} takes {joint.names}"
    attempt = ATTEMPTS[shown.number(call.attempt)]
    tried = "" if attempt == "first" else f", tried again ({attempt})"
    return f"{_call(shown, call)}{tried}, takes {joint.names}"


def _call(shown: Shown, call: CallTerms) -> str:
    number = shown.number(call.event)
    events = shown.model.spec.events
    event = events[number] if 0 <= number < len(events) else "a call"
    methods = [one for one in shown.model.spec.api.methods.values() if one.event == event]
    parameters = {one.name for method in methods for one in method.parameters}
    mine = {
        slot: value for slot, value in call.arguments.items() if slot[0] in parameters and not _has_parts(slot, call)
    }
    return f"{methods[0].name if methods else event}({_slots(shown, mine)})"


def _has_parts(slot: Slot, call: CallTerms) -> bool:
    """Whether something inside an argument is shown, so that the whole need not be."""
    return any(len(other) > len(slot) and other[: len(slot)] == slot for other in call.arguments)
