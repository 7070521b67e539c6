"""Checks by property: random sequences of calls, made from the specification, judged step by step.

One rule draws a step; what fails is shrunk by delta debugging. Each profile leans towards something: plain use,
faults of the network, wrong arguments, calls that overlap because answers are held back. What a profile has found
does not hide what else there is: it is set aside, and the search goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from intercom_conformance.player import Crash, Failure, Game, Played
from intercom_conformance.specification import Method, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.explore import alphabet
from intercom_conformance.suite.inputs import near_miss_payloads, valid_values
from intercom_conformance.suite.session import Session
from intercom_conformance.trace import Step

__all__ = ["sequence_checks"]

_ROUNDS = 6


@attrs.frozen
class Profile:
    """A leaning of random sequences: how often the world acts, and how often arguments are wrong, in percent."""

    name: str
    title: str
    world: int
    wrong: int
    steps: int = 30


PROFILES = (
    Profile("plain", "Random sequences of valid calls.", world=0, wrong=0),
    Profile("world", "Random sequences of calls while the world changes.", world=30, wrong=0),
    Profile("wrong", "Random sequences of calls, some with wrong arguments.", world=5, wrong=40),
    Profile("long", "Long random sequences of everything.", world=20, wrong=10, steps=100),
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
        examples = max(settings.examples * 30 // profile.steps, 1)
        for round_ in range(_ROUNDS):
            outcome = _search(spec, profile, session, settings.seed + round_, examples)
            if outcome is None:
                return
            session.judge(outcome)

    return run


def _search(
    spec: Specification, profile: Profile, session: Session, seed: int, examples: int
) -> Failure | Crash | None:
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    from intercom_conformance.suite.quiet import quiet_settings

    machine = hypothesis.seed(seed)(_machine(spec, profile, session))
    try:
        run_state_machine_as_test(machine, settings=quiet_settings(examples, profile.steps))
    except Nonconforming as found:
        return found.outcome
    return None


def _machine(spec: Specification, profile: Profile, session: Session) -> Any:
    from hypothesis.stateful import RuleBasedStateMachine, rule

    steps = step_strategy(spec, profile)

    class Sequences(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.game: Game | None = session.player.begin()

        @rule(step=steps)
        def step(self, step: Step) -> None:
            if self.game is not None and not session.player.supports(step):
                self._note(self.game.play(step))

        def teardown(self) -> None:
            if self.game is not None:
                self._note(self.game.finish())

        def _note(self, outcome: Played | Failure | Crash | None) -> None:
            if isinstance(outcome, Played):
                session.judge(outcome)
            elif outcome is not None:
                self.game = None
                if isinstance(outcome, Crash):
                    session.player.start()
                if isinstance(outcome, Crash) or not session.is_known(outcome):
                    raise Nonconforming(outcome)

    # Hypothesis keys its work by the class's name: another specification is another class.
    Sequences.__name__ = Sequences.__qualname__ = f"Sequences_{profile.name}_{spec.digest}"
    return Sequences


def step_strategy(spec: Specification, profile: Profile) -> Any:
    """A strategy for the steps of a profile; most of them are drawn whole, since every draw costs time."""
    from hypothesis import strategies as st

    methods = list(spec.api.methods.values())
    calls = [Step(m.name, arguments) for m in methods for arguments in _valid_examples(spec, m)]
    quiet = [attrs.evolve(step, callbacks=given) for step in calls for given in ((), ("success",), ("error",))]
    world = [step for step in alphabet(spec) if step.name not in spec.api.methods]
    wrong = [Step(m.name, arguments) for m in methods for arguments in _wrong_examples(spec, m)]
    made = {m.name: _made(spec, m) for m in methods if m.parameters}

    @st.composite
    def freshly_made(draw: Any) -> Step:
        # A composite, since an alternative that is itself a choice would be counted by its own alternatives.
        name = draw(st.sampled_from(list(made)))
        return Step(name, draw(made[name]))

    rest = 100 - profile.world - profile.wrong
    kinds = [
        (st.sampled_from(calls), rest * 8 // 10),
        (st.sampled_from(quiet), rest // 10),
        (freshly_made() if made else st.sampled_from(calls), rest // 10),
        (st.sampled_from(world or calls), profile.world),
        (st.sampled_from(wrong or calls), profile.wrong),
    ]
    return st.one_of([kind for kind, percent in kinds for _ in range(percent // 5)])


def _made(spec: Specification, method: Method) -> Any:
    from hypothesis import strategies as st

    return st.tuples(*(valid_values(spec, parameter) for parameter in method.parameters))


def _valid_examples(spec: Specification, method: Method) -> list[tuple[Any, ...]]:
    return [arguments for arguments in method.examples if _is_valid(spec, method, arguments)]


def _wrong_examples(spec: Specification, method: Method) -> list[tuple[Any, ...]]:
    valid = _valid_examples(spec, method)
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


def _is_valid(spec: Specification, method: Method, arguments: tuple[Any, ...]) -> bool:
    def valid(index: int) -> bool:
        parameter = method.parameters[index]
        value = arguments[index] if index < len(arguments) else None
        if parameter.ignored or (parameter.optional and value is None):
            return True
        return index < len(arguments) and spec.payloads.is_valid(parameter.schema, value)

    return all(valid(index) for index in range(len(method.parameters)))
