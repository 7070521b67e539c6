"""The lists that everything else cites: requirements, their frozen revisions, and capabilities."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from intercom_reference._data import names
from intercom_reference.loading import load_document

DOCUMENTS = "schemas/documents"
REVISIONS = [name for name in names("spec/revisions") if name.endswith(".yaml")]
FILES = [
    ("spec/requirements.yaml", "requirements"),
    ("spec/capabilities.yaml", "capabilities"),
    *((name, "revision") for name in REVISIONS),
]
NOT_FOR_LEVEL = {
    "MUST": {"never", "should", "may"},
    "MUST NOT": {"should", "may"},
    "SHOULD": {"never", "may"},
    "SHOULD NOT": {"never", "may"},
    "MAY": {"never", "should"},
}
WORD_OF_LEVEL = {"MUST NOT": "never", "SHOULD": "should", "SHOULD NOT": "should not", "MAY": "may"}


def requirements() -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = load_document("spec/requirements.yaml")["requirements"]
    return entries


def capabilities() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = load_document("spec/capabilities.yaml")["capabilities"]
    return entries


def validator(kind: str) -> Draft202012Validator:
    schemas = [load_document(f"{DOCUMENTS}/{name}.schema.json") for _, name in FILES]
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas)
    return Draft202012Validator(load_document(f"{DOCUMENTS}/{kind}.schema.json"), registry=registry)


def in_order_of_number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in load_document(name)["revision"].split("."))


@pytest.mark.parametrize(("path", "kind"), FILES)
def test_a_file_obeys_its_schema(path: str, kind: str) -> None:
    """What the schema of a file kind demands holds of every file of that kind."""
    assert [error.message for error in validator(kind).iter_errors(load_document(path))] == []


@pytest.mark.parametrize("kind", ["requirements", "revision", "capabilities"])
def test_a_schema_is_itself_valid(kind: str) -> None:
    """Each schema is good 2020-12 under the identifier that its name promises."""
    schema = load_document(f"{DOCUMENTS}/{kind}.schema.json")
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://intercom-conformance.dev/{DOCUMENTS}/{kind}.schema.json"


GOOD = {
    "requirements": {
        "requirements": {"some-rule": {"level": "MUST", "on": "sdk", "sentence": "It holds.", "source": "invariant 12"}}
    },
    "revision": {"revision": "1.0", "date": "2026-01-31", "requirements": ["some-rule"]},
    "capabilities": {"capabilities": {"some": {"sentence": "Does it.", "needed_for": ["some-rule"]}}},
}


def _rule(**changes: str) -> Callable[[Any], None]:
    return lambda document: document["requirements"]["some-rule"].update(changes)


def _capability(**changes: Any) -> Callable[[Any], None]:
    return lambda document: document["capabilities"]["some"].update(changes)


FAULTS: list[tuple[str, str, Callable[[Any], None]]] = [
    ("unknown level", "requirements", _rule(level="OUGHT")),
    ("unknown subject", "requirements", _rule(on="server")),
    ("no period", "requirements", _rule(sentence="It holds")),
    ("small first letter", "requirements", _rule(sentence="it holds.")),
    ("two lines", "requirements", _rule(sentence="It\nholds.")),
    ("unknown guide section", "requirements", _rule(source='guide, "Pricing"')),
    ("thirteenth invariant", "requirements", _rule(source="invariant 13")),
    ("unknown key", "requirements", _rule(note="Hello.")),
    ("empty reason", "requirements", _rule(untestable="")),
    ("no source", "requirements", lambda document: document["requirements"]["some-rule"].pop("source")),
    ("camelCase slug", "requirements", lambda document: document.update(requirements={"someRule": {}})),
    ("slug of one word", "revision", lambda document: document.update(requirements=["rule"])),
    ("slug twice", "revision", lambda document: document["requirements"].append("some-rule")),
    ("number for a revision", "revision", lambda document: document.update(revision=1.0)),
    ("month 13", "revision", lambda document: document.update(date="2026-13-01")),
    ("opens nothing", "capabilities", _capability(needed_for=[])),
    ("unknown kind of binding", "capabilities", _capability(only_for="fake")),
    ("mandatory spelt as a word", "capabilities", _capability(mandatory="yes")),
    ("since a number", "capabilities", _capability(since=1.1)),
]


@pytest.mark.parametrize(("name", "kind", "fault"), FAULTS, ids=[name for name, _, _ in FAULTS])
def test_a_schema_catches_a_fault(name: str, kind: str, fault: Callable[[Any], None]) -> None:
    """A small good document passes, and one fault in it does not."""
    document = copy.deepcopy(GOOD[kind])
    assert validator(kind).is_valid(document)
    fault(document)
    assert not validator(kind).is_valid(document), name


def test_no_sentence_stands_twice() -> None:
    """Two slugs with one sentence would be one verdict counted twice."""
    sentences = [entry["sentence"] for entry in requirements().values()]
    assert sorted(set(sentences)) == sorted(sentences)


def test_a_sentence_speaks_at_its_level() -> None:
    """Nobody has to look a level up: only MUST NOT says never, only SHOULD says should, only MAY says may."""
    wrong = [
        slug
        for slug, entry in requirements().items()
        if NOT_FOR_LEVEL[entry["level"]] & set(re.findall(r"\w+", entry["sentence"].lower()))
        or WORD_OF_LEVEL.get(entry["level"], "") not in entry["sentence"]
    ]
    assert wrong == []


def test_an_untestable_requirement_says_why() -> None:
    """A reason has at least five words, and is not the same for everything."""
    reasons = {slug: entry["untestable"] for slug, entry in requirements().items() if "untestable" in entry}
    assert [slug for slug, reason in reasons.items() if len(reason.split()) < 5] == []
    assert 0 < len(reasons) < len(requirements()) / 4


def test_every_invariant_is_covered() -> None:
    """Each of the twelve invariants stands behind at least one requirement."""
    sources = {entry["source"] for entry in requirements().values()}
    assert {f"invariant {number}" for number in range(1, 13)} <= sources


def test_the_latest_revision_is_the_set() -> None:
    """Whoever adds or withdraws a requirement publishes a new revision."""
    latest = load_document(max(REVISIONS, key=in_order_of_number))
    assert latest["requirements"] == sorted(requirements())


@pytest.mark.parametrize("path", REVISIONS)
def test_a_revision_is_sorted_and_bears_its_number(path: str) -> None:
    """A revision is found by its file name, and two of them can be compared line by line."""
    revision = load_document(path)
    assert path == f"spec/revisions/{revision['revision']}.yaml"
    assert revision["requirements"] == sorted(revision["requirements"])


def test_capabilities_open_requirements_that_exist() -> None:
    """Every slug that a capability opens is a requirement on the SDK that a test can judge."""
    judged = {s for s, entry in requirements().items() if entry["on"] == "sdk" and "untestable" not in entry}
    strays = {name: set(entry["needed_for"]) - judged for name, entry in capabilities().items()}
    assert {name: slugs for name, slugs in strays.items() if slugs} == {}


def test_what_a_capability_opens_is_sorted() -> None:
    """A sorted list shows at a glance what is missing."""
    opened = {name: entry["needed_for"] for name, entry in capabilities().items()}
    assert opened == {name: sorted(slugs) for name, slugs in opened.items()}


def test_only_the_session_is_mandatory() -> None:
    """A binding that can log in and out can be judged, whatever else it leaves out."""
    assert [name for name, entry in capabilities().items() if entry.get("mandatory")] == ["session"]


def test_payload_schemas_cite_requirements_that_exist() -> None:
    """A payload rule leads to its requirement, on any level of any schema."""
    assert {slug for slug, _ in _payload_rules()} - set(requirements()) == set()


def test_a_payload_rule_warns_where_its_requirement_says_should() -> None:
    """A rule for apps is an error or a warning in the schema exactly as its level says."""
    levels = {slug: entry["level"].split()[0] for slug, entry in requirements().items() if entry["on"] == "app"}
    stated = {(slug, level) for slug, level in _payload_rules() if slug in levels}
    assert stated
    assert stated == {(slug, levels[slug]) for slug, _ in stated}


def test_what_an_app_must_do_is_checked_in_a_payload_or_says_why_not() -> None:
    """No requirement on apps is left with neither a payload rule nor a reason."""
    cited = {slug for slug, _ in _payload_rules()}
    bound = {s for s, entry in requirements().items() if entry["on"] == "app" and "untestable" not in entry}
    assert bound - cited == set()


def _payload_rules() -> set[tuple[str, str]]:
    """Slug and level of each rule of each payload schema."""
    schemas = [name for name in names("schemas") if name.endswith(".schema.json")]
    return {rule for name in schemas for rule in _rules(load_document(name))}


def _rules(node: Any) -> Iterator[tuple[str, str]]:
    """The rules in a schema: where ``x-requirement`` stands, with ``x-level`` beside it or MUST."""
    if isinstance(node, dict) and "x-requirement" in node:
        yield node["x-requirement"], node.get("x-level", "MUST")
    if isinstance(node, dict | list):
        for item in node.values() if isinstance(node, dict) else node:
            yield from _rules(item)
