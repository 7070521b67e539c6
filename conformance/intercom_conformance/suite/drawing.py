"""Draws by Hypothesis for checks that report for themselves: silent, without a database, and by their seed alone.

By itself Hypothesis also draws constants that it reads out of the modules of whoever runs it, so that an edit of an
unrelated test would change what a binding is put to, and with that what is found and what is stale. Values are drawn
without; walks are drawn as bytes, of a length for which there are none.
"""

from __future__ import annotations

from typing import Any

import hypothesis
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

__all__ = ["drawn", "quiet"]


class _BySeed(HypothesisProvider):
    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


_BY_SEED = "intercom-conformance"
AVAILABLE_PROVIDERS[_BY_SEED] = f"{__name__}.{_BySeed.__name__}"


def quiet(examples: int, **more: Any) -> hypothesis.settings:
    """The settings under which a property runs `examples` times; `more` are settings of Hypothesis beside them."""
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
        **more,
    )


def drawn(values: Any, seed: int, examples: int) -> list[Any]:
    """Values of a strategy, at most so many, none twice: the same ones for a seed, wherever they are drawn."""
    found: dict[str, Any] = {}

    @hypothesis.seed(seed)
    @quiet(examples, backend=_BY_SEED)
    @hypothesis.given(values)
    def collect(value: Any) -> None:
        found.setdefault(repr(value), value)

    collect()
    return list(found.values())
