"""The kit knows no SDK in particular: a parking garage, specified on two pages, is tested like any other."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import intercom_conformance
from intercom_conformance import cli
from intercom_conformance.kit import open_player
from intercom_conformance.oracle import Accepted, Call, Observation, Oracle, Rejected, Settlement
from intercom_conformance.results import VERDICTS, Result, Summary, summarise
from intercom_conformance.specification import Specification, SpecificationError, load_specification
from intercom_conformance.suite import Settings, catalogue, replay, run_check
from intercom_conformance.trace import Step
from intercom_reference.documents import embedded, folder

FOLDER = Path(__file__).parents[1] / "second_spec"
ENGINE = Path(intercom_conformance.__file__).parent


@pytest.fixture(scope="module")
def garage() -> Specification:
    return load_specification(str(FOLDER))


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connector can name the garage's module, and what a run leaves behind goes to a folder of its own."""
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.chdir(tmp_path)


def judged(spec: Specification, factory: str, **settings: Any) -> tuple[list[Result], Summary]:
    player = open_player(f"py:garage:{factory}", spec)
    binding = player.start()
    results = [run_check(check, player, Settings(examples=15, **settings)) for check in catalogue(spec)]
    return results, summarise(results, spec, binding)


# Reading it ---------------------------------------------------------------------------------------


def test_a_folder_is_loaded(garage: Specification) -> None:
    """Everything comes from the folder, and nothing of the embedded specification is mixed in."""
    assert (garage.name, garage.version) == ("parking-garage", "1.0")
    assert set(garage.api.by_any_name) == {
        "enterGarage", "driveIn", "payTicket", "fetchReceipt", "liftGate", "leaveGarage", "countVisits",
    }  # fmt: skip
    assert set(garage.payloads.schema_names()) == {"plate", "spot", "means", "receipt", "count"}
    assert garage.digest != load_specification().digest


def test_its_documents_are_valid_and_its_revision_is_complete(garage: Specification) -> None:
    """The revision, which only readers need, is a valid document too and freezes every requirement."""
    document = folder(FOLDER).load("spec/revisions/1.0.yaml")
    known = embedded()
    registry = jsonschema_rs.Registry([(one["$id"], one) for one in map(known.load, known.names("schemas/documents"))])
    schema = known.load("schemas/documents/revision.schema.json")
    jsonschema_rs.Draft202012Validator(schema, registry=registry).validate(document)
    assert document["requirements"] == sorted(garage.requirements)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("session.yaml", "to: parked", "to: parkt", "Did you mean 'parked'?"),
        ("session.yaml", "effects: [drive_off]", "effects: [drive_of]", "Did you mean 'drive_off'?"),
        ("session.yaml", "from: [parked, paid]", "from: [parked, payd]", "Did you mean 'paid'?"),
        ("session.yaml", "on: lift", "on: lifts", "Did you mean 'lift'?"),
        ("session.yaml", "requests: [enter", "requests: [enters", "Did you mean 'enter'?"),
        ("session.yaml", "closing: [till_answers", "closing: [till_answer", "Did you mean 'till_answers'?"),
        ("session.yaml", "in: {gate: gate_open}", "in: {gates: gate_open}", "Did you mean 'gate'?"),
        ("session.yaml", "{not: {in: {visit: paid", "{not: {in: {visit: parkd", "Did you mean 'parked'?"),
        ("session.yaml", "fact: fully_booked", "fact: fuly_booked", "Did you mean 'fully_booked'?"),
        ("session.yaml", "not: fully_booked", "not: full_booked", "Did you mean 'fully_booked'?"),
        (
            "session.yaml",
            "condition: answered, argument",
            "condition: answer, argument",
            "Did you mean 'answered'?",
        ),
        ("session.yaml", "invalid: means", "invalid: mean", "Did you mean 'means'?"),
        ("session.yaml", "{event: enter,", "{event: enters,", "Did you mean 'enter'?"),
        ("api.yaml", "schema: means}", "schema: mean}", "Did you mean 'means'?"),
        ("api.yaml", "capability: receipts", "capability: receipt", "Did you mean 'receipts'?"),
        (
            "requirements.yaml",
            "refused:\n    level: SHOULD",
            "refused:\n    level: CAN",
            "at requirements/cash-may-be-refused/level",
        ),
    ],
)
def test_a_mistake_in_it_is_told(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    """A name that does not exist is refused with the one that was probably meant."""
    for path in (path for path in FOLDER.rglob("*") if path.suffix in (".yaml", ".json")):
        copied = tmp_path / path.relative_to(FOLDER)
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        assert path.name != file or old in text
        copied.write_text(text.replace(old, new) if path.name == file else text, encoding="utf-8")
    with pytest.raises(SpecificationError, match=re.escape(told)):
        load_specification(str(tmp_path))


def test_a_statechart_needs_no_conditions_facts_groups_and_world(tmp_path: Path) -> None:
    """What a chart has no use for may be left out, down to a lamp that is on or off."""
    write_lamp(tmp_path)
    lamp = load_specification(str(tmp_path))
    player = open_player("py:garage:Lamp", lamp)
    binding = player.start()
    results = [run_check(check, player, Settings(examples=5)) for check in catalogue(lamp)]
    assert {result.verdict for result in results} == {"passed"}
    assert summarise(results, lamp, binding).transitions == {"switch-on", "switch-off"}


# Judging by it ------------------------------------------------------------------------------------


def test_the_oracle_judges_by_it(garage: Specification) -> None:
    """A step of the garage is expanded and compared, with the value that success carries."""
    oracle = Oracle.of(garage)
    called = oracle.model.call("c1", "driveIn", ["AB-12"], frozenset(["success", "error"]))
    entered = oracle.judge(oracle.initial(), called, Observation((Settlement("c1", "success"),)))
    assert isinstance(entered, Accepted)
    assert [one.states for one in entered.configurations] == [("parked", "gate_shut", "link_up")]
    assert entered.exercised >= {"entering-parks-the-car", "stays-are-recorded"}
    verdict = oracle.judge(entered.configurations, receipt(oracle), answered({"plate": "CD-3", "means": None}))
    assert isinstance(verdict, Rejected)
    assert verdict.broken[0].requirement == "receipt-names-the-car"


def receipt(oracle: Oracle) -> Call:
    return oracle.model.call("c2", "fetchReceipt", [], frozenset(["success", "error"]))


def answered(value: Any) -> Observation:
    return Observation((Settlement("c2", "success", value),))


def test_what_success_carries_is_what_held_when_the_call_was_answered(garage: Specification) -> None:
    """A receipt and a payment wait; the receipt comes first, and so does not know of the payment yet."""
    outcome = replay_on(
        garage,
        "Garage",
        Step("enterGarage", ("AB-12",)),
        Step("till_is_silent", (), ()),
        Step("fetchReceipt"),
        Step("payTicket", ("CARD",)),
        Step("till_answers", (), ()),
    )
    assert outcome.verdict == "passed"


def replay_on(spec: Specification, factory: str, *trace: Step) -> Result:
    player = open_player(f"py:garage:{factory}", spec)
    player.start()
    return replay(player, trace)


def test_the_right_garage_passes_everything(garage: Specification) -> None:
    """Every check passes, every transition is reached, and every requirement on SDKs is judged."""
    results, summary = judged(garage, "Garage")
    assert [result.check for result in results if result.verdict != "passed"] == []
    assert summary.transitions == {one["id"] for one in garage.chart["transitions"]}
    unjudged = {slug: verdict for slug, verdict in summary.requirements.items() if verdict != "passed"}
    assert unjudged == {"paint-is-yellow": "waived"}


@pytest.mark.parametrize(
    ("factory", "requirement", "kind", "calls"),
    [
        ("TrustingGarage", "gate-opens-when-paid", "callback_wrong", ["liftGate()"]),
        (
            "HastyGarage",
            "nothing-before-the-till-answers",
            "callback_early",
            ["enterGarage(", "till_is_silent()", "fetchReceipt()"],
        ),
        ("RudeGarage", "arguments-are-checked", "callback_wrong", ["enterGarage("]),
    ],
)
def test_a_wrong_garage_is_caught(
    garage: Specification, factory: str, requirement: str, kind: str, calls: list[str]
) -> None:
    """Each fault is found under its requirement, by a trace as short as can be."""
    _, summary = judged(garage, factory)
    found = {(finding.requirement, finding.kind): finding for finding in summary.findings}
    assert (requirement, kind) in found
    steps = [step.call.replace("driveIn", "enterGarage") for step in found[requirement, kind].steps]
    assert len(steps) == len(calls), steps
    assert all(step.startswith(call) for step, call in zip(steps, calls, strict=True)), steps
    assert summary.requirements[requirement] == "failed"


# Through the command line -------------------------------------------------------------------------


def test_the_command_line_takes_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """A run against another specification reports its requirements, sentences and transitions."""
    code = cli.main(["run", "py:garage:Garage", "--spec", str(FOLDER), "--examples", "5"])
    shown = capsys.readouterr().out
    assert code == 0
    assert "parking-garage 1.0" in shown
    assert "transitions 25/25" in shown


def test_the_command_line_reports_a_fault_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The fault is told in the words of the garage's own requirement, and can be seen again."""
    options = ["--spec", str(FOLDER), "--examples", "5", "--format", "json"]
    assert cli.main(["run", "py:garage:TrustingGarage", *options]) == 1
    report = json.loads(capsys.readouterr().out)
    findings = [finding for check in report["checks"] for finding in check["findings"]]
    sentences = {finding["sentence"] for finding in findings}
    assert "The gate opens once the stay is paid, and not before." in sentences
    again = cli.main(["replay", findings[0]["id"], "py:garage:TrustingGarage", "--spec", str(FOLDER)])
    assert again == 1
    assert findings[0]["requirement"] in capsys.readouterr().out


def test_the_commands_of_a_fault_name_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """What a report says to type works as it stands: it names the specification too."""
    cli.main(["run", "py:garage:TrustingGarage", "--spec", str(FOLDER), "--examples", "5"])
    hints = [
        line.split() for line in capsys.readouterr().out.splitlines() if line.startswith(("  replay", "  explain"))
    ]
    assert {hint[0] for hint in hints} == {"replay", "explain"}
    for _, _, *arguments in hints:
        assert cli.main(arguments) == (1 if arguments[0] == "replay" else 0)
    capsys.readouterr()


def test_the_reference_is_no_garage(capsys: pytest.CaptureFixture[str]) -> None:
    """The reference, and with it every wrapper's native SDK, is one of another specification: both are refused."""
    assert cli.main(["run", "reference:", "--spec", str(FOLDER)]) == 4
    assert "the reference is none of parking-garage" in capsys.readouterr().err
    assert cli.main(["run", "py:garage:RemoteGarage", "--spec", str(FOLDER)]) == 6
    assert "nothing plays the native SDK of parking-garage" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["list", "requirements"], "gate-opens-when-paid"),
        (["list", "checks"], "alias/driveIn"),
        (["explain", "one-car-a-day"], "The second car of a day is refused."),
    ],
)
def test_other_verbs_take_the_folder(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What there is, and what it means, can be asked of another specification too."""
    assert cli.main([*arguments, "--spec", str(FOLDER)]) == 0
    assert told in capsys.readouterr().out


# The engine has none of the words of spec/ --------------------------------------------------------


def names_of(spec: Specification) -> Iterator[str]:
    """Every name that a specification gives to something."""
    chart = spec.chart
    for method in spec.api.methods.values():
        yield from (method.name, *method.aliases, method.event)
        yield from (parameter.name for parameter in method.parameters)
    for region, body in chart["regions"].items():
        yield from (region, *body["states"])
    for part in ("environment", "registers", "facts", "conditions", "effects", "groups", "records"):
        yield from chart.get(part, {})
    yield from (field for blank in chart["records"].values() for field in blank)
    for schema in spec.payloads.schema_names():
        yield from properties(spec.payloads.schema(schema))


def properties(schema: Any) -> Iterator[str]:
    """The names of the properties in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (
            name for key, part in schema.items() if key not in ("examples", "const") for name in properties(part)
        )
    elif isinstance(schema, list):
        yield from (name for part in schema for name in properties(part))


def engine_files() -> list[Path]:
    foreign = (ENGINE / "bindings", ENGINE / "templates" / "python", ENGINE / "fakes" / "python")
    files = sorted(path for path in ENGINE.rglob("*.py") if not {*foreign} & {*path.parents})
    assert len(files) > 30
    return files


def words_and_texts(path: Path) -> tuple[set[str], set[str]]:
    """The words of a module, and its texts; the help of a verb may show examples of the embedded one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.parent.name == "commands":
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                node.body = node.body[1:] or [ast.Pass()]
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return set(re.findall(r"\w+", ast.unparse(tree))), {one for one in constants if isinstance(one, str)}


def test_the_engine_has_no_word_of_the_specification() -> None:
    """No name with an inner capital or an underscore stands anywhere in the engine."""
    unmistakable = {name for name in names_of(load_specification()) if re.search(r"[a-z][A-Z]|\w_\w", name)}
    assert {"loginUserWithUserAttributes", "logged_out", "userId", "user_hash", "network_up"} <= unmistakable
    found = {path.name: words_and_texts(path)[0] & unmistakable for path in engine_files()}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_engine_compares_with_no_state_or_method() -> None:
    """No text in the engine is a state or a method, save the kit's own words: verdicts and the protocol's."""
    spec = load_specification()
    states = {state for body in spec.chart["regions"].values() for state in body["states"]}
    foreign = (states | set(spec.api.by_any_name)) - {*VERDICTS, "reset", "held"}
    found = {path.name: words_and_texts(path)[1] & foreign for path in engine_files()}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_the_search_for_words_would_find_one(tmp_path: Path) -> None:
    """The two tests above are not blind."""
    module = tmp_path / "module.py"
    module.write_text('def user(state):\n    """About logged_out."""\n    return state == "identified"\n')
    assert words_and_texts(module) == (
        {"def", "user", "state", "About", "logged_out", "return", "identified"},
        {"About logged_out.", "identified"},
    )


# A lamp -------------------------------------------------------------------------------------------


def write_lamp(place: Path) -> None:
    """Writes the smallest specification there is: no facts, conditions, world, registers or effects."""
    contract = folder(FOLDER).load("spec/api.yaml")["contract"]
    slug = "lamp-switches"
    rule = {"level": "MUST", "on": "sdk", "sentence": "A lamp is switched.", "source": "the switch"}
    documents: dict[str, Any] = {
        "session": {
            "chart": "lamp",
            "version": "1.0",
            "regions": {"light": {"summary": "The light.", "initial": "dark", "states": ["dark", "bright"]}},
            "environment": {},
            "records": {"bulbs": {"watts": None}},
            "registers": {},
            "effects": {},
            "transitions": [
                {**switch("switch-on"), "from": "dark", "to": "bright", "callback": "success"},
                {**switch("switch-off"), "from": "bright", "to": "dark", "callback": "success"},
            ],
        },
        "api": {
            "api": "lamp",
            "version": "1.0",
            "contract": dict.fromkeys(contract, slug),
            "error_codes": [],
            "methods": {"toggle": toggle()},
        },
        "requirements": {"requirements": {slug: rule}},
        "capabilities": {"capabilities": {"light": {"sentence": "It shines.", "needed_for": [slug]}}},
    }
    (place / "spec").mkdir()
    (place / "schemas").mkdir()
    for name, document in documents.items():
        (place / "spec" / f"{name}.yaml").write_text(json.dumps(document), encoding="utf-8")


def switch(slug: str) -> dict[str, str]:
    return {"id": slug, "region": "light", "on": "toggle", "requirement": "lamp-switches"}


def toggle() -> dict[str, Any]:
    told = {"summary": "Switches the lamp.", "source": "the switch", "event": "toggle", "since": "1.0"}
    return {**told, "capability": "light", "parameters": [], "examples": [[]]}
