"""Calls that overlap: what the oracle allows, how answers are handed over, and what a report says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from miniatures.wrong_sdks import Callback, Miniature, give
from miniatures.wrong_wrappers import FaithfulWrapper

from intercom_conformance import events
from intercom_conformance.cli import main
from intercom_conformance.far_end import ReferenceFarEnd
from intercom_conformance.kit import open_player
from intercom_conformance.masking import Masker
from intercom_conformance.oracle import ABSENT, Accepted, Rejected
from intercom_conformance.player import Failure, Played, _Relay
from intercom_conformance.reports.finding import render_finding
from intercom_conformance.results import Result
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, replay, run_check
from intercom_conformance.suite.overlap import _Scope
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


def test_shrinking_names_no_answers_to_calls_that_were_left_out() -> None:
    """A walk's step may hand over answers to many calls; what is told names those that are still there."""
    step = Step("network_up", answers=("third", "first"))
    short = shrink((ADA, LOGOUT, step), lambda trace: any("first" in (one.answers or ()) for one in trace))
    assert [one.answers for one in short] == [()]


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


# Who is not accused ---------------------------------------------------------------------------------------


def login(user: str) -> dict[str, Any]:
    return {"loginUserWithUserAttributes": [{"userId": user}]}


ANONYMOUS: dict[str, Any] = {"loginUnidentifiedUser": []}
KEPT: dict[str, Any] = {"answers": []}
NOT_LIVE = {"presentContent": [{"type": "ARTICLE", "id": "d"}]}
SUCCESS_ONLY = {"presentContent": [{"type": "HELP_CENTER_COLLECTIONS", "ids": []}], "callbacks": ["success"]}
IN_VAIN = [{"logEvent": []}, {"logEvent": []}]
CROWD = [{name: []} for name in ("fetchHelpCenterCollection", "presentContent", "searchHelpCenter", "updateUser")]
RIGHT: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "an error that has come and is kept": (
        "FaithfulWrapper",
        [login("g"), {"network_held": []}, login("a"), ANONYMOUS, ANONYMOUS, {"network_up": [], **KEPT}, *IN_VAIN],
    ),
    "the first of many logins": (
        "FaithfulWrapper",
        [
            {"network_down": []},
            login("a"),
            ANONYMOUS,
            *IN_VAIN,
            login("b"),
            {"logEvent": []},
            login("c"),
            ANONYMOUS,
            ANONYMOUS,
            {"network_flaky": [], **KEPT},
        ],
    ),
    "a crowd whose answers have come": (
        "FaithfulWrapper",
        [{"network_down": []}, ANONYMOUS, *CROWD, login("g"), *CROWD, *CROWD, {"network_flaky": [], **KEPT}],
    ),
    "a call that was given one callback": (
        "FaithfulWrapper",
        [
            {"network_flaky": []},
            ANONYMOUS,
            {"updateUser": []},
            SUCCESS_ONLY,
            NOT_LIVE,
            login("g"),
            {"updateUser": []},
            {"network_up": [], **KEPT},
            {"network_up": []},
        ],
    ),
    "an answer that is kept from nobody": (
        "FaithfulWrapper",
        [{"presentSpace": [], **KEPT}, {"logout": [], **KEPT}, {"time_passes": [], **KEPT}],
    ),
    "a login that is tried again before a later call": (
        "OneAtATime",
        [
            {"network_flaky": []},
            ANONYMOUS,
            {"network_down": []},
            {"time_passes": [], **KEPT},
            {"network_up": [], **KEPT},
            {"updateUser": [], **KEPT},
            {"presentSpace": [], **KEPT},
        ],
    ),
    "an update that waits, and then decides who logs in": (
        "FaithfulWrapper",
        [
            {"loginUserWithUserAttributes": [{"email": "a"}]},
            {"verification_enforced": []},
            {"network_held": []},
            {"fetchHelpCenterCollections": []},
            {"logEvent": ["o"]},
            {"updateUser": [{"userId": "ada"}]},
            login("ada"),
            {"updateUser": [{"userId": "ada"}], "callbacks": []},
            {"network_up": [], **KEPT},
            {"network_up": []},
        ],
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_wrapper_is_not_accused(case: str) -> None:
    """Each of these was: the oracle left out the order that explains it, or took an answer that is kept for missing."""
    wrapper, documents = RIGHT[case]
    outcome = played(f"py:miniatures.wrong_wrappers:{wrapper}", *from_document(documents, SPEC))
    assert not outcome.undecided


@pytest.mark.parametrize("wrapper", ["FaithfulWrapper", "OneAtATime", "UntoldWrapper"])
def test_walks_that_keep_answers_pass_on_right_wrappers(wrapper: str) -> None:
    """From several beginnings; what was judged in part is told, and is little."""
    player = open_player(f"py:miniatures.wrong_wrappers:{wrapper}", SPEC)
    player.start()
    for seed in range(3):
        result = run_check(CHECKS["sequence/overlap"], player, Settings(examples=40, seed=seed))
        assert result.verdict == "passed", result.findings
        assert not result.message or "were judged only in part" in result.message


def test_what_the_kit_answered_decides_between_orders() -> None:
    """Error or success is open when somebody else logs in; the answer that the kit keeps says which it was."""
    game = open_player(FAITHFUL, SPEC).begin()
    for step in from_document([login("g"), {**login("a"), "as": "other", **KEPT}], SPEC):
        assert game.play(step) is None
    assert game.seen[-1].observation.kept == {"other": "error"}
    assert [[owed.callback for owed in at.late] for at in game.configurations] == [["error"]]


def test_an_answer_to_another_question_decides_nothing() -> None:
    """A wrapper that asks for something else than the call may make of the answer what it likes."""
    relay = _Relay(ReferenceFarEnd(), call="c1")
    relay.reset()
    relay.keeping = frozenset(["loginUnidentifiedUser"])
    relay.native("loginUnidentifiedUser", [])
    assert relay.done(frozenset(), {"c1": "updateUser"}) == {"c1": "either"}
    assert relay.done(frozenset(), {"c1": "loginUnidentifiedUser"}) == {"c1": "success"}


def test_once_the_oracle_has_guessed_it_looks_at_everything() -> None:
    """A verdict that rests on a guess is not believed before all orders were followed from the beginning."""
    _, documents = RIGHT["an update that waits, and then decides who logs in"]
    game = open_player(FAITHFUL, SPEC).begin()
    for step in from_document(documents, SPEC):
        assert game.play(step) is None
    assert isinstance(game.player.oracle.believed(game.history), Accepted)
    *before, (step, seen) = game.history
    wrong = attrs.evolve(seen, settled=tuple(attrs.evolve(one, callback="error", value=ABSENT) for one in seen.settled))
    assert isinstance(game.player.oracle.believed([*before, (step, wrong)]), Rejected)


# Who is to blame ------------------------------------------------------------------------------------------


class Optimist(FaithfulWrapper):
    """A login is a success as soon as it has crossed the bridge."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method.startswith("login"):
            give(success)
            success = error = None
        return super().ask(method, arguments, success, error)


@pytest.mark.parametrize(
    "before", [[], [ANONYMOUS], [login("a")]], ids=["nobody is there", "an anonymous user", "somebody else"]
)
def test_a_success_that_nobody_has_given_is_early(before: list[dict[str, Any]]) -> None:
    """Whoever is there when a login's request is lost: what is wrong is the success, not who is logged in."""
    trace = from_document([*before, {"network_flaky": []}, login("g")], SPEC)
    outcome = open_player(f"py:{__name__}:Optimist", SPEC).play(trace)
    assert isinstance(outcome, Failure)
    assert (outcome.requirement, outcome.broken[0].kind) == ("no-success-before-outcome", "callback_early")


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
    """With --examples 300 each pair is played with two more, and what nobody answers is played once."""
    player = open_player("reference:", SPEC)
    player.start()
    check = CHECKS["overlap/loginUnidentifiedUser"]
    few, many = (run_check(check, player, Settings(examples=examples)) for examples in (100, 300))
    method = SPEC.api.methods["loginUnidentifiedUser"]
    pairs = len(_Scope.of(SPEC).waits_at(method)) * len(SPEC.api.methods)
    assert few.traces > 2 * pairs
    assert many.traces - few.traces == 2 * pairs


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
