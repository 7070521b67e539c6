"""Who is let in: this machine, or whoever has the token; and nothing secret is ever told."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from servers import Server, end, serving

from intercom_conformance.exits import UsageProblem
from intercom_conformance.serving.access import Access, is_loopback

TOKEN = "a-token-that-nobody-guesses"
COMMAND = [sys.executable, "-m", "intercom_conformance", "serve", "--port", "0"]


def refused(*options: str, **environment: str) -> str:
    """What a server that does not start tells, with the exit code for usage."""
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=60, env=environment or None)
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    return done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_other_hosts_need_a_token(host: str) -> None:
    """Whatever others can reach is not opened without a token, and the remedy says how to give one."""
    told = refused("--host", host)
    assert "would let anybody in" in told
    assert "INTERCOM_CONFORMANCE_TOKEN" in told


def test_a_short_token_is_no_token() -> None:
    """Whoever can try may guess it; the message does not repeat it."""
    told = refused("--token", "hunter2")
    assert "fewer than 16 characters" in told
    assert "hunter2" not in told
    with pytest.raises(UsageProblem):
        Access.of("127.0.0.1", "")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True), ("LOCALHOST", True),
     ("0.0.0.0", False), ("::", False), ("localhost.evil.example", False), ("127.0.0.1.nip.io", False), ("", False)],
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:
    """Only what cannot lead anywhere else is this machine."""
    assert is_loopback(host) is loopback


def test_without_the_token_nothing_is_served(tmp_path: Path) -> None:
    """Every path asks for it, 401 with its challenge; the right one is let in."""
    with serving(tmp_path, token=TOKEN) as server:
        for path in ("/", "/health", "/openapi.json", "/sessions/x", "/nowhere"):
            for given in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9"):
                status, headers, _ = server.raw("GET", path, Authorization=given)
                assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert server.ask("GET", "/health")[0] == 200
        document = server.ask("GET", "/openapi.json")[1]
        assert document["security"] == [{"token": []}]
        assert TOKEN not in json.dumps(document)


def test_a_token_opens_other_hosts(tmp_path: Path) -> None:
    """With a token the service may be reached from anywhere, under any name."""
    with serving(tmp_path, "--host", "0.0.0.0", token=TOKEN) as server:
        port = server.address[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(f"GET /health HTTP/1.1\r\nHost: some.name\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
            assert client.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "0.0.0.0"])
def test_other_names_of_this_machine_are_refused(server: Server, host: str) -> None:
    """A name that somebody made to point here, as DNS rebinding does, is not served."""
    status, told = server.ask("GET", "/health", Host=host)
    assert (status, told["type"].rpartition("/")[2]) == (403, "wrong-host")


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8642"])
def test_this_machine_is_served_by_its_names(server: Server, host: str) -> None:
    """The port does not matter: a tunnel may have another."""
    assert server.ask("GET", "/health", Host=host)[0] == 200


def test_pages_of_other_origins_are_refused(server: Server) -> None:
    """Neither a page from elsewhere nor one without origin may ask; the service's own page may."""
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        assert server.ask("POST", "/sessions", {}, Origin=origin)[0] == 403
    assert server.ask("POST", "/sessions", {}, Origin=server.places["http"])[0] == 201


def test_what_a_form_can_send_is_refused(server: Server) -> None:
    """A page can send texts and forms without being asked about it, but not JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        status, told = server.ask("POST", "/sessions", {}, Content_Type=kind)
        assert (status, told["type"].rpartition("/")[2]) == (415, "not-json")


def test_the_log_holds_nothing_that_a_client_has_sent(tmp_path: Path) -> None:
    """Secrets, sessions and payloads are not in it, even of every request; and the files are for their owner only."""
    database, secret = tmp_path / "kept.sqlite", "5ec2e7ba" * 8
    with serving(tmp_path, "-v", "--database", str(database), token=TOKEN) as server:
        session = server.begin()
        server.call(session, "setUserHash", secret)
        server.call(session, "sendPushToken", secret)
        server.call(session, "loginUserWithUserAttributes", {"userId": "ada-lovelace"})
        server.ask("POST", f"/sessions/{session}/calls", {"method": secret})
        server.ask("GET", f"/{secret}?{secret}={secret}")
        assert server.get(session, "workspace")["registers"]["user_hash"] == secret
        told = server.stderr()
    assert "POST /sessions/{session}/calls 200" in told
    for one in (secret, session, "ada-lovelace", TOKEN):
        assert one not in told
    assert [file.stat().st_mode & 0o077 for file in tmp_path.glob("kept.sqlite*")] == [0]


def test_an_address_in_use_is_told(server: Server) -> None:
    """The remedy is another port."""
    host, port = server.address
    told = refused("--host", host, "--port", str(port))
    assert "in use" in told
    assert "--port" in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_to(tmp_path: Path, number: int) -> None:
    """With 0, at once, although connections are open and requests are half sent."""
    process = subprocess.Popen([*COMMAND, "--tcp-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    places = json.loads(process.stdout.readline())
    web = socket.create_connection(("127.0.0.1", int(places["http"].rpartition(":")[2])))
    plain = socket.create_connection(("127.0.0.1", int(places["tcp"].rpartition(":")[2])))
    web.sendall(b"POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Le")
    plain.sendall(b'{"jsonrpc"')
    process.send_signal(number)
    assert process.wait(10) == 0
    assert process.stderr.read().endswith("Ended.\n")
    for one in (web, plain, process.stdout, process.stderr):
        one.close()
    assert end(process) == 0


def test_the_extra_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """Without its libraries the network is not served, and what to install is told; streams are."""
    (tmp_path / "uvicorn.py").write_text("raise ImportError(name='uvicorn')")
    import os

    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    assert "intercom-conformance[serve]" in refused(**environment)
    command = [*COMMAND[:-2], "--stdio"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout) == (0, b"")


def test_the_page_tells_what_is_there(server: Server) -> None:
    """Operations, methods and events, on a page that loads and runs nothing."""
    status, headers, page = server.raw("GET", "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    for told in (b"/sessions/{session}/calls", b"beginSession", b"network_down", b"/openapi.json"):
        assert told in page
    assert b"<script" not in page
