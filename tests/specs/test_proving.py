"""A specification is proved before it judges anybody: the right ones hold together, and every kind of fault is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken import GARAGE, ROOT, copied

from intercom_conformance import cli
from intercom_conformance.oracle.model import compile_model
from intercom_conformance.specification import load_specification
from intercom_conformance.specs import RULES, Fault, check
from intercom_conformance.specs.searching import Search
from intercom_conformance.specs.sources import Sources

SESSION = "spec/session.yaml"


@pytest.mark.parametrize("place", [None, str(GARAGE)], ids=["embedded", "garage"])
def test_a_right_specification_holds_together(place: str | None) -> None:
    """Nothing is found, and every rule was looked at."""
    verdict = check(place)
    assert [str(fault) for fault in verdict.faults] == []
    assert list(verdict.looked_at) == [rule for rule in RULES if rule != "induction"]


# The garage, broken -------------------------------------------------------------------------------

WAITS = "when: {attempt: [first, repeated], in: {link: link_held}"
PAID = "  - id: gate-stays-shut\n    region: gate\n    on: lift\n    when: {in: {visit: [outside, parked]}}"
LOST = "    one_of:\n      - {again: true}\n      - {callback: error, code: 3}"
FAULTS = [
    ("document", SESSION, "callback: success", "calback: success", "'calback'", "See schemas/documents/session"),
    ("document", "spec/api.yaml", 'version: "1.0"', "version: 1.0", "at version", "See schemas/documents/api"),
    ("document", "spec/api.yaml", "event: pay\n", "event: pay\n    event: pay\n", "stands twice", "Keep one"),
    ("document", "spec/invariants.yaml", "outstanding: 2", "outstanding: many", "'many' is not of type", "invariants"),
    ("document", "schemas/spot.schema.json", '"type"', '"typo"', "typo", "payload-schema"),
    ("reference", SESSION, "to: parked", "to: parkt", "no state of visit 'parkt'", "Did you mean 'parked'?"),
    ("reference", SESSION, "increase: visits_today", "increase: visits_todai", "no register 'visits_todai'", "mean"),
    ("reference", SESSION, "{set: {means:", "{set: {meant:", "no field 'meant'", "Did you mean 'means'?"),
    ("reference", SESSION, "invalid: means", "invalid: plate", "no parameter of pay 'plate'", "Define the parameter"),
    ("reference", SESSION, "fact: fully_booked", "fact: fuly_booked", "no fact 'fuly_booked'", "mean 'fully_booked'?"),
    ("document", SESSION, "callback: success", "calback: success", "'calback'", "Did you mean 'callback'?"),
    ("document", "schemas/spot.schema.json", '"type"', '"typ"', "'typ'", "Did you mean 'type'?"),
    ("reference", SESSION, "id: lift-gate\n", "id: leave\n", "two of the transition 'leave'", "another name"),
    ("reference", "spec/api.yaml", "name: driveIn", "name: liftGate", "two of the method 'liftGate'", "another name"),
    ("reference", "spec/invariants.yaml", "{liftGate: []}", "{liftGates: []}", "no step 'liftGates'", "'liftGate'?"),
    ("reference", "spec/scenarios/one.yaml", "requirements: [", "requirements: [never-", "no requirement", "Did you"),
    ("level", "spec/requirements.yaml", "refused:\n    level: SHOULD", "refused:\n    level: MAY",
     "pay-in-cash names cash-may-be-refused", "Name a requirement"),
    ("determinism", SESSION, "{const: CASH}", "{type: string}", "pay-by-card and pay-in-cash both apply", "Narrow"),
    ("determinism", SESSION, PAID, PAID.replace("[outside", "[paid, outside"), "lift-gate and gate-stays", "Narrow"),
    ("determinism", SESSION, "    to: link_up\n    req", "    callback: error\n    req", "all answer", "Let one"),
    ("completeness", SESSION, "from: [outside, paid]\n    on: pay", "from: outside\n    on: pay", "about pay", "Add"),
    ("completeness", SESSION, "{invalid: [plate, spotNumber]}", "{invalid: plate}", "said about enter", "Add a"),
    ("completeness", SESSION, "{const: CASH}", "{const: COINS}", "nothing is said about pay", "widen"),
    ("completeness", SESSION, LOST, LOST.replace("{again: true}", "{to: parked}"), "without an answer", "callback"),
    ("reachability", SESSION, "states: [gate_shut,", "states: [gate_stuck, gate_shut,", "state gate_stuck", "Add a"),
    ("reachability", SESSION, "from: link_shaky\n    on: pay\n    when: {in: {visit: parked}}",
     "from: link_shaky\n    on: pay\n    when: {all: [{in: {visit: parked}}, {in: {visit: paid}}]}",
     "line-recovers is never taken", "Widen its"),
    ("reachability", SESSION, "- {callback: error, code: 4}",
     "- {when: {in: {visit: paid}}, callback: error, code: 4}", "alternative 2 of pay-in-cash", "take it away"),
    ("reachability", "spec/api.yaml", "examples: [[CARD], [CASH], [SHELLS]]", "examples: [[CARD], [SHELLS]]",
     "no example leads to pay-in-cash", "Add an example of pay"),
    ("invariant", SESSION, "    effects: [note_means]\n", "", "gate-opens-for-payers is broken",
     "takes (lift-gate, line 1"),
    ("invariant", SESSION, "[{leave: {}}]", "[{assign: {visits_today: 0}}]", "nobody-outside is broken", "gate-falls"),
    ("invariant", SESSION, "visits_today], 1]", "visits_today], 2]", "one-car-a-day is broken", "takes (enter, line "),
    ("invariant", SESSION, "[{leave: {}}]", "[{set: {plate: [register, visits_today]}}, {leave: {}}]",
     "plates-stay is broken", "; gate-falls, line "),
    ("invariant", SESSION, "[{assign: {visits_today: 0}}]", "[{increase: visits_today}]", "one-car-a-day",
     "(new-day, line "),
    ("liveness", SESSION, "closing: [till_answers, hour_passes]", "closing: [new_day]", "never completes", "last"),
    ("liveness", SESSION, "to: link_up\n    requirement: lost", "requirement: lost", "again without end", "last"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "document", "old", "new", "told", "remedy"), FAULTS)
def test_a_fault_is_told(tmp_path: Path, rule: str, document: str, old: str, new: str, told: str, remedy: str) -> None:
    """One change breaks one rule; the fault names the document, the rule, what is wrong and what to do."""
    verdict = check(copied(GARAGE, tmp_path, document, old, new))
    found = next((one for one in verdict.faults if told in str(one)), None)
    assert found is not None, [str(one) for one in verdict.faults]
    assert found.rule == rule
    assert remedy in found.remedy
    assert 1 <= found.line <= (tmp_path / found.document).read_text(encoding="utf-8").count("\n")


def test_the_line_is_the_one_that_was_changed(tmp_path: Path) -> None:
    """A reference that leads nowhere is told where it stands."""
    verdict = check(copied(GARAGE, tmp_path, SESSION, "effects: [drive_off]", "effects: [drive_of]"))
    lines = (tmp_path / SESSION).read_text(encoding="utf-8").splitlines()
    assert [lines[fault.line - 1].strip() for fault in verdict.faults] == ["effects: [drive_of]"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("usual: take_identity_once", "usual: take_identity", "no effect 'take_identity'"),
        ("in: [register, collection_contents]", "in: [register, collection_content]", "'collection_content'"),
    ],
)
def test_what_a_stand_in_does_leads_somewhere(old: str, new: str, told: str, tmp_path: Path) -> None:
    """A `usual` effect, or a register in a `usual` result, that there is not is told like any other."""
    faults = [str(fault) for fault in check(copied(ROOT, tmp_path, SESSION, old, new)).faults]
    assert len(faults) == 1
    assert told in faults[0]


def test_a_row_is_shown(tmp_path: Path) -> None:
    """What two transitions both apply to is told by the states and what is known of the call."""
    verdict = check(copied(GARAGE, tmp_path, SESSION, "{const: CASH}", "{type: string}"))
    assert verdict.faults[0].counterexample == (
        "in: visit is parked, link is link_up",
        "pay: the arguments valid, attempt first, means meets {'const': 'CARD'}, means meets {'type': 'string'}, "
        "means valid",
    )


@pytest.mark.parametrize(
    ("document", "old", "new"),
    [(SESSION, "id: lift-gate\n", "id: leave\n"), ("schemas/spot.schema.json", '"type"', '"typ"')],
)
def test_a_wrong_name_is_told_where_it_stands(document: str, old: str, new: str, tmp_path: Path) -> None:
    """The line is that of the name itself, and not of what is around it."""
    fault = check(copied(GARAGE, tmp_path, document, old, new)).faults[0]
    assert new.strip() in (tmp_path / document).read_text(encoding="utf-8").splitlines()[fault.line - 1]


@pytest.mark.parametrize(("name", "told"), [("nowhere", "there is no such folder"), ("spec", "that it is in")])
def test_a_wrong_folder_is_no_broken_specification(
    name: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there, or the one below, is a fault of usage: one sentence and 4."""
    monkeypatch.chdir(GARAGE)
    assert cli.main(["spec", "check", name]) == 4
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert told in shown.err


def test_a_missing_document_is_told(tmp_path: Path) -> None:
    """A folder without a specification is a fault, not a traceback."""
    assert [fault.problem for fault in check(str(tmp_path)).faults] == ["the document is missing"] * 4


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    """A byte that is not UTF-8 is a fault with a line, whatever document it is in."""
    place = copied(GARAGE, tmp_path, SESSION, "visit:", "visit:")
    path = tmp_path / SESSION
    path.write_bytes(path.read_bytes().replace(b"Where the car is", b"Where the c\xe4r is"))
    (fault,) = check(place).faults
    line = path.read_bytes().splitlines()[fault.line - 1]
    assert (fault.document, fault.problem) == (SESSION, "there is a byte that is not UTF-8")
    assert b"\xe4" in line


def test_states_that_must_not_meet_are_searched_for(tmp_path: Path) -> None:
    """An invariant may name states that never come together; a history that leads there is told."""
    added = "invariants:\n  never-paid:\n    summary: Nobody pays.\n    requirement: paying-opens-the-way\n"
    never = f"{added}    never: {{in: {{visit: paid, gate: gate_shut}}}}\n"
    (fault,) = check(copied(GARAGE, tmp_path, "spec/invariants.yaml", "invariants:\n", never)).faults
    assert "never-paid is broken" in fault.problem
    assert len(fault.counterexample) == 2


# The embedded specification, broken ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "broken", "steps"),
    [
        ("      - delete_previous: {}\n", "      - leave: {}\n", "no-orphan", 2),
        (
            "    callback: success\n    requirement: one-anonymous-contact",
            "    callback: success\n    effects: [open_anonymous_contact]\n    requirement: one-anonymous-contact",
            "one-anonymous-contact",
            2,
        ),
        ("      - leave: {}\n", "", "nobody-after-logout", 2),
        ("      - set_once: {user_id:", "      - set: {user_id:", None, 0),
        (
            "code: 400\n    effects: [perhaps_take_attributes, perhaps_take_email]\n    requirement: user-id-never",
            "code: 400\n    effects: [perhaps_take_identity]\n    requirement: user-id-never",
            "user-id-never-changes",
            2,
        ),
        (
            "    to: identified\n    callback: success\n    effects: [open_user_contact, take_attributes]",
            "    to: identified\n    callback: success\n    effects: [take_attributes]",
            "identified-session-has-a-user",
            1,
        ),
        (
            "cancel: true\n        effects: [open_user_contact, take_attributes]",
            "cancel: true\n        effects: [take_attributes, open_user_contact]",
            "users-never-mix",
            2,
        ),
    ],
    ids=["orphan", "two anonymous", "stays after logout", "hidden by a guard", "userId", "nobody's session", "mixed"],
)
def test_an_invariant_of_the_session_is_broken(
    tmp_path: Path, old: str, new: str, broken: str | None, steps: int
) -> None:
    """A change of one effect is shown by the shortest sequence; one that a guard makes harmless is not a fault."""
    place = copied(ROOT, tmp_path, SESSION, old, new)
    sources, model = Sources.of(place), compile_model(load_specification(place))
    faults: dict[str, Fault] = {}
    for search in Search.of(model, sources):
        search.run()
        faults.update(search.faults)
    assert (broken in faults) == (broken is not None), list(faults)
    if broken is not None:
        assert len(faults[broken].counterexample) == steps, str(faults[broken])
    else:
        assert faults == {}


# Through the command line -------------------------------------------------------------------------


def test_the_command_tells_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """A specification that holds together ends with 0, and each rule is named with what was looked at."""
    assert cli.main(["spec", "check", str(GARAGE)]) == 0
    shown = capsys.readouterr().out
    assert "parking-garage 1.0 holds together." in shown
    assert all(rule in shown for rule in RULES)


def test_the_command_fails_for_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 1; the counterexample is numbered; as JSON it is the same fault."""
    place = copied(GARAGE, tmp_path, SESSION, "    effects: [note_means]\n", "")
    assert cli.main(["spec", "check", place]) == 1
    shown = capsys.readouterr().out
    assert "invariant: gate-opens-for-payers is broken" in shown
    assert '1. enterGarage("AB-12")' in shown
    assert "invariant     broken" in shown
    assert cli.main(["spec", "check", place, "--format", "json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["rule"], len(fault["counterexample"])) == ("invariant", 3)
