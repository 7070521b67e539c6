"""What a binding answers to an input, reduced to what a learned machine is made of.

An output has the callbacks that ran, the states that are shown, who the current record is, and which effects
arrived: records that are new or gone, and lists that grew or shrank. What records and callbacks hold beyond that is
judged as everywhere, and is no part of a machine: else every value that was ever stored would make new states.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from intercom_conformance.oracle import UNCERTAIN, Observation
from intercom_conformance.oracle.wording import named

__all__ = [
    "DOWN",
    "FULL",
    "UNTOLD",
    "Output",
    "Records",
    "aspects",
    "current_of",
    "effects_of",
    "is_certain",
    "output_of",
    "records_of",
]

UNTOLD = "untold"
"""Stands for the callback of a call whose outcome the binding cannot know, or its API does not tell."""

_OLDEST = 3
"""How old a call may be before its age is told as this."""

_LONGEST = 200

Records: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]


@attrs.frozen
class Output:
    """What is seen of one input; hashable, and small.

    `callbacks` are pairs of a call's age and a callback: 0 is the call at hand, 1 the one before that still had no
    answer. `state` are pairs of region and state; `current` is the current record by its single values as JSON, None
    if that is not shown; `effects` are in words. `ended` tells how the binding went down, or why nothing was asked.
    """

    callbacks: tuple[tuple[int, str], ...] = ()
    thrown: bool = False
    state: tuple[tuple[str, str], ...] = ()
    current: str | None = None
    effects: tuple[str, ...] = ()
    ended: str = ""

    @property
    def answer(self) -> str:
        """What an app hears, in words."""
        if self.ended or self.thrown:
            return self.ended or "throws"
        heard = [f"{callback}{' of an earlier call' if age else ''}" for age, callback in self.callbacks]
        return ", ".join(heard) or "no callback"

    @property
    def facts(self) -> dict[str, str]:
        """What is shown after it, in words by name."""
        return dict(self.state) | ({} if self.current is None else {"current": self.current})

    def document(self) -> dict[str, Any]:
        """The output as JSON; parts that say nothing are left out."""
        body = {
            "callbacks": [{"age": age, "callback": callback} for age, callback in self.callbacks],
            "thrown": self.thrown,
            "state": dict(self.state),
            "current": self.current,
            "effects": list(self.effects),
            "ended": self.ended,
        }
        return {name: value for name, value in body.items() if value}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Output:
        """The output in a document that is valid against the schema of machines."""
        return cls(
            callbacks=tuple((one["age"], one["callback"]) for one in document.get("callbacks", ())),
            thrown=document.get("thrown", False),
            state=tuple(sorted(document.get("state", {}).items())),
            current=document.get("current"),
            effects=tuple(document.get("effects", ())),
            ended=document.get("ended", ""),
        )


DOWN = Output(ended="is down")
"""The output after a binding went down, until the next reset."""

FULL = Output(ended="not asked, as an earlier call waits")
"""The output to a call that is not made; the kit, not the binding, gives it."""


def output_of(seen: Observation, unanswered: Sequence[str], before: Records) -> Output:
    """The output that an observation is.

    Args:
        seen: what was observed of a step.
        unanswered: the calls without an answer until then, the latest last, with the one at hand.
        before: the records that were shown before the step.
    """
    shown = seen.snapshot if isinstance(seen.snapshot, Mapping) else {}
    records = records_of(seen.snapshot)
    return Output(
        callbacks=tuple(sorted(_callbacks(seen, unanswered))),
        thrown=seen.thrown is not None,
        state=tuple(sorted((str(region), _short(state)) for region, state in _mapping(shown.get("state")).items())),
        current=_current(records, shown) if "current" in shown else None,
        effects=effects_of(before, records) if records else (),
    )


def _callbacks(seen: Observation, unanswered: Sequence[str]) -> Iterator[tuple[int, str]]:
    for one in seen.settled:
        age = unanswered[::-1].index(one.call) if one.call in unanswered else _OLDEST
        yield min(age, _OLDEST), UNTOLD if one.call in seen.unheard else one.callback
    latest = unanswered[-1:]
    if set(latest) & seen.unheard - {one.call for one in seen.settled}:
        yield 0, UNTOLD


def records_of(snapshot: Any) -> Records:
    """The records of a snapshot by collection; what has another shape is no record."""
    shown = _mapping(snapshot.get("records")) if isinstance(snapshot, Mapping) else {}
    return {
        str(name): [one for one in records if isinstance(one, Mapping)]
        for name, records in shown.items()
        if isinstance(records, list)
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text[:_LONGEST]


def _current(records: Records, shown: Mapping[str, Any]) -> str:
    first, index = next(iter(records.values()), ()), shown["current"]
    known = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(first)
    return current_of(first[index]) if known else current_of(None)


def current_of(record: Mapping[str, Any] | None) -> str:
    """The current record by the fields that hold a single value, as JSON; null if nobody is current."""
    return "null" if record is None else _short(named(record))


def effects_of(before: Records, after: Records) -> tuple[str, ...]:
    """Which effects arrived between two sets of records, in words.

    A record is known by its single values, so that one of which these change counts as gone and new.
    """
    return tuple(effect for name in sorted(before.keys() | after.keys()) for effect in _effects(name, before, after))


def _effects(name: str, before: Records, after: Records) -> Iterator[str]:
    old, new = before.get(name, ()), after.get(name, ())
    one, other = Counter(map(current_of, old)), Counter(map(current_of, new))
    yield from (f"{name}: {record} is gone" for record in sorted((one - other).keys()))
    yield from (f"{name}: {record} is new" for record in sorted((other - one).keys()))
    for field in sorted(_lists(old) | _lists(new)):
        grown = _items(new, field) - _items(old, field)
        if grown:
            yield f"{name}: {field} {'arrives' if grown > 0 else 'is lost'}"


def _lists(records: Iterable[Mapping[str, Any]]) -> set[str]:
    return {field for record in records for field, value in record.items() if isinstance(value, list)}


def _items(records: Iterable[Mapping[str, Any]], field: str) -> int:
    return sum(len(record[field]) for record in records if isinstance(record.get(field), list))


def is_certain(records: Records) -> bool:
    """Whether nothing is left open in records of what an output tells of them: single values and lists."""
    values = (value for every in records.values() for one in every for value in one.values())
    return not any(_holds(value, UNCERTAIN) for value in values if not isinstance(value, Mapping))


def _holds(value: Any, mark: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(part, mark) for part in value.values())
    return value is mark or (isinstance(value, list | tuple) and any(_holds(part, mark) for part in value))


def aspects(one: Output, other: Output) -> Iterator[tuple[str, str, str]]:
    """In which parts two outputs differ, and how each is told; a part that only one can show is no difference."""
    if one.ended or other.ended:
        yield from () if one.ended == other.ended else [("how it ends", one.answer, other.answer)]
        return
    if (one.thrown, _heard(one, other)) != (other.thrown, _heard(other, one)):
        yield "callbacks", one.answer, other.answer
    left, right = one.facts, other.facts
    for name in sorted(left.keys() & right.keys()):
        if left[name] != right[name]:
            yield name, f"{name} is {left[name]}", f"{name} is {right[name]}"
    if one.current is not None and other.current is not None and one.effects != other.effects:
        yield "effects", _listed(one.effects), _listed(other.effects)


def _heard(one: Output, other: Output) -> list[tuple[int, str]]:
    """The callbacks of an output, but for those whose kind the other, or itself, cannot know."""
    untold = {age for each in (one, other) for age, callback in each.callbacks if callback == UNTOLD}
    return [(age, callback) for age, callback in one.callbacks if age not in untold]


def _listed(effects: Sequence[str]) -> str:
    return "; ".join(effects) or "no effect"
