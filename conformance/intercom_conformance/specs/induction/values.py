"""JSON values as terms of z3: what matters of them is which are the same, and which are there at all.

A value is one of four marks, a whole number, or something else with an identity of its own: a text, a boolean, an
object, a list. Literals of the documents are told apart; any other value is whatever z3 chooses it to be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import attrs
import z3

from intercom_conformance.oracle.expressions import ABSENT

__all__ = [
    "Literals",
    "Term",
    "Truth",
    "every",
    "fresh",
    "fresh_truth",
    "is_any",
    "is_given",
    "mark",
    "some",
    "value_sort",
]

Term = Any
"""A term of z3."""


@cache
def value_sort() -> Any:
    """The sort of values."""
    sort = z3.Datatype("Value")
    for name in ("absent", "null", "empty", "uncertain"):
        sort.declare(name)
    sort.declare("number", ("whole", z3.IntSort()))
    sort.declare("other", ("identity", z3.IntSort()))
    return sort.create()


@cache
def mark(name: str) -> Term:
    """One of the marks: absent, null, empty (the empty text), uncertain."""
    return getattr(value_sort(), name)


def fresh(name: str) -> Term:
    """A value that nothing is known of."""
    return z3.FreshConst(value_sort(), name)


def fresh_truth(name: str) -> Term:
    """A truth that nothing is known of."""
    return z3.FreshConst(z3.BoolSort(), name)


def every(parts: Sequence[Term]) -> Term:
    """All of them hold."""
    return z3.And(*parts) if len(parts) > 1 else parts[0] if parts else z3.BoolVal(True)


def some(parts: Sequence[Term]) -> Term:
    """One of them holds."""
    return z3.Or(*parts) if len(parts) > 1 else parts[0] if parts else z3.BoolVal(False)


def is_given(value: Term) -> Term:
    """Whether a value is there: not absent, not null, not an empty text, and not uncertain."""
    return z3.Not(is_any(value, "absent", "null", "empty", "uncertain"))


def is_any(value: Term, *names: str) -> Term:
    """Whether a value is one of some marks."""
    return some([value == mark(name) for name in names])


@attrs.frozen
class Truth:
    """A truth in three values: surely so, surely not so, and neither where something is uncertain."""

    yes: Term
    no: Term

    def inverse(self) -> Truth:
        """Its negation."""
        return Truth(self.no, self.yes)

    @property
    def may(self) -> Term:
        """Whether it is so, or would be for some value of what is uncertain."""
        return z3.Not(self.no)


@attrs.define(eq=False)
class Literals:
    """The literals that documents mention, each with an identity."""

    known: dict[str, int] = attrs.field(factory=dict)
    terms: dict[int, Term] = attrs.field(factory=dict)

    def term(self, value: Any) -> Term:
        """The term of a literal."""
        if value is ABSENT:
            return mark("absent")
        if value is None:
            return mark("null")
        if value == "" and isinstance(value, str):
            return mark("empty")
        if not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value):
            return value_sort().number(int(value))
        identity = self.known.setdefault(json.dumps(value, sort_keys=True), len(self.known))
        if identity not in self.terms:
            self.terms[identity] = value_sort().other(identity)
        return self.terms[identity]

    def scalars(self) -> list[Any]:
        """The texts and booleans among them, as they are written."""
        return [value for text in self.known if not isinstance(value := json.loads(text), (dict, list))]

    def word(self, value: Term) -> str:
        """A value of a model as a person would write it."""
        name: str = value.decl().name()
        if name == "number":
            return str(value.arg(0))
        if name != "other":
            return {"empty": '""'}.get(name, name)
        identity = value.arg(0).as_long()
        return next((text for text, number in self.known.items() if number == identity), f"value-{identity}")
