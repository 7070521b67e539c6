"""Makes a failing trace as short as it gets: delta debugging over the steps, then over the arguments.

What counts as the same failure is the requirement that is broken, so that shrinking never wanders from one fault
to another. Every candidate is played for real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from intercom_conformance.trace import BOTH, Step, Trace

__all__ = ["shrink"]

Fails = Callable[[Trace], bool]


def shrink(trace: Trace, fails: Fails, *, most: int = 400) -> Trace:
    """The shortest trace found that still fails, after playing at most `most` candidates.

    Args:
        trace: a trace that fails.
        fails: whether a trace still shows the failure.
    """
    budget = _Budget(fails, most)
    trace = _shorter(trace, budget)
    trace = _simpler(trace, budget)
    return _without_strangers(_shorter(trace, budget))


def _without_strangers(trace: Trace) -> Trace:
    """The same trace, in which no step hands over answers to calls that were left out: they change nothing."""
    calls = {step.named(position) for position, step in enumerate(trace)}
    return tuple(
        step
        if step.answers is None
        else attrs.evolve(step, answers=tuple(name for name in step.answers if name in calls))
        for step in trace
    )


@attrs.define
class _Budget:
    fails: Fails
    left: int

    def accepts(self, trace: Trace) -> bool:
        if self.left <= 0 or not trace:
            return False
        self.left -= 1
        return self.fails(trace)


def _shorter(trace: Trace, budget: _Budget) -> Trace:
    size = max(len(trace) // 2, 1)
    while size >= 1:
        start = 0
        while start < len(trace):
            candidate = trace[:start] + trace[start + size :]
            if budget.accepts(candidate):
                trace = candidate
            else:
                start += size
        size //= 2
    return trace


def _simpler(trace: Trace, budget: _Budget) -> Trace:
    for position in range(len(trace)):
        trace = _simpler_step(trace, position, budget)
    return trace


def _simpler_step(trace: Trace, position: int, budget: _Budget) -> Trace:
    improved = True
    while improved:
        improved = False
        for step in _simplifications(trace[position]):
            candidate = (*trace[:position], step, *trace[position + 1 :])
            if budget.accepts(candidate):
                trace, improved = candidate, True
                break
    return trace


def _simplifications(step: Step) -> Iterator[Step]:
    if step.callbacks and step.callbacks != BOTH:
        yield attrs.evolve(step, callbacks=BOTH)
    if step.answers is not None:
        yield attrs.evolve(step, answers=None)
    if step.arguments:
        yield attrs.evolve(step, arguments=step.arguments[:-1])
    for index, argument in enumerate(step.arguments):
        for simpler in _simpler_values(argument):
            arguments = (*step.arguments[:index], simpler, *step.arguments[index + 1 :])
            yield attrs.evolve(step, arguments=arguments)


def _simpler_values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value)
        for key, member in value.items():
            yield from ({**value, key: simpler} for simpler in _simpler_values(member))
    elif isinstance(value, list):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
        for index, member in enumerate(value):
            yield from ([*value[:index], s, *value[index + 1 :]] for s in _simpler_values(member))
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]
        yield value[len(value) // 2 :]
        yield value[:-1]
        yield value[1:]
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value not in (0, 1):
        yield 1
        yield 0
