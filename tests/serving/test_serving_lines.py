"""The same service on lines: over TCP, WebSocket, and standard input and output; and the stand-in as a driver."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from servers import GARAGE, LineClient, Server, serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from intercom_conformance import cli
from intercom_conformance.serving.operations import OPERATIONS

LOGIN = "loginUserWithUserAttributes"


def over_tcp(server: Server, lines: list[bytes]) -> list[Any]:
    with LineClient(server.tcp) as client:
        client.send(b"".join(line + b"\n" for line in lines))
        return [client.receive() for _ in lines]


def over_websocket(server: Server, lines: list[bytes]) -> list[Any]:
    with connect(server.places["websocket"]) as socket:
        answers = []
        for line in lines:
            socket.send(line)
            answers.append(json.loads(socket.recv(timeout=10)))
        return answers


def over_stdio(server: Server, lines: list[bytes]) -> list[Any]:
    command = [sys.executable, "-m", "intercom_conformance", "serve", "--stdio"]
    done = subprocess.run(command, input=b"".join(line + b"\n" for line in lines), capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


TRANSPORTS = {"tcp": over_tcp, "websocket": over_websocket, "stdio": over_stdio}


def request(id: Any, method: str, /, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_operations_have_their_names_on_lines(server: Server, transport: str) -> None:
    """Whatever is there over HTTP is there on a line, with its result or its problem."""
    answers = TRANSPORTS[transport](
        server,
        [
            request(1, "health"),
            request("two", "showSession", session="nobody's"),
            request(3, "beginSesion"),
            request(4, "call", session="x", method="logEvnt"),
            request(5, "call", session=5, method="logEvent"),
            request(6, "showHistory", session="x", limit=0),
            request(7, "describe"),
        ],
    )
    assert answers[0]["result"]["status"] == "ok"
    assert [one["id"] for one in answers] == [1, "two", 3, 4, 5, 6, 7]
    codes = [one["error"]["code"] for one in answers[1:6]]
    assert codes == [-32000, -32601, -32602, -32602, -32602]
    assert "beginSession" in answers[2]["error"]["message"]
    assert "logEvent" in answers[3]["error"]["data"]["remedy"]
    assert answers[6]["result"]["openapi"].startswith("3.1")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_no_request_is_told(server: Server, transport: str) -> None:
    """Each hostile line has its own answer, and the next one is read."""
    hostile = [
        b"{",
        b"[1]",
        b"\xff\xfe" if transport != "websocket" else b"nothing",
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"health"}',
        b'{"jsonrpc":"2.0","id":1,"method":"health","params":{"a":NaN}}',
        b'{"jsonrpc":"2.0","method":"health"}',
        b'{"jsonrpc":"2.0","id":true,"method":"health"}',
        b'{"jsonrpc":"2.0","id":1,"method":"health","params":[]}',
        b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
        b"[" * 100_000,
        request(9, "health"),
    ]
    answers = TRANSPORTS[transport](server, hostile)
    codes = [one["error"]["code"] for one in answers[:-1]]
    assert codes == [-32700, -32600, -32700, -32700, -32700, -32600, -32600, -32600, -32700, -32700]
    assert all(one["error"]["data"]["remedy"] for one in answers[:-1])
    assert answers[-1]["result"]["status"] == "ok"


def test_a_session_is_the_same_over_every_transport(server: Server) -> None:
    """What TCP began, HTTP goes on with, and WebSocket reads."""
    with LineClient(server.tcp) as client:
        session = client.do("beginSession")["session"]
        client.do("call", session=session, method=LOGIN, arguments=[{"userId": "ada"}])
    server.call(session, "logEvent", "e")
    (told,) = over_websocket(server, [request(1, "showWorkspace", session=session)])
    (contact,) = told["result"]["records"]["contacts"]
    assert (contact["user_id"], len(contact["events"])) == ("ada", 1)
    with LineClient(server.tcp) as client:
        assert client.do("endSession", session=session) is None


def test_every_operation_is_reachable_on_a_line(server: Server) -> None:
    """None of the table is missing, and each refuses what it does not know."""
    with LineClient(server.tcp) as client:
        for operation in OPERATIONS:
            session = {"session": client.do("beginSession")["session"]} if operation.of_session else {}
            told = client.ask(operation.name, **session, surprise=1)
            assert told.get("error", {}).get("code") == -32602, operation.name


@pytest.mark.parametrize("place", ["tcp", "websocket"])
def test_the_stand_in_is_a_driver(
    server: Server, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The kit can be run against the service, and finds a binding that conforms."""
    monkeypatch.chdir(tmp_path)
    connector = f"tcp:{server.places['tcp']}" if place == "tcp" else server.places["websocket"]
    assert cli.main(["run", connector, "-k", "scenario/browse"]) == 0
    assert "against reference" in capsys.readouterr().out


def test_where_nothing_stands_in_there_is_no_driver(garage: Server) -> None:
    """The wire has no stand-in to offer, and says so."""
    with LineClient(garage.tcp) as client:
        told = client.ask("initialize", protocol="1.0", spec="1.0")
        assert told["error"]["data"]["type"].endswith("no-stand-in")


def test_the_stand_in_of_a_connection_is_bounded(tmp_path: Path) -> None:
    """It takes as much as a session may hold, and goes on after a reset."""
    with serving(tmp_path, "--max-session", "4096") as server, LineClient(server.tcp) as client:
        client.do("initialize", protocol="1.0", spec="1.0")
        params = {"method": "logEvent", "arguments": ["x" * 500], "callbacks": []}
        told = [client.ask("call", call=f"c{number}", **params) for number in range(10)]
        assert "result" in told[0]
        assert "reset" in told[-1]["error"]["message"]
        client.do("reset")
        client.do("call", call="c", **params)


def test_a_database_and_a_specification_are_served_on_streams_too(tmp_path: Path) -> None:
    """`--stdio` takes the other options as well."""
    database = tmp_path / "kept.sqlite"
    command = [sys.executable, "-m", "intercom_conformance", "serve", "--stdio"]
    command += ["--spec", str(GARAGE), "--database", str(database)]
    done = subprocess.run(command, input=request(1, "beginSession") + b"\n", capture_output=True, timeout=60)
    session = json.loads(done.stdout)["result"]["session"]
    again = subprocess.run(
        command, input=request(1, "showSession", session=session) + b"\n", capture_output=True, timeout=60
    )
    assert json.loads(again.stdout)["result"]["stand_in"] is False


def test_a_token_is_asked_for_on_lines(tmp_path: Path) -> None:
    """Before `authorize` nothing is served; a wrong token is no way in; WebSocket takes the header as well."""
    token = "correct-horse-battery-staple"
    with serving(tmp_path, token=token) as server:
        with LineClient(server.tcp) as client:
            for method in ("health", "initialize", "beginSession"):
                assert client.ask(method)["error"]["data"]["status"] == 401
            for wrong in ("", "wrong", None, 5, token[:-1], token + "x"):
                assert client.ask("authorize", token=wrong)["error"]["data"]["status"] == 401
            assert client.do("authorize", token=token) == {}
            assert client.do("health")["status"] == "ok"
        with connect(server.places["websocket"]) as socket:
            socket.send(request(1, "health"))
            assert "error" in json.loads(socket.recv(timeout=10))
        with connect(server.places["websocket"], additional_headers={"Authorization": f"Bearer {token}"}) as socket:
            socket.send(request(1, "health"))
            assert "result" in json.loads(socket.recv(timeout=10))
        assert token not in server.stderr()


def test_a_websocket_from_a_page_is_refused(server: Server) -> None:
    """A page of another origin, or by another name of this machine, gets no connection."""
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        with pytest.raises(InvalidStatus) as refused, connect(server.places["websocket"], additional_headers=headers):
            pass
        assert refused.value.response.status_code == 403


def test_a_message_that_is_too_long_ends_the_websocket(server: Server) -> None:
    """The connection ends with the code for that, and the service goes on."""
    with connect(server.places["websocket"]) as socket:
        socket.send(b"[" + b"1," * 200_000)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009
    assert server.ask("GET", "/health")[0] == 200
