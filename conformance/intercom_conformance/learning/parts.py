"""Learns a binding part by part: what was learned of each, how it deviates, and what it chooses.

What breaks a rule on the way is taken note of, once for each fault, and is seen again, by a shorter sequence, before it
is reported. What the machine merely predicts is played; if the binding does not do it, that is counted.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from intercom_conformance.exits import unknown
from intercom_conformance.learning.deviating import Against, Choice, Specified
from intercom_conformance.learning.learner import Learned, Plan, learn
from intercom_conformance.learning.models import WHOLE, Model
from intercom_conformance.learning.outputs import Output
from intercom_conformance.learning.subject import Budget, NotDeterministic, Outcome, Subject, Word, steps_of
from intercom_conformance.player import Crash, Failure, Played, Player
from intercom_conformance.results import Result
from intercom_conformance.specification import Specification
from intercom_conformance.suite.checks import Check, Settings, run_check
from intercom_conformance.suite.complete.projections import Projection, distinct, names, projection
from intercom_conformance.suite.session import Session, verdict_of_crash
from intercom_conformance.trace import Step

__all__ = ["WHOLE", "Limits", "Part", "Unsteady", "known_part", "learn_parts", "part_names", "part_of"]

_GRACE = 3.0
"""Seconds after its time for which a machine that was cut short is compared with the specification."""

_AGAIN = 8
"""How often what was answered in two ways is asked again, to tell how often it is answered so."""


@attrs.frozen
class Limits:
    """How much may be asked of a binding: steps for each part, and seconds for all of them together."""

    steps: int = 100_000
    seconds: float = 300.0


@attrs.frozen
class Unsteady:
    """A trace after whose last step the binding answered now this, now that, each with how often it did."""

    trace: tuple[Step, ...]
    answers: tuple[tuple[Output, int], ...]


@attrs.frozen(eq=False)
class Part:
    """What came of learning a part of a binding.

    `result` has the deviations as findings; `dropped` counts predictions that the binding did not fulfil, `unplayed`
    those for which no time was left.
    """

    model: Model
    choices: tuple[Choice, ...]
    result: Result
    words: int
    dropped: int = 0
    unsteady: Unsteady | None = None
    unjudged: bool = False
    """Whether some of what the machine does was not compared with the specification, since it is too much."""
    unplayed: int = 0
    option: str = ""
    """The option that moves the bound which cut the learning short, if one did."""
    of: tuple[str, ...] = ()
    """The transitions of the specification that the part is about."""

    @property
    def missed(self) -> tuple[str, ...]:
        """Those of them that nothing played has taken."""
        return tuple(one for one in self.of if one not in self.result.transitions)


def part_names(spec: Specification) -> tuple[str, ...]:
    """The parts of a specification that are learned one by one."""
    return names(spec)


def known_part(spec: Specification, name: str) -> str:
    """The name of a part, if there is one of that name; `UsageProblem` if not."""
    known = (*part_names(spec), WHOLE)
    if name not in known:
        raise unknown("part", name, known, f"There are: {', '.join(known)}.")
    return name


def part_of(spec: Specification, name: str) -> Projection:
    """The inputs of a part."""
    if name != WHOLE or name in names(spec):
        return projection(spec, name)
    return Projection(WHOLE, distinct(step for one in names(spec) for step in projection(spec, one).inputs))


Told = Callable[[str, int, int], None]
"""Hears the part that is learned, how many states are known of it, and how many steps were played for it."""


def learn_parts(
    player: Player, parts: Sequence[str], plan: Plan, limits: Limits, told: Told = lambda name, states, steps: None
) -> Iterator[Part]:
    """Learns parts one after another; each may take half of the time that is left, the last one all of it.

    Raises:
        DriverError: the binding went down and cannot be started again.
    """
    inputs = {name: part_of(player.spec, name) for name in parts}  # the clock begins when it is known what to ask
    until = time.monotonic() + limits.seconds
    for number, name in enumerate(parts, 1):
        left = max(until - time.monotonic(), 0.0)
        share = left if number == len(parts) else left / 2
        yield _Learning(player, name, inputs[name], plan, Budget(limits.steps, time.monotonic() + share), told).run()


@attrs.define(eq=False)
class _Learning:
    """One part being learned."""

    player: Player
    name: str
    inputs: Projection
    plan: Plan
    budget: Budget
    told: Told
    outcomes: dict[Any, Failure | Crash] = attrs.field(factory=dict)
    """The shortest trace for each fault that was met."""
    dropped: int = 0
    unplayed: int = 0
    unsteady: Unsteady | None = None
    states: int = 0

    def run(self) -> Part:
        """Learns it, and judges what was found."""
        found: list[Any] = []
        title = f"What the binding does as to {self.name.replace('_', ' ')}, learned."
        check = Check(f"learn/{self.name}", title, (), lambda session, _: found.extend(self._learn(session)))
        result = run_check(check, self.player, Settings(seed=self.plan.seed))
        subject, learned, compared = found
        return Part(
            model=Model(
                self.name, subject.projection.inputs, learned.machine, subject.left_out, _why(subject, learned)
            ),
            choices=tuple(one for one in compared.choices if subject.answered(one.word, learned.machine)),
            result=result,
            words=subject.words,
            dropped=self.dropped,
            unsteady=self.unsteady,
            unjudged=compared.cut,
            unplayed=self.unplayed,
            option=learned.cut.option if learned.cut else "",
            of=_about(subject, self.name),
        )

    def _learn(self, session: Session) -> tuple[Subject, Learned, Against]:
        subject = Subject(self.player, self.inputs, self.budget, self._note(session))
        if not subject.usable:
            session.missing |= {one for step in subject.projection.inputs for one in self.player.supports(step)}
        specified = Specified(subject.projection.inputs, self.player.oracle, self.player.binding)
        learned = learn(subject, self.plan, specified.words, self._tell)
        until = math.inf if learned.cut is None else self.budget.until + _GRACE
        compared = Against() if learned.machine is None else specified.against(learned.machine, until)
        for deviation in compared.deviations:
            self._confirm(steps_of(subject.projection, deviation.word), session)
        if learned.unsteady is not None:
            session.verdicts.add("flaky")
            self.unsteady = _asked_again(subject, learned.unsteady)
        for outcome in self.outcomes.values():
            _judge(session, outcome)
        return subject, learned, compared

    def _tell(self, states: int) -> None:
        self.states = states
        self.told(self.name, states, self.budget.spent)

    def _note(self, session: Session) -> Callable[[Outcome], None]:
        """Takes note of how each word ended: faults are kept, everything else counts at once."""

        def note(outcome: Outcome) -> None:
            self._tell(self.states)
            if isinstance(outcome, Played):
                session.judge(attrs.evolve(outcome, formal=()))
            self._keep(outcome)

        return note

    def _keep(self, outcome: Outcome) -> bool:
        """Keeps the shortest trace for each fault; whether there was any."""
        faults: list[Failure | Crash] = [*outcome.formal]
        if not isinstance(outcome, Played):
            faults.append(attrs.evolve(outcome, formal=()))
        for one in faults:
            key = one.fault if isinstance(one, Failure) else (type(one.error), one.trace[one.at].name)
            known = self.outcomes.get(key)
            if known is None or len(one.trace) < len(known.trace):
                self.outcomes[key] = one
        return bool(faults)

    def _confirm(self, trace: tuple[Step, ...], session: Session) -> None:
        """Plays what the machine predicts, while there is time; what does not come true is counted."""
        if self.budget.is_over:
            self.unplayed += 1
            return
        outcome = self.player.play(trace)
        if isinstance(outcome, Crash):
            self.player.start()
        self.dropped += not self._keep(outcome)


def _about(subject: Subject, part: str) -> tuple[str, ...]:
    """The transitions that the inputs of a part are about; those of its own region alone, if it is one."""
    methods, table = subject.player.spec.api.methods, subject.player.oracle.model.table
    names = [subject.projection.inputs[number].name for number in subject.usable]
    events = {methods[name].event if name in methods else name for name in names}
    regions = [region.position for region in table.regions if region.name == part] or range(len(table.regions))
    return tuple(one.id for one in table.transitions if one.events & events and one.region in regions)


def _asked_again(subject: Subject, found: NotDeterministic) -> Unsteady:
    """What a binding answers after a word, and how often, if it is asked some more times."""
    counts = Counter({found.one: 1, found.other: 1})
    for _ in range(_AGAIN):
        word = Word(subject.player, subject.projection)
        outputs = [word.play(number) for number in found.word if not word.down]
        word.finish()
        counts[outputs[-1]] += len(outputs) == len(found.word)
    return Unsteady(steps_of(subject.projection, found.word), tuple((+counts).most_common()))


def _judge(session: Session, outcome: Failure | Crash) -> None:
    """Has a fault shrunk and seen again; one that takes a time-out to be seen is not shrunk."""
    slow = isinstance(outcome, Crash) and verdict_of_crash(outcome.error) == "timed out"
    kept, session.shrinking = session.shrinking, session.shrinking and not slow
    session.judge(outcome)
    session.shrinking = kept


def _why(subject: Subject, learned: Learned) -> str:
    """What cut the learning short, in half a sentence."""
    if not subject.usable:
        return "no input of it can be asked"
    if learned.unsteady is not None:
        return "it is not deterministic"
    if learned.cut is None:
        return ""
    at_least = f", when {learned.least} states were told apart" if learned.least else ""
    return f"stopped after {learned.cut.bound}{at_least}"
