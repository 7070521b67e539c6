"""A thousand sessions at once: each holds what its own client has put there, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from servers import serving

SESSIONS, EVENTS = 1_000, 3


async def line_client(address: tuple[str, int], number: int, everybody: asyncio.Barrier) -> tuple[Any, list[Any]]:
    """One client on a connection of its own: its workspace in the end, and the outcomes of its calls."""
    reader, writer = await asyncio.open_connection(*address)

    async def do(method: str, /, **params: Any) -> Any:
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        writer.write(json.dumps(message).encode() + b"\n")
        response = json.loads(await reader.readline())
        assert response["id"] == number
        return response["result"]

    session = (await do("beginSession"))["session"]
    await everybody.wait()
    outcomes = await played(lambda **step: do("call", session=session, **step), number)
    workspace = await do("showWorkspace", session=session)
    await everybody.wait()
    writer.close()
    await writer.wait_closed()
    return workspace, outcomes


async def web_client(
    address: tuple[str, int], numbers: list[int], everybody: asyncio.Barrier
) -> list[tuple[Any, list[Any]]]:
    """One HTTP connection that has many sessions, and takes their steps in turn."""
    reader, writer = await asyncio.open_connection(*address)

    async def ask(method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
        told = await reader.readuntil(b"\r\n\r\n")
        assert told[9:12] in (b"200", b"201"), told
        length = next(line for line in told.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return json.loads(await reader.readexactly(int(length[15:])))

    sessions = {number: (await ask("POST", "/sessions"))["session"] for number in numbers}
    await everybody.wait()
    steps = {number: list(script(number)) for number in numbers}
    outcomes: dict[int, list[Any]] = {number: [] for number in numbers}
    for turn in range(EVENTS + 1):
        for number in random.Random(turn).sample(numbers, len(numbers)):
            outcome = await ask("POST", f"/sessions/{sessions[number]}/calls", steps[number][turn])
            outcomes[number].append(outcome)
    found = [(await ask("GET", f"/sessions/{sessions[number]}/workspace"), outcomes[number]) for number in numbers]
    writer.close()
    await writer.wait_closed()
    return found


def script(number: int) -> list[dict[str, Any]]:
    """What one client does: it logs in its own user, and logs its own events under its own names of calls."""
    login = {"method": "loginUserWithUserAttributes", "arguments": [{"userId": f"user-{number}", "name": f"n{number}"}]}
    events = [
        {"method": "logEvent", "arguments": [f"event-{number}-{at}", {"n": number}], "call": f"{number}-{at}"}
        for at in range(EVENTS)
    ]
    return [login, *events]


async def played(call: Any, number: int) -> list[Any]:
    return [await call(**step) for step in script(number)]


def check(number: int, workspace: Any, outcomes: list[Any]) -> None:
    """Holds one session to its script."""
    (contact,) = workspace["records"]["contacts"]
    assert contact["user_id"] == f"user-{number}"
    assert contact["attributes"] == {"name": f"n{number}"}
    assert contact["events"] == [{"name": f"event-{number}-{at}", "metadata": {"n": number}} for at in range(EVENTS)]
    names = ["c1", *(f"{number}-{at}" for at in range(EVENTS))]
    assert [one["settled"] for one in outcomes] == [[{"call": name, "callback": "success"}] for name in names]
    assert [one["step"] for one in outcomes] == list(range(1, EVENTS + 2))
    assert all(one["judged"]["allowed"] for one in outcomes)


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a file"])
def test_a_thousand_sessions_over_tcp(tmp_path: Path, kept: bool) -> None:
    """A thousand connections, open at the same time, each with a session and a user of its own."""
    options = ("--database", str(tmp_path / "kept.sqlite")) if kept else ()
    with serving(tmp_path, *options) as server:

        async def everybody() -> list[tuple[Any, list[Any]]]:
            barrier = asyncio.Barrier(SESSIONS)
            return await asyncio.gather(*(line_client(server.tcp, number, barrier) for number in range(SESSIONS)))

        found = asyncio.run(asyncio.wait_for(everybody(), 120))
        assert server.ask("GET", "/health")[1]["sessions"] == SESSIONS
    for number, (workspace, outcomes) in enumerate(found):
        check(number, workspace, outcomes)


def test_a_thousand_sessions_over_http(tmp_path: Path) -> None:
    """A thousand sessions on fifty connections, their steps in turn."""
    with serving(tmp_path) as server:

        async def everybody() -> list[list[tuple[Any, list[Any]]]]:
            barrier = asyncio.Barrier(50)
            shares = [list(range(first, SESSIONS, 50)) for first in range(50)]
            return await asyncio.gather(*(web_client(server.address, share, barrier) for share in shares))

        found = asyncio.run(asyncio.wait_for(everybody(), 120))
        assert server.ask("GET", "/health")[1]["sessions"] == SESSIONS
    for first, share in enumerate(found):
        for at, (workspace, outcomes) in enumerate(share):
            check(first + 50 * at, workspace, outcomes)
