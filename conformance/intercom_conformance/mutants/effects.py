"""Which lists of effects do the same, as far as anybody could see: what is left open may be anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

__all__ = ["Effects"]

Json = Any

_WHOLE = frozenset(("create", "select", "leave", "delete_previous", "absorb"))
"""Operations that choose a record, or look at another one: before and after them, a field is not the same field."""
_PREVIOUS = ("absorb", "delete_previous")
_ADDING = ("merge", "merge_items", "append", "increase")
"""Operations that leave open what was open: they say what is added to it."""
_ON_REGISTERS = ("assign", "assign_in", "increase", "forget_registers", "delete_previous")


@attrs.frozen(eq=False)
class Effects:
    """The effects of a statechart, as lists of operations."""

    operations: Mapping[str, Sequence[tuple[str, Json]]]
    registers: frozenset[str]
    hidden: frozenset[str]
    """Registers that nobody is shown."""

    @classmethod
    def of(cls, chart: Mapping[str, Json]) -> Effects:
        """The effects of a statechart document."""
        operations = {
            name: [(operation, body) for step in effect["do"] for operation, body in step.items()]
            for name, effect in chart["effects"].items()
        }
        internal = {name for name, body in chart["registers"].items() if body.get("internal")}
        return cls(operations, frozenset(chart["registers"]), frozenset(internal))

    def alike(self, given: Sequence[str], allowed: Sequence[str], *, someone: bool = True) -> bool:
        """Whether having the effects `given` is allowed where the specification has `allowed`.

        `someone` tells whether a record may have been current before; if none was, there is no previous one.
        """
        if list(given) == list(allowed):
            return True
        one, other = (list(self._all(effects, someone=someone)) for effects in (given, allowed))
        open_ = self._left_open(other)
        return _definite(one, open_) == _definite(other, open_)

    def chooses(self, effects: Sequence[str]) -> bool:
        """Whether one of the effects chooses a record."""
        operations = (operation for effect in effects for operation, _ in self.operations[effect])
        return any(operation in ("create", "select") for operation in operations)

    def is_open(self, effect: str) -> bool:
        """Whether an effect does nothing but leave open what is kept: an implementation may do anything there."""
        return all(operation in ("forget", "forget_registers") for operation, _ in self.operations[effect])

    def _left_open(self, operations: Sequence[tuple[str, Json]]) -> frozenset[str]:
        """The fields and registers that may be anything after these, on the record that is current then."""
        found: set[str] = set()
        for operation, body in operations:
            if operation in ("forget", "forget_registers"):
                found |= set(body)
            elif operation in _WHOLE:
                found &= self.registers
            elif operation not in _ADDING:
                found -= set(_touched(operation, body))
        return frozenset(found - self.hidden)

    def _all(self, effects: Sequence[str], *, someone: bool = True) -> Iterator[tuple[str, Json]]:
        """The operations one after another, without those on a record that is not there.

        That is the current one while there is none, and the previous one where the step has not chosen another.
        """
        nobody, previous = not someone, False
        for operation, body in (one for effect in effects for one in self.operations[effect]):
            previous = (previous and operation != "leave") or (operation in ("create", "select") and not nobody)
            nobody = operation == "leave" or (nobody and operation not in ("create", "select"))
            if operation in _PREVIOUS and not previous:
                continue
            if not nobody or operation in ("leave", *_ON_REGISTERS):
                yield operation, body


def _definite(operations: Sequence[tuple[str, Json]], open_: frozenset[str]) -> list[tuple[str, Json]]:
    """The operations that matter: those after the last choice of a record, on what is left open, do not."""
    last = max((n for n, (operation, _) in enumerate(operations) if operation in _WHOLE), default=-1)
    return _ordered([one for n, one in enumerate(operations) if n <= last or not set(_touched(*one)) <= open_])


def _ordered(operations: list[tuple[str, Json]]) -> list[tuple[str, Json]]:
    """The operations in an order of their own, as far as they have nothing to do with one another."""
    found: list[tuple[str, Json]] = []
    for one in operations:
        place = len(found)
        while place and _independent(found[place - 1], one) and repr(one) < repr(found[place - 1]):
            place -= 1
        found.insert(place, one)
    return found


def _independent(one: tuple[str, Json], other: tuple[str, Json]) -> bool:
    """Whether neither operation gives a value to what the other one looks at or gives a value to."""
    if one[0] in _WHOLE or other[0] in _WHOLE:
        return False
    written, also = set(_touched(*one)), set(_touched(*other))
    return not written & (also | set(_names(other[1]))) and not also & set(_names(one[1]))


def _names(document: Json) -> Iterator[str]:
    """Every word that stands in a document: what an operation may look at is among them."""
    if isinstance(document, Mapping):
        for part in document.values():
            yield from _names(part)
    elif isinstance(document, list):
        for part in document:
            yield from _names(part)
    elif isinstance(document, str):
        yield document


def _touched(operation: str, body: Json) -> list[str]:
    """What an operation gives values to."""
    if operation in ("merge", "merge_items"):
        return [body["into"]]
    if operation == "append":
        return [body["to"]]
    if operation == "assign_in":
        return [body["register"]]
    return [body] if operation == "increase" else list(body)
