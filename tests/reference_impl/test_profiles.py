"""Profiles: each obeys its schema, the engines agree in every spelling, and conversions tell what they lose."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from referencing.jsonschema import EMPTY_REGISTRY

from intercom_conformance.generation import from_schema, near_misses
from intercom_reference import payloads, profiles
from intercom_reference._data import names
from intercom_reference.loading import load_document

KINDS = [(name, kind) for name in profiles.names() for kind in profiles.profile(name).kinds]
FULL = {
    "userId": "1",
    "email": "ada@example.com",
    "name": "Ada",
    "phone": "1",
    "languageOverride": "de",
    "signedUpAt": 1621844451,
    "unsubscribedFromEmails": True,
    "companies": [{"id": "c", "name": "Acme", "plan": "pro", "customAttributes": {"x": 1}}],
    "customAttributes": {"city": "Paris"},
}
LOST = {
    "mobile": [],
    "cordova-ios": [],
    "cordova-android": [],
    "react-native": [],
    "web": [],
    "rest": ["/companies"],
    "capacitor": ["/signedUpAt", "/unsubscribedFromEmails", "/companies"],
    "flutter": ["/unsubscribedFromEmails", "/companies/0/plan", "/companies/0/customAttributes"],
}
QUIETLY = settings(max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def profile_validator() -> jsonschema.Draft202012Validator:
    documents = [load_document(path) for path in names("schemas/documents")]
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in documents)
    return jsonschema.Draft202012Validator(load_document("schemas/documents/profile.schema.json"), registry=registry)


@pytest.mark.parametrize("name", profiles.names())
def test_a_profile_obeys_its_schema(name: str) -> None:
    """A profile is good by its schema, and has the name of its file."""
    document = load_document(f"schemas/profiles/{name}.yaml")
    assert [error.message for error in profile_validator().iter_errors(document)] == []
    assert document["profile"] == name


@pytest.mark.parametrize(
    "fault",
    [
        {"kinds": {}},
        {"profile": "Web"},
        {"kinds": {"event": {"names": {"name": ""}}}},
        {"kinds": {"event": {"units": {"name": "cents"}}}},
        {"kinds": {"event": {"lost": {"name": "It is lost."}}}},
        {"kinds": {"event": {"also": {"requird": []}}}},
        {"colour": 1},
    ],
)
def test_the_schema_of_profiles_refuses_mistakes(fault: dict[str, Any]) -> None:
    """What a person mistypes in a profile is seen."""
    assert not profile_validator().is_valid(load_document("schemas/profiles/web.yaml") | fault)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_profile_accounts_for_every_name(name: str, kind: str) -> None:
    """Whatever the payload schema knows is carried, told to be lost, spread, or taken from a first item; once."""
    entry = profiles.profile(name).kind(kind)
    if entry.names is None:
        return
    known = [key for path in documents(kind) for key, part in path.items() if "x-alias-of" not in part]
    told = [*entry.names, *entry.lost, *entry.first_of, *filter(None, [entry.spread])]
    assert sorted(told) == sorted({*known})


def documents(kind: str) -> list[dict[str, Any]]:
    document = load_document(f"schemas/{kind}.schema.json")
    parts = [part["$ref"].removesuffix(".schema.json") for part in document.get("allOf", ()) if "$ref" in part]
    return [document.get("properties", {}), *(found for part in parts for found in documents(part))]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_engines_agree_in_every_spelling(name: str, kind: str, strict: bool) -> None:
    """jsonschema, jsonschema-rs and the problems told agree on valid payloads of a profile, and on near misses."""
    judge = payloads.validator(kind, profile=name)
    schema = judge.payloads.schema(kind, strict=strict)
    truth = jsonschema.Draft202012Validator(schema)

    def agree(value: Any) -> None:
        assert judge(value) == judge.payloads.validate(kind, value)
        told = [one for one in judge(value) if one.keyword != "x-caseless"]
        assert truth.is_valid(value) == (not told if strict else not judge.errors(value)), told
        assert judge.is_valid(value, strict=strict) == (not judge(value) if strict else not judge.errors(value))

    @QUIETLY
    @given(from_schema(schema), st.randoms(use_true_random=False))
    def compare(value: Any, random: Any) -> None:
        agree(value)
        missed = list(near_misses(schema, EMPTY_REGISTRY, value))
        for miss in random.sample(missed, min(6, len(missed))):
            agree(miss.payload)

    compare()


@pytest.mark.parametrize("name", profiles.names())
def test_what_a_payload_loses(name: str) -> None:
    """The losses of a payload that uses every name, place by place, each with what to do."""
    found = profiles.losses(FULL, "user-attributes", "mobile", name)
    assert [loss.pointer for loss in found] == LOST[name]
    assert all(str(loss).endswith(loss.remedy) and loss.remedy.endswith(".") for loss in found)


@pytest.mark.parametrize("name", profiles.names())
def test_a_converted_payload_is_valid_there_and_comes_back(name: str) -> None:
    """What is not lost is right in the other spelling, and is the same again on the way back."""
    there = profiles.convert(FULL, "user-attributes", "mobile", name)
    assert payloads.validator("user-attributes", profile=name)(there.payload) == ()
    back = profiles.convert(there.payload, "user-attributes", name, "mobile")
    assert back.losses == ()
    kept = {key: value for key, value in FULL.items() if f"/{key}" not in LOST[name]}
    if name == "flutter":
        kept["companies"] = [{"id": "c", "name": "Acme"}]
    assert back.payload == kept


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_valid_payload_stays_valid_on_the_way_to_the_guides_names(name: str, kind: str) -> None:
    """A payload that a profile accepts is one that the guide accepts, under the guide's names."""
    judge = payloads.validator(kind, profile=name)

    @QUIETLY
    @given(from_schema(judge.payloads.schema(kind)))
    def kept(value: Any) -> None:
        if kind in profiles.profile("mobile").kinds:
            assert payloads.is_valid(kind, profiles.convert(value, kind, name, "mobile").payload)

    kept()


WRITTEN = [
    ("cordova-ios", "user-attributes", {"userId": "1"}, "/userId", "Write user_id instead."),
    ("web", "user-attributes", {"userId": "1"}, "/userId", "Write user_id instead."),
    ("flutter", "user-attributes", {"languageOverride": "de"}, "/languageOverride", "Write language instead."),
    ("flutter", "user-attributes", {"companyId": "1"}, "", "Give company and companyId together"),
    ("flutter", "login", {"userId": "1", "email": "a@b.c"}, "", "Give userId or email, and not both."),
    ("cordova-android", "login", {"userId": "1", "phone": "2"}, "/phone", "send the rest with updateUser."),
    ("rest", "event", {"event_name": "a", "created_at": 1}, "", "one of id, user_id and email."),
    ("capacitor", "event", {"name": "a", "metadata": {}}, "/metadata", "Write data instead."),
    ("react-native", "user-attributes", {"custom_attributes": {}}, "/custom_attributes", 'mean "customAttributes"'),
    ("web", "user-attributes", {"pets": ["dog"]}, "/pets", "a name of its own."),
    ("rest", "company", {"company_id": "1", "customAtributes": {}}, "/customAtributes", 'mean "custom_attributes"'),
]


@pytest.mark.parametrize(("name", "kind", "value", "pointer", "remedy"), WRITTEN)
def test_a_remedy_speaks_the_profiles_spelling(name: str, kind: str, value: Any, pointer: str, remedy: str) -> None:
    """A name of another binding is told with the one to write, and a rule of one binding holds there."""
    found = [problem for problem in payloads.validator(kind, profile=name)(value) if problem.pointer == pointer]
    assert any(remedy in problem.remedy for problem in found), found


def test_a_fraction_is_lost_where_whole_numbers_are_kept() -> None:
    """The API cuts a company's spend; the loss says what arrives."""
    there = profiles.convert({"id": "1", "monthlySpend": 155.98}, "company", "mobile", "rest")
    assert there.payload == {"company_id": "1", "monthly_spend": 155}
    assert [str(loss) for loss in there.losses] == ["/monthlySpend is lost. Round it: 155 arrives."]


def test_what_is_no_payload_is_kept() -> None:
    """A conversion corrects nothing and refuses nothing."""
    for value in [None, 5, "x", [], {"companies": 7, "customAttributes": "y"}, {"companies": ["x", {"id": 1}]}]:
        there = profiles.convert(value, "user-attributes", "mobile", "cordova-ios").payload
        assert profiles.convert(there, "user-attributes", "cordova-ios", "mobile").payload == value
    with pytest.raises(payloads.UnknownNameError, match="There are"):
        profiles.convert({}, "login", "mobile", "rest")
