"""What the current record may hold in each state of the first region: which fields may have a value there.

A field that starts without one keeps none until an effect gives it one. So a rule that asks for it cannot apply where
no way leads on which it was given: a fact that compares it with what a call gives is false there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from intercom_conformance.mutants.effects import Effects, Situation
from intercom_conformance.mutants.knowing import Kind, term_of

__all__ = ["Held", "Holding", "Step"]

Json = Any
Held = frozenset[str]
FactAnswers = frozenset[tuple[str, bool]]


@attrs.frozen
class Step:
    """A step that an implementation may make: the states of the first region before and after it, and its effects."""

    before: str
    after: str
    effects: tuple[str, ...]
    situation: Situation


@attrs.frozen(eq=False, slots=False)
class Holding:
    """What may be held by the rules of one statechart, in which records start with the values `blank`.

    `possible` tells whether facts can be answered so while some fields of the current record have no value.
    """

    effects: Effects
    blank: Mapping[str, Json]
    possible: Callable[[FactAnswers, Held], bool]

    @cached_property
    def fields(self) -> Held:
        """The fields that are told of: those that start without a value."""
        return frozenset(name for name, value in self.blank.items() if value is None)

    def by_state(self, initial: str, steps: Iterable[Step]) -> Mapping[str, Held]:
        """The fields that may have a value in each state, if no other steps than these are made."""
        found, moves, size = {initial: Held()}, dict.fromkeys(steps), -1
        while size != (size := sum(len(held) + 1 for held in found.values())):
            for one in moves:
                if one.before in found and self.possible(one.situation.answers, self.fields - found[one.before]):
                    after = self._after(found[one.before], one)
                    found[one.after] = found.get(one.after, Held()) | after
        return found

    def _after(self, held: Held, step: Step) -> Held:
        effects, habits = self.effects, self.effects.habits
        done = [one for one in step.effects if one not in habits.idle]
        # An implementation may do what is usual in place of an effect that leaves values open.
        for effect in (*done, *(effects.usual[one] for one in done if one in effects.usual)):
            for operation, body in effects.operations[effect]:
                held = self._changed(held, operation, body, step.situation, effect in habits.keeping)
        return held

    def _changed(self, held: Held, operation: str, body: Json, situation: Situation, keeping: bool) -> Held:
        if operation == "create":
            return frozenset(name for name, value in body["values"].items() if value is not None) & self.fields
        if operation in ("select", "leave"):
            return self.fields if operation == "select" else Held()
        if operation in ("set", "set_once"):
            return held | {name for name, path in body.items() if self._may_be_given(path, situation, keeping)}
        return held | (self.fields & frozenset(_opened(operation, body)))

    def _may_be_given(self, path: Json, situation: Situation, keeping: bool) -> bool:
        """Whether a field may get a value from a path; an empty text is one, unless it leaves the field as it is."""
        term = term_of(path)
        cases = self.effects.knowing.cases(dict(situation.answers), (term,))
        kinds = {case.kinds.get(term) for case in cases}
        return bool(kinds - {Kind.NOTHING, Kind.EMPTY if keeping else Kind.NOTHING})


def _opened(operation: str, body: Json) -> Sequence[str]:
    """The fields of the current record to which any other operation may give a value."""
    opening: Mapping[str, Callable[[Json], Sequence[str]]] = {
        "forget": list,
        "merge": lambda body: [body["into"]],
        "merge_items": lambda body: [body["into"]],
        "append": lambda body: [body["to"]],
        "absorb": lambda body: [*body["lists"], *body["uncertain"]],
    }
    return opening.get(operation, lambda body: ())(body)
