"""All checks of a specification, in an order that depends on nothing but the specification."""

from __future__ import annotations

from functools import cache
from itertools import chain

from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check
from intercom_conformance.suite.complete import complete_checks
from intercom_conformance.suite.everywhere import everywhere_checks
from intercom_conformance.suite.examples import scenario_checks, transition_checks
from intercom_conformance.suite.inputs import (
    alias_checks,
    callback_checks,
    hostile_checks,
    missing_checks,
    near_miss_checks,
    valid_checks,
)
from intercom_conformance.suite.overlap import overlap_checks
from intercom_conformance.suite.sequences import sequence_checks

__all__ = ["catalogue"]


@cache
def catalogue(spec: Specification) -> tuple[Check, ...]:
    """The checks of a specification, from the simplest kind to the most searching one."""
    families = (
        scenario_checks,
        transition_checks,
        callback_checks,
        alias_checks,
        missing_checks,
        hostile_checks,
        near_miss_checks,
        valid_checks,
        overlap_checks,
        everywhere_checks,
        complete_checks,
        sequence_checks,
    )
    return tuple(chain.from_iterable(family(spec) for family in families))
