"""The whole suite over the reference: every requirement is put to the test, every transition is taken."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from intercom_conformance.kit import open_player
from intercom_conformance.results import Result, Summary, summarise
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check


@cache
def played() -> tuple[tuple[Result, ...], Summary]:
    spec = load_specification()
    player = open_player("reference:", spec)
    binding = player.start()
    try:
        results = tuple(run_check(check, player, Settings(examples=30)) for check in catalogue(spec))
        return results, summarise(results, spec, binding)
    finally:
        player.stop()


def test_the_reference_passes_every_check() -> None:
    """No check fails, is unsupported or did not run."""
    assert {result.check: result.verdict for result in played()[0] if result.verdict != "passed"} == {}


def test_every_requirement_has_a_check_that_really_ran() -> None:
    """A requirement that binds an SDK was put to the test, or says why no test can do so."""
    spec = load_specification()
    verdicts = played()[1].requirements
    open_ones = {slug: verdict for slug, verdict in verdicts.items() if verdict not in ("passed", "waived")}
    assert open_ones == {}
    waived = {slug for slug, verdict in verdicts.items() if verdict == "waived"}
    assert waived == {slug for slug in verdicts if spec.requirements[slug].untestable}


def test_every_transition_is_taken() -> None:
    """The suite reaches all of the statechart."""
    spec = load_specification()
    ids = {transition["id"] for transition in spec.chart["transitions"]}
    assert ids - played()[1].transitions == set()


def test_checks_have_stable_and_unique_ids() -> None:
    """The catalogue is the same however often it is made, and no two checks share an id."""
    spec = load_specification()
    ids = [check.id for check in catalogue(spec)]
    assert len(ids) == len(set(ids)) > 400
    assert ids == [check.id for check in catalogue.__wrapped__(spec)]


def test_one_seed_gives_one_run() -> None:
    """Two runs of a random check with one seed play the same number of steps and take the same transitions."""
    spec = load_specification()
    check = next(check for check in catalogue(spec) if check.id == "sequence/world")
    player = open_player("reference:", spec)
    player.start()
    try:
        one, other = (run_check(check, player, Settings(seed=7, examples=10)) for _ in range(2))
    finally:
        player.stop()
    assert (one.steps, one.traces, one.transitions) == (other.steps, other.traces, other.transitions)
    assert one.steps > 100


DRAWING = """
from hypothesis import strategies as st
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.drawing import drawn
from intercom_conformance.suite.inputs import valid_values
spec = load_specification()
for method in spec.api.methods.values():
    values = st.tuples(*(valid_values(spec, one) for one in method.parameters))
    print(method.name, drawn(values, 7, 25))
"""


def drawn_in(folder: Path, project: str) -> str:
    """The values of one seed as a program in this folder draws them, beside a module of its own."""
    folder.mkdir()
    (folder / "project.py").write_text(project, "utf-8")
    code = f"import project{DRAWING}"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_what_is_drawn_depends_on_the_seed_alone(tmp_path: Path) -> None:
    """Words and numbers in the code of those who run the suite do not change what it plays."""
    alone = drawn_in(tmp_path / "alone", "")
    words = [f"word {number}" for number in range(100)]
    assert drawn_in(tmp_path / "wordy", f"WORDS = {words!r}\nNUMBERS = {[*range(1000, 1100)]!r}\n") == alone
    assert alone.count("loginUserWithUserAttributes [(") == 1, "it did draw"
