"""An SDK that is a Python object looks the same in this process and over the wire, and shares nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import toy_sdk

from intercom_conformance.drivers import (
    MISSING,
    Answered,
    Binding,
    Driver,
    Failed,
    Held,
    InProcessDriver,
    NativeReply,
    Reaction,
    Settings,
    Settled,
    StdioDriver,
    Thrown,
    open_driver,
)
from intercom_conformance.drivers.protocol import (
    BadConnector,
    NotStarted,
    ProtocolBroken,
    Refused,
    UnknownConnector,
)

BOTH = ["success", "error"]
Open = Callable[..., Driver]


def unreachable(method: str, arguments: Sequence[Any]) -> NativeReply:
    raise AssertionError(f"{method} reached the far end")


@pytest.fixture(params=["py:toy_sdk:{}", f"cmd:{sys.executable} {toy_sdk.__file__} {{}}"], ids=["py", "cmd"])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a toy by name, in this process and served over the wire; both must behave alike."""
    drivers: list[Driver] = []

    def make(name: str, native: Any = unreachable) -> Driver:
        drivers.append(open_driver(request.param.format(name), native))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.shutdown()


@pytest.fixture
def basket(opened: Open) -> Driver:
    driver = opened("Basket")
    driver.initialize()
    driver.reset()
    return driver


def test_a_binding_is_completed_where_it_says_nothing(opened: Open) -> None:
    """The optional methods that an object has are its capabilities, beside those it declares."""
    capabilities = frozenset({"clock", "environment", "snapshot", "gift-wrap"})
    expected = Binding("basket", "2.1", "python", "any", "self-contained", "callbacks", capabilities)
    assert opened("Basket").initialize() == expected
    expected = Binding("Bare", "unknown", "python", "any", "self-contained", "callbacks", frozenset())
    assert opened("Bare").initialize() == expected
    assert opened("Wrapper").initialize().kind == "wrapper"


@pytest.mark.parametrize(
    ("method", "arguments", "callbacks", "expected"),
    [
        ("add", [{"name": "tea"}], BOTH, Reaction((Settled("c1", "success"),))),
        ("add", [{"name": "tea"}], [], Reaction()),
        ("add", ["tea"], BOTH, Reaction((Settled("c1", "error", {"code": 7, "message": "not an item"}),))),
        ("add", ["tea"], ["success"], Reaction()),
        ("count", [], ["success"], Reaction((Settled("c1", "success", 0),), returned=0)),
        ("later", [], BOTH, Reaction()),
        (
            "twice",
            [],
            BOTH,
            Reaction(
                (
                    Settled("c1", "success", 1),
                    Settled("c1", "error", "no, wait"),
                    Settled("c1", "success", None),
                )
            ),
        ),
        ("explode", [], [], Reaction(thrown=Thrown("LookupError", "nothing there"))),
        ("leave", [], [], Reaction(thrown=Thrown("SystemExit", "enough"))),
        ("noisy", [], [], Reaction()),
        ("positional", [1], ["error"], Reaction((Settled("c1", "error", ["failed", 1]),))),
        (
            "odd",
            [],
            BOTH,
            Reaction((Settled("c1", "success", {"unserialisable": "{1}"}),), returned={"unserialisable": "inf"}),
        ),
        (
            "nothing_such",
            [],
            BOTH,
            Reaction(thrown=Thrown("AttributeError", "'Basket' object has no attribute 'nothing_such'")),
        ),
        ("__init__", [], [], Reaction(thrown=Thrown("AttributeError", "'__init__' is not public"))),
    ],
)
def test_a_call_gives_what_the_app_sees(
    basket: Driver, method: str, arguments: list[Any], callbacks: list[str], expected: Reaction
) -> None:
    """What returned or was thrown, and which of the given callbacks ran, in order."""
    assert basket.call("c1", method, arguments, callbacks) == expected


def test_a_missing_argument_is_missing(basket: Driver) -> None:
    """A callback never takes the place of an argument that the app left out."""
    thrown = basket.call("c1", "add", [], BOTH).thrown
    assert thrown is not None
    assert thrown.type == "TypeError"
    assert "missing 1 required positional argument: 'item'" in thrown.message


def test_a_late_callback_comes_with_the_next_reaction(basket: Driver) -> None:
    """It keeps the name of the call it belongs to."""
    basket.call("c1", "later", [], BOTH)
    basket.call("c2", "later", [], BOTH)
    assert basket.advance(2.5).settled == (Settled("c1", "success", 2.5), Settled("c2", "success", 2.5))
    assert basket.advance(1).settled == ()


def test_reset_installs_the_app_afresh(basket: Driver) -> None:
    """Nothing of the earlier app is left, not even what it still had to report."""
    basket.environment("bell", ["ding", 2])
    basket.call("c1", "later", [], BOTH)
    assert basket.observe() == {"items": [{"event": "bell", "arguments": ["ding", 2]}]}
    basket.reset()
    assert basket.observe() == {"items": []}
    assert basket.advance(1) == Reaction()


def test_a_callback_of_an_earlier_app_reaches_nobody() -> None:
    """What outlives a reset cannot report into the app after it."""
    kept: list[Any] = []
    driver = InProcessDriver(
        type("Sdk", (), {"keep": lambda self, success: kept.append(success), "run": lambda self: kept[0]()}),
        unreachable,
    )
    driver.initialize()
    driver.call("c1", "keep", [], ["success"])
    driver.reset()
    assert driver.call("c2", "run", [], []) == Reaction()


def test_a_capability_without_its_method_is_refused(opened: Open) -> None:
    """It is the driver that cannot serve, not the binding that throws."""
    driver = opened("Bare")
    driver.initialize()
    with pytest.raises(Refused, match=r"'advance' with error -32601: the object has no method 'advance'"):
        driver.advance(1)
    with pytest.raises(Refused, match="'observe'"):
        driver.observe()
    with pytest.raises(Refused, match="'environment'"):
        driver.environment("bell", [])


def test_a_wrapper_reaches_the_far_end(opened: Open) -> None:
    """Answers, errors and held answers pass through a wrapper; a late answer settles the held call."""
    heard: list[tuple[str, Any]] = []
    replies = iter([Answered(4), Failed(3, "full"), Held("t1"), Held("t2"), Answered()])

    def native(method: str, arguments: Sequence[Any]) -> NativeReply:
        heard.append((method, list(arguments)))
        return next(replies)

    driver = opened("Wrapper", native)
    driver.initialize()
    driver.reset()
    full = {"code": 3, "message": "full"}
    assert driver.call("c1", "add", ["a"], BOTH).settled == (Settled("c1", "success", 4),)
    assert driver.call("c2", "add", ["b"], BOTH).settled == (Settled("c2", "error", full),)
    assert driver.call("c3", "add", ["c"], BOTH) == Reaction()
    assert driver.call("c4", "add", ["d"], BOTH) == Reaction()
    assert driver.answer("t2", Answered(6)).settled == (Settled("c4", "success", 6),)
    assert driver.answer("t1", Failed(3, "full")).settled == (Settled("c3", "error", full),)
    assert driver.answer("t1", Answered()).thrown == Thrown("KeyError", "'t1'")
    assert driver.call("c5", "add", [None], BOTH).settled == (Settled("c5", "success", MISSING),)
    assert heard == [("add", [item]) for item in ("a", "b", "c", "d", None)]


def test_a_fault_of_the_far_end_is_not_the_wrappers() -> None:
    """An exception of the kit passes through a wrapper that swallows everything."""

    class KitFault(BaseException):
        pass

    def broken(method: str, arguments: Sequence[Any]) -> NativeReply:
        raise KitFault

    driver = InProcessDriver(toy_sdk.Wrapper, broken)
    driver.initialize()
    with pytest.raises(KitFault):
        driver.call("c1", "swallow", [], [])
    driver.reset()


def test_an_interrupt_is_the_users() -> None:
    """Ctrl-C is no behaviour of the system under test."""

    class Interrupted:
        def wait(self) -> None:
            raise KeyboardInterrupt

    driver = InProcessDriver(Interrupted, unreachable)
    driver.initialize()
    with pytest.raises(KeyboardInterrupt):
        driver.call("c1", "wait", [], [])


def test_nothing_mutable_is_shared() -> None:
    """A change on one side is never seen on the other."""
    driver = InProcessDriver(toy_sdk.Basket, unreachable)
    driver.initialize()
    item = {"name": "tea", "tags": ["hot"]}
    driver.call("c1", "add", [item], [])
    item["tags"].append("green")  # type: ignore[attr-defined]
    assert driver.observe() == {"items": [{"name": "tea", "tags": ["hot"]}]}
    driver.observe()["items"].clear()
    assert len(driver.observe()["items"]) == 1
    reaction = driver.call("c2", "give", [], ["success"])
    assert reaction == Reaction((Settled("c2", "success", []),), returned=["more"])


def test_the_far_end_shares_nothing_with_the_wrapper() -> None:
    """Neither the bridge's arguments nor the far end's answer can be changed afterwards."""
    inbox: list[Any] = []
    answer = {"list": [1]}

    class Meddler:
        def __init__(self, native: Any) -> None:
            self.native = native

        def send(self, item: Any) -> None:
            reply = self.native("send", [item, {1}])
            reply.value["list"].append(2)
            item.append("changed")

    def native(method: str, arguments: Sequence[Any]) -> NativeReply:
        inbox.extend(arguments)
        return Answered(answer)

    driver = InProcessDriver(Meddler, native)
    driver.initialize()
    assert driver.call("c1", "send", [["as sent"]], []) == Reaction()
    assert inbox == [["as sent"], {"unserialisable": "{1}"}]
    assert answer == {"list": [1]}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((1, [2.5, None, True]), [1, [2.5, None, True]]),
        ({"é": "\ud800"}, {"é": "\ud800"}),
        ({1: 2}, {"unserialisable": "{1: 2}"}),
        (float("nan"), {"unserialisable": "nan"}),
        (b"x", {"unserialisable": "b'x'"}),
    ],
)
def test_what_is_not_json_is_shown_as_text(value: Any, shown: Any) -> None:
    """Values of JSON pass as they are; of others, only their text can be told."""
    driver = InProcessDriver(lambda: type("Sdk", (), {"get": lambda self: value})(), unreachable)
    driver.initialize()
    assert driver.call("c1", "get", [], []).returned == shown


@pytest.mark.parametrize("trouble", ["cycle", "huge", "mute", "long"])
def test_a_hostile_value_cannot_break_the_kit(trouble: str) -> None:
    """Endless, enormous and broken values become a short text."""

    class Mute:
        def __repr__(self) -> str:
            raise RuntimeError

    cycle: list[Any] = []
    cycle.append(cycle)
    value = {"cycle": cycle, "huge": 1 << 100_000, "mute": Mute(), "long": {"x" * 10_000}}[trouble]
    driver = InProcessDriver(lambda: type("Sdk", (), {"get": lambda self: value})(), unreachable)
    driver.initialize()
    returned = driver.call("c1", "get", [], []).returned
    assert list(returned) == ["unserialisable"]
    assert len(returned["unserialisable"]) <= 1000


def test_a_callback_of_another_thread_is_heard() -> None:
    """A callback that runs while no request is served belongs to the next reaction."""

    class Threaded:
        def start(self, success: Any, error: Any) -> None:
            self.thread = threading.Thread(target=success, args=("done",))

        def run(self) -> None:
            self.thread.start()
            self.thread.join()

    driver = InProcessDriver(Threaded, unreachable)
    driver.initialize()
    assert driver.call("c1", "start", [], BOTH) == Reaction()
    assert driver.call("c2", "run", [], []).settled == (Settled("c1", "success", "done"),)


@pytest.mark.parametrize(
    ("binding", "error", "text"),
    [
        ({"capabilites": []}, ProtocolBroken, "capabilites"),
        ({"kind": "fake"}, ProtocolBroken, "kind"),
        ({"capabilities": 3}, NotStarted, "the object's binding raised TypeError"),
        ("basket", NotStarted, "the object's binding raised ValueError"),
    ],
)
def test_a_wrong_binding_does_not_start(binding: Any, error: type[Exception], text: str) -> None:
    """A slip in the binding is told at the start, not found in the report."""
    driver = InProcessDriver(type("Sdk", (), {"binding": binding}), unreachable)
    with pytest.raises(error, match=text):
        driver.initialize()
    with pytest.raises(NotStarted, match="Call initialize"):
        driver.reset()


def test_a_factory_that_fails_is_told() -> None:
    """At the start nothing is started; later the reset is refused."""
    made = iter([toy_sdk.Basket()])
    driver = InProcessDriver(lambda: next(made), unreachable)
    driver.initialize()
    with pytest.raises(Refused, match=r"'reset' with error -32000: the object's factory raised StopIteration"):
        driver.reset()
    with pytest.raises(NotStarted, match="the object's factory raised StopIteration"):
        driver.initialize()


def test_an_observe_that_fails_is_refused() -> None:
    """A snapshot that is none is the driver's fault."""
    driver = InProcessDriver(type("Sdk", (), {"observe": lambda self: 1 / 0}), unreachable)
    driver.initialize()
    with pytest.raises(Refused, match="the object's observe raised ZeroDivisionError"):
        driver.observe()
    driver = InProcessDriver(type("Sdk", (), {"observe": lambda self: [1]}), unreachable)
    driver.initialize()
    with pytest.raises(ProtocolBroken, match="what observe returned is not valid: snapshot"):
        driver.observe()


@pytest.mark.parametrize(
    ("connector", "error", "text"),
    [
        ("cdm:node x.js", UnknownConnector, r"Did you mean 'cmd:'\? .*start.* cmd:, npm:, py:"),
        ("toy", UnknownConnector, "No driver is called 'toy'"),
        ("", UnknownConnector, "No driver is called ''"),
        ("pyy:toy_sdk:Basket", UnknownConnector, "Did you mean 'py:'"),
        ("py:toy_sdk", BadConnector, r"names no module and factory\. Write py:package.module:factory"),
        ("py:no_such_module:Basket", BadConnector, "No module named 'no_such_module'"),
        ("py:toy_sdk:Baskt", BadConnector, "has no attribute 'Baskt'"),
        ("py:toy_sdk:__doc__", BadConnector, "is no callable"),
        ("cmd:", BadConnector, "names no program"),
        ("cmd:node 'x", BadConnector, "No closing quotation"),
    ],
)
def test_a_wrong_connector_is_told_with_its_remedy(connector: str, error: type[Exception], text: str) -> None:
    """A misspelt prefix gets the closest one; a known one tells what it needs."""
    with pytest.raises(error, match=text):
        open_driver(connector, unreachable, openers={"npm": lambda *_: pytest.fail("opened")})


def test_further_kinds_are_handed_in() -> None:
    """An opener gets what stands after the first colon, the far end, and the settings."""
    seen: list[Any] = []
    settings = Settings(timeout=2.0)

    def opener(rest: str, native: Any, settings: Settings) -> Driver:
        seen.append((rest, native, settings))
        return InProcessDriver(toy_sdk.Bare, native)

    driver = open_driver("npm:@a/b@1:2", unreachable, settings=settings, openers={"npm": opener})
    assert isinstance(driver, InProcessDriver)
    assert seen == [("@a/b@1:2", unreachable, settings)]


def test_a_command_is_split_like_a_shell_would(tmp_path: Path) -> None:
    """Quoted words stay together, and the settings reach the program."""
    program = tmp_path / "slow starter.py"
    program.write_text("import time\ntime.sleep(60)\n")
    settings = Settings(start_timeout=0.2)
    driver = open_driver(f"cmd:{sys.executable} '{program}'", unreachable, settings=settings)
    assert isinstance(driver, StdioDriver)
    with pytest.raises(NotStarted, match=r"slow starter\.py.* within 0\.2 s"):
        driver.initialize()
