"""Complete suites kill every machine that is wrong, are no larger than a library's, and say what they prove."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

import pytest
from aalpy.automata import MealyMachine
from library_suite import library_suite
from miniatures.wrong_sdks import Miniature, give

from intercom_conformance.cli import main
from intercom_conformance.kit import open_player
from intercom_conformance.results import Result
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.complete import METHODS, BoundTooLow, Machine, hsi_suite, minimised, wp_suite
from intercom_reference.client import Client

SPEC = load_specification()
CHECKS = {check.id: check for check in catalogue(SPEC)}
Edges = dict[int, dict[int, tuple[Any, int]]]
Suite = Callable[[Machine, int], Sequence[tuple[int, ...]]]

SIZES = [(3, 2), (5, 3), (8, 4)]
"""States and inputs of the machines that the methods are tried on."""


def random_edges(states: int, inputs: int, seed: int) -> Edges:
    chance = random.Random(seed)
    return {
        state: {one: (chance.choice("ab"), chance.randrange(states)) for one in range(inputs)}
        for state in range(states)
    }


@cache
def machine_of(states: int, inputs: int) -> Machine:
    """A minimal machine of that size, all states of which can be reached."""
    for seed in range(1000):
        edges = random_edges(states, inputs, seed)
        reached, ways = {0}, [0]
        while ways:
            targets = {target for _, target in edges[ways.pop()].values()} - reached
            reached |= targets
            ways += targets
        machine = minimised(edges, range(inputs))
        if len(reached) == machine.size == states:
            return machine
    raise AssertionError("no machine of that size was found")


def edges_of(machine: Machine) -> Edges:
    return {state: dict(row) for state, row in enumerate(machine.rows)}


def mutants(machine: Machine, kind: str) -> Iterator[Machine]:
    """Every machine with one change of a kind: an output, a target, or a step that does nothing any more."""
    for state, row in edges_of(machine).items():
        for one, (said, target) in row.items():
            others = {
                "output": [("z", target)],
                "target": [(said, other) for other in range(machine.size) if other != target],
                "missing": [("nothing", state)],
            }
            for edge in others[kind]:
                changed = edges_of(machine)
                changed[state][one] = edge
                yield Machine([changed[number] for number in range(machine.size)], machine.inputs)


def is_equal(one: Machine, other: Machine) -> bool:
    """Whether two machines do the same, by going through their product."""
    seen, queue = {(0, 0)}, [(0, 0)]
    while queue:
        left, right = queue.pop()
        for letter in one.inputs:
            (said, there), (replied, elsewhere) = one.rows[left][letter], other.rows[right][letter]
            if said != replied:
                return False
            if (there, elsewhere) not in seen:
                seen.add((there, elsewhere))
                queue.append((there, elsewhere))
    return True


def kills(suite: Sequence[tuple[int, ...]], machine: Machine, mutant: Machine) -> bool:
    return any(machine.outputs(test) != mutant.outputs(test) for test in suite)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["output", "target", "missing"])
@pytest.mark.parametrize("suite", METHODS.values(), ids=METHODS)
def test_every_single_mutant_is_killed(suite: Suite, kind: str, size: tuple[int, int]) -> None:
    """A suite without further states finds each machine with one change that makes a difference."""
    machine = machine_of(*size)
    tests = suite(machine, machine.size)
    wrong = [mutant for mutant in mutants(machine, kind) if not is_equal(machine, mutant)]
    assert wrong
    assert all(kills(tests, machine, mutant) for mutant in wrong)


@pytest.mark.parametrize("suite", METHODS.values(), ids=METHODS)
def test_one_more_state_takes_a_longer_suite(suite: Suite) -> None:
    """A system that goes wrong in a further state passes the suite for n states, and not the one for n+1."""
    alternating = minimised({0: {0: ("a", 1)}, 1: {0: ("b", 0)}}, [0])
    once = Machine([{0: ("a", 1)}, {0: ("b", 2)}, {0: ("a", 2)}], (0,))
    assert not kills(suite(alternating, 2), alternating, once)
    assert kills(suite(alternating, 3), alternating, once)


def as_mealy(machine: Machine) -> MealyMachine:
    setup = {f"s{state}": {one: (said, f"s{to}") for one, (said, to) in row.items()} for state, row in
             edges_of(machine).items()}  # fmt: skip
    return MealyMachine.from_state_setup(setup)


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_suite_is_no_larger_than_the_librarys(size: tuple[int, int], extra: int) -> None:
    """AALpy's Wp-method needs at least as many steps, and kills no mutant that ours does not."""
    machine = machine_of(*size)
    own, other = wp_suite(machine, machine.size + extra), library_suite(as_mealy(machine), machine.size + extra)
    assert sum(map(len, own)) <= sum(map(len, other))
    for mutant in chain.from_iterable(mutants(machine, kind) for kind in ("output", "target", "missing")):
        assert kills(own, machine, mutant) == kills(other, machine, mutant)


@pytest.mark.parametrize("suite", METHODS.values(), ids=METHODS)
def test_a_bound_below_the_machine_is_refused(suite: Suite) -> None:
    """A suite for fewer states than the machine has would be empty, and everything would pass it."""
    machine = machine_of(5, 3)
    with pytest.raises(BoundTooLow, match="at most 4 states cannot do what a machine of 5 states does"):
        suite(machine, 4)


def test_a_machine_is_minimised() -> None:
    """States that no sequence tells apart become one, unless they are marked as different."""
    edges = {"on": {0: ("click", "off")}, "off": {0: ("click", "on")}}
    assert minimised(edges, [0]).size == 1
    marked = minimised(edges, [0], {"on": 1, "off": 0})
    assert (marked.size, marked.distinct) == (2, 1)


def test_what_a_machine_lacks_is_not_asked() -> None:
    """A step that is left out is in no test, and tells no two states apart."""
    machine = minimised({0: {0: ("a", 1), 1: ("x", 0)}, 1: {0: ("a", 0)}}, [0, 1])
    assert machine.distinct == 1
    for suite in (wp_suite, hsi_suite):
        assert all(machine.reached(test) is not None for test in suite(machine, 1))


# Against bindings -----------------------------------------------------------------------------------------


def result_of(connector: str, part: str, **settings: Any) -> Result:
    player = open_player(connector, SPEC)
    player.start()
    return run_check(CHECKS[f"complete/{part}"], player, Settings(**settings))


@pytest.mark.parametrize("part", ["launcher", "in_app_messages", "session", "calls"])
def test_the_reference_is_proved_to_conform(part: str) -> None:
    """Nothing is left out, and the statement names the bound."""
    result = result_of("reference:", part)
    assert result.verdict == "passed"
    assert result.message.startswith("conforms, or has more than ")


def test_a_further_state_is_asked_for() -> None:
    """With N = 1 the bound is one higher, and the suite is larger."""
    small, large = (result_of("reference:", "in_app_messages", guarantee=extra) for extra in (0, 1))
    assert "more than 10 states" in small.message
    assert "more than 11 states" in large.message
    assert large.steps > small.steps


class WrongOutput(Miniature):
    """Shows messages again with an error, once they were hidden."""

    def _call(self, method: str, arguments: Sequence[Any], success: Any, error: Any) -> Any:
        hidden = self.state("in_app_messages") == "in_app_hidden"
        if method == "setInAppMessageVisibility" and list(arguments[:1]) == ["VISIBLE"] and hidden:
            super()._call(method, arguments, None, None)
            return give(error, {"code": 400, "message": "no"})
        return super()._call(method, arguments, success, error)


class WrongTarget(Miniature):
    """Shows the launcher too, when messages are hidden."""

    def _call(self, method: str, arguments: Sequence[Any], success: Any, error: Any) -> Any:
        if method == "setInAppMessageVisibility" and list(arguments[:1]) == ["GONE"]:
            self.put("launcher", "launcher_visible")
        return super()._call(method, arguments, success, error)


class MissingTransition(Miniature):
    """Forgets to show messages again when somebody is logged in."""

    def _call(self, method: str, arguments: Sequence[Any], success: Any, error: Any) -> Any:
        there = self.state("session") != "logged_out"
        if method == "setInAppMessageVisibility" and list(arguments[:1]) == ["VISIBLE"] and there:
            return give(success)
        return super()._call(method, arguments, success, error)


class Fickle(Client):
    """Answers a logout of nobody now with an error, now with a success."""

    logouts = 0

    def _call(self, method: str, arguments: Sequence[Any], success: Any, error: Any) -> Any:
        if method == "logout" and self.observe()["state"]["session"] == "logged_out":
            Fickle.logouts += 1
            if Fickle.logouts % 3 == 0:
                super()._call(method, arguments, None, None)
                return give(error, {"code": 400, "message": "nobody is there"})
        return super()._call(method, arguments, success, error)


@pytest.mark.parametrize(
    ("factory", "kind"),
    [(WrongOutput, "callback_wrong"), (WrongTarget, "state_wrong"), (MissingTransition, "state_wrong")],
    ids=["output", "target", "missing"],
)
def test_a_wrong_sdk_is_caught(factory: type[Client], kind: str) -> None:
    """Each kind of mutant fails, is shown by a short sequence, and masks no more than its own step."""
    result = result_of(f"py:{__name__}:{factory.__name__}", "in_app_messages")
    assert result.verdict == "failed"
    assert {finding.call for finding in result.findings} == {"setInAppMessageVisibility"}
    assert kind in {finding.kind for finding in result.findings}
    assert max(len(finding.trace) for finding in result.findings) <= 3
    assert result.message.startswith("conforms, but for the faults shown and ")


def test_what_is_not_deterministic_is_not_proved() -> None:
    """An SDK that answers differently where the specification allows both is told, and not blamed."""
    result = result_of(f"py:{__name__}:Fickle", "session")
    assert result.verdict == "passed"
    assert result.message.startswith("not proved: it is not deterministic")


def test_the_run_tells_what_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    """The report has the statement of each part that was run, and what is taken for granted."""
    assert main(["run", "-k", "complete/launcher", "--method", "hsi"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Proved, part by part, of a binding that is deterministic and that a reset makes new" in told
    assert "launcher: conforms, or has more than 1 states (3 sequences of 2 inputs, HSI-method)" in told


def test_a_guarantee_below_zero_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A bound below the specification's own size would try nothing, and pass everything."""
    assert main(["run", "--guarantee", "-1"]) == 4
    assert "below the specification's own size" in capsys.readouterr().err


def test_there_is_a_check_for_each_region_that_calls_move() -> None:
    """The network is the world's; everything else is a part, and so are calls that move nothing."""
    parts = [one.partition("/")[2] for one in CHECKS if one.startswith("complete/")]
    assert parts == ["session", "login", "messenger", "launcher", "in_app_messages", "calls"]
