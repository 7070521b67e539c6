"""Every name in the specification leads somewhere, and every requirement is put to the test.

`Spec` holds the documents; a test that must see a fault makes one in a copy.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import pytest

from intercom_reference._data import names
from intercom_reference.loading import load_document

SCENARIOS = [name for name in names("spec/scenarios") if name.endswith(".yaml")]


@attrs.frozen
class Spec:
    """The documents under test, free to be changed."""

    session: dict[str, Any]
    api: dict[str, Any]
    scenarios: list[dict[str, Any]]
    requirements: dict[str, dict[str, str]]
    capabilities: dict[str, Any]
    schemas: frozenset[str]

    @classmethod
    def load(cls) -> Spec:
        scenarios = [one for name in SCENARIOS for one in load_document(name)["scenarios"]]
        return cls(
            session=copy.deepcopy(load_document("spec/session.yaml")),
            api=copy.deepcopy(load_document("spec/api.yaml")),
            scenarios=copy.deepcopy(scenarios),
            requirements=copy.deepcopy(load_document("spec/requirements.yaml")["requirements"]),
            capabilities=copy.deepcopy(load_document("spec/capabilities.yaml")["capabilities"]),
            schemas=frozenset(name.split("/")[-1].split(".")[0] for name in names("schemas")),
        )

    def transition(self, slug: str) -> dict[str, Any]:
        return next(one for one in self.session["transitions"] if one["id"] == slug)

    def scenario(self, slug: str) -> dict[str, Any]:
        return next(one for one in self.scenarios if one["id"] == slug)

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters behind each event, of a call or of the world."""
        calls = {one["event"]: [p["name"] for p in one["parameters"]] for one in self.api["methods"].values()}
        return calls | {name: one.get("parameters", []) for name, one in self.session["environment"].items()}

    @property
    def methods(self) -> dict[str, dict[str, Any]]:
        """The methods by name and alias."""
        named = self.api["methods"].items()
        aliases = {alias["name"]: one for _, one in named for alias in one.get("aliases", ())}
        return {**self.api["methods"], **aliases}

    @property
    def judged(self) -> set[str]:
        """The requirements that a test of an SDK can judge."""
        found = self.requirements.items()
        return {slug for slug, one in found if one["on"] == "sdk" and "untestable" not in one}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def outcomes(transition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [transition, *transition.get("one_of", ())]


# References -------------------------------------------------------------------------------------------------

Reference = tuple[str, str, Any]
"""Where a name stands, what it should be the name of, and the name."""


def strays(spec: Spec) -> list[Reference]:
    """The references that lead nowhere."""
    known = _known(spec)
    return [one for one in _references(spec) if one[2] not in known[one[1]]]


def _known(spec: Spec) -> dict[str, Any]:
    session = spec.session
    fields = {(name, field) for name, record in session["records"].items() for field in record}
    shown = {name for name, one in session["registers"].items() if not one.get("internal")}
    states = {(name, state) for name, one in session["regions"].items() for state in one["states"]}
    shown_states = {one for one in states if session["regions"][one[0]].get("visibility") is None}
    parameters = {(event, name) for event, names in spec.parameters.items() for name in names}
    return {
        "requirement": spec.judged,
        "capability": spec.capabilities,
        "schema": spec.schemas,
        "region": session["regions"],
        "state": states,
        "shown state": shown_states,
        "event": {*spec.parameters, *session["groups"]},
        "environment event": session["environment"],
        "fact": session["facts"],
        "condition": session["conditions"],
        "effect": session["effects"],
        "collection": session["records"],
        "field": {field for _, field in fields},
        "field of collection": fields,
        "register": session["registers"],
        "shown register": shown,
        "parameter": {name for names in spec.parameters.values() for name in names},
        "parameter of event": parameters,
        "method or event": {*spec.methods, *session["environment"]},
        "call": {(one["id"], step.get("as")) for one in spec.scenarios for step in one["steps"]},
        "source": _sources(spec),
    }


def _sources(spec: Spec) -> set[str]:
    schema = load_document("schemas/documents/requirements.schema.json")["$defs"]
    sections = {*schema["guide-section"]["enum"], *schema["facts-section"]["enum"]}
    transitions = {f"session, {one['id']}" for one in spec.session["transitions"]}
    return sections | transitions | {f"invariant {number}" for number in range(1, 13)}


def _references(spec: Spec) -> Iterator[Reference]:
    for one in spec.session["transitions"]:
        yield from _transition(spec, one["id"], one)
    for name, one in spec.session["effects"].items():
        yield name, "requirement", one["requirement"]
        yield from ((name, "effect", usual) for usual in listed(one.get("usual", [])))
        yield from (found for step in one["do"] for found in _operation(name, *next(iter(step.items()))))
    for name, one in spec.session["facts"].items():
        yield from _fact(name, one)
    for name, one in spec.session["conditions"].items():
        yield from _guard(spec, name, one, [])
    for name, members in spec.session["groups"].items():
        yield from ((name, "event", event) for event in members)
    yield from (("closing", "environment event", event) for event in spec.session.get("closing", ()))
    yield from (("regions", "state", (name, one["initial"])) for name, one in spec.session["regions"].items())
    yield from _api(spec)
    yield from (found for one in spec.scenarios for found in _scenario(spec, one["id"], one))


def _events(spec: Spec, named: Any) -> list[str]:
    groups = spec.session["groups"]
    return [event for name in listed(named) for event in groups.get(name, [name])]


def _transition(spec: Spec, place: str, one: Mapping[str, Any]) -> Iterator[Reference]:
    yield place, "requirement", one["requirement"]
    yield place, "region", one["region"]
    yield from ((place, "event", event) for event in listed(one["on"]))
    origin = one.get("from", "any")
    yield from ((place, "state", (one["region"], state)) for state in listed(origin) if origin != "any")
    for outcome in outcomes(one):
        yield from _guard(spec, place, outcome.get("when", {}), _events(spec, one["on"]))
        yield from _outcome(place, one["region"], outcome)


def _outcome(place: str, region: str, one: Mapping[str, Any]) -> Iterator[Reference]:
    if "to" in one:
        yield place, "state", (region, one["to"])
    yield from ((place, "effect", name) for name in one.get("effects", ()))
    value = one.get("value", {})
    if "schema" in value:
        yield place, "schema", value["schema"]
    for path in [value["path"]] if "path" in value else value.get("object", {}).values():
        yield from _path(place, path)
    yield from _usual(place, one.get("usual", {}))


def _usual(place: str, value: Mapping[str, Any]) -> Iterator[Reference]:
    found = value.get("found", {})
    paths = [value.get("path"), found.get("in"), found.get("term"), *value.get("object", {}).values()]
    yield from (reference for path in paths if path for reference in _path(place, path))


def _guard(spec: Spec, place: str, guard: Mapping[str, Any], events: Sequence[str]) -> Iterator[Reference]:
    for region, states in guard.get("in", {}).items():
        yield place, "region", region
        yield from ((place, "state", (region, state)) for state in listed(states))
    yield from ((place, "event", name) for name in listed(guard.get("event", [])))
    yield from ((place, "fact", name) for name in listed(guard.get("fact", [])))
    yield from ((place, "condition", name) for name in listed(guard.get("condition", [])))
    about = [*listed(guard.get("valid", [])), *listed(guard.get("invalid", [])), *guard.get("argument", {})]
    for name in about:
        yield from ((place, "parameter of event", (event, name)) for event in events)
    inner = guard.get("not", [])
    if not isinstance(inner, dict):
        yield from ((place, "fact", name) for name in listed(inner))
    for part in [*([inner] if isinstance(inner, dict) else []), *guard.get("all", ()), *guard.get("any", ())]:
        yield from _guard(spec, place, part, events)


def _path(place: str, path: Any) -> Iterator[Reference]:
    kind = {"argument": "parameter", "register": "register", "current": "field", "record": "field"}
    if isinstance(path, list) and path and isinstance(path[0], str) and path[0] in kind:
        yield place, kind[path[0]], path[1]
        yield from (found for key in path[2:] for found in _path(place, key))


def _fact(place: str, fact: Any) -> Iterator[Reference]:
    """References anywhere inside a fact; paths are told from lists of facts by their first word."""
    yield from _path(place, fact)
    if isinstance(fact, dict):
        if "schema" in fact:
            yield place, "schema", fact["schema"]
        if "exists" in fact:
            yield place, "collection", fact["exists"]["in"]
        yield from (found for part in fact.values() for found in _fact(place, part))
    elif isinstance(fact, list) and not list(_path(place, fact)):
        yield from (found for part in fact for found in _fact(place, part))


def _operation(place: str, name: str, body: Any) -> Iterator[Reference]:
    fields, registers = _touched(name, body)
    yield from ((place, "field", field) for field in fields)
    yield from ((place, "register", register) for register in registers)
    if name in ("create", "select"):
        yield place, "collection", body["in"]
        values = {**body.get("values", {}), **body.get("otherwise", {}), **body.get("by", {})}
        yield from ((place, "field of collection", (body["in"], field)) for field in values)
    yield from _fact(place, body)


def _touched(name: str, body: Any) -> tuple[list[str], list[str]]:
    """The fields and the registers that an operation changes."""
    match name:
        case "set" | "set_once" | "forget":
            return list(body), []
        case "merge" | "merge_items":
            return [body["into"]], []
        case "append":
            return [body["to"]], []
        case "absorb":
            return [*body["lists"], *body["uncertain"]], []
        case "assign" | "forget_registers":
            return [], list(body)
        case "assign_in":
            return [], [body["register"]]
        case "increase":
            return [], [body]
        case _:
            return [], []


def _api(spec: Spec) -> Iterator[Reference]:
    yield from (("contract", "requirement", slug) for slug in spec.api["contract"].values())
    for name, one in spec.api["methods"].items():
        yield name, "capability", one["capability"]
        if "result" in one:
            yield name, "schema", one["result"]["schema"]
        for parameter in one["parameters"]:
            yield name, "schema", parameter["schema"]
            variants = [*parameter.get("variants", ()), *parameter.get("parts", ())]
            yield from ((name, "capability", variant["capability"]) for variant in variants)


def _scenario(spec: Spec, place: str, one: Mapping[str, Any]) -> Iterator[Reference]:
    yield place, "source", one["source"]
    yield from ((place, "requirement", slug) for slug in one["requirements"])
    yield from ((place, "capability", name) for name in one.get("needs", ()))
    for step in one["steps"]:
        yield place, "method or event", next(iter(step))
        expect = step.get("expect")
        calls = expect if isinstance(expect, dict) and "success" not in expect else ()
        yield from ((place, "call", (place, call)) for call in calls)
    yield from _end(spec, place, one.get("then", {}))


def _end(spec: Spec, place: str, then: Mapping[str, Any]) -> Iterator[Reference]:
    yield from ((place, "shown state", pair) for pair in then.get("state", {}).items())
    yield from ((place, "shown register", name) for name in then.get("registers", {}))
    for collection, records in then.get("records", {}).items():
        yield place, "collection", collection
        yield from ((place, "field of collection", (collection, field)) for one in records for field in one)
    main = next(iter(spec.session["records"]))
    yield from ((place, "field of collection", (main, field)) for field in then.get("current") or ())


def test_every_reference_leads_somewhere() -> None:
    """Regions, states, events, facts, effects, requirements, schemas: whatever is named is there."""
    assert strays(Spec.load()) == []


Change = Callable[[Spec], None]


def _put(document: Any, path: Sequence[Any], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def at(slug: str, *path: Any, to: Any) -> Change:
    """A fault in a transition."""
    return lambda spec: _put(spec.transition(slug), path, to)


def chart(*path: Any, to: Any) -> Change:
    """A fault elsewhere in the statechart."""
    return lambda spec: _put(spec.session, path, to)


def api(*path: Any, to: Any) -> Change:
    """A fault in the API."""
    return lambda spec: _put(spec.api, path, to)


def scenario(*path: Any, to: Any) -> Change:
    """A fault in the first scenario."""
    return lambda spec: _put(spec.scenarios[0], path, to)


def does(**operation: Any) -> Change:
    """A fault in an effect."""
    return chart("effects", "leave", "do", to=[operation])


VALID = ("facts", "only_companies_invalid", "valid_without")
SPACE = ("methods", "presentSpace", "parameters", 0)
STRAYS: list[tuple[str, Change, str, Any]] = [
    ("region", at("hide", "region", to="sesion"), "region", "sesion"),
    ("region in a guard", at("hide", "when", to={"in": {"sesion": "x"}}), "region", "sesion"),
    ("state entered", at("logout", "to", to="out"), "state", ("session", "out")),
    ("state left", at("logout", "from", to=["known"]), "state", ("session", "known")),
    ("state in a guard", at("hide", "when", to={"not": {"in": {"login": "x"}}}), "state", ("login", "x")),
    ("first state", chart("regions", "launcher", "initial", to="x"), "state", ("launcher", "x")),
    ("event", at("logout", "on", to="log_out"), "event", "log_out"),
    ("event in a group", chart("groups", "logins", 0, to="log_in"), "event", "log_in"),
    ("event in a guard", at("hide", "when", to={"any": [{"event": "hid"}]}), "event", "hid"),
    ("fact", at("hide", "when", to={"fact": "nobody"}), "fact", "nobody"),
    ("negated fact", at("hide", "when", to={"not": ["nobody"]}), "fact", "nobody"),
    ("fact in a condition", chart("conditions", "user_there", "fact", to="nobody"), "fact", "nobody"),
    ("condition", at("hide", "when", to={"condition": "nobody"}), "condition", "nobody"),
    ("parameter", at("hide", "when", to={"invalid": "x"}), "parameter of event", ("hide", "x")),
    ("payload guard", at("hide", "when", to={"argument": {"x": {}}}), "parameter of event", ("hide", "x")),
    ("effect", at("logout", "effects", to=["leav"]), "effect", "leav"),
    ("usual effect", chart("effects", "perhaps_take_email", "usual", to="take"), "effect", "take"),
    ("register in a usual result", at("search", "usual", "found", "in", to=["register", "x"]), "register", "x"),
    ("effect of a choice", at("another-user", "one_of", 1, "effects", to=["x"]), "effect", "x"),
    ("register in a result", at("hide", "value", to={"path": ["register", "x"]}), "register", "x"),
    ("field in a result", at("hide", "value", to={"object": {"a": ["current", "x"]}}), "field", "x"),
    ("schema of a result", at("search", "value", to={"schema": "x"}), "schema", "x"),
    ("schema in a fact", chart(*VALID, "schema", to="x"), "schema", "x"),
    ("parameter in a fact", chart(*VALID, "value", to=["argument", "x"]), "parameter", "x"),
    ("path in a path", chart(*VALID, "value", to=["register", "unread", ["record", "x"]]), "field", "x"),
    ("records in a fact", chart("facts", "email_taken", "all", 1, "exists", "in", to="x"), "collection", "x"),
    ("field of an effect", does(forget=["nme"]), "field", "nme"),
    ("field of a list", does(append={"to": "evnts", "value": {}}), "field", "evnts"),
    ("register of an effect", does(increase="unred"), "register", "unred"),
    ("register in a path", does(assign_in={"register": "x", "path": [], "value": 1}), "register", "x"),
    ("value of an effect", does(assign={"unread": ["argument", "x"]}), "parameter", "x"),
    ("records of an effect", does(create={"in": "x", "values": {}}), "collection", "x"),
    (
        "field of a new record",
        does(create={"in": "x", "values": {"y": 1}}),
        "field of collection",
        ("x", "y"),
    ),
    (
        "requirement of an effect",
        chart("effects", "leave", "requirement", to="no-rule"),
        "requirement",
        "no-rule",
    ),
    ("rule for apps", at("hide", "requirement", to="message-is-text"), "requirement", "message-is-text"),
    ("untestable", at("hide", "requirement", to="launcher-position"), "requirement", "launcher-position"),
    ("closing event", chart("closing", 0, to="the_end"), "environment event", "the_end"),
    ("contract", api("contract", "crash", to="no-rule"), "requirement", "no-rule"),
    ("capability", api("methods", "present", "capability", to="x"), "capability", "x"),
    ("capability of a variant", api(*SPACE, "variants", 0, "capability", to="x"), "capability", "x"),
    ("schema of a parameter", api(*SPACE, "schema", to="spaces"), "schema", "spaces"),
    ("method in a scenario", scenario("steps", 0, to={"logOut": []}), "method or event", "logOut"),
    ("requirement of a scenario", scenario("requirements", 0, to="no-rule"), "requirement", "no-rule"),
    ("capability of a scenario", scenario("needs", to=["x"]), "capability", "x"),
    ("source of a scenario", scenario("source", to="hearsay"), "source", "hearsay"),
    ("state at the end", scenario("then", "state", to={"login": "x"}), "shown state", ("login", "x")),
    ("state of the world", scenario("then", "state", to={"network": "up"}), "shown state", ("network", "up")),
    ("internal register", scenario("then", "registers", to={"secret": 1}), "shown register", "secret"),
    ("field at the end", scenario("then", "current", to={"x": 1}), "field of collection", ("contacts", "x")),
]


@pytest.mark.parametrize(("change", "kind", "name"), [one[1:] for one in STRAYS], ids=[one[0] for one in STRAYS])
def test_a_stray_name_is_found(change: Change, kind: str, name: Any) -> None:
    """The check of references sees a name of each kind that is the name of nothing."""
    spec = Spec.load()
    change(spec)
    assert (kind, name) in [one[1:] for one in strays(spec)]


def test_an_expectation_of_a_call_that_nobody_made_is_found() -> None:
    """A scenario that waits for a call waits for one of its own."""
    spec = Spec.load()
    spec.scenarios[0]["steps"][0]["expect"] = {"other": "error"}
    place = spec.scenarios[0]["id"]
    assert strays(spec) == [(place, "call", (place, "other"))]


# Completeness -----------------------------------------------------------------------------------------------


def uncited(spec: Spec) -> set[str]:
    """The requirements on the SDK that nothing puts to the test, though nobody says why."""
    chart = [*spec.session["transitions"], *spec.session["effects"].values()]
    cited = {one["requirement"] for one in chart} | set(spec.api["contract"].values())
    cited |= {slug for one in spec.scenarios for slug in one["requirements"]}
    return spec.judged - cited


def test_every_requirement_on_the_sdk_is_put_to_the_test() -> None:
    """A transition, an effect, the contract or a scenario cites it, or it says why nothing can."""
    assert uncited(Spec.load()) == set()


def test_a_requirement_that_nothing_cites_is_found() -> None:
    """A new requirement without an example is noticed, until it says that it is untestable."""
    spec = Spec.load()
    spec.requirements["brand-new"] = {"level": "MUST", "on": "sdk"}
    assert uncited(spec) == {"brand-new"}
    spec.requirements["brand-new"]["untestable"] = "Nobody can ever see it happen."
    assert uncited(spec) == set()


def test_every_event_has_a_transition() -> None:
    """No call and nothing that happens in the world is without a rule."""
    spec = Spec.load()
    handled = {event for one in spec.session["transitions"] for event in _events(spec, one["on"])}
    assert set(spec.parameters) - handled == set()


def test_every_event_belongs_to_a_method_or_to_the_world() -> None:
    """No event is both, and no two methods share one."""
    spec = Spec.load()
    calls = [one["event"] for one in spec.api["methods"].values()]
    events = Counter([*calls, *spec.session["environment"]])
    assert [event for event, count in events.items() if count > 1] == []


def test_nothing_is_defined_in_vain() -> None:
    """Every effect, fact, condition, group, record and register is of use."""
    spec = Spec.load()
    defined = {(kind[:-1], name) for kind in ("effects", "facts", "conditions") for name in spec.session[kind]}
    defined |= {("register", name) for name in spec.session["registers"]}
    defined |= {("event", name) for name in spec.session["groups"]}
    assert defined - {one[1:] for one in _references(spec)} == set()


# Scenarios --------------------------------------------------------------------------------------------------


def test_slugs_are_unique() -> None:
    """A report that cites a transition or a scenario means one."""
    spec = Spec.load()
    for ids in ([one["id"] for one in spec.session["transitions"]], [one["id"] for one in spec.scenarios]):
        assert [slug for slug, count in Counter(ids).items() if count > 1] == []


def test_summaries_are_unique() -> None:
    """Two scenarios that read the same are one."""
    summaries = Counter(one["summary"] for one in Spec.load().scenarios)
    assert [text for text, count in summaries.items() if count > 1] == []


def faulty_steps(spec: Spec) -> list[str]:
    """The scenarios with a step that cannot be played as it stands."""
    return [one["id"] for one in spec.scenarios if not all(_playable(spec, step) for step in one["steps"])]


def _playable(spec: Spec, step: Mapping[str, Any]) -> bool:
    name, arguments = next(iter(step.items()))
    if name in spec.session["environment"]:
        quiet = not isinstance(step.get("expect"), str) and not {"callbacks", "as"} & step.keys()
        return quiet and len(arguments) == len(spec.parameters[name])
    fits = name in spec.methods and len(arguments) <= len(spec.methods[name]["parameters"])
    return fits and _expects_what_is_given(step)


def _expects_what_is_given(step: Mapping[str, Any]) -> bool:
    """Whether the callback expected is one that the app gives; otherwise nothing would be seen."""
    expect, given = step.get("expect"), step.get("callbacks", ["success", "error"])
    kind = "success" if isinstance(expect, dict) and "success" in expect else expect
    return kind in given or kind not in ("success", "error")


def test_steps_can_be_played() -> None:
    """The method comes first, has no surplus arguments, and the callback expected is given."""
    assert faulty_steps(Spec.load()) == []


@pytest.mark.parametrize(
    "step",
    [
        {"logout": [1]},
        {"network_up": [1]},
        {"content_paused": ["ARTICLE"]},
        {"network_up": [], "expect": "success"},
        {"network_up": [], "as": "call"},
        {"logout": [], "callbacks": [], "expect": "success"},
        {"logout": [], "callbacks": ["success"], "expect": "error"},
        {"expect": "success", "logout": []},
    ],
    ids=str,
)
def test_a_step_that_cannot_be_played_is_found(step: dict[str, Any]) -> None:
    """Each fault of a step is seen."""
    spec = Spec.load()
    spec.scenarios[0]["steps"].append(step)
    assert faulty_steps(spec) == [spec.scenarios[0]["id"]]


def test_call_names_are_given_once() -> None:
    """An expectation by name means one call."""
    for one in Spec.load().scenarios:
        calls = [step["as"] for step in one["steps"] if "as" in step]
        assert sorted(set(calls)) == sorted(calls), one["id"]


def test_a_scenario_is_short_and_can_fail() -> None:
    """At most eight steps, and something is expected of one of them or of the end."""
    for one in Spec.load().scenarios:
        assert len(one["steps"]) <= 8, one["id"]
        assert "then" in one or any("expect" in step for step in one["steps"]), one["id"]


def test_every_method_and_event_of_the_world_has_a_scenario() -> None:
    """Nobody has to guess from the statechart alone how a call reads."""
    spec = Spec.load()
    played = {next(iter(step)) for one in spec.scenarios for step in one["steps"]}
    assert {*spec.api["methods"], *spec.session["environment"]} - played == set()


def test_user_hashes_are_those_of_somebody() -> None:
    """A well-formed hash in a scenario is the HMAC of a userId or an email, under the key of all."""
    spec = Spec.load()
    steps = [step for one in spec.scenarios for step in one["steps"]]
    key = spec.session["registers"]["secret"]["initial"].encode()
    people = ["ada", "grace", "ada@example.com"]
    right = {hmac.new(key, who.encode(), hashlib.sha256).hexdigest() for who in people}
    given = [one for step in steps for one in step.get("setUserHash", ()) if isinstance(one, str)]
    assert {one for one in given if re.fullmatch("[0-9a-f]{64}", one)} == right
