"""The checks of a run as the test cases that CI systems know: each passed, failed, broke down or was skipped.

What else can fail a run is a case too: that it came to its end, that it judged anything, and each known deviation that
was not seen. So no reader that only counts cases takes a run for better than it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from intercom_conformance.events import Document, Stream
from intercom_conformance.exits import Exit
from intercom_conformance.reports.finding import printable, render_check, render_finding
from intercom_conformance.reports.terminal import incomplete_line

__all__ = ["Case", "Outcome", "cases"]

Outcome: TypeAlias = Literal["passed", "failed", "error", "skipped"]

_OUTCOMES: dict[str, Outcome] = {
    "passed": "passed",
    "failed": "failed",
    "flaky": "failed",
    "unexpected pass": "failed",
    "crashed": "error",
    "timed out": "error",
    "protocol error": "error",
}
"""Everything else was skipped, as test runners have it, or depends on how strict the run was."""

_TOO_LITTLE = "The binding lacks what would have to be judged: what else it passes says too little."


@attrs.frozen
class Case:
    """A test case: its outcome, the kit's own verdict, and what there is to read."""

    name: str
    family: str
    verdict: str
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    text: str = ""
    requirements: tuple[str, ...] = ()


def cases(stream: Stream) -> Iterator[Case]:
    """The cases of a run: its checks in their order, and whatever else went wrong."""
    for document in stream.results:
        yield _case(document, stream.header)
    for sentence in (stream.footer or {}).get("stale", ()):
        told = printable(sentence)
        yield Case(f"known deviation: {told.split(':')[0]}", "deviations", "stale", "failed", message=told, text=told)
    if stream.footer is not None and stream.footer["exit_code"] == Exit.NOTHING_RAN:
        yield Case("the run judged enough", "run", "nothing judged", "failed", message=_TOO_LITTLE, text=_TOO_LITTLE)
    if told := incomplete_line(stream):
        yield Case("the run came to its end", "run", "incomplete", "error", message=told, text=told)


def _case(document: Document, header: Document) -> Case:
    return Case(
        document["id"],
        document["family"],
        document["verdict"],
        _outcome(document["verdict"], header),
        document["seconds"],
        printable(_message(document)),
        "\n\n".join(_texts(document, header)),
        tuple(document["requirements"]),
    )


def _outcome(verdict: str, header: Document) -> Outcome:
    if verdict == "warned":
        return "failed" if header["strict"] else "passed"
    return _OUTCOMES.get(verdict, "skipped")


def _message(document: Document) -> str:
    """The fault in one line: which requirement, what was expected and what was seen."""
    for one in document["findings"]:
        known = f" ({one['known']})" if one.get("known") else ""
        return f"{one['requirement']}: expected {one['expected']}; observed {one['observed']}{known}"
    if document["missing"]:
        return f"needs {', '.join(document['missing'])}"
    return str((document["message"].splitlines() or [""])[0])


def _texts(document: Document, header: Document) -> Iterator[str]:
    for finding in document["findings"]:
        yield render_finding(finding, header)
    if not document["findings"] and document["message"]:
        yield render_check(document, header)
