"""What changed between two runs: every kind of change by its name, and a new failure never hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from report_streams import BINDING, EVIL, every_verdict, finding, result, stream, without_seconds, written

from intercom_conformance import cli
from intercom_conformance.reports.difference import Change, as_markdown, as_text, compare
from intercom_conformance.results import Result


def changes(before: Result, after: Result, what: str = "check", **plan: Any) -> list[tuple[str, bool]]:
    """Kind and gravity of what changed, of one kind of thing."""
    found = compare(stream((before,)), stream((after,), **plan)).changes
    return [(one.kind, one.failing) for one in found if one.what == what]


PASSED, FAILED = result("scenario/a"), result("scenario/a", "failed", finding())
NOT_RUN, CRASHED = result("scenario/a", "not run", exercised=frozenset()), result("scenario/a", "crashed")
KNOWN = result("scenario/a", "expected failure", finding(known="on record"))


@pytest.mark.parametrize(
    ("before", "after", "kind", "failing"),
    [
        (PASSED, FAILED, "broken", True),
        (PASSED, CRASHED, "broken", True),
        (KNOWN, FAILED, "broken", True),
        (NOT_RUN, FAILED, "new", True),
        (NOT_RUN, PASSED, "new", False),
        (FAILED, PASSED, "fixed", False),
        (KNOWN, PASSED, "fixed", False),
        (FAILED, KNOWN, "changed verdict", False),
        (FAILED, CRASHED, "changed verdict", False),
        (PASSED, KNOWN, "changed verdict", False),
        (FAILED, NOT_RUN, "gone", False),
        (PASSED, NOT_RUN, "gone", False),
    ],
)
def test_each_change_of_a_verdict_has_its_name(before: Result, after: Result, kind: str, failing: bool) -> None:
    """What is not judged any more is gone, and what was put on record is not fixed."""
    assert changes(before, after) == [(kind, failing)]


def test_the_same_run_in_another_time_has_no_difference() -> None:
    """Only what was found counts."""
    found = compare(stream(every_verdict()), stream(without_seconds(every_verdict())))
    assert found.changes == ()
    assert found.proves
    assert "no new failures; nothing changed" in as_text(found)


def test_a_fault_that_is_on_record_is_no_new_failure_until_it_is_not() -> None:
    """An entry in a file of known deviations excuses it, and without the entry it counts."""
    assert changes(PASSED, KNOWN, "fault") == [("new", False)]
    assert changes(KNOWN, FAILED, "fault") == [("broken", True)]
    assert changes(FAILED, KNOWN, "fault") == []


def test_a_warning_is_a_new_failure_only_in_a_strict_run() -> None:
    """A SHOULD fails what is strict."""
    warned = result("scenario/a", "warned", finding("login-fits-the-app"))
    assert changes(PASSED, warned) == [("changed verdict", False)]
    assert changes(PASSED, warned, strict=True) == [("broken", True)]
    assert changes(PASSED, warned, "fault", strict=True) == [("broken", True)]


def test_a_new_fault_in_a_check_that_failed_before_is_a_new_failure() -> None:
    """The verdicts are the same, and yet something new is wrong."""
    other = result("scenario/a", "failed", finding(), finding("logout-dismisses-ui"))
    found = compare(stream((FAILED,)), stream((other,)))
    assert [one.name for one in found.failures if one.what == "fault"] == ["logout-dismisses-ui, state_wrong in logout"]
    assert not found.proves


def test_a_fault_that_says_something_else_is_told_and_no_new_failure() -> None:
    """The message is shown as it was and as it is."""
    other = result("scenario/a", "failed", finding(observed="session is unidentified"))
    found = compare(stream((FAILED,)), stream((other,)))
    assert found.changes == (
        Change(
            "changed message",
            "fault",
            "logout-ends-session, state_wrong in logout",
            "session is identified",
            "session is unidentified",
        ),
    )
    assert found.proves


def test_a_fault_whose_check_was_not_run_is_gone_and_not_fixed() -> None:
    """A narrower run mends nothing."""
    assert changes(FAILED, NOT_RUN, "fault") == [("gone", False)]
    assert changes(FAILED, PASSED, "fault") == [("fixed", False)]


def test_a_deviation_that_went_stale_is_a_new_failure() -> None:
    """It fails the run, though no check does."""
    told = "logout-ends-session in logout: it is not seen any more; take the entry out"
    found = compare(stream((PASSED,)), stream((PASSED,), stale=(told,), exit_code=1))
    assert "known deviation" in [one.what for one in found.failures]


def test_a_run_without_its_end_proves_nothing() -> None:
    """Nothing new was seen to fail, and the exit code says no all the same; that of the earlier run is told only."""
    whole, cut = stream((PASSED,)), stream((PASSED,), complete=False)
    assert not compare(whole, cut).proves
    assert compare(cut, whole).failures == ()
    for found in (compare(whole, cut), compare(cut, whole)):
        assert "INCOMPLETE: 1 of 2 checks" in as_text(found)
        assert "INCOMPLETE: 1 of 2 checks" in as_markdown(found)


def test_runs_that_are_not_alike_are_compared_with_a_word_of_warning() -> None:
    """Another plan may be the reason for what is gone."""
    found = compare(stream((PASSED,)), stream((PASSED,), seed=5, filter=("-k a",)))
    assert "The two runs differ in seed, filter" in " ".join(as_text(found).split())


def test_markdown_is_a_table_that_nothing_breaks() -> None:
    """Each change is a row with five cells, whatever the binding said; the new fault follows in full."""
    new = result("scenario/a", "failed", finding(observed=f"{EVIL} | two\nlines"))
    text = as_markdown(compare(stream((PASSED,)), stream((new,), binding=attrs.evolve(BINDING, version="2"))))
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}
    assert "toy 1.0 to toy 2" in text
    assert "```\nFAILED" in text.replace("`text", "`")


def test_the_verb_compares_two_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 1 if there is a new failure, and with 0 the other way round; each form tells of it."""
    one, other = tmp_path / "one.ndjson", tmp_path / "other.ndjson"
    one.write_text(written(stream((PASSED,))), encoding="utf-8")
    other.write_text(written(stream((FAILED,), exit_code=1)), encoding="utf-8")
    for form in ("text", "markdown", "json"):
        assert cli.main(["diff", str(one), str(other), "--format", form]) == 1
        shown = capsys.readouterr().out
        assert "logout-ends-session" in shown
    assert json.loads(shown)["new_failures"] == 3
    assert cli.main(["diff", str(other), str(one)]) == 0
    assert cli.main(["diff", str(one), str(tmp_path / "gone.ndjson")]) == 4
