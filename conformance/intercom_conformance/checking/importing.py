"""Makes traces of what the kit's own runs have written: the event stream of a run holds the trace of every finding.

A stream tells which callbacks ran, and not what they were given or what was kept: ``run --record`` writes all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from intercom_conformance.events import trace_of
from intercom_conformance.masking import LABEL

__all__ = ["is_stream", "lines_of_stream"]

_SEEN = re.compile(r"(success|error) of (\S+?)(?:,|$)")
_THREW = "the call threw "


def is_stream(first: bytes) -> bool:
    """Whether a source is an event stream, by its first bytes."""
    return re.match(rb'\s*\{\s*"event"\s*:\s*"header"', first) is not None


def lines_of_stream(text: bytes, world: frozenset[str]) -> Iterator[tuple[int, bytes | str]]:
    """The trace lines of every finding, each with the line of the stream; a text for a finding that has none."""
    style = "callbacks"
    for number, line in enumerate(text.splitlines(), 1):
        event = _event(line)
        if event.get("event") == "header":
            style = (event.get("binding") or {}).get("style", style)
        for finding in event.get("findings", ()) if event.get("event") == "check" else ():
            if LABEL.search(json.dumps(finding["trace"])):
                yield number, "a finding with masked arguments; write the stream with --show-secrets"
            else:
                for one in _session(finding, number, style, world):
                    yield number, json.dumps(one).encode()


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _session(finding: dict[str, Any], number: int, style: str, world: frozenset[str]) -> Iterator[dict[str, Any]]:
    session = f"{finding['id']}:{number}"
    calls: list[str] = []
    yield {"session": session, "happening": "reset", "world": "told", "style": style}
    for position, (step, told) in enumerate(zip(trace_of(finding["trace"]), finding["steps"], strict=False)):
        call = step.named(position)
        happens = step.name in world
        calls += [] if happens else [call]
        body = (
            {"happening": step.name} if happens else {"call": step.name, "id": call, "callbacks": list(step.callbacks)}
        )
        yield {"session": session, **body, "arguments": list(step.arguments), **_told(told["seen"], style, calls)}
        for callback, settled in _SEEN.findall(told["seen"]):
            yield {"session": session, "settled": settled, "outcome": callback}


def _told(seen: str, style: str, calls: list[str]) -> dict[str, Any]:
    thrown = {"thrown": seen.removeprefix(_THREW)} if seen.startswith(_THREW) else {}
    return {**thrown, **({"callbacks": [], "unheard": calls} if style == "none" else {})}
