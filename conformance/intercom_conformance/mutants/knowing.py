"""What the answers to facts tell of the values that effects use, case by case.

Facts are formulas over elementary expressions. Each assignment of these that gives the facts their answers is a *case*,
and in it is known which values are the same and which are given. An argument that a field is set from is moreover
given, or an empty text, or nothing at all: cases tell these apart, too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import product
from typing import Any

import attrs

from intercom_conformance.specs.answers import leaves_of, truth_of

__all__ = ["NOTHING_KNOWN", "Case", "Kind", "Knowing", "Term", "is_path", "literal", "term_of"]

Json = Any
Term = tuple[Any, ...]
"""A value: the path that leads to it before the step, a literal, or what an operation makes of other values."""
Truth = tuple[tuple[str, bool], ...]

_ROOTS = ("argument", "register", "current", "record")
_LITERAL = "is"


class Kind(Enum):
    """What is there: a value, an empty text, or nothing, which null counts as."""

    GIVEN, EMPTY, NOTHING = range(3)


def is_path(operand: Json) -> bool:
    """Whether an operand is a path, and no literal."""
    return isinstance(operand, list) and len(operand) > 1 and operand[0] in _ROOTS


def term_of(operand: Json) -> Term:
    """The term of a path or of a literal, before the step."""
    if is_path(operand):
        return tuple(term_of(part) if isinstance(part, list) else part for part in operand)
    return literal(operand)


def literal(value: Json) -> Term:
    """The term of a value that is written down."""
    return (_LITERAL, json.dumps(value, sort_keys=True))


@attrs.frozen(eq=False)
class Case:
    """What is known of values before a step: which are the same, the kinds of some, and which arguments are objects."""

    same: Mapping[Term, Term] = attrs.field(factory=dict)
    kinds: Mapping[Term, Kind] = attrs.field(factory=dict)
    objects: frozenset[str] = frozenset()

    def the(self, term: Term) -> Term:
        """The one term that stands for all that have the same value."""
        return self.same.get(term, term)


NOTHING_KNOWN = Case()


@attrs.frozen(eq=False, slots=False)
class Knowing:
    """What the facts of one specification tell; `objects` are the payload schemas of which all values are objects."""

    facts: Mapping[str, Mapping[str, Json]]
    objects: frozenset[str] = frozenset()

    @cached_property
    def _memory(self) -> dict[Any, Any]:
        return {}

    def cases(self, answers: Mapping[str, bool], read: Collection[Term] = ()) -> Sequence[Case]:
        """Every case that agrees with these answers to facts; `read` are arguments whose kinds are told apart."""
        key = (frozenset(answers.items()), frozenset(read))
        if key not in self._memory:
            names = tuple(sorted(answers))
            told = self._told(names).get(tuple(answers[name] for name in names), ())
            self._memory[key] = [case for truth in told for case in self._of(truth, sorted(read))]
        found: Sequence[Case] = self._memory[key]
        return found

    def _told(self, names: tuple[str, ...]) -> Mapping[tuple[bool, ...], Collection[Truth]]:
        """By answers to these facts, how those elementary expressions may turn out that tell of single values."""
        if names not in self._memory:
            bodies = [self.facts[name] for name in names]
            leaves = list(dict.fromkeys(leaf for body in bodies for leaf in leaves_of(body)))
            telling = [leaf for leaf in leaves if next(iter(json.loads(leaf))) in _PATHS]
            found: dict[tuple[bool, ...], dict[Truth, None]] = {}
            for bits in product((False, True), repeat=len(leaves)):
                truth = dict(zip(leaves, bits, strict=True))
                answers = tuple(truth_of(body, truth) for body in bodies)
                found.setdefault(answers, {})[tuple((leaf, truth[leaf]) for leaf in telling)] = None
            self._memory[names] = found
        told: Mapping[tuple[bool, ...], Collection[Truth]] = self._memory[names]
        return told

    def _of(self, truth: Truth, read: Sequence[Term]) -> Iterator[Case]:
        """The cases of one assignment: every choice of kinds that does not contradict it."""
        told = [(*next(iter(json.loads(leaf).items())), holds) for leaf, holds in truth]
        given = {term_of(body): holds for operator, body, holds in told if operator == "given"}
        equal = [_pair(body) for operator, body, holds in told if operator == "equal" and holds]
        objects = frozenset(name for operator, body, holds in told if holds for name in self._objects(operator, body))
        for kinds in product(Kind, repeat=len(read)):
            known = {term: Kind.GIVEN for term, holds in given.items() if holds}
            known |= dict(zip(read, kinds, strict=True))
            if _agree(known, given, equal):
                yield Case(_representatives(equal), _shared(known, equal), objects)

    def _objects(self, operator: str, body: Json) -> Iterator[str]:
        """The parameters of which an expression that holds tells that they are objects."""
        for path in _PATHS[operator](body):
            if isinstance(path, list) and path[:1] == ["argument"]:
                whole = operator == "valid" and len(path) == 2 and body["schema"] in self.objects
                yield from [path[1]] if len(path) > 2 or whole else []


_PATHS: Mapping[str, Any] = {
    "given": lambda body: [body],
    "equal": lambda body: body,
    "valid": lambda body: [body["value"]],
}
"""The expressions that tell of single values, and the paths to these, where there is something if they hold."""


def _pair(body: Json) -> tuple[Term, Term]:
    return term_of(body[0]), term_of(body[1])


def _agree(known: Mapping[Term, Kind], given: Mapping[Term, bool], equal: Iterable[tuple[Term, Term]]) -> bool:
    """Whether kinds agree with which values are given, and which are the same, and so not nothing."""
    if any((known[term] is Kind.GIVEN) != holds for term, holds in given.items() if term in known):
        return False
    pairs = [{known[term] for term in pair if term in known} for pair in equal]
    return all(len(kinds) < 2 and Kind.NOTHING not in kinds for kinds in pairs)


def _representatives(equal: Iterable[tuple[Term, Term]]) -> Mapping[Term, Term]:
    """For each term that is the same as another one, a term that stands for both: a literal, if there is one."""
    groups: list[set[Term]] = []
    for pair in equal:
        met = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in met] + [set(pair).union(*met)]
    return {term: min(group, key=lambda one: (one[0] != _LITERAL, repr(one))) for group in groups for term in group}


def _shared(known: Mapping[Term, Kind], equal: Sequence[tuple[Term, Term]]) -> Mapping[Term, Kind]:
    """The kinds, also of terms that are the same as one whose kind is known."""
    found = dict(known)
    for _ in equal:
        for one, other in equal:
            kind = found.get(one, found.get(other))
            found |= {} if kind is None else {one: kind, other: kind}
    return found
