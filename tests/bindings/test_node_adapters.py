"""The adapters run real bindings and pass on what these do, no more and no less.

The kit's own driver runs them, and checks every line against the protocol. The newer plugin is of the test's
own making (`conftest.py`); the other two are the published packages.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from running_apps import App, Start

from intercom_conformance.bindings.connectors import resolve
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.drivers import Answered, Failed, Held, Reaction, Settled, Thrown
from intercom_conformance.drivers.protocol import Refused
from intercom_reference.loading import load_document

API: dict[str, Any] = load_document("spec/api.yaml")["methods"]
CAPABILITIES: dict[str, Any] = load_document("spec/capabilities.yaml")["capabilities"]
OFFERED = {name for name, entry in CAPABILITIES.items() if entry.get("only_for") != "self-contained"}
KINDS = ["react_native", "cordova", "newer_cordova"]
MISSING_IN_CORDOVA_12 = {
    "aliases",
    "login-attributes",
    "is-user-logged-in",
    "fetch-attributes",
    "space-home",
    "space-messages",
    "space-tickets",
    "content-conversation",
}


def adapted(folder: Path, platform: str = "android") -> tuple[str, ...]:
    """The command for a folder, by what is in it."""
    kind = "cordova" if (folder / "plugin.xml").is_file() else "react-native"
    return resolve(f"{kind}:{folder}+js?platform={platform}").argv


@pytest.fixture
def app(request: pytest.FixtureRequest, start: Start) -> App:
    return start(adapted(request.getfixturevalue(request.param)))


every_binding = pytest.mark.parametrize("app", KINDS, indirect=True)
react_native = pytest.mark.parametrize("app", ["react_native"], indirect=True)
cordova = pytest.mark.parametrize("app", ["cordova"], indirect=True)
newer = pytest.mark.parametrize("app", ["newer_cordova"], indirect=True)


def value(definition: dict[str, Any], capabilities: frozenset[str]) -> Any:
    """A documented value for a parameter; of its variants, one that the binding offers."""
    for variant in definition.get("variants", ()):
        if variant["capability"] in capabilities:
            when = variant["when"]
            return when["const"] if "const" in when else content(when["properties"]["type"]["const"])
    return load_document(f"schemas/{definition['schema']}.schema.json")["examples"][0]


def content(kind: str) -> dict[str, Any]:
    return {"type": kind, "ids": ["1", "2"]} if kind == "HELP_CENTER_COLLECTIONS" else {"type": kind, "id": "1"}


def test_react_native_introduces_itself(react_native: Path, start: Start) -> None:
    """It offers everything that the specification asks of a wrapper, but for callbacks and older names."""
    binding = start(adapted(react_native)).binding
    assert (binding.name, binding.version) == ("@intercom/intercom-react-native", "10.7.1")
    assert (binding.kind, binding.style, binding.language) == ("wrapper", "promises", "javascript")
    assert binding.capabilities == OFFERED - {"aliases", "callbacks"}


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_cordova_introduces_itself(cordova: Path, start: Start, platform: str) -> None:
    """What the old version has no function for is not declared."""
    binding = start(adapted(cordova, platform)).binding
    assert (binding.name, binding.version) == ("cordova-plugin-intercom", "12.1.0")
    assert (binding.platform, binding.style) == (platform, "callbacks")
    assert OFFERED - binding.capabilities == MISSING_IN_CORDOVA_12
    assert binding.capabilities <= OFFERED


def test_a_newer_plugin_is_found_through_its_plugin_xml(newer_cordova: Path, start: Start) -> None:
    """Modules, globals, and what is only there on one platform; comments count for nothing."""
    android, ios = (start(adapted(newer_cordova, name)).binding for name in ("android", "ios"))
    assert (android.name, android.version) == ("cordova-plugin-newer", "99.1.0")
    assert ios.capabilities - android.capabilities == {"hide"}
    spaces = {name for name in android.capabilities if name.startswith(("space", "content"))}
    assert spaces == {
        "space-home",
        "space-help-center",
        "space-messages",
        "content-article",
        "content-help-center-collections",
    }


@every_binding
def test_every_method_of_a_declared_capability_can_be_called(app: App) -> None:
    """With a documented argument it succeeds once, and the guide's call arrives at the far end, as it was."""
    capabilities = app.binding.capabilities
    offered = {name: method for name, method in API.items() if method["capability"] in capabilities}
    for name in OWN_WAYS.get(app.binding.name, ()):
        del offered[name]
    for name, method in offered.items():
        arguments = [value(parameter, capabilities) for parameter in method["parameters"]]
        given = Answered(3) if method.get("result") else Answered()
        app.far_end.heard, app.far_end.replies = [], {name: given}
        reaction = app.call(name, *arguments)
        ignored = any(parameter.get("ignored") for parameter in method["parameters"])
        assert app.far_end.heard == [(name, [] if ignored else arguments)], name
        assert reaction == Reaction(settled=(Settled("c1", "success", given.value),)), name


OWN_WAYS = {"cordova-plugin-newer": ["unreadConversationCount", "presentContent"]}
"""What the test's own plugin does in ways of its own, so that a test can tell that its code runs."""


@every_binding
def test_every_method_of_no_declared_capability_is_missing(app: App) -> None:
    """What is not declared is truly not there, so nothing is held back from the kit."""
    for name, method in API.items():
        if method["capability"] not in app.binding.capabilities:
            thrown = app.call(name).thrown
            assert thrown, name
            assert thrown.type == "TypeError"
            assert thrown.message.endswith(" is not a function")


@every_binding
def test_an_error_of_the_sdk_is_reported_once(app: App) -> None:
    """With the code and the message that the far end gave."""
    app.far_end.replies = {"logEvent": Failed(1001, "no user")}
    error = Settled("c1", "error", {"code": 1001, "message": "no user"})
    assert app.call("logEvent", "a", {}).settled == (error,)


@every_binding
def test_calls_overlap_and_are_answered_in_any_order(app: App) -> None:
    """Each answer settles its own call."""
    app.far_end.replies = {"present": Held("t1"), "logEvent": Held("t2")}
    assert app.call("present", name="c1").settled == ()
    assert app.call("logEvent", "a", None, name="c2").settled == ()
    late = app.driver.answer("t2", Failed(2, "late"))
    assert late.settled == (Settled("c2", "error", {"code": 2, "message": "late"}),)
    assert app.driver.answer("t1", Answered()).settled == (Settled("c1", "success"),)


@every_binding
def test_reset_is_a_fresh_app(app: App) -> None:
    """Nothing of the earlier one is answered any more, and the binding is loaded anew."""
    app.far_end.replies = {"present": Held("t1")}
    app.call("present")
    app.driver.reset()
    with pytest.raises(Refused):
        app.driver.answer("t1", Answered())
    app.far_end.replies = {}
    assert app.call("present", name="c2").settled == (Settled("c2", "success"),)


@pytest.mark.parametrize("app", ["cordova", "newer_cordova"], indirect=True)
def test_null_callbacks_are_handed_on_as_null(app: App) -> None:
    """Nothing is thrown, and nothing is reported."""
    for reply in (Answered(), Answered(1), Failed(1, "no")):
        app.far_end.replies = {"logout": reply}
        reaction = app.call("logout", callbacks=())
        assert (reaction.settled, reaction.thrown) == ((), None)
    assert app.call("logout", callbacks=("error",)).settled == (Settled("c1", "error", {"code": 1, "message": "no"}),)


@every_binding
@pytest.mark.parametrize("hostile", [None, True, 0, "", [], {}, [["HOME"]], "constructor", {"type": ["ARTICLE"]}])
def test_a_hostile_argument_arrives_as_it_was(app: App, hostile: Any) -> None:
    """The adapter repairs nothing."""
    app.call("loginUserWithUserAttributes", hostile)
    assert app.far_end.heard == [("loginUserWithUserAttributes", [hostile])]


@pytest.mark.parametrize("app", ["react_native", "newer_cordova"], indirect=True)
@pytest.mark.parametrize(
    "hostile",
    [
        None,
        ["HOME"],
        ["HELP_CENTER"],
        {"type": ["ARTICLE"], "id": "1"},
        {"type": "ARTICLE", "id": "1", "more": 2},
    ],
)
@pytest.mark.parametrize("name", ["presentSpace", "presentContent"])
def test_what_no_constant_or_builder_could_give_is_passed_as_it_is(app: App, name: str, hostile: Any) -> None:
    """Only what an app could get from the binding's own constants and builders goes through them."""
    app.call(name, hostile)
    assert app.far_end.heard == [(name, [hostile])]


@every_binding
def test_a_missing_argument_is_null_on_the_bridge(app: App) -> None:
    """The callbacks keep their places."""
    assert app.call("logEvent", "a").settled == (Settled("c1", "success"),)
    assert app.call("loginUserWithUserAttributes").settled == (Settled("c1", "success"),)
    assert app.far_end.heard == [("logEvent", ["a", None]), ("loginUserWithUserAttributes", [None])]


@react_native
def test_react_native_tells_what_it_fetched(app: App) -> None:
    """Also null; and of a call that carries nothing, `true` is nothing."""
    app.far_end.replies = {name: Answered(None) for name in ("fetchLoggedInUserAttributes", "present")}
    assert app.call("fetchLoggedInUserAttributes").settled == (Settled("c1", "success", None),)
    app.far_end.replies = {"isUserLoggedIn": Answered(True), "present": Answered(True)}
    assert app.call("isUserLoggedIn").settled == (Settled("c1", "success", True),)
    assert app.call("present").settled == (Settled("c1", "success"),)


@react_native
def test_react_native_runs_its_own_code(app: App) -> None:
    """What only the real package does: an id left out becomes an empty text."""
    app.call("fetchHelpCenterCollection")
    assert app.far_end.heard == [("fetchHelpCenterCollection", [""])]


@cordova
def test_cordova_runs_the_functions_of_its_version(app: App) -> None:
    """Each of the guide's calls, by the function that an app of that time wrote."""
    contents = [content(kind) for kind in ("ARTICLE", "CAROUSEL", "SURVEY", "HELP_CENTER_COLLECTIONS")]
    for each in contents:
        assert app.call("presentContent", each).settled == (Settled("c1", "success"),)
    assert app.far_end.heard == [("presentContent", [each]) for each in contents]
    app.far_end.heard.clear()
    app.call("presentMessageComposer")
    app.call("presentMessageComposer", None)
    assert app.far_end.heard == [("presentMessageComposer", []), ("presentMessageComposer", [None])]


@cordova
@pytest.mark.parametrize(
    ("alias", "target"),
    [
        ("registerIdentifiedUser", "loginUserWithUserAttributes"),
        ("registerUnidentifiedUser", "loginUnidentifiedUser"),
        ("reset", "logout"),
        ("displayMessenger", "present"),
        ("sendPushTokenToIntercom", "sendPushToken"),
    ],
)
def test_cordova_serves_the_older_names_too(app: App, alias: str, target: str) -> None:
    """By their own name, so that the kit can compare them with their targets."""
    arguments = [{"userId": "1"}] * len(API[target]["parameters"])
    assert app.call(alias, *arguments).settled == (Settled("c1", "success"),)
    assert app.far_end.heard[0][0] == target


@cordova
def test_cordova_without_the_function_throws(app: App) -> None:
    """An unknown space or type of content has no function in that version."""
    assert app.call("presentSpace", "NOWHERE").thrown == Thrown("TypeError", "presentSpace is not a function")
    assert app.call("presentContent", {"type": "X"}).thrown == Thrown("TypeError", "presentContent is not a function")


@newer
def test_a_newer_plugin_is_called_as_the_guide_writes_it(app: App) -> None:
    """Spaces by its constants, content by its builders, and what it returns is reported, whatever it is."""
    app.call("presentSpace", "HELP_CENTER")
    app.call("presentContent", {"type": "HELP_CENTER_COLLECTIONS", "ids": ["1"]})
    built = {"type": "HELP_CENTER_COLLECTIONS", "ids": ["1"], "built": True}
    assert app.far_end.heard == [("presentSpace", ["help"]), ("presentContent", [built])]
    assert [app.call("unreadConversationCount").returned for _ in range(2)] == [1, 2]
    app.driver.reset()
    assert app.call("unreadConversationCount").returned == 1


def guide(name: str) -> Any:
    """A table of `node/guide.js`."""
    script = f"console.log(JSON.stringify(require({json.dumps(str(GUIDE))}).{name}))"
    run = subprocess.run([find_program("node"), "-e", script], capture_output=True, check=True, text=True)
    return json.loads(run.stdout)


GUIDE = Path(resolve.__code__.co_filename).parent / "node" / "guide.js"


def test_the_adapters_know_the_methods_of_the_specification() -> None:
    """Names, aliases and the number of parameters agree with spec/api.yaml."""
    expected = {
        name: len(method["parameters"])
        for canonical, method in API.items()
        for name in (canonical, *(alias["name"] for alias in method.get("aliases", ())))
    }
    assert guide("PARAMETERS") == expected


def test_the_adapters_know_the_capabilities_of_the_specification() -> None:
    """Every capability of a wrapper stands for the methods that spec/api.yaml gives it."""
    known = guide("CAPABILITIES")
    assert set(known) == OFFERED - {"callbacks"}
    for name, method in API.items():
        variants = any("variants" in parameter for parameter in method["parameters"])
        assert variants or [name] in known[method["capability"]], name
        for parameter in method["parameters"]:
            for variant in parameter.get("variants", ()):
                assert known[variant["capability"]][0][0] == name


def test_what_others_read_and_copy_is_short() -> None:
    """A binding's maintainer reads an adapter before writing one, and copies the wire's other end."""
    folder = GUIDE.parents[1]
    limits = {folder / "node" / "wire.js": 160, **dict.fromkeys(folder.glob("*/adapter.js"), 100)}
    for file, limit in limits.items():
        assert len(file.read_text(encoding="utf-8").splitlines()) < limit, file
