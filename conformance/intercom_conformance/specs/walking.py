"""Walks two specifications side by side, through the examples of both, for what one allows and the other does not.

Where it is known which events differ (`cones`), a walk follows what matters to them and stops when each is shown by
a sequence. It goes first where few steps lead, and looks closer only while nothing is found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Branch, Configuration, expand
from intercom_conformance.oracle.model import Model, Unanswered
from intercom_conformance.oracle.world import settle
from intercom_conformance.specs.cones import Cone
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step, render_step

__all__ = ["Change", "Walk"]

_MOST = 1000
"""Pairs of places that a closer look goes on from at most; one that has to stop there says so."""


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


@attrs.frozen(eq=False)
class _Pair:
    old: Configuration
    new: tuple[Configuration, ...]
    steps: tuple[Step, ...] = ()


@attrs.frozen
class _Look:
    """How closely is looked: how many calls may wait, whether every example is taken, and what tells places apart."""

    outstanding: int
    every_example: bool
    closely: bool


_LOOKS = (_Look(1, every_example=False, closely=False), _Look(2, every_example=True, closely=True))


@attrs.define(eq=False)
class Walk:
    """A walk through the product: where the old one may stand, and everywhere that the new one may then stand.

    Without a cone everything matters, and no event is known to differ.
    """

    old: Model
    new: Model
    cone: Cone | None = None
    pairs: int = 0
    ended: str = "whole"
    """Whether all places were walked (whole), or enough was shown (shown), or there were too many (stopped)."""
    found: dict[str, Change] = attrs.field(factory=dict)
    shown: set[str] = attrs.field(factory=set)

    def run(self) -> Iterator[Change]:
        """The changes of behaviour, the first of each method by a shortest sequence; and what no sequence shows."""
        for look in _LOOKS if self.cone is None or self.cone.differing else ():
            if not self.found:
                self._look(look)
        yield from self.found.values()
        for event in sorted(self._not_shown()):
            yield Change(False, event, "some row is written differently, and no sequence of the walk shows it")

    def _not_shown(self) -> frozenset[str]:
        """The events that differ and are not shown to; what happens in the world shows in what was found."""
        world = self.old.environment.keys() if self.found else ()
        return (self.cone.differing if self.cone else frozenset()).difference(self.shown, world)

    def _look(self, look: _Look) -> None:
        start, steps = _Pair(self.old.initial, (self.new.initial,)), self._steps(look)
        queue, seen, most = deque([start]), {self._key(start, look)}, self.pairs + _MOST
        while queue and self.pairs < most and not self._is_done():
            self.pairs += 1
            pair = queue.popleft()
            for after in (one for step in steps for one in self._follow(pair, step, look)):
                if (key := self._key(after, look)) not in seen:
                    seen.add(key)
                    queue.append(after)
        self.ended = "shown" if self._is_done() else "stopped" if queue else "whole"

    def _is_done(self) -> bool:
        """Whether every event that is known to differ has been shown to."""
        if self.cone is None:
            return False
        return bool(self.found) and not self._not_shown()

    def _steps(self, look: _Look) -> list[Step]:
        steps = [*alphabet(self.old.spec), *alphabet(self.new.spec)]
        unique = {(one.name, repr(one.arguments)): one for one in steps}
        known = [one for one in unique.values() if _knows(self.old, one) and _knows(self.new, one)]
        events, wanted = (None, frozenset()) if self.cone is None else (self.cone.events, self.cone.differing)
        mine = [one for one in known if events is None or self._event_of(one.name) in events]
        differing = [one for one in mine if self._event_of(one.name) in wanted]
        first = {self._event_of(one.name): one for one in reversed(mine)}
        return mine if look.every_example else [*differing, *(one for one in first.values() if one not in differing)]

    def _event_of(self, name: str) -> str:
        """The event of a method or of the environment."""
        return name if name in self.old.environment else self.old.spec.api.by_any_name[name].event

    def _follow(self, pair: _Pair, step: Step, look: _Look) -> Iterator[_Pair]:
        steps = (*pair.steps, step)
        if step.name in self.found or (step.callbacks and len(pair.old.queue) >= look.outstanding):
            return
        before = expand(self.old, pair.old, _event(self.old, step, len(steps)))
        try:
            event = _event(self.new, step, len(steps))
            after = [branch for one in pair.new for branch in expand(self.new, one, event)]
        except Unanswered:
            after = []
        for branch in before:
            matching = [one for one in after if self._agrees(one, branch)]
            if not _answers(*matching) >= _answers(branch) or not matching:
                self._note(branch, steps)
                return
            yield _Pair(branch.end, tuple(one.end for one in matching), steps)

    def _agrees(self, new: Branch, old: Branch) -> bool:
        """Whether a new branch may answer as an old one does, and shows the same after it."""
        return (
            (bool(_answers(new) & _answers(old)) or not _answers(old))
            and {owed.call for owed in new.owed} == {owed.call for owed in old.owed}
            and _shown(self.new, new) == _shown(self.old, old)
            and settle(_kept(self.new, new), _kept(self.old, old))[0]
        )

    def _note(self, branch: Branch, steps: tuple[Step, ...]) -> None:
        taken = ", ".join(transition.id for transition, _ in branch.taken) or "nothing"
        what = f"what {taken} allowed is allowed no more"
        lines = tuple(render_step(attrs.evolve(one, callbacks=Step("").callbacks)) for one in steps)
        self.found[steps[-1].name] = Change(True, steps[-1].name, what, lines)
        self.shown.add(self._event_of(steps[-1].name))
        self.shown.update(event for transition, _ in branch.taken for event in transition.events)

    def _key(self, pair: _Pair, look: _Look) -> Any:
        new = frozenset(self._place(self.new, one, look) for one in pair.new)
        return self._place(self.old, pair.old, look), new

    def _place(self, model: Model, at: Configuration, look: _Look) -> tuple[Any, ...]:
        """Where a machine stands, as far as it matters: states, calls that wait, who is logged in, registers."""
        states = tuple(at.states[one.position] for one in model.table.regions if self._is_kept(one.name))
        waiting = tuple(one.source.method.event for one in at.queue)
        return states, waiting, at.remembered is not None, self._details(at) if look.closely else ()

    def _details(self, at: Configuration) -> tuple[Any, ...]:
        world = at.world
        record = {} if world.current is None else world.records[world.current]
        registers = [repr(value) for name, value in world.registers.items() if self.cone and name in self.cone.matters]
        waiting = tuple((one.source.method.name, repr(one.source.arguments), one.spent) for one in at.queue)
        scalars = tuple(repr(value) for value in record.values() if not isinstance(value, (dict, list)))
        return waiting, len(world.records), scalars, tuple(registers)

    def _is_kept(self, region: str) -> bool:
        return self.cone is None or region in self.cone.matters


def _knows(model: Model, step: Step) -> bool:
    return step.name in model.environment or step.name in model.spec.api.by_any_name


def _event(model: Model, step: Step, position: int) -> Any:
    return model.step(f"c{position}", step.name, step.arguments, frozenset(step.callbacks))


def _answers(*branches: Branch) -> frozenset[tuple[str, str, str]]:
    """The callbacks that branches may show; one that may be of either kind counts as both."""
    kinds = {"either": ("success", "error")}
    return frozenset(
        (owed.call, kind, repr(owed.result) if kind == "success" else "")
        for branch in branches
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
