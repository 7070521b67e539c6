"""How much the service lets anybody have, as one value."""

from __future__ import annotations

import attrs

__all__ = ["Limits"]


@attrs.frozen
class Limits:
    """The bounds of the service; sizes in bytes, times in seconds.

    Shapes:
        sessions: how many there may be at once.
        steps: how many a session may have; `reset` begins anew.
        request: size of a request's body, or of a line.
        session: size of what a session was given and has answered.
        total: the same of all sessions together.
        idle: a session that nobody asks for so long is gone; a connection too.
        patience: how long a request may take to come in, and its answer to be taken.
        connections: how many there may be at once, of each kind of transport.
        depth: how deep a value may nest.
        clock: how far one request may move the clock.
        choices: how many different sets of choices the stand-ins may be made with.
        effort: how many tries of calls that wait the oracle follows in one step.
    """

    sessions: int = 5_000
    steps: int = 2_000
    request: int = 256 * 1024
    session: int = 1024 * 1024
    total: int = 64 * 1024 * 1024
    idle: float = 1_800.0
    patience: float = 10.0
    connections: int = 2_000
    depth: int = 64
    clock: float = 86_400.0
    choices: int = 16
    effort: int = 20_000
