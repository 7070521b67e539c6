"""One session of the SDK: takes calls and the world's events one at a time, and says what is to be reported.

A call becomes an event of the `Machine`; the transitions it takes change the `Workspace` by their effects,
and answer the call, let it wait, or try it again together with all that wait. Answers are collected as
`Settlement` values, in order, and nobody is called back from here: whoever holds the session delivers them
when it is consistent.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal

import attrs

from intercom_reference import facts
from intercom_reference.documents import Documents
from intercom_reference.errors import KitError
from intercom_reference.hosting import MISSING, Missing, plain
from intercom_reference.loading import load_document
from intercom_reference.machine import Attempt, Context, Machine, NoTransitionError, PayloadGuard, Taken
from intercom_reference.messages import CANCELLED, MESSAGES
from intercom_reference.model import Method, Parameter, snake_case
from intercom_reference.network import BACKOFF, Call, Callback, Clock, Retries, Waiting, checked_seconds
from intercom_reference.payloads import Payloads, carried
from intercom_reference.workspace import Workspace

__all__ = ["CANCELLED", "CANCELLING", "BadArgumentsError", "Rules", "Session", "Settlement", "UnknownEventError"]

Json = Any

_TELL = "intercom_reference.payloads.validate({schema!r}, …) tells what is wrong."

CANCELLING = "cancelled"
"""Stands for the transition of an answer that no transition gives: the call's user is gone."""


@attrs.frozen(str=False)
class UnknownEventError(KitError):
    """The world knows no event of this name."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.known, n=1)
        advice = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(self.known)}."
        return f"nothing called {self.name!r} happens. {advice}"


@attrs.frozen(str=False)
class BadArgumentsError(KitError):
    """A method or event was given more arguments than it takes, or an event fewer."""

    name: str
    expected: tuple[str, ...]
    given: int

    def __str__(self) -> str:
        return f"{self.name} takes ({', '.join(self.expected)}), not {self.given} arguments."


@attrs.frozen
class Settlement:
    """The answer of a call: which callback is due, and what it carries (`MISSING` for nothing).

    The value is part of the session: whoever hands it on copies it.
    """

    call: Call
    callback: Literal["success", "error"]
    value: Json | Literal[Missing.MISSING] = MISSING
    transition: str = CANCELLING
    """Which transition it is the answer of."""


@attrs.frozen(eq=False)
class Rules:
    """What a session goes by: the machine of its statechart, the payload schemas, and the pauses between tries."""

    machine: Machine
    payloads: Payloads = carried
    pauses: tuple[float, ...] = BACKOFF

    @classmethod
    def of(
        cls,
        documents: Documents,
        choices: Mapping[str, int] | None = None,
        pauses: tuple[float, ...] = BACKOFF,
    ) -> Rules:
        """The rules of changed documents, whose effects and facts are those of the embedded ones."""
        return cls(Machine(documents.load("spec/session.yaml"), choices), Payloads(documents), pauses)


class Session:
    """The state of one SDK in one app: `configuration`, `workspace` and `clock` may be read at any time."""

    def __init__(self, rules: Rules, clock: Clock | None = None) -> None:
        self.configuration = rules.machine.initial
        self.workspace = attrs.evolve(Workspace.initial(), payloads=rules.payloads)
        self.clock = clock or Clock()
        self._machine = rules.machine
        self._payloads = rules.payloads
        self._waiting = Waiting()
        self._retries = Retries(pauses=rules.pauses)
        self._users = 0
        self._settled: list[Settlement] = []

    # What happens ---------------------------------------------------------------------------------

    def call(
        self,
        method: Method,
        arguments: Sequence[Json],
        success: Callback | None = None,
        error: Callback | None = None,
    ) -> Json | Literal[Missing.MISSING]:
        """Takes a call; gives what success carries if it succeeded at once, otherwise `MISSING`.

        Raises:
            BadArgumentsError: there are more arguments than parameters.
        """
        call, before = self._read(method, arguments, success, error), len(self._settled)
        self._try(call, "first")
        self._arm()
        answers = (one.value for one in self._settled[before:] if one.call is call and one.callback == "success")
        return next(answers, MISSING)

    def happen(self, event: str, arguments: Sequence[Json] = ()) -> None:
        """Lets an event of the world happen, and whatever it makes of the calls that wait.

        Raises:
            UnknownEventError, BadArgumentsError: there is no such event, or it takes other arguments.
        """
        named = self._read_happening(event, arguments)
        description = self._machine.chart.environment[event]
        step = self._machine.step(self.configuration, event, Context())
        self.configuration = step.configuration
        for taken in step.transitions:
            self._apply(taken, named)
        self.workspace = self.workspace.settled()
        if "seconds" in description:
            self.advance(description["seconds"])
        elif "retries" in description:
            self._try_again(description["retries"])
            self._retries = self._retries.ended()
        self._arm()

    def advance(self, seconds: float) -> None:
        """Lets time pass, with every retry that falls due.

        Raises:
            ValueError: the seconds are negative or not finite.
        """
        end = self.clock.now + checked_seconds(seconds)
        while self._retries.due is not None and self._retries.due <= end:
            self.clock.move_to(self._retries.due)
            attempt = self._retries.attempt
            self._retries = self._retries.following()
            self._try_again(attempt)
            self._arm()
        self.clock.move_to(end)

    def take_settled(self) -> list[Settlement]:
        """The answers since the last time that somebody asked, in order."""
        settled, self._settled = self._settled, []
        return settled

    def snapshot(self) -> dict[str, Json]:
        """What is shown of the session, as ``spec/README.md`` describes it; the caller may change it."""
        regions = zip(self._machine.chart.regions, self.configuration, strict=True)
        shown = {
            "state": {region.name: state for region, state in regions if region.visibility == "shown"},
            "records": {"contacts": [contact.shown() for contact in self.workspace.contacts]},
            "current": self.workspace.current,
            "registers": self.workspace.registers(),
        }
        return _copied(shown)  # type: ignore[no-any-return]

    # Reading what was given -----------------------------------------------------------------------

    def _read(
        self, method: Method, arguments: Sequence[Json], success: Callback | None, error: Callback | None
    ) -> Call:
        if len(arguments) > len(method.parameters):
            expected = tuple(parameter.name for parameter in method.parameters)
            raise BadArgumentsError(method.name, expected, len(arguments))
        named: dict[str, Json] = {}
        invalid = []
        for place, parameter in enumerate(method.parameters):
            value, valid = _read_argument(
                self._payloads, parameter, arguments[place] if place < len(arguments) else None
            )
            named[parameter.python_name] = value
            if not valid:
                invalid.append(parameter.name)
        return Call(method, named, frozenset(invalid), success, error)

    def _read_happening(self, event: str, arguments: Sequence[Json]) -> dict[str, Json]:
        known = self._machine.chart.environment
        if event not in known:
            raise UnknownEventError(event, tuple(known))
        expected = tuple(known[event].get("parameters", ()))
        if len(arguments) != len(expected):
            raise BadArgumentsError(event, expected, len(arguments))
        return dict(zip(expected, plain(list(arguments)), strict=True))

    # One try of a call ----------------------------------------------------------------------------

    def _try(self, call: Call, attempt: Attempt) -> None:
        context = self._context(call, attempt)
        step = self._machine.step(self.configuration, call.method.event, context)
        answer = step.answer
        if answer is None:
            raise NoTransitionError(call.method.event, self.configuration, context)
        self.configuration = step.configuration
        accepted = answer.callback == "success"
        for taken in step.transitions:
            self._file(taken, call)
            self._apply(taken, call.arguments, accepted=accepted)
        self.workspace = self.workspace.settled()
        if answer.callback is not None:
            self._settle(call, answer)
            return
        self._waiting = self._waiting.joined(call)
        if answer.again:
            self._try_again("repeated")

    def _context(self, call: Call, attempt: Attempt) -> Context:
        asked = self._machine.questions(self.configuration, call.method.event, attempt, call.invalid)
        if not asked.facts and not asked.payloads:
            return Context(attempt, call.invalid)
        holding = [name for name in asked.facts if self._holds(name, call.arguments)]
        matching = [guard.key for guard in asked.payloads if _matches(guard, call)]
        return Context(attempt, call.invalid, frozenset(holding), frozenset(matching))

    def _holds(self, fact: str, arguments: Mapping[str, Json]) -> bool:
        function, names = _function(getattr(facts, fact))
        return bool(function(self.workspace, *[arguments.get(name) for name in names]))

    def _file(self, taken: Taken, call: Call) -> None:
        if taken.cancel:
            self._cancel()
        if taken.drop:
            self._waiting = self._waiting.dropped()
        if taken.requeue:
            self._waiting = self._waiting.requeued()
        if taken.remember:
            self._waiting = self._waiting.remembering(call)

    def _apply(self, taken: Taken, arguments: Mapping[str, Json], *, accepted: bool = True) -> None:
        if not taken.effects:
            return
        known = {**arguments, "now": self.clock.now, "accepted": accepted}
        for effect in taken.effects:
            method, names = _function(getattr(Workspace, effect))
            self.workspace = method(self.workspace, *[known.get(name) for name in names])

    # Calls that wait ------------------------------------------------------------------------------

    def _try_again(self, attempt: Attempt) -> None:
        """Tries each call that waits, in order; those of a user who is gone meanwhile end instead."""
        pending, self._waiting = self._waiting.calls, attrs.evolve(self._waiting, calls=())
        users = self._users
        for call in pending:
            if self._users == users:
                self._try(call, attempt)
            else:
                self._settle_cancelled(call)

    def _cancel(self) -> None:
        cancelled, self._waiting = self._waiting.calls, Waiting()
        self._users += 1
        for call in cancelled:
            self._settle_cancelled(call)

    def _arm(self) -> None:
        """Sees to it that the clock tries calls again while some wait, and not otherwise."""
        if not self._waiting.calls:
            self._retries = self._retries.ended()
        elif self._retries.due is None:
            self._retries = self._retries.armed(self.clock.now)

    # Answers --------------------------------------------------------------------------------------

    def _settle(self, call: Call, answer: Taken) -> None:
        if answer.callback == "success":
            value = MISSING if answer.value is None else self._value(call, answer.value)
            self._settled.append(Settlement(call, "success", value, answer.id))
        else:
            self._settled.append(Settlement(call, "error", _error(call, answer), answer.id))

    def _settle_cancelled(self, call: Call) -> None:
        error = {"code": CANCELLED, "message": MESSAGES["cancelled"]}
        self._settled.append(Settlement(call, "error", error))

    def _value(self, call: Call, document: Mapping[str, Json]) -> Json | Literal[Missing.MISSING]:
        if "const" in document:
            return document["const"]
        ask = _ANSWERS.get(call.method.event)
        return MISSING if ask is None else ask(self.workspace, call.arguments)


_ANSWERS: Mapping[str, Callable[[Workspace, Mapping[str, Json]], Json]] = {
    "is_logged_in": lambda workspace, _: workspace.user is not None,
    "fetch_attributes": lambda workspace, _: _identity(workspace),
    "unread_count": lambda workspace, _: workspace.unread,
    "fetch_collections": lambda workspace, _: workspace.collections,
    "fetch_collection": lambda workspace, arguments: workspace.collection(arguments["id"]),
    "search": lambda workspace, arguments: workspace.search(arguments["term"]),
}
"""What the methods with a result report, by event."""


def _identity(workspace: Workspace) -> Json:
    user = workspace.user
    return None if user is None else {"userId": user.user_id, "email": user.email}


def _error(call: Call, answer: Taken) -> dict[str, Json]:
    code = answer.code or 400
    return {"code": code, "message": _message(call, answer, code)}


def _message(call: Call, answer: Taken, code: int) -> str:
    wrong = [parameter for parameter in call.method.parameters if parameter.name in call.invalid]
    if answer.id in MESSAGES and not wrong:
        return MESSAGES[answer.id]
    if wrong and str(code) not in MESSAGES:
        return _invalid_message(call.method, wrong[0])
    return MESSAGES.get(str(code)) or MESSAGES["refused"].format(requirement=answer.requirement)


@cache
def _invalid_message(method: Method, parameter: Parameter) -> str:
    tell = _TELL.format(schema=parameter.schema)
    told = MESSAGES["invalid"].format(
        method=method.name, parameter=parameter.name, remedy=remedy(parameter.schema), tell=tell
    )
    return told.replace("  ", " ")


def remedy(schema: str) -> str:
    """What to do about a value that a payload schema refuses, if the schema can tell without looking at it."""
    document = load_document(f"schemas/{schema}.schema.json")
    # What to do about an object depends on what is wrong inside it, which is costly to find out.
    text: str = document.get("x-remedy", "") if document.get("type") != "object" else ""
    return text


@cache
def _function(function: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """A fact or an effect, and the names of what it takes after the workspace."""
    return function, tuple(inspect.signature(function).parameters)[1:]


def _copied(value: Json) -> Json:
    """A copy of what a session keeps, which was made plain when it came in, so that single values need no look."""
    if type(value) is dict:
        return {key: item if type(item) in _SINGLE else _copied(item) for key, item in value.items()}
    if type(value) is list:
        return [item if type(item) in _SINGLE else _copied(item) for item in value]
    return plain(value)


_SINGLE = frozenset((str, bool, int, float, type(None)))


def _read_argument(payloads: Payloads, parameter: Parameter, value: Json) -> tuple[Json, bool]:
    """A copy of an argument under its main spelling, and whether it is valid; None for what is no JSON."""
    if parameter.ignored:
        return None, True
    if value is None and parameter.optional:
        return None, True
    try:
        copied = payloads.canonical(parameter.schema, plain(value))
    except (TypeError, ValueError, RecursionError):
        return None, False
    return copied, payloads.is_valid(parameter.schema, copied)


def _matches(guard: PayloadGuard, call: Call) -> bool:
    """Whether a payload guard holds of a call; what is not valid matches nothing."""
    return guard.parameter not in call.invalid and _validator(guard)(call.arguments[snake_case(guard.parameter)])


@cache
def _validator(guard: PayloadGuard) -> Callable[[Json], bool]:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(guard.schema).is_valid
