"""Reads what clients send: strict JSON, bounded in size and depth."""

from __future__ import annotations

import json
import re
from typing import Any

from intercom_conformance import strict_json
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem

__all__ = ["compact", "read", "too_large"]

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read(data: bytes, limits: Limits) -> Any:
    """The value of a JSON text.

    Raises:
        Problem: it is too large (413), or no strict JSON (400).
    """
    if len(data) > limits.request:
        raise too_large(limits)
    try:
        value = strict_json.decode(data)
    except RecursionError:
        raise _too_deep(limits) from None
    except ValueError as error:
        raise _malformed(f"This is not JSON: {_reason(error)}") from None
    if data.count(b"[") + data.count(b"{") > limits.depth and not _shallow(value, limits.depth):
        raise _too_deep(limits)
    if _SURROGATE.search(data):
        _refuse_half_characters(value)
    return value


def compact(value: Any) -> bytes:
    """A value as JSON in ASCII, without blanks."""
    return _ENCODER.encode(value).encode("ascii")


def too_large(limits: Limits) -> Problem:
    """The problem with a request of more bytes than are taken."""
    detail = f"The request has more than {limits.request} bytes"
    return Problem(413, "too-large", detail, "Send less at once, or serve with a larger --max-request.")


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed", detail, "Send one JSON value in UTF-8, as RFC 8259 has it.")


def _too_deep(limits: Limits) -> Problem:
    detail = f"The value nests deeper than {limits.depth} levels"
    return Problem(400, "malformed", detail, "Send something flatter.")


def _reason(error: ValueError) -> str:
    text = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    return "".join(one if one.isprintable() else "?" for one in text)[:200]


def _shallow(value: Any, depth: int) -> bool:
    """Whether a value nests no deeper; level by level, so that no depth costs a recursion."""
    level = [value]
    for _ in range(depth + 1):
        level = [part for one in level if isinstance(one, dict | list) for part in _parts(one)]
        if not level:
            return True
    return False


def _parts(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _refuse_half_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _malformed("A text holds half of a surrogate pair, which is no character") from None
