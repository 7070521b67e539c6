"""The JSON Schemas of what is asked and answered, made of the specification, and the checks that hold requests to them.

Methods, events, states, registers and payloads come from ``spec/`` and ``schemas/``; reactions are those of the wire
between kit and binding. A parameter's payload schema stands beside `anything`, because an SDK may be given anything.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from intercom_conformance.drivers.messages import SCHEMA, excerpt
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem, unprocessable
from intercom_conformance.specification import Method, Parameter, Specification
from intercom_conformance.trace import BOTH
from intercom_reference.loading import load_document

__all__ = ["Checks", "components"]

Schema = dict[str, Any]

_PLACE: Final = "#/components/schemas/{}"
_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_FLAG: Final[Schema] = {"type": "boolean"}
_ANYTHING: Final[Schema] = {
    "title": "Anything else",
    "description": "What is not valid is reported by the SDK, as to an app.",
}
_CALLBACKS: Final[Schema] = {
    "description": "The callbacks that the app gives; the others are null.",
    "type": "array",
    "items": {"enum": list(BOTH)},
    "uniqueItems": True,
    "default": list(BOTH),
}
_NAME: Final[Schema] = {
    "description": "Names the call wherever one of its callbacks is reported; made of its position if left out.",
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
}


class Checks:
    """Holds what clients send to the schemas that the description shows."""

    def __init__(self, spec: Specification, limits: Limits) -> None:
        self._spec, self._limits = spec, limits
        self._validators: dict[str, Any] = {}

    @cached_property
    def components(self) -> dict[str, Schema]:
        """Every schema by its name."""
        return components(self._spec, self._limits)

    def check(self, name: str, value: Any) -> None:
        """Raises `Problem` (422) if a value is not what the schema of that name allows."""
        self._check(name, {"$ref": _PLACE.format(name)}, value)

    def check_query(self, name: str, query: Mapping[str, Schema], value: Mapping[str, Any]) -> None:
        """The same for the parameters of an operation that is sent no body."""
        self._check(f"{name} query", _closed(query, ()), value)

    def _check(self, key: str, schema: Schema, value: Any) -> None:
        validator = self._validator(key, schema)
        try:
            if validator.is_valid(value):
                return
            problem = self._problem(validator, value)
        except (ValueError, TypeError, OverflowError) as error:
            raise unprocessable(f"The value cannot be checked: {excerpt(str(error))}", _REMEDY) from None
        raise problem

    def _validator(self, key: str, schema: Schema) -> Any:
        if key not in self._validators:
            import jsonschema_rs

            document = {**schema, "components": {"schemas": self.components}}
            self._validators[key] = jsonschema_rs.Draft202012Validator(document)
        return self._validators[key]

    def _problem(self, validator: Any, value: Any) -> Problem:
        error = next(iter(self._closer(value)), None) or next(iter(validator.iter_errors(value)))
        place = "/".join(map(str, error.instance_path))
        return unprocessable(excerpt(f"{place}: {error.message}" if place else error.message), _REMEDY)

    def _closer(self, value: Any) -> Iterator[Any]:
        """The errors by the schema of the method or event that is named, which tells more than `oneOf`."""
        step = value.get("step", value) if isinstance(value, dict) else None
        if isinstance(step, dict):
            named = self._spec.api.by_any_name.get(_text(step.get("method")))
            part = f"call-{named.name}" if named else f"event-{_text(step.get('event'))}"
            if part in self.components:
                yield from self._validator(part, {"$ref": _PLACE.format(part)}).iter_errors(step)


_REMEDY: Final = "Compare /openapi.json, or the answer to `describe`, which tells what may be sent."


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def components(spec: Specification, limits: Limits) -> dict[str, Schema]:
    """Every schema by its name: requests, answers, payloads."""
    payloads = spec.payloads.components(_PLACE.format("payload-{}"))
    return {
        **_requests(spec, limits),
        **_answers(spec),
        **{f"call-{method.name}": _call(method) for method in spec.api.methods.values()},
        **{f"event-{name}": _event(name, body) for name, body in spec.chart["environment"].items()},
        **_wire(),
        **{f"payload-{name}": schema for name, schema in payloads.items()},
    }


# What is sent -------------------------------------------------------------------------------------


def _requests(spec: Specification, limits: Limits) -> dict[str, Schema]:
    calls = [_ref(f"call-{name}") for name in spec.api.methods]
    events = [_ref(f"event-{name}") for name in spec.chart["environment"]]
    names = [*spec.api.by_any_name, *spec.chart["environment"]]
    seconds = {"type": "number", "minimum": 0, "maximum": limits.clock}
    question = {"step": _ref("Step"), "observed": _ref("Observed"), "keep": {**_FLAG, "default": False}}
    return {
        "NewSession": _closed(_setting(spec), ()),
        "StepName": {"description": "Only this method or event.", "enum": names},
        "Call": {"title": "A call of a method", "oneOf": calls},
        "Event": {"title": "Something that happens in the world", "oneOf": events or [False]},
        "Step": {"title": "A call, or something that happens", "oneOf": [*calls, *events]},
        "Clock": _closed({"seconds": seconds}, ("seconds",), examples=[{"seconds": 30}]),
        "Question": _closed(question, ("step", "observed"), examples=[_question(spec)]),
        "Observed": _observed(),
    }


def _setting(spec: Specification) -> dict[str, Schema]:
    return {
        "stand_in": {**_FLAG, "description": "Whether an SDK stands in; if left out, whether there is one."},
        "style": {
            "description": "How an app hears of outcomes in this session; with `none` it does not.",
            "enum": ["callbacks", "promises", "none"],
            "default": "callbacks",
        },
        "choices": {
            "description": "Of the stand-in: which alternative it takes, by transition, where the specification "
            "leaves several open; the place of the alternative, or 0 for success and 1 for error.",
            **_closed(dict(_choices(spec)), ()),
        },
    }


def _choices(spec: Specification) -> Iterator[tuple[str, Schema]]:
    """The transitions that leave a choice, each with the places of its alternatives."""
    for transition in spec.chart["transitions"]:
        count = len(transition.get("one_of", ())) or (2 if transition.get("callback") == "either" else 1)
        if count > 1:
            yield transition["id"], {"type": "integer", "minimum": 0, "maximum": count - 1}


def _call(method: Method) -> Schema:
    arguments: Schema = {"type": "array", "maxItems": len(method.parameters), "default": []}
    if method.parameters:
        arguments["prefixItems"] = [_argument(parameter) for parameter in method.parameters]
    names = {"enum": [method.name, *method.aliases]}
    examples = [{"method": method.name, "arguments": list(given)} for given in method.examples]
    schema = _closed({"method": names, "arguments": arguments, "callbacks": _CALLBACKS, "call": _NAME}, ("method",))
    return {"title": method.name, "description": method.summary, **schema, "examples": examples}


def _argument(parameter: Parameter) -> Schema:
    title = {"title": parameter.name}
    if parameter.ignored:
        return {**title, "description": "It has no influence."}
    valid = _ref(f"payload-{parameter.schema}")
    return {**title, "anyOf": [valid, *([{"type": "null"}] if parameter.optional else []), _ANYTHING]}


def _event(name: str, body: Mapping[str, Any]) -> Schema:
    parameters = body.get("parameters", ())
    size = len(parameters)
    arguments: Schema = {"type": "array", "minItems": size, "maxItems": size}
    if parameters:
        # The documents name these and give examples; texts are what all of them are.
        arguments["prefixItems"] = [{"title": one, "type": "string", "maxLength": 1000} for one in parameters]
    required = ("event", "arguments") if parameters else ("event",)
    schema = _closed({"event": {"const": name}, "arguments": arguments}, required)
    examples = [{"event": name, "arguments": list(given)} for given in body.get("examples", [[]])]
    return {"title": name, "description": body["summary"], **schema, "examples": examples}


def _observed() -> Schema:
    properties: dict[str, Schema] = {
        "settled": {"type": "array", "items": _ref("wire-settled-params")},
        "returned": {"description": "What the call returned, other than nothing."},
        "thrown": _closed({"type": _TEXT, "message": _TEXT}, ("type", "message")),
        "snapshot": _shown(),
    }
    schema = _closed(properties, ("settled",))
    return {"title": "What was seen of a step", **schema, "not": {"required": ["returned", "thrown"]}}


def _shown() -> Schema:
    """What an SDK may show of itself: right or wrong, but of the shape that snapshots have."""
    bounded = {"records": {"additionalProperties": {"maxItems": 2000}}, "state": {"additionalProperties": _TEXT}}
    shown = [_ref("wire-snapshot"), {"properties": bounded}]
    return {"description": "What the SDK or its workspace showed after the step.", "allOf": shown}


def _question(spec: Specification) -> Schema:
    method = next(iter(spec.api.methods.values()))
    step = {"method": method.name, "arguments": list(next(iter(method.examples), ())), "call": "mine"}
    return {"step": step, "observed": {"settled": [{"call": "mine", "callback": "success"}]}}


# What is answered ---------------------------------------------------------------------------------


def _answers(spec: Specification) -> dict[str, Schema]:
    return {
        "Problem": _problem(),
        "Health": _health(),
        "Session": _session(spec),
        "Outcome": _outcome(),
        "Verdict": _verdict(),
        "Judgement": _judgement(),
        "Snapshot": _snapshot(spec),
        "States": _states(spec),
        "Alternative": _alternative(),
        "Allowed": _open({"step": {"type": "object"}, **_alternatives()}, ("step", *_alternatives())),
        "AllowedList": _open({"states": _list("States"), "steps": _list("Allowed")}, ("states", "steps")),
        "History": _history(),
        "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
    }


def _problem() -> Schema:
    properties = {
        "type": {**_TEXT, "format": "uri"},
        "title": _TEXT,
        "status": _COUNT,
        "detail": _TEXT,
        "remedy": _TEXT,
    }
    return {"title": "What is refused, and what to do (RFC 9457)", **_open(properties, tuple(properties))}


def _health() -> Schema:
    specification = _open({"name": _TEXT, "version": _TEXT, "digest": _TEXT}, ("name", "version", "digest"))
    limits = {"type": "object", "additionalProperties": {"type": "number"}}
    properties = {
        "status": {"const": "ok"},
        "version": _TEXT,
        "specification": specification,
        "stand_in": _FLAG,
        "sessions": _COUNT,
        "limits": limits,
    }
    return _open(properties, tuple(properties))


def _session(spec: Specification) -> Schema:
    properties = {
        "session": {**_TEXT, "description": "Its name, a secret of whoever may use it."},
        **_setting(spec),
        "created": {**_TEXT, "format": "date-time"},
        "steps": _COUNT,
        "bytes": _COUNT,
        "now": {"type": "number", "description": "Seconds by which the clock was moved."},
        "undecided": {**_FLAG, "description": "Whether the oracle can say nothing of this session any more."},
        "idle_seconds": {"type": "number", "description": "After so many seconds without use it is gone."},
    }
    return _open(properties, tuple(properties))


def _outcome() -> Schema:
    properties = {
        "step": _COUNT,
        "call": _TEXT,
        "now": {"type": "number"},
        "settled": {"type": "array", "items": _ref("wire-settled-params")},
        "returned": {},
        "thrown": {"type": "object"},
        "judged": {"anyOf": [_ref("Verdict"), {"type": "null"}], "description": "Null where too much is open to tell."},
    }
    return {"title": "What came of a step", **_open(properties, ("step", "settled"))}


def _verdict() -> Schema:
    broken = ("requirement", "level", "sentence", "kind", "expected", "observed")
    properties = {
        "allowed": _FLAG,
        "transitions": {**_TEXTS, "description": "The transitions that explain it."},
        "requirements": {**_TEXTS, "description": "The requirements that were put to the test."},
        "broken": {"type": "array", "items": _open(dict.fromkeys(broken, _TEXT), broken)},
        "expected": {**_TEXTS, "description": "What would have been allowed."},
        "seen": _TEXT,
    }
    return {"title": "What the oracle says of a step", **_open(properties, ("allowed",))}


def _judgement() -> Schema:
    kept = {**_FLAG, "description": "Whether the observation is now part of the history."}
    return {"allOf": [_ref("Verdict"), _open({"kept": kept}, ("kept",))]}


def _alternatives() -> dict[str, Schema]:
    complete = {**_FLAG, "description": "False if there are more alternatives than are told."}
    return {"alternatives": _list("Alternative"), "complete": complete}


def _alternative() -> Schema:
    callback = {
        "call": _TEXT,
        "callback": {"enum": [*BOTH, "either"]},
        "given": {"type": "array", "items": {"enum": list(BOTH)}},
        "carries": {**_TEXT, "description": "What success carries, in words."},
        "value": {"description": "The same as a value, where there is only one."},
    }
    properties = {
        "callbacks": {"type": "array", "items": _open(callback, ("call", "callback", "given"))},
        "states": _ref("States"),
        "transitions": _TEXTS,
        "requirements": _TEXTS,
    }
    return _open(properties, tuple(properties))


def _states(spec: Specification) -> Schema:
    regions = {name: body for name, body in spec.chart["regions"].items() if body.get("visibility") != "internal"}
    return _open({name: {"enum": list(body["states"])} for name, body in regions.items()}, tuple(regions))


def _snapshot(spec: Specification) -> Schema:
    chart = spec.chart
    shown = {name: body for name, body in chart["regions"].items() if body.get("visibility", "shown") == "shown"}
    registers = [name for name, body in chart["registers"].items() if not body.get("internal")]
    fields = {name: _open({field: {} for field in blank}, ()) for name, blank in chart["records"].items()}
    properties = {
        "state": _open({name: {"enum": list(body["states"])} for name, body in shown.items()}, ()),
        "records": _open({name: {"type": "array", "items": record} for name, record in fields.items()}, ()),
        "current": {"type": ["integer", "null"], "description": "The index in the first list of records."},
        "registers": _open({name: {} for name in registers}, ()),
    }
    return {"title": "What a stand-in holds", **_open(properties, ())}


def _history() -> Schema:
    kinds = {"enum": ["call", "event", "clock", "judged"]}
    entry = _open({"kind": kinds, "request": {"type": "object"}, "outcome": {"type": "object"}}, ("kind", "request"))
    properties = {
        "entries": {"type": "array", "items": entry},
        "steps": _COUNT,
        "next": {"type": ["integer", "null"], "description": "What `after` is for the next page."},
    }
    return _open(properties, tuple(properties))


def _wire() -> dict[str, Schema]:
    """The reactions of the wire, as its own schema has them."""
    definitions = load_document(SCHEMA)["$defs"]
    return {f"wire-{name}": _moved(definitions[name]) for name in ("settled-params", "callback", "snapshot")}


def _moved(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: part.replace("#/$defs/", _PLACE.format("wire-")) if key == "$ref" else _moved(part)
            for key, part in schema.items()
        }
    return [_moved(part) for part in schema] if isinstance(schema, list) else copy.copy(schema)


# Shapes -------------------------------------------------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": _PLACE.format(name)}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _open(properties: Mapping[str, Schema], required: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": dict(properties), **({"required": list(required)} if required else {})}


def _closed(properties: Mapping[str, Schema], required: tuple[str, ...], **more: Any) -> Schema:
    return {**_open(properties, required), "additionalProperties": False, **more}
