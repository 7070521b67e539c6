"""The report of a run in the Common Test Report Format (ctrf.io), as its published JSON Schema has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from intercom_conformance.events import Stream
from intercom_conformance.reports.cases import Case, cases
from intercom_conformance.reports.finding import printable

__all__ = ["SPEC_VERSION", "ctrf"]

SPEC_VERSION = "0.0.0"
"""The version of the format."""

_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(stream: Stream) -> dict[str, Any]:
    """The report as a JSON document."""
    header, listed = stream.header, list(cases(stream))
    tests = [_test(case) for case in listed]
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "timestamp": header["started"],
        "generatedBy": f"{header['tool']['name']} {header['tool']['version']}",
        "results": {
            "tool": header["tool"],
            "summary": _summary(stream, tests),
            "tests": tests,
            "environment": _environment(stream),
        },
    }


def _summary(stream: Stream, tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = Counter(test["status"] for test in tests)
    start = round(datetime.fromisoformat(stream.header["started"]).timestamp() * 1000)
    duration = sum(test["duration"] for test in tests)
    if stream.footer is not None:
        duration = round(stream.footer["seconds"] * 1000)
    return {
        "tests": len(tests),
        **{status: counts[status] for status in _STATUSES},
        "start": start,
        "stop": start + duration,
        "extra": {"complete": stream.complete, "requirements": (stream.footer or {}).get("requirements", {})},
    }


def _test(case: Case) -> dict[str, Any]:
    told = {"message": case.message, "trace": case.text}
    return {
        "testId": printable(case.name),
        "name": printable(case.name),
        "suite": [case.family],
        "status": _status(case),
        "rawStatus": case.verdict,
        "duration": round(case.seconds * 1000),
        **{name: text for name, text in told.items() if text},
        "extra": {"requirements": list(case.requirements)},
    }


def _status(case: Case) -> str:
    """CTRF does not tell failures from errors; `rawStatus` does. A known failure is no skipped test."""
    if case.verdict == "expected failure":
        return "other"
    return "failed" if case.outcome == "error" else case.outcome


def _environment(stream: Stream) -> dict[str, Any]:
    header = stream.header
    binding = header["binding"] or {"name": header["connector"], "version": ""}
    told = {name: header[name] for name in ("connector", "specification", "seed", "examples", "strict", "filter")}
    return {"appName": binding["name"], "appVersion": binding["version"], "extra": told}
