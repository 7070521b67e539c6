"""Finds the line of a member in the text of a record, so that a finding in a long record can be jumped to."""

from __future__ import annotations

import json
import re

__all__ = ["line_in"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def line_in(data: bytes, pointer: str) -> int:
    """How many lines below the first one of a record the place of a JSON pointer stands."""
    if not pointer or b"\n" not in data:
        return 0
    text = data.decode(errors="replace")
    at = _offset(text, pointer.split("/")[1:])
    return text.count("\n", 0, at)


def _offset(text: str, path: list[str]) -> int:
    """Where the token of the innermost part that can be found begins."""
    wanted = [part.replace("~1", "/").replace("~0", "~") for part in path]
    here: list[str | int] = []
    best, at, expects_name = 0, 0, False
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in "{[":
            here.append("" if token == "{" else 0)
            expects_name = token == "{"
        elif token in "}]":
            here.pop()
        elif token == ",":
            here[-1] = here[-1] + 1 if isinstance(here[-1], int) else ""
            expects_name = here[-1] == ""
        elif expects_name and token != ":":
            here[-1], expects_name = json.loads(token), False
        if [str(part) for part in here] == wanted[: len(here)] and len(here) > best and here[-1] != "":
            best, at = len(here), found.start()
            if best == len(wanted):
                return at
    return at
