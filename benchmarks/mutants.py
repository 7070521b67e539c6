"""How fast ways of testing kill wrong SDKs: ``python benchmarks/mutants.py [mutants] [steps]``.

Each way plays the same seeded sample of mutants, none of which is proved to be allowed, with the same budget of steps
for each. What is compared is kills, and kills per 1,000 steps, within one run. And complete suites are timed: made,
played in process, and played through Node.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from intercom_conformance.kit import open_player, oracle_of
from intercom_conformance.mutants import Mutant, Prover, driver_of, mutants_of
from intercom_conformance.mutants.ammunition import Shot, recorded
from intercom_conformance.mutants.hunting import KILLED, Hunter
from intercom_conformance.player import Crash, Failure, Played, Player
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.complete import wp_suite
from intercom_conformance.suite.complete.choices import Choices
from intercom_conformance.suite.complete.projections import names, projection
from intercom_conformance.suite.explore import alphabet, explore
from intercom_conformance.trace import Step, Trace

SPEC = load_specification()
Way = Callable[[Player, int], Iterable[Trace]]
BEST = "default suite, near the change first"
REACT_NATIVE = "npm:@intercom/intercom-react-native@10.7.1+js"


def main() -> None:
    count, budget = (int(one) for one in (*sys.argv[1:], "40", "2000")[:2])
    chosen = sample(count)
    shots = recorded(SPEC, Settings())
    print(f"{len(chosen)} wrong SDKs, at most {budget} steps for each")
    ways = {
        BEST: lambda: near(chosen, budget, shots),
        "default suite, in its own order": lambda: tried(chosen, budget, stored(shots)),
        "complete suites (Wp)": lambda: tried(chosen, budget, complete()),
        "transition tour": lambda: tried(chosen, budget, tour()),
        "random walks of 30": lambda: tried(chosen, budget, walks),
        "Hypothesis, a rule for each method": lambda: machine(chosen, budget),
    }
    rates = {name: told(name, *way()) for name, way in ways.items()}
    best = rates[BEST]
    print("\nkills per 1,000 steps, beside the default suite as `mutants` plays it:")
    for name, rate in rates.items():
        print(f"  {name:40}{rate / best:8.3f}")
    guarantees()


def sample(count: int) -> list[Mutant]:
    """Mutants that are not proved to be allowed, the same ones each time."""
    prover, chance = Prover(SPEC), random.Random(1)
    every = list(mutants_of(SPEC))
    chance.shuffle(every)
    found: list[Mutant] = []
    for one in every:
        if len(found) == count:
            break
        if prover.proof(one) is None:
            found.append(one)
    return found


def told(name: str, killed: int, steps: int) -> float:
    rate = 1000 * killed / max(steps, 1)
    print(f"  {name:40}{killed:5} killed in {steps:8,} steps {rate:9.2f} a 1,000 steps", flush=True)
    return rate


def near(chosen: list[Mutant], budget: int, shots: list[Shot]) -> tuple[int, int]:
    hunter = Hunter(SPEC, shots, Settings())
    fates = [hunter.hunt(one) for one in chosen]
    killed = sum(one.verdict == KILLED and one.steps <= budget for one in fates)
    return killed, sum(min(one.steps, budget) for one in fates)


def tried(chosen: list[Mutant], budget: int, way: Way) -> tuple[int, int]:
    outcomes = [hunted(one, budget, way) for one in chosen]
    return sum(killed for killed, _ in outcomes), sum(steps for _, steps in outcomes)


def hunted(mutant: Mutant, budget: int, way: Way) -> tuple[bool, int]:
    """Whether a way kills a mutant, and after how many steps."""
    player = started(mutant)
    for trace in way(player, budget):
        if is_wrong(player.play(trace)):
            return True, player.steps_played
        if player.steps_played >= budget:
            break
    return False, player.steps_played


def started(mutant: Mutant) -> Player:
    player = Player(SPEC, oracle_of(SPEC), partial(driver_of, mutant, SPEC), None)
    player.start()
    return player


def is_wrong(outcome: Played | Failure | Crash) -> bool:
    return not isinstance(outcome, Played) or bool(outcome.formal)


def stored(shots: list[Shot]) -> Way:
    return lambda player, budget: (one.trace for one in shots)


def complete() -> Way:
    """The complete suites of the original, part by part, in turns."""
    player = started(Mutant("original", "", ""))
    suites: list[Trace] = []
    for name in names(SPEC):
        choices = Choices.of(player, projection(SPEC, name), lambda _: None)
        made = choices.machine()
        inputs = projection(SPEC, name).inputs
        if made is not None:
            suites += [tuple(inputs[one] for one in way) for way in wp_suite(made, made.distinct)]
    random.Random(0).shuffle(suites)
    return lambda player, budget: suites


def tour() -> Way:
    """A short way to each transition: what covers all of them, once."""
    ways = list(explore(SPEC).transitions.values())
    return lambda player, budget: ways


def walks(player: Player, budget: int) -> Iterator[Trace]:
    chance, letters = random.Random(2), alphabet(SPEC)
    while True:
        yield tuple(chance.choice(letters) for _ in range(30))


def machine(chosen: list[Mutant], budget: int) -> tuple[int, int]:
    outcomes = [by_machine(one, budget) for one in chosen]
    return sum(killed for killed, _ in outcomes), sum(steps for _, steps in outcomes)


def by_machine(mutant: Mutant, budget: int) -> tuple[bool, int]:
    """The plain machine that most people would write: a rule for each method and event, and its shrinking off."""
    player = started(mutant)
    settings = hypothesis.settings(
        max_examples=max(budget // 30, 1),
        stateful_step_count=30,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    made = type("Plain", (_Plain,), {"player": player, "budget": budget, **rules()})
    try:
        run_state_machine_as_test(made, settings=settings)
    except AssertionError:
        return True, player.steps_played
    return False, player.steps_played


class _Plain(RuleBasedStateMachine):
    player: Player
    budget: int

    def __init__(self) -> None:
        super().__init__()
        self.game = self.player.begin()

    def put(self, step: Step) -> None:
        if self.player.steps_played < self.budget:
            assert self.game.play(step) is None
            assert not self.game.formal


def rules() -> dict[str, object]:
    by_name: dict[str, list[Step]] = {}
    for step in alphabet(SPEC):
        by_name.setdefault(step.name, []).append(step)
    return {f"rule_{name}": rule(step=st.sampled_from(steps))(_put) for name, steps in by_name.items()}


def _put(self: _Plain, step: Step) -> None:
    self.put(step)


def guarantees() -> None:
    """Complete suites: how long making one takes beside playing it in process, and through Node."""
    made = timed(lambda: complete()(started(Mutant("original", "", "")), 0))
    here, steps = played("reference:", SPEC)
    there, further = played(REACT_NATIVE, SPEC)
    print("\ncomplete suites (Wp), seconds for 1,000 steps, beside playing them in process:")
    own = here / steps
    print(f"  {'made, in process':40}{made / steps / own:8.2f}")
    print(f"  {'made and played, in process':40}{1:8.2f}")
    print(f"  {'made and played, through Node':40}{there / further / own:8.2f}")


def played(connector: str, spec: Specification) -> tuple[float, int]:
    player = open_player(connector, spec)
    player.start()
    try:
        checks = [one for one in catalogue(spec) if one.family == "complete"]
        return timed(lambda: [run_check(one, player, Settings(shrink=False)) for one in checks]), player.steps_played
    finally:
        player.stop()


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
