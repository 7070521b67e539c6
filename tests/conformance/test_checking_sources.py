"""Traces are found wherever they are, in whatever form, by as many processes as one likes, with the same result."""

from __future__ import annotations

import functools
import gzip
import io
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import jsonschema
import pytest
import zstandard

from intercom_conformance import cli
from intercom_conformance.checking import Checker, Settings
from intercom_conformance.checking.histories import Keeper
from intercom_conformance.checking.lines import read_line
from intercom_conformance.validation.records import Block

SCHEMAS = Path(__file__).parents[2] / "schemas" / "documents"


def trace(sessions: int = 40, huge: int = 0) -> bytes:
    """Sessions that are interleaved: every third one has an event after its logout; some lines are broken, one huge."""
    calls: list[dict[str, Any]] = [
        {"happening": "reset"},
        {"call": "setUserHash", "arguments": ["a secret that nobody may see"], "outcome": "success"},
        {"call": "loginUserWithUserAttributes", "arguments": [{"userId": "1"}], "outcome": "success"},
        {"call": "logEvent", "arguments": ["e"], "outcome": "success"},
        {"call": "logout", "arguments": [], "outcome": "success"},
        {"call": "logEvent", "arguments": [""], "outcome": "success"},
    ]
    lines = [
        json.dumps({"session": f"s{number}", "seq": seq, **one, **({"device": "é"} if number % 2 else {})}).encode()
        for seq, one in enumerate(calls)
        for number in range(sessions)
        if seq < 5 or number % 3 == 0
    ]
    broken = [b"", b'{"session": "s1", "call": "logot"}', b"{", b"\xff", b'{"session": "s3", "outcome": "sucess"}']
    lines[sessions * 4 : sessions * 4] = [*broken, b'"' + b"x" * huge + b'"']
    return b"\n".join(lines)


def output(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["check", *words])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err, shown.err
    return code, shown.out


@pytest.mark.parametrize("words", [["--format", "json"], ["--no-payloads"], ["--fresh", "--window", "0"]])
def test_workers_find_what_one_process_finds(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two and three processes tell the same as one, to the byte, of two files with sessions in both."""
    data = trace(huge=17 << 20)
    first, second = tmp_path / "a.ndjson", tmp_path / "b.ndjson"
    half = data.index(b"\n", 9000) + 1
    first.write_bytes(data[:half])
    second.write_bytes(data[half:])
    alone = output(capsys, str(first), str(second), *words)
    assert alone[0] == 1
    for workers in ("2", "3"):
        assert output(capsys, str(first), str(second), *words, "--workers", workers) == alone


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which a server of this machine has it."""
    folder = tmp_path_factory.mktemp("served")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.mark.parametrize(
    ("scheme", "pack"),
    [
        ("path", gzip.compress),
        ("path", zstandard.compress),
        ("file", bytes),
        ("memory", zstandard.compress),
        ("http", bytes),
        ("http", gzip.compress),
        ("stdin", bytes),
        ("stdin", gzip.compress),
    ],
)
def test_a_trace_is_read_from_anywhere(
    scheme: str,
    pack: Any,
    server: tuple[Path, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Packed or not, from a path, a URL or the standard input: the findings and the histories are the same."""
    folder, address = server
    packed = pack(trace())
    (folder / "trace").write_bytes(packed)
    fsspec.filesystem("memory").pipe("/trace", packed)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(packed)))
    places = {
        "path": str(folder / "trace"),
        "file": f"file://{folder}/trace",
        "memory": "memory://trace",
        "http": f"{address}/trace",
        "stdin": "-",
    }
    code, text = output(capsys, places[scheme], "--format", "json", "--no-payloads")
    document = json.loads(text)
    assert (code, document["affected"]) == (1, 14)
    assert [one["step"] for one in document["faults"][0]["example"]["history"]][-2:] == ["logout()", 'logEvent("")']


# Histories -----------------------------------------------------------------------------------------------------


def check_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[Any], *words: str) -> dict[str, Any]:
    path = tmp_path / "calls.ndjson"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    document: dict[str, Any] = json.loads(output(capsys, str(path), "--format", "json", *words)[1])
    jsonschema.validate(document, json.loads((SCHEMAS / "check.schema.json").read_text(encoding="utf-8")))
    return document


def example_of(document: dict[str, Any]) -> dict[str, Any]:
    (fault,) = document["faults"]
    example: dict[str, Any] = fault["example"]
    return example


def numbered(*calls: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"session": "s", "seq": number, **one} for number, one in enumerate(calls)]


EVENT = {"call": "logEvent", "arguments": ["e"], "outcome": "success"}
LOGOUT = {"call": "logout", "outcome": "success"}
LOGIN = {"call": "loginUserWithUserAttributes", "arguments": [{"userId": "1"}], "outcome": "success"}
RESET = {"happening": "reset"}


def test_the_history_of_an_example_ends_with_its_impossible_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The history holds the session's steps since its reset in their order, as they were judged, and nobody else's."""
    lines = numbered(RESET, LOGIN, RESET, LOGIN, LOGOUT, EVENT, LOGIN)
    lines[3], lines[5] = lines[5], lines[3]
    lines[1:1] = [{"session": "other", **LOGOUT}]
    example = example_of(check_lines(tmp_path, capsys, lines))
    told = [(one["line"], one["step"]) for one in example["history"]]
    assert told == [
        (4, "reset()"),
        (7, 'loginUserWithUserAttributes({"userId": "1"})'),
        (6, "logout()"),
        (5, 'logEvent("e")'),
    ]
    assert (example["line"], example["earlier"]) == (5, 0)


def test_a_history_is_bounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No more steps are shown than asked for; how many came before is told; a long argument only by its size."""
    long = {"call": "logEvent", "arguments": ["x" * 10_000], "outcome": "success"}
    lines = numbered(RESET, LOGIN, *[EVENT] * 100, LOGOUT, long)
    example = example_of(check_lines(tmp_path, capsys, lines, "--history", "3"))
    assert len(example["history"]) == 3
    assert example["earlier"] == 101
    assert example["history"][-1]["step"] == 'logEvent("… (10,004 bytes)")'
    assert example_of(check_lines(tmp_path, capsys, lines, "--history", "0"))["history"] == []


def test_a_history_shows_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A user hash is masked in every form, unless one asks for it."""
    path = tmp_path / "calls.ndjson"
    path.write_bytes(trace())
    for form in ("text", "json", "sarif"):
        assert "nobody may see" not in output(capsys, str(path), "--format", form)[1]
    assert "nobody may see" in output(capsys, str(path), "--show-secrets")[1]


def test_of_the_standard_input_only_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read of the standard input can be read again, up to a limit, and the first time all of it."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"0123456789")))
    keeper = Keeper(limit=4)
    once = keeper.open("-", lambda _: None)
    assert [once.read(3), once.read(9)] == [b"012", b"3456789"]
    assert keeper.open("-", lambda _: None).read(99) == b"0123"
    keeper.close()


def test_an_unreadable_line_costs_its_session_what_it_may_have_told() -> None:
    """After a call that cannot be read, or a line that says something was lost, nothing is held against the session."""
    checker = Checker(Settings())
    for unreadable in ({"call": "logout", "outcome": "sucess"}, {"happening": "lost", "note": "the disk was full"}):
        lines = [{"session": str(unreadable), **one} for one in (RESET, unreadable, EVENT)]
        checker.piece(0, Block(1, b"\n".join(json.dumps(line).encode() for line in lines)))
    tally = checker.finish()
    assert (tally.affected, tally.unreadable) == (0, 2)
    assert ("unreadable", "the disk was full") in tally.notes


# Maps of other logs --------------------------------------------------------------------------------------------

TEXT_MAP = r"""
lines:
  - pattern: '^(?P<at>\S+) \[(?P<user>\w+)\] Intercom\.(?P<method>\w+)\((?P<args>.*)\) -> (?P<is>\w+) ?(?P<code>\d+)?$'
    session: user
    time: at
    call: method
    arguments: args
    outcome: is
    code: code
  - pattern: '^(?P<at>\S+) \[(?P<user>\w+)\] (?P<what>first launch|terminated)$'
    session: user
    time: at
    happening: what
methods: {boot: loginUserWithUserAttributes, track: logEvent}
outcomes: {ok: success, failed: error}
happenings: {first launch: reset, terminated: end}
"""
TEXT_LOG = """\
2026-03-01T10:00:00Z [ada] first launch
2026-03-01T10:00:01Z [ada] GET /prices 200

2026-03-01T10:00:02Z [ada] Intercom.boot({"userId": "1"}) -> ok
2026-03-01T10:00:04Z [ada] Intercom.logout() -> ok
2026-03-01T10:00:03Z [ada] Intercom.track("ordered", {"price": 3}) -> failed 503
2026-03-01T10:00:05Z [ada] Intercom.track("ordered") -> ok
2026-03-01T10:00:09Z [ada] terminated
2026-03-01T10:00:06Z [eve] Intercom.trak("ordered") -> ok
2026-03-01T10:00:07Z [eve] Intercom.track("ordered") -> okay
2026-03-01T10:00:08Z [eve] Intercom.track(ordered) -> ok
"""
JSON_MAP = """
lines:
  - where: {/logger: [intercom, intercom.bridge], /kind: call}
    session: /ctx/session
    device: /ctx/device~1name
    seq: /n
    id: /id
    call: /name
    arguments: [/a, {members: {price: /b, kind: {is: paid}}}]
    outcome: /result/status
    code: /result/code
  - where: {/kind: callback}
    session: /ctx/session
    device: /ctx/device~1name
    seq: /n
    settled: /id
    outcome: /result/status
  - where: {/kind: start}
    session: /ctx/session
    device: /ctx/device~1name
    seq: {at: /n, as: number}
    happening: {is: reset}
methods:
  identify: {call: loginUserWithUserAttributes, arguments: [{members: {userId: {at: /a, as: text}}}]}
  track: logEvent
  wiped: {happening: reset}
"""


def mapped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], map: str, log: str, *words: str
) -> tuple[int, dict[str, Any]]:
    (tmp_path / "map.yaml").write_text(map, encoding="utf-8")
    (tmp_path / "app.log").write_text(log, encoding="utf-8")
    given = [str(tmp_path / "app.log"), "--map", str(tmp_path / "map.yaml"), "--format", "json", *words]
    code, text = output(capsys, *given)
    return code, json.loads(text)


def test_lines_of_text_are_checked_by_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines of an app's log are put in order and judged; places are those of the log, whoever judges them."""
    code, document = mapped(tmp_path, capsys, TEXT_MAP, TEXT_LOG)
    assert code == 1
    history = [(one["line"], one["step"], one["outcome"]) for one in example_of(document)["history"]]
    assert history == [
        (1, "reset()", ""),
        (4, 'loginUserWithUserAttributes({"userId": "1"})', "success"),
        (6, 'logEvent("ordered", {"price": 3})', "error 503"),
        (5, "logout()", "success"),
        (7, 'logEvent("ordered")', "success"),
    ]
    notes = {one["text"]: [place["line"] for place in one["places"]] for one in document["notes"]}
    assert notes == {
        "": [2],
        "'trak' is none of the methods; did you mean 'track'?": [9],
        "'okay' is none of the outcomes; did you mean 'ok'?": [10],
        "arguments: no JSON (JSON is malformed: invalid character (byte 1))": [11],
    }
    assert mapped(tmp_path, capsys, TEXT_MAP, TEXT_LOG, "--workers", "2") == (code, document)


def test_lines_of_json_are_checked_by_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON pointers lead to each part, arguments are put together of several, and other loggers are passed over."""

    def line(number: int, **rest: Any) -> dict[str, Any]:
        return {"logger": "intercom", "ctx": {"session": 7, "device/name": "x"}, "n": number, **rest}

    ok = {"status": "success"}
    lines: list[Any] = [
        line(0, kind="start") | {"n": "0"},
        line(1, kind="call", name="identify", a=12345, result=ok),
        line(2, kind="call", name="track", a="ordered", b=3, result={"status": "pending"}, id="c1"),
        line(3, kind="callback", id="c1", result=ok),
        line(4, kind="call", name="logout", result=ok),
        line(5, kind="call", name="track", a="ordered", result=ok),
        {"logger": "net", "kind": "call"},
        [1],
        line(6, kind="call", name="wiped"),
        line(7, kind="call", result=ok),
    ]
    log = "\n".join(["starting up", *map(json.dumps, lines), "{"])
    code, document = mapped(tmp_path, capsys, JSON_MAP, log)
    assert (code, document["sessions"], document["affected"]) == (1, 1, 1)
    steps = [one["step"] for one in example_of(document)["history"]]
    assert steps[1] == 'loginUserWithUserAttributes({"userId": "12345"})'
    assert steps[2] == 'logEvent("ordered", {"price": 3, "kind": "paid"})'
    assert example_of(document)["line"] == 7
    kinds = {one["kind"]: one["count"] for one in document["notes"]}
    assert kinds["passed over"] == 3
    assert sum(one["count"] for one in document["notes"] if one["kind"] == "unreadable") == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("logEvent", "logEvnt"), "there is no method 'logEvnt'. Did you mean 'logEvent'?"),
        (("first launch: reset", "first launch: rset"), "there is no happening 'rset'. Did you mean 'reset'?"),
        (("session: user", "session: usr"), "there is no group 'usr'. Did you mean 'user'?"),
        (("ok: success", "ok: sucess"), "at outcomes/ok, 'sucess' is not one of"),
        (("(?P<is>", "(?P<is"), "is no regular expression"),
        (("    session: user\n    time: at\n    happening", "    happening"), "'session' is a required property"),
        (("lines:", "line:"), "'lines' is a required property"),
        (("methods: {", "methods: {x: {call: logout, arguments: [args]}, "), "logout has 0 parameters"),
        (("lines:", "lines: ["), "map.yaml"),
    ],
)
def test_a_map_that_cannot_be_used_is_refused(
    changes: tuple[str, str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with a map is told before any line is read, with the closest name."""
    (tmp_path / "map.yaml").write_text(TEXT_MAP.replace(*changes), encoding="utf-8")
    assert cli.main(["check", str(tmp_path / "none.log"), "--map", str(tmp_path / "map.yaml")]) == 4
    shown = capsys.readouterr()
    assert words in shown.err
    assert not shown.out


def test_a_place_in_json_is_a_pointer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A member that is named without its slash is told how to write it."""
    (tmp_path / "map.yaml").write_text(JSON_MAP.replace("call: /name", "call: name"), encoding="utf-8")
    assert cli.main(["check", str(tmp_path / "none.log"), "--map", str(tmp_path / "map.yaml")]) == 4
    assert "'name' is no JSON pointer. Write /name" in capsys.readouterr().err


def test_the_lines_that_a_map_makes_keep_to_the_schema(tmp_path: Path) -> None:
    """Whatever is made of a log is a line of a trace, also what tells that something was lost."""
    from intercom_conformance.checking.mapping import read_map

    path = tmp_path / "map.yaml"
    path.write_text(TEXT_MAP, encoding="utf-8")
    found = read_map(path, Settings().specification())
    schema = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "trace.schema.json").read_text(encoding="utf-8")))
    made = [found.line(line.encode()) for line in TEXT_LOG.splitlines()]
    texts = [one for one in made if isinstance(one, bytes)]
    assert len(texts) == 9
    for text in texts:
        schema.validate(json.loads(text))
    assert [number for number, _ in read_line(Block(1, b"\n".join(texts)))] == list(range(1, 10))


def test_a_large_file_of_a_simple_web_server_is_read_to_its_end(
    server: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that gives a file from its beginning only gives all of it."""
    folder, address = server
    lines = 250_000
    (folder / "large.ndjson").write_bytes(b'{"userId":"ada","email":"ada@example.com"}\n' * lines)
    assert cli.main(["validate", "user-attributes", f"{address}/large.ndjson"]) == 0
    assert f"{lines:,} records: {lines:,} fine" in capsys.readouterr().out
