"""A session over HTTP: the stand-in does as the specification says, and the oracle tells what that is."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from servers import Server, serving

from intercom_conformance.serving.access import Access
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.operations import BY_NAME
from intercom_conformance.serving.running import Settings, prepare

ADA = {"userId": "ada"}
LOGIN = "loginUserWithUserAttributes"


def contacts(server: Server, session: str) -> Any:
    return server.get(session, "workspace")["records"]["contacts"]


# The stand-in -------------------------------------------------------------------------------------


def test_calls_are_answered_and_reach_the_workspace(server: Server) -> None:
    """A call tells which callback ran, and what the oracle says of it; the workspace shows what arrived."""
    session = server.begin()
    told = server.call(session, LOGIN, ADA)
    assert told["settled"] == [{"call": "c1", "callback": "success"}]
    assert told["judged"]["allowed"]
    assert "identified-login" in told["judged"]["requirements"]
    server.call(session, "logEvent", "ordered", {"item": "book"})
    (contact,) = contacts(server, session)
    assert (contact["user_id"], contact["events"]) == ("ada", [{"name": "ordered", "metadata": {"item": "book"}}])


def test_invalid_arguments_are_the_apps_affair(server: Server) -> None:
    """What an app may do wrong, the SDK reports; the request itself is fine."""
    told = server.call(server.begin(), LOGIN, {"userId": None})
    assert [one["callback"] for one in told["settled"]] == ["error"]


def test_faults_are_injected_and_the_clock_is_moved(server: Server) -> None:
    """A login that waits for the network is tried again as the clock moves, and comes to its end."""
    session = server.begin()
    server.happen(session, "network_held")
    assert server.call(session, LOGIN, ADA)["settled"] == []
    assert server.happen(session, "network_down")["settled"] == []
    status, told = server.ask("POST", f"/sessions/{session}/clock", {"seconds": 3600})
    assert (status, told["now"]) == (200, 3600)
    assert [(one["call"], one["callback"]) for one in told["settled"]] == [("c2", "error")]
    assert told["judged"]["allowed"]


def test_short_times_are_followed_by_the_oracle(server: Server) -> None:
    """The oracle goes along however the clock is moved, though no document says how long a retry takes."""
    session = server.begin()
    server.happen(session, "network_down")
    server.call(session, LOGIN, ADA)
    ends = []
    for seconds in (0, 0.5, 0.5, 2, 4):
        _, told = server.ask("POST", f"/sessions/{session}/clock", {"seconds": seconds})
        assert told["judged"]["allowed"]
        ends += [one["callback"] for one in told["settled"]]
    assert ends == ["error"]
    assert server.ask("GET", f"/sessions/{session}")[1]["undecided"] is False


def test_choices_of_the_implementation_are_chosen(server: Server) -> None:
    """Where the specification leaves it open, a session says what the stand-in does."""
    outcomes = []
    for choice in (0, 1):
        session = server.begin(choices={"another-user": choice})
        server.call(session, LOGIN, ADA)
        outcomes.append(server.call(session, LOGIN, {"userId": "grace"})["settled"][0]["callback"])
    assert sorted(outcomes) == ["error", "success"]


def test_a_choice_that_there_is_not_is_refused(server: Server) -> None:
    """A choice is one of the specification's."""
    for choices in ({"another-usr": 0}, {"another-user": 99}):
        status, told = server.ask("POST", "/sessions", {"choices": choices})
        assert status == 422
        assert "choices" in told["detail"]


def test_reset_makes_a_session_new(server: Server) -> None:
    """History, workspace and clock begin anew; the name stays."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    server.ask("POST", f"/sessions/{session}/clock", {"seconds": 5})
    status, told = server.ask("POST", f"/sessions/{session}/reset")
    assert (status, told["session"], told["steps"], told["bytes"], told["now"]) == (200, session, 0, 0, 0)
    assert contacts(server, session) == []


def test_history_is_told_in_pages(server: Server) -> None:
    """Every step is there once, in order, with its outcome."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    for number in range(25):
        server.call(session, "logEvent", f"e{number}")
    found, after = [], 0
    while after is not None:
        page = server.get(session, f"history?after={after}&limit=10")
        found += page["entries"]
        after = page["next"]
    assert [one["outcome"]["step"] for one in found] == list(range(1, 27))
    assert [one["request"]["arguments"][0] for one in found[1:]] == [f"e{number}" for number in range(25)]


def test_an_ended_session_is_gone(server: Server) -> None:
    """Nothing is left of it, and it cannot be ended twice."""
    session = server.begin()
    assert server.ask("DELETE", f"/sessions/{session}") == (204, None)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/workspace"), ("POST", "/reset")):
        status, told = server.ask(method, f"/sessions/{session}{path}")
        assert (status, told["type"].rpartition("/")[2]) == (404, "no-such-session")


def test_misspelt_names_are_corrected(server: Server) -> None:
    """The closest name is the remedy, for methods, events and the filter of what is allowed."""
    session = server.begin()
    for path, body in (("calls", {"method": "logEvnt"}), ("allowed", {"method": "logEvnt"})):
        status, told = server.ask("POST", f"/sessions/{session}/{path}", body)
        assert (status, told["remedy"]) == (422, "Did you mean 'logEvent'?")
    assert "network_down" in server.ask("POST", f"/sessions/{session}/events", {"event": "network_dwn"})[1]["remedy"]
    assert "logout" in server.ask("GET", f"/sessions/{session}/allowed?name=logut")[1]["remedy"]


def test_a_call_keeps_its_name_to_itself(server: Server) -> None:
    """Two calls of one name could not be told apart; the session is as it was."""
    session = server.begin()
    server.call(session, LOGIN, ADA, call="mine")
    status, told = server.ask("POST", f"/sessions/{session}/calls", {"method": "logout", "call": "mine"})
    assert (status, told["type"].rpartition("/")[2]) == (409, "name-taken")
    assert len(contacts(server, session)) == 1
    assert server.get(session, "history")["steps"] == 1


def test_callbacks_that_are_not_given_do_not_run(server: Server) -> None:
    """Null callbacks are allowed, and an app that hears of no outcome is played too."""
    session = server.begin()
    assert server.call(session, LOGIN, ADA, callbacks=[])["settled"] == []
    mute = server.begin(style="none")
    assert server.call(mute, LOGIN, ADA)["settled"] == []
    assert len(contacts(server, mute)) == 1


# The oracle ---------------------------------------------------------------------------------------


def test_what_is_allowed_next_is_told(server: Server) -> None:
    """For one step: callbacks, states and rules of each alternative; asking changes nothing."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    body = {"method": LOGIN, "arguments": [{"userId": "grace"}]}
    status, told = server.ask("POST", f"/sessions/{session}/allowed", body)
    assert status == 200
    assert {one["callbacks"][0]["callback"] for one in told["alternatives"]} == {"success", "error"}
    assert all("users-never-mix" in one["requirements"] or one["requirements"] for one in told["alternatives"])
    assert server.get(session, "history")["steps"] == 1


def test_everything_that_is_allowed_next_is_listed(server: Server) -> None:
    """Every method and every event is there with its examples, and the states that are possible."""
    session = server.begin()
    told = server.get(session, "allowed")
    assert told["states"][0]["session"] == "logged_out"
    named = {one["step"].get("method") or one["step"]["event"] for one in told["steps"]}
    assert {"logEvent", "logout", "network_down", "time_passes"} <= named
    assert all(one["alternatives"] for one in told["steps"])
    (alone,) = server.get(session, "allowed?name=reset")["steps"]
    assert alone["step"] == {"method": "reset", "arguments": []}


def test_a_value_that_must_be_carried_is_told(server: Server) -> None:
    """What success carries stands there in words, and as a value where there is only one."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    _, told = server.ask("POST", f"/sessions/{session}/allowed", {"method": "fetchLoggedInUserAttributes"})
    (callback,) = told["alternatives"][0]["callbacks"]
    assert callback["value"] == {"userId": "ada", "email": None}


def test_an_observation_is_judged(server: Server) -> None:
    """Allowed or not, with the rule, its sentence, and what would have been allowed."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    step = {"method": "logEvent", "arguments": ["a"], "call": "x"}
    right = {"settled": [{"call": "x", "callback": "success"}]}
    twice = {"settled": [{"call": "x", "callback": "success"}] * 2}
    status, told = server.ask("POST", f"/sessions/{session}/judge", {"step": step, "observed": right})
    assert (status, told["allowed"], told["kept"]) == (200, True, False)
    _, told = server.ask("POST", f"/sessions/{session}/judge", {"step": step, "observed": twice})
    assert told["allowed"] is False
    assert told["broken"][0]["requirement"] == "callback-only-once"
    assert told["broken"][0]["sentence"].startswith("A callback never runs a second time")
    assert server.get(session, "history")["steps"] == 1


def test_a_snapshot_is_judged(server: Server) -> None:
    """A lost event is told by the rule that it breaks."""
    session = server.begin()
    server.call(session, LOGIN, ADA)
    snapshot = server.get(session, "workspace")
    step = {"method": "logEvent", "arguments": ["a"], "call": "x"}
    seen = {"settled": [{"call": "x", "callback": "success"}], "snapshot": snapshot}
    _, told = server.ask("POST", f"/sessions/{session}/judge", {"step": step, "observed": seen})
    assert (told["allowed"], told["broken"][0]["requirement"]) == (False, "events-are-recorded")


def test_the_stand_in_makes_its_own_history(server: Server) -> None:
    """What another SDK did is no part of a history that a stand-in makes."""
    session = server.begin()
    question = {"step": {"method": "logout"}, "observed": {"settled": []}, "keep": True}
    status, told = server.ask("POST", f"/sessions/{session}/judge", question)
    assert (status, told["type"].rpartition("/")[2]) == (409, "has-a-stand-in")


def test_an_sdk_elsewhere_is_followed(server: Server) -> None:
    """Without a stand-in, what was seen of somebody's own SDK makes the history; what is not allowed does not."""
    session = server.begin(stand_in=False)
    path = f"/sessions/{session}/judge"

    def tell(step: dict[str, Any], *callbacks: str) -> Any:
        settled = [{"call": step.get("call", ""), "callback": one} for one in callbacks]
        return server.ask("POST", path, {"step": step, "observed": {"settled": settled}, "keep": True})[1]

    assert tell({"method": LOGIN, "arguments": [ADA], "call": "a"}, "success")["kept"]
    assert tell({"event": "network_down"})["kept"]
    assert not tell({"method": "logEvent", "arguments": ["e"], "call": "b"}, "success")["kept"]
    assert tell({"method": "logEvent", "arguments": ["e"], "call": "b"}, "error")["kept"]
    assert server.get(session, "history")["steps"] == 3
    assert server.get(session, "allowed")["states"][0]["session"] == "identified"
    for part in ("calls", "events", "clock"):
        body = {"calls": {"method": "logout"}, "events": {"event": "network_up"}, "clock": {"seconds": 1}}[part]
        status, told = server.ask("POST", f"/sessions/{session}/{part}", body)
        assert (status, told["type"].rpartition("/")[2]) == (409, "no-stand-in")


def test_an_oracle_that_has_lost_the_history_says_so(server: Server) -> None:
    """Many calls without callbacks leave too much open: the oracle says that it cannot tell; the stand-in goes on."""
    session = server.begin(stand_in=False)
    judged = []
    keep = {"observed": {"settled": []}, "keep": True}
    server.ask(
        "POST", f"/sessions/{session}/judge", {"step": {"method": LOGIN, "arguments": [ADA], "callbacks": []}, **keep}
    )
    server.ask("POST", f"/sessions/{session}/judge", {"step": {"event": "network_held"}, **keep})
    for _ in range(40):
        step = {"method": "updateUser", "arguments": [{"companies": [{"name": "x"}]}], "callbacks": []}
        judged.append(server.ask("POST", f"/sessions/{session}/judge", {"step": step, **keep})[0])
    status, _ = server.ask("POST", f"/sessions/{session}/judge", {"step": {"event": "network_up"}, **keep})
    assert 409 in [*judged, status]
    assert server.ask("GET", "/health")[0] == 200


def test_another_specification_is_served_without_a_stand_in(garage: Server) -> None:
    """The oracle of a garage judges garages, and says plainly that there is none to stand in."""
    _, health = garage.ask("GET", "/health")
    assert (health["specification"]["name"], health["stand_in"]) == ("parking-garage", False)
    session = garage.begin()
    step = {"method": "enterGarage", "arguments": ["AB-12"], "call": "a"}
    seen = {"settled": [{"call": "a", "callback": "success"}]}
    _, told = garage.ask("POST", f"/sessions/{session}/judge", {"step": step, "observed": seen, "keep": True})
    assert told["kept"]
    assert garage.get(session, "allowed")["states"] == [{"visit": "parked", "gate": "gate_shut", "link": "link_up"}]
    status, told = garage.ask("POST", "/sessions", {"stand_in": True})
    assert (status, told["type"].rpartition("/")[2]) == (409, "no-stand-in")
    assert garage.ask("POST", f"/sessions/{session}/calls", {"method": "leaveGarage"})[0] == 409


@pytest.mark.parametrize("seed", range(6))
def test_the_oracle_agrees_with_the_stand_in_wherever_it_goes(seed: int) -> None:
    """Random walks over all examples, faults and moves of the clock: every step of the stand-in is allowed.

    The network comes back often: of dozens of calls that wait at once, the oracle says that it cannot tell.
    """
    service = prepare(Settings(limits=Limits()), Access(loopback=True)).service
    source = random.Random(seed)
    session = service.perform(BY_NAME["beginSession"], "", {})["session"]
    steps = [one["step"] for one in service.perform(BY_NAME["listAllowed"], session, {})["steps"]]
    for _ in range(250):
        time_passes = {"seconds": source.choice([0, 0.9, 1, 3, 7, 100, 3600, 9000])}
        step = source.choice([*steps, *[{"event": "network_up"}, time_passes] * 10])
        kind = "call" if "method" in step else "happen" if "event" in step else "advance"
        told = service.perform(BY_NAME[kind], session, step)
        assert told["judged"] is not None, step
        assert told["judged"]["allowed"], (step, told)


# Bounds -------------------------------------------------------------------------------------------


def test_sessions_are_bounded_in_number_size_and_time(tmp_path: Path) -> None:
    """Each bound is told with what to do; and what is idle makes room."""
    options = ("--max-sessions", "2", "--max-steps", "3", "--max-session", "2048", "--idle", "1.5")
    with serving(tmp_path, *options) as server:
        first, second = server.begin(), server.begin()
        status, headers, _ = server.raw("POST", "/sessions")
        assert (status, headers["Retry-After"]) == (429, "2")
        for number in range(3):
            server.call(first, "logEvent", f"e{number}")
        status, told = server.ask("POST", f"/sessions/{first}/calls", {"method": "logout"})
        assert (status, told["remedy"]) == (429, "Reset it, or begin another.")
        big = {"method": "logEvent", "arguments": ["x" * 1500]}
        assert [server.ask("POST", f"/sessions/{second}/calls", big)[0] for _ in range(3)] == [200, 200, 429]
        time.sleep(2)
        assert server.ask("GET", "/health")[1]["sessions"] == 0
        assert server.ask("GET", f"/sessions/{first}")[0] == 404
        server.begin()


def test_all_sessions_together_are_bounded(tmp_path: Path) -> None:
    """However many sessions share it, there is only so much, and it comes back when one ends."""
    with serving(tmp_path, "--max-total", "4096") as server:
        session, other = server.begin(), server.begin()
        body = {"method": "logEvent", "arguments": ["x" * 1000]}
        seen = [server.ask("POST", f"/sessions/{session}/calls", body)[0] for _ in range(6)]
        assert seen[0] == 200
        assert seen[-1] == 429
        assert server.ask("POST", f"/sessions/{other}/calls", body)[0] == 429
        server.ask("DELETE", f"/sessions/{session}")
        assert server.ask("POST", f"/sessions/{other}/calls", body)[0] == 200


def test_sets_of_choices_are_bounded(tmp_path: Path) -> None:
    """Each set of choices costs a machine that stays; there are only so many, and those in use go on to work.

    Sessions that choose nothing can be begun all the same, even if nobody has begun one before.
    """
    with serving(tmp_path) as server:
        _fill_choices(server)
        server.begin()


def _fill_choices(server: Server) -> None:
    known = server.ask("GET", "/openapi.json")[1]["components"]["schemas"]["NewSession"]["properties"]["choices"]
    names = list(known["properties"])
    sets = [{one: 0} for one in names] + [{one: 1} for one in names]
    seen = [server.ask("POST", "/sessions", {"choices": one})[0] for one in sets]
    assert seen[0] == 201
    assert seen[-1] == 429
    assert server.ask("POST", "/sessions", {"choices": sets[0]})[0] == 201
