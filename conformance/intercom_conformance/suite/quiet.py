"""Hypothesis settings for checks that report for themselves: seeded, silent, and without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis

__all__ = ["quiet", "quiet_settings"]


def quiet_settings(examples: int, steps: int = 50) -> hypothesis.settings:
    """Settings under which a property runs `examples` times, in at most `steps` steps each if it has steps."""
    return hypothesis.settings(
        max_examples=max(examples, 1),
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        # A failure is shrunk by delta debugging over its trace, which takes a fraction of the calls.
        phases=(hypothesis.Phase.generate,),
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=tuple(hypothesis.HealthCheck),  # pyright: ignore[reportArgumentType] - an enumeration
    )


def quiet(examples: int) -> Callable[[Any], Any]:
    """The same settings as a decorator."""
    return quiet_settings(examples)
