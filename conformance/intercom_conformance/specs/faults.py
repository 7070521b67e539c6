"""A fault of a specification: where, which rule it breaks, what shows it, and what to do."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["RULES", "Fault"]

RULES = {
    "document": "every document is valid against its schema",
    "reference": "every name leads to one thing",
    "level": "what each transition stands for can be broken: no MAY",
    "determinism": "in each region at most one transition applies, and one region answers",
    "completeness": "every state answers every call, valid or not, at every attempt",
    "reachability": "every state is entered, and every transition and alternative is taken",
    "invariant": "what may never come about does not, whatever the users and the network do",
    "liveness": "every call completes once the world is calm and time has passed",
    "induction": "no step breaks an invariant, however many records and waiting calls there are (if it is asked for)",
}
"""What is checked, in this order; each rule presupposes those before it."""


@attrs.frozen
class Fault:
    """One fault: the document and line, the rule broken, the counterexample as lines, and a remedy."""

    document: str
    line: int
    rule: str
    problem: str
    counterexample: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        shown = "".join(f"\n    {line}" for line in self.counterexample)
        return f"{self.document}:{self.line}: {self.rule}: {self.problem}.{shown}\n    {self.remedy}"

    def body(self) -> dict[str, Any]:
        """The fault as plain values."""
        return {**attrs.asdict(self), "counterexample": list(self.counterexample)}
