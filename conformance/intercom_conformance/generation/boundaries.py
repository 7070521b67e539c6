"""Turns a valid payload into others that are valid too, and lie where implementations err: at the edges.

One value at a time becomes null, empty, the first number that 32 bits do not hold, the last that every JSON parser
keeps, a number between two whole ones, a text beyond ASCII, a text that reads like something else. A validator has the
last word, so that nothing is proposed that a schema does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["boundary_payloads"]

Json = Any

_EDGES: tuple[Json, ...] = (
    *(None, True, False, 0, 1, -1, 0.5, 2**31, 2**53 - 1),
    *("", " ", "null", "1", "ünï\u6f22😀", "line\nbreak", "x" * 255, [], {}),
)


def boundary_payloads(value: Json, is_valid: Callable[[Json], bool]) -> Iterator[Json]:
    """The valid payloads that differ from a valid one in a single value, which lies at an edge.

    They share with `value` what they did not change: callers must not change them.
    """
    for changed in _changed(value):
        if is_valid(changed):
            yield changed


def _changed(value: Json) -> Iterator[Json]:
    yield from (edge for edge in _EDGES if not (type(edge) is type(value) and edge == value))
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ({**value, name: changed} for changed in _changed(member))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in _changed(item))
