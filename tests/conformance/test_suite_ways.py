"""Ways of the suite: what users have to lose on them, what tells where a hidden region is, and who comes along."""

from __future__ import annotations

from intercom_conformance.specification import load_specification
from intercom_conformance.suite.dressing import dressed
from intercom_conformance.suite.explore import certain_ways
from intercom_conformance.suite.habits import habitual
from intercom_conformance.suite.steps import ends, says
from intercom_conformance.suite.telling import told_after
from intercom_conformance.suite.twins import enriched
from intercom_conformance.trace import Step, Trace

SPEC = load_specification()


def login(**attributes: str) -> Step:
    return Step("loginUserWithUserAttributes", (attributes,))


def names(trace: Trace) -> list[str]:
    return [step.name for step in trace]


def test_a_user_has_something_to_lose() -> None:
    """Attributes, an event, a token and a message come before the last step, and nothing that rules ask about."""
    way = (login(userId="ada"), login(userId="grace"))
    given = dressed(SPEC, way)
    assert (given[0], given[-1]) == way
    assert {"updateUser", "logEvent", "sendPushToken", "message_arrives"} < set(names(given))
    before, after = (ends(SPEC, one[:-1])[0] for one in (way, given))
    assert before.states[:2] == after.states[:2]
    assert before.world.registers["defined_attributes"] == after.world.registers["defined_attributes"]


def test_nobody_has_nothing_to_lose() -> None:
    """Where nobody is logged in before the last step, the way stays as it is."""
    way = (Step("network_down"), login(userId="ada"))
    assert dressed(SPEC, way) == way


def test_a_call_tells_where_a_hidden_region_is() -> None:
    """A screen is refused after a login that failed; after one that did not, that shows once the network is down."""
    down = (login(userId="ada"), Step("network_down"), Step("updateUser", ({"name": "Ada"},)))
    assert [names(one) for one in told_after(SPEC, down)] == [["present"]]
    assert [names(one) for one in told_after(SPEC, (login(userId="ada"),))] == [["network_down", "present"]]


def test_who_always_refuses_another_user_comes_by_a_way_of_its_own() -> None:
    """An SDK that never lets a second login wait comes to a failed one only where an answer was lost before."""
    found = [names((*one.way, one.step)) for one in habitual(SPEC)["identified", "failed", "down"]]
    assert [
        "loginUserWithUserAttributes",
        "network_flaky",
        "loginUserWithUserAttributes",
        "network_down",
        "time_passes",
        "loginUserWithUserAttributes",
    ] in found


def test_a_call_holds_all_of_which_the_same_is_said() -> None:
    """What makes another rule apply is left out: a login by email alone gets no userId."""
    way = certain_ways(SPEC)["email-taken", "unidentified"]
    before, last = ends(SPEC, way[:-1]), len(way) - 1
    said = says(SPEC, before, way[-1], last)
    richest = enriched(SPEC, way[-1], lambda step: says(SPEC, before, step, last) == said)
    assert {"email", "name", "companies", "custom_attributes"} == set(richest.arguments[0])
