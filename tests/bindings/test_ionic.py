"""Ionic's wrapper runs over the real JavaScript of the Cordova plugin, and hands on what both of them do."""

from __future__ import annotations

from typing import Any

import pytest
from running_apps import App, Start

from intercom_conformance.bindings import resolve
from intercom_conformance.drivers import Answered, Failed, Held, Settled

CONNECTOR = "npm:@ionic-native/intercom@5.36.0"


@pytest.fixture(params=["android", "ios"])
def app(request: pytest.FixtureRequest, start: Start) -> App:
    return start(resolve(f"{CONNECTOR}?platform={request.param}").argv)


def test_it_introduces_itself(app: App) -> None:
    """The wrapper has only the functions of the plugin's earlier versions."""
    binding = app.binding
    assert (binding.name, binding.version, binding.style) == ("@ionic-native/intercom", "5.36.0", "promises")
    assert {"session", "unread-count", "space-help-center", "content-article", "hide"} <= binding.capabilities
    assert not binding.capabilities & {"content-survey", "space-home", "login-attributes", "aliases", "callbacks"}


CALLS: list[tuple[str, list[Any]]] = [
    ("loginUserWithUserAttributes", [{"userId": "ada"}]),
    ("logout", []),
    ("setUserHash", ["a" * 64]),
    ("updateUser", [{"name": "Ada"}]),
    ("logEvent", ["order-item", {"price": 3}]),
    ("present", []),
    ("presentSpace", ["HELP_CENTER"]),
    ("presentContent", [{"type": "ARTICLE", "id": "1"}]),
    ("presentContent", [{"type": "CAROUSEL", "id": "1"}]),
    ("presentMessageComposer", ["Hello"]),
    ("setLauncherVisibility", ["GONE"]),
    ("setInAppMessageVisibility", ["GONE"]),
    ("setBottomPadding", [20]),
    ("sendPushToken", ["token-1"]),
]


def test_a_call_arrives_as_the_guide_has_it(app: App) -> None:
    """Through the wrapper's names and the plugin's; it succeeds once."""
    settled = [app.call(method, *arguments).settled for method, arguments in CALLS]
    assert app.far_end.heard == CALLS
    assert settled == [(Settled("c1", "success"),)] * len(CALLS)


def test_data_errors_and_late_answers_reach_their_promises(app: App) -> None:
    """The plugin's callbacks are the promise's."""
    app.far_end.replies = {
        "unreadConversationCount": Answered(3),
        "updateUser": Failed(1001, "no user"),
        "present": Held("t1"),
    }
    assert app.call("present", name="c1").settled == ()
    assert app.call("unreadConversationCount", name="c2").settled == (Settled("c2", "success", 3),)
    error = Settled("c3", "error", {"code": 1001, "message": "no user"})
    assert app.call("updateUser", {}, name="c3").settled == (error,)
    assert app.driver.answer("t1", Answered()).settled == (Settled("c1", "success"),)


def test_an_event_without_metadata_is_rejected_though_it_is_logged(app: App) -> None:
    """A finding: the wrapper puts its callbacks where the metadata would be, and success becomes the plugin's error."""
    (settled,) = app.call("logEvent", "order-item").settled
    assert settled.callback == "error"
    assert app.far_end.heard[0][0] == "logEvent"


def test_hiding_is_rejected_as_not_installed(app: App) -> None:
    """A finding: the wrapper asks for a function that the plugin has under another name since its version 10."""
    assert app.call("hideIntercom").settled == (Settled("c1", "error", "plugin_not_installed"),)
    assert app.far_end.heard == []


def test_what_has_no_function_is_missing(app: App) -> None:
    """An app that calls it gets what JavaScript throws."""
    for method in ("isUserLoggedIn", "fetchHelpCenterCollections"):
        thrown = app.call(method).thrown
        assert thrown is not None
        assert thrown.type == "TypeError"
