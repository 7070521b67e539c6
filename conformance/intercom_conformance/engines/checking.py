"""Checks traces on a cluster: lines are dealt out by session, and each session is judged whole by one task.

1. *Deal*: every part of every source is read by a worker and dealt into as many hands as there are judges.
2. *Judge*: each judge takes its hand of every part, in their order, with the lines numbered as in the source.
3. *Merge*: tallies of different sessions add up to the same result in any order.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import msgspec

from intercom_conformance.checking import Checker, Settings, Tally
from intercom_conformance.checking.lines import read_line
from intercom_conformance.checking.running import pieces
from intercom_conformance.engines.cluster import cluster, size_of
from intercom_conformance.engines.ranges import Part, parts_of, rooted
from intercom_conformance.validation.records import Block, TooLong

__all__ = ["checked_by_dask"]

_JUDGES, _HAND = 4, 64 << 20
"""Judges for each worker at least, and bytes that one judge gets at most, about."""


@attrs.frozen
class Hand:
    """The lines of a part that one judge gets, with their numbers within the part."""

    numbers: array[int]
    data: bytes


@attrs.frozen
class Dealt:
    """A part that was dealt: a hand for each judge, how many lines it has, and what was found on the way."""

    hands: tuple[Hand, ...]
    lines: int
    tally: Tally


def checked_by_dask(names: Sequence[str], settings: Settings, engine: str, read: Callable[[int], None]) -> Tally:
    """What the traces in these files and URLs show: the same that `checked` tells, on a cluster.

    Raises:
        UsageProblem: one cannot be opened, the cluster does not answer, or an extra is not installed.
    """
    if settings.spec:
        settings = attrs.evolve(settings, spec=str(Path(settings.spec).resolve()))
    world = frozenset(settings.specification().chart["environment"])
    parts = [part for number, name in enumerate(names) for part in parts_of(number, rooted(name))]
    with cluster(engine) as client:
        judges = max(_JUDGES * size_of(client), sum(part.size for part in parts) // _HAND)
        dealt = [client.submit(deal, part, judges, world, pure=False) for part in parts]
        told = [client.submit(summary, one, pure=False) for one in dealt]
        return _judged(client, parts, dealt, told, settings, judges, read)


def _judged(
    client: Any,
    parts: Sequence[Part],
    dealt: Sequence[Any],
    told: Sequence[Any],
    settings: Settings,
    judges: int,
    read: Callable[[int], None],
) -> Tally:
    tally, offsets = Tally(), dict.fromkeys((part.source for part in parts), 0)
    places: list[tuple[int, int]] = []
    for part, future in zip(parts, told, strict=True):
        lines, found = future.result()
        places.append((part.source, offsets[part.source]))
        tally.merge(found.moved(offsets[part.source]))
        offsets[part.source] += lines
        read(part.size)
    verdicts = []
    for number in range(judges):
        hands = [client.submit(hand, one, number, pure=False) for one in dealt]
        verdicts.append(client.submit(judge, settings, places, hands, pure=False))
    for future in verdicts:
        tally.merge(future.result())
    return tally


# What workers do ------------------------------------------------------------------------------------------


def deal(part: Part, judges: int, world: frozenset[str]) -> Dealt:
    """Deals the lines of a part out by session."""
    tally, line = Tally(), 0
    numbers, texts = [array("q") for _ in range(judges)], [list[bytes]() for _ in range(judges)]
    with closing(part.open()) as stream:
        for piece in pieces(stream, part.source, tally, world):
            if isinstance(piece, TooLong):
                _note(tally, part.source, piece)
                line = piece.line
                continue
            found = piece.data.removesuffix(b"\n").split(b"\n") if isinstance(piece, Block) else [piece.data]
            for number, text in enumerate(found, piece.line):
                if text.strip(b" \t\r"):
                    to = _judge_of(text, judges)
                    numbers[to].append(number)
                    texts[to].append(text)
            line = piece.line + len(found) - 1
    hands = (Hand(one, b"\n".join(lines)) for one, lines in zip(numbers, texts, strict=True))
    return Dealt(tuple(hands), line, tally)


class _Who(msgspec.Struct, gc=False):
    session: str = ""
    device: str | None = None


_who = msgspec.json.Decoder(_Who)


def _judge_of(text: bytes, judges: int) -> int:
    """Which judge gets a line: one for all lines of a session; the first for lines that tell of none."""
    try:
        who = _who.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
    return zlib.crc32(f"{who.session}\0{who.device or ''}".encode()) % judges


def _note(tally: Tally, source: int, piece: TooLong) -> None:
    for number, line in read_line(piece):
        tally.lines += 1
        tally.unreadable += 1
        tally.note("unreadable", f"{line.found}. {line.remedy}", source, number)  # type: ignore[union-attr]


def summary(dealt: Dealt) -> tuple[int, Tally]:
    """How many lines a part has, and what was found in it on the way."""
    return dealt.lines, dealt.tally


def hand(dealt: Dealt, number: int) -> Hand:
    """What one judge gets of a part."""
    return dealt.hands[number]


def judge(settings: Settings, places: Sequence[tuple[int, int]], hands: Sequence[Hand]) -> Tally:
    """What the sessions of one judge show."""
    checker = Checker(settings)
    for (source, offset), one in zip(places, hands, strict=True):
        if one.data:
            checker.scattered(source, [offset + number for number in one.numbers], one.data)
    return checker.finish()
