"""The verbs of the command line, as somebody uses them who writes a binding."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intercom_conformance import cli, events, replays
from intercom_conformance.masking import LABEL

HERE = Path(__file__).parent
SUBJECT = f"cmd:{sys.executable} {HERE / 'cli_subjects.py'}"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test runs in a folder of its own, where replay files may be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """What is on the two outputs."""
    return capsys


def found(path: str = "run.ndjson") -> dict[str, str]:
    """The ids of the findings of a stream, by their requirements."""
    return {one["requirement"]: one["id"] for check in events.read(path).results for one in check["findings"]}


# The program ----------------------------------------------------------------------------------------------


def test_the_version_comes_at_once() -> None:
    """Somebody who asks for the version does not wait for Hypothesis."""
    command = [sys.executable, "-X", "importtime", "-m", "intercom_conformance.cli", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("intercom-conformance 0.")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "intercom_conformance._version" in imported
    assert not imported & {"hypothesis", "jsonschema", "statemachine", "rich", "yaml", "attr", "typer"}


@pytest.mark.parametrize("verb", ["run", "list", "smoke", "explain", "replay", "validate", "report", "diff"])
def test_help_teaches_by_example(verb: str, shown: pytest.CaptureFixture[str]) -> None:
    """Every verb's help has a sentence and examples that can be typed."""
    assert cli.main([verb, "--help"]) == 0
    text = shown.readouterr().out
    assert f"intercom-conformance {verb} " in text.split("Examples:", 1)[1]
    assert shown.readouterr().err == ""


def test_a_reader_that_goes_away_is_no_fault() -> None:
    """``list | head`` ends without a traceback."""
    command = f"{sys.executable} -m intercom_conformance.cli list checks | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "/" in done.stdout
    assert done.stderr == ""


# run ------------------------------------------------------------------------------------------------------


def test_run_writes_a_stream_and_replay_files(elsewhere: Path, shown: pytest.CaptureFixture[str]) -> None:
    """The stream is whole; each fault is stored for its owner only, and out of version control."""
    checks = ["-k", "scenario/sample-logout"]
    assert cli.main(["run", "py:cli_subjects:Forgetful", *checks, "--events", "run.ndjson"]) == 1
    stream = events.read("run.ndjson")
    assert stream.complete
    assert stream.header["connector"] == "py:cli_subjects:Forgetful"
    assert stream.header["filter"] == ["-k scenario/sample-logout"]
    path = elsewhere / replays.FOLDER / f"{found()['logout-ends-session']}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert (elsewhere / ".intercom-conformance" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_run_leaves_nothing_behind_if_nothing_is_wrong(elsewhere: Path) -> None:
    """The folder of replay files is made when there is something to put into it."""
    assert cli.main(["run", "-k", "scenario/logout"]) == 0
    assert list(elsewhere.iterdir()) == []


def test_run_masks_secrets_everywhere_but_in_the_replay_file(
    elsewhere: Path, shown: pytest.CaptureFixture[str]
) -> None:
    """The terminal and the stream have labels; the local file has what is needed to replay."""
    checks = ["-k", "scenario/right-hash-of-a-user-id"]
    assert cli.main(["run", "py:cli_subjects:Leaky", *checks, "--events", "run.ndjson"]) == 1
    stream = (elsewhere / "run.ndjson").read_text(encoding="utf-8")
    for text in (shown.readouterr().out, stream):
        assert LABEL.search(text)
        assert not [word for word in text.split('"') if len(word) == 64 and word.isalnum()]
        assert "ada@example.com" not in text
    stored = next((elsewhere / replays.FOLDER).glob("*.json")).read_text(encoding="utf-8")
    assert not LABEL.search(stored)


def test_run_shows_secrets_if_asked(shown: pytest.CaptureFixture[str]) -> None:
    """With --show-secrets the report has the values."""
    checks = ["-k", "scenario/right-hash-of-a-user-id", "--show-secrets"]
    assert cli.main(["run", "py:cli_subjects:Leaky", *checks]) == 1
    assert not LABEL.search(shown.readouterr().out)


def test_run_gives_the_answer_in_other_forms(shown: pytest.CaptureFixture[str]) -> None:
    """JSON is the stream as one document; Markdown has the table and the faults."""
    run = ["run", "py:cli_subjects:Forgetful", "-k", "scenario/sample-logout", "--format"]
    assert cli.main([*run, "json"]) == 1
    assert json.loads(shown.readouterr().out)["footer"]["requirements"]["logout-ends-session"] == {
        "level": "MUST",
        "verdict": "failed",
    }
    assert cli.main([*run, "markdown"]) == 1
    assert "| failed | MUST | `logout-ends-session` |" in shown.readouterr().out


def test_run_chooses_by_requirement_and_family(elsewhere: Path) -> None:
    """Any of each kind, all kinds together."""
    chosen = ["--requirement", "logout-ends-session", "--family", "scenario", "--family", "transition"]
    assert cli.main(["run", *chosen, "--events", "run.ndjson"]) == 0
    results = events.read("run.ndjson").results
    assert {one["family"] for one in results} == {"scenario", "transition"}
    assert all("logout-ends-session" in one["requirements"] for one in results if one["family"] == "scenario")


def test_run_is_the_same_twice() -> None:
    """Same seed, same stream, but for times."""
    for name in ("a", "b"):
        assert cli.main(["run", "--family", "transition", "-k", "logout", "--events", name]) == 0
    first, second = ([{**one, "seconds": 0} for one in events.read(name).results] for name in ("a", "b"))
    assert first == second


def test_run_finds_modules_of_the_current_folder(elsewhere: Path) -> None:
    """``py:`` names a module of the project at hand, installed or not."""
    (elsewhere / "my_fake.py").write_text("from intercom_reference.client import Client\n", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "intercom_conformance.cli", "run", "py:my_fake:Client"]
    done = subprocess.run([*command, "-k", "scenario/logout"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# list, explain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "one"),
    [
        ("checks", "scenario/sample-logout"),
        ("requirements", "MUST NOT    no-orphan-on-logout"),
        ("capabilities", "push-token"),
        ("methods", "logEvent(eventName, metaData)"),
    ],
)
def test_list(what: str, one: str, shown: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list has names and sentences, on narrow and wide terminals, and as JSON."""
    for columns in ("60", "160"):
        monkeypatch.setenv("COLUMNS", columns)
        assert cli.main(["list", what]) == 0
        assert one in shown.readouterr().out
    assert cli.main(["list", what, "--format", "json"]) == 0
    rows = json.loads(shown.readouterr().out)
    assert len({row["id"] for row in rows}) == len(rows) > 10


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "no-orphan-on-logout",
            ["MUST NOT, binds the SDK", 'guide, "How to log out', "logout-anonymous", "given"],
        ),
        ("unique-user-ids", ["SHOULD, binds the app", "untestable"]),
        ("callback-only-once", ["broken by", "callback repeated"]),
        ("scenario/sample-logout", ["requirements", "when", "expect", "source"]),
        ("transition/identify-anonymous", ["unidentified to identified"]),
        (
            "identify-anonymous",
            ["anonymous-activity-is-merged (MUST)", "absorb anonymous activity"],
        ),
        ("displayMessenger", ["alias of", "present"]),
        ("setUserHash", ["hash: user-hash (secret)"]),
        ("push-token", ["requirement"]),
        ("custom-attributes", ["capability", "needed for"]),
        ("3002", ["3001-3002", "error-codes-are-documented"]),
    ],
)
def test_explain(name: str, told: list[str], shown: pytest.CaptureFixture[str]) -> None:
    """Whatever a report names can be looked up: the rule, its source, what hangs together with it."""
    assert cli.main(["explain", name]) == 0
    text = shown.readouterr().out
    assert [one for one in told if one not in text] == []
    assert cli.main(["explain", name, "--format", "json"]) == 0
    assert json.loads(shown.readouterr().out)["sentence"]


# replay ---------------------------------------------------------------------------------------------------


@pytest.fixture
def fault(shown: pytest.CaptureFixture[str]) -> str:
    """The id of a fault that a run has found and stored."""
    checks = ["-k", "scenario/sample-logout"]
    assert cli.main(["run", "py:cli_subjects:Forgetful", *checks, "--events", "run.ndjson"]) == 1
    shown.readouterr()
    return found()["logout-ends-session"]


def test_replay_shows_a_stored_fault_again(fault: str, shown: pytest.CaptureFixture[str]) -> None:
    """Without a connector, against the binding that showed it."""
    assert cli.main(["replay", fault]) == 1
    assert "FAILED  logout-ends-session" in shown.readouterr().out


def test_replay_against_another_binding(fault: str, shown: pytest.CaptureFixture[str]) -> None:
    """A binding that was mended passes, and shows each step."""
    assert cli.main(["replay", fault, "reference:"]) == 0
    text = shown.readouterr().out
    assert text.startswith("passed  reference 0.1.0\n")
    assert "logout()" in text


def test_replay_from_a_stream(fault: str, elsewhere: Path, shown: pytest.CaptureFixture[str]) -> None:
    """A stream from a CI job is enough, if the trace has no secrets."""
    for path in (elsewhere / replays.FOLDER).iterdir():
        path.unlink()
    assert cli.main(["replay", fault, "--events", "run.ndjson"]) == 1
    assert cli.main(["replay", fault]) == 4
    assert "has none yet" in shown.readouterr().err


def test_replay_refuses_a_masked_trace(shown: pytest.CaptureFixture[str]) -> None:
    """A label in place of a secret would show something else."""
    checks = ["-k", "scenario/right-hash-of-a-user-id"]
    assert cli.main(["run", "py:cli_subjects:Leaky", *checks, "--events", "run.ndjson"]) == 1
    name = next(iter(found().values()))
    assert cli.main(["replay", name, "--events", "run.ndjson"]) == 4
    assert "--show-secrets" in shown.readouterr().err
    assert cli.main(["replay", name]) == 1


@pytest.mark.parametrize(
    "text",
    [
        '[{"loginUnidentifiedUser": [{}]}, {"logout": []}]',
        "- loginUnidentifiedUser: [{}]\n- logout: []\n  callbacks: [success]\n",
        "trace:\n  - network_down: []\n",
    ],
)
def test_replay_of_a_file(text: str, elsewhere: Path) -> None:
    """A trace written by hand, in YAML or JSON."""
    (elsewhere / "trace.yaml").write_text(text, encoding="utf-8")
    assert cli.main(["replay", "trace.yaml", "reference:"]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "holds no trace"),
        ("[3]", "holds no trace"),
        ("[{logout: no}]", "holds no trace"),
        ("[{logot: []}]", "Did you mean 'logout'?"),
        ("[{logout: [}", "trace.yaml:1"),
        ("&a [*a]", "trace.yaml:1"),
    ],
)
def test_replay_of_a_hostile_file(text: str, told: str, elsewhere: Path, shown: pytest.CaptureFixture[str]) -> None:
    """What is no trace is refused with its place."""
    (elsewhere / "trace.yaml").write_text(text, encoding="utf-8")
    assert cli.main(["replay", "trace.yaml"]) == 4
    assert told in shown.readouterr().err


def test_replay_says_what_a_binding_lacks(elsewhere: Path, shown: pytest.CaptureFixture[str]) -> None:
    """A trace that cannot be played was not judged."""
    (elsewhere / "trace.json").write_text('[{"sendPushToken": ["a"]}]', encoding="utf-8")
    assert cli.main(["replay", "trace.json", "py:cli_subjects:Modest"]) == 5
    assert "needs push-token" in shown.readouterr().out


# smoke ----------------------------------------------------------------------------------------------------


def test_smoke_of_a_sane_driver(shown: pytest.CaptureFixture[str]) -> None:
    """Every step is told, and what comes next."""
    assert cli.main(["smoke", f"{SUBJECT} Registered pid"]) == 0
    text = shown.readouterr().out
    steps = ["starts", "capabilities", "reset", "call", "callback", "next"]
    assert [line.split()[1] for line in text.splitlines()] == steps


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Misspelt", ["there is no capability 'log-events'", "Did you mean 'log-event'?"]),
        ("Humble", ["every binding has 'session', and it is not declared", "no method can be called"]),
        ("Mortal", ["logout()", "ended with exit code 3", "fix"]),
        ("Babbler", ["logout()", "protocol was broken"]),
    ],
)
def test_smoke_says_how_to_mend_a_driver(name: str, told: list[str], shown: pytest.CaptureFixture[str]) -> None:
    """Each fault comes with its fix; the steps after it are still tried."""
    assert cli.main(["smoke", f"{SUBJECT} {name}"]) == 1
    text = shown.readouterr().out
    assert [one for one in told if one not in text] == []


# validate -------------------------------------------------------------------------------------------------


def test_validate(elsewhere: Path, shown: pytest.CaptureFixture[str]) -> None:
    """Place, rule, and remedy; a SHOULD counts only with --strict."""
    (elsewhere / "user.json").write_text('{"userId": 1}', encoding="utf-8")
    assert cli.main(["validate", "login", "user.json"]) == 1
    assert "MUST standard-attribute-types at /userId: found 1." in shown.readouterr().out
    (elsewhere / "user.json").write_text('{"userId": "1"}', encoding="utf-8")
    assert cli.main(["validate", "login", "user.json"]) == 0
    (elsewhere / "user.json").write_text('{"userId": "ada@example.com"}', encoding="utf-8")
    assert cli.main(["validate", "login", "user.json"]) == 0
    assert "ada@example.com" not in shown.readouterr().out
    assert cli.main(["validate", "login", "user.json", "--strict"]) == 1


def test_a_run_over_a_wire_is_quick_enough() -> None:
    """Scenarios against a driver in a process of its own: some thousand steps a second, not some dozen."""
    begun = time.monotonic()
    assert cli.main(["run", f"cmd:{sys.executable} -m intercom_reference", "--family", "scenario"]) == 0
    assert time.monotonic() - begun < 60


def test_explain_tells_what_bindings_are_on_record_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever meets a rule learns which published bindings break it, in which call, and why."""
    assert cli.main(["explain", "rejected-keys-are-reported", "--format", "json"]) == 0
    findings = json.loads(capsys.readouterr().out)["sections"]["known findings"]
    assert [one for one in findings if one.startswith("cordova-plugin-intercom 12.1.0 (") and ", in logEvent: " in one]
    assert cli.main(["explain", "no-orphan-on-logout", "--format", "json"]) == 0
    assert "known findings" not in json.loads(capsys.readouterr().out)["sections"]


def test_an_unknown_verb_points_to_the_list_of_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of a verb that there is not would be another error."""
    assert cli.main(["rnu"]) == 4
    assert capsys.readouterr().err.splitlines()[1:] == ["See intercom-conformance --help."]
