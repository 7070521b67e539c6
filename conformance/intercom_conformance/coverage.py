"""How much of a specification runs have gone through, joined over any number of them.

States, transitions, outcomes of guards and requirements are told of how many, and each that was not reached with a
shortest way to it, as far as exploring the specification finds one. Pairs of transitions are only counted: how many of
them are possible at all depends on the choices that a binding makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.events import Stream
from intercom_conformance.exits import UsageProblem
from intercom_conformance.specification import Specification
from intercom_conformance.trace import Trace, render_step, to_document

__all__ = ["Coverage", "Covered", "coverage_of", "document", "lines"]


@attrs.frozen
class Covered:
    """What of one kind was reached, of how many, and the shortest ways to what was not; no way if none is known."""

    reached: int
    of: int
    missed: Mapping[str, Trace]


@attrs.frozen
class Coverage:
    """What runs have gone through."""

    states: Covered
    transitions: Covered
    guards: Covered
    """Each guard of the statechart, once true and once false."""
    requirements: Covered
    pairs: int


def coverage_of(streams: Mapping[str, Stream], spec: Specification) -> Coverage:
    """What the runs in these streams, each under its name, have gone through.

    Raises:
        UsageProblem: a stream is about another specification.
    """
    for name, stream in streams.items():
        if stream.header["specification"]["digest"] != spec.digest:
            raise UsageProblem(f"{name} is about another specification", "Name its folder with --spec.")
    seen = {kind: _seen(streams.values(), kind) for kind in ("states", "transitions", "guards", "exercised", "pairs")}
    states = [f"{name}: {state}" for name, body in spec.chart["regions"].items() for state in body["states"]]
    own = [slug for slug, one in spec.requirements.items() if one.on == "sdk" and not one.untestable]
    ways = _Ways(spec)
    return Coverage(
        states=_covered(states, seen["states"], ways.to_state),
        transitions=_covered([one["id"] for one in spec.chart["transitions"]], seen["transitions"], ways.to_transition),
        guards=_covered(_guards_of(spec), seen["guards"], ways.to_guard),
        requirements=_covered(own, seen["exercised"], ways.to_requirement),
        pairs=len(seen["pairs"]),
    )


def _seen(streams: Iterable[Stream], kind: str) -> set[str]:
    return {name for stream in streams for check in stream.results for name in check.get(kind, ())}


def _guards_of(spec: Specification) -> tuple[str, ...]:
    from intercom_conformance.oracle.table import compile_table, guard_outcomes

    return guard_outcomes(compile_table(spec.chart, spec.events))


def _covered(every: Sequence[str], seen: set[str], way: Any) -> Covered:
    missed = [one for one in every if one not in seen]
    return Covered(len(every) - len(missed), len(every), {one: way(one) for one in missed})


@attrs.frozen
class _Ways:
    """The shortest ways through a specification; it is explored when the first one is asked for."""

    spec: Specification

    def to_transition(self, name: str) -> Trace:
        from intercom_conformance.suite.explore import explore

        return explore(self.spec).transitions.get(name, ())

    def to_state(self, name: str) -> Trace:
        region, _, state = name.partition(": ")
        charted = [one for one in self.spec.chart["transitions"] if one["region"] == region]
        return self._shortest(one["id"] for one in charted if state in _targets(one))

    def to_guard(self, name: str) -> Trace:
        from intercom_conformance.suite.explore import explore

        return explore(self.spec).guards.get(name, ())

    def to_requirement(self, slug: str) -> Trace:
        return self._shortest(one["id"] for one in self.spec.chart["transitions"] if one["requirement"] == slug)

    def _shortest(self, names: Iterable[str]) -> Trace:
        return min(filter(None, map(self.to_transition, names)), key=len, default=())


def _targets(transition: Mapping[str, Any]) -> list[str | None]:
    return [one.get("to") for one in (transition, *transition.get("one_of", ()))]


# Showing it -----------------------------------------------------------------------------------------------

_KINDS = ("states", "transitions", "guards", "requirements")


def document(coverage: Coverage) -> dict[str, Any]:
    """The coverage as JSON; a way is a list of steps in the language of scenarios."""
    kinds = {kind: getattr(coverage, kind) for kind in _KINDS}
    told = {
        kind: {
            "reached": one.reached,
            "of": one.of,
            "missed": [{"name": name, "way": to_document(way)} for name, way in one.missed.items()],
        }
        for kind, one in kinds.items()
    }
    return {**told, "pairs": coverage.pairs}


def lines(coverage: Coverage) -> Iterator[str]:
    """The coverage for a person."""
    for kind in _KINDS:
        one: Covered = getattr(coverage, kind)
        yield f"{kind} {one.reached}/{one.of}"
        for name, way in one.missed.items():
            by = ", ".join(map(render_step, way))
            yield f"  not reached  {name}{f'   by {by}' if by else ''}"
    yield f"pairs of transitions {coverage.pairs}"
