"""Reads JSON as RFC 8259 has it, and refuses what a lenient reader lets pass.

Two readers may understand that differently: text that is not UTF-8, an object with a key twice, NaN and numbers that
are not finite, and anything after the end of the value.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Final, NoReturn

__all__ = ["decode"]


def decode(line: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is none, with the reason; `UnicodeDecodeError` among them.
        RecursionError: it nests too deep.
    """
    text = line.decode("utf-8").strip(" \t\r\n")
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError(f"more follows after its end at character {end}")
    return value


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(items)
    if len(result) != len(items):
        ((key, _),) = Counter(key for key, _ in items).most_common(1)
        raise ValueError(f"the key {key!r} stands twice in one object")
    return result


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is beyond the largest number")
    return number


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite)
