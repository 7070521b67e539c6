"""The statechart as a plain table: states, event and what is known of the call, to the outcomes allowed.

A key is (states, event, atoms). An *atom* is one elementary question that the guards of an event ask about a call
(is this parameter valid, does that fact hold, which attempt is it), so that the answers to an event's atoms decide
every guard. A row is computed when it is first asked for and is a dictionary look-up ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import attrs

__all__ = [
    "FILING",
    "FLAGS",
    "Alternative",
    "AmbiguousAnswer",
    "Answers",
    "Atom",
    "Outcome",
    "Region",
    "Table",
    "Transition",
    "compile_table",
    "guard_outcomes",
    "regions_asked",
]

States = tuple[str, ...]
Answers = tuple[Any, ...]
Guard = Callable[[States, Mapping["Atom", Any], str], bool]


@attrs.frozen(str=False)
class AmbiguousAnswer(Exception):
    """A fault of the specification: transitions of several regions answer one call."""

    transitions: tuple[str, ...]
    states: States

    def __str__(self) -> str:
        return (
            f"{' and '.join(self.transitions)} all answer a call in {', '.join(self.states)}; "
            "let one of them have a callback, a defer or an again"
        )


@attrs.frozen
class Atom:
    """An elementary question about a call: its kind, and what it is about."""

    kind: str
    name: str
    schema: str = ""


@attrs.frozen
class Region:
    """A region of the statechart, at its position in a tuple of states."""

    name: str
    position: int
    initial: str
    states: tuple[str, ...]
    visibility: str


@attrs.frozen(eq=False)
class Alternative:
    """One thing that a transition lets an implementation do; `guarded` if the document has a guard for it."""

    when: Guard
    guarded: bool
    to: str | None
    callback: str | None
    value: Mapping[str, Any] | None
    code: int | None
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


@attrs.frozen(eq=False)
class Transition:
    """A transition: where and when it applies, what it allows, and the requirement it stands for.

    It is `guarded` if the document has a guard for it, beyond that its arguments are valid, and is from `anywhere` if
    it names no state to come from.
    """

    id: str
    region: int
    sources: frozenset[str]
    events: frozenset[str]
    guard: Guard
    alternatives: tuple[Alternative, ...]
    requirement: str
    guarded: bool
    anywhere: bool = False


@attrs.frozen(eq=False)
class Outcome:
    """One allowed joint step of all regions: the states after it, and what was taken to get there."""

    states: States
    taken: tuple[tuple[Transition, Alternative], ...]
    answer: Alternative | None
    effects: tuple[str, ...]
    files: bool
    """Whether it changes which calls wait or are remembered."""
    guards: tuple[str, ...] = ()
    """The guards that were asked, each as ``transition: true`` or ``transition/alternative: false``."""


@attrs.frozen(eq=False)
class Table:
    """The compiled statechart."""

    regions: tuple[Region, ...]
    transitions: tuple[Transition, ...]
    initial: States
    atoms: Mapping[str, tuple[Atom, ...]]
    payload_schemas: Mapping[str, Any]
    _rows: dict[tuple[States, str, Answers], tuple[Outcome, ...]] = attrs.field(factory=dict, repr=False)

    def outcomes(self, states: States, event: str, answers: Answers) -> tuple[Outcome, ...]:
        """The joint steps allowed in these states for this event, given the answers to the event's atoms."""
        key = (states, event, answers)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = tuple(self._compute(states, event, answers))
        return row

    def _compute(self, states: States, event: str, answers: Answers) -> Iterator[Outcome]:
        known = dict(zip(self.atoms.get(event, ()), answers, strict=True))
        enabled = self.enabled(states, event, known)
        choices = [
            [(transition, one) for one in transition.alternatives if one.when(states, known, event)]
            for transition in enabled
        ]
        asked = tuple(self._guards(states, event, known, enabled))
        for taken in product(*choices) if enabled else ():
            yield attrs.evolve(_outcome(states, taken), guards=asked)

    def _guards(
        self, states: States, event: str, known: Mapping[Atom, Any], enabled: Sequence[Transition]
    ) -> Iterator[str]:
        """What the guards say of transitions that apply here, and of the alternatives of those that are taken."""
        for transition in self.transitions:
            applies = event in transition.events and states[transition.region] in transition.sources
            if applies and transition.guarded:
                yield guard_name(transition.id, None, outcome=transition.guard(states, known, event))
        for transition in enabled:
            for number, one in enumerate(transition.alternatives, 1):
                if one.guarded:
                    yield guard_name(transition.id, number, outcome=one.when(states, known, event))

    def enabled(self, states: States, event: str, known: Mapping[Atom, Any]) -> list[Transition]:
        """The transitions that are taken together: in each region the first whose guard holds."""
        found: dict[int, Transition] = {}
        for transition in self.transitions:
            if transition.region in found or event not in transition.events:
                continue
            if states[transition.region] in transition.sources and transition.guard(states, known, event):
                found[transition.region] = transition
        return [found[region] for region in sorted(found)]


def guard_name(transition: str, alternative: int | None, *, outcome: bool) -> str:
    """The name of an outcome of the guard of a transition, or of one of its alternatives, counted from 1."""
    return f"{transition}{'' if alternative is None else f'/{alternative}'}: {'true' if outcome else 'false'}"


def guard_outcomes(table: Table) -> tuple[str, ...]:
    """Both outcomes of every guard that the document has, in its order."""
    guards = [
        (one.id, number)
        for one in table.transitions
        for number, guarded in enumerate([one.guarded, *(choice.guarded for choice in one.alternatives)])
        if guarded
    ]
    return tuple(guard_name(name, number or None, outcome=truth) for name, number in guards for truth in (True, False))


def _outcome(states: States, taken: Sequence[tuple[Transition, Alternative]]) -> Outcome:
    after = list(states)
    for transition, alternative in taken:
        if alternative.to is not None:
            after[transition.region] = alternative.to
    answers = [alternative for _, alternative in taken if alternative.answers]
    if len(answers) > 1:
        raise AmbiguousAnswer(tuple(transition.id for transition, one in taken if one.answers), states)
    effects = tuple(name for _, alternative in taken for name in alternative.effects)
    files = any(getattr(alternative, flag) for _, alternative in taken for flag in FLAGS)
    return Outcome(tuple(after), tuple(taken), answers[0] if answers else None, effects, files)


def compile_table(chart: Mapping[str, Any], events: Sequence[str]) -> Table:
    """The table of a statechart document; `events` are the events that calls cause, besides the world's own."""
    regions = tuple(
        Region(name, position, body["initial"], tuple(body["states"]), body.get("visibility", "shown"))
        for position, (name, body) in enumerate(chart["regions"].items())
    )
    compiler = _GuardCompiler(chart, {region.name: region for region in regions}, {})
    transitions = tuple(compiler.transition(document) for document in chart["transitions"])
    names = [*events, *chart["environment"]]
    atoms = {event: _atoms_of(chart, compiler, event) for event in names}
    return Table(regions, transitions, tuple(r.initial for r in regions), atoms, compiler.payload_schemas)


def _atoms_of(chart: Mapping[str, Any], compiler: _GuardCompiler, event: str) -> tuple[Atom, ...]:
    relevant = [doc for doc in chart["transitions"] if event in compiler.events(doc["on"])]
    called = event not in chart["environment"]
    found: dict[Atom, None] = {Atom("valid", "*"): None} if called else {}
    for document in relevant:
        for guard in (document.get("when", {}), *(one.get("when", {}) for one in document.get("one_of", ()))):
            found.update(dict.fromkeys(compiler.atoms(guard)))
    return tuple(found)


@attrs.frozen
class _GuardCompiler:
    """Turns guard documents into functions of states and atom answers."""

    chart: Mapping[str, Any]
    regions: Mapping[str, Region]
    payload_schemas: dict[str, Any]

    def events(self, names: str | Sequence[str]) -> frozenset[str]:
        """The events behind names of events and groups."""
        groups: Mapping[str, Sequence[str]] = self.chart.get("groups", {})
        return frozenset(event for name in _listed(names) for event in groups.get(name, [name]))

    def transition(self, document: Mapping[str, Any]) -> Transition:
        """The transition that a document describes."""
        region = self.regions[document["region"]]
        origin = document.get("from", "any")
        sources = frozenset(region.states if origin == "any" else _listed(origin))
        events = self.events(document["on"])
        guard = self._top_guard(document.get("when", {}), world=events <= self.chart["environment"].keys())
        alternatives = tuple(self._alternative(one) for one in document.get("one_of", [{**document, "when": {}}]))
        return Transition(
            document["id"],
            region.position,
            sources,
            events,
            guard,
            alternatives,
            document["requirement"],
            bool(document.get("when")),
            origin == "any",
        )

    def _alternative(self, document: Mapping[str, Any]) -> Alternative:
        flags = {name: document.get(name, False) for name in FLAGS}
        return Alternative(
            when=self.guard(document.get("when", {})),
            guarded=bool(document.get("when")),
            to=document.get("to"),
            callback=document.get("callback"),
            value=document.get("value"),
            code=document.get("code"),
            effects=tuple(document.get("effects", ())),
            **flags,
        )

    def _top_guard(self, document: Mapping[str, Any], *, world: bool) -> Guard:
        guard = self.guard(document)
        if world or _speaks_of_validity(document):
            return guard
        everything_valid = Atom("valid", "*")
        return lambda states, known, event: known[everything_valid] and guard(states, known, event)

    def guard(self, document: Mapping[str, Any]) -> Guard:
        """The function that a guard document stands for."""
        parts = [getattr(self, f"_{key}_guard")(body) for key, body in document.items() if key != "summary"]
        return parts[0] if len(parts) == 1 else _every(parts)

    def _in_guard(self, body: Mapping[str, Any]) -> Guard:
        places = [(self.regions[name].position, frozenset(_listed(states))) for name, states in body.items()]
        return lambda states, known, event: all(states[position] in allowed for position, allowed in places)

    def _event_guard(self, body: str | Sequence[str]) -> Guard:
        events = self.events(body)
        return lambda states, known, event: event in events

    def _attempt_guard(self, body: str | Sequence[str]) -> Guard:
        attempts, atom = frozenset(_listed(body)), Atom("attempt", "*")
        return lambda states, known, event: known[atom] in attempts

    def _fact_guard(self, body: str | Sequence[str]) -> Guard:
        return _every([_holds(Atom("fact", name)) for name in _listed(body)])

    def _condition_guard(self, body: str) -> Guard:
        return self.guard(self.chart["conditions"][body])

    def _valid_guard(self, body: str | Sequence[str]) -> Guard:
        return _every([_holds(Atom("valid", name)) for name in _listed(body)])

    def _invalid_guard(self, body: str | Sequence[str]) -> Guard:
        return _some([_fails(Atom("valid", name)) for name in _listed(body)])

    def _arguments_guard(self, body: str) -> Guard:
        return lambda states, known, event: True

    def _argument_guard(self, body: Mapping[str, Any]) -> Guard:
        return _every([_holds(self._payload_atom(name, schema)) for name, schema in body.items()])

    def _payload_atom(self, parameter: str, schema: Any) -> Atom:
        text = repr(schema)
        self.payload_schemas[text] = schema
        return Atom("payload", parameter, text)

    def _not_guard(self, body: Any) -> Guard:
        if isinstance(body, Mapping):
            return _inverse(self.guard(body))
        return _every([_fails(Atom("fact", name)) for name in _listed(body)])

    def _all_guard(self, body: Sequence[Mapping[str, Any]]) -> Guard:
        return _every([self.guard(part) for part in body])

    def _any_guard(self, body: Sequence[Mapping[str, Any]]) -> Guard:
        return _some([self.guard(part) for part in body])

    def atoms(self, document: Mapping[str, Any]) -> Iterator[Atom]:
        """The atoms that a guard document asks about."""
        for key, body in document.items():
            if key in ("valid", "invalid"):
                yield from (Atom("valid", name) for name in _listed(body))
            elif key == "fact" or (key == "not" and not isinstance(body, Mapping)):
                yield from (Atom("fact", name) for name in _listed(body))
            elif key == "attempt":
                yield Atom("attempt", "*")
            elif key == "argument":
                yield from (self._payload_atom(name, schema) for name, schema in body.items())
            elif key == "condition":
                yield from self.atoms(self.chart["conditions"][body])
            elif key in ("all", "any", "not"):
                for part in [body] if isinstance(body, Mapping) else body:
                    yield from self.atoms(part)


def regions_asked(document: Any, conditions: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The regions that the guards in a part of a statechart ask about, as often as they do.

    Named conditions are looked into as well, if they are given.
    """
    if isinstance(document, Mapping):
        for key, part in document.items():
            if key == "in" and isinstance(part, Mapping):
                yield from part
            elif key == "condition" and conditions is not None:
                yield from regions_asked(conditions[part], conditions)
            else:
                yield from regions_asked(part, conditions)
    elif isinstance(document, list):
        for part in document:
            yield from regions_asked(part, conditions)


FILING = ("cancel", "drop", "requeue", "remember")
"""What becomes of calls that wait or are remembered, in the order in which it is done."""
FLAGS = ("defer", "again", *reversed(FILING))


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _speaks_of_validity(document: Any) -> bool:
    if isinstance(document, Mapping):
        return bool({"invalid", "arguments"} & document.keys()) or any(
            _speaks_of_validity(part) for part in document.values()
        )
    return isinstance(document, list) and any(_speaks_of_validity(part) for part in document)


def _holds(atom: Atom) -> Guard:
    return lambda states, known, event: bool(known[atom])


def _fails(atom: Atom) -> Guard:
    return lambda states, known, event: not known[atom]


def _inverse(guard: Guard) -> Guard:
    return lambda states, known, event: not guard(states, known, event)


def _every(guards: Sequence[Guard]) -> Guard:
    return lambda states, known, event: all(guard(states, known, event) for guard in guards)


def _some(guards: Sequence[Guard]) -> Guard:
    return lambda states, known, event: any(guard(states, known, event) for guard in guards)
