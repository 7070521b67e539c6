"""What the page shows of some runs, as values: verdicts, faults, tests, and how the statechart fared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.events import Document, Stream
from intercom_conformance.reports.finding import PROGRAM, binding_line, by_step, commands, fails
from intercom_conformance.reports.page.coverage import ChartView, chart_view
from intercom_conformance.reports.page.trends import Trend, trends
from intercom_conformance.reports.terminal import (
    SPOKEN,
    incomplete_line,
    proved_lines,
    summary_line,
    tally,
    untold_line,
)
from intercom_conformance.results import VERDICTS
from intercom_conformance.specification import Specification

__all__ = ["Fault", "Native", "PageView", "Requirement", "RunView", "StepView", "Test", "page_view"]

_ENDLESS = 1_000_000
_LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
NO_REGION = "none"
"""The region of what is about no region, such as the contract of callbacks."""


@attrs.frozen
class Native:
    """What crossed the bridge in a step: a call of the native SDK with its answer, or an answer that came late."""

    call: str
    answer: str
    late: bool
    told: bool
    """Whether the native SDK tells the binding the outcome of this call."""


@attrs.frozen
class StepView:
    """A step of a fault: what was called, or happened in the world, and what came of it."""

    call: str
    seen: str
    happens: bool
    """Whether it is an event of the world and no call."""
    native: tuple[Native, ...]
    more: int
    """How many native calls are not shown."""


@attrs.frozen
class Fault:
    """A fault with the tests that show it, or a test that came to no end."""

    anchor: str
    run: int
    verdict: str
    title: str
    level: str
    checks: tuple[str, ...]
    regions: tuple[str, ...] = ()
    key: str = ""
    """What is the same of the same fault in another run."""
    sentence: str = ""
    source: str = ""
    steps: tuple[StepView, ...] = ()
    expected: str = ""
    observed: str = ""
    known: str = ""
    commands: tuple[str, ...] = ()


@attrs.frozen
class Requirement:
    """A requirement: its sentence, its source, and for each run its verdict, its faults and what was missing."""

    slug: str
    level: str
    sentence: str
    source: str
    regions: tuple[str, ...]
    verdicts: tuple[str, ...]
    missing: tuple[str, ...]
    faults: tuple[tuple[str, ...], ...]


@attrs.frozen
class Test:
    """A check: what it is about, and what became of it in each run."""

    anchor: str
    id: str
    about: tuple[str, ...]
    levels: tuple[str, ...]
    regions: tuple[str, ...]
    verdicts: tuple[str, ...]
    message: str


@attrs.frozen
class RunView:
    """What the page tells of one run as a whole."""

    number: int
    name: str
    wrapper: bool
    summary: str
    incomplete: str
    must: str
    should: str
    faults: int
    started: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    proved: tuple[str, ...]
    stale: tuple[str, ...]


@attrs.frozen
class PageView:
    """Everything that is on the page."""

    runs: tuple[RunView, ...]
    requirements: tuple[Requirement, ...]
    faults: tuple[Fault, ...]
    tests: tuple[Test, ...]
    chart: ChartView | None
    trends: tuple[Trend, ...]
    levels: tuple[str, ...]
    verdicts: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the page is about, in a line."""
        names = list(dict.fromkeys(run.name for run in self.runs))
        more = f" and {len(names) - 3} others" if len(names) > 4 else ""
        return f"Conformance of {', '.join(names[: 3 if more else None])}{more}"


def page_view(runs: Sequence[tuple[Stream, Specification | None]]) -> PageView:
    """The view of some runs, each with its specification, if it is at hand."""
    streams, spec = [stream for stream, _ in runs], next((spec for _, spec in runs if spec is not None), None)
    regions = _regions(spec)
    world = frozenset(spec.chart["environment"]) if spec else None
    faults = [list(_faults(number, stream, regions, world)) for number, stream in enumerate(streams, 1)]
    requirements = tuple(sorted(_requirements(streams, spec, faults, regions), key=_gravity))
    tests = tuple(_tests(streams, requirements))
    anchors = {test.id: test.anchor for test in tests}
    flat = tuple(fault for mine in faults for fault in mine)
    levels = [one.level for one in requirements] + [one.level for one in flat]
    verdicts = [one.verdicts for one in requirements] + [one.verdicts for one in tests]
    return PageView(
        tuple(_run(number, stream, len(faults[number - 1])) for number, stream in enumerate(streams, 1)),
        requirements,
        flat,
        tests,
        chart_view(streams, spec, anchors) if spec else None,
        trends(streams),
        _used(_LEVELS, levels),
        _used(VERDICTS, (name for names in verdicts for name in names)),
        (*spec.chart["regions"], NO_REGION) if spec else (),
    )


def _used(every: Iterable[str], used: Iterable[str]) -> tuple[str, ...]:
    found = set(used)
    return tuple(one for one in every if one in found)


# Runs -----------------------------------------------------------------------------------------------------


def _run(number: int, stream: Stream, faults: int) -> RunView:
    footer: Document = stream.footer or {}
    judged = footer.get("requirements", {})
    must, should = ("/".join(map(str, tally(judged, level))) for level in ("MUST", "SHOULD"))
    return RunView(
        number,
        binding_line(stream.header),
        (stream.header["binding"] or {}).get("kind") == "wrapper",
        summary_line(stream, _ENDLESS)[0] if footer else "",
        incomplete_line(stream),
        must if footer else "",
        should if footer else "",
        faults,
        stream.header["started"].replace("T", " ").removesuffix("Z"),
        tuple(_facts(stream)),
        tuple(untold_line(stream.header, _ENDLESS)),
        tuple(proved_lines(stream, _ENDLESS)),
        tuple(footer.get("stale", ())),
    )


def _facts(stream: Stream) -> Iterator[tuple[str, str]]:
    header = stream.header
    specification = header["specification"]
    yield "Connector", header["connector"]
    yield "Specification", f"{specification['name']} {specification['version']} ({specification['digest']})"
    yield "Started", f"{header['started'].replace('T', ' ').removesuffix('Z')} UTC"
    yield "Plan", f"{header['planned']} checks, seed {header['seed']}, {header['examples']} examples"
    yield "Chosen", " ".join(header["filter"]) or "the whole suite"
    if not header["masked"]:
        yield "Secrets", "are NOT masked"


# Requirements ---------------------------------------------------------------------------------------------


def _regions(spec: Specification | None) -> Mapping[str, tuple[str, ...]]:
    """The regions that each requirement is about, by what transitions stand for and do; and of each transition."""
    found: dict[str, dict[str, None]] = {}
    for one in spec.chart["transitions"] if spec else ():
        effects = [name for way in (one, *one.get("one_of", ())) for name in way.get("effects", ())]
        slugs = [one["requirement"], *(spec.chart["effects"][name]["requirement"] for name in effects)] if spec else []
        for name in (*slugs, f"transition {one['id']}"):
            found.setdefault(name, {})[one["region"]] = None
    for name, body in spec.chart["regions"].items() if spec else ():
        if "requirement" in body:
            found.setdefault(body["requirement"], {})[name] = None
    return {name: tuple(regions) for name, regions in found.items()}


def _requirements(
    streams: Sequence[Stream],
    spec: Specification | None,
    faults: Sequence[Sequence[Fault]],
    regions: Mapping[str, tuple[str, ...]],
) -> Iterator[Requirement]:
    told = [(stream.footer or {}).get("requirements", {}) for stream in streams]
    anchors = [_anchors(mine) for mine in faults]
    for slug, level in {slug: one["level"] for footer in told for slug, one in footer.items()}.items():
        rule = _rule(slug, spec, faults)
        yield Requirement(
            slug,
            level,
            rule.sentence if rule else "",
            rule.source if rule else "",
            regions.get(slug, (NO_REGION,)) if spec else (),
            tuple(footer.get(slug, {"verdict": "not run"})["verdict"] for footer in told),
            tuple(", ".join(footer.get(slug, {}).get("missing", ())) for footer in told),
            tuple(tuple(mine.get(slug, ())) for mine in anchors),
        )


def _gravity(one: Requirement) -> int:
    """What a reader looks for comes first: what fails in any run, then what is on record, was not judged, or passed."""
    return min(_ORDER.index(verdict) for verdict in one.verdicts)


_ORDER = (
    *("failed", "crashed", "timed out", "protocol error", "flaky", "unexpected pass", "warned", "expected failure"),
    *("not run", "unsupported", "passed", "waived"),
)


def _rule(slug: str, spec: Specification | None, faults: Sequence[Sequence[Fault]]) -> Any:
    """What has the sentence of a requirement: the specification, or else a fault that breaks it."""
    if spec and slug in spec.requirements:
        return spec.requirements[slug]
    return next((fault for mine in faults for fault in mine if fault.title == slug), None)


def _anchors(faults: Iterable[Fault]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.title, []).append(fault.anchor)
    return found


# Tests ----------------------------------------------------------------------------------------------------


def _tests(streams: Sequence[Stream], requirements: Sequence[Requirement]) -> Iterator[Test]:
    results = [{check["id"]: check for check in stream.results} for stream in streams]
    rules = {one.slug: one for one in requirements}
    for at, name in enumerate(dict.fromkeys(name for mine in results for name in mine)):
        found = [mine[name] for mine in results if name in mine]
        about = tuple(found[0]["requirements"])
        mine = [rules[slug] for slug in about if slug in rules]
        yield Test(
            f"test{at}",
            name,
            about,
            tuple(dict.fromkeys(one.level for one in mine)),
            tuple(dict.fromkeys(region for one in mine for region in one.regions)),
            tuple(of[name]["verdict"] if name in of else "not run" for of in results),
            next((one["message"] for one in found if one["message"] and not one["findings"]), ""),
        )


# Faults ---------------------------------------------------------------------------------------------------


def _faults(
    number: int, stream: Stream, regions: Mapping[str, tuple[str, ...]], world: frozenset[str] | None
) -> Iterator[Fault]:
    """Each fault once, in the order of the tests, with all of the tests that show it."""
    found: dict[str, tuple[Document, list[str]]] = {}
    ended: dict[str, Document] = {}
    for check in stream.results:
        for finding in check["findings"]:
            last = next(iter(finding["trace"][-1]), "") if finding["trace"] else ""
            key = f"{finding['requirement']}, {finding['kind']} in {last}"
            found.setdefault(key, (finding, []))[1].append(check["id"])
        if not check["findings"] and check["verdict"] in SPOKEN[1:]:
            ended[check["id"]] = check
    for at, (key, (finding, checks)) in enumerate(found.items(), 1):
        fault = _fault(number, f"run{number}-fault{at}", key, finding, tuple(checks), stream.header, regions)
        yield attrs.evolve(fault, steps=tuple(_steps(finding, stream.header, world)))
    for at, check in enumerate(ended.values(), len(found) + 1):
        yield _ended(number, f"run{number}-fault{at}", check)


def _fault(
    number: int,
    anchor: str,
    key: str,
    finding: Document,
    checks: tuple[str, ...],
    header: Document,
    regions: Mapping[str, tuple[str, ...]],
) -> Fault:
    many = len(finding["steps"])
    places = [region for name in finding.get("transitions", ()) for region in regions.get(f"transition {name}", ())]
    return Fault(
        anchor,
        number,
        "expected failure" if finding.get("known") else "failed" if fails(finding, header) else "warned",
        finding["requirement"],
        finding["level"],
        checks,
        tuple(dict.fromkeys(places)) or regions.get(finding["requirement"], (NO_REGION,)),
        key,
        finding["sentence"],
        finding["source"],
        expected=by_step(finding["expected"], many),
        observed=by_step(finding["observed"], many),
        known=finding.get("known", ""),
        commands=commands(finding, header),
    )


def _steps(finding: Document, header: Document, world: frozenset[str] | None) -> Iterator[StepView]:
    silent = frozenset((header["binding"] or {}).get("silent", ()))
    for at, (step, played) in enumerate(zip(finding["steps"], finding["trace"], strict=False), 1):
        native = tuple(_native(one, silent) for one in step.get("native", ()))
        seen = by_step(step["seen"], at)
        yield StepView(step["call"], seen, _happens(played, world), native, step.get("more", 0))


def _native(one: Document, silent: frozenset[str]) -> Native:
    from intercom_conformance.trace import Step, render_step

    ((method, arguments),) = one["call"].items()
    call = method if one.get("late") else render_step(Step(method, tuple(arguments)))
    return Native(call, one["answer"], one.get("late", False), method not in silent)


def _happens(step: Document, world: frozenset[str] | None) -> bool:
    """Whether a step is an event of the world; without the specification, one that nobody gave callbacks."""
    name = next(iter(step), "")
    return step.get("callbacks") == [] and name.islower() if world is None else name in world


def _ended(number: int, anchor: str, check: Document) -> Fault:
    explain = (f"{PROGRAM} explain {check['id']}",)
    return Fault(
        anchor,
        number,
        check["verdict"],
        check["id"],
        "",
        (check["id"],),
        key=f"{check['id']} {check['verdict']}",
        observed=check["message"],
        commands=explain,
    )
