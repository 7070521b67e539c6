"""The oracle: what a history allows, and whether an observation is among it.

The oracle keeps the *set* of configurations that the history so far allows. A step expands each of them into
branches, every joint choice that the specification leaves open; an observation keeps the branches that agree
with it and settles what was uncertain. When none is left, the nearest branch tells what is broken. The oracle is
compiled from the specification alone and shares no code with the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import (
    TOO_MANY,
    Branch,
    Call,
    Configuration,
    Guide,
    Happening,
    Owed,
    Undecidable,
    World,
    expand,
)
from intercom_conformance.oracle.expressions import ABSENT
from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.oracle.world import WHOLE_RECORD, Record, settle
from intercom_conformance.specification import Specification

__all__ = ["Accepted", "Broken", "Observation", "Oracle", "Rejected", "Settlement"]


@attrs.frozen
class Settlement:
    """A callback that ran: for which call, which one, and with which value (`ABSENT` for none)."""

    call: str
    callback: str
    value: Any = ABSENT


@attrs.frozen
class Observation:
    """What was seen during one step; parts that a binding cannot show are `ABSENT`."""

    settled: tuple[Settlement, ...] = ()
    returned: Any = ABSENT
    thrown: Any = None
    snapshot: Any = ABSENT
    promises: bool = False


@attrs.frozen
class Broken:
    """A way in which an observation disagrees with the specification."""

    kind: str
    requirement: str
    expected: str
    observed: str
    place: str = ""


@attrs.frozen
class Accepted:
    """The observation is allowed: the configurations that remain, and the requirements that were at stake."""

    configurations: tuple[Configuration, ...]
    exercised: frozenset[str]
    transitions: tuple[str, ...]


@attrs.frozen
class Rejected:
    """The observation is not allowed: what is broken, and what would have been allowed.

    `recovered` tells where the binding stands all the same, when what is broken is a matter of form alone, so that
    the rest of the trace can still be judged.
    """

    broken: tuple[Broken, ...]
    allowed: tuple[str, ...]
    seen: str
    recovered: Accepted | None = None


@attrs.frozen(eq=False)
class Oracle:
    """Judges observations against a specification."""

    model: Model

    @classmethod
    def of(cls, spec: Specification) -> Oracle:
        """The oracle of a specification; compiling it takes a few milliseconds."""
        return cls(compile_model(spec))

    def initial(self) -> tuple[Configuration, ...]:
        """The configurations of a freshly installed app: just one."""
        return (self.model.initial,)

    def branches(
        self, configurations: Sequence[Configuration], step: Call | Happening, guide: Guide | None = None
    ) -> list[Branch]:
        """Everything that the specification allows as the next step; with a guide, what is likely at all."""
        return [branch for one in configurations for branch in expand(self.model, one, step, guide)]

    def judge(
        self, configurations: Sequence[Configuration], step: Call | Happening, seen: Observation
    ) -> Accepted | Rejected:
        """Whether the observation of a step is allowed after the history that led to the configurations.

        Raises:
            Undecidable: too much is open; nothing can be said about this step or any after it.
        """
        callbacks = {one.call: one.callback for one in seen.settled}
        for crowd in _CROWDS:
            guide = Guide(callbacks, crowd)
            branches = self.branches(configurations, step, guide)
            verdicts = [_compare(self.model, branch, step, seen) for branch in branches]
            kept = [(branch, end) for branch, (broken, end) in zip(branches, verdicts, strict=True) if not broken]
            if kept:
                return _accepted(self.model, kept)
            if not guide.narrowed:
                break
        nearest = min(range(len(branches)), key=lambda index: _distance(verdicts[index][0]))
        allowed = tuple(dict.fromkeys(describe(branch) for branch in branches))
        broken, end = verdicts[nearest]
        formal = all(one.kind in FORMAL for one in broken)
        recovered = _accepted(self.model, [(branches[nearest], end)]) if formal else None
        return Rejected(tuple(broken), allowed, describe_seen(seen), recovered)

    def contract_exercised(self, step: Call | Happening, seen: Observation) -> frozenset[str]:
        """The requirements of the contract that an accepted observation put to the test."""
        kinds = _contract_kinds(self.model, step, seen)
        return frozenset(self.model.contract[kind] for kind in kinds if kind in self.model.contract)

    def crash_kind(self, call: Call) -> str:
        """The kind of misbehaviour that it is to go down in a call, by its arguments."""
        return _crash_kind(self.model, call)

    def unfinished(self, configurations: Sequence[Configuration]) -> list[str]:
        """Calls that still owe a callback in every configuration, when the network is up and time has passed."""
        owed = [{one.call for one in c.free} | {w.call for w in c.queue if not w.spent} for c in configurations]
        return sorted(set.intersection(*owed)) if owed else []


def _accepted(model: Model, kept: Sequence[tuple[Branch, Configuration]]) -> Accepted:
    ends: list[Configuration] = []
    for _, end in kept:
        if end not in ends:
            ends.append(end)
    if len(ends) > TOO_MANY // 8:
        raise Undecidable(len(ends))
    common = [set(branch.requirements(model)) for branch, _ in kept]
    first = kept[0][0]
    return Accepted(tuple(ends), frozenset(set.union(*common)), tuple(t.id for t, _ in first.taken))


def _distance(broken: Sequence[Broken]) -> tuple[int, int]:
    severity = {"crash": 0, "state_wrong": 2}
    return sum(2 - severity.get(one.kind, 1) + 1 for one in broken), len(broken)


def describe(branch: Branch) -> str:
    """A branch in words: the callbacks it expects and the states it ends in."""
    callbacks = ", ".join(f"{owed.callback} of {owed.call}" for owed in branch.owed) or "no callback yet"
    return callbacks


def describe_seen(seen: Observation) -> str:
    """An observation in words."""
    if seen.thrown is not None:
        return f"the call threw {seen.thrown}"
    return ", ".join(f"{one.callback} of {one.call}" for one in seen.settled) or "no callback"


def _contract_kinds(model: Model, step: Call | Happening, seen: Observation) -> Iterator[str]:
    if isinstance(step, Call):
        yield from _call_kinds(model, step, seen)
    for one in seen.settled:
        yield from ("callback_missing", "callback_repeated", "callback_both")
        if one.callback == "error":
            yield from ("error_empty", "error_undocumented", "failure_hidden")
        elif one.value is ABSENT:
            yield "success_value"
        else:
            yield from ("result_wrong", "result_changed")
    if seen.snapshot is not ABSENT:
        yield from ("record_lost", "record_changed", "identity_mixed", "state_wrong")


def _call_kinds(model: Model, step: Call, seen: Observation) -> Iterator[str]:
    yield _crash_kind(model, step)
    if not model.valid(step) and seen.snapshot is not ABSENT:
        yield "record_text"
    if not any(one.call == step.call for one in seen.settled) and len(step.callbacks) > 1:
        yield "callback_early"
    if step.method.result and step.method.result.get("returned"):
        yield "returned_wrong"
    if not step.callbacks:
        yield "callbacks_absent"


FORMAL = frozenset(
    ["success_value", "result_wrong", "result_changed", "returned_wrong", "error_empty", "error_undocumented"]
)
"""Kinds of misbehaviour that leave no doubt about what happened: the value is wrong, the step is right."""

_CROWDS = (24, 512)
"""Branches up to which every choice of calls that wait is followed: at first, and before anything is rejected."""

# Comparing one branch with an observation ---------------------------------------------------------------


def _compare(
    model: Model, branch: Branch, step: Call | Happening, seen: Observation
) -> tuple[list[Broken], Configuration]:
    if seen.thrown is not None:
        return [_crash(model, step, seen)], branch.end
    broken: list[Broken] = []
    end = _match_callbacks(model, branch, seen, broken)
    if isinstance(step, Call):
        _match_returned(model, branch, step, seen, broken)
    if seen.snapshot is not ABSENT:
        end = _match_snapshot(model, branch, end, seen.snapshot, broken)
    return broken, end


def _crash(model: Model, step: Call | Happening, seen: Observation) -> Broken:
    kind = _crash_kind(model, step) if isinstance(step, Call) else "crash_on_valid"
    return Broken(kind, model.contract[kind], "the call returns", f"it threw {seen.thrown}")


def _crash_kind(model: Model, call: Call) -> str:
    if len(call.arguments) < sum(1 for parameter in call.method.parameters if not parameter.optional):
        return "crash_on_missing"
    return "crash_on_valid" if model.valid(call) else "crash"


def _match_callbacks(model: Model, branch: Branch, seen: Observation, broken: list[Broken]) -> Configuration:
    remaining = list(seen.settled)
    end = branch.end
    for owed in branch.owed:
        mine = [one for one in remaining if one.call == owed.call]
        remaining = [one for one in remaining if one.call != owed.call]
        broken.extend(_judge_callbacks(model, branch, owed, mine))
        if len(mine) == 1:
            end = _learn(branch, owed, mine[0], end)
    for one in remaining:
        end = _unexpected(model, branch, one, end, broken)
    if branch.settled_world:
        broken.extend(_overdue(model, owed) for owed in end.free if owed.must_show)
    return end


def _judge_callbacks(model: Model, branch: Branch, owed: Owed, mine: Sequence[Settlement]) -> Iterator[Broken]:
    allowed = {"success", "error"} if owed.callback == "either" else {owed.callback}
    if not mine:
        if owed.must_show:
            yield _broken(model, "callback_missing", f"{owed.callback} of {owed.call}", "no callback at all")
        return
    if len(mine) > 1:
        kind = "callback_both" if len({one.callback for one in mine}) > 1 else "callback_repeated"
        shown = ", then ".join(one.callback for one in mine)
        yield _broken(model, kind, f"{owed.callback} of {owed.call}, once", shown)
        return
    if mine[0].callback not in allowed:
        yield _wrong_callback(model, owed, mine[0])
    else:
        yield from _judge_value(model, branch, owed, mine[0])


def _wrong_callback(model: Model, owed: Owed, one: Settlement) -> Broken:
    expected, observed = f"{owed.callback} of {owed.call}", f"{one.callback}{_with(one.value)}"
    return Broken("callback_wrong", owed.requirement, expected, observed)


def _judge_value(model: Model, branch: Branch, owed: Owed, one: Settlement) -> Iterator[Broken]:
    if one.callback == "error":
        yield from _judge_error(model, one)
    elif owed.result is None:
        if one.value is not ABSENT and one.value is not None:
            yield _broken(model, "success_value", "success without a value", f"success{_with(one.value)}")
    elif not model.result_agrees(owed, branch.world, one.value):
        expected = model.describe_result(owed, branch.world)
        yield Broken("result_wrong", owed.requirement, expected, f"success{_with(one.value)}")


def _judge_error(model: Model, one: Settlement) -> Iterator[Broken]:
    if one.value is ABSENT or one.value is None:
        yield _broken(model, "error_empty", "an error callback with an error", f"error{_with(one.value)}")
    elif not model.code_is_documented(one.value):
        yield _broken(model, "error_undocumented", "a documented error code", f"error{_with(one.value)}")


def _learn(branch: Branch, owed: Owed, one: Settlement, end: Configuration) -> Configuration:
    register = owed.reads
    if register is None or one.callback != "success" or one.value is ABSENT:
        return end
    _, value = settle(end.world.registers[register], one.value)
    return attrs.evolve(end, world=end.world.with_registers(**{register: value}))


def _unexpected(
    model: Model, branch: Branch, one: Settlement, end: Configuration, broken: list[Broken]
) -> Configuration:
    free = [owed for owed in end.free if owed.call == one.call]
    if free:
        return attrs.evolve(end, free=tuple(owed for owed in end.free if owed.call != one.call))
    waits = any(waiting.call == one.call and not waiting.spent for waiting in end.queue)
    kind = "callback_early" if waits else "callback_repeated" if one.call in branch.before.calls else "callback_unknown"
    expected = f"no callback of {one.call} before its outcome is known" if waits else f"no more callbacks of {one.call}"
    broken.append(_broken(model, kind, expected, f"{one.callback}{_with(one.value)}"))
    return end


def _overdue(model: Model, owed: Owed) -> Broken:
    return _broken(model, "callback_missing", f"a callback of {owed.call}, which was cancelled", "none")


def _match_returned(model: Model, branch: Branch, step: Call, seen: Observation, broken: list[Broken]) -> None:
    result = step.method.result
    if not result or not result.get("returned") or seen.promises:
        return
    for owed in branch.owed:
        agrees = owed.call == step.call and model.result_agrees(owed, branch.world, seen.returned)
        if owed.call == step.call and not agrees:
            expected = f"the call returns {model.describe_result(owed, branch.world)}"
            shown = "nothing was returned" if seen.returned is ABSENT else f"it returned {seen.returned!r}"
            broken.append(_broken(model, "returned_wrong", expected, shown))


def _broken(model: Model, kind: str, expected: str, observed: str, place: str = "") -> Broken:
    return Broken(kind, model.contract[kind], expected, observed, place)


def _with(value: Any) -> str:
    return "" if value is ABSENT else f" with {value!r}"


# Comparing what is kept ---------------------------------------------------------------------------------


def _match_snapshot(
    model: Model, branch: Branch, end: Configuration, snapshot: Mapping[str, Any], broken: list[Broken]
) -> Configuration:
    _match_states(model, branch, end, snapshot.get("state", {}), broken)
    world = _match_registers(model, branch, end.world, snapshot.get("registers", {}), broken)
    if model.collection in snapshot.get("records", {}):
        world = _match_records(model, branch, world, snapshot, broken)
    return attrs.evolve(end, world=world)


def _match_states(
    model: Model, branch: Branch, end: Configuration, shown: Mapping[str, Any], broken: list[Broken]
) -> None:
    for region in model.table.regions:
        state = end.states[region.position]
        if region.visibility == "shown" and region.name in shown and shown[region.name] != state:
            requirement = branch.requirement_of_region(region.position) or model.contract["state_wrong"]
            expected, observed = f"{region.name} is {state}", f"{region.name} is {shown[region.name]}"
            broken.append(Broken("state_wrong", requirement, expected, observed, region.name))


def _match_registers(
    model: Model, branch: Branch, world: World, shown: Mapping[str, Any], broken: list[Broken]
) -> World:
    settled = {}
    for name in shown.keys() & model.shown_registers:
        agrees, settled[name] = settle(world.registers[name], shown[name])
        if not agrees:
            expected, observed = f"{name} is {world.registers[name]!r}", f"{name} is {shown[name]!r}"
            broken.append(_record_broken(model, branch, name, world.registers[name], shown[name], expected, observed))
    return world.with_registers(**settled)


def _match_records(
    model: Model, branch: Branch, world: World, snapshot: Mapping[str, Any], broken: list[Broken]
) -> World:
    observed = list(snapshot["records"][model.collection])
    current = snapshot.get("current")
    records = dict(world.records)
    for number, record in sorted(world.records.items(), key=lambda item: item[0] != world.current):
        index = _partner(record, observed, prefer=current if number == world.current else None)
        if index is None:
            broken.append(_lost_record(model, branch, record))
            continue
        records[number] = _match_record(model, branch, record, observed[index], broken)
        observed[index] = None
    broken.extend(_extra_record(model, branch, record) for record in observed if record is not None)
    if "current" in snapshot and (current is None) != (world.current is None):
        broken.append(_wrong_current(model, branch, world, current))
    return attrs.evolve(world, records=records)


def _partner(record: Record, observed: Sequence[Any], prefer: int | None) -> int | None:
    if prefer is not None and prefer < len(observed) and observed[prefer] is not None:
        return prefer
    candidates = [index for index, other in enumerate(observed) if other is not None]
    scored = sorted(candidates, key=lambda index: -_likeness(record, observed[index]))
    return scored[0] if scored and _likeness(record, observed[scored[0]]) > 0 else None


def _likeness(record: Record, other: Mapping[str, Any]) -> int:
    agree = [settle(value, other.get(field))[0] for field, value in record.items()]
    scalar = [settle(v, other.get(f))[0] for f, v in record.items() if not isinstance(v, (dict, list))]
    return sum(agree) if all(scalar) else 0


def _match_record(
    model: Model, branch: Branch, record: Record, other: Mapping[str, Any], broken: list[Broken]
) -> Record:
    settled = {}
    for field in record.keys() | other.keys():
        expected, observed = record.get(field), other.get(field)
        agrees, settled[field] = settle(expected, observed)
        if not agrees:
            broken.append(_field_broken(model, branch, field, expected, observed))
    return {field: settled[field] for field in record}


def _field_broken(model: Model, branch: Branch, field: str, expected: Any, observed: Any) -> Broken:
    whose = f"{model.collection} record"
    return _record_broken(
        model, branch, field, expected, observed, f"{whose} has {field} {expected!r}", f"it has {observed!r}"
    )


def _record_broken(
    model: Model, branch: Branch, field: str, value: Any, other: Any, expected: str, observed: str
) -> Broken:
    kind = _record_kind(value, other)
    requirement = branch.requirement_of_field(model, field)
    if requirement is None or kind == "record_text":
        requirement = model.contract[kind]
    return Broken(kind, requirement, expected, observed, field)


def _record_kind(expected: Any, observed: Any) -> str:
    if _turned_into_text(expected, observed):
        return "record_text"
    if _emptier(observed, expected):
        return "record_lost"
    return "record_invented" if _emptier(expected, observed) else "record_changed"


def _turned_into_text(expected: Any, observed: Any) -> bool:
    if isinstance(observed, str):
        return not isinstance(expected, str) and observed in ("null", "undefined", "None", str(expected))
    if isinstance(observed, Mapping):
        expected = expected if isinstance(expected, Mapping) else {}
        return any(_turned_into_text(expected.get(key), value) for key, value in observed.items())
    if isinstance(observed, list) and isinstance(expected, list):
        return any(_turned_into_text(a, b) for a, b in zip(expected, observed, strict=False))
    return False


def _emptier(less: Any, more: Any) -> bool:
    if isinstance(less, Mapping) and isinstance(more, Mapping):
        return less.keys() < more.keys()
    if isinstance(less, list) and isinstance(more, list):
        return len(less) < len(more)
    return less is None and more is not None


def _lost_record(model: Model, branch: Branch, record: Record) -> Broken:
    requirement = branch.requirement_of_field(model, WHOLE_RECORD) or model.contract["record_lost"]
    return Broken("record_lost", requirement, f"there is {_named(record)}", "it is not there", model.collection)


def _extra_record(model: Model, branch: Branch, record: Mapping[str, Any]) -> Broken:
    requirement = branch.requirement_of_field(model, WHOLE_RECORD) or branch.main_requirement
    observed = f"there is also {_named(record)}"
    return Broken("record_extra", requirement, f"no other {model.collection}", observed, model.collection)


def _wrong_current(model: Model, branch: Branch, world: World, current: int | None) -> Broken:
    expected = "nobody is current" if world.current is None else f"{_named(world.records[world.current])} is current"
    observed = "nobody is current" if current is None else f"record {current} is current"
    requirement = branch.requirement_of_field(model, WHOLE_RECORD) or branch.main_requirement
    return Broken("state_wrong", requirement, expected, observed, "current")


def _named(record: Mapping[str, Any]) -> str:
    filled = {field: value for field, value in record.items() if value not in (None, {}, [])}
    return repr(filled)
