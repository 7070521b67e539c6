"""Other ways to test than the default suite, each with a budget of steps: how many wrong SDKs they kill.

A *way* is given mutants that are not allowed and the steps that it may play for each; it tells how many it killed, and
the steps that took.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from intercom_conformance.kit import oracle_of
from intercom_conformance.mutants.mutant import Mutant
from intercom_conformance.mutants.subjects import driver_of
from intercom_conformance.player import Crash, Failure, Played, Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step, Trace

__all__ = ["Way", "played", "rivals", "started"]

Way = Callable[[Sequence[Mutant], int], tuple[int, int]]
_WALK = 30
"""Steps of a random walk."""


def rivals(spec: Specification, seed: int = 0) -> Mapping[str, Way]:
    """The ways by name: a tour of the transitions, random walks, and a plain machine of Hypothesis."""
    tour = list(explore(spec).transitions.values())
    return {
        "transition tour": lambda chosen, budget: played(spec, chosen, budget, lambda: tour),
        "random walks of 30": lambda chosen, budget: played(spec, chosen, budget, lambda: _walks(spec, seed)),
        "Hypothesis, a rule for each method": lambda chosen, budget: _by_machines(spec, chosen, budget, seed),
    }


def started(spec: Specification, mutant: Mutant) -> Player:
    """A player with a mutant that has been started."""
    player = Player(spec, oracle_of(spec), partial(driver_of, mutant, spec), None)
    player.start()
    return player


def played(
    spec: Specification, chosen: Sequence[Mutant], budget: int, traces: Callable[[], Iterable[Trace]]
) -> tuple[int, int]:
    """How many mutants some traces kill, and the steps played; no more than the budget for each, but for one trace."""
    outcomes = [_hunted(started(spec, one), budget, traces()) for one in chosen]
    return sum(killed for killed, _ in outcomes), sum(steps for _, steps in outcomes)


def _hunted(player: Player, budget: int, traces: Iterable[Trace]) -> tuple[bool, int]:
    for trace in traces:
        if _is_wrong(player.play(trace)):
            return True, player.steps_played
        if player.steps_played >= budget:
            break
    return False, player.steps_played


def _is_wrong(outcome: Played | Failure | Crash) -> bool:
    return not isinstance(outcome, Played) or bool(outcome.formal)


def _walks(spec: Specification, seed: int) -> Iterator[Trace]:
    chance, letters = random.Random(seed), alphabet(spec)
    while True:
        yield tuple(chance.choice(letters) for _ in range(_WALK))


def _by_machines(spec: Specification, chosen: Sequence[Mutant], budget: int, seed: int) -> tuple[int, int]:
    outcomes = [_by_machine(spec, one, budget, seed) for one in chosen]
    return sum(killed for killed, _ in outcomes), sum(steps for _, steps in outcomes)


def _by_machine(spec: Specification, mutant: Mutant, budget: int, seed: int) -> tuple[bool, int]:
    """The plain machine that most people would write: a rule for each method and event, and its shrinking off."""
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    from intercom_conformance.suite.drawing import quiet

    player = started(spec, mutant)
    settings = quiet(budget // _WALK, stateful_step_count=_WALK)
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(_machine(spec, player, budget)), settings=settings)
    except AssertionError:
        return True, player.steps_played
    return False, player.steps_played


def _machine(spec: Specification, player: Player, budget: int) -> Any:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    class Plain(RuleBasedStateMachine):
        """Plays one step a rule, and asserts that it is allowed."""

        def __init__(self) -> None:
            super().__init__()
            self.game = player.begin()

    def put(self: Plain, step: Step) -> None:
        if player.steps_played < budget:
            assert self.game.play(step) is None
            assert not self.game.formal

    by_name: dict[str, list[Step]] = {}
    for step in alphabet(spec):
        by_name.setdefault(step.name, []).append(step)
    rules = {f"rule_{name}": rule(step=st.sampled_from(steps))(put) for name, steps in by_name.items()}
    return type("Plain", (Plain,), rules)
