"""Known deviations: still tested, strict, conditional, pinned to a message, expiring; kept true by a command."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from intercom_conformance import cli, events
from intercom_conformance.deviations import BadDeviations, Ledger, read
from intercom_conformance.deviations.updating import updated
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.results import Finding, Result
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step

SPEC = load_specification()
CHECKS = ["scenario/a", "scenario/b", "sequence/plain"]
BINDING = Binding("wrapper", "9.1.1", "java", "android", "wrapper", "callbacks", frozenset(["session"]))
ENTRY = {"requirement": "user-needed", "step": "logEvent", "kind": "fail", "message": "success", "reason": "it is so"}
FINDING = Finding("user-needed", "callback_wrong", (Step("logEvent", ("a",)),), (), "error", "success of c1")
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, *entries: dict[str, Any], **header: Any) -> Path:
    path = folder / "known.yaml"
    path.write_text(json.dumps({"specification": SPEC.version, **header, "deviations": list(entries)}))
    return path


def ledger(folder: Path, *entries: dict[str, Any], binding: Binding = BINDING, **header: Any) -> Ledger:
    return Ledger.of(read(written(folder, *entries, **header), SPEC, CHECKS), binding, TODAY)


def failed(*findings: Finding, verdict: str = "failed", check: str = "scenario/a") -> Result:
    return Result(check, check.partition("/")[0], verdict, ("user-needed",), findings=findings)


# What an entry explains -----------------------------------------------------------------------------------


def test_what_is_listed_is_an_expected_failure(folder: Path) -> None:
    """The finding carries the reason, the check is an expected failure, and nothing is stale."""
    book = ledger(folder, ENTRY)
    result = book.take(failed(FINDING))
    assert (result.verdict, result.findings[0].known) == ("expected failure", "it is so")
    assert list(book.stale([result])) == []


@pytest.mark.parametrize(
    "change",
    [
        {"requirement": "push-token"},
        {"step": "present"},
        {"kind": "crash"},
        {"kind": "hang"},
        {"message": "error"},
        {"expires": "2026-11-22"},
        {"when": {"version": ">=10"}},
        {"when": {"platform": "ios"}},
        {"when": {"capability": "companies"}},
    ],
)
def test_what_is_listed_otherwise_is_none(folder: Path, change: dict[str, Any]) -> None:
    """Another requirement, step, kind or message, a day gone by or a condition that does not hold excuse nothing."""
    result = ledger(folder, {**ENTRY, **change}).take(failed(FINDING))
    assert (result.verdict, result.findings[0].known) == ("failed", "")


@pytest.mark.parametrize(
    "change",
    [
        {"requirement": "user-need*"},
        {"step": None},
        {"message": None},
        {"expires": "2026-11-23"},
        {"when": {"version": ">=9,<10", "platform": "android", "capability": "session"}},
        {"requirement": None, "check": "scenario/*"},
    ],
)
def test_entries_may_be_wider(folder: Path, change: dict[str, Any]) -> None:
    """A pattern, any step, any message, a day to come, conditions that hold, or a check instead of a requirement."""
    entry = {name: value for name, value in {**ENTRY, **change}.items() if value is not None}
    assert ledger(folder, entry).take(failed(FINDING)).verdict == "expected failure"


def test_one_fault_masks_only_itself(folder: Path) -> None:
    """A check with a second, unknown fault fails."""
    other = Finding("push-token", "callback_wrong", (Step("sendPushToken", ("",)),), (), "error", "success of c1")
    result = ledger(folder, ENTRY).take(failed(FINDING, other))
    assert result.verdict == "failed"
    assert [finding.known for finding in result.findings] == ["it is so", ""]


@pytest.mark.parametrize(("kind", "entry"), [("crashed", "crash"), ("protocol error", "crash"), ("timed out", "hang")])
def test_crashes_and_hangs_have_kinds_of_their_own(folder: Path, kind: str, entry: str) -> None:
    """A driver that goes down is expected to go down, not to fail."""
    gone = Finding("user-needed", kind, (Step("logEvent", ("a",)),), (), "the driver stays alive", "success? no, gone")
    assert ledger(folder, {**ENTRY, "kind": entry}).take(failed(gone, verdict=kind)).verdict == "expected failure"
    assert ledger(folder, ENTRY).take(failed(gone, verdict=kind)).verdict == kind


# What is stale --------------------------------------------------------------------------------------------


def test_a_deviation_that_is_gone_is_stale(folder: Path) -> None:
    """It says so, and what to do."""
    assert list(ledger(folder, ENTRY).stale([failed(verdict="passed")])) == [
        "user-needed in logEvent: it is not seen any more; take the entry out"
    ]


def test_a_deviation_that_says_something_else_is_stale(folder: Path) -> None:
    """The new message is shown."""
    book = ledger(folder, {**ENTRY, "message": "error"})
    assert list(book.stale([book.take(failed(FINDING))])) == ["user-needed in logEvent: it says now: success of c1"]


def test_a_flaky_one_may_pass(folder: Path) -> None:
    """That is what flaky means."""
    book = ledger(folder, {**ENTRY, "kind": "flaky"})
    assert list(book.stale([failed(verdict="passed")])) == []
    assert book.take(failed(FINDING, verdict="flaky")).verdict == "expected failure"


def test_missing_capabilities_are_held_too(folder: Path) -> None:
    """What the binding has meanwhile, and what it has no longer, both fail."""
    book = ledger(folder, unsupported=["companies", "hide"])
    result = book.take(Result("scenario/a", "scenario", "unsupported", (), missing=("hide", "push-token")))
    assert list(book.stale([result])) == ["unsupported: companies is there now, push-token is lacking"]


# Files that cannot be used --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({**ENTRY, "requirement": "user-neded"}, "Did you mean user-needed?"),
        ({**ENTRY, "requirement": "*"}, "A pattern may stand for up to 20"),
        ({**ENTRY, "requirement": "nowhere-*"}, "there is no requirement 'nowhere-*'"),
        ({**ENTRY, "when": {"capability": "compnies"}}, "Did you mean companies?"),
        ({**ENTRY, "when": {"version": "around 9"}}, "no range of versions"),
        ({**ENTRY, "expires": "2026-02-30"}, "there is no day '2026-02-30'"),
        ({**ENTRY, "kind": "odd"}, "'odd' is not one of"),
        ({**ENTRY, "because": "x"}, "'because' was unexpected"),
        ({"kind": "fail", "reason": "x"}, "not valid under any"),
    ],
)
def test_a_file_that_cannot_be_used(folder: Path, entry: dict[str, Any], told: str) -> None:
    """It says what is wrong and what to do; the run does not begin."""
    with pytest.raises(BadDeviations, match=r"known\.yaml") as error:
        read(written(folder, entry), SPEC, CHECKS)
    assert told in str(error.value)
    assert cli.main(["run", "--deviations", "known.yaml", "-k", "push-token"]) == 4


def test_an_entry_twice(folder: Path) -> None:
    """One of them would never be seen to be stale."""
    with pytest.raises(BadDeviations, match="listed twice"):
        read(written(folder, ENTRY, ENTRY), SPEC, CHECKS)


def test_another_revision(folder: Path) -> None:
    """Deviations from another revision may be none from this one."""
    with pytest.raises(BadDeviations, match=r"it is of revision 9\.9"):
        read(written(folder, ENTRY, specification="9.9"), SPEC, CHECKS)


# Through the command line ---------------------------------------------------------------------------------


RUN = ["run", "py:miniatures.wrong_sdks:TokenInCapitals", "--examples", "5"]


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main([*arguments])
    return code, capsys.readouterr().out


@pytest.fixture(scope="module")
def run_of_a_wrong_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The event stream of a whole run over a miniature that spoils the push token."""
    path = tmp_path_factory.mktemp("run") / "run.ndjson"
    assert cli.main([*RUN, "--events", str(path)]) == 1
    return path


def test_update_lint_and_run(folder: Path, run_of_a_wrong_sdk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is made from a run; lint asks for reasons; with them the same binding is as expected, and only it."""
    made = cli.main(["deviations", "update", "known.yaml", str(run_of_a_wrong_sdk)])
    assert (made, "each new one needs a reason" in capsys.readouterr().out) == (0, True)
    code, shown = report(capsys, "deviations", "lint", "known.yaml")
    assert (code, "push-token in sendPushToken has no reason" in shown) == (1, True)
    text = Path("known.yaml").read_text().replace("reason: ''", "reason: the token is sent in capitals  # see ticket 7")
    Path("known.yaml").write_text("# by hand\n" + text)
    assert report(capsys, "deviations", "lint", "known.yaml")[0] == 0
    code, shown = report(capsys, *RUN, "--deviations", "known.yaml")
    assert (code, "expected failure  MUST      push-token" in shown) == (0, True)
    code, shown = report(capsys, "run", "reference:", "--examples", "5", "--deviations", "known.yaml")
    assert (code, "unexpected pass   MUST      push-token" in shown) == (1, True)
    assert "STALE  push-token in sendPushToken" in shown


def test_update_keeps_what_a_person_wrote(folder: Path, run_of_a_wrong_sdk: Path) -> None:
    """Comments, reasons and entries with conditions stay; what is gone goes; an update of the same changes nothing."""
    stream = events.read(run_of_a_wrong_sdk)
    first = updated(None, stream, "known.yaml")
    assert len(first.added) >= 1
    kept = first.text.replace("reason: ''", "reason: why  # because", 1) + (
        "  - requirement: present-space\n    when: {platform: ios}\n    kind: fail\n    reason: only there\n"
        "  - requirement: hide-keeps-session\n    step: hideIntercom\n    kind: fail\n    reason: gone\n"
    )
    again = updated("# mine\n" + kept, stream, "known.yaml")
    assert (again.added, again.changed) == ((), ())
    assert again.removed == ("hide-keeps-session in hideIntercom (fail)",)
    assert again.text.startswith("# mine\n")
    assert "why  # because" in again.text
    assert "only there" in again.text
    assert updated(again.text, stream, "known.yaml").text == again.text


def test_update_adds_nothing_that_is_known_to_be_flaky(folder: Path, run_of_a_wrong_sdk: Path) -> None:
    """A fault that a random walk finds now and then is on record once, whichever way it was found this time."""
    stream = events.read(run_of_a_wrong_sdk)
    flaky = updated(None, stream, "known.yaml").text.replace("kind: fail", "kind: flaky", 1)
    assert "kind: flaky" in flaky
    again = updated(flaky, stream, "known.yaml")
    assert (again.added, again.removed) == ((), ())


def test_update_refuses_part_of_a_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the suite would take out what it did not look at."""
    cli.main([*RUN, "-k", "push-token", "--events", "part.ndjson"])
    capsys.readouterr()
    assert cli.main(["deviations", "update", "known.yaml", "part.ndjson"]) == 4
    assert "part of the suite (-k push-token)" in capsys.readouterr().err
    whole = Path("part.ndjson").read_text().splitlines(keepends=True)
    Path("cut.ndjson").write_text("".join(whole[:-1]))
    assert cli.main(["deviations", "update", "known.yaml", "cut.ndjson"]) == 4
    assert "did not come to its end" in capsys.readouterr().err
    assert not Path("known.yaml").exists()


def test_a_part_of_the_suite_makes_nothing_stale(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Deviations elsewhere are not judged by a run that did not look there."""
    written(folder, {**ENTRY, "reason": "elsewhere"})
    assert cli.main(["run", "reference:", "-k", "push-token", "--deviations", "known.yaml"]) == 0


def test_bundled_files_are_found_by_connector(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A connector that is not on record says which are."""
    assert cli.main(["run", "npm:cordova-plugin-intercom@12.1.1+js", "--deviations", "bundled"]) == 4
    assert "Did you mean 'npm:cordova-plugin-intercom@12.1.0+js'?" in capsys.readouterr().err
