"""Two lists of effects are held to do the same only if they do, in every world that agrees with what is known."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import pytest

from intercom_conformance.mutants import Prover, mutant_named
from intercom_conformance.mutants.effects import Effects, Habits, Situation
from intercom_conformance.mutants.subjects import habits_of
from intercom_conformance.oracle.expressions import UNCERTAIN, compile_fact
from intercom_conformance.oracle.world import World, compile_effect, settle
from intercom_conformance.specification import load_specification

SPEC = load_specification()

TEXT = ["argument", "options", "text"]
OTHER = ["argument", "options", "other"]
CHART: Mapping[str, Any] = {
    "registers": {"shown": {}, "count": {}, "hidden": {"internal": True}},
    "facts": {
        "closed": {"equal": [["register", "hidden"], "closed"]},
        "named": {"any": [{"given": TEXT}, {"given": OTHER}]},
        "known": {"all": [{"given": TEXT}, {"equal": [TEXT, ["current", "name"]]}]},
        "whole": {"valid": {"schema": "options", "value": ["argument", "options"]}},
    },
    "effects": {
        name: {"do": operations}
        for name, operations in {
            "name": [{"set": {"name": TEXT}}],
            "rename": [{"set": {"name": OTHER}}],
            "name_once": [{"set_once": {"name": TEXT}}],
            "open_name": [{"forget": ["name"]}],
            "take": [{"merge": {"into": "kept", "from": ["argument", "options"], "except": ["name", "text"]}}],
            "open_kept": [{"forget": ["kept"]}],
            "note": [{"append": {"to": "notes", "value": {"of": TEXT}}}],
            "start": [{"create": {"in": "users", "values": {}}}],
            "enter": [{"select": {"in": "users", "by": {"name": TEXT}, "otherwise": {}}}],
            "absorb": [{"absorb": {"lists": ["notes"], "uncertain": ["kept"]}}],
            "forget_previous": [{"delete_previous": {}}],
            "go": [{"leave": {}}, {"assign": {"shown": None}}],
            "close": [{"assign": {"hidden": "closed"}}],
            "show": [{"assign": {"shown": TEXT}}],
            "take_shown": [{"merge": {"into": "kept", "from": ["argument", "options"], "only": ["register", "shown"]}}],
            "copy": [{"assign": {"shown": ["register", "count"]}}],
            "count": [{"increase": "count"}],
            "open_shown": [{"forget_registers": ["shown"]}],
        }.items()
    },
}
CHART["effects"]["open_kept"]["usual"] = "take"
CHART["effects"]["open_name"]["usual"] = "go"


def effects(**habits: frozenset[str]) -> Effects:
    return Effects.of(CHART, Habits(**habits), objects=frozenset(["options"]))


def told(*, accepted: bool = False, invalid: Sequence[str] = (), someone: bool = True, **facts: bool) -> Situation:
    return Situation(someone, frozenset(facts.items()), frozenset(invalid), accepted)


@pytest.mark.parametrize(
    ("given", "allowed", "nearly"),
    [
        ("name name", "name", "name rename name"),
        ("name name_once", "name", "name_once"),
        ("name_once name_once", "name_once", "name_once rename"),
        ("show show", "show", "show go show"),
        ("go go", "go", "go show"),
        ("enter take name", "enter name take", "take enter name"),
        ("enter forget_previous take", "enter take forget_previous", "forget_previous enter take"),
        ("enter absorb forget_previous absorb", "enter absorb forget_previous", "enter forget_previous"),
        ("enter forget_previous absorb", "enter forget_previous", "enter absorb forget_previous"),
        ("note take", "take note", "note note take"),
        ("copy count", "copy count", "count copy"),
        ("go note", "go", "note go"),
    ],
)
def test_what_is_done_again_or_does_not_meet(given: str, allowed: str, nearly: str) -> None:
    """An operation that changes nothing any more may be there or not, and those that do not meet come in any order."""
    assert effects().alike(given.split(), allowed.split())
    assert not effects().alike(nearly.split(), allowed.split())


def test_a_fact_tells_what_is_there() -> None:
    """A register that has a value already may be given it again, where a fact says so, and only there."""
    assert effects().alike(["close"], [], told(closed=True))
    assert not effects().alike(["close"], [], told(closed=False))
    assert not effects().alike(["close"], [])
    assert not effects().alike(["close", "show"], [], told(closed=True))


def test_every_case_counts() -> None:
    """What a fact leaves open is looked at in each case: if one of them tells the lists apart, they differ."""
    keeping = effects(keeping=frozenset(["name", "rename", "name_once"]))
    assert keeping.alike(["name", "rename"], [], told(named=False))
    assert not keeping.alike(["name"], [], told(named=True)), "it may be the text that is given, or the other one"
    assert keeping.alike(["name"], [], told(known=True)), "the record is called so already"
    assert keeping.alike(["name_once"], [], told(known=True))
    assert not keeping.alike(["name"], [], told(known=False)), "it may have another name"
    assert not keeping.alike(["name_once"], [], told(known=False)), "or none"
    assert not keeping.alike(["rename"], [], told(known=True))


def test_an_empty_text_is_not_nothing() -> None:
    """The documents leave open what an empty text does; only an implementation that is known to keep the field does."""
    assert not effects().alike(["name"], [], told(named=False))
    assert effects(keeping=frozenset(["name"])).alike(["name"], [], told(named=False))
    assert effects(keeping=frozenset(["name"])).alike(["rename", "name"], ["rename"], told(known=True)) is False


def test_what_is_usual_is_done_where_a_call_succeeds() -> None:
    """Instead of what is left open a stand-in does what is usual, if the call succeeds and the two touch the same."""
    assert effects().alike(["open_kept"], ["take"], told(accepted=True))
    assert not effects().alike(["open_kept"], ["take"], told(accepted=False))
    assert not effects().alike(["take"], ["take", "note"], told(accepted=True))
    assert not effects().alike(["open_name"], ["go"], told(accepted=True)), (
        "the one leaves less open than the other does"
    )


def test_what_is_read_inside_has_to_be_an_object() -> None:
    """An argument that may be anything is no object, so that an effect may fail on it, unless a fact says otherwise."""
    assert effects().alike(["take"], ["open_kept"])
    assert not effects().alike(["take"], ["open_kept"], told(invalid=["options"]))
    assert effects().alike(["take"], ["open_kept"], told(invalid=["options"], whole=True))
    assert effects().alike(["take"], ["open_kept"], told(invalid=["options"], known=True))
    assert not effects().alike(["take"], ["open_kept"], told(invalid=["options"], known=False))
    assert effects().alike(["take"], ["open_kept"], told(invalid=["others"]))


def test_habits_count_for_what_is_given_alone() -> None:
    """What an implementation is known to leave out is left out where it stands, and only of its own effects."""
    idle = effects(idle=frozenset(["open_name"]), for_users=frozenset(["count"]))
    assert idle.alike(["open_name"], [])
    assert not idle.alike(["name", "rename"], ["name", "open_name", "rename", "note"])
    assert idle.alike(["go", "count"], ["go"])
    assert not idle.alike(["count", "go"], ["go"])
    assert not effects().alike(["go", "count"], ["go"])
    assert idle.alike(["count"], [], told(someone=False))
    assert not idle.alike([], ["count"], told(someone=False)), "a specification means what it says"


def test_what_is_open_is_open_where_nothing_looks_at_it() -> None:
    """Who is chosen, and what is copied, depends on values that are open; and a second choice is like no other."""
    assert effects().alike(["note", "open_name"], ["open_name", "note"])
    assert not effects().alike(["name", "enter"], ["open_name", "enter"])
    assert not effects().alike(["open_name", "enter", "show", "show"], ["open_name", "enter", "show"])
    assert not effects().alike(["open_shown", "take_shown", "name", "name"], ["open_shown", "take_shown", "name"])
    assert effects().alike(["take_shown", "name", "name"], ["take_shown", "name"])
    assert not effects().alike(["start", "enter", "name", "name"], ["start", "enter", "name"])
    assert effects().alike(["show", "open_shown"], ["open_shown"])
    assert not effects().alike(["open_shown", "show"], ["open_shown", "copy"])


# The specification's own effects -----------------------------------------------------------------


TEXTS = (None, "", "a", "b")
ARGUMENTS: Mapping[str, Sequence[Any]] = {
    "hash": ("h", "i"),
    "token": ("t", None),
    "padding": (0, 2),
    "message": ("m", None),
    "content": ({"type": "ARTICLE", "id": "5678"}, {"type": "SURVEY", "id": "1"}),
    "eventName": ("e", "f"),
    "metaData": ({}, {"x": 1}),
    "type": ("ARTICLE", "SURVEY"),
    "id": ("5678", "1"),
}
FACTS = ("same_user", "names_identity", "changes_user_id", "unknown_attribute", "identity_usable", "hash_refused")


def some_attributes(chance: random.Random) -> dict[str, Any]:
    """Attributes of a user, of which each may be missing."""
    known = {
        "userId": chance.choice(TEXTS),
        "email": chance.choice(TEXTS),
        "name": chance.choice(TEXTS),
        "customAttributes": {chance.choice(("paid_subscriber", "x")): chance.choice((None, 1, 2))},
        "companies": [{"id": chance.choice(("c", "d")), "name": chance.choice(("n", "o"))}],
    }
    return {name: value for name, value in known.items() if chance.random() < 0.7}


def some_world(chance: random.Random) -> World:
    """Up to three users, of whom one may be current, and settings."""
    blank = SPEC.chart["records"]["contacts"]
    records = {
        number: {
            **blank,
            "kind": "identified",
            "user_id": chance.choice((None, "a", "b")),
            "email": chance.choice((None, "a", "b")),
            "attributes": chance.choice(({}, {"name": "a"})),
            "events": [{"name": "old"}] * chance.randrange(2),
        }
        for number in range(chance.randrange(4))
    }
    registers = {name: body["initial"] for name, body in SPEC.chart["registers"].items()}
    registers["verification"] = chance.choice(("off", "enforced"))
    registers["new_attributes"] = chance.choice(("created", "ignored"))
    current = chance.choice((None, *records))
    return World(records, current, registers, previous=current, created=len(records))


def lists_of(chance: random.Random, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """A list of effects, and another one that is nearly the same."""
    allowed = [chance.choice(names) for _ in range(chance.randrange(1, 4))]
    given, at = list(allowed), chance.randrange(len(allowed))
    how = chance.randrange(4)
    if how == 0:
        given.insert(at, chance.choice(names))
    elif how == 1:
        given.append(chance.choice((*allowed, *names)))
    elif how == 2:
        chance.shuffle(given)
    else:
        given[at] = chance.choice(names)
    return given, allowed


def test_what_is_alike_does_the_same_in_every_world() -> None:
    """Brute force agrees: where the oracle carries them out, lists that are alike leave what the other one allows."""
    chance, chart = random.Random(3), SPEC.chart
    ours = Effects.of(chart)
    ready = {
        name: compile_effect(name, body, "contacts", chart["records"]["contacts"], SPEC.payloads)
        for name, body in chart["effects"].items()
    }
    facts = {name: compile_fact(chart["facts"][name], SPEC.payloads) for name in FACTS}
    alike = 0
    for _ in range(3000):
        given, allowed = lists_of(chance, list(ready))
        world, arguments = some_world(chance), {name: chance.choice(values) for name, values in ARGUMENTS.items()}
        arguments["attributes"] = some_attributes(chance)
        scope = world.scope("contacts", arguments)
        asked = chance.sample(FACTS, chance.randrange(len(FACTS)))
        answers = frozenset((name, facts[name](scope)) for name in asked)
        if given != allowed and ours.alike(given, allowed, Situation(world.current is not None, answers)):
            alike += 1
            assert allows(after(world, allowed, ready, arguments), after(world, given, ready, arguments)), (
                given,
                allowed,
                world,
                arguments,
            )
    assert alike > 250


def after(world: World, names: Sequence[str], ready: Mapping[str, Any], arguments: Mapping[str, Any]) -> World:
    """The world after effects. The previous record is one that was left for another: none after leaving, or twice."""
    for name in names:
        before = world
        if name in ("absorb_anonymous_activity", "forget_anonymous_contact"):
            gone = world.previous not in world.records
            if gone or world.current is None or world.previous == world.current:
                continue
        world = ready[name].apply(world, arguments)
        if world.current != before.current:
            world = attrs.evolve(world, previous=before.current if world.current is not None else None)
    return world


def allows(allowed: World, given: World) -> bool:
    """Whether a world is an allowed one, up to what is left open; what nobody is shown is never open."""
    hidden = [name for name, body in SPEC.chart["registers"].items() if body.get("internal")]
    if given.records.keys() != allowed.records.keys() or given.current != allowed.current:
        return False
    if any(allowed.registers[name] is UNCERTAIN and given.registers[name] is not UNCERTAIN for name in hidden):
        return False
    pairs = [(allowed.registers, given.registers)]
    pairs += [(record, given.records[number]) for number, record in allowed.records.items()]
    return all(settle(dict(one), dict(other))[0] for one, other in pairs)


@pytest.mark.parametrize(
    ("name", "nearly"),
    [
        ("extra/another-user.1/take_identity_once", "extra/another-user.0/take_identity_once"),
        ("extra/login-with-invalid-attributes.4/take_identity_once", "extra/update-invalid.1/take_identity_once"),
        ("extra/logout-closes-the-messenger/leave", "extra/logout-anonymous-may-close-the-messenger.1/leave"),
        ("extra/update-with-unknown-attribute.2/ignore_new_attributes", "extra/update/ignore_new_attributes"),
        ("extra/wrong-hash/enforce_verification", "extra/wrong-hash/ignore_new_attributes"),
        ("extra/update-anonymous/take_identity_once", "extra/update-with-unknown-attribute.2/take_identity_once"),
        ("extra/same-user-again/take_identity_once", "extra/same-user-again/open_user_contact"),
        ("extra/update/from-unidentified", "missing/update/take_identity_once"),
        ("order/identify-anonymous/take_attributes-first", "order/identify-anonymous/forget_anonymous_contact-first"),
        ("guard/update-anonymous-with-identity/fact/dropped", "guard/update-anonymous-with-identity/fact/negated"),
        ("extra/logout/count_message", "extra/logout-anonymous/count_message"),
        ("extra/user-hash-after-login/from-unidentified", "extra/user-hash/leave"),
        ("extra/login-after-failure/absorb_anonymous_activity", "extra/another-user.1/absorb_anonymous_activity"),
        ("guard/push-token/in/network-more-down", "guard/update/in/network-more-down"),
        ("extra/login-with-invalid-attributes.4/take_attributes", "extra/update-invalid.1/take_attributes"),
    ],
)
def test_mutants_by_what_they_do(prover: Prover, name: str, nearly: str) -> None:
    """What changes nothing is proved, and what is nearly so, or may crash, is not."""
    assert prover.proof(mutant_named(SPEC, name))
    assert prover.proof(mutant_named(SPEC, nearly)) is None


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover(SPEC)


def test_habits_are_those_of_the_reference() -> None:
    """The reference is asked by trying: what it leaves alone is known, and nothing of effects that it does not have."""
    habits = habits_of(SPEC.chart)
    assert habits.idle == {"perhaps_take_identity"}
    assert habits.keeping == {"take_identity_once"}
    assert habits.for_users == {
        "count_message", "absorb_anonymous_activity", "forget_anonymous_contact", "perhaps_take_identity",
    }  # fmt: skip
    assert habits_of(CHART) == Habits()
