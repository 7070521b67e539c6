"""Which lists of effects do the same, as far as anybody could see: what is left open may be anything.

Both lists are carried out on the same shadow of a world, in each case that agrees with what is known of the call. If
they leave the same behind in all of them, up to what the specification leaves open, the one is as good as the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from intercom_conformance.mutants.knowing import NOTHING_KNOWN, Case, Knowing, Term, is_path, term_of
from intercom_conformance.mutants.shadows import Shadow

__all__ = ["Effects", "Habits", "Situation"]

Json = Any
Operations = Sequence[tuple[str, Json]]

_CHOOSING = ("create", "select")
_OPENING = ("forget", "forget_registers")


@attrs.frozen
class Habits:
    """What an implementation is known to make of effects, where the documents say less."""

    idle: frozenset[str] = frozenset()
    """Effects that do nothing."""
    for_users: frozenset[str] = frozenset()
    """Effects that do nothing while no record is current."""
    keeping: frozenset[str] = frozenset()
    """Effects by which an empty text leaves a field as it is."""


@attrs.frozen
class Situation:
    """What is known of a step: whether a record is current before it, and what is known of its call.

    `answers` are those of facts, `invalid` the parameters whose arguments may be invalid. `accepted` tells whether the
    call is valid and succeeds, so that the implementation does what is usual.
    """

    someone: bool = True
    answers: frozenset[tuple[str, bool]] = frozenset()
    invalid: frozenset[str] = frozenset()
    accepted: bool = False


@attrs.frozen(eq=False, slots=False)
class Effects:
    """The effects of a statechart, as lists of operations, and the habits of the implementation that has them."""

    operations: Mapping[str, Operations]
    usual: Mapping[str, str]
    hidden: frozenset[str]
    """Registers that nobody is shown."""
    knowing: Knowing
    habits: Habits = Habits()

    @classmethod
    def of(
        cls, chart: Mapping[str, Json], habits: Habits | None = None, objects: frozenset[str] = frozenset()
    ) -> Effects:
        """The effects of a statechart document; `objects` are the payload schemas of which all values are objects."""
        operations = {
            name: [(operation, body) for step in effect["do"] for operation, body in step.items()]
            for name, effect in chart["effects"].items()
        }
        internal = {name for name, body in chart["registers"].items() if body.get("internal")}
        usual = {name: body["usual"] for name, body in chart["effects"].items() if "usual" in body}
        knowing = Knowing(chart.get("facts", {}), objects)
        return cls(operations, usual, frozenset(internal), knowing, habits or Habits())

    def alike(self, given: Sequence[str], allowed: Sequence[str], situation: Situation = Situation()) -> bool:
        """Whether having the effects `given` is allowed where the specification has `allowed`."""
        if list(given) == list(allowed):
            return True
        key = (tuple(given), tuple(allowed), situation)
        if key not in self._memory:
            ways = [given, [self._done(one) for one in given]] if situation.accepted else [given]
            self._memory[key] = any(self._alike(way, allowed, situation) for way in ways)
        return self._memory[key]

    @cached_property
    def _memory(self) -> dict[Any, bool]:
        return {}

    def current_after(self, effects: Sequence[str], *, current: bool) -> bool:
        """Whether a record is current after the effects."""
        for operation, _ in (one for effect in effects for one in self.operations[effect]):
            current = operation in _CHOOSING or (current and operation != "leave")
        return current

    def changed(self, effects: Sequence[str]) -> frozenset[str]:
        """What the effects may change: fields and registers, and ``current`` and ``record`` where it is a record."""
        found = {name for effect in effects for name in self._touched(effect)}
        return frozenset((found - {""}) | ({"current", "record"} if "" in found else set()))

    def is_open(self, effect: str) -> bool:
        """Whether an effect does nothing but leave open what is kept: an implementation may do anything there."""
        return all(operation in _OPENING for operation, _ in self.operations[effect])

    def _done(self, effect: str) -> str:
        """What an implementation does in place of an effect that leaves values open, as far as that is told."""
        usual = self.usual.get(effect)
        return effect if usual is None or self._touched(usual) != self._touched(effect) else usual

    def _touched(self, effect: str) -> frozenset[str]:
        """What an effect gives values to, of the current record and of the registers."""
        return frozenset(name for one in self.operations[effect] for name in _touched(*one))

    def _alike(self, given: Sequence[str], allowed: Sequence[str], situation: Situation) -> bool:
        if list(given) == list(allowed):
            return True
        # Which record was the previous one is told alike by all only where one is chosen once.
        if any(self._choices(effects) > 1 for effects in (given, allowed)):
            return False
        needed = self._needed([one for one in given if one not in allowed]) & situation.invalid
        if not needed and self._same(given, allowed, NOTHING_KNOWN, situation):
            return True
        cases = self.knowing.cases(dict(situation.answers), self._read([*given, *allowed]))
        return all(needed <= case.objects and self._same(given, allowed, case, situation) for case in cases)

    def _same(self, given: Sequence[str], allowed: Sequence[str], case: Case, situation: Situation) -> bool:
        before = Shadow(case, self.hidden) if situation.someone else Shadow(case, self.hidden, record=None)
        return self._after(before, allowed).allows(self._after(before, given, self.habits))

    def _after(self, shadow: Shadow, effects: Sequence[str], habits: Habits = Habits()) -> Shadow:
        for effect in effects:
            if effect in habits.idle or (shadow.record is None and effect in habits.for_users):
                continue
            shadow = attrs.evolve(shadow, keeping=effect in habits.keeping)
            for operation, body in self.operations[effect]:
                shadow = shadow.after(operation, body)
        return shadow

    def _choices(self, effects: Sequence[str]) -> int:
        return sum(operation in _CHOOSING for effect in effects for operation, _ in self.operations[effect])

    def _read(self, effects: Sequence[str]) -> frozenset[Term]:
        """The arguments that fields are set from."""
        bodies = [body for effect in effects for operation, body in self.operations[effect] if operation in _SETTING]
        return frozenset(term_of(path) for body in bodies for path in body.values() if path[0] == "argument")

    def _needed(self, effects: Sequence[str]) -> frozenset[str]:
        """The parameters whose arguments have to be objects, as there is something to be read inside."""
        bodies = [body for effect in effects for _, body in self.operations[effect]]
        merged = [body["from"][:2] for effect in effects for one, body in self.operations[effect] if one == "merge"]
        inside = [path for body in bodies for path in _arguments(body) if len(path) > 2]
        return frozenset(path[1] for path in (*inside, *merged) if path[0] == "argument")


_SETTING = ("set", "set_once")


def _arguments(document: Json) -> Iterator[Json]:
    """The paths into arguments, those inside other paths too."""
    if is_path(document) and document[0] == "argument":
        yield document
    for part in document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ():
        yield from _arguments(part)


def _touched(operation: str, body: Json) -> list[str]:
    """What an operation gives values to; an empty name stands for a choice of a record, which is like nothing else."""
    if operation in ("merge", "merge_items"):
        return [body["into"]]
    if operation == "append":
        return [body["to"]]
    if operation == "assign_in":
        return [body["register"]]
    if operation in ("create", "select", "leave", "absorb", "delete_previous"):
        return [""]
    return [body] if operation == "increase" else list(body)
