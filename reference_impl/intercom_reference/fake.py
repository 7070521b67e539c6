"""A stand-in for the SDK in an app's tests: the reference client, with what a test wants to ask and to bring about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from intercom_reference import facts
from intercom_reference.client import Client
from intercom_reference.hosting import plain
from intercom_reference.model import UnknownMethodError, method_named
from intercom_reference.network import BACKOFF

__all__ = ["Call", "Fake", "Network", "Screen"]

Json = Any
Callback = Callable[..., object] | None

_NEVER_WAIT: Mapping[str, int] = {"login-request-fails": 1, "login-request-lost": 1}
"""The alternatives in which a login that gets no answer goes through its retries at once."""
_CALLBACKS = ("success", "error")


@attrs.define
class Call:
    """A call that the app made: the method as the app named it, its arguments, and what became of it.

    `value` is what success or the error carried, None for nothing.
    """

    method: str
    arguments: tuple[Json, ...]
    outcome: Literal["pending", "success", "error"] = "pending"
    value: Json = None


@attrs.frozen
class Screen:
    """What the end user has on screen: the messenger's state, what it shows, and whether the launcher is there."""

    messenger: str
    content: Json
    composer: str | None
    launcher: bool


@attrs.frozen
class Network:
    """How requests fare from now on; what waits is tried again, as often as there are retries."""

    _turn: Callable[[str], None]

    def up(self) -> None:
        """Requests are answered, those that were held included."""
        self._turn("network_up")

    answer = up

    def fail(self) -> None:
        """Requests fail."""
        self._turn("network_down")

    def fail_once(self) -> None:
        """The next request fails, the one after it is answered."""
        self._turn("network_flaky")

    def hold(self) -> None:
        """Requests go out, and their answers are kept back until `answer`."""
        self._turn("network_held")


class Fake:
    """The whole SDK in memory: it has every method of `Client`, by its name or alias, and never lets a test wait.

    >>> sdk = Fake()
    >>> sdk.network.fail()
    >>> sdk.loginUserWithUserAttributes({"userId": "1"}, error=lambda error: print(error["code"]))
    503
    >>> sdk.network.up()
    >>> sdk.logEvent("ordered")
    >>> sdk.user["user_id"], [call.outcome for call in sdk.calls]
    ('1', ['error', 'success'])

    Args:
        choices: alternatives to take where the specification leaves some open; see `machine.machine`.
    """

    def __init__(self, *, choices: Mapping[str, int] | None = None) -> None:
        self._choices = {**_NEVER_WAIT, **(choices or {})}
        self.network = Network(self._turn)
        self.reset_app()

    def reset_app(self) -> None:
        """A freshly installed app over an empty workspace; calls that wait are never answered."""
        self.client = Client(choices=self._choices)
        self.calls: list[Call] = []

    # What the app did -----------------------------------------------------------------------------

    def observe(self) -> dict[str, Json]:
        """A snapshot of states, contacts and settings, in the shape that ``spec/README.md`` gives."""
        return self.client.observe()

    @property
    def contacts(self) -> list[dict[str, Json]]:
        """Everybody whom the workspace knows."""
        return self.observe()["records"]["contacts"]  # type: ignore[no-any-return]

    @property
    def user(self) -> dict[str, Json] | None:
        """The contact who is logged in, None if nobody is."""
        snapshot = self.observe()
        return None if snapshot["current"] is None else snapshot["records"]["contacts"][snapshot["current"]]

    @property
    def screen(self) -> Screen:
        """What the end user has on screen."""
        state, registers = (self.observe()[part] for part in ("state", "registers"))
        launcher = state["launcher"] == "launcher_visible"
        return Screen(state["messenger"], registers["content_shown"], registers["composer_text"], launcher)

    # What happens to it ---------------------------------------------------------------------------

    def environment(self, event: str, *arguments: Json) -> None:
        """Lets an event of the specification happen, such as ``carousel_arrives``; see `Client.environment`."""
        self.client.environment(event, *arguments)

    def advance(self, seconds: float) -> None:
        """Lets virtual seconds pass; see `Client.advance`."""
        self.client.advance(seconds)

    def publish(self, type: str, id: str, status: str = "live") -> None:
        """Makes a piece of content live, or ``draft`` or ``paused``, so that presenting it shows an error."""
        self.client.publish(type, id, status)

    def user_hash(self, identity: str) -> str:
        """The user hash that the workspace accepts for a userId or an email."""
        return facts.user_hash(self.client.workspace.secret, identity)

    @property
    def binding(self) -> dict[str, Json]:
        """How this stand-in introduces itself to a conformance kit."""
        return {**self.client.binding, "name": "intercom-fake/python"}

    # Calls ----------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Callable[..., Json]:
        try:
            method = method_named(name)
        except UnknownMethodError as error:
            raise AttributeError(str(error), name=name, obj=self) from None
        names = [parameter.name for parameter in method.parameters]

        def call(*given: Json, success: Callback = None, error: Callback = None, **named: Json) -> Json:
            arguments = _in_order(name, names, given[: len(names)], named)
            callbacks = dict(zip(_CALLBACKS, given[len(names) :], strict=False))
            return self._call(name, arguments, **{"success": success, "error": error, **callbacks})

        return call

    def _call(self, name: str, arguments: tuple[Json, ...], success: Callback, error: Callback) -> Json:
        call = Call(name, tuple(map(_copied, arguments)))
        self.calls.append(call)
        return self.client.call(name, arguments, _settling(call, "success", success), _settling(call, "error", error))

    def _turn(self, event: str) -> None:
        self.environment(event)
        self.advance(sum(BACKOFF))


def _in_order(method: str, names: list[str], given: tuple[Json, ...], named: Mapping[str, Json]) -> tuple[Json, ...]:
    """The arguments by place, of which some were given by name; those left out at the end stay out."""
    rest = names[len(given) :]
    if wrong := [name for name in named if name not in rest]:
        raise TypeError(f"{method}() takes ({', '.join(names)}), and no second {wrong[0]!r}")
    last = max((rest.index(name) + 1 for name in named), default=0)
    return (*given, *(named.get(name) for name in rest[:last]))


def _settling(call: Call, outcome: Literal["success", "error"], callback: Callback) -> Callable[..., None]:
    def settle(*value: Json) -> None:
        call.outcome, call.value = outcome, value[0] if value else None
        if callback is not None:
            callback(*value)

    return settle


def _copied(value: Json) -> Json:
    try:
        return plain(value)
    except (TypeError, ValueError, RecursionError):
        return value
