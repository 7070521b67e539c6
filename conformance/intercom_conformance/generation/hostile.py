"""Values that people never mean to send, and that crash a host or turn into text on their way.

They are what a form leaves empty, what a database or a script language hands out for nothing, what lies
at the edge of a number type, and text that breaks naive code. All of them are JSON.
"""

from __future__ import annotations

from typing import Any

__all__ = ["hostile_values"]


def hostile_values() -> tuple[Any, ...]:
    """Generic hostile JSON values, each call fresh, so that a test may keep or change them."""
    return (*_empty(), *_numbers(), *_texts(), *_containers())


def _empty() -> tuple[Any, ...]:
    return (None, True, False, "", " ", "null", "undefined", "NaN", "false", "0", "[object Object]", [], {})


def _numbers() -> tuple[Any, ...]:
    return (0, -1, 0.1, -0.0, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 2**64, 1e308, -1e308, 5e-324)


def _texts() -> tuple[Any, ...]:
    return (
        "x" * 100_000,
        "line\nbreak\ttab\r\n",
        "quote\"back\\slash'apostrophe",
        "\0in\0side",
        "😀👩‍👩‍👧‍👦",
        "مرحبا \u202eright to left",
        "e\u0301 is not é",
        "\ufeffmark \u2028 separator",
        "${injected} %s {0} <script>alert(1)</script>",
    )


def _containers() -> tuple[Any, ...]:
    deep: Any = "bottom"
    for _ in range(30):
        deep = {"a": [deep]}
    return (
        [None],
        [[]],
        {"": None},
        {"null": None, "__proto__": {"polluted": True}, "constructor": "x"},
        {"a.b": 1, "$c": 2, "d\0e": 3},
        {f"name{index}": index for index in range(300)},
        deep,
    )
