"""The statechart is written for other tools, and nothing of it is lost on the way."""

from __future__ import annotations

import re

import pytest
from broken import GARAGE

from intercom_conformance import cli
from intercom_conformance.oracle.model import compile_model
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.specs import FORMATS, export
from intercom_conformance.specs.exporting import edges
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources

PLACES = [None, str(GARAGE)]


@pytest.fixture(params=PLACES, ids=["embedded", "garage"])
def spec(request: pytest.FixtureRequest) -> Specification:
    return load_specification(request.param)


def test_the_edges_are_those_of_the_table(spec: Specification) -> None:
    """Every move of every row is an edge, and every edge that moves is a move of some row."""
    model = compile_model(spec)
    rows = Rows(model, Sources.of(spec.folder))
    asked = {event: rows.asked(event) for event in model.table.atoms}
    moves = {
        (one.name, row.states[one.position], row.event, outcome.states[one.position])
        for event in model.table.atoms
        for row in rows.of(event)
        for outcome in model.table.outcomes(row.states, event, row.answers)
        for one in model.table.regions
        if one.name in asked[event] and row.states[one.position] != outcome.states[one.position]
    }
    written = {(one.region, one.source, one.event, one.target) for one in edges(spec) if one.source != one.target}
    assert moves <= written
    assert {one for one in written - moves if one[0] in asked[one[2]]} == set()


def test_the_table_names_every_transition(spec: Specification) -> None:
    """Each line has as many values as the head, and each transition has a line."""
    head, *rows = [line.split("\t") for line in export(spec, "table").splitlines()]
    assert {len(row) for row in rows} == {len(head)}
    assert {row[head.index("transition")] for row in rows} == {one["id"] for one in spec.chart["transitions"]}


@pytest.mark.parametrize("form", ["mermaid", "dot"])
def test_a_diagram_shows_every_state_and_move(spec: Specification, form: str) -> None:
    """Every state is drawn, and an arrow for every two states between which something leads."""
    drawn = export(spec, form)
    arrows = re.findall(r'^ +"?(?:\w+\.)?(\w+)"? --?> "?(?:\w+\.)?(\w+)"?', drawn, re.MULTILINE)
    assert set(arrows) == {(one.source, one.target) for one in edges(spec) if one.source != one.target}
    assert all(state in drawn for one in spec.chart["regions"].values() for state in one["states"])
    assert drawn.count("{") == drawn.count("}")


def test_the_commands_print_and_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    """Each form is printed; an unknown one is told with the one that was meant; show fits a page."""
    for form in FORMATS:
        assert cli.main(["spec", "export", str(GARAGE), "--format", form]) == 0
        assert "gate_open" in capsys.readouterr().out
    assert cli.main(["spec", "export", "--format", "mermade"]) == 4
    assert "Did you mean 'mermaid'?" in capsys.readouterr().err
    assert cli.main(["spec", "show", str(GARAGE)]) == 0
    shown = capsys.readouterr().out
    assert "enterGarage(plate, spotNumber?)" in shown
    assert "gate_shut, gate_open" in shown
