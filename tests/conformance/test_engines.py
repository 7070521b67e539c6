"""A cluster of real processes finds what one process finds, to the byte, even if one of them is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

from intercom_conformance import cli
from intercom_conformance.engines import ranges
from intercom_conformance.engines.cluster import cluster
from intercom_conformance.exits import UsageProblem

pytestmark = pytest.mark.filterwarnings("default")  # what dask's processes warn of is no concern of this project


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two processes; both sides cut files into parts of 2,000 bytes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "SIZE", 2_000)


def output(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(list(words))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err, shown.err
    return code, shown.out


def traces(path: Path, sessions: int) -> Path:
    """Sessions that are interleaved: every third one has an event after its logout; some lines are broken."""
    calls: list[dict[str, Any]] = [
        {"happening": "reset"},
        {"call": "loginUnidentifiedUser", "arguments": [], "outcome": "success"},
        {"call": "loginUserWithUserAttributes", "arguments": [{"userId": "1"}], "outcome": "success"},
        {"call": "logEvent", "arguments": ["e"], "outcome": "success"},
        {"call": "logout", "arguments": [], "outcome": "success"},
        {"call": "logEvent", "arguments": [""], "outcome": "success"},
    ]
    lines = [
        json.dumps({"session": f"s{number}", "seq": seq, **one})
        for seq, one in enumerate(calls)
        for number in range(sessions)
        if seq < 5 or number % 3 == 0
    ]
    lines[7:7] = ["", '{"session": "s1", "call": "logot"}', "{"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_traces_are_judged_alike(
    tmp_path: Path, address: str, small_parts: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text and JSON of a check are the same from a cluster as from one process, whatever stands in the lines."""
    path = str(traces(tmp_path / "calls.ndjson", 60))
    for form in ("text", "json"):
        alone = output(capsys, "check", path, "--format", form)
        assert alone[0] == 1
        assert output(capsys, "check", path, "--format", form, "--engine", f"dask={address}") == alone


def test_payloads_are_judged_alike(
    tmp_path: Path, address: str, small_parts: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text and JSON of a validation are the same from a cluster, over a URL too, and for forms that cannot be cut."""
    records = [{"name": f"e{number}"} if number % 7 else {"name": 3} for number in range(300)]
    lines = tmp_path / "events.ndjson"
    lines.write_text("\n\n".join(map(json.dumps, records)), encoding="utf-8")
    array = tmp_path / "events.json"
    array.write_text(json.dumps(records, indent=1), encoding="utf-8")
    for names in ([str(lines)], [f"file://{lines}"], [str(array)], [str(array), str(lines)]):
        for form in ("text", "json"):
            alone = output(capsys, "validate", "event", *names, "--format", form)
            assert alone[0] == 1
            assert output(capsys, "validate", "event", *names, "--format", form, "--engine", f"dask={address}") == alone


def test_a_killed_worker_costs_nothing(
    tmp_path: Path, address: str, small_parts: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a worker killed in the middle nothing is lost and nothing counted twice."""
    path = str(traces(tmp_path / "calls.ndjson", 600))
    alone = output(capsys, "check", path, "--format", "json")
    with Client(address) as client:
        victim = next(iter(client.run(os.getpid).values()))
        killed = threading.Event()

        def kill() -> None:
            while not any(client.processing().values()) and not killed.wait(0.01):
                continue
            time.sleep(0.3)
            os.kill(victim, signal.SIGKILL)
            killed.set()

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        together = output(capsys, "check", path, "--format", "json", "--engine", f"dask={address}")
        assert killed.is_set(), "the work was done before the worker was killed"
        killer.join()
        assert victim not in client.run(os.getpid).values()
    assert together == alone


@pytest.mark.parametrize("engine", ["spark", "dask=", "local=1"])
def test_an_unknown_engine_is_refused(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An engine that there is not is an error of usage that names those there are."""
    assert cli.main(["check", "nothing.ndjson", "--engine", engine]) == 4
    assert "local, dask, or dask=tcp://HOST:PORT" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_an_error_of_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for a cluster that is not there."""
    path = str(traces(tmp_path / "calls.ndjson", 1))
    assert cli.main(["check", path, "--engine", "dask=tcp://127.0.0.1:9"]) == 4
    assert "No dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_work_that_no_worker_survives_is_told() -> None:
    """What ends every worker that takes it up is an error of usage in the end, with what to do."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as one,
        pytest.raises(UsageProblem, match="Give each worker more memory"),
        cluster(f"dask={one.scheduler_address}") as client,
    ):
        client.submit(os._exit, 1).result()


def _closed_while_waiting(one: LocalCluster, client: Client) -> None:
    Timer(0.5, one.close).start()
    client.submit(time.sleep, 60).result()


def test_a_cluster_that_goes_away_is_told() -> None:
    """A scheduler that is stopped in the middle ends the work with a line, not with a wait."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as one,
        pytest.raises(UsageProblem, match="went away in the middle"),
        cluster(f"dask={one.scheduler_address}") as client,
    ):
        _closed_while_waiting(one, client)


def test_a_cluster_reads_no_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    """What only this process can read is not sent anywhere in silence."""
    assert cli.main(["check", "-", "--engine", "dask"]) == 4
    assert "A cluster cannot read the standard input" in capsys.readouterr().err
