"""Judges sessions of which everything is on record, by the oracle itself and not by a table.

Such a session begins with ``{"happening": "reset", "world": "told"}``. It tells every event of the world, all
arguments, and which callbacks were given; the workspace is the specification's own. The kit records its own runs so.
A step is a call or a happening with the callbacks that stand on the lines right after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intercom_conformance.checking.lines import NOTHING, Line, decoded
from intercom_conformance.checking.ordering import Held
from intercom_conformance.oracle import (
    ABSENT,
    UNCERTAIN,
    Accepted,
    Broken,
    Call,
    Happening,
    Observation,
    Oracle,
    Settlement,
    Undecidable,
)

__all__ = ["Told", "Verdict"]

Verdict = tuple[str, str, Broken, tuple[str, ...], Held]
"""The call, the states before it, what is broken, what was allowed, and the line."""


class Told:
    """One session of which everything is told, as far as it has come."""

    __slots__ = ("configurations", "ended", "lines", "oracle", "style")

    def __init__(self, oracle: Oracle, style: str) -> None:
        self.oracle, self.style = oracle, style
        self.configurations = oracle.initial()
        self.lines: list[Held] = []
        self.ended = False

    def take(self, held: Held) -> Iterator[Verdict]:
        """Takes a line; the faults of the step before it, if it begins a new one."""
        if held.line.settled is None:
            yield from self.finish()
        self.lines.append(held)

    def finish(self) -> Iterator[Verdict]:
        """The faults of the last step."""
        lines, self.lines = self.lines, []
        if not lines or self.ended or lines[0].line.settled is not None:
            return
        step = self._step(lines[0].line)
        try:
            verdict = self.oracle.judge(self.configurations, step, self._seen(lines))
        except Undecidable:
            self.ended = True
            return
        if not isinstance(verdict, Accepted):
            name = step.method.name if isinstance(step, Call) else step.event
            yield name, self._where(), verdict.broken[0], verdict.allowed, lines[0]
        accepted = verdict if isinstance(verdict, Accepted) else verdict.recovered
        self.ended = accepted is None
        self.configurations = accepted.configurations if accepted else ()

    def _step(self, line: Line) -> Call | Happening:
        model = self.oracle.model
        arguments = _listed(line.arguments)
        if line.call is None:
            assert line.happening is not None
            return model.happening(line.happening, arguments)
        given = frozenset(("success", "error") if line.callbacks is None else line.callbacks)
        return model.call(line.id or line.call, line.call, arguments, given)

    def _seen(self, lines: list[Held]) -> Observation:
        first = lines[0].line
        return Observation(
            settled=tuple(one for held in lines for one in _settlements(held.line)),
            returned=UNCERTAIN if first.returned is NOTHING else decoded(first.returned, lambda: None),
            thrown=first.thrown,
            snapshot=ABSENT if first.observed is NOTHING else decoded(first.observed, dict),
            promises=self.style == "promises",
            unheard=frozenset(first.unheard or ()),
            kept=first.kept if isinstance(first.kept, dict) else dict.fromkeys(first.kept or (), "either"),
            unasked=frozenset(first.unasked or ()),
        )

    def _where(self) -> str:
        shown = [one for one in self.oracle.model.table.regions if one.visibility == "shown"][:1]
        states = {r.name: sorted({at.states[r.position] for at in self.configurations}) for r in shown}
        return ", ".join(f"{name}: {' or '.join(possible)}" for name, possible in states.items())


def _settlements(line: Line) -> Iterator[Settlement]:
    if line.outcome in ("success", "error"):
        value: Any = UNCERTAIN
        if line.value is not NOTHING or line.code is not None:
            value = {"code": line.code} if line.value is NOTHING else decoded(line.value, lambda: None)
        yield Settlement(line.settled or line.id or line.call or "", line.outcome, value)


def _listed(raw: Any) -> list[Any]:
    value = [] if raw is NOTHING else decoded(raw, list)
    return value if isinstance(value, list) else []
