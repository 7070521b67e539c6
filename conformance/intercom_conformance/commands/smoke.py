"""``smoke``: is a driver sane? Step by step, each with what to do if it fails."""

from __future__ import annotations

from typing import Annotated

import typer

from intercom_conformance.commands.options import DebugDriver, Spec, StartTimeout, Timeout, Wire

__all__ = ["smoke"]


def smoke(
    connector: Annotated[str, typer.Argument(help="The system under test, such as 'cmd:node driver.js'.")],
    timeout: Timeout = 10.0,
    start_timeout: StartTimeout = 30.0,
    verbose: Wire = False,
    debug_driver: DebugDriver = False,
    spec: Spec = None,
) -> None:
    """Check a driver step by step, and say how to mend the first thing that is wrong.

    \b
    Examples:
      intercom-conformance smoke 'cmd:node driver.js'
      intercom-conformance smoke py:my_app.fakes:FakeIntercom
      intercom-conformance smoke 'cmd:node driver.js' -v            with each message on the wire

    It ends with 0 if the driver is sane, with 1 if a step fails, and with 6 if it cannot even be started.
    """
    from intercom_conformance.masking import Masker
    from intercom_conformance.reports.finding import printable, wrapped
    from intercom_conformance.reports.terminal import show, width_of
    from intercom_conformance.smoking import steps
    from intercom_conformance.specification import load_specification
    from intercom_conformance.watching import WireLog, open_watched, wait_for_debugger

    specification = load_specification(spec)
    masker, code = Masker.of(specification), 0
    limits = {"timeout": timeout, "start_timeout": start_timeout}
    wire = WireLog(masker) if verbose else None
    player = open_watched(connector, specification, **limits, debug=debug_driver, wire=wire)
    try:
        for step in steps(player):
            lines = printable(masker.text(step.text())).splitlines()
            show("\n".join(part for line in lines for part in wrapped(line, width_of(), then=" " * 22)))
            code = max(code, int(step.code))
            if debug_driver and step.what == "starts" and player.binding is not None:
                wait_for_debugger(player)
    finally:
        player.stop()
    raise typer.Exit(code)
