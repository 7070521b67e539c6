"""Hunts many mutants in several processes. A worker ends with its pipe, so that none outlives the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from typing import Any

import attrs

from intercom_conformance.crews import worker
from intercom_conformance.mutants.ammunition import Shot, recorded
from intercom_conformance.mutants.hunting import Fate, Hunter
from intercom_conformance.mutants.mutant import Mutant
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings
from intercom_conformance.validation.workers import WorkerDied

__all__ = ["Hunt"]

_DIED = WorkerDied("A process that played mutants ended on its own", "Run it again; with --workers 1 to see why.")


@attrs.frozen
class Hunt:
    """What is hunted: mutants of the specification in a folder (None for the embedded one), by a suite's settings."""

    folder: str | None
    mutants: tuple[Mutant, ...]
    settings: Settings = attrs.field(factory=Settings)
    workers: int = 1

    def fates(self) -> Iterator[Fate]:
        """What becomes of each mutant, as soon as it is known, in no certain order."""
        shots = recorded(load_specification(self.folder), self.settings)
        size = min(self.workers, len(self.mutants))
        if size <= 1:
            hunter = Hunter(load_specification(self.folder), shots, self.settings)
            yield from map(hunter.hunt, self.mutants)
            return
        with ExitStack() as stack:
            pipes = [stack.enter_context(worker(_work, self.folder, shots, self.settings)) for _ in range(size)]
            yield from _shared(pipes, self.mutants)


def _work(pipe: Connection, folder: str | None, shots: Sequence[Shot], settings: Settings) -> None:
    try:
        hunter = Hunter(load_specification(folder), shots, settings)
        while True:
            pipe.send(hunter.hunt(pipe.recv()))
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _shared(pipes: Sequence[Connection], mutants: Sequence[Mutant]) -> Iterator[Fate]:
    left, at_work = list(reversed(mutants)), set[Any]()
    for pipe in pipes:
        pipe.send(left.pop())
        at_work.add(pipe)
    while at_work:
        ready: list[Any] = list(wait(list(at_work)))
        for pipe in ready:
            try:
                fate: Fate = pipe.recv()
                at_work.remove(pipe)
                if left:
                    pipe.send(left.pop())
                    at_work.add(pipe)
            except (EOFError, OSError):
                raise _DIED from None
            yield fate
