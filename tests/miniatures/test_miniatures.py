"""The kit is tested by what it must catch: each miniature, by name, with the message that a user would read.

`caught.yaml` says of each wrong binding which requirement the kit names, which family of checks finds it, and how it
tells it. The right ones, which stand behind the wrong ones, pass everything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from intercom_conformance import events
from intercom_conformance.kit import open_player
from intercom_conformance.masking import Masker
from intercom_conformance.player import Player
from intercom_conformance.reports.finding import render_finding
from intercom_conformance.results import Finding, Result
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite import Check, Settings, catalogue, replay, run_check
from intercom_conformance.suite.session import ALIAS
from miniatures import wrong_crowds, wrong_overlaps, wrong_sdks, wrong_wrappers

HERE = Path(__file__).parent
CAUGHT = yaml.safe_load((HERE / "caught.yaml").read_text("utf-8"))
RIGHT = (
    wrong_sdks.Miniature,
    wrong_wrappers.FaithfulWrapper,
    wrong_wrappers.OneAtATime,
    wrong_wrappers.UntoldWrapper,
)
SETTINGS = Settings(examples=20)
WIDE = 10_000
"""Columns; no line of a message is broken, so that it can be searched."""


@pytest.fixture(scope="module")
def spec() -> Specification:
    return load_specification()


@cache
def player(connector: str) -> Player:
    opened = open_player(connector, load_specification())
    opened.start()
    return opened


def checks(spec: Specification, family: str) -> Iterator[Check]:
    return (check for check in catalogue(spec) if check.family == family or check.id == family)


def first_result(connector: str, family: str, requirement: str, spec: Specification) -> tuple[Result, Finding]:
    """The first check of a family that finds a requirement broken, as a user would see it first."""
    others = set()
    for check in checks(spec, family):
        # What a random sequence meets depends on its environment too: draw so many that any meets it.
        settings = attrs.evolve(SETTINGS, examples=300) if check.family == "sequence" else SETTINGS
        result = run_check(check, player(connector), settings)
        assert result.verdict != "flaky", f"{check.id} is flaky"
        for finding in result.findings:
            if finding.requirement == requirement:
                return result, finding
            others.add(finding.requirement)
    raise AssertionError(f"{family} finds {sorted(others) or 'nothing'}, and not {requirement}")


def message(result: Result, finding: Finding, connector: str, spec: Specification) -> tuple[list[str], str]:
    """The steps of a finding, and the whole of it, as they are printed: secrets are masked."""
    document = events.check(attrs.evolve(result, findings=(finding,)), spec, Masker.of(spec))["findings"][0]
    header = {"connector": connector, "binding": None, "strict": False}
    return [step["call"] for step in document["steps"]], render_finding(document, header, WIDE)


def told(text: str, label: str) -> str:
    """The line of a message that begins with a label."""
    return next(line for line in text.splitlines() if line.strip().startswith(label))


def connector_of(row: Mapping[str, Any]) -> str:
    return f"py:miniatures.{row['miniature']}"


# The wrong ones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", CAUGHT, ids=[row["miniature"] for row in CAUGHT])
def test_caught(row: Mapping[str, Any], spec: Specification) -> None:
    """The kit names the requirement, shows the shortest sequence, and says what is wrong; a replay fails again."""
    connector, requirement = connector_of(row), row["requirement"]
    result, finding = first_result(connector, row["family"], requirement, spec)
    steps, text = message(result, finding, connector, spec)
    assert steps == row["steps"], text
    assert row["expected"] in told(text, "expected"), text
    assert row["observed"] in told(text, "observed"), text
    assert spec.requirements[requirement].sentence in text
    again = replay(open_player(connector, spec), finding.trace)
    assert requirement in [one.requirement for one in again.findings] or finding.kind == ALIAS
    assert again.findings, "the sequence does not fail when it is replayed"


def test_no_miniature_is_left_out() -> None:
    """Each class that makes a mistake has a row, and each row a class."""
    modules = {"wrong_overlaps": wrong_overlaps, "wrong_sdks": wrong_sdks, "wrong_wrappers": wrong_wrappers}
    wrong = {
        f"{module}:{name}"
        for module, body in modules.items()
        for name in body.__all__
        if getattr(body, name) not in RIGHT
    }
    assert [row["miniature"] for row in CAUGHT] == sorted(wrong)
    assert len(wrong) >= 24


@pytest.mark.parametrize(
    ("family", "name", "requirement"),
    [
        ("transition", "FailedLoginForgotten", "failed-login-is-tried-again"),
        ("callbacks", "FailureSwallowed", "user-needed"),
        ("alias", "CompaniesDropped", "every-key-arrives"),
        ("missing", "UnknownVisibilityShows", "documented-values-only"),
        ("hostile", "SuccessAndError", "one-kind-of-callback"),
        ("payload", "ErrorWithoutError", "error-carries-a-value"),
        ("valid", "TextTrimmed", "arguments-arrive-unchanged"),
        ("sequence/plain", "MergeForgotten", "anonymous-activity-is-merged"),
        ("sequence/world", "CountStandsStill", "unread-count"),
    ],
)
def test_each_family_catches_by_itself(family: str, name: str, requirement: str, spec: Specification) -> None:
    """No family leans on the scenarios: what one is made for, it finds alone."""
    _, finding = first_result(f"py:miniatures.wrong_sdks:{name}", family, requirement, spec)
    assert len(finding.steps) <= 5


@pytest.mark.parametrize(
    "name",
    [
        "ErrorEndsAll",
        "LastAnswerNamesTheUser",
        "LateLoginRevives",
        "LaterSuccessHidesFailure",
        "LogoutDropsCallbacks",
        "OneCallbackForAMethod",
        "SecondLoginsCompanies",
    ],
)
def test_only_overlapping_calls_show_it(name: str, spec: Specification) -> None:
    """What is wrong only between a call and its answer no scenario, no tour and no plain walk finds."""
    opened = player(f"py:miniatures.wrong_overlaps:{name}")
    families = ("scenario", "transition", "complete/session", "sequence/plain", "sequence/world")
    results = [run_check(check, opened, SETTINGS) for family in families for check in checks(spec, family)]
    assert [finding.requirement for result in results for finding in result.findings] == []


CROWDS = {
    "CrowdAnsweredByAny": {"callback_early", "failure_hidden"},
    "CrowdTakenInTurn": {"failure_hidden", "failure_invented", "callback_missing", "callback_swapped"},
    "LastOfManyGoesFirst": {"callback_swapped", "callback_wrong", "failure_hidden", "failure_invented"},
    "SecondLoginAnswersFirst": {"callback_missing", "callback_swapped", "failure_hidden", "failure_invented"},
    "ThirdTakesFirst": {"callback_missing", "callback_swapped", "failure_hidden", "failure_invented"},
}
"""Wrong in a crowd only: in what way it shows, which depends on what a walk meets first."""


def test_no_crowd_is_left_out() -> None:
    """Each class that goes wrong in a crowd is among those that are looked for."""
    assert sorted(CROWDS) == wrong_crowds.__all__


@pytest.mark.parametrize("name", CROWDS)
def test_only_walks_that_keep_answers_show_it(name: str, spec: Specification) -> None:
    """Three calls in every order do not show it; walks with more in flight do."""
    opened = player(f"py:miniatures.wrong_crowds:{name}")
    assert [one for check in checks(spec, "overlap") for one in run_check(check, opened, SETTINGS).findings] == []
    (walks,) = checks(spec, "sequence/overlap")
    result = run_check(walks, opened, Settings(examples=150))
    assert result.verdict == "failed"
    assert CROWDS[name] & {finding.kind for finding in result.findings}
    assert min(len(finding.trace) for finding in result.findings) <= 9


@pytest.mark.parametrize(
    ("name", "walks"), [("SeventhRetryForgotten", "sequence/again"), ("SecondMergeForgotten", "sequence/long")]
)
def test_what_counts_in_secret_takes_long_walks(name: str, walks: str, spec: Specification) -> None:
    """No shorter check finds it at its default size; long walks do, and are shrunk to a tenth of their steps."""
    opened = player(f"py:miniatures.wrong_overlaps:{name}")
    for family in ("scenario", "transition", "complete/session", "sequence/plain", "sequence/world"):
        results = [run_check(check, opened, Settings()) for check in checks(spec, family)]
        assert [finding.requirement for result in results for finding in result.findings] == []
    (result,) = [run_check(check, opened, Settings(examples=300)) for check in checks(spec, walks)]
    assert min(len(finding.trace) for finding in result.findings) <= 10


@pytest.mark.parametrize(
    ("mistake", "verdict", "observed"),
    [
        ("crash", "crashed", "the native side is gone"),
        ("hang", "timed out", "did not answer 'call' within 1 s"),
        ("garbage", "protocol error", "I am fine, thank you"),
    ],
)
def test_processes_that_go_down(mistake: str, verdict: str, observed: str, spec: Specification) -> None:
    """The verdict tells what happened, and only the call in flight is blamed."""
    driver = open_player(f"cmd:{sys.executable} {HERE / 'wrong_process.py'} {mistake}", spec, timeout=1.0)
    check = next(check for check in catalogue(spec) if check.id == "transition/present")
    try:
        result = run_check(check, driver, Settings(shrink=False))
    finally:
        driver.stop()
    (finding,) = result.findings
    assert (result.verdict, finding.requirement) == (verdict, "guide-samples-run")
    assert finding.steps[-1].call == "present()"
    assert observed in finding.observed


# The right ones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "connector",
    [
        "reference:",
        "py:miniatures.wrong_sdks:Miniature",
        "py:miniatures.wrong_wrappers:FaithfulWrapper",
        "py:miniatures.wrong_wrappers:OneAtATime",
        "py:miniatures.wrong_wrappers:UntoldWrapper",
        f"cmd:{sys.executable} -m intercom_reference",
    ],
    ids=[
        "reference",
        "base of the wrong ones",
        "wrapper",
        "slow wrapper",
        "wrapper of a silent SDK",
        "reference through the pipe",
    ],
)
def test_right_ones_pass(connector: str, spec: Specification) -> None:
    """What makes no mistake is told of none: nothing fails, crashes or is flaky, and nothing is left out."""
    opened = open_player(connector, spec)
    opened.start()
    try:
        results = [run_check(check, opened, Settings(examples=5)) for check in catalogue(spec)]
    finally:
        opened.stop()
    assert [finding for result in results for finding in result.findings] == []
    assert {result.verdict for result in results} == {"passed"}
