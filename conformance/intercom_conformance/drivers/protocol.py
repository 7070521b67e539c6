"""What a driver is, and what goes through it.

A *driver* puts one SDK binding, the system under test, at the kit's disposal. The kit stands on both sides
of it: it calls the binding's API through the driver, and, when the binding is a wrapper, it is the native
SDK that the binding calls, through the `native` callable with which the driver was opened. The life of a
driver:

1. `open_driver("cmd:node driver.js", native)` finds the kind of driver by the connector's prefix. Nothing
   runs yet. `UnknownConnector` and `BadConnector` tell of a connector that names no driver.
2. `initialize` starts the system under test and returns its `Binding`. `NotStarted` if it does not come up.
3. `reset` gives a freshly installed app; then `call`, `answer`, `advance` and `environment` each give a
   `Reaction`: everything that an app can see until the binding is quiescent again. `observe` gives a
   snapshot. `Crashed`, `TimedOut` and `ProtocolBroken` end the system under test, and blame the request in
   flight; `Refused` does not end it. After any of them, `initialize` starts it anew.
4. `shutdown` ends it. No process outlives its driver, whatever happens.

The modules: `messages` writes and reads the lines of the wire, and checks both directions against
`schemas/documents/protocol.schema.json`. `processes` starts a program and ends it with all its children.
`pipes` and `sockets` move lines to and from it with deadlines. `wire` drives what is at the other end of such lines:
`stdio` a program that it starts, `network` one that listens; `in_process` drives a Python object without a wire;
`connectors` chooses among them. No driver knows which SDK it drives or what
is expected of it.
"""

from __future__ import annotations

import signal
from collections.abc import Collection, Sequence
from typing import Final, Literal, Protocol, TypeAlias

import attrs

from intercom_reference.errors import KitError
from intercom_reference.hosting import (
    MISSING,
    Answered,
    Failed,
    Held,
    Json,
    Missing,
    Native,
    NativeReply,
)

__all__ = [
    "EXCERPT",
    "MISSING",
    "PROTOCOL",
    "Answered",
    "BadConnector",
    "Binding",
    "Crashed",
    "Driver",
    "DriverError",
    "Failed",
    "Held",
    "Json",
    "Missing",
    "Native",
    "NativeReply",
    "NotStarted",
    "ProtocolBroken",
    "Reaction",
    "Refused",
    "Settled",
    "Thrown",
    "TimedOut",
    "UnknownConnector",
]

PROTOCOL: Final = "1.0"
"""The version of the wire protocol."""

EXCERPT: Final = 200
"""Characters of a line that an error quotes at most."""

_UNUSABLE: Final = -32602
"""JSON-RPC's code for parameters that cannot be used."""

Callback: TypeAlias = Literal["success", "error"]


@attrs.frozen
class Settled:
    """One run of one callback of a call; `value` is what the callback was given, `MISSING` if nothing."""

    call: str
    callback: Callback
    value: Json = MISSING


@attrs.frozen
class Thrown:
    """What a method threw at its caller: the name of its class, and its message."""

    type: str
    message: str


@attrs.frozen
class Reaction:
    """What an app sees of a request: which callbacks ran since the last one, what returned or was thrown."""

    settled: tuple[Settled, ...] = ()
    returned: Json = MISSING
    thrown: Thrown | None = None


@attrs.frozen
class Binding:
    """How a system under test introduces itself; see `initialize-result` in the protocol's schema.

    `silent` are the methods of the native SDK that tell a wrapper no outcome.
    """

    name: str
    version: str
    language: str
    platform: str
    kind: Literal["wrapper", "self-contained"]
    style: Literal["callbacks", "promises", "none"]
    capabilities: frozenset[str]
    silent: frozenset[str] = frozenset()


class Driver(Protocol):
    """One system under test at the kit's disposal; every method may raise a `DriverError`."""

    @property
    def pid(self) -> int | None:
        """The process that the system under test runs in, or None if it runs elsewhere, or not at all."""
        ...

    def initialize(self) -> Binding:
        """Starts the system under test, or starts it anew, and learns what it is."""
        ...

    def reset(self) -> None:
        """Makes the app freshly installed; what the earlier one still had to report is dropped."""
        ...

    def call(self, call: str, method: str, arguments: Sequence[Json], callbacks: Collection[str]) -> Reaction:
        """Calls the API's method under the name `call`; the callbacks that are not named are null."""
        ...

    def answer(self, ticket: str, reply: Answered | Failed) -> Reaction:
        """Lets the native SDK answer the native request that was held under this ticket."""
        ...

    def advance(self, seconds: float) -> Reaction:
        """Lets time pass (capability ``clock``)."""
        ...

    def environment(self, event: str, arguments: Sequence[Json]) -> Reaction:
        """Lets something happen in the world (capability ``environment``)."""
        ...

    def observe(self) -> Json:
        """The snapshot of a self-contained system under test (capability ``snapshot``)."""
        ...

    def shutdown(self) -> None:
        """Ends the system under test, the polite way first; never raises for one that is stubborn or gone."""
        ...


class DriverError(KitError):
    """Base of what can go wrong between the kit and a system under test."""


def _logged(tail: str) -> str:
    return f"\nThe end of its log:\n{tail.rstrip()}" if tail.strip() else "\nIts log is empty."


@attrs.frozen(str=False)
class NotStarted(DriverError):
    """The system under test did not come up, or is not running now."""

    driver: str
    """The command or the factory."""
    reason: str
    remedy: str
    stderr_tail: str = ""

    def __str__(self) -> str:
        return f"The driver {self.driver} is not started: {self.reason}. {self.remedy}" + (
            _logged(self.stderr_tail) if self.stderr_tail else ""
        )


@attrs.frozen(str=False)
class Crashed(DriverError):
    """The driver ended while a request was in flight.

    `exit_code` is negative for a signal, and None of a driver that the kit did not start: there only the connection
    tells.
    """

    request: str
    exit_code: int | None
    stderr_tail: str = ""

    @property
    def signal(self) -> str | None:
        """The name of the signal that ended the process, such as ``SIGSEGV``, if one did."""
        if self.exit_code is None or self.exit_code >= 0:
            return None
        try:
            return signal.Signals(-self.exit_code).name
        except ValueError:
            return f"signal {-self.exit_code}"

    @property
    def end(self) -> str:
        """How it ended, as the end of a sentence about it."""
        if self.exit_code is None:
            return "closed the connection"
        return f"ended by {self.signal}" if self.signal else f"ended with exit code {self.exit_code}"

    def __str__(self) -> str:
        return (
            f"The driver {self.end} in the midst of {self.request!r}. A driver runs until 'shutdown' or "
            f"until its input ends, and reports what the binding throws as 'thrown'. Its log may tell more."
        ) + _logged(self.stderr_tail)


@attrs.frozen(str=False)
class TimedOut(DriverError):
    """A request got no answer in time; the driver was ended."""

    request: str
    seconds: float
    stderr_tail: str = ""

    def __str__(self) -> str:
        return (
            f"The driver did not answer {self.request!r} within {self.seconds:g} s. It has to answer when "
            f"the binding has nothing left to do, even if a callback never comes. If it only needs longer, "
            f"raise the time limit."
        ) + _logged(self.stderr_tail)


@attrs.frozen(str=False)
class ProtocolBroken(DriverError):
    """A message is not what the protocol allows; the driver was ended."""

    what: str
    line_excerpt: str = ""
    remedy: str = "The messages stand in schemas/documents/protocol.schema.json."

    def __str__(self) -> str:
        quoted = f"\nThe line: {self.line_excerpt}" if self.line_excerpt else ""
        return f"The protocol was broken: {self.what}. {self.remedy}{quoted}"


@attrs.frozen(str=False)
class Refused(DriverError):
    """The driver answered a request with a JSON-RPC error; it runs on."""

    request: str
    code: int
    message: str

    @property
    def unwritable(self) -> bool:
        """Whether it is a call that nobody can write in the binding's API."""
        return self.request == "call" and self.code == _UNUSABLE

    def __str__(self) -> str:
        remedy = (
            "Serve it, or do not declare its capability."
            if self.code == -32601
            else "What the binding throws or reports belongs into the reaction: an error is the driver's own."
        )
        return f"The driver refused {self.request!r} with error {self.code}: {self.message}. {remedy}"


@attrs.frozen(str=False)
class UnknownConnector(DriverError):
    """A connector whose prefix names no kind of driver."""

    connector: str
    known: tuple[str, ...]
    closest: str | None = None

    def __str__(self) -> str:
        hint = f" Did you mean {self.closest + ':'!r}?" if self.closest else ""
        return f"No driver is called {self.connector!r}.{hint} A connector starts with one of " + ", ".join(
            f"{prefix}:" for prefix in self.known
        )


@attrs.frozen(str=False)
class BadConnector(DriverError):
    """A connector with a known prefix, whose rest cannot be used."""

    connector: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"The connector {self.connector!r} cannot be used: {self.problem}. {self.remedy}"
