"""The Java of Cordova's plugin, alone and below its JavaScript: what it does is seen on both ways."""

from __future__ import annotations

import os
import signal
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_apps import App, FarEnd, Start

from intercom_conformance.bindings import resolve
from intercom_conformance.drivers import Answered, Failed, Held, Settled, StdioDriver
from intercom_conformance.drivers.protocol import MISSING, BadConnector, Crashed, TimedOut
from intercom_conformance.kit import open_player
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check

VERSIONS = ("12.1.0", "10.2.0", "9.1.1")
LAYERS = ("", "+android")
NATIVE = [f"npm:cordova-plugin-intercom@{version}{layer}" for version in VERSIONS for layer in LAYERS]
LATEST = [connector for connector in NATIVE if "12.1.0" in connector]
SCENARIOS = (
    "scenario/order-of-calls",
    "scenario/event-is-recorded-once",
    "scenario/event-with-every-kind-of-metadata",
    "scenario/second-update-keeps-the-first",
    "scenario/zero-false-and-empty-text-are-values",
)
LOGINS = {"loginUnidentifiedUser", "loginUserWithUserAttributes", "updateUser"}

every = pytest.mark.parametrize("app", NATIVE, indirect=True)
latest = pytest.mark.parametrize("app", LATEST, indirect=True)


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, App]]:
    """The bindings that run, by their connectors; all of them end with the module."""
    apps: dict[str, App] = {}
    yield apps
    for app in apps.values():
        app.driver.shutdown()


@pytest.fixture
def app(request: pytest.FixtureRequest, running: dict[str, App]) -> App:
    """A freshly installed app, in a process that other tests used before."""
    connector = request.param
    if connector not in running:
        far_end = FarEnd()
        driver = StdioDriver(resolve(connector).argv, far_end)
        running[connector] = App(driver, driver.initialize(), far_end)
    app = running[connector]
    app.driver.reset()
    app.far_end.replies.clear()
    app.far_end.heard.clear()
    return app


def outcome(app: App, method: str, *arguments: Any, name: str = "c1") -> tuple[Any, ...]:
    """The one callback that ran, with its value."""
    (one,) = app.call(method, *arguments, name=name).settled
    return (one.callback, one.value)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("layer", ["", "+android", "+js"])
def test_every_version_runs_on_every_layer(version: str, layer: str) -> None:
    """Under the kit: what an app gives arrives, in order. Cordova's own OK counts as no value."""
    spec = load_specification()
    player = open_player(f"npm:cordova-plugin-intercom@{version}{layer}", spec)
    player.start()
    try:
        checks = {check.id: check for check in catalogue(spec)}
        results = [run_check(checks[one], player, Settings()) for one in SCENARIOS]
    finally:
        player.stop()
    broken = {finding.requirement for result in results for finding in result.findings}
    assert broken == set()
    assert all(result.steps > 1 for result in results)


@every
def test_a_binding_tells_what_it_is(app: App) -> None:
    """Which of the SDK's methods tell no outcome depends on the SDK that the version was built for."""
    assert app.binding.name == "cordova-plugin-intercom"
    assert app.binding.platform == "android"
    assert {"session", "callbacks", "unread-count", "hide"} <= app.binding.capabilities
    assert {"logout", "logEvent", "present"} <= app.binding.silent
    assert app.binding.silent & LOGINS == (set() if app.binding.version == "12.1.0" else LOGINS)


@every
def test_calls_reach_the_sdk_under_the_names_of_the_guide(app: App) -> None:
    """With what the Java makes of their arguments; Cordova's own text OK counts as no value."""
    assert outcome(app, "loginUserWithUserAttributes", {"userId": "ada", "name": "Ada"}) == ("success", MISSING)
    custom = {"a": 1.5, "gone": None}
    attributes = {"name": "Ada", "companies": [{"id": "navy"}]}
    assert outcome(app, "updateUser", {**attributes, "custom_attributes": custom}) == ("success", MISSING)
    assert outcome(app, "logEvent", "order", {"price": 3}) == ("success", MISSING)
    assert outcome(app, "presentSpace", "HELP_CENTER") == ("success", MISSING)
    assert app.far_end.heard == [
        ("loginUserWithUserAttributes", [{"userId": "ada"}]),
        ("updateUser", [{**attributes, "customAttributes": custom}]),
        ("logEvent", ["order", {"price": 3}]),
        ("presentSpace", ["HELP_CENTER"]),
    ]


@every
def test_a_login_without_an_object_ends_the_app(app: App) -> None:
    """The bridge asks null for its keys on the UI thread; nobody catches that. The app that is started next runs."""
    reaction = app.call("loginUserWithUserAttributes", None)
    assert reaction.thrown is not None
    assert reaction.thrown.type == "java.lang.NullPointerException"
    assert (reaction.settled, app.far_end.heard) == ((), [])
    app.driver.reset()
    assert outcome(app, "logout") == ("success", MISSING)


@every
def test_null_as_a_name_becomes_a_text(app: App) -> None:
    """AOSP's optString makes "null" of JSON's null."""
    assert outcome(app, "logEvent", None) == ("success", MISSING)
    assert app.far_end.heard == [("logEvent", ["null"])]


@every
def test_the_push_token_arrives_and_no_callback_runs(app: App) -> None:
    """The action never answers."""
    assert app.call("sendPushToken", "token-1").settled == ()
    assert app.far_end.heard == [("sendPushToken", ["token-1"])]


@every
def test_the_unread_count_comes_through_the_success_callback(app: App) -> None:
    """As a number; 0 where the SDK has none now."""
    app.far_end.replies["unreadConversationCount"] = Answered(3)
    assert outcome(app, "unreadConversationCount") == ("success", 3)
    app.far_end.replies["unreadConversationCount"] = Failed(1, "no")
    assert outcome(app, "unreadConversationCount") == ("success", 0)


@every
def test_without_callbacks_none_runs(app: App) -> None:
    """The call is made all the same."""
    assert app.call("logout", callbacks=()).settled == ()
    assert app.far_end.heard == [("logout", [])]


@latest
def test_a_failed_login_is_reported_as_success(app: App) -> None:
    """The version calls the SDK's older login, which takes no callback."""
    app.far_end.replies["loginUserWithUserAttributes"] = Failed(2001, "who?")
    assert outcome(app, "loginUserWithUserAttributes", {}) == ("success", MISSING)


@latest
def test_the_javascript_asks_for_an_action_that_the_java_lacks(app: App) -> None:
    """hideIntercom is still called hideMessenger there."""
    assert outcome(app, "hideIntercom") == ("error", "Invalid action")
    assert app.far_end.heard == []


@latest
def test_help_center_data_come_as_text_and_failures_as_numbers(app: App) -> None:
    """Now or later: a later answer comes with the reaction to it."""
    found = [{"id": "1", "title": "First", "summary": None}]
    app.far_end.replies["fetchHelpCenterCollections"] = Answered(found)
    text = '[{"collectionId":"1","title":"First"}]'
    assert outcome(app, "fetchHelpCenterCollections") == ("success", text)
    app.far_end.replies["searchHelpCenter"] = Failed(404, "gone")
    assert outcome(app, "searchHelpCenter", "term") == ("error", 404)
    app.far_end.replies["fetchHelpCenterCollections"] = Held("t1")
    assert app.call("fetchHelpCenterCollections", name="late").settled == ()
    assert app.driver.answer("t1", Answered(found)).settled == (Settled("late", "success", text),)


TOY = {
    "plugin.xml": """\
        <plugin xmlns="http://apache.org/cordova/ns/plugins/1.0" id="toy" version="1.2.3">
          <js-module name="Toy" src="toy.js"><clobbers target="intercom" /></js-module>
          <platform name="android">
            <source-file src="Toy.java" target-dir="src/toy" />
            <config-file target="res/xml/config.xml" parent="/*">
              <feature name="Intercom"><param name="android-package" value="toy.Toy" /></feature>
            </config-file>
          </platform>
        </plugin>
        """,
    "toy.js": """\
        module.exports = {
          logout: (success, error) => cordova.exec(success, error, 'Intercom', 'logout', []),
          present: (success, error) => cordova.exec(success, error, 'Intercom', 'present', []),
          updateUser: (user, success, error) => cordova.exec(success, error, 'Intercom', 'updateUser', [user]),
          hideIntercom: (success, error) => cordova.exec(success, error, 'Intercom', 'hideIntercom', []),
          setUserHash: (hash, success, error) => cordova.exec(success, error, 'Intercom', 'setUserHash', [hash]),
          isUserLoggedIn: (success, error) => cordova.exec(success, error, 'Intercom', 'isUserLoggedIn', []),
        };
        """,
    "Toy.java": """\
        package toy;

        import org.apache.cordova.*;
        import org.json.*;

        public class Toy extends CordovaPlugin {
            @Override public boolean execute(String action, JSONArray args, CallbackContext callback)
                    throws JSONException {
                switch (action) {
                    case "logout": cordova.getThreadPool().execute(this::die); return true;
                    case "updateUser": callback.success(args.getJSONObject(0)); return true;
                    case "present": throw new IllegalStateException("caught");
                    case "setUserHash": repeat(callback); return true;
                    case "isUserLoggedIn": while (true) {}
                    default: return false;
                }
            }

            private void die() {
                throw new IllegalStateException("dead");
            }

            private void repeat(CallbackContext callback) {
                for (int i = 0; i < 3; i++) {
                    PluginResult result = new PluginResult(PluginResult.Status.OK, i);
                    result.setKeepCallback(i < 1);
                    callback.sendPluginResult(result);
                }
            }
        }
        """,
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A plugin whose Java does what a plugin may do wrong."""
    for name, text in TOY.items():
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return tmp_path


@pytest.fixture(params=LAYERS)
def played(request: pytest.FixtureRequest, toy: Path, start: Start) -> App:
    return start(resolve(f"cordova:{toy}{request.param}").argv)


def test_cordova_itself_answers_where_a_plugin_does_not(played: App) -> None:
    """What `execute` throws becomes an error; false is an invalid action; a callback that is not kept runs no more."""
    assert outcome(played, "updateUser", {"a": 1}) == ("success", {"a": 1})
    assert outcome(played, "updateUser", 1) == ("error", "JSON error")
    assert outcome(played, "present") == ("error", "caught")
    assert outcome(played, "hideIntercom") == ("error", "Invalid action")
    hashed = played.call("setUserHash", "h", name="c2")
    assert hashed.settled == (Settled("c2", "success", 0), Settled("c2", "success", 1))


def test_an_exception_on_another_thread_ends_the_app(played: App) -> None:
    """Cordova does not catch that one."""
    reaction = played.call("logout")
    assert reaction.thrown is not None
    assert (reaction.thrown.type, reaction.thrown.message) == ("java.lang.IllegalStateException", "dead")


def children(pid: int) -> list[int]:
    run = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in run.stdout.split()]


def alive(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid), "-o", "stat="], capture_output=True).stdout.strip()[:1] not in b"Z"


@pytest.fixture(params=LAYERS)
def hasty(request: pytest.FixtureRequest, toy: Path) -> Iterator[StdioDriver]:
    """The plugin under a driver that waits for one second."""
    argv = resolve(f"cordova:{toy}{request.param}").argv
    with StdioDriver(argv, lambda method, arguments: Answered(), timeout=1.0) as driver:
        driver.initialize()
        driver.reset()
        yield driver


def test_a_plugin_that_hangs_is_ended_with_all_its_processes(hasty: StdioDriver) -> None:
    """The time limit of the call holds for what runs in Java, and nothing is left of it."""
    assert hasty.pid is not None
    processes = [hasty.pid, *children(hasty.pid)]
    with pytest.raises(TimedOut):
        hasty.call("c1", "isUserLoggedIn", [], ["success"])
    assert not any(alive(pid) for pid in processes)


def test_a_java_process_that_dies_ends_the_driver(toy: Path) -> None:
    """Below the JavaScript, too: the app is gone, and the call in flight has crashed."""
    with StdioDriver(resolve(f"cordova:{toy}").argv, lambda method, arguments: Answered()) as driver:
        driver.initialize()
        driver.reset()
        assert driver.pid is not None
        (java,) = children(driver.pid)
        os.kill(java, signal.SIGKILL)
        with pytest.raises(Crashed):
            driver.call("c1", "logout", [], ["success"])


def test_a_plugin_that_is_incomplete_is_told(toy: Path) -> None:
    """Before anything is compiled."""
    (toy / "Toy.java").unlink()
    with pytest.raises(BadConnector, match=r"plugin\.xml names Toy\.java, which is not there"):
        resolve(f"cordova:{toy}+android")
    (toy / "plugin.xml").write_text("<plugin>", encoding="utf-8")
    with pytest.raises(BadConnector, match=r"its plugin\.xml is no XML"):
        resolve(f"cordova:{toy}+android")
