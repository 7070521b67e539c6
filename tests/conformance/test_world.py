"""Effects change records and registers; comparing with what is shown settles what was uncertain."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
import small_specs
from hypothesis import given
from hypothesis import strategies as st

from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.world import GONE_RECORD, WHOLE_RECORD, Effect, World, compile_effect, settle

PAYLOADS = small_specs.payloads()
BLANK: Mapping[str, Any] = {"name": None, "mail": None, "tags": {}, "log": []}
ADA = {"name": "Ada", "mail": None, "tags": {"a": 1, "deep": {"x": 1}}, "log": [{"what": "came"}]}
GRACE = {"name": "Grace", "mail": "g@example.org", "tags": {}, "log": []}
REGISTERS = {"count": 1, "note": None, "allowed": ["a", "b"], "shelf": {"top": {"book": "here"}}, "open": UNCERTAIN}
WORLD = World({0: ADA, 1: GRACE}, 0, REGISTERS, previous=None, created=2)
NOBODY = World({0: ADA, 1: GRACE}, None, REGISTERS, previous=None, created=2)


def effect(*operations: Mapping[str, Any]) -> Effect:
    return compile_effect("it", {"requirement": "r", "do": list(operations)}, "people", BLANK, PAYLOADS)


def after(world: World, operation: Mapping[str, Any], **arguments: Any) -> World:
    """The world after an effect of one operation; the one before must be as it was."""
    before = copy.deepcopy(world)
    result = effect(operation).apply(world, arguments)
    assert world == before
    return result


def current(world: World) -> Mapping[str, Any]:
    assert world.current is not None
    return world.records[world.current]


# Records come and go ----------------------------------------------------------------------------


def test_create_makes_a_record_current() -> None:
    """It begins with the values of its kind and has a number that no other ever had."""
    made = after(NOBODY, {"create": {"in": "people", "values": {"name": "Alan"}}})
    assert made.current == 2
    assert current(made) == {**BLANK, "name": "Alan"}
    assert made.created == 3


SELECT = {
    "select": {
        "in": "people",
        "by": {"name": ["argument", "name"], "mail": ["argument", "mail"]},
        "otherwise": {"tags": {"new": True}},
    }
}


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ({"name": "Grace"}, 1),
        ({"name": "Ada", "mail": "g@example.org"}, 0),
        ({"mail": "g@example.org"}, 1),
        ({"name": "", "mail": "g@example.org"}, 1),
    ],
)
def test_select_finds_the_record_by_the_first_field_given(arguments: dict[str, Any], number: int) -> None:
    """Later fields count only if the earlier ones are not given; a new record is not made."""
    found = after(NOBODY, SELECT, **arguments)
    assert (found.current, len(found.records)) == (number, 2)


@pytest.mark.parametrize("arguments", [{"name": "Alan"}, {"name": "Alan", "mail": "g@example.org"}, {}])
def test_select_makes_a_record_if_there_is_none(arguments: dict[str, Any]) -> None:
    """It begins with the values of `otherwise`, and is nobody else's."""
    found = after(NOBODY, SELECT, **arguments)
    assert current(found) == {**BLANK, "tags": {"new": True}}
    assert found.records.keys() == {0, 1, 2}


def test_leave_keeps_the_records() -> None:
    """Nobody is current, and nothing is lost."""
    gone = after(WORLD, {"leave": {}})
    assert gone.current is None
    assert gone.records == WORLD.records


def test_delete_previous_removes_the_record_of_before() -> None:
    """The one that is current now stays."""
    moved = World(WORLD.records, 1, REGISTERS, previous=0, created=2)
    assert after(moved, {"delete_previous": {}}).records == {1: GRACE}


def test_absorb_joins_lists_and_casts_doubt() -> None:
    """Items of the earlier record follow those of the current one; fields that it had filled become uncertain."""
    moved = World(WORLD.records, 1, REGISTERS, previous=0, created=2)
    joined = current(after(moved, {"absorb": {"lists": ["log"], "uncertain": ["tags", "mail"]}}))
    assert joined["log"] == [{"what": "came"}]
    assert joined["tags"] is UNCERTAIN
    assert joined["mail"] == "g@example.org"


def test_absorb_needs_a_record_of_before() -> None:
    """Where there was none, nothing changes."""
    assert after(WORLD, {"absorb": {"lists": ["log"], "uncertain": ["tags"]}}) == WORLD


# Fields -----------------------------------------------------------------------------------------


def test_set_takes_what_is_given() -> None:
    """Null and absence leave a field as it is, and an empty text makes it uncertain."""
    fields = {"name": ["argument", "name"], "mail": ["argument", "mail"]}
    assert current(after(WORLD, {"set": fields}, name="Alan", mail=None))["name"] == "Alan"
    assert current(after(WORLD, {"set": fields}, name=None)) == ADA
    assert current(after(WORLD, {"set": fields}, name=""))["name"] is UNCERTAIN


def test_set_once_fills_what_is_null() -> None:
    """A field that has a value keeps it."""
    fields = {"name": ["argument", "name"], "mail": ["argument", "mail"]}
    changed = current(after(WORLD, {"set_once": fields}, name="Alan", mail="a@example.org"))
    assert (changed["name"], changed["mail"]) == ("Ada", "a@example.org")


MERGE = {"into": "tags", "from": ["argument", "tags"]}
ONLY = {**MERGE, "only": ["register", "allowed"]}


@pytest.mark.parametrize(
    ("operation", "given", "tags"),
    [
        (MERGE, {"b": 2}, {"a": 1, "deep": {"x": 1}, "b": 2}),
        (MERGE, {"a": 5}, {"a": 5, "deep": {"x": 1}}),
        (MERGE, {"a": None, "never": None}, {"deep": {"x": 1}}),
        (MERGE, {"deep": {"y": 2}}, {"a": 1, "deep": {"y": 2}}),
        (MERGE, {}, ADA["tags"]),
        (MERGE, "text", ADA["tags"]),
        (MERGE, ABSENT, ADA["tags"]),
        ({**MERGE, "except": ["b"]}, {"b": 2, "c": 3}, {"a": 1, "deep": {"x": 1}, "c": 3}),
        (ONLY, {"b": 2, "c": 3}, {"a": 1, "deep": {"x": 1}, "b": 2}),
        ({**MERGE, "only": ["register", "nothing"]}, {"b": 2}, ADA["tags"]),
        ({**ONLY, "unless": {"equal": [["register", "count"], 1]}}, {"c": 3}, {"a": 1, "deep": {"x": 1}, "c": 3}),
        ({**ONLY, "unless": {"equal": [["register", "count"], 2]}}, {"c": 3}, ADA["tags"]),
        ({**ONLY, "unless": {"equal": [["register", "open"], 2]}}, {"c": 3}, UNCERTAIN),
        ({**MERGE, "only": ["register", "open"]}, {"c": 3}, UNCERTAIN),
        ({**MERGE, "only": ["register", "open"]}, {}, ADA["tags"]),
    ],
)
def test_merge(operation: Mapping[str, Any], given: Any, tags: Any) -> None:
    """Keys replace, null removes; what is not known to be allowed makes the field uncertain."""
    arguments = {} if given is ABSENT else {"tags": given}
    assert current(after(WORLD, {"merge": operation}, **arguments))["tags"] == tags


ITEMS = {"merge_items": {"into": "tags", "from": ["argument", "items"], "key": "id", "schema": "item"}}


@pytest.mark.parametrize(
    ("items", "tags"),
    [
        ([{"id": "k", "price": 1}], {"k": {"id": "k", "price": 1}}),
        ([{"id": "k", "price": 1}, {"id": "k", "size": 2}], {"k": {"id": "k", "price": 1, "size": 2}}),
        ([{"id": "k", "price": 1}, {"id": "k", "price": None}], {"k": UNCERTAIN}),
        ([{"id": "k", "price": "free"}], {"k": UNCERTAIN}),
        ([{"price": 1}, {"id": ""}, {"id": 3}, "k", None], {}),
        ([{"id": "k"}, {"id": "l"}], {"k": {"id": "k"}, "l": {"id": "l"}}),
        ("no list", {}),
    ],
)
def test_merge_items(items: Any, tags: Any) -> None:
    """Each object goes under its own key, in order; one that is not valid leaves an uncertain entry."""
    empty = World({0: {**BLANK, "name": "Ada"}}, 0, REGISTERS)
    assert current(after(empty, ITEMS, items=items))["tags"] == tags


def test_merge_items_keeps_what_an_entry_had() -> None:
    """An item for a known key changes that entry in depth, and null removes what it names."""
    known = World({0: {**BLANK, "tags": {"k": {"id": "k", "price": 1, "made": {"by": "x"}}}}}, 0, REGISTERS)
    items = [{"id": "k", "size": 2, "made": {"in": "y"}, "colour": None}]
    entry = current(after(known, ITEMS, items=items))["tags"]["k"]
    assert entry == {"id": "k", "price": 1, "size": 2, "made": {"by": "x", "in": "y"}}


def test_append_adds_an_item() -> None:
    """What is absent is null in it."""
    operation = {"append": {"to": "log", "value": {"what": ["argument", "what"], "why": ["argument", "why"]}}}
    assert current(after(WORLD, operation, what="left"))["log"] == [{"what": "came"}, {"what": "left", "why": None}]


def test_forget_makes_fields_uncertain() -> None:
    """Whatever is done to an uncertain field, it stays uncertain."""
    forgotten = after(WORLD, {"forget": ["tags", "log"]})
    assert (current(forgotten)["tags"], current(forgotten)["log"]) == (UNCERTAIN, UNCERTAIN)
    merged = after(forgotten, {"merge": MERGE}, tags={"b": 2})
    assert current(after(merged, {"append": {"to": "log", "value": {}}})) == current(forgotten)


@pytest.mark.parametrize(
    "operation",
    [
        {"set": {"name": ["argument", "name"]}},
        {"set_once": {"name": ["argument", "name"]}},
        {"merge": {"into": "tags", "from": ["argument", "tags"]}},
        {"merge": {"into": "tags", "from": ["argument", "tags"], "only": ["register", "open"]}},
        ITEMS,
        {"append": {"to": "log", "value": {}}},
        {"forget": ["name"]},
    ],
)
def test_without_a_current_record_there_is_nothing_to_change(operation: Mapping[str, Any]) -> None:
    """Effects on fields do nothing when nobody is there."""
    assert after(NOBODY, operation, name="Alan", tags={"b": 2}, items=[{"id": "k"}]) == NOBODY


# Registers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "registers"),
    [
        ({"assign": {"note": ["argument", "text"], "count": 5}}, {"note": "hello", "count": 5}),
        ({"assign": {"count": ["argument", "missing"]}}, {"count": None}),
        ({"assign": {"note": None}}, {"note": None}),
        ({"increase": "count"}, {"count": 2}),
        ({"increase": "open"}, {"open": UNCERTAIN}),
        ({"forget_registers": ["note", "count"]}, {"note": UNCERTAIN, "count": UNCERTAIN}),
        (
            {"assign_in": {"register": "shelf", "path": [["argument", "row"], "book"], "value": "lent"}},
            {"shelf": {"top": {"book": "lent"}}},
        ),
        (
            {"assign_in": {"register": "shelf", "path": ["bottom", ["argument", "row"]], "value": 1}},
            {"shelf": {"top": {"book": "here"}, "bottom": {"top": 1}}},
        ),
    ],
)
def test_registers(operation: Mapping[str, Any], registers: Mapping[str, Any]) -> None:
    """Registers are assigned, counted up, changed deep inside, and forgotten."""
    changed = after(WORLD, operation, text="hello", row="top")
    assert changed.registers == {**REGISTERS, **registers}
    assert changed.records == WORLD.records


# Effects as a whole -----------------------------------------------------------------------------


def test_operations_work_one_after_another() -> None:
    """A later operation sees what an earlier one has made, the record that has become current included."""
    both = effect(
        {"create": {"in": "people", "values": {"mail": "n@example.org"}}},
        {"set_once": {"mail": ["argument", "mail"], "name": ["current", "mail"]}},
    )
    made = current(both.apply(NOBODY, {"mail": "other@example.org"}))
    assert (made["mail"], made["name"]) == ("n@example.org", "n@example.org")


@pytest.mark.parametrize(
    ("operation", "touched"),
    [
        ({"set": {"name": ["argument", "a"]}}, {"name"}),
        ({"set_once": {"mail": ["argument", "a"]}}, {"mail"}),
        ({"merge": MERGE}, {"tags"}),
        (ITEMS, {"tags"}),
        ({"append": {"to": "log", "value": {}}}, {"log"}),
        ({"absorb": {"lists": ["log"], "uncertain": ["tags"]}}, {"log", "tags"}),
        ({"forget": ["name"]}, {"name"}),
        ({"assign": {"count": 1}}, {"count"}),
        ({"increase": "count"}, {"count"}),
        ({"forget_registers": ["note"]}, {"note"}),
        ({"assign_in": {"register": "shelf", "path": ["top"], "value": 1}}, {"shelf"}),
        ({"create": {"in": "people", "values": {}}}, {WHOLE_RECORD}),
        (SELECT, {WHOLE_RECORD}),
        ({"leave": {}}, {WHOLE_RECORD}),
        ({"delete_previous": {}}, {GONE_RECORD}),
    ],
)
def test_an_effect_knows_what_it_touches(operation: Mapping[str, Any], touched: set[str]) -> None:
    """So that a wrong field is blamed on the effect that should have made it."""
    assert effect(operation).touches == touched


# Settling ---------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=8,
)


def doubtful(value: Any, data: st.DataObject) -> Any:
    """The value, some parts of which are uncertain."""
    if data.draw(st.integers(0, 3)) == 0:
        return UNCERTAIN
    if isinstance(value, dict):
        return {key: doubtful(member, data) for key, member in value.items()}
    if isinstance(value, list):
        return [doubtful(member, data) for member in value]
    return value


@given(JSON)
def test_a_value_agrees_with_itself(value: Any) -> None:
    """What was expected is seen, and nothing is learnt."""
    assert settle(value, copy.deepcopy(value)) == (True, value)


@given(JSON, st.data())
def test_what_is_uncertain_is_learnt(value: Any, data: st.DataObject) -> None:
    """Whatever parts of a value are in doubt, seeing it agrees and leaves no doubt."""
    agrees, learnt = settle(doubtful(value, data), value)
    assert agrees
    assert settle(learnt, value) == (True, learnt)
    assert "UNCERTAIN" not in repr(learnt)


@given(JSON, JSON)
def test_what_was_learnt_is_expected_from_then_on(first: Any, second: Any) -> None:
    """A value that was free once is not free a second time."""
    _, learnt = settle(UNCERTAIN, first)
    assert settle(learnt, second)[0] == settle(first, second)[0]


@pytest.mark.parametrize(
    ("expected", "observed", "agrees"),
    [
        ({"a": 1}, {"a": 1, "b": None}, True),
        ({"a": 1, "b": None}, {"a": 1}, True),
        ({"a": 1, "b": {}}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1}, {"a": "1"}, False),
        (None, {}, True),
        (None, [], False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ([{"a": None}], [{}], True),
        (1, True, False),
        (ABSENT, None, True),
    ],
)
def test_null_and_absence_are_alike(expected: Any, observed: Any, agrees: bool) -> None:
    """In objects null equals absent, and an empty object equals none; order and length of lists count."""
    assert settle(expected, observed)[0] is agrees
