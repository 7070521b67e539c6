"""A fault as a sequence diagram: what the app called, what crossed the bridge, what was answered, what came back.

A wrapper has four lanes: the app, the binding, the bridge, and the native SDK, which the kit plays. A binding that is
an SDK of its own has two. What happens in the world comes from the right. In the last step the answer that was expected
stands beside the one that was observed.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from markupsafe import Markup

from intercom_conformance.reports.finding import printable
from intercom_conformance.reports.page.views import Fault, Native, StepView

__all__ = ["diagram"]

_APP, _BINDING, _BRIDGE, _SDK, _WORLD = 50, 330, 560, 790, 850
_LANES = ((_APP, "App"), (_BINDING, "Binding"), (_BRIDGE, "Bridge"), (_SDK, "Native SDK"))
_TOP, _LINE = 44, 28
_LETTER = 7.3
"""The width of a character."""


@attrs.frozen
class _Row:
    """An arrow from one lane to another with its text; none of the two is a note at the right of a lane."""

    start: int
    end: int
    text: str
    kind: str
    crossing: bool = False
    """Whether it crosses the bridge, which is marked by a dot."""


def diagram(fault: Fault, wrapper: bool) -> Markup:
    """The steps of a fault as SVG; a wrapper has a bridge and a native SDK below it."""
    rows = [row for number, step in enumerate(fault.steps, 1) for row in _rows(fault, number, step, wrapper)]
    width, height = _WORLD if wrapper else _BRIDGE, _TOP + _LINE * (len(rows) + 1)
    body = [_lane(x, name, height) for x, name in (_LANES if wrapper else _LANES[:2])]
    body += [_drawn(row, _TOP + _LINE * at, width) for at, row in enumerate(rows, 1)]
    told = Markup('<svg class="sequence {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    label = f"Sequence of {len(fault.steps)} steps that breaks {fault.title}; the list below tells the same"
    return told.format("four" if wrapper else "two", width, height, label, Markup("").join(body))


def _rows(fault: Fault, number: int, step: StepView, wrapper: bool) -> Iterator[_Row]:
    if step.happens:
        yield _Row(*((_WORLD, _SDK) if wrapper else (_BRIDGE, _BINDING)), f"{number} {step.call}", "world")
    else:
        yield _Row(_APP, _BINDING, f"{number} {step.call}", "call")
    for one in step.native:
        yield from _native(one)
    if step.more:
        yield _Row(_BINDING, _SDK, f"and {step.more} more", "call", crossing=True)
    last = number == len(fault.steps)
    if last and fault.expected:
        yield _Row(_BINDING, _APP, f"expected: {fault.expected}", "answer right")
        yield _Row(_BINDING, _APP, f"observed: {fault.observed}", "answer wrong")
    elif not (step.happens and step.seen == "no callback"):
        yield _Row(_BINDING, _APP, step.seen, "answer wrong" if last else "answer")


def _native(one: Native) -> Iterator[_Row]:
    """A call down and its answer up, which stops at the bridge where nobody tells the binding."""
    if not one.late:
        yield _Row(_BINDING, _SDK, one.call, "call", crossing=True)
    told = f"late, to {one.call}: {one.answer}" if one.late else one.answer
    if one.answer == "held":
        yield _Row(_SDK, _SDK, "no answer yet", "note")
    elif one.told:
        yield _Row(_SDK, _BINDING, told, "answer", crossing=True)
    else:
        yield _Row(_SDK, _BRIDGE, f"{told}, not told", "answer")


# Drawing --------------------------------------------------------------------------------------------------


def _lane(x: int, name: str, height: int) -> Markup:
    return Markup(
        '<text class="lane" x="{x}" y="20" text-anchor="middle">{name}</text>'
        '<line class="life" x1="{x}" x2="{x}" y1="30" y2="{height}"/>'
    ).format(x=x, name=name, height=height)


def _drawn(row: _Row, y: int, width: int) -> Markup:
    told = Markup('<g class="{}" transform="translate(0 {})">{}{}{}</g>')
    dot = Markup('<circle cx="{}" cy="0" r="3"/>').format(_BRIDGE) if row.crossing else ""
    return told.format(row.kind, y, _arrow(row) if row.start != row.end else "", dot, _text(row, width))


def _arrow(row: _Row) -> Markup:
    tip = row.end - 7 if row.end > row.start else row.end + 7
    told = Markup('<line x1="{}" x2="{}" y1="0" y2="0"/><path d="M{} 0L{} -4L{} 4Z"/>')
    return told.format(row.start, tip, row.end, tip, tip)


def _text(row: _Row, width: int) -> Markup:
    """The text above its arrow; nothing else is in its row, so that it may be longer than that."""
    from_right = row.kind in ("world", "note")
    at = max(row.start, row.end) - (10 if row.kind == "note" else 2) if from_right else min(row.start, row.end) + 8
    room = int((at if from_right else width - at) / _LETTER)
    told = Markup('<text x="{}" y="-5" text-anchor="{}">{}</text>')
    return told.format(at, "end" if from_right else "start", _short(row.text, room))


def _short(text: str, longest: int) -> str:
    one_line = " ".join(printable(text).split())
    return one_line if len(one_line) <= longest else one_line[: longest - 1] + "\u2026"
