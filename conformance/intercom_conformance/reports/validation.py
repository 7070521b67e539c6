"""What validation found, as text, as JSON, and as SARIF 2.1.0 for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from intercom_conformance._version import __version__
from intercom_conformance.masking import Masker
from intercom_conformance.reports.finding import printable
from intercom_conformance.specification import Requirement
from intercom_conformance.validation import Finding, Tally

__all__ = ["as_json", "as_sarif", "as_text", "sarif_log", "sarif_place"]

_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"MUST": "error", "SHOULD": "warning"}


def as_text(tally: Tally, masker: Masker) -> str:
    """The findings, line by line, and below them how often each rule is broken and where first."""
    if tally.records == 1 and not tally.total:
        return "The payload is fine."
    held = [_line(finding, masker) for finding in tally.findings]
    more = tally.total - len(held)
    left = [f"… and {more:,} more; --max-findings shows more of them."] if more else []
    return "\n".join([*held, *left, *([""] if held else []), _counts(tally), *_rules(tally)])


def _line(finding: Finding, masker: Masker) -> str:
    return printable(f"{finding.source}:{finding.line}: {masker.text(str(finding.problem))}")


def _counts(tally: Tally) -> str:
    fine = tally.records - tally.invalid - tally.warned
    records = "1 record" if tally.records == 1 else f"{tally.records:,} records"
    return f"{records}: {fine:,} fine, {tally.warned:,} with warnings only, {tally.invalid:,} with errors"


def _rules(tally: Tally) -> list[str]:
    width = max((len(slug) for _, slug in tally.broken), default=0)
    return [
        printable(f"  {level:<6}  {slug:<{width}}  {count:>9,}   {_places(tally.examples[level, slug])}")
        for (level, slug), count in _ranked(tally)
    ]


def _ranked(tally: Tally) -> list[tuple[tuple[str, str], int]]:
    """The rules with their counts: errors first, then the most frequent."""
    return sorted(tally.broken.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))


def _places(examples: list[Finding]) -> str:
    return ", ".join(f"{finding.source}:{finding.line}" for finding in examples)


def as_json(tally: Tally, masker: Masker) -> str:
    """One document; ``schemas/documents/validation.schema.json`` describes it."""
    return json.dumps(
        {
            "records": tally.records,
            "invalid": tally.invalid,
            "warned": tally.warned,
            "rules": [
                {
                    "level": level,
                    "requirement": slug,
                    "count": count,
                    "examples": [_document(finding, masker) for finding in tally.examples[level, slug]],
                }
                for (level, slug), count in _ranked(tally)
            ],
            "findings": [_document(finding, masker) for finding in tally.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def _document(finding: Finding, masker: Masker) -> dict[str, Any]:
    problem = finding.problem
    return {
        "source": finding.source,
        "line": finding.line,
        "pointer": masker.text(problem.pointer),
        "level": problem.level,
        "keyword": problem.keyword,
        "requirement": problem.requirement,
        "found": masker.text(problem.found),
        "remedy": masker.text(problem.remedy),
    }


def as_sarif(tally: Tally, masker: Masker, requirements: Mapping[str, Requirement]) -> str:
    """A SARIF log of one run: each broken rule with its sentence, each finding at its line."""
    rules = list(dict.fromkeys(slug for (_, slug), _ in _ranked(tally)))
    results = [_result(finding, rules, masker) for finding in tally.findings]
    return sarif_log(rules, results, requirements)


def sarif_log(
    rules: Sequence[str], results: Sequence[Mapping[str, Any]], requirements: Mapping[str, Requirement]
) -> str:
    """The SARIF log of one run with these results, whose rules are requirements."""
    driver = {
        "name": "intercom-conformance",
        "version": __version__,
        "rules": [_rule(slug, requirements.get(slug)) for slug in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def sarif_place(source: str, line: int) -> dict[str, Any]:
    """A line of a source as SARIF writes it."""
    return {"artifactLocation": {"uri": quote(source, safe="/:")}, "region": {"startLine": max(1, line)}}


def _rule(slug: str, requirement: Requirement | None) -> dict[str, Any]:
    sentence = requirement.sentence if requirement else slug.replace("-", " ").capitalize() + "."
    source = {"help": {"text": f"Source: {requirement.source}"}} if requirement else {}
    return {"id": slug, "shortDescription": {"text": sentence}, **source}


def _result(finding: Finding, rules: list[str], masker: Masker) -> dict[str, Any]:
    problem = finding.problem
    location: dict[str, Any] = {"physicalLocation": sarif_place(finding.source, finding.line)}
    if problem.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": masker.text(problem.pointer), "kind": "member"}]
    return {
        "ruleId": problem.requirement,
        "ruleIndex": rules.index(problem.requirement),
        "level": _LEVELS[problem.level],
        "message": {"text": masker.text(f"Found {problem.found}. {problem.remedy}")},
        "locations": [location],
    }
