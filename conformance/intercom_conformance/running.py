"""Runs checks one after another against one binding; one that is gone for good does not end the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intercom_conformance.drivers.protocol import DriverError
from intercom_conformance.exits import FAILING
from intercom_conformance.player import Player
from intercom_conformance.results import Result
from intercom_conformance.suite import Check, Settings, run_check

__all__ = ["run_checks"]


def run_checks(
    checks: Sequence[Check],
    player: Player,
    settings: Settings,
    *,
    fail_fast: bool = False,
    strict: bool = False,
) -> Iterator[Result]:
    """The result of every check, in order; those that could not be run any more say why.

    Args:
        checks: what to run.
        player: a binding that has been started.
        settings: how much is tried.
        fail_fast: runs no more after the first check that fails.
        strict: warnings are failures.
    """
    bad = FAILING | {"warned"} if strict else FAILING
    stopped = ""
    for check in checks:
        if stopped:
            yield _idle(check, "not run", stopped)
            continue
        try:
            result = run_check(check, player, settings)
        except DriverError as error:
            result = _idle(check, "crashed", str(error))
            stopped = "The driver went down and could not be started again."
        yield result
        if fail_fast and result.verdict in bad:
            stopped = "The run was to stop at the first failure."


def _idle(check: Check, verdict: str, message: str) -> Result:
    return Result(check.id, check.family, verdict, check.requirements, message=message)
