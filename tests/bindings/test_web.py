"""The packages for the web run as published, in a real browser, and leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from running_apps import FarEnd

from intercom_conformance.bindings import OPENERS, BindingError
from intercom_conformance.bindings.web.browser import VARIABLE, BrowserMissing, find_browser
from intercom_conformance.bindings.web.family import WEB
from intercom_conformance.bindings.web.serving import Listener
from intercom_conformance.drivers import Driver, NativeReply, Reaction, Settings, open_driver
from intercom_conformance.drivers.pipes import Ended, Late
from intercom_conformance.drivers.protocol import BadConnector, Crashed, NotStarted, Refused
from intercom_conformance.drivers.sockets import SocketLines
from intercom_conformance.kit import open_player
from intercom_conformance.results import Result
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings as Effort
from intercom_conformance.suite import catalogue, run_check

SDK, REACT = "npm:@intercom/messenger-js-sdk@0.0.20", "npm:react-use-intercom@5.8.0"
ADA = {"userId": "ada", "email": "ada@example.com"}
LOGIN = ("loginUserWithUserAttributes", [ADA])


def browsers(folder: Path) -> dict[int, str]:
    """The command lines of browsers whose profiles are in a folder, with those of their children, by process id."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if f"{folder}/intercom-conformance-" in line:
                found[int(place.name)] = line
    return found


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the profiles of this test's browsers are."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def opened(profiles: Path) -> Iterator[Callable[..., Driver]]:
    """Opens drivers by their connectors, ends them, and requires that neither a process nor a folder is left."""
    drivers: list[Driver] = []

    def make(connector: str, far_end: Callable[[str, Sequence[Any]], NativeReply], **settings: Any) -> Driver:
        drivers.append(open_driver(connector, far_end, openers=OPENERS, settings=Settings(**settings)))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.shutdown()
    limit = time.monotonic() + 5
    while browsers(profiles) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not browsers(profiles)
    assert not list(profiles.iterdir())


class App:
    """A package in its browser, whose far end hears what reaches the native SDK."""

    def __init__(self, driver: Driver, far_end: FarEnd) -> None:
        self.driver, self.far_end = driver, far_end

    def call(self, method: str, *arguments: Any) -> Reaction:
        return self.driver.call("c1", method, arguments, [])

    def heard(self, method: str, *arguments: Any) -> list[tuple[str, list[Any]]]:
        """What a call leads to."""
        self.far_end.heard.clear()
        assert self.call(method, *arguments) == Reaction()
        return list(self.far_end.heard)


@pytest.fixture(scope="module", params=[SDK, REACT], ids=["sdk", "react"])
def running(request: pytest.FixtureRequest) -> Iterator[App]:
    far_end = FarEnd()
    driver = open_driver(request.param, far_end, openers=OPENERS)
    driver.initialize()
    yield App(driver, far_end)
    driver.shutdown()


@pytest.fixture
def app(running: App) -> App:
    """A freshly opened page."""
    running.driver.reset()
    return running


@pytest.fixture
def logged_in(app: App) -> App:
    """The same, with a user who is logged in."""
    assert app.heard(*LOGIN[:1], ADA) == [LOGIN]
    return app


def test_a_web_binding_tells_no_outcomes(app: App) -> None:
    """It says so by its style, and declares what its functions offer, no more."""
    binding = app.driver.initialize()
    assert (binding.platform, binding.kind, binding.style) == ("web", "wrapper", "none")
    assert {"session", "custom-attributes", "space-tickets", "content-survey", "launcher-visibility"} <= (
        binding.capabilities
    )
    assert not binding.capabilities & {"callbacks", "aliases", "unread-count", "content-carousel", "user-hash"}


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("logEvent", ["order-item"]),
        ("logEvent", ["order-item", {"price": 3, "paid": None}]),
        ("present", []),
        *(("presentSpace", [space]) for space in ("HOME", "HELP_CENTER", "MESSAGES", "TICKETS", "CELLAR")),
        *(("presentContent", [{"type": type_, "id": "7"}]) for type_ in ("ARTICLE", "SURVEY", "CONVERSATION")),
        ("presentMessageComposer", ["Hello"]),
        ("setLauncherVisibility", ["VISIBLE"]),
        ("setLauncherVisibility", ["GONE"]),
        ("setLauncherVisibility", ["DIM"]),
        ("setInAppMessageVisibility", ["GONE"]),
        ("setInAppMessageVisibility", ["VISIBLE"]),
        ("setBottomPadding", [20]),
        ("setBottomPadding", [-1]),
        ("hideIntercom", []),
        ("logout", []),
        ("updateUser", [{"name": "Ada", "phone": None, "languageOverride": "de", "signedUpAt": 12}]),
        ("updateUser", [{"unsubscribedFromEmails": True, "customAttributes": {"paid": True, "plan": None}}]),
        ("updateUser", [{"companies": [{"id": "navy", "monthlySpend": 100, "customAttributes": {"fleet": 3}}]}]),
    ],
)
def test_a_call_reaches_the_native_sdk_as_it_was_meant(logged_in: App, method: str, arguments: list[Any]) -> None:
    """The words of the web, and the order of its attributes, are turned back into the guide's."""
    assert logged_in.heard(method, *arguments) == [(method, arguments)]


def test_both_spellings_of_custom_attributes_are_one_on_the_web(logged_in: App) -> None:
    """There they stand among the other attributes."""
    heard = logged_in.heard("updateUser", {"custom_attributes": {"team": 3}})
    assert heard == [("updateUser", [{"customAttributes": {"team": 3}}])]


def test_what_the_package_throws_is_told(logged_in: App) -> None:
    """react-use-intercom takes every value of companies for a list; the other package hands it on."""
    thrown = logged_in.call("updateUser", {"companies": "none"}).thrown
    react = logged_in.driver.initialize().name == "react-use-intercom"
    assert (thrown and thrown.type) == ("TypeError" if react else None)


def test_a_login_takes_all_attributes(app: App) -> None:
    """Both the first one, which starts the messenger, and one after a logout, which boots it."""
    user = {**ADA, "name": "Ada", "customAttributes": {"paid": True}}
    for _ in range(2):
        assert app.heard("loginUserWithUserAttributes", user) == [("loginUserWithUserAttributes", [user])]
        assert app.heard("logout") == [("logout", [])]


def test_a_login_without_identity_is_a_visitors(app: App) -> None:
    """Its options are ignored, as in the guide."""
    assert app.heard("loginUnidentifiedUser", {"userId": "ignored"}) == [("loginUnidentifiedUser", [])]


def test_a_visitor_becomes_a_user_by_another_boot(running: App) -> None:
    """Intercom's guide for single-page apps says so; react-use-intercom drops every boot but the first."""
    name = running.driver.initialize().name
    running.driver.reset()
    assert running.heard("loginUnidentifiedUser") == [("loginUnidentifiedUser", [])]
    assert running.heard(*LOGIN[:1], ADA) == ([] if name == "react-use-intercom" else [LOGIN])


UNWRITABLE = [
    ("loginUserWithUserAttributes", [{"name": "Nobody"}]),
    ("loginUserWithUserAttributes", [None]),
    ("updateUser", [{"customAttributes": {"a": 1}, "custom_attributes": {"b": 2}}]),
    ("updateUser", [{"customAttributes": {"name": "no name"}}]),
    ("updateUser", [{"customAttributes": {"app_id": "other"}}]),
    ("updateUser", [{"favourite": "tea"}]),
    ("updateUser", [{"companies": [{"id": "navy", "size": 3}]}]),
    ("presentSpace", ["home"]),
    ("presentContent", [{"type": "POSTER", "id": "1"}]),
    ("presentContent", [{"type": "ARTICLE", "id": "1", "more": 1}]),
    ("presentContent", [None]),
    ("setLauncherVisibility", [True]),
    ("setInAppMessageVisibility", [False]),
]


@pytest.mark.parametrize(("method", "arguments"), UNWRITABLE)
def test_what_means_something_else_on_the_web_cannot_be_written(
    logged_in: App, method: str, arguments: list[Any]
) -> None:
    """The driver says so before the call, and runs on: such a step says nothing about the binding."""
    logged_in.far_end.heard.clear()
    with pytest.raises(Refused, match="cannot be written on the web") as refused:
        logged_in.call(method, *arguments)
    assert refused.value.unwritable
    assert logged_in.far_end.heard == []
    assert logged_in.heard("hideIntercom") == [("hideIntercom", [])]


def test_a_reset_opens_a_new_page(logged_in: App) -> None:
    """Nothing is left of the package's state, of the messenger or of what was stored."""
    logged_in.driver.reset()
    assert logged_in.heard("present") == []
    assert logged_in.heard(*LOGIN[:1], ADA) == [LOGIN]


def test_many_logins_come_back(app: App) -> None:
    """Loading the messenger never leaves a call without an answer."""
    for _ in range(30):
        app.driver.reset()
        assert app.heard(*LOGIN[:1], ADA) == [LOGIN]


@pytest.mark.parametrize(
    ("connector", "expected"),
    [
        (SDK, {"launcher-visibility", "bottom-padding", "in-app-visibility"}),
        (REACT, {"launcher-visibility", "bottom-padding", "in-app-visibility", "anonymous-activity-is-merged"}),
    ],
)
def test_the_kit_judges_a_package_in_the_browser(connector: str, expected: set[str]) -> None:
    """Scenarios and tours find the known faults, each time, and no check ends in any other way."""
    spec = load_specification()
    player = open_player(connector, spec)
    player.start()
    try:
        checks = [check for check in catalogue(spec) if check.family in ("scenario", "transition")]
        results = [run_check(check, player, Effort(examples=1, shrink=False)) for check in checks]
    finally:
        player.stop()
    found = {finding.requirement for result in results for finding in result.findings}
    assert {result.verdict for result in results} <= {"passed", "failed", "unsupported", "not run"}
    assert expected <= found
    assert told(results) == set()


def told(results: Sequence[Result]) -> set[str]:
    """Requirements of callbacks that passed although no callback can run."""
    exercised = frozenset[str]().union(*(result.exercised for result in results))
    return exercised & {"callback-is-called", "error-carries-a-value", "failure-is-reported", "result-types"}


def test_a_browser_that_is_killed_crashes_the_call_in_flight(opened: Callable[..., Driver], profiles: Path) -> None:
    """The call is blamed, with the signal, and the next start is a new browser."""
    far_end = FarEnd()

    def deadly(method: str, arguments: Sequence[Any]) -> NativeReply:
        for pid in browsers(profiles) if method == "present" else ():
            os.kill(pid, signal.SIGKILL)
        return far_end(method, arguments)

    app = App(opened(SDK, deadly), far_end)
    app.driver.initialize()
    app.driver.reset()
    app.heard(*LOGIN[:1], ADA)
    with pytest.raises(Crashed, match="ended by SIGKILL in the midst of 'call'"):
        app.call("present")
    app.driver.initialize()
    app.driver.reset()
    assert app.heard(*LOGIN[:1], ADA) == [LOGIN]


def test_a_page_that_crashes_alone_is_a_crash_too(opened: Callable[..., Driver], profiles: Path) -> None:
    """The browser runs on, but the connection is closed."""
    far_end = FarEnd()

    def deadly(method: str, arguments: Sequence[Any]) -> NativeReply:
        for pid, line in browsers(profiles).items():
            if "--type=renderer" in line:
                os.kill(pid, signal.SIGKILL)
        return far_end(method, arguments)

    app = App(opened(SDK, deadly), far_end)
    app.driver.initialize()
    app.driver.reset()
    with pytest.raises(Crashed, match="closed the connection in the midst of 'call'"):
        app.call(*LOGIN[:1], ADA)


def fake_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(program))


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("sleep 60", r"its page did not connect within 0\.6 s.*Does this browser run"),
        ("echo no display >&2; exit 3", r"the browser ended with exit code 3[\s\S]*no display"),
    ],
)
def test_a_browser_that_does_not_open_the_page_is_not_started(
    opened: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, text: str
) -> None:
    """Both a hanging and an ending one are told, with the browser's log."""
    fake_browser(tmp_path, monkeypatch, script)
    with pytest.raises(NotStarted, match=text):
        opened(SDK, FarEnd(), start_timeout=0.6).initialize()


def test_a_missing_browser_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what to install, and the variable that names another one."""
    monkeypatch.setenv(VARIABLE, "/nowhere/chromium")
    with pytest.raises(BrowserMissing, match="names '/nowhere/chromium', which is no program"):
        find_browser()
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BrowserMissing, match="install chromium or google-chrome, or set INTERCOM_CONFORMANCE_CHROMIUM"):
        find_browser()


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({VARIABLE: "/nowhere/chromium"}, "INTERCOM_CONFORMANCE_CHROMIUM names '/nowhere/chromium'"),
        ({"PATH": "/nowhere", "INTERCOM_CONFORMANCE_CACHE": "EMPTY"}, "npm is not on the PATH: install Node.js"),
    ],
)
def test_the_command_line_tells_what_is_missing(tmp_path: Path, variables: dict[str, str], text: str) -> None:
    """One line, no traceback, and not the exit code of a success."""
    env = {**os.environ, **variables}
    if env.get("INTERCOM_CONFORMANCE_CACHE") == "EMPTY":
        env["INTERCOM_CONFORMANCE_CACHE"] = str(tmp_path)
    command = [sys.executable, "-m", "intercom_conformance", "smoke", SDK]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert text in " ".join((run.stdout + run.stderr).split())
    assert "Traceback" not in run.stdout + run.stderr


def test_a_folder_with_another_package_is_refused(tmp_path: Path) -> None:
    """`web:PATH` takes the packages that have an adapter."""
    (tmp_path / "package.json").write_text('{"name": "left-pad"}')
    with pytest.raises(BadConnector, match="no adapter runs the package 'left-pad'"):
        open_driver(f"web:{tmp_path}", FarEnd(), openers=OPENERS)
    assert issubclass(BrowserMissing, BindingError)
    assert WEB.kind == "web"


def test_only_who_knows_the_address_gets_the_page() -> None:
    """Everything else on the loopback interface is told that there is nothing; visitors may come and go."""
    from websockets.exceptions import ConnectionClosedOK
    from websockets.sync.client import connect

    taken: list[SocketLines] = []
    with Listener(1000) as listener:
        address = listener.page_address
        thread = threading.Thread(
            target=lambda: taken.append(
                SocketLines(*listener.connected(b"<p>page", time.monotonic() + 10, lambda: True))
            )
        )
        thread.start()
        for wrong in (address.replace(address.split("/")[3], "guess"), f"{address}other"):
            with pytest.raises(urllib.error.HTTPError, match="404") as missing:
                urllib.request.urlopen(wrong)
            missing.value.close()
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"<p>page"
        with connect(listener.wire_address) as page:
            thread.join()
            taken[0].send(b"to the page\n", time.monotonic() + 5)
            assert page.recv() == "to the page"
            page.send("from the page")
            assert taken[0].receive(time.monotonic() + 5) == b"from the page"
            taken[0].farewell()
            taken[0].close()
            with pytest.raises(ConnectionClosedOK):
                page.recv()


def test_a_listener_does_not_wait_for_ever() -> None:
    """Neither beyond the deadline nor for a browser that has ended."""
    with Listener(1000) as listener, pytest.raises(Late):
        listener.connected(b"", time.monotonic() + 0.3, lambda: True)
    with Listener(1000) as listener, pytest.raises(Ended):
        listener.connected(b"", time.monotonic() + 5, lambda: False)
