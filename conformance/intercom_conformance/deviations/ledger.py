"""Keeps account of known deviations during a run: which findings they explain, and which of them are stale.

A finding is explained by an entry about its requirement (or the check that found it) and its step, of its kind, with
a message that begins as the entry says. What no entry explains fails as ever. An entry that explained nothing by the
end of a whole run is stale, unless it is flaky; so is a list of missing capabilities that is not the one seen.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

import attrs

from intercom_conformance.deviations.reading import Deviation, DeviationsFile, kind_of
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.results import BAD, Finding, Result

__all__ = ["Ledger"]

_EXPECTED = "expected failure"


@attrs.define
class Ledger:
    """The entries of a file that apply to a binding, and those that have been met."""

    file: DeviationsFile
    entries: tuple[Deviation, ...]
    met: set[Deviation] = attrs.field(factory=set)
    missing: set[str] = attrs.field(factory=set)

    @classmethod
    def of(cls, file: DeviationsFile, binding: Binding, today: datetime.date | None = None) -> Ledger:
        """The entries that a binding is excused by today."""
        day = today or datetime.date.today()
        return cls(file, tuple(one for one in file.entries if one.applies(binding) and not one.expired(day)))

    def take(self, result: Result) -> Result:
        """A result with its explained findings marked; an expected failure if all of them are."""
        self.missing.update(result.missing)
        findings = tuple(self._explained(result, finding) for finding in result.findings)
        excused = bool(findings) and all(finding.known for finding in findings)
        bad = result.verdict in BAD or result.verdict == "warned"
        return attrs.evolve(result, findings=findings, verdict=_EXPECTED if excused and bad else result.verdict)

    def _explained(self, result: Result, finding: Finding) -> Finding:
        fault = (finding.requirement, kind_of(finding.kind, result.verdict), finding.call)
        told = (result.check, fault, finding.observed)
        entry = next((one for one in self.entries if one.explains(*told)), None)
        if entry is None:
            return finding
        self.met.add(entry)
        return attrs.evolve(finding, known=entry.reason or entry.title)

    @property
    def account(self) -> list[int]:
        """Which entries of the file have been met, by their positions: what another process can `recall`."""
        return [at for at, entry in enumerate(self.file.entries) if entry in self.met]

    def recall(self, account: Iterable[int], missing: Iterable[str]) -> None:
        """Takes over the account of another process over the same file, and the capabilities missed there."""
        self.met.update(self.file.entries[at] for at in account)
        self.missing.update(missing)

    def stale(self, results: Iterable[Result]) -> Iterator[str]:
        """What is not as the file says, after a whole run, each in a sentence that begins with what it is about."""
        seen = [finding for result in results for finding in result.findings]
        for entry in self.entries:
            if entry not in self.met and entry.kind != "flaky":
                yield f"{entry.title}: {_instead(entry, seen)}"
        lacking = tuple(sorted(self.missing))
        if self.file.unsupported is not None and lacking != self.file.unsupported:
            gone, new = set(self.file.unsupported) - self.missing, self.missing - set(self.file.unsupported)
            changes = [*(f"{one} is there now" for one in sorted(gone)), *(f"{one} is lacking" for one in sorted(new))]
            yield f"unsupported: {', '.join(changes) or 'the list is not sorted'}"


def _instead(entry: Deviation, seen: Iterable[Finding]) -> str:
    """What was seen in place of a deviation."""
    others = [one for one in seen if fnmatchcase(one.requirement, entry.requirement or "") and not one.known]
    alike = next((one for one in others if entry.step in (None, one.call)), None)
    if alike is None:
        return "it is not seen any more; take the entry out"
    return f"it says now: {alike.observed}"
