"""Payload validation: what the guide shows is valid, each rule is seen to fail, and two engines agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referencing.jsonschema import EMPTY_REGISTRY

from intercom_conformance.generation import from_schema, hostile_values, near_misses
from intercom_reference import payloads
from intercom_reference.documents import folder
from intercom_reference.loading import load_document

NAMES = payloads.schema_names()

GUIDE = [
    ("anything", {}),
    ("login", {"userId": "12345"}),
    ("login", {"email": "sample-email@test.com", "userId": "12345"}),
    ("user-attributes", {"email": "bob@example.com", "userId": "12345", "name": "Bob Smith"}),
    (
        "user-attributes",
        {"custom_attributes": {"paid_subscriber": True, "monthly_spend": 155.5, "team_mates": 3}},
    ),
    (
        "user-attributes",
        {
            "companies": [
                {
                    "createdAt": 1621844451,
                    "id": "companyId",
                    "monthlySpend": 100,
                    "name": "CompanyName",
                    "plan": "plan",
                    "customAttributes": {"city": "New York"},
                }
            ]
        },
    ),
    ("event-name", "order-item"),
    (
        "event-metadata",
        {
            "order_date": 1392036272,
            "stripe_invoice": "inv_3434343434",
            "order_number": {"value": "3434-3434", "url": "https://example.org/orders/3434-3434"},
        },
    ),
    *(("space", space) for space in ("HOME", "HELP_CENTER", "MESSAGES", "TICKETS")),
    ("content", {"type": "CAROUSEL", "id": "1234"}),
    ("content", {"type": "ARTICLE", "id": "5678"}),
    ("content", {"type": "SURVEY", "id": "5678"}),
    ("content", {"type": "CONVERSATION", "id": "5678"}),
    ("content", {"type": "HELP_CENTER_COLLECTIONS", "ids": ["23434", "7676"]}),
    ("visibility", "VISIBLE"),
    ("visibility", "GONE"),
    ("bottom-padding", 20),
    ("message", "Message"),
]
"""Every payload that the guide's samples send, in the shape that travels over a bridge."""

ALSO_VALID = [
    ("login", {"userId": None, "email": "bob@example.com"}),
    ("login", {"userId": "1", "phone": None, "companies": [], "unknown": {"kept": [1]}}),
    ("user-attributes", {}),
    ("user-attributes", {"signedUpAt": 1.0}),
    ("user-attributes", {"companies": None, "customAttributes": None}),
    ("custom-attributes", {"note": "x" * 300, "$price": 1, "snake_case and blanks-1": False}),
    ("company", {"id": "7", "monthlySpend": 155.98}),
    ("event-metadata", None),
    ("event-metadata", {f"name {index}": index for index in range(10)}),
    ("event-metadata", {"text": "x" * 255, "flag": True, "nothing": None}),
    ("event-metadata", {"price": {"amount": 1, "currency": "usd"}}),
    ("content", {"type": "HELP_CENTER_COLLECTIONS", "ids": []}),
    ("message", None),
    ("message", ""),
    ("bottom-padding", 0),
    ("bottom-padding", 0.5),
    ("user-hash", "0123456789ABCDEFabcdef" * 2 + "0" * 20),
]

BROKEN = [
    ("login", {}, "", "MUST", "anyOf", "login-needs-identity"),
    ("login", None, "", "MUST", "type", "login-needs-identity"),
    ("login", {"userId": None, "email": ""}, "", "MUST", "anyOf", "login-needs-identity"),
    ("login", {"userId": 5, "email": "a@b.c"}, "/userId", "MUST", "type", "standard-attribute-types"),
    ("user-attributes", [], "", "MUST", "type", "user-attributes-are-an-object"),
    ("user-attributes", {"unsubscribedFromEmails": "no"}, "/unsubscribedFromEmails", "MUST", "type", None),
    ("user-attributes", {"unsubscribed": True}, "/unsubscribed", "SHOULD", "enum", "known-attributes"),
    ("user-attributes", {"userId": "a@b.c"}, "/userId", "SHOULD", "not", "user-id-is-not-an-email"),
    ("user-attributes", {"userId": "null"}, "/userId", "SHOULD", "not", "identity-is-not-a-placeholder"),
    ("user-attributes", {"email": "bob"}, "/email", "SHOULD", "pattern", "email-is-an-address"),
    ("user-attributes", {"languageOverride": "German"}, "/languageOverride", "SHOULD", "pattern", None),
    (
        "login",
        {"userId": "1", "languageOverride": "en\n"},
        "/languageOverride",
        "SHOULD",
        "not",
        "language-is-a-code",
    ),
    (
        "user-attributes",
        {"signedUpAt": "2021-05-24"},
        "/signedUpAt",
        "MUST",
        "type",
        "dates-are-unix-seconds",
    ),
    ("company", {"id": "1", "createdAt": 1.5}, "/createdAt", "MUST", "type", "dates-are-unix-seconds"),
    ("date", 1621844451000, "", "SHOULD", "maximum", "dates-are-not-milliseconds"),
    (
        "custom-attributes",
        {"a_at": 1621844451000},
        "/a_at",
        "SHOULD",
        "maximum",
        "dates-are-not-milliseconds",
    ),
    ("event-metadata", {"a_date": -1}, "/a_date", "SHOULD", "minimum", "dates-are-not-milliseconds"),
    ("user-attributes", {"companies": {"id": "1"}}, "/companies", "MUST", "type", "companies-are-an-array"),
    (
        "user-attributes",
        {"companies": [{"name": "x"}]},
        "/companies/0",
        "MUST",
        "required",
        "company-needs-id",
    ),
    ("company", {"id": ""}, "/id", "MUST", "minLength", "company-needs-id"),
    ("company", {"id": 7}, "/id", "MUST", "type", "company-needs-id"),
    ("company", {"id": "7", "plan": 3}, "/plan", "MUST", "type", "company-attribute-types"),
    (
        "company",
        {"id": "7", "monthlySpend": 1.5},
        "/monthlySpend",
        "SHOULD",
        "type",
        "monthly-spend-is-whole",
    ),
    ("company", {"id": "7", "custom_attributes": {}}, "/custom_attributes", "SHOULD", "x-alias-of", None),
    (
        "login",
        {"userId": "1", "custom_attributes": {}},
        "/custom_attributes",
        "SHOULD",
        "x-alias-of",
        "both-custom-attribute-spellings",
    ),
    (
        "user-attributes",
        {"custom_attributes": {}, "customAttributes": {}},
        "",
        "SHOULD",
        "not",
        "custom-attributes-given-once",
    ),
    ("custom-attributes", {"a": {"b": 1}}, "/a", "MUST", "type", "custom-attributes-are-flat"),
    ("user-attributes", {"customAttributes": {"a": []}}, "/customAttributes/a", "MUST", "type", None),
    ("custom-attributes", {"a.b": 1}, "/a.b", "MUST", "pattern", "custom-attribute-key-characters"),
    ("custom-attributes", {"a~/b": 1}, "/a~0~1b", "MUST", "pattern", "custom-attribute-key-characters"),
    ("custom-attributes", {"$a": 1}, "/$a", "SHOULD", "not", "custom-attribute-names-are-plain"),
    ("custom-attributes", {"a": "x" * 256}, "/a", "SHOULD", "maxLength", "custom-attribute-string-length"),
    ("event-name", "", "", "MUST", "minLength", "event-name-is-text"),
    ("event-metadata", {"a": [1]}, "/a", "MUST", "anyOf", "event-metadata-is-simple"),
    ("event-metadata", {"a": {"b": 1}}, "/a", "MUST", "anyOf", "event-metadata-is-simple"),
    ("event-metadata", {"a$": 1}, "/a$", "MUST", "pattern", "event-metadata-key-characters"),
    ("event-metadata", {"a\n": 1}, "/a\n", "SHOULD", "not", "event-metadata-names-are-plain"),
    ("event-metadata", {"a": "x" * 256}, "/a", "MUST", "maxLength", "event-metadata-string-length"),
    ("event-metadata", {"Plan": 1, "plan": 2}, "/plan", "SHOULD", "x-caseless", "names-differ-in-more-than-case"),
    ("event", {"metadata": {}}, "", "MUST", "required", "event-name-is-text"),
    ("event", {"name": "a", "metadta": {}}, "/metadta", "SHOULD", "enum", "event-details-stand-in-metadata"),
    ("event", {"name": "a", "metadata": {"b": "c" * 256}}, "/metadata/b", "MUST", "maxLength", None),
    (
        "custom-attributes",
        {"seen_at": "2021-05-24"},
        "/seen_at",
        "SHOULD",
        "type",
        "custom-attribute-dates-are-numbers",
    ),
    (
        "event-metadata",
        dict.fromkeys("abcdefghijk", 1),
        "",
        "MUST",
        "maxProperties",
        "event-metadata-key-limit",
    ),
    ("event-metadata", {"a": None}, "/a", "SHOULD", "type", "event-metadata-has-documented-types"),
    ("event-metadata", {"a": {"url": "https://x.org"}}, "/a", "MUST", "required", "rich-link-shape"),
    ("event-metadata", {"a": {"url": "x", "value": "y"}}, "/a/url", "SHOULD", "pattern", "links-are-http"),
    ("event-metadata", {"a": {"amount": 0, "currency": "eur"}}, "/a/amount", "MUST", None, "monetary-shape"),
    (
        "event-metadata",
        {"a": {"amount": 1, "currency": "€"}},
        "/a/currency",
        "SHOULD",
        None,
        "currency-is-a-code",
    ),
    ("content", {"type": "VIDEO", "id": "1"}, "/type", "MUST", "enum", "content-type-is-documented"),
    ("content", {"id": "1"}, "", "MUST", "required", "content-type-is-documented"),
    ("content", {"type": "ARTICLE"}, "", "MUST", "required", "content-needs-id"),
    ("content", {"type": "ARTICLE", "id": 5}, "/id", "MUST", "type", "content-needs-id"),
    (
        "content",
        {"type": "HELP_CENTER_COLLECTIONS", "ids": [1]},
        "/ids/0",
        "MUST",
        "type",
        "collections-are-ids",
    ),
    ("space", "home", "", "MUST", "enum", "space-is-documented"),
    ("visibility", None, "", "MUST", "enum", "visibility-is-documented"),
    ("bottom-padding", "20", "", "MUST", "type", "bottom-padding-is-a-number"),
    ("message", 5, "", "MUST", "type", "message-is-text"),
    ("user-hash", "0" * 63 + "g", "", "MUST", "pattern", "user-hash-is-hexadecimal"),
    ("user-hash", "0" * 64 + "\n", "", "MUST", "maxLength", "user-hash-is-hexadecimal"),
    ("push-token", "", "", "MUST", "minLength", "push-token-is-text"),
    ("identifier", 5678, "", "MUST", "type", "identifier-is-text"),
    ("search-term", None, "", "MUST", "type", "search-term-is-text"),
    ("count", "3", "", "MUST", "type", "unread-count-is-a-number"),
    ("flag", 1, "", "MUST", "type", "logged-in-answer-is-a-boolean"),
    ("collections", "[]", "", "MUST", "type", "fetched-data-is-structured"),
    ("collections", [{"title": "x"}], "/0", "MUST", "required", "help-center-collections"),
    ("search-results", [{"title": 1}], "/0/title", "MUST", "type", "help-center-search"),
    (
        "collection",
        {"id": "1", "title": "x", "articles": {}},
        "/articles",
        "MUST",
        "type",
        "help-center-collection",
    ),
]
"""Payloads that break a rule: schema, payload, and the problem's pointer, level, keyword and requirement."""

REMEDIES = [
    ("login", {"user_id": "1"}, 'Did you mean "userId"?'),
    ("user-attributes", {"Company": 1}, 'Did you mean "companies"?'),
    ("user-attributes", {"userId": 12345}, 'Write "12345", in quotes.'),
    ("user-attributes", {"signedUpAt": "1621844451"}, "Write 1621844451, without quotes."),
    ("user-attributes", {"signedUpAt": 1621844451123}, "Write 1621844451: seconds, not milliseconds."),
    ("event-metadata", {"paid": {"amount": 19.99, "currency": "usd"}}, "Write 1999: cents."),
    ("company", {"id": "1", "custom_attributes": {}}, "Write customAttributes;"),
    ("custom-attributes", {"seen_at": "1621844451"}, "Write 1621844451, without quotes."),
    ("custom-attributes", {"seen_at": "2021-05-24T08:20:51Z"}, "Write 1621844451: seconds."),
    ("user-attributes", {"signedUpAt": "2021-05-24 08:20:51"}, "Write 1621844451: seconds."),
    ("event", {"name": "a", "metadta": {}}, 'Did you mean "metadata"?'),
    ("visibility", "visible", 'Did you mean "VISIBLE"?'),
    ("space", "HelpCenter", 'Did you mean "HELP_CENTER"?'),
    ("company", {"name": "Acme"}, "id: text that is not empty"),
]


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = {"a": [value]}
    return value


NOT_JSON = {
    "NaN": (float("nan"), ""),
    "infinity": ({"userId": "1", "name": [float("-inf")]}, "/name/0"),
    "huge number": ({"signedUpAt": 10**5000}, "/signedUpAt"),
    "bytes": ({"userId": b"1"}, "/userId"),
    "set": ({1, 2}, ""),
    "tuple": ({"companies": ({"id": "1"},)}, "/companies"),
    "key that is no text": ({"a/b": {1: 2}}, "/a~1b"),
    "key of half a character": ({"\ud800": 1}, ""),
    "half a character": ({"name": "\udfff"}, "/name"),
    "object": (object(), ""),
    "a cycle": (cyclic(), "/0" * 65),
    "deep nesting": (nested(50_000), "/a/0" * 32 + "/a"),
}


def problems_of(name: str, value: Any, level: str) -> list[payloads.Problem]:
    return [problem for problem in payloads.validate(name, value) if problem.level == level]


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in NAMES:
        yield name, load_document(f"schemas/{name}.schema.json")


def subschemas(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            if key not in ("examples", "enum", "const"):
                yield from subschemas(child, (*path, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from subschemas(child, (*path, str(index)))


# What is valid, and what is not ---------------------------------------------------------------------


@pytest.mark.parametrize(("name", "payload"), GUIDE + ALSO_VALID)
def test_what_the_guide_shows_is_valid(name: str, payload: Any) -> None:
    """No sample of the guide, and nothing else that it leaves open, breaks a rule of level MUST."""
    assert problems_of(name, payload, "MUST") == []
    assert payloads.is_valid(name, payload)


@pytest.mark.parametrize(("name", "payload", "pointer", "level", "keyword", "requirement"), BROKEN)
def test_a_broken_rule_is_named_with_its_place(
    name: str, payload: Any, pointer: str, level: str, keyword: str | None, requirement: str | None
) -> None:
    """A problem says where, how bad, which keyword and which requirement; nothing is worse than that."""
    found = [problem for problem in payloads.validate(name, payload) if problem.pointer == pointer]
    assert any(
        problem.level == level and keyword in (None, problem.keyword) and requirement in (None, problem.requirement)
        for problem in found
    ), payloads.validate(name, payload)
    assert payloads.is_valid(name, payload) == (level == "SHOULD")
    assert not payloads.is_valid(name, payload, strict=True)


def test_every_rule_of_the_schemas_is_seen_to_fail() -> None:
    """The table of broken payloads has one for each requirement that a schema cites, and cites no other."""
    assert {row[5] for row in BROKEN} - {None} == payloads.requirements().keys()


def test_a_mistake_is_reported_once() -> None:
    """A login that is no object breaks two schemas and is one problem; an innocent null breaks none."""
    assert [problem.pointer for problem in payloads.validate("login", None)] == [""]
    assert payloads.validate("login", {"userId": "1", "email": None, "signedUpAt": None}) == ()


def test_must_comes_before_should_and_the_order_is_fixed() -> None:
    """Problems come worst first, then by place, however the payload was put together."""
    payload = {"zeta": 1, "alpha": 1, "name": 3, "email": 4}
    reordered = dict(reversed(payload.items()))
    found = payloads.validate("user-attributes", payload)
    assert [problem.pointer for problem in found] == ["/email", "/name", "/alpha", "/zeta"]
    assert found == payloads.validate("user-attributes", reordered)


@pytest.mark.parametrize(("name", "payload", "remedy"), REMEDIES)
def test_a_remedy_says_what_to_write(name: str, payload: Any, remedy: str) -> None:
    """Where the value shows what was meant, the remedy says so."""
    assert any(remedy in problem.remedy for problem in payloads.validate(name, payload))


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("date", 10**20),
        ("date", -1),
        ("event-metadata", {"a": {"amount": "much", "currency": "usd"}}),
        ("space", "somewhere else"),
        ("user-attributes", {"signedUpAt": "yesterday"}),
    ],
)
def test_nothing_is_suggested_where_nothing_is_clear(name: str, payload: Any) -> None:
    """A remedy does not guess."""
    [problem] = payloads.validate(name, payload)
    assert "Write " not in problem.remedy
    assert "Did you mean" not in problem.remedy


def test_a_problem_reads_as_a_sentence() -> None:
    """The text of a problem has its level, its rule, its place, what was found and what to do."""
    [problem] = payloads.validate("space", "home")
    assert str(problem) == (
        'MUST space-is-documented at the payload: found "home". Did you mean "HOME"? Give a documented space.'
    )
    [problem] = payloads.validate("company", {"id": 7})
    assert str(problem).startswith("MUST company-needs-id at /id: found 7.")


@pytest.mark.parametrize("name", ["user-hash", "push-token"])
def test_a_secret_is_not_repeated(name: str) -> None:
    """A problem with a secret tells its length, never its content."""
    secret = "s3cr3t" if name == "user-hash" else ""
    [problem] = payloads.validate(name, secret)
    assert problem.found == f"a text of {len(secret)} characters"
    assert "s3cr3t" not in str(problem)


def test_long_values_are_cut() -> None:
    """A problem stays readable whatever it is about."""
    assert all(len(str(p)) < 400 for p in payloads.validate("event-metadata", {"x" * 999: ["y" * 9999]}))


# The doors ------------------------------------------------------------------------------------------


def test_each_door_leads_to_its_schema() -> None:
    """The named functions are `validate` with a name, for people who send data."""
    assert payloads.validate_login({}) == payloads.validate("login", {}) != ()
    assert payloads.validate_user_attributes(1) == payloads.validate("user-attributes", 1) != ()
    assert payloads.validate_company({}) == payloads.validate("company", {}) != ()
    assert payloads.validate_content({}) == payloads.validate("content", {}) != ()


def test_an_event_is_its_name_and_its_metadata() -> None:
    """The pointers of an event's problems tell the two apart; metadata may be left out."""
    assert payloads.validate_event("order-item") == ()
    found = payloads.validate_event("", {"a": []})
    assert [problem.pointer for problem in found] == ["/name", "/metadata/a"]


def test_limits_can_be_replaced() -> None:
    """Where sources are at odds, the caller's limit counts, in both engines and through references."""
    metadata = {f"name{index}": index for index in range(15)}
    assert payloads.limits()["event-metadata-keys"] == 10
    assert payloads.validate_event("x", metadata) != ()
    assert payloads.validate_event("x", metadata, limits={"event-metadata-keys": 20}) == ()
    assert payloads.is_valid("event-metadata", metadata, limits={"event-metadata-keys": 15})
    assert not payloads.is_valid("event-metadata", metadata, limits={"event-metadata-keys": 14})
    long = {"userId": "1", "customAttributes": {"a": "x" * 300}}
    assert payloads.validate_login(long) != ()
    assert payloads.validate_login(long, limits={"custom-attribute-string-length": 300}) == ()
    assert not payloads.is_valid("event-metadata", metadata)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"event-metadata-key": 20}, 'Did you mean "event-metadata-keys"?'),
        ({"event-metadata-keys": -1}, "Give a whole number from 0 up."),
        ({"event-metadata-keys": True}, "Give a whole number from 0 up."),
    ],
)
def test_a_wrong_limit_is_refused(limits: Any, text: str) -> None:
    """A limit that would silently do nothing is an error that tells what to do."""
    with pytest.raises((payloads.UnknownNameError, payloads.BadLimitError), match=re.escape(text)):
        payloads.validate("login", {}, limits=limits)


@pytest.mark.parametrize("door", [payloads.validate, payloads.is_valid, payloads.canonical])
def test_an_unknown_schema_is_refused(door: Any) -> None:
    """A misspelt schema name is an error with the closest name."""
    with pytest.raises(payloads.UnknownNameError, match='Did you mean "event-metadata"'):
        door("event-metdata", {})


def test_a_schema_can_be_taken_away_and_changed() -> None:
    """`schema` gives a document of its own: plain validators take it alone; changes stay with the caller."""
    for name in NAMES:
        taken = payloads.schema(name)
        jsonschema.Draft202012Validator.check_schema(taken)
        assert jsonschema_rs.validator_for(taken).is_valid(taken["examples"][0])
        taken.clear()
        assert payloads.schema(name)


def test_another_specification_brings_its_own_schemas(tmp_path: Path) -> None:
    """`Payloads` reads any documents, and two specifications do not mix."""
    (tmp_path / "schemas").mkdir()
    text = json.dumps({"type": "integer", "x-requirement": "dial-is-a-number", "x-remedy": "Turn it."})
    document = {**json.loads(text), "$id": "https://example.org/schemas/dial.schema.json"}
    (tmp_path / "schemas" / "dial.schema.json").write_text(json.dumps(document), encoding="utf-8")
    other = payloads.Payloads(folder(tmp_path))
    assert other.schema_names() == ("dial",)
    assert other.is_valid("dial", 3)
    assert [problem.requirement for problem in other.validate("dial", "x")] == ["dial-is-a-number"]
    with pytest.raises(payloads.UnknownNameError):
        other.is_valid("login", {})


def test_importing_costs_no_validator() -> None:
    """Whoever only imports the module pays for neither engine."""
    code = "import sys, intercom_reference.payloads; print({'jsonschema', 'jsonschema_rs'} & sys.modules.keys())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


# Other spellings ------------------------------------------------------------------------------------


def test_canonical_renames_at_every_depth() -> None:
    """The alternative spelling becomes the main one, in the attributes and in each company."""
    payload = {
        "userId": "1",
        "custom_attributes": {"a": 1, "custom_attributes": "an attribute of that name"},
        "companies": [{"id": "7", "custom_attributes": {"b": 2}}, "no company"],
        "unknown": {"custom_attributes": {}},
    }
    before = json.dumps(payload)
    assert payloads.canonical("login", payload) == {
        "userId": "1",
        "customAttributes": {"a": 1, "custom_attributes": "an attribute of that name"},
        "companies": [{"id": "7", "customAttributes": {"b": 2}}, "no company"],
        "unknown": {"custom_attributes": {}},
    }
    assert json.dumps(payload) == before


@pytest.mark.parametrize("turned", [False, True])
def test_canonical_merges_both_spellings(turned: bool) -> None:
    """Both maps count, and the main spelling wins, in whichever order they come."""
    both = [("custom_attributes", {"a": "alias", "b": 1}), ("customAttributes", {"a": "main"})]
    payload = dict(reversed(both) if turned else both)
    assert payloads.canonical("user-attributes", payload) == {"customAttributes": {"a": "main", "b": 1}}


def test_canonical_lets_the_main_spelling_win_when_there_is_nothing_to_merge() -> None:
    """Clearing under the main spelling is not undone by the other one."""
    payload = {"customAttributes": None, "custom_attributes": {"a": 1}}
    assert payloads.canonical("user-attributes", payload) == {"customAttributes": None}


@pytest.mark.parametrize("name", NAMES)
def test_canonical_leaves_everything_else_alone(name: str) -> None:
    """A value in which no schema knows an alternative spelling comes back as it went in."""
    for value in hostile_values():
        assert payloads.canonical(name, value) == value


# A validator for often --------------------------------------------------------------------------------


def test_a_validator_tells_errors_from_warnings() -> None:
    """What breaks a MUST is an error and what breaks a SHOULD a warning; together they are what `validate` says."""
    judge = payloads.validator("user-attributes")
    value = {"userId": "ada@example.com", "name": 5}
    assert [problem.pointer for problem in judge.errors(value)] == ["/name"]
    assert [problem.pointer for problem in judge.warnings(value)] == ["/userId"]
    assert judge(value) == payloads.validate("user-attributes", value)
    assert judge({"userId": "1"}) == judge.errors({"userId": "a@b.c"}) == ()
    assert judge.is_valid({"userId": "a@b.c"})
    assert not judge.is_valid({"userId": "a@b.c"}, strict=True)


def test_a_validator_takes_limits() -> None:
    """A replaced limit holds in both engines."""
    judge = payloads.validator("event-metadata", limits={"event-metadata-keys": 1})
    assert not judge.is_valid({"a": 1, "b": 2})
    assert [problem.keyword for problem in judge.errors({"a": 1, "b": 2})] == ["maxProperties"]
    with pytest.raises(payloads.UnknownNameError, match="event-metadata-keys"):
        payloads.validator("event-metadata", limits={"event-metadata-key": 1})


@pytest.mark.parametrize(("kind", "profile", "near"), [("lgin", None, "login"), ("login", "cordova-io", "cordova-ios")])
def test_a_validator_of_a_name_that_none_has(kind: str, profile: str | None, near: str) -> None:
    """A misspelt kind or profile is told at once, with the name that was probably meant."""
    with pytest.raises(payloads.UnknownNameError, match=f'Did you mean "{near}"'):
        payloads.validator(kind, profile=profile)


# Hostile values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "pointer"), NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize("name", ["login", "event-metadata", "anything"])
def test_what_json_cannot_hold_is_a_problem(name: str, value: Any, pointer: str) -> None:
    """NaN, cycles and the like never crash validation, and are found at their place."""
    [problem] = payloads.validate(name, value)
    assert (problem.pointer, problem.level, problem.requirement) == (pointer, "MUST", "payload-is-json")
    assert str(problem).endswith(problem.remedy)
    assert not payloads.is_valid(name, value)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_json_gets_the_same_verdict_everywhere(name: str) -> None:
    """No JSON crashes an engine, and the engines agree."""
    for value in [*hostile_values(), nested(31), 10**300]:
        assert_engines_agree(name, value)


def test_the_deepest_allowed_nesting_is_judged() -> None:
    """The border of what is judged lies where the loader of documents has it."""
    assert payloads.is_valid("anything", nested(32))
    assert not payloads.is_valid("anything", nested(33))


# Two engines, one verdict ---------------------------------------------------------------------------


def assert_engines_agree(name: str, value: Any) -> None:
    truth = jsonschema.Draft202012Validator(payloads.schema(name)).is_valid(value)
    found = payloads.validate(name, value)
    assert payloads.is_valid(name, value) == truth
    assert any(problem.level == "MUST" for problem in found) != truth
    strictly = jsonschema.Draft202012Validator(payloads.schema(name, strict=True)).is_valid(value)
    assert payloads.is_valid(name, value, strict=True) == (not found), found
    assert payloads.validator(name)(value) == found
    plain = [problem for problem in found if problem.keyword != "x-caseless"]
    assert strictly == (not plain), found


QUIETLY = settings(max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_engines_agree_on_valid_payloads_and_near_misses(name: str, strict: bool) -> None:
    """What jsonschema calls valid, jsonschema-rs does, and `validate` reports exactly what is not."""
    schema = payloads.schema(name, strict=strict)

    @QUIETLY
    @given(from_schema(schema), st.randoms(use_true_random=False))
    def agree(value: Any, random: Any) -> None:
        assert_engines_agree(name, value)
        missed = list(near_misses(schema, EMPTY_REGISTRY, value))
        for miss in random.sample(missed, min(10, len(missed))):
            assert_engines_agree(name, miss.payload)
            assert not payloads.is_valid(name, miss.payload, strict=strict)

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_canonical_keeps_validity_and_is_final(name: str) -> None:
    """Renaming never makes a valid payload invalid, and renaming twice is renaming once."""

    @QUIETLY
    @given(from_schema(payloads.schema(name)))
    def kept(value: Any) -> None:
        renamed = payloads.canonical(name, value)
        assert payloads.is_valid(name, renamed)
        assert payloads.canonical(name, renamed) == renamed
        assert not any(p.keyword == "x-alias-of" for p in payloads.validate(name, renamed))

    kept()


# The schemas themselves -----------------------------------------------------------------------------


def test_every_schema_obeys_the_schema_of_schemas() -> None:
    """Payload schemas use known keywords only, and have a title, a description and examples."""
    meta = jsonschema.Draft202012Validator(load_document("schemas/documents/payload-schema.schema.json"))
    for name, document in documents():
        assert [error.message for error in meta.iter_errors(document)] == [], name
        assert document["$id"] == f"https://intercom-conformance.dev/schemas/{name}.schema.json"


@pytest.mark.parametrize(
    "change",
    [
        {"x-requirment": "login-needs-identity"},
        {"x-requirement": "login-needs-identity"},
        {"properties": {"name": {"typ": "string"}}},
        {"properties": {"name": {"$ref": "date.schema.json", "type": "string"}}},
        {"x-should": {"x-limit": "some-limit"}},
        {"allOf": [{"x-requirement": "Not A Slug", "x-remedy": "Do it."}]},
        {"title": None},
    ],
)
def test_the_schema_of_schemas_refuses_mistakes(change: dict[str, Any]) -> None:
    """A misspelt annotation, a rule without a remedy, and one that a reference would hide are refused."""
    meta = jsonschema.Draft202012Validator(load_document("schemas/documents/payload-schema.schema.json"))
    document = load_document("schemas/space.schema.json")
    broken = {key: value for key, value in document.items() if not key.startswith("x-")} | change
    assert not meta.is_valid(broken)


def test_examples_satisfy_even_what_is_only_a_should() -> None:
    """The examples are what a reader copies, so there is nothing at all to say against them."""
    for name, document in documents():
        for example in document["examples"]:
            assert payloads.validate(name, example) == (), (name, example)


def test_a_should_never_stands_where_it_would_decide() -> None:
    """Below anyOf, not or if a SHOULD would change what is valid, so there is none."""
    for name, document in documents():
        for path, node in subschemas(document):
            deciding = {"anyOf", "oneOf", "not", "if", "x-should"} & {*path}
            assert not ("x-should" in node and deciding), (name, path)


def test_levels_say_should_exactly_inside_should() -> None:
    """A rule's level is stated where it is not MUST, and is the same wherever the rule stands."""
    levels: dict[str, set[str]] = {}
    for name, document in documents():
        for path, node in subschemas(document):
            if "x-requirement" in node:
                warns = "x-should" in path or "x-alias-of" in node
                assert (node.get("x-level") == "SHOULD") == warns, (name, path)
                levels.setdefault(node["x-requirement"], set()).add(node.get("x-level", "MUST"))
    assert [slug for slug, found in levels.items() if len(found) > 1] == []
    assert {slug: rule.level for slug, rule in payloads.requirements().items()} == {
        slug: next(iter(found)) for slug, found in levels.items()
    }


def patterns() -> Iterator[str]:
    for _, document in documents():
        for _, node in subschemas(document):
            if isinstance(node.get("pattern"), str):
                yield node["pattern"]
            yield from node.get("patternProperties", {})


FORBIDDEN = {
    "look-around": r"\(\?[=!<]",
    "a named or flagged group": r"\(\?",
    "a back-reference": r"\\[1-9]|\\k",
    "a class that differs in Unicode": r"\\[dDwWsSbB]",
    "a property class": r"\\[pP]",
    "an anchor that few know": r"\\[AzZG]",
    "a set operation": r"&&|--|~~|\|\|",
    "a possessive or lazy quantifier": r"[+*?}][+?]",
    "a dot, which stops at other line ends in each": r"(?<![\\\[])\.(?![^\[]*\])",
}


@pytest.mark.parametrize("pattern", sorted(set(patterns())))
def test_patterns_mean_the_same_in_every_language(pattern: str) -> None:
    """Patterns keep to what ECMA-262, Python and Rust read alike, and agree on texts that are telling."""
    for what, construct in FORBIDDEN.items():
        assert not re.search(construct, pattern), what
    compiled = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    texts = [
        "",
        "a",
        "en",
        "a@b.c",
        "a.b",
        "a$",
        "\0",
        "https://x",
        "0" * 64,
        "é",
        "a_at",
        "\\",
        "|",
        '"',
        "😀",
    ]
    for text in texts:
        assert compiled.is_valid(text) == bool(re.search(pattern, text)), text


def test_a_line_end_never_slips_past_an_anchor() -> None:
    """Python's ``$`` also matches before a final line end; no schema lets the engines differ by that."""
    for name, document in documents():
        for example in [
            *document["examples"],
            "en\n",
            "usd\n",
            "0" * 64 + "\n",
            {"a_at\n": 1e12},
            {"a_date\n": 1e12},
        ]:
            assert_engines_agree(name, example)
            if isinstance(example, str):
                assert_engines_agree(name, example + "\n")
    for language in ("en\n", "de-DE\n"):
        assert_engines_agree("user-attributes", {"languageOverride": language})
    assert_engines_agree("event-metadata", {"a": {"amount": 1, "currency": "usd\n"}})


@pytest.mark.parametrize("construct", ["(?=a)", "(?P<x>a)", r"(a)\1", r"\d", r"\p{L}", r"a\Z", "[a&&b]", "a+?", "a.b"])
def test_the_check_of_patterns_sees_each_forbidden_construct(construct: str) -> None:
    """The check above can fail."""
    assert any(re.search(pattern, construct) for pattern in FORBIDDEN.values())
