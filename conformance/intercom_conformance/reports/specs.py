"""What was found about a specification, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from intercom_conformance.specification import Specification
from intercom_conformance.specs import RULES, Difference, Verdict

__all__ = ["difference_text", "specification_text", "verdict_text"]


def verdict_text(verdict: Verdict) -> str:
    """The faults, each with its place and remedy, and then every rule with what was looked at."""
    broken = {fault.rule for fault in verdict.faults}
    marks = {
        rule: "broken" if rule in broken else "holds" if rule in verdict.looked_at else "not looked at"
        for rule in RULES
    }
    width = max(map(len, RULES))
    looked_at = {"induction": "(--proof does)" if verdict.holds else "", **verdict.looked_at}
    rules = [f"  {rule:<{width}}  {marks[rule]:<6}  {looked_at.get(rule, '')}".rstrip() for rule in RULES]
    proofs = [*_aligned(verdict.induction.words)]
    if verdict.induction.assumed:
        proofs += ["  assumed", *_aligned(verdict.induction.assumed)]
    count = len(verdict.faults)
    end = "holds together" if verdict.holds else f"has {count} fault{'s' if count > 1 else ''}"
    return "\n".join([*(f"{fault}\n" for fault in verdict.faults), f"{verdict.name} {end}.", *rules, *proofs])


def _aligned(lines: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, lines), default=0)
    yield from (f"    {name:<{width}}  {word}" for name, word in lines.items())


def difference_text(difference: Difference) -> str:
    """The changes, breaking ones first, and the verdict with how far it goes."""
    changes = sorted(difference.changes, key=lambda one: not one.breaking)
    verdict = "compatible" if difference.compatible else "breaking"
    end = f"{verdict}: {difference.old} to {difference.new}"
    return "\n".join([*map(str, changes), f"{end}, {_reach(difference)}."])


def _reach(difference: Difference) -> str:
    """What a verdict rests on."""
    rows = f"{difference.covered} of {difference.events} events covered in every row"
    if not difference.walked:
        return f"{rows}: what the old one allows, the new one allows after every history"
    number = f"{difference.walked} pairs of places"
    ways = {
        "shown": f"the others differ within {number}",
        "whole": f"the others walked through their examples, in all {number}",
        "stopped": f"the others walked through their examples, in the first {number} and no further",
    }
    return f"{rows}, {ways[difference.ended]}"


def specification_text(spec: Specification) -> str:
    """What a specification is about, on a page."""
    levels = Counter(one.level for one in spec.requirements.values())
    lines = [f"{spec.name} {spec.version}", "", "States"]
    for name, region in spec.chart["regions"].items():
        lines += [f"  {name}: {region['summary']}", f"    {', '.join(region['states'])}"]
    lines += ["", "Methods"]
    for method in spec.api.methods.values():
        names = ", ".join(f"{one.name}{'?' if one.optional else ''}" for one in method.parameters)
        lines += [f"  {method.name}({names})", f"    {method.summary}"]
    lines += ["", "The world"]
    lines += [f"  {event}: {body['summary']}" for event, body in spec.chart["environment"].items()]
    counted = ", ".join(f"{count} {level}" for level, count in sorted(levels.items()))
    return "\n".join([*lines, "", f"{len(spec.requirements)} requirements: {counted}"])
