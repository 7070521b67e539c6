"""The oracle: what a step may lead to, what calls that wait come to, and what an observation leaves of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import small_specs
from hypothesis import given, settings
from hypothesis import strategies as st
from small_specs import call, method, oracle

from intercom_conformance.oracle import (
    ABSENT,
    UNCERTAIN,
    Accepted,
    Branch,
    Call,
    Configuration,
    Happening,
    Observation,
    Oracle,
    Rejected,
    Settlement,
    Unanswered,
)
from intercom_conformance.oracle.comparing import compare
from intercom_conformance.oracle.configuration import Guide, Undecidable
from intercom_conformance.specification import Parameter

NET = {"summary": "It.", "initial": "up", "states": ["up", "held"], "visibility": "environment"}
PHASE = {"summary": "It.", "initial": "one", "states": ["one", "two", "three"]}
WORLD = {
    "up": {"summary": "It.", "retries": "repeated"},
    "held": {"summary": "It."},
    "hour": {"summary": "It.", "retries": "last", "seconds": 3600},
    "rain": {"summary": "It."},
}
NETWORK: Mapping[str, Any] = {"regions": {"phase": PHASE, "net": NET}, "environment": WORLD}
SWITCH = (
    {"id": "up", "region": "net", "on": "up", "to": "up"},
    {"id": "held", "region": "net", "on": "held", "to": "held"},
)


def seen(*settled: str, **parts: Any) -> Observation:
    """An observation of callbacks written as "success of c1"; an error carries a code."""
    answers = []
    for one in settled:
        kind, _, identifier = one.partition(" of ")
        answers.append(Settlement(identifier, kind, {"code": 401} if kind == "error" else ABSENT))
    return Observation(tuple(answers), **parts)


def play(judge: Oracle, *steps: tuple[Call | Happening, Observation]) -> tuple[Configuration, ...]:
    """The configurations after steps that are all allowed."""
    configurations = judge.initial()
    for step, observation in steps:
        verdict = judge.judge(configurations, step, observation)
        assert isinstance(verdict, Accepted), verdict
        configurations = verdict.configurations
    return configurations


def judged(judge: Oracle, configurations: Sequence[Configuration], step: Any, observation: Observation) -> Accepted:
    verdict = judge.judge(configurations, step, observation)
    assert isinstance(verdict, Accepted), verdict
    return verdict


def kinds(judge: Oracle, configurations: Sequence[Configuration], step: Any, observation: Observation) -> list[str]:
    """The kinds of what is broken, none if the observation is allowed."""
    verdict = judge.judge(configurations, step, observation)
    return [one.kind for one in verdict.broken] if isinstance(verdict, Rejected) else []


def happen(event: str) -> Happening:
    return Happening(event)


# Callbacks --------------------------------------------------------------------------------------

SIMPLE = ({"on": "go", "callback": "success"}, {"on": "stop", "callback": "either"})


@pytest.mark.parametrize(
    ("settled", "broken"),
    [
        (["success of c1"], []),
        ([], ["callback_missing"]),
        (["error of c1"], ["callback_wrong"]),
        (["success of c1", "success of c1"], ["callback_repeated"]),
        (["success of c1", "error of c1"], ["callback_both"]),
        (["success of c1", "success of c7"], ["callback_unknown"]),
    ],
)
def test_exactly_the_callback_that_is_owed(settled: list[str], broken: list[str]) -> None:
    """One callback, of the right kind, of a call that was made."""
    judge = oracle(SIMPLE)
    assert kinds(judge, judge.initial(), call(judge, "go"), seen(*settled)) == broken


def test_a_wrong_callback_breaks_the_transition_and_the_rest_breaks_the_contract() -> None:
    """The requirement that is reported is the one that says what should have been."""
    judge = oracle(SIMPLE)
    wrong = judge.judge(judge.initial(), call(judge, "go"), seen("error of c1"))
    missing = judge.judge(judge.initial(), call(judge, "go"), seen())
    assert isinstance(wrong, Rejected)
    assert isinstance(missing, Rejected)
    assert (wrong.broken[0].requirement, missing.broken[0].requirement) == ("r0", "callback_missing")
    assert wrong.allowed == ("success of c1",)
    assert wrong.seen == "error of c1"


@pytest.mark.parametrize("callback", ["success of c1", "error of c1"])
def test_either_is_one_of_both(callback: str) -> None:
    """Where the sources leave it open, either will do, but one has to come."""
    judge = oracle(SIMPLE)
    assert kinds(judge, judge.initial(), call(judge, "stop"), seen(callback)) == []
    assert kinds(judge, judge.initial(), call(judge, "stop"), seen()) == ["callback_missing"]


@pytest.mark.parametrize(
    ("name", "callbacks", "broken"),
    [
        ("go", [], []),
        ("go", ["error"], []),
        ("go", ["success"], ["callback_missing"]),
        ("stop", ["success"], []),
        ("stop", ["error"], []),
    ],
)
def test_a_callback_that_was_not_given_cannot_be_missed(name: str, callbacks: list[str], broken: list[str]) -> None:
    """Nothing is owed that could have gone to a callback which the app left out."""
    judge = oracle(SIMPLE)
    step = call(judge, name, callbacks=frozenset(callbacks))
    assert kinds(judge, judge.initial(), step, seen()) == broken


def test_a_callback_of_an_earlier_call_is_a_repetition() -> None:
    """A call that has been answered is not answered again in a later step."""
    judge = oracle(SIMPLE)
    start = play(judge, (call(judge, "go"), seen("success of c1")))
    later = call(judge, "go", number=2)
    assert kinds(judge, start, later, seen("success of c2", "success of c1")) == ["callback_repeated"]


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        ({"code": 401}, []),
        ({"code": "401"}, []),
        ({"code": 7}, ["error_undocumented"]),
        (7, ["error_undocumented"]),
        ({"message": "no"}, []),
        ("no", []),
        (None, ["error_empty"]),
        (ABSENT, ["error_empty"]),
    ],
)
def test_an_error_has_something_to_say(error: Any, broken: list[str]) -> None:
    """It carries a value, and a code, if it has one, that is documented."""
    judge = oracle(SIMPLE)
    observation = Observation((Settlement("c1", "error", error),))
    assert kinds(judge, judge.initial(), call(judge, "stop"), observation) == broken


def test_something_thrown_is_all_that_counts() -> None:
    """The kind tells whether the arguments were to blame."""
    needy = method("go", Parameter("who", "text"))
    judge = oracle(({"on": "go", "when": {"arguments": "any"}, "callback": "error"},), [needy])
    thrown = Observation(thrown="KeyError: who")
    found = {
        arguments: kinds(judge, judge.initial(), call(judge, "go", *arguments), thrown)
        for arguments in [("ada",), (3,), ()]
    }
    assert found == {("ada",): ["crash_on_valid"], (3,): ["crash"], (): ["crash_on_missing"]}


# Values -----------------------------------------------------------------------------------------

ASK = method("ask", Parameter("who", "text", optional=True), result={"schema": "whole", "returned": True})
RECORDED: Mapping[str, Any] = {
    "registers": {"count": {"initial": 3}, "note": {"initial": None}},
    "effects": {"vanish": {"requirement": "gone", "do": [{"forget_registers": ["count"]}]}},
}


def answered(value: Any, returned: Any) -> Observation:
    return Observation((Settlement("c1", "success", value),), returned=returned)


@pytest.mark.parametrize(
    ("value", "given", "agrees"),
    [
        ({"path": ["register", "count"]}, 3, True),
        ({"path": ["register", "count"]}, 4, False),
        ({"path": ["register", "count"]}, ABSENT, False),
        ({"const": True}, True, True),
        ({"const": True}, 1, False),
        ({"const": None}, None, True),
        ({"const": None}, ABSENT, True),
        ({"const": None}, {}, False),
        ({"schema": "whole"}, 7, True),
        ({"schema": "whole"}, "7", False),
        ({}, 7, True),
        ({}, "7", False),
        ({"object": {"n": ["register", "count"], "x": ["register", "note"]}}, {"n": 3, "more": 1}, True),
        ({"object": {"n": ["register", "count"], "x": ["register", "note"]}}, {"n": 3, "x": 1}, False),
        ({"object": {"n": ["register", "count"]}}, 3, False),
        (None, ABSENT, True),
        (None, None, True),
        (None, 3, False),
    ],
)
def test_what_success_carries(value: Any, given: Any, agrees: bool) -> None:
    """A path, a constant, an object of paths, a schema, the method's own schema, or nothing."""
    silent = method("ask", result=None if value is None else {"schema": "whole"})
    document = {"on": "ask", "callback": "success"} | ({} if value is None else {"value": value})
    judge = oracle((document,), [silent], **RECORDED)
    broken = kinds(judge, judge.initial(), call(judge, "ask"), answered(given, ABSENT))
    assert broken == ([] if agrees else ["success_value" if value is None else "result_wrong"])


@pytest.mark.parametrize(
    ("returned", "promises", "broken"),
    [(3, False, []), (4, False, ["returned_wrong"]), (ABSENT, False, ["returned_wrong"]), (ABSENT, True, [])],
)
def test_what_is_returned_is_what_success_carries(returned: Any, promises: bool, broken: list[str]) -> None:
    """Only a binding whose calls return promises cannot return the value itself."""
    judge = oracle(({"on": "ask", "callback": "success", "value": {"path": ["register", "count"]}},), [ASK], **RECORDED)
    observation = Observation((Settlement("c1", "success", 3),), returned=returned, promises=promises)
    assert kinds(judge, judge.initial(), call(judge, "ask"), observation) == broken


def test_a_value_is_learnt_where_it_was_uncertain() -> None:
    """Any number will do at first; from then on it has to be that one."""
    transitions = (
        {"on": "ask", "callback": "success", "value": {"path": ["register", "count"]}},
        {"on": "go", "callback": "success", "effects": ["vanish"]},
    )
    judge = oracle(transitions, [ASK, method("go")], **RECORDED)
    start = play(judge, (call(judge, "go"), seen("success of c1")))
    assert start[0].world.registers["count"] is UNCERTAIN
    told = judged(judge, start, call(judge, "ask"), answered(8, 8)).configurations
    assert told[0].world.registers["count"] == 8
    assert kinds(judge, told, call(judge, "ask"), answered(9, 9)) == ["result_wrong", "returned_wrong"]
    assert kinds(judge, start, call(judge, "ask"), answered("8", "8")) == ["result_wrong", "returned_wrong"]


# Calls that wait --------------------------------------------------------------------------------

HOLD = {"on": ["go", "stop"], "when": {"in": {"net": "held"}, "attempt": ["first", "repeated"]}, "defer": True}
GIVE_UP = {"on": ["go", "stop"], "when": {"in": {"net": "held"}, "attempt": "last"}, "callback": "error"}
ANSWER = {"on": ["go", "stop"], "when": {"in": {"net": "up"}}, "callback": "success"}
WAITING = (HOLD, GIVE_UP, ANSWER, *SWITCH)


def held(judge: Oracle, *calls: str) -> tuple[Configuration, ...]:
    """The configurations in which these calls wait, in order, as c1, c2 and so on."""
    steps = [(call(judge, name, number=number), seen()) for number, name in enumerate(calls, 1)]
    return play(judge, (happen("held"), seen()), *steps)


def test_a_deferred_call_waits() -> None:
    """Its callback is too early now, and too late if it never comes."""
    judge = oracle(WAITING, **NETWORK)
    start = held(judge, "go")
    assert [waiting.call for waiting in start[0].queue] == ["c1"]
    assert judge.unfinished(start) == ["c1"]
    assert kinds(judge, start, happen("rain"), seen("success of c1")) == ["callback_early"]
    assert kinds(judge, start, happen("up"), seen()) == ["callback_missing"]
    done = judged(judge, start, happen("up"), seen("success of c1")).configurations
    assert done[0].queue == ()
    assert judge.unfinished(done) == []


def test_waiting_calls_are_tried_in_their_order() -> None:
    """The first sees the state that it found, the second the state that the first left."""
    move = {"on": "go", "when": {"in": {"net": "up", "phase": "one"}}, "callback": "success", "to": "two"}
    late = {"on": "go", "when": {"in": {"net": "up", "phase": "two"}}, "callback": "error"}
    judge = oracle((HOLD, move, late, *SWITCH), **NETWORK)
    start = held(judge, "go", "go")
    assert kinds(judge, start, happen("up"), seen("success of c1", "error of c2")) == []
    assert kinds(judge, start, happen("up"), seen("error of c1", "success of c2")) != []


def test_the_last_attempt_says_so() -> None:
    """When no further attempt follows, a call may be given up; before that it waits on."""
    judge = oracle(WAITING, **NETWORK)
    start = held(judge, "go")
    assert kinds(judge, start, happen("hour"), seen("error of c1")) == []
    assert kinds(judge, start, happen("hour"), seen()) == ["callback_missing"]
    assert [one.queue for one in judged(judge, start, happen("held"), seen()).configurations] == [start[0].queue]


def test_calls_are_tried_again_after_an_event_that_no_transition_speaks_of() -> None:
    """It is the event's `retries` that counts, not that it moves anything."""
    judge = oracle((HOLD, ANSWER, {**SWITCH[1], "on": "rain"}), **NETWORK)
    start = play(judge, (happen("rain"), seen()), (call(judge, "go"), seen()))
    assert kinds(judge, start, happen("up"), seen()) == []
    judge = oracle(({**HOLD, "when": {"attempt": "first"}}, {"on": "go", "callback": "success"}), **NETWORK)
    start = play(judge, (call(judge, "go"), seen()))
    assert kinds(judge, start, happen("up"), seen()) == ["callback_missing"]
    assert kinds(judge, start, happen("hour"), seen("success of c1")) == []


def test_success_carries_what_held_when_the_call_was_answered() -> None:
    """A call that is tried again before another does not know yet what that one does."""
    transitions = (
        {**HOLD, "on": ["ask", "go"]},
        {"on": "ask", "when": {"in": {"net": "up"}}, "callback": "success", "value": {"path": ["register", "count"]}},
        {"on": "go", "when": {"in": {"net": "up"}}, "callback": "success", "effects": ["more"]},
        *SWITCH,
    )
    parts = {**RECORDED, **NETWORK, "effects": {"more": {"requirement": "more", "do": [{"increase": "count"}]}}}
    judge = oracle(transitions, [method("ask", result={"schema": "whole"}), method("go")], **parts)
    for order, carried in ((["ask", "go"], 3), (["go", "ask"], 4)):
        start = held(judge, *order)
        asked = f"c{order.index('ask') + 1}"
        right = [Settlement(f"c{n}", "success", carried if f"c{n}" == asked else ABSENT) for n in (1, 2)]
        wrong = [Settlement(f"c{n}", "success", 7 - carried if f"c{n}" == asked else ABSENT) for n in (1, 2)]
        assert kinds(judge, start, happen("up"), Observation(tuple(right))) == []
        assert kinds(judge, start, happen("up"), Observation(tuple(wrong))) == ["result_wrong"]


def test_again_tries_everything_at_once() -> None:
    """The call joins those that wait, behind them, and all are tried in the same step."""
    wake = {"on": "stop", "when": {"attempt": "first", "in": {"phase": "one"}}, "again": True, "to": "two"}
    wait = {"on": "go", "when": {"in": {"phase": "one"}}, "defer": True}
    done = {"on": ["go", "stop"], "when": {"in": {"phase": "two"}}, "callback": "success"}
    judge = oracle((wake, wait, done), **NETWORK)
    start = play(judge, (call(judge, "go"), seen()))
    (branch,) = judge.branches(start, call(judge, "stop", number=2))
    assert [owed.call for owed in branch.owed] == ["c1", "c2"]
    assert branch.end.queue == ()
    assert [transition.id for transition, _ in branch.taken] == ["t0", "t2", "t2"]


def test_a_call_that_is_tried_again_without_end_is_a_fault_of_the_specification() -> None:
    """It is told, rather than looked for for ever."""
    judge = oracle(({"on": "go", "again": True},))
    with pytest.raises(RecursionError, match="go is tried again without end"):
        judge.branches(judge.initial(), call(judge, "go"))


CANCELLING = (HOLD, {**ANSWER, "on": ["go", "stop"]}, *SWITCH, {"on": "leave", "callback": "success", "cancel": True})
METHODS = (method("go"), method("stop"), method("leave"))


def test_cancelled_calls_are_free_to_call_back_once() -> None:
    """Either callback may come at once, later, or in the end, but it comes once, and the call has no effect."""
    judge = oracle(CANCELLING, METHODS, **NETWORK)
    start = held(judge, "go", "stop")
    leave = call(judge, "leave", number=3)
    gone = judged(judge, start, leave, seen("success of c3", "error of c1")).configurations
    assert [owed.call for owed in gone[0].free] == ["c2"]
    assert gone[0].queue == ()
    assert kinds(judge, gone, happen("rain"), seen("error of c1")) == ["callback_repeated"]
    late = judged(judge, gone, happen("rain"), seen("success of c2")).configurations
    assert kinds(judge, late, happen("rain"), seen("success of c2")) == ["callback_repeated"]


def test_a_cancelled_call_is_answered_before_the_world_is_calm_and_time_has_passed() -> None:
    """Until then silence is fine."""
    judge = oracle(CANCELLING, METHODS, **NETWORK)
    gone = play_on(judge, held(judge, "go"), (call(judge, "leave", number=2), seen("success of c2")))
    assert kinds(judge, gone, happen("hour"), seen()) == []
    calm = play_on(judge, gone, (happen("up"), seen()))
    assert judge.unfinished(calm) == ["c1"]
    assert kinds(judge, calm, happen("hour"), seen()) == ["callback_missing"]
    assert kinds(judge, calm, happen("hour"), seen("error of c1")) == []


def play_on(judge: Oracle, configurations: Any, *steps: tuple[Any, Observation]) -> tuple[Configuration, ...]:
    for step, observation in steps:
        configurations = judged(judge, configurations, step, observation).configurations
    return configurations  # type: ignore[no-any-return]


def test_a_cancelled_call_without_callbacks_owes_nothing() -> None:
    """Nobody can be told."""
    judge = oracle(CANCELLING, METHODS, **NETWORK)
    silent = call(judge, "go", callbacks=frozenset(["success"]))
    start = play(judge, (happen("held"), seen()), (silent, seen()))
    gone = play_on(judge, start, (call(judge, "leave", number=2), seen("success of c2")), (happen("up"), seen()))
    assert kinds(judge, gone, happen("hour"), seen()) == []


def test_a_call_that_cancels_while_all_are_tried_overtakes_the_later_ones() -> None:
    """Those behind it, and those that had already been tried in vain, are released together."""
    transitions = (
        {"on": "go", "when": {"attempt": "first"}, "defer": True},
        {"on": "go", "when": {"attempt": "repeated", "in": {"phase": "one"}}, "defer": True},
        {"on": "leave", "when": {"attempt": "first"}, "defer": True},
        {"on": "leave", "when": {"attempt": "repeated"}, "callback": "success", "cancel": True, "to": "two"},
        *SWITCH,
    )
    judge = oracle(transitions, METHODS, **NETWORK)
    start = play(judge, *((call(judge, name, number=n), seen()) for n, name in enumerate(["go", "leave", "go"], 1)))
    (branch,) = judge.branches(start, happen("up"))
    assert [owed.call for owed in branch.owed] == ["c2"]
    assert [owed.call for owed in branch.end.free] == ["c1", "c3"]
    assert branch.end.queue == ()


REMEMBERING = (
    {"on": "go", "when": {"attempt": "first", "in": {"net": "held"}}, "callback": "error", "remember": True},
    {"on": "go", "when": {"in": {"net": "up"}}, "callback": "success", "to": "two"},
    {"on": "go", "when": {"attempt": ["repeated", "last"], "in": {"net": "held"}}, "defer": True},
    {"on": "stop", "when": {"attempt": "first"}, "requeue": True, "again": True},
    {"on": "stop", "when": {"attempt": "repeated"}, "callback": "success"},
    {"on": "drop", "callback": "success", "drop": True},
    {"on": "leave", "callback": "success", "cancel": True},
    *SWITCH,
)
MEMORY = (*METHODS, method("drop"))


def remembered(judge: Oracle) -> tuple[Configuration, ...]:
    """The configurations in which c1 has failed and is remembered, and the network is up again."""
    failed = (call(judge, "go"), seen("error of c1"))
    return play(judge, (happen("held"), seen()), failed, (happen("up"), seen()))


def test_a_remembered_call_is_put_in_front_without_its_callbacks() -> None:
    """It has its effect when it is tried again, and reports to nobody: its callback has run."""
    judge = oracle(REMEMBERING, MEMORY, **NETWORK)
    start = remembered(judge)
    assert start[0].remembered is not None
    assert start[0].remembered.spent
    assert start[0].states == ("one", "up")
    (branch,) = judge.branches(start, call(judge, "stop", number=2))
    assert branch.end.states == ("two", "up")
    assert [owed.call for owed in branch.owed] == ["c2"]
    assert branch.end.remembered is None
    assert kinds(judge, start, call(judge, "stop", number=2), seen("success of c1", "success of c2")) != []


def test_a_remembered_call_is_tried_before_those_that_wait() -> None:
    """So that a call which waited sees what the remembered one has done."""
    pause = (
        {"on": "pause", "when": {"attempt": "first"}, "defer": True},
        {"on": "pause", "when": {"in": {"phase": "two"}}, "callback": "success"},
        {"on": "pause", "when": {"in": {"phase": "one"}}, "callback": "error"},
    )
    judge = oracle((*REMEMBERING, *pause), (*MEMORY, method("pause")), **NETWORK)
    start = play_on(judge, remembered(judge), (call(judge, "pause", number=2), seen()))
    assert kinds(judge, start, call(judge, "stop", number=3), seen("success of c2", "success of c3")) == []
    assert kinds(judge, start, call(judge, "stop", number=3), seen("error of c2", "success of c3")) == [
        "callback_wrong"
    ]


@pytest.mark.parametrize("name", ["drop", "leave"])
def test_a_remembered_call_is_forgotten(name: str) -> None:
    """By a drop, and by a cancellation; putting it in front then does nothing."""
    judge = oracle(REMEMBERING, MEMORY, **NETWORK)
    forgotten = play_on(judge, remembered(judge), (call(judge, name, number=2), seen("success of c2")))
    assert forgotten[0].remembered is None
    assert forgotten[0].free == ()
    done = play_on(judge, forgotten, (call(judge, "stop", number=3), seen("success of c3")))
    assert done[0].states == ("one", "up")


def test_a_remembered_call_that_waits_again_owes_nothing() -> None:
    """Its callback has run, so that nothing more is due when it waits, or is cancelled."""
    judge = oracle(REMEMBERING, MEMORY, **NETWORK)
    start = play_on(judge, remembered(judge), (happen("held"), seen()))
    waits = play_on(judge, start, (call(judge, "stop", number=2), seen("success of c2")))
    assert [(one.call, one.spent) for one in waits[0].queue] == [("c1", True)]
    assert judge.unfinished(waits) == []
    gone = play_on(judge, waits, (call(judge, "leave", number=3), seen("success of c3")))
    assert gone[0].free == ()


# What is open -----------------------------------------------------------------------------------

OPEN = (
    {"on": "go", "one_of": [{"to": "two", "callback": "success"}, {"to": "three", "callback": "success"}]},
    {"on": "stop", "from": "two", "callback": "success"},
    {"on": "stop", "from": "three", "callback": "error"},
)


def test_configurations_are_narrowed_by_what_is_seen() -> None:
    """Both choices look alike at first; the next call tells them apart, and so does a snapshot."""
    judge = oracle(OPEN)
    start = play(judge, (call(judge, "go"), seen("success of c1")))
    assert {one.states for one in start} == {("two",), ("three",)}
    asked = call(judge, "stop", number=2)
    assert [one.states for one in judged(judge, start, asked, seen("error of c2")).configurations] == [("three",)]
    shown = judged(
        judge, judge.initial(), call(judge, "go"), seen("success of c1", snapshot={"state": {"phase": "two"}})
    )
    assert [one.states for one in shown.configurations] == [("two",)]


def test_alike_configurations_are_one() -> None:
    """Two ways to the same place are not followed twice."""
    judge = oracle(({"on": "go", "one_of": [{"callback": "success"}, {"callback": "success"}]},))
    assert len(judge.branches(judge.initial(), call(judge, "go"))) == 2
    assert len(play(judge, (call(judge, "go"), seen("success of c1")))) == 1


def test_a_call_without_any_transition_is_a_fault_of_the_specification() -> None:
    """The error names event, attempt, states and arguments, and what to do."""
    judge = oracle(({"on": "go", "from": "two", "callback": "success"},))
    with pytest.raises(Unanswered, match=r"no transition for go \(first\) in one.*add one to spec/session.yaml"):
        judge.branches(judge.initial(), call(judge, "go"))


def test_an_event_of_the_world_without_a_transition_changes_nothing() -> None:
    """The world may do what the SDK has no rule for."""
    judge = oracle((ANSWER, *SWITCH), **NETWORK)
    assert judged(judge, judge.initial(), happen("rain"), seen()).configurations == judge.initial()
    assert kinds(judge, judge.initial(), happen("rain"), seen("success of c1")) == ["callback_unknown"]


def test_an_undecided_fact_goes_both_ways() -> None:
    """Where something is uncertain that a guard asks about, what follows from either is allowed, and then known."""
    transitions = (
        {"on": "go", "callback": "success", "effects": ["vanish"]},
        {"on": "stop", "when": {"fact": "many"}, "callback": "success", "to": "two"},
        {"on": "stop", "when": {"not": "many"}, "callback": "error", "to": "three"},
    )
    facts = {"many": {"summary": "It.", "equal": [["register", "count"], 3]}}
    judge = oracle(transitions, facts=facts, **RECORDED)
    assert kinds(judge, judge.initial(), call(judge, "stop"), seen("error of c1")) == ["callback_wrong"]
    start = play(judge, (call(judge, "go"), seen("success of c1")))
    asked = call(judge, "stop", number=2)
    for callback, state in (("success", "two"), ("error", "three")):
        end = judged(judge, start, asked, seen(f"{callback} of c2")).configurations
        assert [one.states for one in end] == [(state,)]


# What is kept -----------------------------------------------------------------------------------

KEPT: Mapping[str, Any] = {
    "registers": {"count": {"initial": 0}, "hidden": {"initial": 1, "internal": True}},
    "effects": {
        "arrive": {"requirement": "arrives", "do": [{"create": {"in": "people", "values": {"name": "Ada"}}}]},
        "tag": {"requirement": "tags-arrive", "do": [{"merge": {"into": "tags", "from": ["argument", "tags"]}}]},
        "blur": {"requirement": "blurs", "do": [{"forget": ["tags"]}]},
    },
}
KEEPING = (
    {"on": "come", "callback": "success", "effects": ["arrive"]},
    {"on": "tag", "callback": "success", "effects": ["tag"]},
    {"on": "blur", "callback": "success", "effects": ["blur"]},
)
KEEPERS = (method("come"), method("tag", Parameter("tags", "person", ignored=True)), method("blur"))


def keeper() -> Oracle:
    return oracle(KEEPING, KEEPERS, **KEPT)


def snapshot(*people: Mapping[str, Any], current: int | None = 0, **registers: Any) -> Mapping[str, Any]:
    return {"state": {"phase": "one"}, "records": {"people": list(people)}, "current": current, "registers": registers}


ADA = {"name": "Ada", "mail": None, "tags": {}, "log": []}


@pytest.mark.parametrize(
    ("shown", "kind", "requirement"),
    [
        (snapshot(ADA), None, None),
        (snapshot({"name": "Ada", "log": []}, count=0), None, None),
        (snapshot(ADA, hidden=7), None, None),
        ({}, None, None),
        (snapshot(), "record_lost", "arrives"),
        (snapshot(ADA, ADA), "record_extra", "arrives"),
        (snapshot(ADA, current=None), "state_wrong", "arrives"),
        (snapshot({**ADA, "tags": {"a": 1}}), "record_invented", "r0"),
        (snapshot({**ADA, "mail": "null"}), "record_text", "record_text"),
        (snapshot(ADA, count=2), "record_changed", "r0"),
        ({**snapshot(ADA), "state": {"phase": "two"}}, "state_wrong", "r0"),
    ],
)
def test_a_snapshot_is_compared(shown: Any, kind: str | None, requirement: str | None) -> None:
    """Only what is shown counts; what is wrong is blamed on the effect that should have made it."""
    judge = keeper()
    verdict = judge.judge(judge.initial(), call(judge, "come"), seen("success of c1", snapshot=shown))
    found = [(one.kind, one.requirement) for one in verdict.broken] if isinstance(verdict, Rejected) else []
    assert found == ([] if kind is None else [(kind, requirement)])


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"a": 1, "b": "x"}, None),
        ({"a": 1}, "record_lost"),
        ({"a": 2, "b": "x"}, "record_changed"),
        ({}, "record_lost"),
    ],
)
def test_what_a_call_brings_arrives(tags: Any, kind: str | None) -> None:
    """What is missing is lost, and what differs is changed; the effect in question is to blame."""
    judge = keeper()
    start = play(judge, (call(judge, "come"), seen("success of c1")))
    step = call(judge, "tag", {"a": 1, "b": "x"}, number=2)
    verdict = judge.judge(start, step, seen("success of c2", snapshot=snapshot({**ADA, "tags": tags})))
    assert [one.kind for one in verdict.broken] == [kind] if isinstance(verdict, Rejected) else kind is None


def test_an_uncertain_field_settles_on_what_is_shown() -> None:
    """The first snapshot may show anything; the second has to show the same."""
    judge = keeper()
    start = play(judge, (call(judge, "come"), seen("success of c1")))
    blurred = call(judge, "blur", number=2)
    shown = seen("success of c2", snapshot=snapshot({**ADA, "tags": {"any": "thing"}}))
    known = judged(judge, start, blurred, shown).configurations
    assert known[0].world.records[0]["tags"] == {"any": "thing"}
    again = call(judge, "tag", {}, number=3)
    other = seen("success of c3", snapshot=snapshot({**ADA, "tags": {"any": "other"}}))
    assert kinds(judge, known, again, other) == ["record_changed"]
    assert kinds(judge, known, again, seen("success of c3", snapshot=shown.snapshot)) == []


def test_the_order_of_records_does_not_matter() -> None:
    """They are found by what they hold."""
    judge = keeper()
    twice = play(
        judge, (call(judge, "come"), seen("success of c1")), (call(judge, "come", number=2), seen("success of c2"))
    )
    tagged = {**ADA, "tags": {"a": 1}}
    step = call(judge, "tag", {"a": 1}, number=3)
    for people, current in (((ADA, tagged), 1), ((tagged, ADA), 0)):
        observation = seen("success of c3", snapshot=snapshot(*people, current=current))
        assert kinds(judge, twice, step, observation) == []
    assert kinds(judge, twice, step, seen("success of c3", snapshot=snapshot(ADA, ADA, current=1))) != []


def test_a_failure_of_form_does_not_end_the_trace() -> None:
    """Where the value alone is wrong, the oracle still knows where the binding stands."""
    judge = keeper()
    verdict = judge.judge(judge.initial(), call(judge, "come"), Observation((Settlement("c1", "success", 1),)))
    assert isinstance(verdict, Rejected)
    assert verdict.recovered is not None
    assert len(verdict.recovered.configurations[0].world.records) == 1
    wrong = judge.judge(judge.initial(), call(judge, "come"), seen("error of c1"))
    assert isinstance(wrong, Rejected)
    assert wrong.recovered is None


def test_an_accepted_step_tells_what_it_put_to_the_test() -> None:
    """The requirements of its transitions and effects, and the transitions by name."""
    judge = keeper()
    verdict = judged(judge, judge.initial(), call(judge, "come"), seen("success of c1"))
    assert verdict.exercised == {"r0", "arrives"}
    assert verdict.transitions == ("t0",)


# The guide --------------------------------------------------------------------------------------

MANY = (
    {"on": "go", "when": {"in": {"net": "held"}}, "one_of": [{"defer": True}, {"callback": "error"}]},
    {
        "on": "go",
        "when": {"in": {"net": "up"}},
        "one_of": [
            {"callback": "success", "effects": ["more"]},
            {"callback": "error"},
            {"when": {"attempt": "repeated"}, "defer": True},
        ],
    },
    {"on": ["stop", "leave"], "when": {"in": {"net": "held"}, "attempt": "first"}, "defer": True},
    {
        "on": "stop",
        "when": {"attempt": ["repeated", "last"]},
        "one_of": [{"to": "two", "callback": "either"}, {"callback": "success"}, {"defer": True}],
    },
    {"on": "stop", "when": {"in": {"net": "up"}, "attempt": "first"}, "callback": "either"},
    {"on": "leave", "one_of": [{"callback": "success", "cancel": True}, {"callback": "success"}]},
    *SWITCH,
)
GUIDED = oracle(
    MANY,
    METHODS,
    registers={"count": {"initial": 0}},
    effects={"more": {"requirement": "more", "do": [{"increase": "count"}]}},
    **NETWORK,
)
STEPS = st.sampled_from([happen("up"), happen("hour"), happen("held")])
CALLBACKS = st.sampled_from([small_specs.BOTH] * 3 + [frozenset(["success"]), frozenset(["error"]), frozenset()])


def ends_of(
    configurations: Sequence[Configuration], step: Any, observation: Observation, guide: Guide | None = None
) -> list[Configuration]:
    """The ends of every branch that agrees with an observation, of all there are or of those of a guide."""
    branches: list[Branch] = GUIDED.branches(configurations, step, guide)
    compared = [compare(GUIDED.model, branch, step, observation) for branch in branches]
    ends: list[Configuration] = []
    for broken, end in compared:
        if not broken and end not in ends:
            ends.append(end)
    return ends


def alike(some: Sequence[Configuration], others: Sequence[Configuration]) -> bool:
    return all(one in others for one in some) and all(one in some for one in others)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_guide_leaves_out_nothing_that_agrees(data: st.DataObject) -> None:
    """As long as nothing is cancelled, what was seen of a call tells for certain which branches to follow.

    Up to four calls wait, with any callbacks; the world then lets all of them be tried, and anything is seen of
    them, what the specification allows or nonsense. The guide narrows at every call.
    """
    configurations, observation = drawn(data, ["go", "stop"], 4)
    step = data.draw(STEPS, label="step")
    guide = Guide({one.call: one.callback for one in observation.settled}, crowd=1)
    full = ends_of(configurations, step, observation)
    assert alike(ends_of(configurations, step, observation, guide), full)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_guide_changes_no_verdict(data: st.DataObject) -> None:
    """Where a call that waits cancels others, whose callbacks are free then, the oracle looks a second time."""
    configurations, observation = drawn(data, ["go", "go", "stop", "leave"], 5)
    step = data.draw(STEPS, label="step")
    verdict = GUIDED.judge(configurations, step, observation)
    full = ends_of(configurations, step, observation)
    assert isinstance(verdict, Accepted) is bool(full)
    if isinstance(verdict, Accepted):
        assert all(end in full for end in verdict.configurations)


def test_a_verdict_does_not_rest_on_the_guide() -> None:
    """Five calls were answered, of which the guide expects no answer since the first one has cancelled them."""
    waiting = [("leave", small_specs.BOTH), *[("stop", small_specs.BOTH)] * 5]
    observation = seen(
        "success of c1", *(f"success of c{n}" for n in range(2, 7)), snapshot={"state": {"phase": "one"}}
    )
    assert kinds(GUIDED, waiting_configurations(waiting), happen("up"), observation) == []


def drawn(data: st.DataObject, names: Sequence[str], most: int) -> tuple[tuple[Configuration, ...], Observation]:
    """Configurations in which calls wait, and something that is seen of them in the next step."""
    waiting = st.lists(st.tuples(st.sampled_from(names), CALLBACKS), max_size=most)
    queue = data.draw(waiting, label="waiting")
    return waiting_configurations(queue), data.draw(observations(len(queue)), label="seen")


def waiting_configurations(queue: Sequence[tuple[str, frozenset[str]]]) -> tuple[Configuration, ...]:
    """The configurations after calls that nothing was heard of while answers were held back."""
    configurations = GUIDED.initial()
    steps = [call(GUIDED, name, number=n, callbacks=given) for n, (name, given) in enumerate(queue, 1)]
    for step in (happen("held"), *steps):
        configurations = judged(GUIDED, configurations, step, seen()).configurations
    return configurations


def observations(calls: int) -> st.SearchStrategy[Observation]:
    """Callbacks of some of the calls, with or without a snapshot."""
    answers = st.lists(st.sampled_from([None, None, "success", "error"]), min_size=calls, max_size=calls)
    return st.builds(observation_of, answers, st.none() | st.integers(0, calls))


def observation_of(settled: Sequence[str | None], count: int | None) -> Observation:
    shown = ABSENT if count is None else {"registers": {"count": count}}
    return seen(*(f"{kind} of c{n}" for n, kind in enumerate(settled, 1) if kind), snapshot=shown)


def test_the_guide_is_needed() -> None:
    """Seven calls that wait may go on in two thousand ways; with what was seen of them, they end in two."""
    configurations = waiting_configurations([("stop", small_specs.BOTH)] * 7)
    assert len(GUIDED.branches(configurations, happen("up"))) == 3**7
    observation = seen(*(f"success of c{n}" for n in range(1, 8)))
    verdict = judged(GUIDED, configurations, happen("up"), observation)
    assert {one.states for one in verdict.configurations} == {("one", "up"), ("two", "up")}


def test_too_much_that_is_open_is_not_judged() -> None:
    """Calls without callbacks show nothing, so that from some number on nothing can be said."""
    forgetful = {"on": "go", "one_of": [{"callback": "success", "effects": [f"e{n}"]} for n in range(8)]}
    effects = {
        f"e{n}": {"requirement": "more", "do": [{"append": {"to": "log", "value": {f"k{n}": ["register", "count"]}}}]}
        for n in range(8)
    }
    effects["come"] = {"requirement": "more", "do": [{"create": {"in": "people", "values": {"name": "Ada"}}}]}
    transitions = ({"on": "come", "callback": "success", "effects": ["come"]}, forgetful)
    judge = oracle(
        transitions,
        [method("come"), method("go")],
        effects=effects,
        registers={"count": {"initial": 0, "internal": True}},
    )
    start = play(judge, (call(judge, "come"), seen("success of c1")))
    with pytest.raises(Undecidable, match="give the calls callbacks, or fewer of them"):
        play_on(judge, start, *((call(judge, "go", number=n, callbacks=frozenset()), seen()) for n in range(2, 9)))
