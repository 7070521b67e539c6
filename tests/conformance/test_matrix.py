"""Bindings side by side: a table of verdicts, and where two of them differ, by shortest sequences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intercom_conformance import cli, events
from intercom_conformance.exits import Exit
from intercom_conformance.matrix import Column
from intercom_conformance.reports.matrix import as_data, as_markdown, as_text
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.pairwise import compare

HERE = Path(__file__).parent
FAITHFUL = "py:miniatures.wrong_wrappers:FaithfulWrapper"
TEXTUAL = "py:miniatures.wrong_wrappers:TextOfEverything"
UNTOLD = "py:miniatures.wrong_wrappers:UntoldWrapper"


@pytest.fixture(autouse=True)
def tests_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs are processes of their own; they find the miniatures from the folder of the tests."""
    monkeypatch.chdir(HERE.parent)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path, str]:
    """A run over two wrappers, one of them wrong: its exit code, its streams, and what it printed."""
    folder = tmp_path_factory.mktemp("streams")
    command = [sys.executable, "-m", "intercom_conformance", "matrix", FAITHFUL, TEXTUAL, "--examples", "2"]
    done = subprocess.run([*command, "--events", str(folder)], cwd=HERE.parent, capture_output=True, text=True)
    return done.returncode, folder, done.stdout


def columns(folder: Path) -> list[Column]:
    streams = [events.read(path) for path in sorted(folder.iterdir())]
    return [Column(stream.header["connector"], Exit.OK, stream) for stream in streams]


def test_verdicts_stand_side_by_side(ran: tuple[int, Path, str]) -> None:
    """One column for each binding; what all pass is left out; the gravest exit code is that of the whole."""
    code, folder, shown = ran
    assert code == 1
    row = next(line for line in shown.splitlines() if line.startswith("null-is-no-text"))
    assert row.split()[1:] == [".", "F"]
    assert "callback-only-once" not in shown
    assert f"  2  {TEXTUAL}: " in shown
    assert [events.read(path).complete for path in sorted(folder.iterdir())] == [True, True]


def test_as_data_and_as_markdown(ran: tuple[int, Path, str]) -> None:
    """Data have every requirement; a table in Markdown those that not all pass."""
    spec, found = load_specification(), columns(ran[1])
    data = as_data(found, spec)
    assert data["requirements"]["null-is-no-text"] == {FAITHFUL: "passed", TEXTUAL: "failed"}
    assert data["requirements"]["callback-only-once"] == {FAITHFUL: "passed", TEXTUAL: "passed"}
    page = as_markdown(found, spec)
    assert "| `null-is-no-text` | passed | failed |" in page
    assert "| `callback-only-once`" not in page


@pytest.mark.parametrize("width", [40, 60, 120])
def test_it_fits_the_terminal(ran: tuple[int, Path, str], width: int) -> None:
    """Slugs are cut where there is no room for them; nothing runs over."""
    shown = as_text(columns(ran[1]), load_specification(), width=width, every=True)
    assert max(map(len, shown.splitlines())) <= width


def test_one_that_does_not_start_leaves_the_others_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Its column says why; the others have their verdicts."""
    assert cli.main(["matrix", "cmd:no-such-program", FAITHFUL, "--examples", "2"]) == 6
    shown = capsys.readouterr().out
    assert "  1  cmd:no-such-program: INCOMPLETE" in shown
    assert f"  2  {FAITHFUL}: " in shown
    assert "passed" in shown.split(FAITHFUL)[1]


def test_only_what_is_bundled_is_on_record(capsys: pytest.CaptureFixture[str]) -> None:
    """A file of one's own belongs to `run`."""
    assert cli.main(["matrix", FAITHFUL, "--deviations", "known.yaml"]) == 4
    assert "use run" in capsys.readouterr().err


def test_an_interruption_ends_every_run(tmp_path: Path) -> None:
    """Ctrl-C leaves no process behind, and the streams have what was done so far."""
    command = [sys.executable, "-m", "intercom_conformance", "matrix", f"cmd:{sys.executable} -m intercom_reference"]
    child = subprocess.Popen([*command, "--events", str(tmp_path)], start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(path.stat().st_size > 10_000 for path in tmp_path.iterdir()):
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGINT)
    assert child.wait(30) == 2
    (stream,) = [events.read(path) for path in tmp_path.iterdir()]
    assert stream.results
    assert not stream.complete
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)


def test_what_one_is_not_told_is_no_difference() -> None:
    """A wrapper that is told less reports other outcomes of the same calls; what the calls do is the same."""
    assert compare(FAITHFUL, UNTOLD, load_specification()).differences == ()


def test_two_bindings_differ_by_the_shortest_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    """What one turns into text shows after a login and one call, told from both sides; nothing else differs."""
    assert cli.main(["matrix", "--pairwise", FAITHFUL, TEXTUAL, "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["sequences"] > 1000
    steps = {(one["what"], *(next(iter(step)) for step in one["sequence"])) for one in found["differences"]}
    assert steps == {
        ("callbacks", "loginUnidentifiedUser", "presentMessageComposer"),
        ("registers.composer_text", "loginUnidentifiedUser", "presentMessageComposer"),
    }
    told = {(one["one"], one["other"]) for one in found["differences"]}
    assert ("registers.composer_text is null", 'registers.composer_text is "None"') in told
