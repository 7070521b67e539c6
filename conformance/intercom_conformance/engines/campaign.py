"""Runs the suite with one seed after another, here or on a cluster, and joins the streams into that of the whole.

Each seed is a run of its own, in a process of its own. A check is known by its id and its seed, so that nothing counts
twice; what a seed found is given to the others through a shared database, if there is one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance import events
from intercom_conformance.engines import known_engine
from intercom_conformance.events import Stream
from intercom_conformance.exits import Exit, UsageProblem
from intercom_conformance.merging import merge
from intercom_conformance.specification import Specification

__all__ = ["NoStream", "run_campaign", "seeds_of"]


@attrs.frozen(str=False)
class NoStream(UsageProblem):
    """A run that left no stream, because it could not begin: its exit code and what it said."""

    code: Exit = Exit.INTERNAL


def seeds_of(text: str) -> range:
    """The seeds that ``FROM:TO`` names, the last one left out, as in Python.

    Raises:
        UsageProblem: it names none.
    """
    first, colon, last = text.partition(":")
    if colon and first.isdecimal() and last.isdecimal() and int(first) < int(last):
        return range(int(first), int(last))
    raise UsageProblem(f"{text!r} names no seeds", "Write FROM:TO, such as 0:100 for a hundred of them.")


def run_campaign(
    words: Sequence[str],
    seeds: Sequence[int],
    engine: str,
    spec: Specification,
    catalogue: Sequence[str],
    done: Callable[[events.Document], None],
) -> Stream:
    """The stream of all seeds together, the checks of each seed under ids with the seed.

    Args:
        words: the connector and the options that every run gets.
        seeds: the seeds.
        engine: where the runs are done.
        spec, catalogue: what is run.
        done: is told of each check, when its seed is done.

    Raises:
        NoStream: a run could not begin.
    """
    shards: dict[str, Stream] = {}
    for seed, text in zip(seeds, _texts(words, seeds, engine), strict=True):
        shard = shards[f"seed {seed}"] = _with_seed(events.read(text.splitlines()), seed, seeds[0])
        for document in shard.results:
            done(document)
    order = [f"{name}@{seed}" for seed in seeds for name in catalogue]
    return merge(shards, spec, order)


def _texts(words: Sequence[str], seeds: Sequence[int], engine: str) -> Iterator[str]:
    tasks = ((run_seed, (tuple(words), seed)) for seed in seeds)
    if known_engine(engine) == "local":
        results: Iterator[Any] = (function(*arguments) for function, arguments in tasks)
        yield from map(_text, results)
        return
    from intercom_conformance.engines.cluster import cluster, in_order

    with cluster(engine) as client:
        yield from map(_text, in_order(client, tasks))


def _text(result: tuple[int, str, str]) -> str:
    code, text, said = result
    if not text:
        why = said.strip() or f"exit code {code}"
        raise NoStream(f"A run could not begin ({why})", "Try it alone: intercom-conformance run.", Exit(code))
    return text


def run_seed(words: Sequence[str], seed: int) -> tuple[int, str, str]:
    """One run in a process of its own: its exit code, its event stream, and what it said if it has none."""
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "events.ndjson"
        command = [sys.executable, "-m", "intercom_conformance", "run", *words, "--seed", str(seed)]
        ended = subprocess.run(
            [*command, "--events", str(stream), "--format", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        text = stream.read_text(encoding="utf-8") if stream.exists() else ""
        return ended.returncode, text, ended.stderr.decode(errors="replace")


def _with_seed(stream: Stream, seed: int, first: int) -> Stream:
    """The stream of one seed as a shard of the campaign."""
    results = tuple({**one, "id": f"{one['id']}@{seed}"} for one in stream.results)
    return attrs.evolve(stream, header={**stream.header, "seed": first}, results=results)
