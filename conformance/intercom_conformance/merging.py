"""Joins the streams of shards, the parts of one run that were run apart, into the stream of the whole.

Shards are of the same specification, the same binding and the same plan; what each chose of the suite is its own. A
check that is in several counts once if it was told the same each time, whatever time it took. The verdict of a
requirement follows from all checks, so it is found anew. One shard without an end leaves the whole without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intercom_conformance import events
from intercom_conformance.events import Document, Stream
from intercom_conformance.exits import Exit, UsageProblem, verdict_of_run
from intercom_conformance.results import Result
from intercom_conformance.specification import Specification

__all__ = ["merge", "require_specification"]

_PLAN = ("stream", "tool", "connector", "binding", "seed", "examples", "strict", "masked", "acknowledged")


def merge(shards: Mapping[str, Stream], spec: Specification, catalogue: Sequence[str]) -> Stream:
    """The stream of the whole.

    Args:
        shards: the streams, by the names of their files.
        spec: the specification that they are of.
        catalogue: the ids of its checks, in their order.

    Raises:
        UsageProblem: the shards are not of one run, or tell different things of one check.
    """
    require_specification(next(iter(shards.values())), spec)
    _require_one_plan(shards)
    documents = _joined(shards)
    order = {name: at for at, name in enumerate(catalogue)}
    results = tuple(sorted(documents.values(), key=lambda one: order.get(one["id"], len(order))))
    header = _header(shards, documents, catalogue)
    cut = "; ".join(f"of {name}, {one.cut or 'the end is missing'}" for name, one in shards.items() if not one.complete)
    return Stream(header, results, None if cut else _footer(shards, results, header, spec), cut)


def require_specification(stream: Stream, spec: Specification) -> None:
    """Refuses a specification that a stream is not of."""
    named = stream.header["specification"]
    if named["digest"] != spec.digest:
        problem = f"The stream is of {named['name']} {named['version']} ({named['digest']}), not {spec.digest}"
        raise UsageProblem(problem, "Name its folder with --spec, or use the kit that wrote it.")


def _require_one_plan(shards: Mapping[str, Stream]) -> None:
    (first, expected), *others = shards.items()
    for name, stream in others:
        one, other = _plan(expected), _plan(stream)
        differing = [key for key in one if one[key] != other[key]]
        if differing:
            problem = f"{first} and {name} are not shards of one run: they differ in {', '.join(differing)}"
            raise UsageProblem(problem, "Run them with the same options against the same binding.")


def _plan(stream: Stream) -> dict[str, Any]:
    digest = {"specification": stream.header["specification"]["digest"]}
    return {**digest, **{name: stream.header.get(name) for name in _PLAN}}


def _joined(shards: Mapping[str, Stream]) -> dict[str, Document]:
    joined: dict[str, Document] = {}
    for name, stream in shards.items():
        for document in stream.results:
            told = joined.setdefault(document["id"], document)
            if _without_time(told) != _without_time(document):
                problem = f"{name} tells of {document['id']!r} otherwise than a shard before it"
                raise UsageProblem(problem, "Run that check again, in one shard.")
    return joined


def _without_time(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "seconds"}


def _header(shards: Mapping[str, Stream], joined: Mapping[str, Document], catalogue: Sequence[str]) -> dict[str, Any]:
    """The header of the whole: nothing was chosen if every check is there."""
    headers = [stream.header for stream in shards.values()]
    twice = sum(len(stream.results) for stream in shards.values()) - len(joined)
    whole = joined.keys() >= set(catalogue) or any(not header["filter"] for header in headers)
    words = dict.fromkeys(word for header in headers for word in header["filter"])
    return {
        **headers[0],
        "filter": [] if whole else list(words),
        "planned": max(sum(header["planned"] for header in headers) - twice, len(joined)),
        "started": min(header["started"] for header in headers),
    }


def _footer(
    shards: Mapping[str, Stream], documents: Sequence[Document], header: Document, spec: Specification
) -> dict[str, Any]:
    footers = [stream.footer or {} for stream in shards.values()]
    results = [events.result_of(document) for document in documents]
    stale = list(dict.fromkeys(one for footer in footers for one in footer.get("stale", ())))
    seconds = sum(footer["seconds"] for footer in footers)
    code = _exit(results, header, spec, stale)
    return events.footer(results, spec, header, seconds=seconds, exit_code=code, stale=stale)


def _exit(results: Sequence[Result], header: Document, spec: Specification, stale: Sequence[str]) -> Exit:
    code = Exit.FAILED if stale else verdict_of_run((one.verdict for one in results), strict=header["strict"])
    return Exit.NOTHING_RAN if code is Exit.OK and events.lacking(header, spec) else code
