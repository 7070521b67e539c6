"""Makes keys of lines: all that the specification's rules ask about a step, and nothing else.

Two steps with the same key are the same to the automaton, whoever made them. Values that rules compare with one
another, such as who logs in, are *named* within their session: the automaton knows them as ``$0``, ``$1`` …, the
session keeps a hash of each. So one table serves every user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import attrs

from intercom_conformance.checking.lines import NOTHING, UNSET, Brief, Line, Raw, arguments_of, decoded
from intercom_conformance.checking.open_world import WRONG, Kept
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN, Scope, Undecided, compile_fact
from intercom_conformance.oracle.model import Model
from intercom_conformance.specification import Method, Parameter

__all__ = ["Abstraction", "Arguments", "Key", "NoList", "Seen", "Symbol", "is_waiting", "plain_key"]

Names = tuple[int, ...]
"""What a session keeps of the values that are compared, in the order of their names."""

Key: TypeAlias = "str | tuple[str | int | None, str | None, Any] | Symbol"
"""A step: a method that succeeded, or (method, outcome, code), where arguments do not matter; (number of arguments,
outcome, value); or a symbol."""

_MOST = 50_000
"""Arguments that are remembered with what was made of them."""
_SHORT = 256
"""Bytes below which no value is too deep or too large for a number."""


class Arguments(NamedTuple):
    """What rules ask of the arguments of a call."""

    method: str
    invalid: tuple[str, ...] = ()
    """The parameters that are not valid."""
    doubtful: tuple[str, ...] = ()
    """Those of which nobody knows whether they are."""
    facts: tuple[tuple[str, Any], ...] = ()
    answers: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()
    """By parameter, the answers to payload guards by their schemas."""
    leaves: tuple[Any, ...] = ()
    """The values at the places that are compared: names, or what stands for itself."""


class Symbol(NamedTuple):
    """A step as the automaton sees it."""

    kind: str
    """``call``, ``settled`` or ``happening``."""
    name: str
    outcome: str | None
    value: Any
    arguments: Arguments | None = None
    id: str = ""


class Seen(NamedTuple):
    """What was made of arguments: all but the leaves, by its number, and the leaves as they stand."""

    shape: int
    leaves: tuple[Any, ...]
    invalid: tuple[str, ...]


@attrs.define(eq=False)
class _Plan:
    """How the arguments of a method are looked at."""

    method: Method
    names: tuple[str, ...]
    parameters: tuple[tuple[Parameter, tuple[tuple[str, ...], ...], tuple[str, ...]], ...]
    """Each parameter with the places of its leaves, and the schemas of its payload guards."""
    leaves: tuple[tuple[str, tuple[str, ...]], ...]
    """Every place of a leaf, with its parameter."""
    facts: tuple[str, ...]
    spelt: Callable[[bytes | Raw], Any] | None
    """Finds alternative names: where none occurs, nothing has to be renamed."""
    marked: Callable[[bytes | Raw], Any] | None
    """Finds the members that are leaves, as JSON writes them; None if a whole argument is a leaf."""
    nothing: Seen | None = None
    """What is made of arguments that are not on record, once it is known."""
    without: int | None = None
    """The number of arguments in which none of them occurs, once it is known."""


@attrs.frozen(eq=False)
class Abstraction:
    """Makes keys; with `payloads`, arguments are validated on the way.

    `plain` are the methods, by any name, of which a key is made without a look at their arguments.
    """

    model: Model
    kept: Kept
    payloads: bool
    plain: frozenset[str] = attrs.field(init=False)
    _plans: Mapping[str, _Plan] = attrs.field(init=False)
    _plans_by_any_name: Mapping[str, _Plan] = attrs.field(init=False)
    _facts: Mapping[str, Callable[[Scope], bool]] = attrs.field(init=False)
    _valid: Mapping[str, Callable[[Any], bool]] = attrs.field(init=False)
    _seen: dict[tuple[str, bytes], Seen] = attrs.field(factory=dict, init=False)
    _shapes: dict[Arguments, int] = attrs.field(factory=dict, init=False)
    _made: list[Arguments] = attrs.field(factory=list, init=False)
    _numbers: dict[tuple[Any, ...], int] = attrs.field(factory=dict, init=False)
    _arguments: list[Arguments] = attrs.field(factory=list, init=False)
    _quick: dict[tuple[Any, ...], int] = attrs.field(factory=dict, init=False)
    _told: dict[tuple[str, tuple[int, ...]], tuple[Any, ...]] = attrs.field(factory=dict, init=False)
    _values: dict[tuple[str, bytes], Any] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        spec = self.model.spec
        methods = spec.api.by_any_name
        schemas = {one.schema for method in methods.values() for one in method.parameters}
        results = {method.result["schema"] for method in methods.values() if method.result}
        made = {
            "plain": frozenset(name for name, one in methods.items() if not self._looks(one)),
            "_plans": {name: self._plan(one) for name, one in spec.api.methods.items()},
            "_facts": {
                name: compile_fact(spec.chart["facts"][name], spec.payloads) for name in self.kept.argument_facts
            },
            "_valid": {name: spec.payloads.compiled(name).is_valid for name in sorted(schemas | results)},
        }
        plans = {name: made["_plans"][one.name] for name, one in methods.items()}  # type: ignore[index]
        for name, value in {**made, "_plans_by_any_name": plans}.items():
            object.__setattr__(self, name, value)

    def _looks(self, method: Method) -> bool:
        return any((self.payloads and not one.ignored) or one.name in self.kept.leaves for one in method.parameters)

    def _plan(self, method: Method) -> _Plan:
        atoms = self.model.table.atoms[method.event]
        guards = {
            one.name: tuple(a.schema for a in atoms if (a.kind, a.name) == ("payload", one.name))
            for one in method.parameters
        }
        return _Plan(
            method,
            tuple(one.name for one in method.parameters),
            tuple((one, self.kept.leaves.get(one.name, ()), guards[one.name]) for one in method.parameters),
            tuple((one.name, path) for one in method.parameters for path in self.kept.leaves.get(one.name, ())),
            tuple(one.name for one in atoms if one.kind == "fact" and one.name in self.kept.argument_facts),
            _finder([name for one in method.parameters for name in self._spellings(one.schema)], b"\\u"),
            self._marked(method),
        )

    def _marked(self, method: Method) -> Callable[[bytes | Raw], Any] | None:
        paths = [path for one in method.parameters for path in self.kept.leaves.get(one.name, ())]
        return _finder([json.dumps(path[0]).encode() for path in paths], b"\\") if all(paths) else None

    def _spellings(self, schema: str) -> Iterator[bytes]:
        for name in _aliases(self.model.spec.payloads.schema(schema)):
            yield json.dumps(name).encode()

    # Calls ----------------------------------------------------------------------------------------------

    def symbol(self, key: str | tuple[str | int, str | None, Any]) -> Symbol:
        """The symbol that a key stands for."""
        name, outcome, value = (key, "success", None) if isinstance(key, str) else key
        if isinstance(name, int):
            arguments = self._arguments[name]
            return Symbol("call", arguments.method, outcome, value, arguments)
        method = self.model.spec.api.by_any_name[name]
        return Symbol(
            "call", method.name, outcome, self.result(method, outcome, value, NOTHING), self.of_nothing(method)
        )

    def key(self, line: Line, known: Names) -> tuple[Key, Names, tuple[str, ...]]:
        """The key of a line of a session, the session's names after it, and the parameters that are not valid."""
        names = list(known)
        if line.happening is not None:
            return Symbol("happening", line.happening, None, UNCERTAIN), known, ()
        if line.settled is not None:
            waits = _named(_Waiting(line.settled), names)
            value = self.of_error(line.code, line.value) if line.outcome == "error" else UNCERTAIN
            return Symbol("settled", "", line.outcome, value, None, waits), tuple(names), ()
        assert line.call is not None
        method = self.model.spec.api.by_any_name[line.call]
        if not self.payloads and method.parameters and line.arguments is not NOTHING and not line.redacted:
            invalid: tuple[str, ...] = ()
            number = self._quickly(self._plans[method.name], bytes(line.arguments), names)
        else:
            seen = self._look(method, line)
            number = self._number(seen.shape, tuple([_named(one, names) for one in seen.leaves]))
            invalid = seen.invalid
        value = (
            UNCERTAIN
            if line.code is None and line.value is NOTHING
            else self.result(method, line.outcome, line.code, line.value)
        )
        if isinstance(value, _Members):
            value = tuple([(name, _named(one, names)) for name, one in value])
        outcome = "thrown" if line.thrown is not None else line.outcome
        if outcome != "pending" or line.id is None:
            return (number, outcome, value), tuple(names), invalid
        waits = _named(_Waiting(line.id), names)
        symbol = Symbol("call", method.name, outcome, value, self._arguments[number], waits)
        return symbol, tuple(names), invalid

    def of_nothing(self, method: Method) -> Arguments:
        """The arguments of a call of which only the method is known."""
        seen = self._of(self._plans[method.name], b"[]", frozenset(one.name for one in method.parameters))
        return self._arguments[self._number(seen.shape, seen.leaves)]

    def brief_key(self, line: Brief, known: Names) -> tuple[Key, Names]:
        """The key of a brief line of a call whose arguments are not validated, and the session's names after it."""
        plan, arguments = self._plans_by_any_name[line.call or ""], line.arguments
        method = plan.method
        value = UNCERTAIN if line.code is None else self.result(method, line.outcome, line.code, NOTHING)
        if arguments is UNSET or not method.parameters:
            seen = plan.nothing = plan.nothing or self._of(plan, b"[]", frozenset(plan.names))
            return (self._number(seen.shape, seen.leaves), line.outcome, value), known
        if plan.without is not None and plan.marked is not None and not any(map(plan.marked, arguments)):
            return (plan.without, line.outcome, value), known
        names = list(known)
        number = self._quickly(plan, arguments_of(line), names)
        return (number, line.outcome, value), tuple(names)

    def _quickly(self, plan: _Plan, raw: bytes, names: list[int]) -> int:
        """The number of arguments that are not validated: then it depends on nothing but the leaves."""
        if raw[:1] != b"[":
            raise NoList
        if plan.without is not None and plan.marked is not None and not plan.marked(raw):
            return plan.without
        values = decoded(raw, list)
        if type(values) is not list:
            raise NoList
        named = self._named(plan, raw, values)
        key: list[Any] = [plan.method.name]
        for name, path in plan.leaves:
            value = named.get(name, ABSENT)
            for step in path:
                value = value.get(step, ABSENT) if type(value) is dict else ABSENT
            key.append(value if value is ABSENT else _named(value, names))
        found = tuple(key)
        number = self._quick.get(found)
        if number is None:
            number = self._quick[found] = self._number(self._of(plan, raw, frozenset()).shape, found[1:])
            if plan.marked and all(one is ABSENT for one in found[1:]) and values and type(values[0]) is dict:
                plan.without = number
        return number

    def _number(self, shape: int, leaves: tuple[Any, ...]) -> int:
        key = (shape, *leaves)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._arguments)
            self._arguments.append(self._made[shape]._replace(leaves=leaves))
        return number

    def _look(self, method: Method, line: Line) -> Seen:
        plan = self._plans[method.name]
        if line.arguments is NOTHING or not method.parameters:
            plan.nothing = plan.nothing or self._of(plan, b"[]", frozenset(plan.names))
            return plan.nothing
        if line.redacted:
            return self._of(plan, bytes(line.arguments), frozenset(line.redacted))
        raw = bytes(line.arguments)
        found = self._seen.get((method.name, raw))
        if found is None:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            found = self._seen[method.name, raw] = self._of(plan, raw, frozenset())
        return found

    def _of(self, plan: _Plan, raw: bytes, unknown: frozenset[str]) -> Seen:
        """What rules ask of arguments; those of `unknown` parameters are not on record."""
        values = decoded(raw, list)
        if not isinstance(values, list):
            raise NoList
        named = self._named(plan, raw, values)
        invalid, doubtful, leaves, answers = [], [], list[Any](), []
        for parameter, places, guards in plan.parameters:
            name = parameter.name
            if name in unknown:
                named[name] = UNCERTAIN
            value = named.get(name, ABSENT)
            if value is UNCERTAIN or not self.payloads:
                doubtful += [] if parameter.ignored else [name]
                answers.append((name, tuple((schema, UNCERTAIN) for schema in guards)))
            else:
                invalid += [] if self._is_valid(parameter, value, raw) else [name]
                tests = self.model.payload_tests
                given = None if value is ABSENT else value
                answers.append((name, tuple((schema, tests[schema](given)) for schema in guards)))
            leaves += [_at(value, path) for path in places]
        facts = self._of_facts(plan, named, tuple(leaves), bool(invalid))
        arguments = Arguments(plan.method.name, tuple(invalid), tuple(doubtful), facts, tuple(answers))
        shape = self._shapes.setdefault(arguments, len(self._shapes))
        if shape == len(self._made):
            self._made.append(arguments)
        return Seen(shape, tuple(leaves), tuple(invalid))

    def _named(self, plan: _Plan, raw: bytes, values: Sequence[Any]) -> dict[str, Any]:
        named = dict(zip(plan.names, values, strict=False))
        if plan.spelt is not None and plan.spelt(raw):
            canonical = self.model.spec.payloads.canonical
            return {
                one.name: canonical(one.schema, named[one.name]) for one, _, _ in plan.parameters if one.name in named
            }
        return named

    def _is_valid(self, parameter: Parameter, value: Any, raw: bytes) -> bool:
        if parameter.ignored or (parameter.optional and (value is ABSENT or value is None)):
            return True
        if value is ABSENT:
            return False
        if len(raw) < _SHORT:
            return self._valid[parameter.schema](value)
        return self.model.spec.payloads.is_valid(parameter.schema, value)

    def _of_facts(
        self, plan: _Plan, named: Mapping[str, Any], leaves: tuple[Any, ...], invalid: bool
    ) -> tuple[tuple[str, Any], ...]:
        return tuple([(name, self._of_fact(name, plan, named, leaves, invalid)) for name in plan.facts])

    def _of_fact(self, name: str, plan: _Plan, named: Mapping[str, Any], leaves: tuple[Any, ...], invalid: bool) -> Any:
        """Whether a fact holds; uncertain where it takes validation and nobody asks."""
        if name in self.kept.facts_of_givenness:
            key = (name, tuple([_kind(one) for one in leaves]))
            found = self._told.get(key)
            if found is None:
                found = self._told[key] = (self._asked(name, named),)
            return found[0]
        if not self.payloads or (not invalid and name in self.kept.facts_of_invalid):
            return UNCERTAIN
        return self._asked(name, named)

    def _asked(self, name: str, named: Mapping[str, Any]) -> Any:
        try:
            return self._facts[name](Scope(named, None, {}, {}))
        except Undecided:
            return UNCERTAIN

    # What came of them ----------------------------------------------------------------------------------

    def result(self, method: Method, outcome: str | None, code: int | str | None, raw: Raw) -> Any:
        """What rules ask of the value that a callback was given; `UNCERTAIN` if it is not on record."""
        if outcome not in ("success", "error") or (code is None and raw is NOTHING):
            return UNCERTAIN
        if outcome == "error":
            return self.of_error(code, raw)
        if raw is NOTHING:
            return UNCERTAIN if method.result is None else _OTHER
        key = (method.name, bytes(raw))
        if key not in self._values:
            if len(self._values) >= _MOST:
                self._values.clear()
            self._values[key] = self._of_success(method, key[1])
        return self._values[key]

    def _of_success(self, method: Method, raw: bytes) -> Any:
        value = decoded(raw, lambda: None)
        if value is None or method.result is None:
            return None if value is None else _OTHER
        schema = method.result["schema"]
        if self.payloads and not self.model.spec.payloads.is_valid(schema, value):
            return WRONG
        if isinstance(value, dict):
            keys = self.kept.result_keys.get(method.event, ())
            return _Members((*((key, value.get(key)) for key in keys), ("?", "")))
        if isinstance(value, list):
            return (("?", "?"),)
        return value if isinstance(value, bool) or value in self.kept.literals else _OTHER

    def of_error(self, code: int | str | None, raw: Raw) -> Any:
        """What rules ask of the value that an error was given."""
        if code is None and raw is NOTHING:
            return UNCERTAIN
        value = {"code": code} if raw is NOTHING else decoded(raw, lambda: None)
        if value is None or self.model.code_is_documented(value):
            return None if value is None else UNCERTAIN
        return (("code", value.get("code") if isinstance(value, Mapping) else value),)


def plain_key(line: Line | Brief) -> Key:
    """The key of a call whose arguments do not matter, and of whose value no more than a code is on record."""
    if line.code is None and line.outcome == "success":
        return line.call or ""
    return line.call, line.outcome, line.code


_OTHER = "something else"


class _Members(tuple[tuple[str, Any], ...]):
    """The members of a result that report something which is compared."""


class _Waiting(str):
    """The id of a call that waits, which is never the same as any other value."""


def is_waiting(call: str, names: Names) -> bool:
    """Whether a session has a call of this id that waits."""
    return hash(("call", call)) in names


def _named(value: Any, names: list[int]) -> Any:
    """The name of a value, a new one if it has none yet; itself if it stands for itself."""
    found = hash(value) if type(value) is str and value else _hash(value)
    if found is None:
        return value
    if found in names:
        return _NAMES[names.index(found)] if len(names) <= _MANY else f"${names.index(found)}"
    names.append(found)
    return _NAMES[len(names) - 1] if len(names) <= _MANY else f"${len(names) - 1}"


def _finder(names: Sequence[bytes], escape: bytes) -> Callable[[bytes | Raw], Any] | None:
    """Finds any of these names in JSON, or an escape that may hide one; None if there are none."""
    return re.compile(b"|".join(map(re.escape, dict.fromkeys((*names, escape))))).search if names else None


_MANY = 16
_NAMES = [f"${number}" for number in range(_MANY)]


class NoList(Exception):
    """Arguments are no list."""


def _hash(value: Any) -> int | None:
    """What a session keeps of a value that is compared later; None for one that stands for itself."""
    if isinstance(value, _Waiting):
        return hash(("call", str(value)))
    if isinstance(value, str):
        return hash(value) if value else None
    if value is None or value is ABSENT or value is UNCERTAIN or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return hash(("number", value))
    return hash(json.dumps(value, sort_keys=True))


def _kind(value: Any) -> int:
    """What can be told of a value without a look at it: absent, uncertain, null, empty, or given."""
    if value is ABSENT or value is UNCERTAIN:
        return 0 if value is ABSENT else 1
    return 2 if value is None else 3 if value == "" else 4


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if value is UNCERTAIN:
            return value
        value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _aliases(schema: Any) -> Iterator[str]:
    """The alternative names in a schema."""
    if isinstance(schema, Mapping):
        for name, part in schema.get("properties", {}).items() if isinstance(schema.get("properties"), Mapping) else ():
            if isinstance(part, Mapping) and "x-alias-of" in part:
                yield name
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _aliases(part)
