"""The pre-commit hook and the GitHub Action, run as pre-commit and GitHub run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = ".github/actions/validate/action.yml"


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **more}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "good.json").write_text('{"userId": "1"}', encoding="utf-8")
    (tmp_path / "deep" / "er" / "a user.json").write_text('{"userId": 1}', encoding="utf-8")
    return tmp_path


def test_the_pre_commit_hook(folder: Path) -> None:
    """The hook's entry, followed by a project's args and its files, passes good payloads and fails on bad ones."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert re.search(hook["files"], "a/b.ndjson")
    assert not re.search(hook["files"], "a/json.py")
    entry = [*shlex.split(hook["entry"]), "user-attributes"]
    assert run([*entry, "good.json"], folder).returncode == 0
    failed = run([*entry, "good.json", "deep/er/a user.json"], folder)
    assert (failed.returncode, failed.stderr) == (1, "")
    assert "deep/er/a user.json:1: MUST" in failed.stdout


def action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs the action's own step as GitHub does: inputs become environment, the script goes to bash."""
    document: dict[str, Any] = yaml.safe_load((ROOT / ACTION).read_text(encoding="utf-8"))
    step = document["runs"]["steps"][-1]
    values = {name: inputs.get(name, one.get("default")) for name, one in document["inputs"].items()}
    assert None not in values.values()
    named = {key: values[re.fullmatch(r"\$\{\{ inputs\.(\w+) }}", text)[1]] for key, text in step["env"].items()}  # type: ignore[index]
    return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], folder, **named)


def test_the_action(folder: Path) -> None:
    """Patterns, names with blanks and options reach the command, and its exit code is the step's."""
    assert action(folder, kind="login", files="good.json").returncode == 0
    failed = action(folder, kind="login", files="good.json\n**/a user.json", workers="1")
    assert failed.returncode == 1
    assert "2 records" in failed.stdout
    nothing = action(folder, kind="login", files="*.ndjson")
    assert (nothing.returncode, nothing.stderr) == (5, "No file matches: *.ndjson\n")


def test_the_action_writes_sarif(folder: Path) -> None:
    """With a file for SARIF the log is there, whether or not the step fails."""
    done = action(folder, kind="user-attributes", files="**/*.json", sarif="out.sarif", profile="web", strict="true")
    assert done.returncode == 1
    [found] = json.loads((folder / "out.sarif").read_text(encoding="utf-8"))["runs"]
    assert {one["ruleId"] for one in found["results"]} == {"known-attributes"}


def test_the_action_installs_this_project() -> None:
    """What the first step installs is the project that the action stands in, with extras that exist."""
    install = yaml.safe_load((ROOT / ACTION).read_text(encoding="utf-8"))["runs"]["steps"][0]["run"]
    place, extras = re.search(r'"\$ACTION/([./]+)\[([a-z,]+)]"', install).groups()  # type: ignore[union-attr]
    assert ((ROOT / ACTION).parent / place).resolve() == ROOT
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in extras.split(","))
