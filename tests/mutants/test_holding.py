"""What the current record may hold: a field without a value cannot be asked for, whatever may give it one counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from intercom_conformance.mutants import Mutant, Prover, mutant_named
from intercom_conformance.mutants.effects import Effects, Habits, Situation
from intercom_conformance.mutants.holding import Holding, Step
from intercom_conformance.mutants.mutant import CHART, Edit
from intercom_conformance.mutants.rivals import started
from intercom_conformance.player import Played
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step as Call

SPEC = load_specification()
NAMELESS = (
    "extra/same-user-again/from-unidentified",
    "guard/login-with-invalid-attributes.4/in/session-more-unidentified",
    "guard/login-with-invalid-attributes.4/in/dropped",
    "guard/login-with-invalid-attributes.4/in/negated",
)
"""Changes to what is said of the same user, where the reference never gives the user a name."""

NAME = ["argument", "options", "name"]
STATECHART: Mapping[str, Any] = {
    "registers": {},
    "facts": {"named": {"given": NAME}, "same": {"equal": [NAME, ["current", "name"]]}},
    "effects": {
        name: {"do": operations}
        for name, operations in {
            "start": [{"create": {"in": "users", "values": {"kind": "new"}}}],
            "enter": [{"select": {"in": "users", "by": {"name": NAME}, "otherwise": {}}}],
            "go": [{"leave": {}}],
            "name": [{"set": {"name": NAME}}],
            "open_name": [{"forget": ["name"]}],
            "open_notes": [{"forget": ["notes"]}],
            "note": [{"append": {"to": "notes", "value": NAME}}],
            "absorb": [{"absorb": {"lists": ["notes"], "uncertain": ["name"]}}],
            "look": [],
        }.items()
    },
}
STATECHART["effects"]["open_notes"]["usual"] = "name"
NO_HABITS = Habits()
BLANK = {"kind": None, "name": None, "notes": []}


def step(before: str, effects: str, after: str, **facts: bool) -> Step:
    return Step(before, after, tuple(effects.split()), Situation(answers=frozenset(facts.items())))


def held(*steps: Step, habits: Habits = NO_HABITS) -> Mapping[str, set[str]]:
    """What may be held in each state if these steps are made, where nobody is the same as a record without a name."""
    holding = Holding(Effects.of(STATECHART, habits), BLANK, possible)
    return {state: set(fields) for state, fields in holding.by_state("out", steps).items()}


def possible(answers: frozenset[tuple[str, bool]], lacking: frozenset[str]) -> bool:
    return ("same", True) not in answers or "name" not in lacking


@pytest.mark.parametrize(
    ("effects", "fields"),
    [
        ("start", {"kind"}),
        ("start name", {"kind", "name"}),
        ("start look", {"kind"}),
        ("start note", {"kind"}),
        ("start absorb", {"kind", "name"}),
        ("start open_name", {"kind", "name"}),
        ("start open_notes", {"kind", "name"}),
        ("enter", {"kind", "name"}),
        ("start name go", set()),
    ],
)
def test_what_an_effect_may_give(effects: str, fields: set[str]) -> None:
    """A new record holds what it is made with, a chosen one may hold anything, and what is usual counts, too."""
    assert held(step("out", effects, "in")) == {"out": set(), "in": fields}


def test_what_a_call_does_not_give_is_not_held() -> None:
    """An empty text is something, unless the implementation leaves fields alone then; nothing is nothing."""
    keeping = Habits(keeping=frozenset(["name"]))
    assert held(step("out", "start name", "in", named=False))["in"] == {"kind", "name"}
    assert held(step("out", "start name", "in", named=False), habits=keeping)["in"] == {"kind"}
    assert held(step("out", "start name", "in", named=True), habits=keeping)["in"] == {"kind", "name"}


def test_what_an_implementation_leaves_alone_gives_nothing() -> None:
    """An effect without consequence there does not count."""
    idle = Habits(idle=frozenset(["open_name"]))
    assert held(step("out", "start open_name", "in"), habits=idle)["in"] == {"kind"}


def test_a_step_that_asks_for_a_name_is_made_once_there_may_be_one() -> None:
    """What it would lead to counts only if some other step may give the name that it asks for, wherever that is."""
    start, asks = step("out", "start", "in"), step("in", "", "far", same=True)
    assert set(held(start, asks)) == {"out", "in"}
    assert set(held(asks, start, step("in", "name", "in"))) == {"out", "in", "far"}


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover(SPEC)


@pytest.mark.parametrize("name", NAMELESS)
def test_what_asks_for_a_name_that_nobody_has_is_allowed(prover: Prover, name: str) -> None:
    """No update names an anonymous user in the reference, so that nobody is the same user there."""
    assert prover.proof(mutant_named(SPEC, name))


def test_what_asks_for_a_name_is_wrong_where_updates_give_one(prover: Prover) -> None:
    """The same change is not allowed in an implementation in which updates name anonymous users, and that shows."""
    names = [one["id"] for one in SPEC.chart["transitions"]]
    rule = names.index("update-anonymous-with-identity")
    naming = Edit(CHART, ("transitions", rule, "effects"), ["take_identity_once"])
    mutant = mutant_named(SPEC, NAMELESS[0])
    both = attrs.evolve(mutant, edits=(*mutant.edits, naming))
    assert prover.proof(Mutant("", "", "", (naming,), frozenset([names[rule]]))), "by itself it is allowed"
    assert prover.proof(both) is None
    ada = ({"userId": "ada"},)
    trace = (Call("loginUnidentifiedUser"), Call("updateUser", ada), Call("loginUserWithUserAttributes", ada))
    assert not isinstance(started(SPEC, both).play(trace), Played)
