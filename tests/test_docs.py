"""The documentation site is built without a warning, and each of its pages does what it shows.

On a page, a code block with a title is a file, and a block of kind ``console`` is played in a shell, in the order of
the page: a line that begins with ``$`` is typed, what follows is what it has to print. ``...`` stands for anything,
within a line or for whole lines. Each block begins in the folder of the page's files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
import yaml

from intercom_conformance.specification import load_specification

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "pages").rglob("*.md"))
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
INSTALLATION = {"pip install intercom-conformance", "intercom-conformance run"}
"""What the gate itself runs of the wheel, in an environment of its own."""


@attrs.frozen
class Typed:
    """A command of a page, and what it shows of its output."""

    command: str
    shown: str


def typed(block: str) -> Iterator[Typed]:
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, shown = part.partition("\n")
        yield Typed(command, shown.rstrip("\n"))


def as_pattern(shown: str) -> str:
    """The pattern of an output: a line of ``...`` is any number of lines, elsewhere it is the rest of something."""
    lines = [r"(?:.*\n)*?" if line == "..." else _line(line) + r" *\n" for line in shown.split("\n")]
    return "".join(lines) if shown else ""


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("..."))


def play(block: str, folder: Path) -> None:
    """Types the commands of a block one after another, and holds each to what it shows."""
    code = 0
    for one in typed(block):
        if one.command == "echo $?":
            assert str(code) == one.shown
        elif one.command.startswith("cd "):
            folder = folder / one.command.removeprefix("cd ")
        else:
            done = run(one.command, folder)
            code = done.returncode
            matched = re.fullmatch(as_pattern(one.shown), done.stdout if one.shown else "")
            assert matched, f"$ {one.command}\n{done.stdout}\ninstead of\n{one.shown}"


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"PYTEST_ADDOPTS": "-p no:cacheprovider"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT / "docs" / "pages")) for page in PAGES])
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    """Every command is run, every file is written, and the outputs are those of the page."""
    for kind, title, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if title:
            (tmp_path / title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / title).write_text(body, encoding="utf-8")
        elif kind == "console":
            play(body, tmp_path)
        else:
            assert set(body.splitlines()) <= INSTALLATION, f"nobody runs this block:\n{body}"


def test_a_page_that_shows_something_else_is_told(tmp_path: Path) -> None:
    """The check can fail: by a word, by a line too many, by an exit code."""
    play("$ printf 'one\\ntwo three\\n'; exit 3\none\ntwo ...\n$ echo $?\n3\n", tmp_path)
    for wrong in ("$ echo one\ntwo\n", "$ printf '1\\n2\\n'\n1\n", "$ exit 1\n$ echo $?\n0\n"):
        with pytest.raises(AssertionError):
            play(wrong, tmp_path)


def test_the_workflow_of_the_page_fits_the_action() -> None:
    """What the page gives to the action, the action takes; the hooks and the job that it names are there."""
    blocks = {title: body for _, title, body in BLOCK.findall((ROOT / "docs/pages/how-to/ci.md").read_text("utf-8"))}
    step = yaml.safe_load(blocks[".github/workflows/conformance.yml"])["jobs"]["conformance"]["steps"][-1]
    place = step["uses"].partition("@")[0].split("/", 2)[2]
    inputs = yaml.safe_load((ROOT / place / "action.yml").read_text("utf-8"))["inputs"]
    assert set(step["with"]) <= set(inputs)
    assert {name for name, one in inputs.items() if one.get("required")} <= set(step["with"])
    known = {one["id"] for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {one["id"] for one in yaml.safe_load(blocks[".pre-commit-config.yaml"])["repos"][0]["hooks"]} <= known
    included = yaml.safe_load(blocks[".gitlab-ci.yml"])
    job = yaml.safe_load((ROOT / included["include"][0]["file"]).read_text("utf-8"))[".intercom-conformance"]
    assert set(included["conformance"]["variables"]) <= set(job["variables"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, freshly built."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "build.py", out], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return out


def test_every_requirement_and_method_has_its_page(site: Path) -> None:
    """Each with its sentence, and linked from the page that lists them all."""
    spec = load_specification()
    folder = site / "reference"
    listed = (folder / "requirements" / "index.html").read_text("utf-8")
    for slug in spec.requirements:
        assert f'href="{slug}.html"' in listed
        page = (folder / "requirements" / f"{slug}.html").read_text("utf-8")
        assert slug in page
        assert '<svg class="chart"' in page
    listed = (folder / "methods" / "index.html").read_text("utf-8")
    for name in spec.api.methods:
        assert f'href="{name}.html"' in listed
        assert '<svg class="chart"' in (folder / "methods" / f"{name}.html").read_text("utf-8")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """A page can be read without a network, and tells nobody that it is read."""
    for page in [site / "index.html", *(site / "reference").rglob("callback-is-called.html")]:
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]* (?:src|href)="([^"]+)"', page.read_text("utf-8"))
        assert loaded
        assert [one for one in loaded if one.startswith(("http", "//"))] == []
