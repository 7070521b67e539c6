"""Says what a name of the specification means: the rule, its source, what hangs together with it.

Everything is read from the specification; nothing is written here that it does not say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.exits import unknown
from intercom_conformance.reports.finding import PROGRAM, wrapped
from intercom_conformance.specification import Method, Requirement, Scenario, Specification
from intercom_conformance.suite import Check, catalogue

if TYPE_CHECKING:
    from intercom_conformance.deviations import DeviationsFile

__all__ = ["Explanation", "explanation"]


@attrs.frozen
class Explanation:
    """A title, a sentence, and named sections of lines.

    A line is a name, or a name and what there is to say of it.
    """

    kind: str
    title: str
    sentence: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def text(self, width: int) -> str:
        """For a terminal of so many columns."""
        lines = [self.title, *wrapped(f"  {self.sentence}", width, then="  ")]
        for name, items in self.sections:
            lines.append("")
            for at, item in enumerate(items):
                start = f"  {name if at == 0 else '':<14}  "
                lines += wrapped(start + item, width, then=" " * (len(start) + 2))
        return "\n".join(lines)

    def markdown(self) -> str:
        """For a page."""
        parts = [f"### {self.title}", self.sentence]
        parts += [f"**{name}**\n\n" + "\n".join(f"- {item.strip()}" for item in items) for name, items in self.sections]
        return "\n\n".join(parts)

    def document(self) -> dict[str, Any]:
        """For a program."""
        sections = {name: list(items) for name, items in self.sections}
        return {"kind": self.kind, "title": self.title, "sentence": self.sentence, "sections": sections}


def explanation(name: str, spec: Specification) -> Explanation:
    """What a name means.

    Raises:
        UsageProblem: nothing has that name; with the nearest one that something has.
    """
    if name.lstrip("-").isdigit():
        return _error_code(int(name), spec)
    for find in (_requirement, _check, _transition, _method, _capability):
        found = find(name, spec)
        if found is not None:
            return found
    listed = f"What there is, {PROGRAM} list shows: checks, requirements, capabilities, methods."
    raise unknown("requirement, check, transition, error code, method or capability", name, _names(spec), listed)


def _names(spec: Specification) -> list[str]:
    checks = [check.id for check in catalogue(spec)]
    transitions = [one["id"] for one in spec.chart["transitions"]]
    return [*spec.requirements, *checks, *transitions, *spec.api.by_any_name, *spec.capabilities]


_Sections = list[tuple[str, tuple[str, ...]]]


def _made(kind: str, title: str, sentence: str, sections: _Sections) -> Explanation:
    return Explanation(kind, title, sentence, tuple((name, items) for name, items in sections if items))


# Requirements ---------------------------------------------------------------------------------------------


def _requirement(name: str, spec: Specification) -> Explanation | None:
    one = spec.requirements.get(name)
    if one is None:
        return None
    checks = _checks_of(one, spec)
    sections: _Sections = [
        ("source", (one.source,)),
        ("untestable", (one.untestable,) if one.untestable else ()),
        (
            "broken by",
            tuple(kind.replace("_", " ") for kind, slug in spec.api.contract.items() if slug == name),
        ),
        ("transitions", tuple(_transition_line(body) for body in _transitions_of(name, spec))),
        ("effects", tuple(key for key, body in spec.chart["effects"].items() if body["requirement"] == name)),
        (
            "capabilities",
            tuple(key for key, body in spec.capabilities.items() if name in body.get("needed_for", ())),
        ),
        ("checks", tuple(f"{check.id}: {check.title}" for check in checks)),
        *_scenario_sections([scenario for scenario in spec.scenarios if name in scenario.requirements]),
        ("known findings", tuple(_known_findings(name, spec))),
        ("run", (f"{PROGRAM} run CONNECTOR --requirement {name}",) if checks else ()),
    ]
    bound = "binds the SDK" if one.on == "sdk" else "binds the app that uses an SDK"
    return _made("requirement", f"{name}   {one.level}, {bound}", one.sentence, sections)


def _known_findings(slug: str, spec: Specification) -> Iterator[str]:
    """What published bindings are on record for; they are judged by the kit's own specification only."""
    from intercom_conformance.reports.findings_page import findings_of

    return findings_of(slug, () if spec.folder is not None else _on_record(spec))


@cache
def _on_record(spec: Specification) -> tuple[DeviationsFile, ...]:
    from intercom_conformance.bindings.findings import known_connectors, path_of
    from intercom_conformance.deviations import read

    checks = [check.id for check in catalogue(spec)]
    return tuple(read(path_of(connector), spec, checks) for connector in known_connectors())


def _checks_of(one: Requirement, spec: Specification) -> list[Check]:
    own = {f"transition/{body['id']}" for body in _transitions_of(one.id, spec)}
    return [check for check in catalogue(spec) if one.id in check.requirements or check.id in own]


def _transitions_of(slug: str, spec: Specification) -> Iterator[Mapping[str, Any]]:
    return (body for body in spec.chart["transitions"] if body["requirement"] == slug)


def _requirement_lines(slugs: tuple[str, ...], spec: Specification) -> tuple[str, ...]:
    return tuple(f"{slug} ({spec.requirements[slug].level}): {spec.requirements[slug].sentence}" for slug in slugs)


# Checks and scenarios -------------------------------------------------------------------------------------


def _check(name: str, spec: Specification) -> Explanation | None:
    found = next((one for one in catalogue(spec) if one.id == name), None)
    if found is None:
        return None
    scenarios = [one for one in spec.scenarios if f"scenario/{one.id}" == name]
    transitions = [body for body in spec.chart["transitions"] if f"transition/{body['id']}" == name]
    sections: _Sections = [
        ("requirements", _requirement_lines(found.requirements, spec)),
        ("source", tuple(one.source for one in scenarios)),
        *_scenario_sections(scenarios),
        ("transition", tuple(_transition_line(body) for body in transitions)),
        ("run", (f"{PROGRAM} run CONNECTOR -k {name}",)),
    ]
    return _made("check", name, found.title, sections)


def _scenario_sections(scenarios: list[Scenario]) -> _Sections:
    return [(f"scenario {number}" if len(scenarios) > 1 else "scenario", lines) for number, lines in _told(scenarios)]


def _told(scenarios: list[Scenario]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, scenario in enumerate(scenarios, 1):
        yield number, (f"{scenario.id}: {scenario.summary}", *_given_when_then(scenario))


def _given_when_then(scenario: Scenario) -> Iterator[str]:
    """The last step is what the scenario is about; the ones before it are what is given."""
    *given, last = scenario.steps
    for at, step in enumerate(given):
        yield f"  {'given' if at == 0 else '':<7} {_step(step)}"
    yield f"  {'when':<7} {_step(last)}"
    for at, (part, value) in enumerate(scenario.then.items()):
        yield f"  {'expect' if at == 0 else '':<7} {part}: {_json(value)}"


def _step(step: Mapping[str, Any]) -> str:
    name, arguments = next(iter(step.items()))
    called = f"{name}({', '.join(map(_json, arguments))})"
    given = f", with {' and '.join(step['callbacks']) or 'no'} callback" if "callbacks" in step else ""
    expected = step.get("expect")
    if expected is None:
        return called + given
    return f"{called}{given}: {expected if isinstance(expected, str) else _json(expected)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# Transitions ----------------------------------------------------------------------------------------------


def _transition(name: str, spec: Specification) -> Explanation | None:
    body = next((one for one in spec.chart["transitions"] if one["id"] == name), None)
    if body is None:
        return None
    slug = body["requirement"]
    events = _events(body, spec)
    methods = tuple(f"{one.name}: {one.summary}" for one in spec.api.methods.values() if one.event in events)
    world = tuple(
        f"{event}: {spec.chart['environment'][event]['summary']}"
        for event in events
        if event in spec.chart["environment"]
    )
    sections: _Sections = [
        ("requirement", _requirement_lines((slug,), spec)),
        ("calls", methods),
        ("world", world),
        ("when", (_json(body["when"]),) if "when" in body else ()),
        ("then", tuple(_outcomes(body))),
        ("source", (spec.requirements[slug].source,)),
        ("run", (f"{PROGRAM} run CONNECTOR -k transition/{name}",)),
    ]
    return _made("transition", f"{name}   transition", _transition_line(body), sections)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _events(body: Mapping[str, Any], spec: Specification) -> list[str]:
    groups = spec.chart.get("groups", {})
    return [event for name in _listed(body["on"]) for event in groups.get(name, [name])]


def _transition_line(body: Mapping[str, Any]) -> str:
    start = " or ".join(_listed(body.get("from", "any")))
    ends = [one["to"] for one in (body, *body.get("one_of", ())) if "to" in one]
    end = " or ".join(dict.fromkeys(ends)) or "the same"
    return f"{body['id']}: {body['region']}, on {' or '.join(_listed(body['on']))}, from {start} to {end}"


def _outcomes(body: Mapping[str, Any]) -> Iterator[str]:
    alternatives = body.get("one_of", (body,))
    for at, one in enumerate(alternatives):
        either = "" if len(alternatives) == 1 else "either " if at == 0 else "or "
        yield either + (", ".join(_outcome(one)) or "nothing changes")


def _outcome(one: Mapping[str, Any]) -> Iterator[str]:
    if "when" in one and "on" not in one:
        yield f"when {_json(one['when'])}"
    if "callback" in one:
        yield "success or error" if one["callback"] == "either" else str(one["callback"])
    if "code" in one:
        yield f"code {one['code']}"
    if "to" in one:
        yield f"enters {one['to']}"
    yield from (effect.replace("_", " ") for effect in one.get("effects", ()))
    yield from (key for key in ("defer", "again", "remember", "requeue", "drop", "cancel") if one.get(key))


# Methods, capabilities, error codes -----------------------------------------------------------------------


def _method(name: str, spec: Specification) -> Explanation | None:
    method = spec.api.by_any_name.get(name)
    if method is None:
        return None
    taken = [body for body in spec.chart["transitions"] if method.event in _events(body, spec)]
    sections: _Sections = [
        ("source", (method.source,)),
        ("alias of", (method.name,) if method.name != name else ()),
        ("aliases", method.aliases if method.name == name else ()),
        ("parameters", tuple(_parameters(method))),
        ("gives", (f"a value valid against {method.result['schema']}",) if method.result else ()),
        ("capability", (method.capability,)),
        ("examples", tuple(f"{name}({', '.join(map(_json, one))})" for one in method.examples)),
        ("transitions", tuple(_transition_line(body) for body in taken)),
    ]
    return _made("method", f"{name}   method", method.summary, sections)


def _parameters(method: Method) -> Iterator[str]:
    for one in method.parameters:
        notes = [
            word
            for word, is_so in (("optional", one.optional), ("ignored", one.ignored), ("secret", one.secret))
            if is_so
        ]
        yield f"{one.name}: {one.schema}{f' ({chr(44).join(notes)})' if notes else ''}"


def _capability(name: str, spec: Specification) -> Explanation | None:
    body = spec.capabilities.get(name)
    if body is None:
        return None
    methods = tuple(method.name for method in spec.api.methods.values() if method.capability == name)
    sections: _Sections = [
        ("methods", methods),
        ("needed for", _requirement_lines(tuple(body.get("needed_for", ())), spec)),
        ("only for", (str(body["only_for"]),) if "only_for" in body else ()),
    ]
    title = f"{name}   capability" + (", every binding has it" if body.get("mandatory") else "")
    return _made("capability", title, body["sentence"], sections)


def _error_code(code: int, spec: Specification) -> Explanation:
    ranges = [one for one in spec.api.error_codes if one["from"] <= code <= one["to"]]
    giving = [body for body in spec.chart["transitions"] if code in _codes(body)]
    if not ranges and not giving:
        known = (str(one["from"]) for one in spec.api.error_codes)
        spans = ", ".join(_span(one) for one in spec.api.error_codes)
        raise unknown("error code", str(code), known, f"Documented are: {spans}.")
    slug = spec.api.contract["error_undocumented"]
    sections: _Sections = [
        ("documented", tuple(f"{_span(one)}: {one['source']}" for one in ranges)),
        ("given by", tuple(_transition_line(body) for body in giving)),
        ("rule", _requirement_lines((slug,), spec)),
    ]
    sentence = "A code that public documentation names." if ranges else "A code that the specification gives."
    return _made("error code", f"{code}   error code", sentence, sections)


def _codes(body: Mapping[str, Any]) -> set[int]:
    return {one["code"] for one in (body, *body.get("one_of", ())) if "code" in one}


def _span(one: Mapping[str, Any]) -> str:
    return str(one["from"]) if one["from"] == one["to"] else f"{one['from']}-{one['to']}"
