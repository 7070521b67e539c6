"""What is written for other tools runs there as the table says, on random walks through the rows of the statechart.

A step is an event with the answers to its atoms and the alternatives chosen, all of which some row allows. SPIN,
which takes no inputs, has to find exactly the states that the rows lead to.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from broken import GARAGE
from statemachine.io import load

from intercom_conformance.bindings import Package, install
from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.oracle.table import Outcome
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.specs import export
from intercom_conformance.specs.answers import answers_to
from intercom_conformance.specs.guards import input_name
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources

XSTATE = Package("xstate", "5.33.3")
PIN = "sha512-AnDRjS/GyKHmbA1PyhVCYBqYsA7EGe3KGgeD0ht3NFsXzoz7leX/HQDFX9QlHFJ/ltLHPsgChJYwPzRvB/0b4g=="
STEPS = 400


@attrs.frozen
class Walked:
    """A step of a walk: the event, its inputs, and where the table says that it leads, with what answer."""

    event: str
    inputs: dict[str, Any]
    states: dict[str, str]
    answer: str


@pytest.fixture(params=[None, str(GARAGE)], ids=["embedded", "garage"])
def spec(request: pytest.FixtureRequest) -> Specification:
    return load_specification(request.param)


def walk(spec: Specification, seed: int, steps: int = STEPS) -> Iterator[Walked]:
    """A random walk through the table."""
    model, choose = compile_model(spec), random.Random(seed)
    answers = {event: answers_to(model, event) for event in model.table.atoms}
    states, answer = model.table.initial, ""
    for _ in range(steps):
        event = choose.choice(list(answers))
        known = choose.choice(answers[event])
        outcome = choose.choice(model.table.outcomes(states, event, known) or (None,))
        states = outcome.states if outcome else states
        answer = (outcome and said(outcome)) or answer
        yield Walked(event, inputs(model, event, known, outcome), placed(model, states), answer)


def inputs(model: Model, event: str, known: tuple[Any, ...], outcome: Outcome | None) -> dict[str, Any]:
    asked = zip(model.table.atoms[event], known, strict=True)
    atoms = {input_name(atom): value if atom.kind == "attempt" else int(value) for atom, value in asked}
    choices = {f"choice_{region.name}": 0 for region in model.table.regions}
    for transition, alternative in outcome.taken if outcome else ():
        choices[f"choice_{model.table.regions[transition.region].name}"] = transition.alternatives.index(alternative)
    return {"attempt": "first", **choices, **atoms}


def said(outcome: Outcome) -> str:
    answer = outcome.answer
    return "" if answer is None else answer.callback or ("defer" if answer.defer else "again")


def placed(model: Model, states: tuple[str, ...]) -> dict[str, str]:
    return {region.name: state for region, state in zip(model.table.regions, states, strict=True)}


@pytest.mark.parametrize("seed", [1, 2])
def test_scxml_runs_as_the_table_says(spec: Specification, seed: int) -> None:
    """python-statemachine reads the SCXML, restricted as it is by default, and goes where the table goes."""
    assert astray(export(spec, "scxml") + "\n", spec, seed) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (' target="visit_parked"', ' target="visit_paid"'),
        ("_event.data.fact_fully_booked == 1", "_event.data.fact_fully_booked == 0"),
        ("In('gate_gate_open')", "In('gate_gate_shut')"),
        ("expr=\"'error'\"", "expr=\"'success'\""),
    ],
    ids=["target", "fact", "state", "answer"],
)
def test_a_machine_that_differs_goes_astray(old: str, new: str) -> None:
    """One change to what was written is noticed on the same walks."""
    garage = load_specification(str(GARAGE))
    written = export(garage, "scxml") + "\n"
    assert old in written
    assert any(astray(written.replace(old, new), garage, seed) for seed in (1, 2))


def astray(written: str, spec: Specification, seed: int) -> Walked | None:
    """The first step of a walk after which SCXML is not where the table is."""
    machine = load(written, format="scxml")()
    for step in walk(spec, seed):
        machine.send(step.event, **step.inputs)
        here = {state.id for state in machine.configuration}
        expected = {f"{region}_{state}" for region, state in step.states.items()}
        if not expected <= here or machine.model.answer != step.answer:
            return step
    return None


@pytest.mark.parametrize("seed", [1, 2])
def test_xstate_runs_as_the_table_says(spec: Specification, seed: int, tmp_path: Path) -> None:
    """XState, as it is published, runs the module in Node.js and goes where the table goes."""
    modules = tmp_path / "node_modules"
    shutil.copytree(install(XSTATE, {str(XSTATE): PIN}), modules / "xstate")
    (tmp_path / "machine.cjs").write_text(export(spec, "xstate"), encoding="utf-8")
    script = shutil.copy(Path(__file__).with_name("walk.js"), tmp_path / "walk.cjs")
    steps = list(walk(spec, seed))
    given = "\n".join(json.dumps({"event": step.event, **step.inputs}) for step in steps)
    command = ["node", script, str(tmp_path / "machine.cjs")]
    played = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=True)
    seen = [json.loads(line) for line in played.stdout.splitlines()]
    assert seen == [[step.states, step.answer] for step in steps]


def test_walks_answer_and_move(spec: Specification) -> None:
    """The two tests above are not hollow: their walks see four fifths of the states at least, and every answer."""
    steps = [step for seed in (1, 2) for step in walk(spec, seed)]
    for region, body in spec.chart["regions"].items():
        assert len({step.states[region] for step in steps}) >= 0.8 * len(body["states"]), region
    assert {step.answer for step in steps} >= {"success", "error", "defer"}


def test_spin_finds_the_states_that_the_rows_lead_to(spec: Specification, tmp_path: Path) -> None:
    """SPIN's exhaustive search of the Promela model stores exactly as many states, and finds no deadlock."""
    (tmp_path / "machine.pml").write_text(export(spec, "promela") + "\n", encoding="utf-8")
    # Without -o2, SPIN leaves out variables that no guard reads.
    for command in (["spin", "-a", "-o2", "machine.pml"], ["gcc", "-O1", "-o", "pan", "pan.c"]):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    told = subprocess.run(["./pan"], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120).stdout
    stored, errors = re.search(r"(\d+) states, stored", told), re.search(r"errors: (\d+)", told)
    assert stored is not None
    assert errors is not None
    rows = Rows(compile_model(spec), Sources.of(spec.folder))
    assert (int(stored[1]), int(errors[1])) == (len(rows.reached()), 0)
