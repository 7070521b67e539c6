"""``replay``: plays one trace again: a stored fault, a file, a finding of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from intercom_conformance.commands.options import DebugDriver, ShowSecrets, Spec, StartTimeout, Timeout, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intercom_conformance.masking import Masker
    from intercom_conformance.player import Player
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
    start_timeout: StartTimeout = 30.0,
    verbose: Wire = False,
    debug_driver: DebugDriver = False,
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Play a trace again, and show what is seen at each step.

    A run stores each fault in .intercom-conformance/replays of the folder it is started in. A trace file
    holds a list of steps in YAML or JSON, such as [{"method": ["argument"]}].

    \b
    Examples:
      intercom-conformance replay 7f3a91c2
      intercom-conformance replay 7f3a91c2 -v --debug-driver
      intercom-conformance replay 7f3a91c2 'cmd:node fixed-driver.js'
      intercom-conformance replay 7f3a91c2 --events run.ndjson
      intercom-conformance replay trace.yaml reference:

    It ends with 0 if the binding does what it should, with 1 if not, and with 5 if it cannot be asked.
    """
    from intercom_conformance import replays
    from intercom_conformance.masking import Masker
    from intercom_conformance.specification import load_specification
    from intercom_conformance.trace import from_document
    from intercom_conformance.watching import WireLog, open_watched

    specification = load_specification(spec)
    document = replays.load(name) if events is None else _from_events(name, events)
    trace = from_document(document["trace"], specification, name)
    chosen = connector or str(document.get("connector", "reference:"))
    masker = Masker.of(specification, show=show_secrets)
    wire = WireLog(masker) if verbose else None
    limits = {"timeout": timeout, "start_timeout": start_timeout}
    player = open_watched(chosen, specification, **limits, debug=debug_driver, wire=wire)
    try:
        header = _started(player, chosen, masker, debug_driver)
        raise typer.Exit(_play(player, trace, document, header, masker))
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


def _started(player: Player, connector: str, masker: Masker, debug: bool) -> dict[str, Any]:
    """The header of a stream about the binding, which is started for it."""
    from intercom_conformance import events
    from intercom_conformance.watching import wait_for_debugger

    plan = events.Plan(masker.text(connector), 1, masked=not masker.show)
    header = events.header(plan, player.spec, player.start())
    if debug:
        wait_for_debugger(player)
    return header


def _play(player: Player, trace: Trace, document: Mapping[str, Any], header: dict[str, Any], masker: Masker) -> int:
    from intercom_conformance import events
    from intercom_conformance.exits import verdict_of_run
    from intercom_conformance.reports.finding import render_finding
    from intercom_conformance.reports.terminal import show, width_of

    result = _result(player, trace, document)
    told = events.check(result, player.spec, masker)
    for finding in told["findings"]:
        show(render_finding(finding, header, width_of()))
    if not told["findings"]:
        show(_peaceful(player, trace, told, masker, header))
    return int(verdict_of_run([result.verdict], strict=True))


def _result(player: Player, trace: Trace, document: Mapping[str, Any]) -> Any:
    """What becomes of the trace; an example is judged by what it expects, which no trace tells."""
    from intercom_conformance.suite import Settings, catalogue, replay, run_check

    check = next((one for one in catalogue(player.spec) if one.id == document.get("check")), None)
    if check is not None and document.get("kind") == check.family:
        return run_check(check, player, Settings(shrink=False))
    return replay(player, trace)


def _peaceful(player: Player, trace: Trace, told: Any, masker: Any, header: Any) -> str:
    """What to say of a trace in which nothing is wrong, or that cannot be played."""
    from intercom_conformance.oracle.judge import describe_seen
    from intercom_conformance.reports.finding import binding_line, render_steps
    from intercom_conformance.trace import render_step, to_document

    who = binding_line(header)
    if told["verdict"] == "unsupported":
        return f"unsupported  {who}\n  needs {', '.join(told['missing'])}"
    seen = player.play(trace).seen
    steps = [{"call": render_step(one.step), "seen": describe_seen(one.observation)} for one in seen]
    shown = render_steps(masker.steps(to_document(trace), steps))
    return "\n".join([f"passed  {who}", "  The specification allows every step.", "", *shown])
