"""Reads a file of known deviations; `schemas/documents/deviations.schema.json` says what it may hold."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import attrs

from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.results import Fault
from intercom_conformance.specification import Specification, closest
from intercom_reference.documents import embedded
from intercom_reference.errors import KitError
from intercom_reference.loading import parse_yaml

__all__ = ["MOST", "BadDeviations", "Deviation", "DeviationsFile", "entry_of", "kind_of", "problems", "read"]

MOST: Final = 20
"""Names that one pattern may stand for: more would hide what nobody has looked at."""

_KINDS: Final = {"crashed": "crash", "protocol error": "crash", "timed out": "hang"}
_SCHEMA: Final = "schemas/documents/deviations.schema.json"


@attrs.frozen(str=False)
class BadDeviations(KitError):
    """A file of known deviations that cannot be used: what is wrong, and what to do."""

    source: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}. {self.remedy}"


@attrs.frozen
class Deviation:
    """One thing that a binding is known to do otherwise."""

    kind: str
    reason: str
    requirement: str | None = None
    check: str | None = None
    step: str | None = None
    link: str | None = None
    when: Mapping[str, str] = attrs.field(factory=dict, eq=False)
    message: str = ""
    expires: str | None = None
    sequence: tuple[str, ...] = ()
    expected: str = ""

    @property
    def about(self) -> str:
        """The requirement or check, as it stands in the file."""
        return self.requirement or self.check or ""

    @property
    def title(self) -> str:
        """What the entry is about, in a few words."""
        return f"{self.about} in {self.step}" if self.step else self.about

    def explains(self, check: str, fault: Fault, observed: str) -> bool:
        """Whether it is what was found: in this check, this requirement, kind and step, with this text.

        The kind of the fault is one that a deviation may have: fail, flaky, crash or hang.
        """
        requirement, kind, step = fault
        name, pattern = (requirement, self.requirement) if self.requirement is not None else (check, self.check or "")
        named = fnmatchcase(name, pattern)
        alike = self.kind == kind or (self.kind, kind) == ("flaky", "fail")
        return named and alike and self.step in (None, step) and observed.startswith(self.message)

    def expired(self, today: datetime.date) -> bool:
        """Whether it is not expected any more."""
        return self.expires is not None and datetime.date.fromisoformat(self.expires) <= today

    def applies(self, binding: Binding) -> bool:
        """Whether it is one of this binding: its version, platform and capabilities."""
        version, platform = self.when.get("version"), self.when.get("platform")
        if version is not None and not _is_in(binding.version, version):
            return False
        capability = self.when.get("capability")
        return platform in (None, binding.platform) and (capability is None or capability in binding.capabilities)


@attrs.frozen
class DeviationsFile:
    """What a file says: the binding and revision that it is of, its entries, and what the binding lacks."""

    source: str
    specification: str
    entries: tuple[Deviation, ...]
    binding: str | None = None
    version: str | None = None
    connector: str | None = None
    unsupported: tuple[str, ...] | None = None


def read(path: Path, spec: Specification, checks: Sequence[str]) -> DeviationsFile:
    """The file of known deviations at a path.

    Args:
        path: the file.
        spec: the specification that they are deviations from.
        checks: the ids of all checks.

    Raises:
        BadDeviations: it cannot be read, breaks its schema, or names what there is not.
        DocumentError: it is no strict YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDeviations(str(path), f"it cannot be read ({error})", "Name a UTF-8 text file.") from None
    document = parse_yaml(text, str(path))
    _check_schema(document, str(path))
    found = _file(document, str(path))
    for problem in problems(found, spec, checks):
        raise problem
    return found


def _check_schema(document: Any, source: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(embedded().load(_SCHEMA)).iter_errors(document))
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the file"
        raise BadDeviations(source, f"at {place}, {error.message[:200]}", f"See {_SCHEMA}.")


def _file(document: Mapping[str, Any], source: str) -> DeviationsFile:
    unsupported = document.get("unsupported")
    return DeviationsFile(
        source=source,
        specification=document["specification"],
        entries=tuple(entry_of(body) for body in document["deviations"]),
        unsupported=None if unsupported is None else tuple(unsupported),
        **{name: document.get(name) for name in ("binding", "version", "connector")},
    )


def kind_of(misbehaviour: str, verdict: str) -> str:
    """The kind of a deviation for a kind of misbehaviour, found by a check with this verdict."""
    return _KINDS.get(misbehaviour) or ("flaky" if verdict == "flaky" else "fail")


def entry_of(body: Mapping[str, Any]) -> Deviation:
    """The deviation that an entry of a file is."""
    return Deviation(**{**body, "sequence": tuple(body.get("sequence", ()))})


def problems(file: DeviationsFile, spec: Specification, checks: Sequence[str]) -> Iterator[BadDeviations]:
    """Everything about a file that keeps it from being used, beyond its schema."""
    if file.specification != spec.version:
        problem = f"it is of revision {file.specification}, and the specification has {spec.version}"
        yield BadDeviations(file.source, problem, "Run it anew: deviations update.")
    seen: set[Deviation] = set()
    for entry in file.entries:
        known = list(spec.requirements) if entry.requirement else list(checks)
        yield from _of_name(file.source, entry, known)
        yield from _of_condition(file.source, entry, spec)
        if entry in seen:
            yield BadDeviations(file.source, f"{entry.title} is listed twice", "Keep one of them.")
        seen.add(entry)


def _of_name(source: str, entry: Deviation, known: Sequence[str]) -> Iterator[BadDeviations]:
    matching = [name for name in known if fnmatchcase(name, entry.about)]
    what = "requirement" if entry.requirement else "check"
    if not matching:
        near = closest(entry.about, known)
        hint = f"Did you mean {near}?" if near else f"See intercom-conformance list {what}s."
        yield BadDeviations(source, f"there is no {what} {entry.about!r}", hint)
    elif len(matching) > MOST:
        problem = f"{entry.about!r} stands for {len(matching)} {what}s"
        yield BadDeviations(source, problem, f"A pattern may stand for up to {MOST}: list them one by one.")


def _of_condition(source: str, entry: Deviation, spec: Specification) -> Iterator[BadDeviations]:
    capability, version = entry.when.get("capability"), entry.when.get("version")
    if capability is not None and capability not in spec.capabilities:
        hint = closest(capability, spec.capabilities)
        remedy = f"Did you mean {hint}?" if hint else "See intercom-conformance list capabilities."
        yield BadDeviations(source, f"there is no capability {capability!r}", remedy)
    if version is not None and not _is_range(version):
        yield BadDeviations(source, f"{version!r} is no range of versions", "Write one such as >=9.0,<12.1.")
    if entry.expires is not None and not _is_date(entry.expires):
        yield BadDeviations(source, f"there is no day {entry.expires!r}", "Write one such as 2027-01-31.")


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_range(text: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _is_in(version: str, wanted: str) -> bool:
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) in SpecifierSet(wanted, prereleases=True)
    except InvalidVersion:
        return False
