"""The client as apps see it: the session's rules row by row, callbacks, arguments, and doors of its own."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recording import NOTHING, App

import intercom_reference
from intercom_reference import client as client_module
from intercom_reference import payloads
from intercom_reference.client import Client
from intercom_reference.facts import user_hash
from intercom_reference.loading import load_document
from intercom_reference.model import UnknownMethodError, aliases, methods
from intercom_reference.session import BadArgumentsError, UnknownEventError

LOGIN = "loginUserWithUserAttributes"
ADA: dict[str, Any] = {"userId": "ada", "email": "ada@example.com"}
EVE: dict[str, Any] = {"userId": "eve"}
NEEDS_USER: list[tuple[str, list[Any]]] = [
    ("updateUser", [{"name": "Ada"}]),
    ("logEvent", ["looked"]),
    ("present", []),
    ("presentSpace", ["HOME"]),
    ("presentContent", [{"type": "ARTICLE", "id": "5678"}]),
    ("presentMessageComposer", ["Hi"]),
    ("fetchHelpCenterCollections", []),
    ("fetchHelpCenterCollection", ["23434"]),
    ("searchHelpCenter", ["sign"]),
    ("sendPushToken", ["token"]),
]


def identified(choices: dict[str, int] | None = None, attributes: dict[str, Any] = ADA) -> App:
    """An app in which a user is logged in."""
    app = App(choices=choices or {})
    assert app.outcome(LOGIN, attributes) == "success"
    return app


def anonymous(choices: dict[str, int] | None = None) -> App:
    """An app in which an unidentified user is logged in."""
    app = App(choices=choices or {})
    assert app.outcome("loginUnidentifiedUser") == "success"
    return app


# The rules of the session, one after the other -------------------------------------------------------


@pytest.mark.parametrize("attributes", [None, {}, {"name": "Ada"}, {"userId": ""}, {"userId": 5}, "ada", []])
def test_a_login_without_a_usable_identity_is_an_error_and_nothing_is_sent(attributes: Any) -> None:
    """Neither a userId nor an email that is text."""
    app = App()
    assert app.error(LOGIN, attributes) == 2001
    assert (app.contacts, app.state("session")) == ([], "logged_out")


def test_an_unidentified_login_makes_one_anonymous_contact() -> None:
    """Its options have no influence, whatever they are."""
    app = App()
    assert app.outcome("loginUnidentifiedUser", {"userId": "ada"}) == "success"
    assert app.state("session") == "unidentified"
    assert [(contact["kind"], contact["user_id"]) for contact in app.contacts] == [("anonymous", None)]


def test_an_identified_login_makes_the_contact_with_its_other_attributes() -> None:
    """Companies and custom attributes included."""
    app = identified(attributes={**ADA, "name": "Ada", "custom_attributes": {"a": 1}, "companies": [{"id": "n"}]})
    assert app.state("session") == "identified"
    assert app.contacts == [
        {
            "kind": "identified",
            "user_id": "ada",
            "email": "ada@example.com",
            "attributes": {"name": "Ada"},
            "custom_attributes": {"a": 1},
            "companies": {"n": {"id": "n"}},
            "events": [],
        }
    ]


def test_an_email_of_another_user_is_refused() -> None:
    """A login by email alone cannot become a user who has a userId."""
    app = identified()
    app.call("logout")
    assert app.error(LOGIN, {"email": "ada@example.com"}) == 409
    assert (len(app.contacts), app.state("session")) == (1, "logged_out")


def test_anonymous_activity_moves_to_the_user_who_is_identified() -> None:
    """And the anonymous contact is gone."""
    app = anonymous()
    app.call("logEvent", "looked")
    assert app.outcome(LOGIN, ADA) == "success"
    assert app.state("session") == "identified"
    assert [(contact["user_id"], contact["events"]) for contact in app.contacts] == [
        ("ada", [{"name": "looked", "metadata": {}}])
    ]


def test_a_second_unidentified_login_makes_no_second_contact() -> None:
    """It succeeds, and nothing else happens."""
    app = anonymous()
    assert app.outcome("loginUnidentifiedUser") == "success"
    assert len(app.contacts) == 1


@pytest.mark.parametrize("answer", ["success", "error"])
def test_an_anonymous_logout_leaves_no_orphan(answer: str) -> None:
    """Whatever it reports: the contact can still be merged."""
    app = anonymous({"logout-anonymous": ["success", "error"].index(answer)})
    app.call("logEvent", "looked")
    assert app.outcome("logout") == answer
    app.call(LOGIN, ADA)
    assert [len(contact["events"]) for contact in app.contacts] == [1]


def test_the_same_user_may_log_in_again() -> None:
    """By userId or by email: no second contact."""
    app = identified()
    assert app.outcome(LOGIN, ADA) == "success"
    assert app.outcome(LOGIN, {"email": "ada@example.com"}) == "success"
    assert len(app.contacts) == 1


def test_another_user_is_refused_and_the_first_stays() -> None:
    """Nothing of the second is stored."""
    app = identified()
    assert app.error(LOGIN, {**EVE, "name": "Eve"}) == 3002
    assert (app.user["user_id"], app.user["attributes"], len(app.contacts)) == ("ada", {}, 1)


def test_or_another_user_is_let_in_and_nothing_is_mixed() -> None:
    """The other reading."""
    app = identified({"another-user": 1})
    app.call("logEvent", "of-ada")
    assert app.outcome(LOGIN, {**EVE, "name": "Eve"}) == "success"
    app.call("logEvent", "of-eve")
    assert (app.user["user_id"], app.user["email"]) == ("eve", None)
    assert [event["name"] for event in app.user["events"]] == ["of-eve"]
    assert app.contacts[0]["attributes"] == {}


@pytest.mark.parametrize(
    ("choice", "outcome", "session"),
    [(0, "error", "identified"), (1, "success", "identified"), (2, "success", "unidentified")],
)
def test_an_unidentified_login_never_loses_the_user(choice: int, outcome: str, session: str) -> None:
    """The contact of the user who was there remains in each of the readings."""
    app = identified({"anonymous-login-while-identified": choice})
    app.call("logEvent", "of-ada")
    assert app.outcome("loginUnidentifiedUser") == outcome
    assert app.state("session") == session
    assert (app.contacts[0]["user_id"], len(app.contacts[0]["events"])) == ("ada", 1)


def test_a_logout_clears_the_screen_the_cache_and_the_identity() -> None:
    """And keeps the contact in the workspace."""
    app = identified()
    app.call("setUserHash", "ab" * 32)
    app.sdk.environment("message_arrives")
    app.call("presentMessageComposer", "Hi")
    assert app.outcome("logout") == "success"
    snapshot = app.sdk.observe()
    assert snapshot["state"]["session"] == "logged_out"
    assert snapshot["state"]["messenger"] == "closed"
    assert snapshot["current"] is None
    registers = snapshot["registers"]
    assert (registers["user_hash"], registers["unread"], registers["composer_text"]) == (None, 0, None)
    assert app.value("fetchLoggedInUserAttributes") is None
    assert app.value("isUserLoggedIn") is False
    assert len(app.contacts) == 1


def test_a_logout_of_nobody_changes_nothing() -> None:
    """However often."""
    app = App()
    before = app.sdk.observe()
    assert [app.outcome("logout"), app.outcome("logout")] == ["success", "success"]
    assert app.sdk.observe() == before


@pytest.mark.parametrize(("method", "arguments"), NEEDS_USER)
def test_what_needs_a_user_is_an_error_while_nobody_is_logged_in(method: str, arguments: list[Any]) -> None:
    """Nothing reaches the workspace or the screen."""
    app = App()
    before = app.sdk.observe()
    assert app.error(method, *arguments) == 401
    assert app.sdk.observe() == before


@pytest.mark.parametrize(("method", "arguments"), NEEDS_USER)
@pytest.mark.parametrize("begin", [identified, anonymous])
def test_what_needs_a_user_succeeds_for_any_user(method: str, arguments: list[Any], begin: Any) -> None:
    """Identified or not."""
    assert begin().outcome(method, *arguments) == "success"


def test_a_user_id_never_changes() -> None:
    """And is set once for a user who is known by email."""
    app = identified()
    assert app.error("updateUser", {"userId": "eve", "name": "Eve"}) == 400
    assert (app.user["user_id"], app.user["attributes"]) == ("ada", {})
    by_email = identified(attributes={"email": "ann@example.com"})
    assert by_email.outcome("updateUser", {"userId": "ann"}) == "success"
    assert by_email.user["user_id"] == "ann"


def test_an_anonymous_user_takes_no_identity_from_an_update() -> None:
    """The update is refused as a whole."""
    app = anonymous()
    assert app.error("updateUser", {"email": "x@example.com", "name": "x"}) == 400
    assert (app.user["email"], app.user["attributes"]) == (None, {})


@pytest.mark.parametrize(("choice", "outcome", "stored"), [(0, "error", {}), (1, "success", {"n": {"id": "n"}})])
def test_a_company_without_an_id_is_not_stored(choice: int, outcome: str, stored: dict[str, Any]) -> None:
    """The update is refused, or the rest of it taken."""
    app = identified({"update-with-idless-company": choice})
    assert app.outcome("updateUser", {"companies": [{"name": "Navy"}, {"id": "n"}]}) == outcome
    assert app.user["companies"] == stored


def test_unknown_custom_attributes_are_created() -> None:
    """As long as the workspace wants that."""
    app = identified()
    given = {"customAttributes": {"paid_subscriber": True, "shoe_size": 42}}
    assert app.outcome("updateUser", given) == "success"
    assert app.user["custom_attributes"] == given["customAttributes"]


@pytest.mark.parametrize(
    ("choice", "outcome", "stored"),
    [(0, "success", {"paid_subscriber": True}), (1, "error", {"paid_subscriber": True}), (2, "error", {})],
)
def test_unknown_custom_attributes_may_be_ignored(choice: int, outcome: str, stored: dict[str, Any]) -> None:
    """None of them is stored, and the answer is open."""
    app = identified({"update-with-unknown-attribute": choice})
    app.sdk.environment("new_attributes_ignored")
    given = {"customAttributes": {"paid_subscriber": True, "shoe_size": 42}}
    assert app.outcome("updateUser", given) == outcome
    assert app.user["custom_attributes"] == stored


def test_identity_verification_asks_for_the_hash_of_the_user() -> None:
    """Before the login; an anonymous one needs none."""
    app = App()
    app.sdk.environment("verification_enforced")
    assert app.error(LOGIN, ADA) == 401
    assert app.outcome("setUserHash", user_hash("conformance-secret", "eve")) == "success"
    assert app.error(LOGIN, ADA) == 401
    assert app.outcome("loginUnidentifiedUser") == "success"
    assert app.outcome("setUserHash", user_hash("conformance-secret", "ada")) == "success"
    assert app.outcome(LOGIN, ADA) == "success"


@pytest.mark.parametrize(
    ("content", "screen"),
    [
        ({"type": "ARTICLE", "id": "5678"}, "article"),
        ({"type": "CAROUSEL", "id": "1234"}, "carousel"),
        ({"type": "SURVEY", "id": "5678"}, "survey"),
        ({"type": "CONVERSATION", "id": "5678"}, "conversation"),
        ({"type": "HELP_CENTER_COLLECTIONS", "ids": ["23434", "7676"]}, "collections"),
    ],
)
def test_content_opens_while_it_is_live(content: dict[str, Any], screen: str) -> None:
    """When it is paused the end user sees an error."""
    app = identified()
    assert app.outcome("presentContent", content) == "success"
    assert app.state("messenger") == screen
    assert app.sdk.observe()["registers"]["content_shown"] == content
    for one in content.get("ids", [content.get("id")]):
        app.sdk.environment("content_paused", content["type"], one)
    assert app.error("presentContent", content) == 404
    assert app.state("messenger") == "content_error"
    assert app.sdk.observe()["registers"]["content_shown"] is None


@pytest.mark.parametrize(
    ("space", "screen"),
    [("HOME", "home"), ("HELP_CENTER", "help_center"), ("MESSAGES", "messages"), ("TICKETS", "tickets")],
)
def test_spaces_open_and_hiding_closes_them(space: str, screen: str) -> None:
    """The session stays."""
    app = identified()
    assert app.outcome("presentSpace", space) == "success"
    assert app.state("messenger") == screen
    assert app.outcome("hideIntercom") == "success"
    assert (app.state("messenger"), app.state("session")) == ("closed", "identified")


def test_the_composer_opens_with_its_text() -> None:
    """Or empty."""
    app = identified()
    app.call("presentMessageComposer", "Hello")
    assert app.sdk.observe()["registers"]["composer_text"] == "Hello"
    app.call("presentMessageComposer")
    assert (app.sdk.observe()["registers"]["composer_text"], app.state("messenger")) == (None, "composer")


def test_hidden_in_app_messages_do_not_hide_carousels_and_surveys() -> None:
    """Only messages stay away."""
    app = identified()
    assert app.outcome("setInAppMessageVisibility", "GONE") == "success"
    app.sdk.environment("message_arrives")
    assert app.state("messenger") == "closed"
    app.sdk.environment("carousel_arrives")
    assert app.state("messenger") == "carousel"
    app.call("hideIntercom")
    app.sdk.environment("survey_arrives")
    assert app.state("messenger") == "survey"


def test_a_message_pops_up_and_counts_until_it_is_read() -> None:
    """Dismissing it is not reading it."""
    app = identified()
    app.sdk.environment("message_arrives")
    assert app.state("messenger") == "in_app_message"
    app.call("hideIntercom")
    assert app.sdk.unreadConversationCount() == app.value("unreadConversationCount") == 1
    app.call("presentSpace", "MESSAGES")
    assert app.sdk.unreadConversationCount() == 0


def test_settings_of_the_device() -> None:
    """Defaults first: launcher hidden, in-app messages visible, no padding."""
    app = App()
    snapshot = app.sdk.observe()
    assert snapshot["state"]["launcher"] == "launcher_hidden"
    assert snapshot["state"]["in_app_messages"] == "in_app_visible"
    assert snapshot["registers"]["bottom_padding"] == 0
    app.call("setLauncherVisibility", "VISIBLE")
    app.call("setBottomPadding", 20)
    assert app.state("launcher") == "launcher_visible"
    assert app.sdk.observe()["registers"]["bottom_padding"] == 20


def test_the_help_center_is_told_as_data() -> None:
    """Collections, one of them, and what a search finds."""
    app = identified()
    listed = app.value("fetchHelpCenterCollections")
    assert [collection["id"] for collection in listed] == ["23434", "7676"]
    assert [article["id"] for article in app.value("fetchHelpCenterCollection", "23434")["articles"]] == ["5678"]
    assert [found["articleId"] for found in app.value("searchHelpCenter", "refunds")] == ["91"]
    assert app.error("fetchHelpCenterCollection", "1") == 1


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("updateUser", [{"phone": 5}], 400),
        ("logEvent", [None], 400),
        ("logEvent", ["a", {"nested": {"no": 1}}], 400),
        ("presentSpace", ["CELLAR"], 400),
        ("presentContent", [{"type": "ARTICLE"}], 400),
        ("presentMessageComposer", [3], 400),
        ("setLauncherVisibility", ["DIM"], 400),
        ("setInAppMessageVisibility", [True], 400),
        ("setBottomPadding", [-1], 400),
        ("setUserHash", ["short"], 400),
        ("sendPushToken", [""], 4002),
        ("fetchHelpCenterCollection", [5], 1),
        ("searchHelpCenter", [None], 3),
    ],
)
def test_wrong_arguments_are_reported_and_change_nothing(method: str, arguments: list[Any], code: int) -> None:
    """With the parameter in the message, so that somebody can find the mistake."""
    app = identified()
    before = app.sdk.observe()
    assert app.error(method, *arguments) == code
    parameter = methods()[method].parameters[len(arguments) - 1].name
    assert f"{method}: {parameter} is not valid." in app.values[-1]["message"]
    assert app.sdk.observe() == before


# Callbacks ------------------------------------------------------------------------------------------


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["userId", "email", "type", "id", "companies"]), inner)
        | st.sets(st.integers(), max_size=2)
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from(sorted(methods())), st.lists(anything, max_size=2)), max_size=6))
def test_any_call_with_any_arguments_is_answered_exactly_once(calls: list[tuple[str, list[Any]]]) -> None:
    """With the network up at once; a value only where the API gives one; an error as code and message."""
    app = App()
    for method, given_arguments in calls:
        arguments = given_arguments[: len(methods()[method].parameters)]
        outcome = app.outcome(method, *arguments)
        value, result = app.values[-1], load_document("spec/api.yaml")["methods"][method].get("result")
        if outcome == "error":
            assert set(value) == {"code", "message"}
            assert type(value["code"]) is int
            assert len(value["message"]) > 20
        elif result is None:
            assert value is NOTHING
        else:
            assert payloads.is_valid(result["schema"], value)


@pytest.mark.parametrize("method", sorted(methods()))
def test_callbacks_may_be_null(method: str) -> None:
    """Both of them, for every method, with too few arguments."""
    getattr(Client(), method)()


@pytest.mark.parametrize("callback", ["later", 5, {}])
def test_what_is_no_callback_is_refused_before_anything_happens(callback: Any) -> None:
    """A callback in the wrong place would otherwise be lost."""
    sdk = Client()
    with pytest.raises(TypeError, match="is no callback"):
        sdk.loginUnidentifiedUser(None, callback)
    assert sdk.observe()["state"]["session"] == "logged_out"


def test_a_callback_that_raises_reaches_the_caller_and_harms_nothing() -> None:
    """The call is done, other callbacks run, and the client goes on."""
    sdk, seen = Client(), list[str]()

    def fail() -> None:
        raise LookupError("mine")

    sdk.environment("network_held")
    sdk.loginUserWithUserAttributes(ADA, fail)
    sdk.logEvent("looked", None, lambda: seen.append("event"))
    with pytest.raises(LookupError, match="mine"):
        sdk.environment("network_up")
    assert seen == ["event"]
    assert [len(contact["events"]) for contact in sdk.observe()["records"]["contacts"]] == [1]
    sdk.isUserLoggedIn(lambda answer: seen.append(str(answer)))
    assert seen == ["event", "True"]


def test_several_callbacks_that_raise_reach_the_caller_together() -> None:
    """None of the exceptions is lost."""
    sdk = Client()

    def fail(*_: object) -> None:
        raise LookupError

    sdk.environment("network_held")
    sdk.loginUserWithUserAttributes(ADA, fail)
    sdk.logEvent("looked", None, fail)
    with pytest.raises(ExceptionGroup) as caught:
        sdk.environment("network_up")
    assert [type(error) for error in caught.value.exceptions] == [LookupError, LookupError]


def test_a_callback_may_call_the_client() -> None:
    """It sees its call done; the callbacks of its calls run after it, and after those that were due."""
    sdk, seen = Client(), list[str]()

    def logged_in() -> None:
        sdk.logEvent("inner", None, lambda: seen.append("inner logged"))
        seen.append(f"{len(sdk.workspace.contacts[0].events)} event, {sdk.unreadConversationCount()} unread")

    sdk.environment("network_held")
    sdk.loginUserWithUserAttributes(ADA, logged_in)
    sdk.logEvent("outer", None, lambda: seen.append("outer logged"))
    sdk.environment("network_up")
    assert seen == ["2 event, 0 unread", "outer logged", "inner logged"]


def test_a_callback_may_log_out() -> None:
    """Even the one of the login, and what follows in it is the call of nobody."""
    sdk, seen = Client(), list[Any]()

    def logged_in() -> None:
        sdk.logout(lambda: seen.append("logged out"))
        sdk.logEvent("late", None, None, lambda error: seen.append(error["code"]))

    sdk.loginUserWithUserAttributes(ADA, logged_in)
    assert seen == ["logged out", 401]


# Arguments and results --------------------------------------------------------------------------------


def test_arguments_are_copied_when_the_call_is_made() -> None:
    """What the caller does to them afterwards has no influence, even while the call waits."""
    app = App()
    app.sdk.environment("network_held")
    attributes: dict[str, Any] = {"userId": "ada", "customAttributes": {"a": 1}}
    app.call(LOGIN, attributes)
    attributes["customAttributes"]["a"] = 2
    attributes["userId"] = "eve"
    app.sdk.environment("network_up")
    assert (app.user["user_id"], app.user["custom_attributes"]) == ("ada", {"a": 1})


def test_results_and_snapshots_are_copies() -> None:
    """Changing them changes nothing, for this client or another."""
    app = identified()
    app.value("fetchHelpCenterCollections").clear()
    app.value("fetchHelpCenterCollection", "23434")["articles"].clear()
    app.sdk.observe()["records"]["contacts"][0]["attributes"]["name"] = "Eve"
    assert len(identified().value("fetchHelpCenterCollections")) == 2
    assert len(app.value("fetchHelpCenterCollection", "23434")["articles"]) == 1
    assert app.user["attributes"] == {}


def test_null_never_becomes_text() -> None:
    """Nor does a missing argument."""
    app = identified()
    app.call("updateUser", {"name": None, "customAttributes": {"a": None}})
    app.call("logEvent", "looked", None)
    app.call("presentMessageComposer", None)
    assert "None" not in repr([value for value in app.user.values() if value is not None])
    assert app.user["events"] == [{"name": "looked", "metadata": {}}]
    assert app.sdk.observe()["registers"]["composer_text"] is None


def test_two_clients_share_nothing() -> None:
    """Each is an app of its own."""
    first, second = identified(), App()
    assert (len(first.contacts), second.contacts) == (1, [])
    first.sdk.environment("content_paused", "ARTICLE", "5678")
    second.call(LOGIN, EVE)
    assert second.outcome("presentContent", {"type": "ARTICLE", "id": "5678"}) == "success"


# The doors --------------------------------------------------------------------------------------------


def test_the_client_has_every_method_of_the_api_and_no_other() -> None:
    """With the parameters of the API, in their order, then the callbacks, all of them optional."""
    beyond = {"call", "environment", "advance", "observe", "publish", "workspace", "clock", "binding"}
    public = {name for name in vars(Client) if not name.startswith("_")}
    assert public - beyond == set(methods())
    for name, method in methods().items():
        parameters = list(inspect.signature(getattr(Client, name)).parameters.values())[1:]
        names = [parameter.name for parameter in parameters]
        assert names == [*(parameter.name for parameter in method.parameters), "success", "error"]
        assert all(parameter.default is None for parameter in parameters)


def test_every_method_calls_the_one_of_its_name() -> None:
    """Through the attribute and through `call` the same thing happens."""
    for name, body in load_document("spec/api.yaml")["methods"].items():
        for arguments in body["examples"]:
            by_name, by_call = identified().sdk, identified().sdk
            assert getattr(by_name, name)(*arguments) == by_call.call(name, arguments)
            assert by_name.observe() == by_call.observe()


@pytest.mark.parametrize("alias", sorted(aliases()))
def test_an_alias_is_its_method(alias: str) -> None:
    """With a warning where it is deprecated, and none through `call`."""
    method = aliases()[alias].method
    arguments = load_document("spec/api.yaml")["methods"][method]["examples"][0]
    expected = identified().sdk
    expected.call(method, arguments)
    by_call, by_name = identified().sdk, identified().sdk
    by_call.call(alias, arguments)
    if aliases()[alias].deprecated:
        with pytest.warns(DeprecationWarning, match=f"{alias} is deprecated since 1.0; call {method}."):
            getattr(by_name, alias)(*arguments)
    else:
        getattr(by_name, alias)(*arguments)
    assert by_call.observe() == by_name.observe() == expected.observe()


def test_misspelt_names_are_told_with_the_closest_one() -> None:
    """Methods, events and attributes."""
    sdk = Client()
    with pytest.raises(UnknownMethodError, match="Did you mean logEvent"):
        sdk.call("logEvnt")
    with pytest.raises(UnknownEventError, match="Did you mean network_down"):
        sdk.environment("network_dwn")
    with pytest.raises(AttributeError, match="has no attribute 'logEvnt'"):
        sdk.logEvnt()


def test_too_many_arguments_are_a_mistake_of_the_caller() -> None:
    """And so are too few of an event of the world."""
    sdk = Client()
    with pytest.raises(BadArgumentsError, match=r"logout takes \(\), not 1 arguments"):
        sdk.call("logout", [None])
    with pytest.raises(BadArgumentsError, match=r"content_paused takes \(type, id\), not 1 arguments"):
        sdk.environment("content_paused", "ARTICLE")


def test_the_snapshot_has_the_shape_that_the_specification_gives() -> None:
    """Regions that are shown, records with their fields, registers that are shown, and nothing else."""
    document = load_document("spec/session.yaml")
    app = identified()
    app.call("logEvent", "looked")
    shown = app.sdk.observe()
    assert set(shown) == {"state", "records", "current", "registers"}
    assert set(shown["state"]) == {name for name, region in document["regions"].items() if "visibility" not in region}
    assert {name: set(records[0]) for name, records in shown["records"].items()} == {
        name: set(fields) for name, fields in document["records"].items()
    }
    assert set(shown["registers"]) == {
        name for name, register in document["registers"].items() if not register.get("internal")
    }
    assert shown["current"] == 0


def test_a_new_client_begins_with_the_documented_values() -> None:
    """States, registers and no records."""
    document, shown = load_document("spec/session.yaml"), Client().observe()
    assert all(document["regions"][name]["initial"] == state for name, state in shown["state"].items())
    assert all(document["registers"][name]["initial"] == value for name, value in shown["registers"].items())
    assert (shown["records"], shown["current"]) == ({"contacts": []}, None)


def test_the_client_introduces_itself() -> None:
    """As a self-contained SDK that has every capability of the specification."""
    binding = Client().binding
    capabilities = load_document("spec/capabilities.yaml")["capabilities"]
    assert binding["capabilities"] == sorted(capabilities)
    assert {key: binding[key] for key in ("name", "language", "platform", "kind", "style")} == {
        "name": "reference",
        "language": "python",
        "platform": "any",
        "kind": "self-contained",
        "style": "callbacks",
    }
    assert binding["version"][0].isdigit()


@pytest.mark.parametrize(
    "name", ["anything", "flag", "count", "logged-in-user", "collections", "collection", "search-results"]
)
def test_result_schemas_say_what_the_client_gives(name: str) -> None:
    """Each accepts its own examples, and refuses the JSON text of one."""
    schema = load_document(f"schemas/{name}.schema.json")
    validator = jsonschema.Draft202012Validator(schema)
    assert all(validator.is_valid(example) for example in schema["examples"])
    assert validator.is_valid('{"id": "1"}') is (name == "anything")


def test_the_example_of_the_docstring_runs() -> None:
    """It is the first thing that people copy."""
    assert doctest.testmod(client_module) == (0, 4)


def test_the_package_is_a_light_door() -> None:
    """Importing it brings no engine along, and using the client does."""
    code = (
        "import sys, intercom_reference as door; before = 'statemachine' in sys.modules; door.Client().logout(); "
        "print(before, 'statemachine' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]
    assert intercom_reference.Client is Client
    with pytest.raises(AttributeError):
        intercom_reference.nonsense  # noqa: B018 - reading it is the test
