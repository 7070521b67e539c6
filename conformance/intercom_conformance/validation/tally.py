"""Adds up what was found: every rule with its count, and the first findings in full."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from intercom_reference.payloads import Problem

__all__ = ["Finding", "Tally"]

_EXAMPLES = 3


@attrs.frozen
class Finding:
    """A rule that a record breaks, with the line of the source at which it does."""

    source: str
    line: int
    problem: Problem


@attrs.define
class Tally:
    """What was found in some records; `keep` findings are held in full, and all are counted.

    `broken` counts by level and requirement; `examples` are the first findings of each.
    """

    keep: int
    records: int = 0
    invalid: int = 0
    warned: int = 0
    broken: dict[tuple[str, str], int] = attrs.field(factory=dict)
    examples: dict[tuple[str, str], list[Finding]] = attrs.field(factory=dict)
    findings: list[Finding] = attrs.field(factory=list)

    def add(self, source: str, problems: Iterable[tuple[int, Problem]]) -> None:
        """Counts one record, with the problems that it has and their lines."""
        found = [Finding(source, line, problem) for line, problem in problems]
        levels = {finding.problem.level for finding in found}
        self.invalid += "MUST" in levels
        self.warned += levels == {"SHOULD"}
        for finding in found:
            self._note(finding, 1)

    def merge(self, other: Tally) -> None:
        """Counts what another tally has counted, behind what this one has."""
        self.records += other.records
        self.invalid += other.invalid
        self.warned += other.warned
        for rule, count in other.broken.items():
            self.broken[rule] = self.broken.get(rule, 0) + count
            held = self.examples.setdefault(rule, [])
            held += other.examples[rule][: _EXAMPLES - len(held)]
        self.findings += other.findings[: max(0, self.keep - len(self.findings))]

    @property
    def total(self) -> int:
        """How many findings there are, held or not."""
        return sum(self.broken.values())

    def _note(self, finding: Finding, count: int) -> None:
        rule = (finding.problem.level, finding.problem.requirement)
        self.broken[rule] = self.broken.get(rule, 0) + count
        held = self.examples.setdefault(rule, [])
        if len(held) < _EXAMPLES:
            held.append(finding)
        if len(self.findings) < self.keep:
            self.findings.append(finding)
