"""How a command ends: each exit code, and each way in which other kits were green without reason."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cli_subjects
import pytest

from intercom_conformance import cli, events, explaining
from intercom_conformance.exits import Exit, verdict_of_run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUBJECT = f"cmd:{sys.executable} {HERE / 'cli_subjects.py'}"
LOGOUT = ["-k", "transition/logout-when-logged-out"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test runs in a folder of its own, where replay files may be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def weaker_specification(tmp_path: Path) -> str:
    """The specification, but logging out is a mere recommendation."""
    for name in ("spec", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / "other" / name)
    path = tmp_path / "other" / "spec" / "requirements.yaml"
    head, body = path.read_text(encoding="utf-8").split("  logout-ends-session:\n", 1)
    body = body.replace("level: MUST", "level: SHOULD", 1)
    path.write_text(f"{head}  logout-ends-session:\n{body}", encoding="utf-8")
    return str(tmp_path / "other")


# The codes ------------------------------------------------------------------------------------------------


def test_0_everything_is_as_specified(capsys: pytest.CaptureFixture[str]) -> None:
    """The reference conforms, and the report says how much was judged."""
    assert cli.main(["run", "-k", "scenario/logout"]) == 0
    assert "intercom-mobile-sdk 1.0 against reference 0.1.0: " in capsys.readouterr().out


def test_1_a_must_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """The fault is shown with its rule."""
    assert cli.main(["run", "py:cli_subjects:Forgetful", "-k", "scenario/sample-logout"]) == 1
    assert "FAILED  logout-ends-session  MUST   reference 0.1.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [("Mortal", "exit code 3"), ("Sleepy", "did not answer 'call'"), ("Babbler", "protocol was broken")],
)
def test_1_the_binding_goes_down_in_a_check(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A crash, a hang and a broken protocol are failures of the check in flight; the run goes on."""
    checks = [*LOGOUT, "-k", "scenario/sample-unidentified-login"]
    assert cli.main(["run", f"{SUBJECT} {name}", *checks, "--timeout", "1.5", "-v"]) == 1
    shown = capsys.readouterr().out
    assert told in shown
    assert "passed          scenario/sample-unidentified-login" in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_2_interrupted(number: int, elsewhere: Path) -> None:
    """What was done is kept, the stream has no footer, the summary says so, and no process is left."""
    pid = elsewhere / "pid"
    command = [sys.executable, "-m", "intercom_conformance.cli", "run", f"{SUBJECT} Registered {pid}"]
    process = subprocess.Popen([*command, "--events", "run.ndjson"], stdout=subprocess.PIPE, text=True, cwd=elsewhere)
    wait_for(lambda: len(lines(elsewhere / "run.ndjson")) > 5)
    process.send_signal(number)
    shown, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "INCOMPLETE: " in shown
    stream = events.read(elsewhere / "run.ndjson")
    assert not stream.complete
    assert len(stream.results) >= 4
    wait_for(lambda: is_gone(int(pid.read_text(encoding="utf-8"))))


def test_2_interrupted_before_the_first_check(elsewhere: Path) -> None:
    """Also while the driver starts: no traceback, no process left."""
    pid = elsewhere / "pid"
    command = [sys.executable, "-m", "intercom_conformance.cli", "run", f"{SUBJECT} Mute {pid}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=elsewhere)
    wait_for(pid.exists)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 2
    assert told == "Interrupted.\n"
    wait_for(lambda: is_gone(int(pid.read_text(encoding="utf-8"))))


def lines(path: Path) -> list[str]:
    """The lines that a file has so far."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def wait_for(condition: object, seconds: float = 60) -> None:
    """Waits until something holds."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether no process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_3_a_fault_of_the_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A short message, and how to see more; the traceback only if asked for."""

    def explode(*_: object) -> None:
        raise RuntimeError("the hash 635a71b21f73b397cb93bc1ddbbe200001a08b8782b1da2f793769bd916f1972 is odd")

    monkeypatch.setattr(explaining, "explanation", explode)
    assert cli.main(["explain", "3002"]) == 3
    told = capsys.readouterr().err
    assert told.startswith("A fault of this program: RuntimeError: the hash <digest-1> is odd\n")
    assert "--traceback" in told
    assert "Traceback" not in told
    assert cli.main(["--traceback", "explain", "3002"]) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the device that is always full is Linux's")
def test_3_the_disk_is_full(capsys: pytest.CaptureFixture[str]) -> None:
    """A stream that cannot be written ends the run; it is not called a success."""
    assert cli.main(["run", "-k", "scenario/logout", "--events", "/dev/full"]) == 3
    assert "The system refused: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rn"], "Did you mean 'run'?"),
        (["run", "--sed", "1"], "No such option: --sed"),
        (["run", "--seed", "one"], "Invalid value for '--seed'"),
        (["run", "--examples", "0"], "Invalid value for '--examples'"),
        (["run", "nope:"], "A connector starts with one of "),
        (["run", "py:cli_subjects:Forgetfull"], "cannot be used"),
        (["run", "-k", "logut"], "No check matches -k 'logut'. Did you mean 'logout'?"),
        (["run", "--requirement", "no-orphan"], "Did you mean 'no-orphan-on-logout'?"),
        (["run", "--requirement", "unique-user-ids"], "It binds the app that uses an SDK"),
        (["run", "--family", "scenaro"], "Did you mean 'scenario'?"),
        (["run", "-k", "hide", "--family", "sequence"], "No check matches all of -k hide, --family sequence"),
        (["run", "--events", "no/such/folder"], "cannot be written"),
        (["run", "--spec", "nowhere"], "there is no such folder"),
        (["explain", "no-orphan"], "Did you mean 'no-orphan-on-logout'?"),
        (["explain", "77777"], "Documented are: 400-599"),
        (["list", "chekcs"], "Invalid value"),
        (["replay", "7f3a91"], "There is no stored finding or file '7f3a91'"),
        (["validate", "logn", "/dev/null"], "logn"),
        (["smoke", "nope:"], "A connector starts with one of"),
    ],
)
def test_4_usage(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What was asked for does not exist: the nearest name, on the standard error output only."""
    assert cli.main(arguments) == 4
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


def test_4_a_broken_specification(weaker_specification: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A specification that breaks its schema is refused before anything is started."""
    path = Path(weaker_specification) / "spec" / "session.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("callback: either", "callback: maybe", 1))
    assert cli.main(["run", "--spec", weaker_specification]) == 4
    assert "spec/session.yaml" in capsys.readouterr().err


def test_5_nothing_was_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is unsupported: that is no success."""
    assert cli.main(["run", "py:cli_subjects:Humble", "-k", "scenario/logout"]) == 5
    assert "unsupported" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("connector", "told"),
    [
        ("cmd:/no/such/program", "is not started"),
        ("py:cli_subjects:Unlucky", "no licence"),
        (f"{SUBJECT} Dead", "no display found"),
        (f"cmd:{sys.executable} -c print(1)", "protocol"),
    ],
)
def test_6_not_started(connector: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The binding does not come up, or breaks the protocol before the first check."""
    assert cli.main(["run", connector, "-k", "scenario/logout"]) == 6
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


def test_6_smoke_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The step that fails comes with what to do."""
    assert cli.main(["smoke", f"{SUBJECT} Dead"]) == 6
    assert "FAILED  starts" in capsys.readouterr().out


def test_a_warning_fails_only_if_strict(weaker_specification: str) -> None:
    """A SHOULD that is broken: 0, and 1 with --strict."""
    run = ["run", "py:cli_subjects:Forgetful", "--spec", weaker_specification, "-k", "transition/logout"]
    narrow = [*run[:-1], "scenario/sample-logout"]
    assert cli.main(narrow) == 0
    assert cli.main([*narrow, "--strict"]) == 1


# False greens of other kits -------------------------------------------------------------------------------


def test_false_green_nothing_matched() -> None:
    """A selector that matches nothing is an error, not an empty success."""
    assert cli.main(["run", "-k", "no check has this in its name"]) == 4


def test_false_green_one_pattern_drops_the_others() -> None:
    """Of several selectors each has to match; those that do are all used."""
    assert cli.main(["run", "-k", "scenario/logout", "-k", "no check has this"]) == 4
    both = ["-k", "scenario/logout-of-nobody", "-k", "scenario/logout-without-a-network"]
    assert cli.main(["run", *both, "--events", "run.ndjson"]) == 0
    assert len(events.read("run.ndjson").results) == 2


def test_false_green_failures_reported_as_errors() -> None:
    """A broken requirement is a failure (1), a binding that does not start is none (6)."""
    assert cli.main(["run", "py:cli_subjects:Forgetful", "-k", "scenario/sample-logout"]) == 1
    assert cli.main(["run", "py:cli_subjects:Unlucky", "-k", "scenario/sample-logout"]) == 6


def test_false_green_no_time_out(capsys: pytest.CaptureFixture[str]) -> None:
    """A binding that hangs fails its check after the time limit, and is called so."""
    begun = time.monotonic()
    assert cli.main(["run", f"{SUBJECT} Sleepy", *LOGOUT, "--timeout", "1"]) == 1
    assert time.monotonic() - begun < 120
    assert "TIMED OUT" in capsys.readouterr().out.upper()


def test_false_green_a_start_that_hangs() -> None:
    """The start has a time limit of its own; a driver that never speaks is not waited for."""
    command = [sys.executable, "-m", "intercom_conformance.cli", "run", f"{SUBJECT} Mute"]
    command += [*LOGOUT, "--start-timeout", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 6


def test_false_green_skips_that_match_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    """What is unsupported is told by name, with what it lacks, and never counts as passed."""
    checks = ["-k", "push-token", "-k", "scenario/logout-of-nobody"]
    assert cli.main(["run", "py:cli_subjects:Modest", *checks, "--events", "run.ndjson"]) == 0
    footer = events.read("run.ndjson").footer
    assert footer is not None
    assert footer["requirements"]["push-token"] == {
        "level": "MUST",
        "verdict": "unsupported",
        "missing": ["push-token"],
    }
    shown = capsys.readouterr().out
    assert "unsupported       MUST      push-token   needs push-token" in shown
    assert "3 unsupported" in shown


def test_false_green_the_protocol_is_not_checked() -> None:
    """Whatever is written between the messages ends the check as a protocol error."""
    assert cli.main(["run", f"{SUBJECT} Babbler", *LOGOUT, "--events", "run.ndjson"]) == 1
    assert events.read("run.ndjson").results[0]["verdict"] == "protocol error"


def test_false_green_the_exit_code_counts_failures() -> None:
    """With 256 failures a count would wrap to 0."""
    assert verdict_of_run(["failed"] * 256, strict=False) is Exit.FAILED
    assert verdict_of_run(["passed"] * 256 + ["flaky"], strict=False) is Exit.FAILED


def test_false_green_nothing_ran() -> None:
    """Unsupported and not run, in any number, are no success."""
    assert verdict_of_run(["unsupported", "not run"], strict=False) is Exit.NOTHING_RAN
    assert verdict_of_run([], strict=False) is Exit.NOTHING_RAN


def test_false_green_a_report_that_lacks_its_end() -> None:
    """A stream without its footer, or with lines lost, does not pass for a whole one."""
    assert cli.main(["run", "-k", "scenario/logout", "--events", "run.ndjson"]) == 0
    whole = lines(Path("run.ndjson"))
    assert events.read(whole).complete
    assert not events.read(whole[:-1]).complete
    with pytest.raises(events.BadStream, match="Lines are missing"):
        events.read([*whole[:1], *whole[2:]])
    assert json.loads(whole[-1])["exit_code"] == 0


def test_false_green_stopping_early_hides_what_was_left_out() -> None:
    """With --fail-fast the rest is not run, and says so."""
    run = ["run", "py:cli_subjects:Forgetful", "-k", "scenario/logout", "-x", "--events", "run.ndjson"]
    assert cli.main(run) == 1
    verdicts = [one["verdict"] for one in events.read("run.ndjson").results]
    assert verdicts.count("failed") == 1
    assert set(verdicts[verdicts.index("failed") + 1 :]) == {"not run"}


def test_false_green_a_binding_that_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """One that does not even log in passes what nobody can break; that is no success, and it says why."""
    assert cli.main(["run", "py:cli_subjects:Idle", "--examples", "2"]) == 5
    assert "It does not declare session, which every binding has" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"records": {"contacts": ["ada"]}}, 'snapshot/records/contacts/0: "ada" is not of type "object"'),
        ({"records": [], "current": None}, 'snapshot/records: [] is not of type "object"'),
        ({"records": {"contacts": {}}}, 'snapshot/records/contacts: {} is not of type "array"'),
        ({"current": "0"}, 'snapshot/current: "0" is not of types'),
        ({"current": True}, "snapshot/current: true is not of types"),
        ({"current": 7}, "the snapshot's current record is number 7, and there are"),
        ({"registers": 3}, 'snapshot/registers: 3 is not of type "object"'),
        ({"state": []}, 'snapshot/state: [] is not of type "object"'),
    ],
    ids=str,
)
def test_a_snapshot_of_another_shape_is_the_bindings_fault(
    change: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The protocol is broken, and said how; the kit does not fall over it."""
    monkeypatch.setattr(cli_subjects.Odd, "change", change)
    assert cli.main(["run", "py:cli_subjects:Odd", "-k", "scenario/browse", "-x"]) == 1
    assert " ".join(told.split()) in " ".join(capsys.readouterr().out.split())
