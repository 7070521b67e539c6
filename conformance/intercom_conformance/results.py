"""What a run found, as values: findings, results of checks, and verdicts per requirement.

A *check* is one test with a stable id; it may play many traces. A *finding* is one requirement that a check saw
broken, with the shortest trace that shows it. The verdict of a requirement follows from the results of all
checks: nothing passes that no check put to the test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.specification import Requirement, Specification
from intercom_conformance.trace import Trace, identifier

__all__ = [
    "VERDICTS",
    "Fault",
    "Finding",
    "NativeSeen",
    "Result",
    "StepSeen",
    "Summary",
    "requirement_verdicts",
    "summarise",
]

VERDICTS = (
    "passed",
    "failed",
    "warned",
    "crashed",
    "timed out",
    "protocol error",
    "flaky",
    "expected failure",
    "unexpected pass",
    "unsupported",
    "not run",
    "waived",
)
"""Verdicts of checks and requirements. A warning is a SHOULD that is broken; waived requirements cannot be tested."""

BAD = frozenset(["failed", "crashed", "timed out", "protocol error", "flaky"])
"""Verdicts of checks that fail a run."""

ENDED = frozenset(["crashed", "timed out", "protocol error"])
"""Verdicts of checks that came to no end, so that what they are about was not judged."""


Fault: TypeAlias = tuple[str, str, str]
"""What tells one fault from another: the requirement, the kind of misbehaviour, and the step in which it shows."""


@attrs.frozen
class NativeSeen:
    """A call of the native SDK during a step, with its answer in words, or the answer to an earlier one (`late`)."""

    method: str
    arguments: tuple[Any, ...]
    answer: str
    late: bool = False

    def document(self) -> dict[str, Any]:
        """It as JSON, which `of` reads again."""
        told = {"call": {self.method: list(self.arguments)}, "answer": self.answer}
        return {**told, "late": True} if self.late else told

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> NativeSeen:
        """What a document tells of."""
        ((method, arguments),) = document["call"].items()
        return cls(method, tuple(arguments), document["answer"], document.get("late", False))


@attrs.frozen
class StepSeen:
    """A step of a finding in words: what was called, what was seen, and what a wrapper asked of the native SDK.

    Of a binding that asks without end only the first are kept; `more` counts the others.
    """

    call: str
    seen: str
    native: tuple[NativeSeen, ...] = ()
    more: int = 0

    def document(self) -> dict[str, Any]:
        """It as JSON, which `of` reads again."""
        native = {"native": [one.document() for one in self.native]} if self.native else {}
        return {"call": self.call, "seen": self.seen, **native, **({"more": self.more} if self.more else {})}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> StepSeen:
        """What a document tells of."""
        native = tuple(NativeSeen.of(one) for one in document.get("native", ()))
        return cls(document["call"], document["seen"], native, document.get("more", 0))


@attrs.frozen
class Finding:
    """A requirement that a binding breaks, and the shortest trace that shows it."""

    requirement: str
    kind: str
    trace: Trace
    steps: tuple[StepSeen, ...]
    expected: str
    observed: str
    known: str = ""
    """Why it is expected, if it is a known deviation."""
    orders: tuple[str, ...] = ()
    """Where calls overlap: the orders that were considered, each with what speaks against it."""
    transitions: tuple[str, ...] = ()
    """Those that the specification takes in the step that shows it, as far as they are at fault."""
    states: tuple[str, ...] = ()
    """Where regions were for certain before that step, each as ``region: state``."""

    @property
    def id(self) -> str:
        """The name under which the trace is replayed."""
        return identifier(self.trace)

    @property
    def call(self) -> str:
        """The method, or the event of the world, in whose step it shows."""
        return self.trace[-1].name if self.trace else ""

    @property
    def fault(self) -> Fault:
        """Which fault it is."""
        return self.requirement, self.kind, self.call


@attrs.frozen
class Result:
    """What became of a check."""

    check: str
    family: str
    verdict: str
    requirements: tuple[str, ...]
    exercised: frozenset[str] = frozenset()
    transitions: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    guards: frozenset[str] = frozenset()
    visits: Mapping[str, frozenset[str]] = attrs.field(factory=dict, hash=False)
    """The events that came while a region was in a state for certain, by ``region: state``."""
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    message: str = ""
    traces: int = 0
    steps: int = 0
    seconds: float = 0.0


@attrs.frozen
class Summary:
    """The verdicts of a whole run."""

    requirements: Mapping[str, str]
    checks: Mapping[str, int]
    transitions: frozenset[str]
    findings: tuple[Finding, ...]

    def tally(self, requirements: Mapping[str, Requirement], *, binding: bool) -> tuple[int, int]:
        """How many requirements passed, and how many were judged; MUST ones if `binding`, SHOULD ones if not."""
        judged = [
            verdict
            for slug, verdict in self.requirements.items()
            if requirements[slug].binding == binding
            and requirements[slug].level != "MAY"
            and verdict not in ("waived", "unsupported", "not run")
        ]
        return judged.count("passed"), len(judged)


def summarise(results: Iterable[Result], spec: Specification, binding: Binding) -> Summary:
    """The verdicts per requirement, the counts of checks, and every finding once."""
    results = list(results)
    findings: dict[Fault, Finding] = {}
    for result in results:
        for finding in result.findings:
            findings.setdefault(finding.fault, finding)
    return Summary(
        requirements=requirement_verdicts(results, spec, binding.kind, binding.capabilities),
        checks=dict(Counter(result.verdict for result in results)),
        transitions=frozenset[str]().union(*(result.transitions for result in results)),
        findings=tuple(findings.values()),
    )


def requirement_verdicts(
    results: Iterable[Result], spec: Specification, kind: str, capabilities: frozenset[str]
) -> dict[str, str]:
    """The verdict of each requirement that binds an SDK, in the order of the specification.

    Nothing passes for which a binding of this kind lacks the capabilities, whatever was seen of it in passing.
    """
    results = list(results)
    findings = [finding for result in results for finding in result.findings]
    broken = {finding.requirement for finding in findings}
    surprising = {finding.requirement for finding in findings if not finding.known}
    exercised = frozenset[str]().union(*(result.exercised for result in results))
    ended = {slug: result.verdict for result in results if result.verdict in ENDED for slug in result.requirements}
    unsupported = {slug for result in results if result.missing for slug in result.requirements}
    verdicts = {}
    for slug, requirement in spec.requirements.items():
        if requirement.on != "sdk":
            continue
        if slug in broken - surprising:
            verdicts[slug] = "expected failure"
        elif slug in broken:
            verdicts[slug] = "failed" if requirement.binding else "warned"
        elif requirement.untestable:
            verdicts[slug] = "waived"
        elif spec.lacking(slug, kind, capabilities):
            verdicts[slug] = "unsupported"
        elif slug in exercised:
            verdicts[slug] = "passed"
        else:
            verdicts[slug] = ended.get(slug) or ("unsupported" if slug in unsupported else "not run")
    return verdicts


def finding_document(finding: Finding, spec: Specification, trace: list[dict[str, Any]]) -> dict[str, Any]:
    """A finding as JSON, with the sentence and the source of its requirement."""
    requirement = spec.requirements[finding.requirement]
    return {
        "id": finding.id,
        "requirement": finding.requirement,
        "level": requirement.level,
        "sentence": requirement.sentence,
        "source": requirement.source,
        "kind": finding.kind,
        "steps": [step.document() for step in finding.steps],
        "expected": finding.expected,
        "observed": finding.observed,
        "trace": trace,
        **({"known": finding.known} if finding.known else {}),
        **({"orders": list(finding.orders)} if finding.orders else {}),
        **({"transitions": list(finding.transitions)} if finding.transitions else {}),
        **({"states": list(finding.states)} if finding.states else {}),
    }
