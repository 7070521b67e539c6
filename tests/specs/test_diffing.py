"""Two specifications are compared by what conforms to them: what breaks is told with the steps that show it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken import GARAGE, ROOT, copied

from intercom_conformance import cli
from intercom_conformance.specs import Change, diff

SESSION = "spec/session.yaml"
CASH = "      - {to: paid, callback: success, effects: [note_means]}\n      - {callback: error, code: 4}"
SEVERAL = "one_of:\n      - {callback: error, code: 5}\n      - {callback: success}\n    requirement: gate"


def test_a_specification_is_compatible_with_itself() -> None:
    """No change is found where there is none."""
    found = diff(str(GARAGE), str(GARAGE))
    assert (found.changes, found.compatible) == ((), True)
    assert (found.covered, found.events, found.walked) == (11, 11, 0)


def test_a_name_that_is_gone_is_told(tmp_path: Path) -> None:
    """Who called a method by an alias cannot any more."""
    place = copied(GARAGE, tmp_path, "spec/api.yaml", "aliases: [{name: driveIn}]", "aliases: [{name: rollIn}]")
    scenarios = tmp_path / "spec" / "scenarios" / "one.yaml"
    scenarios.write_text(scenarios.read_text(encoding="utf-8").replace("driveIn", "rollIn"), encoding="utf-8")
    found = diff(str(GARAGE), place)
    assert [(one.breaking, one.about) for one in found.changes] == [(True, "driveIn"), (False, "rollIn")]


@pytest.mark.parametrize(
    ("document", "old", "new", "about", "what", "steps"),
    [
        (SESSION, CASH, CASH.replace("callback: error", "callback: success").replace(", code: 4", ""), "payTicket",
         "pay-in-cash allowed is allowed no more", 2),
        (SESSION, "value: {path: [register, visits_today]}", "value: {const: 0}", "countVisits", "count-visits", 1),
        (SESSION, "    to: gate_open\n", "", "liftGate", "lift-gate allowed is allowed no more", 3),
        (SESSION, "do: [{leave: {}}]", "do: [{assign: {visits_today: 0}}]", "leaveGarage", "leave, gate-falls", 4),
        ("schemas/means.schema.json", '"CASH"', '"COINS"', "payTicket", "means accepts less than before", 1),
        ("schemas/count.schema.json", '"minimum": 0', '"minimum": 1', "countVisits", "may not any more", 0),
        ("spec/api.yaml", "schema: spot, optional: true}", "schema: spot}", "enterGarage", "accepts less", 0),
    ],
    ids=["answer", "value", "target", "effect", "payload", "result", "parameter"],
)  # fmt: skip
def test_what_breaks_is_told(
    tmp_path: Path, document: str, old: str, new: str, about: str, what: str, steps: int
) -> None:
    """What the old one allows and the new one does not is breaking, by a shortest sequence."""
    found = diff(str(GARAGE), copied(GARAGE, tmp_path, document, old, new))
    change = next(one for one in found.changes if one.breaking and one.about == about)
    assert what in change.what
    assert len(change.sequence) == steps, str(change)
    assert not found.compatible


ERROR = "callback: error\n    code: 5\n    requirement: gate"
EITHER = "callback: either\n    code: 5\n    requirement: gate"
BOTH = "one_of:\n      - {callback: success}\n      - {callback: error, code: 5}\n    requirement: gate"


def changed(place: Path, old: str, new: str, document: str = SESSION) -> str:
    """A copy of the garage in which every occurrence of a text is another one."""
    copied(GARAGE, place, document, old, new)
    path = place / document
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return str(place)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((ERROR, EITHER), (ERROR, BOTH)),
        ((ERROR, BOTH), (ERROR, EITHER)),
        (("link_shaky", "link_shaky"), ("link_shaky", "link_shakes")),
        (("code: 7", "code: 7"), ("code: 7", "code: 8")),
    ],
    ids=["either is both", "both are either", "a state that nobody sees", "another code"],
)
def test_what_means_the_same_is_proved_compatible(tmp_path: Path, one: tuple[str, str], other: tuple[str, str]) -> None:
    """Rows are compared by what they allow, not by how they are written: no walk is needed."""
    found = diff(changed(tmp_path / "one", *one), changed(tmp_path / "other", *other))
    assert (found.changes, found.covered, found.walked) == ((), found.events, 0)


def test_what_shows_later_is_followed(tmp_path: Path) -> None:
    """A hidden register is told by the call that it changes, and so is the event that sets it."""
    enforced = "      - assign: {verification: enforced}"
    place = copied(ROOT, tmp_path, SESSION, enforced, enforced.replace("enforced", '"off"'))
    found = diff(None, place)
    (change,) = found.changes
    assert change.breaking
    assert change.sequence[0] == "verification_enforced()"
    assert (found.covered, found.ended) == (found.events - 1, "shown")


def test_what_no_example_shows_is_not_called_proved(tmp_path: Path) -> None:
    """A row that differs, and to which no example leads, is told; the verdict says how far the walk went."""
    examples = ("examples: [[CARD], [CASH], [SHELLS]]", "examples: [[CARD]]", "spec/api.yaml")
    places = [changed(tmp_path / name, *examples) for name in ("one", "other")]
    path = tmp_path / "other" / SESSION
    path.write_text(path.read_text(encoding="utf-8").replace("error, code: 4", "success"), encoding="utf-8")
    found = diff(*places)
    assert (found.compatible, found.ended, found.covered) == (True, "whole", found.events - 1)
    assert [(one.about, "no sequence" in one.what) for one in found.changes] == [("pay", True)]


@pytest.mark.parametrize(
    ("slug", "before", "after", "breaking", "steps"),
    [
        ("cash-may-be-refused", "SHOULD", "MUST", True, 2),
        ("cash-may-be-refused", "SHOULD", "MAY", False, 0),
        ("entering-parks-the-car", "MUST", "SHOULD", False, 0),
    ],
)
def test_a_level_that_changes_is_told(
    slug: str, before: str, after: str, breaking: bool, steps: int, tmp_path: Path
) -> None:
    """Who was only warned fails when a requirement becomes a MUST; a sequence shows where. Less is compatible."""
    text = f"  {slug}:\n    level: "
    found = diff(str(GARAGE), copied(GARAGE, tmp_path, "spec/requirements.yaml", text + before, text + after))
    (change,) = found.changes
    assert (change.about, change.breaking, len(change.sequence)) == (slug, breaking, steps)
    assert f"the requirement is {after} now, and was {before}" in change.what
    assert found.compatible is not breaking


def test_arguments_that_change_places_break(tmp_path: Path) -> None:
    """Arguments are given by position: what was the first is not to become the second."""
    plate, spot = "{name: plate, schema: plate}", "{name: spotNumber, schema: spot, optional: true}"
    found = diff(
        str(GARAGE), changed(tmp_path, f"- {plate}\n      - {spot}", f"- {spot}\n      - {plate}", "spec/api.yaml")
    )
    assert "the parameter plate has another place" in [one.what for one in found.changes]


@pytest.mark.parametrize(
    ("document", "old", "new", "about"),
    [
        (SESSION, "callback: error\n    code: 5\n    requirement: gate", SEVERAL, None),
        ("spec/api.yaml", "aliases: [{name: driveIn}]", "aliases: [{name: driveIn}, {name: rollIn}]", "rollIn"),
        ("schemas/means.schema.json", '"CASH"', '"CASH", "COINS"', "payTicket"),
    ],
    ids=["choice", "alias", "payload"],
)
def test_what_only_adds_is_compatible(tmp_path: Path, document: str, old: str, new: str, about: str | None) -> None:
    """One more choice, one more name, one more value: whatever conformed still does."""
    found = diff(str(GARAGE), copied(GARAGE, tmp_path, document, old, new))
    assert found.compatible, [str(one) for one in found.changes]
    assert [one.about for one in found.changes] == ([about] if about else [])


def test_a_change_reads_well() -> None:
    """The steps are numbered below what they show."""
    change = Change(True, "payTicket", "what pay allowed is allowed no more", ("enterGarage()", "payTicket()"))
    assert str(change).splitlines() == [
        "breaking: payTicket: what pay allowed is allowed no more.",
        "    1. enterGarage()",
        "    2. payTicket()",
    ]


def test_the_command_tells_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 and compatible, or 1 and breaking; as JSON too."""
    assert cli.main(["spec", "diff", str(GARAGE), str(GARAGE)]) == 0
    assert capsys.readouterr().out.startswith("compatible: parking-garage 1.0 to parking-garage 1.0")
    place = copied(GARAGE, tmp_path, SESSION, "    to: gate_open\n", "")
    assert cli.main(["spec", "diff", str(GARAGE), place, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["compatible"], found["changes"][0]["about"]) == (False, "liftGate")
