"""The oracle: what a history allows, and whether an observation is among it.

The oracle keeps the *set* of configurations that the history so far allows. A step expands each of them into
branches, every joint choice that the specification leaves open; an observation keeps the branches that agree
with it and settles what was uncertain. When none is left, the nearest branch tells what is broken. The oracle is
compiled from the specification alone and shares no code with the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import attrs

from intercom_conformance.oracle.comparing import compare, crash_kind
from intercom_conformance.oracle.configuration import (
    TOO_MANY,
    Branch,
    Call,
    Configuration,
    Guide,
    Happening,
    Undecidable,
    expand,
)
from intercom_conformance.oracle.expressions import ABSENT
from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.oracle.observing import Broken, Observation, Settlement
from intercom_conformance.specification import Specification

__all__ = ["Accepted", "Broken", "Observation", "Oracle", "Rejected", "Settlement"]


@attrs.frozen
class Accepted:
    """The observation is allowed: the configurations that remain, and the requirements that were at stake."""

    configurations: tuple[Configuration, ...]
    exercised: frozenset[str]
    transitions: tuple[str, ...]
    guards: frozenset[str] = frozenset()
    """The outcomes of the guards that were asked, of the first configuration that remains."""
    blamed: tuple[str, ...] = ()
    """The transitions that answered; they are at fault if something else was wrong with the answer."""
    guessed: bool = False
    """Whether there may be further configurations: too many calls waited for all their orders to be followed."""


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
    orders: tuple[str, ...] = ()
    """Where calls overlap: every order of outcomes that was considered, with what speaks against it."""
    blamed: tuple[str, ...] = ()
    """The transitions that the nearest branch takes, those of the requirement that is broken if any are."""


@attrs.frozen(eq=False)
class Oracle:
    """Judges observations against a specification.

    `effort` bounds what judging one step may cost, see `Guide`; without it, any number of calls that wait is followed.
    """

    model: Model
    effort: int | None = None

    @classmethod
    def of(cls, spec: Specification, effort: int | None = None) -> Oracle:
        """The oracle of a specification; compiling it takes a few milliseconds."""
        return cls(compile_model(spec), effort)

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
        accepted, branches = None, list[Branch]()
        for guide in self._guides(seen):
            try:
                branches, found = self._followed(configurations, step, seen, guide)
            except Undecidable:
                if accepted is None:
                    raise
                return accepted
            if found is not None and (not seen.kept or found.configurations[0].fits(seen.kept)):
                return found
            accepted = accepted or found
            if not guide.narrowed or (guide.crowd == _MANY and not guide.guessed):
                break
        return accepted or self._rejected(configurations, branches, step, seen)

    def believed(self, history: Sequence[tuple[Call | Happening, Observation]]) -> Accepted | Rejected:
        """The verdict on the last step of a history, or on an earlier one that is at fault, with nothing guessed.

        Raises:
            Undecidable: too many orders are left for that.
        """
        at, verdict = self.initial(), None
        for step, seen in history:
            branches, found = self._followed(at, step, seen, self._guide_to(seen, _FEW, patient=True))
            verdict = found or self._rejected(at, branches, step, seen)
            accepted = verdict.recovered if isinstance(verdict, Rejected) else verdict
            if accepted is None:
                break
            at = accepted.configurations
        assert verdict is not None, "a history has a step"
        return verdict

    def _guides(self, seen: Observation) -> Iterator[Guide]:
        """Guides from the quickest to one by which nothing is guessed."""
        yield self._guide_to(seen, _FEW)
        yield self._guide_to(seen, _MANY)
        yield self._guide_to(seen, _FEW, patient=True)

    def _guide_to(self, seen: Observation, crowd: int, *, patient: bool = False) -> Guide:
        callbacks = {one.call: one.callback for one in seen.settled}
        return Guide(
            callbacks,
            crowd,
            unasked=seen.unasked,
            kept=seen.kept,
            unheard=seen.unheard,
            patient=patient,
            effort=self.effort,
        )

    def _followed(
        self, configurations: Sequence[Configuration], step: Call | Happening, seen: Observation, guide: Guide
    ) -> tuple[list[Branch], Accepted | None]:
        """The branches by a guide, and what is accepted if one of them agrees with what was seen."""
        branches = self.branches(configurations, step, guide)
        verdicts = [(branch, *compare(self.model, branch, step, seen, briefly=True)) for branch in branches]
        meant = [(branch, end) for branch, broken, end in verdicts if not broken]
        if not meant:
            return branches, None
        found = _accepted(self.model, _fitting(meant, seen.kept), seen.unheard)
        return branches, attrs.evolve(found, guessed=True) if guide.guessed and not guide.patient else found

    def _rejected(
        self,
        configurations: Sequence[Configuration],
        branches: Sequence[Branch],
        step: Call | Happening,
        seen: Observation,
    ) -> Rejected:
        """What speaks against every branch, that of the nearest one first."""
        verdicts = [compare(self.model, branch, step, seen) for branch in branches]
        allowed = tuple(dict.fromkeys(describe(branch) for branch in branches))
        formal = [(branch, end) for branch, (broken, end) in zip(branches, verdicts, strict=True) if _is_formal(broken)]
        recovered = _accepted(self.model, _fitting(formal, seen.kept), seen.unheard) if formal else None
        branch, nearest = min(
            ((branch, broken) for branch, (broken, _) in zip(branches, verdicts, strict=True)),
            key=lambda one: self.distance(one[1]),
        )
        orders = tuple(_orders(branches, [broken for broken, _ in verdicts])) if _overlap(configurations, step) else ()
        blamed = branch.blamed(self.model, nearest[0].requirement)
        return Rejected(tuple(nearest), allowed, describe_seen(seen), recovered, orders, blamed)

    def guide(self, seen: Mapping[str, str], crowd: int, unasked: frozenset[str] = frozenset()) -> Guide:
        """A guide for one step, by the callbacks that were seen in it, and the calls not yet passed on."""
        return Guide(seen, crowd, unasked=unasked, effort=self.effort)

    @staticmethod
    def distance(broken: Sequence[Broken]) -> tuple[bool, int, int, int]:
        """How far a branch with this broken is from what was seen; the nearest one tells what is wrong."""
        return (not _is_formal(broken), *_distance(broken))

    def contract_exercised(self, step: Call | Happening, seen: Observation) -> frozenset[str]:
        """The requirements of the contract that an accepted observation put to the test."""
        return self._of_kinds(tuple(_contract_kinds(self.model, step, seen)))

    @cache  # noqa: B019 - an oracle lives as long as its specification
    def _of_kinds(self, kinds: tuple[str, ...]) -> frozenset[str]:
        return frozenset(self.model.contract[kind] for kind in kinds if kind in self.model.contract)

    def certain(self, configurations: Sequence[Configuration]) -> frozenset[str]:
        """The states in which regions are, whichever configuration it is, each as ``region: state``."""
        return frozenset.intersection(*(self._named(one.states) for one in configurations))

    @cache  # noqa: B019 - an oracle lives as long as its specification
    def _named(self, states: tuple[str, ...]) -> frozenset[str]:
        return frozenset(f"{one.name}: {states[one.position]}" for one in self.model.table.regions)

    def due(self, configurations: Sequence[Configuration], step: Call | Happening) -> tuple[str, ...]:
        """The transitions that a step takes by the first way that is allowed; none if too much is open."""
        try:
            branches = self.branches(configurations, step, Guide({}, _FEW))
        except Undecidable:
            return ()
        return branches[0].blamed(self.model, "") if branches else ()

    def crash_kind(self, call: Call) -> str:
        """The kind of misbehaviour that it is to go down in a call, by its arguments."""
        return call.crash or crash_kind(self.model, call)

    def unfinished(self, configurations: Sequence[Configuration]) -> list[str]:
        """Calls that still owe a callback in every configuration, when the network is up and time has passed."""
        owed = [
            {one.call for one in (*c.free, *c.late)} | {w.call for w in c.queue if not w.spent} for c in configurations
        ]
        return sorted(set.intersection(*owed)) if owed else []


def _fitting(
    found: Sequence[tuple[Branch, Configuration]], kept: Mapping[str, str]
) -> Sequence[tuple[Branch, Configuration]]:
    """Of what is allowed, that in which the calls are done whose answers are kept, and end as they were answered.

    The kit gave these answers itself, so that nothing else can have happened; if nothing is left, all of it is.
    """
    return [one for one in found if one[1].fits(kept)] or found if kept else found


def _accepted(
    model: Model, kept: Sequence[tuple[Branch, Configuration]], unheard: frozenset[str] = frozenset()
) -> Accepted:
    ends = [kept[0][1]]
    for _, end in kept[1:]:
        if end not in ends:
            ends.append(end)
    if len(ends) > TOO_MANY // 8:
        raise Undecidable(len(ends))
    exercised = frozenset[str]().union(*(branch.requirements(model, unheard) for branch, _ in kept))
    first = kept[0][0]
    guards = frozenset[str]().union(*first.guards)
    taken = tuple(transition.id for transition, _ in first.taken)
    answering = tuple(transition.id for transition, one in first.taken if one.answers)
    return Accepted(tuple(ends), exercised, taken, guards, answering)


def _is_formal(broken: Sequence[Broken]) -> bool:
    """Whether everything that is broken leaves no doubt about what happened."""
    return all(one.kind in FORMAL for one in broken)


def _distance(broken: Sequence[Broken]) -> tuple[int, int, int]:
    """How far a branch is from what was seen: callbacks that ran count first, for they are what is claimed."""
    severity = {"crash": 0, "state_wrong": 2}
    claims = sum(one.kind.startswith("callback_") and one.kind != "callback_missing" for one in broken)
    return claims, sum(2 - severity.get(one.kind, 1) + 1 for one in broken), len(broken)


def _overlap(configurations: Sequence[Configuration], step: Call | Happening) -> bool:
    """Whether several calls were without an answer when a step was judged."""
    made = isinstance(step, Call)
    return any(len(one.queue) + len(one.late) + made > 1 for one in configurations)


def _orders(branches: Sequence[Branch], broken: Sequence[Sequence[Broken]]) -> Iterator[str]:
    """The orders in which calls may have taken effect, each once, the likeliest first, and why it is none of them."""
    considered: dict[str, Broken] = {}
    for branch, found in sorted(zip(branches, broken, strict=True), key=lambda pair: _distance(pair[1])):
        considered.setdefault(_in_order(branch), found[0])
    for order, why in considered.items():
        yield f"{order}: expected {why.expected}, observed {why.observed}"


def _in_order(branch: Branch) -> str:
    """The outcomes of a branch in the order in which its calls take effect, those before the step included."""
    outcomes = [f"{_either(owed.callback)} of {owed.call}" for owed in (*branch.before.late, *branch.owed)]
    waiting = [f"{one.call} waits" for one in branch.end.queue if not one.spent]
    return ", then ".join([*outcomes, *waiting]) or "nothing"


def _either(callback: str) -> str:
    return "success or error" if callback == "either" else callback


def describe(branch: Branch) -> str:
    """A branch in words: the callbacks it expects and the states it ends in."""
    return ", ".join(f"{owed.callback} of {owed.call}" for owed in branch.owed) or "no callback yet"


def describe_seen(seen: Observation) -> str:
    """An observation in words."""
    if seen.thrown is not None:
        return f"the call threw {seen.thrown}"
    return ", ".join(f"{one.callback} of {one.call}" for one in seen.settled) or "no callback"


def _contract_kinds(model: Model, step: Call | Happening, seen: Observation) -> Iterator[str]:
    if isinstance(step, Call):
        yield step.crash or crash_kind(model, step)
        yield from _call_kinds(step, seen)
    for one in seen.settled:
        yield from ("callback_missing", "callback_repeated", "callback_both")
        if one.callback == "error":
            yield from ("error_empty", "error_undocumented")
            yield from () if one.call in seen.unheard else ("failure_hidden",)
        elif one.value is ABSENT:
            yield "success_value"
        else:
            yield from ("result_wrong", "result_changed")
    if seen.snapshot is not ABSENT:
        yield from ("record_lost", "record_changed", "record_invented", "identity_mixed", "state_wrong")


def _call_kinds(step: Call, seen: Observation) -> Iterator[str]:
    if step.invalid and seen.snapshot is not ABSENT:
        yield "record_text"
    heard = step.call not in seen.unheard
    if heard and not any(one.call == step.call for one in seen.settled) and len(step.callbacks) > 1:
        yield "callback_early"
    if step.method.result and step.method.result.get("returned"):
        yield "returned_wrong"
    if not step.callbacks:
        yield "callbacks_absent"


FORMAL = frozenset(
    ["success_value", "result_wrong", "result_changed", "returned_wrong", "error_empty", "error_undocumented"]
)
"""Kinds of misbehaviour that leave no doubt about what happened: the value is wrong, the step is right."""

_FEW, _MANY = 24, 512
"""Branches up to which every choice of calls that wait is followed: at first, and before anything is rejected."""
