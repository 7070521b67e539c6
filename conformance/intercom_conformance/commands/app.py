"""The verbs put together, with what is said about the program as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from intercom_conformance._version import __version__
from intercom_conformance.commands.campaign import campaign
from intercom_conformance.commands.check import check
from intercom_conformance.commands.coverage import coverage
from intercom_conformance.commands.deviations import deviations
from intercom_conformance.commands.diff import diff
from intercom_conformance.commands.explain import explain
from intercom_conformance.commands.init import init
from intercom_conformance.commands.learn import learn
from intercom_conformance.commands.listing import list_
from intercom_conformance.commands.matrix import matrix
from intercom_conformance.commands.mutants import mutants
from intercom_conformance.commands.replay import replay
from intercom_conformance.commands.report import report
from intercom_conformance.commands.run import run
from intercom_conformance.commands.serve import serve
from intercom_conformance.commands.smoke import smoke
from intercom_conformance.commands.spec import spec
from intercom_conformance.commands.validate import validate

__all__ = ["app"]

app = typer.Typer(
    name="intercom-conformance",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command("list")(list_)
app.command()(smoke)
app.command()(explain)
app.command()(replay)
app.command()(validate)
app.command()(check)
app.command()(matrix)
app.command()(learn)
app.command()(mutants)
app.command()(campaign)
app.command()(diff)
app.command()(coverage)
app.command()(serve)
app.add_typer(deviations, name="deviations")
app.add_typer(init, name="init")
app.add_typer(report, name="report")
app.add_typer(spec, name="spec")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"intercom-conformance {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where in this program a fault of it happened.")
    ] = False,
) -> None:
    """Tell whether an SDK binding behaves as the specification says.

    \b
    Examples:
      intercom-conformance smoke 'cmd:node driver.js'     is my driver sane?
      intercom-conformance run 'cmd:node driver.js'       the whole suite
      intercom-conformance explain callback-is-called     what a rule means
      intercom-conformance replay 7f3a91c2                see a fault again
      intercom-conformance list requirements              what there is
      intercom-conformance learn 'cmd:node driver.js'     the machine that my binding is
      intercom-conformance diff old.ndjson new.ndjson     what changed
      intercom-conformance report run.ndjson --format junit
      intercom-conformance check calls.ndjson             are recorded calls possible?
      intercom-conformance spec check                     does the specification hold together?
      intercom-conformance mutants                        does the suite catch every wrong SDK?
      intercom-conformance serve                          the stand-in and the oracle as a service
      intercom-conformance init driver --language java   a driver to start from
      intercom-conformance init fake                      a stand-in for the SDK in an app's tests
    """
