"""Clients that mean no good: each is refused or dropped, and everybody else is served as before."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import LineClient, Server, serving
from websockets.sync.client import connect

LOGIN = "loginUserWithUserAttributes"
PATIENCE = 1.5


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for nobody longer than a moment."""
    options = ("--patience", str(PATIENCE), "--max-request", "65536", "--max-connections", "150")
    with serving(tmp_path_factory.mktemp("impatient"), *options) as running:
        yield running


@pytest.fixture(autouse=True)
def goes_on(impatient: Server) -> Iterator[None]:
    """After each attack, a session works as it did before."""
    yield
    session = impatient.begin()
    impatient.call(session, LOGIN, {"userId": "ada"})
    assert len(impatient.get(session, "workspace")["records"]["contacts"]) == 1
    impatient.ask("DELETE", f"/sessions/{session}")


def kind(told: Any) -> tuple[int, str]:
    """The status of a problem, and its kind; each has a remedy."""
    assert told["detail"]
    assert told["remedy"]
    return told["status"], told["type"].rpartition("/")[2]


BODIES = {
    "nothing": (b"", 400),
    "half": (b'{"method": "logEv', 400),
    "two values": (b"{} {}", 400),
    "no text": (b"\xff\xfe\x00", 400),
    "broken UTF-8": (b'{"method": "log\xc3("}', 400),
    "NaN": (b'{"method": "logEvent", "arguments": [NaN]}', 400),
    "infinity": (b'{"method": "logEvent", "arguments": [1e999]}', 400),
    "a key twice": (b'{"method": "logEvent", "method": "logout"}', 400),
    "half a character": (b'{"method": "logEvent", "arguments": ["\\ud800"]}', 400),
    "depth bomb of lists": (b'{"method": "logEvent", "arguments": ' + b"[" * 30_000, 400),
    "closed depth bomb": (b"[" * 5_000 + b"]" * 5_000, 400),
    "depth bomb of objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400),
    "endless number": (b'{"method": "logEvent", "arguments": [' + b"9" * 5_000 + b"]}", 400),
    "no object": (b"[]", 422),
    "null": (b"null", 422),
    "another type": (b'{"method": 5}', 422),
    "another key": (b'{"method": "logout", "surprise": 1}', 422),
    "another session": (b'{"method": "logout", "session": "x"}', 422),
    "too many arguments": (b'{"method": "logout", "arguments": [1]}', 422),
    "too large": (b'{"method": "logEvent", "arguments": ["' + b"x" * 70_000 + b'"]}', 413),
}


@pytest.mark.parametrize("body", BODIES)
def test_hostile_bodies_are_refused(impatient: Server, body: str) -> None:
    """Whatever is no request has a clear problem, at every operation that is sent something; no session changes."""
    data, expected = BODIES[body]
    session = impatient.begin()
    for path in ("calls", "events", "clock", "allowed", "judge"):
        status, headers, told = impatient.raw("POST", f"/sessions/{session}/{path}", data)
        assert headers["Content-Type"] == "application/problem+json"
        assert (status, kind(json.loads(told))[0]) == (expected, expected)
    assert impatient.get(session, "history")["steps"] == 0


ARGUMENTS: list[Any] = [
    None, True, False, -1, 1e308, 2**63, -(2**70), 10**300, "", "\x00", "ﷺ" * 1000, "../../etc/passwd", "' OR 1=1 --",
    "{{7*7}}", [], {}, [[[[[[]]]]]], {"userId": {"$ne": None}}, {"__proto__": {"x": 1}}, {"": ""},
    {"userId": "x" * 10_000}, {str(number): number for number in range(2_000)}, [1] * 5_000,
]  # fmt: skip


def test_hostile_arguments_reach_the_stand_in_and_do_no_harm(impatient: Server) -> None:
    """An SDK may be given anything: each is answered as the specification says, and nothing of it is an error here."""
    session = impatient.begin()
    for method in impatient.ask("GET", "/openapi.json")[1]["paths"]["/sessions/{session}/calls"]["post"]["requestBody"][
        "content"
    ]["application/json"]["examples"]:
        for value in ARGUMENTS:
            body = {"method": method, "arguments": [value]}
            status, told = impatient.ask("POST", f"/sessions/{session}/calls", body)
            if status == 429:
                impatient.ask("POST", f"/sessions/{session}/reset")
                continue
            assert status in (200, 422), (body, told)
            if status == 200:
                assert told["judged"]["allowed"], (body, told)


SNAPSHOTS: list[Any] = [
    {"state": []}, {"state": {"session": 5}}, {"state": {"nowhere": "x"}}, {"state": {"session": "x"}},
    {"records": []}, {"records": {"contacts": 5}}, {"records": {"contacts": [5, None, [], {}]}},
    {"records": {"contacts": [{}] * 1000}}, {"records": {"contacts": [{"events": 5}]}}, {"records": {"x": []}},
    {"current": "x"}, {"current": 10**30, "records": {"contacts": []}}, {"current": -1},
    {"registers": {"unread": {}}}, {"registers": []}, {"x": 1},
]  # fmt: skip


def test_hostile_observations_are_judged(impatient: Server) -> None:
    """Whatever somebody says to have seen is judged or refused, and is no fault of the service."""
    session = impatient.begin()
    impatient.call(session, LOGIN, {"userId": "ada"})
    for snapshot in SNAPSHOTS:
        seen = {"settled": [], "snapshot": snapshot}
        status, told = impatient.ask(
            "POST", f"/sessions/{session}/judge", {"step": {"method": "logout"}, "observed": seen}
        )
        assert status == 422 or told["allowed"] is False, snapshot
    for value in ARGUMENTS:
        seen = {"settled": [{"call": "x", "callback": "error", "value": value}], "returned": value}
        step = {"method": "unreadConversationCount", "call": "x"}
        status, told = impatient.ask("POST", f"/sessions/{session}/judge", {"step": step, "observed": seen})
        assert (status, told["allowed"]) == (200, False), value


def test_large_snapshots_are_refused_or_judged_in_time(impatient: Server) -> None:
    """To find out which record is which costs a comparison of each with each: there is a bound, and it is told."""
    session = impatient.begin(stand_in=False)
    with LineClient(impatient.tcp) as client:
        for number in range(300):
            for method, arguments in ((LOGIN, [{"userId": f"u{number}"}]), ("logout", [])):
                name = f"{method}{number}"
                step = {"method": method, "arguments": arguments, "call": name}
                seen = {"settled": [{"call": name, "callback": "success"}]}
                assert client.do("judge", session=session, step=step, observed=seen, keep=True)["kept"]
        seen = {"settled": [], "snapshot": {"records": {"contacts": [{"user_id": f"z{at}"} for at in range(1_000)]}}}
        started = time.monotonic()
        told = client.ask("judge", session=session, step={"method": "logout"}, observed=seen)
    assert time.monotonic() - started < 5
    assert kind(told["error"]["data"]) == (409, "too-many-records")


# Connections --------------------------------------------------------------------------------------


def opened(server: Server, data: bytes = b"") -> socket.socket:
    client = socket.create_connection(server.address, timeout=20)
    client.sendall(data)
    return client


def rest(client: socket.socket) -> bytes:
    """What comes until the other side closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while chunk := client.recv(65536):
            found += chunk
    client.close()
    return found


HALVES = {
    "nothing": b"",
    "half a line": b"POST /sess",
    "half a head": b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n",
    "half a body": b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 99\r\n\r\n{",
    "half a chunk": b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
}


@pytest.mark.parametrize("half", HALVES)
def test_half_requests_are_ended_in_time(impatient: Server, half: str) -> None:
    """Who does not finish a request is told so, and the connection ends."""
    started = time.monotonic()
    answer = rest(opened(impatient, HALVES[half]))
    assert PATIENCE * 0.9 < time.monotonic() - started < PATIENCE + 5
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too-slow" in answer


@pytest.mark.parametrize("place", ["head", "body", "line", "idle"])
def test_slow_clients_are_ended_in_time(impatient: Server, place: str) -> None:
    """A byte now and then holds nothing for longer: the time of a request is counted from its first byte."""
    if place == "line":
        client = socket.create_connection(impatient.tcp, timeout=20)
    else:
        start = {
            "head": b"POST /",
            "body": HALVES["half a body"],
            "idle": b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        }
        client = opened(impatient, start[place])
    if place == "idle":
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    started = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - started < 10:
            client.sendall(b"x")
            time.sleep(0.2)
    client.close()
    assert time.monotonic() - started < PATIENCE + 5


@pytest.mark.parametrize("place", ["http", "tcp", "websocket"])
def test_clients_that_take_no_answers_are_ended(impatient: Server, place: str) -> None:
    """Who asks and never reads is dropped when the answers pile up."""
    address = impatient.tcp if place == "tcp" else impatient.address
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE + 8)
    client.connect(address)
    if place == "websocket":
        client.sendall(
            b"GET /rpc HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert client.recv(12) == b"HTTP/1.1 101"
    message = b'{"jsonrpc":"2.0","id":1,"method":"describe"}'
    asked = {
        "http": b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "tcp": message + b"\n",
        "websocket": bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message,
    }[place]
    with contextlib.closing(client), pytest.raises(ConnectionError):
        client.sendall(asked * 1_000_000)


def test_a_thousand_connections_are_bounded(tmp_path: Path) -> None:
    """Of a thousand connections that say nothing, so many are held and the others refused; then there is room again."""
    with serving(tmp_path, "--patience", "4", "--max-connections", "300") as server:
        clients = [opened(server) for _ in range(1_000)]
        answers = [client.recv(12) for client in clients if _answered(client)]
        assert answers.count(b"HTTP/1.1 503") >= 650
        time.sleep(5)
        assert server.ask("GET", "/health")[0] == 200
        for client in clients:
            client.close()


def _answered(client: socket.socket) -> bool:
    client.settimeout(0.001)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False


def test_connections_of_lines_are_bounded(impatient: Server) -> None:
    """The same over TCP: those beyond the bound are told so, and the others are served."""
    clients = [LineClient(impatient.tcp) for _ in range(200)]
    answers = []
    for client in clients:
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"health"}\n')
    for client in clients:
        answers.append(client.receive())
        client.close()
    statuses = [one["error"]["data"]["status"] for one in answers if "error" in one]
    assert statuses == [503] * 50


def test_a_line_without_end_is_ended(impatient: Server) -> None:
    """More bytes than a line may have are refused, and the connection ends."""
    client = LineClient(impatient.tcp)
    with contextlib.suppress(OSError):
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 1_000_000)
    with contextlib.suppress(OSError):
        told = client.receive()
        assert told is None or kind(told["error"]["data"]) == (413, "too-large")
    client.close()


def test_nonsense_is_no_http(impatient: Server) -> None:
    """Bytes that are no request are refused, heads without end too."""
    for data in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000):
        assert rest(opened(impatient, data)).startswith(b"HTTP/1.1 400")


def test_two_lengths_are_refused(impatient: Server) -> None:
    """A request that two servers would cut in two places is none."""
    data = b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"
    assert rest(opened(impatient, data)).startswith(b"HTTP/1.1 400")


def test_frames_that_are_none_end_their_websocket(impatient: Server) -> None:
    """Broken frames, and a text that is not UTF-8, cost their own connection."""
    for frame in (b"\xff\xff\xff\xff", b"\x81\x82\x00\x00\x00\x00\xff\xfe"):
        with connect(impatient.places["websocket"]) as client:
            client.socket.sendall(frame)
            with pytest.raises(Exception, match=r"(?i)close|frame|received|sent"):
                client.recv(timeout=5)


def test_many_lines_at_once_keep_nobody_waiting(impatient: Server) -> None:
    """Somebody who sends thousands of lines at once has no longer turn than others."""
    greedy, other = LineClient(impatient.tcp), LineClient(impatient.tcp)
    session = greedy.do("beginSession")["session"]
    line = {"jsonrpc": "2.0", "id": 1, "method": "showSession", "params": {"session": session}}
    greedy.send((json.dumps(line).encode() + b"\n") * 400)
    started = time.monotonic()
    other.do("health")
    assert time.monotonic() - started < 2
    assert [greedy.receive()["id"] for _ in range(400)] == [1] * 400
    greedy.close()
    other.close()


def test_a_crowd_of_waiting_calls_costs_bounded_time(impatient: Server) -> None:
    """However many calls wait, and however much that leaves open, no request takes long: the oracle gives up."""
    slowest = 0.0
    session = impatient.begin()
    with LineClient(impatient.tcp) as client:
        client.do("call", session=session, method=LOGIN, arguments=[{"userId": "ada"}])
        client.do("happen", session=session, event="network_held")
        for number in range(600):
            argument = {"companies": [{"name": "x"}]} if number % 2 else {"name": "y"}
            client.do("call", session=session, method="updateUser", arguments=[argument], callbacks=[])
        for ask in (
            {"method": "listAllowed"},
            {"method": "askAllowed", "event": "network_up"},
            {"method": "advance", "seconds": 86_400},
            {"method": "happen", "event": "network_flaky"},
            {"method": "happen", "event": "network_up"},
        ):
            started = time.monotonic()
            client.ask(ask.pop("method"), session=session, **ask)
            slowest = max(slowest, time.monotonic() - started)
    assert slowest < 10
