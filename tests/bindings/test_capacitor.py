"""Capacitor's plugin runs in each of its layers, and each layer says of itself what is so.

The packages are the published ones. What the Java does otherwise than the guide is tested here as it is: these are
findings, and a test that fails because one has gone tells that another version runs.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from running_apps import App, Start

from intercom_conformance.bindings import Package, install, resolve
from intercom_conformance.bindings.jvm import JdkMissing
from intercom_conformance.drivers import Answered, Failed, Held, Reaction, Settled
from intercom_conformance.drivers.protocol import BadConnector
from intercom_conformance.kit import open_player
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_reference.loading import load_document

NAME = "@capacitor-community/intercom"
VERSIONS = ["8.0.0", "6.0.0"]
JAVA = [f"{version}{layer}" for version in VERSIONS for layer in ("+android", "")]
NATIVE = [*JAVA, *(f"{version}+js" for version in VERSIONS)]
API: dict[str, Any] = load_document("spec/api.yaml")["methods"]
CALLS: list[tuple[str, list[Any]]] = [
    ("loginUserWithUserAttributes", [{"userId": "ada", "email": "ada@example.com"}]),
    ("logout", []),
    ("setUserHash", ["a" * 64]),
    ("updateUser", [{"name": "Ada", "customAttributes": {"paid": True, "spend": 3, "plan": "free"}}]),
    ("logEvent", ["order-item"]),
    ("logEvent", ["order-item", {"price": 3}]),
    ("present", []),
    ("presentSpace", ["HELP_CENTER"]),
    ("presentContent", [{"type": "ARTICLE", "id": "1"}]),
    ("presentContent", [{"type": "CAROUSEL", "id": "1"}]),
    ("presentMessageComposer", ["Hello"]),
    ("setLauncherVisibility", ["VISIBLE"]),
    ("setLauncherVisibility", ["GONE"]),
    ("setInAppMessageVisibility", ["VISIBLE"]),
    ("setBottomPadding", [20]),
    ("hideIntercom", []),
    ("sendPushToken", ["token-1"]),
]
"""What an app does with the plugin; one call for each of its functions but one, see below."""

HOSTILE: list[Any] = [None, False, True, 0, 7, 2.5, "", "x", "20", [], [1], {}, {"userId": 7}, {"type": "ARTICLE"}]


def started(start: Start, what: str) -> App:
    return start(resolve(f"npm:{NAME}@{what}").argv)


@pytest.fixture
def app(request: pytest.FixtureRequest, start: Start) -> App:
    return started(start, request.param)


native = pytest.mark.parametrize("app", NATIVE, indirect=True)
java = pytest.mark.parametrize("app", JAVA, indirect=True)
javascript = pytest.mark.parametrize("app", ["8.0.0+js", "8.0.0+js?platform=ios"], indirect=True)
web = pytest.mark.parametrize("app", ["8.0.0+web", "6.0.0+web"], indirect=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_layers_offer_the_same(start: Start, version: str) -> None:
    """The functions are found in three ways: in the source, by reflection, and in the script that Capacitor writes."""
    bindings = [started(start, f"{version}{layer}").binding for layer in ("+js", "+android", "")]
    assert {(one.name, one.version, one.platform, one.style) for one in bindings} == {
        (NAME, version, "android", "promises")
    }
    assert {one.language for one in bindings} == {"javascript", "java"}
    offered = {API[method]["capability"] for method, _ in CALLS} | {"custom-attributes", "event-metadata"}
    content = {"space-help-center", "content-article", "content-carousel", "missing-arguments"}
    assert [one.capabilities for one in bindings] == [offered | content] * 3


@pytest.mark.parametrize("version", VERSIONS)
def test_only_what_the_sdk_never_tells_is_silent(start: Start, version: str) -> None:
    """The SDK does tell how a login and an update end, to those who ask; this plugin does not ask."""
    silent = [started(start, f"{version}{layer}").binding.silent for layer in ("+android", "")]
    assert silent[0] == silent[1]
    assert "logout" in silent[0]
    assert not silent[0] & {"loginUnidentifiedUser", "loginUserWithUserAttributes", "updateUser"}
    assert not started(start, f"{version}+js").binding.silent


@native
def test_a_call_arrives_as_the_guide_has_it(app: App) -> None:
    """Through the plugin's own names and back; it succeeds once, without a value."""
    reactions = [app.call(method, *arguments) for method, arguments in CALLS]
    assert app.far_end.heard == CALLS
    assert reactions == [Reaction(settled=(Settled("c1", "success"),))] * len(CALLS)


@native
def test_the_options_of_an_anonymous_login_are_dropped(app: App) -> None:
    """The native half reads none."""
    assert app.call("loginUnidentifiedUser", {"userId": "ada"}).settled == (Settled("c1", "success"),)
    assert app.far_end.heard == [("loginUnidentifiedUser", [])]


WITHOUT: list[tuple[str, list[Any]]] = [
    ("isUserLoggedIn", []),
    ("presentSpace", ["HOME"]),
    ("presentContent", [{"type": "SURVEY", "id": "1"}]),
    ("setLauncherVisibility", ["DIM"]),
]


@native
def test_what_has_no_function_is_rejected_as_unimplemented(app: App) -> None:
    """With Capacitor's code for it, and nothing reaches the SDK."""
    settled = [one for method, arguments in WITHOUT for one in app.call(method, *arguments).settled]
    assert [(one.callback, one.value["code"]) for one in settled] == [("error", "UNIMPLEMENTED")] * len(WITHOUT)
    assert app.far_end.heard == []


@pytest.mark.parametrize("app", ["8.0.0", "6.0.0", "8.0.0+js", "8.0.0+js?platform=ios"], indirect=True)
def test_capacitor_itself_rejects(app: App) -> None:
    """The text is Capacitor's own, so its JavaScript ran."""
    (settled,) = app.call("isUserLoggedIn").settled
    platform = app.binding.platform
    assert settled.value["message"] == f'"Intercom.isUserLoggedIn()" is not implemented on {platform}'


@javascript
def test_the_javascript_passes_on_errors_and_late_answers(app: App) -> None:
    """Each to its own call, whatever the order."""
    app.far_end.replies = {"present": Held("t1"), "logEvent": Failed(1001, "no user")}
    assert app.call("present", name="c1").settled == ()
    error = Settled("c2", "error", {"code": 1001, "message": "no user"})
    assert app.call("logEvent", "a", name="c2").settled == (error,)
    assert app.driver.answer("t1", Answered()).settled == (Settled("c1", "success"),)


def test_on_ios_the_plugin_takes_no_push_token(start: Start) -> None:
    """It announces no such method there; everything else is as on Android."""
    android, ios = (started(start, f"8.0.0+js?platform={name}").binding for name in ("android", "ios"))
    assert (android.platform, ios.platform) == ("android", "ios")
    assert android.capabilities - ios.capabilities == {"push-token"}


@java
def test_hiding_in_app_messages_hides_the_launcher(app: App) -> None:
    """A finding: the plugin's Java calls the wrong method of the SDK."""
    app.call("setInAppMessageVisibility", "GONE")
    assert app.far_end.heard == [("setLauncherVisibility", ["GONE"])]


@javascript
def test_the_javascript_asks_for_the_right_one(app: App) -> None:
    """So that finding belongs to the Java alone."""
    app.call("setInAppMessageVisibility", "GONE")
    assert app.far_end.heard == [("setInAppMessageVisibility", ["GONE"])]


@java
def test_a_padding_that_is_no_whole_number_ends_the_app(app: App) -> None:
    """A finding: what the plugin throws on Capacitor's thread is a crash of that call. A fresh app works again."""
    thrown = app.call("setBottomPadding", 12.5).thrown
    assert thrown is not None
    assert (thrown.type, thrown.message) == ("java.lang.NumberFormatException", 'For input string: "12.5"')
    app.driver.reset()
    assert app.call("present").settled == (Settled("c1", "success"),)


@java
@pytest.mark.parametrize("reply", [Failed(1001, "no user"), Held("t1")])
def test_a_login_succeeds_whatever_the_sdk_says(app: App, reply: Failed | Held) -> None:
    """A finding: the plugin resolves at once."""
    app.far_end.replies = {"loginUserWithUserAttributes": reply}
    assert app.call("loginUserWithUserAttributes", {"userId": "ada"}).settled == (Settled("c1", "success"),)


@java
def test_an_update_carries_what_the_plugin_reads(app: App) -> None:
    """A finding: two of the standard attributes are lost; and an empty text counts as nothing."""
    app.call("updateUser", {"name": "", "phone": "1", "signedUpAt": 1, "unsubscribedFromEmails": True})
    assert app.far_end.heard == [("updateUser", [{"phone": "1"}])]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["loginUserWithUserAttributes", "updateUser", "logEvent", "setUserHash"])
def test_java_alone_gets_what_the_javascript_would_hand_over(start: Start, version: str, method: str) -> None:
    """Whatever an app gives: with and without the JavaScript above it, the same arrives at the SDK."""
    apps = [started(start, f"{version}{layer}") for layer in ("+android", "")]
    for hostile in HOSTILE:
        for app in apps:
            app.far_end.heard.clear()
        reactions = [app.call(method, hostile) for app in apps]
        assert apps[0].far_end.heard == apps[1].far_end.heard, hostile
        assert [one.callback for one in reactions[0].settled] == [one.callback for one in reactions[1].settled]
        assert reactions[0].thrown == reactions[1].thrown


@web
def test_the_web_implementation_says_that_it_implements_nothing(app: App) -> None:
    """Its own text, Capacitor's code; no capability is declared but what the language has."""
    assert (app.binding.platform, app.binding.capabilities) == ("web", {"missing-arguments"})
    error = Settled("c1", "error", {"code": "UNIMPLEMENTED", "message": "Not implemented on web."})
    assert [app.call(method, *arguments).settled for method, arguments in CALLS] == [(error,)] * len(CALLS)
    assert app.far_end.heard == []


def test_a_run_over_what_implements_nothing_ends_without_a_finding() -> None:
    """Every check that needs a call is unsupported, random sequences too; nothing crashes for want of a step."""
    spec = load_specification()
    player = open_player(f"npm:{NAME}@8.0.0+web", spec)
    player.start()
    try:
        results = [run_check(check, player, Settings(examples=2)) for check in catalogue(spec)]
    finally:
        player.stop()
    verdicts = {result.check: result.verdict for result in results}
    assert set(verdicts.values()) <= {"passed", "unsupported", "not run"}
    assert verdicts["sequence/plain"] == "unsupported"
    assert not [finding for result in results for finding in result.findings]


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """A copy of the plugin, to be changed."""
    return Path(shutil.copytree(install(Package(NAME, "8.0.0")), tmp_path / "fork"))


def asking(fork: Path, version: str) -> Path:
    manifest = json.loads((fork / "package.json").read_text(encoding="utf-8"))
    manifest["peerDependencies"]["@capacitor/core"] = version
    (fork / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    return fork


def test_a_fork_runs_in_the_capacitor_that_it_asks_for(fork: Path, start: Start) -> None:
    """The whole of it, from its folder."""
    command = resolve(f"capacitor:{asking(fork, '^7.0.0')}").argv
    assert [Path(part).parent.name for part in command[3:5]] == ["@capacitor+core@7.6.9", "@capacitor+android@7.6.9"]
    assert start(command).call("logout").settled == (Settled("c1", "success"),)


@pytest.mark.parametrize("layer", ["", "+js", "+android", "+web"])
def test_a_capacitor_that_is_not_known_is_told(fork: Path, layer: str) -> None:
    """Before anything runs, with those that are known."""
    with pytest.raises(BadConnector, match=r"it asks for \^2\.0\.0 of @capacitor/core.*8\.5\.2"):
        resolve(f"capacitor:{asking(fork, '^2.0.0')}{layer}")


def test_a_checkout_has_to_be_built(fork: Path) -> None:
    """Its source alone does not run."""
    shutil.rmtree(fork / "dist")
    with pytest.raises(BadConnector, match="Build the package first"):
        resolve(f"capacitor:{fork}")


def test_on_ios_no_java_runs(fork: Path) -> None:
    """The whole is the JavaScript there; the Java by itself is refused."""
    with pytest.raises(BadConnector, match="Java runs on Android"):
        resolve(f"capacitor:{fork}+android?platform=ios")
    assert resolve(f"capacitor:{fork}?platform=ios") == resolve(f"capacitor:{fork}+js?platform=ios")


def test_without_a_jdk_the_javascript_runs_and_a_note_says_so(
    fork: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is never left out silently; asked for by name, the Java is an error."""
    node = shutil.which("node")
    assert node
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").symlink_to(node)
    resolve(f"capacitor:{fork}+js")  # what has to be fetched is fetched while npm is there
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert resolve(f"capacitor:{fork}") == resolve(f"capacitor:{fork}+js")
    assert "Only the JavaScript layer runs" in capsys.readouterr().err
    with pytest.raises(JdkMissing, match="install JDK 17"):
        resolve(f"capacitor:{fork}+android")
