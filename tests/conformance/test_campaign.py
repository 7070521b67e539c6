"""A campaign is many seeds as one run: merged without loss, with failing traces shared between its seeds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from intercom_conformance import cli
from intercom_conformance.engines.campaign import seeds_of
from intercom_conformance.exits import UsageProblem
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.remembered import Remembered, database
from intercom_conformance.trace import Step, to_document

FAKE = """
class Fake:
    binding = {"name": "fake", "version": "1", "capabilities": ["session", "log-event"]}
    def logEvent(self, name=None, metadata=None, success=None, error=None): success and success()
    def logout(self, success=None, error=None): success and success()
    def loginUnidentifiedUser(self, options=None, success=None, error=None): success and success()
    def loginUserWithUserAttributes(self, attributes=None, success=None, error=None): success and success()
"""
TRACE = (Step("logEvent", ("e",)),)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "campaign_fake.py").write_text(FAKE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """A real Redis server, ended with the tests."""
    program = shutil.which("redis-server")
    assert program, "redis-server is missing; install it"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the Redis server does not answer")


def test_a_campaign_is_the_runs_of_its_seeds(fake: Path) -> None:
    """Every check is there once for each seed, told as a run with that seed tells it."""
    words = ["py:campaign_fake:Fake", "--examples", "2"]
    assert cli.main(["campaign", *words, "--seeds", "3:5", "--events", "whole.ndjson"]) == 1
    whole = _checks(fake / "whole.ndjson")
    for seed in (3, 4):
        assert cli.main(["run", *words, "--family", "sequence", "--seed", str(seed), "--events", "one.ndjson"]) == 1
        for name, one in _checks(fake / "one.ndjson").items():
            assert whole.pop(f"{name}@{seed}") | {"id": name, "seconds": 0} == one | {"seconds": 0}
    assert not whole
    assert cli.main(["report", "whole.ndjson", "--format", "junit"]) == 0


def _checks(path: Path) -> dict[str, dict[str, object]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[-1]["event"] == "footer"
    return {line["id"]: line for line in lines if line["event"] == "check"}


def test_a_folder_keeps_what_failed_for_the_next_seed(fake: Path) -> None:
    """What one seed has found is played first by the next, even if that one makes next to nothing up."""
    spec = load_specification()
    kept = Remembered(database(str(fake / "db")), spec, "fake")
    assert (
        cli.main(["run", "py:campaign_fake:Fake", "--family", "sequence", "--examples", "30", "--database", "db"]) == 1
    )
    assert list(kept.traces())
    other = ["run", "py:campaign_fake:Fake", "-k", "sequence/plain", "--examples", "1", "--seed", "9"]
    found = {name: _faults(fake, [*other, *words]) for name, words in (("alone", []), ("shared", ["--database", "db"]))}
    assert found["alone"] < found["shared"]


def _faults(folder: Path, words: list[str]) -> set[str]:
    assert cli.main([*words, "--events", "run.ndjson"]) in (0, 1, 5)
    checks = _checks(folder / "run.ndjson").values()
    return {str(finding["id"]) for check in checks for finding in check["findings"]}  # type: ignore[attr-defined]


def test_a_redis_server_keeps_what_failed(redis: str) -> None:
    """Two runs that know nothing of each other but a Redis server share what failed, binding by binding."""
    spec = load_specification()
    Remembered(database(redis), spec, "one").add(TRACE)
    Remembered(database(redis), spec, "one").add(TRACE)
    assert [to_document(one) for one in Remembered(database(redis), spec, "one").traces()] == [to_document(TRACE)]
    assert not list(Remembered(database(redis), spec, "other").traces())


# On a cluster -------------------------------------------------------------------------------------


@pytest.fixture
def cluster(fake: Path) -> Iterator[str]:
    """A cluster of two processes that work in the folder of the fake."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as two:
        yield two.scheduler_address


def _campaign(folder: Path, *words: str) -> dict[str, dict[str, object]]:
    assert cli.main(["campaign", "py:campaign_fake:Fake", *words, "--events", "whole.ndjson"]) in (0, 1)
    lines = map(json.loads, (folder / "whole.ndjson").read_text(encoding="utf-8").splitlines())
    checks = _checks(folder / "whole.ndjson")
    assert len(checks) == sum(line["event"] == "check" for line in lines), "a check was told twice"
    return {name: one | {"seconds": 0} for name, one in checks.items()}


@pytest.mark.filterwarnings("default")  # what dask's processes warn of is no concern of this project
def test_a_killed_worker_costs_a_campaign_nothing(fake: Path, cluster: str) -> None:
    """With a worker killed in the middle every seed is told once, as it is told without a cluster."""
    words = ["--seeds", "0:4", "--examples", "2"]
    alone = _campaign(fake, *words)
    with Client(cluster) as client:
        victim = client.run(os.getpid)
        killer = threading.Thread(target=_kill_at_work, args=(client, victim), daemon=True)
        killer.start()
        together = _campaign(fake, *words, "--engine", f"dask={cluster}")
        killer.join(60)
        assert len({*victim.values()} & {*client.run(os.getpid).values()}) == 1, "no worker was killed"
    assert together == alone
    assert {name.rpartition("@")[2] for name in together} == set("0123")


def _kill_at_work(client: Client, workers: dict[str, int]) -> None:
    """Kills the first worker that is seen to work on a seed that no other one can have done."""
    while not (busy := [place for place, tasks in client.processing().items() if tasks]):
        time.sleep(0.02)
    time.sleep(0.3)
    os.kill(workers[busy[0]], signal.SIGKILL)


@pytest.mark.filterwarnings("default")  # what dask's processes warn of is no concern of this project
def test_what_one_worker_finds_the_others_play(fake: Path, cluster: str, redis: str) -> None:
    """Both workers fail with what one of them has found before, if a Redis server hands it on, and only then."""
    on, shared = ["--engine", f"dask={cluster}"], ["--database", redis]
    first = _found(_campaign(fake, *on, *shared, "--seeds", "3:4", "--examples", "20"), "3")
    alone, together = (_campaign(fake, *on, *more, "--seeds", "9:11", "--examples", "1") for more in ([], shared))
    for seed in ("9", "10"):
        assert first
        assert not first <= _found(alone, seed)
        assert first <= _found(together, seed)


def _found(checks: dict[str, dict[str, object]], seed: str) -> set[str]:
    some = [one for name, one in checks.items() if name.endswith(f"@{seed}")]
    return {str(finding["id"]) for check in some for finding in check["findings"]}  # type: ignore[attr-defined]


def test_what_is_no_trace_is_passed_over(tmp_path: Path) -> None:
    """A database that others write to as well breaks nothing."""
    kept = Remembered(database(str(tmp_path)), load_specification(), "one")
    for text in (b"\xff", b"3", b'[{"nothing": []}]', b"[{}]", b"[3]"):
        kept.database.save(kept._key, text)
    kept.add(TRACE)
    assert [to_document(one) for one in kept.traces()] == [to_document(TRACE)]


def test_a_server_that_does_not_answer_is_an_error_of_usage_without_its_password() -> None:
    """Nothing is run when what it finds could not be kept; the password of the URL is not shown."""
    with pytest.raises(UsageProblem) as told:
        database("redis://:hidden-word@127.0.0.1:1/0")
    assert "redis://127.0.0.1:1/0" in str(told.value)
    assert "hidden-word" not in str(told.value)


@pytest.mark.parametrize("text", ["", "3", "5:5", "7:3", "a:b", "-1:2"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    """A campaign of nothing is no campaign."""
    with pytest.raises(UsageProblem, match="names no seeds"):
        seeds_of(text)
