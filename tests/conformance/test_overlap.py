"""Calls that overlap: what the oracle allows, how answers are handed over, and what a report says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from miniatures.wrong_sdks import Callback, Miniature, give

from intercom_conformance import events
from intercom_conformance.cli import main
from intercom_conformance.kit import open_player
from intercom_conformance.masking import Masker
from intercom_conformance.player import Failure, Played
from intercom_conformance.reports.finding import render_finding
from intercom_conformance.results import Result
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, replay, run_check
from intercom_conformance.suite.shrink import shrink
from intercom_conformance.trace import Step, from_document, render_step, to_document

SPEC = load_specification()
CHECKS = {check.id: check for check in catalogue(SPEC)}
FAITHFUL = "py:miniatures.wrong_wrappers:FaithfulWrapper"
ADA = Step("loginUserWithUserAttributes", ({"userId": "ada"},), call="first", answers=())
LOGOUT = Step("logout", call="second", answers=())


def played(connector: str, *trace: Step) -> Played:
    outcome = open_player(connector, SPEC).play(trace)
    assert isinstance(outcome, Played), outcome
    return outcome


def settled(outcome: Played) -> list[list[str]]:
    return [[one.call for one in step.observation.settled] for step in outcome.seen]


# How answers are handed over ------------------------------------------------------------------------------


def test_an_answer_is_kept_until_it_is_handed_over() -> None:
    """The native SDK has done the work, and the wrapper hears of it when the kit says so, in the order it says."""
    other = Step("fetchHelpCenterCollections", call="second", answers=())
    outcome = played(FAITHFUL, ADA, other, Step("network_up", answers=("second",)), Step("network_up"))
    assert outcome.seen[0].observation.snapshot["state"]["session"] == "identified"
    assert settled(outcome) == [[], [], ["second"], ["first"]]


def test_what_is_kept_comes_in_the_end() -> None:
    """A trace that ends while answers are kept is given them, and the callbacks are demanded."""
    assert settled(played(FAITHFUL, ADA)) == [[], ["first"], []]


def test_a_success_that_a_logout_overtakes_may_be_an_error() -> None:
    """The user has gone: either callback will do, and nobody comes back."""
    outcome = played(FAITHFUL, ADA, LOGOUT, Step("network_up"))
    assert outcome.seen[-1].observation.snapshot["state"]["session"] == "logged_out"


def test_a_callback_before_the_answer_is_early() -> None:
    """Success that no answer stands behind is broken, though the work is done."""
    outcome = open_player("py:miniatures.wrong_wrappers:FireAndForget", SPEC).play(
        (Step("loginUnidentifiedUser"), Step("logEvent", ("ordered",), answers=()))
    )
    assert isinstance(outcome, Failure)
    assert outcome.broken[0].kind == "callback_early"


def test_a_self_contained_sdk_has_no_answers_to_keep() -> None:
    """Nothing stands below it, so that the step is not put to it."""
    player = open_player("reference:", SPEC)
    player.start()
    assert player.supports(ADA) == {"native-sdk"}


def test_a_step_keeps_its_answers_in_documents() -> None:
    """A trace is written, read and told with whose answers are handed over."""
    trace = (ADA, Step("network_up", answers=("second", "first")))
    again = from_document(to_document(trace), SPEC)
    assert [one.answers for one in again] == [(), ("second", "first")]
    assert render_step(again[0]).endswith("as first   [answers kept back]")
    assert render_step(again[1]) == "network_up()   [answers to second, then first]"


def test_shrinking_lets_answers_come_as_they_come() -> None:
    """What does not need the order is shown without it."""
    (step,) = shrink((ADA,), lambda trace: bool(trace) and trace[0].name == ADA.name)
    assert step.answers is None


# What is allowed ------------------------------------------------------------------------------------------


def test_a_wrapper_may_pass_calls_on_one_at_a_time() -> None:
    """The work of a later call is done when the earlier one is answered: that order explains it, and so is allowed."""
    event = Step("logEvent", ("ordered",), call="second", answers=())
    outcome = played("py:miniatures.wrong_wrappers:OneAtATime", ADA, event, Step("network_up"))
    before, after = (outcome.seen[at].observation.snapshot["records"]["contacts"][0]["events"] for at in (1, 2))
    assert (before, [one["name"] for one in after]) == ([], ["ordered"])


def test_calls_keep_their_order_all_the_same() -> None:
    """A wrapper that makes a call before one that was made earlier is at fault."""
    check = CHECKS["overlap/loginUnidentifiedUser/three"]
    player = open_player("py:miniatures.wrong_overlaps:QueueReordered", SPEC)
    player.start()
    result = run_check(check, player, Settings())
    assert result.verdict == "failed"
    assert any(finding.orders for finding in result.findings)


def test_a_report_says_which_orders_were_considered() -> None:
    """Each with what speaks against it, in a line or two."""
    fetch = Step("fetchHelpCenterCollections", call="second", answers=())
    trace = (Step("loginUnidentifiedUser", call="first", answers=()), fetch, Step("network_up", answers=("second",)))
    player = open_player("py:miniatures.wrong_overlaps:AnswersTakenInTurn", SPEC)
    result = replay(player, trace)
    document = events.check(result, SPEC, Masker.of(SPEC))["findings"][0]
    text = render_finding(document, {"connector": "py:x", "binding": None, "strict": False}, 100)
    assert "No order of the calls in flight explains it:\n    success of first, then success of second: " in text


# The family -----------------------------------------------------------------------------------------------


def test_there_are_two_checks_for_each_method_that_waits() -> None:
    """Which ones wait, the specification says: no method is named anywhere."""
    found = [one.removeprefix("overlap/") for one in CHECKS if one.startswith("overlap/")]
    assert found[::2] == [
        "loginUnidentifiedUser",
        "loginUserWithUserAttributes",
        "updateUser",
        "logEvent",
        "sendPushToken",
        "fetchHelpCenterCollections",
        "fetchHelpCenterCollection",
        "searchHelpCenter",
    ]
    assert found[1::2] == [f"{one}/three" for one in found[::2]]


def test_more_examples_are_more_ways_for_answers_to_come() -> None:
    """With --examples 300 each pair is played with two more."""
    player = open_player("reference:", SPEC)
    player.start()
    check = CHECKS["overlap/loginUnidentifiedUser"]
    few, many = (run_check(check, player, Settings(examples=examples)) for examples in (100, 300))
    assert (few.traces, many.traces) == (2 * few.traces // 2, 2 * few.traces)


# Known faults are gone around -----------------------------------------------------------------------------


class TwoFaults(Miniature):
    """Showing the launcher is answered with an error, though it is shown; and then nothing on screen can be hidden."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "setLauncherVisibility" and list(arguments[:1]) == ["VISIBLE"]:
            super()._call(method, arguments, None, None)
            return give(error, {"code": 400, "message": "no"})
        if method == "hideIntercom":
            return give(error, {"code": 400, "message": "nothing can be hidden"})
        return super()._call(method, arguments, success, error)


class NoLogin(Miniature):
    """Nobody is ever identified: the login succeeds and does nothing."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "loginUserWithUserAttributes":
            return give(success)
        return super()._call(method, arguments, success, error)


def result_of(factory: type[Miniature], check: str) -> Result:
    player = open_player(f"py:{__name__}:{factory.__name__}", SPEC)
    player.start()
    return run_check(CHECKS[check], player, Settings())


KNOWN = """
binding: TwoFaults
specification: '1.0'
deviations:
  - requirement: launcher-visibility
    step: setLauncherVisibility
    kind: fail
    message: error with
    reason: The launcher is shown all the same.
"""


@pytest.mark.parametrize("check", ["sequence/plain", "complete/messenger"])
def test_a_known_fault_masks_only_itself(check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With one of two faults on record, the other one is found, and it alone fails the run."""
    (tmp_path / "known.yaml").write_text(KNOWN, encoding="utf-8")
    stream = tmp_path / "run.ndjson"
    known = ["--deviations", str(tmp_path / "known.yaml"), "--events", str(stream)]
    assert main(["run", f"py:{__name__}:TwoFaults", "-k", check, "--examples", "20", *known]) == 1
    findings = {one["trace"][-1].copy().popitem()[0]: one for one in events.read(stream).results[0]["findings"]}
    assert not findings["hideIntercom"].get("known")
    if check.startswith("sequence"):
        assert findings["setLauncherVisibility"]["known"] == "The launcher is shown all the same."
    capsys.readouterr()


def test_a_walk_goes_on_behind_what_is_known() -> None:
    """Steps that show a known fault are left out of a walk, which is played to its end all the same."""
    known = result_of(TwoFaults, "sequence/plain")
    assert known.verdict == "failed"
    assert known.exercised, "no walk came to its end"


def test_what_lies_behind_a_fault_is_told() -> None:
    """Where every way leads through a step that is left out, the statement names what was not reached."""
    result = result_of(NoLogin, "complete/session")
    assert result.verdict == "failed"
    assert "behind which were not reached session: identified" in result.message
