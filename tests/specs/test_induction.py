"""Invariants are proved without a bound: the right ones hold, every broken one is shown by the step that breaks it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
import pytest
import z3
from broken import GARAGE, ROOT, copied

from intercom_conformance import cli
from intercom_conformance.oracle.configuration import Branch, Call, Configuration, Happening
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.model import compile_model
from intercom_conformance.specification import load_specification
from intercom_conformance.specs import check
from intercom_conformance.specs.induction import Induction, Unproved
from intercom_conformance.specs.induction.memory import Memory, Slot, record_sort
from intercom_conformance.specs.induction.scenes import Case
from intercom_conformance.specs.induction.values import Term, mark
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.searching import INVARIANTS, Node, Search
from intercom_conformance.specs.sources import Sources

SESSION = "spec/session.yaml"


def induction(place: str | None, *events: str) -> Induction:
    """The proof of a specification, of all events or of some."""
    model, sources = compile_model(load_specification(place)), Sources.of(place)
    found = Induction.of(model, Rows(model, sources), sources.documents.load(INVARIANTS))
    return attrs.evolve(found, scenes=[one for one in found.scenes if not events or one.event in events])


def test_every_invariant_of_the_embedded_specification_is_proved() -> None:
    """All of them; and only that users do not mix rests on who says what of herself."""
    found = induction(None).run()
    assert [one.counterexample for one in found.unproved] == []
    assert found.assuming == {"users-never-mix", "what-ada-said-is-with-ada", "what-grace-said-is-with-grace"}
    invariants = Sources.of(None).documents.load(INVARIANTS)["invariants"]
    assert found.proved >= invariants.keys()


# Broken specifications ----------------------------------------------------------------------------

SECOND = "    callback: success\n    requirement: one-anonymous-contact"
SWITCH = "        callback: success\n        cancel: true\n        effects: [open_user_contact, take_attributes]"
REFUSED = "code: 400\n    effects: [perhaps_take_attributes, perhaps_take_email]\n    requirement: user-id-never"
FIRST = "    to: unidentified\n    callback: success\n    effects: [open_anonymous_contact]\n"
KNOWN = "    to: identified\n    callback: success\n    effects: [open_user_contact, take_attributes]"
BROKEN = [
    ("      - delete_previous: {}\n", "      - leave: {}\n", "no-orphan", ["login_identified"], "identify-anonymous"),
    (SECOND, SECOND.replace("    req", "    effects: [open_anonymous_contact]\n    req"), "one-anonymous-contact",
     ["login_anonymous"], "second-anonymous-login"),
    ("      - leave: {}\n", "", "nobody-after-logout", ["logout"], "logout"),
    (REFUSED, REFUSED.replace("attributes, perhaps_take_email", "identity"), "user-id-never-changes", ["update"],
     "update-with-another-user-id"),
    (KNOWN, KNOWN.replace("open_user_contact, ", ""), "identified-session-has-a-user", ["login_identified"],
     "identified-login"),
    (FIRST, FIRST.replace("open_anonymous_contact", "change_screen"), "anonymous-session-has-an-anonymous-contact",
     ["login_anonymous"], "anonymous-login"),
    (SWITCH, SWITCH.replace("        cancel: true\n", ""), "users-never-mix", ["login_identified", "update"],
     "update"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "events", "taken"), BROKEN, ids=[f"{one[2]}" for one in BROKEN])
def test_a_broken_invariant_is_not_proved(
    tmp_path: Path, old: str, new: str, name: str, events: list[str], taken: str
) -> None:
    """One change of a transition or an effect: the state before, the step and the state after are shown."""
    found = induction(copied(ROOT, tmp_path, SESSION, old, new), *events).run()
    broken = next(one for one in found.unproved if one.property.name == name)
    assert any(taken in one for one in broken.taken), broken.taken
    assert list(dict.fromkeys(line.split()[0] for line in broken.counterexample)) == ["before", "step", "after"]
    assert any("takes" in line and taken in line for line in broken.counterexample)


GARAGE_BROKEN = [
    ("    effects: [note_means]\n", "", "gate-opens-for-payers", "paid-with-something"),
    ("    to: gate_shut\n    requirement: leaving", "    requirement: leaving", "gate-opens-for-payers", None),
    ("visits_today], 1]", "visits_today], 2]", "one-car-a-day", None),
    ("[{assign: {visits_today: 0}}]", "[{increase: visits_today}]", "one-car-a-day", None),
    ("[{leave: {}}]", "[{assign: {visits_today: 0}}]", "nobody-outside", None),
    ("[{leave: {}}]", "[{set: {plate: [register, visits_today]}}, {leave: {}}]", "plates-stay", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "first"), GARAGE_BROKEN)
def test_a_broken_invariant_of_another_specification_is_not_proved(
    tmp_path: Path, old: str, new: str, name: str, first: str | None
) -> None:
    """What breaks a lemma is told of the lemma; the invariant is then shown without it, or told to lack it."""
    found = induction(copied(GARAGE, tmp_path, SESSION, old, new)).run()
    broken: dict[str, Unproved] = {one.property.name: one for one in found.unproved}
    assert name in broken
    assert name not in found.proved
    assert broken[first or name].lacks == ()
    assert first is None or first in broken[name].lacks


def test_what_does_not_hold_in_the_beginning_is_told(tmp_path: Path) -> None:
    """The base of the induction is looked at too."""
    place = copied(GARAGE, tmp_path, SESSION, "visits_today: {initial: 0}", "visits_today: {initial: 7}")
    (broken,) = induction(place).run().unproved
    assert (broken.property.name, broken.counterexample) == ("one-car-a-day", ("it does not hold in the beginning",))


def test_without_its_lemma_an_invariant_is_not_inductive(tmp_path: Path) -> None:
    """No history breaks it, and the proof says so: a lemma is what is missing."""
    text = (GARAGE / INVARIANTS).read_text(encoding="utf-8")
    place = copied(GARAGE, tmp_path, INVARIANTS, text[text.index("\nlemmas:") :], "")
    (fault,) = check(place, proof=True).faults
    assert (fault.rule, fault.document) == ("induction", INVARIANTS)
    assert "gate-opens-for-payers is not inductive" in fault.problem
    assert "say so in a lemma" in fault.remedy


def test_a_refuted_invariant_is_told_twice(tmp_path: Path) -> None:
    """The search has the history, the proof has the step."""
    place = copied(GARAGE, tmp_path, SESSION, "[{leave: {}}]", "[{assign: {visits_today: 0}}]")
    verdict = check(place, proof=True)
    assert [one.rule for one in verdict.faults] == ["invariant", "induction"]
    assert verdict.induction.words["nobody-outside"] == "refuted"
    assert verdict.induction.words["one-car-a-day"] == "proved inductively"


def test_the_proof_sees_what_a_population_does_not(tmp_path: Path) -> None:
    """Nobody in the populations logs in with an empty userId; the proof finds what that would do to set_once."""
    place = copied(ROOT, tmp_path, SESSION, "      - set_once: {user_id:", "      - set: {user_id:")
    names = {one.property.name for one in induction(place, "update").run().unproved}
    assert "user-id-never-changes" in names


# The translation is faithful ----------------------------------------------------------------------


@pytest.mark.parametrize("place", [None, str(GARAGE)], ids=["embedded", "garage"])
def test_every_concrete_step_is_a_step_of_the_proof(place: str | None) -> None:
    """What the oracle does in one attempt, from any configuration of a search, the terms allow with the same end."""
    proof = induction(place)
    asked = random.Random(1).sample(list(concrete(proof, place)), 120)
    cases = {(scene.event, case.joint.taken): (scene, case) for scene in proof.scenes for case in scene.cases}
    for node, event, branch in asked:
        scene, case = cases[named(event), tuple(branch.taken)]
        solver = z3.Solver()
        solver.add(*scene.known, *case.outcome[1], *written(proof, case, node.at, event, branch.end))
        assert solver.check() == z3.sat, (node.at, event, branch.taken)
    assert len({tuple(branch.taken) for _, _, branch in asked}) > 15


def test_a_wrong_end_is_no_step_of_the_proof() -> None:
    """The test above is not hollow: with another state of a region in the end, no step is one of the proof."""
    proof = induction(str(GARAGE))
    cases = {(scene.event, case.joint.taken): (scene, case) for scene in proof.scenes for case in scene.cases}
    for node, event, branch in random.Random(2).sample(list(concrete(proof, str(GARAGE))), 20):
        scene, case = cases[named(event), tuple(branch.taken)]
        gate = "gate_open" if branch.end.states[1] == "gate_shut" else "gate_shut"
        end = attrs.evolve(branch.end, states=(branch.end.states[0], gate, branch.end.states[2]))
        solver = z3.Solver()
        solver.add(*scene.known, *case.outcome[1], *written(proof, case, node.at, event, end))
        assert solver.check() == z3.unsat


def named(event: Call | Happening) -> str:
    return event.method.event if isinstance(event, Call) else event.event


def concrete(proof: Induction, place: str | None) -> Iterator[tuple[Node, Call | Happening, Branch]]:
    """Steps of searches that are one attempt: nothing waits, and nothing is tried again."""
    model = proof.ground.model
    for search in Search.of(model, Sources.of(place)):
        seen, nodes = {search.key(model.initial)}, [Node(model.initial)]
        for node in islice(nodes, 150):
            for possible in (one for one in search.population.steps if one.is_made(model, node.at, 2)):
                for branch in search._branches(node, possible.event, possible.step):
                    if (key := search.key(branch.end)) not in seen:
                        seen.add(key)
                        nodes.append(Node(branch.end))
                    once = not node.at.queue and not any(one.again for _, one in branch.taken)
                    if once and branch.taken:
                        yield node, possible.event, branch


def written(
    proof: Induction, case: Case, before: Configuration, event: Call | Happening, end: Configuration
) -> Iterator[Term]:
    """What a concrete step says of the terms of a step."""
    memory, after = proof.ground.memory, case.outcome[0]
    numbers = sorted({*before.world.records, *end.world.records})
    records = {number: z3.Const(f"number {number}", record_sort()) for number in numbers}
    if len(records) > 1:
        yield z3.Distinct(*records.values())
    yield from configured(proof, memory, before, records)
    yield from configured(proof, after, end, records)
    yield case.call.is_first()
    yield from (term == value(proof, event.named, slot) for slot, term in case.call.arguments.items())
    if isinstance(event, Call):
        for one in event.method.parameters:
            name = f"valid_{one.name}"
            yield case.call.inputs[name] == (one.name not in event.invalid)


def configured(proof: Induction, memory: Memory, at: Configuration, records: Mapping[int, Term]) -> Iterator[Term]:
    for region in proof.ground.model.table.regions:
        yield memory.states[region.name] == region.states.index(at.states[region.position])
    yield memory.someone == (at.world.current is not None)
    if at.world.current is not None:
        yield memory.current == records[at.world.current]
    record = z3.FreshConst(record_sort(), "r")
    there = [record == records[number] for number in at.world.records]
    yield z3.ForAll([record], memory.alive(record) == z3.Or(*there))
    for number, content in at.world.records.items():
        yield from (read(records[number]) == value(proof, content, slot) for slot, read in memory.fields.items())
    yield from (term == value(proof, at.world.registers, slot) for slot, term in memory.registers.items())


def value(proof: Induction, content: Any, slot: Slot) -> Term:
    for key in slot:
        content = (
            UNCERTAIN if content is UNCERTAIN else content.get(key, ABSENT) if isinstance(content, dict) else ABSENT
        )
    return mark("uncertain") if content is UNCERTAIN else proof.ground.facts.literals.term(content)


# Through the command line -------------------------------------------------------------------------


def test_the_command_tells_what_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    """Each invariant and each lemma has its word; as JSON they are the same."""
    assert cli.main(["spec", "check", str(GARAGE), "--proof"]) == 0
    shown = capsys.readouterr().out
    assert "  induction     holds   4 invariants" in shown
    assert "    plates-stay            proved inductively" in shown
    assert cli.main(["spec", "check", str(GARAGE), "--proof", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["proofs"].values()) == {"proved inductively"}
    assert len(found["proofs"]) == 7


def test_without_z3_the_extra_is_named() -> None:
    """One line says what to install, before anything else is done."""
    code = "import sys; sys.modules['z3'] = None\nfrom intercom_conformance import cli\nsys.exit(cli.main())"
    command = [sys.executable, "-c", code, "spec", "check", "--proof"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (4, "", 1)
    assert "pip install 'intercom-conformance[proof]'" in done.stderr
