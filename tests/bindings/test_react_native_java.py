"""The Java of the React Native package runs as it would in an app: alone, and below the package's own JavaScript.

Each test holds for both architectures and both layers, unless it names what sets them apart. What the Java does with
odd arguments is on record here as it was seen; that it deviates from the specification is for the suite to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_apps import App, FarEnd

from intercom_conformance.bindings import resolve
from intercom_conformance.bindings.jvm import JdkMissing
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.bindings.react_native.turbo_spec import SpecUnreadable, abstract_class
from intercom_conformance.drivers import Answered, Failed, Held, Reaction, Settled, StdioDriver
from intercom_conformance.drivers.protocol import BadConnector, Refused
from intercom_conformance.kit import open_player
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_reference.loading import load_document

API: dict[str, Any] = load_document("spec/api.yaml")["methods"]
CAPABILITIES: dict[str, Any] = load_document("spec/capabilities.yaml")["capabilities"]
OFFERED = {name for name, entry in CAPABILITIES.items() if entry.get("only_for") != "self-contained"}
PACKAGE = "npm:@intercom/intercom-react-native@10.7.1"
LAYERS = ["+android?arch=new", "+android?arch=old", "?arch=new", "?arch=old"]
SILENT = {
    "logout",
    "setUserHash",
    "logEvent",
    "present",
    "presentSpace",
    "presentContent",
    "presentMessageComposer",
    "setLauncherVisibility",
    "setInAppMessageVisibility",
    "setBottomPadding",
    "hideIntercom",
    "sendPushToken",
}
SUCCESS = (Settled("c1", "success"),)
PLAIN = {"logEvent": ["order-item", {"price": 3}]}
"""A call whose documented sample has what the Java drops."""


@pytest.fixture(scope="module", params=LAYERS)
def running(request: pytest.FixtureRequest) -> Iterator[App]:
    """One layer on one architecture, started once."""
    far_end = FarEnd()
    driver = StdioDriver(resolve(PACKAGE + request.param).argv, far_end)
    yield App(driver, driver.initialize(), far_end)
    driver.shutdown()


@pytest.fixture
def app(running: App) -> App:
    """A freshly installed app."""
    running.driver.reset()
    running.far_end.heard, running.far_end.replies = [], {}
    return running


@pytest.fixture
def old(request: pytest.FixtureRequest) -> bool:
    """Whether the app runs on the old architecture."""
    return request.node.callspec.params["running"].endswith("old")  # type: ignore[no-any-return]


def value(definition: dict[str, Any]) -> Any:
    """A documented value for a parameter."""
    for variant in definition.get("variants", ()):
        when = variant["when"]
        return when["const"] if "const" in when else {"type": when["properties"]["type"]["const"], "id": "1"}
    return load_document(f"schemas/{definition['schema']}.schema.json")["examples"][0]


def test_it_introduces_itself(app: App) -> None:
    """With all that the JavaScript layer offers, and with what Android's SDK never tells the outcome of."""
    assert (app.binding.name, app.binding.version) == ("@intercom/intercom-react-native", "10.7.1")
    assert (app.binding.platform, app.binding.style) == ("android", "promises")
    assert app.binding.capabilities == OFFERED - {"aliases", "callbacks"}
    assert set(app.binding.silent) == SILENT


@pytest.mark.parametrize("name", [name for name, method in API.items() if "result" not in method])
def test_a_documented_call_arrives_as_it_was(app: App, name: str) -> None:
    """Through JavaScript and Java to the SDK, and its success comes back, once and without a value."""
    arguments = PLAIN.get(name) or [value(parameter) for parameter in API[name]["parameters"]]
    assert app.call(name, *arguments).settled == SUCCESS
    ignored = any(parameter.get("ignored") for parameter in API[name]["parameters"])
    assert app.far_end.heard == [(name, [] if ignored else arguments)]


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("unreadConversationCount", 3, 3),
        ("isUserLoggedIn", True, True),
        ("isUserLoggedIn", False, False),
        ("fetchLoggedInUserAttributes", {"userId": "ada"}, {"userId": "ada"}),
        ("fetchLoggedInUserAttributes", None, {}),
        ("fetchHelpCenterCollections", [{"id": "1", "title": "A", "summary": "B"}], ...),
    ],
)
def test_what_the_sdk_finds_is_told(app: App, name: str, found: Any, told: Any) -> None:
    """As data of JavaScript; of nobody, the package makes an empty object."""
    app.far_end.replies = {name: Answered(found)}
    assert app.call(name).settled == (Settled("c1", "success", found if told is ... else told),)


def test_one_collection_comes_without_its_sections(app: App) -> None:
    """The package's types promise them; its Java hands on collections instead."""
    full = {"id": "1", "title": "A", "summary": "B", "articles": [{"id": "2", "title": "C"}], "sections": []}
    app.far_end.replies = {"fetchHelpCenterCollection": Answered(full)}
    (settled,) = app.call("fetchHelpCenterCollection", "1").settled
    assert settled.value == {name: full[name] for name in ("id", "title", "summary", "articles")} | {"collections": []}


def test_an_error_of_the_sdk_is_told_with_its_code(app: App) -> None:
    """The code is a text, since Java hands it on as one."""
    app.far_end.replies = {"updateUser": Failed(1001, "no user")}
    error = Settled("c1", "error", {"code": "1001", "message": "no user"})
    assert app.call("updateUser", {"name": "Ada"}).settled == (error,)


def test_what_the_sdk_never_tells_succeeds_at_once(app: App) -> None:
    """An answer that comes, be it an error or a late one, changes nothing."""
    app.far_end.replies = {"logout": Failed(1, "no"), "present": Held("t1")}
    assert app.call("logout").settled == SUCCESS
    assert app.call("present").settled == SUCCESS
    assert app.driver.answer("t1", Failed(2, "late")) == Reaction()


def test_calls_overlap_and_are_answered_in_any_order(app: App) -> None:
    """Each answer settles its own promise, after the call returned."""
    app.far_end.replies = {"loginUnidentifiedUser": Held("t1"), "updateUser": Held("t2")}
    assert app.call("loginUnidentifiedUser", name="c1").settled == ()
    assert app.call("updateUser", {"name": "Ada"}, name="c2").settled == ()
    late = app.driver.answer("t2", Failed(2, "late"))
    assert late.settled == (Settled("c2", "error", {"code": "2", "message": "late"}),)
    assert app.driver.answer("t1", Answered()).settled == SUCCESS


def test_reset_is_a_fresh_app(app: App) -> None:
    """What the earlier app waited for reaches nobody."""
    app.far_end.replies = {"loginUnidentifiedUser": Held("t1")}
    app.call("loginUnidentifiedUser")
    app.driver.reset()
    app.far_end.replies = {}
    with pytest.raises(Refused, match="No native request is held under ticket t1"):
        app.driver.answer("t1", Answered())
    assert app.call("loginUnidentifiedUser", name="c2").settled == (Settled("c2", "success"),)


REFUSED = "Exception in HostFunction: "
ODD = [
    ("loginUserWithUserAttributes", {"userId": "n", "email": None}, 'Value for Key: "email" should be a String'),
    ("loginUserWithUserAttributes", {"userId": 5}, "Value for userId cannot be cast from Double to String"),
    ("loginUserWithUserAttributes", None, 'Cannot invoke "com.facebook.react.bridge.ReadableMap.hasKey(String)"'),
    ("updateUser", {"companies": None}, 'Cannot invoke "com.facebook.react.bridge.ReadableArray.size()"'),
    ("updateUser", {"companies": [{"id": 7}]}, "Value for id cannot be cast from Double to String"),
    ("updateUser", {"name": 3}, "Value for name cannot be cast from Double to String"),
    ("searchHelpCenter", None, 'Cannot invoke "String.equals(Object)"'),
]


@pytest.mark.parametrize(("name", "odd", "text"), ODD)
def test_an_exception_in_java_ends_the_app_or_rejects(app: App, old: bool, name: str, odd: Any, text: str) -> None:
    """The old architecture lets the app die; the new one rejects the promise, with a message and no code."""
    reaction = app.call(name, odd)
    if old:
        assert reaction.thrown is not None
        assert reaction.thrown.message.startswith(text)
        assert reaction.settled == ()
    else:
        (settled,) = reaction.settled
        assert (settled.callback, set(settled.value)) == ("error", {"message"})
        assert settled.value["message"].startswith(REFUSED + text)
    assert app.far_end.heard == []
    assert app.call("present", name="c2").settled == (Settled("c2", "success"),)


@pytest.mark.parametrize("flag", ["unsubscribedFromEmails", "signedUpAt"])
def test_null_where_java_asserts_a_value(app: App, old: bool, flag: str) -> None:
    """React Native throws what is no Exception, which no bridge would catch."""
    reaction = app.call("updateUser", {flag: None})
    if old:
        assert reaction.thrown is not None
        assert reaction.thrown.type == "java.lang.AssertionError"
    else:
        assert reaction.settled == (Settled("c1", "error", {"message": f"{REFUSED}java.lang.AssertionError"}),)


@pytest.mark.parametrize(
    ("name", "odd", "told"),
    [
        ("setBottomPadding", None, "a number, but got null"),
        ("setUserHash", 3, "a string, but got a number (3)"),
        ("updateUser", True, "a Object, but got a boolean (true)"),
        ("logEvent", {}, "a string, but got an object"),
        ("updateUser", "x", 'a Object, but got a string ("x")'),
        ("updateUser", [], "expected Map, got a array"),
    ],
)
def test_an_argument_that_does_not_fit_is_thrown(app: App, old: bool, name: str, odd: Any, told: str) -> None:
    """By the new architecture at the caller, who can catch it; the old one ends the app."""
    thrown = app.call(name, odd).thrown
    assert thrown is not None
    if old:
        assert thrown.type == f"java.lang.{'NullPointer' if odd is None else 'ClassCast'}Exception"
    else:
        assert (thrown.type, thrown.message[: len(REFUSED)]) == ("conformance.react.JavaScriptError", REFUSED)
        assert thrown.message.endswith(told)
    assert app.far_end.heard == []


@pytest.mark.parametrize(
    ("name", "arguments", "arrived"),
    [
        ("presentSpace", ["CELLAR"], ["HOME"]),
        ("setLauncherVisibility", ["DIM"], ["GONE"]),
        ("logEvent", ["a", {"price": {"amount": 1, "currency": "eur"}, "count": 1}], ["a", {"count": 1}]),
        ("updateUser", [{"custom_attributes": {"a": 1}}], [{}]),
        ("updateUser", [{"customAttributes": {"a": None, "b": {"c": 1}}}], [{"customAttributes": {"a": None}}]),
        ("updateUser", [{"companies": [{"name": "Nameless"}]}], [{}]),
        ("updateUser", [{"signedUpAt": 4102444800}], [{"signedUpAt": 2147483647}]),
        ("setBottomPadding", [12.5], [12]),
    ],
)
def test_what_java_changes_on_the_way(app: App, name: str, arguments: list[Any], arrived: list[Any]) -> None:
    """And reports as success."""
    assert app.call(name, *arguments).settled == SUCCESS
    assert app.far_end.heard == [(name, arrived)]


def test_a_missing_argument_is_what_the_package_makes_of_it(app: App) -> None:
    """Null, or the default that its functions have."""
    assert app.call("presentMessageComposer").settled == SUCCESS
    assert app.call("logEvent", "a").settled == SUCCESS
    (empty,) = app.call("fetchHelpCenterCollection").settled
    assert empty.value == {"code": "902", "message": "collectionID can't be empty"}
    assert app.far_end.heard == [("presentMessageComposer", []), ("logEvent", ["a"])]


@pytest.mark.parametrize("layer", LAYERS)
def test_the_suite_judges_it(layer: str) -> None:
    """What an app sends arrives in the workspace, and the suite finds the rich link that Java drops."""
    wanted = {
        "scenario/login-brings-further-attributes": [],
        "scenario/sample-update-of-a-company": [],
        "scenario/sample-event": ["every-key-arrives"],
    }
    spec = load_specification()
    player = open_player(PACKAGE + layer, spec)
    player.start()
    try:
        results = {check.id: run_check(check, player, Settings()) for check in catalogue(spec) if check.id in wanted}
    finally:
        player.stop()
    assert {name: [one.requirement for one in result.findings] for name, result in results.items()} == wanted


def test_a_folder_runs_in_every_layer(react_native: Path) -> None:
    """By the same commands as the package of that name."""
    for layer in ("+js", *LAYERS):
        assert resolve(f"react-native:{react_native}{layer}").argv == resolve(PACKAGE + layer).argv


def test_a_folder_without_the_architecture_says_so(tmp_path: Path) -> None:
    """Before anything is compiled."""
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0"}', encoding="utf-8")
    (tmp_path / "index.js").write_text("", encoding="utf-8")
    with pytest.raises(BadConnector, match=r"the package has no newarch.*\?arch=old"):
        resolve(f"react-native:{tmp_path}+android")


def test_without_a_jdk_the_javascript_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """And a line says so; the Java alone cannot run, and one line says what to install."""
    os.symlink(find_program("node"), tmp_path / "node")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert resolve(PACKAGE).argv == resolve(f"{PACKAGE}+js").argv
    assert "Only the JavaScript layer runs, as with +js. No JDK" in capfd.readouterr().err
    with pytest.raises(JdkMissing, match="install JDK 17"):
        resolve(f"{PACKAGE}+android")


def test_both_architectures_are_compiled_from_the_package(react_native: Path) -> None:
    """The new one is the default, as in React Native since 0.76; they are not the same classes."""
    default, new, old = (resolve(f"{PACKAGE}+android{option}").argv for option in ("", "?arch=new", "?arch=old"))
    assert default == new
    assert [part for part in new if "java/" in part] != [part for part in old if "java/" in part]


SPEC = """
import { TurboModule } from 'react-native';
interface Other { lost(a: string): void }
export interface Spec extends TurboModule {
  plain(): void;
  sum(a: number, b?: number): number;
  send(text: string, on: boolean, off?: boolean): Promise<{ id: string; more: () => void }>;
  list(names: string[], maps: Array<Other>, free?: Object, other: Other): Promise<Array<{ a: string }>>;
}
interface After { lost(): void }
"""


def test_the_generated_class_has_the_methods_of_the_spec() -> None:
    """With the types that React Native's own generator gives them, and nothing from beside the interface."""
    written = abstract_class(SPEC, "NativeThing.ts", "com.example")
    assert "package com.example;" in written
    assert "abstract class NativeThingSpec extends ReactContextBaseJavaModule implements TurboModule" in written
    assert [line.strip() for line in written.splitlines() if " abstract " in line][1:] == [
        "public abstract void plain();",
        "public abstract double sum(double a, Double b);",
        "public abstract void send(String text, boolean on, Boolean off, Promise promise);",
        "public abstract void list(ReadableArray names, ReadableArray maps, ReadableMap free, ReadableMap other, "
        "Promise promise);",
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("export interface Spec {}", "NativeThing.ts: it has no 'interface Spec extends TurboModule'"),
        ("interface Spec extends TurboModule { odd(): Odd; }", "NativeThing.ts: odd returns Odd"),
    ],
)
def test_a_spec_that_cannot_be_read_says_what_to_do(source: str, told: str) -> None:
    """In one line."""
    with pytest.raises(SpecUnreadable) as raised:
        abstract_class(source, "NativeThing.ts", "com.example")
    assert str(raised.value).startswith(told)
    assert "Use ?arch=old" in str(raised.value)
