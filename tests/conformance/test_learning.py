"""What a binding is learned to be: right ones are what the specification says, wrong ones are told by sequences."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pydot
import pytest
from learned_subjects import Fickle
from test_second_spec import write_lamp

from intercom_conformance import cli
from intercom_conformance.kit import open_player
from intercom_conformance.learning.comparing import contrast
from intercom_conformance.learning.deviating import Specified
from intercom_conformance.learning.learner import Plan, learn
from intercom_conformance.learning.models import BadMachine, Model, Models, read
from intercom_conformance.learning.parts import Limits, Part, learn_parts, part_names, part_of
from intercom_conformance.learning.subject import Budget, Subject
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite.complete import Machine

TESTS = Path(__file__).parents[1]
GARAGE = TESTS / "second_spec"
SPEC = load_specification()
PLAN = Plan(tests=40)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connector can name the subjects' modules, and what is left behind goes to a folder of its own."""
    monkeypatch.syspath_prepend(GARAGE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def lamp(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the smallest specification there is: a light with a switch."""
    place = tmp_path_factory.mktemp("lamp")
    write_lamp(place)
    return str(place)


def learned(connector: str, part: str, spec: Specification = SPEC, plan: Plan = PLAN, **limits: Any) -> Part:
    player = open_player(connector, spec)
    player.start()
    try:
        return next(learn_parts(player, [part], plan, Limits(**limits)))
    finally:
        player.stop()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["learn", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


# Against the specification ------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["launcher", "in_app_messages", "calls"])
def test_the_reference_is_what_the_specification_says(part: str) -> None:
    """No difference, no prediction that does not come true, nothing cut short, nothing left unjudged."""
    found = learned("reference:", part)
    assert found.model.complete
    assert (found.result.verdict, found.result.findings, found.dropped, found.unjudged) == ("passed", (), 0, False)


@pytest.mark.parametrize(
    "connector", ["py:miniatures.wrong_wrappers:FaithfulWrapper", "py:miniatures.wrong_wrappers:UntoldWrapper"]
)
def test_right_wrappers_have_no_deviation(connector: str) -> None:
    """The kit stands on both sides of a wrapper here too; what no wrapper can know is no deviation."""
    found = learned(connector, "in_app_messages")
    assert found.model.complete
    assert (found.result.verdict, found.dropped) == ("passed", 0)


def test_a_binding_that_tells_no_outcomes_is_learned_by_what_it_does() -> None:
    """No callback is missed of an API that has none, and its calls go beyond the first."""
    found = learned("py:test_style_none:Mute", "session")
    assert found.model.complete
    assert found.model.size > 10
    assert (found.result.verdict, found.dropped) == ("passed", 0)


@pytest.mark.parametrize(
    ("miniature", "part", "requirement", "steps"),
    [
        ("wrong_sdks:LauncherStays", "launcher", "launcher-visibility", 2),
        ("wrong_sdks:InAppMessagesStay", "in_app_messages", "in-app-visibility", 1),
        ("wrong_sdks:LogoutOrphans", "in_app_messages", "no-orphan-on-logout", 2),
        ("wrong_sdks:SecondAnonymousContact", "in_app_messages", "one-anonymous-contact", 2),
        ("wrong_sdks:AnonymousContactRemains", "in_app_messages", "anonymous-contact-disappears", 2),
        ("wrong_sdks:ErrorCodeOfItsOwn", "calls", "error-codes-are-documented", 1),
        ("wrong_wrappers:FailureHidden", "calls", "failure-is-reported", 1),
    ],
)
def test_a_wrong_one_is_told(miniature: str, part: str, requirement: str, steps: int) -> None:
    """The fault is found under its requirement, and shown by a sequence as short as can be."""
    found = learned(f"py:miniatures.{miniature}", part)
    sequences = {one.requirement: one.steps for one in found.result.findings}
    assert found.result.verdict == "failed"
    assert requirement in sequences
    assert len(sequences[requirement]) == steps


def test_a_machine_that_differs_anywhere_deviates() -> None:
    """Each output of a right machine that is exchanged for a wrong one is predicted to deviate, by a shortest word."""
    model = learned("reference:", "launcher").model
    assert model.machine is not None
    player = open_player("reference:", SPEC)
    specified = Specified(model.inputs, player.oracle, player.start())
    assert specified.against(model.machine).deviations == ()
    for number in model.machine.inputs:
        output, target = model.machine.rows[0][number]
        wrong = attrs.evolve(output, callbacks=((0, "error"),))
        found = specified.against(Machine([{**model.machine.rows[0], number: (wrong, target)}], model.machine.inputs))
        assert [one.word for one in found.deviations] == [(number,)]


def test_a_prediction_that_does_not_come_true_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the machine shows is no finding: it is played first, and counted if the binding does otherwise."""
    import intercom_conformance.learning.parts as parts

    def misled(subject: Subject, *others: Any) -> Any:
        found = learn(subject, *others)
        assert found.machine is not None
        row = {
            one: (attrs.evolve(output, callbacks=((0, "error"),)), target)
            for one, (output, target) in found.machine.rows[0].items()
        }
        return attrs.evolve(found, machine=Machine([row], found.machine.inputs))

    monkeypatch.setattr(parts, "learn", misled)
    found = learned("reference:", "launcher")
    assert (found.result.findings, found.dropped) == ((), 1)


def test_what_is_left_open_is_told_as_a_choice() -> None:
    """What the binding does where the sources say nothing is recorded, by transition, and is no deviation."""
    chosen = {one.transition: one.chosen for one in learned("reference:", "in_app_messages").choices}
    assert chosen["anonymous-login-while-identified"] == "error"
    assert "logout-when-logged-out" in chosen


def test_the_second_specification_is_learned(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is about one SDK: a right garage has no deviation, one that trusts everybody has."""
    code, out, _ = told(capsys, "py:garage:Garage", "--spec", str(GARAGE))
    assert code == 0
    assert "parking-garage 1.0 against garage 3: 0 deviations" in out
    code, out, _ = told(capsys, "py:garage:TrustingGarage", "--spec", str(GARAGE), "--part", "gate")
    assert code == 1
    assert out.startswith("FAILED  gate-opens-when-paid")
    assert "    1  liftGate()   success\n" in out


def test_a_deviation_can_be_seen_again(capsys: pytest.CaptureFixture[str]) -> None:
    """What the report says to type works as it stands."""
    _, out, _ = told(capsys, "py:garage:TrustingGarage", "--spec", str(GARAGE), "--part", "gate")
    replay = next(line.split() for line in out.splitlines() if line.startswith("  replay"))
    assert cli.main(replay[2:]) == 1
    assert "gate-opens-when-paid" in capsys.readouterr().out


# What is no machine -------------------------------------------------------------------------------


def test_a_hidden_state_is_learned(lamp: str) -> None:
    """A lamp that fails every third time has more states than the specification, and that is found."""
    found = learned("py:learned_subjects:Lazy", "light", load_specification(lamp))
    assert found.model.size > 2
    assert [len(one.trace) for one in found.result.findings] == [3]


def test_what_is_not_deterministic_is_told(lamp: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same sequence was answered in two ways: both are shown, and the exit code tells of it."""
    Fickle.asked[0] = 0
    code, out, _ = told(capsys, "py:learned_subjects:Fickle", "--spec", lamp)
    assert code == 1
    assert "INCOMPLETE  it is not deterministic" in out
    assert "NOT DETERMINISTIC: the same sequence, from a reset each time" in out
    assert "success; light bright" in out
    assert "error; light dark" in out


@pytest.mark.parametrize(
    ("options", "bound"),
    [
        (["--max-steps", "50"], "stopped after 50 steps, when "),
        (["--max-states", "5"], "stopped after 5 states, when 5 states were told apart: it may have more states"),
        (["--seconds", "0.3", "--max-states", "100000", "--max-steps", "10000000"], "stopped after its time, when "),
    ],
)
def test_a_bound_is_told(options: Sequence[str], bound: str, lamp: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A lamp that never shows the same twice is not learned to its end, and nothing pretends that it was."""
    code, out, _ = told(capsys, "py:learned_subjects:Counting", "--spec", lamp, *options)
    assert f"INCOMPLETE  {bound}" in out
    assert f"for more    a higher {options[0]}\n" in out
    assert "INCOMPLETE: light: see above" in out
    assert code == 1  # it shows states that the specification does not have


def test_no_more_steps_are_played_than_allowed(lamp: str) -> None:
    """The budget counts what is asked of the binding, prefixes that are played again included."""
    player = open_player("py:learned_subjects:Counting", load_specification(lamp))
    player.start()
    budget = Budget(77, until=float("inf"))
    subject = Subject(player, part_of(player.spec, "light"), budget, lambda outcome: None)
    cut = learn(subject, PLAN).cut
    assert cut is not None
    assert cut.bound == "77 steps"
    assert (budget.spent, player.steps_played) == (77, 77)


def test_all_inputs_of_the_specification_at_once_are_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for ever: the bound holds, what was seen and what was not is told, and it is no success."""
    options = ["--part", "whole", "--max-states", "40"]
    code, out, err = told(capsys, *options)
    assert (code, err) == (5, "")
    assert "INCOMPLETE  stopped after 40 states, when 40 states were told apart: it may have more states" in out
    assert "transitions that it is about, not " in " ".join(out.split())
    assert "a higher --max-states; or learn its parts" in " ".join(out.split())
    part = json.loads(told(capsys, *options, "--format", "json")[1])["parts"][0]
    assert (part["complete"], len(part["not_seen"]) > 6) == (False, True)


def test_what_a_cut_machine_predicts_is_not_played_after_its_time() -> None:
    """A first guess of all inputs at once predicts much that is not so; no time is spent on that, and it is told."""
    found = learned("reference:", "whole", plan=Plan(tests=40, states=100_000), seconds=4.0, steps=10_000_000)
    assert (found.option, found.model.size, found.dropped) == ("--seconds", 1, 0)
    assert found.unplayed > 0


def test_an_incomplete_comparison_is_no_success(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two that did the same until a bound came have not been shown to do the same."""
    options = ["--spec", str(GARAGE), "--part", "gate", "--max-steps", "120"]
    code, out, _ = told(capsys, "py:garage:Garage", "--against", str(exported), *options)
    assert (code, "0 differences" in out, "INCOMPLETE" in out) == (5, True, True)


def test_who_wants_to_know_more_hears_how_it_goes(lamp: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With -v, how many states are told apart by now, and the wire of the first fault, on the standard error."""
    subject = f"cmd:{sys.executable} {TESTS / 'conformance' / 'learned_subjects.py'} Falling"
    code, out, err = told(capsys, subject, "--spec", lamp, "--tests", "3", "-v")
    assert code == 1
    assert "light: 2 states told apart, 3 steps\n" in err
    assert 'kit -> driver {"jsonrpc"' in err
    assert "kit -> driver" not in out


def test_a_debugger_needs_somebody_to_press_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal nothing waits for one."""
    code, _, err = told(capsys, "--debug-driver")
    assert code == 4
    assert "--debug-driver waits for Enter" in err


def test_nothing_learned_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """A bound that comes before the first machine proves nothing."""
    options = ["--spec", str(GARAGE), "--part", "gate", "--max-steps", "2"]
    code, out, _ = told(capsys, "py:garage:Garage", *options)
    assert code == 5
    assert "0 states" in out


def test_a_crash_is_part_of_the_machine(lamp: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A driver that goes down is started anew, blamed for the step, and learned on."""
    subject = f"cmd:{sys.executable} {TESTS / 'conformance' / 'learned_subjects.py'} Falling"
    code, out, _ = told(capsys, subject, "--spec", lamp, "--tests", "3", "--format", "table")
    assert code == 1
    rows = [line.split("\t") for line in out.splitlines()[1:]]
    assert [row[3] for row in rows] == ["success", "crashed", "is down"]


def test_a_hang_is_part_of_the_machine(lamp: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What never comes back costs its time-out once, and is told as that."""
    subject = f"cmd:{sys.executable} {TESTS / 'conformance' / 'learned_subjects.py'} Hanging"
    code, out, _ = told(capsys, subject, "--spec", lamp, "--timeout", "0.5", "--tests", "3", "--format", "table")
    assert code == 1
    assert [line.split("\t")[3] for line in out.splitlines()[1:]] == ["success", "timed out", "is down"]


def test_what_hangs_again_and_again_is_asked_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Each time costs its time-out: the input is left out, which is told, and the others are learned."""
    subject = f"cmd:{sys.executable} {TESTS / 'conformance' / 'learned_subjects.py'} Mute"
    options = ["--spec", str(GARAGE), "--part", "calls", "--timeout", "0.5", "--tests", "3"]
    code, out, _ = told(capsys, subject, *options)
    assert code == 1
    assert "left out    fetchReceipt()   timed out 3 times" in out
    assert "4 inputs" in out


def test_a_snapshot_of_no_shape_breaks_nothing(lamp: str) -> None:
    """What a binding shows is judged, whatever it is, and the learning comes to its end."""
    found = learned("py:learned_subjects:Shapeless", "light", load_specification(lamp))
    assert found.result.verdict == "failed"


def test_chance_is_the_learners_own() -> None:
    """A binding that seeds the process's chance at each reset neither weakens the tests nor is disturbed."""
    garage = load_specification(str(GARAGE))
    random.seed(1)
    plain = learned("py:garage:Garage", "visit", garage)
    assert random.random() == random.Random(1).random()
    seeding = learned("py:learned_subjects:Seeding", "visit", garage)
    assert (seeding.words, seeding.result.steps) == (plain.words, plain.result.steps)


def test_the_same_seed_learns_the_same(tmp_path: Path) -> None:
    """Nothing depends on how a process orders its sets."""
    written = []
    for hashing in ("1", "2"):
        options = ["--spec", str(GARAGE), "--part", "gate", "--tests", "40", "--export", "m.json"]
        command = [sys.executable, "-m", "intercom_conformance", "learn", "py:garage:Garage", *options]
        environment = {**os.environ, "PYTHONHASHSEED": hashing, "PYTHONPATH": str(GARAGE)}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        written.append((tmp_path / "m.json").read_text("utf-8"))
    assert written[0] == written[1]


# Exports ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The machine of the garage's gate, as a file."""
    path = tmp_path_factory.mktemp("machines") / "gate.json"
    sys.path.insert(0, str(GARAGE))
    code = cli.main(
        ["learn", "py:garage:Garage", "--spec", str(GARAGE), "--part", "gate", "--tests", "40", "--export", str(path)]
    )
    assert code == 0
    return path


def of_gate(models: Models) -> Model:
    return models.parts["gate"]


def test_an_export_is_read_again(exported: Path) -> None:
    """The file holds the machine that was learned, to the last step."""
    garage = load_specification(str(GARAGE))
    again, fresh = of_gate(read(str(exported), garage)), learned("py:garage:Garage", "gate", garage).model
    assert again.machine is not None
    assert fresh.machine is not None
    assert (again.machine.rows, again.complete) == (fresh.machine.rows, True)
    assert contrast(again, fresh).differences == ()


# The library that reads the diagram uses names that its own library has given up.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("ending", ["dot", "gv", "mmd", "tsv"])
def test_an_export_has_every_state(ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Diagrams and the table name each state; Graphviz' own reader takes the diagram."""
    options = ["--spec", str(GARAGE), "--part", "gate", "--tests", "40"]
    told(capsys, "py:garage:Garage", *options, "--export", f"gate.{ending}")
    text = Path(f"gate.{ending}").read_text("utf-8")
    size = learned("py:garage:Garage", "gate", load_specification(str(GARAGE))).model.size
    assert size > 2
    name = {"dot": '"gate.{}" [', "gv": '"gate.{}" [', "mmd": "gate_{} : ", "tsv": "gate\t{}\t"}[ending]
    assert [name.format(state) in text for state in range(size)] == [True] * size
    if ending == "dot":
        graph = pydot.graph_from_dot_data(text)[0]
        assert len(graph.get_subgraphs()[0].get_nodes()) == size


def test_an_unknown_ending_is_refused_before_anything_is_learned(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for minutes to be told that the file has a wrong name."""
    code, out, err = told(capsys, "--export", "machine.pdf")
    assert (code, out) == (4, "")
    assert "The ending of machine.pdf tells no format. Use one of .json" in err


def broken(exported: Path, **changes: Any) -> str:
    document = json.loads(exported.read_text("utf-8"))
    document["parts"][0].update(changes)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"states": [[[0, 0, 9]]]}, "state 0 names an input, an output or a state that is not there"),
        ({"states": [[[0, 0, 0], [0, 0, 0]]]}, "state 0 does not answer each input once"),
        ({"states": [[[0, 0]]]}, "at parts/0/states/0/0"),
        ({"outputs": [{"callbacks": [{"age": 0, "callback": "both"}]}]}, "at parts/0/outputs/0"),
        ({"left_out": [{"input": 99, "why": ""}]}, "an input is left out that is not there"),
        ({"inputs": [{"liftGat": []}]}, "Did you mean 'liftGate'?"),
    ],
)
def test_a_file_that_holds_no_machine_is_refused(
    changes: dict[str, Any], problem: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the place, and nothing is started."""
    Path("wrong.json").write_text(broken(exported, **changes), "utf-8")
    code, _, err = told(capsys, "wrong.json", "--against", "py:garage:Nobody", "--spec", str(GARAGE))
    assert code == 4
    assert problem in err


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "the nesting is too deep"),
        ('{"machine": 1, "machine": 1}', "stands twice"),
        ('{"machine": NaN}', "NaN is not JSON"),
        ('{"machine": 2}', "it has version 2, and this kit reads version 1"),
        ("[]", "at the top"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_hostile_file_is_refused(text: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in the file, the answer is a sentence and an exit code for usage."""
    Path("hostile.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    code, _, err = told(capsys, "hostile.json", "--against", "reference:")
    assert code == 4
    assert problem in err


def test_a_machine_of_another_specification_is_refused(exported: Path) -> None:
    """Its inputs would mean nothing here."""
    with pytest.raises(BadMachine, match="it was learned with the specification 'parking-garage'"):
        read(str(exported), SPEC)


# Two bindings -------------------------------------------------------------------------------------


def test_two_bindings_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """The shortest sequence that both answer differently, played on both, with what each does."""
    wrong = "py:garage:TrustingGarage"
    code, out, _ = told(capsys, "py:garage:Garage", "--against", wrong, "--spec", str(GARAGE), "--part", "gate")
    assert code == 1
    assert out.startswith(f"py:garage:Garage  against  {wrong}\n\n1. callbacks; gate of liftGate\n    1  liftGate()\n")
    assert "       one    error; gate is gate_shut\n       other  success; gate is gate_open\n" in out
    assert "not reproduced" not in out


def test_a_binding_is_compared_with_a_file(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that is there is played, the file is believed; data have the sequences."""
    arguments = [str(exported), "--against", "py:garage:TrustingGarage", "--spec", str(GARAGE), "--part", "gate"]
    code, out, _ = told(capsys, *arguments)
    assert code == 1
    assert f"Not played again, since it is a file: garage 3, from {exported}" in out
    code, out, _ = told(capsys, *arguments, "--format", "json")
    found = json.loads(out)["parts"][0]["differences"]
    assert [{"liftGate": []}] in [one["sequence"] for one in found]


def test_two_that_do_the_same_do_not_differ(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A binding against its own machine, and a file against itself."""
    options = ["--spec", str(GARAGE), "--part", "gate"]
    for one in ("py:garage:Garage", str(exported)):
        code, out, _ = told(capsys, one, "--against", str(exported), *options)
        assert code == 0
        assert "0 differences in 4 inputs that both have" in out


def test_machines_without_a_common_part_are_not_equal(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to compare is an error, and no success."""
    options = ["--spec", str(GARAGE), "--part", "visit"]
    code, _, err = told(capsys, str(exported), "--against", str(exported), *options)
    assert code == 4
    assert "share no inputs of a part" in err


# Usage --------------------------------------------------------------------------------------------


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the part that was probably meant."""
    code, _, err = told(capsys, "--part", "sesion")
    assert code == 4
    assert "There is no part 'sesion'. Did you mean 'session'?" in err


def test_the_missing_library_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The base install has no AALpy; the error names the extra."""
    monkeypatch.setitem(sys.modules, "aalpy", None)
    code, _, err = told(capsys)
    assert code == 4
    assert "pip install 'intercom-conformance[learn]'" in err


def test_a_binding_that_does_not_start_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """It has an exit code of its own."""
    code, _, err = told(capsys, f"cmd:{sys.executable} -c pass")
    assert code == 6
    assert "ended" in err or "not started" in err


def test_the_whole_has_the_inputs_of_all_parts() -> None:
    """Where a binding is small enough, everything can be learned at once."""
    garage = load_specification(str(GARAGE))
    every = {repr((one.name, one.arguments)) for name in part_names(garage) for one in part_of(garage, name).inputs}
    whole = [repr((one.name, one.arguments)) for one in part_of(garage, "whole").inputs]
    assert len(whole) == len(set(whole))
    assert set(whole) == every
