"""Where two bindings differ: the shortest sequences after which an app, or the workspace, sees something else.

Both are played the same traces, those of the suite, and what is seen is compared; nothing is judged here. A call whose
outcome one of them cannot know is compared by what it does. Differences are told apart by the step that shows them and
by what differs: a callback, its value, what was thrown or returned, a part of what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from intercom_conformance.drivers.protocol import DriverError
from intercom_conformance.kit import open_player
from intercom_conformance.oracle import ABSENT, Observation
from intercom_conformance.oracle.judge import describe_seen
from intercom_conformance.oracle.wording import differences, text
from intercom_conformance.player import Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite.catalogue import catalogue
from intercom_conformance.suite.checks import Settings, run_check
from intercom_conformance.suite.shrink import shrink
from intercom_conformance.trace import Trace, identifier

__all__ = ["Comparison", "Difference", "compare"]

_EXAMPLES = 10
_SHRINKING = 60


@attrs.frozen
class Difference:
    """A trace after whose last step two bindings show something else, and what each shows."""

    trace: Trace
    what: str
    one: str
    other: str


@attrs.frozen
class Comparison:
    """Two bindings by connector, how many traces both were played, and where they differ."""

    one: str
    other: str
    traces: int
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]
    """Capabilities that only one of them has; what needs them was not compared."""


def compare(one: str, other: str, spec: Specification, *, timeout: float = 10.0) -> Comparison:
    """Where the bindings of two connectors differ.

    Raises:
        UnknownConnector, BadConnector: a connector names nothing that can be opened.
        NotStarted: a binding does not come up.
    """
    pair = _Pair(open_player(one, spec, timeout=timeout), open_player(other, spec, timeout=timeout))
    try:
        lacking = pair.one.start().capabilities ^ pair.other.start().capabilities
        traces = [trace for trace in _traces(pair.one, spec) if pair.supports(trace)]
        return Comparison(one, other, len(traces), tuple(_found(pair, traces)), tuple(sorted(lacking)))
    finally:
        pair.one.stop()
        pair.other.stop()


def _found(pair: _Pair, traces: Sequence[Trace]) -> Iterator[Difference]:
    """A difference for each pair of step and aspect, the shortest traces first."""
    seen: set[tuple[str, str]] = set()
    for trace in traces:
        found = pair.difference(trace)
        if found is None or _aspect(found) in seen:
            continue
        shortest = _shortest(pair, found)
        seen |= {_aspect(found), _aspect(shortest)}
        yield shortest


def _shortest(pair: _Pair, found: Difference) -> Difference:
    def fails(candidate: Trace) -> bool:
        again = pair.difference(candidate) if pair.supports(candidate) else None
        return again is not None and _aspect(again) == _aspect(found)

    return pair.difference(shrink(found.trace, fails, most=_SHRINKING)) or found


def _aspect(found: Difference) -> tuple[str, str]:
    return found.trace[-1].name, found.what


def _traces(player: Player, spec: Specification) -> list[Trace]:
    """The traces of the suite, each once, the shortest first."""
    recorder = _Recorder(player)
    # Complete suites are made for one binding as it turns out to be: no list of traces for two.
    for check in (one for one in catalogue(spec) if one.family != "complete"):
        run_check(check, recorder, Settings(examples=_EXAMPLES, shrink=False))  # type: ignore[arg-type]
    return sorted(recorder.traces.values(), key=lambda trace: (len(trace), identifier(trace)))


class _Recorder:
    """A player that remembers what was played."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.traces: dict[str, Trace] = {}

    def play(self, trace: Trace) -> Any:
        self.traces.setdefault(identifier(trace), trace)
        return self._player.play(trace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._player, name)


@attrs.frozen
class _Pair:
    one: Player
    other: Player

    def supports(self, trace: Trace) -> bool:
        return not any(player.supports(step) for player in (self.one, self.other) for step in trace)

    def difference(self, trace: Trace) -> Difference | None:
        """The first step after which the two show something else."""
        left, right = _Watched(self.one), _Watched(self.other)
        for position, step in enumerate(trace):
            seen, too = left.see(step, position), right.see(step, position)
            found = next(_differing(seen, too), None)
            if found is not None:
                return Difference(trace[: position + 1], *found)
            if isinstance(seen, str):
                return None
        return None


@attrs.define
class _Watched:
    player: Player
    begun: bool = False

    def see(self, step: Any, position: int) -> Observation | str:
        """What is seen of a step; a text if the binding went down in it."""
        try:
            if not self.begun:
                self.player.prepare()
                self.begun = True
            return self.player.perform(step, step.named(position))
        except DriverError as error:
            self.player.start()
            return str(error).splitlines()[0]


def _differing(one: Observation | str, other: Observation | str) -> Iterator[tuple[str, str, str]]:
    """What differs, and how each side shows it."""
    if isinstance(one, str) or isinstance(other, str):
        if isinstance(one, str) != isinstance(other, str):
            yield "going down", _either(one), _either(other)
        return
    if (one.thrown is None) != (other.thrown is None):
        yield "thrown", describe_seen(one), describe_seen(other)
        return
    unheard = one.unheard | other.unheard
    yield from _callbacks(one, other, unheard)
    if one.promises == other.promises and text(one.returned) != text(other.returned):
        yield "returned", f"it returned {text(one.returned)}", f"it returned {text(other.returned)}"
    if ABSENT not in (one.snapshot, other.snapshot):
        for place in differences(one.snapshot, other.snapshot):
            yield f"{place.place.partition('[')[0]}", *place.told("", "is")


def _either(seen: Observation | str) -> str:
    return seen if isinstance(seen, str) else describe_seen(seen)


def _callbacks(one: Observation, other: Observation, unheard: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    left, right = (
        sorted((each.call, each.callback) for each in seen.settled if each.call not in unheard) for seen in (one, other)
    )
    if left != right:
        yield "callbacks", describe_seen(one), describe_seen(other)
        return
    values = [
        {
            each.call: text(each.value)
            for each in seen.settled
            if each.callback == "success" and each.call not in unheard
        }
        for seen in (one, other)
    ]
    for call, value in values[0].items():
        if value != values[1].get(call):
            yield "value", f"success with {value}", f"success with {values[1].get(call)}"
