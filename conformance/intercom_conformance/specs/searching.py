"""Searches everything that a small population can bring about, breadth first, for what must not be.

Every choice that the specification leaves open is followed. Two configurations are the same if they agree in all
that a guard, an effect or an invariant asks about; so the search ends by itself, and what it proves holds for every
history of this population, however long. A fault ends it with the length of history that shows it, so that what is
shown is as short as can be.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.configuration import Branch, Configuration, Happening, expand
from intercom_conformance.oracle.model import Model
from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.population import Invariant, Population, Possible, read_invariants, read_populations
from intercom_conformance.specs.sources import Sources
from intercom_conformance.trace import Step, render_step

__all__ = ["Search"]

INVARIANTS = "spec/invariants.yaml"
_MOST = 20_000
"""Configurations from which on a search is given up: a register that grows without end would never let it finish."""


@attrs.frozen(eq=False)
class Node:
    """A configuration, and the step that first led to it."""

    at: Configuration
    parent: Node | None = None
    step: Step | None = None
    taken: tuple[str, ...] = ()
    length: int = 0

    def history(self) -> tuple[Node, ...]:
        """The nodes from the first step to this one."""
        return () if self.parent is None else (*self.parent.history(), self)


@attrs.define(eq=False)
class Search:
    """A search, and what it has found: faults by what is broken, how many configurations there are."""

    model: Model
    sources: Sources
    population: Population
    invariants: tuple[Invariant, ...]
    read: frozenset[tuple[str, str]]
    faults: dict[str, Fault] = attrs.field(factory=dict)
    configurations: int = 0
    steps: int = 0

    @classmethod
    def of(cls, model: Model, sources: Sources) -> tuple[Search, ...]:
        """The searches that a specification's own invariants document asks for."""
        document = sources.documents.load(INVARIANTS)
        read = frozenset(_read([model.spec.chart, document]))
        invariants = read_invariants(model, document)
        return tuple(cls(model, sources, one, invariants, read) for one in read_populations(model, document))

    def run(self) -> None:
        """Searches until nothing new is found."""
        queue = deque([Node(self.model.initial)])
        seen = {self.key(self.model.initial)}
        self._judge(queue[0])
        longest: float = math.inf
        while queue and queue[0].length < longest:
            node = queue.popleft()
            for after in self._steps_from(node):
                key = self.key(after.at)
                if key not in seen:
                    seen.add(key)
                    self._judge(after)
                    if len(after.at.world.records) <= self.population.records:
                        queue.append(after)
            if self.faults:
                longest = min(longest, node.length + 1)
            if len(seen) > _MOST:
                self._given_up()
                break
        self.configurations = len(seen)

    def _steps_from(self, node: Node) -> Iterator[Node]:
        for possible in self.population.steps:
            if possible.is_made(self.model, node.at, self.population.outstanding):
                yield from self._follow(node, possible)

    def _follow(self, node: Node, possible: Possible) -> Iterator[Node]:
        for branch in self._branches(node, possible.event, possible.step):
            self.steps += 1
            after = Node(branch.end, node, possible.step, _named(branch), node.length + 1)
            for one in self.invariants:
                if not one.keeps(node.at, branch.end):
                    self._broken(one, after)
            yield after

    def _branches(self, node: Node, event: Any, step: Step) -> list[Branch]:
        try:
            return expand(self.model, node.at, event)
        except RecursionError as error:
            self._unending(Node(node.at, node, step), str(error).partition(";")[0])
            return []

    def _judge(self, node: Node) -> None:
        for one in self.invariants:
            if not one.holds(node.at):
                self._broken(one, node)
        self._close(node)

    def _close(self, node: Node) -> None:
        """Whether the calls that wait complete once the closing events have come, whatever is chosen."""
        ends = [node] if any(not one.spent for one in node.at.queue) else []
        for event in self.model.closing_events:
            step = Step(event, (), ())
            ends = [
                Node(branch.end, one, step, _named(branch))
                for one in ends
                for branch in self._branches(one, Happening(event), step)
            ]
        for end in ends:
            for waiting in (one for one in end.at.queue if not one.spent):
                self._unending(end, f"{waiting.source.method.name} never completes")

    def _broken(self, one: Invariant, node: Node) -> None:
        line = self.sources.line(INVARIANTS, ("invariants", one.name))
        problem = f"{one.name} is broken: {one.summary.rstrip('.')}"
        places = [f"{name}, line {self.sources.transition(name)}" for name in node.taken]
        culprits = f" ({'; '.join(places)})" if places else ""
        remedy = (
            f"Mend what the last step takes{culprits}, or its effects, in spec/session.yaml: see {one.requirement}."
        )
        self._note(one.name, Fault(INVARIANTS, line, "invariant", problem, shown(node), remedy))

    def _unending(self, node: Node, problem: str) -> None:
        last = next((one.taken[-1] for one in reversed(node.history()) if one.taken), None)
        line = 1 if last is None else self.sources.transition(last)
        remedy = "Let its last attempt have a callback."
        self._note(problem, Fault("spec/session.yaml", line, "liveness", problem, shown(node), remedy))

    def _given_up(self) -> None:
        name = self.population.name
        line = self.sources.line(INVARIANTS, ("populations", name))
        problem = f"{name} can be in more than {_MOST} configurations, and nothing is proved of the rest"
        remedy = "Take steps out of it, or lower `outstanding` or `records`."
        self._note(name, Fault(INVARIANTS, line, "invariant", problem, (), remedy))

    def _note(self, what: str, fault: Fault) -> None:
        known = self.faults.get(what)
        if known is None or len(fault.counterexample) < len(known.counterexample):
            self.faults[what] = fault

    def key(self, at: Configuration) -> Any:
        """What of a configuration can matter to anything that may come."""
        world = at.world
        records = tuple((number == world.current, self._fields(one)) for number, one in world.records.items())
        registers = tuple(repr(v) for name, v in world.registers.items() if ("register", name) in self.read)
        waiting = tuple((id(one.source), one.spent) for one in at.queue)
        return at.states, records, registers, waiting, at.remembered and id(at.remembered.source)

    def _fields(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            repr(value)
            for field, value in record.items()
            if not isinstance(value, (dict, list)) or ("field", field) in self.read
        )


def shown(node: Node) -> tuple[str, ...]:
    """A history as lines: each step, and the transitions taken."""
    steps = [(one.step, one.taken) for one in node.history() if one.step is not None]
    lines = [(render_step(attrs.evolve(step, callbacks=Step("").callbacks)), taken) for step, taken in steps]
    width = max((len(text) for text, _ in lines), default=0)
    return tuple(f"{n}. {text:<{width}}  {', '.join(taken)}".rstrip() for n, (text, taken) in enumerate(lines, 1))


def _named(branch: Branch) -> tuple[str, ...]:
    return tuple(transition.id for transition, _ in branch.taken)


def _read(document: Any) -> Iterator[tuple[str, str]]:
    """The registers, and the fields of records, that paths anywhere in a document lead to."""
    if isinstance(document, list):
        if len(document) > 1 and document[0] in ("register", "current", "record") and isinstance(document[1], str):
            yield ("register" if document[0] == "register" else "field"), document[1]
        for part in document:
            yield from _read(part)
    elif isinstance(document, Mapping):
        for part in document.values():
            yield from _read(part)
