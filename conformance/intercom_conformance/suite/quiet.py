"""Hypothesis settings for checks that report for themselves: seeded, silent, and without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis

__all__ = ["quiet"]


def quiet(examples: int) -> Callable[[Any], Any]:
    """The settings under which a property runs `examples` times, as a decorator."""
    return hypothesis.settings(
        max_examples=max(examples, 1),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        # A failure is shrunk by delta debugging over its trace, which takes a fraction of the calls.
        phases=(hypothesis.Phase.generate,),
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=tuple(hypothesis.HealthCheck),  # pyright: ignore[reportArgumentType] - an enumeration
    )
