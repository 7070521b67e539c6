"""Checks by property: random sequences of calls, made from the specification, judged step by step.

Hypothesis draws walks over a pool of steps; what fails is shrunk by delta debugging. Each profile leans towards
something: plain use, faults of the network, wrong arguments, calls that overlap because answers are held back, steps
that are taken again and again. What a profile has found does not hide what else there is: it is set aside, and the
search goes on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice
from typing import Any

import attrs

from intercom_conformance.player import Crash, Failure, Played
from intercom_conformance.specification import Method, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.inputs import near_miss_payloads, valid_examples, valid_values
from intercom_conformance.suite.session import Session
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step, Trace

__all__ = ["sequence_checks"]

_ROUNDS = 6
_POOL = 2**16
"""Places in the pool that a step is drawn from, as many as two bytes can name."""

_AGAIN = 8
"""Steps that are repeated in a walk."""

_DETOURS = 3
"""Steps of a walk that are left out at most, because each shows a fault that is known already."""

_FRESH = 40
"""Calls that are made from the schemas for one run; the checks of the families payload and valid make many more."""


@attrs.frozen
class Profile:
    """A leaning of random sequences: how often the world acts, arguments are wrong, and a step is repeated, in percent.

    A step that is repeated is one of the first few, so that a walk comes to the same places again and again. Of the
    world, `network` leaves only what keeps answers back, loses them, or lets them go. In one that is `overlapping` the
    kit, where it plays the native SDK, hands over the answers in any order, and late. `share` is the part of the steps
    that are played for it, in percent of those for the first profile.
    """

    name: str
    title: str
    world: int
    wrong: int
    steps: int = 30
    again: int = 0
    network: bool = False
    overlapping: bool = False
    share: int = 100


PROFILES = (
    Profile("plain", "Random sequences of valid calls.", world=0, wrong=0),
    Profile("world", "Random sequences of calls while the world changes.", world=30, wrong=0),
    Profile("wrong", "Random sequences of calls, some with wrong arguments.", world=5, wrong=40),
    Profile("overlap", "Random sequences of calls that overlap.", 30, 0, 20, network=True, overlapping=True, share=60),
    Profile("long", "Long random sequences of everything.", world=20, wrong=10, steps=100, share=70),
    Profile("again", "Long random sequences in which steps are repeated.", 50, 0, 100, 90, network=True, share=70),
)


def sequence_checks(spec: Specification) -> Iterator[Check]:
    """One check for each profile."""
    for profile in PROFILES:
        yield Check(f"sequence/{profile.name}", profile.title, (), _run(spec, profile))


class Nonconforming(Exception):
    """Carries a failure, or a crash, through Hypothesis."""

    def __init__(self, outcome: Failure | Crash) -> None:
        super().__init__(str(type(outcome).__name__))
        self.outcome = outcome


def _run(spec: Specification, profile: Profile) -> Any:
    def run(session: Session, settings: Settings) -> None:
        examples = max(settings.examples * 30 * profile.share // 100 // profile.steps, 1)
        shares = _shares(spec, profile, settings.seed)
        pool = _weighted(shares, session)
        if not pool:
            session.missing |= {name for kind, share in shares if share for name in _lacking(kind, session)}
            return
        if settings.remembered is not None:
            session.play_all(settings.remembered.traces())
        for round_ in range(_ROUNDS):
            outcome = _search(_walks(pool, profile, session), session, settings.seed + round_, examples)
            if outcome is None:
                break
            session.judge(outcome)
        if settings.remembered is not None:
            for finding in session.findings.values():
                settings.remembered.add(finding.trace)

    return run


def _walks(pool: list[Step], profile: Profile, session: Session) -> Any:
    """A strategy for the walks of a profile."""
    from hypothesis import strategies as st

    # Every draw costs time: a whole walk is one, in which two bytes choose a step, and a third how it is taken.
    steps = profile.steps
    codes = st.binary(min_size=3 * steps, max_size=3 * steps)
    relayed = (session.player.binding or session.player.start()).kind == "wrapper"

    def walk(drawn: bytes) -> list[Step]:
        chosen = [pool[code] for code in struct.unpack(f"<{steps}H", drawn[: 2 * steps])]
        manners = drawn[2 * steps :]
        taken = _repeated(chosen, manners, profile.again)
        return _answered(taken, manners, session.player.spec) if profile.overlapping and relayed else taken

    return codes.map(walk)


def _repeated(steps: list[Step], manners: bytes, again: int) -> list[Step]:
    """The steps, of which so many percent give way to one of the first few."""
    few = steps[:_AGAIN]
    return [
        few[manner % len(few)] if manner * 100 < again * 256 else step
        for step, manner in zip(steps, manners, strict=True)
    ]


def _answered(steps: list[Step], manners: bytes, spec: Specification) -> list[Step]:
    """The steps, most of which keep answers back, or hand over those of the latest calls, the last one first."""
    taken: list[Step] = []
    for number, (step, manner) in enumerate(zip(steps, manners, strict=True), 1):
        named = attrs.evolve(step, call=f"call-{number}") if step.name in spec.api.methods else step
        calls = [one.call for one in (*taken, named) if one.call]
        count = manner % 8
        answers = None if count > 5 else tuple(calls[-count:][::-1]) if count > 3 else ()
        taken.append(attrs.evolve(named, answers=answers))
    return taken


def _search(walks: Any, session: Session, seed: int, examples: int) -> Failure | Crash | None:
    import hypothesis

    from intercom_conformance.suite.drawing import quiet

    @hypothesis.seed(seed)
    @quiet(examples)
    @hypothesis.given(walks)
    def conforms(walk: list[Step]) -> None:
        outcome = _routed(session, tuple(walk))
        if isinstance(outcome, Crash):
            session.player.start()
        if isinstance(outcome, Crash) or (isinstance(outcome, Failure) and not session.is_known(outcome)):
            raise Nonconforming(outcome)
        if isinstance(outcome, Played):
            session.judge(outcome)

    try:
        conforms()
    except Nonconforming as found:
        return found.outcome
    return None


def _routed(session: Session, walk: Trace) -> Played | Failure | Crash:
    """How a walk ends that goes around the steps which show what is known already."""
    for _ in range(_DETOURS):
        outcome = session.player.play(walk)
        if not isinstance(outcome, Failure) or not session.is_known(outcome) or outcome.at >= len(walk):
            return outcome
        walk = (*walk[: outcome.at], *walk[outcome.at + 1 :])
    return session.player.play(walk)


def _weighted(shares: Sequence[tuple[Sequence[Step], float]], session: Session) -> list[Step]:
    """The steps that a binding can be put to, each as often as the share of its kind asks for."""
    kinds = [([step for step in kind if not session.player.supports(step)], share) for kind, share in shares]
    weighted = [step for kind, share in kinds for step in islice(cycle(kind), round(share * _POOL / 100))]
    return list(islice(cycle(weighted), _POOL))


def _lacking(steps: Sequence[Step], session: Session) -> set[str]:
    """What a binding would need for these steps."""
    return {name for step in steps for name in session.player.supports(step)}


def _shares(spec: Specification, profile: Profile, seed: int) -> list[tuple[Sequence[Step], float]]:
    """The kinds of steps of a profile, each with its share of the choices in percent."""
    methods = list(spec.api.methods.values())
    calls = [Step(m.name, arguments) for m in methods for arguments in valid_examples(spec, m)]
    quiet = [attrs.evolve(step, callbacks=given) for step in calls for given in ((), ("success",), ("error",))]
    world = [step for step in alphabet(spec) if step.name not in spec.api.methods]
    if profile.network:
        world = [step for step in world if spec.chart["environment"][step.name].get("retries")]
    wrong = [Step(m.name, arguments) for m in methods for arguments in _wrong_examples(spec, m)]
    rest = 100 - profile.world - profile.wrong
    return [
        (calls, rest * 0.8),
        (quiet, rest * 0.1),
        (_freshly_made(spec, seed), rest * 0.1),
        (world, profile.world),
        (wrong, profile.wrong),
    ]


@cache
def _freshly_made(spec: Specification, seed: int) -> tuple[Step, ...]:
    """Calls with arguments that Hypothesis makes from the schemas; few, since one takes as long as ten steps."""
    from hypothesis import strategies as st

    from intercom_conformance.suite.drawing import drawn

    methods = [method for method in spec.api.methods.values() if method.parameters]
    if not methods:
        return ()
    arguments = st.sampled_from(methods).flatmap(
        lambda method: st.tuples(st.just(method.name), *(valid_values(spec, one) for one in method.parameters))
    )
    return tuple(Step(name, tuple(given)) for name, *given in drawn(arguments, seed, _FRESH))


def _wrong_examples(spec: Specification, method: Method) -> list[tuple[Any, ...]]:
    valid = valid_examples(spec, method)
    wrong = [arguments for arguments in method.examples if arguments not in valid]
    return wrong + _spoilt(spec, method, max(valid, key=len))


def _spoilt(spec: Specification, method: Method, valid: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [
        (*valid[:index], payload, *valid[index + 1 :])
        for index, parameter in enumerate(method.parameters[: len(valid)])
        if not parameter.ignored
        for payloads in near_miss_payloads(spec, parameter.schema).values()
        for payload in payloads[:3]
    ]
