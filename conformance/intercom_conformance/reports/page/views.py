"""What the page shows of a run, as values: verdicts, faults, and which transitions were taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.finding import PROGRAM, binding_line, by_step, commands, fails
from intercom_conformance.reports.terminal import SPOKEN, incomplete_line, summary_line, untold_line
from intercom_conformance.specification import Specification

__all__ = ["Fault", "Heat", "Requirement", "RunView", "Taken", "matrix", "run_view"]

_ENDLESS = 1_000_000


@attrs.frozen
class Requirement:
    """A requirement with its verdict, and the faults that break it."""

    slug: str
    level: str
    verdict: str
    sentence: str
    source: str
    missing: tuple[str, ...]
    faults: tuple[str, ...]


@attrs.frozen
class Fault:
    """A fault, with the check that showed it first, or a check that came to no end."""

    anchor: str
    verdict: str
    title: str
    level: str
    check: str
    sentence: str = ""
    source: str = ""
    steps: tuple[Mapping[str, str], ...] = ()
    happenings: tuple[bool, ...] = ()
    """Of each step, whether it is an event of the world and no call."""
    expected: str = ""
    observed: str = ""
    known: str = ""
    commands: tuple[str, ...] = ()


@attrs.frozen
class Taken:
    """A transition of the statechart, and the checks that took it."""

    id: str
    region: str
    source: str
    event: str
    requirement: str
    checks: tuple[str, ...]


@attrs.frozen
class Heat:
    """How many transitions of how many were taken, from each state, by each event."""

    events: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@attrs.frozen
class RunView:
    """Everything that the page shows of one run."""

    number: int
    name: str
    native: str
    summary: str
    incomplete: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    stale: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    faults: tuple[Fault, ...]
    transitions: tuple[Taken, ...]
    heat: Heat | None


def run_view(number: int, stream: Stream, spec: Specification | None) -> RunView:
    """The view of a run; its number keeps the anchors of several runs apart."""
    footer: Document = stream.footer or {}
    faults = tuple(_faults(number, stream))
    taken = tuple(_transitions(stream, spec)) if spec else ()
    return RunView(
        number,
        binding_line(stream.header),
        "Native SDK" if (stream.header["binding"] or {}).get("kind") == "wrapper" else "World",
        summary_line(stream, _ENDLESS)[0] if footer else "",
        incomplete_line(stream),
        tuple(_facts(stream)),
        tuple(untold_line(stream.header, _ENDLESS)),
        tuple(footer.get("stale", ())),
        tuple(_requirements(footer, spec, faults)),
        faults,
        taken,
        _heat(taken) if taken else None,
    )


def matrix(runs: Sequence[RunView]) -> list[tuple[str, str, list[str]]]:
    """A row for each requirement, with its level and its verdict in each run; nothing of a single run."""
    if len(runs) < 2:
        return []
    levels = {one.slug: one.level for run in runs for one in run.requirements}
    verdicts = [{one.slug: one.verdict for one in run.requirements} for run in runs]
    return [(slug, level, [of.get(slug, "not run") for of in verdicts]) for slug, level in levels.items()]


def _facts(stream: Stream) -> Iterator[tuple[str, str]]:
    header = stream.header
    specification = header["specification"]
    yield "Connector", header["connector"]
    yield "Specification", f"{specification['name']} {specification['version']} ({specification['digest']})"
    yield "Started", header["started"]
    yield "Plan", f"{header['planned']} checks, seed {header['seed']}, {header['examples']} examples"
    yield "Chosen", " ".join(header["filter"]) or "the whole suite"
    if not header["masked"]:
        yield "Secrets", "are NOT masked"


# Requirements and faults ----------------------------------------------------------------------------------


def _requirements(footer: Document, spec: Specification | None, faults: Sequence[Fault]) -> Iterator[Requirement]:
    for slug, one in footer.get("requirements", {}).items():
        mine = [fault for fault in faults if fault.title == slug]
        told = spec.requirements.get(slug) if spec else mine[0] if mine else None
        sentence, source = (told.sentence, told.source) if told else ("", "")
        anchors = tuple(fault.anchor for fault in mine)
        missing = tuple(one.get("missing", ()))
        yield Requirement(slug, one["level"], one["verdict"], sentence, source, missing, anchors)


def _faults(number: int, stream: Stream) -> Iterator[Fault]:
    seen: set[tuple[str, str, str]] = set()
    for check in stream.results:
        for finding in check["findings"]:
            last = next(iter(finding["trace"][-1]), "") if finding["trace"] else ""
            key = (finding["requirement"], finding["kind"], last)
            if key not in seen:
                seen.add(key)
                yield _fault(f"run{number}-fault{len(seen)}", finding, check, stream.header)
        if not check["findings"] and check["verdict"] in SPOKEN[1:]:
            seen.add((check["id"], "", ""))
            yield _ended(f"run{number}-fault{len(seen)}", check)


def _fault(anchor: str, finding: Document, check: Document, header: Document) -> Fault:
    many = len(finding["steps"])
    return Fault(
        anchor,
        "expected failure" if finding.get("known") else "failed" if fails(finding, header) else "warned",
        finding["requirement"],
        finding["level"],
        check["id"],
        finding["sentence"],
        finding["source"],
        tuple({"call": one["call"], "seen": by_step(one["seen"], at)} for at, one in enumerate(finding["steps"], 1)),
        tuple(_happens(step) for step in finding["trace"]),
        by_step(finding["expected"], many),
        by_step(finding["observed"], many),
        finding.get("known", ""),
        commands(finding, header),
    )


def _happens(step: Document) -> bool:
    """Whether a step is an event of the world: nobody waits for its callbacks."""
    return step.get("callbacks") == [] and next(iter(step)).islower()


def _ended(anchor: str, check: Document) -> Fault:
    replay = (f"{PROGRAM} explain {check['id']}",)
    return Fault(anchor, check["verdict"], check["id"], "", check["id"], observed=check["message"], commands=replay)


# Coverage -------------------------------------------------------------------------------------------------


def _transitions(stream: Stream, spec: Specification) -> Iterator[Taken]:
    for one in spec.chart["transitions"]:
        checks = tuple(check["id"] for check in stream.results if one["id"] in check["transitions"])
        places = ", ".join(_listed(one.get("from", "any")))
        yield Taken(one["id"], one["region"], places, ", ".join(_listed(one["on"])), one.get("requirement", ""), checks)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _heat(transitions: Sequence[Taken]) -> Heat:
    events = tuple(dict.fromkeys(name for one in transitions for name in one.event.split(", ")))
    places = dict.fromkeys((one.region, state) for one in transitions for state in one.source.split(", "))
    rows = [(f"{region}: {state}", _cells(transitions, region, state, events)) for region, state in places]
    return Heat(events, tuple(rows))


def _cells(transitions: Sequence[Taken], region: str, state: str, events: Sequence[str]) -> tuple[tuple[int, int], ...]:
    here = [one for one in transitions if one.region == region and state in one.source.split(", ")]
    of = [[one for one in here if event in one.event.split(", ")] for event in events]
    return tuple((sum(bool(one.checks) for one in cell), len(cell)) for cell in of)
