"""Measures validation against a bare loop of orjson and jsonschema-rs: ``python benchmarks/validation.py [MEGABYTES]``.

Ratios within one run are what to compare: each is taken from neighbouring measurements, and the median is told.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from intercom_conformance.validation import Judge, Settings
from intercom_conformance.validation.records import lines
from intercom_conformance.validation.workers import crew
from intercom_reference import payloads

ROUNDS = 7


def user(number: int) -> dict[str, Any]:
    company = {"id": f"c{number % 100}", "name": "Acme", "createdAt": 1621844451, "monthlySpend": 100, "plan": "pro"}
    own = {"paid_subscriber": True, "monthly_spend": 155.5, "team_mates": 3, "last_order_at": 1621844451}
    person = {"userId": f"user-{number}", "email": f"user{number}@example.com", "name": "Ada Lovelace"}
    return {**person, "signedUpAt": 1621844451 + number, "companies": [company], "customAttributes": own}


def event(number: int) -> dict[str, Any]:
    order = {"value": "3434-3434", "url": "https://example.org/orders/3434-3434"}
    metadata = {"order_date": 1392036272 + number, "stripe_invoice": "inv_3434343434", "order_number": order}
    return {"name": "order-item", "metadata": {**metadata, "price": {"amount": 34999, "currency": "eur"}}}


MADE: dict[str, Callable[[int], dict[str, Any]]] = {"user-attributes": user, "event": event}
WRITTEN: dict[str, Callable[[Any], bytes]] = {"compact": orjson.dumps, "spaced": lambda one: json.dumps(one).encode()}


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.ndjson"
        for kind in MADE:
            for form in WRITTEN:
                written(path, kind, form, 5)
                for strict in (True, False):
                    of_bare(path, kind, form, strict)
        written(path, "event", "compact", megabytes)
        of_workers(path)
        of_memory(path)


def written(path: Path, kind: str, form: str, megabytes: int) -> None:
    """Writes records of a kind until the file has its size."""
    with path.open("wb") as file:
        number = 0
        while file.tell() < megabytes * 1_000_000:
            file.write(b"".join(WRITTEN[form](MADE[kind](one)) + b"\n" for one in range(number, number + 1000)))
            number += 1000


def of_bare(path: Path, kind: str, form: str, strict: bool) -> None:
    """The rate of this validation as a part of the rate of a bare loop with the same schema."""
    validator = payloads.compiled(kind, strict=strict)
    judge = Judge(Settings(kind, only_errors=not strict))

    def bare() -> None:
        with path.open("rb") as file:
            for line in file:
                assert validator.is_valid(orjson.loads(line))

    def ours() -> None:
        with path.open("rb") as file:
            assert not sum(tally.total for tally in judge.pieces("x", lines(file)))

    ours()
    ratio = statistics.median(seconds(bare) / seconds(ours) for _ in range(ROUNDS))
    rules = "MUST and SHOULD" if strict else "MUST"
    print(f"{kind}, {form}, {rules}: {ratio:.2f} of a bare loop of orjson and jsonschema-rs")


def of_workers(path: Path) -> None:
    """How much faster two processes are than one, without the time that they take to start.

    On a machine that does other things too, the processor time of the busiest process tells more than the clock.
    """
    settings = Settings("event")
    clock, busiest = [], []
    with crew(settings, 1) as one, crew(settings, 2) as two:
        for pieces in (one, two):
            measured(path, pieces)  # every worker has compiled its schemas
        for _ in range(ROUNDS):
            alone, shared = measured(path, one), measured(path, two)
            clock.append(alone[0] / shared[0])
            busiest.append(alone[1] / shared[1])
    told = f"{statistics.median(clock):.2f} times one by the clock, {statistics.median(busiest):.2f} times"
    print(f"two processes: {told} by the busiest process, on {os.cpu_count()} cores with load {os.getloadavg()[0]:.1f}")


def measured(path: Path, pieces: Any) -> tuple[float, float]:
    """Seconds that the records of a file take, and processor seconds of the process that has most to do."""
    before, begun = processor(), time.perf_counter()
    with path.open("rb") as file:
        assert not sum(tally.total for tally in pieces.pieces("x", lines(file)))
    clock, after = time.perf_counter() - begun, processor()
    return clock, max(after[pid] - before[pid] for pid in after)


def processor() -> dict[int | None, float]:
    """Processor seconds so far, of this process and of each worker."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = {}
    for pid in (os.getpid(), *(child.pid for child in multiprocessing.active_children())):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent[pid] = (int(fields[11]) + int(fields[12])) / ticks
    return spent


def of_memory(path: Path) -> None:
    """The most memory of a whole run over the file, and over its first tenth."""
    small = path.with_name("small.ndjson")
    with path.open("rb") as file, small.open("wb") as part:
        for _ in range(path.stat().st_size // 10 // 1_000_000):
            part.write(file.read(1_000_000))
    peaks = [peak(small), peak(path)]
    print(f"memory: {peaks[0]} MB for a tenth of the file, {peaks[1]} MB for {path.stat().st_size // 1_000_000} MB")


def peak(path: Path) -> int:
    """Megabytes that a process has had at most, which runs the command line over a file."""
    code = (
        f"from intercom_conformance import cli\ncli.main(['validate', 'event', {str(path)!r}])\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) // 1024


def seconds(work: Callable[[], None]) -> float:
    """Processor seconds, which other work on the machine does not lengthen as it does those of the clock."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
