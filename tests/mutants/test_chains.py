"""The proof over chains of steps: what it allows, no history can tell; what it refutes, some history does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from intercom_conformance.mutants import Mutant, Prover, mutant_named
from intercom_conformance.mutants.chains import Chains
from intercom_conformance.mutants.rivals import started
from intercom_conformance.player import Played
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step, Trace

SPEC = load_specification()

ALLOWED = {
    "target/login-request-lost.1/stays": "the login is tried again at once, and that ends in the same state",
    "target/call-after-failed-login-uses-up-the-fault.0/stays": "the login that is tried first says where it goes",
    "extra/login-request-lost.1/cancel": "no call waits where a request can be lost",
    "guard/second-anonymous-login/in/login-more-waiting": "it is answered again as soon as the login is",
}
"""Changes that a row of the table by itself does not allow."""

WRONG = (
    "guard/call-after-failed-login-uses-up-the-fault/in/network-more-held",
    "target/call-after-failed-login-held.0/failed",
    "target/login-after-failure/stays",
    "target/call-tries-login-first/failed",
)
"""Changes that are nearly so, and show only after many steps."""


@pytest.fixture(scope="module")
def chains() -> Chains:
    return Chains(Prover(SPEC))


def test_what_changes_nothing_is_allowed(chains: Chains) -> None:
    """The reference is walked beside the specification to the end, and does nothing that is not allowed."""
    verdict = chains.verdict(Mutant("original", "", "nothing is changed"))
    assert verdict.reason
    assert not verdict.events


@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_chain_makes_good_is_proved(chains: Chains, name: str) -> None:
    """A step that is wrong by itself is allowed if what follows in the same step makes it good; random walks agree."""
    mutant, chance = mutant_named(SPEC, name), random.Random(3)
    assert chains.prover.proof(mutant) is None, "the table alone does not allow it"
    assert chains.verdict(mutant).reason, ALLOWED[name]
    player = started(SPEC, mutant)
    for _ in range(30):
        outcome = player.play(tuple(chance.choice(alphabet(SPEC)) for _ in range(25)))
        assert isinstance(outcome, Played), outcome
        assert not outcome.formal, outcome


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refuted_can_be_shown(chains: Chains, name: str) -> None:
    """Where nothing is proved the walk tells a shortest history, and calls can be found for it that break a rule."""
    mutant = mutant_named(SPEC, name)
    verdict = chains.verdict(mutant)
    assert verdict.reason is None
    player = started(SPEC, mutant)
    outcomes = (player.play(trace) for trace in traces(verdict.events))
    assert any(not isinstance(one, Played) or one.formal for one in outcomes), verdict.events


def traces(events: Sequence[str]) -> Iterator[Trace]:
    """Every way to fill in examples for the calls among these events."""
    world = SPEC.chart["environment"]
    methods = {one.event: one for one in reversed(SPEC.api.methods.values())}
    steps = [
        [Step(event)] if event in world else [Step(methods[event].name, one) for one in methods[event].examples]
        for event in events
    ]
    yield from product(*steps)


def test_other_changes_are_not_spoken_of(chains: Chains) -> None:
    """Callbacks that run twice, other payloads, another schedule or start: the walk says nothing of them."""
    for name in (
        "count/logout/twice",
        "payload/identity/anyOf/1/required",
        "retry/tries/endless",
        "initial/login/waiting",
    ):
        verdict = chains.verdict(mutant_named(SPEC, name))
        assert (verdict.reason, verdict.events) == (None, ())


def test_a_walk_that_is_too_long_says_nothing(chains: Chains) -> None:
    """Who gives up has proved nothing, and refuted nothing."""
    verdict = chains.verdict(Mutant("original", "", "nothing is changed"), most=20)
    assert (verdict.reason, verdict.events) == (None, ())
