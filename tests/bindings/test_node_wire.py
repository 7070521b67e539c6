"""`node/wire.js` keeps the protocol whatever the binding above it does.

Each driver here is a few lines of JavaScript, run for real; the kit's own driver checks every line of it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from running_apps import App, Start

import intercom_conformance.bindings
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.drivers import (
    MISSING,
    Answered,
    DriverError,
    Failed,
    Held,
    Settled,
    StdioDriver,
    Thrown,
)
from intercom_conformance.drivers.protocol import Crashed, ProtocolBroken, Refused

WIRE = Path(intercom_conformance.bindings.__file__).parent / "node" / "wire.js"
HEAD = f"""'use strict';
const {{ Unwritable, native, serve }} = require({json.dumps(str(WIRE))});
const binding = {{ name: 'tiny', version: '1.0.0', platform: 'android', style: 'STYLE', capabilities: [] }};
const later = (turns, work) => (turns ? setImmediate(later, turns - 1, work) : work());
"""


def command(tmp_path: Path, methods: str, style: str = "callbacks", more: str = "") -> list[str]:
    """The command of a driver with these methods."""
    file = tmp_path / "driver.js"
    served = f"serve({{ binding, methods: {{ {methods} }}, {more} }});\n"
    file.write_text(HEAD.replace("STYLE", style) + served, encoding="utf-8")
    return [find_program("node"), str(file)]


@pytest.fixture
def app(tmp_path: Path, start: Start) -> Any:
    def started(methods: str, style: str = "callbacks", more: str = "") -> App:
        return start(command(tmp_path, methods, style, more))

    return started


def test_callbacks_are_reported_in_order_with_their_values(app: Any) -> None:
    """A callback that runs twice, or with nothing, is reported as it ran."""
    reaction = app("go: (args, { success, error }) => { success(); error(args[0]); success(null); }").call("go", 7)
    assert reaction.settled == (
        Settled("c1", "success"),
        Settled("c1", "error", 7),
        Settled("c1", "success", None),
    )


def test_what_nobody_can_write_is_refused(app: Any) -> None:
    """The driver says so with the code for unusable parameters; what a binding throws is still part of the reaction."""
    methods = "go: () => { throw new Unwritable('no such word'); }, fail: () => { throw new Error('boo'); }"
    running = app(methods, "none")
    with pytest.raises(Refused, match="no such word") as refused:
        running.call("go")
    assert refused.value.unwritable
    assert running.call("fail").thrown == Thrown("Error", "boo")


def test_callbacks_that_the_app_does_not_give_are_null(app: Any) -> None:
    """The binding sees null, not a function that does nothing."""
    go = app("go: (args, { success, error }) => [success === null, error === null]")
    assert [go.call("go", callbacks=given).returned for given in ([], ["error"], ["success"])] == [
        [True, True],
        [True, False],
        [False, True],
    ]


def test_the_reaction_waits_for_what_the_far_end_answers_at_once(app: Any) -> None:
    """A chain of native requests, with turns of the event loop between them, is all one reaction."""
    chain = "native('a').then(() => native('b')).then(() => setImmediate(() => native('c').then(success)))"
    running = app(f"go: (args, {{ success }}) => {{ {chain}; }}")
    running.far_end.replies = {"c": Answered({"n": 1})}
    assert running.call("go").settled == (Settled("c1", "success", {"n": 1}),)
    assert [method for method, _ in running.far_end.heard] == ["a", "b", "c"]


def test_an_error_of_the_sdk_has_its_code_and_message(app: Any) -> None:
    """It reaches the binding as an Error; handed on as such, both arrive."""
    running = app("go: (args, { success, error }) => { native('a').then(success, error); }")
    running.far_end.replies = {"a": Failed(1001, "no")}
    assert running.call("go").settled == (Settled("c1", "error", {"code": 1001, "message": "no"}),)


def test_a_held_request_is_answered_later_and_in_any_order(app: Any) -> None:
    """The promise stays open until `answer`, whatever is called in between."""
    running = app("go: ([name], { success, error }) => { native(name).then(success, error); }")
    running.far_end.replies = {"a": Held("t1"), "b": Held("t2")}
    assert running.call("go", "a", name="c1").settled == ()
    assert running.call("go", "b", name="c2").settled == ()
    assert running.driver.answer("t2", Answered(2)).settled == (Settled("c2", "success", 2),)
    late = running.driver.answer("t1", Failed(5, "late"))
    assert late.settled == (Settled("c1", "error", {"code": 5, "message": "late"}),)


def test_a_ticket_is_answered_once(app: Any) -> None:
    """A second answer is refused by name, and the driver lives on."""
    running = app("go: () => { native('a'); }")
    running.far_end.replies = {"a": Held("t1")}
    running.call("go")
    running.driver.answer("t1", Answered())
    with pytest.raises(Refused, match="held under ticket t1"):
        running.driver.answer("t1", Answered())
    assert running.call("go").thrown is None


def test_reset_forgets_what_was_under_way(app: Any) -> None:
    """No ticket, no callback and no native request of the earlier app comes back."""
    running = app(
        "hold: (args, { success }) => { native('a').then(success); },"
        "later: (args, { success }) => { setTimeout(success, 150); setTimeout(native, 10, 'b'); }"
    )
    running.far_end.replies = {"a": Held("t1")}
    running.call("hold")
    running.call("later")
    time.sleep(0.1)
    running.driver.reset()
    with pytest.raises(Refused):
        running.driver.answer("t1", Answered())
    time.sleep(0.2)
    assert running.call("toString").settled == ()
    assert [method for method, _ in running.far_end.heard] == ["a"]


def test_a_late_callback_belongs_to_its_own_call(app: Any) -> None:
    """What runs between two requests is notified, and stands in the next reaction."""
    running = app("go: (args, { success }) => { setTimeout(success, 20, 4); }, nothing: () => {}")
    assert running.call("go", name="c1").settled == ()
    time.sleep(0.2)
    assert running.call("nothing", name="c2").settled == (Settled("c1", "success", 4),)


def test_a_binding_with_timers_says_when_it_is_idle(app: Any) -> None:
    """`idle` is awaited before the reaction is given."""
    more = "idle: () => globalThis.timer"
    timer = "globalThis.timer = new Promise((done) => { setTimeout(() => { success(); done(); }, 30); });"
    assert app(f"go: (args, {{ success }}) => {{ {timer} }}", more=more).call("go").settled


@pytest.mark.parametrize(
    ("body", "thrown"),
    [
        ("throw new RangeError('far');", Thrown("RangeError", "far")),
        ("args[0].x.y;", Thrown("TypeError", "Cannot read properties of undefined (reading 'x')")),
        ("throw 'a text';", Thrown("string", "'a text'")),
        ("throw null;", Thrown("object", "null")),
        ("later(1, () => { throw new Error('next turn'); });", Thrown("Error", "next turn")),
        ("Promise.reject(new Error('unhandled'));", Thrown("Error", "unhandled")),
        ("Promise.reject('why');", Thrown("string", "'why'")),
        ("native('a').then(() => { throw new Error('in a callback'); });", Thrown("Error", "in a callback")),
    ],
)
def test_whatever_is_thrown_belongs_to_the_call_in_flight(app: Any, body: str, thrown: Thrown) -> None:
    """At once, in a later turn, or as a rejection that nobody handles; and the next call runs."""
    running = app(f"go: (args) => {{ {body} }}, fine: () => 1")
    assert running.call("go").thrown == thrown
    assert running.call("fine").returned == 1


def test_a_method_that_is_not_there_throws_what_javascript_throws(app: Any) -> None:
    """Also under a name that every object has."""
    running = app("go: () => 1")
    for name in ("stop", "constructor", "__proto__"):
        assert running.call(name).thrown == Thrown("TypeError", f"{name} is not a function")


def test_promises_settle_and_ignore_which_callbacks_are_given(app: Any) -> None:
    """A resolution is success, a rejection error; what is no promise is returned."""
    running = app("yes: async () => {}, no: async () => { throw new Error('x'); }, now: () => 3", style="promises")
    assert running.call("yes", callbacks=()).settled == (Settled("c1", "success"),)
    assert running.call("no").settled == (Settled("c1", "error", {"message": "x"}),)
    assert running.call("now").returned == 3


def test_with_callbacks_a_returned_promise_is_no_value(app: Any) -> None:
    """A method may be async for its own sake."""
    reaction = app("go: async (args, { success }) => { success(1); return 2; }").call("go")
    assert reaction.settled == (Settled("c1", "success", 1),)
    assert reaction.returned is MISSING


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("function f() {}", {"unserialisable": "[Function: f]"}),
        ("{ a: undefined, b: [undefined, 10n] }", {"b": [None, {"unserialisable": "10n"}]}),
        ("NaN", {"unserialisable": "NaN"}),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("Object.assign(new Error('e'), { code: '7' })", {"code": "7", "message": "e"}),
        ("JSON.parse('{\"__proto__\": 1}')", {"__proto__": 1}),
        ("'\\u2028\\n\\ud83d\\ude00'", "\u2028\n\U0001f600"),
    ],
)
def test_every_value_travels_or_says_what_it_was(app: Any, value: str, shown: Any) -> None:
    """As what is returned, as a callback's value, and over the bridge."""
    running = app(f"go: (args, {{ success }}) => {{ const v = {value}; success(v); native('a', [v]); return v; }}")
    reaction = running.call("go")
    assert (reaction.returned, reaction.settled[0].value) == (shown, shown)
    assert running.far_end.heard == [("a", [shown])]


def test_a_value_that_holds_itself_is_told(app: Any) -> None:
    """JSON cannot carry it, and the driver survives it."""
    shown = app("go: () => { const v = {}; v.v = v; return v; }").call("go").returned
    assert "circular" in shown["unserialisable"]


def test_values_are_as_they_were_when_they_were_handed_out(app: Any) -> None:
    """A binding that changes an object afterwards does not change the report."""
    reaction = app("go: (args, { success }) => { const v = { n: 1 }; success(v); v.n = 2; }").call("go")
    assert reaction.settled == (Settled("c1", "success", {"n": 1}),)


@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_000])
def test_a_line_of_any_length_comes_through(app: Any, size: int) -> None:
    """Both ways, with characters of several bytes across the borders of what is read at once."""
    text = "aé€😀\u2028\r"[: size or 1] * (size // 6)
    running = app("go: ([text]) => text")
    assert running.call("go", text).returned == text


def test_what_the_binding_prints_does_not_reach_the_protocol(app: Any, caplog: Any) -> None:
    """console becomes log messages with their level; what is written to stdout goes to stderr."""
    prints = "console.log('%s!', 'one'); console.warn('two\\n{\"three\": 3}'); process.stdout.write('four\\n');"
    with caplog.at_level(logging.DEBUG, "intercom_conformance"):
        assert app(f"go: () => {{ {prints} console.dir({{}}); return 5; }}").call("go").returned == 5
    assert [(entry.levelname, entry.message) for entry in caplog.records] == [
        ("INFO", "one!"),
        ("WARNING", 'two\n{"three": 3}'),
    ]


def test_a_binding_that_ends_the_process_is_a_crash(app: Any) -> None:
    """It is blamed on the call in flight, and a new process serves the next one."""
    running = app("go: () => process.exit(3), fine: () => 1")
    with pytest.raises(Crashed) as error:
        running.call("go")
    assert (error.value.request, error.value.exit_code) == ("call", 3)
    running.driver.initialize()
    assert running.call("fine").returned == 1


def test_a_self_contained_sdk_serves_the_optional_requests(app: Any) -> None:
    """`advance`, `environment` and `observe` reach the driver's functions."""
    more = "advance: (s) => { now += s; }, environment: (e, a) => { now += a[0]; }, observe: () => ({ now })"
    running = app("start: () => { globalThis.now = 0; }", more=more)
    running.call("start")
    running.driver.advance(1.5)
    running.driver.environment("tick", [2])
    assert running.driver.observe() == {"now": 3.5}


@pytest.mark.parametrize("request_of", ["advance", "environment", "observe"])
def test_what_the_driver_does_not_have_is_refused_by_the_protocols_code(app: Any, request_of: str) -> None:
    """A wrapper has no clock, no world and no snapshot."""
    driver = app("go: () => 1").driver
    arguments: tuple[Any, ...] = {"advance": (1.0,), "environment": ("x", []), "observe": ()}[request_of]
    with pytest.raises(Refused) as error:
        getattr(driver, request_of)(*arguments)
    assert error.value.code == -32601


def test_another_version_of_the_protocol_is_refused(tmp_path: Path) -> None:
    """With both versions in the message."""
    answer = exchange(command(tmp_path, ""), request("initialize", protocol="9.9", spec="1.0"))[0]
    assert answer["error"] == {"code": -32000, "message": "This driver speaks protocol 1.0, not 9.9."}


def test_a_native_request_between_two_requests_waits_for_the_next(tmp_path: Path) -> None:
    """The kit hears nothing of it while it is not listening."""
    with run(command(tmp_path, "go: () => { setTimeout(native, 10, 'late'); }, next: () => {}")) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(CALL % b"go")
        assert json.loads(process.stdout.readline())["result"] == {"settled": []}
        time.sleep(0.2)
        os.set_blocking(process.stdout.fileno(), False)
        assert process.stdout.read() is None
        os.set_blocking(process.stdout.fileno(), True)
        process.stdin.write(CALL % b"next")
        assert json.loads(process.stdout.readline())["method"] == "native"
        process.stdin.close()


def test_the_process_ends_with_its_input(tmp_path: Path) -> None:
    """Also with a timer that would keep it alive, and while it waits for the kit's reply."""
    with run(command(tmp_path, "go: () => { setInterval(() => {}, 1000); native('a'); }")) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(CALL % b"go")
        assert json.loads(process.stdout.readline())["method"] == "native"
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_line_that_is_no_json_is_answered(tmp_path: Path) -> None:
    """With id null, as JSON-RPC has it, and the next line is served."""
    lines = exchange(command(tmp_path, ""), b"{]\n" + request("shutdown"))
    assert [(line["id"], "error" in line) for line in lines] == [(None, True), (1, False)]


def test_a_driver_that_cannot_be_loaded_does_not_start(tmp_path: Path) -> None:
    """What is thrown before `serve` ends the process, with its trace in the log."""
    file = tmp_path / "driver.js"
    file.write_text(HEAD + "throw new Error('no such sdk');", encoding="utf-8")
    driver = StdioDriver([find_program("node"), str(file)], lambda method, arguments: Answered())
    with pytest.raises(DriverError, match="no such sdk") as error:
        driver.initialize()
    assert not isinstance(error.value, ProtocolBroken)


CALL = (
    b'{"jsonrpc": "2.0", "id": 1, "method": "call",'
    b' "params": {"call": "c1", "method": "%s", "arguments": [], "callbacks": []}}\n'
)


@contextmanager
def run(drive: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The driver as a bare process, ended for good after the test."""
    with subprocess.Popen(drive, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            yield process
        finally:
            process.kill()


def request(method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"


def exchange(drive: list[str], sent: bytes) -> list[Any]:
    """Every line that the driver writes until it ends by itself, after its input has ended."""
    ended = subprocess.run(drive, input=sent, capture_output=True, timeout=20, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]
