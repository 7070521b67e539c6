"""What is seen during a step, and in what way it disagrees with a specification, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.expressions import ABSENT

__all__ = ["Broken", "Observation", "Settlement"]


@attrs.frozen
class Settlement:
    """A callback that ran: for which call, which one, and with which value (`ABSENT` for none)."""

    call: str
    callback: str
    value: Any = ABSENT


@attrs.frozen
class Observation:
    """What was seen during one step; parts that a binding cannot show are `ABSENT`."""

    settled: tuple[Settlement, ...] = ()
    returned: Any = ABSENT
    thrown: Any = None
    snapshot: Any = ABSENT
    promises: bool = False
    unheard: frozenset[str] = frozenset()
    """Calls whose outcome no wrapper can know: the native SDK does not tell it."""
    kept: Mapping[str, str] = attrs.field(factory=dict)
    """Calls that the native SDK has done, and whose answers the kit still keeps from the wrapper.

    Each with the callback that its answer asks for; "either" where the wrapper asked for something else than the call.
    """
    unasked: frozenset[str] = frozenset()
    """Calls that a wrapper has not passed on yet, while it waits for the answer to an earlier one."""


@attrs.frozen
class Broken:
    """A way in which an observation disagrees with the specification.

    `expected` and `observed` are for people: half a sentence each, values as JSON, a callback of another call than
    the one at hand as "success of c2".
    """

    kind: str
    requirement: str
    expected: str
    observed: str
    place: str = ""
