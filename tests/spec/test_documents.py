"""Statechart, API and scenarios obey their schemas, and the schemas catch what a person mistypes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from intercom_reference._data import names
from intercom_reference.loading import load_document

DOCUMENTS = "schemas/documents"
SCENARIOS = [name for name in names("spec/scenarios") if name.endswith(".yaml")]
KINDS = ["session", "api", "scenarios", "invariants"]
FILES = [
    ("spec/session.yaml", "session"),
    ("spec/api.yaml", "api"),
    ("spec/invariants.yaml", "invariants"),
    *((name, "scenarios") for name in SCENARIOS),
]


def validator(kind: str) -> Draft202012Validator:
    schemas = [load_document(name) for name in names(DOCUMENTS)]
    registry: Registry[Any] = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
    return Draft202012Validator(load_document(f"{DOCUMENTS}/{kind}.schema.json"), registry=registry)


@pytest.mark.parametrize(("path", "kind"), FILES, ids=[path for path, _ in FILES])
def test_a_document_obeys_its_schema(path: str, kind: str) -> None:
    """What the schema of a kind of document demands holds of every document of that kind."""
    assert [error.message for error in validator(kind).iter_errors(load_document(path))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_itself_valid(kind: str) -> None:
    """Each schema is good 2020-12 under the identifier that its name promises."""
    schema = load_document(f"{DOCUMENTS}/{kind}.schema.json")
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://intercom-conformance.dev/{DOCUMENTS}/{kind}.schema.json"


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_knows_no_sdk(kind: str) -> None:
    """A statechart of some other SDK obeys the same schemas: they hold no name of this one."""
    text = str(load_document(f"{DOCUMENTS}/{kind}.schema.json")).lower()
    methods = load_document("spec/api.yaml")["methods"]
    own = {"intercom", "messenger", "contact", *map(str.lower, methods)}
    assert [word for word in sorted(own) if word in text.replace("intercom-conformance.dev", "")] == []


def test_every_document_is_of_a_kind() -> None:
    """No document under spec/ goes unchecked: what has no schema here is checked beside the requirements."""
    elsewhere = {"spec/requirements.yaml", "spec/capabilities.yaml", "spec/README.md"}
    assert {*names("spec"), *names("spec/scenarios")} - elsewhere == {path for path, _ in FILES}


SESSION: dict[str, Any] = {
    "chart": "lamp",
    "version": "1.0",
    "regions": {"light": {"summary": "Whether it shines.", "initial": "off", "states": ["off", "on"]}},
    "environment": {"power_cut": {"summary": "The power fails."}},
    "records": {"lamps": {"name": None}},
    "registers": {"hours": {"initial": 0}},
    "facts": {
        "named": {"summary": "It has a name.", "given": ["argument", "name"]},
        "known": {
            "summary": "It is known.",
            "exists": {"in": "lamps", "where": {"given": ["record", "name"]}},
        },
        "nearly": {
            "summary": "It would do without a colour.",
            "valid_without": {"schema": "lamp", "value": ["argument", "lamp"], "key": "colour"},
        },
    },
    "conditions": {"shining": {"summary": "It shines.", "in": {"light": "on"}}},
    "effects": {"count": {"requirement": "it-counts", "do": [{"increase": "hours"}]}},
    "transitions": [
        {
            "id": "switch-on",
            "region": "light",
            "from": "off",
            "on": "switch",
            "when": {"fact": "named", "argument": {"name": {"type": "string"}}, "not": ["known"]},
            "to": "on",
            "callback": "success",
            "value": {"path": ["register", "hours"]},
            "effects": ["count"],
            "requirement": "it-shines",
        },
        {
            "id": "power-cut",
            "region": "light",
            "on": ["power_cut"],
            "one_of": [{"to": "off", "cancel": True}, {"when": {"condition": "shining"}}],
            "requirement": "it-goes-out",
        },
    ],
}
API: dict[str, Any] = {
    "api": "lamp",
    "version": "1.0",
    "contract": dict.fromkeys(load_document("spec/api.yaml")["contract"], "it-behaves"),
    "error_codes": [{"from": 1, "to": 9, "source": "the manual"}],
    "methods": {
        "switch": {
            "summary": "Switches it.",
            "source": "the manual",
            "event": "switch",
            "capability": "switching",
            "since": "1.0",
            "parameters": [{"name": "name", "schema": "name", "optional": True}],
            "aliases": [{"name": "toggle", "deprecated": "1.0"}],
            "result": {"schema": "count", "returned": True},
            "examples": [["desk"], []],
        }
    },
}
EXAMPLES: dict[str, Any] = {
    "scenarios": [
        {
            "id": "light",
            "summary": "It shines.",
            "requirements": ["it-shines"],
            "source": "the manual",
            "steps": [
                {"switch": ["desk"], "callbacks": ["success"], "as": "switching", "expect": "nothing"},
                {"power_cut": [], "expect": {"switching": "error"}},
                {"switch": [], "expect": {"success": 1}},
            ],
            "then": {"state": {"light": "on"}, "records": {"lamps": [{"name": "desk"}]}, "current": None},
        }
    ]
}
NAMED_RECORD = {"exists": {"in": "lamps", "where": {"given": ["record", "name"]}}}
INVARIANTS: dict[str, Any] = {
    "populations": {
        "lamps": {
            "summary": "One lamp.",
            "outstanding": 1,
            "records": 1,
            "steps": [{"switch": ["desk"], "when": {"given": ["current", "name"]}}, {"power_cut": []}],
        }
    },
    "invariants": {
        "dark-lamps-rest": {
            "summary": "A lamp that is off is nobody's.",
            "requirement": "it-goes-out",
            "while": {"in": {"light": "off"}},
            "holds": {"not": {"given": ["current", "name"]}},
        },
        "one-lamp": {
            "summary": "There is one lamp.",
            "requirement": "it-counts",
            "at_most": {"in": "lamps", "where": {"given": ["record", "name"]}, "count": 1},
        },
        "names-stay": {
            "summary": "A lamp keeps its name.",
            "requirement": "it-counts",
            "keeps": {"in": "lamps", "field": "name"},
        },
    },
}
GOOD = {"session": SESSION, "api": API, "scenarios": EXAMPLES, "invariants": INVARIANTS}


def put(*path: str | int, to: Any) -> Callable[[Any], None]:
    """A fault: the value at a path is another one, or is there at all."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


def drop(*path: str | int) -> Callable[[Any], None]:
    """A fault: the value at a path is missing."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


NAMED = ("facts", "named")
ON, CUT = ("transitions", 0), ("transitions", 1)
WHEN = (*ON, "when")
STEP = ("scenarios", 0, "steps", 0)
FAULTS: list[tuple[str, str, Callable[[Any], None]]] = [
    ("no regions", "session", drop("regions")),
    ("misspelt section", "session", put("transition", to=[])),
    ("number for a version", "session", put("version", to=1.0)),
    ("region without a start", "session", drop("regions", "light", "initial")),
    ("region without states", "session", put("regions", "light", "states", to=[])),
    ("unknown visibility", "session", put("regions", "light", "visibility", to="hidden")),
    ("unknown retries", "session", put("environment", "power_cut", "retries", to="never")),
    ("event without a summary", "session", drop("environment", "power_cut", "summary")),
    ("register without a value", "session", put("registers", "hours", to={})),
    ("internal spelt as a word", "session", put("registers", "hours", "internal", to="yes")),
    ("fact with an unknown operator", "session", put(*NAMED, to={"summary": "It is.", "has": []})),
    ("fact with two operators", "session", put(*NAMED, "not", to={"given": ["argument", "name"]})),
    ("fact without an operator", "session", drop(*NAMED, "given")),
    ("path from nowhere", "session", put(*NAMED, "given", to=["arguments", "name"])),
    ("path with no end", "session", put(*NAMED, "given", to=["argument"])),
    ("fault deep inside a fact", "session", put("facts", "known", "exists", "where", "given", to="name")),
    ("valid_without nothing", "session", drop("facts", "nearly", "valid_without", "key")),
    ("condition without a summary", "session", drop("conditions", "shining", "summary")),
    ("condition that says nothing", "session", drop("conditions", "shining", "in")),
    ("effect with an unknown operator", "session", put("effects", "count", "do", 0, to={"raise": "hours"})),
    ("two effects in one", "session", put("effects", "count", "do", 0, "leave", to={})),
    ("effect without a requirement", "session", drop("effects", "count", "requirement")),
    ("transition without a requirement", "session", drop(*ON, "requirement")),
    ("transition without an event", "session", drop(*ON, "on")),
    ("misspelt callback", "session", put(*ON, "calback", to="success")),
    ("unknown callback", "session", put(*ON, "callback", to="failure")),
    ("callback and defer", "session", put(*ON, "defer", to=True)),
    ("value without a callback", "session", drop(*ON, "callback")),
    ("value of two kinds", "session", put(*ON, "value", "const", to=1)),
    ("code of a success", "session", put(*ON, "code", to=1)),
    ("misspelt guard", "session", put(*WHEN, to={"facts": "named"})),
    ("valid beside nothing invalid", "session", put(*WHEN, to={"valid": "name"})),
    ("unknown attempt", "session", put(*WHEN, to={"attempt": ["first", "second"]})),
    ("fault deep inside a guard", "session", put(*WHEN, to={"any": [{"not": {"all": [{"im": {}}]}}]})),
    ("payload guard misspelt", "session", put(*WHEN, "argument", "name", to={"typ": "string"})),
    ("payload guard misspelt inside", "session", put(*WHEN, "argument", "name", to={"not": {"konst": 1}})),
    ("requirement in camelCase", "session", put(*ON, "requirement", to="itShines")),
    ("choice of one", "session", put(*CUT, "one_of", to=[{"to": "off"}])),
    ("outcome beside a choice", "session", put(*CUT, "to", to="off")),
    ("no contract", "api", drop("contract")),
    ("misbehaviour forgotten", "api", drop("contract", "crash")),
    ("unknown misbehaviour", "api", put("contract", "explosion", to="it-behaves")),
    ("method without an event", "api", drop("methods", "switch", "event")),
    ("method without examples", "api", drop("methods", "switch", "examples")),
    ("example that is no list", "api", put("methods", "switch", "examples", to=["desk"])),
    ("parameter without a schema", "api", drop("methods", "switch", "parameters", 0, "schema")),
    ("misspelt parameter", "api", put("methods", "switch", "parameters", 0, "optinal", to=True)),
    ("since a number", "api", put("methods", "switch", "since", to=1.0)),
    ("code range with no end", "api", drop("error_codes", 0, "to")),
    ("scenario without steps", "scenarios", put("scenarios", 0, "steps", to=[])),
    ("scenario without a requirement", "scenarios", put("scenarios", 0, "requirements", to=[])),
    ("scenario without a period", "scenarios", put("scenarios", 0, "summary", to="It shines")),
    ("misspelt end", "scenarios", put("scenarios", 0, "than", to={})),
    ("end that says nothing", "scenarios", put("scenarios", 0, "then", to={})),
    ("misspelt part of the end", "scenarios", put("scenarios", 0, "then", "states", to={})),
    ("step that does nothing", "scenarios", put(*STEP, to={"expect": "success"})),
    ("step that does two things", "scenarios", put(*STEP, "power_cut", to=[])),
    ("arguments that are no list", "scenarios", put(*STEP, "switch", to="desk")),
    ("unknown callback given", "scenarios", put(*STEP, "callbacks", to=["failure"])),
    ("unknown expectation", "scenarios", put(*STEP, "expect", to="failure")),
    ("expectation of an error's value", "scenarios", put(*STEP, "expect", to={"error": 4})),
    ("success and a call", "scenarios", put(*STEP, "expect", to={"success": 1, "switching": "error"})),
    ("population without a bound", "invariants", drop("populations", "lamps", "records")),
    ("step of two calls", "invariants", put("populations", "lamps", "steps", 1, "switch", to=[])),
    ("step that is only a condition", "invariants", drop("populations", "lamps", "steps", 0, "switch")),
    ("invariant that says nothing", "invariants", drop("invariants", "names-stay", "keeps")),
    (
        "invariant that says two things",
        "invariants",
        put("invariants", "one-lamp", "holds", to=NAMED_RECORD),
    ),
    ("misspelt invariant", "invariants", put("invariants", "one-lamp", "at_least", to=1)),
    ("fault deep inside an invariant", "invariants", put("invariants", "dark-lamps-rest", "holds", to={"nat": 1})),
    ("call named success", "scenarios", put(*STEP, "as", to="success")),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_takes_a_small_document(kind: str) -> None:
    """The document that the faults below are made in has none."""
    assert [error.message for error in validator(kind).iter_errors(GOOD[kind])] == []


@pytest.mark.parametrize(("kind", "fault"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_schema_catches_a_fault(kind: str, fault: Callable[[Any], None]) -> None:
    """One fault in a small good document is refused."""
    document = copy.deepcopy(GOOD[kind])
    fault(document)
    assert not validator(kind).is_valid(document)


@pytest.mark.parametrize(
    ("kind", "fault", "word"),
    [
        ("session", put(*ON, "calback", to="success"), "calback"),
        ("session", put(*WHEN, to={"facts": "named"}), "facts"),
        ("session", put(*NAMED, to={"summary": "It is.", "has": []}), "has"),
        ("api", put("methods", "switch", "sinze", to="1.0"), "sinze"),
        ("scenarios", put("scenarios", 0, "than", to={}), "than"),
    ],
    ids=["transition", "guard", "fact", "method", "scenario"],
)
def test_a_misspelt_key_is_named(kind: str, fault: Callable[[Any], None], word: str) -> None:
    """Whoever mistypes a key reads it in the message."""
    document = copy.deepcopy(GOOD[kind])
    fault(document)
    assert any(repr(word) in error.message for error in validator(kind).iter_errors(document))
