"""A fault as a sequence diagram: what the app called, what the binding answered, what happened below it.

Drawn is what a trace has and no more: which calls a wrapper makes of the native SDK is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from intercom_conformance.reports.finding import printable
from intercom_conformance.reports.page.views import Fault

__all__ = ["diagram"]

_LANES = (70, 360, 650)
_TOP, _LINE, _LONGEST = 44, 26, 42


def diagram(fault: Fault, native: str) -> Markup:
    """The steps of a fault as SVG; `native` names what is below the binding."""
    rows = list(_rows(fault))
    height = _TOP + _LINE * (len(rows) + 1)
    body = [_lane(x, name, height) for x, name in zip(_LANES, ("App", "Binding", native), strict=True)]
    body += [row.format(y=_TOP + _LINE * at) for at, row in enumerate(rows, 1)]
    told = Markup('<svg class="sequence" viewBox="0 0 720 {}" role="img" aria-label="{}">{}</svg>')
    label = f"Sequence of {len(fault.steps)} steps that breaks {fault.title}; the list below tells the same"
    return told.format(height, label, Markup("").join(body))


def _lane(x: int, name: str, height: int) -> Markup:
    return Markup(
        '<text class="lane" x="{x}" y="20" text-anchor="middle">{name}</text>'
        '<line class="life" x1="{x}" x2="{x}" y1="30" y2="{height}"/>'
    ).format(x=x, name=name, height=height)


def _rows(fault: Fault) -> Iterator[Markup]:
    app, binding, native = _LANES
    last = len(fault.steps)
    for number, (step, happens) in enumerate(zip(fault.steps, fault.happenings, strict=False), 1):
        yield _arrow(native if happens else app, binding, f"{number} {step['call']}", "call")
        if not (happens and step["seen"] == "no callback"):
            yield _arrow(binding, app, step["seen"], "answer wrong" if number == last else "answer")


def _arrow(start: int, end: int, text: str, kind: str) -> Markup:
    """An arrow with its text above, at a height that is filled in as ``{y}``."""
    tip = end - 7 if end > start else end + 7
    drawn = Markup(
        '<g class="{kind}" transform="translate(0 {{y}})"><line x1="{start}" x2="{tip}" y1="0" y2="0"/>'
        '<path d="M{end} 0L{tip} -4L{tip} 4Z"/><text x="{middle}" y="-5" text-anchor="middle">{text}</text></g>'
    )
    # Braces of the text are doubled, for the height is filled in afterwards.
    told = escape(_short(text)).replace("{", "{{").replace("}", "}}")
    return drawn.format(kind=kind, start=start, end=end, tip=tip, middle=(start + end) // 2, text=told)


def _short(text: str) -> str:
    one_line = " ".join(printable(text).split())
    return one_line if len(one_line) <= _LONGEST else one_line[: _LONGEST - 1] + "…"
