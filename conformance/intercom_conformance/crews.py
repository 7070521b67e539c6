"""A worker process at the other end of a pipe, ended in any case."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["worker"]

_PATIENCE = 5
"""Seconds in which a worker may end by itself, once its pipe is closed."""


@contextmanager
def worker(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """The near end of the pipe of a process that does `work`, which is given the far end and the arguments."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(timeout=_PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
