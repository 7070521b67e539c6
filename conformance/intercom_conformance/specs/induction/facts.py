"""Facts as terms: the same expressions that the oracle compiles, with the same three values of truth.

`given`, `equal`, `exists`, `all`, `any` and `not` mean what they mean. Of any other operator the proof knows only
that equal values give equal answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import z3

from intercom_conformance.specs.induction.memory import ROOTS, View, record_sort
from intercom_conformance.specs.induction.values import Literals, Term, Truth, every, is_any, mark, some, value_sort

__all__ = ["Facts"]


@attrs.frozen(eq=False)
class Facts:
    """Translates facts; literals are shared by everything in one proof, and records are those of one collection."""

    literals: Literals
    collection: str

    def truth(self, expression: Mapping[str, Any], view: View) -> Truth:
        """The truth of an expression in a view."""
        parts = [self._operator(name, body, view) for name, body in expression.items() if name != "summary"]
        return parts[0] if len(parts) == 1 else _all(parts)

    def operand(self, operand: Any, view: View) -> Term:
        """The value at a path, or of a literal."""
        is_path = isinstance(operand, list) and operand and operand[0] in ROOTS
        return view.read(operand) if is_path else self.literals.term(operand)

    def _operator(self, name: str, body: Any, view: View) -> Truth:
        match name:
            case "all":
                return _all([self.truth(part, view) for part in body])
            case "any":
                return _all([self.truth(part, view).inverse() for part in body]).inverse()
            case "not":
                return self.truth(body, view).inverse()
            case "given":
                return _given(view.read(body))
            case "equal":
                return _equal(self.operand(body[0], view), self.operand(body[1], view))
            case "exists":
                return self._exists(body, view)
        return self._opaque(name, body, view)

    def _exists(self, body: Mapping[str, Any], view: View) -> Truth:
        if body["in"] != self.collection:
            return Truth(z3.BoolVal(False), z3.BoolVal(True))
        record = z3.FreshConst(record_sort(), "r")
        where = self.truth(body["where"], attrs.evolve(view, record=record))
        alive = view.memory.alive(record)
        return Truth(z3.Exists([record], z3.And(alive, where.yes)), z3.ForAll([record], z3.Implies(alive, where.no)))

    def _opaque(self, name: str, body: Any, view: View) -> Truth:
        values = [view.read(path) for path in _paths(body)]
        about = f"{name} {json.dumps(body)}"
        asked = [_predicate(f"{about} {kind}", values) for kind in ("so", "perhaps so", "perhaps not")]
        decided = every([value != mark("uncertain") for value in values])
        so, perhaps, not_so = asked
        return Truth(
            z3.If(decided, so, z3.And(perhaps, z3.Not(not_so))),
            z3.If(decided, z3.Not(so), z3.And(not_so, z3.Not(perhaps))),
        )


def _predicate(name: str, values: Sequence[Term]) -> Term:
    return z3.Function(name, *[value_sort()] * len(values), z3.BoolSort())(*values)


def _paths(body: Any) -> list[list[Any]]:
    if isinstance(body, Mapping):
        body = list(body.values())
    if not isinstance(body, list):
        return []
    if body and isinstance(body[0], str) and body[0] in ROOTS:
        return [body]
    return [path for part in body for path in _paths(part)]


def _all(parts: Sequence[Truth]) -> Truth:
    return Truth(every([one.yes for one in parts]), some([one.no for one in parts]))


def _given(value: Term) -> Truth:
    missing = is_any(value, "absent", "null", "empty")
    return Truth(z3.Not(z3.Or(missing, value == mark("uncertain"))), missing)


def _equal(left: Term, right: Term) -> Truth:
    unsure = some([one == mark("uncertain") for one in (left, right) if not _is_literal(one)])
    missing = [is_any(left, "absent", "null")] if not (_is_literal(left) or _is_literal(right)) else []
    differ = some([*missing, left != right])
    return Truth(z3.Not(z3.Or(unsure, differ)), z3.And(z3.Not(unsure), differ))


def _is_literal(term: Term) -> bool:
    """Whether a term is a literal that is there, so that nothing absent, null or uncertain equals it."""
    return term.decl().name() in ("other", "number", "empty")
