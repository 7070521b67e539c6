"""What checking traces found, as text, as JSON, and as SARIF 2.1.0 for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from intercom_conformance.checking.tally import Example, Fault, Note, Seen, Tally
from intercom_conformance.masking import Masker
from intercom_conformance.reports.finding import printable
from intercom_conformance.reports.validation import sarif_log, sarif_place
from intercom_conformance.specification import Requirement
from intercom_conformance.trace import of_document, render_step

__all__ = ["as_json", "as_sarif", "as_text"]

_NOTES = {
    "unreadable": "lines of which nothing could be made",
    "argument": "calls with an argument that is not valid",
    "gap": "gaps: after them, anything may have happened",
    "late": "lines that came after their turn, and were not judged",
    "duplicate": "lines that came twice",
    "begins later": "sessions whose beginning is not on record",
    "passed over": "lines of a log that tell of no call, as its map has it",
    "not imported": "findings of an event stream that could not be judged",
    "let go": "sessions that were let go: more were open than may be",
}

Requirements = Mapping[str, Requirement]


def as_text(tally: Tally, sources: Sequence[str], masker: Masker, requirements: Requirements) -> str:
    """Each fault with its first impossible step; below them what was told besides, and the counts."""
    faults = [_fault(fault, seen, sources, masker, requirements) for fault, seen in tally.ranked()]
    notes = [line for kind in _NOTES for line in _told(kind, tally, sources, masker)]
    return "\n".join([*(f"{one}\n" for one in faults), _counts(tally), *notes])


def _fault(fault: Fault, seen: Seen, sources: Sequence[str], masker: Masker, requirements: Requirements) -> str:
    requirement, example = requirements[fault.requirement], seen.example
    sessions = _sessions(seen.sessions)
    device = f" on {example.device}" if example.device else ""
    shown = [
        f"{_severity(requirement)}  {fault.requirement}  {requirement.level}   {sessions}",
        f"  {requirement.sentence}",
        f"  ({requirement.source})",
        "",
        f"    first      {sources[example.source]}:{example.line}, session {masker.text(example.session)}{device}",
        f"    step       {fault.call}, {fault.states or 'in any state'}",
        f"    expected   {masker.text(example.expected)}",
        f"    observed   {masker.text(example.observed)}",
        f"    allowed    {', or '.join(example.allowed)}",
        *_history(example, masker),
    ]
    return "\n".join(map(printable, shown))


def _history(example: Example, masker: Masker) -> list[str]:
    """The steps that led to the impossible one, and that one, below one another."""
    steps = _steps(example, masker)
    if not steps:
        return []
    widest = min(_WIDE, max(len(call) for call, _ in steps))
    earlier = [f"      … {example.earlier:,} earlier"] if example.earlier else []
    shown = [
        f"    {'=>' if at == len(steps) else '  '} {past.line:>6}  {call:<{widest}}  {seen}".rstrip()
        for at, (past, (call, seen)) in enumerate(zip(example.history, steps, strict=True), 1)
    ]
    return ["", "    history, each with its line", *earlier, *shown]


_WIDE = 72


def _steps(example: Example, masker: Masker) -> list[tuple[str, str]]:
    """The calls of a history, and what came of them, in words and without secrets."""
    trace = [{past.step: list(past.arguments)} for past in example.history]
    told = [
        {"call": render_step(of_document(step)), "seen": past.outcome}
        for step, past in zip(trace, example.history, strict=True)
    ]
    return [(one["call"], one["seen"]) for one in masker.steps(trace, told)]


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions"


def _severity(requirement: Requirement) -> str:
    return "IMPOSSIBLE" if requirement.binding else "WARNING   "


def _counts(tally: Tally) -> str:
    told = f", {tally.told:,} of them with everything on record" if tally.told else ""
    return f"{tally.steps:,} steps in {_sessions(tally.sessions)}{told}: {tally.affected:,} with an impossible step"


def _told(kind: str, tally: Tally, sources: Sequence[str], masker: Masker) -> list[str]:
    notes = sorted((text, note) for (one, text), note in tally.notes.items() if one == kind)
    if not notes:
        return []
    lines = [f"  {sum(note.count for _, note in notes):>9,}  {_NOTES[kind]}"]
    for text, note in sorted(notes, key=lambda one: (-one[1].count, one[0]))[:_SHOWN]:
        lines.append(printable(f"  {'':>9}  {masker.text(text)}{': ' if text else ''}{_places(note, sources)}"))
    return [*lines, *([f"  {'':>9}  … and more"] if len(notes) > _SHOWN else [])]


_SHOWN = 5


def _places(note: Note, sources: Sequence[str]) -> str:
    places = ", ".join(f"{sources[source]}:{line}" for source, line in note.places)
    return f"{places}{' …' if note.count > len(note.places) else ''}"


def as_json(tally: Tally, sources: Sequence[str], masker: Masker, requirements: Requirements) -> str:
    """One document; ``schemas/documents/check.schema.json`` describes it."""
    document = {
        "lines": tally.lines,
        "steps": tally.steps,
        "sessions": tally.sessions,
        "affected": tally.affected,
        "faults": [_document(fault, seen, sources, masker, requirements) for fault, seen in tally.ranked()],
        "notes": [
            {"kind": kind, "text": masker.text(text), "count": note.count, "places": _place_documents(note, sources)}
            for (kind, text), note in sorted(tally.notes.items())
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _document(
    fault: Fault, seen: Seen, sources: Sequence[str], masker: Masker, requirements: Requirements
) -> dict[str, Any]:
    example = seen.example
    return {
        "requirement": fault.requirement,
        "level": requirements[fault.requirement].level,
        "kind": fault.kind,
        "call": fault.call,
        "states": fault.states,
        "outcome": masker.text(fault.observed),
        "sessions": seen.sessions,
        "example": {
            "source": sources[example.source],
            "line": example.line,
            "session": masker.text(example.session),
            "device": example.device,
            "expected": masker.text(example.expected),
            "observed": masker.text(example.observed),
            "allowed": list(example.allowed),
            "earlier": example.earlier,
            "history": [
                {"source": sources[past.source], "line": past.line, "step": call, "outcome": seen}
                for past, (call, seen) in zip(example.history, _steps(example, masker), strict=True)
            ],
        },
    }


def _place_documents(note: Note, sources: Sequence[str]) -> list[dict[str, Any]]:
    return [{"source": sources[source], "line": line} for source, line in note.places]


def as_sarif(tally: Tally, sources: Sequence[str], masker: Masker, requirements: Requirements) -> str:
    """A SARIF log of one run: each broken requirement with its sentence, each fault at its first line."""
    ranked = tally.ranked()
    rules = list(dict.fromkeys(fault.requirement for fault, _ in ranked))
    results = [
        {
            "ruleId": fault.requirement,
            "ruleIndex": rules.index(fault.requirement),
            "level": "error" if requirements[fault.requirement].binding else "warning",
            "message": {"text": _message(fault, seen, masker)},
            "locations": [{"physicalLocation": sarif_place(sources[seen.example.source], seen.example.line)}],
            "occurrenceCount": seen.sessions,
        }
        for fault, seen in ranked
    ]
    return sarif_log(rules, results, requirements)


def _message(fault: Fault, seen: Seen, masker: Masker) -> str:
    expected, observed = masker.text(seen.example.expected), masker.text(seen.example.observed)
    return f"{fault.call} ({fault.states}): expected {expected}, observed {observed}."
