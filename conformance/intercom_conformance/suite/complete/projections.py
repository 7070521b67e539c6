"""Which inputs a complete suite is made for: the specification in parts that can be gone through one by one.

The product of everything is too large, and hardly anything in it depends on anything else. So there is a part for each
region of the statechart that calls can move, and one for the calls that move nothing. A part has the inputs that move
its region, and, in few words, those that move the regions which its rules ask about; each is a step of the abstract
alphabet, that is an example of the specification.

- a *shown* region: every valid example of what moves it, while the network stays as it is;
- an *internal* region, which is about requests under way: one example for each rule, with the network's events;
- ``calls``: every example of a call that moves nothing, wherever somebody or nobody is logged in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs

from intercom_conformance.oracle.table import Table, Transition, compile_table, regions_asked
from intercom_conformance.specification import Specification
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step

__all__ = ["Projection", "common_regions", "distinct", "names", "projection"]


@attrs.frozen(eq=False)
class Projection:
    """A part of the specification: its name and its inputs."""

    name: str
    inputs: tuple[Step, ...]
    outstanding: int = 1
    """Calls that may be without an answer before no more are made."""


@cache
def names(spec: Specification) -> tuple[str, ...]:
    """The parts that complete suites are made for, in the order of the regions."""
    chart = _Chart.of(spec)
    regions = [one for one in spec.chart["regions"] if chart.visibility(one) != "environment" and chart.movers(one)]
    return (*regions, "calls") if chart.still() else tuple(regions)


@cache
def projection(spec: Specification, name: str) -> Projection:
    """The part of this name; its inputs are found by exploring the specification."""
    chart = _Chart.of(spec)
    return chart.of_calls() if name == "calls" else chart.of_region(name)


def common_regions(spec: Specification) -> tuple[str, ...]:
    """The shown regions that the rules of more than one other region ask about, in their order."""
    common = _Chart.of(spec).common()
    return tuple(name for name in spec.chart["regions"] if name in common)


@attrs.frozen(eq=False)
class _Chart:
    spec: Specification
    table: Table

    @classmethod
    @cache
    def of(cls, spec: Specification) -> _Chart:
        """The chart of a specification."""
        return cls(spec, compile_table(spec.chart, spec.events))

    def visibility(self, region: str) -> str:
        """Who sees where a region stands."""
        return str(self.spec.chart["regions"][region].get("visibility", "shown"))

    def of_region(self, name: str) -> Projection:
        """The part about one region."""
        internal = self.visibility(name) == "internal"
        own = list(self.hidden_inputs(name)) if internal else list(self.examples(self.movers(name)))
        askers = [] if internal else self.askers(name)
        context = [step for one in self.around(name, askers) for step in self.representatives(self.movers(one), own)]
        world = [step for step in alphabet(self.spec) if internal and "retries" in self.world.get(step.name, {})]
        return Projection(name, distinct([*own, *self.last_steps(askers), *context, *world]))

    def around(self, name: str, askers: Sequence[Transition]) -> list[str]:
        """The regions whose state decides what a region does: shown ones that the rules of several ask about."""
        common = self.common()
        return [one for one in self.asked([*self.movers(name), *askers]) if one != name and one in common]

    def of_calls(self) -> Projection:
        """The part about calls that move nothing that is shown."""
        around = [self.representatives(self.movers(name)) for name in self.shown() if name in self.common()]
        return Projection("calls", distinct([*self.still(), *(step for steps in around for step in steps)]))

    def still(self) -> list[Step]:
        """The examples of calls that move nothing that is shown."""
        moved = {event for name in self.shown() for one in self.movers(name) for event in one.events}
        return [one for one in alphabet(self.spec) if one.name not in self.world and self.event(one) not in moved]

    def shown(self) -> list[str]:
        """The regions that everybody sees."""
        return [name for name in self.spec.chart["regions"] if self.visibility(name) == "shown"]

    @property
    def world(self) -> Mapping[str, Any]:
        """The events of the world."""
        return dict(self.spec.chart["environment"])

    def movers(self, region: str) -> list[Transition]:
        """The transitions that may lead to another state of a region."""
        position = next(one.position for one in self.table.regions if one.name == region)
        return [
            one
            for one in self.table.transitions
            if one.region == position and any(choice.to is not None for choice in one.alternatives)
        ]

    def asked(self, transitions: Iterable[Transition]) -> list[str]:
        """The regions that the guards of transitions ask about."""
        wanted = {one.id for one in transitions}
        bodies = [body for body in self.spec.chart["transitions"] if body["id"] in wanted]
        return list(dict.fromkeys(regions_asked(bodies, self.spec.chart.get("conditions", {}))))

    def examples(self, transitions: Iterable[Transition]) -> Iterator[Step]:
        """The valid examples of what takes transitions; what is ignored is not varied."""
        events = {event for one in transitions for event in one.events}
        for step in alphabet(self.spec):
            method = self.spec.api.methods.get(step.name)
            if (step.name if method is None else method.event) not in events:
                continue
            if method is None or (self.is_valid(step) and _is_first(step, method)):
                yield step

    def representatives(self, transitions: Iterable[Transition], known: Sequence[Step] = ()) -> list[Step]:
        """A step for each transition, but one for all that the same steps take; valid calls go first."""
        chosen = list(known)
        steps = [(one, step) for one in transitions for step in self.last_steps([one])]
        for one, step in sorted(steps, key=lambda pair: not self.is_valid(pair[1])):
            if not any(self.event(other) in one.events for other in chosen):
                chosen.append(step)
        return chosen[len(known) :]

    def hidden_inputs(self, name: str) -> Iterator[Step]:
        """What moves a region that nobody sees; no wrong arguments, which a wrapper may mend on their way there."""
        return filter(self.is_valid, self.representatives(self.movers(name)))

    def is_valid(self, step: Step) -> bool:
        """Whether a step is no call with wrong arguments."""
        method = self.spec.api.methods.get(step.name)
        return method is None or self.spec.accepts(method, step.arguments)

    def askers(self, region: str) -> list[Transition]:
        """The transitions of other regions that ask about this one, and else about what many ask about."""
        position = next(one.position for one in self.table.regions if one.name == region)
        others = [one for one in self.table.transitions if one.region != position]
        return [one for one in others if set(self.asked([one])) - self.common() == {region}]

    def common(self) -> set[str]:
        """The shown regions that the rules of more than one other region ask about."""
        regions = self.spec.chart["regions"]
        counted = [name for one in regions for name in self.asked(self.movers(one)) if name != one]
        return {name for name in counted if counted.count(name) > 1 and self.visibility(name) == "shown"}

    def last_steps(self, transitions: Iterable[Transition]) -> list[Step]:
        """The step that takes each transition on a shortest way there."""
        ways = explore(self.spec).transitions
        return [ways[one.id][-1] for one in transitions if one.id in ways]

    def event(self, step: Step) -> str:
        """The event of a step."""
        method = self.spec.api.methods.get(step.name)
        return step.name if method is None else method.event


def _is_first(step: Step, method: Any) -> bool:
    """Whether a step is the first example of those that differ in nothing but what is ignored."""
    if not any(parameter.ignored for parameter in method.parameters):
        return True
    return bool(step.arguments == method.examples[0])


def distinct(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Each step once, by its name and arguments."""
    return tuple({repr((step.name, step.arguments)): step for step in steps}.values())
