"""The session's statechart on python-statemachine, built from ``spec/session.yaml``; a pure function.

1. `Chart` reads regions and transitions. A transition with alternatives becomes one python-statemachine
   transition for each, in order: the engine takes the first whose guard holds, so a caller's *choice* is the
   alternative that is put in front.
2. Guards become conditions over a `View`: the states before the step, and a `Context` that tells what the
   rules ask about the call (attempt, invalid parameters, facts, payload guards).
3. `Machine.step` sets the configuration, sends the event and notes which transitions the engine took. That
   costs some hundred microseconds in a parallel chart, so every distinct step is computed once and
   remembered. Only regions that an event's rules mention belong to the key.
4. Each event has a chart of its own, made of the rules about it when it first happens. What documents say alike of
   an event is one chart, so that a document in which little is changed costs little.

What effects and facts mean is none of this module's business: it knows their names only.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import attrs

from intercom_reference.errors import KitError
from intercom_reference.loading import load_document

if TYPE_CHECKING:
    from statemachine import StateChart

__all__ = [
    "Chart",
    "Context",
    "Machine",
    "NoTransitionError",
    "PayloadGuard",
    "Questions",
    "Step",
    "Taken",
    "UnknownChoiceError",
    "UnknownGuardError",
    "machine",
    "session_machine",
]

Attempt = Literal["first", "repeated", "last"]
Configuration = tuple[str, ...]
_Document = Mapping[str, Any]

_ROOT = "chart"
_ALL_VALID = "all valid"
"""Stands in a guard that was not written by hand: the rule that guards ask for valid arguments."""
_CALLBACKS: tuple[Literal["success"], Literal["error"]] = ("success", "error")


@attrs.frozen(str=False)
class NoTransitionError(KitError):
    """A fault of the specification: no transition is enabled for an event."""

    event: str
    configuration: Configuration
    context: Context

    def __str__(self) -> str:
        states = ", ".join(self.configuration)
        return f"no transition for {self.event} in ({states}) with {self.context}. Add one to spec/session.yaml."


@attrs.frozen(str=False)
class UnknownChoiceError(KitError):
    """A choice names a transition that has no alternatives, or an alternative that it does not have."""

    transition: str
    alternative: int
    known: Mapping[str, int]

    def __str__(self) -> str:
        if self.transition in self.known:
            last = self.known[self.transition] - 1
            return f"{self.transition} has no alternative {self.alternative!r}. Choose one from 0 to {last}."
        near = get_close_matches(self.transition, self.known, n=1)
        advice = f"Did you mean {near[0]}?" if near else f"Those that have: {', '.join(self.known)}."
        return f"no transition {self.transition!r} leaves a choice. {advice}"


@attrs.frozen(str=False)
class UnknownGuardError(KitError):
    """A fault of the specification: a guard asks something that no guard can ask."""

    key: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"no guard can ask for {self.key!r}. Ask for one of: {', '.join(self.known)}."


@attrs.frozen
class PayloadGuard:
    """A JSON Schema that a guard asks about one parameter; `key` names the pair."""

    key: str
    parameter: str
    schema: Any = attrs.field(eq=False)


@attrs.frozen
class Questions:
    """What the rules for one event ask about a call, beyond states, attempt and validity."""

    facts: tuple[str, ...] = ()
    payloads: tuple[PayloadGuard, ...] = ()


@attrs.frozen
class Context:
    """What holds of one call: its attempt, the parameters that are invalid, the facts and payload guards."""

    attempt: Attempt = "first"
    invalid: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    payloads: frozenset[str] = frozenset()


@attrs.frozen
class Taken:
    """A transition that was taken, in the form of the alternative that was chosen.

    `callback` is settled even where the sources leave it open: success, unless the transition has a code.
    """

    id: str
    alternative: int
    region: str
    requirement: str
    to: str | None
    callback: Literal["success", "error"] | None
    code: int | None
    value: Any = attrs.field(eq=False)
    effects: tuple[str, ...]
    defer: bool
    again: bool
    remember: bool
    requeue: bool
    drop: bool
    cancel: bool

    @property
    def answers(self) -> bool:
        """Whether it says what becomes of the call."""
        return self.callback is not None or self.defer or self.again


@attrs.frozen
class Step:
    """What one event did: the states after it, the transitions taken by region, and the one that answers."""

    configuration: Configuration
    transitions: tuple[Taken, ...]
    answer: Taken | None


@attrs.frozen
class View:
    """What a guard sees: the event, the states from before the step by region, and the context."""

    event: str
    states: Mapping[str, str]
    context: Context


_Guard = Callable[[View], bool]


# Guards -------------------------------------------------------------------------------------------


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _payload_key(parameter: str, schema: Any) -> str:
    return f"{parameter} {json.dumps(schema, sort_keys=True)}"


def _compile(guard: _Document) -> _Guard:
    """The condition that a guard document (with its conditions and groups written out) stands for."""
    unknown = guard.keys() - _ENTRIES.keys()
    if unknown:
        raise UnknownGuardError(min(unknown), tuple(_ENTRIES))
    parts = [_ENTRIES[key](body) for key, body in guard.items()]
    return parts[0] if len(parts) == 1 else lambda view: all(part(view) for part in parts)


def _in(regions: Mapping[str, str | Sequence[str]]) -> _Guard:
    wanted = {region: _listed(states) for region, states in regions.items()}
    return lambda view: all(view.states[region] in states for region, states in wanted.items())


def _fact(names: str | Sequence[str]) -> _Guard:
    wanted = frozenset(_listed(names))
    return lambda view: wanted <= view.context.facts


def _not(body: str | Sequence[str] | _Document) -> _Guard:
    if isinstance(body, Mapping):
        inner = _compile(body)
        return lambda view: not inner(view)
    unwanted = frozenset(_listed(body))
    return lambda view: unwanted.isdisjoint(view.context.facts)


def _invalid(names: str | Sequence[str]) -> _Guard:
    named = frozenset(_listed(names))
    return lambda view: not named.isdisjoint(view.context.invalid)


def _valid(names: str | Sequence[str]) -> _Guard:
    named = frozenset(_listed(names))
    return lambda view: named.isdisjoint(view.context.invalid)


def _all_valid(_: None) -> _Guard:
    return lambda view: not view.context.invalid


def _arguments(_: Literal["any"]) -> _Guard:
    return lambda view: True


def _argument(schemas: _Document) -> _Guard:
    keys = frozenset(_payload_key(parameter, schema) for parameter, schema in schemas.items())
    return lambda view: keys <= view.context.payloads


def _attempt(attempts: str | Sequence[str]) -> _Guard:
    wanted = _listed(attempts)
    return lambda view: view.context.attempt in wanted


def _event(events: str | Sequence[str]) -> _Guard:
    wanted = _listed(events)
    return lambda view: view.event in wanted


def _all(guards: Sequence[_Document]) -> _Guard:
    parts = [_compile(guard) for guard in guards]
    return lambda view: all(part(view) for part in parts)


def _any(guards: Sequence[_Document]) -> _Guard:
    parts = [_compile(guard) for guard in guards]
    return lambda view: any(part(view) for part in parts)


_ENTRIES: Mapping[str, Callable[[Any], _Guard]] = {
    "in": _in,
    "fact": _fact,
    "not": _not,
    "invalid": _invalid,
    "valid": _valid,
    _ALL_VALID: _all_valid,
    "arguments": _arguments,
    "argument": _argument,
    "attempt": _attempt,
    "event": _event,
    "all": _all,
    "any": _any,
}


_KNOWN = frozenset(("in", "invalid", "valid", _ALL_VALID, "arguments", "attempt", "event"))


def _nested(guard: _Document) -> Iterator[_Document]:
    """A guard and every guard inside it."""
    yield guard
    for key in ("all", "any"):
        for part in guard.get(key, ()):
            yield from _nested(part)
    if isinstance(guard.get("not"), Mapping):
        yield from _nested(guard["not"])


def _known_part(guard: _Document) -> _Document:
    """The entries of a guard that need no look at arguments and workspace; all of them must hold, too."""
    known = {key: body for key, body in guard.items() if key in _KNOWN}
    if "all" in guard:
        known["all"] = [_known_part(part) for part in guard["all"]]
    return known


def _facts_in(guard: _Document) -> Iterator[str]:
    for part in _nested(guard):
        yield from _listed(part.get("fact", ()))
        if not isinstance(part.get("not", ()), Mapping):
            yield from _listed(part.get("not", ()))


def _payloads_in(guard: _Document) -> Iterator[PayloadGuard]:
    for part in _nested(guard):
        for parameter, schema in part.get("argument", {}).items():
            yield PayloadGuard(_payload_key(parameter, schema), parameter, schema)


def _regions_in(guard: _Document) -> Iterator[str]:
    for part in _nested(guard):
        yield from part.get("in", {})


# The chart ----------------------------------------------------------------------------------------


@attrs.frozen
class Region:
    """A region of the chart: its states, and who sees them (`shown`, `internal` or `environment`)."""

    name: str
    initial: str
    states: tuple[str, ...]
    visibility: str


@attrs.frozen(eq=False)
class Alternative:
    """One thing that a transition may do, and the guard for it in addition to the transition's own."""

    taken: Taken
    when: _Document
    guard: _Guard = attrs.field(repr=False)


@attrs.frozen(eq=False)
class Rule:
    """A transition of the document: where, on which events and when it applies, and its alternatives."""

    id: str
    region: str
    sources: tuple[str, ...] | None
    events: tuple[str, ...]
    when: _Document
    alternatives: tuple[Alternative, ...]
    guard: _Guard = attrs.field(repr=False)
    possible: _Guard = attrs.field(repr=False)

    @property
    def guards(self) -> tuple[_Document, ...]:
        """The transition's guard and those of its alternatives."""
        return (self.when, *(alternative.when for alternative in self.alternatives))

    def is_possible(self, view: View) -> bool:
        """Whether the rule could hold for some facts and payloads."""
        return (self.sources is None or view.states[self.region] in self.sources) and self.possible(view)


@attrs.frozen(eq=False)
class Chart:
    """A statechart document, read: its regions, its rules and the world's events."""

    regions: tuple[Region, ...]
    rules: tuple[Rule, ...]
    environment: Mapping[str, _Document]

    @classmethod
    def of(cls, document: _Document, choices: Mapping[str, int] | None = None) -> Chart:
        """The chart of a document such as ``spec/session.yaml``, in which some choices are made."""
        reader = _Reader(document, dict(choices or {}))
        regions = tuple(
            Region(name, body["initial"], tuple(body["states"]), body.get("visibility", "shown"))
            for name, body in document["regions"].items()
        )
        reader.check_choices()
        return cls(regions, tuple(map(reader.rule, document["transitions"])), document["environment"])

    @property
    def initial(self) -> Configuration:
        """The states of a freshly installed app, one for each region."""
        return tuple(region.initial for region in self.regions)

    @property
    def events(self) -> tuple[str, ...]:
        """Every event that some rule is about."""
        return tuple(dict.fromkeys(event for rule in self.rules for event in rule.events))

    def about(self, event: str) -> Chart:
        """The same regions, with no rules but those about one event."""
        return attrs.evolve(self, rules=tuple(rule for rule in self.rules if event in rule.events))

    def questions(self, view: View) -> Questions:
        """What still has to be found out about a call when states, attempt and validity are known."""
        guards = [guard for rule in self._rules(view.event) if rule.is_possible(view) for guard in rule.guards]
        facts = dict.fromkeys(name for guard in guards for name in _facts_in(guard))
        payloads = dict.fromkeys(payload for guard in guards for payload in _payloads_in(guard))
        return Questions(tuple(facts), tuple(payloads))

    def relevant(self, event: str) -> tuple[int, ...]:
        """The places of the regions that matter for an event: it may change them, or a guard asks."""
        rules = self._rules(event)
        names = {rule.region for rule in rules}
        names.update(name for rule in rules for guard in rule.guards for name in _regions_in(guard))
        return tuple(place for place, region in enumerate(self.regions) if region.name in names)

    def _rules(self, event: str) -> list[Rule]:
        return [rule for rule in self.rules if event in rule.events]


@attrs.frozen
class _Reader:
    """Reads the transitions of a document: writes out conditions and groups, and puts choices first."""

    document: _Document
    choices: Mapping[str, int]

    def rule(self, body: _Document) -> Rule:
        origin = body.get("from", "any")
        when = _with_validity(self._written_out(body.get("when", {})))
        return Rule(
            id=body["id"],
            region=body["region"],
            sources=None if origin == "any" else _listed(origin),
            events=self._events(body["on"]),
            when=when,
            alternatives=self._alternatives(body),
            guard=_compile(when),
            possible=_compile(_known_part(when)),
        )

    def check_choices(self) -> None:
        bodies = self.document["transitions"]
        known = {body["id"]: count for body in bodies if (count := _alternative_count(body)) > 1}
        for transition, alternative in self.choices.items():
            if alternative not in range(known.get(transition, 0)):
                raise UnknownChoiceError(transition, alternative, known)

    def _events(self, names: str | Sequence[str]) -> tuple[str, ...]:
        groups: Mapping[str, Sequence[str]] = self.document.get("groups", {})
        return tuple(event for name in _listed(names) for event in groups.get(name, (name,)))

    def _alternatives(self, body: _Document) -> tuple[Alternative, ...]:
        given = body.get("one_of") or [{**body, "when": {}}]
        read = [self._alternative(body, one, place) for place, one in enumerate(given)]
        chosen = self.choices.get(body["id"], 0)
        return tuple(sorted(read, key=lambda one: one.taken.alternative != chosen))

    def _alternative(self, body: _Document, one: _Document, place: int) -> Alternative:
        when = self._written_out(one.get("when", {}))
        return Alternative(self._taken(body, one, place), when, _compile(when))

    def _taken(self, body: _Document, one: _Document, place: int) -> Taken:
        flags = {flag: bool(one.get(flag)) for flag in ("defer", "again", "remember", "requeue", "drop", "cancel")}
        return Taken(
            id=body["id"],
            alternative=place,
            region=body["region"],
            requirement=body["requirement"],
            to=one.get("to"),
            callback=self._callback(body, one),
            code=one.get("code"),
            value=one["usual"] if "const" in one.get("usual", ()) else one.get("value"),
            effects=tuple(one.get("effects", ())),
            **flags,
        )

    def _callback(self, body: _Document, one: _Document) -> Literal["success", "error"] | None:
        if one.get("callback") != "either":
            return one.get("callback")
        chosen = None if "one_of" in body else self.choices.get(body["id"])
        return _CALLBACKS["code" in one if chosen is None else chosen]

    def _written_out(self, guard: _Document) -> _Document:
        """The guard in which named conditions and groups of events are replaced by what they stand for."""
        result = dict(guard)
        if "event" in result:
            result["event"] = self._events(result["event"])
        for key in ("all", "any"):
            if key in result:
                result[key] = [self._written_out(part) for part in result[key]]
        if isinstance(result.get("not"), Mapping):
            result["not"] = self._written_out(result["not"])
        if "condition" in result:
            named = self.document["conditions"][result.pop("condition")]
            named = {key: body for key, body in named.items() if key != "summary"}
            result["all"] = [*result.get("all", ()), self._written_out(named)]
        return result


def _alternative_count(body: _Document) -> int:
    return len(body["one_of"]) if "one_of" in body else 2 if body.get("callback") == "either" else 1


def _with_validity(guard: _Document) -> _Document:
    """The guard, which asks for valid arguments unless it speaks of their validity itself."""
    if any(part.keys() & {"invalid", "arguments"} for part in _nested(guard)):
        return guard
    return {**guard, _ALL_VALID: None}


# On python-statemachine ---------------------------------------------------------------------------


def _definition(chart: Chart) -> dict[str, Any]:
    """The chart as python-statemachine builds classes from it: one parallel state with the regions."""
    regions = {region.name: _region_definition(region) for region in chart.regions}
    for rule in chart.rules:
        region = regions[rule.region]
        places = [region] if rule.sources is None else [region["states"][name] for name in rule.sources]
        for place in places:
            for event in rule.events:
                place["on"].setdefault(event, []).extend(_transitions(rule))
    return {_ROOT: {"initial": True, "parallel": True, "states": regions}}


def _region_definition(region: Region) -> dict[str, Any]:
    states = {name: {"initial": name == region.initial, "on": {}} for name in region.states}
    return {"initial": True, "states": states, "on": {}}


def _transitions(rule: Rule) -> Iterator[dict[str, Any]]:
    for alternative in rule.alternatives:
        to = alternative.taken.to
        # From the region as a whole a move must be internal, or it would leave the other regions too.
        yield {
            "target": to,
            "internal": rule.sources is None and to is not None,
            "cond": _condition(rule.guard, alternative.guard),
            "on": _recorder(alternative.taken),
        }


def _condition(guard: _Guard, own: _Guard) -> Callable[[View], bool]:
    # The engine hands over what a parameter's name asks for.
    def condition(view: View) -> bool:
        return guard(view) and own(view)

    return condition


def _recorder(transition: Taken) -> Callable[[list[Taken]], None]:
    def record(taken: list[Taken]) -> None:
        taken.append(transition)

    return record


def _chart_class(chart: Chart, *, whole: bool = False) -> type[StateChart[Any]]:
    """The engine's class for a chart; the rules of a `whole` one lead to every state, those of one event need not."""
    from statemachine.io import create_machine_class_from_definition

    return create_machine_class_from_definition(
        "IntercomSession",
        states=_definition(chart),
        allow_event_without_transition=False,
        catch_errors_as_events=False,
        validate_disconnected_states=whole,
        validate_trap_states=whole,
    )


@cache
def session_machine() -> type[StateChart[Any]]:
    """The session as a python-statemachine `StateChart` class, for diagrams and for experiments.

    Its guards ask for a `View`, so send events as ``chart.send(event, view=View(...), taken=[])``; the
    transitions taken are put into the list.
    """
    return _chart_class(Chart.of(load_document("spec/session.yaml")), whole=True)


# Steps --------------------------------------------------------------------------------------------


@attrs.frozen
class _Change:
    """What a step changes, wherever the regions stand that have no part in it."""

    moves: tuple[tuple[int, str], ...]
    transitions: tuple[Taken, ...]
    answer: Taken | None

    def applied(self, configuration: Configuration) -> Step:
        if self.moves:
            states = list(configuration)
            for place, state in self.moves:
                states[place] = state
            configuration = tuple(states)
        return Step(configuration, self.transitions, self.answer)


class Machine:
    """The steps of a statechart as a pure function, decided by python-statemachine and remembered.

    Machines may be shared between threads. Use `machine` to share one for each set of choices.
    """

    def __init__(self, document: _Document, choices: Mapping[str, int] | None = None) -> None:
        self.chart = Chart.of(document, choices)
        self._events: dict[str, _Event] = {}

    @property
    def initial(self) -> Configuration:
        """The states of a freshly installed app, one for each region."""
        return self.chart.initial

    def questions(
        self, configuration: Configuration, event: str, attempt: Attempt, invalid: frozenset[str]
    ) -> Questions:
        """What has to be found out about a call before its event can be sent: no more than can matter."""
        return self._event(event).questions(configuration, attempt, invalid)

    def step(self, configuration: Configuration, event: str, context: Context) -> Step:
        """What an event does in a configuration, given what holds of the call.

        Raises:
            NoTransitionError: the specification has no transition for it.
        """
        return self._event(event).step(configuration, context)

    def fresh(self, configuration: Configuration, event: str, context: Context) -> Step:
        """The same as `step`, always computed by the engine."""
        return self._event(event).fresh(configuration, context)

    def _event(self, event: str) -> _Event:
        found = self._events.get(event)
        if found is None:
            chart = self.chart.about(event)
            text = repr((chart.regions, [attrs.evolve(rule, events=()) for rule in chart.rules]))
            found = self._events[event] = _steps_of(_Said(event, text, chart))
        return found


@attrs.frozen
class _Said:
    """What a document says of an event; the same for documents that say the same."""

    event: str
    text: str
    chart: Chart = attrs.field(eq=False, repr=False)


class _Event:
    """The steps of one event."""

    def __init__(self, event: str, chart: Chart) -> None:
        self.event, self.chart = event, chart
        self._relevant = chart.relevant(event)
        self._regions = {region.name: place for place, region in enumerate(chart.regions)}
        self._class = _chart_class(chart)
        self._running: Any = None
        self._questions: dict[tuple[Configuration, Attempt, frozenset[str]], Questions] = {}
        self._changes: dict[tuple[Configuration, Context], _Change] = {}
        self._lock = threading.Lock()

    def questions(self, configuration: Configuration, attempt: Attempt, invalid: frozenset[str]) -> Questions:
        key = (self._projected(configuration), attempt, invalid)
        questions = self._questions.get(key)
        if questions is None:
            view = self._view(configuration, Context(attempt, invalid))
            questions = self._questions[key] = self.chart.questions(view)
        return questions

    def step(self, configuration: Configuration, context: Context) -> Step:
        key = (self._projected(configuration), context)
        change = self._changes.get(key)
        if change is None:
            change = self._changes[key] = self._change(configuration, self.fresh(configuration, context))
        return change.applied(configuration)

    def fresh(self, configuration: Configuration, context: Context) -> Step:
        from statemachine.exceptions import TransitionNotAllowed

        view = self._view(configuration, context)
        taken: list[Taken] = []
        with self._lock:
            engine = self._placed(configuration)
            try:
                engine.send(self.event, view=view, taken=taken)
            except TransitionNotAllowed:
                raise NoTransitionError(self.event, configuration, context) from None
            active = set(engine.configuration_values)
        taken.sort(key=lambda one: self._regions[one.region])
        after = tuple(next(state for state in region.states if state in active) for region in self.chart.regions)
        return Step(after, tuple(taken), next((one for one in taken if one.answers), None))

    def _projected(self, configuration: Configuration) -> Configuration:
        return tuple([configuration[place] for place in self._relevant])

    def _view(self, configuration: Configuration, context: Context) -> View:
        return View(self.event, dict(zip(self._regions, configuration, strict=True)), context)

    def _placed(self, configuration: Configuration) -> Any:
        """The running chart, set to a configuration; starting one takes some milliseconds, once."""
        from statemachine.orderedset import OrderedSet

        if self._running is None:
            self._running = self._class()
        self._running.current_state_value = OrderedSet((_ROOT, *self._regions, *configuration))
        return self._running

    @staticmethod
    def _change(before: Configuration, step: Step) -> _Change:
        pairs = enumerate(zip(before, step.configuration, strict=True))
        moves = tuple((place, new) for place, (old, new) in pairs if new != old)
        return _Change(moves, step.transitions, step.answer)


@lru_cache(maxsize=1024)
def _steps_of(said: _Said) -> _Event:
    return _Event(said.event, said.chart)


def machine(choices: Mapping[str, int] | None = None) -> Machine:
    """The machine of the session; the same one for the same choices, so that its steps are computed once.

    `choices` picks alternatives by transition: the place in its `one_of`, or 0 for success and 1 for error
    where its callback is `either`. An alternative that does not apply in a situation gives way to the first
    that does.

    Raises:
        UnknownChoiceError: a transition or alternative does not exist.
    """
    return _machine(frozenset((choices or {}).items()))


@cache
def _machine(choices: frozenset[tuple[str, int]]) -> Machine:
    return Machine(load_document("spec/session.yaml"), dict(choices))
