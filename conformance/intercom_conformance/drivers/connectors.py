"""Opens a driver by a connector: a prefix that names its kind, a colon, and what that kind needs to know.

Built in are ``py:package.module:factory``, ``cmd:program argument ...``, ``tcp:host:port`` and ``ws://host:port``.
Other kinds are handed in as *openers*, by their prefix; one handed in goes before a built-in one.
"""

from __future__ import annotations

import difflib
import importlib
import os
import shlex
from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from intercom_conformance.drivers.in_process import InProcessDriver
from intercom_conformance.drivers.network import tcp_driver, websocket_driver
from intercom_conformance.drivers.protocol import BadConnector, Driver, Native, UnknownConnector
from intercom_conformance.drivers.stdio import StdioDriver
from intercom_conformance.drivers.wire import Timing

__all__ = ["BUILT_IN", "Opener", "Settings", "open_driver"]


@attrs.frozen
class Settings:
    """What holds for a driver of any kind; each kind takes what concerns it.

    Shapes:
        start_timeout, timeout: seconds, for the start and for every other request.
        spec: the revision of the specification.
    """

    start_timeout: float = 30.0
    timeout: float = 10.0
    spec: str = "1.0"

    @property
    def timing(self) -> Timing:
        """The time limits, as a driver at the other end of a wire takes them."""
        return Timing(self.start_timeout, self.timeout)


Opener: TypeAlias = Callable[[str, Native, Settings], Driver]
"""Makes a driver of what stands after the colon, the far end, and the settings. It starts nothing."""


def open_driver(
    connector: str,
    native: Native,
    *,
    settings: Settings | None = None,
    openers: Mapping[str, Opener] = MappingProxyType({}),
) -> Driver:
    """The driver that a connector names; nothing is started before its `initialize`.

    Args:
        connector: such as ``py:my_package.fake:Fake`` or ``cmd:node driver.js``.
        native: the far end of a wrapper's bridge.
        settings: time limits and the revision; the usual ones if none are given.
        openers: further kinds, by prefix (without the colon).

    Raises:
        UnknownConnector: no kind has this prefix.
        BadConnector: the kind is known, but cannot use the rest.
    """
    known = {**BUILT_IN, **openers}
    prefix, _, rest = connector.partition(":")
    if prefix not in known:
        closest = difflib.get_close_matches(prefix, known, n=1, cutoff=0.4)
        raise UnknownConnector(connector, tuple(sorted(known)), closest[0] if closest else None)
    return known[prefix](rest, native, settings or Settings())


def _open_object(rest: str, native: Native, settings: Settings) -> Driver:
    module, _, name = rest.partition(":")
    connector = f"py:{rest}"
    if not module or not name:
        remedy = "Write py:package.module:factory."
        raise BadConnector(connector, "it names no module and factory", remedy)
    factory = _find(connector, module, name)
    if not callable(factory):
        raise BadConnector(connector, f"{name} is no callable", "Name a class or a function that makes the object.")
    return InProcessDriver(factory, native, spec=settings.spec)


def _find(connector: str, module: str, name: str) -> Any:
    try:
        return reduce(getattr, name.split("."), importlib.import_module(module))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        remedy = "Can this Python import the module from here, and does it have that name?"
        raise BadConnector(connector, problem, remedy) from error


def _open_command(rest: str, native: Native, settings: Settings) -> Driver:
    try:
        command = _split(rest)
    except ValueError as error:
        raise BadConnector(f"cmd:{rest}", str(error), "Close the quotation.") from None
    if not command:
        raise BadConnector(f"cmd:{rest}", "it names no program", "Write cmd:program argument ...")
    return StdioDriver(
        command,
        native,
        start_timeout=settings.start_timeout,
        timeout=settings.timeout,
        spec=settings.spec,
    )


def _split(command: str, posix: bool = os.name == "posix") -> list[str]:
    """The words of a command line; on Windows, backslashes are not escapes."""
    if posix:
        return shlex.split(command)
    return [word.strip('"') for word in shlex.split(command, posix=False)]


def _open_tcp(rest: str, native: Native, settings: Settings) -> Driver:
    return tcp_driver(rest, native, timing=settings.timing, spec=settings.spec)


def _open_websocket(rest: str, native: Native, settings: Settings) -> Driver:
    return websocket_driver(rest, native, timing=settings.timing, spec=settings.spec)


BUILT_IN: Final[Mapping[str, Opener]] = MappingProxyType(
    {"cmd": _open_command, "py": _open_object, "tcp": _open_tcp, "ws": _open_websocket}
)
"""The kinds that are always there, by prefix."""
