"""A driver that listens is driven like one that the kit starts: the same answers, the same verdicts, the same texts.

The programs are those of `test_drivers_stdio`; `hostile_drivers/listener.py` gives them a connection of their own.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_drivers_stdio import HOSTILE, WRONG_MESSAGES, call, far_end, gone

from intercom_conformance.drivers import DriverError, Reaction, Settings, Settled, open_driver, wire
from intercom_conformance.drivers.network import tcp_driver, websocket_driver
from intercom_conformance.drivers.protocol import (
    BadConnector,
    Crashed,
    NotStarted,
    ProtocolBroken,
    Refused,
    TimedOut,
)
from intercom_conformance.drivers.websocket import WebSocketsMissing
from intercom_conformance.drivers.wire import Timing, WireDriver

LISTENER = HOSTILE.with_name("listener.py")
OPENERS = {"tcp": tcp_driver, "ws": websocket_driver}
Start = Callable[..., WireDriver]


def listening(kind: str, *command: str) -> tuple[subprocess.Popen[str], int]:
    """A listener that runs a command for each connection, and its port."""
    listener = subprocess.Popen(
        [sys.executable, str(LISTENER), kind, sys.executable, "-S", "-E", *command], stdout=subprocess.PIPE, text=True
    )
    assert listener.stdout
    return listener, int(listener.stdout.readline())


def rest_of(kind: str, port: int) -> str:
    return f"127.0.0.1:{port}" if kind == "tcp" else f"//127.0.0.1:{port}"


@pytest.fixture(params=["tcp", "ws"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Makes drivers of the hostile program behind a listener, and ends them all."""
    listeners: list[subprocess.Popen[str]] = []
    drivers: list[WireDriver] = []

    def make(*misbehaviours: str, timeout: float = 5.0, start_timeout: float = 10.0, **options: Any) -> WireDriver:
        given = misbehaviours if len(misbehaviours) % 2 == 0 else (*misbehaviours, "call")
        listener, port = listening(request.param, str(HOSTILE), *given)
        listeners.append(listener)
        timing = Timing(start_timeout, timeout, 0.4)
        drivers.append(OPENERS[request.param](rest_of(request.param, port), far_end, timing=timing, **options))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.shutdown()
    for listener in listeners:
        end(listener)


def end(listener: subprocess.Popen[str]) -> None:
    """Ends a listener and what it has started: the kit cannot, for it did not start them."""
    listener.kill()
    for pid in listener.communicate()[0].split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def started(driver: WireDriver) -> WireDriver:
    driver.initialize()
    driver.reset()
    return driver


ENDINGS: list[tuple[str, type[DriverError], str]] = [
    ("crash", Crashed, r"The driver closed the connection in the midst of 'call'[\s\S]*where the driver was started"),
    ("segfault", Crashed, r"closed the connection in the midst of 'call'"),
    ("leave", Crashed, r"closed the connection in the midst of 'call'. A driver runs until 'shutdown'"),
    ("flood", ProtocolBroken, r"500 messages without answering 'call'"),
    ("ask_forever", ProtocolBroken, r"500 messages without answering 'call'"),
]


@pytest.mark.parametrize(("misbehaviour", "error", "text"), [*ENDINGS, *WRONG_MESSAGES])
def test_a_misbehaviour_blames_the_call(
    start: Start, monkeypatch: pytest.MonkeyPatch, misbehaviour: str, error: type[DriverError], text: str
) -> None:
    """Whatever a driver does instead of answering is told as it is told of a program that the kit has started."""
    monkeypatch.setattr(wire, "MAX_MESSAGES", 500)
    driver = started(start(misbehaviour))
    with pytest.raises(error) as caught:
        call(driver)
    assert re.search(text, str(caught.value))
    assert len(getattr(caught.value, "line_excerpt", "")) <= 200


@pytest.mark.parametrize("misbehaviour", ["hang", "slow_flood", "ignore"])
def test_a_call_without_an_answer_times_out(start: Start, misbehaviour: str) -> None:
    """A deadline holds for the whole request, and the connection ends with it."""
    driver = started(start(misbehaviour, timeout=0.4))
    before = time.monotonic()
    with pytest.raises(TimedOut, match=r"did not answer 'call' within 0\.4 s"):
        call(driver)
    assert 0.3 < time.monotonic() - before < 2


def test_a_driver_that_does_not_read_cannot_block_the_kit(start: Start) -> None:
    """A message larger than every buffer is written under the same deadline as everything else."""
    driver = started(start("deaf", timeout=1.0))
    call(driver)
    with pytest.raises(TimedOut, match="'call'"):
        call(driver, "x" * 15_000_000)


def test_after_a_crash_the_driver_can_be_connected_to_anew(start: Start) -> None:
    """One crash costs one call."""
    driver = started(start("crash", "advance"))
    with pytest.raises(Crashed):
        driver.advance(1)
    with pytest.raises(NotStarted, match=r"not running\. Call initialize"):
        call(driver)
    assert driver.restart().name == "hostile"
    assert call(driver) == Reaction(settled=(Settled("c1", "success"),))


def test_native_requests_and_late_callbacks_arrive_in_order(start: Start) -> None:
    """The far end is served within the request; what came early stands before what the answer tells."""
    reaction = call(started(start("late_and_native")))
    assert reaction.settled == (Settled("c0", "error", "late"), Settled("c1", "success", None))
    answered, failed, held = reaction.returned
    assert answered["result"] == {"value": ["answered"]}
    assert failed["error"]["data"] == {"code": 9, "message": "no"}
    assert held["result"] == {"held": "t1"}


def test_a_refusal_does_not_end_the_connection(start: Start) -> None:
    """A driver that serves a part of the protocol can still be judged by that part."""
    driver = started(start("refuse", "advance"))
    with pytest.raises(Refused, match=r"-32601: not written yet"):
        driver.advance(1)
    assert call(driver).settled


def test_large_messages_pass_in_both_directions(start: Start) -> None:
    """A message of megabytes is nothing special."""
    driver = started(start())
    name = "n" * 3_000_000
    assert driver.call(name, "add", ["x" * 3_000_000], []).settled == (Settled(name, "success"),)


def test_a_line_has_a_bound(start: Start) -> None:
    """A long life of short lines is no flood; one line beyond the bound is refused before it is read."""
    driver = started(start(max_line=1000))
    for _ in range(300):
        call(driver)
    with pytest.raises(ProtocolBroken, match="a line is longer than 1000 bytes"):
        driver.call("n" * 1_000_000, "add", [], [])


@pytest.mark.parametrize("kind", OPENERS)
def test_an_honest_driver_ends_with_its_connection(kind: str) -> None:
    """Shutdown leaves no program behind that ends when its input does."""
    listener, port = listening(kind, str(HOSTILE), "stay", "shutdown")
    try:
        started(driver := OPENERS[kind](rest_of(kind, port), far_end))
        assert listener.stdout
        pid = int(listener.stdout.readline())
        driver.shutdown()
        assert gone(pid)
    finally:
        end(listener)


@pytest.mark.parametrize("manner", ["honest", "garbage", "crash", "hang"])
def test_shutdown_closes_the_connection(start: Start, manner: str) -> None:
    """It never raises, whatever the driver does then."""
    driver = started(start(manner, "shutdown"))
    driver.shutdown()
    with pytest.raises(NotStarted):
        driver.reset()


def test_a_driver_that_listens_late_is_waited_for(tmp_path: Path) -> None:
    """The kit tries again until the time for the start is over."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    program = f"import socket, time; time.sleep(0.6); socket.create_server(('127.0.0.1', {port})).accept()[0].close()"
    with subprocess.Popen([sys.executable, "-c", program]):
        driver = tcp_driver(f"127.0.0.1:{port}", far_end)
        with pytest.raises(NotStarted, match="it closed the connection before it answered 'initialize'"):
            driver.initialize()


@pytest.mark.parametrize("kind", OPENERS)
def test_nobody_listens(kind: str) -> None:
    """The error says for how long the kit has tried, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        rest = rest_of(kind, server.getsockname()[1])
    driver = OPENERS[kind](rest, far_end, timing=Timing(start=0.4))
    with pytest.raises(NotStarted, match=r"nobody accepted a connection within 0\.4 s.*refused.*listen there first"):
        driver.initialize()


@pytest.mark.parametrize(
    ("greeting", "text"),
    [(b"SSH-2.0-other\r\n\r\n", "no handshake: .*valid HTTP"), (b"", "no handshake: it took longer than 0.5 s")],
)
def test_what_listens_is_no_websocket(greeting: bytes, text: str) -> None:
    """The handshake has the deadline of the start, and its failure is told as what it is."""

    def greet(server: socket.socket) -> None:
        with server.accept()[0] as connection:
            connection.sendall(greeting)
            time.sleep(0.8)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet, args=(server,))
        thread.start()
        driver = websocket_driver(rest_of("ws", server.getsockname()[1]), far_end, timing=Timing(start=0.5))
        with pytest.raises(NotStarted, match=text):
            driver.initialize()
        thread.join()


def test_frames_that_are_none_break_the_protocol() -> None:
    """A WebSocket server that forgets the protocol is told so."""
    from websockets.http11 import Request
    from websockets.server import ServerProtocol

    def misbehave(server: socket.socket) -> None:
        connection, protocol = server.accept()[0], ServerProtocol()
        while not (requests := protocol.events_received()):
            protocol.receive_data(connection.recv(4096))
        assert isinstance(requests[0], Request)
        protocol.send_response(protocol.accept(requests[0]))
        connection.sendall(b"".join(protocol.data_to_send()) + b"\xff\xff\xff")
        connection.recv(4096)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=misbehave, args=(server,))
        thread.start()
        driver = websocket_driver(rest_of("ws", server.getsockname()[1]), far_end)
        with pytest.raises(ProtocolBroken, match="this is not WebSocket"):
            driver.initialize()
        thread.join()


@pytest.mark.parametrize("connector", ["tcp:", "tcp:host", "tcp:host:port", "tcp::80", "ws:host:80", "ws://", "ws://h"])
def test_a_place_without_host_and_port_is_refused(connector: str) -> None:
    """The error shows how the connector is written."""
    with pytest.raises(BadConnector, match=r"Write (tcp:host:port|ws://host:port)"):
        open_driver(connector, far_end)


def test_connectors_take_the_settings() -> None:
    """Time limits and the revision reach a driver that a connector names."""
    listener, port = listening("tcp", str(HOSTILE), "hang", "call")
    driver = open_driver(f"tcp:127.0.0.1:{port}", far_end, settings=Settings(timeout=0.3))
    try:
        driver.initialize()
        with pytest.raises(TimedOut, match=r"within 0\.3 s"):
            driver.call("c1", "add", [], [])
    finally:
        driver.shutdown()
        end(listener)


def test_without_the_library_the_extra_is_named() -> None:
    """In a Python that cannot import websockets, the connector says what to install."""
    program = (
        "import sys; sys.modules['websockets'] = None\n"
        "from intercom_conformance.drivers import open_driver\n"
        "from intercom_conformance.drivers.websocket import WebSocketsMissing\n"
        "try: open_driver('ws://localhost:1', print)\n"
        "except WebSocketsMissing as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == f"{WebSocketsMissing()}\n"
    assert "pip install 'intercom-conformance[websocket]'" in run.stdout
