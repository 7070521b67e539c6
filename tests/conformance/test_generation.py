"""Generated payloads: valid ones are valid, near misses break what they say, every keyword is served."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

import intercom_conformance.generation
from intercom_conformance.generation import boundary_payloads, covering, from_schema, hostile_values, near_misses
from intercom_conformance.generation.near_miss import PROPOSALS
from intercom_conformance.generation.strategies import unchecked
from intercom_reference import payloads

NAMES = payloads.schema_names()
HALF = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)

KEYWORDS: dict[str, tuple[dict[str, Any], Any]] = {
    "type": ({"type": ["string", "null"]}, "x"),
    "enum": ({"enum": ["on", "off", 3]}, "on"),
    "const": ({"type": "string", "const": "on"}, "on"),
    "anyOf": ({"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer", "minimum": 5}]}, "xy"),
    "oneOf": ({"oneOf": [{"type": "string", "minLength": 2}, {"type": "integer", "minimum": 5}]}, 7),
    "not": ({"type": "string", "not": {"enum": ["null", "undefined"]}}, "x"),
    "required": (
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "null"}}},
        {"a": None, "b": 1},
    ),
    "additionalProperties": (
        {"properties": {"a": {"type": "null"}}, "additionalProperties": False},
        {"a": None},
    ),
    "propertyNames": ({"type": "object", "propertyNames": {"pattern": "^[a-z]*$"}}, {"ab": 1}),
    "minProperties": ({"type": "object", "minProperties": 2}, {"a": 1, "b": 2}),
    "maxProperties": ({"type": "object", "maxProperties": 2}, {"a": 1}),
    "minItems": ({"type": "array", "minItems": 2, "items": {"type": "null"}}, [None, None]),
    "maxItems": ({"type": "array", "maxItems": 2, "items": {"type": "boolean"}}, []),
    "uniqueItems": ({"type": "array", "uniqueItems": True, "items": {"type": "integer"}}, [1, 2]),
    "minLength": ({"type": "string", "minLength": 3}, "abc"),
    "maxLength": ({"type": "string", "maxLength": 3}, ""),
    "pattern": ({"type": "string", "pattern": "^[a-z]{2}$"}, "ab"),
    "minimum": ({"type": "integer", "minimum": -3}, 4),
    "maximum": ({"type": "number", "maximum": 0.5}, 0),
    "exclusiveMinimum": ({"type": "number", "exclusiveMinimum": 0}, 1),
    "exclusiveMaximum": ({"type": "integer", "exclusiveMaximum": 0}, -1),
    "multipleOf": ({"type": "integer", "multipleOf": 3}, 6),
}
"""For each keyword that can be broken, a schema with it and a valid value."""

TREE = {
    "$id": "https://example.org/tree",
    "type": "object",
    "required": ["label"],
    "properties": {
        "label": {"$ref": "label"},
        "children": {"type": "array", "maxItems": 2, "items": {"$ref": "#"}},
    },
    "additionalProperties": False,
}
LABEL = {"$id": "https://example.org/label", "type": "string", "minLength": 1, "maxLength": 3}
REGISTRY = EMPTY_REGISTRY.with_resource(LABEL["$id"], DRAFT202012.create_resource(LABEL))

COMPOSITE: dict[str, dict[str, Any]] = {
    "rules met from several sides": {
        "allOf": [{"type": ["integer", "string"], "minimum": 3}, {"type": "number", "maximum": 5}],
        "multipleOf": 0.5,
    },
    "an enumeration met by a type and a not": {
        "enum": [1, "1", True, 1.5, None],
        "type": ["number", "boolean"],
        "not": {"const": 1},
    },
    "two alternatives at once": {
        "type": "object",
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        "oneOf": [
            {"properties": {"a": {"type": "string"}}},
            {"required": ["c"], "properties": {"a": {"type": "null"}}},
        ],
        "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer"}, "c": {"const": 0}},
    },
    "a condition": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["one", "many", "none"]}},
        "if": {"required": ["kind"], "properties": {"kind": {"const": "many"}}},
        "then": {"required": ["ids"], "properties": {"ids": {"type": "array", "items": {"type": "integer"}}}},
        "else": {"required": ["id"], "properties": {"id": {"type": "integer"}}},
    },
    "names by pattern": {
        "type": "object",
        "propertyNames": {"maxLength": 6, "not": {"pattern": "[.]"}},
        "properties": {"name": {"type": "string"}},
        "patternProperties": {"_at$": {"type": "integer", "minimum": 0}, "^is_": {"type": "boolean"}},
        "additionalProperties": {"type": "null"},
        "minProperties": 1,
    },
    "anything": {},
    "a pattern that is not anchored": {"type": "string", "pattern": "a.c", "minLength": 4},
    "a name that may not be": {
        "type": "object",
        "properties": {"old": {"not": {}}, "older": False, "new": {"type": "integer"}},
        "additionalProperties": False,
    },
}
"""Schemas in which rules meet."""


def leaf_errors(schema: Any, value: Any, registry: Any = EMPTY_REGISTRY) -> set[tuple[str, str]]:
    """Keyword and pointer of each error, as jsonschema sees them."""
    found = set()
    for error in jsonschema.Draft202012Validator(schema, registry=registry).iter_errors(value):
        keyword = "propertyNames" if "propertyNames" in error.absolute_schema_path else str(error.validator)
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
        found.add((keyword, "".join(f"/{part}" for part in parts)))
    return found


def drawn(strategy: Any, count: int = 60) -> list[Any]:
    values: list[Any] = []

    @settings(HALF, max_examples=count)
    @given(strategy)
    def keep(value: Any) -> None:
        values.append(value)

    keep()
    return values


# Valid payloads -------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_nine_in_ten_compiled_examples_are_valid_unseen(name: str, strict: bool) -> None:
    """The strategies know the payload schemas so well that the validator has little to refuse."""
    schema = payloads.schema(name, strict=strict)
    validator = payloads.compiled(name, strict=strict)
    values = drawn(unchecked(schema), 60)
    assert sum(map(validator.is_valid, values)) >= 0.9 * len(values)


@pytest.mark.parametrize("schema", [case[0] for case in KEYWORDS.values()] + list(COMPOSITE.values()))
def test_every_example_is_valid(schema: Any) -> None:
    """What is generated is valid by jsonschema, for each keyword alone and where keywords meet."""
    validator = jsonschema.Draft202012Validator(schema)
    values = drawn(from_schema(schema))
    assert len({json.dumps(value) for value in values}) > 1 or "const" in schema
    assert [value for value in values if not validator.is_valid(value)] == []


def test_every_choice_that_a_schema_leaves_is_made() -> None:
    """Both branches of a condition, each alternative, each type and each optional member turn up."""
    for kind in ("one", "many", "none"):
        find(from_schema(COMPOSITE["a condition"]), lambda value, kind=kind: value["kind"] == kind)
    for wanted in ({"a"}, {"b"}, {"a", "b", "c"}):
        find(
            from_schema(COMPOSITE["two alternatives at once"]),
            lambda value, wanted=wanted: value.keys() == wanted,
        )
    for kind in (type(None), bool, int, float, str, list, dict):
        find(from_schema({}), lambda value, kind=kind: type(value) is kind)
    by_pattern = from_schema(COMPOSITE["names by pattern"])
    find(by_pattern, lambda value: any(name.endswith("_at") for name in value))
    find(by_pattern, lambda value: any(name.startswith("is_") for name in value))
    find(by_pattern, lambda value: None in value.values() and "name" in value)


def test_a_schema_may_refer_to_itself_and_to_others() -> None:
    """Recursion ends, and documents of the registry are followed, relative to where they are named."""
    trees = from_schema(TREE, REGISTRY)
    deep = find(trees, lambda tree: any(child.get("children") for child in tree.get("children", ())))
    assert leaf_errors(TREE, deep, REGISTRY) == set()
    assert all(len(tree["label"]) in (1, 2, 3) for tree in drawn(trees))


@pytest.mark.parametrize("schema", [False, {"enum": []}, {"type": "integer", "minimum": 2, "maximum": 1}])
def test_where_nothing_is_valid_nothing_is_generated(schema: Any) -> None:
    """An unsatisfiable schema gives an empty strategy, not a wrong example or a hang."""
    with pytest.raises(Unsatisfiable):
        find(from_schema(schema), lambda _: True)


def test_numbers_and_texts_survive_every_json_parser() -> None:
    """Valid payloads hold no number that a double loses, no NaN, and no half characters."""
    for value in drawn(from_schema({"type": ["number", "string"]}), 300):
        assert json.loads(json.dumps(value).encode()) == value
        if isinstance(value, str):
            assert value.encode().decode() == value
        else:
            assert math.isfinite(value)
            assert not isinstance(value, int) or abs(value) < 2**53


# Near misses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_each_keyword_can_be_broken_alone(keyword: str) -> None:
    """For each keyword there is a payload that breaks this one and nothing else."""
    schema, value = KEYWORDS[keyword]
    found = list(near_misses(schema, EMPTY_REGISTRY, value))
    assert keyword in {miss.keyword for miss in found}
    for miss in found:
        assert leaf_errors(schema, miss.payload) == {(miss.keyword, miss.pointer)}


def test_the_keywords_above_are_all_that_can_be_broken() -> None:
    """No kind of proposal goes untested."""
    assert KEYWORDS.keys() == PROPOSALS.keys()


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_near_miss_breaks_exactly_what_it_says(name: str, strict: bool) -> None:
    """jsonschema, which had no part in making them, finds exactly the named keyword at the named place."""
    schema = payloads.schema(name, strict=strict)

    @settings(HALF, max_examples=12)
    @given(from_schema(schema), st.randoms(use_true_random=False))
    def exact(value: Any, random: Any) -> None:
        found = list(near_misses(schema, EMPTY_REGISTRY, value))
        for miss in random.sample(found, min(15, len(found))):
            assert leaf_errors(schema, miss.payload) == {(miss.keyword, miss.pointer)}

    exact()


def test_near_misses_reach_every_place() -> None:
    """Inner values, values behind references and both sides of a condition are broken too."""
    tree = {"label": "abc", "children": [{"label": "x"}]}
    found = {(miss.keyword, miss.pointer) for miss in near_misses(TREE, REGISTRY, tree)}
    assert {
        ("type", ""),
        ("required", ""),
        ("additionalProperties", "/children/0"),
        ("minLength", "/children/0/label"),
        ("maxLength", "/label"),
        ("maxItems", "/children"),
    } <= found
    condition = COMPOSITE["a condition"]
    one = near_misses(condition, EMPTY_REGISTRY, {"kind": "one", "id": 1})
    many = near_misses(condition, EMPTY_REGISTRY, {"kind": "many", "ids": [1]})
    assert ("type", "/id") in {(miss.keyword, miss.pointer) for miss in one}
    assert ("type", "/ids/0") in {(miss.keyword, miss.pointer) for miss in many}


def test_what_fails_all_alternatives_counts_as_the_alternatives() -> None:
    """A value that was meant for one branch and misses it closely breaks ``anyOf``, where that stands."""
    schema = {"anyOf": [{"properties": {"id": {"type": "string", "minLength": 1}}, "required": ["id"]}]}
    found = list(near_misses(schema, EMPTY_REGISTRY, {"id": "x"}))
    assert {"id": ""} in [miss.payload for miss in found]
    assert {(miss.keyword, miss.pointer) for miss in found} == {("anyOf", "")}


def test_near_misses_are_in_a_fixed_order_without_repeats_and_change_nothing() -> None:
    """The same payload gives the same near misses, each once, and is itself left as it was."""
    schema = payloads.schema("login")
    value = {"userId": "1", "companies": [{"id": "1", "customAttributes": {"a": 1}}]}
    before = json.dumps(value)
    first, again = (list(near_misses(schema, EMPTY_REGISTRY, value)) for _ in range(2))
    assert first == again
    assert len({repr(miss.payload) for miss in first}) == len(first) > 50
    assert json.dumps(value) == before


def test_a_near_miss_of_an_invalid_payload_is_refused() -> None:
    """Without a valid start, what a near miss breaks could not be told."""
    with pytest.raises(ValueError, match="start from a valid payload"):
        next(near_misses({"type": "string"}, EMPTY_REGISTRY, 5))


def test_a_near_miss_tells_which_rule_it_was_made_to_break() -> None:
    """Rules inside one alternative, which all count as ``anyOf``, are told apart, as are those of different values."""
    money = {"properties": {"amount": {"exclusiveMinimum": 0}, "currency": {"minLength": 1}}, "type": "object"}
    found = list(near_misses({"anyOf": [money]}, EMPTY_REGISTRY, {"amount": 1, "currency": "x"}))
    by_rule = {miss.rule: miss.payload for miss in reversed(found)}
    assert by_rule["/amount /anyOf/0/exclusiveMinimum"] == {"amount": 0, "currency": "x"}
    assert by_rule["/currency /anyOf/0/minLength"] == {"amount": 1, "currency": ""}


# What examples lack ---------------------------------------------------------------------------------


SHOP = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "note": {"type": ["string", "null"]},
        "never": False,
        "old": {"type": "integer", "maximum": -5},
        "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"exclusiveMinimum": 7}}}},
        "size": {"anyOf": [{"enum": ["S", "L"]}, {"type": "object", "required": ["cm"]}]},
    },
    "additionalProperties": {"type": "boolean"},
}


def covered(schema: Any, examples: list[Any], registry: Any = EMPTY_REGISTRY) -> list[Any]:
    valid = jsonschema.Draft202012Validator(schema, registry=registry).is_valid
    found = list(covering(schema, registry, examples, valid))
    assert all(map(valid, found))
    return found


def test_what_no_example_has_is_added_one_thing_at_a_time() -> None:
    """Members, elements, other names and alternatives come into small payloads; what cannot be valid stays away."""
    found = covered(SHOP, [{"id": "a", "note": "b"}, {"id": "a"}])
    assert found == [
        {"id": "a", "items": []},
        {"id": "a", "size": "S"},
        {"id": "a", "x": True},
        {"id": "a", "items": [{}]},
        {"id": "a", "size": {"cm": "x"}},
        {"id": "a", "items": [{"price": 8}]},
    ]


def test_what_the_examples_have_is_not_added_again() -> None:
    """Nothing is played twice for the sake of a place that an example has."""
    everything = {"id": "a", "note": None, "old": -9, "items": [{"price": 9}], "size": "S", "more": True}
    assert covered(SHOP, [everything]) == [{**everything, "size": {"cm": "x"}}]


def test_a_schema_that_refers_to_itself_is_covered_in_the_end() -> None:
    """Each rule gets a place that it holds at, not each place a rule."""
    assert covered(TREE, [{"label": "x"}], REGISTRY) == [
        {"label": "x", "children": []},
        {"label": "x", "children": [{"label": "x"}]},
    ]


@pytest.mark.parametrize("name", COMPOSITE)
def test_covering_takes_any_schema(name: str) -> None:
    """Where rules meet, what is added is valid or left out; both sides of a condition are had."""
    example = find(from_schema(COMPOSITE[name]), lambda _: True, settings=HALF)
    found = covered(COMPOSITE[name], [example])
    if name == "a condition":
        assert {"kind": "many", "ids": []} in [{**one, "ids": []} for one in found if "ids" in one]


@pytest.mark.parametrize("name", NAMES)
def test_every_named_member_of_our_payloads_is_had(name: str) -> None:
    """Near misses of the examples and of what is added to them reach each member that the root of a schema names."""
    schema = payloads.schema(name)
    examples = [one for one in schema["examples"] if payloads.is_valid(name, one, strict=True)]
    found = [
        *examples,
        *covering(schema, EMPTY_REGISTRY, examples, lambda one: payloads.is_valid(name, one, strict=True)),
    ]
    had = {key for one in found if isinstance(one, dict) for key in one}
    named = {key for key, part in schema.get("properties", {}).items() if "x-alias-of" not in part}
    assert named <= had


# Hostile values and the engine's ignorance ----------------------------------------------------------


def test_hostile_values_are_json_and_fresh() -> None:
    """Each value travels as JSON and comes back equal; a caller may change what it got."""
    values = hostile_values()
    assert json.loads(json.dumps(values)) == list(values)
    values[values.index([])].append("changed")
    assert [] in hostile_values()
    assert len({json.dumps(value) for value in hostile_values()}) == len(hostile_values())


def test_hostile_values_have_what_hurts() -> None:
    """Nothing, nothing as text, the edges of numbers, and text that is long, astral or has a NUL."""
    values = hostile_values()
    texts = [value for value in values if isinstance(value, str)]
    for wanted in (None, True, 0, -1, 1e308, 2**53 + 1, "", " ", "null", "undefined", [], {}):
        assert any(type(value) is type(wanted) and value == wanted for value in values)
    assert max(map(len, texts)) >= 100_000
    for character in ("\0", "😀", "\u202e"):
        assert any(character in text for text in texts)


def test_the_generators_know_no_payload() -> None:
    """No name of a payload schema's members stands in the generators."""
    folder = Path(intercom_conformance.generation.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    words = set(re.findall(r"\w+", source))
    for name in ("login", "user-attributes", "company", "content", "event-metadata"):
        members = set(payloads.schema(name).get("properties", {})) - {"name", "id", "type"}
        assert members & words == set()
    assert "intercom" not in source.replace("intercom_conformance", "").casefold()


# At the edges ---------------------------------------------------------------------------------------


def test_boundaries_differ_in_one_value_and_are_valid() -> None:
    """Each member becomes each edge that the schema allows, and nothing else changes."""
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "minLength": 1}, "spend": {"type": ["integer", "null"]}},
        "additionalProperties": False,
    }
    valid = jsonschema_rs.Draft202012Validator(schema).is_valid
    found = list(boundary_payloads({"id": "a", "spend": 7}, valid))
    assert all(map(valid, found))
    assert {"id": "a", "spend": None} in found
    assert {"id": "a", "spend": 2**31} in found
    assert {"id": "null", "spend": 7} in found
    assert all((one["id"] == "a") != (one["spend"] == 7) for one in found)
    assert {} not in found


def test_boundaries_are_the_same_every_time() -> None:
    """What a run finds at the edges another run finds too."""
    payload = {"a": [1, {"b": "x"}], "c": None}
    first = [json.dumps(one, sort_keys=True) for one in boundary_payloads(payload, lambda _: True)]
    assert first == [json.dumps(one, sort_keys=True) for one in boundary_payloads(payload, lambda _: True)]
    assert json.dumps({"a": [1, {"b": ""}], "c": None}, sort_keys=True) in first
