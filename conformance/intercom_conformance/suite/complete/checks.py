"""One check for each part of the specification: its complete suite, and what it has proved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.complete.automaton import Inputs, Machine
from intercom_conformance.suite.complete.choices import Choices
from intercom_conformance.suite.complete.methods import METHODS
from intercom_conformance.suite.complete.projections import names, projection
from intercom_conformance.suite.session import Session

__all__ = ["complete_checks"]

_TOLD = 6
"""Names of what was not reached that are told."""

_ROUNDS = 60
"""How often the machine may become more exact; one fault, or one choice, takes a round at most."""


def complete_checks(spec: Specification) -> Iterator[Check]:
    """One check for each part of the specification."""
    for name in names(spec):
        title = f"It conforms as to {name.replace('_', ' ')}, or has more states than the specification."
        yield Check(f"complete/{name}", title, (), _run(spec, name))


def _run(spec: Specification, name: str) -> Any:
    def run(session: Session, settings: Settings) -> None:
        choices = Choices.of(session.player, projection(spec, name), session.judge)
        if not choices.usable:
            session.missing |= {one for step in choices.projection.inputs for one in session.player.supports(step)}
            return
        session.told.append(_Proof(session, choices, settings).run())

    return run


@attrs.define
class _Proof:
    """A complete suite being played."""

    session: Session
    choices: Choices
    settings: Settings
    played: set[Inputs] = attrs.field(factory=set)

    def run(self) -> str:
        """Plays the suite of what the binding is known to do, until it is seen to do just that; what that proves."""
        for _ in range(_ROUNDS):
            machine = self.choices.machine()
            if machine is None:
                return "not proved: the specification has too many states here."
            suite = METHODS[self.settings.method](machine, machine.distinct + self.settings.guarantee)
            fresh = [one for one in suite if one not in self.played]
            if not fresh:
                return self._statement(machine, len(suite))
            for one in fresh:
                self.played.add(one)
                self.choices.play(one)
        return "not proved: it did something new again and again."

    def _statement(self, machine: Machine, sequences: int) -> str:
        if self.choices.unsteady:
            return f"not proved: it is not deterministic, at {len(self.choices.unsteady)} steps."
        bound = machine.distinct + self.settings.guarantee
        made = f"{sequences} sequences of {len(machine.inputs)} inputs, {self.settings.method.upper()}-method"
        return f"conforms{self._but()}, or has more than {bound} states ({made})."

    def _but(self) -> str:
        steps = self.choices.left_out
        left = [f"{steps} steps that were left out"] if steps else []
        shown = ["the faults shown"] if self.session.findings else []
        return f", but for {' and '.join([*shown, *left])}{self._unreached()}" if shown or left else ""

    def _unreached(self) -> str:
        """What no sequence came to, since every way there leads through a step that is left out."""
        states, transitions = self.choices.beyond()
        lost = sorted(states - self.session.states)
        others = sorted(transitions - self.session.transitions)
        told = [*lost, *(f"transition {name}" for name in others)]
        more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        return f", behind which were not reached {', '.join(told[:_TOLD])}{more}" if told else ""
