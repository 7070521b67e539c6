"""Compares one branch of a step, a thing that the specification allows, with what was seen.

`compare` gives what is broken if the branch was meant, and the configuration after the step with its doubts
settled. Whose fault something is, is told by the requirement that stands nearest: that of the transition or
effect that should have brought it about; where none did, that of the region or register, of the step as a
whole, or of the contract for this kind of misbehaviour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import (
    Branch,
    Call,
    Configuration,
    Happening,
    Owed,
    Waiting,
    World,
    released,
)
from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.observing import Broken, Observation, Settlement
from intercom_conformance.oracle.wording import Difference, differences, named, text, with_value
from intercom_conformance.oracle.world import GONE_RECORD, WHOLE_RECORD, Record, settle

__all__ = ["compare", "crash_kind"]


def compare(
    model: Model, branch: Branch, step: Call | Happening, seen: Observation, *, briefly: bool = False
) -> tuple[list[Broken], Configuration]:
    """What is broken if a branch is what was meant, and where the binding stands then.

    Briefly, what is kept is not looked at any more once a callback or result has shown that the branch was not meant.
    """
    case = _Case(model, branch, step)
    if seen.thrown is not None:
        return [case.crash(seen.thrown)], branch.end
    broken: list[Broken] = []
    end = _match_callbacks(case, seen, broken)
    if isinstance(step, Call):
        _match_returned(case, step, seen, broken)
    if seen.snapshot is not ABSENT and not (briefly and broken):
        end = _match_snapshot(case, end, seen.snapshot, broken)
    return broken, end


def crash_kind(model: Model, call: Call) -> str:
    """The kind of misbehaviour that it is to go down in a call, by its arguments and callbacks."""
    kind = _crash_kind(model, call)
    general = "crash_on_valid" if kind == "callbacks_absent" else "crash"
    return kind if kind in model.contract else general


def _crash_kind(model: Model, call: Call) -> str:
    if len(call.arguments) < sum(1 for parameter in call.method.parameters if not parameter.optional):
        return "crash_on_missing"
    if call.invalid:
        return _crash_kind_of([call.named.get(name) for name in call.invalid])
    if not all(_is_plain(argument) for argument in call.arguments):
        return "crash"
    if any(argument is None for argument in call.arguments):
        return "crash_on_null"
    return "crash_on_valid" if len(call.callbacks) > 1 else "callbacks_absent"


def _crash_kind_of(values: Sequence[Any]) -> str:
    """The kind of a crash by the arguments that are not valid."""
    if any(value is None for value in values):
        return "crash_on_null"
    if any(isinstance(value, bool) for value in values):
        return "crash_on_boolean"
    if any(isinstance(value, int | float) for value in values):
        return "crash_on_number"
    return "crash_on_empty_text" if "" in values else "crash"


def _is_plain(value: Any) -> bool:
    """Whether a value has no text but plain ASCII in it."""
    if isinstance(value, Mapping):
        return all(_is_plain(part) for entry in value.items() for part in entry)
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return not isinstance(value, str) or (value.isascii() and value.isprintable())


@attrs.frozen
class _Case:
    """A branch of a step, and whom to blame when it is not what was seen."""

    model: Model
    branch: Branch
    step: Call | Happening

    def broken(self, kind: str, expected: str, observed: str, place: str = "") -> Broken:
        """Something that breaks the contract, whatever the call."""
        return Broken(kind, self.model.contract[kind], expected, observed, place)

    def crash(self, thrown: Any) -> Broken:
        """The call threw something at the app."""
        kind = crash_kind(self.model, self.step) if isinstance(self.step, Call) else "crash_on_valid"
        return self.broken(kind, "the call returns", f"it threw {thrown}")

    def contract(self, kind: str, general: str) -> str:
        """The contract's requirement for a kind, or for a more general kind if it does not name that one."""
        contract = self.model.contract
        return contract.get(kind) or contract[general]

    def of_callback(self, owed: Owed, seen: Settlement) -> str:
        """Whose fault another callback is; an error may come of what had to be tried before success."""
        trying = [transition.requirement for transition, one in self.branch.taken if one.again]
        gave_up = owed.callback == "success" and seen.callback == "error"
        return trying[0] if trying and gave_up else owed.requirement

    def of_region(self, position: int) -> str:
        """Whose fault it is that a region is in another state."""
        found = self.branch.requirement_of_region(position)
        region = self.model.table.regions[position]
        # A requirement that does not bind accounts for no move but its own.
        if found and (self.model.spec.requirements[found].binding or self.branch.moves(position)):
            return found
        return self.unaccounted("state_wrong", self.model.spec.chart["regions"][region.name])

    def of_register(self, name: str, kind: str) -> str:
        """Whose fault it is that a register has another value."""
        found = self.branch.requirement_of_field(self.model, name)
        if kind == "record_text":
            return self.model.contract[kind]
        return found or self.unaccounted(kind, self.model.spec.chart["registers"][name])

    def of_field(self, field: str, difference: Difference) -> str:
        """Whose fault it is that a field of a record has another value."""
        found, kind = self.branch.requirement_of_field(self.model, field), difference.kind
        if kind == "record_text":
            return self.model.contract[kind]
        if kind == "record_reordered":
            return self.contract(kind, "record_changed")
        if found is None:
            return self.unaccounted(kind, {})
        return found if difference.place == field else self.model.contract[kind]

    def of_record(self) -> str:
        """Whose fault it is that there is a record too many or too few."""
        kinds = (WHOLE_RECORD, GONE_RECORD)
        found = (self.branch.requirement_of_field(self.model, kind) for kind in kinds)
        return next(filter(None, found), None) or self.unaccounted("record_changed", {})

    def unaccounted(self, kind: str, document: Mapping[str, Any]) -> str:
        """Whose fault a change is that nothing in the step accounts for."""
        if document.get("requirement"):
            return str(document["requirement"])
        if isinstance(self.step, Happening):
            return self._by_itself(kind, self.step)
        # A requirement that merely permits something cannot be broken by something else.
        if not self.branch.taken:
            return self.model.contract[kind]
        main = self.branch.main_requirement
        return main if self.model.spec.requirements[main].binding else self.model.contract[kind]

    def _by_itself(self, kind: str, step: Happening) -> str:
        """The same for a change without a call: one that was cancelled may have had an effect after all."""
        retried = "retries" in self.model.environment[step.event]
        late = retried and self.branch.before.epoch > 0
        return self.contract("cancelled_acts", kind) if late else self.model.contract[kind]


# Callbacks and results ----------------------------------------------------------------------------------


def _match_callbacks(case: _Case, seen: Observation, broken: list[Broken]) -> Configuration:
    remaining = list(seen.settled)
    end = case.branch.end
    dues = [*end.late, *case.branch.owed]
    if end.late or seen.kept:
        end = attrs.evolve(end, late=tuple(due for due in dues if due.call in seen.kept))
    judged: list[_Judged] = []
    for due in dues:
        if due.call in seen.kept:
            continue
        owed = _of_unheard(due) if due.call in seen.unheard else due
        mine = [one for one in remaining if one.call == owed.call]
        remaining = [one for one in remaining if one.call != owed.call]
        judged.append(_Judged(owed, mine, list(_judge_callbacks(case, owed, mine))))
        if len(mine) == 1:
            end = _learn(owed, mine[0], end)
    wrong = [one for one in judged if one.broken]
    broken.extend(_swapped(case, wrong) or [one for each in wrong for one in each.broken])
    for one in remaining:
        end = _unexpected(case, one, end, broken, unheard=one.call in seen.unheard)
    if seen.unheard:
        broken.extend(_owed_at_once(case, seen))
    withheld = seen.kept.keys() | seen.unasked
    if case.branch.settled_world:
        broken.extend(_overdue(case, owed) for owed in end.free if owed.must_show and owed.call not in withheld)
    return end


def _owed_at_once(case: _Case, seen: Observation) -> Iterator[Broken]:
    """What is missing of a call that waits, though its binding will never hear more of it than it has."""
    answered = {one.call for one in seen.settled}
    for waiting in case.branch.end.queue:
        if waiting.call in seen.unheard - answered and not waiting.spent:
            owed = released(waiting, case.branch.end.world)
            if owed.must_show:
                yield case.broken("callback_missing", _due(owed), "no callback")


def _of_unheard(owed: Owed) -> Owed:
    """What is owed where the binding cannot know the outcome: either callback, without a value."""
    return attrs.evolve(owed, callback="either", result=None)


@attrs.frozen
class _Judged:
    owed: Owed
    mine: Sequence[Settlement]
    broken: Sequence[Broken]


def _judge_callbacks(case: _Case, owed: Owed, mine: Sequence[Settlement]) -> Iterator[Broken]:
    allowed = {"success", "error"} if owed.callback == "either" else {owed.callback}
    if not mine:
        if owed.must_show:
            yield case.broken("callback_missing", _due(owed), "no callback")
    elif len(mine) > 1:
        kind = "callback_both" if len({one.callback for one in mine}) > 1 else "callback_repeated"
        yield case.broken(kind, f"{_due(owed)}, once", ", then ".join(one.callback for one in mine))
    elif mine[0].callback not in allowed:
        observed = with_value(mine[0].callback, mine[0].value)
        yield Broken("callback_wrong", case.of_callback(owed, mine[0]), _due(owed), observed)
    else:
        yield from _judge_value(case, owed, mine[0])


def _due(owed: Owed) -> str:
    return f"{'success or error' if owed.callback == 'either' else owed.callback} of {owed.call}"


def _judge_value(case: _Case, owed: Owed, one: Settlement) -> Iterator[Broken]:
    if one.callback == "error":
        yield from _judge_error(case, one)
    elif owed.result is None:
        if one.value not in (ABSENT, None, UNCERTAIN):
            expected = f"success of {one.call} without a value"
            yield case.broken("success_value", expected, with_value(one.callback, one.value))
    elif not case.model.result_agrees(owed, one.value):
        expected = case.model.describe_result(owed)
        wrong_type = not case.model.has_result_type(owed, one.value)
        requirement = case.model.contract["result_wrong"] if wrong_type else owed.requirement
        observed = with_value(one.callback, one.value)
        yield Broken("result_wrong", requirement, f"success of {one.call} with {expected}", observed)


def _judge_error(case: _Case, one: Settlement) -> Iterator[Broken]:
    if one.value is ABSENT or one.value is None:
        expected = f"error of {one.call} with a value that tells what went wrong"
        yield case.broken("error_empty", expected, with_value(one.callback, one.value))
    elif not case.model.code_is_documented(one.value):
        expected = f"error of {one.call} with a code that is documented"
        yield case.broken("error_undocumented", expected, with_value(one.callback, one.value))


def _swapped(case: _Case, wrong: Sequence[_Judged]) -> list[Broken]:
    """What is broken if two calls were given each other's answers, and nothing else is wrong with them."""
    if len(wrong) != 2 or any(len(one.mine) != 1 for one in wrong):
        return []
    for one, other in combinations(wrong, 2):
        exchanged = [(one.owed, other.mine[0]), (other.owed, one.mine[0])]
        if not any(list(_judge_callbacks(case, owed, [seen])) for owed, seen in exchanged):
            requirement = case.contract("callback_swapped", "result_wrong")
            expected, observed = one.broken[0].expected, one.broken[0].observed
            shown = f"{observed}, which belongs to {other.owed.call}"
            return [Broken("callback_swapped", requirement, expected, shown)]
    return []


def _learn(owed: Owed, one: Settlement, end: Configuration) -> Configuration:
    register = owed.reads
    if register is None or one.callback != "success" or one.value is ABSENT:
        return end
    _, value = settle(end.world.registers[register], one.value)
    return attrs.evolve(end, world=end.world.with_registers(**{register: value}))


def _unexpected(
    case: _Case, one: Settlement, end: Configuration, broken: list[Broken], *, unheard: bool
) -> Configuration:
    if any(owed.call == one.call for owed in end.free):
        return attrs.evolve(end, free=tuple(owed for owed in end.free if owed.call != one.call))
    observed = with_value(f"{one.callback} of {one.call}", one.value)
    waiting = next((each for each in end.queue if each.call == one.call and not each.spent), None)
    kept = next((owed for owed in end.late if owed.call == one.call), None)
    if kept is not None:
        end = attrs.evolve(end, late=tuple(owed for owed in end.late if owed is not kept))
        expected = "no callback before the answer has come"
        broken.append(case.broken("callback_early", expected, observed))
    elif waiting is not None:
        if unheard:
            broken.extend(_judge_value(case, released(waiting, end.world), one))
            return attrs.evolve(end, queue=tuple(_spent(each, one.call) for each in end.queue))
        expected = "no callback before the outcome is known"
        broken.append(Broken("callback_early", _of_early(case, one), expected, observed))
    else:
        known = one.call in case.branch.before.calls
        kind = "callback_repeated" if known else "callback_unknown"
        expected = f"no further callback of {one.call}" if known else "callbacks of calls that were made"
        broken.append(case.broken(kind, expected, observed))
    return end


def _spent(waiting: Waiting, call: str) -> Waiting:
    """A call that waits, once its callback has run."""
    return attrs.evolve(waiting, spent=True) if waiting.call == call else waiting


def _of_early(case: _Case, one: Settlement) -> str:
    """Whose fault it is to call back too early; with an error, that of giving up what is still tried."""
    waiting = [transition.requirement for transition, alternative in case.branch.taken if alternative.defer]
    return waiting[-1] if waiting and one.callback == "error" else case.model.contract["callback_early"]


def _overdue(case: _Case, owed: Owed) -> Broken:
    expected = f"success or error of {owed.call}, even though its user has gone"
    return case.broken("callback_missing", expected, "no callback")


def _match_returned(case: _Case, step: Call, seen: Observation, broken: list[Broken]) -> None:
    result = step.method.result
    if not result or not result.get("returned") or seen.promises:
        return
    for owed in case.branch.owed:
        agrees = owed.call != step.call or case.model.result_agrees(owed, seen.returned)
        if not agrees:
            expected = f"the call returns {case.model.describe_result(owed)}"
            shown = "nothing" if seen.returned is ABSENT else text(seen.returned)
            observed = f"it returned {shown}"
            broken.append(case.broken("returned_wrong", expected, observed))


# What is kept -------------------------------------------------------------------------------------------


def _match_snapshot(
    case: _Case, end: Configuration, snapshot: Mapping[str, Any], broken: list[Broken]
) -> Configuration:
    _match_states(case, end, snapshot.get("state", {}), broken)
    world = _match_registers(case, end.world, snapshot.get("registers", {}), broken)
    if case.model.collection in snapshot.get("records", {}):
        world = _match_records(case, world, snapshot, broken)
    if world is end.world:
        return end
    return Configuration(end.states, world, end.queue, end.remembered, end.free, end.calls, end.epoch, end.late)


def _match_states(case: _Case, end: Configuration, shown: Mapping[str, Any], broken: list[Broken]) -> None:
    for region in case.model.table.regions:
        state = end.states[region.position]
        if region.visibility == "shown" and region.name in shown and shown[region.name] != state:
            expected, observed = f"{region.name} is {state}", f"{region.name} is {shown[region.name]}"
            requirement = case.of_region(region.position)
            broken.append(Broken("state_wrong", requirement, expected, observed, region.name))


def _match_registers(case: _Case, world: World, shown: Mapping[str, Any], broken: list[Broken]) -> World:
    settled = {}
    for name in case.model.shown_registers:
        if name not in shown or shown[name] is world.registers[name]:
            continue
        agrees, value = settle(world.registers[name], shown[name])
        if value is not world.registers[name]:
            settled[name] = value
        if not agrees:
            difference = _first_difference(world.registers[name], shown[name], name)
            expected, observed = difference.told("", "is")
            requirement = case.of_register(name, difference.kind)
            broken.append(Broken(difference.kind, requirement, expected, observed, name))
    return world.with_registers(**settled) if settled else world


def _match_records(case: _Case, world: World, snapshot: Mapping[str, Any], broken: list[Broken]) -> World:
    observed = list(snapshot["records"][case.model.collection])
    current = snapshot.get("current")
    if _to_the_letter(world, observed, current):
        return world
    mistaken = _mistaken(world, observed, current)
    if mistaken is not None:
        broken.append(_mixed_up(case, world, mistaken))
    records = dict(world.records)
    for number, record in sorted(world.records.items(), key=lambda item: item[0] != world.current):
        preferred = current if number == world.current and mistaken is None else None
        index = _partner(record, observed, preferred)
        if index is None:
            broken.append(_lost_record(case, record, other=_is_other(world, number)))
            continue
        records[number] = _match_record(case, record, observed[index], broken, other=_is_other(world, number))
        observed[index] = None
    broken.extend(_extra_record(case, world, record) for record in observed if record is not None)
    if "current" in snapshot and (current is None) != (world.current is None):
        broken.append(_wrong_current(case, world, snapshot))
    return World(records, world.current, world.registers, world.previous, world.created)


def _to_the_letter(world: World, observed: list[Any], current: int | None) -> bool:
    """Whether exactly what is expected is shown, as nearly always: much quicker told than record by record."""
    place = None if world.current is None else list(world.records).index(world.current)
    return place == current and repr(list(world.records.values())) == repr(observed)


def _is_other(world: World, number: int) -> bool:
    """Whether a record is that of somebody else than who is there; no effect ever touches one."""
    return world.current is not None and number != world.current


def _mistaken(world: World, observed: Sequence[Any], current: int | None) -> Mapping[str, Any] | None:
    """The record that is shown as the current one, if by its single values it is another that is known."""
    if world.current is None or current is None or current >= len(observed):
        return None
    shown: Mapping[str, Any] = observed[current]
    if _alike(world.records[world.current], shown):
        return None
    return shown if any(_alike(one, shown) for one in world.records.values()) else None


def _mixed_up(case: _Case, world: World, other: Mapping[str, Any]) -> Broken:
    expected = f"{named(world.records[world.current or 0])} is current"
    return case.broken("identity_mixed", expected, f"{named(other)} is current", "current")


def _partner(record: Record, observed: Sequence[Any], prefer: int | None) -> int | None:
    if prefer is not None and prefer < len(observed) and observed[prefer] is not None:
        return prefer
    candidates = [index for index, other in enumerate(observed) if other is not None]
    scored = sorted(candidates, key=lambda index: -_likeness(record, observed[index]))
    return scored[0] if scored and _likeness(record, observed[scored[0]]) > 0 else None


def _alike(record: Record, other: Mapping[str, Any]) -> bool:
    """Whether every field that holds a single value agrees."""
    return all(settle(v, other.get(f))[0] for f, v in record.items() if not isinstance(v, dict | list))


def _likeness(record: Record, other: Mapping[str, Any]) -> int:
    """How many fields agree; none, if one that holds a single value does not."""
    agreed = 0
    for field, value in record.items():
        if settle(value, other.get(field))[0]:
            agreed += 1
        elif not isinstance(value, dict | list):
            return 0
    return agreed


def _match_record(case: _Case, record: Record, seen: Mapping[str, Any], broken: list[Broken], *, other: bool) -> Record:
    if repr(record) == repr(seen):  # alike to the letter, as nearly always: much quicker than field by field
        return record
    settled, wrong = {}, []
    for field in sorted(record.keys() | seen.keys()):
        agrees, settled[field] = settle(record.get(field), seen.get(field))
        if not agrees:
            wrong.append((field, _first_difference(record.get(field), seen.get(field), field)))
    for field, difference in sorted(wrong, key=lambda one: one[1].rank):
        broken.append(_field_broken(case, record, field, difference, other=other))
    return {field: settled[field] for field in record}


def _field_broken(case: _Case, record: Record, field: str, difference: Difference, *, other: bool) -> Broken:
    expected, observed = difference.told(named(record), "has")
    if other:
        return case.broken("identity_mixed", expected, observed, field)
    return Broken(difference.kind, case.of_field(field, difference), expected, observed, field)


def _first_difference(expected: Any, observed: Any, place: str) -> Difference:
    """The difference that tells most; values that are alike in all their parts differ as a whole."""
    found = sorted(differences(expected, observed, place), key=lambda one: one.rank)
    return found[0] if found else Difference(place, expected, observed)


def _lost_record(case: _Case, record: Record, *, other: bool) -> Broken:
    collection = case.model.collection
    expected, observed = f"{collection} hold {named(record)}", "it is not there"
    if other:
        return case.broken("identity_mixed", expected, observed, collection)
    return Broken("record_lost", case.of_record(), expected, observed, collection)


def _extra_record(case: _Case, world: World, record: Mapping[str, Any]) -> Broken:
    collection = case.model.collection
    touched = (case.branch.requirement_of_field(case.model, kind) for kind in (GONE_RECORD, WHOLE_RECORD))
    requirement = next(filter(None, touched), None)
    if requirement is None and world.current is None and "record_extra" in case.model.contract:
        requirement = case.model.contract["record_extra"]
    expected, observed = f"{collection} hold nothing else", f"there is also {named(record)}"
    return Broken("record_extra", requirement or case.of_record(), expected, observed, collection)


def _wrong_current(case: _Case, world: World, snapshot: Mapping[str, Any]) -> Broken:
    records, current = snapshot["records"][case.model.collection], snapshot["current"]
    expected = "nobody" if world.current is None else named(world.records[world.current])
    observed = "nobody" if current is None or current >= len(records) else named(records[current])
    return Broken("state_wrong", case.of_record(), f"{expected} is current", f"{observed} is current", "current")
