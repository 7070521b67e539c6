"""Where a specification may bring an implementation, in few words: an over-approximation, so that a proof may use it.

A *place* is where the regions stand that rules ask about, whether calls wait, whether a call is remembered, and
whether some record is current. Every row of the table may happen in every place that fits it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import attrs

from intercom_conformance.oracle.model import Model
from intercom_conformance.oracle.table import FLAGS, Alternative, Answers, Atom, Outcome, regions_asked
from intercom_conformance.specs.answers import answers_to, leaves_of, truth_of

__all__ = ["Kept", "Places", "facts_in", "filed", "flags_of"]

Json = Any
States = tuple[str, ...]


@attrs.frozen
class Kept:
    """What is kept beside the states: whether calls wait, whether one is remembered, whether a record is current."""

    waiting: bool = False
    remembered: bool = False
    current: bool = False


@attrs.frozen(eq=False, slots=False)
class Places:
    """The places of a specification."""

    model: Model

    @cached_property
    def deciding(self) -> tuple[int, ...]:
        """The positions of the regions that rules ask about."""
        names = {name for body in (*self._bodies(), *self._conditions()) for name in regions_asked(body)}
        return tuple(one.position for one in self.model.table.regions if one.name in names)

    def _bodies(self) -> Sequence[Json]:
        bodies: Sequence[Json] = self.model.spec.chart["transitions"]
        return bodies

    def _conditions(self) -> Sequence[Json]:
        return list(self.model.spec.chart.get("conditions", {}).values())

    def kept(self, states: States) -> frozenset[Kept]:
        """What may be kept while the regions stand so; nothing if they never do."""
        return self._found.get(self._shadow(states), frozenset())

    def remembers(self, states: States) -> bool:
        """Whether it may matter there which call is remembered: it may be taken up again before it is replaced."""
        return self._shadow(states) in self._remembering

    @cached_property
    def _remembering(self) -> frozenset[States]:
        _ = self._found
        found = {place for place, flags, _ in self._steps if _takes_up(flags)}
        onward = [(place, after) for place, flags, after in self._steps if not flags & _REPLACING]
        size = -1
        while size != len(found):
            size = len(found)
            found |= {place for place, after in onward if after in found}
        return frozenset(found)

    @cached_property
    def _steps(self) -> set[tuple[States, frozenset[str], States]]:
        """The steps that were found to be possible, each with what it does to calls that wait."""
        return set()

    def _shadow(self, states: States) -> States:
        return tuple(states[position] for position in self.deciding)

    @cached_property
    def _found(self) -> Mapping[States, frozenset[Kept]]:
        start = (self._shadow(self.model.table.initial), Kept())
        found, waiting = {start}, [start]
        while waiting:
            place = waiting.pop()
            for after in self._next(*place):
                if after not in found:
                    found.add(after)
                    waiting.append(after)
        return {
            states: frozenset(kept for other, kept in found if other == states) for states in {one for one, _ in found}
        }

    def _next(self, shadow: States, kept: Kept) -> Iterator[tuple[States, Kept]]:
        for event, rows in self._rows.items():
            for answers in rows:
                if kept.current or self._possible_for_nobody(event, answers):
                    for states, change in self._changes(shadow, event, answers):
                        self._steps.add((shadow, change.flags, states))
                        yield from ((states, one) for one in change(kept))

    @cached_property
    def _rows(self) -> Mapping[str, tuple[Answers, ...]]:
        return {event: answers_to(self.model, event) for event in self.model.table.atoms}

    @cached_property
    def _known(self) -> dict[Any, list[Any]]:
        return {}

    def _changes(self, shadow: States, event: str, answers: Answers) -> list[Any]:
        """What a row may make of a place, whichever states the other regions are in."""
        key = (shadow, event, answers)
        if key not in self._known:
            found: dict[tuple[States, _Change], None] = {}
            for states in self._full(shadow, event):
                for outcome in self.model.table.outcomes(states, event, answers):
                    change = _Change.of(self.model, event, outcome)
                    found[self._shadow(outcome.states), change] = None
            self._known[key] = list(found)
        return self._known[key]

    def _full(self, shadow: States, event: str) -> Iterator[States]:
        """The states of all regions; those that no rule asks about, where the event's rules come from some only."""
        own = [one for one in self.model.table.transitions if event in one.events]
        partly = {one.region for one in own if len(one.sources) < len(self.model.table.regions[one.region].states)}
        axes = [
            (shadow[self.deciding.index(one.position)],)
            if one.position in self.deciding
            else one.states
            if one.position in partly
            else (one.initial,)
            for one in self.model.table.regions
        ]
        return iter(product(*axes))

    # What facts can be ---------------------------------------------------------------------------------------

    def _possible_for_nobody(self, event: str, answers: Answers) -> bool:
        """Whether a call can give these answers while no record is current."""
        return self.possible_for_nobody(dict(zip(self.model.table.atoms[event], answers, strict=True)))

    def possible_for_nobody(self, known: Mapping[Atom, Any]) -> bool:
        """Whether the answers to facts can be had while no record is current."""
        return self.possible(facts_in(known), None)

    def possible(self, answers: frozenset[tuple[str, bool]], lacking: frozenset[str] | None) -> bool:
        """Whether facts can be answered so while these fields of the current record have no value; None for all."""
        if (answers, lacking) not in self._facts:
            self._facts[answers, lacking] = self._can_be(dict(sorted(answers)), lacking)
        return self._facts[answers, lacking]

    @cached_property
    def _facts(self) -> dict[Any, bool]:
        return {}

    def _can_be(self, wanted: Mapping[str, bool], lacking: frozenset[str] | None) -> bool:
        bodies = [self.model.spec.chart["facts"][name] for name in wanted]
        leaves = list(dict.fromkeys(leaf for body in bodies for leaf in leaves_of(body)))
        axes = [(False,) if _asks_for(leaf, lacking) else (False, True) for leaf in leaves]
        for bits in product(*axes):
            truth = dict(zip(leaves, bits, strict=True))
            if [truth_of(body, truth) for body in bodies] == list(wanted.values()):
                return True
        return False


def facts_in(known: Mapping[Atom, Any]) -> frozenset[tuple[str, bool]]:
    """The answers to facts among all that is known of a call."""
    return frozenset((atom.name, bool(answer)) for atom, answer in known.items() if atom.kind == "fact")


@attrs.frozen
class _Change:
    """What a joint step makes of what is kept."""

    flags: frozenset[str]
    waits: bool
    retries: bool
    enters: bool
    leaves: bool

    @classmethod
    def of(cls, model: Model, event: str, outcome: Outcome) -> _Change:
        operations = [
            operation
            for name in outcome.effects
            for step in model.spec.chart["effects"][name]["do"]
            for operation in step
        ]
        choosing = [one for one in operations if one in ("create", "select", "leave")]
        flags = flags_of(one for _, one in outcome.taken)
        again = outcome.answer is not None and outcome.answer.again
        waits = again or (outcome.answer is not None and outcome.answer.defer)
        retries = again or "retries" in model.environment.get(event, {})
        last = choosing[-1:] or [""]
        return cls(flags, waits, retries, last[0] in ("create", "select"), last[0] == "leave")

    def __call__(self, kept: Kept) -> Iterator[Kept]:
        waiting, remembered = kept.waiting, kept.remembered
        if "cancel" in self.flags:
            waiting, remembered = False, False
        remembered = remembered and "drop" not in self.flags
        if "requeue" in self.flags and remembered:
            waiting, remembered = True, False
        remembered = remembered or "remember" in self.flags
        waiting = waiting or self.waits
        current = self.enters or (kept.current and not self.leaves)
        yield Kept(waiting, remembered, current)
        if self.retries and waiting:
            yield Kept(False, remembered, current)


_REPLACING = frozenset(("cancel", "drop", "requeue", "remember"))


def _takes_up(flags: frozenset[str]) -> bool:
    """Whether the call that is remembered is tried again."""
    return "requeue" in flags and not flags & {"cancel", "drop"}


def flags_of(taken: Iterator[Alternative]) -> frozenset[str]:
    """What becomes of calls that wait in a joint step."""
    return frozenset(flag for one in taken for flag in FLAGS if getattr(one, flag) and flag not in ("defer", "again"))


@attrs.frozen
class Filed:
    """What is left waiting, remembered and without an answer after a step."""

    waiting: tuple[str, ...]
    remembered: str
    freed: bool


def filed(flags: frozenset[str], kept: Kept, remembered: str | None = None) -> Filed:
    """What becomes of calls in a step with these flags; `remembered` stands for the call that is, if it is told."""
    before = ("kept" if kept.remembered else "") if remembered is None else remembered
    waiting, freed = (("those",) if kept.waiting else ()), False
    if "cancel" in flags:
        waiting, before, freed = (), "", kept.waiting
    if "drop" in flags:
        before = ""
    if "requeue" in flags and before:
        waiting, before = (before, *waiting), ""
    return Filed(waiting, "this" if "remember" in flags else before, freed)


def _asks_for(leaf: str, lacking: frozenset[str] | None) -> bool:
    """Whether an elementary expression fails, as it asks for a value of the current record that is not there."""
    ((operator, body),) = json.loads(leaf).items()
    paths = [body] if operator == "given" else body if operator == "equal" else []
    fields = [path[1] for path in paths if isinstance(path, list) and path[:1] == ["current"]]
    return any(lacking is None or field in lacking for field in fields)
