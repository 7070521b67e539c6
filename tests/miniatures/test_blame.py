"""Who is blamed, and how a difference is told."""

from __future__ import annotations

from typing import Any

import pytest

from intercom_conformance.kit import oracle_of
from intercom_conformance.oracle import ABSENT
from intercom_conformance.oracle.wording import differences, named, text
from intercom_conformance.specification import load_specification

BOTH = frozenset(("success", "error"))


@pytest.mark.parametrize(
    ("method", "arguments", "callbacks", "requirement"),
    [
        ("logEvent", [], BOTH, "missing-arguments-never-crash"),
        ("logEvent", [None], BOTH, "null-arguments-never-crash"),
        ("logEvent", ["ordered", None], BOTH, "null-arguments-never-crash"),
        ("logEvent", [7], BOTH, "numbers-never-crash"),
        ("logEvent", [False], BOTH, "booleans-never-crash"),
        ("logEvent", [""], BOTH, "empty-text-never-crashes"),
        ("logEvent", [["ordered"]], BOTH, "hostile-arguments-never-crash"),
        ("logEvent", ["ordered", {"item": "Bücher"}], BOTH, "hostile-arguments-never-crash"),
        ("logEvent", ["ordered"], BOTH, "guide-samples-run"),
        ("logEvent", ["ordered"], frozenset(["success"]), "null-callbacks-allowed"),
        ("present", [], frozenset(), "null-callbacks-allowed"),
    ],
)
def test_a_crash_is_blamed_on_what_was_given(
    method: str, arguments: list[Any], callbacks: frozenset[str], requirement: str
) -> None:
    """The kind of argument decides; a call as in the guide breaks the guide, and without callbacks that is why."""
    oracle = oracle_of(load_specification())
    call = oracle.model.call("c1", method, arguments, callbacks)
    assert oracle.model.contract[oracle.crash_kind(call)] == requirement


@pytest.mark.parametrize(
    ("expected", "observed", "told"),
    [
        ({"a": 1}, {"a": 2}, [("a", "record_changed")]),
        ({"a": 1}, {"a": "1"}, [("a", "record_changed")]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}, [("a.b", "record_lost")]),
        ({}, {"not a name": 1}, [('["not a name"]', "record_invented")]),
        ({"a": None}, {"a": "null"}, [("a", "record_text")]),
        ({"a": "null"}, {"a": "None"}, [("a", "record_changed")]),
        ({"a": [1, 2]}, {"a": [2, 1]}, [("a", "record_reordered")]),
        ({"a": [1]}, {"a": [1, 1]}, [("a", "record_invented")]),
        ({"a": [{"n": 1}, {"n": 2}]}, {"a": [{"n": 1}, {"n": 3}]}, [("a[1].n", "record_changed")]),
        ({"a": None, "b": {}}, {}, []),
    ],
)
def test_a_difference_is_told_by_its_place(expected: Any, observed: Any, told: list[tuple[str, str]]) -> None:
    """As deep as both are alike in shape; null and empty objects count as absent."""
    assert [(one.place, one.kind) for one in differences(expected, observed)] == told


def test_values_are_json() -> None:
    """And not Python: a user need not know it."""
    assert text({"a": [True, None, "é"], "b": ABSENT}) == '{"a": [true, null, "é"], "b": "<nothing>"}'
    record = {"kind": "identified", "email": None, "attributes": {"name": "Ada"}, "events": []}
    assert named(record) == '{"kind": "identified"}'
