"""What was found about a specification, as text."""

from __future__ import annotations

from intercom_conformance.specs import RULES, Verdict

__all__ = ["verdict_text"]


def verdict_text(verdict: Verdict) -> str:
    """The faults, each with its place and remedy, and then every rule with what was looked at."""
    broken = {fault.rule for fault in verdict.faults}
    marks = {
        rule: "broken" if rule in broken else "holds" if rule in verdict.looked_at else "not looked at"
        for rule in RULES
    }
    width = max(map(len, RULES))
    rules = [f"  {rule:<{width}}  {marks[rule]:<6}  {verdict.looked_at.get(rule, '')}".rstrip() for rule in RULES]
    count = len(verdict.faults)
    end = "holds together" if verdict.holds else f"has {count} fault{'s' if count > 1 else ''}"
    return "\n".join([*(f"{fault}\n" for fault in verdict.faults), f"{verdict.name} {end}.", *rules])
