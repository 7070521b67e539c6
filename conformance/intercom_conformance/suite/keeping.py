"""Keeps what was found out once about a specification: a value for what steps say, which cannot be hashed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["kept"]

Given = ParamSpec("Given")
Found = TypeVar("Found")


def kept(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """A function of a specification and of what has a telling `repr`, which works each value out once."""

    @cache
    def known(spec: Any) -> dict[str, Found]:
        return {}

    @wraps(function)
    def keeping(*arguments: Given.args, **named: Given.kwargs) -> Found:
        spec, *rest = arguments
        found, key = known(spec), repr((rest, named))
        if key not in found:
            found[key] = function(*arguments, **named)
        return found[key]

    return keeping
