"""The report of a run as an endpoint badge of Shields (shields.io/badges/endpoint-badge), in counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.terminal import tally

__all__ = ["badge"]


def badge(stream: Stream) -> dict[str, Any]:
    """The document that Shields fetches; only a whole run in which every judged requirement passed is bright green."""
    specification = stream.header["specification"]
    told = ", ".join(_told(stream))
    return {
        "schemaVersion": 1,
        "label": specification["name"],
        "message": f"{told} @ spec {specification['version']}",
        "color": _color(stream),
        **({} if stream.complete else {"isError": True}),
    }


def _told(stream: Stream) -> Iterator[str]:
    if not stream.complete or stream.footer is None:
        yield f"INCOMPLETE: {len(stream.results)} of {stream.header['planned']} checks"
        return
    requirements = stream.footer["requirements"]
    for level in ("MUST", "SHOULD"):
        passed, judged = tally(requirements, level)
        if judged or level == "MUST":
            yield f"{passed}/{judged} {level}"
    yield from _not_judged(requirements)
    if stream.header["filter"]:
        yield "a part of the suite"


def _not_judged(requirements: Document) -> Iterator[str]:
    for verdict in ("unsupported", "not run"):
        number = sum(one["verdict"] == verdict and one["level"] != "MAY" for one in requirements.values())
        if number:
            yield f"{number} {verdict}"


def _color(stream: Stream) -> str:
    if not stream.complete or stream.footer is None or stream.footer["exit_code"] == 1:
        return "red"
    tallies = [tally(stream.footer["requirements"], level) for level in ("MUST", "SHOULD")]
    if stream.footer["exit_code"] == 5 or not any(judged for _, judged in tallies):
        return "lightgrey"
    if any(passed < judged for passed, judged in tallies):
        return "yellow"
    return "blue" if stream.header["filter"] else "brightgreen"
