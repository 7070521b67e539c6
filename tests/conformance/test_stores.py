"""Payloads and traces in S3 and GCS: real servers of both, in this process and on a cluster, with the same result."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import fsspec
import pytest
import zstandard
from distributed import LocalCluster

from intercom_conformance import cli
from intercom_conformance.validation.urls import expanded, shown

pytestmark = pytest.mark.filterwarnings("default")  # what libraries of stores warn of is no concern of this project

KEY, SECRET = "AKIAKNOWNTONOBODY", "a-word-that-nobody-may-see"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",  # an emulator is asked in vain, for a minute
}


@contextmanager
def serving(program: str, *words: str) -> Iterator[str]:
    """The address of a server that is started with a free port as its last word, ended in any case."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = Path(sys.executable).with_name(program)
    with subprocess.Popen([path, *words, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def stores() -> Iterator[dict[str, str]]:
    """A folder in S3 and one in GCS, by the URLs of both; whoever is started from here on finds the servers."""
    emulator = ("gcp-storage-emulator", "start", "--host", "127.0.0.1", "--in-memory", "--default-bucket", "bucket")
    with (
        serving("moto_server", "-H", "127.0.0.1", "-p") as s3,
        serving(*emulator, "--port") as gcs,
        pytest.MonkeyPatch.context() as patch,
    ):
        places = {"AWS_ENDPOINT_URL": s3, "STORAGE_EMULATOR_HOST": gcs}
        for name, value in (ENVIRONMENT | places).items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("bucket")
        yield {"s3": "s3://bucket/data", "gcs": "gs://bucket/data"}
        fsspec.filesystem("s3").clear_instance_cache()
        fsspec.filesystem("gcs").clear_instance_cache()


@pytest.fixture(scope="module")
def address(stores: dict[str, str]) -> Iterator[str]:
    """A cluster of two processes, which know of the servers."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        yield cluster.scheduler_address


def put(folder: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        with fsspec.open(f"{folder}/{name}", "wb") as file:
            file.write(data)


def output(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(list(words))
    shown = capsys.readouterr()
    assert not shown.err, shown.err
    return code, shown.out


def events(count: int) -> bytes:
    records = [{"name": f"e{number}"} if number % 7 else {"name": 3} for number in range(count)]
    return "\n".join(map(json.dumps, records)).encode()


def sessions(count: int) -> bytes:
    """Sessions that are interleaved; each third one logs nobody in, with success."""
    calls: list[dict[str, Any]] = [
        {"happening": "reset"},
        {"call": "loginUnidentifiedUser", "arguments": [], "outcome": "success"},
        {"call": "logout", "arguments": [], "outcome": "success"},
        {"call": "loginUserWithUserAttributes", "arguments": [{}], "outcome": "success"},
    ]
    lines = [
        json.dumps({"session": f"s{number}", "seq": seq, **one})
        for seq, one in enumerate(calls)
        for number in range(count)
        if seq < 3 or number % 3 == 0
    ]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("store", ["s3", "gcs"])
@pytest.mark.parametrize("verb", ["validate", "check"])
def test_a_folder_in_a_store_is_judged_alike_everywhere(
    verb: str, store: str, stores: dict[str, str], address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A store, this disk, this process and a cluster of two all tell the same of the same files, packed or not."""
    from intercom_conformance.engines import ranges

    text = events(500) if verb == "validate" else sessions(150)
    half = text.index(b"\n", len(text) // 2) + 1
    packed = gzip.compress(text[half:]), zstandard.ZstdCompressor().compress(text)
    files = {"a.ndjson": text[:half], "b.ndjson.gz": packed[0], "_SUCCESS": b"nothing", "c/d.ndjson.zst": packed[1]}
    folder = f"{stores[store]}/{verb}"
    put(folder, files)
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    words = [verb, *(["event"] if verb == "validate" else []), "--format", "json"]
    code, told = output(capsys, *words, folder)
    assert code == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "SIZE", 2_000)
        assert output(capsys, *words, folder, "--engine", f"dask={address}") == (code, told)
    assert output(capsys, *words, str(tmp_path)) == (code, told.replace(folder, str(tmp_path)))


@pytest.mark.parametrize("store", ["s3", "gcs"])
def test_patterns_and_folders_name_the_files_in_them(store: str, stores: dict[str, str], tmp_path: Path) -> None:
    """In the order of their names, without those that other tools leave behind; a file names itself."""
    folder = f"{stores[store]}/names"
    put(folder, {"b.csv": b"", "a.json": b"", "_SUCCESS": b"", "_temporary/c.json": b"", "d/e.json": b""})
    assert expanded([folder]) == [f"{folder}/{name}" for name in ("a.json", "b.csv", "d/e.json")]
    assert expanded([f"{folder}/*.json", "-"]) == [f"{folder}/a.json", "-"]
    assert expanded([f"{folder}/b.csv", "missing"]) == [f"{folder}/b.csv", "missing"]


def test_what_a_store_refuses_is_told_in_a_line(
    stores: dict[str, str], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file, bucket or folder that is not there, and a server that does not answer: usage, and what to do."""
    (tmp_path / "empty").mkdir()
    names = {
        "s3://bucket/missing.ndjson": "there is no such file",
        "gs://bucket/missing.ndjson": "there is no such file",
        "s3://no-such-bucket/a": "cannot be read",
        "s3://bucket/*.missing": "holds no file",
        str(tmp_path / "empty"): "holds no file",
        f"http://user:{SECRET}@127.0.0.1:9/a?X-Amz-Signature={SECRET}": "?…",
    }
    for name, said in names.items():
        assert cli.main(["validate", "event", name]) == 4
        told = capfd.readouterr().err
        assert said in told
        assert len(told.splitlines()) == 1
        assert SECRET not in told


def test_what_asks_for_a_login_gets_none_and_says_so(stores: dict[str, str], tmp_path: Path) -> None:
    """Without credentials a store is an error of usage, not a fault of this program."""
    environment = {"PATH": "", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "intercom_conformance", "validate", "event", "s3://bucket/a"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)
    assert "credentials" in done.stderr
    assert "log in" in done.stderr


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("s3fs", "s3://b/a", "s3"), ("gcsfs", "gs://b/a", "gcs"), ("aiohttp", "https://127.0.0.1:9/a", "data")],
)
def test_the_extra_of_a_store_is_named(module: str, name: str, extra: str) -> None:
    """Without the library behind a kind of URL, one line says what to install."""
    code = f"import sys; sys.modules[{module!r}] = None\nfrom intercom_conformance import cli\nsys.exit(cli.main())"
    for verb in (["validate", "event"], ["check"]):
        command = [sys.executable, "-c", code, *verb, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, len(done.stderr.splitlines())) == (4, 1), done.stderr
        assert f"intercom-conformance[{extra}]" in done.stderr


def test_a_web_page_is_read_and_its_secrets_are_not_shown(
    stores: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A presigned URL is judged as the object that it names; findings name it without its signature."""
    put(stores["s3"], {"page.ndjson": events(8)})
    url = fsspec.filesystem("s3").sign("bucket/data/page.ndjson")
    assert urllib.request.urlopen(url).read() == events(8)
    for form in ("text", "json", "sarif"):
        code, told = output(capsys, "validate", "event", url, "--format", form)
        assert code == 1
        assert "bucket/data/page.ndjson" in told
        assert "Signature" not in told
        assert KEY not in told


class Failing(BaseHTTPRequestHandler):
    """Serves 20 MB of events, and hangs up on whoever asks for what is behind the first 10 MB."""

    data = (b'{"name": "e"' + b" " * 9_987 + b"}\n") * 2_000

    def do_HEAD(self) -> None:
        self._begin(200, len(self.data))

    def do_GET(self) -> None:
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        if last > 10_000_000:
            self.connection.close()
            return
        self._begin(206, last + 1 - first)
        self.wfile.write(self.data[first : last + 1])

    def _begin(self, code: int, length: int) -> None:
        self.send_response(code)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_server_that_fails_on_the_way_is_a_finding(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What came before is judged, and the rest is told to be missing, by one process as by a cluster."""
    with HTTPServer(("127.0.0.1", 0), Failing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/events.ndjson"
        for engine in ("local", f"dask={address}"):
            code, told = output(capsys, "validate", "event", url, "--engine", engine)
            assert code == 1
            assert "found a source that breaks off (http://" in told
            assert "could not be read on" in told
            assert not told.startswith("1 record"), told
        server.shutdown()


def test_urls_are_shown_without_what_logs_in() -> None:
    """User and password of any URL, and the query of a web address; nothing else is changed."""
    cases = {
        "https://u:p@h/a?b=c": "https://h/a?…",
        "sftp://u:p@h/a?b": "sftp://h/a?b",
        "s3://b/a?b@c": "s3://b/a?b@c",
        "redis://:p%40@h:1/0": "redis://h:1/0",
        "cannot read 'http://h/a?sig=1' now": "cannot read 'http://h/a?…' now",
        "a/b?c@d": "a/b?c@d",
    }
    assert {name: shown(name) for name in cases} == cases
