"""Plays a sequence again on two bindings, to see whether they differ after it as their machines do."""

from __future__ import annotations

from intercom_conformance.learning.comparing import Apart
from intercom_conformance.learning.outputs import Output, aspects
from intercom_conformance.learning.subject import Word
from intercom_conformance.player import Player
from intercom_conformance.suite.complete.projections import Projection
from intercom_conformance.trace import Trace

__all__ = ["reproduced"]


def reproduced(apart: Apart, one: Player | None, other: Player | None) -> bool:
    """Whether two bindings differ after a trace as was predicted; a side that is None, a file, is believed."""
    said = apart.said if one is None else _last(apart.trace, one)
    replied = apart.replied if other is None else _last(apart.trace, other)
    return any(aspects(said, replied))


def _last(trace: Trace, player: Player) -> Output:
    """What a binding answers to the last step of a trace."""
    word, output = Word(player, Projection("replayed", trace)), Output()
    for number in range(len(trace)):
        output = word.play(number)
        if word.down:
            break
    word.finish()
    return output
