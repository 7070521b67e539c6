"""Kills mutants: the default suite, those of its traces first that come near the change, until one fails.

1. Short traces that come near the change, so that they take a changed transition, or hold a call that a dropped rule
   lets pass: most mutants die of one.
2. The proof: what the specification allows is no fault, and nothing needs to be played any more.
3. The traces that come to where the proof fails, also in SDKs that make other choices.
4. The proof over chains of steps, which takes some seconds.
5. The other traces that come near it, the complete suites, and then everything else.

What no check fails is a *survivor*, unless it was proved to be allowed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import attrs

from intercom_conformance.kit import oracle_of
from intercom_conformance.mutants.ammunition import ADAPTIVE, Shot
from intercom_conformance.mutants.chains import Chains, Verdict
from intercom_conformance.mutants.choosing import Choices, covering, nth_choices
from intercom_conformance.mutants.mutant import Changed, Mutant, documents_of
from intercom_conformance.mutants.proving import Prover
from intercom_conformance.mutants.subjects import driver_of
from intercom_conformance.player import Crash, Failure, Player
from intercom_conformance.specification import Specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.suite.shrink import shrink
from intercom_conformance.trace import Step, Trace, render_step
from intercom_reference.payloads import Payloads

__all__ = ["EQUIVALENT", "KILLED", "SURVIVED", "Fate", "Hunter"]

KILLED, EQUIVALENT, SURVIVED = "killed", "equivalent", "survived"

_SHORT, _FIRST = 8, 40
"""Steps of a short trace, and how many of them are played before a proof is tried."""
_LAST = 10**6
_MOST_OF_OTHERS = 4000
"""Steps that are played with each further set of choices, of the traces of a kind."""
_MOST_KEPT = 8
"""Implementations with other choices, without a change, that are kept at most: each has a machine of its own."""
_RANDOM = ("sequence/", "overlap/")
_SHRINKING = 60
"""Traces that are played at most to find the shortest sequence."""


def _without(shots: Sequence[Shot], others: Sequence[Shot]) -> list[Shot]:
    left_out = {id(one) for one in others}
    return [one for one in shots if id(one) not in left_out]


def _up_to(steps: int, shots: Sequence[Shot]) -> Iterator[Shot]:
    for shot in shots:
        steps -= len(shot.trace)
        if steps < 0:
            return
        yield shot


def _some_of(nearest: Sequence[Shot], near: Sequence[Shot]) -> list[Shot]:
    """So many of the traces that come to where a proof fails as may be played again, and as many that come near."""
    coming = {id(one) for one in near}
    both = [one for one in nearest if id(one) in coming]
    first = list(_up_to(_MOST_OF_OTHERS, [*both, *_without(nearest, both)]))
    return [*first, *_up_to(_MOST_OF_OTHERS, _without(near, first))]


def _differing(verdict: Verdict) -> str:
    return f"It may differ after {', '.join(verdict.events)}." if verdict.events else ""


def _comes_to(shot: Shot, event: str, states: frozenset[str]) -> bool:
    return any(event == one and states <= certain for certain, one in shot.visits)


@attrs.frozen
class Fate:
    """What became of a mutant: of which check it died after how many steps, or why it is allowed."""

    mutant: str
    operator: str
    summary: str
    verdict: str
    check: str = ""
    requirement: str = ""
    steps: int = 0
    sequence: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@attrs.frozen(eq=False, slots=False)
class Hunter:
    """Hunts the mutants of one specification, with the traces that a suite was seen to play."""

    spec: Specification
    shots: Sequence[Shot]
    settings: Settings

    @cached_property
    def prover(self) -> Prover:
        """Tells what is allowed."""
        return Prover(self.spec)

    @cached_property
    def chains(self) -> Chains:
        """Tells what is allowed over chains of steps."""
        return Chains(self.prover)

    @cached_property
    def _ordered(self) -> Sequence[Shot]:
        """Every trace once: those that were made for something before those made at random, the shortest first."""
        distinct = {repr([(s.name, s.arguments, s.callbacks, s.call) for s in one.trace]): one for one in self.shots}
        return sorted(distinct.values(), key=lambda one: (one.check.startswith(_RANDOM), len(one.trace)))

    def hunt(self, mutant: Mutant) -> Fate:
        """What becomes of a mutant."""
        begun = time.perf_counter()
        fate = self._fate(mutant, self._player(mutant))
        return attrs.evolve(fate, seconds=round(time.perf_counter() - begun, 6))

    def _fate(self, mutant: Mutant, player: Player) -> Fate:
        near = self._near(mutant)
        first = near[: min(_FIRST, sum(len(one.trace) <= _SHORT for one in near))]
        if (fate := self._shoot(mutant, player, first)) is not None:
            return fate
        if (reason := self.prover.proof(mutant)) is not None:
            return self._told(mutant, EQUIVALENT, reason=reason, steps=player.steps_played)
        nearest = self._where_it_differs(mutant)
        later, some = _without(near, first), _some_of(nearest, near)
        fate = self._shoot(mutant, player, nearest) or self._with_second_and_last(mutant, some, player)
        verdict = self.chains.verdict(mutant) if fate is None else Verdict()
        if verdict.reason is not None:
            return self._told(mutant, EQUIVALENT, reason=verdict.reason, steps=player.steps_played)
        fate = fate or self._shoot(mutant, player, _without(later, nearest)) or self._check(mutant, player)
        fate = fate or self._shoot(mutant, player, _without(_without(self._ordered, near), nearest))
        fate = fate or self._with_every_two_choices(mutant, some, player)
        return fate or self._told(mutant, SURVIVED, reason=_differing(verdict), steps=player.steps_played)

    def _where_it_differs(self, mutant: Mutant) -> list[Shot]:
        """The traces that come to where the proof fails, the simplest first."""
        where = self.prover.refuted(mutant)
        found: dict[int, Shot] = {}
        for event, states in where:
            found |= {id(one): one for one in self._coming_to.get(event, ()) if _comes_to(one, event, states)}
        return [one for one in self._ordered if id(one) in found]

    @cached_property
    def _coming_to(self) -> Mapping[str, list[Shot]]:
        """The traces in which an event comes."""
        found: dict[str, list[Shot]] = {}
        for shot in self._ordered:
            for event in {event for _, event in shot.visits}:
                found.setdefault(event, []).append(shot)
        return found

    def _with_second_and_last(self, mutant: Mutant, shots: Sequence[Shot], player: Player) -> Fate | None:
        """What becomes of a mutant that makes other choices wherever an implementation may: the second, the last."""
        for number, chosen in ((1, "the second of the choices it has"), (_LAST, "the last of the choices it has")):
            fate = self._with_choices(mutant, nth_choices(self.spec, number), shots, player, chosen)
            if fate is not None:
                return fate
        return None

    def _with_every_two_choices(self, mutant: Mutant, shots: Sequence[Shot], player: Player) -> Fate | None:
        """What becomes of a mutant in implementations of which some one makes any two choices together."""
        for choices in covering(self.spec):
            if (fate := self._with_choices(mutant, choices, shots, player, "some other choices")) is not None:
                return fate
        return None

    def _with_choices(
        self, mutant: Mutant, choices: Choices, shots: Sequence[Shot], player: Player, chosen: str
    ) -> Fate | None:
        others = tuple((name, choice) for name, choice in choices if name not in mutant.transitions)
        variant = attrs.evolve(mutant, choices=(*others, *mutant.choices))
        other = self._player(variant)
        fate = self._shoot(variant, other, shots)
        if fate is None:
            player.steps_played += other.steps_played
            return None
        told = f"{mutant.summary}, in an SDK that makes {chosen}"
        return attrs.evolve(fate, summary=told, steps=player.steps_played + fate.steps)

    def _player(self, mutant: Mutant) -> Player:
        player = Player(self.spec, oracle_of(self.spec), lambda native: driver_of(mutant, self.spec, native), None)
        player.start()
        return player

    def _near(self, mutant: Mutant) -> list[Shot]:
        """The traces that come near the change, in the order in which they are played; all, if none is told."""
        if mutant.schemas:
            return self._with_other_validity(mutant)
        if not mutant.transitions:
            return list(self._ordered)
        return [one for one in self._ordered if one.transitions & mutant.transitions]

    def _with_other_validity(self, mutant: Mutant) -> list[Shot]:
        """The traces with a call that a mutant takes for valid and the specification does not, or vice versa."""
        changed = attrs.evolve(self.spec, payloads=Payloads(Changed(documents_of(self.spec), mutant.edits)))
        found: dict[int, Shot] = {}
        for step, invalid, shots in self._calls:
            method = self.spec.api.by_any_name[step.name]
            if changed.invalid(method, method.named(step.arguments)) != invalid:
                found |= {id(one): one for one in shots}
        return [one for one in self._ordered if id(one) in found] or list(self._ordered)

    @cached_property
    def _calls(self) -> Sequence[tuple[Step, frozenset[str], list[Shot]]]:
        """Every call of the traces once, with what is invalid of it, and where it is made."""
        found: dict[str, tuple[Step, list[Shot]]] = {}
        for shot in self._ordered:
            for step in shot.trace:
                if step.name in self.spec.api.by_any_name:
                    found.setdefault(repr((step.name, step.arguments)), (step, []))[1].append(shot)
        methods = self.spec.api.by_any_name
        invalid = (
            self.spec.invalid(methods[step.name], methods[step.name].named(step.arguments))
            for step, _ in found.values()
        )
        return [(step, wrong, shots) for (step, shots), wrong in zip(found.values(), invalid, strict=True)]

    def _shoot(self, mutant: Mutant, player: Player, shots: Iterable[Shot]) -> Fate | None:
        for shot in shots:
            broken = self._broken(player, shot.trace)
            if broken is not None and self._blames(mutant, shot.trace):
                steps = player.steps_played
                sequence = self._shortest(mutant, player, broken)
                return self._told(
                    mutant, KILLED, check=shot.check, requirement=broken[1], steps=steps, sequence=sequence
                )
        return None

    def _blames(self, mutant: Mutant, trace: Trace) -> bool:
        """Whether it is the change that a trace fails by: an SDK that makes the same choices without it plays it.

        What a choice brings that the reference does not get right would be found in every mutant that makes it.
        """
        return not mutant.choices or self._broken(self._unchanged(mutant.choices), trace) is None

    def _unchanged(self, choices: tuple[tuple[str, int], ...]) -> Player:
        """The implementation that is mutated, with these choices."""
        if choices not in self._conforming:
            if len(self._conforming) == _MOST_KEPT:
                del self._conforming[next(iter(self._conforming))]
            self._conforming[choices] = self._player(Mutant("original", "", "nothing is changed", choices=choices))
        return self._conforming[choices]

    @cached_property
    def _conforming(self) -> dict[tuple[tuple[str, int], ...], Player]:
        return {}

    def _broken(self, player: Player, trace: Trace) -> tuple[Trace, str] | None:
        """The trace up to where it fails and the requirement that it breaks; a warning does not fail a run."""
        outcome = player.play(trace)
        if isinstance(outcome, Crash):
            kind = player.blame(outcome.trace, outcome.at)
            player.start()
            return outcome.trace[: outcome.at + 1], self.spec.api.contract[kind]
        failures = (*outcome.formal, outcome) if isinstance(outcome, Failure) else outcome.formal
        found = next((one for one in failures if self.spec.requirements[one.requirement].binding), None)
        return None if found is None else (found.trace[: found.at + 1], found.requirement)

    def _shortest(self, mutant: Mutant, player: Player, broken: tuple[Trace, str]) -> tuple[str, ...]:
        if not self.settings.shrink:
            return ()

        def fails(candidate: Trace) -> bool:
            again = self._broken(player, candidate)
            return again is not None and again[1] == broken[1] and self._blames(mutant, candidate)

        return tuple(map(render_step, shrink(broken[0], fails, most=_SHRINKING)))

    def _check(self, mutant: Mutant, player: Player) -> Fate | None:
        """What the checks make of a mutant that play what the binding makes them play."""
        for check in catalogue(self.spec):
            if check.family == ADAPTIVE:
                result = run_check(check, player, attrs.evolve(self.settings, shrink=False))
                found = [one for one in result.findings if self.spec.requirements[one.requirement].binding]
                found = [one for one in found if self._blames(mutant, one.trace)]
                if found:
                    steps, requirement = player.steps_played, found[0].requirement
                    sequence = self._shortest(mutant, player, (found[0].trace, requirement))
                    return self._told(
                        mutant, KILLED, check=check.id, requirement=requirement, steps=steps, sequence=sequence
                    )
        return None

    @staticmethod
    def _told(mutant: Mutant, verdict: str, **more: object) -> Fate:
        return Fate(mutant.id, mutant.operator, mutant.summary, verdict, **more)  # type: ignore[arg-type]
