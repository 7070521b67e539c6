"""The oracle's set of configurations as a row of a table: computed when it is first needed, looked up ever after.

This is the subset construction, done lazily and with the oracle as the only source of what is allowed. A *point* is a
configuration of the open world in normal form. What the world may do unseen is added to every set (`closure`), so a
valid log is never called impossible. Two things keep points few: values are names within a session, and a call whose
outcome nobody will tell is no longer followed in its place in the queue but may be answered at any time (`unheard`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import Any, NamedTuple

import attrs

from intercom_conformance.checking.abstraction import Abstraction, Symbol
from intercom_conformance.checking.open_world import FACTS, Kept, Leaf, Skeleton, open_model
from intercom_conformance.oracle import FORMAL, Broken, Call, Configuration, Happening, Model, Observation, Oracle
from intercom_conformance.oracle.comparing import compare
from intercom_conformance.oracle.configuration import Branch, Owed, Waiting, World, expand
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.judge import describe
from intercom_conformance.oracle.model import Unanswered
from intercom_conformance.oracle.observing import Settlement

__all__ = ["Automaton", "Detour", "Entry", "Impossible", "Row"]

_HIDDEN, _MUTE = "-", "!"
"""How calls are called of whose outcome nothing is told, and how the names of those begin that nobody answered."""
_NAMES, _QUEUE, _REPRESENTED, _POINTS, _SYMBOLS = 8, 3, 48, 300, 100_000
"""From how many on a row is given up for anything that may be: names, calls that wait, points, those with all that
happens unseen; and how many steps are remembered."""


@attrs.frozen(eq=False)
class Point:
    """A configuration in normal form, and the calls that may be answered without anybody hearing of it."""

    at: Configuration
    unheard: tuple[Call, ...] = ()


@attrs.frozen
class Impossible:
    """Why no configuration of a row allows a step: the nearest that would, and where the session was."""

    broken: Broken
    allowed: tuple[str, ...]
    states: str


class Detour(Exception):
    """A step that is more than a look-up: it is impossible, or the names of the session change."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class _TooMany(Exception):
    """More is open than is worth following."""


class Entry(NamedTuple):
    """Where a step leads: the row, which names go on (None: as many as the row has), and what is broken."""

    row: Row
    kept: tuple[int, ...] | None = None
    impossible: Impossible | None = None


class Row(dict[Any, "Row"]):
    """A set of points, and where each step that was seen so far leads from it.

    Keys are those of the abstraction.
    """

    __slots__ = ("automaton", "detours", "points", "size")

    def __init__(self, automaton: Automaton, points: frozenset[int], size: int) -> None:
        super().__init__()
        self.automaton, self.points, self.size = automaton, points, size
        self.detours: dict[Any, Entry] = {}

    def __missing__(self, key: Any) -> Row:
        entry = self.entry(key)
        if entry.kept is None and entry.impossible is None:
            return entry.row
        raise Detour(entry)

    def entry(self, key: Any) -> Entry:
        """Where a step leads that is no look-up, or not yet."""
        entry = self.detours.get(key)
        if entry is None:
            if len(self) + len(self.detours) > _SYMBOLS:
                self.clear()
                self.detours.clear()
            entry = self.automaton.entry(self, key)
            if entry.kept is None and entry.impossible is None:
                self[key] = entry.row
            else:
                self.detours[key] = entry
        return entry

    def __hash__(self) -> int:  # type: ignore[override]
        # A row is known by what it is, not by what it holds.
        return id(self)


class Automaton:
    """The rows met so far; `fresh` is where a newly installed app begins, `anything` a session of unknown past."""

    def __init__(self, model: Model, kept: Kept, abstraction: Abstraction) -> None:
        self.kept, self.abstraction = kept, abstraction
        self.model = open_model(model, kept)
        self.oracle = Oracle(self.model)
        self._points: list[Point] = []
        self._frames: list[str] = []
        self._numbers: dict[str, int] = {}
        self._silent: dict[int, frozenset[int]] = {}
        self._closures: dict[int, frozenset[int]] = {}
        self._representatives: dict[int, int] = {}
        self._steps: dict[tuple[int, Symbol], _Outcome] = {}
        self._rows: dict[frozenset[int], Row] = {}
        self._likes: dict[Call, Call | None] = {}
        self._keys = _Keys()
        self._same_weight: dict[tuple[str, ...], Call] = {}
        self._any_event = next(iter(self.model.environment))
        self.fresh = self._row([self._number(self._normal(self.model.initial, ()))]).row
        self._anything: Row | None = None

    @property
    def anything(self) -> Row:
        """The row of a session of which nothing is known yet: whatever calls may have led to."""
        if self._anything is None:
            self._anything = self._row([self._number(self._of_any_past())]).row
        return self._anything

    def _of_any_past(self) -> Point:
        """A point from which the world leads to every other: whatever can be called may still be answered."""
        methods = self.model.spec.api.methods
        calls = [call for name in methods for call in self._calls(self._unseen_call(name), _HIDDEN)]
        return self._normal(self.model.initial, tuple(filter(None, map(self._like, calls))))

    def _unseen_call(self, name: str) -> Symbol:
        method = self.model.spec.api.methods[name]
        return Symbol("call", name, None, UNCERTAIN, self.abstraction.of_nothing(method))

    def is_anything(self, row: Row) -> bool:
        """Whether a row is that of which nothing is known."""
        return row is self._anything

    # Rows -----------------------------------------------------------------------------------------------

    def entry(self, row: Row, key: Any) -> Entry:
        """Where a step leads from a row; to anything that may be, where too much is open to follow it."""
        try:
            return self._entry(row, key)
        except _TooMany:
            return Entry(self.anything, ())

    def _entry(self, row: Row, key: Any) -> Entry:
        symbol = key if isinstance(key, Symbol) else self.abstraction.symbol(key)
        numbers = sorted(self.closed(row))
        outcomes = [self._step(number, symbol) for number in numbers]
        ends = frozenset[int]().union(*(one.ends for one in outcomes))
        if ends:
            return self._row(ends)
        impossible = self._impossible(numbers, outcomes)
        formal = frozenset[int]().union(*(one.formal for one in outcomes))
        return (self._row(formal) if formal else Entry(self.anything, ()))._replace(impossible=impossible)

    def closed(self, row: Row) -> set[int]:
        """The points of a row with all that the world may do unseen."""
        reached = set[int]().union(*(self._closure(number) for number in row.points))
        if len(reached) > _POINTS and row is not self._anything:
            raise _TooMany
        return self._widest(reached)

    def _row(self, numbers: Iterable[int]) -> Entry:
        points = frozenset(self._widest({self._representative(number) for number in numbers}))
        used = sorted({name for number in points for name in _names(self._points[number])})
        if len(used) > _NAMES or len(points) > _REPRESENTED:
            raise _TooMany
        if used == list(range(len(used))):
            return Entry(self._rows.get(points) or self._rows.setdefault(points, Row(self, points, len(used))))
        renamed = {f"${old}": f"${new}" for new, old in enumerate(used)}
        entry = self._row(self._number(_renamed(self._points[number], renamed)) for number in points)
        return entry._replace(kept=tuple(used))

    def _impossible(self, numbers: list[int], outcomes: list[_Outcome]) -> Impossible:
        nearest = min(one.nearest for one in outcomes if one.nearest)
        allowed = dict.fromkeys(way for one in outcomes for way in one.allowed)
        broken = Broken(*nearest[1])
        broken = attrs.evolve(broken, expected=_NAME.sub(_AS_BEFORE, broken.expected.replace(f" {_MUTE}", " ")))
        return Impossible(broken, tuple(sorted(way.replace(f" {_MUTE}", " ") for way in allowed)), self._where(numbers))

    def _where(self, numbers: list[int]) -> str:
        """The states that people know, of a set of points."""
        shown = [
            one for one in self.model.table.regions if one.position in self.kept.regions and one.visibility == "shown"
        ]
        states = {one.name: sorted({self._points[n].at.states[one.position] for n in numbers}) for one in shown}
        return ", ".join(f"{name}: {' or '.join(possible)}" for name, possible in states.items())

    # Points ---------------------------------------------------------------------------------------------

    def _number(self, point: Point) -> int:
        key = self._key(point)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._points)
            self._points.append(point)
            self._frames.append(self._frame(point))
        return number

    def _key(self, point: Point) -> str:
        world = point.at.world
        current = None if world.current is None else world.records[world.current]
        return repr((self._frame(point), _plainly(current), _plainly(world.registers)))

    def _frame(self, point: Point) -> str:
        """All of a point but what it knows of the world."""
        at, key = point.at, self._keys.of
        queue = [key(one.source) for one in at.queue]
        remembered = at.remembered and key(at.remembered.source)
        expected = self.model.expected_value
        free = [(one.call, one.callback, one.requirement, _plainly(expected(one))) for one in at.free]
        return repr((at.states, at.world.current, queue, remembered, free, [key(one) for one in point.unheard]))

    def _representative(self, number: int) -> int:
        """The same point with the world as it is at first, if that may lead to the same points, unseen."""
        if number not in self._representatives:
            usual = self._number(self._calmed(self._points[number]))
            same = self._closure(usual) == self._closure(number)
            self._representatives[number] = usual if same else number
        return self._representatives[number]

    def _calmed(self, point: Point) -> Point:
        states = list(point.at.states)
        for region in self.model.table.regions:
            if region.visibility == "environment":
                states[region.position] = region.initial
        return Point(attrs.evolve(point.at, states=tuple(states)), point.unheard)

    def _closure(self, number: int) -> frozenset[int]:
        """The points that the world may lead to unseen from a point, and the point itself."""
        found = self._closures.get(number)
        if found is None:
            reached, new = {number}, {number}
            while new:
                new = {after for one in new for after in self._silent_from(one)} - reached
                reached |= new
                if len(reached) > _POINTS:
                    raise _TooMany
            found = self._closures[number] = frozenset(self._widest(reached))
        return found

    def _widest(self, numbers: set[int]) -> set[int]:
        """The points without those that differ from another only in knowing more of the world."""
        alike: dict[Any, list[int]] = {}
        for number in sorted(numbers):
            alike.setdefault(self._frames[number], []).append(number)
        return {
            number
            for group in alike.values()
            for number in group
            if not any(one != number and self._covers(one, number) for one in group)
        }

    def _covers(self, one: int, other: int) -> bool:
        """Whether a point allows all that another one of the same frame does."""
        wide, narrow = self._points[one].at.world, self._points[other].at.world
        if wide.current != narrow.current:
            return False
        pairs = [(wide.registers, narrow.registers)]
        pairs += [] if wide.current is None else [(wide.records[1], narrow.records[1])]
        return all(a[name] is UNCERTAIN or a[name] == b[name] for a, b in pairs for name in a)

    def _silent_from(self, number: int) -> frozenset[int]:
        found = self._silent.get(number)
        if found is None:
            point = self._points[number]
            ends = (end for name in self.model.environment for end in self._happen(point, name, unseen=True))
            found = frozenset(map(self._number, chain(ends, self._answer_unheard(point))))
            self._silent[number] = found
        return found

    def _happen(self, point: Point, event: str, *, unseen: bool) -> Iterator[Point]:
        """Where an event of the world leads."""
        parameters = self.model.environment[event].get("parameters", ())
        happening = Happening(event, dict.fromkeys(parameters, UNCERTAIN))
        yield from self._unnoticed(point, self._expanded(point.at, happening), widened=unseen)

    def _answer_unheard(self, point: Point) -> Iterator[Point]:
        """Where it leads to try a call again of which nothing is heard."""
        for call in point.unheard:
            for attempt in ("repeated", "last"):
                yield from self._unnoticed(point, self._expanded(point.at, call, attempt), widened=True)

    def _unnoticed(self, point: Point, branches: Iterable[Branch], *, widened: bool) -> Iterator[Point]:
        for branch in branches:
            after = self._put_off(branch, "")
            if after is not None:
                yield self._after(after.end, point, widened=widened)

    def _expanded(self, start: Configuration, step: Call | Happening, attempt: str = "first") -> list[Branch]:
        """The branches of a step; what is not known of arguments may contradict itself, and then there is none."""
        try:
            return expand(self.model, start, step, attempt=attempt)
        except (Unanswered, RecursionError):
            return []

    def _put_off(self, branch: Branch, call: str) -> Branch | None:
        """The branch with callbacks of other calls put off: a log tells them on lines of their own.

        None if a callback would have to come of which the log tells that it never came.
        """
        others = [one for one in branch.owed if one.call != call]
        if any(one.call.startswith(_MUTE) and one.must_show for one in others):
            return None
        due = tuple(one for one in others if one.call.startswith("$"))
        free = (*branch.end.free, *due)
        mine = tuple(one for one in branch.owed if one.call == call)
        return attrs.evolve(branch, end=attrs.evolve(branch.end, free=free), owed=mine)

    def _after(self, end: Configuration, before: Point, *, widened: bool = False) -> Point:
        gone = end.epoch > before.at.epoch
        unheard = () if gone else before.unheard
        if widened:
            end = attrs.evolve(end, world=_widened(end.world, before.at.world))
        return self._normal(end, unheard)

    def _normal(self, end: Configuration, unheard: tuple[Call, ...]) -> Point:
        """A configuration without anything that no rule about callbacks asks for."""
        initial = self.model.table.initial
        states = tuple(s if at in self.kept.regions else initial[at] for at, s in enumerate(end.states))
        queue = tuple(one for one in end.queue if one.source.callbacks and not one.spent)
        hidden = [self._alike(one.source) for one in end.queue if not one.source.callbacks or one.spent]
        remembered = end.remembered and Waiting(attrs.evolve(end.remembered.source, call=_HIDDEN), spent=True)
        free = tuple(sorted((one for one in end.free if one.call.startswith("$")), key=lambda one: one.call))
        at = Configuration(states, self._world(end.world), queue, remembered, free)
        calls = {self._keys.of(one): one for one in (*unheard, *hidden) if one is not None}
        return Point(at, tuple(calls[key] for key in sorted(calls)))

    def _alike(self, call: Call) -> Call | None:
        if call not in self._likes:
            self._likes[call] = self._like(call)
        return self._likes[call]

    def _like(self, call: Call) -> Call | None:
        """A call that does the same as one of whose outcome nothing is heard; None if that is nothing."""
        weight = self.kept.weight[call.method.event]
        if not weight:
            return None
        call = attrs.evolve(call, call=_HIDDEN, callbacks=frozenset())
        if any(one.name in self.kept.leaves for one in call.method.parameters):
            return call
        return self._same_weight.setdefault(weight, call)

    def _world(self, world: World) -> World:
        """What is followed of a world: who is there, and the registers that are asked about."""
        registers = {
            name: self._bounded(value) if name in self.kept.registers else self.model.initial.world.registers[name]
            for name, value in world.registers.items()
        }
        registers |= {n: world.registers[n] for n in self._settings if world.registers[n] is not UNCERTAIN}
        records = dict(self.model.initial.world.records)
        if world.current is None:
            return World(records, None, registers, None, 1)
        there = world.records[world.current]
        records[1] = {name: there[name] if name in self.kept.fields else UNCERTAIN for name in there}
        return World(records, 1, registers, None, 2)

    @property
    def _settings(self) -> Iterator[str]:
        """The workspace's registers, which may become known by what the log tells of the world."""
        return (name for name, body in self.model.spec.chart["registers"].items() if body.get("internal"))

    def _bounded(self, value: Any) -> Any:
        known = isinstance(value, str) and value.startswith("$")
        return value if known or _is_one_of(value, self.kept.literals) else UNCERTAIN

    # Steps ----------------------------------------------------------------------------------------------

    def _step(self, number: int, symbol: Symbol) -> _Outcome:
        found = self._steps.get((number, symbol))
        if found is None:
            if len(self._steps) > _SYMBOLS:
                self._steps.clear()
            point = self._points[number]
            found = self._steps[number, symbol] = self._outcome(point, symbol, getattr(self, f"_{symbol.kind}"))
        return found

    def _outcome(self, point: Point, symbol: Symbol, ways: Any) -> _Outcome:
        ends, formal, nearest, allowed = set[int](), set[int](), [], dict[str, None]()
        for step, branch, seen in ways(point, symbol):
            broken, end = compare(self.model, branch, step, seen)
            if not broken or all(one.kind in FORMAL for one in broken):
                after = self._after(end, point)
                (formal if broken else ends).add(self._number(after))
            if broken:
                allowed[describe(branch)] = None
                nearest.append((self.oracle.distance(broken), attrs.astuple(broken[0])))
        best = min(nearest) if nearest else None
        return _Outcome(frozenset(ends), frozenset(formal), best, tuple(allowed))

    def _call(self, point: Point, symbol: Symbol) -> Iterator[_Way]:
        """The ways of a call, with each choice of which doubtful arguments are wrong."""
        name, seen = self._call_seen(symbol)
        crowded = len(point.at.queue) >= _QUEUE
        for call in self._calls(symbol, _HIDDEN if crowded and symbol.outcome in ("pending", "none") else name):
            for branch in self._expanded(point.at, call):
                own = "" if symbol.outcome == "pending" else call.call
                after = self._put_off(branch, own)
                if after is not None:
                    yield call, after, seen

    def _call_seen(self, symbol: Symbol) -> tuple[str, Observation]:
        if symbol.outcome in ("success", "error"):
            settled = Settlement(symbol.name, symbol.outcome, _value(symbol.value))
            return symbol.name, Observation((settled,), UNCERTAIN)
        if symbol.outcome == "thrown":
            return symbol.name, Observation(thrown="something")
        names = {"pending": symbol.id or _HIDDEN, "none": _MUTE + symbol.name, None: _HIDDEN}
        return names[symbol.outcome], Observation(returned=UNCERTAIN)

    def _calls(self, symbol: Symbol, name: str) -> Iterator[Call]:
        method = self.model.spec.api.methods[symbol.name]
        assert symbol.arguments is not None
        of = symbol.arguments
        callbacks = frozenset() if name == _HIDDEN else frozenset(("success", "error"))
        named: dict[str, Any] = {FACTS: dict(of.facts)}
        leaves = iter(of.leaves)
        for parameter, answers in of.answers:
            places = self.kept.leaves.get(parameter, ())
            named |= self._left(parameter, places, [next(leaves) for _ in places], dict(answers))
        for wrong in chain.from_iterable(combinations(of.doubtful, size) for size in range(len(of.doubtful) + 1)):
            yield Call(name, method, ("",) * len(method.parameters), named, callbacks, frozenset((*of.invalid, *wrong)))

    def _left(
        self, parameter: str, places: Sequence[tuple[str, ...]], leaves: Sequence[Any], answers: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What is left of an argument."""
        if places == ((),):
            whole = Leaf(leaves[0]) if isinstance(leaves[0], str) else leaves[0]
            if isinstance(whole, Leaf):
                whole.answers = answers
            return {} if whole is ABSENT else {parameter: whole}
        members: dict[str, Any] = {}
        for (*path, last), value in zip(places, leaves, strict=True):
            inner = members
            for step in path:
                inner = inner.setdefault(step, {})
            if value is not ABSENT:
                inner[last] = value
        skeleton = Skeleton(members)
        skeleton.answers = answers
        return {parameter: skeleton}

    def _settled(self, point: Point, symbol: Symbol) -> Iterator[_Way]:
        """The ways in which a callback comes that is due, or is not."""
        happening = Happening(self._any_event)
        seen = Observation((Settlement(symbol.id, symbol.outcome or "", _value(symbol.value)),))
        due = [one for one in point.at.free if one.call == symbol.id]
        if not due:
            yield happening, Branch(point.at, point.at), seen
        for owed in due:
            rest = tuple(one for one in point.at.free if one is not owed)
            yield happening, Branch(point.at, attrs.evolve(point.at, free=rest), (owed,)), seen

    def _happening(self, point: Point, symbol: Symbol) -> Iterator[_Way]:
        """The ways in which the world does something that the log tells."""
        for after in self._happen(point, symbol.name, unseen=False):
            yield Happening(symbol.name), Branch(point.at, after.at), Observation()


_NAME = re.compile(r'"?\$\d+"?')
_AS_BEFORE = "what was given before"

_Way = tuple[Call | Happening, Branch, Observation]


@attrs.frozen(eq=False)
class _Outcome:
    """What a step makes of one point: where it leads, in form alone, and what it is nearest to."""

    ends: frozenset[int]
    formal: frozenset[int]
    nearest: tuple[Any, tuple[str, ...]] | None
    allowed: tuple[str, ...]


def _value(value: Any) -> Any:
    """The value of a symbol as the oracle takes it."""
    return dict(value) if isinstance(value, tuple) else value


def _is_one_of(value: Any, literals: frozenset[Any]) -> bool:
    return (value is None or isinstance(value, str | int | float)) and value in literals


def _widened(world: World, before: World) -> World:
    """A world in which what happens unseen may have happened any number of times."""
    changed = [name for name, value in world.registers.items() if value is not before.registers[name]]
    return world.with_registers(**dict.fromkeys(changed, UNCERTAIN)) if changed else world


# Keys and names -------------------------------------------------------------------------------------------


class _Keys:
    """What tells calls apart, as short numbers."""

    def __init__(self) -> None:
        self._known: dict[Call, int] = {}
        self._numbers: dict[str, int] = {}

    def of(self, call: Call) -> int:
        """The number of a call: the same for calls that do the same."""
        number = self._known.get(call)
        if number is None:
            number = self._known[call] = self._numbers.setdefault(repr(_call_key(call)), len(self._numbers))
        return number


def _call_key(call: Call) -> tuple[Any, ...]:
    answers = [getattr(value, "answers", None) for value in call.named.values()]
    invalid, callbacks = tuple(sorted(call.invalid)), tuple(sorted(call.callbacks))
    return call.call, call.method.name, repr(_plainly(call.named)), invalid, callbacks, repr(answers)


def _plainly(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted(((str(key), _plainly(member)) for key, member in value.items()), key=lambda one: one[0])
    return [_plainly(item) for item in value] if isinstance(value, list | tuple) else value


def _names(point: Point) -> set[int]:
    """The numbers of the names in a point."""
    return {int(one[1:]) for one in _texts(_parts(point)) if one[:1] == "$" and one[1:].isdecimal()}


def _parts(point: Point) -> Any:
    at = point.at
    calls = [*(one.source for one in at.queue), *([at.remembered.source] if at.remembered else []), *point.unheard]
    worlds = [at.world, *(one.world for one in at.free)]
    kept = [(world.current is not None and world.records[world.current], world.registers) for world in worlds]
    return [[(one.call, one.named) for one in calls], [(one.call, one.named) for one in at.free], kept]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _renamed(point: Point, names: Mapping[str, str]) -> Point:
    """A point with other names."""
    at = point.at

    def call(one: Call) -> Call:
        return attrs.evolve(one, call=names.get(one.call, one.call), named=_substituted(one.named, names))

    def owed(one: Owed) -> Owed:
        named = _substituted(one.named, names)
        return attrs.evolve(one, call=names.get(one.call, one.call), named=named, world=world(one.world))

    def world(one: World) -> World:
        records, registers = _substituted(one.records, names), _substituted(one.registers, names)
        return World(records, one.current, registers, one.previous, one.created)

    return Point(
        Configuration(
            at.states,
            world(at.world),
            tuple(attrs.evolve(one, source=call(one.source)) for one in at.queue),
            at.remembered and attrs.evolve(at.remembered, source=call(at.remembered.source)),
            tuple(map(owed, at.free)),
        ),
        tuple(map(call, point.unheard)),
    )


def _substituted(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Leaf | Skeleton):
        plain = str(value) if isinstance(value, Leaf) else dict(value)
        made = type(value)(_substituted(plain, names))
        made.answers = value.answers
        return made
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _substituted(member, names) for key, member in value.items()}
    return [_substituted(item, names) for item in value] if isinstance(value, list | tuple) else value
