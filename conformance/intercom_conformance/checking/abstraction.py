"""Makes symbols of lines: all that the specification's rules ask about a step, and nothing else.

Two steps with the same symbol are the same to the automaton, whoever made them. Values that rules compare with one
another, such as who logs in, are *named* within their session: the automaton knows them as ``$0``, ``$1`` …, the session
keeps a hash of each. So one table serves every user.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import attrs
import msgspec

from intercom_conformance.checking.lines import NOTHING, Line, decoded
from intercom_conformance.checking.open_world import WRONG, Kept
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN, Scope, Undecided, compile_fact
from intercom_conformance.oracle.model import Model
from intercom_conformance.specification import Method

__all__ = ["Abstraction", "Arguments", "Symbol", "name_of"]

Names = tuple[int, ...]
_MOST = 50_000
"""Arguments that are remembered with what was made of them."""


class Arguments(NamedTuple):
    """What rules ask of the arguments of a call."""

    invalid: tuple[str, ...]
    """The parameters that are not valid."""
    doubtful: tuple[str, ...]
    """Those of which nobody knows whether they are."""
    facts: tuple[tuple[str, Any], ...]
    answers: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]
    """By parameter, the answers to payload guards by their schemas."""
    leaves: tuple[tuple[str, tuple[Any, ...]], ...]
    """By parameter, the values at the places that are compared; values of users stand as they are, until named."""


class Symbol(NamedTuple):
    """A step as the automaton sees it."""

    kind: str
    """``call``, ``settled`` or ``happening``."""
    name: str
    outcome: str | None
    value: Any
    arguments: Arguments | None = None
    id: str = ""


@attrs.frozen(eq=False)
class Abstraction:
    """Makes symbols; with `payloads`, arguments are validated on the way.

    `plain` are the methods, by any name, of which a symbol is made without a look at their arguments.
    """

    model: Model
    kept: Kept
    payloads: bool
    plain: Mapping[str, Method] = attrs.field(init=False)
    _facts: Mapping[str, Any] = attrs.field(init=False)
    _known: dict[Any, Arguments] = attrs.field(factory=dict, init=False)
    _doubt: dict[str, Arguments] = attrs.field(factory=dict, init=False)

    @plain.default
    def _plain(self) -> Mapping[str, Method]:
        methods = self.model.spec.api.by_any_name
        return {name: one for name, one in methods.items() if not self._looks(one)}

    @_facts.default
    def _compiled(self) -> Mapping[str, Any]:
        spec = self.model.spec
        return {name: compile_fact(spec.chart["facts"][name], spec.payloads) for name in self.kept.argument_facts}

    def _looks(self, method: Method) -> bool:
        return any((self.payloads and not one.ignored) or one.name in self.kept.leaves for one in method.parameters)

    # Calls ----------------------------------------------------------------------------------------------

    def arguments(self, method: Method, line: Line) -> Arguments:
        """What rules ask of the arguments of a call."""
        if line.arguments is NOTHING or line.redacted or not method.parameters:
            return self._with_gaps(method, line)
        key = (method.name, bytes(line.arguments))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[key] = self._of(method, _listed(line.arguments), frozenset())
        return found

    def of_nothing(self, method: Method) -> Arguments:
        """The arguments of a call of which only the method is known."""
        found = self._doubt.get(method.name)
        if found is None:
            everything = frozenset(one.name for one in method.parameters)
            found = self._doubt[method.name] = self._of(method, [], everything)
        return found

    def _with_gaps(self, method: Method, line: Line) -> Arguments:
        if line.arguments is NOTHING:
            return self.of_nothing(method)
        return self._of(method, _listed(line.arguments), frozenset(line.redacted or ()))

    def _of(self, method: Method, values: Sequence[Any] | None, unknown: frozenset[str]) -> Arguments:
        """What rules ask of these values; those of `unknown` parameters are not on record."""
        spec = self.model.spec
        named = {
            one.name: spec.payloads.canonical(one.schema, value)
            for one, value in zip(method.parameters, values or (), strict=False)
            if one.name not in unknown
        }
        doubtful = [one.name for one in method.parameters if not one.ignored and self._in_doubt(one.name, unknown)]
        invalid = spec.invalid(method, named) - unknown if self.payloads else frozenset[str]()
        seen = {**named, **dict.fromkeys(unknown, UNCERTAIN)}
        return Arguments(
            tuple(sorted(invalid)),
            tuple(doubtful),
            tuple(self._told(method, seen)),
            tuple((one.name, self._answered(method, one.name, seen)) for one in method.parameters),
            tuple((one.name, tuple(self._leaves(one.name, seen))) for one in method.parameters),
        )

    def _in_doubt(self, name: str, unknown: frozenset[str]) -> bool:
        return name in unknown or not self.payloads

    def _told(self, method: Method, named: Mapping[str, Any]) -> list[tuple[str, Any]]:
        atoms = self.model.table.atoms[method.event]
        asked = [one.name for one in atoms if one.kind == "fact" and one.name in self._facts]
        scope = Scope(named, None, {}, {})
        return [(name, self._fact(name, scope)) for name in asked]

    def _fact(self, name: str, scope: Scope) -> Any:
        if not self.payloads and _validates(self.model.spec.chart["facts"][name]):
            return UNCERTAIN
        try:
            return self._facts[name](scope)
        except Undecided:
            return UNCERTAIN

    def _answered(self, method: Method, name: str, named: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        schemas = [one.schema for one in self.model.table.atoms[method.event] if (one.kind, one.name) == ("payload", name)]
        if not self.payloads or named.get(name) is UNCERTAIN:
            return tuple((schema, UNCERTAIN) for schema in schemas)
        return tuple((schema, self.model.payload_tests[schema](named.get(name))) for schema in schemas)

    def _leaves(self, name: str, named: Mapping[str, Any]) -> list[Any]:
        return [_at(named.get(name, ABSENT), path) for path in self.kept.leaves.get(name, ())]

    # What came of them ----------------------------------------------------------------------------------

    def result(self, method: Method, outcome: str | None, code: int | str | None, raw: Any) -> Any:
        """What rules ask of the value that a callback was given; `UNCERTAIN` if it is not on record."""
        if outcome not in ("success", "error") or (code is None and raw is NOTHING):
            return UNCERTAIN
        if outcome == "error":
            return self.of_error(code, raw)
        value = decoded(raw, lambda: None) if raw is not NOTHING else {"code": code}
        if value is None or method.result is None:
            return None if value is None else _OTHER
        if self.payloads and not self.model.spec.payloads.is_valid(method.result["schema"], value):
            return WRONG
        return self._of_result(method.event, value)

    def of_error(self, code: int | str | None, raw: Any) -> Any:
        """What rules ask of the value that an error was given."""
        value = decoded(raw, lambda: None) if raw is not NOTHING else {"code": code}
        if value is None or self.model.code_is_documented(value):
            return None if value is None else UNCERTAIN
        code = value.get("code") if isinstance(value, Mapping) else value
        return (("code", code),)

    def _of_result(self, event: str, value: Any) -> Any:
        if isinstance(value, dict):
            keys = self.kept.result_keys.get(event, ())
            return (*((key, value.get(key)) for key in keys), ("?", "?"))
        if isinstance(value, list):
            return (("?", "?"),)
        return value if isinstance(value, bool) or value in self.kept.literals else _OTHER


_OTHER = "something else"


def name_of(value: Any) -> int | None:
    """What a session keeps of a value that is compared later; None for one that stands for itself."""
    if isinstance(value, str):
        return hash(value) if value else None
    if value is None or value is ABSENT or value is UNCERTAIN or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return hash(("number", value))
    return hash(json.dumps(value, sort_keys=True))


def named(values: tuple[Any, ...], names: list[int]) -> tuple[Any, ...]:
    """Values with names in place of those that have one; new ones are added to the names."""
    return tuple([_named(value, names) for value in values])


def _named(value: Any, names: list[int]) -> Any:
    found = name_of(value)
    if found is None:
        return value
    if found not in names:
        names.append(found)
    return f"${names.index(found)}"


def _listed(raw: msgspec.Raw) -> list[Any]:
    value = decoded(raw, list)
    return value if isinstance(value, list) else []


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if value is UNCERTAIN:
            return value
        value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _validates(body: Any) -> bool:
    """Whether a fact asks for payloads to be validated."""
    if isinstance(body, Mapping):
        return bool({"valid", "valid_without"} & body.keys()) or any(_validates(part) for part in body.values())
    return isinstance(body, list) and any(_validates(part) for part in body)
