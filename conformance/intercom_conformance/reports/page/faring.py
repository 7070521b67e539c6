"""How transitions, states and calls in states fared in some runs: by a kind, which has a colour, and in words.

A transition fails where the step that shows a fault would have taken it; it is covered where a step that was allowed
took it. Both stand in the stream, so nothing is guessed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.finding import fails
from intercom_conformance.reports.page.charting import Edge
from intercom_conformance.reports.terminal import count
from intercom_conformance.specification import Specification

__all__ = ["Faring", "Seen", "calls_seen", "of_call", "of_edge", "of_state", "of_transition", "states_seen", "taken"]

_SOME, _MANY = 3, 10
"""Tests from which on a call in a state counts as made some times, and many times."""


@attrs.frozen
class Faring:
    """How something fared."""

    kind: str
    """failed, warned, passed, partly or missed; of a call in a state also few, some or many"""
    text: str


@attrs.define
class Seen:
    """The tests that went through something, and the faults that show there."""

    tests: dict[str, None] = attrs.field(factory=dict)
    failed: set[tuple[str, ...]] = attrs.field(factory=set)
    warned: set[tuple[str, ...]] = attrs.field(factory=set)

    def test(self, name: str) -> None:
        """Takes note of a test; the same in another run counts once."""
        self.tests[name] = None

    def fault(self, finding: Document, header: Document) -> None:
        """Takes note of a fault."""
        counts = fails(finding, header) and not finding.get("known")
        (self.failed if counts else self.warned).add((finding["requirement"], finding["kind"], _call(finding)))

    @property
    def faults(self) -> str:
        """Its faults in words, with their sign; empty if there are none."""
        if self.failed:
            return f"\u2717 {count(len(self.failed), 'fault')}"
        return f"! {count(len(self.warned), 'warning')}" if self.warned else ""

    @property
    def kind(self) -> str:
        """The kind of how it fared."""
        return "failed" if self.failed else "warned" if self.warned else "passed" if self.tests else "missed"


NOTHING = Seen()


def taken(streams: Sequence[Stream]) -> dict[str, Seen]:
    """What was seen of each transition that was taken or is at fault."""
    seen: dict[str, Seen] = {}
    for check, _ in _checks(streams):
        for name in check["transitions"]:
            seen.setdefault(name, Seen()).test(check["id"])
    for finding, header in _findings(streams):
        for name in finding.get("transitions", ()):
            seen.setdefault(name, Seen()).fault(finding, header)
    return seen


def states_seen(streams: Sequence[Stream]) -> dict[str, Seen]:
    """What was seen of each state, by ``region: state``."""
    seen: dict[str, Seen] = {}
    for check, _ in _checks(streams):
        for name in dict.fromkeys([*check.get("states", ()), *check.get("visits", {})]):
            seen.setdefault(name, Seen()).test(check["id"])
    return seen


def calls_seen(streams: Sequence[Stream], spec: Specification) -> dict[tuple[str, str], Seen]:
    """What was seen of each event in each state."""
    seen: dict[tuple[str, str], Seen] = {}
    for check, _ in _checks(streams):
        for state, events in check.get("visits", {}).items():
            for event in events:
                seen.setdefault((state, event), Seen()).test(check["id"])
    regions = {one["id"]: one["region"] for one in spec.chart["transitions"]}
    for check, header in _checks(streams):
        for finding in check["findings"]:
            for place in _places(finding, regions, spec):
                seen.setdefault(place, Seen()).test(check["id"])
                seen[place].fault(finding, header)
    return seen


def _places(finding: Document, regions: Mapping[str, str], spec: Specification) -> Iterator[tuple[str, str]]:
    """The states in which a fault shows, of those regions whose transitions are at fault, each with its event."""
    method = spec.api.by_any_name.get(_call(finding))
    about = {regions[name] for name in finding.get("transitions", ()) if name in regions}
    for state in finding.get("states", ()):
        if not about or state.partition(": ")[0] in about:
            yield state, method.event if method else _call(finding)


def _checks(streams: Iterable[Stream]) -> Iterator[tuple[Document, Document]]:
    """The checks of all streams, each with its header; the same check of several streams one after another."""
    by_name: dict[str, list[tuple[Document, Document]]] = {}
    for stream in streams:
        for check in stream.results:
            by_name.setdefault(check["id"], []).append((check, stream.header))
    for found in by_name.values():
        yield from found


def _findings(streams: Iterable[Stream]) -> Iterator[tuple[Document, Document]]:
    for stream in streams:
        for check in stream.results:
            yield from ((finding, stream.header) for finding in check["findings"])


def _call(finding: Document) -> str:
    return next(iter(finding["trace"][-1]), "") if finding["trace"] else ""


# In words -------------------------------------------------------------------------------------------------


def of_transition(seen: Seen | None) -> Faring:
    """How a transition fared."""
    seen = seen or NOTHING
    tests = count(len(seen.tests), "test") if seen.tests else "not taken"
    if seen.faults:
        return Faring(seen.kind, f"{seen.faults}, {tests}")
    return Faring(seen.kind, f"\u2713 {tests}" if seen.tests else f"\u2013 {tests}")


def of_edge(edge: Edge, seen: Mapping[str, Seen]) -> Faring:
    """How the transitions of an edge fared together: the gravest of them counts."""
    mine = [seen.get(name, NOTHING) for name in edge.transitions]
    if len(mine) == 1 and not mine[0].faults:
        return of_transition(mine[0])
    covered = sum(bool(one.tests) for one in mine)
    part = f"{covered}/{len(mine)}"
    joint = Seen(failed=set().union(*(one.failed for one in mine)), warned=set().union(*(one.warned for one in mine)))
    if joint.faults:
        return Faring(joint.kind, joint.faults if len(mine) == 1 else f"{joint.faults}, {part}")
    if covered == len(mine):
        return Faring("passed", f"\u2713 {part} taken")
    return Faring("partly", f"\u25d0 {part} taken") if covered else Faring("missed", "\u2013 not taken")


def of_state(seen: Seen | None) -> Faring:
    """How a state fared."""
    return Faring("passed", count(len(seen.tests), "test")) if seen and seen.tests else Faring("missed", "not reached")


def of_call(seen: Seen | None) -> Faring:
    """How a call in a state fared: by how many tests it was made, and whether a fault shows there."""
    if seen is None:
        return Faring("missed", "0")
    number = len(seen.tests)
    if seen.faults:
        return Faring(seen.kind, f"{seen.faults[0]} {number}")
    return Faring("many" if number >= _MANY else "some" if number >= _SOME else "few", str(number))
