"""Judges recorded calls against the oracle, of one session or of millions that are interleaved.

1. `lines` reads the trace: NDJSON, one call, callback or happening a line, as its JSON Schema describes them.
2. `ordering` puts the lines of a session in order within a window, and tells what came twice, late, or is missing.
3. `abstraction` makes a *symbol* of a call: its method, its outcome, and what the specification's rules ask of its
   arguments. Values that a later rule compares with become numbers within their session.
4. `open_world` is the specification as a log sees it: what the network does and the workspace holds is not told.
5. `automaton` keeps the *set* of configurations that a history allows as one row of a table. A row is computed by the
   oracle when it is first needed, and a dictionary look-up ever after: a session is a row and a few hashes.
6. `told` judges sessions of which everything is on record, such as the kit's own, by the oracle itself.
7. `tally` adds up: each fault, how many sessions it affects, its first impossible step, and what was allowed there.

`mapping` reads the lines of other logs as lines of a trace; `dealing` and `workers` share sessions out to processes;
`histories` looks up what led to each first impossible step.

Most lines are short and in order. Such *brief* lines are read many at once into few members, and cost a look-up; every
other line takes the longer way, which finds the same, and a test holds them equal.

A line that nothing can be made of costs its session what it may have told, and the others nothing.
"""

from intercom_conformance.checking.checker import Checker, Settings
from intercom_conformance.checking.tally import Fault, Tally

__all__ = ["Checker", "Fault", "Settings", "Tally"]
