"""What is on record of bindings, as bug reports that a maintainer can act on: Markdown, from files of deviations alone.

Files of one package and version are one chapter: what its layers have in common is told once, with where it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import attrs

from intercom_conformance.deviations import Deviation, DeviationsFile
from intercom_conformance.reports.finding import PROGRAM, by_step, quoted
from intercom_conformance.specification import Requirement, Specification

__all__ = ["findings_of", "findings_page"]

_LAYERS = {
    "": "the whole chain",
    "js": "the JavaScript alone",
    "android": "the Java alone",
    "ios": "the Objective-C below its JavaScript",
    "web": "the web implementation",
}


@attrs.frozen
class _Report:
    """One deviation, with the files that have it."""

    entry: Deviation
    files: tuple[DeviationsFile, ...]


def findings_page(files: Sequence[DeviationsFile], spec: Specification) -> str:
    """A chapter for each package and version, a section for each deviation."""
    chapters = [_chapter(package, files, spec) for package in dict.fromkeys(map(_package, files))]
    return "\n\n".join([_INTRODUCTION.format(revision=spec.version), *chapters]) + "\n"


def findings_of(slug: str, files: Sequence[DeviationsFile]) -> Iterator[str]:
    """What is on record about a requirement, a line for each package, version and step."""
    for package in dict.fromkeys(map(_package, files)):
        for report in _reports([file for file in files if _package(file) == package]):
            if fnmatchcase(slug, report.entry.requirement or ""):
                where = f"{' '.join(package)} ({_listed(map(_layer, report.files))})"
                yield f"{where}, in {report.entry.step or 'any call'}: {' '.join(report.entry.reason.split())}"


_INTRODUCTION = """# What published bindings do otherwise

Each entry was found by the suite of revision {revision}, shrunk to its shortest sequence, and judged: binding, adapter,
stub and rule were each asked whether they are to blame, and what would depend on the inside of the closed SDK is not
listed. CI plays every binding against its entries: one that is gone, or says something else, fails it."""


def _package(file: DeviationsFile) -> tuple[str, str]:
    return file.binding or "", file.version or ""


def _chapter(package: tuple[str, str], files: Sequence[DeviationsFile], spec: Specification) -> str:
    mine = [file for file in files if _package(file) == package]
    reports = list(_reports(mine))
    count = f"{len(reports)} deviation{'' if len(reports) == 1 else 's'}"
    lines = [f"## {package[0]} {package[1]}", "", f"Judged: {_listed(map(_layer, mine))}. {count}."]
    lines += _table(reports)
    for number, report in enumerate(reports, 1):
        lines += ["", *_section(number, report, mine, spec)]
    return "\n".join(lines)


def _reports(files: Sequence[DeviationsFile]) -> Iterator[_Report]:
    """The deviations of some files, those with one title, message and reason once, by their shortest sequence."""
    having: dict[tuple[str, ...], list[tuple[Deviation, DeviationsFile]]] = {}
    for file in files:
        for entry in file.entries:
            having.setdefault((entry.title, entry.kind, entry.message, entry.reason), []).append((entry, file))
    for found in having.values():
        shortest = min((entry for entry, _ in found), key=lambda entry: len(entry.sequence))
        yield _Report(shortest, tuple(file for _, file in found))


def _table(reports: Sequence[_Report]) -> Iterator[str]:
    if not reports:
        return
    yield from ("", "| | step | requirement |", "|---|---|---|")
    for number, report in enumerate(reports, 1):
        yield f"| {number} | {_step(report.entry)} | `{report.entry.about}` |"


def _section(number: int, report: _Report, chapter: Sequence[DeviationsFile], spec: Specification) -> Iterator[str]:
    entry = report.entry
    yield f"### {number}. {_step(entry)}: {_headline(entry, spec)}"
    yield ""
    yield from ("```", *entry.sequence, "```", "")
    yield f"- expected: {_plain(by_step(entry.expected, len(entry.sequence)))}"
    yield f"- observed: {_plain(by_step(entry.message, len(entry.sequence)))}"
    if len(report.files) < len(chapter):
        yield f"- where: {_listed(map(_layer, report.files))}"
    if entry.link:
        yield f"- reported: {entry.link}"
    yield from ("", entry.reason.strip(), "")
    yield from _rule(spec.requirements.get(entry.requirement or ""))
    only = "" if "*" in entry.about else f" --requirement {entry.about}"
    yield f"See it: `{PROGRAM} run {quoted(report.files[0].connector or '')}{only}`"


def _step(entry: Deviation) -> str:
    return f"`{entry.step}`" if entry.step else "any call"


def _headline(entry: Deviation, spec: Specification) -> str:
    requirement = spec.requirements.get(entry.requirement or "")
    return f"all of {entry.about}" if requirement is None else requirement.sentence.rstrip(".")


def _rule(requirement: Requirement | None) -> Iterator[str]:
    if requirement is not None:
        yield f"Requirement: `{requirement.id}`, {requirement.level} ({_plain(requirement.source)})."
        yield ""


def _layer(file: DeviationsFile) -> str:
    found = re.search(r"(?:\+([a-z-]+))?(?:\?(.*))?$", file.connector or "")
    layer, options = (found[1] or "", found[2] or "") if found else ("", "")
    return _LAYERS.get(layer, layer) + (f" ({options})" if options else "")


def _listed(texts: Iterator[str] | map[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _plain(text: str) -> str:
    """A text in which nothing is markup."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text)
