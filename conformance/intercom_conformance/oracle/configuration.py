"""Configurations, and how one step expands a configuration into the branches that the specification allows.

A configuration is where an implementation may stand: states, world, the calls that wait for an answer, and a
remembered login-like call that is tried again before others. `expand` follows spec/README.md: transitions are
taken, effects applied in order, and calls that wait are tried again when the world gives them a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.oracle.table import Alternative, Outcome, Transition
from intercom_conformance.oracle.world import World
from intercom_conformance.specification import Method

if TYPE_CHECKING:
    from intercom_conformance.oracle.model import Model

__all__ = [
    "Branch",
    "Call",
    "Configuration",
    "Guide",
    "Happening",
    "Owed",
    "Undecidable",
    "World",
    "expand",
    "released",
]

_DEEPEST = 16
"""How often calls may be tried again within one step; a specification that needs more does not end."""


TOO_MANY = 1024
"""Branches, or configurations, from which on the oracle does not judge: what is seen says too little."""


@attrs.frozen(str=False)
class Undecidable(Exception):
    """So much is open after a history that judging the next step would cost more than it tells."""

    branches: int

    def __str__(self) -> str:
        return f"the history allows more than {self.branches} ways to go on; give the calls callbacks, or fewer of them"


@attrs.define(eq=False)
class Guide:
    """The callback that was seen in the step at hand, by call; without it, calls that wait multiply the branches.

    From `crowd` branches on, calls that wait are followed only where they agree with what was seen of them;
    `narrowed` tells whether that left anything out. `effort`, if given, is how many tries of calls that wait are
    followed before the oracle gives up with `Undecidable`: a bound on its time that is the same on every machine.
    """

    seen: Mapping[str, str]
    crowd: int
    narrowed: bool = False
    unasked: frozenset[str] = frozenset()
    """Calls that a wrapper has not passed on yet, though it is to ask: see `Observation.unasked`."""
    kept: Mapping[str, str] = attrs.field(factory=dict)
    """Calls that are done, and whose answers nobody has heard yet: see `Observation.kept`."""
    unheard: frozenset[str] = frozenset()
    """Calls whose outcome no wrapper can know: see `Observation.unheard`."""
    patient: bool = False
    """Whether a call that goes on waiting may still end in the same step as it was seen to: then nothing is guessed."""
    guessed: bool = False
    """Whether what was left out might have ended as it was seen to, after all."""
    effort: int | None = None

    def narrow(self, branches: list[Branch], call: str) -> list[Branch]:
        """The branches in which a call ends as it was seen to end, if there are too many and any of that kind."""
        if self.effort is not None:
            self.effort -= len(branches)
            if self.effort < 0:
                raise Undecidable(len(branches))
        if len(branches) <= self.crowd:
            return branches
        likely = [branch for branch in branches if self._agrees(branch, call)] or branches
        self.narrowed = self.narrowed or len(likely) < len(branches)
        self.guessed = self.guessed or any(_waits(one, call) and not self._agrees(one, call) for one in branches)
        if len(likely) > TOO_MANY:
            raise Undecidable(len(likely))
        return _once(likely) if self.patient else likely

    def plausible(self, branches: list[Branch]) -> list[Branch]:
        """The branches in which every callback that is due was seen, if there are any; each of them once."""
        likely = [one for one in branches if all(self._agrees(one, owed.call) for owed in one.owed)] or branches
        self.narrowed = self.narrowed or len(likely) < len(branches)
        return _once(likely)

    def _agrees(self, branch: Branch, call: str) -> bool:
        if self.patient and (call in self.unheard or _waits(branch, call)):
            return True
        owed = next((one for one in branch.owed if one.call == call), None)
        if call in self.kept:
            return owed is not None and answers(owed, self.kept[call])
        seen = self.seen.get(call)
        if owed is None or seen is None:
            return seen is None and (owed is None or not owed.must_show)
        return owed.callback in ("either", seen)


def _once(branches: Sequence[Branch]) -> list[Branch]:
    """The branches, each of them once."""
    found: dict[Any, list[Branch]] = {}
    for branch in branches:
        waiting, owed = [one.call for one in branch.end.queue], [(one.call, one.callback) for one in branch.owed]
        alike = found.setdefault((branch.end.states, tuple(waiting), tuple(owed)), [])
        if not any(branch.end == one.end and branch.owed == one.owed for one in alike):
            alike.append(branch)
    return [branch for alike in found.values() for branch in alike]


def _waits(branch: Branch, call: str) -> bool:
    """Whether a call goes on waiting, so that it may be tried again in the same step."""
    return any(one.call == call and not one.spent for one in branch.end.queue)


@attrs.frozen(eq=False)
class Call:
    """A call of the API: an identifier, the method, its arguments as given, and the callbacks given with it.

    `named` are the arguments by parameter, under their main spellings; `invalid` the parameters that are not valid.
    """

    call: str
    method: Method
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    callbacks: frozenset[str] = frozenset(("success", "error"))
    invalid: frozenset[str] = frozenset()
    crash: str | None = attrs.field(default=None, eq=False, repr=False)
    """The kind of misbehaviour that it is to go down in this call, where that was found out before."""


@attrs.frozen(eq=False)
class Happening:
    """Something that happens in the world: its event and arguments by name.

    `attempts` are the ways in which calls that wait may be tried again meanwhile, each a sequence of attempts; None
    for what the event says of itself.
    """

    event: str
    named: Mapping[str, Any] = attrs.field(factory=dict)
    attempts: tuple[tuple[str, ...], ...] | None = None


@attrs.frozen
class Waiting:
    """A call that waits to be tried again; `spent` when its callback has run already.

    One that is `postponed` was made and not tried yet: its binding makes it when an earlier one is answered.
    """

    source: Call
    spent: bool = False
    postponed: bool = False

    @property
    def call(self) -> str:
        """The call's identifier."""
        return self.source.call


@attrs.frozen
class Owed:
    """A callback that is due: of which call, which one, and what success carries in the world that answered."""

    call: str
    callback: str
    callbacks: frozenset[str]
    requirement: str
    world: World = attrs.field(eq=False, repr=False)
    named: Mapping[str, Any] = attrs.field(factory=dict)
    method: Method | None = None
    result: Mapping[str, Any] | None = None

    @property
    def must_show(self) -> bool:
        """Whether the app gave every callback that may run, so that one of them has to."""
        return self.callbacks >= ({"success", "error"} if self.callback == "either" else {self.callback})

    @property
    def reads(self) -> str | None:
        """The register that success reports whole, if it is one."""
        path = (self.result or {}).get("path", ())
        return path[1] if len(path) == 2 and path[0] == "register" else None


def answers(owed: Owed, callback: str) -> bool:
    """Whether a callback is one that is due, where "either" leaves open which one it is."""
    return "either" in (callback, owed.callback) or owed.callback == callback


@attrs.frozen
class Configuration:
    """Where an implementation may stand."""

    states: tuple[str, ...]
    world: World
    queue: tuple[Waiting, ...] = ()
    remembered: Waiting | None = None
    free: tuple[Owed, ...] = ()
    calls: frozenset[str] = frozenset()
    epoch: int = attrs.field(default=0, eq=False)
    late: tuple[Owed, ...] = ()
    """What is owed of calls that have taken effect, and whose answers the kit still keeps."""

    def fits(self, kept: Mapping[str, str]) -> bool:
        """Whether calls that the native SDK has done are done here, too, and end as it has answered them."""
        waiting = {one.call for one in self.queue if not one.spent}
        return kept.keys().isdisjoint(waiting) and all(answers(one, kept.get(one.call, "either")) for one in self.late)


@attrs.frozen
class Branch:
    """One allowed way through a step."""

    before: Configuration
    end: Configuration
    owed: tuple[Owed, ...] = ()
    taken: tuple[tuple[Transition, Alternative], ...] = ()
    settled_world: bool = False
    guards: tuple[tuple[str, ...], ...] = attrs.field(default=(), eq=False, repr=False)
    """What the guards said that were asked on the way, step by step."""
    overtaken: int | None = None
    """The epoch in which a call recorded something before an earlier one that was postponed, if one did."""

    @property
    def in_order(self) -> bool:
        """Whether no call has recorded something before an earlier one, unless it ended that one."""
        return self.overtaken is None or self.overtaken != self.end.epoch

    @property
    def main_requirement(self) -> str:
        """The requirement of the transition that answered, or of the first one."""
        answering = [transition for transition, alternative in self.taken if alternative.answers]
        return (answering or [transition for transition, _ in self.taken])[0].requirement

    def blamed(self, model: Model, requirement: str) -> tuple[str, ...]:
        """The transitions at fault when a requirement is broken: its own, else those that answer, else all."""
        own = [
            transition.id
            for transition, one in self.taken
            if requirement in (transition.requirement, *(model.effects[name].requirement for name in one.effects))
        ]
        answering = [transition.id for transition, one in self.taken if one.answers]
        return tuple(dict.fromkeys(own or answering or [transition.id for transition, _ in self.taken]))

    def requirement_of_region(self, region: int) -> str | None:
        """The requirement of the last transition taken in a region, if one was."""
        found = [transition.requirement for transition, _ in self.taken if transition.region == region]
        return found[-1] if found else None

    def moves(self, region: int) -> bool:
        """Whether a transition that is taken says where a region goes."""
        return any(transition.region == region and one.to is not None for transition, one in self.taken)

    def requirement_of_field(self, model: Model, field: str) -> str | None:
        """The requirement of the last effect in this step that touches a field or register, if any does."""
        for _, alternative in reversed(self.taken):
            for name in reversed(alternative.effects):
                if field in model.effects[name].touches:
                    return model.effects[name].requirement
        return None

    def requirements(self, model: Model, unheard: frozenset[str] = frozenset()) -> Iterator[str]:
        """The requirements that this branch puts to the test; an error that no wrapper can hear of does not."""
        hidden = {owed.requirement for owed in self.owed if owed.call in unheard and owed.callback == "error"}
        for transition, alternative in self.taken:
            if transition.requirement not in hidden:
                yield transition.requirement
            yield from (model.effects[name].requirement for name in alternative.effects)


def expand(
    model: Model, start: Configuration, step: Call | Happening, guide: Guide | None = None, attempt: str = "first"
) -> list[Branch]:
    """The branches that the specification allows for a step from a configuration; with a guide, the likely ones.

    `attempt` is that of a call: one that waits elsewhere is tried again by another than the first.
    """
    if isinstance(step, Call):
        calls = start.calls | {step.call}
        known = Configuration(
            start.states, start.world, start.queue, start.remembered, start.free, calls, start.epoch, start.late
        )
        if attempt != "first":
            return list(_dispatch(model, Branch(start, known), Waiting(step), attempt, _DEEPEST, guide))
        return list(_call(model, Branch(start, known), step, guide))
    return list(_happen(model, Branch(before=start, end=start), step, guide))


def _call(model: Model, branch: Branch, step: Call, guide: Guide | None) -> Iterator[Branch]:
    """A call is made at once; or after those that were postponed; or it is postponed itself.

    What is recorded keeps its order: a call overtakes others only if it records nothing, or ends them.
    """
    if not any(waiting.postponed for waiting in branch.end.queue) and not (guide and step.call in guide.unasked):
        yield from _dispatch(model, branch, Waiting(step), "first", _DEEPEST, guide)
    elif guide and step.call in guide.unasked:
        for before in _made_up_for(model, branch, guide):
            queue = (*before.end.queue, Waiting(step, postponed=True))
            yield attrs.evolve(before, end=attrs.evolve(before.end, queue=queue))
    else:
        yield from [*_overtaking(model, branch, step, guide)] or _in_order(model, branch, step)


def _overtaking(model: Model, branch: Branch, step: Call, guide: Guide | None) -> Iterator[Branch]:
    """A call after the postponed ones that are made, or before them."""
    for before in _made_up_for(model, branch, guide):
        yield from (one for one in _dispatch(model, before, Waiting(step), "first", _DEEPEST, guide) if one.in_order)
    for after in _dispatch(model, branch, Waiting(step), "first", _DEEPEST, guide):
        if after.in_order:
            yield from _made_up_for(model, after, guide)


def _in_order(model: Model, branch: Branch, step: Call) -> Iterator[Branch]:
    """A call after all that were postponed, whatever their binding did."""
    for before in _made_up_for(model, branch, None):
        yield from _dispatch(model, before, Waiting(step), "first", _DEEPEST, None)


def _made_up_for(model: Model, branch: Branch, guide: Guide | None) -> list[Branch]:
    """Calls that were postponed are made, in order, as far as their binding has gone."""
    postponed = [one for one in branch.end.queue if one.postponed]
    if not postponed:
        return [branch]
    unasked = guide.unasked if guide else frozenset[str]()
    made = list(takewhile(lambda one: one.call not in unasked, postponed))
    start = attrs.evolve(
        branch, end=attrs.evolve(branch.end, queue=tuple(one for one in branch.end.queue if not one.postponed))
    )
    partial = [start]
    for waiting in made:
        first = attrs.evolve(waiting, postponed=False)
        partial = [b for a in partial for b in _once_more(model, a, start, first, "first", _DEEPEST, guide)]
        partial = partial if guide is None else guide.narrow(partial, first.call)
    for waiting in postponed[len(made) :]:
        partial = [_behind(one, start, waiting) for one in partial]
    return partial


def _happen(model: Model, branch: Branch, step: Happening, guide: Guide | None) -> Iterator[Branch]:
    attempts = _attempts(model, step)
    known = model.answers(branch.end, step.event, step.named, "first")
    outcomes = [one for answers in known for one in model.table.outcomes(branch.end.states, step.event, answers)]
    for after in [_take(model, branch, outcome, step.named) for outcome in outcomes] or [branch]:
        for sequence in attempts:
            yield from _try_in_turn(model, after, sequence, guide)


def _attempts(model: Model, step: Happening) -> tuple[tuple[str, ...], ...]:
    if step.attempts is not None:
        return step.attempts
    reason = model.environment[step.event].get("retries")
    return ((reason,),) if reason else ((),)


def _try_in_turn(model: Model, branch: Branch, sequence: Sequence[str], guide: Guide | None) -> Iterator[Branch]:
    """Tries the calls that wait once for each attempt of the sequence."""
    settled = sequence[-1:] == ("last",) and model.is_calm(branch.end)
    partial = [branch]
    for number, attempt in enumerate(sequence):
        if number and guide is not None:
            partial = guide.plausible(partial)
        partial = [after for before in partial for after in _try_again(model, before, attempt, _DEEPEST, guide)]
        if len(partial) > TOO_MANY and guide is not None:
            raise Undecidable(len(partial))
    for done in partial:
        for made in _made_up_for(model, done, guide):
            yield attrs.evolve(made, settled_world=settled)


def _dispatch(
    model: Model, branch: Branch, waiting: Waiting, attempt: str, depth: int, guide: Guide | None
) -> Iterator[Branch]:
    if depth == 0:
        raise RecursionError(f"{waiting.source.method.name} is tried again without end; mend the specification")
    call = waiting.source
    known = model.answers(branch.end, call.method.event, call.named, attempt, call)
    outcomes = [one for key in known for one in model.table.outcomes(branch.end.states, call.method.event, key)]
    if len(known) > 1:
        outcomes = list(dict.fromkeys(outcomes))
    if not outcomes:
        raise model.unanswered(branch.end, call, attempt)
    for outcome in outcomes:
        yield from _follow(model, branch, waiting, outcome, depth, guide)


def _follow(
    model: Model, branch: Branch, waiting: Waiting, outcome: Outcome, depth: int, guide: Guide | None
) -> Iterator[Branch]:
    after = _take(model, branch, outcome, waiting.source.named)
    end = _file(after.end, waiting, outcome) if outcome.files else after.end
    owed = (*after.owed, *_callbacks(waiting, outcome, end.world))
    after = Branch(after.before, end, owed, after.taken, after.settled_world, after.guards, after.overtaken)
    if outcome.answer is not None and outcome.answer.again:
        yield from _try_again(model, after, "repeated", depth - 1, guide)
    else:
        yield after


def _take(model: Model, branch: Branch, outcome: Outcome, arguments: Mapping[str, Any]) -> Branch:
    # Values are made by their constructors here, not by attrs.evolve: this is the oracle's innermost loop.
    end, world = branch.end, branch.end.world
    if outcome.effects:
        world = World(world.records, world.current, world.registers, world.current, world.created)
        for name in outcome.effects:
            world = model.effects[name].apply(world, arguments)
    after = Configuration(outcome.states, world, end.queue, end.remembered, end.free, end.calls, end.epoch, end.late)
    taken, guards = (*branch.taken, *outcome.taken), (*branch.guards, outcome.guards)
    overtaken = branch.overtaken if world is end.world else _overtaken(branch, world)
    return Branch(branch.before, after, branch.owed, taken, branch.settled_world, guards, overtaken)


def _overtaken(branch: Branch, world: World) -> int | None:
    """The epoch, if a call records something while an earlier one is postponed: those are ahead of it in the queue."""
    end = branch.end
    if world.records == end.world.records or not any(one.postponed for one in end.queue):
        return branch.overtaken
    return end.epoch


def _file(end: Configuration, waiting: Waiting, outcome: Outcome) -> Configuration:
    flags = [alternative for _, alternative in outcome.taken]
    if any(one.cancel for one in flags):
        end = _cancel(end)
    if any(one.drop for one in flags):
        end = attrs.evolve(end, remembered=None)
    if any(one.requeue for one in flags) and end.remembered is not None:
        end = attrs.evolve(end, queue=(end.remembered, *end.queue), remembered=None)
    if any(one.remember for one in flags):
        end = attrs.evolve(end, remembered=attrs.evolve(waiting, spent=True))
    if any(one.defer or one.again for one in flags):
        end = attrs.evolve(end, queue=(*end.queue, waiting))
    return end


def _cancel(end: Configuration) -> Configuration:
    freed = tuple(released(waiting, end.world) for waiting in end.queue if not waiting.spent)
    free = (*end.free, *map(_of_nobody, end.late), *freed)
    return attrs.evolve(end, queue=(), remembered=None, free=free, epoch=end.epoch + 1, late=())


def _of_nobody(owed: Owed) -> Owed:
    """What is owed of a call whose user has gone before its answer was handed over: either callback."""
    return Owed(owed.call, "either", owed.callbacks, "", owed.world)


def released(waiting: Waiting, world: World) -> Owed:
    """What is owed to a call that nobody will ever answer: either callback."""
    return Owed(waiting.call, "either", waiting.source.callbacks, "", world)


def _callbacks(waiting: Waiting, outcome: Outcome, world: World) -> Sequence[Owed]:
    answer = outcome.answer
    if answer is None or answer.callback is None or waiting.spent:
        return ()
    call = waiting.source
    requirement = next(transition.requirement for transition, one in outcome.taken if one is answer)
    return (
        Owed(
            call.call,
            answer.callback,
            call.callbacks,
            requirement,
            world,
            call.named,
            call.method,
            answer.value,
        ),
    )


def _try_again(model: Model, branch: Branch, attempt: str, depth: int, guide: Guide | None) -> Iterator[Branch]:
    """Tries every waiting call once, in order; those that a cancellation overtakes are released instead."""
    queue = branch.end.queue
    start = attrs.evolve(branch, end=attrs.evolve(branch.end, queue=()))
    partial = [start]
    for waiting in queue:
        if waiting.postponed:
            partial = [_behind(one, start, waiting) for one in partial]
            continue
        partial = [b for a in partial for b in _once_more(model, a, start, waiting, attempt, depth, guide)]
        if guide is not None:
            partial = guide.narrow(partial, waiting.call)
    yield from partial


def _behind(branch: Branch, start: Branch, waiting: Waiting) -> Branch:
    """The branch in which a call goes on waiting, or is released if its user has gone."""
    end = branch.end
    if end.epoch == start.end.epoch:
        return attrs.evolve(branch, end=attrs.evolve(end, queue=(*end.queue, waiting)))
    return attrs.evolve(branch, end=attrs.evolve(end, free=(*end.free, released(waiting, end.world))))


def _once_more(
    model: Model,
    branch: Branch,
    start: Branch,
    waiting: Waiting,
    attempt: str,
    depth: int,
    guide: Guide | None,
) -> Iterator[Branch]:
    if branch.end.epoch == start.end.epoch:
        yield from _dispatch(model, branch, waiting, attempt, depth, guide)
    elif waiting.spent:
        yield branch
    else:
        free = (*branch.end.free, released(waiting, branch.end.world))
        yield attrs.evolve(branch, end=attrs.evolve(branch.end, free=free))
