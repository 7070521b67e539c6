"""The table: which transitions are taken together in a state, for an event and what is known of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest
import small_specs

from intercom_conformance.oracle.table import FLAGS, AmbiguousAnswer, Answers, Atom, Outcome, Table, compile_table

REGIONS = {
    "phase": {"summary": "It.", "initial": "one", "states": ["one", "two", "three"]},
    "lamp": {"summary": "It.", "initial": "dark", "states": ["dark", "bright"], "visibility": "internal"},
}
PARTS: Mapping[str, Any] = {
    "regions": REGIONS,
    "groups": {"moves": ["go", "stop"]},
    "environment": {"rain": {"summary": "It."}},
    "conditions": {"in_two": {"summary": "It.", "in": {"phase": "two"}}},
}
EVENTS = ["go", "stop", "wait"]


def table(*transitions: Mapping[str, Any]) -> Table:
    return compile_table(small_specs.chart(transitions, **PARTS), EVENTS)


def outcomes(
    compiled: Table, event: str = "go", states: Sequence[str] = ("one", "dark"), **known: Any
) -> tuple[Outcome, ...]:
    """The outcomes where the answers known hold; a parameter not named is valid, a fact not named false."""
    return compiled.outcomes(tuple(states), event, answers(compiled, event, known))


def answers(compiled: Table, event: str, known: Mapping[str, Any]) -> Answers:
    defaults = {"attempt": "first", "valid": True, "fact": False, "payload": False}
    return tuple(
        known.get(atom.kind if atom.name == "*" else atom.name, defaults[atom.kind]) for atom in compiled.atoms[event]
    )


def taken(found: Sequence[Outcome]) -> list[list[str]]:
    return [[transition.id for transition, _ in outcome.taken] for outcome in found]


# Guards -----------------------------------------------------------------------------------------

GUARDS: list[tuple[Mapping[str, Any], Mapping[str, Any], bool]] = [
    ({"in": {"phase": "one"}}, {}, True),
    ({"in": {"phase": ["two", "one"]}}, {}, True),
    ({"in": {"phase": "one", "lamp": "bright"}}, {}, False),
    ({"in": {"phase": "one", "lamp": "dark"}}, {}, True),
    ({"attempt": "first"}, {}, True),
    ({"attempt": ["repeated", "last"]}, {}, False),
    ({"attempt": ["repeated", "last"]}, {"attempt": "last"}, True),
    ({"event": "go"}, {}, True),
    ({"event": ["stop", "wait"]}, {}, False),
    ({"event": "moves"}, {}, True),
    ({"fact": "late"}, {}, False),
    ({"fact": "late"}, {"late": True}, True),
    ({"fact": ["late", "dear"]}, {"late": True}, False),
    ({"fact": ["late", "dear"]}, {"late": True, "dear": True}, True),
    ({"condition": "in_two"}, {}, False),
    ({"not": "late"}, {}, True),
    ({"not": ["late", "dear"]}, {"dear": True}, False),
    ({"not": {"fact": "late"}}, {"late": True}, False),
    ({"not": {"condition": "in_two"}}, {}, True),
    ({"invalid": "who"}, {}, False),
    ({"invalid": "who"}, {"who": False}, True),
    ({"invalid": ["who", "what"]}, {"what": False}, True),
    ({"invalid": "who", "valid": "what"}, {"who": False, "what": True}, True),
    ({"invalid": "who", "valid": "what"}, {"who": False, "what": False}, False),
    ({"arguments": "any"}, {"valid": False}, True),
    ({"argument": {"who": {"const": "x"}}}, {"who": True}, True),
    ({"argument": {"who": {"const": "x"}}}, {"who": False}, False),
    ({"all": [{"fact": "late"}, {"in": {"phase": "one"}}]}, {"late": True}, True),
    ({"all": [{"fact": "late"}, {"in": {"phase": "two"}}]}, {"late": True}, False),
    ({"any": [{"fact": "late"}, {"in": {"phase": "two"}}]}, {"late": True}, True),
    ({"any": [{"fact": "late"}, {"in": {"phase": "two"}}]}, {}, False),
    ({"fact": "late", "in": {"phase": "two"}}, {"late": True}, False),
    ({"all": [{"not": {"any": [{"fact": "late"}, {"fact": "dear"}]}}]}, {}, True),
]


@pytest.mark.parametrize(("guard", "known", "holds"), GUARDS, ids=[f"{g} {k}" for g, k, _ in GUARDS])
def test_a_guard(guard: Mapping[str, Any], known: Mapping[str, Any], holds: bool) -> None:
    """Every key of a guard, alone and together with others."""
    compiled = table({"on": EVENTS, "callback": "success", "when": guard})
    assert taken(outcomes(compiled, **known)) == ([["t0"]] if holds else [])


@pytest.mark.parametrize(
    ("guard", "applies"),
    [
        ({}, False),
        ({"in": {"phase": "one"}}, False),
        ({"not": {"fact": "late"}}, False),
        ({"invalid": "who"}, True),
        ({"any": [{"invalid": "who"}, {"fact": "late"}]}, True),
        ({"arguments": "any"}, True),
    ],
)
def test_wrong_arguments_concern_only_guards_that_speak_of_them(guard: Mapping[str, Any], applies: bool) -> None:
    """Every other transition on a call applies to valid arguments only."""
    compiled = table({"on": "go", "callback": "success", "when": guard})
    assert bool(outcomes(compiled, valid=False, who=False)) is applies


def test_the_world_has_no_wrong_arguments() -> None:
    """An event of the environment asks nothing about validity."""
    compiled = table({"on": "rain", "to": "two"})
    assert compiled.atoms["rain"] == ()
    assert outcomes(compiled, "rain")[0].states == ("two", "dark")


def test_an_alternative_adds_no_condition_of_validity() -> None:
    """The `when` of an alternative is only what it says."""
    choice = {
        "on": "go",
        "when": {"arguments": "any"},
        "one_of": [{"when": {"in": {"phase": "one"}}, "callback": "error"}],
    }
    assert len(outcomes(table(choice), valid=False)) == 1


def test_an_event_asks_only_what_its_own_guards_ask() -> None:
    """What another event's guards mention is no question about this one."""
    compiled = table(
        {"on": "go", "callback": "success", "when": {"fact": "late", "attempt": "first"}},
        {
            "on": "stop",
            "callback": "success",
            "one_of": [{"when": {"argument": {"who": {"minLength": 2}}}, "defer": True}],
        },
    )
    kinds = {event: [(atom.kind, atom.name) for atom in compiled.atoms[event]] for event in EVENTS}
    assert kinds == {
        "go": [("valid", "*"), ("fact", "late"), ("attempt", "*")],
        "stop": [("valid", "*"), ("payload", "who")],
        "wait": [("valid", "*")],
    }
    assert list(compiled.payload_schemas.values()) == [{"minLength": 2}]


# Which transitions are taken --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "applies"),
    [("one", [True, False, False]), (["one", "three"], [True, False, True]), ("any", [True, True, True])],
)
def test_a_transition_applies_in_its_states(origin: Any, applies: list[bool]) -> None:
    """`from` names one state, several, or any."""
    compiled = table({"on": "go", "callback": "success", "from": origin})
    assert [bool(outcomes(compiled, states=(state, "dark"))) for state in ("one", "two", "three")] == applies


def test_from_any_is_what_is_meant_if_it_is_left_out() -> None:
    """A transition without `from` applies in every state."""
    compiled = table({"on": "go", "callback": "success"})
    assert all(outcomes(compiled, states=(state, "dark")) for state in ("one", "two", "three"))


def test_a_group_stands_for_its_events() -> None:
    """A transition on a group is one on each of its events, and on no other."""
    compiled = table({"on": "moves", "callback": "success"})
    assert [bool(outcomes(compiled, event)) for event in EVENTS] == [True, True, False]


def test_the_first_in_a_region_wins() -> None:
    """Only one transition of a region is taken, though two apply."""
    compiled = table({"on": "go", "callback": "success", "to": "two"}, {"on": "go", "callback": "error", "to": "three"})
    assert [outcome.states for outcome in outcomes(compiled)] == [("two", "dark")]


def test_regions_go_together_and_see_the_states_of_before() -> None:
    """Each region's guard sees where the others were, not where they go in this step."""
    compiled = table(
        {"on": "go", "callback": "success", "to": "two"},
        {"on": "go", "region": "lamp", "to": "bright", "when": {"in": {"phase": "one"}}},
    )
    assert [outcome.states for outcome in outcomes(compiled)] == [("two", "bright")]
    assert [outcome.states for outcome in outcomes(compiled, states=("two", "dark"))] == [("two", "dark")]


def test_alternatives_multiply() -> None:
    """Every joint choice of the regions is an outcome, in the order in which the choices are listed."""
    compiled = table(
        {"on": "go", "one_of": [{"to": "two", "callback": "success"}, {"callback": "error"}]},
        {"on": "go", "region": "lamp", "one_of": [{"to": "bright"}, {}]},
    )
    assert [outcome.states for outcome in outcomes(compiled)] == list(product(("two", "one"), ("bright", "dark")))
    assert [outcome.answer.callback for outcome in outcomes(compiled) if outcome.answer] == [
        "success", "success", "error", "error",
    ]  # fmt: skip


def test_an_alternative_may_not_apply() -> None:
    """If none does, the transition is enabled and leads nowhere: the call is not answered at all."""
    one_of = [
        {"when": {"in": {"lamp": "bright"}}, "callback": "success"},
        {"when": {"fact": "late"}, "callback": "error"},
    ]
    compiled = table({"on": "go", "one_of": one_of})
    assert outcomes(compiled) == ()
    assert len(outcomes(compiled, late=True)) == 1
    assert len(outcomes(compiled, late=True, states=("one", "bright"))) == 2


def test_an_event_that_nothing_speaks_of_has_no_outcome() -> None:
    """It is for the caller to tell that the specification is not complete."""
    assert outcomes(table({"on": "go", "callback": "success"}), "wait") == ()


def test_a_row_is_computed_once() -> None:
    """The second question gives the very same answer."""
    compiled = table({"on": "go", "callback": "success"})
    assert outcomes(compiled) is outcomes(compiled)
    assert outcomes(compiled) is not outcomes(compiled, states=("two", "dark"))


# Answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [{"callback": "success"}, {"defer": True}, {"again": True}])
@pytest.mark.parametrize("second", [{"callback": "error"}, {"defer": True}, {"again": True}])
def test_two_answers_are_a_fault_of_the_specification(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """The error names both transitions and the states, and says what to do."""
    compiled = table({"on": "go", **first}, {"on": "go", "region": "lamp", **second})
    with pytest.raises(AmbiguousAnswer, match="t0 and t1 all answer a call in one, dark; let one of them"):
        outcomes(compiled)


@pytest.mark.parametrize("flag", ["remember", "requeue", "drop", "cancel"])
def test_other_flags_are_no_answers(flag: str) -> None:
    """They say what becomes of calls that wait, beside the transition that answers."""
    compiled = table({"on": "go", "callback": "success"}, {"on": "go", "region": "lamp", flag: True})
    (outcome,) = outcomes(compiled)
    assert outcome.answer is not None
    assert outcome.answer.callback == "success"
    assert outcome.files


@pytest.mark.parametrize("flag", FLAGS)
def test_flags_are_read(flag: str) -> None:
    """Each flag is set where it is written, and nowhere else."""
    (outcome,) = outcomes(table({"on": "go", flag: True}))
    ((_, alternative),) = outcome.taken
    assert [name for name in FLAGS if getattr(alternative, name)] == [flag]
    assert outcome.files
    assert alternative.answers is (flag in ("defer", "again"))


def test_an_outcome_without_flags_files_nothing() -> None:
    """So that the common case is quick."""
    (outcome,) = outcomes(table({"on": "go", "callback": "success", "effects": []}))
    assert not outcome.files


def test_effects_come_in_the_order_of_regions() -> None:
    """Those of the first region first, each list in its own order."""
    compiled = table(
        {"on": "go", "region": "lamp", "effects": ["third"]},
        {"on": "go", "callback": "success", "effects": ["first", "second"]},
    )
    assert outcomes(compiled)[0].effects == ("first", "second", "third")


def test_what_an_answer_carries_is_kept() -> None:
    """Value, code and requirement are those of the transition."""
    compiled = table(
        {"on": "go", "one_of": [{"callback": "success", "value": {"const": 1}}, {"callback": "error", "code": 7}]}
    )
    good, bad = outcomes(compiled)
    assert good.answer is not None
    assert bad.answer is not None
    assert (good.answer.value, good.answer.code) == ({"const": 1}, None)
    assert (bad.answer.value, bad.answer.code) == (None, 7)
    assert good.taken[0][0].requirement == "r0"


def test_regions_are_as_they_are_written() -> None:
    """Their order, first states and visibility come from the document."""
    compiled = table({"on": "go", "callback": "success"})
    assert compiled.initial == ("one", "dark")
    assert [(one.name, one.position, one.visibility) for one in compiled.regions] == [
        ("phase", 0, "shown"), ("lamp", 1, "internal"),
    ]  # fmt: skip
    assert Atom("valid", "*") in compiled.atoms["go"]
