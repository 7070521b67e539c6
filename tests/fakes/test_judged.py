"""The kit judges its own fakes, through the door that any binding takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intercom_conformance import cli
from intercom_conformance.fakes import files, write
from intercom_conformance.specification import load_specification

FAKES = {
    "react-native": "cmd:node {folder}/conformance/react-native.js",
    "react-native, with virtual time": "cmd:node {folder}/conformance/react-native.js ios waiting",
    "cordova": "cmd:node {folder}/conformance/cordova.js",
    "cordova, with virtual time": "cmd:node {folder}/conformance/cordova.js ios waiting",
    "python": "py:intercom_reference.fake:Fake",
}
"""Each fake by its connector. `.ci/run` plays the whole suite; here are its scenarios, and some sequences."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript fake as it is written."""
    made = tmp_path_factory.mktemp("fake")
    write(files("javascript", load_specification()), made)
    return made


def judged(connector: str, selection: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = cli.main(["run", connector, "-k", selection, "--examples", "20"])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("connector", FAKES.values(), ids=FAKES)
@pytest.mark.parametrize("selection", ["scenario", "sequences"])
def test_the_kit_finds_nothing_wrong(
    connector: str, selection: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No check of the suite fails, and what is unsupported is what the real API has not."""
    code, out = judged(connector.format(folder=folder), selection, capsys)
    assert code == 0, out
    assert "failed " not in out


WRONG = {
    "anonymous-activity-is-merged": "absorb_anonymous_activity",
    "anonymous-contact-disappears": "forget_anonymous_contact",
    "no-identity-after-logout": "leave",
}
"""The effect that a fake lacks, by the requirement that it breaks so."""


@pytest.mark.parametrize("requirement", WRONG)
def test_a_fake_that_breaks_a_rule_is_caught(
    requirement: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fake whose machine lacks an effect is told by the requirement, so that the verdict above is worth something."""
    write(files("javascript", load_specification()), tmp_path)
    machine = json.loads((tmp_path / "machine.json").read_text(encoding="utf-8"))
    machine["chart"]["effects"][WRONG[requirement]]["do"] = [{"forget": ["email"]}]
    (tmp_path / "machine.json").write_text(json.dumps(machine), encoding="utf-8")
    code, out = judged(f"cmd:node {tmp_path}/conformance/cordova.js", "scenario", capsys)
    assert code == 1
    assert f"FAILED  {requirement}" in out
