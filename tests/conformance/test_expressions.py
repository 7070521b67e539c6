"""Paths and facts: every operator, with values that are there, absent, null, odd, and uncertain."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import pytest
import small_specs
from hypothesis import given
from hypothesis import strategies as st

from intercom_conformance.oracle.expressions import (
    ABSENT,
    UNCERTAIN,
    Scope,
    Undecided,
    compile_fact,
    compile_operand,
    compile_path,
    same,
)

SECRET = "s3cret"


def signature(message: str) -> str:
    return hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()


SCOPE = Scope(
    arguments={
        "who": {"name": "Ada", "mail": "", "nick": None, "years": 36, "tags": {"a": 1, "b": 2}},
        "kind": "fruit",
        "one": "apple",
        "many": ["apple", "pear"],
        "odd": [1],
        "flag": True,
        "signed": signature("Ada"),
    },
    current={"name": "Ada", "mail": None},
    collections={"people": [{"name": "Ada", "mail": None}, {"name": "Grace", "mail": "g@example.org"}]},
    registers={
        "ripe": {"fruit": {"apple": "yes", "pear": "yes", "plum": "no"}},
        "allowed": ["a", "b", "c"],
        "few": ["a"],
        "zero": 0,
        "secret": SECRET,
        "open": UNCERTAIN,
    },
)

PAYLOADS = small_specs.payloads()


def holds(expression: Mapping[str, Any], scope: Scope = SCOPE) -> bool:
    return compile_fact(expression, PAYLOADS)(scope)


# Paths ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["argument", "who", "name"], "Ada"),
        (["argument", "who", "nick"], None),
        (["argument", "who", "size"], ABSENT),
        (["argument", "nobody", "name"], ABSENT),
        (["argument", "who", "name", "first"], ABSENT),
        (["argument", "many", "0"], ABSENT),
        (["register", "zero"], 0),
        (["current", "name"], "Ada"),
        (["record", "name"], ABSENT),
        (["register", "ripe", ["argument", "kind"], ["argument", "one"]], "yes"),
        (["register", "ripe", ["argument", "odd"]], ABSENT),
        (["register", "ripe", ["argument", "missing"]], ABSENT),
        (["register", "open"], UNCERTAIN),
        (["register", "open", "inside"], UNCERTAIN),
    ],
)
def test_a_path_gives_the_value_at_its_end(path: list[Any], value: Any) -> None:
    """What is not there is absent, a list inside is the path of a key, and what is uncertain stays so."""
    assert compile_path(path)(SCOPE) is value or compile_path(path)(SCOPE) == value


def test_nobody_has_no_fields() -> None:
    """Without a current record its fields are absent."""
    assert compile_path(["current", "name"])(Scope({}, None, {}, {})) is ABSENT


@pytest.mark.parametrize(
    ("operand", "value"),
    [
        (["register", "zero"], 0),
        (["Ada", "Grace"], ["Ada", "Grace"]),
        ([], []),
        ("register", "register"),
        (None, None),
    ],
)
def test_an_operand_is_a_path_only_if_it_begins_like_one(operand: Any, value: Any) -> None:
    """Other lists, and texts, are what they are."""
    assert compile_operand(operand)(SCOPE) == value


# Facts ------------------------------------------------------------------------------------------

TRUE = {"equal": [["argument", "flag"], True]}
FALSE = {"equal": [["argument", "flag"], False]}
OPEN = {"equal": [["register", "open"], 1]}

FACTS = [
    ({"given": ["argument", "who", "name"]}, True),
    ({"given": ["argument", "who", "mail"]}, False),
    ({"given": ["argument", "who", "nick"]}, False),
    ({"given": ["argument", "who", "size"]}, False),
    ({"given": ["register", "zero"]}, True),
    ({"given": ["argument", "flag"]}, True),
    ({"equal": [["argument", "who", "name"], ["current", "name"]]}, True),
    ({"equal": [["argument", "who", "name"], "Grace"]}, False),
    ({"equal": [["argument", "who", "size"], ["argument", "who", "shoes"]]}, False),
    ({"equal": [["current", "mail"], ["argument", "who", "nick"]]}, False),
    ({"equal": [["register", "zero"], False]}, False),
    ({"equal": [["argument", "many"], ["argument", "many"]]}, True),
    ({"valid": {"schema": "person", "value": ["argument", "who"]}}, True),
    ({"valid": {"schema": "person", "value": ["argument", "one"]}}, False),
    ({"valid": {"schema": "whole", "value": ["argument", "nobody"]}}, False),
    ({"valid_without": {"schema": "person", "value": ["argument", "who"], "key": "years"}}, True),
    ({"valid_without": {"schema": "person", "value": ["argument", "who"], "key": "name"}}, False),
    ({"valid_without": {"schema": "text", "value": ["argument", "one"], "key": "name"}}, True),
    ({"exists": {"in": "people", "where": {"equal": [["record", "mail"], "g@example.org"]}}}, True),
    ({"exists": {"in": "people", "where": {"equal": [["record", "name"], "Alan"]}}}, False),
    ({"exists": {"in": "ships", "where": {"given": ["record", "name"]}}}, False),
    ({"keys_within": [["argument", "who", "tags"], ["register", "allowed"]]}, True),
    ({"keys_within": [["argument", "who", "tags"], ["register", "few"]]}, False),
    ({"keys_within": [["argument", "who", "tags"], ["register", "nothing"]]}, False),
    ({"keys_within": [["argument", "nobody"], ["register", "few"]]}, True),
    ({"has_key": [["register", "ripe"], ["argument", "kind"]]}, True),
    ({"has_key": [["register", "ripe"], ["argument", "one"]]}, False),
    ({"has_key": [["register", "ripe"], ["argument", "odd"]]}, False),
    ({"has_key": [["register", "nothing"], ["argument", "kind"]]}, False),
    ({"every": {"of": [["argument", "one"]], "in": ["register", "ripe", "fruit"], "equals": "yes"}}, True),
    ({"every": {"of": [["argument", "many"]], "in": ["register", "ripe", "fruit"], "equals": "yes"}}, True),
    ({"every": {"of": [["argument", "kind"]], "in": ["register", "ripe", "fruit"], "equals": "yes"}}, False),
    ({"every": {"of": [["argument", "odd"]], "in": ["register", "ripe", "fruit"], "equals": "yes"}}, False),
    ({"every": {"of": [["argument", "one"]], "in": ["register", "ripe", "stone"], "equals": "yes"}}, False),
    ({"every": {"of": [["argument", "nobody"]], "in": ["register", "ripe"], "equals": "yes"}}, True),
    ({"all": [TRUE, TRUE]}, True),
    ({"all": [TRUE, FALSE]}, False),
    ({"any": [FALSE, TRUE]}, True),
    ({"any": [FALSE, FALSE]}, False),
    ({"not": FALSE}, True),
    ({"summary": "Two in one.", **TRUE, "not": FALSE}, True),
    ({"summary": "Two in one.", **TRUE, "not": TRUE}, False),
]


@pytest.mark.parametrize(("fact", "truth"), FACTS, ids=[str(fact)[:90] for fact, _ in FACTS])
def test_a_fact(fact: Mapping[str, Any], truth: bool) -> None:
    """Each operator, on what is there and on what is not."""
    assert holds(fact) is truth


def signed(**paths: Any) -> dict[str, Any]:
    usual = {
        "key": ["register", "secret"],
        "message": [["argument", "who", "mail"], ["argument", "who", "name"]],
        "signature": ["argument", "signed"],
    }
    return {"signed": {**usual, **paths}}


@pytest.mark.parametrize(
    ("fact", "truth"),
    [
        (signed(), True),
        (signed(message=[["argument", "one"], ["argument", "who", "name"]]), False),
        (signed(message=[["argument", "nobody"]]), False),
        (signed(message=[["argument", "odd"]]), False),
        (signed(signature=["argument", "nobody"]), False),
        (signed(signature=["argument", "odd"]), False),
        (signed(key=["register", "nothing"]), False),
    ],
)
def test_a_signature_is_that_of_the_first_message_given(fact: Mapping[str, Any], truth: bool) -> None:
    """An empty message is passed over; what is no text signs nothing."""
    assert holds(fact) is truth


def test_a_signature_may_be_in_either_case() -> None:
    """Hexadecimal digits are what they are in capitals too."""
    capitals = Scope({**SCOPE.arguments, "signed": signature("Ada").upper()}, None, {}, SCOPE.registers)
    assert holds(signed(), capitals)


# Uncertainty ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    [
        OPEN,
        {"given": ["register", "open"]},
        {"valid": {"schema": "text", "value": ["register", "open"]}},
        {"has_key": [["register", "open"], ["argument", "kind"]]},
        {"keys_within": [["argument", "who", "tags"], ["register", "open"]]},
        {"every": {"of": [["argument", "one"]], "in": ["register", "open"], "equals": "yes"}},
        {"exists": {"in": "people", "where": OPEN}},
        signed(signature=["register", "open"]),
        signed(key=["register", "open"]),
        {"not": OPEN},
        {"all": [OPEN, TRUE]},
        {"any": [OPEN, FALSE]},
    ],
    ids=lambda fact: str(fact)[:60],
)
def test_a_fact_about_something_uncertain_is_undecided(fact: Mapping[str, Any]) -> None:
    """Whoever asks has to go both ways."""
    with pytest.raises(Undecided):
        holds(fact)


@pytest.mark.parametrize(
    ("fact", "truth"),
    [
        ({"all": [OPEN, FALSE]}, False),
        ({"all": [FALSE, OPEN]}, False),
        ({"any": [OPEN, TRUE]}, True),
        ({"not": {"any": [OPEN, TRUE]}}, False),
        ({"keys_within": [["argument", "nobody"], ["register", "open"]]}, True),
        ({"every": {"of": [["argument", "nobody"]], "in": ["register", "open"], "equals": 1}}, True),
        ({"exists": {"in": "people", "where": {"any": [OPEN, {"equal": [["record", "name"], "Ada"]}]}}}, True),
    ],
    ids=str,
)
def test_a_fact_is_decided_by_what_is_certain_if_that_is_enough(fact: Mapping[str, Any], truth: bool) -> None:
    """One false part makes "all" false whatever the rest is, and one true part makes "any" true."""
    assert holds(fact) is truth


# Equality ---------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=6,
)


@given(JSON)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    """A copy that a binding made of a value counts as the value."""
    import copy

    assert same(value, copy.deepcopy(value))


@given(JSON, JSON)
def test_sameness_goes_both_ways(one: Any, other: Any) -> None:
    """It does not matter what was expected and what was observed."""
    assert same(one, other) == same(other, one)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, True], [1, 1], False),
        ({"a": [0]}, {"a": [False]}, False),
        (1, "1", False),
        (None, False, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        (2**53, 2**53 + 1, True),
        (10**400, 10**400 + 1, True),
        (10**400, -(10**400), False),
        ("e\u0301", "\u00e9", False),
    ],
)
def test_numbers_and_truth_are_not_confused(one: Any, other: Any, alike: bool) -> None:
    """1 is 1.0 and not true; integers count as what a double-precision number holds of them."""
    assert same(one, other) is alike
