"""The reference client: a whole SDK in memory, for tests, for people, and as the far end of wrappers."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from intercom_reference.hosting import MISSING, plain
from intercom_reference.loading import load_document
from intercom_reference.machine import machine
from intercom_reference.model import aliases, method_named, methods
from intercom_reference.network import Clock
from intercom_reference.session import Rules, Session, Settlement
from intercom_reference.workspace import Workspace

__all__ = ["Client"]

Json = Any
Callback = Callable[..., object] | None
Deliver = Callable[[Settlement], Sequence[Settlement]]


class Client:
    """A stand-in for the Intercom mobile SDK that behaves as the specification says, and keeps all in memory.

    >>> sdk = Client()
    >>> sdk.loginUserWithUserAttributes({"userId": "1"}, success=lambda: print("logged in"))
    logged in
    >>> sdk.logEvent("ordered", {"item": "book"})
    >>> sdk.observe()["records"]["contacts"][0]["events"]
    [{'name': 'ordered', 'metadata': {'item': 'book'}}]

    Each method takes its arguments, then `success` and `error`, of which exactly one is called, once; both
    may be None. `success` is given a value only by the methods that ask for something, and `error` always
    an object ``{"code": int, "message": str}``. Wrong arguments are reported, not raised. Arguments are
    copied on entry and results on exit.

    Callbacks run when the state is consistent. One that calls the client sees that call done at once, and its
    callbacks run after those that are due already. One that raises does not keep others from running; the
    exception reaches whoever called the client, several of them as an `ExceptionGroup`.

    Args:
        choices: alternatives to take where the specification leaves some open; see `machine.machine`.
        clock: the virtual clock, if several clients are to share one.
        rules: other rules than the embedded ones, choices included.
        deliver: which callbacks run for each one that is due; just that one, if None.

    A client is not to be used by several threads at a time.
    """

    def __init__(
        self,
        *,
        choices: Mapping[str, int] | None = None,
        clock: Clock | None = None,
        rules: Rules | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        self._session = Session(rules or Rules(machine(choices)), clock)
        self._deliver_as: Deliver = deliver or _once
        self._due: deque[Settlement] = deque()
        self._delivering = False

    # Who the user is ------------------------------------------------------------------------------

    def loginUnidentifiedUser(self, options: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Logs in a user whom the app does not know; the options have no influence."""
        self._call("loginUnidentifiedUser", (options,), success, error)

    def loginUserWithUserAttributes(
        self, attributes: Json = None, success: Callback = None, error: Callback = None
    ) -> None:
        """Logs in the user with this userId, this email or both."""
        self._call("loginUserWithUserAttributes", (attributes,), success, error)

    def logout(self, success: Callback = None, error: Callback = None) -> None:
        """Ends the session of an identified user; an anonymous one stays, so that no contact is orphaned."""
        self._call("logout", (), success, error)

    def setUserHash(self, hash: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Gives the HMAC that proves the identity of the user about to log in; see `facts.user_hash`."""
        self._call("setUserHash", (hash,), success, error)

    def isUserLoggedIn(self, success: Callback = None, error: Callback = None) -> None:
        """Tells `success` whether a user is logged in, identified or not."""
        self._call("isUserLoggedIn", (), success, error)

    def fetchLoggedInUserAttributes(self, success: Callback = None, error: Callback = None) -> None:
        """Tells `success` ``{"userId", "email"}`` of the user, None if nobody is logged in."""
        self._call("fetchLoggedInUserAttributes", (), success, error)

    # What the user is and does --------------------------------------------------------------------

    def updateUser(self, attributes: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Changes attributes and companies of the user."""
        self._call("updateUser", (attributes,), success, error)

    def logEvent(
        self, eventName: Json = None, metaData: Json = None, success: Callback = None, error: Callback = None
    ) -> None:
        """Records that the user did something."""
        self._call("logEvent", (eventName, metaData), success, error)

    def sendPushToken(self, token: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Gives the device's push token to the workspace."""
        self._call("sendPushToken", (token,), success, error)

    # What is on screen ----------------------------------------------------------------------------

    def present(self, success: Callback = None, error: Callback = None) -> None:
        """Opens the messenger on its home space."""
        self._call("present", (), success, error)

    def presentSpace(self, space: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Opens a space of the messenger: HOME, HELP_CENTER, MESSAGES or TICKETS."""
        self._call("presentSpace", (space,), success, error)

    def presentContent(self, content: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Opens content such as ``{"type": "ARTICLE", "id": "5678"}``; what is not live shows an error."""
        self._call("presentContent", (content,), success, error)

    def presentMessageComposer(self, message: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Opens the composer, with a text to start from."""
        self._call("presentMessageComposer", (message,), success, error)

    def hideIntercom(self, success: Callback = None, error: Callback = None) -> None:
        """Closes every screen; the session stays."""
        self._call("hideIntercom", (), success, error)

    def setLauncherVisibility(self, visibility: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Shows the standard launcher (VISIBLE) or hides it (GONE)."""
        self._call("setLauncherVisibility", (visibility,), success, error)

    def setInAppMessageVisibility(
        self, visibility: Json = None, success: Callback = None, error: Callback = None
    ) -> None:
        """Lets in-app messages pop up (VISIBLE) or not (GONE); carousels and surveys do in either case."""
        self._call("setInAppMessageVisibility", (visibility,), success, error)

    def setBottomPadding(self, padding: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Lifts the launcher and the in-app messages off the bottom of the screen."""
        self._call("setBottomPadding", (padding,), success, error)

    def unreadConversationCount(self, success: Callback = None, error: Callback = None) -> int | None:
        """How many conversations the user has not read, returned and told to `success`."""
        count: int | None = self._call("unreadConversationCount", (), success, error)
        return count

    # The Help Center ------------------------------------------------------------------------------

    def fetchHelpCenterCollections(self, success: Callback = None, error: Callback = None) -> None:
        """Tells `success` the collections of the Help Center, each with id, title and summary."""
        self._call("fetchHelpCenterCollections", (), success, error)

    def fetchHelpCenterCollection(self, id: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Tells `success` one collection with its articles and sections."""
        self._call("fetchHelpCenterCollection", (id,), success, error)

    def searchHelpCenter(self, term: Json = None, success: Callback = None, error: Callback = None) -> None:
        """Tells `success` the articles that match a term."""
        self._call("searchHelpCenter", (term,), success, error)

    # Beyond the API -------------------------------------------------------------------------------

    def call(
        self, method: str, arguments: Sequence[Json] = (), success: Callback = None, error: Callback = None
    ) -> Json:
        """Calls a method by its name or one of its aliases; arguments that are missing are None.

        Raises:
            UnknownMethodError: there is no such method.
            BadArgumentsError: there are more arguments than parameters.
        """
        return self._call(method_named(method).name, arguments, success, error)

    def environment(self, event: str, *arguments: Json) -> None:
        """Lets something happen in the world, such as ``network_down``; ``spec/session.yaml`` lists all.

        Raises:
            UnknownEventError, BadArgumentsError: there is no such event, or it takes other arguments.
        """
        self._session.happen(event, arguments)
        self._deliver()

    def advance(self, seconds: float) -> None:
        """Lets so many seconds pass on the virtual clock; calls that wait are tried again on the way."""
        self._session.advance(seconds)
        self._deliver()

    def publish(self, type: str, id: str, status: str = "live") -> None:
        """Gives a piece of content of the workspace a status: ``live``, ``draft`` or ``paused``."""
        self._session.workspace = self._session.workspace.with_content(type, id, status)

    def observe(self) -> dict[str, Json]:
        """A snapshot of states, contacts and settings, in the shape that ``spec/README.md`` gives."""
        return self._session.snapshot()

    @property
    def workspace(self) -> Workspace:
        """The workspace as it is now, a frozen value, with what a snapshot leaves out: times of events."""
        return self._session.workspace

    @property
    def clock(self) -> Clock:
        """The virtual clock."""
        return self._session.clock

    @property
    def binding(self) -> dict[str, Json]:
        """How this client introduces itself to a conformance kit."""
        return {
            "name": "reference",
            "version": _version(),
            "language": "python",
            "platform": "any",
            "kind": "self-contained",
            "style": "callbacks",
            "capabilities": sorted(load_document("spec/capabilities.yaml")["capabilities"]),
        }

    def __getattr__(self, name: str) -> Callable[..., Json]:
        alias = aliases().get(name)
        if alias is None:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}", name=name, obj=self)
        if alias.deprecated:
            warnings.warn(
                f"{name} is deprecated since {alias.deprecated}; call {alias.method}.",
                DeprecationWarning,
                stacklevel=2,
            )
        return getattr(self, alias.method)  # type: ignore[no-any-return]

    # Calls and their callbacks --------------------------------------------------------------------

    def _call(self, method: str, arguments: Sequence[Json], success: Callback, error: Callback) -> Json:
        for callback in (success, error):
            if callback is not None and not callable(callback):
                raise TypeError(f"{method}: {callback!r} is no callback. Give a function, or None.")
        spec = methods()[method]
        value = self._session.call(spec, arguments, success, error)
        self._deliver()
        return value if spec.returned and value is not MISSING else None

    def _deliver(self) -> None:
        self._due.extend(due for one in self._session.take_settled() for due in self._deliver_as(one))
        if self._delivering:
            return
        self._delivering = True
        try:
            errors = [error for error in self._delivered() if error is not None]
        finally:
            self._delivering = False
        if len(errors) > 1:
            raise ExceptionGroup("several callbacks raised", errors)
        if errors:
            raise errors[0]

    def _delivered(self) -> list[Exception | None]:
        outcomes = []
        while self._due:
            outcomes.append(_report(self._due.popleft()))
        return outcomes


def _once(settlement: Settlement) -> Sequence[Settlement]:
    return (settlement,)


def _report(settlement: Settlement) -> Exception | None:
    """Calls the callback that is due; the exception if it raised one."""
    callback = getattr(settlement.call, settlement.callback)
    if callback is None:
        return None
    try:
        callback(*(() if settlement.value is MISSING else (plain(settlement.value),)))
    except Exception as error:
        return error
    return None


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("intercom-conformance")
    except PackageNotFoundError:
        return "unknown"
