"""``replay``: plays one trace again: a stored fault, a file, a finding of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from intercom_conformance.commands.options import ShowSecrets, Spec, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intercom_conformance.player import Player
    from intercom_conformance.specification import Specification
    from intercom_conformance.trace import Trace

__all__ = ["replay"]


def replay(
    name: Annotated[str, typer.Argument(metavar="ID|FILE", help="A fault's id, or a file with a trace.")],
    connector: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="The system under test; the one that showed the fault, if left out."),
    ] = None,
    events: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--events", metavar="FILE", help="Take the fault with this id from an event stream."),
    ] = None,
    timeout: Timeout = 10.0,
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Play a trace again, and show what is seen at each step.

    A run stores each fault in .intercom-conformance/replays of the folder it is started in. A trace file holds
    a list of steps in YAML or JSON, such as [{"logout": []}].

    \b
    Examples:
      intercom-conformance replay 7f3a91c2
      intercom-conformance replay 7f3a91c2 'cmd:node fixed-driver.js'
      intercom-conformance replay 7f3a91c2 --events run.ndjson
      intercom-conformance replay trace.yaml reference:

    It ends with 0 if the binding does what it should, with 1 if not, and with 5 if it cannot be asked.
    """
    from intercom_conformance import replays
    from intercom_conformance.kit import open_player
    from intercom_conformance.specification import load_specification
    from intercom_conformance.trace import from_document

    specification = load_specification(spec)
    document = replays.load(name) if events is None else _from_events(name, events)
    trace = from_document(document["trace"], specification, name)
    chosen = connector or str(document.get("connector", "reference:"))
    player = open_player(chosen, specification, timeout=timeout)
    try:
        raise typer.Exit(_play(player, trace, chosen, specification, show_secrets))
    finally:
        player.stop()


def _from_events(name: str, path: str) -> Mapping[str, Any]:
    from intercom_conformance.events import read
    from intercom_conformance.exits import UsageProblem, unknown
    from intercom_conformance.masking import LABEL

    try:
        stream = read(path)
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read ({error.strerror})", "Name an event stream.") from None
    findings = {one["id"]: one for check in stream.results for one in check["findings"]}
    if name not in findings:
        raise unknown("finding", name, findings, f"The stream has: {', '.join(findings) or 'none at all'}.")
    if stream.header["masked"] and LABEL.search(str(findings[name]["trace"])):
        remedy = "Replay it by its id where it was found, or write the stream with --show-secrets."
        raise UsageProblem(f"The trace of {name} has masked values, which would show something else", remedy)
    return {**findings[name], "connector": stream.header["connector"]}


def _play(player: Player, trace: Trace, connector: str, spec: Specification, show_secrets: bool) -> int:
    from intercom_conformance import events
    from intercom_conformance.exits import verdict_of_run
    from intercom_conformance.masking import Masker
    from intercom_conformance.reports.finding import render_finding
    from intercom_conformance.reports.terminal import show, width_of
    from intercom_conformance.suite import replay

    masker = Masker.of(spec, show=show_secrets)
    plan = events.Plan(masker.text(connector), 1, masked=not show_secrets)
    header = events.header(plan, spec, player.start())
    result = replay(player, trace)
    document = events.check(result, spec, masker)
    for finding in document["findings"]:
        show(render_finding(finding, header, width_of()))
    if not document["findings"]:
        show(_peaceful(player, trace, document, masker, header))
    return int(verdict_of_run([result.verdict], strict=True))


def _peaceful(player: Player, trace: Trace, document: Any, masker: Any, header: Any) -> str:
    """What to say of a trace in which nothing is wrong, or that cannot be played."""
    from intercom_conformance.reports.finding import binding_line, render_trace
    from intercom_conformance.suite.session import steps_of

    who = binding_line(header)
    if document["verdict"] == "unsupported":
        return f"unsupported  {who}\n  needs {', '.join(document['missing'])}"
    outcome = player.play(trace)
    steps = masker.steps(trace, steps_of(outcome.seen))
    return f"passed  {who}\n  The specification allows every step.\n\n" + render_trace(steps)
