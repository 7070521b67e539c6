"""Sessions survive the process when they have a file: whatever was acknowledged is there."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from servers import GARAGE, LineClient, serving

LOGIN = "loginUserWithUserAttributes"


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    """Workspace, history, clock, calls that wait and what is allowed next are as they were."""
    options = ("--database", str(tmp_path / "kept.sqlite"))
    with serving(tmp_path, *options) as server:
        session, other = server.begin(choices={"another-user": 1}), server.begin(stand_in=False)
        server.call(session, LOGIN, {"userId": "ada"})
        server.happen(session, "network_held")
        server.call(session, "logEvent", "waits", call="late")
        server.ask("POST", f"/sessions/{session}/clock", {"seconds": 1.5})
        step = {"step": {"method": "logout"}, "observed": {"settled": [{"call": "c1", "callback": "success"}]}}
        assert server.ask("POST", f"/sessions/{other}/judge", {**step, "keep": True})[1]["kept"]
        parts = ("", "/workspace", "/history", "/allowed")
        before = [server.ask("GET", f"/sessions/{session}{part}") for part in parts]
        told = server.ask("GET", f"/sessions/{other}/history")
    with serving(tmp_path, *options) as server:
        assert [server.ask("GET", f"/sessions/{session}{part}") for part in parts] == before
        assert server.ask("GET", f"/sessions/{other}/history") == told
        late = server.happen(session, "network_up")["settled"]
        assert late == [{"call": "late", "callback": "success"}]
        server.ask("POST", f"/sessions/{session}/reset")
        server.ask("DELETE", f"/sessions/{other}")
    with serving(tmp_path, *options) as server:
        assert server.get(session, "history")["steps"] == 0
        assert server.ask("GET", f"/sessions/{other}")[0] == 404


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, seed: int) -> None:
    """The process is killed in the midst of steps from several clients; no step that was answered is lost."""
    options = ("--database", str(tmp_path / "kept.sqlite"))
    acknowledged: dict[str, list[str]] = {}
    with serving(tmp_path, *options) as server:
        clients = [LineClient(server.tcp) for _ in range(5)]
        threads = [threading.Thread(target=go_on, args=(client, acknowledged)) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(0.5 + random.Random(seed).random())
        server.kill()
        for thread in threads:
            thread.join(10)
        for client in clients:
            client.close()
    assert sum(map(len, acknowledged.values())) > 50
    with serving(tmp_path, *options) as server:
        for session, names in acknowledged.items():
            (contact,) = server.get(session, "workspace")["records"]["contacts"]
            found = [event["name"] for event in contact["events"]]
            assert found[: len(names)] == names
            # The step in flight may have been kept before its answer was sent, and no other.
            assert len(found) <= len(names) + 1
            server.call(session, "logEvent", "goes-on")


def go_on(client: LineClient, acknowledged: dict[str, list[str]]) -> None:
    """Logs events in a session of its own until the server is gone, and notes those that were answered."""
    session = client.do("beginSession")["session"]
    client.do("call", session=session, method=LOGIN, arguments=[{"userId": session}])
    names = acknowledged.setdefault(session, [])
    try:
        while True:
            name = f"e{len(names)}"
            client.do("call", session=session, method="logEvent", arguments=[name])
            names.append(name)
    except (OSError, ValueError, TypeError):
        return


def test_idle_sessions_are_gone_from_the_file_too(tmp_path: Path) -> None:
    """What expired while nobody served is gone at the next start."""
    database = tmp_path / "kept.sqlite"
    with serving(tmp_path, "--database", str(database), "--idle", "60") as server:
        session = server.begin()
        server.call(session, "logout")
    with serving(tmp_path, "--database", str(database), "--idle", "0.1") as server:
        assert server.ask("GET", f"/sessions/{session}")[0] == 404
    assert rows(database, "SELECT count(*) FROM sessions") == rows(database, "SELECT count(*) FROM steps") == [(0,)]


def rows(database: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def refused(*options: str) -> str:
    command = [sys.executable, "-m", "intercom_conformance", "serve", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    return done.stderr


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """No database, no folder, or sessions of another specification: nothing is served, and nothing is written."""
    text = tmp_path / "notes.txt"
    text.write_text("no database" * 100)
    assert "not a database" in refused("--database", str(text))
    assert text.read_text() == "no database" * 100
    assert "No such file" in refused("--database", str(tmp_path / "nowhere" / "kept.sqlite"))
    database = tmp_path / "kept.sqlite"
    with serving(tmp_path, "--database", str(database)) as server:
        server.begin()
        assert "locked" in refused("--database", str(database))
    told = refused("--database", str(database), "--spec", str(GARAGE))
    assert "another specification" in told
    assert "intercom-mobile-sdk" in told


def test_a_session_that_would_be_otherwise_is_not_brought_back(tmp_path: Path) -> None:
    """If what is kept is not what the program would do now, it says so, and the session can still be ended."""
    database = tmp_path / "kept.sqlite"
    with serving(tmp_path, "--database", str(database)) as server:
        session = server.begin()
        server.call(session, LOGIN, {"userId": "ada"})
    connection = sqlite3.connect(database)
    with connection:
        ((entry,),) = connection.execute("SELECT entry FROM steps").fetchall()
        changed = json.loads(entry)
        changed["outcome"]["settled"][0]["callback"] = "error"
        connection.execute("UPDATE steps SET entry = ?", (json.dumps(changed),))
    connection.close()
    with serving(tmp_path, "--database", str(database)) as server:
        status, told = server.ask("GET", f"/sessions/{session}/workspace")
        assert (status, told["type"].rpartition("/")[2]) == (410, "not-as-it-was")
        assert server.ask("DELETE", f"/sessions/{session}")[0] == 204


def test_what_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    """When the disk refuses, the step is refused too, and the session is what it was before."""
    database = tmp_path / "kept.sqlite"
    with serving(tmp_path, "--database", str(database)) as server:
        pass
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON steps WHEN NEW.number = 3 BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
    connection.close()
    with serving(tmp_path, "--database", str(database)) as server:
        session = server.begin()
        server.call(session, LOGIN, {"userId": "ada"})
        server.call(session, "logEvent", "kept")
        status, told = server.ask("POST", f"/sessions/{session}/calls", {"method": "logEvent", "arguments": ["lost"]})
        assert (status, told["type"].rpartition("/")[2]) == (503, "not-kept")
        (contact,) = server.get(session, "workspace")["records"]["contacts"]
        assert [event["name"] for event in contact["events"]] == ["kept"]
