"""The README's commands and examples do what the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import intercom_conformance.bindings

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def block(language: str, start: str) -> str:
    return next(text for kind, text in BLOCKS if kind == language and text.startswith(start))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the README's two examples, and the wire that the second one wants."""
    (tmp_path / "fake.py").write_text(block("python", "# fake.py"), encoding="utf-8")
    (tmp_path / "driver.js").write_text(block("js", "// driver.js"), encoding="utf-8")
    shutil.copy(Path(intercom_conformance.bindings.__file__).parent / "node" / "wire.js", tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "intercom_conformance", *arguments]
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def shown(command: str) -> str:
    return block("console", f"$ {command}").split("\n", 1)[1].rstrip()


def test_the_first_example_shows_its_real_output(folder: Path) -> None:
    """The wrong stand-in is caught with just the words that the README shows."""
    done = run(folder, "run", "py:fake:Fake", "-k", "browse-then-sign-up")
    assert done.returncode == 1
    assert shown("intercom-conformance run py:fake:Fake -k browse-then-sign-up") in done.stdout


def test_the_javascript_driver_shows_its_real_output(folder: Path) -> None:
    """The wrapper that hides failures is caught with just the words that the README shows."""
    done = run(folder, "run", "cmd:node driver.js", "-k", "scenario")
    assert done.returncode == 1
    assert shown("intercom-conformance run 'cmd:node driver.js' -k scenario") in done.stdout


@pytest.mark.parametrize("connector", ["py:fake:Fake", "cmd:node driver.js"])
def test_both_examples_are_sane_drivers(folder: Path, connector: str) -> None:
    """Smoke finds nothing wrong with the drivers themselves."""
    done = run(folder, "smoke", connector)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok      call" in done.stdout


def test_the_folders_of_the_readme_exist() -> None:
    """The table names folders that are there."""
    folders = re.findall(r"^\| \[?`(\w+)/`", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(folders) == 7
    assert all((README.parent / name).is_dir() for name in folders)
