"""Every form in which a run can be reported, by name; each is a pure function of event streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from intercom_conformance.events import Stream
from intercom_conformance.exits import UsageProblem, unknown
from intercom_conformance.reports import terminal
from intercom_reference.errors import KitError

if TYPE_CHECKING:
    from intercom_conformance.specification import Specification

__all__ = ["FORMATS", "known_format", "render"]


def render(format: str, streams: Sequence[Stream]) -> str:
    """The report of some runs in a format of `FORMATS`, ending with a line feed.

    Raises:
        UsageProblem: there is no such format, or it has room for one run only.
    """
    return FORMATS[known_format(format)](streams).removesuffix("\n") + "\n"


def known_format(name: str) -> str:
    """The name of a format; `UsageProblem` with the closest one if there is none of that name."""
    if name not in FORMATS:
        raise unknown("format", name, FORMATS, f"There are: {', '.join(FORMATS)}.")
    return name


def as_data(stream: Stream) -> dict[str, Any]:
    """A run as one JSON document; `incomplete` tells why it is not whole, and is empty if it is."""
    whole = {"header": stream.header, "checks": stream.results, "footer": stream.footer}
    return {**whole, "incomplete": terminal.incomplete_line(stream)}


def _text(streams: Sequence[Stream]) -> str:
    return "\n\n\n".join(terminal.report(stream) for stream in streams)


def _markdown(streams: Sequence[Stream]) -> str:
    from intercom_conformance.reports.markdown import markdown

    return "\n\n".join(markdown(stream) for stream in streams)


def _json(streams: Sequence[Stream]) -> str:
    documents = [as_data(stream) for stream in streams]
    return _dumped(documents[0] if len(documents) == 1 else documents)


def _junit(streams: Sequence[Stream]) -> str:
    from intercom_conformance.reports.junit import junit

    return junit(streams)


def _ctrf(streams: Sequence[Stream]) -> str:
    from intercom_conformance.reports.ctrf import ctrf

    return _dumped(ctrf(_only(streams, "ctrf")))


def _badge(streams: Sequence[Stream]) -> str:
    from intercom_conformance.reports.badge import badge

    return _dumped(badge(_only(streams, "badge")))


def _html(streams: Sequence[Stream]) -> str:
    from intercom_conformance.reports.page import page

    return page([(stream, _specification_of(stream)) for stream in streams])


def _specification_of(stream: Stream) -> Specification | None:
    """The specification that a stream is of, if it is the embedded one, or still where it was read from."""
    from intercom_conformance.specification import SpecificationError, load_specification

    named = stream.header["specification"]
    try:
        spec = load_specification(named.get("folder"))
    except (SpecificationError, KitError, OSError):
        return None
    return spec if spec.digest == named["digest"] else None


def _only(streams: Sequence[Stream], format: str) -> Stream:
    if len(streams) != 1:
        remedy = "Write one for each run, or join the shards of a run with 'report merge'."
        raise UsageProblem(f"The format {format} has room for one run, not {len(streams)}", remedy)
    return streams[0]


def _dumped(document: Any) -> str:
    return json.dumps(document, indent=2)


FORMATS: Mapping[str, Callable[[Sequence[Stream]], str]] = {
    "text": _text,
    "markdown": _markdown,
    "json": _json,
    "junit": _junit,
    "ctrf": _ctrf,
    "badge": _badge,
    "html": _html,
}
"""What makes a text of some runs, by the format's name."""
