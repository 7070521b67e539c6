"""The pre-commit hooks, the GitHub Actions and the GitLab job, run as pre-commit, GitHub and GitLab run them."""

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

from intercom_conformance import events

ROOT = Path(__file__).resolve().parents[1]
VALIDATE, RUN = (ROOT / ".github" / "actions" / name / "action.yml" for name in ("validate", "run"))


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


# pre-commit -----------------------------------------------------------------------------------------------


def hook(name: str) -> dict[str, Any]:
    """The definition of a hook."""
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return next(one for one in hooks if one["id"] == name)


def test_the_hook_for_payloads(folder: Path) -> None:
    """The hook's entry, followed by a project's args and its files, passes good payloads and fails on bad ones."""
    defined = hook("validate-intercom-payloads")
    assert re.search(defined["files"], "a/b.ndjson")
    assert not re.search(defined["files"], "a/json.py")
    entry = [*shlex.split(defined["entry"]), "user-attributes"]
    assert run([*entry, "good.json"], folder).returncode == 0
    failed = run([*entry, "good.json", "deep/er/a user.json"], folder)
    assert (failed.returncode, failed.stderr) == (1, "")
    assert "deep/er/a user.json:1: MUST" in failed.stdout


KNOWN = """\
specification: "1.0"
deviations:
  - {requirement: callback-is-called, step: logout, kind: fail, message: "no callback", reason: "reported upstream"}
"""


def test_the_hook_for_known_deviations(folder: Path) -> None:
    """Several files at once: one that is sound, one whose entry has no reason, and one that names nothing."""
    defined = hook("lint-intercom-deviations")
    assert re.search(defined["files"], "ci/intercom-deviations.yaml")
    assert not re.search(defined["files"], "ci/deviations.yaml")
    files = {"good": KNOWN, "unfounded": KNOWN.replace("reported upstream", ""), "wrong": KNOWN.replace("is-c", "-c")}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    entry = shlex.split(defined["entry"])
    assert run([*entry, "good.yaml"], folder).returncode == 0
    assert run([*entry, "good.yaml", "unfounded.yaml"], folder).returncode == 1
    told = run([*entry, "wrong.yaml", "unfounded.yaml"], folder)
    assert told.returncode == 4
    assert "Did you mean callback-is-called?" in told.stderr
    assert "unfounded.yaml: callback-is-called in logout has no reason" in told.stdout


# GitHub ---------------------------------------------------------------------------------------------------


def action(path: Path, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs an action's own step as GitHub does: inputs become environment, the script goes to bash."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    step = document["runs"]["steps"][-1]
    values = {name: inputs.get(name, one.get("default")) for name, one in document["inputs"].items()}
    assert None not in values.values()
    named = {key: values[re.fullmatch(r"\$\{\{ inputs\.(\w+) }}", text)[1]] for key, text in step["env"].items()}  # type: ignore[index]
    named["GITHUB_STEP_SUMMARY"] = str(folder / "summary.md")
    return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], folder, **named)


def test_the_action_for_payloads(folder: Path) -> None:
    """Patterns, names with blanks and options reach the command, and its exit code is the step's."""
    assert action(VALIDATE, folder, kind="login", files="good.json").returncode == 0
    failed = action(VALIDATE, folder, kind="login", files="good.json\n**/a user.json", workers="1")
    assert failed.returncode == 1
    assert "2 records" in failed.stdout
    nothing = action(VALIDATE, folder, kind="login", files="*.ndjson")
    assert (nothing.returncode, nothing.stderr) == (5, "No file matches: *.ndjson\n")


def test_the_action_writes_sarif(folder: Path) -> None:
    """With a file for SARIF the log is there, whether or not the step fails."""
    done = action(
        VALIDATE, folder, kind="user-attributes", files="**/*.json", sarif="out.sarif", profile="web", strict="true"
    )
    assert done.returncode == 1
    [found] = json.loads((folder / "out.sarif").read_text(encoding="utf-8"))["runs"]
    assert {one["ruleId"] for one in found["results"]} == {"known-attributes"}


@pytest.mark.parametrize("path", [VALIDATE, RUN], ids=["validate", "run"])
def test_an_action_installs_this_project(path: Path) -> None:
    """What the first step installs is the project that the action stands in, with extras that exist."""
    install = yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]["steps"][0]["run"]
    place, extras = re.search(r'"\$ACTION/([./]+)\[([a-z,]+)]"', install).groups()  # type: ignore[union-attr]
    assert (path.parent / place).resolve() == ROOT
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in extras.split(","))


SUBJECT = f"cmd:{sys.executable} {ROOT / 'tests' / 'conformance' / 'cli_subjects.py'} Forgetful"


def test_the_action_for_bindings(folder: Path) -> None:
    """The job fails with the run; its summary, the stream and the reports are there all the same."""
    options = "-k 'scenario/sample-logout' --examples 5"
    done = action(RUN, folder, connector=SUBJECT, junit="out.xml", html="out.html", options=options)
    assert done.returncode == 1, done.stderr
    assert "logout-ends-session" in (folder / "summary.md").read_text(encoding="utf-8")
    assert events.read(folder / "intercom-conformance.ndjson").complete
    assert {"out.xml", "out.html"} <= {path.name for path in folder.iterdir()}


def test_the_action_takes_known_deviations(folder: Path) -> None:
    """What is known fails no job; an option that there is not ends it with the exit code for that."""
    known = KNOWN.replace("callback-is-called, step: logout", "logout-ends-session").replace("no callback", "session")
    (folder / "known.yaml").write_text(known, encoding="utf-8")
    chosen = {"connector": SUBJECT, "options": "-k scenario/sample-logout", "deviations": "known.yaml"}
    done = action(RUN, folder, **chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    assert action(RUN, folder, connector=SUBJECT, options="--exampels 5").returncode == 4


# GitLab ---------------------------------------------------------------------------------------------------


def test_the_job_for_gitlab(folder: Path) -> None:
    """Its script, with a project's variables, leaves the artifacts that the job promises, and fails with the run."""
    document = yaml.safe_load((ROOT / ".gitlab" / "intercom-conformance.yml").read_text(encoding="utf-8"))
    job = document[".intercom-conformance"]
    own = {"INTERCOM_CONNECTOR": SUBJECT, "INTERCOM_OPTIONS": "-k scenario/sample-logout --examples 5"}
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    done = run(["bash", "-c", script], folder, **{**job["variables"], **own})
    assert done.returncode == 1, done.stderr
    promised = {*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]}
    assert promised <= {path.name for path in folder.iterdir()}
    assert job["artifacts"]["when"] == "always"
    assert job["before_script"] == ['python3 -m pip install --quiet "$INTERCOM_KIT"']
    assert job["variables"]["INTERCOM_KIT"] == "intercom-conformance"
