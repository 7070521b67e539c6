"""Puts the parts together: a connector and a specification become a player."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from intercom_conformance.drivers import Driver, InProcessDriver, Native, Opener, Settings, open_driver
from intercom_conformance.drivers.protocol import BadConnector
from intercom_conformance.far_end import ReferenceFarEnd
from intercom_conformance.oracle import Oracle
from intercom_conformance.player import Player
from intercom_conformance.specification import Specification, load_specification

__all__ = ["implementation_of", "open_player", "openers", "oracle_of"]


@cache
def oracle_of(spec: Specification) -> Oracle:
    """The oracle of a specification, compiled once; it gives up on a step that would take it many seconds."""
    return Oracle.of(spec, _EFFORT)


_EFFORT = 50_000
"""Tries of calls that wait which the oracle follows in one step."""


def implementation_of(spec: Specification) -> Callable[..., Any] | None:
    """What makes the implementation of a specification that comes with the kit; None if there is none."""
    if spec.name != load_specification().name:
        return None
    from intercom_reference.client import Client

    return Client


def openers() -> Mapping[str, Opener]:
    """The kinds of system under test beyond Python objects and commands, by the prefix of their connector."""
    from intercom_conformance.bindings.connectors import OPENERS

    return {"reference": _open_reference, **OPENERS}


def _mutants_of(spec: Specification) -> Opener:
    def open_mutant(rest: str, native: Native, settings: Settings) -> Driver:
        from intercom_conformance.mutants import driver_of, mutant_named

        return driver_of(mutant_named(spec, rest), spec, native)

    return open_mutant


def _open_reference(rest: str, native: Native, settings: Settings) -> Driver:
    from intercom_reference.client import Client

    return InProcessDriver(Client, native, spec=settings.spec)


def open_player(connector: str, spec: Specification, *, timeout: float = 10.0, start_timeout: float = 30.0) -> Player:
    """A player for the system under test that a connector names; nothing is started yet.

    Args:
        connector: ``reference:``, ``mutant:id``, ``py:package.module:factory``, ``cmd:program argument…`` or a bundled
            binding.
        spec: what it is judged by.
        timeout, start_timeout: seconds for a request, and for the start.

    Raises:
        UnknownConnector, BadConnector: the connector names nothing that can be opened.
    """
    implemented = implementation_of(spec) is not None
    if connector.partition(":")[0] == "reference" and not implemented:
        remedy = "Name an implementation of your own: py:package.module:factory or cmd:program."
        raise BadConnector(connector, f"the reference is none of {spec.name}", remedy)
    settings = Settings(start_timeout=start_timeout, timeout=timeout, spec=spec.version)

    def open_with(native: Native) -> Driver:
        return open_driver(connector, native, settings=settings, openers={**openers(), "mutant": _mutants_of(spec)})

    return Player(spec, oracle_of(spec), open_with, ReferenceFarEnd() if implemented else None)
