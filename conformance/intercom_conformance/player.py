"""Plays traces against one binding and has the oracle judge every step.

The player stands on both sides of a wrapper: it makes the calls, and its far end answers what the wrapper asks
of the native SDK. A self-contained SDK has no far end; there the world acts through the driver. Which of the two
a binding is, it says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import attrs

from intercom_conformance.drivers.protocol import (
    MISSING,
    Answered,
    Binding,
    Driver,
    DriverError,
    Failed,
    Held,
    NativeReply,
    NotStarted,
    ProtocolBroken,
    Reaction,
    Refused,
    Settled,
)
from intercom_conformance.drivers.wire import Tap, WireDriver
from intercom_conformance.oracle import (
    ABSENT,
    FORMAL,
    Accepted,
    Broken,
    Call,
    Configuration,
    Happening,
    Observation,
    Oracle,
    Rejected,
    Settlement,
    Undecidable,
)
from intercom_conformance.oracle.wording import text, with_value
from intercom_conformance.recording import Recorder
from intercom_conformance.results import Fault
from intercom_conformance.specification import Specification
from intercom_conformance.trace import BOTH, Step, Trace, needs

__all__ = ["NATIVE", "Crash", "Crossing", "Failure", "FarEnd", "Game", "Played", "Player", "Seen"]


class FarEnd(Protocol):
    """The native SDK behind a wrapper, as the kit plays it."""

    def reset(self) -> None:
        """A freshly installed device and an empty workspace."""
        ...

    def native(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        """What the SDK answers, at once or not yet."""
        ...

    def happen(self, event: str, arguments: Sequence[Any]) -> None:
        """Lets something happen in the world."""
        ...

    def late(self) -> list[tuple[str, Answered | Failed]]:
        """The answers to held requests that have come since, by ticket; each is given once."""
        ...

    def observe(self) -> Any:
        """The snapshot of the workspace and the device."""
        ...


NATIVE = "native-sdk"
"""What a self-contained SDK lacks: a native SDK below it, whose answers the kit gives when it likes."""


class _NoFarEnd:
    """Stands where a self-contained SDK has no far end."""

    def reset(self) -> None:
        pass

    def native(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        raise ProtocolBroken(f"a binding without a native SDK asked for {method!r}")

    def happen(self, event: str, arguments: Sequence[Any]) -> None:
        raise AssertionError("the world acts on a self-contained SDK through its driver")

    def late(self) -> list[tuple[str, Answered | Failed]]:
        return []

    def observe(self) -> Any:
        return ABSENT


@attrs.frozen
class Crossing:
    """What crossed the bridge of a wrapper: a call of the native SDK and its answer, or an answer that came late."""

    method: str
    arguments: tuple[Any, ...]
    reply: NativeReply
    late: bool = False


@attrs.frozen
class Seen:
    """One step as it was played: what was called, what was seen, and what crossed the bridge meanwhile."""

    step: Step
    observation: Observation
    crossed: tuple[Crossing, ...] = ()


@attrs.frozen
class Failure:
    """A trace that shows a binding at fault: the step that was not allowed, and what it breaks."""

    trace: Trace
    seen: tuple[Seen, ...]
    broken: tuple[Broken, ...]
    allowed: tuple[str, ...]
    at: int
    formal: tuple[Failure, ...] = ()
    orders: tuple[str, ...] = ()
    transitions: tuple[str, ...] = ()
    """Those that the specification takes in that step, as far as they are at fault."""
    states: tuple[str, ...] = ()
    """Where regions were for certain before that step, each as ``region: state``."""

    @property
    def requirement(self) -> str:
        """The requirement that is broken first."""
        return self.broken[0].requirement

    @property
    def fault(self) -> Fault:
        """Which fault it is: what is broken first, and the step that shows it."""
        return self.requirement, self.broken[0].kind, self.trace[self.at].name


@attrs.frozen
class Crash:
    """A trace that brought the driver down: the step in flight, and how it ended."""

    trace: Trace
    seen: tuple[Seen, ...]
    error: DriverError
    at: int
    formal: tuple[Failure, ...] = ()
    transitions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    crossed: tuple[Crossing, ...] = ()
    """What crossed the bridge in the step in flight."""


@attrs.frozen
class Played:
    """A trace that the specification allows, but for failures of form on the way: what it exercised."""

    trace: Trace
    seen: tuple[Seen, ...]
    exercised: frozenset[str]
    transitions: frozenset[str]
    pairs: frozenset[str]
    """Transitions that were taken one step after another, each as ``first > second``."""
    states: frozenset[str]
    """States in which a region was for certain, each as ``region: state``."""
    guards: frozenset[str]
    """Outcomes of guards that were asked, each as ``transition: true`` or ``transition/alternative: false``."""
    visits: frozenset[tuple[frozenset[str], str]]
    """Where regions were for certain before a step, and its event."""
    configurations: tuple[Configuration, ...]
    formal: tuple[Failure, ...] = ()
    unwritable: bool = False
    """Whether a step was left out, because no app can write it in the binding's API."""
    undecided: bool = False
    """Whether so much was open from some step on that the rest was not judged."""


@attrs.define
class _Relay:
    """What a wrapper asked of the far end, by the call in flight at that time."""

    far_end: FarEnd
    call: str = ""
    asked: list[tuple[str, str, NativeReply]] = attrs.field(factory=list)
    crossed: list[Crossing] = attrs.field(factory=list)
    tickets: dict[str, tuple[str, str]] = attrs.field(factory=dict)
    kept: dict[str, Answered | Failed] = attrs.field(factory=dict)
    """The answers that have come and are not handed over yet, by ticket, in the order in which they came."""
    keeping: frozenset[str] = frozenset()
    """The methods whose answers are kept even if the far end has them at once."""
    unasked: dict[str, str] = attrs.field(factory=dict)
    """The calls for which the far end was not asked yet, each with its method."""

    def native(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        reply = self.far_end.native(method, arguments)
        if method in self.keeping and isinstance(reply, Answered | Failed):
            ticket = f"k{len(self.asked)}"
            self.kept[ticket] = reply
            reply = Held(ticket)
        owner = self._owner(method)
        self.asked.append((owner, method, reply))
        self.crossed.append(Crossing(method, tuple(arguments), reply))
        if isinstance(reply, Held):
            self.tickets[reply.ticket] = (owner, method)
        return reply

    def _owner(self, method: str) -> str:
        """The call that a request is made for: the one at hand, or one that had to wait for the answer at hand."""
        postponed = (call for call, name in self.unasked.items() if name == method)
        owner = self.call if self.unasked.get(self.call) == method else next(postponed, self.call)
        self.unasked.pop(owner, None)
        return owner

    def reset(self) -> None:
        """Forgets everything, and makes the far end new."""
        self.far_end.reset()
        for one in (self.asked, self.crossed, self.tickets, self.kept, self.unasked):
            one.clear()

    def next(self, answers: Sequence[str] | None) -> tuple[str, Answered | Failed] | None:
        """The answer that is handed over next, with its ticket: the first, or the first of these calls."""
        self.kept.update(self.far_end.late())
        if answers is None:
            found = next(iter(self.kept), None)
        else:
            tickets = {self.tickets[ticket][0]: ticket for ticket in reversed(self.kept) if ticket in self.tickets}
            found = next((tickets[call] for call in answers if call in tickets), None)
        return None if found is None else (found, self.kept.pop(found))

    def done(self, silent: frozenset[str], made: Mapping[str, str]) -> dict[str, str]:
        """The calls whose answers are kept and would be heard, each with the callback that the answer asks for.

        `made` are the calls of the app with their methods: only an answer to the same method says how a call ends.
        """
        answers = [(*self.tickets[ticket], reply) for ticket, reply in self.kept.items() if ticket in self.tickets]
        return {
            call: ("error" if isinstance(reply, Failed) else "success") if made.get(call) == method else "either"
            for call, method, reply in answers
            if method not in silent
        }

    def unheard(self, silent: frozenset[str]) -> frozenset[str]:
        """The calls during which a wrapper asked for something whose outcome it is not told."""
        return frozenset(call for call, method, _ in self.asked if method in silent)


class Player:
    """One binding under test, ready to be played with.

    Args:
        spec: the specification that it is judged by.
        oracle: the oracle of that specification.
        open_driver: makes the driver, given the callable that plays the native SDK.
        far_end: the native SDK as the kit plays it, for wrappers; None if nothing plays it.
    """

    def __init__(
        self,
        spec: Specification,
        oracle: Oracle,
        open_driver: Callable[[Callable[[str, Sequence[Any]], NativeReply]], Driver],
        far_end: FarEnd | None,
    ) -> None:
        self.spec, self.oracle = spec, oracle
        self._plays_native = far_end is not None
        self._relay = _Relay(far_end or _NoFarEnd())
        self._driver = open_driver(self._relay.native)
        self.binding: Binding | None = None
        self.steps_played = 0
        self._calls: dict[str, str] = {}
        self._known: dict[int, tuple[Step, Call]] = {}
        self.shown: dict[Fault, Trace] = {}
        """The shortest trace known for each fault that was shown before."""
        self.recorder: Recorder | None = None
        """Takes down everything that is played, if somebody wants it."""

    def start(self) -> Binding:
        """Starts the binding, or starts it anew; a `DriverError` says why it does not come up."""
        binding = self._driver.initialize()
        if binding.kind == "wrapper" and not self._plays_native:
            self._driver.shutdown()
            reason = f"it is a wrapper, and nothing plays the native SDK of {self.spec.name}"
            raise NotStarted(binding.name, reason, "Test a self-contained implementation.")
        self.binding = binding
        return binding

    @property
    def pid(self) -> int | None:
        """The process that the binding runs in, or None if it runs elsewhere, or not at all."""
        return self._driver.pid

    def tap(self, tap: Tap) -> None:
        """Has a listener told of each line on the wire, from the next start on; without a wire there are none."""
        if isinstance(self._driver, WireDriver):
            self._driver.tap = tap

    def stop(self) -> None:
        """Ends the binding."""
        self._driver.shutdown()

    def supports(self, step: Step) -> frozenset[str]:
        """The capabilities that a step needs and the binding does not have; none if it can be played."""
        binding = self._running()
        if step.answers is not None and binding.kind != "wrapper":
            return frozenset([NATIVE])
        if step.name in self.spec.chart["environment"]:
            return frozenset() if binding.kind == "wrapper" else self._world_needs(step) - binding.capabilities
        optional = {"callbacks"} if binding.style != "callbacks" and step.callbacks != BOTH else frozenset()
        return (needs(step, self.spec) - binding.capabilities) | optional

    @property
    def untold(self) -> frozenset[str]:
        """The requirements that only a callback can show, if the binding's API tells no outcome."""
        if self._running().style != "none":
            return frozenset()
        contract = self.spec.api.contract
        return frozenset(contract[kind] for kind in _TOLD_BY_CALLBACKS if kind in contract)

    @property
    def unshown(self) -> frozenset[str]:
        """The requirements that a trace played to its end does not show of this binding, unless they were exercised.

        Where an app hears of no outcome, that is also what the statechart says of a step.
        """
        if self._running().style != "none":
            return frozenset()
        return self.untold | {transition["requirement"] for transition in self.spec.chart["transitions"]}

    def given(self, step: Step) -> frozenset[str]:
        """The callbacks that a step gives to the binding, if its API takes any."""
        return frozenset() if self._running().style == "none" else frozenset(step.callbacks)

    def _world_needs(self, step: Step) -> frozenset[str]:
        timed = "seconds" in self.spec.chart["environment"][step.name]
        return frozenset(["clock" if timed else "environment"])

    def play(self, trace: Trace) -> Played | Failure | Crash:
        """Plays a trace on a freshly installed app until its end or the first step that is not allowed."""
        game = self.begin()
        for step in trace:
            outcome = game.play(step)
            if outcome is not None:
                return outcome
        return game.finish()

    def begin(self) -> Game:
        """A game on a freshly installed app, to be played step by step."""
        return Game(self)

    def blame(self, trace: Trace, at: int) -> str:
        """The kind of misbehaviour, by the contract, when a binding goes down in a step of a trace."""
        step = trace[at]
        if step.name in self.spec.chart["environment"]:
            return "crash_on_valid"
        return self.oracle.crash_kind(self.call(step, ""))

    def call(self, step: Step, name: str) -> Call:
        """The call that a step is; all but its name is found out once, as the same steps are played again and again."""
        known = self._known.get(id(step))
        if known is None:
            call = self.oracle.model.call(name, step.name, list(step.arguments), self.given(step))
            known = step, attrs.evolve(call, crash=self.oracle.crash_kind(call))
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[id(step)] = known
        one = known[1]
        return Call(name, one.method, one.arguments, one.named, one.callbacks, one.invalid, one.crash)

    def prepare(self) -> None:
        """Makes the app, the device and the workspace new."""
        self._running()
        self._relay.reset()
        self._calls.clear()
        self._driver.reset()
        if self.recorder is not None:
            self.recorder.begin(self._running().style)

    def perform(self, step: Step, call: str) -> Observation:
        """Puts one step to the binding and tells what was seen."""
        self.steps_played += 1
        self._relay.call = call
        self._relay.keeping = self._keepable if step.answers is not None else frozenset()
        self._relay.crossed.clear()
        if step.name in self.spec.chart["environment"]:
            reactions = [self._happen(step)]
        else:
            self._calls[call] = self._relay.unasked[call] = self.spec.api.by_any_name[step.name].name
            given = [one for one in step.callbacks if one in self.given(step)]
            reactions = [self._driver.call(call, step.name, list(step.arguments), given)]
        while late := self._relay.next(step.answers):
            reactions.append(self._answer(*late))
        seen = self._observed(_joined(reactions))
        if self.recorder is not None:
            happens = step.name in self.spec.chart["environment"]
            self.recorder.step(step, call, self.given(step), seen, happens=happens)
        return seen

    def _happen(self, step: Step) -> Reaction:
        if self._running().kind == "wrapper":
            self._relay.far_end.happen(step.name, step.arguments)
            return Reaction()
        seconds = self.spec.chart["environment"][step.name].get("seconds")
        if seconds is not None:
            return self._driver.advance(seconds)
        return self._driver.environment(step.name, list(step.arguments))

    def _answer(self, ticket: str, reply: Answered | Failed) -> Reaction:
        call, method = self._relay.tickets.pop(ticket, ("", ""))
        self._relay.call = call
        self._relay.asked.append((call, method, reply))
        self._relay.crossed.append(Crossing(method, (), reply, late=True))
        return self._driver.answer(ticket, reply)

    def _observed(self, reaction: Reaction) -> Observation:
        binding = self._running()
        return Observation(
            settled=tuple(_settlement(one) for one in reaction.settled),
            returned=_present(reaction.returned),
            thrown=None if reaction.thrown is None else f"{reaction.thrown.type}: {reaction.thrown.message}",
            snapshot=self._snapshot(binding),
            promises=binding.style == "promises",
            unheard=self._unheard(binding),
            kept=self._relay.done(binding.silent, self._calls) if self._relay.kept else {},
            unasked=self._unasked(reaction),
        )

    def _unasked(self, reaction: Reaction) -> frozenset[str]:
        """The calls that wait for the network and were not passed on yet, while an answer is outstanding."""
        for one in reaction.settled:
            self._relay.unasked.pop(one.call, None)
        if not self._relay.tickets:
            return frozenset()
        waits, methods = self.oracle.model.waits, self.spec.api.methods
        return frozenset(call for call, name in self._relay.unasked.items() if methods[name].event in waits)

    @property
    def _keepable(self) -> frozenset[str]:
        """The native methods whose answers the kit may keep: those that wait for the network, and tell an outcome."""
        waits = self.oracle.model.waits
        names = [name for name, method in self.spec.api.methods.items() if method.event in waits]
        return frozenset(names) - self._running().silent

    def _unheard(self, binding: Binding) -> frozenset[str]:
        if binding.style == "none":
            return frozenset(self._calls)
        return self._relay.unheard(binding.silent) if binding.silent else frozenset()

    def _snapshot(self, binding: Binding) -> Any:
        if binding.kind == "wrapper":
            return self._relay.far_end.observe()
        return self._shown() if "snapshot" in binding.capabilities else ABSENT

    def _shown(self) -> Any:
        snapshot = self._driver.observe()
        records = snapshot.get("records", {}).get(self.oracle.model.collection)
        current = snapshot.get("current")
        if records is not None and current is not None and current >= len(records):
            what = f"the snapshot's current record is number {current}, and there are {len(records)}"
            raise ProtocolBroken(what, remedy="Give its index in the list, from 0, or null for nobody.")
        return snapshot

    def _running(self) -> Binding:
        return self.binding if self.binding is not None else self.start()

    @property
    def crossed(self) -> tuple[Crossing, ...]:
        """What crossed the bridge in the latest step."""
        return tuple(self._relay.crossed)

    @property
    def asked(self) -> list[str]:
        """The native methods that a wrapper has asked for since the app was made new."""
        return [name for _, name, _ in self._relay.asked]

    def asked_by(self, call: str) -> bool:
        """Whether a wrapper asked the native SDK for anything in a call."""
        return any(owner == call for owner, _, _ in self._relay.asked)

    def unanswered(self, call: str) -> bool:
        """Whether the native SDK was asked for something in a call, and has answered nothing of it yet."""
        replies = [reply for owner, _, reply in self._relay.asked if owner == call]
        return bool(replies) and all(isinstance(reply, Held) for reply in replies)

    def relayed(self, call: str, method: str) -> list[NativeReply]:
        """What the far end answered to a wrapper that passed a call on under the same name."""
        return [reply for owner, name, reply in self._relay.asked if owner == call and name == method]


class Game:
    """One trace being played; the first step that is not allowed, or brings the binding down, ends it."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.trace: list[Step] = []
        self.seen: list[Seen] = []
        self.configurations = player.oracle.initial()
        self.exercised: set[str] = set()
        self.transitions: set[str] = set()
        self.pairs: set[str] = set()
        self.states: set[str] = set()
        self.guards: set[str] = set()
        self.visits: set[tuple[frozenset[str], str]] = set()
        self.certain = player.oracle.certain(self.configurations)
        self.latest: tuple[str, ...] = ()
        self.calls: dict[str, Call] = {}
        self.history: list[tuple[Call | Happening, Observation]] = []
        self.guessed = False
        self.formal: list[Failure] = []
        self.undecided = False
        self.unwritable = False
        self._begun = False

    def play(self, step: Step) -> Failure | Crash | None:
        """Plays one more step; None if it is allowed, or if nothing can be said any more (`undecided`)."""
        if self.undecided:
            return None
        try:
            if not self._begun:
                self.player.prepare()
                self._begun = True
            return self._step(step)
        except DriverError as error:
            if isinstance(error, Refused) and error.unwritable:
                self.trace.pop()
                self.unwritable = True
                return None
            at = max(len(self.trace) - 1, 0)
            return self._crash(error, at)
        except Undecidable:
            self.undecided = True
            return None

    def finish(self) -> Played | Failure | Crash:
        """Ends the game: calls that still wait are given what they wait for, and must be answered then."""
        closing = [Step(name) for name in self.player.oracle.model.closing_events]
        owing = self.player.oracle.unfinished(self.configurations)
        if owing and not any(self.player.supports(step) for step in closing):
            for step in closing:
                outcome = self.play(step)
                if outcome is not None:
                    return outcome
        return Played(
            trace=tuple(self.trace),
            seen=tuple(self.seen),
            exercised=frozenset(self.exercised),
            transitions=frozenset(self.transitions),
            pairs=frozenset(self.pairs),
            states=frozenset(self.states),
            guards=frozenset(self.guards),
            visits=frozenset(self.visits),
            configurations=self.configurations,
            formal=tuple(self.formal),
            unwritable=self.unwritable,
            undecided=self.undecided,
        )

    def _crash(self, error: DriverError, at: int) -> Crash:
        due: tuple[str, ...] = ()
        if self.trace:
            due = self.player.oracle.due(self.configurations, self._judged(at, self.trace[at]))
        played, where, crossed = tuple(self.trace), tuple(sorted(self.certain)), self.player.crossed
        return Crash(played, tuple(self.seen), error, at, tuple(self.formal), due, where, crossed)

    def _step(self, step: Step) -> Failure | None:
        position = len(self.trace)
        self.trace.append(step)
        judged = self._judged(position, step)
        observation = self.player.perform(step, step.named(position))
        self.seen.append(Seen(step, observation, self.player.crossed))
        self.visits.add((self.certain, judged.event if isinstance(judged, Happening) else judged.method.event))
        verdict = self._verdict(judged, observation)
        relay = self._relay_faults(observation, verdict)
        if isinstance(verdict, Accepted) and not relay:
            self._accept(verdict, judged, observation)
            return None
        failure = self._failure(verdict, relay)
        recovered = verdict.recovered if isinstance(verdict, Rejected) else verdict
        if recovered is None or any(one.kind not in FORMAL for one in relay):
            return attrs.evolve(failure, formal=tuple(self.formal))
        self.formal.append(failure)
        self._accept(recovered, judged, observation)
        return None

    def _verdict(self, judged: Call | Happening, observation: Observation) -> Accepted | Rejected:
        """The oracle's verdict; once it has guessed, a binding is at fault only if all orders say so."""
        self.history.append((judged, observation))
        verdict = self.player.oracle.judge(self.configurations, judged, observation)
        if isinstance(verdict, Accepted):
            self.guessed = self.guessed or verdict.guessed
            return verdict
        return self.player.oracle.believed(self.history) if self.guessed else verdict

    def _failure(self, verdict: Accepted | Rejected, relay: tuple[Broken, ...]) -> Failure:
        judged = verdict.broken if isinstance(verdict, Rejected) else ()
        allowed = verdict.allowed if isinstance(verdict, Rejected) else ()
        telling = judged and judged[0].kind in _MORE_TELLING
        broken = (*judged, *relay) if telling else (*relay, *judged)
        orders = verdict.orders if isinstance(verdict, Rejected) else ()
        at, where = len(self.trace) - 1, tuple(sorted(self.certain))
        return Failure(
            tuple(self.trace),
            tuple(self.seen),
            broken,
            allowed,
            at,
            orders=orders,
            transitions=verdict.blamed,
            states=where,
        )

    def _judged(self, position: int, step: Step) -> Call | Happening:
        model = self.player.oracle.model
        if step.name in model.environment:
            return model.happening(step.name, step.arguments)
        call = self.player.call(step, step.named(position))
        self.calls[call.call] = call
        return call

    def _accept(self, verdict: Accepted, judged: Call | Happening, observation: Observation) -> None:
        self.configurations = verdict.configurations
        exercised = verdict.exercised | self.player.oracle.contract_exercised(judged, observation)
        self.exercised |= exercised - self.player.untold
        self.transitions.update(verdict.transitions)
        self.guards |= verdict.guards
        self.pairs.update(f"{one} > {other}" for one in self.latest for other in verdict.transitions)
        self.latest = verdict.transitions
        self.certain = self.player.oracle.certain(self.configurations)
        self.states |= self.certain

    def _relay_faults(self, observation: Observation, verdict: Accepted | Rejected) -> tuple[Broken, ...]:
        """What a wrapper made of the native SDK's answers, or of none; made-up errors only where none is allowed."""
        if self.player.binding is None or self.player.binding.kind != "wrapper":
            return ()
        rejected = isinstance(verdict, Rejected) and verdict.broken[0].kind == "callback_wrong"
        refused = {one.call for one in observation.settled if rejected and one.callback == "error"}
        lost = isinstance(verdict, Rejected) and verdict.recovered is None
        contract = self.player.oracle.model.contract
        faults = []
        for one in observation.settled:
            call = self.calls.get(one.call)
            heard = call and call.call not in observation.unheard
            replies = self.player.relayed(one.call, call.method.name) if call and heard else []
            fault = _relay_fault(one, [reply for reply in replies if not isinstance(reply, Held)])
            if fault is None and heard and lost and self._is_early(one, verdict):
                shown = with_value(f"success of {one.call}", one.value)
                fault = "callback_early", "no callback before the outcome is known", shown
            if fault is None and one.call in refused and not self.player.asked_by(one.call):
                given = f"success of {one.call}, as the native SDK was not even asked"
                fault = "failure_invented", given, with_value(one.callback, one.value)
            if fault is not None:
                faults.append(Broken(fault[0], contract[fault[0]], fault[1], fault[2]))
        return tuple(faults)

    def _is_early(self, one: Settlement, verdict: Accepted | Rejected) -> bool:
        """Whether a success came while nobody has answered the call, and what is broken does not say so already."""
        known = isinstance(verdict, Rejected) and any(broken.kind == "callback_early" for broken in verdict.broken)
        return one.callback == "success" and not known and self.player.unanswered(one.call)


_KNOWN = 4096
"""Steps whose call is kept in mind."""

_TOLD_BY_CALLBACKS = (
    "callback_missing",
    "callback_repeated",
    "callback_both",
    "callback_early",
    "callback_unknown",
    "callback_swapped",
    "callbacks_absent",
    "failure_hidden",
    "failure_invented",
    "success_value",
    "result_wrong",
    "error_empty",
    "error_undocumented",
)
"""Kinds of misbehaviour that only a callback can show."""

_MORE_TELLING = frozenset(["callback_swapped", "result_wrong"])
"""Kinds of misbehaviour that say more than that a wrapper passed something on wrongly."""


def _relay_fault(one: Settlement, replies: Sequence[NativeReply]) -> tuple[str, str, str] | None:
    if len(replies) != 1:
        return None
    reply, observed = replies[0], with_value(one.callback, one.value)
    if isinstance(reply, Failed):
        if one.callback == "success":
            failed = f"error of {one.call}, as the native SDK failed with {reply.code}: {reply.message}"
            return "failure_hidden", failed, observed
        return None
    if one.callback == "error":
        return "failure_invented", f"success of {one.call}, as the native SDK succeeded", observed
    # A single value is handed on as it is; how a binding shapes objects is for the oracle to judge.
    if not isinstance(reply, Answered) or reply.value in (MISSING, None) or isinstance(reply.value, dict | list):
        return None
    if one.value != reply.value:
        given = f"success of {one.call} with {text(reply.value)}, as the native SDK gave it"
        return "result_changed", given, observed
    return None


def _joined(reactions: Sequence[Reaction]) -> Reaction:
    if len(reactions) == 1:
        return reactions[0]
    settled = tuple(one for reaction in reactions for one in reaction.settled)
    thrown = next((reaction.thrown for reaction in reactions if reaction.thrown), None)
    return Reaction(settled=settled, thrown=thrown, returned=reactions[0].returned)


def _settlement(one: Settled) -> Settlement:
    return Settlement(one.call, one.callback, _present(one.value))


def _present(value: Any) -> Any:
    return ABSENT if value is MISSING else value
