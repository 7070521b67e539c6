"""What changed from one run to another: what was fixed, what broke, what is new, gone, or says something else.

Three kinds of things are compared, each under a name that is the same in every run: the verdicts of requirements, those
of checks, and faults, which are a requirement, a kind of misbehaviour and the step in which it shows. One fault may
break many checks, and a check that failed before may fail for another fault: so a fault that was not there is a new
failure, whatever became of the checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.events import Document, Stream
from intercom_conformance.exits import FAILING
from intercom_conformance.reports.finding import fails, printable, render_finding, sut_name, wrapped
from intercom_conformance.reports.markdown import fenced, plain
from intercom_conformance.reports.terminal import SPOKEN, incomplete_line

__all__ = ["KINDS", "Change", "Difference", "as_data", "as_markdown", "as_text", "compare"]

KINDS = ("broken", "new", "fixed", "gone", "changed message", "changed verdict")
"""Kinds of change. New was not judged before, or fails nothing; gone is not judged any more."""


@attrs.frozen
class Change:
    """One thing that is not as it was."""

    kind: str
    what: str
    """requirement, check or fault"""
    name: str
    before: str
    after: str
    failing: bool = False
    """Whether it is a failure that was not there before."""


@attrs.frozen
class Difference:
    """All changes from one run to another."""

    before: Stream
    after: Stream
    changes: tuple[Change, ...]

    @property
    def failures(self) -> tuple[Change, ...]:
        """The failures that were not there before."""
        return tuple(one for one in self.changes if one.failing)

    @property
    def proves(self) -> bool:
        """Whether nothing new fails, which a run without its end does not tell."""
        return not self.failures and self.after.complete

    @property
    def notes(self) -> tuple[str, ...]:
        """What makes the two runs less than comparable."""
        return tuple(_notes(self.before, self.after))


def compare(before: Stream, after: Stream) -> Difference:
    """What changed; failures that were not there before stand first."""
    changes = [*_faults(before, after), *_verdicts(before, after), *_stale(before, after)]
    return Difference(before, after, tuple(sorted(changes, key=lambda one: (not one.failing, KINDS.index(one.kind)))))


# Faults ---------------------------------------------------------------------------------------------------


def _faults(before: Stream, after: Stream) -> Iterator[Change]:
    old, new = faults(before), faults(after)
    judged = _judged_checks(after)
    for name, (check, finding) in old.items():
        if name not in new:
            yield Change("fixed" if check in judged else "gone", "fault", name, finding["observed"], "")
    for name, (_, finding) in new.items():
        earlier = old[name][1] if name in old else None
        failing = _counts(finding, after) and (earlier is None or not _counts(earlier, before))
        if earlier is None or failing:
            told = earlier["observed"] if earlier else ""
            yield Change("broken" if failing else "new", "fault", name, told, finding["observed"], failing)
        elif _message(earlier) != _message(finding):
            yield Change("changed message", "fault", name, earlier["observed"], finding["observed"])


def faults(stream: Stream) -> dict[str, tuple[str, Document]]:
    """The faults of a run by their names, each with the first check and the finding that show it."""
    found: dict[str, tuple[str, Document]] = {}
    for check in stream.results:
        for finding in check["findings"]:
            name = f"{finding['requirement']}, {finding['kind']} in {_call(finding)}"
            if name not in found or (found[name][1].get("known") and not finding.get("known")):
                found[name] = check["id"], finding
    return found


def _call(finding: Document) -> str:
    return next(iter(finding["trace"][-1])) if finding["trace"] else "no step"


def _counts(finding: Document, stream: Stream) -> bool:
    """Whether a finding fails its run."""
    return fails(finding, stream.header) and not finding.get("known")


def _message(finding: Document) -> tuple[str, str]:
    return finding["expected"], finding["observed"]


def _judged_checks(stream: Stream) -> set[str]:
    return {one["id"] for one in stream.results if one["verdict"] in SPOKEN}


# Verdicts -------------------------------------------------------------------------------------------------


def _verdicts(before: Stream, after: Stream) -> Iterator[Change]:
    if before.footer is not None and after.footer is not None:
        yield from _changed("requirement", _requirements(before.footer), _requirements(after.footer), after)
    yield from _changed("check", _checks(before), _checks(after), after)


def _requirements(footer: Document) -> dict[str, str]:
    return {slug: one["verdict"] for slug, one in footer["requirements"].items()}


def _checks(stream: Stream) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in stream.results}


def _changed(what: str, old: Mapping[str, str], new: Mapping[str, str], stream: Stream) -> Iterator[Change]:
    bad = FAILING | {"unexpected pass"} | ({"warned"} if stream.header["strict"] else set())
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, ""), new.get(name, "")
        if one != other and (kind := _kind(one, other, bad)):
            yield Change(kind, what, name, one, other, other in bad and one not in bad)


def _kind(one: str, other: str, bad: frozenset[str] | set[str]) -> str:
    """What kind of change it is from one verdict to another; none if neither was judged."""
    if one not in SPOKEN or other not in SPOKEN:
        return "new" if other in SPOKEN else "gone" if one in SPOKEN else ""
    if other in bad:
        return "changed verdict" if one in bad else "broken"
    return "fixed" if other == "passed" or (one in bad and other == "warned") else "changed verdict"


def _stale(before: Stream, after: Stream) -> Iterator[Change]:
    known = (before.footer or {}).get("stale", ())
    for sentence in (after.footer or {}).get("stale", ()):
        if sentence not in known:
            yield Change("broken", "known deviation", sentence.split(":")[0], "seen", sentence, failing=True)


# What is said of it ---------------------------------------------------------------------------------------


def _notes(before: Stream, after: Stream) -> Iterator[str]:
    for name, stream in (("before", before), ("after", after)):
        if told := incomplete_line(stream):
            yield f"{name}: {told}"
    if before.header["specification"]["digest"] != after.header["specification"]["digest"]:
        yield "The two runs are of different specifications."
    differing = [name for name in ("seed", "examples", "strict", "filter") if before.header[name] != after.header[name]]
    if differing:
        yield f"The two runs differ in {', '.join(differing)}, so what is gone or new may have been a matter of choice."


def _sum(difference: Difference) -> str:
    """All changes in one line, such as ``new failures: 1 fault, 1 check; fixed: 2 checks``."""
    kinds = {kind: [one for one in difference.changes if one.kind == kind] for kind in KINDS}
    told = [f"{kind}: {_counted(changes)}" for kind, changes in kinds.items() if changes]
    new = f"new failures: {_counted(difference.failures)}" if difference.failures else "no new failures"
    return "; ".join([new, *(told or ["nothing changed"])])


def _counted(changes: Iterable[Change]) -> str:
    counts = Counter(one.what for one in changes)
    return ", ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in counts.items())


def as_text(difference: Difference, width: int = 100) -> str:
    """The difference for a terminal: the sum, each change in a line, and each new fault in full."""
    blocks = ["\n".join(_head(difference, width)), "\n".join(_lines(difference, width))]
    blocks += [render_finding(one, difference.after.header, width) for one in _new_faults(difference)]
    return "\n\n".join(block for block in blocks if block)


def _head(difference: Difference, width: int) -> Iterator[str]:
    yield from wrapped(f"{sut_name(difference.before.header)} -> {sut_name(difference.after.header)}", width)
    yield from wrapped(_sum(difference), width, then="  ")
    for note in difference.notes:
        yield from wrapped(note, width, then="  ")


def _lines(difference: Difference, width: int) -> Iterator[str]:
    for one in difference.changes:
        change = " -> ".join(_told(text) for text in (one.before, one.after))
        yield from wrapped(f"{one.kind:<15}  {one.what:<11}  {printable(one.name)}   {change}", width, then=" " * 30)


def _told(text: str) -> str:
    return " ".join(printable(text).split()) or "-"


def _new_faults(difference: Difference) -> Iterator[Document]:
    new = faults(difference.after)
    for one in difference.failures:
        if one.what == "fault":
            yield new[one.name][1]


def as_markdown(difference: Difference) -> str:
    """The difference for a pull request: the sum, a table of the changes, and each new fault in full."""
    before, after = sut_name(difference.before.header), sut_name(difference.after.header)
    sign = "\u2705" if difference.proves else "\u274c"
    blocks = [f"## Conformance: {plain(before)} to {plain(after)}", f"{sign} {plain(_sum(difference))}"]
    blocks += [f"**{plain(note)}**" for note in difference.notes]
    if difference.changes:
        rows = [
            f"| {one.kind}{' (new failure)' if one.failing else ''} | {one.what} | {plain(_told(one.name))} "
            f"| {plain(_told(one.before))} | {plain(_told(one.after))} |"
            for one in difference.changes
        ]
        blocks.append("\n".join(["| change | what | name | before | after |", "|---|---|---|---|---|", *rows]))
    blocks += [fenced(render_finding(one, difference.after.header)) for one in _new_faults(difference)]
    return "\n\n".join(blocks)


def as_data(difference: Difference) -> dict[str, Any]:
    """The difference as one JSON document."""
    return {
        "before": difference.before.header,
        "after": difference.after.header,
        "new_failures": len(difference.failures),
        "notes": list(difference.notes),
        "changes": [attrs.asdict(one) for one in difference.changes],
    }
