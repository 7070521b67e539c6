"""Real published bindings, played for real in Node: the findings on record are all there is, and none is stale."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import intercom_conformance.bindings
from intercom_conformance.kit import open_player
from intercom_conformance.results import Result, summarise
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.trace import render_step
from intercom_reference.documents import embedded
from intercom_reference.loading import parse_yaml

FILES = sorted((Path(intercom_conformance.bindings.__file__).parent / "findings").glob("*.yaml"))


def record(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = parse_yaml(path.read_text(encoding="utf-8"), str(path))
    return document


@cache
def played(connector: str) -> tuple[Result, ...]:
    spec = load_specification()
    player = open_player(connector, spec)
    player.start()
    try:
        return tuple(run_check(check, player, Settings(examples=50)) for check in catalogue(spec))
    finally:
        player.stop()


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def on_record(request: pytest.FixtureRequest) -> dict[str, Any]:
    return record(request.param)


def test_each_file_of_findings_is_valid(on_record: dict[str, Any]) -> None:
    """A file of findings follows its schema."""
    jsonschema.validate(on_record, embedded().load("schemas/documents/findings.schema.json"))


def test_findings_are_those_on_record(on_record: dict[str, Any]) -> None:
    """No finding is missing from the file, and none in the file has gone: requirement, kind, shortest sequence."""
    seen = {
        (finding.requirement, finding.kind): [render_step(step) for step in finding.trace]
        for result in played(on_record["connector"])
        for finding in result.findings
    }
    expected = {(one["requirement"], one["kind"]): one["sequence"] for one in on_record["findings"]}
    assert seen == expected


def test_what_is_observed_reads_as_on_record(on_record: dict[str, Any]) -> None:
    """The text that a user reads is the one that was judged by a person."""
    seen = {
        (finding.requirement, finding.kind): finding.observed
        for result in played(on_record["connector"])
        for finding in result.findings
    }
    for one in on_record["findings"]:
        assert seen[one["requirement"], one["kind"]].startswith(one["observed"])


def test_nothing_but_findings_goes_wrong(on_record: dict[str, Any]) -> None:
    """No check crashes, hangs, breaks the protocol or flickers, and what is lacking is told as unsupported."""
    verdicts = {result.verdict for result in played(on_record["connector"])}
    assert verdicts <= {"passed", "unsupported", "failed" if on_record["findings"] else "passed"}


def test_missing_capabilities_are_those_on_record(on_record: dict[str, Any]) -> None:
    """What the binding lacks shows as unsupported, never as green."""
    lacking = {name for result in played(on_record["connector"]) for name in result.missing}
    assert sorted(lacking) == on_record["unsupported"]
    unsupported = [result for result in played(on_record["connector"]) if result.verdict == "unsupported"]
    assert all(result.missing and not result.steps for result in unsupported)


def test_most_requirements_are_judged(on_record: dict[str, Any]) -> None:
    """A run over a binding means something: at least ninety requirements are put to the test."""
    summary = summarise(played(on_record["connector"]), load_specification())
    judged = [slug for slug, verdict in summary.requirements.items() if verdict in ("passed", "failed")]
    assert len(judged) >= 90
    assert not [slug for slug, verdict in summary.requirements.items() if verdict == "not run"]
