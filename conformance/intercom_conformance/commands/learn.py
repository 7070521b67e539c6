"""``learn``: learns a binding's own machine, and shows where it differs from the specification or from another."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, List, Optional  # noqa: UP035

import typer

from intercom_conformance.commands.options import (
    Connector,
    DebugDriver,
    Seed,
    ShowSecrets,
    Spec,
    StartTimeout,
    Strict,
    Timeout,
    Watched,
)

__all__ = ["learn"]


class _Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    DOT = "dot"
    MERMAID = "mermaid"
    TABLE = "table"


_Parts = Annotated[
    Optional[List[str]],  # noqa: UP006, UP045
    typer.Option(
        "--part",
        metavar="PART",
        help="Only this part: a region, calls, or whole: all inputs at once, for small specifications.",
    ),
]
_Against = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--against", metavar="OTHER", help="Compare with another: a connector, or a machine in FILE.json."),
]
_Export = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--export", metavar="FILE", help="Write what was learned: .json, .dot, .mmd (Mermaid) or .tsv."),
]
_Form = Annotated[_Format, typer.Option("--format", help="The form of the answer.", case_sensitive=False)]
_States = Annotated[int, typer.Option("--max-states", metavar="N", min=1, help="States of a part at most.")]
_Steps = Annotated[int, typer.Option("--max-steps", metavar="N", min=1, help="Steps played for a part at most.")]
_Seconds = Annotated[
    float, typer.Option("--seconds", metavar="SECONDS", min=0.001, help="How long the learning may take, in all.")
]
_Tests = Annotated[
    int, typer.Option("--tests", metavar="N", min=1, help="Random tests that a machine must stand to count as learned.")
]


def learn(
    connector: Connector = "reference:",
    part: _Parts = None,
    against: _Against = None,
    export: _Export = None,
    format: _Form = _Format.TEXT,
    max_states: _States = 200,
    max_steps: _Steps = 100_000,
    seconds: _Seconds = 300.0,
    tests: _Tests = 300,
    seed: Seed = 0,
    strict: Strict = False,
    timeout: Timeout = 10.0,
    start_timeout: StartTimeout = 30.0,
    verbose: Watched = False,
    debug_driver: DebugDriver = False,
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Learn a binding's own state machine, and show where it is not what the specification allows.

    The machine is learned part by part with AALpy (the algorithm of Kearns and Vazirani, random Wp-tests), from what
    can be seen: callbacks, the states that are shown, the current record, effects. Each deviation is a shortest
    sequence, seen again on the binding before it is reported. Needs the extra `learn`.

    \b
    Examples:
      intercom-conformance learn py:my_app.fakes:FakeIntercom
      intercom-conformance learn 'cmd:node driver.js' --part session --export session.mmd
      intercom-conformance learn npm:@intercom/intercom-react-native@10.7.1+js --export rn.json
      intercom-conformance learn npm:cordova-plugin-intercom@12.1.0+js --against rn.json
      intercom-conformance learn 'cmd:node old.js' --against 'cmd:node new.js'

    \b
    Exit codes:
      0  no deviation, or the two do the same
      1  deviations, or the two differ, or a binding is not deterministic
      2  interrupted        3  a fault of this program
      4  a wrong option, a part that is not there, a file that holds no machine
      5  no deviation, but a bound came first: what was not learned is told, and nothing is known of it; or nothing
         was learned, since every input needs what the binding does not have
      6  a binding could not be started
    """
    from intercom_conformance.commands.learning import Request, execute

    request = Request(
        connector=connector,
        parts=tuple(dict.fromkeys(part or ())),
        against=against,
        export=export,
        format=format.value,
        states=max_states,
        steps=max_steps,
        seconds=seconds,
        tests=tests,
        seed=seed,
        strict=strict,
        timeout=timeout,
        start_timeout=start_timeout,
        verbose=verbose,
        debug_driver=debug_driver,
        show_secrets=show_secrets,
        spec=spec,
    )
    raise typer.Exit(execute(request))
