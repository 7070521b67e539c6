"""Measures trace checking against a plain loop over a dict: ``python benchmarks/traces.py [THOUSANDS OF STEPS]``.

The plain loop decodes each line with msgspec and looks a (state, call, outcome) up, nothing more: no order, no
window, no arguments, no line numbers. Ratios within one run are what to compare; the median of neighbours is told.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from intercom_conformance.checking import Checker, Settings
from intercom_conformance.validation.records import Block

ROUNDS = 5
PORTION = 1 << 20


def session(number: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    """A session as an app would log it: a login, two dozen calls, a logout."""
    user = {"userId": f"user-{number}", "email": f"user{number}@example.com"}
    yield {"happening": "reset"}
    yield {"call": "loginUserWithUserAttributes", "arguments": [user], "outcome": "success"}
    for _ in range(24):
        yield dice.choice(CALLS)(dice)
    yield {"call": "logout", "arguments": [], "outcome": "success"}


CALLS: list[Callable[[random.Random], dict[str, Any]]] = [
    lambda dice: {
        "call": "logEvent",
        "arguments": ["order-item", {"price": dice.randrange(10**6)}],
        "outcome": "success",
    },
    lambda dice: {"call": "logEvent", "arguments": ["viewed-pricing"], "outcome": "success"},
    lambda dice: {"call": "present", "arguments": [], "outcome": "success"},
    lambda dice: {"call": "presentSpace", "arguments": ["HELP_CENTER"], "outcome": "success"},
    lambda dice: {"call": "setLauncherVisibility", "arguments": ["VISIBLE"], "outcome": "success"},
    lambda dice: {"call": "updateUser", "arguments": [{"name": f"n{dice.randrange(10**6)}"}], "outcome": "success"},
    lambda dice: {"call": "hideIntercom", "arguments": [], "outcome": "success"},
    lambda dice: {"call": "searchHelpCenter", "arguments": ["sign"], "outcome": "error", "code": 503},
]


def trace(steps: int, open_at_once: int = 1000) -> bytes:
    """That many lines, of sessions that are interleaved."""
    dice = random.Random(1)
    started, lines, going = 0, list[bytes](), list[tuple[str, Iterator[dict[str, Any]], list[int]]]()
    while len(lines) < steps:
        while len(going) < open_at_once:
            going.append((f"session-{started:08}", session(started, dice), [0]))
            started += 1
        name, rest, count = going[at := dice.randrange(len(going))]
        step = next(rest, None)
        if step is None:
            going[at] = going[-1]
            going.pop()
            continue
        lines.append(json.dumps({"session": name, "seq": count[0], **step}, separators=(",", ":")).encode())
        count[0] += 1
    return b"\n".join(lines) + b"\n"


def blocks(data: bytes) -> list[Block]:
    """The blocks as they are read from a file."""
    found, line, start = [], 1, 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + PORTION) + 1
        found.append(Block(line, data[start:end]))
        line += data.count(b"\n", start, end)
        start = end
    return found


class Plain(msgspec.Struct, gc=False):
    """What the plain loop reads of a line."""

    session: str
    call: str | None = None
    outcome: str | None = None


def plain(pieces: list[Block]) -> int:
    """The plain loop."""
    table: dict[tuple[int, str | None, str | None], int] = {}
    states: dict[str, int] = {}
    decoder = msgspec.json.Decoder(Plain)
    known = table.setdefault
    for piece in pieces:
        for line in decoder.decode_lines(piece.data):
            states[line.session] = known((states.get(line.session, 0), line.call, line.outcome), 1)
    return len(states)


def warm(pieces: list[Block], payloads: bool) -> Checker:
    """A checker that has met the steps of these traces before; its rows are made within the first second."""
    checker = Checker(Settings(payloads=payloads))
    checked(checker, pieces)
    return checker


def checked(checker: Checker, pieces: list[Block]) -> None:
    for piece in pieces:
        checker.piece(0, piece)
    checker.finish()


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    steps = 1000 * (int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    pieces = blocks(trace(steps))
    quick, whole = warm(pieces, False), warm(pieces, True)
    works = (lambda: plain(pieces), lambda: checked(quick, pieces), lambda: checked(whole, pieces))
    rounds = [[timed(work) for work in works] for _ in range(ROUNDS)]
    for at, name in enumerate(("plain loop", "without payloads", "with payloads")):
        rate = statistics.median(steps / one[at] for one in rounds)
        ratio = statistics.median(one[at] / one[0] for one in rounds)
        print(f"{name:<18} {rate / 1e6:6.2f} M steps/s per core   {ratio:5.2f} x the plain loop")
    seconds = timed(lambda: warm(pieces[:1], True))
    print(f"start-up           {seconds:6.2f} s with the first megabyte")
    many_sessions(1_000_000)


def many_sessions(count: int) -> None:
    """Sessions that are all open at once: a line of each, then another line of each."""
    checker = Checker(Settings(payloads=False, fresh=True))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    for turn, call in enumerate((b"loginUnidentifiedUser", b"present")):
        for first in range(0, count, 10_000):
            lines = (
                b'{"session":"session-%08d","seq":%d,"call":"%s","outcome":"success"}' % (number, turn, call)
                for number in range(first, first + 10_000)
            )
            checker.piece(0, Block(1 + first, b"\n".join(lines) + b"\n"))
    seconds = time.process_time() - start
    tally = checker.finish()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{tally.sessions:,} sessions open at once: {2 * count / seconds / 1e6:.2f} M steps/s, {grown:,.0f} MB")


if __name__ == "__main__":
    main()
