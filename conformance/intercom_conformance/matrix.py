"""Runs the suite over several bindings side by side: each run is a process of its own, and its event stream the result.

A run that is killed, or cannot start, leaves its column with the reason; the others go on. Interrupted, the processes
are told to end as Ctrl-C would, and have ended when the interruption goes on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

from intercom_conformance import events
from intercom_conformance.exits import Exit

__all__ = ["Column", "Job", "run_all"]

_PAUSE = 0.2
"""Seconds between two looks at what the runs have written."""

_GRACE = 10.0
"""Seconds that a run has to end after it was told to."""


@attrs.frozen
class Job:
    """One run: the binding, where its events go, and the options that every run gets."""

    connector: str
    stream: Path
    options: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """The command line of the run."""
        kit = [sys.executable, "-m", "intercom_conformance"]
        return [*kit, "run", self.connector, "--events", str(self.stream), "--format", "json", *self.options]


@attrs.frozen
class Column:
    """What became of one run: its exit code, and its stream or the reason why there is none."""

    connector: str
    code: Exit
    stream: events.Stream | None
    why: str = ""

    @property
    def name(self) -> str:
        """The connector without the prefix that all npm packages share."""
        return self.connector.removeprefix("npm:")

    def verdict(self, requirement: str) -> str:
        """The verdict of a requirement; ``not run`` if the run has no end."""
        footer = self.stream.footer if self.stream else None
        return str(footer["requirements"].get(requirement, {}).get("verdict", "not run")) if footer else "not run"


@attrs.define
class _Running:
    job: Job
    process: subprocess.Popen[str]
    log: IO[str]
    read: int = 0

    def news(self) -> Iterator[Any]:
        """The events that were written since the last look."""
        if not self.job.stream.exists():
            return
        with self.job.stream.open(encoding="utf-8") as file:
            file.seek(self.read)
            while (line := file.readline()).endswith("\n"):
                self.read += len(line.encode())
                yield json.loads(line)

    def column(self) -> Column:
        """The result, once the process has ended."""
        code = _exit(self.process.returncode)
        self.log.seek(0)
        why = self.log.read().strip()
        self.log.close()
        try:
            return Column(self.job.connector, code, events.read(self.job.stream), why)
        except (OSError, events.BadStream) as error:
            return Column(self.job.connector, code, None, why or str(error))


def _exit(code: int) -> Exit:
    try:
        return Exit(code)
    except ValueError:
        return Exit.INTERNAL


def run_all(jobs: Sequence[Job], workers: int, done: Callable[[Any], None]) -> list[Column]:
    """The columns of all runs, in the order of the jobs; `done` hears of the event of every check as it comes.

    Args:
        jobs: the runs.
        workers: how many run at a time.
        done: takes the event of a check.
    """
    waiting = list(jobs)
    running: list[_Running] = []
    columns: dict[Job, Column] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(_started(waiting.pop(0)))
            time.sleep(_PAUSE)
            for one in list(running):
                ended = one.process.poll() is not None
                for event in one.news():
                    if event["event"] == "check":
                        done(event)
                if ended:
                    running.remove(one)
                    columns[one.job] = one.column()
    finally:
        _end(running)
    return [columns[job] for job in jobs]


def _started(job: Job) -> _Running:
    import tempfile

    log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed with the run
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        job.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=environment, text=True
    )
    return _Running(job, process, log)


def _end(running: Sequence[_Running]) -> None:
    for one in running:
        one.process.terminate()
    for one in running:
        try:
            one.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
        one.log.close()
