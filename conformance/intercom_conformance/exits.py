"""Exit codes, the same for the command line and the plugin; they are pytest's, and one of our own."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import attrs

from intercom_reference.errors import KitError

__all__ = ["FAILING", "Exit", "UsageProblem", "missing_extra", "unknown", "verdict_of_run"]


FAILING = frozenset(["failed", "crashed", "timed out", "protocol error", "flaky"])
"""Verdicts of checks that fail a run; with ``--strict``, a warning does too."""


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    INTERRUPTED = 2
    INTERNAL = 3
    USAGE = 4
    NOTHING_RAN = 5
    NOT_STARTED = 6


@attrs.frozen(str=False)
class UsageProblem(KitError):
    """Something that was asked for and cannot be done: what, and what to do instead."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


def missing_extra(extra: str, what: str) -> UsageProblem:
    """The problem with something that only an extra of this package can do."""
    return UsageProblem(f"{what} needs an extra", f"Install it: pip install 'intercom-conformance[{extra}]'.")


def unknown(kind: str, name: str, known: Iterable[str], otherwise: str) -> UsageProblem:
    """The problem with a name that nothing has: the name that was probably meant, or another remedy."""
    from intercom_conformance.specification import closest

    near = closest(name, known)
    return UsageProblem(f"There is no {kind} {name!r}", f"Did you mean {near!r}?" if near else otherwise)


def verdict_of_run(verdicts: Iterable[str], *, strict: bool) -> Exit:
    """The exit code of a run that came to its end, by the verdicts of its checks.

    A run in which every check is unsupported or not run has judged nothing, which is no success.
    """
    seen = set(verdicts)
    if seen & FAILING or (strict and "warned" in seen):
        return Exit.FAILED
    return Exit.OK if seen & {"passed", "warned", "expected failure"} else Exit.NOTHING_RAN
