"""Validates payloads on a cluster: parts of NDJSON by the workers that read them, other forms file by file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import attrs

from intercom_conformance.engines.cluster import Task, cluster, in_order
from intercom_conformance.engines.ranges import Part, parts_of, rooted
from intercom_conformance.forms import Form
from intercom_conformance.validation import Finding, Judge, Settings, Tally, validated
from intercom_conformance.validation.records import Block, lines
from intercom_conformance.validation.sources import Source, opened
from intercom_conformance.validation.urls import shown
from intercom_conformance.validation.validating import broken, broken_off, form_of

__all__ = ["validated_by_dask"]


def validated_by_dask(
    names: Sequence[str], form: Form, settings: Settings, engine: str, read: Callable[[int], None]
) -> Tally:
    """What validation finds in these files and URLs: the same as without a cluster.

    Raises:
        UsageProblem: one cannot be opened, the cluster does not answer, or an extra is not installed.
    """
    if settings.spec:
        settings = attrs.evolve(settings, spec=str(Path(settings.spec).resolve()))
    parts = [part for number, name in enumerate(names) for part in _parts(number, name, form, settings)]
    total, line, source = Tally(settings.keep), 0, -1
    with cluster(engine) as client:
        tasks: Iterator[Task] = ((judged, (part, shown(names[part.source]), form, settings)) for part in parts)
        for part, (tally, count) in zip(parts, in_order(client, tasks), strict=True):
            line = line if part.source == source else 0
            total.merge(_moved(tally, line))
            line, source = line + count, part.source
            read(part.size)
    return total


def _parts(number: int, name: str, form: Form, settings: Settings) -> list[Part]:
    """The parts of a source: only lines of JSON can be cut."""
    parts = parts_of(number, rooted(name))
    if len(parts) < 2:
        return parts
    with closing(opened(rooted(name), lambda _: None).stream) as stream:
        found = form_of(Source(name, stream, None), form, settings)
    return parts if found is Form.NDJSON else [Part(number, rooted(name))]


def judged(part: Part, name: str, form: Form, settings: Settings) -> tuple[Tally, int]:
    """What is wrong with the records of a part, its lines numbered from 1, and how many lines it has."""
    judge, total, count = Judge(settings), Tally(settings.keep), 0
    with closing(part.open()) as stream:
        if part.end is None:
            for tally in validated(Source(name, stream, None), form, judge, judge):
                total.merge(tally)
            return total, 0
        try:
            for piece in lines(stream):
                total.merge(judge.piece(name, piece))
                last = piece.data.count(b"\n") + (not piece.data.endswith(b"\n")) if isinstance(piece, Block) else 1
                count = piece.line + last - 1
        except broken_off() as error:
            total.merge(broken(name, count + 1, error, settings))
    return total, count


def _moved(tally: Tally, lines: int) -> Tally:
    """A tally of records that stand so many lines further down."""
    if not lines:
        return tally

    def moved(finding: Finding) -> Finding:
        return attrs.evolve(finding, line=finding.line + lines)

    examples = {rule: list(map(moved, held)) for rule, held in tally.examples.items()}
    return attrs.evolve(tally, examples=examples, findings=list(map(moved, tally.findings)))
