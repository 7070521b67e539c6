"""How fast ways of testing kill wrong SDKs: ``python benchmarks/mutants.py [mutants] [steps]``.

Each way plays the same seeded sample of mutants, none of which is proved to be allowed, with the same budget of steps
for each. What is compared is kills, and kills per 1,000 steps, within one run. And complete suites are timed: made,
played in process, and played through Node.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from intercom_conformance.kit import open_player
from intercom_conformance.mutants import Mutant, Prover, mutants_of
from intercom_conformance.mutants.ammunition import Shot, recorded
from intercom_conformance.mutants.hunting import KILLED, Hunter
from intercom_conformance.mutants.rivals import played, rivals, started
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.complete import wp_suite
from intercom_conformance.suite.complete.choices import Choices
from intercom_conformance.suite.complete.projections import names, projection
from intercom_conformance.trace import Trace

SPEC = load_specification()
BEST = "default suite, near the change first"
REACT_NATIVE = "npm:@intercom/intercom-react-native@10.7.1+js"


def main() -> None:
    count, budget = (int(one) for one in (*sys.argv[1:], "40", "2000")[:2])
    chosen = sample(count)
    shots = recorded(SPEC, Settings())
    print(f"{len(chosen)} wrong SDKs, at most {budget} steps for each")
    ways: dict[str, Callable[[], tuple[int, int]]] = {
        BEST: lambda: near(chosen, budget, shots),
        "default suite, in its own order": lambda: played(SPEC, chosen, budget, lambda: (one.trace for one in shots)),
        "complete suites (Wp)": lambda: played(SPEC, chosen, budget, complete),
    }
    rates = {name: told(name, *way()) for name, way in ways.items()}
    rates |= {name: told(name, *way(chosen, budget)) for name, way in rivals(SPEC).items()}
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


def complete() -> list[Trace]:
    """The complete suites of the original, part by part, in turns."""
    player = started(SPEC, Mutant("original", "", ""))
    suites: list[Trace] = []
    for name in names(SPEC):
        choices = Choices.of(player, projection(SPEC, name), lambda _: None)
        made = choices.machine()
        inputs = projection(SPEC, name).inputs
        if made is not None:
            suites += [tuple(inputs[one] for one in way) for way in wp_suite(made, made.distinct)]
    random.Random(0).shuffle(suites)
    return suites


def guarantees() -> None:
    """Complete suites: how long making one takes beside playing it in process, and through Node."""
    made = timed(complete)
    here, steps = proved("reference:", SPEC)
    there, further = proved(REACT_NATIVE, SPEC)
    print("\ncomplete suites (Wp), seconds for 1,000 steps, beside playing them in process:")
    own = here / steps
    print(f"  {'made, in process':40}{made / steps / own:8.2f}")
    print(f"  {'made and played, in process':40}{1:8.2f}")
    print(f"  {'made and played, through Node':40}{there / further / own:8.2f}")


def proved(connector: str, spec: Specification) -> tuple[float, int]:
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
