"""Every run tells what of the specification it went through; two runs with one seed tell the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intercom_conformance import events
from intercom_conformance.cli import main
from intercom_conformance.kit import open_player
from intercom_conformance.player import Played
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step, from_document

SPEC = load_specification()
LOGIN, LOGOUT = Step("loginUserWithUserAttributes", ({"userId": "ada"},)), Step("logout")


def run(path: Path, *selected: str) -> events.Stream:
    """The stream of a run of the reference."""
    assert main(["run", *selected, "--examples", "5", "--events", str(path)]) == 0
    return events.read(path)


def covered(capsys: pytest.CaptureFixture[str], *paths: Path) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["coverage", *map(str, paths), "--format", "json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_trace_tells_its_states_and_pairs() -> None:
    """A pair is two transitions in two steps that follow one another; a state is one that a region was in."""
    player = open_player("reference:", SPEC)
    played = player.play((LOGIN, LOGOUT, LOGOUT))
    assert isinstance(played, Played)
    assert "identified-login > logout" in played.pairs
    assert "logout > logout-when-logged-out" in played.pairs
    assert "identified-login > logout-when-logged-out" not in played.pairs
    assert {"session: identified", "session: logged_out", "messenger: closed"} <= played.states
    assert "session: unidentified" not in played.states


def test_the_footer_sums_up(tmp_path: Path) -> None:
    """States that were not seen are named, and pairs are counted over all checks, each once."""
    stream = run(tmp_path / "run.ndjson", "-k", "complete/launcher")
    assert stream.footer is not None
    assert stream.footer["states"]["of"] == sum(len(one["states"]) for one in SPEC.chart["regions"].values())
    assert "launcher: launcher_visible" not in stream.footer["states"]["missed"]
    assert "session: identified" in stream.footer["states"]["missed"]
    assert stream.footer["pairs"] == len(stream.results[0]["pairs"]) == 2


def test_what_was_not_reached_is_told_with_a_way_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way is a trace, and playing it takes the transition."""
    run(tmp_path / "run.ndjson", "-k", "complete/launcher")
    told = covered(capsys, tmp_path / "run.ndjson")
    way = next(one["way"] for one in told["transitions"]["missed"] if one["name"] == "identify-anonymous")
    played = open_player("reference:", SPEC).play(from_document(way, SPEC))
    assert isinstance(played, Played)
    assert "identify-anonymous" in played.transitions
    assert main(["coverage", str(tmp_path / "run.ndjson")]) == 0
    assert "not reached  session: identified   by loginUserWithUserAttributes(" in capsys.readouterr().out


def test_runs_are_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What any of them reached is reached; nothing counts twice."""
    one, other = tmp_path / "one.ndjson", tmp_path / "other.ndjson"
    run(one, "-k", "complete/launcher")
    run(other, "-k", "complete/in_app")
    apart = [covered(capsys, path) for path in (one, other)]
    both, twice = covered(capsys, one, other), covered(capsys, one, one)
    for kind in ("states", "transitions", "requirements"):
        assert both[kind]["reached"] >= max(told[kind]["reached"] for told in apart)
        missed = [{each["name"] for each in told[kind]["missed"]} for told in apart]
        assert {each["name"] for each in both[kind]["missed"]} == missed[0] & missed[1]
    assert twice == apart[0]


def test_another_specification_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Coverage is of one specification; a stream about another says nothing of it."""
    path = tmp_path / "run.ndjson"
    run(path, "-k", "complete/launcher")
    path.write_text(path.read_text().replace(SPEC.digest, "0" * len(SPEC.digest)))
    assert main(["coverage", str(path)]) == 4
    assert "is about another specification" in capsys.readouterr().err


def test_a_run_without_its_end_is_told_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it did not come to may have been reached by the rest."""
    path = tmp_path / "run.ndjson"
    run(path, "-k", "complete/launcher")
    assert covered(capsys, path)["incomplete"] == []
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert "INCOMPLETE" in covered(capsys, path)["incomplete"][0]
    assert main(["coverage", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: INCOMPLETE: ")


TIMES = {"started", "seconds"}


def without_times(event: Any) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in TIMES}


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_one_seed_gives_one_stream(tmp_path: Path, language: str) -> None:
    """But for times, two processes write the same events, also of a binding that is a process of its own."""
    families = ("sequence/plain", "sequence/overlap", "complete/session", "scenario/browse", "overlap/updateUser")
    selected = [*(word for family in families for word in ("-k", family)), "--seed", "3"]
    if language != "python":
        assert main(["init", "driver", "--language", language, "--out", str(tmp_path / "driver")]) == 0
        selected.insert(0, f"cmd:node {tmp_path / 'driver' / 'driver.js'}")
    paths = [tmp_path / f"{number}.ndjson" for number in range(2)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "intercom_conformance.cli", "run", *selected, "--examples=5", f"--events={path}"],
            env={**os.environ, "PYTHONHASHSEED": str(number)},
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
        )
        for number, path in enumerate(paths)
    ]
    codes = {one.wait(timeout=300) for one in running}
    assert len(codes) == 1
    assert codes <= {0, 1}
    one, other = (events.read(path) for path in paths)
    assert len(one.results) >= 6
    assert sum(result["steps"] for result in one.results) > 500
    assert [*map(without_times, (one.header, *one.results, one.footer))] == [
        *map(without_times, (other.header, *other.results, other.footer))
    ]
