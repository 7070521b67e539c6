"""Checks traces on a cluster: lines are dealt out by session, and each session is judged whole by one task.

1. *Deal*: every part of every source is read by a worker and dealt into as many hands as there are judges.
2. *Judge*: each judge takes its hand of every part, in their order, with the lines numbered as in the source.
3. *Merge*: tallies of different sessions add up to the same result in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance.checking import Checker, Settings, Tally
from intercom_conformance.checking.dealing import Dealer, Hand, note_too_long
from intercom_conformance.checking.running import Reading, pieces
from intercom_conformance.engines.cluster import cluster, size_of
from intercom_conformance.engines.ranges import Part, parts_of, rooted
from intercom_conformance.validation.records import TooLong

__all__ = ["checked_by_dask"]

_JUDGES, _HAND = 4, 64 << 20
"""Judges for each worker at least, and bytes that one judge gets at most, about."""


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
    reading = Reading.of(settings)
    parts = [part for number, name in enumerate(names) for part in parts_of(number, rooted(name))]
    with cluster(engine) as client:
        judges = max(_JUDGES * size_of(client), sum(part.size for part in parts) // _HAND)
        dealt = [client.submit(deal, part, judges, reading, pure=False) for part in parts]
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


def deal(part: Part, judges: int, reading: Reading) -> Dealt:
    """Deals the lines of a part out by session."""
    tally, line, dealer = Tally(), 0, Dealer(judges)
    with closing(part.open()) as stream:
        for piece in pieces(stream, part.source, tally, reading):
            if isinstance(piece, TooLong):
                note_too_long(tally, part.source, piece)
                line = piece.line
            else:
                line = piece.line + dealer.add(piece) - 1
    return Dealt(dealer.hands(), line, tally)


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
