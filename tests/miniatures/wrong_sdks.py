"""Self-contained SDKs that are right but for one mistake: the reference client, with a few lines changed.

Each class is a factory, ``py:miniatures.wrong_sdks:CallbackTwice``. A mistake is made in one of four places:

- `_call` sees every call on its way in, and its callbacks on their way out;
- `effects` says which effects a transition has on the workspace, and `kept` what is kept of them;
- `holds` answers what a rule asks about a call;
- `cancels` and `in_order` say what becomes of calls that wait.

Each mistake is one that a binding makes when a line is forgotten, or one is written too many.
"""

# ruff: noqa: N802, N803 - methods and parameters have the names that the guide gives them.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from intercom_reference.client import Client
from intercom_reference.machine import Taken, machine
from intercom_reference.network import Waiting
from intercom_reference.session import Rules, Session
from intercom_reference.workspace import Contact, Workspace

Callback = Callable[..., object] | None
LOGINS = ("loginUnidentifiedUser", "loginUserWithUserAttributes")
REGIONS = [region.name for region in machine().chart.regions]


class Miniature(Client):
    """The reference client, with places where a mistake can be made; it makes none itself."""

    choices: ClassVar[dict[str, int]] = {}
    cancels = True
    in_order = True

    def __init__(self) -> None:
        super().__init__(choices=self.choices)
        self._session = _Session(self)

    @property
    def binding(self) -> dict[str, Any]:
        return {**super().binding, "name": type(self).__name__}

    def effects(self, taken: Taken) -> tuple[str, ...]:
        """The names of the effects that a transition has."""
        return taken.effects

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        """The workspace after a transition."""
        return after

    def holds(self, fact: str, truth: bool) -> bool:
        """Whether a fact is taken for true."""
        return truth

    def state(self, region: str) -> str:
        """Where a region stands."""
        return self._session.configuration[REGIONS.index(region)]

    def put(self, region: str, state: str) -> None:
        """Moves a region without a transition."""
        states = list(self._session.configuration)
        states[REGIONS.index(region)] = state
        self._session.configuration = tuple(states)


class _Session(Session):
    """A session that asks its owner about everything in which there can be a mistake."""

    def __init__(self, owner: Miniature) -> None:
        super().__init__(Rules(machine(owner.choices)))
        self._owner = owner

    def _apply(self, taken: Taken, arguments: Mapping[str, Any], *, accepted: bool = True) -> None:
        before = self.workspace
        effective = attrs.evolve(taken, effects=self._owner.effects(taken))
        super()._apply(effective, arguments, accepted=accepted)
        self.workspace = self._owner.kept(taken, arguments, before, self.workspace)

    def _holds(self, fact: str, arguments: Mapping[str, Any]) -> bool:
        return self._owner.holds(fact, super()._holds(fact, arguments))

    def _cancel(self) -> None:
        if self._owner.cancels:
            super()._cancel()

    def _try_again(self, attempt: Any) -> None:
        if not self._owner.in_order:
            self._waiting = attrs.evolve(self._waiting, calls=self._waiting.calls[::-1])
        super()._try_again(attempt)


def give(callback: Callback, *values: Any) -> None:
    """Calls a callback, if there is one."""
    if callback is not None:
        callback(*values)


def without(value: Any, *keys: str) -> Any:
    """An object without some keys; anything else as it is."""
    return {k: v for k, v in value.items() if k not in keys} if isinstance(value, dict) else value


def replaced(value: Any, change: Callable[[Any], Any]) -> Any:
    """An object or list with every leaf in it changed; anything else as it is."""
    if isinstance(value, dict):
        return {key: _leaf(member, change) for key, member in value.items()}
    return [_leaf(member, change) for member in value] if isinstance(value, list) else value


def _leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    return replaced(value, change) if isinstance(value, dict | list) else change(value)


# Callbacks ----------------------------------------------------------------------------------------------


class CallbackTwice(Miniature):
    """An update reports its success when it is sent and again when it is answered."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        def twice() -> None:
            give(success)
            give(success)

        return super()._call(method, arguments, twice if method == "updateUser" else success, error)


class CallbackNever(Miniature):
    """Presenting a space forgets to call back."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "presentSpace":
            success = error = None
        return super()._call(method, arguments, success, error)


class SuccessTooEarly(Miniature):
    """An event is a success as soon as it is sent, before anybody has answered."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "logEvent" and self.state("network") == "held":
            give(success)
            success = error = None
        return super()._call(method, arguments, success, error)


class SuccessAndError(Miniature):
    """A refused event calls both callbacks, because a `return` was forgotten."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        def both(value: Any) -> None:
            give(error, value)
            give(success)

        return super()._call(method, arguments, success, both if method == "logEvent" else error)


class FailureSwallowed(Miniature):
    """An update that fails is shown as a success."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        swallow = (lambda _: give(success)) if method == "updateUser" else error
        return super()._call(method, arguments, success, swallow)


class FailureInvented(Miniature):
    """Hiding Intercom is an error when there is nothing to hide."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "hideIntercom" and self.state("messenger") == "closed":
            return give(error, {"code": 202, "message": "nothing to hide"})
        return super()._call(method, arguments, success, error)


class ErrorWithoutError(Miniature):
    """The error callback of an event is told nothing."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        mute = (lambda _: give(error)) if method == "logEvent" else error
        return super()._call(method, arguments, success, mute)


class ErrorCodeOfItsOwn(Miniature):
    """A login without an identity reports a code that is documented nowhere."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        def coded(value: Any) -> None:
            give(error, {**value, "code": 77777})

        return super()._call(method, arguments, success, coded if method in LOGINS else error)


class SuccessWithValue(Miniature):
    """Logging out tells its success callback something, where nothing belongs."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        told = (lambda: give(success, "OK")) if method == "logout" else success
        return super()._call(method, arguments, told, error)


class LatestCallbackWins(Miniature):
    """There is one place for the callbacks of events, and a second event takes it from the first."""

    def __init__(self) -> None:
        super().__init__()
        self.place: tuple[Callback, Callback] = (None, None)

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method != "logEvent":
            return super()._call(method, arguments, success, error)
        self.place = (success, error)
        return super()._call(method, arguments, lambda: give(self.place[0]), lambda value: give(self.place[1], value))


class CallbacksSwapped(Miniature):
    """Answers of the Help Center go to the question asked last, not to their own."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Callback, Callback]] = []

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method != "fetchHelpCenterCollection":
            return super()._call(method, arguments, success, error)
        self.asked.append((success, error))
        return super()._call(
            method,
            arguments,
            lambda value: give(self.asked.pop()[0], value),
            lambda value: give(self.asked.pop()[1], value),
        )


class RaisesWithoutCallback(Miniature):
    """Setting the padding calls `success` whether there is one or not."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "setBottomPadding" and success is None:
            raise TypeError("'NoneType' object is not callable")
        return super()._call(method, arguments, success, error)


# Results ------------------------------------------------------------------------------------------------


class CountAsText(Miniature):
    """The unread count is a text."""

    def unreadConversationCount(self, success: Callback = None, error: Callback = None) -> Any:
        counted = super().unreadConversationCount(lambda count: give(success, str(count)), error)
        return None if counted is None else str(counted)


class CountNotReturned(Miniature):
    """The unread count is told to the callback only."""

    def unreadConversationCount(self, success: Callback = None, error: Callback = None) -> Any:
        super().unreadConversationCount(success, error)


class CountStandsStill(Miniature):
    """The unread count never counts what arrives."""

    def unreadConversationCount(self, success: Callback = None, error: Callback = None) -> Any:
        super().unreadConversationCount(lambda _: give(success, 0), error)
        return 0


class LoggedInAsNumber(Miniature):
    """Whether somebody is logged in is told as 0 or 1."""

    def isUserLoggedIn(self, success: Callback = None, error: Callback = None) -> None:
        super().isUserLoggedIn(lambda answer: give(success, int(answer)), error)


class CollectionsAsText(Miniature):
    """The collections of the Help Center arrive as a text that holds JSON."""

    def fetchHelpCenterCollections(self, success: Callback = None, error: Callback = None) -> None:
        super().fetchHelpCenterCollections(lambda found: give(success, str(found).replace("'", '"')), error)


# What the app gives -------------------------------------------------------------------------------------


class _Payloads(Miniature):
    """A client that changes the attributes of a user on their way."""

    def changed(self, attributes: Any) -> Any:
        """The attributes as they are sent."""
        return attributes

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method in ("updateUser", "loginUserWithUserAttributes"):
            arguments = tuple(self.changed(one) for one in arguments)
        return super()._call(method, arguments, success, error)


class AttributeDropped(_Payloads):
    """The phone number is not among the keys that are passed on."""

    def changed(self, attributes: Any) -> Any:
        return without(attributes, "phone")


class OneSpellingOnly(_Payloads):
    """Custom attributes are looked for under one of their two keys only."""

    def changed(self, attributes: Any) -> Any:
        return without(attributes, "custom_attributes")


class CompaniesDropped(_Payloads):
    """Companies are not passed on."""

    def changed(self, attributes: Any) -> Any:
        return without(attributes, "companies")


class NullAsText(_Payloads):
    """Null is written as text."""

    def changed(self, attributes: Any) -> Any:
        return replaced(attributes, lambda leaf: "null" if leaf is None else leaf)


class EmptyTextDropped(_Payloads):
    """A text that is empty counts as no text."""

    def changed(self, attributes: Any) -> Any:
        return replaced(attributes, lambda leaf: None if leaf == "" else leaf)


class TextTrimmed(_Payloads):
    """Blanks around a text are cut off."""

    def changed(self, attributes: Any) -> Any:
        return replaced(attributes, lambda leaf: leaf.strip() if isinstance(leaf, str) else leaf)


class KeyInvented(_Payloads):
    """An update sends the language of the device along, which nobody asked for."""

    def changed(self, attributes: Any) -> Any:
        return {"languageOverride": "de", **attributes} if isinstance(attributes, dict) else attributes


class NumbersAsText(Miniature):
    """Custom attributes are kept as texts, whatever they were."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if after.user is None or "take_attributes" not in taken.effects:
            return after
        texts = {key: str(value) for key, value in after.user.custom_attributes.items()}
        return after._with_user(custom_attributes=texts)


class AttributesReplaced(Miniature):
    """An update keeps nothing that it does not name."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "update":
            return after
        standard = without(arguments["attributes"], "userId", "email", "customAttributes", "companies")
        return after._with_user(attributes=standard)


class MetadataDropped(Miniature):
    """Events arrive without their metadata."""

    def logEvent(
        self, eventName: Any = None, metaData: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        super().logEvent(eventName, None if isinstance(metaData, dict) else metaData, success, error)


class EventTwice(Miniature):
    """An event is recorded when it is sent and again when it is answered."""

    def effects(self, taken: Taken) -> tuple[str, ...]:
        return taken.effects * 2 if "record_event" in taken.effects else taken.effects


class IdlessCompanyStored(Miniature):
    """A company without an id is stored under no id."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "update-with-idless-company" or after.user is None:
            return after
        idless = [one for one in arguments["attributes"]["companies"] if "id" not in one]
        return after._with_user(companies={**after.user.companies, "": dict(idless[0])} if idless else {})


class PaddingAsText(Miniature):
    """The padding is kept as a text."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if "remember_padding" not in taken.effects:
            return after
        return attrs.evolve(after, bottom_padding=str(after.bottom_padding))  # type: ignore[arg-type]


class TokenInCapitals(Miniature):
    """The push token is changed on its way."""

    def sendPushToken(self, token: Any = None, success: Callback = None, error: Callback = None) -> None:
        super().sendPushToken(token.upper() if isinstance(token, str) else token, success, error)


# Crashes ------------------------------------------------------------------------------------------------


class CrashOnNull(Miniature):
    """Presenting content looks into what it is given, and that may be null."""

    def presentContent(self, content: Any = None, success: Callback = None, error: Callback = None) -> None:
        if content is None:
            raise TypeError("'NoneType' object is not subscriptable")
        super().presentContent(content, success, error)


class CrashOnMissing(Miniature):
    """An event has to have a name, says the signature."""

    def logEvent(  # type: ignore[override]
        self, eventName: Any, metaData: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        super().logEvent(eventName, metaData, success, error)


class CrashOnForeignLetters(Miniature):
    """The name of an event is thought to be ASCII."""

    def logEvent(
        self, eventName: Any = None, metaData: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        if isinstance(eventName, str):
            eventName.encode("ascii")
        super().logEvent(eventName, metaData, success, error)


# Who the user is ----------------------------------------------------------------------------------------


class LogoutOrphans(Miniature):
    """A logout lets go of an anonymous contact, which nobody can ever reach again."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method != "logout" or self.state("session") != "unidentified":
            return super()._call(method, arguments, success, error)
        self.put("session", "logged_out")
        self._session.workspace = self._session.workspace.leave()
        return give(success)


class SecondAnonymousContact(Miniature):
    """Each unidentified login opens a contact."""

    def effects(self, taken: Taken) -> tuple[str, ...]:
        return ("open_anonymous_contact",) if taken.id == "second-anonymous-login" else taken.effects


class MergeForgotten(Miniature):
    """What an anonymous user did is thrown away when they log in."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "identify-anonymous" or after.user is None or before.user is None:
            return after
        own = len(after.user.events) - len(before.user.events)
        return after._with_user(events=after.user.events[:own])


class MergedTwice(Miniature):
    """What an anonymous user did is handed over twice."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "identify-anonymous" or after.user is None or before.user is None:
            return after
        return after._with_user(events=(*after.user.events, *before.user.events))


class AnonymousContactRemains(Miniature):
    """The anonymous contact stays in the workspace after its user has logged in."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "identify-anonymous" or before.user is None:
            return after
        return attrs.evolve(after, contacts=(*after.contacts, before.user))


class IdentityOptional(Miniature):
    """A login that says nothing about who it is logs in all the same, as nobody in particular."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        nameless = method == "loginUserWithUserAttributes" and arguments[0] == {}
        if not nameless or self.state("session") != "logged_out":
            return super()._call(method, arguments, success, error)
        self.put("session", "identified")
        self._session.workspace = self._session.workspace._joined(Contact("identified"))
        return give(success)


class UserKeptAtLogout(Miniature):
    """A logout leaves the user where they are."""

    def effects(self, taken: Taken) -> tuple[str, ...]:
        return tuple(name for name in taken.effects if name != "leave")


class AttributesAfterLogout(Miniature):
    """The identity of the last user is kept, and told after they have left."""

    def __init__(self) -> None:
        super().__init__()
        self.last: Any = None

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if after.user is not None:
            self.last = {"userId": after.user.user_id, "email": after.user.email}
        return after

    def fetchLoggedInUserAttributes(self, success: Callback = None, error: Callback = None) -> None:
        super().fetchLoggedInUserAttributes(lambda identity: give(success, identity or self.last), error)


class HashKeptAtLogout(Miniature):
    """The user hash stays in force after its user has left."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        return attrs.evolve(after, user_hash=before.user_hash) if taken.id == "logout" else after


class WrongHashAccepted(Miniature):
    """Nobody looks at the user hash."""

    def holds(self, fact: str, truth: bool) -> bool:
        return truth and fact != "hash_refused"


class EmailOfAnotherAccepted(Miniature):
    """A login by email lands on whoever has the email."""

    def holds(self, fact: str, truth: bool) -> bool:
        return truth and fact != "email_taken"


class UserIdReplaced(Miniature):
    """An update changes the userId."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "update-with-another-user-id":
            return after
        return after._with_identity(arguments["attributes"]["userId"], None)


class UsersMixed(Miniature):
    """The login of another user writes onto the user who is there."""

    choices: ClassVar[dict[str, int]] = {"another-user": 1}

    def effects(self, taken: Taken) -> tuple[str, ...]:
        return ("take_attributes",) if taken.id == "another-user" else taken.effects


class EventWithoutUser(Miniature):
    """An event is taken although nobody is logged in, and lost."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        nobody = self.state("session") == "logged_out" and self.state("login") == "idle"
        if method == "logEvent" and nobody:
            return give(success)
        return super()._call(method, arguments, success, error)


class ContactOfNobody(Miniature):
    """An update while nobody is logged in opens a contact."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if method == "updateUser" and self.state("session") == "logged_out":
            opened = self._session.workspace.open_anonymous_contact()
            self._session.workspace = attrs.evolve(opened, current=None)
        return super()._call(method, arguments, success, error)


# The network --------------------------------------------------------------------------------------------


class RetryMissing(Miniature):
    """A login whose first request gets lost has failed."""

    choices: ClassVar[dict[str, int]] = {"login-request-fails": 1}

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        unlucky = method in LOGINS and self.state("network") == "flaky" and self.state("session") == "logged_out"
        if unlucky:
            self.put("network", "down")
        value = super()._call(method, arguments, success, error)
        if unlucky:
            self.put("network", "up")
        return value


class FailedLoginForgotten(Miniature):
    """A login that failed is never tried again."""

    def _call(self, method: str, arguments: Sequence[Any], success: Callback, error: Callback) -> Any:
        if self.state("login") == "failed" and self.state("network") == "up":
            self._session._waiting = Waiting()
            self.put("login", "idle")
        return super()._call(method, arguments, success, error)


class FailedLoginLeavesContact(Miniature):
    """The contact is opened before the login is answered, and stays when it fails."""

    choices: ClassVar[dict[str, int]] = {"login-request-fails": 1}

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        if taken.id != "login-request-fails":
            return after
        return attrs.evolve(after, contacts=(*after.contacts, Contact("identified")))


class LateAnswerRevives(Miniature):
    """A logout does not stop what is under way."""

    cancels = False


class OrderReversed(Miniature):
    """Calls that waited are made up for in the wrong order."""

    in_order = False


# What is on screen --------------------------------------------------------------------------------------


class UnknownSpaceOpensHome(Miniature):
    """A space that does not exist is taken for Home."""

    def presentSpace(self, space: Any = None, success: Callback = None, error: Callback = None) -> None:
        known = space in ("HOME", "HELP_CENTER", "MESSAGES", "TICKETS")
        super().presentSpace(space if known else "HOME", success, error)


class UnknownVisibilityShows(Miniature):
    """Whatever is not GONE is VISIBLE."""

    def setLauncherVisibility(self, visibility: Any = None, success: Callback = None, error: Callback = None) -> None:
        super().setLauncherVisibility("GONE" if visibility == "GONE" else "VISIBLE", success, error)


class TicketsOpenMessages(Miniature):
    """One space opens another."""

    def presentSpace(self, space: Any = None, success: Callback = None, error: Callback = None) -> None:
        super().presentSpace("MESSAGES" if space == "TICKETS" else space, success, error)


class HideLeavesScreen(Miniature):
    """Hiding Intercom closes nothing."""

    def hideIntercom(self, success: Callback = None, error: Callback = None) -> None:
        give(success)


class HideReadsMessages(Miniature):
    """What is dismissed counts as read."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        return after._with_user(unread=0) if taken.id == "hide" else after


class LogoutLeavesScreen(Miniature):
    """The messenger stays open when its user logs out."""

    def logout(self, success: Callback = None, error: Callback = None) -> None:
        screen = self.state("messenger")
        super().logout(success, error)
        self.put("messenger", screen)


class LauncherStays(Miniature):
    """The launcher cannot be hidden."""

    def setLauncherVisibility(self, visibility: Any = None, success: Callback = None, error: Callback = None) -> None:
        if visibility == "GONE":
            return give(success)
        return super().setLauncherVisibility(visibility, success, error)


class LauncherThereAtFirst(Miniature):
    """A freshly installed app shows the launcher."""

    def __init__(self) -> None:
        super().__init__()
        self.put("launcher", "launcher_visible")


class InAppMessagesStay(Miniature):
    """In-app messages cannot be hidden."""

    def setInAppMessageVisibility(
        self, visibility: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        if visibility == "GONE":
            return give(success)
        return super().setInAppMessageVisibility(visibility, success, error)


class HiddenMessagesPopUp(Miniature):
    """That in-app messages are hidden is remembered, and has no effect."""

    def environment(self, event: str, *arguments: Any) -> None:
        super().environment(event, *arguments)
        if event == "message_arrives" and self._session.workspace.user and self.state("messenger") == "closed":
            self.put("messenger", "in_app_message")


class CarouselSuppressed(Miniature):
    """Carousels stay away while in-app messages are hidden."""

    def environment(self, event: str, *arguments: Any) -> None:
        if event != "carousel_arrives" or self.state("in_app_messages") == "in_app_visible":
            super().environment(event, *arguments)


class ContentIdLost(Miniature):
    """The content that is shown has lost its id."""

    def kept(self, taken: Taken, arguments: Mapping[str, Any], before: Workspace, after: Workspace) -> Workspace:
        return attrs.evolve(after, content_shown=without(after.content_shown, "id"))


class DraftShown(Miniature):
    """Content is shown, live or not."""

    def holds(self, fact: str, truth: bool) -> bool:
        return truth or fact == "live"


class ComposerTextLost(Miniature):
    """The composer opens empty."""

    def presentMessageComposer(self, message: Any = None, success: Callback = None, error: Callback = None) -> None:
        super().presentMessageComposer(None if isinstance(message, str) else message, success, error)


class AliasDoesNothing(Miniature):
    """An older name is there, and does nothing."""

    def displayMessenger(self, success: Callback = None, error: Callback = None) -> None:
        give(success)


__all__ = sorted(
    name
    for name, value in globals().items()
    if isinstance(value, type) and issubclass(value, Miniature) and not name.startswith("_")
)
