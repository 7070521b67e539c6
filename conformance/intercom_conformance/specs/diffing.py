"""Tells whether a new specification is compatible with an old one: whether all that conforms still does.

1. What is named: methods, aliases, parameters and shown states that are gone are breaking; new ones are not.
2. Payloads, by cover: a parameter that accepts less than before, or a result that may be less, is breaking.
3. Behaviour: both machines walk side by side, through the examples of both documents. What the old one allows and
   the new one does not is breaking, and the steps that led there show it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Branch, Configuration, Happening, expand
from intercom_conformance.oracle.model import Model, Unanswered, compile_model
from intercom_conformance.oracle.world import settle
from intercom_conformance.specification import Method, Parameter, Specification, load_specification
from intercom_conformance.specs.answers import accepted_values
from intercom_conformance.suite.explore import alphabet
from intercom_conformance.trace import Step, render_step

__all__ = ["Change", "Difference", "diff"]

_MOST = 400
"""Pairs of places that the walk goes on from at most."""


@attrs.frozen
class Change:
    """One difference: whether it breaks what conformed, what it is, and the steps that show it."""

    breaking: bool
    about: str
    what: str
    sequence: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = "".join(f"\n    {number}. {line}" for number, line in enumerate(self.sequence, 1))
        return f"{'breaking' if self.breaking else 'compatible'}: {self.about}: {self.what}.{shown}"


@attrs.frozen
class Difference:
    """All differences between two specifications, and how many pairs of places were walked."""

    old: str
    new: str
    changes: tuple[Change, ...]
    walked: int

    @property
    def compatible(self) -> bool:
        """Whether nothing that conformed to the old one is refused by the new one, as far as the walk went."""
        return not any(one.breaking for one in self.changes)


def diff(old: str | None, new: str | None) -> Difference:
    """The difference between the specifications in two folders; None is the embedded one."""
    before, after = compile_model(load_specification(old)), compile_model(load_specification(new))
    walk = _Walk(before, after)
    changes = (*_of_names(before.spec, after.spec), *_of_payloads(before, after), *walk.run())
    return Difference(_title(before.spec), _title(after.spec), changes, walk.pairs)


def _title(spec: Specification) -> str:
    return f"{spec.name} {spec.version}"


# Names ------------------------------------------------------------------------------------------


def _of_names(old: Specification, new: Specification) -> Iterator[Change]:
    for kind, before, after in (
        ("method", old.api.by_any_name, new.api.by_any_name),
        ("state", _shown_states(old), _shown_states(new)),
        ("requirement", old.requirements, new.requirements),
    ):
        yield from (Change(kind != "requirement", name, f"the {kind} is gone") for name in before if name not in after)
        yield from (Change(False, name, f"the {kind} is new") for name in after if name not in before)


def _shown_states(spec: Specification) -> list[str]:
    regions = spec.chart["regions"].items()
    return [f"{region}.{state}" for region, one in regions if "visibility" not in one for state in one["states"]]


# Payloads ---------------------------------------------------------------------------------------


def _of_payloads(old: Model, new: Model) -> Iterator[Change]:
    for name, before in old.spec.api.methods.items():
        after = new.spec.api.methods.get(name)
        if after is not None:
            yield from _of_parameters(old, new, before, after)
            yield from _of_results(old, new, before, after)


def _of_parameters(old: Model, new: Model, before: Method, after: Method) -> Iterator[Change]:
    known = {one.name: one for one in after.parameters}
    for number, one in enumerate(before.parameters):
        other = known.get(one.name)
        if other is None:
            yield Change(True, before.name, f"the parameter {one.name} is gone")
        else:
            yield from _of_parameter(old, new, (before, number, one), other)
    added = [one for one in after.parameters if one.name not in {p.name for p in before.parameters}]
    yield from (Change(not p.optional, before.name, f"the parameter {p.name} is new") for p in added)


def _of_parameter(old: Model, new: Model, place: tuple[Method, int, Parameter], other: Parameter) -> Iterator[Change]:
    method, number, one = place
    before, after = accepted_values(old, one), accepted_values(new, other)
    if str(after.covers(before)) != "yes":
        shown = [
            render_step(Step(method.name, arguments))
            for arguments in method.examples
            if len(arguments) > number and _only(old, new, one, other, arguments[number])
        ]
        yield Change(True, method.name, f"{one.name} accepts less than before", tuple(shown[:1]))
    elif str(before.covers(after)) != "yes":
        yield Change(False, method.name, f"{one.name} accepts more than before")


def _only(old: Model, new: Model, one: Parameter, other: Parameter, value: Any) -> bool:
    return old.spec.payloads.is_valid(one.schema, value) and not new.spec.payloads.is_valid(other.schema, value)


def _of_results(old: Model, new: Model, before: Method, after: Method) -> Iterator[Change]:
    import jsonschema_rs

    schemas = [(before.result or {}).get("schema"), (after.result or {}).get("schema")]
    if None in schemas:
        if schemas[0] != schemas[1]:
            yield Change(True, before.name, "success carries a result, or carries none any more")
        return
    one = jsonschema_rs.canonicalize(old.spec.payloads.schema(str(schemas[0])))
    other = jsonschema_rs.canonicalize(new.spec.payloads.schema(str(schemas[1])))
    if str(other.covers(one)) != "yes":
        yield Change(True, before.name, "a result that conformed may not any more")
    elif str(one.covers(other)) != "yes":
        yield Change(False, before.name, "a result may be more than before")


# Behaviour --------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class _Pair:
    old: Configuration
    new: tuple[Configuration, ...]
    steps: tuple[Step, ...] = ()


@attrs.define(eq=False)
class _Walk:
    """A walk through the product: where the old one may stand, and everywhere that the new one may then stand."""

    old: Model
    new: Model
    pairs: int = 0
    found: dict[str, Change] = attrs.field(factory=dict)

    def run(self) -> Iterator[Change]:
        """The changes of behaviour; the first of each method, by a shortest sequence."""
        start = _Pair(self.old.initial, (self.new.initial,))
        queue, seen = deque([start]), {self._key(start)}
        while queue and self.pairs < _MOST:
            self.pairs += 1
            pair = queue.popleft()
            for step in self._common_steps():
                for after in self._follow(pair, step):
                    if (key := self._key(after)) not in seen:
                        seen.add(key)
                        queue.append(after)
        yield from self.found.values()

    def _common_steps(self) -> list[Step]:
        steps = [*alphabet(self.old.spec), *alphabet(self.new.spec)]
        unique = {(one.name, repr(one.arguments)): one for one in steps}
        return [one for one in unique.values() if _knows(self.old, one) and _knows(self.new, one)]

    def _follow(self, pair: _Pair, step: Step) -> Iterator[_Pair]:
        steps = (*pair.steps, step)
        if step.name in self.found:
            return
        before = expand(self.old, pair.old, _event(self.old, step, len(steps)))
        try:
            event = _event(self.new, step, len(steps))
            after = [branch for one in pair.new for branch in expand(self.new, one, event)]
        except Unanswered:
            after = []
        for branch in before:
            matching = [one.end for one in after if self._allows(one, branch)]
            if not matching:
                self._note(branch, steps)
                return
            yield _Pair(branch.end, tuple(matching), steps)

    def _allows(self, new: Branch, old: Branch) -> bool:
        """Whether what an old branch shows is what a new one allows."""
        return (
            _answers(new) >= _answers(old)
            and _shown(self.new, new) == _shown(self.old, old)
            and settle(_kept(self.new, new), _kept(self.old, old))[0]
        )

    def _note(self, branch: Branch, steps: tuple[Step, ...]) -> None:
        taken = ", ".join(transition.id for transition, _ in branch.taken) or "nothing"
        what = f"what {taken} allowed is allowed no more"
        lines = tuple(render_step(attrs.evolve(one, callbacks=Step("").callbacks)) for one in steps)
        self.found[steps[-1].name] = Change(True, steps[-1].name, what, lines)

    def _key(self, pair: _Pair) -> Any:
        new = frozenset((one.states, *_who(one)) for one in pair.new)
        return pair.old.states, *_who(pair.old), new


def _knows(model: Model, step: Step) -> bool:
    return step.name in model.environment or step.name in model.spec.api.by_any_name


def _event(model: Model, step: Step, position: int) -> Any:
    if step.name in model.environment:
        parameters = model.environment[step.name].get("parameters", ())
        return Happening(step.name, dict(zip(parameters, step.arguments, strict=False)))
    return model.call(f"c{position}", step.name, list(step.arguments), frozenset(step.callbacks))


def _who(at: Configuration) -> tuple[Any, ...]:
    waiting = tuple(one.source.method.name for one in at.queue)
    record = {} if at.world.current is None else at.world.records[at.world.current]
    return waiting, tuple(repr(value) for value in record.values() if not isinstance(value, (dict, list)))


def _answers(branch: Branch) -> frozenset[tuple[str, str, str]]:
    """The callbacks that a branch may show; one that may be of either kind counts as both."""
    kinds = {"either": ("success", "error")}
    return frozenset(
        (owed.call, kind, repr(owed.result) if kind == "success" else "")
        for owed in branch.owed
        for kind in kinds.get(owed.callback, (owed.callback,))
    )


def _shown(model: Model, branch: Branch) -> Mapping[str, str]:
    regions = model.table.regions
    return {one.name: branch.end.states[one.position] for one in regions if one.visibility == "shown"}


def _kept(model: Model, branch: Branch) -> Mapping[str, Any]:
    world = branch.end.world
    registers = {name: world.registers[name] for name in model.shown_registers}
    return {"records": list(world.records.values()), "registers": registers}
