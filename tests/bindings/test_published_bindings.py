"""What is on record of published bindings is valid, complete and fresh.

CI plays them all (`matrix --deviations bundled`). Here those are played that need nothing but Node.js.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from intercom_conformance import cli
from intercom_conformance.bindings.findings import known_connectors, path_of
from intercom_conformance.deviations import DeviationsFile, Ledger, read
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.kit import open_player
from intercom_conformance.results import Result, summarise
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check

SPEC = load_specification()
CHECKS = catalogue(SPEC)
PLAYED = ("npm:@intercom/intercom-react-native@10.7.1+js", "npm:cordova-plugin-intercom@12.1.0+js")


def on_record(path: Path) -> DeviationsFile:
    return read(path, SPEC, [check.id for check in CHECKS])


@cache
def played(connector: str) -> tuple[tuple[Result, ...], tuple[str, ...], Binding]:
    """The results of the suite with what is on record taken into account, what of that is stale, and the binding."""
    player = open_player(connector, SPEC)
    binding = player.start()
    ledger = Ledger.of(on_record(path_of(connector)), binding)
    try:
        results = tuple(ledger.take(run_check(check, player, Settings(examples=30))) for check in CHECKS)
    finally:
        player.stop()
    return results, tuple(ledger.stale(results)), binding


@pytest.mark.parametrize("connector", known_connectors())
def test_each_file_is_named_after_its_connector_and_gives_reasons(connector: str) -> None:
    """A file is found by its connector, can be used, and a person has judged each of its entries."""
    file = on_record(path_of(connector))
    assert file.connector == connector
    assert all(len(entry.reason.split()) >= 5 for entry in file.entries)
    assert all(entry.message and entry.sequence and entry.expected for entry in file.entries)


@pytest.mark.parametrize("connector", PLAYED)
def test_what_is_found_is_what_is_on_record(connector: str) -> None:
    """Nothing fails that is not on record, and nothing on record is stale."""
    results, stale, _ = played(connector)
    surprising = [finding for result in results for finding in result.findings if not finding.known]
    assert surprising == []
    assert stale == ()
    assert {result.verdict for result in results} <= {"passed", "unsupported", "expected failure"}


@pytest.mark.parametrize("connector", PLAYED)
def test_most_requirements_are_judged(connector: str) -> None:
    """A run over a binding means something: at least ninety requirements are put to the test, and none is forgotten."""
    results, _, binding = played(connector)
    verdicts = summarise(results, SPEC, binding).requirements
    assert len([slug for slug, verdict in verdicts.items() if verdict in ("passed", "expected failure")]) >= 90
    assert [slug for slug, verdict in verdicts.items() if verdict == "not run"] == []


def test_the_page_of_findings_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/findings.md is what the files say, and names every deviation of them."""
    assert cli.main(["deviations", "report"]) == 0
    page = (Path(__file__).parents[2] / "docs" / "findings.md").read_text("utf-8")
    assert capsys.readouterr().out == page, "intercom-conformance deviations report > docs/findings.md"
    for connector in known_connectors():
        for entry in on_record(path_of(connector)).entries:
            assert entry.step is None or f"`{entry.step}`" in page
            assert " ".join(entry.reason.split()) in page
