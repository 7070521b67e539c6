"""Hosts an SDK that is a Python object, and tells what an app would see of it.

A `Host` stands where the app stands: it makes the object with a factory, calls its methods with recording
callbacks, and hands back *reactions* in the shape of the wire protocol
(`schemas/documents/protocol.schema.json`, `$defs/reaction`): what returned or was thrown, and which
callbacks ran, in order. It knows no SDK in particular. The wire server of this package and the in-process
driver of the kit both use it, so that an object looks the same through either.

The object has the API's methods by their names. Beyond them it may have

- `binding`: a mapping with any of name, version, language, platform, kind, style, capabilities;
- `advance(seconds)`: time passes; `environment(event, *arguments)`: the world acts on it; `observe()`: a
  snapshot;
- `answer(ticket, value=..., error=...)`: a wrapper's native SDK answers late.

A factory that has a parameter named `native` makes a wrapper: it is given the far end of its bridge, a
callable `native(method, arguments)` that returns `Answered`, `Failed` or `Held`. What the object hands out is
copied; what it is given is its own to keep.
"""

from __future__ import annotations

import enum
import inspect
import math
import warnings
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import attrs

from intercom_reference.errors import KitError

__all__ = [
    "MISSING",
    "Answered",
    "Failed",
    "Held",
    "Host",
    "HostedError",
    "Json",
    "Missing",
    "Native",
    "NativeReply",
    "NotServed",
    "plain",
]

Json: TypeAlias = Any
"""A JSON value; checked where it enters, because a recursive type would spread into every caller."""

_LONGEST_TEXT: Final = 1000
_WIDEST_INTEGER: Final = 14_000
"""Bits; Python refuses to write integers of more than 4300 digits, which is somewhat more."""
_SMALL: Final = 2**63
_OPTIONAL: Final = {"advance": "clock", "environment": "environment", "observe": "snapshot"}


class Missing(enum.Enum):
    """The type of `MISSING`, which stands where no value is: JSON's null is a value."""

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return self.value


MISSING: Final = Missing.MISSING


@attrs.frozen
class Answered:
    """The native SDK succeeded, with this value if any."""

    value: Json = MISSING


@attrs.frozen
class Failed:
    """The native SDK reported this error."""

    code: int
    message: str


@attrs.frozen
class Held:
    """The native SDK has not answered yet; a late answer will name this ticket, or never come."""

    ticket: str


NativeReply: TypeAlias = Answered | Failed | Held
Native: TypeAlias = Callable[[str, Sequence[Json]], NativeReply]


@attrs.frozen(str=False)
class NotServed(KitError):
    """The hosted object has no such part, so that the request cannot be served at all."""

    part: str

    def __str__(self) -> str:
        return f"the object has no method {self.part!r}"


@attrs.frozen(str=False)
class HostedError(KitError):
    """A part of the object that reports to nobody failed: its factory, its `binding`, its `observe`."""

    part: str
    type: str
    message: str

    def __str__(self) -> str:
        return f"the object's {self.part} raised {self.type}: {self.message}"


_PLAIN: Final = frozenset((str, bool, type(None)))
"""Types whose values need no copy."""


def plain(value: Any) -> Json:
    """A copy of the value in plain JSON types, which shares nothing mutable with it.

    Tuples become lists; subclasses of text and integers (enumerations) become what they hold.

    Raises:
        TypeError: a part of the value is none of JSON's types.
        ValueError: a number is not finite, or too large to be written.
        RecursionError: the value contains itself, or nests too deep.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else _number(value)
    if kind is dict:
        return {
            key if type(key) is str else _key(key): item if type(item) in _PLAIN else plain(item)
            for key, item in value.items()
        }
    if kind is list:
        return [item if type(item) in _PLAIN else plain(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} is not a type of JSON")


def _number(value: int | float) -> int | float:
    if isinstance(value, int):
        if value.bit_length() > _WIDEST_INTEGER:
            raise ValueError("the integer is too large to be written")
        return int.__int__(value)
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return float.__float__(value)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is not text")
    return str.__str__(key)


def _shown(value: Any) -> Json:
    """The value in plain JSON, or what stands for one that is not JSON."""
    try:
        return plain(value)
    except (TypeError, ValueError, RecursionError):
        return {"unserialisable": _text(repr, value)}


def _text(write: Callable[[Any], str], value: Any) -> str:
    """The text of a foreign object, whose own code may be long-winded or broken."""
    try:
        text = write(value)
    except Exception:
        return f"<{type(value).__name__} whose text cannot be had>"
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


class Host:
    """One hosted object after another: `reset` asks the factory for a new one.

    Args:
        factory: makes the object; called without arguments, or with `native=` if it has such a parameter.
        native: the far end of a wrapper's bridge.
    """

    def __init__(self, factory: Callable[..., Any], native: Native | None = None) -> None:
        self._factory = factory
        self._native = native
        self._wraps = "native" in _parameters(factory)
        self._fault: BaseException | None = None
        self._sdk: Any = None
        self.reset()

    def reset(self) -> dict[str, Json]:
        """A freshly installed app; callbacks of the earlier one that come later reach nobody."""
        self._settled: deque[dict[str, Json]] = deque()
        self._named: dict[str, tuple[str, ...]] = {}
        given = {"native": self._far_end} if self._wraps else {}
        self._sdk = self._expect("factory", lambda: self._factory(**given))
        return {}

    def initialize(self, protocol: str, spec: str) -> dict[str, Json]:
        """How the object introduces itself, completed where it says nothing (`$defs/initialize-result`)."""
        defaults = {
            "protocol": protocol,
            "name": getattr(self._factory, "__name__", type(self._factory).__name__),
            "version": "unknown",
            "language": "python",
            "platform": "any",
            "kind": "wrapper" if self._wraps else "self-contained",
            "style": "callbacks",
        }
        return {**defaults, **self._expect("binding", self._told)}

    def _told(self) -> dict[str, Json]:
        told = plain(dict(getattr(self._sdk, "binding", {})))
        served = {capability for method, capability in _OPTIONAL.items() if hasattr(self._sdk, method)}
        return {**told, "capabilities": sorted(served.union(told.get("capabilities", ())))}

    def call(self, call: str, method: str, arguments: Sequence[Json], callbacks: Collection[str]) -> dict[str, Json]:
        """The reaction to a call of the API's method, with the named callbacks given and the others None.

        Callbacks go to the method's parameters of that name; to a method without such parameters they are
        given after the arguments.
        """
        given = {name: self._recorder(call, name) for name in callbacks}
        arguments = list(arguments)
        return self._react(lambda: self._invoke(method, arguments, given))

    def answer(self, ticket: str, **outcome: Json) -> dict[str, Json]:
        """The reaction to the native SDK's late answer: `value`, `error` (code and message), or neither."""
        answer = self._part("answer")
        return self._react(lambda: answer(ticket, **outcome))

    def advance(self, seconds: float) -> dict[str, Json]:
        """The reaction to the passing of time."""
        advance = self._part("advance")
        return self._react(lambda: advance(seconds))

    def environment(self, event: str, arguments: Sequence[Json]) -> dict[str, Json]:
        """The reaction to something that happens in the world."""
        environment = self._part("environment")
        return self._react(lambda: environment(event, *arguments))

    def observe(self) -> dict[str, Json]:
        """The object's snapshot; `HostedError` if its `observe` raises."""
        return {"snapshot": _shown(self._expect("observe", self._part("observe")))}

    def _part(self, name: str) -> Callable[..., Any]:
        part = getattr(self._sdk, name, None)
        if part is None:
            raise NotServed(name)
        return part  # type: ignore[no-any-return]

    def _recorder(self, call: str, callback: str) -> Callable[..., None]:
        settled = self._settled

        def record(value: Any = MISSING, /) -> None:
            entry: dict[str, Json] = {"call": call, "callback": callback}
            settled.append(entry if value is MISSING else {**entry, "value": _shown(value)})

        return record

    def _invoke(self, method: str, arguments: Sequence[Json], given: Mapping[str, Any]) -> Any:
        if method.startswith("_"):
            raise AttributeError(f"{method!r} is not public")
        function = self._method(method)
        named = self._named.get(method)
        if named is None:
            named = self._named[method] = _callback_parameters(function)
        if named or not given:
            return function(*arguments, **{name: given.get(name) for name in named})
        return function(*arguments, given.get("success"), given.get("error"))

    def _method(self, name: str) -> Callable[..., Any]:
        if hasattr(type(self._sdk), name):
            return getattr(self._sdk, name)  # type: ignore[no-any-return]
        with warnings.catch_warnings():
            # An alias may warn its caller; the app that is played here calls it on purpose.
            warnings.simplefilter("ignore", DeprecationWarning)
            return getattr(self._sdk, name)  # type: ignore[no-any-return]

    def _react(self, act: Callable[[], Any]) -> dict[str, Json]:
        returned, thrown = self._attempt(act)
        reaction: dict[str, Json] = {}
        if thrown is not None:
            reaction["thrown"] = {"type": type(thrown).__name__, "message": _text(str, thrown)}
        elif returned is not None:
            reaction["returned"] = _shown(returned)
        reaction["settled"] = [self._settled.popleft() for _ in range(len(self._settled))]
        return reaction

    def _expect(self, part: str, act: Callable[[], Any]) -> Any:
        returned, thrown = self._attempt(act)
        if thrown is not None:
            raise HostedError(part, type(thrown).__name__, _text(str, thrown)) from thrown
        return returned

    def _attempt(self, act: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        """What the object returned, or what it threw, were it an attempt to exit."""
        thrown: BaseException | None = None
        try:
            returned = act()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            returned, thrown = None, error
        self._raise_fault()
        return returned, thrown

    def _far_end(self, method: str, arguments: Sequence[Any]) -> NativeReply:
        if self._native is None:
            raise NotServed("native")
        try:
            return self._native(method, [_shown(argument) for argument in arguments])
        except BaseException as error:
            self._fault = error
            raise

    def _raise_fault(self) -> None:
        """A fault of the far end is no doing of the object, even if the object swallowed it."""
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault


def _callback_parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The callbacks that the function takes by name; remembered for the methods of classes."""
    underlying = getattr(function, "__func__", None)
    return _callbacks_of(function) if underlying is None else _callbacks_of_method(underlying)


@lru_cache(maxsize=1024)
def _callbacks_of_method(underlying: Callable[..., Any]) -> tuple[str, ...]:
    return _callbacks_of(underlying)


def _callbacks_of(function: Callable[..., Any]) -> tuple[str, ...]:
    parameters = _parameters(function)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return "success", "error"
    return tuple(
        name
        for name in ("success", "error")
        if name in parameters and parameters[name].kind is not inspect.Parameter.POSITIONAL_ONLY
    )
