"""A dask cluster to work on: one of two or more processes on this machine, or one that runs elsewhere already."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from intercom_conformance.engines import known_engine
from intercom_conformance.exits import UsageProblem, missing_extra

__all__ = ["Task", "cluster", "in_order", "size_of"]

Task = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function, and what it is called with."""

_AHEAD = 4
"""Tasks for each worker that are handed out before the first of them is done."""


@contextmanager
def cluster(engine: str) -> Iterator[Any]:
    """A client of the cluster that an engine names, closed in any case.

    Raises:
        UsageProblem: it does not answer or does not last, or the extra is not installed.
    """
    known_engine(engine)
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise missing_extra("dask", "The engine dask") from None
    address = engine.partition("=")[2]
    with ExitStack() as stack:
        if not address:
            size = max(2, os.cpu_count() or 2)
            ways = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
            address = stack.enter_context(LocalCluster(n_workers=size, **ways))
        try:
            client = stack.enter_context(Client(address, timeout="10s"))
        except (OSError, ValueError) as error:
            problem = f"No dask scheduler answers at {engine.partition('=')[2]} ({error})"
            raise UsageProblem(problem, "Start one with 'dask scheduler', or leave the address out.") from None
        with _failures_told():
            yield client


@contextmanager
def _failures_told() -> Iterator[None]:
    """Tells what becomes of a cluster that cannot go on; what one worker leaves is done by another before that."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except KilledWorker:
        raise UsageProblem(
            "One piece of work was the end of several workers", "Give each worker more memory, and look into its log."
        ) from None
    except (CancelledError, CommClosedError):
        raise UsageProblem(
            "The cluster went away in the middle", "See that its scheduler runs, and start anew."
        ) from None


def size_of(client: Any) -> int:
    """How many workers a cluster has, two at least."""
    return max(2, len(client.scheduler_info(n_workers=-1)["workers"]))


def in_order(client: Any, tasks: Iterator[Task] | Sequence[Task]) -> Iterator[Any]:
    """The results of tasks, in their order; those of a worker that dies are made again by another.

    A result is known by its task, so that none is lost and none counts twice, however often it was made.
    """
    waiting: list[Any] = []
    most = _AHEAD * size_of(client)
    for function, arguments in tasks:
        waiting.append(client.submit(function, *arguments, pure=False))
        if len(waiting) >= most:
            yield waiting.pop(0).result()
    while waiting:
        yield waiting.pop(0).result()
