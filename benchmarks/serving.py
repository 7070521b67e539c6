"""Measures the service, as rates and as ratios within one run: ``python benchmarks/serving.py``.

Server and client are processes of one machine and share its cores; the ratio to a bare echo of the same bytes by the
same client tells what the service itself costs. Nothing here is a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ECHO = """
import asyncio
async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line)
async def main():
    server = await asyncio.start_server(echo, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
SECONDS = 3.0
RESET = b'{"jsonrpc":"2.0","id":1,"method":"resetSession","params":{"session":"%s"}}\n'
EVENT = {"method": "logEvent", "arguments": ["ordered", {"item": "book"}]}
MANY = ["--max-steps", "1000000", "--max-session", "1000000000", "--max-total", "1000000000"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, started([sys.executable, "-c", ECHO]) as (line, _):
        echo = line_rate(("127.0.0.1", int(line)), lambda _: b'{"jsonrpc":"2.0","id":1,"method":"health"}\n')
        report("bare echo of lines over TCP", echo)
        for name, options in (("", MANY), (", kept in SQLite", [*MANY, "--database", f"{folder}/kept.sqlite"])):
            with serving(*options) as (web, tcp, pid):
                asked = line_rate(tcp, lambda _: b'{"jsonrpc":"2.0","id":1,"method":"health"}\n')
                report(f"lines over TCP, health{name}", asked, f"{asked / echo:.2f} of the echo")
                called = line_rate(tcp, call_line)
                report(f"lines over TCP, calls, judged{name}", called, f"{called / echo:.2f} of the echo")
                report(f"requests over HTTP, health{name}", web_rate(web, "GET", lambda _: "/health"))
                report(f"requests over HTTP, calls, judged{name}", web_rate(web, "POST", calls_path))
                print(f"{f'memory of a session of 10 steps{name}':58}{memory(tcp, pid):9,.1f} KiB")


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[tuple[str, int]]:
    """The first line that a process prints, and its number; it is ended in the end."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline(), process.pid
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextlib.contextmanager
def serving(*options: str) -> Iterator[tuple[tuple[str, int], tuple[str, int], int]]:
    """Where a server is: HTTP, TCP, and the number of its process."""
    command = [sys.executable, "-m", "intercom_conformance", "serve", "--port", "0", "--tcp-port", "0", *options]
    with started(command) as (line, pid):
        places = json.loads(line)
        yield address(places["http"].removeprefix("http://")), address(places["tcp"]), pid


def address(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


def line_rate(place: tuple[str, int], make: Callable[[str], bytes]) -> float:
    """Lines a second of eight connections, each waiting for its answers; `make` is given the name of its session."""

    async def client(end: float) -> int:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b'{"jsonrpc":"2.0","id":1,"method":"beginSession"}\n')
        session = json.loads(await reader.readline()).get("result", {}).get("session", "")
        line, count = make(session), 0
        again = RESET % session.encode()
        while time.monotonic() < end:
            count += 1
            writer.write(line if count % 100 else again)
            await reader.readline()
        writer.close()
        return count

    async def everybody() -> int:
        end = time.monotonic() + SECONDS
        return sum(await asyncio.gather(*(client(end) for _ in range(8))))

    return asyncio.run(everybody()) / SECONDS


def call_line(session: str) -> bytes:
    request = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": {"session": session, **EVENT}}
    return json.dumps(request).encode() + b"\n"


def web_rate(place: tuple[str, int], method: str, path: Callable[[http.client.HTTPConnection], str]) -> float:
    """Requests a second on one connection that is kept open."""
    connection = http.client.HTTPConnection(*place)
    asked = path(connection)
    body = json.dumps(EVENT) if method == "POST" else None
    end, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        connection.request(method, asked, body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        count += 1
    connection.close()
    return count / SECONDS


def calls_path(connection: http.client.HTTPConnection) -> str:
    connection.request("POST", "/sessions")
    return f"/sessions/{json.loads(connection.getresponse().read())['session']}/calls"


def memory(place: tuple[str, int], pid: int) -> float:
    """KiB that a session with ten steps takes, as the growth of the process over a thousand of them."""
    with socket.create_connection(place) as client, client.makefile("rwb") as lines:

        def ask(method: str, /, **params: object) -> dict[str, str]:
            message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            lines.write(json.dumps(message).encode() + b"\n")
            lines.flush()
            return dict(json.loads(lines.readline())["result"])

        def fill(count: int) -> None:
            for _ in range(count):
                session = ask("beginSession")["session"]
                login = {"method": "loginUserWithUserAttributes", "arguments": [{"userId": session}]}
                for step in (login, *[EVENT] * 9):
                    ask("call", session=session, **step)

        fill(200)
        before = resident(pid)
        fill(1_000)
        return (resident(pid) - before) / 1_000


def resident(pid: int) -> float:
    """KiB of a process that are in memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))


def report(name: str, rate: float, remark: str = "") -> None:
    print(f"{name:58}{rate:9,.0f} /s   {remark}")


if __name__ == "__main__":
    main()
