"""Chooses checks by a piece of text, by requirement, by family; a selector that matches none is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import attrs

from intercom_conformance.exits import UsageProblem, unknown
from intercom_conformance.specification import Specification, closest
from intercom_conformance.suite import Check

__all__ = ["Selection", "families", "select"]

_Test = Callable[[Check], bool]


@attrs.frozen
class Selection:
    """What checks are chosen by: any of each kind, and all kinds together; every check if there is none."""

    texts: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The selectors as they would be typed."""
        kinds = {"-k": self.texts, "--requirement": self.requirements, "--family": self.families}
        return tuple(f"{option} {value}" for option, values in kinds.items() for value in values)


def families(checks: Iterable[Check]) -> list[str]:
    """The kinds of checks, in their order."""
    return list(dict.fromkeys(check.family for check in checks))


def select(checks: Sequence[Check], spec: Specification, selection: Selection) -> tuple[Check, ...]:
    """The checks that a selection matches, in their order.

    Raises:
        UsageProblem: a selector matches no check, or all of them together match none.
    """
    kinds = [
        [_by_text(text, checks, spec) for text in selection.texts],
        [_by_requirement(slug, checks, spec) for slug in selection.requirements],
        [_by_family(family, checks) for family in selection.families],
    ]
    chosen = tuple(check for check in checks if all(any(test(check) for test in tests) for tests in kinds if tests))
    if not chosen:
        remedy = "Each of them matches some check; leave one of them out."
        raise UsageProblem(f"No check matches all of {', '.join(selection.words)}", remedy)
    return chosen


def _by_text(text: str, checks: Sequence[Check], spec: Specification) -> _Test:
    wanted = text.casefold()

    def matches(check: Check) -> bool:
        return any(wanted in one.casefold() for one in (check.id, check.title, *check.requirements))

    if not text or not any(map(matches, checks)):
        raise UsageProblem(f"No check matches -k {text!r}", _near(text, checks, spec))
    return matches


def _near(text: str, checks: Sequence[Check], spec: Specification) -> str:
    words = {check.id.rpartition("/")[2] for check in checks} | {*families(checks), *spec.api.by_any_name}
    near = closest(text, words | {check.id for check in checks}) or closest(text, spec.requirements)
    listed = "All checks are listed by intercom-conformance list checks."
    return f"Did you mean {near!r}? {listed}" if near else listed


def _by_requirement(slug: str, checks: Sequence[Check], spec: Specification) -> _Test:
    if slug not in spec.requirements:
        listed = "They are listed by intercom-conformance list requirements."
        raise unknown("requirement", slug, spec.requirements, listed)
    own = {f"transition/{one['id']}" for one in spec.chart["transitions"] if one["requirement"] == slug}

    def matches(check: Check) -> bool:
        return slug in check.requirements or check.id in own

    if not any(map(matches, checks)):
        raise UsageProblem(f"No check is about {slug!r} alone", _instead(slug, spec))
    return matches


def _instead(slug: str, spec: Specification) -> str:
    requirement = spec.requirements[slug]
    if requirement.on != "sdk":
        return "It binds the app that uses an SDK; payloads are checked against it by the command validate."
    if requirement.untestable:
        return f"It cannot be tested: {requirement.untestable}"
    return "Run the whole suite, whose sequences put it to the test, and see its verdict there."


def _by_family(family: str, checks: Sequence[Check]) -> _Test:
    known = families(checks)
    if family not in known:
        raise unknown("family", family, known, f"There are: {', '.join(known)}.")
    return lambda check: check.family == family
