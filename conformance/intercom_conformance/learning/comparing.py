"""Two learned machines against each other: the shortest sequences after which they answer differently.

Their product is gone through breadth first. Behind a step that is answered differently nothing is compared, so that
one difference is told once, and not again by what comes of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import attrs

from intercom_conformance.learning.models import Model
from intercom_conformance.learning.outputs import Output, aspects
from intercom_conformance.trace import Step, Trace

__all__ = ["Apart", "Contrast", "contrast"]


@attrs.frozen
class Apart:
    """A trace after whose last step two machines differ: in what, how each answers, in words and as a whole."""

    trace: Trace
    what: str
    one: str
    other: str
    said: Output
    replied: Output


@attrs.frozen(eq=False)
class Contrast:
    """What came of comparing two models of a part: the inputs that both or only one has, and where they differ."""

    part: str
    shared: int
    only: tuple[str, ...]
    """The methods and events of inputs that only one of them answers."""
    differences: tuple[Apart, ...]
    complete: bool
    """Whether both machines stood every test that was planned."""


def contrast(one: Model, other: Model) -> Contrast:
    """Where two models of a part differ, one difference for each step and the things that differ in it."""
    left, right = _answered(one), _answered(other)
    shared = [(step, left[key], right[key]) for key, step in _steps(one).items() if key in right]
    lone = {**_steps(one), **_steps(other)}
    only = dict.fromkeys(step.name for key, step in lone.items() if (key in left) != (key in right))
    found: dict[tuple[str, str], Apart] = {}
    for apart in _walked(one, other, shared):
        found.setdefault((apart.trace[-1].name, apart.what), apart)
    both = one.complete and other.complete
    return Contrast(one.part, len(shared), tuple(only), tuple(found.values()), both)


def _steps(model: Model) -> dict[str, Step]:
    """The inputs that a model answers, by what tells them apart."""
    numbers = () if model.machine is None else model.machine.inputs
    return {repr((model.inputs[one].name, model.inputs[one].arguments)): model.inputs[one] for one in numbers}


def _answered(model: Model) -> dict[str, int]:
    numbers = () if model.machine is None else model.machine.inputs
    return dict(zip(_steps(model), numbers, strict=True))


def _walked(one: Model, other: Model, shared: list[tuple[Step, int, int]]) -> Iterator[Apart]:
    """Each step of the product that is answered differently, the nearest first."""
    if one.machine is None or other.machine is None:
        return
    seen: set[tuple[int, int]] = {(0, 0)}
    queue: deque[tuple[int, int, Trace]] = deque([(0, 0, ())])
    while queue:
        left, right, before = queue.popleft()
        for step, mine, theirs in shared:
            (said, there), (replied, elsewhere) = one.machine.rows[left][mine], other.machine.rows[right][theirs]
            differing = list(aspects(said, replied))
            if differing:
                what, mine_told, theirs_told = ("; ".join(told) for told in zip(*differing, strict=True))
                yield Apart((*before, step), what, mine_told, theirs_told, said, replied)
            elif (there, elsewhere) not in seen:
                seen.add((there, elsewhere))
                queue.append((there, elsewhere, (*before, step)))
