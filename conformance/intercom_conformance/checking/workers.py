"""Checks traces in several processes of one machine: lines are dealt out by session, each process judges its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from multiprocessing.connection import Connection

from intercom_conformance.checking.checker import Checker, Settings
from intercom_conformance.checking.dealing import Dealer, Hand, note_too_long
from intercom_conformance.checking.running import Opening, Reading, opened_bytes, pieces
from intercom_conformance.checking.tally import Tally
from intercom_conformance.crews import worker
from intercom_conformance.validation.records import TooLong
from intercom_conformance.validation.workers import WorkerDied

__all__ = ["checked_by_workers"]


def checked_by_workers(
    names: Sequence[str],
    settings: Settings,
    size: int,
    read: Callable[[int], None],
    opening: Opening = opened_bytes,
) -> Tally:
    """What the traces in these files and URLs show: the same that `checked` tells, by so many processes.

    Raises:
        UsageProblem: one cannot be opened, or needs an extra that is not installed.
        WorkerDied: a process ended on its own.
    """
    tally, reading = Tally(), Reading.of(settings)
    with ExitStack() as stack:
        pipes = [stack.enter_context(worker(_work, settings)) for _ in range(size)]
        for number, name in enumerate(names):
            stream = stack.enter_context(closing(opening(name, read)))
            for piece in pieces(stream, number, tally, reading):
                if isinstance(piece, TooLong):
                    note_too_long(tally, number, piece)
                else:
                    dealer = Dealer(size)
                    dealer.add(piece)
                    _hand_out(pipes, number, dealer.hands())
        _hand_out(pipes, -1, [None] * size)
        for pipe in pipes:
            tally.merge(_received(pipe))
    return tally


def _hand_out(pipes: Sequence[Connection], source: int, hands: Sequence[Hand | None]) -> None:
    try:
        for pipe, hand in zip(pipes, hands, strict=True):
            if hand is None or hand.numbers:
                pipe.send((source, hand))
    except OSError:
        raise WorkerDied("A process that checked traces ended on its own") from None


def _received(pipe: Connection) -> Tally:
    try:
        found: Tally = pipe.recv()
    except (EOFError, OSError):
        raise WorkerDied("A process that checked traces ended on its own") from None
    return found


def _work(pipe: Connection, settings: Settings) -> None:
    try:
        checker = Checker(settings)
        source, hand = pipe.recv()
        while hand is not None:
            checker.scattered(source, hand.numbers, hand.data)
            source, hand = pipe.recv()
        pipe.send(checker.finish())
    except (EOFError, OSError, KeyboardInterrupt):
        return
