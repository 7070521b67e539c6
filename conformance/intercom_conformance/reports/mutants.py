"""What became of mutants: the survivors first, then a table by operator, then one line that sums it up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from intercom_conformance.mutants.hunting import EQUIVALENT, KILLED, SURVIVED, Fate
from intercom_conformance.reports.finding import wrapped

__all__ = ["as_data", "as_markdown", "as_text"]

_ROWS = re.compile(r"In each of \d+")
_COLUMNS = ("operator", "mutants", "killed", "equivalent", "survived", "steps a kill")


def as_text(fates: Sequence[Fate], every: int, seed: int, *, width: int = 100, verbose: bool = False) -> str:
    """The report for a person; with `verbose`, every mutant and the shortest sequence that kills it."""
    blocks = ["\n".join(_told(one, min(width, 160))) for one in fates if verbose or one.verdict == SURVIVED]
    rows = [list(map(str, row)) for row in _rows(fates)]
    sizes = [max(len(row[place]) for row in [list(_COLUMNS), *rows]) for place in range(len(_COLUMNS))]
    table = ["  ".join(_aligned(row, sizes)).rstrip() for row in [list(_COLUMNS), *rows]]
    proofs = [line for told in _proofs(fates) for line in wrapped(told, min(width, 160))]
    summary = "\n".join(wrapped(_summary(fates, every, seed), min(width, 160)))
    return "\n\n".join(filter(None, [*blocks, "\n".join(table), "\n".join(proofs), summary]))


def _proofs(fates: Sequence[Fate]) -> Iterator[str]:
    """Why mutants are allowed, each reason with how many it holds for, the most frequent one first."""
    reasons = Counter(_ROWS.sub("In all", one.reason) for one in fates if one.verdict == EQUIVALENT)
    yield from (f"{count:6}  {reason}" for reason, count in reasons.most_common())


def _aligned(row: Sequence[str], sizes: Sequence[int]) -> Iterator[str]:
    return (
        word.rjust(size) if place else word.ljust(size)
        for place, (word, size) in enumerate(zip(row, sizes, strict=True))
    )


def _told(fate: Fate, width: int) -> Iterator[str]:
    yield f"{fate.verdict.upper()}  {fate.mutant}"
    yield from wrapped(f"  {fate.summary}.", width)
    if fate.verdict == KILLED:
        yield from wrapped(f"  by {fate.check} after {fate.steps} steps: {fate.requirement}", width)
        yield from (f"    {number}  {step}" for number, step in enumerate(fate.sequence, 1))
    elif fate.verdict == EQUIVALENT:
        yield from wrapped(f"  {fate.reason}", width)
    else:
        yield from wrapped(f"  No check fails in {fate.steps} steps, and it is not proved to be allowed.", width)
        yield from wrapped(f"  {fate.reason}", width) if fate.reason else ()
        yield f"  see      intercom-conformance run 'mutant:{fate.mutant}'"


def _rows(fates: Sequence[Fate]) -> Iterator[tuple[str, int, int, int, int, str]]:
    for operator in dict.fromkeys(one.operator for one in fates):
        own = [one for one in fates if one.operator == operator]
        counts = Counter(one.verdict for one in own)
        yield operator, len(own), counts[KILLED], counts[EQUIVALENT], counts[SURVIVED], _steps(own)


def _steps(fates: Sequence[Fate]) -> str:
    """How many steps a kill took: the median, and the most."""
    steps = sorted(one.steps for one in fates if one.verdict == KILLED)
    return f"{steps[len(steps) // 2]}, at most {steps[-1]}" if steps else ""


def _summary(fates: Sequence[Fate], every: int, seed: int) -> str:
    counts = Counter(one.verdict for one in fates)
    wrong = counts[KILLED] + counts[SURVIVED]
    share = f"{counts[KILLED]} of {wrong} wrong SDKs killed"
    steps = sum(one.steps for one in fates if one.verdict == KILLED)
    equal = f"{counts[EQUIVALENT]} proved to do only what the specification allows"
    part = "" if len(fates) == every else f" These are {len(fates)} of {every} mutants (seed {seed}), not all."
    return f"{share}, {counts[SURVIVED]} survived, {equal}; {steps} steps in all.{part}"


def as_data(fates: Sequence[Fate], every: int, seed: int) -> dict[str, Any]:
    """The report as JSON."""
    counts = Counter(one.verdict for one in fates)
    return {
        "mutants": every,
        "played": len(fates),
        "seed": seed,
        **{verdict: counts[verdict] for verdict in (KILLED, EQUIVALENT, SURVIVED)},
        "fates": [attrs.asdict(one) for one in fates],
    }


def as_markdown(fates: Sequence[Fate], every: int, seed: int) -> str:
    """The report for a summary in CI."""
    lines = [f"**{_summary(fates, every, seed)}**", "", f"| {' | '.join(_COLUMNS)} |", "|---|" + "---:|" * 5]
    lines += [f"| {' | '.join(map(str, row))} |" for row in _rows(fates)]
    survivors = [one for one in fates if one.verdict == SURVIVED]
    lines += ["", "Survivors:", ""] if survivors else []
    return "\n".join([*lines, *(f"- `{one.mutant}`: {one.summary}" for one in survivors)])
