"""What a proof by induction came to, as faults and as a word for each invariant."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from intercom_conformance.exits import missing_extra
from intercom_conformance.oracle.model import Model
from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.searching import INVARIANTS
from intercom_conformance.specs.sources import Sources

if TYPE_CHECKING:
    from intercom_conformance.specs.induction import Unproved

__all__ = ["Outcome", "need_prover", "prove"]


@attrs.frozen
class Outcome:
    """How far it went: what was looked at, a word for each invariant and lemma, what was assumed, the faults."""

    looked_at: str = ""
    words: Mapping[str, str] = attrs.field(factory=dict)
    assumed: Mapping[str, str] = attrs.field(factory=dict)
    faults: tuple[Fault, ...] = ()


def need_prover() -> None:
    """Sees to it that z3 is there.

    Raises:
        UsageProblem: the extra is not installed.
    """
    try:
        import z3  # noqa: F401
    except ImportError:
        raise missing_extra("proof", "Proving invariants by induction") from None


def prove(model: Model, rows: Rows, sources: Sources, refuted: Container[str]) -> Outcome:
    """Proves the invariants of a specification; `refuted` are those for which a search has a counterexample."""
    from intercom_conformance.specs.induction import Induction

    document = sources.documents.load(INVARIANTS)
    proved = Induction.of(model, rows, document).run()
    words = dict.fromkeys(proved.proved, "proved inductively")
    words |= dict.fromkeys(proved.assuming, "proved inductively, under the assumptions")
    words |= {one.property.name: _unproved(one, refuted) for one in proved.unproved}
    ordered = {name: words[name] for name in (*document["invariants"], *document.get("lemmas", {}))}
    assumed = {name: body["summary"] for name, body in document.get("assumptions", {}).items() if proved.assuming}
    looked_at = f"{len(document['invariants'])} invariants over {proved.steps} kinds of steps, without a bound"
    return Outcome(looked_at, ordered, assumed, tuple(_faults(sources, proved.unproved, refuted)))


def _unproved(one: Unproved, refuted: Container[str]) -> str:
    if one.property.name in refuted:
        return "refuted"
    are = "are" if len(one.lacks) > 1 else "is"
    return f"not proved while {_and(one.lacks)} {are} not" if one.lacks else "not inductive"


def _faults(sources: Sources, unproved: tuple[Unproved, ...], refuted: Container[str]) -> Iterator[Fault]:
    for one in unproved:
        name, kind = one.property.name, f"{one.property.kind}s"
        problem = f"{name} is {_unproved(one, refuted)}: {one.property.document['summary'].rstrip('.')}"
        line = sources.line(INVARIANTS, (kind, name))
        yield Fault(INVARIANTS, line, "induction", problem, one.counterexample, _remedy(one, refuted))


def _remedy(one: Unproved, refuted: Container[str]) -> str:
    mend = f"Mend {_and(one.taken)}, or its effects, in spec/session.yaml" if one.taken else "Mend spec/session.yaml"
    if one.property.name in refuted:
        return f"{mend}: a history leads there, see the fault of the invariant itself."
    if one.lacks:
        return f"Prove {_and(one.lacks)} first."
    return f"{mend}; or, if no history leads to what is before, say so in a lemma of {INVARIANTS}."


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
