"""Writes what is played against a binding as a trace, which ``check`` judges again.

Each trace is a session of which everything is told: ``schemas/documents/trace.schema.json`` describes the lines. They
hold what the kit made up itself, and what the binding made of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

import attrs

from intercom_conformance.oracle import ABSENT, Observation, Settlement
from intercom_conformance.trace import BOTH, Step

__all__ = ["Recorder"]


@attrs.define
class Recorder:
    """Writes sessions to an open text file, one after the other."""

    file: IO[str]
    device: str = ""
    sessions: int = 0
    lines: int = 0

    def begin(self, style: str) -> None:
        """A new session: the app is newly installed."""
        self.sessions += 1
        self.lines = 0
        self._write({"happening": "reset", "world": "told", "style": style})

    def step(self, step: Step, call: str, given: frozenset[str], seen: Observation, *, happens: bool) -> None:
        """One step, and what was seen of it."""
        named = {"happening": step.name} if happens else {"call": step.name, "id": call}
        body: dict[str, Any] = {**named, "arguments": list(step.arguments)}
        if not happens and given != set(BOTH):
            body["callbacks"] = sorted(given)
        if not happens:
            body["returned"] = None if seen.returned is ABSENT else seen.returned
        own = next((one for one in seen.settled if not happens and one.call == call), None)
        self._write({**body, **(_outcome(own) if own else {}), **dict(_besides(seen))})
        for one in seen.settled:
            if one is not own:
                self._write({"settled": one.call, **_outcome(one)})

    def _write(self, body: dict[str, Any]) -> None:
        line = {"session": f"t{self.sessions}", "seq": self.lines, **body}
        if self.device:
            line["device"] = self.device
        self.file.write(json.dumps(line, separators=(",", ":"), default=str) + "\n")
        self.lines += 1


def _outcome(one: Settlement) -> dict[str, Any]:
    return {"outcome": one.callback, "value": None if one.value is ABSENT else one.value}


def _besides(seen: Observation) -> Iterator[tuple[str, Any]]:
    if seen.thrown is not None:
        yield "thrown", str(seen.thrown)
    if seen.snapshot is not ABSENT:
        yield "observed", seen.snapshot
    if seen.kept:
        yield "kept", dict(sorted(seen.kept.items()))
    for name in ("unheard", "unasked"):
        if calls := getattr(seen, name):
            yield name, sorted(calls)
