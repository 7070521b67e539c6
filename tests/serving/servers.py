"""Real servers in processes of their own, and small clients for them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

GARAGE = Path(__file__).parents[1] / "second_spec"


@attrs.frozen
class Server:
    """A server that runs: where it is, its process, and where its standard error goes."""

    places: Mapping[str, str]
    process: subprocess.Popen[str]
    log: Path
    token: str | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of HTTP."""
        parts = urlsplit(self.places["http"])
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    @property
    def tcp(self) -> tuple[str, int]:
        """Host and port of lines over TCP."""
        host, _, port = self.places["tcp"].rpartition(":")
        return host, int(port)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        status, _, data = self.raw(method, path, None if body is None else json.dumps(body).encode(), **headers)
        return status, json.loads(data) if data else None

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
        """The status, the headers and the bytes of an answer."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        if self.token and "Authorization" not in given:
            given["Authorization"] = f"Bearer {self.token}"
        with contextlib.closing(connection):
            connection.request(method, path, body, given)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def begin(self, **setting: Any) -> str:
        """The name of a new session."""
        status, told = self.ask("POST", "/sessions", setting)
        assert status == 201, told
        return str(told["session"])

    def call(self, session: str, method: str, *arguments: Any, **more: Any) -> Any:
        """The outcome of a call."""
        body = {"method": method, "arguments": list(arguments), **more}
        status, told = self.ask("POST", f"/sessions/{session}/calls", body)
        assert status == 200, told
        return told

    def happen(self, session: str, event: str, *arguments: Any) -> Any:
        """The outcome of an event."""
        status, told = self.ask("POST", f"/sessions/{session}/events", {"event": event, "arguments": list(arguments)})
        assert status == 200, told
        return told

    def get(self, session: str, part: str) -> Any:
        """A part of a session: ``workspace``, ``history``, ``allowed``."""
        status, told = self.ask("GET", f"/sessions/{session}/{part}")
        assert status == 200, told
        return told

    def stderr(self) -> str:
        """What the server has told people so far."""
        return self.log.read_text()

    def kill(self) -> None:
        """Ends the process as a crash would."""
        self.process.kill()
        self.process.wait(10)


@contextlib.contextmanager
def serving(folder: Path, *options: str, token: str | None = None) -> Iterator[Server]:
    """A server with these options on ports that are free; it has to end well, and never to have failed inside."""
    log = folder / "server.log"
    environment = {**os.environ, **({"INTERCOM_CONFORMANCE_TOKEN": token} if token else {})}
    command = [sys.executable, "-m", "intercom_conformance", "serve", "--port", "0", "--tcp-port", "0", *options]
    with log.open("a") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line, log.read_text()
        yield Server(json.loads(line), process, log, token)
    finally:
        ended = end(process)
    assert ended in (0, -signal.SIGKILL), log.read_text()
    told = log.read_text()
    assert "Traceback" not in told, told
    assert "fault of this program" not in told, told


def end(process: subprocess.Popen[str]) -> int:
    """Asks a process to end; its exit code."""
    process.terminate()
    try:
        code = process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait(5) and 999
    if process.stdout:
        process.stdout.close()
    return code


class LineClient:
    """A client on lines over TCP."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=30)
        self._file = self.socket.makefile("rb")
        self._id = 0

    def __enter__(self) -> LineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._file.close()
        self.socket.close()

    def send(self, line: bytes) -> None:
        """Sends bytes as they are."""
        self.socket.sendall(line)

    def receive(self) -> Any:
        """The next message; None at the end."""
        line = self._file.readline()
        return json.loads(line) if line else None

    def ask(self, method: str, /, **params: Any) -> Any:
        """The whole response to a request."""
        self._id += 1
        message = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        self.send(json.dumps(message).encode() + b"\n")
        response = self.receive()
        assert response["id"] == self._id
        return response

    def do(self, method: str, /, **params: Any) -> Any:
        """The result of a request."""
        response = self.ask(method, **params)
        assert "result" in response, response
        return response["result"]
