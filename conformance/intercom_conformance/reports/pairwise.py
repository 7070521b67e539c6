"""Where two bindings differ, for people and as data."""

from __future__ import annotations

from typing import Any

from intercom_conformance.reports.finding import printable, wrapped
from intercom_conformance.suite.pairwise import Comparison, Difference
from intercom_conformance.trace import render_step, to_document

__all__ = ["as_data", "as_text"]


def as_text(comparison: Comparison, width: int) -> str:
    """Every difference with its sequence and what each side shows."""
    lines = wrapped(f"{comparison.one}  against  {comparison.other}", width, then="  ")
    for number, found in enumerate(comparison.differences, 1):
        lines += ["", *_difference(number, found, width)]
    count = len(comparison.differences)
    told = f"{count} difference{'' if count == 1 else 's'} in {comparison.traces:,} sequences that both can be played"
    lines += ["", *wrapped(told, width)]
    if comparison.missing:
        lines += wrapped(f"only one of them has {', '.join(comparison.missing)}", width, then="  ")
    return "\n".join(lines)


def _difference(number: int, found: Difference, width: int) -> list[str]:
    lines = [f"{number}. {found.what} of {found.trace[-1].name}"]
    for position, step in enumerate(found.trace, 1):
        lines += wrapped(f"  {position:>3}  {printable(render_step(step))}", width, then=" " * 9)
    for label, told in (("one", found.one), ("other", found.other)):
        lines += wrapped(f"       {label:<6} {printable(told)}", width, then=" " * 14)
    return lines


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON; sequences are in the language of scenarios."""
    return {
        "one": comparison.one,
        "other": comparison.other,
        "sequences": comparison.traces,
        "missing": list(comparison.missing),
        "differences": [
            {"what": one.what, "sequence": to_document(one.trace), "one": one.one, "other": one.other}
            for one in comparison.differences
        ],
    }
