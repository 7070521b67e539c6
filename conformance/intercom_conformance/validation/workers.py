"""Judges the blocks of a source in several processes; the tallies come in the order of the blocks.

A worker reads blocks from its pipe and ends with it, so that none outlives the program. One that dies takes its
block along, and that is told: no verdict is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

import attrs

from intercom_conformance.crews import worker
from intercom_conformance.drivers.protocol import DriverError
from intercom_conformance.validation.judging import Judge, Settings
from intercom_conformance.validation.records import Block, Record, TooLong
from intercom_conformance.validation.tally import Tally

__all__ = ["WorkerDied", "Workers", "crew"]

Piece = Block | Record | TooLong
_GATHERED = 1000


@attrs.frozen(str=False)
class WorkerDied(DriverError):
    """A worker ended in the middle of its work."""

    problem: str = "A process that judged records ended on its own"
    remedy: str = "Run it again; with --workers 1 if there is too little memory."

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


@contextmanager
def crew(settings: Settings, size: int) -> Iterator[Workers]:
    """A crew of worker processes, ended in any case."""
    with ExitStack() as stack:
        yield Workers([stack.enter_context(worker(_work, settings)) for _ in range(size)])


def _work(pipe: Connection, settings: Settings) -> None:
    judge = Judge(settings)
    try:
        while True:
            source, pieces = pipe.recv()
            tally = Tally(settings.keep)
            for piece in pieces:
                tally.merge(judge.piece(source, piece))
            pipe.send(tally)
    except (EOFError, OSError, KeyboardInterrupt):
        return


@attrs.frozen
class Workers:
    """The pipes to the workers of a crew."""

    pipes: list[Connection]

    def pieces(self, source: str, pieces: Iterator[Piece]) -> Iterator[Tally]:
        """A tally of each portion of a source, in order."""
        free = list(self.pipes)
        at_work: dict[Any, int] = {}
        done: dict[int, Tally] = {}
        following = 0
        for number, portion in enumerate(_portions(pieces)):
            if not free:
                free += _finished(at_work, done)
            pipe = free.pop()
            at_work[pipe] = number
            _send(pipe, (source, portion))
            while following in done:
                yield done.pop(following)
                following += 1
        while at_work:
            _finished(at_work, done)
        yield from (done[number] for number in sorted(done))


def _portions(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Pieces worth sending: a block alone, small records together."""
    gathered: list[Piece] = []
    for piece in pieces:
        gathered.append(piece)
        if not isinstance(piece, Record) or len(gathered) >= _GATHERED:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _send(pipe: Connection, message: object) -> None:
    try:
        pipe.send(message)
    except OSError:
        raise WorkerDied from None


def _finished(at_work: dict[Any, int], done: dict[int, Tally]) -> list[Any]:
    """Waits for workers to finish what they do; those that did."""
    ready: list[Any] = list(wait(list(at_work)))
    for pipe in ready:
        try:
            done[at_work.pop(pipe)] = pipe.recv()
        except (EOFError, OSError):
            raise WorkerDied from None
    return ready
