"""``campaign``: the suite with many seeds, on many processes or machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from intercom_conformance.commands.options import (
    Connector,
    Database,
    Engine,
    Examples,
    Format,
    FormatOption,
    Spec,
    Verbose,
)

__all__ = ["campaign"]


# typer reads the annotations at run time, and knows unions with None in this spelling in every version.
def campaign(
    connector: Connector = "reference:",
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="FROM:TO", help="The seeds, the last one left out.")
    ] = "0:10",
    engine: Engine = "local",
    database: Database = None,
    family: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--family", metavar="FAMILY", help="Only checks of this kind; sequence if left out."),
    ] = None,
    examples: Examples = 100,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--events", metavar="FILE", help="Write the event stream of the whole, from which reports are made."
        ),
    ] = None,
    format: FormatOption = Format.TEXT,
    verbose: Verbose = False,
    spec: Spec = None,
) -> None:
    """Run the generated checks of the suite with many seeds, and report them as one run.

    Each seed is a run of its own; a check of the whole is known by its id and its seed. With a cluster, the
    binding has to be there on every worker, and so has a folder that serves as database.

    \b
    Examples:
      intercom-conformance campaign 'cmd:node driver.js' --seeds 0:100
      intercom-conformance campaign 'cmd:node driver.js' --seeds 0:100 --engine dask --database .failing
      intercom-conformance campaign py:fakes:Fake --engine dask=tcp://host:8786 --database redis://host:6379/0

    It ends as a run does.
    """
    from intercom_conformance.commands.report import write_stream
    from intercom_conformance.commands.running import print_report
    from intercom_conformance.engines.campaign import NoStream, run_campaign, seeds_of
    from intercom_conformance.exits import Exit
    from intercom_conformance.reports import terminal
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import catalogue
    from intercom_conformance.suite.remembered import database as opened

    chosen, specification = seeds_of(seeds), load_specification(spec)
    if database is not None:
        opened(database)  # one that cannot be reached is told before anything is run
    words = [connector, "--examples", str(examples)]
    words += [word for name in family or ["sequence"] for word in ("--family", name)]
    words += [
        word for option, value in (("--database", database), ("--spec", spec)) if value for word in (option, value)
    ]
    checks = catalogue(specification)
    each = sum(check.family in (family or ["sequence"]) for check in checks)
    names = [check.id for check in checks]
    try:
        with terminal.progress(len(chosen) * each) as progress:
            whole = run_campaign(words, chosen, engine, specification, names, progress.done)
    except NoStream as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(problem.code) from None
    if out is not None:
        write_stream(whole, out)
    print_report(whole, format.value, verbose=verbose)
    raise typer.Exit(Exit.INTERRUPTED if whole.footer is None else whole.footer["exit_code"])
