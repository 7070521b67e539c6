"""Mistakes that show only when calls overlap, and mistakes that show only after long; all else is right.

The wrappers get wrong what they remember between a call and its answer. The SDKs count, or forget who asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intercom_reference.hosting import MISSING, Answered, Native, NativeReply
from intercom_reference.machine import Taken
from intercom_reference.network import Waiting
from intercom_reference.workspace import Workspace
from miniatures.wrong_sdks import Callback, Miniature
from miniatures.wrong_wrappers import FaithfulWrapper, OneAtATime, give

LOGINS = ("loginUnidentifiedUser", "loginUserWithUserAttributes")


# What wrappers remember of calls in flight ----------------------------------------------------------------


class AnswersTakenInTurn(FaithfulWrapper):
    """Whichever answer comes first is taken for that of the call which was made first."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        oldest = next(iter(self.waiting))
        self.waiting[ticket], self.waiting[oldest] = self.waiting[oldest], self.waiting[ticket]
        super().answer(ticket, value, error)


class OneCallbackForAMethod(FaithfulWrapper):
    """Once a later call of a method is answered, nobody waits for an earlier one."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        method, earlier = self.waiting[ticket][0], list(self.waiting)
        for other in earlier[: earlier.index(ticket)]:
            if self.waiting[other][0] == method:
                self.waiting[other] = (method, None, None)
        super().answer(ticket, value, error)


class LaterSuccessHidesFailure(FaithfulWrapper):
    """Once a later call is a success, an earlier one that fails is taken for one as well."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        earlier = list(self.waiting)
        for other in earlier[: earlier.index(ticket)] if error is None else ():
            name, told, _ = self.waiting[other]
            self.waiting[other] = (name, told, lambda _, told=told: give(told))
        super().answer(ticket, value, error)


class LogoutDropsCallbacks(FaithfulWrapper):
    """A success that comes after a logout is nobody's business any more."""

    def __init__(self, native: Native) -> None:
        super().__init__(native)
        self.left: set[str] = set()

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logout":
            self.left |= self.waiting.keys()
        return super().ask(method, arguments, success, error)

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        if ticket in self.left and error is None:
            self.waiting[ticket] = (self.waiting[ticket][0], None, None)
        super().answer(ticket, value, error)


class LateLoginRevives(FaithfulWrapper):
    """It remembers for itself whether somebody is logged in: yes from a login's answer on, no from a logout on."""

    def __init__(self, native: Native) -> None:
        super().__init__(native)
        self.logged_in: bool | None = None

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        if method in LOGINS and isinstance(reply, Answered):
            self.logged_in = True
        if method == "isUserLoggedIn" and self.logged_in and isinstance(reply, Answered):
            reply = Answered(True)
        return super().tell(method, reply, success, error)

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logout":
            self.logged_in = False
        return super().ask(method, arguments, success, error)


class LastAnswerNamesTheUser(FaithfulWrapper):
    """Who is logged in is what the login asked for that was answered last."""

    def __init__(self, native: Native) -> None:
        super().__init__(native)
        self.asked: dict[str, Any] = {}
        self.user: Any = None

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logout":
            self.user = None
        before = set(self.waiting)
        value = super().ask(method, arguments, success, error)
        for ticket in set(self.waiting) - before:
            self.asked[ticket] = arguments[0] if method == LOGINS[1] and arguments else None
        return value

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        wanted = self.asked.pop(ticket, None)
        if isinstance(wanted, dict) and error is None:
            self.user = {"userId": wanted.get("userId"), "email": wanted.get("email")}
        super().answer(ticket, value, error)

    def tell(self, method: str, reply: NativeReply, success: Callback, error: Callback) -> Any:
        told = method == "fetchLoggedInUserAttributes" and isinstance(reply, Answered) and reply.value is not None
        if told and self.user is not None:
            reply = Answered(self.user)
        return super().tell(method, reply, success, error)


class QueueReordered(OneAtATime):
    """Of the calls that wait for their turn, logins go first."""

    def next(self) -> tuple[str, Sequence[Any], Callback, Callback]:
        place = next((at for at, one in enumerate(self.queue) if one[0] in LOGINS), 0)
        return self.queue.pop(place)


class LogoutOvertakes(OneAtATime):
    """A logout does not wait for its turn, and the calls before it are made after it."""

    def go_on(self, *, at_once: bool = False) -> None:
        super().go_on(at_once=False)


class SecondCallForgotten(OneAtATime):
    """There is room for one call that waits for its turn."""

    def ask(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        value = super().ask(method, arguments, success, error)
        del self.queue[:-1]
        return value


class ErrorEndsAll(FaithfulWrapper):
    """An answer that is an error is given to every earlier call of the same method that waits."""

    def answer(self, ticket: str, value: Any = MISSING, error: Any = None) -> None:
        method, earlier = self.waiting[ticket][0], list(self.waiting)
        for other in earlier[: earlier.index(ticket)] if error is not None else ():
            name, _, failure = self.waiting[other]
            if name == method:
                self.waiting[other] = (name, None, None)
                give(failure, error)
        super().answer(ticket, value, error)


# What SDKs mix up -----------------------------------------------------------------------------------------


class UpdateForWhoeverIsThere(Miniature):
    """An update that waits is applied to whoever is logged in when the answer arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[Any] = []

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "updateUser" and self.state("session") == "identified" and self.state("network") == "held":
            self.updates.append(arguments[0] if arguments else None)
        return super()._call(method, arguments, success, error)

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id.startswith("update"):
            self.updates.clear()
        if taken.id not in ("identified-login", "identify-anonymous") or not self.updates:
            return after
        attributes = self.updates.pop()
        return after.take_attributes(attributes) if isinstance(attributes, dict) else after


class SecondLoginsCompanies(Miniature):
    """Companies wait in one place: those of the last login that is under way go to the first one's user."""

    def __init__(self) -> None:
        super().__init__()
        self.pending: Any = None

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == LOGINS[1] and arguments and self.state("network") == "held" and isinstance(arguments[0], dict):
            self.pending = {"companies": arguments[0].get("companies")}
        return super()._call(method, arguments, success, error)

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id not in ("identified-login", "identify-anonymous") or self.pending is None:
            return after
        companies, self.pending = self.pending, None
        return after.take_attributes(companies)


# What shows only after long -------------------------------------------------------------------------------


class SeventhRetryForgotten(Miniature):
    """A login that waits and has failed for the seventh time is forgotten, and nobody is told."""

    failures = 0

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        self.failures += taken.id == "login-retries-fail"
        if taken.id.startswith(("login-request", "login-answer")):
            self.failures = 0
        return after

    def environment(self, event: str, *arguments: Any) -> None:
        super().environment(event, *arguments)
        if self.failures >= 7:
            self._session._waiting = Waiting()


class SecondMergeForgotten(Miniature):
    """The activity of the second anonymous contact of an installation is not merged."""

    merges = 0

    def effects(self, taken: Taken) -> tuple[str, ...]:
        self.merges += taken.id == "identify-anonymous"
        if taken.id != "identify-anonymous" or self.merges != 2:
            return taken.effects
        return tuple(name for name in taken.effects if name != "absorb_anonymous_activity")


__all__ = sorted(
    name
    for name, value in globals().items()
    if isinstance(value, type) and issubclass(value, Miniature | FaithfulWrapper) and value.__module__ == __name__
)
