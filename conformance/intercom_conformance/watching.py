"""Lets a person watch a driver at work: each message on the wire, and a debugger on its process."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable
from typing import Final

import attrs

from intercom_conformance.drivers.protocol import DriverError
from intercom_conformance.exits import UsageProblem
from intercom_conformance.kit import open_player
from intercom_conformance.masking import Masker
from intercom_conformance.player import Crash, Player
from intercom_conformance.reports.finding import printable
from intercom_conformance.specification import Specification
from intercom_conformance.trace import Trace

__all__ = ["WireLog", "open_watched", "wait_for_debugger"]

_LONGEST: Final = 2_000
_ARROWS: Final = {"sent": "kit -> driver ", "received": "kit <- driver "}
_DEBUGGERS: Final = {
    "javascript": "node inspect -p {pid}",
    "typescript": "node inspect -p {pid}",
    "python": "python -m debugpy --listen 5678 --pid {pid}",
}


def _to_standard_error(text: str) -> None:
    print(text, file=sys.stderr)


def _messages(masker: Masker) -> Callable[[str], str]:
    return masker.messages()


@attrs.define
class WireLog:
    """Writes the lines of the wire, with secrets masked, while it is `on`; to the standard error, unless told where."""

    mask: Callable[[str], str] = attrs.field(converter=_messages)
    on: bool = True
    write: Callable[[str], None] = _to_standard_error

    def __call__(self, direction: str, line: bytes) -> None:
        if self.on:
            text = printable(self.mask(line.decode("utf-8", "backslashreplace").strip()))
            more = f" … ({len(text):,} characters)" if len(text) > _LONGEST else ""
            self.write(f"{_ARROWS[direction]}{text[:_LONGEST]}{more}")

    def of(self, player: Player, trace: Trace) -> list[str]:
        """The lines of a trace, which is played once more for that; a binding without a wire has none, and is told."""
        lines: list[str] = []
        self.on, self.write = True, lines.append
        with contextlib.suppress(DriverError):
            if isinstance(player.play(trace), Crash):
                player.start()
        self.on = False
        return lines or ["there is none: the binding is an object"]


def open_watched(
    connector: str, spec: Specification, *, timeout: float, start_timeout: float, debug: bool, wire: WireLog | None
) -> Player:
    """A player as of `open_player`, without time limits if a debugger is to come, and with a log of the wire if given.

    Raises:
        UsageProblem: a debugger is to come, and nobody is there to say when it has.
    """
    if debug and not sys.stdin.isatty():
        raise UsageProblem("--debug-driver waits for Enter, and nobody can press it here", "Run it in a terminal.")
    limits = (math.inf, math.inf) if debug else (timeout, start_timeout)
    player = open_player(connector, spec, timeout=limits[0], start_timeout=limits[1])
    if wire is not None:
        player.tap(wire)
    return player


def wait_for_debugger(player: Player) -> None:
    """Says where the started driver runs, and waits for Enter."""
    assert player.binding is not None
    where = f"as process {player.pid}" if player.pid else "where it was started"
    print(f"{player.binding.name} runs {where}. No time limit holds.", file=sys.stderr)
    debugger = _DEBUGGERS.get(player.binding.language)
    if player.pid and debugger:
        print(f"A debugger for it, for example: {debugger.format(pid=player.pid)}", file=sys.stderr)
    print("Attach yours, set breakpoints, then press Enter here. ", end="", file=sys.stderr, flush=True)
    sys.stdin.readline()
