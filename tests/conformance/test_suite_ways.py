"""Ways of the suite: what users have to lose on them, what tells where a hidden region is, and who comes along."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import attrs
import pytest

from intercom_conformance.oracle import Call
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.departed import after_settings, after_somebody, departed
from intercom_conformance.suite.dressing import dressed
from intercom_conformance.suite.explore import explore, walked
from intercom_conformance.suite.habits import habitual
from intercom_conformance.suite.later import endings
from intercom_conformance.suite.places import Place, place_of
from intercom_conformance.suite.steps import ends, facts_of, judged, says
from intercom_conformance.suite.telling import told_after
from intercom_conformance.suite.twins import enriched
from intercom_conformance.suite.ways import Exploration, Spot, kept_ways, written
from intercom_conformance.trace import Step, Trace

SPEC = load_specification()
GARAGE = Path(__file__).parents[1] / "second_spec"


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
    """A screen is refused after a login that failed; after one that did not, that shows once the network is down.

    What surely tells comes before what tells by the usual choices only.
    """
    down = (login(userId="ada"), Step("network_down"), Step("updateUser", ({"name": "Ada"},)))
    assert [names(one) for one in told_after(SPEC, down)] == [["present", "loginUnidentifiedUser"]]
    assert [names(one) for one in told_after(SPEC, (login(userId="ada"),))] == [
        ["network_down", "present", "loginUserWithUserAttributes"]
    ]


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
    way = explore(SPEC).certain["email-taken", "unidentified"]
    before, last = ends(SPEC, way[:-1]), len(way) - 1
    said = says(SPEC, before, way[-1], last)
    richest = enriched(SPEC, way[-1], lambda step: says(SPEC, before, step, last) == said)
    assert {"email", "name", "companies", "custom_attributes"} == set(richest.arguments[0])


def test_a_place_tells_which_kinds_of_calls_wait() -> None:
    """A request that waits while another login fails is met; which of the logins waits makes no other place."""
    places = explore(SPEC).places
    waiting = {place.waiting for place in places}
    assert Place(("identified", "failed", "down"), ("update",), remembered=True) in places
    assert {one for waits in waiting for one in waits} == {"update", "login_anonymous"}
    assert {("update", "login_anonymous"), ("login_anonymous", "update")} <= waiting


def test_a_place_is_come_to_by_the_usual_choices_if_they_lead_there() -> None:
    """An SDK that lets requests wait comes there by a way of its own: what came first is tried first."""
    spots = explore(SPEC).places[Place(("identified", "failed", "down"), ("update",), remembered=True)]
    assert [one.waiting for one in map(partial(place_of, SPEC), (spot.configuration for spot in spots))] == [
        ("update",),
        ("update",),
    ]
    assert names(spots[0].way)[1:4] == ["network_held", "updateUser", "loginUserWithUserAttributes"]


def test_who_is_gone_has_left_a_record() -> None:
    """One for each kind of record: with a userId, an email, both, or more."""
    left = [ends(SPEC, way)[0].world for way in departed(SPEC)]
    records = [next(iter(one.records.values())) for one in left]
    assert all(one.current is None for one in left)
    assert [(one["user_id"], one["email"]) for one in records] == [
        ("ada", None),
        (None, "ada@example.com"),
        ("ada", "ada@example.com"),
        ("grace", None),
    ]


def test_who_is_gone_changes_what_is_said() -> None:
    """A login by email alone is refused in a place where it would succeed if nobody else had that email."""
    place = Place(("logged_out", "failed", "up"), (), remembered=True)
    spot, call = explore(SPEC).places[place][0], login(email="ada@example.com")
    both = next(way for way in departed(SPEC) if {"userId", "email"} <= way[0].arguments[0].keys())
    (way, here), _ = after_somebody(SPEC, both, spot)
    assert way == (*both, *spot.way)
    assert place_of(SPEC, here) == place
    told = [
        {name for name, _ in says(SPEC, [one], call, position)}
        for one, position in ((spot.configuration, len(spot.way)), (here, len(way)))
    ]
    assert [{"identified-login", "email-taken"} & one for one in told] == [{"identified-login"}, {"email-taken"}]


def test_what_is_remembered_is_taken_up_in_each_world_in_which_it_can_be() -> None:
    """By another rule if a request is lost, and if answers are kept; where nothing is remembered, there is one end."""
    failed = (login(userId="ada"), Step("network_down"), login(userId="grace"), Step("time_passes"))
    found = [names(one) for one in endings(SPEC, ends(SPEC, failed), len(failed))]
    assert found == [
        ["network_up", "updateUser", "time_passes"],
        ["network_flaky", "updateUser", "network_up", "time_passes"],
        ["network_held", "updateUser", "network_up", "time_passes"],
    ]
    assert [names(one) for one in endings(SPEC, ends(SPEC, failed[:1]), 1)] == found[:1]


def test_hidden_settings_change_what_is_true_of_a_call() -> None:
    """The workspace may ask for signatures while another login waits: nothing moves, and no login is signed then."""
    spot = explore(SPEC).places[Place(("identified", "waiting", "up"), ("login_anonymous",), remembered=False)][0]
    found = {way[-1].name: (way, here) for way, here in after_settings(SPEC, spot)}
    assert set(found) == {"verification_enforced", "new_attributes_ignored", "content_paused"}
    way, here = found["verification_enforced"]
    call = judged(SPEC, login(userId="zoe"), len(way))
    assert isinstance(call, Call)
    before, after = (facts_of(SPEC, one, call) for one in (spot.configuration, here))
    assert (len(before), len(after), before != after) == (1, 1, True)


# Kept beside the kit --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Exploration:
    """What the walks find now."""
    return walked(SPEC)


def test_the_kept_ways_are_those_that_the_walks_find(found: Exploration) -> None:
    """Whoever changes the specification, or how it is explored, writes the file anew."""
    kept = kept_ways(SPEC)
    assert kept is not None, "python -m intercom_conformance.suite > conformance/intercom_conformance/suite/ways.json"
    assert written(SPEC, kept) == written(SPEC, found)


def test_a_kept_spot_is_where_its_way_leads(found: Exploration) -> None:
    """States, world, and what waits are those of the walk, whichever branches it followed."""
    kept = kept_ways(SPEC)
    assert kept is not None
    assert len(found.places) > 50
    for place, spots in found.places.items():
        assert [where(spot) for spot in kept.places[place]] == [where(spot) for spot in spots]


def where(spot: Spot) -> tuple[object, ...]:
    at = spot.configuration
    return at.states, at.world, [one.call for one in at.queue], at.remembered is None, at.calls, at.epoch


def test_the_ways_of_another_specification_are_walked() -> None:
    """What is kept is of one digest."""
    assert kept_ways(attrs.evolve(SPEC, digest="another")) is None


def test_a_word_in_a_schema_makes_another_specification(tmp_path: Path) -> None:
    """What is generated depends on schemas, so that the digest covers them."""
    for folder in ("one", "same", "other"):
        for name in ("spec", "schemas"):
            shutil.copytree(GARAGE / name, tmp_path / folder / name)
    schema = sorted((tmp_path / "other" / "schemas").glob("*.json"))[0]
    schema.write_text(json.dumps(json.loads(schema.read_text("utf-8")) | {"title": "Another"}), "utf-8")
    one, same, other = (load_specification(str(tmp_path / name)).digest for name in ("one", "same", "other"))
    assert one == same != other
