"""The event stream of a run: what every report is made of.

One JSON object a line: a *header*, a *check* for each result as it comes, a *footer*. Every line is
flushed, so that a run that dies leaves what it had found; and because its stream then has no footer, no
reader takes it for a whole run. The schema is ``schemas/documents/events.schema.json``; the reader accepts
nothing else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

import attrs

from intercom_conformance._version import __version__
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.masking import Masker
from intercom_conformance.results import Finding, Result, StepSeen, finding_document, requirement_verdicts
from intercom_conformance.specification import Specification
from intercom_conformance.trace import Trace, of_document, to_document
from intercom_reference.errors import KitError

__all__ = [
    "STREAM",
    "BadStream",
    "Document",
    "Plan",
    "Stream",
    "Writer",
    "check",
    "footer",
    "header",
    "lacking",
    "read",
    "result_of",
    "trace_of",
    "validate",
]

STREAM = 1
"""The version of the format."""

LONGEST = 16 * 1024 * 1024
"""Characters of a line."""

Document = Mapping[str, Any]


@attrs.frozen(str=False)
class BadStream(KitError):
    """A line that is no event, or stands where it must not: which line, what is wrong, what to do."""

    source: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.problem}. {self.remedy}"


@attrs.frozen
class Plan:
    """What is going to be run, and how."""

    connector: str
    checks: int
    filter: tuple[str, ...] = ()
    seed: int = 0
    examples: int = 100
    strict: bool = False
    masked: bool = True
    acknowledged: tuple[str, ...] = ()
    """Capabilities that every binding has, and of which it is on record that this one has them not."""


@attrs.frozen
class Stream:
    """What was read: the header, the checks in their order, the footer, and why there is none, if so."""

    header: Document
    results: tuple[Document, ...]
    footer: Document | None = None
    cut: str = ""

    @property
    def complete(self) -> bool:
        """Whether the run came to its end, and the stream has all of it."""
        return bool(self.footer and self.footer["complete"])


# The events -----------------------------------------------------------------------------------------------


def header(plan: Plan, spec: Specification, binding: Binding | None) -> dict[str, Any]:
    """The event that begins a stream."""
    return {
        "event": "header",
        "stream": STREAM,
        "tool": {"name": "intercom-conformance", "version": __version__},
        "specification": _specification(spec),
        "connector": plan.connector,
        "binding": binding and _binding(binding),
        "seed": plan.seed,
        "examples": plan.examples,
        "strict": plan.strict,
        "filter": list(plan.filter),
        "planned": plan.checks,
        "masked": plan.masked,
        **({"acknowledged": list(plan.acknowledged)} if plan.acknowledged else {}),
        "started": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _specification(spec: Specification) -> dict[str, Any]:
    named = {"name": spec.name, "version": spec.version, "digest": spec.digest}
    return named if spec.folder is None else {**named, "folder": spec.folder}


def _binding(binding: Binding) -> dict[str, Any]:
    sets = {"capabilities": sorted(binding.capabilities), "silent": sorted(binding.silent)}
    return {**attrs.asdict(binding), **sets}


def lacking(header: Document, spec: Specification) -> list[str]:
    """What every binding has and this one lacks, unless that is on record; nothing if a part of the suite was run."""
    mandatory = {name for name, body in spec.capabilities.items() if body.get("mandatory")}
    offered = (header["binding"] or {"capabilities": ()})["capabilities"]
    return [] if header["filter"] else sorted(mandatory - set(offered) - set(header.get("acknowledged", ())))


_SETS = ("exercised", "transitions", "pairs", "states", "guards")


def check(result: Result, spec: Specification, masker: Masker) -> dict[str, Any]:
    """The event that tells what became of a check, with its secrets masked."""
    body = {name: value for name, value in attrs.asdict(result, recurse=False).items() if name != "check"}
    lists = {name: list(body[name]) for name in ("requirements", "missing")}
    sets = {name: sorted(body[name]) for name in _SETS}
    visits = {state: sorted(names) for state, names in sorted(result.visits.items())}
    findings = [finding_document(one, spec, to_document(one.trace)) for one in result.findings]
    return masker.check(
        {"event": "check", "id": result.check, **body, **lists, **sets, "visits": visits, "findings": findings}
    )


def footer(
    results: Sequence[Result],
    spec: Specification,
    header: Document,
    *,
    seconds: float,
    exit_code: int,
    complete: bool = True,
    stale: Sequence[str] = (),
) -> dict[str, Any]:
    """The event that ends the stream that has this header; one that is not `complete` is shown, but never written.

    `stale` are known deviations that were not seen, each in a sentence that begins with the requirement.
    """
    every = [transition["id"] for transition in spec.chart["transitions"]]
    taken = frozenset[str]().union(*(result.transitions for result in results))
    missed = [name for name in every if name not in taken]
    return {
        "event": "footer",
        "checks": dict(Counter(result.verdict for result in results)),
        "requirements": _verdicts(results, spec, header["binding"], stale),
        **({"stale": list(stale)} if stale else {}),
        "transitions": {"reached": len(every) - len(missed), "of": len(every), "missed": missed},
        "states": _states(results, spec),
        "pairs": len(frozenset[str]().union(*(result.pairs for result in results))),
        "steps": sum(result.steps for result in results),
        "seconds": round(seconds, 3),
        "exit_code": int(exit_code),
        "complete": complete,
    }


def _states(results: Sequence[Result], spec: Specification) -> dict[str, Any]:
    every = [f"{name}: {state}" for name, body in spec.chart["regions"].items() for state in body["states"]]
    seen = frozenset[str]().union(*(result.states for result in results))
    missed = [name for name in every if name not in seen]
    return {"reached": len(every) - len(missed), "of": len(every), "missed": missed}


def _verdicts(
    results: Sequence[Result], spec: Specification, binding: Document | None, stale: Sequence[str]
) -> dict[str, Any]:
    missed = {re.split("[ :]", sentence)[0] for sentence in stale}
    kind, capabilities = (binding["kind"], frozenset(binding["capabilities"])) if binding else ("", frozenset[str]())
    return {
        slug: {
            "level": spec.requirements[slug].level,
            "verdict": "unexpected pass" if verdict == "passed" and slug in missed else verdict,
        }
        | (_missing(slug, results, spec.lacking(slug, kind, capabilities)) if verdict == "unsupported" else {})
        for slug, verdict in requirement_verdicts(results, spec, kind, capabilities).items()
    }


def _missing(slug: str, results: Sequence[Result], lacking: Sequence[str]) -> dict[str, list[str]]:
    """The capabilities that open a requirement, or else those that the checks about it needed."""
    needed = {name for result in results if slug in result.requirements for name in result.missing}
    return {"missing": sorted(lacking or needed)}


def result_of(document: Document) -> Result:
    """The result that an event tells of; what was masked stays masked."""
    fields: dict[str, Any] = {
        **{name: document[name] for name in ("family", "verdict", "message", "traces", "steps", "seconds")},
        **{name: tuple(document[name]) for name in ("requirements", "missing")},
        **{name: frozenset(document.get(name, ())) for name in _SETS},
        "visits": {state: frozenset(names) for state, names in document.get("visits", {}).items()},
    }
    return Result(document["id"], findings=tuple(_finding(one) for one in document["findings"]), **fields)


def _finding(document: Document) -> Finding:
    steps = tuple(StepSeen.of(step) for step in document["steps"])
    told = {name: document[name] for name in ("requirement", "kind", "expected", "observed")}
    told |= {name: tuple(document.get(name, ())) for name in ("orders", "transitions", "states")}
    return Finding(trace=trace_of(document["trace"]), steps=steps, known=document.get("known", ""), **told)


def trace_of(documents: Iterable[Document]) -> Trace:
    """The trace in a list of step documents, whatever specification it belongs to."""
    return tuple(of_document(one) for one in documents)


# Writing --------------------------------------------------------------------------------------------------


@attrs.frozen
class Writer:
    """Writes events to an open text file, each at once."""

    file: IO[str]

    def write(self, event: Document) -> None:
        """Writes one event as one line, and has it reach the disk's cache."""
        self.file.write(json.dumps(event, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n")
        self.file.flush()


# Reading --------------------------------------------------------------------------------------------------


def read(source: str | Path | Iterable[str]) -> Stream:
    """The stream in a file, given by its path, or in lines.

    A stream without a footer, even one whose last line is cut off, is given as far as it goes.

    Raises:
        BadStream: a line is no event, an event stands in the wrong place, or the footer counts other checks.
        OSError: the file cannot be read.
    """
    if isinstance(source, (str, Path)):
        text = Path(source).read_bytes().decode("utf-8", "surrogateescape")
        return _read(text.split("\n"), str(source))
    return _read([line.removesuffix("\n") for line in source], "<events>")


def _read(lines: Sequence[str], source: str) -> Stream:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise BadStream(source, 1, "there is no event at all", "Write one with run --events FILE.")
    cut = bool(lines[-1].strip()) and len(numbered) > 1 and not _is_json(numbered[-1][1])
    events = [_event(line, source, number) for number, line in (numbered[:-1] if cut else numbered)]
    why = "its last line is cut off" if cut else "" if events[-1]["event"] == "footer" else "it has no footer"
    return _stream(events, numbered, source, why)


def _is_json(line: str) -> bool:
    """Whether a line is whole: one that was cut off lacks its last brace."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _event(line: str, source: str, number: int) -> Document:
    if len(line) > LONGEST:
        raise BadStream(source, number, f"the line has {len(line)} characters", "No event is that long.")
    try:
        event = json.loads(line, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        problem = f"the line is not JSON ({error})"
        raise BadStream(source, number, problem, "A stream has one JSON object a line.") from None
    validate(event, source, number)
    return dict(event)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number in JSON")


def validate(event: Any, source: str = "<event>", number: int = 1) -> None:
    """Raises `BadStream` if a value is not an event as the schema has it."""
    if isinstance(event, Mapping) and event.get("event") == "header" and event.get("stream") != STREAM:
        problem = f"the stream has version {event.get('stream')!r}, and this kit reads version {STREAM}"
        raise BadStream(source, number, problem, "Read it with the kit that wrote it.")
    error = next(_validator().iter_errors(event), None)
    if error is not None:
        place = "/".join(str(part) for part in error.instance_path) or "the line"
        problem = f"at {place}, {str(error.message)[:200]}"
        raise BadStream(source, number, problem, "See schemas/documents/events.schema.json.")


@cache
def _validator() -> Any:
    import jsonschema_rs

    from intercom_reference.documents import embedded

    return jsonschema_rs.Draft202012Validator(embedded().load("schemas/documents/events.schema.json"))


def _stream(events: Sequence[Document], numbered: Sequence[tuple[int, str]], source: str, cut: str) -> Stream:
    places = [number for number, _ in numbered]
    if events[0]["event"] != "header":
        raise BadStream(source, places[0], "the stream does not begin with a header", "Is its start missing?")
    for place, event in zip(places[1:], events[1:], strict=False):
        if event["event"] == "header" or (event["event"] == "footer" and event is not events[-1]):
            problem = f"a {event['event']} stands in the midst of the stream"
            raise BadStream(source, place, problem, "One file holds one run.")
    checks = tuple(event for event in events if event["event"] == "check")
    _refuse_repeated(checks, places, source)
    end = events[-1] if events[-1]["event"] == "footer" else None
    _refuse_miscounted(checks, end, places[-1], source)
    return Stream(events[0], checks, end, cut)


def _refuse_repeated(checks: Sequence[Document], places: Sequence[int], source: str) -> None:
    seen: set[str] = set()
    for place, event in zip(places[1:], checks, strict=False):
        if event["id"] in seen:
            raise BadStream(source, place, f"the check {event['id']!r} comes twice", "One file holds one run.")
        seen.add(event["id"])


def _refuse_miscounted(checks: Sequence[Document], end: Document | None, place: int, source: str) -> None:
    counted = dict(Counter(event["verdict"] for event in checks))
    if end is not None and end["checks"] != counted:
        problem = f"the footer counts {sum(end['checks'].values())} checks, and the stream has {len(checks)}"
        if sum(end["checks"].values()) == len(checks):
            problem = "the footer counts other verdicts than the stream has"
        raise BadStream(source, place, problem, "Lines are missing or changed; run it again.")
