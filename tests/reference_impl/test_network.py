"""Time and the network: calls that wait, retries, late answers, logins that failed and are kept."""

from __future__ import annotations

import math

import pytest
from recording import App

from intercom_reference.client import Client
from intercom_reference.model import methods
from intercom_reference.network import BACKOFF, HOUR, Call, Clock, Retries, Waiting

ADA, EVE = {"userId": "ada"}, {"userId": "eve"}


def app_during(event: str, choices: dict[str, int] | None = None) -> App:
    """An app that begins in this state of the network."""
    app = App(choices=choices or {})
    app.sdk.environment(event)
    return app


# The schedule -------------------------------------------------------------------------------------


def test_retries_come_after_one_two_and_four_seconds_and_then_every_hour() -> None:
    """The third is the last of the schedule; those by the hour are last, too."""
    schedule, seen = Retries().armed(10.0), []
    for _ in range(5):
        seen.append((schedule.due, schedule.attempt))
        schedule = schedule.following()
    assert [attempt for _, attempt in seen] == ["repeated", "repeated", "last", "last", "last"]
    assert [due for due, _ in seen] == [11.0, 13.0, 17.0, 17.0 + HOUR, 17.0 + 2 * HOUR]
    assert sum(BACKOFF) == 7.0


def test_a_login_that_was_kept_waits_in_front_of_all_calls() -> None:
    """Without its callbacks, and once."""
    login, other = (
        Call(methods()[name], {}, frozenset(), print, print) for name in ("loginUnidentifiedUser", "present")
    )
    waiting = Waiting().joined(other).remembering(login).requeued()
    assert [call.method.name for call in waiting.calls] == ["loginUnidentifiedUser", "present"]
    assert [call.success for call in waiting.calls] == [None, print]
    assert waiting.requeued() == waiting


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, True, "1"])
def test_time_goes_forward_by_finite_steps(seconds: float) -> None:
    """Anything else is refused before something happens."""
    sdk = Client()
    with pytest.raises(ValueError, match="time cannot be advanced"):
        sdk.advance(seconds)
    assert sdk.clock.now == 0.0


def test_events_carry_the_time_at_which_they_were_logged() -> None:
    """The clock may be shared, and begin anywhere."""
    app = App(clock=Clock(1000.0))
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.advance(2.5)
    app.call("logEvent", "a")
    app.sdk.environment("time_passes")
    app.call("logEvent", "b")
    assert [event.time for event in app.sdk.workspace.contacts[0].events] == [1002.5, 4602.5]


# Logins -------------------------------------------------------------------------------------------


def test_a_login_whose_request_fails_is_retried_and_reports_the_last_failure() -> None:
    """No callback before the last try, one error at it, and no contact."""
    app = app_during("network_down")
    assert app.call("loginUserWithUserAttributes", ADA) == []
    app.sdk.advance(6.99)
    assert app.answers == []
    app.sdk.advance(0.01)
    assert app.answers == [("loginUserWithUserAttributes", "error")]
    assert app.values[0]["code"] == 503
    assert (app.contacts, app.state("session")) == ([], "logged_out")


def test_a_change_of_the_network_begins_the_retries_anew() -> None:
    """The world has changed, so that the last try is not used up."""
    app = app_during("network_down")
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.advance(6)
    app.sdk.environment("network_down")
    app.sdk.advance(6.99)
    assert app.answers == []
    app.sdk.advance(0.01)
    assert app.answers == [("loginUserWithUserAttributes", "error")]


@pytest.mark.parametrize("recovery", ["network_up", "advance"])
def test_a_login_succeeds_on_a_retry_when_the_network_is_back(recovery: str) -> None:
    """Whether the network says so or the next try finds out."""
    app = app_during("network_down", {"login-retry-answered": 1} if recovery == "advance" else {})
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_up")
    if recovery == "advance":
        assert app.answers == []
        app.sdk.advance(7)
    assert app.answers == [("loginUserWithUserAttributes", "success")]
    assert app.user["user_id"] == "ada"


def test_a_flaky_network_loses_one_request_only() -> None:
    """The retry after a second is answered."""
    app = app_during("network_flaky")
    assert app.call("loginUserWithUserAttributes", ADA) == []
    app.sdk.advance(1)
    assert app.answers == [("loginUserWithUserAttributes", "success")]


def test_a_lost_login_may_also_be_repeated_at_once() -> None:
    """A choice that the sources leave open."""
    app = app_during("network_flaky", {"login-request-lost": 1})
    assert app.call("loginUserWithUserAttributes", ADA) == [("loginUserWithUserAttributes", "success")]


def failed_login() -> App:
    """An app whose login has failed for good while the network is down."""
    app = app_during("network_down")
    app.call("loginUserWithUserAttributes", {**ADA, "name": "Ada"})
    app.sdk.environment("time_passes")
    assert app.answers == [("loginUserWithUserAttributes", "error")]
    app.answers.clear()
    return app


def test_after_a_failed_login_other_calls_try_it_first() -> None:
    """With the network up again both are done, the login without a second callback."""
    app = failed_login()
    app.sdk.environment("network_up")
    assert app.answers == []
    assert app.call("logEvent", "looked") == [("logEvent", "success")]
    assert (app.user["user_id"], app.user["attributes"]) == ("ada", {"name": "Ada"})
    assert [event["name"] for event in app.user["events"]] == ["looked"]


def test_after_a_failed_login_other_calls_fail_while_the_network_is_down() -> None:
    """And change nothing."""
    app = failed_login()
    assert app.error("updateUser", {"name": "x"}) == 503
    assert app.error("present") == 503
    assert (app.contacts, app.state("messenger")) == ([], "closed")


def test_a_failed_login_is_forgotten_by_a_logout() -> None:
    """The next call is then one of nobody."""
    app = failed_login()
    app.sdk.environment("network_up")
    app.call("logout")
    assert app.error("logEvent", "looked") == 401
    assert app.contacts == []


def test_a_new_login_replaces_one_that_failed() -> None:
    """The failed one does not come back."""
    app = failed_login()
    app.sdk.environment("network_up")
    assert app.outcome("loginUserWithUserAttributes", EVE) == "success"
    app.call("logEvent", "looked")
    assert [contact["user_id"] for contact in app.contacts] == ["eve"]


def test_calls_wait_for_a_login_and_keep_their_order() -> None:
    """They are answered after it, in the order in which they came."""
    app = app_during("network_held")
    app.call("loginUserWithUserAttributes", ADA)
    app.call("logEvent", "first")
    app.call("updateUser", {"name": "Ada"})
    app.call("logEvent", "second")
    assert app.answers == []
    app.sdk.environment("network_up")
    names = [name for name, _ in app.answers]
    assert names == ["loginUserWithUserAttributes", "logEvent", "updateUser", "logEvent"]
    assert {callback for _, callback in app.answers} == {"success"}
    assert [event["name"] for event in app.user["events"]] == ["first", "second"]


def test_two_logins_are_answered_one_after_the_other() -> None:
    """The second is then the login of another user."""
    app = app_during("network_held")
    app.call("loginUserWithUserAttributes", ADA)
    app.call("loginUserWithUserAttributes", EVE)
    app.sdk.environment("network_up")
    assert [callback for _, callback in app.answers] == ["success", "error"]
    assert [contact["user_id"] for contact in app.contacts] == ["ada"]


def test_answers_that_are_held_back_come_after_any_time() -> None:
    """Neither the last retry nor hours end the wait."""
    app = app_during("network_held")
    app.call("loginUserWithUserAttributes", ADA)
    for _ in range(3):
        app.sdk.environment("time_passes")
    assert app.answers == []
    app.sdk.environment("network_up")
    assert app.answers == [("loginUserWithUserAttributes", "success")]


# Requests -----------------------------------------------------------------------------------------


def test_requests_report_a_failure() -> None:
    """At once, and they change nothing."""
    app = App()
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_down")
    assert app.error("logEvent", "looked") == 503
    assert app.error("updateUser", {"name": "Ada"}) == 503
    assert app.error("fetchHelpCenterCollections") == 503
    assert (app.user["events"], app.user["attributes"]) == ([], {})


def test_a_request_may_wait_and_fail_at_the_last_retry() -> None:
    """The other reading of a failure: retry first."""
    app = App(choices={"request-fails": 1})
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_down")
    assert app.call("logEvent", "looked") == []
    app.sdk.advance(7)
    assert app.answers[-1] == ("logEvent", "error")


def test_what_needs_no_request_needs_no_network() -> None:
    """The messenger, the launcher and questions about the session."""
    app = App()
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_down")
    for method in ("present", "hideIntercom", "isUserLoggedIn", "unreadConversationCount", "logout"):
        assert app.outcome(method) == "success"


def test_a_late_answer_does_not_bring_a_user_back() -> None:
    """A logout ends what waits: each call is answered once, with an error, and has no effect any more."""
    app = app_during("network_held")
    app.call("loginUserWithUserAttributes", ADA)
    app.call("logEvent", "looked")
    assert app.call("logout") == [
        ("loginUserWithUserAttributes", "error"),
        ("logEvent", "error"),
        ("logout", "success"),
    ]
    assert [value["code"] for value in app.values[:2]] == [401, 401]
    app.sdk.environment("network_up")
    app.sdk.environment("time_passes")
    assert len(app.answers) == 3
    assert (app.contacts, app.state("session")) == ([], "logged_out")


def test_a_late_answer_does_not_reach_the_next_user() -> None:
    """What the first user logged is not recorded for the second."""
    app = App()
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_held")
    app.call("logEvent", "looked")
    app.call("logout")
    app.sdk.environment("network_up")
    app.call("loginUserWithUserAttributes", EVE)
    assert [contact["events"] for contact in app.contacts] == [[], []]


def test_a_change_of_user_ends_what_waited_behind_it() -> None:
    """Where the implementation lets the second user in, calls that waited belong to nobody."""
    app = App(choices={"another-user": 1})
    app.call("loginUserWithUserAttributes", ADA)
    app.sdk.environment("network_held")
    app.call("loginUserWithUserAttributes", EVE)
    app.call("logEvent", "looked")
    app.sdk.environment("network_up")
    assert app.answers[1:] == [("loginUserWithUserAttributes", "success"), ("logEvent", "error")]
    assert [contact["events"] for contact in app.contacts] == [[], []]
    assert app.user["user_id"] == "eve"
