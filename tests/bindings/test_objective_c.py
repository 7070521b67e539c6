"""The Objective-C of React Native's and Cordova's bindings runs under GNUstep, below the JavaScript of the packages.

What it does with odd arguments is on record here as it was seen; that it deviates from the specification is for the
suite to say.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from running_apps import App, Start

from intercom_conformance.bindings import objective_c, resolve
from intercom_conformance.bindings.objective_c import CompileFailed, GnustepMissing, Program
from intercom_conformance.bindings.packages import CACHE_VARIABLE
from intercom_conformance.drivers import Answered, Failed, Held, Settled
from intercom_conformance.drivers.protocol import BadConnector, Refused

REACT_NATIVE = "npm:@intercom/intercom-react-native@10.7.1+ios"
CORDOVA = "npm:cordova-plugin-intercom@12.1.0+ios"
SUCCESS = (Settled("c1", "success"),)
ADA = {"userId": "ada", "signedUpAt": 1700000000, "customAttributes": {"spend": 155.5, "paid": True}}


@pytest.fixture(params=[f"{REACT_NATIVE}?arch=new", f"{REACT_NATIVE}?arch=old"])
def react_native(request: pytest.FixtureRequest, start: Start) -> App:
    return start(resolve(request.param).argv)


@pytest.fixture
def old(start: Start) -> App:
    return start(resolve(f"{REACT_NATIVE}?arch=old").argv)


@pytest.fixture
def new(start: Start) -> App:
    return start(resolve(f"{REACT_NATIVE}?arch=new").argv)


@pytest.fixture
def cordova(start: Start) -> App:
    return start(resolve(CORDOVA).argv)


def thrown(app: App, method: str, *arguments: object) -> str:
    """The message of the exception that ends the app."""
    error = app.call(method, *arguments).thrown
    assert error is not None
    return error.message


def test_it_is_a_binding_on_ios(react_native: App, cordova: App) -> None:
    """It says so, and what the SDK for iOS tells no outcome of: a token's outcome it does tell."""
    assert {app.binding.platform for app in (react_native, cordova)} == {"ios"}
    for app in (react_native, cordova):
        assert "logEvent" in app.binding.silent
        assert not {"sendPushToken", "updateUser"} & set(app.binding.silent)


def test_attributes_pass_through_the_sdks_own_types(react_native: App) -> None:
    """Dates, numbers, flags and null of the JavaScript come out as such; companies too."""
    company = {"id": "navy", "name": "Navy", "monthlySpend": 100, "createdAt": 1700000000}
    assert react_native.call("updateUser", {**ADA, "companies": [company]}).settled == SUCCESS
    assert react_native.far_end.heard == [("updateUser", [{**ADA, "companies": [company]}])]


def test_null_clears_in_the_old_architecture_and_vanishes_in_the_new_one(old: App, new: App) -> None:
    """The old one keeps it as NSNull, for which the module sets what stands for null; the new one drops the key."""
    for app in (old, new):
        app.call("updateUser", {"name": None, "phone": "1"})
    assert old.far_end.heard == [("updateUser", [{"name": None, "phone": "1"}])]
    assert new.far_end.heard == [("updateUser", [{"phone": "1"}])]


def test_failures_come_with_the_modules_own_code(react_native: App) -> None:
    """React Native's code for the method, and a text."""
    react_native.far_end.replies["updateUser"] = Failed(401, "no")
    error = {"code": "104", "message": "Error in updateUser"}
    assert react_native.call("updateUser", ADA).settled == (Settled("c1", "error", error),)


def test_answers_that_are_held_come_later_and_to_one_installation(react_native: App) -> None:
    """The block is kept until then; a new app does not hear of it."""
    react_native.far_end.replies["loginUnidentifiedUser"] = Held("t1")
    assert react_native.call("loginUnidentifiedUser").settled == ()
    assert react_native.driver.answer("t1", Answered()).settled == SUCCESS
    assert react_native.call("loginUnidentifiedUser").settled == ()
    react_native.driver.reset()
    with pytest.raises(Refused, match="No native request is held under ticket t1"):
        react_native.driver.answer("t1", Answered())


def test_what_the_sdk_returns_is_waited_for(react_native: App, cordova: App) -> None:
    """The count, the flag and the user."""
    for app in (react_native, cordova):
        app.far_end.replies["unreadConversationCount"] = Answered(3)
        assert app.call("unreadConversationCount").settled == (Settled("c1", "success", 3),)
    react_native.far_end.replies["isUserLoggedIn"] = Answered(True)
    assert react_native.call("isUserLoggedIn").settled == (Settled("c1", "success", True),)
    react_native.far_end.replies["fetchLoggedInUserAttributes"] = Answered({"userId": "ada"})
    assert react_native.call("fetchLoggedInUserAttributes").settled == (Settled("c1", "success", {"userId": "ada"}),)


def test_help_center_data_is_structured_in_one_and_text_in_the_other(react_native: App, cordova: App) -> None:
    """Cordova's plugin gives JSON text, with names of its own."""
    collections = Answered([{"id": "1", "title": "Start", "summary": None}])
    for app in (react_native, cordova):
        app.far_end.replies["fetchHelpCenterCollections"] = collections
    expected = [{"id": "1", "title": "Start"}]
    assert react_native.call("fetchHelpCenterCollections").settled == (Settled("c1", "success", expected),)
    (told,) = cordova.call("fetchHelpCenterCollections").settled
    assert isinstance(told.value, str)
    assert '"collectionId"' in told.value


def test_a_token_is_bytes(react_native: App) -> None:
    """What an app has is their hexadecimal text; another text is none of an app's."""
    assert react_native.call("sendPushToken", "00ffa1").settled == SUCCESS
    assert react_native.far_end.heard == [("sendPushToken", ["00ffa1"])]
    with pytest.raises(Refused, match="hexadecimal"):
        react_native.call("sendPushToken", "token-1")


def test_text_arrives_as_it_is(react_native: App) -> None:
    """A mark at the beginning, NUL, long text beyond the basic plane; half of a surrogate pair is replaced."""
    for text in ("\ufeffmark\ufeff", "a\0b", "\U0001f600" * 100 + " é \\ufeff"):
        react_native.call("setUserHash", text)
        assert react_native.far_end.heard[-1] == ("setUserHash", [text])
    react_native.call("setUserHash", "a\ud83db")
    assert react_native.far_end.heard[-1] == ("setUserHash", ["a\ufffdb"])


def test_an_exception_ends_the_app(react_native: App, cordova: App) -> None:
    """It is thrown by the call in flight, and the next call runs."""
    assert "isEqualToString:" in thrown(react_native, "setLauncherVisibility", 3)
    assert "objectForKeyedSubscript:" in thrown(cordova, "updateUser", None)
    for app in (react_native, cordova):
        assert app.call("logout").settled == SUCCESS


def test_content_of_an_unknown_type_is_never_answered(react_native: App) -> None:
    """The module neither resolves nor rejects (IntercomModule.m, presentContent)."""
    assert react_native.call("presentContent", {"type": "POSTER", "id": "1"}).settled == ()
    assert react_native.far_end.heard == []


def test_cordovas_plugin_asks_for_no_outcome_of_a_login(cordova: App) -> None:
    """It gives the SDK no blocks and reports success at once (IntercomBridge.m, registerIdentifiedUser)."""
    cordova.far_end.replies["loginUserWithUserAttributes"] = Failed(401, "no")
    assert cordova.call("loginUserWithUserAttributes", {"userId": 7}).settled == SUCCESS
    assert cordova.far_end.heard == [("loginUserWithUserAttributes", [{"userId": "7"}])]


def test_every_value_but_none_unsubscribes(cordova: App) -> None:
    """The plugin sets the flag to a text, which is true whatever it says (IntercomBridge.m, updateUser)."""
    cordova.call("updateUser", {"unsubscribed_from_emails": False})
    assert cordova.far_end.heard == [("updateUser", [{"unsubscribedFromEmails": True}])]


def test_it_is_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What does not compile leaves nothing behind, and clang's first errors are told."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    source = tmp_path / "Bridge.m"
    family = Path(objective_c.__file__).parent / "cordova" / "objc"
    source.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(CompileFailed, match="unknown type name 'nonsense'"):
        objective_c.command(Program("the toy", (source,), family))
    assert list((tmp_path / "cache" / "objective-c").iterdir()) == []
    source.write_text("@import Intercom;\n", encoding="utf-8")
    first = objective_c.command(Program("the toy", (source,), family), "Toy")
    capfd.readouterr()
    assert objective_c.command(Program("the toy", (source,), family), "Toy") == first
    assert capfd.readouterr().err == ""


def test_what_is_missing_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that is to be installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GnustepMissing, match=r"^clang is missing, .* apt install clang libclang-dev .*\.$"):
        objective_c.find_tools()
    clang = shutil.which("clang", path=os.defpath)
    assert clang is not None, "install clang to run the tests"
    (tmp_path / "clang").symlink_to(clang)
    with pytest.raises(GnustepMissing, match=r"^gnustep-config is missing"):
        objective_c.find_tools()


def test_a_package_without_objective_c_has_no_such_layer(tmp_path: Path) -> None:
    """It says so, and what there is instead."""
    (tmp_path / "plugin.xml").write_text("<plugin id='p' version='1'/>", encoding="utf-8")
    with pytest.raises(BadConnector, match="names no Objective-C for iOS"):
        resolve(f"cordova:{tmp_path}+ios")
