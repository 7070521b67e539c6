"""The statechart: python-statemachine decides, its steps are remembered, and choices pick alternatives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statemachine.exceptions import TransitionNotAllowed

from intercom_reference import facts
from intercom_reference.loading import load_document
from intercom_reference.machine import (
    Chart,
    Context,
    Machine,
    NoTransitionError,
    Taken,
    UnknownChoiceError,
    UnknownGuardError,
    View,
    machine,
    session_machine,
)
from intercom_reference.workspace import Workspace

DOCUMENT = load_document("spec/session.yaml")
REGIONS = tuple(DOCUMENT["regions"])
CHART = Chart.of(DOCUMENT)
FACTS = sorted(DOCUMENT["facts"])
LOGGED_IN = ("identified", "idle", "closed", "launcher_hidden", "in_app_visible", "up")
PAYLOADS = sorted(
    guard.key
    for event in CHART.events
    for guard in machine().questions(LOGGED_IN, event, "first", frozenset()).payloads
)
PARAMETERS = ["attributes", "content", "eventName", "metaData", "space", "visibility"]

contexts = st.builds(
    Context,
    attempt=st.sampled_from(["first", "repeated", "last"]),
    invalid=st.frozensets(st.sampled_from(PARAMETERS), max_size=2),
    facts=st.frozensets(st.sampled_from(FACTS)),
    payloads=st.frozensets(st.sampled_from(PAYLOADS), max_size=2),
)
events = st.sampled_from([*CHART.events, *CHART.environment])


def rule(**keys: Any) -> dict[str, Any]:
    """A transition of the tiny chart."""
    return {"id": "press", "region": "lamp", "on": "press", "requirement": "lamp-goes-on", **keys}


def tiny(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A statechart of two regions with some transitions, beside those by which every state can be reached."""
    reach = [
        rule(id="bright", on="blackout", to="on", when={"event": "never"}),
        rule(id="cut", region="power", on="blackout", to="gone"),
    ]
    return {
        "regions": {
            "lamp": {"initial": "off", "states": ["off", "on"]},
            "power": {"initial": "there", "states": ["there", "gone"], "visibility": "environment"},
        },
        "environment": {"blackout": {}},
        "transitions": [*rules, *reach],
        **more,
    }


def test_the_chart_has_a_region_for_each_entry_and_starts_where_the_document_says() -> None:
    """The class is one parallel python-statemachine chart."""
    chart = session_machine()()
    assert [region.id for region in chart.states[0].states] == list(REGIONS)
    initial = {body["initial"] for body in DOCUMENT["regions"].values()}
    assert initial <= set(chart.configuration_values)


def test_events_without_a_transition_and_failing_guards_are_loud() -> None:
    """The engine's defaults, which swallow both, are off."""
    chart = session_machine()()
    with pytest.raises(TransitionNotAllowed):
        chart.send("nonsense", view=None, taken=[])
    with pytest.raises(AttributeError):
        chart.send("present", view=None, taken=[])


@given(st.lists(st.tuples(events, contexts), max_size=12))
def test_a_remembered_step_equals_a_run_of_python_statemachine(walk: list[tuple[str, Context]]) -> None:
    """Along any walk a chart that lives through all of it takes the same transitions to the same states."""
    living, configuration = session_machine()(), machine().initial
    for event, context in walk:
        view = View(event, dict(zip(REGIONS, configuration, strict=True)), context)
        taken: list[Taken] = []
        try:
            living.send(event, view=view, taken=taken)
        except TransitionNotAllowed:
            with pytest.raises(NoTransitionError):
                machine().step(configuration, event, context)
            continue
        step = machine().step(configuration, event, context)
        assert set(step.configuration) < set(living.configuration_values)
        assert {one.id for one in step.transitions} == {one.id for one in taken}
        configuration = step.configuration


@given(st.tuples(*(st.sampled_from(region.states) for region in CHART.regions)), events, contexts)
def test_a_step_is_the_same_from_memory_and_from_the_engine(
    configuration: tuple[str, ...], event: str, context: Context
) -> None:
    """In every configuration, also where uninvolved regions stand elsewhere than when it was computed."""
    outcomes: list[object] = []
    for compute in (machine().fresh, machine().step, machine().step):
        try:
            outcomes.append(compute(configuration, event, context))
        except NoTransitionError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@given(st.tuples(*(st.sampled_from(region.states) for region in CHART.regions)), events, contexts)
def test_what_is_not_asked_has_no_influence(configuration: tuple[str, ...], event: str, context: Context) -> None:
    """Facts and payload guards beyond the questions may hold or not: the step is the same."""
    asked = machine().questions(configuration, event, context.attempt, context.invalid)
    keys = {guard.key for guard in asked.payloads}
    kept = Context(context.attempt, context.invalid, context.facts & {*asked.facts}, context.payloads & keys)
    try:
        full = machine().fresh(configuration, event, context)
    except NoTransitionError:
        with pytest.raises(NoTransitionError):
            machine().fresh(configuration, event, kept)
    else:
        assert machine().fresh(configuration, event, kept) == full


@given(st.tuples(*(st.sampled_from(region.states) for region in CHART.regions)), events, contexts)
def test_at_most_one_transition_answers(configuration: tuple[str, ...], event: str, context: Context) -> None:
    """The document never lets two regions answer one call."""
    try:
        step = machine().fresh(configuration, event, context)
    except NoTransitionError:
        return
    answering = [one for one in step.transitions if one.answers]
    assert len(answering) <= 1
    assert step.answer == (answering[0] if answering else None)


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ({"all": [{"in": {"lamp": "off"}}, {"fact": "dark"}]}, ("dark",)),
        ({"all": [{"in": {"lamp": "on"}}, {"fact": "dark"}]}, ()),
        ({"in": {"lamp": "on"}, "not": ["dark"]}, ()),
        ({"invalid": "hand", "fact": "dark"}, ()),
        ({"attempt": "first", "any": [{"fact": "dark"}, {"not": {"fact": "late"}}]}, ("dark", "late")),
    ],
)
def test_only_what_can_matter_is_asked(when: dict[str, Any], asked: tuple[str, ...]) -> None:
    """A rule that states, attempt or validity rule out asks nothing; the others ask all that they mention."""
    small = Machine(tiny(rule(when=when, to="on", callback="success")))
    assert small.questions(("off", "there"), "press", "first", frozenset()).facts == asked


def test_guards_see_the_states_from_before_the_step() -> None:
    """Two regions that look at one another both move, though each then denies the other's guard."""
    one = rule(id="one", when={"in": {"power": "there"}}, to="on", callback="success")
    other = rule(id="other", region="power", when={"in": {"lamp": "off"}}, to="gone")
    step = Machine(tiny(one, other)).step(("off", "there"), "press", Context())
    assert step.configuration == ("on", "gone")
    assert [taken.id for taken in step.transitions] == ["one", "other"]


def test_a_transition_from_any_state_leaves_the_other_regions_alone() -> None:
    """Where power is gone it stays gone."""
    step = Machine(tiny(rule(to="off", callback="success"))).step(("on", "gone"), "press", Context())
    assert step.configuration == ("off", "gone")


@pytest.mark.parametrize(
    ("when", "context", "holds"),
    [
        ({}, Context(), True),
        ({}, Context(invalid=frozenset({"hand"})), False),
        ({"arguments": "any"}, Context(invalid=frozenset({"hand"})), True),
        ({"invalid": "hand"}, Context(invalid=frozenset({"hand"})), True),
        ({"invalid": "hand"}, Context(), False),
        ({"invalid": ["hand", "foot"]}, Context(invalid=frozenset({"foot"})), True),
        ({"invalid": "hand", "valid": "foot"}, Context(invalid=frozenset({"hand", "foot"})), False),
        ({"not": {"invalid": "hand"}}, Context(invalid=frozenset({"foot"})), True),
        ({"attempt": ["repeated", "last"]}, Context("last"), True),
        ({"attempt": "first"}, Context("last"), False),
        ({"event": "buttons"}, Context(), True),
        ({"event": "blackout"}, Context(), False),
        ({"fact": ["dark", "late"]}, Context(facts=frozenset({"dark"})), False),
        ({"fact": ["dark", "late"]}, Context(facts=frozenset({"dark", "late"})), True),
        ({"not": ["dark", "late"]}, Context(facts=frozenset({"late"})), False),
        ({"not": "dark"}, Context(facts=frozenset({"late"})), True),
        ({"not": {"fact": "dark"}}, Context(facts=frozenset({"dark"})), False),
        ({"condition": "night"}, Context(facts=frozenset({"dark"})), True),
        ({"condition": "night", "attempt": "last"}, Context(facts=frozenset({"dark"})), False),
        ({"argument": {"hand": {"const": 1}}}, Context(payloads=frozenset({'hand {"const": 1}'})), True),
        ({"argument": {"hand": {"const": 1}}}, Context(), False),
        ({"any": [{"fact": "dark"}, {"fact": "late"}]}, Context(facts=frozenset({"late"})), True),
        ({"all": [{"fact": "dark"}, {"fact": "late"}]}, Context(facts=frozenset({"late"})), False),
        ({"in": {"lamp": ["on", "off"], "power": "there"}}, Context(), True),
        ({"in": {"power": "gone"}}, Context(), False),
    ],
)
def test_every_kind_of_guard(when: dict[str, Any], context: Context, holds: bool) -> None:
    """Each entry of a guard holds when ``spec/README.md`` says so."""
    night = {"summary": "It is night.", "fact": "dark"}
    document = tiny(rule(when=when, to="on", callback="success"), conditions={"night": night})
    small = Machine({**document, "groups": {"buttons": ["press", "push"]}})
    try:
        reached = small.step(("off", "there"), "press", context).configuration[0] == "on"
    except NoTransitionError:
        reached = False
    assert reached is holds


def test_a_guard_that_asks_the_unknown_is_refused() -> None:
    """A misspelt guard would otherwise hold always."""
    with pytest.raises(UnknownGuardError, match="no guard can ask for 'fakt'"):
        Machine(tiny(rule(when={"fakt": "dark"}, callback="success")))


def test_a_missing_transition_names_states_and_event() -> None:
    """A hole in the specification is told so that it can be filled."""
    with pytest.raises(NoTransitionError, match=r"no transition for press in \(on, there\)"):
        Machine(tiny(rule(**{"from": "off"}, to="on"))).step(("on", "there"), "press", Context())


ALTERNATIVES = [
    {"to": "on", "callback": "success"},
    {"callback": "error", "code": 7},
    {"when": {"attempt": "last"}, "callback": "error", "code": 8},
]


@pytest.mark.parametrize(
    ("choices", "attempt", "alternative"),
    [({}, "first", 0), ({"press": 1}, "first", 1), ({"press": 2}, "first", 0), ({"press": 2}, "last", 2)],
)
def test_a_choice_takes_its_alternative_where_that_applies(
    choices: dict[str, int], attempt: Any, alternative: int
) -> None:
    """Without a choice, or where the chosen one does not apply, it is the first that does."""
    chosen = Machine(tiny(rule(one_of=ALTERNATIVES)), choices)
    step = chosen.step(("off", "there"), "press", Context(attempt))
    assert step.answer is not None
    assert step.answer.alternative == alternative


@pytest.mark.parametrize(
    ("keys", "choices", "callback"),
    [
        ({}, {}, "success"),
        ({"code": 5}, {}, "error"),
        ({"code": 5}, {"press": 0}, "success"),
        ({}, {"press": 1}, "error"),
    ],
)
def test_either_is_success_unless_there_is_a_code_or_a_choice(
    keys: dict[str, int], choices: dict[str, int], callback: str
) -> None:
    """What the sources leave open, the reference settles."""
    step = Machine(tiny(rule(callback="either", **keys)), choices).step(("off", "there"), "press", Context())
    assert step.answer is not None
    assert step.answer.callback == callback


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"another-usr": 1}, "Did you mean another-user?"),
        ({"another-user": 2}, "Choose one from 0 to 1"),
        ({"logout": 1}, "no transition 'logout' leaves a choice"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(choices: dict[str, int], message: str) -> None:
    """A choice that matches nothing would silently test nothing."""
    with pytest.raises(UnknownChoiceError) as caught:
        machine(choices)
    assert message in str(caught.value)


def test_machines_are_shared() -> None:
    """So steps are computed once for all clients that choose alike."""
    assert machine() is machine({})
    assert machine({"another-user": 1}) is machine({"another-user": 1})
    assert machine({"another-user": 1}) is not machine()


def test_every_fact_and_effect_has_its_function() -> None:
    """By the names of the document, and none is left over."""
    helpers = {"is_given", "member", "user_hash"}
    assert set(facts.__all__) - helpers == set(DOCUMENT["facts"])
    missing = [name for name in DOCUMENT["effects"] if not callable(getattr(Workspace, name, None))]
    assert missing == []
