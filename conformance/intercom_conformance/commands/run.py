"""``run``: puts the suite to a binding and reports what it does wrong."""

from __future__ import annotations

from typing import Annotated, List, Optional  # noqa: UP035

import typer

from intercom_conformance.commands.options import (
    Connector,
    Database,
    DebugDriver,
    Examples,
    Format,
    FormatOption,
    Method,
    Seed,
    ShowSecrets,
    Spec,
    StartTimeout,
    Strict,
    Timeout,
    Verbose,
)

__all__ = ["run"]

# typer knows these spellings in every version that is supported.
_Texts = Optional[List[str]]  # noqa: UP006, UP045


_Text = Annotated[
    _Texts, typer.Option("-k", metavar="TEXT", help="Only checks with this in their id, title or requirements.")
]
_Requirement = Annotated[_Texts, typer.Option("--requirement", metavar="SLUG", help="Only checks of this requirement.")]
_Family = Annotated[_Texts, typer.Option("--family", metavar="FAMILY", help="Only checks of this kind.")]
_Guarantee = Annotated[
    int,
    typer.Option(
        "--guarantee",
        metavar="N",
        help="Complete suites for bindings with up to N states more than the specification; 1 takes minutes.",
    ),
]
_SuiteMethod = Annotated[Method, typer.Option("--method", help="How complete suites are made.", case_sensitive=False)]
_Events = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--events", metavar="FILE", help="Write the event stream, from which all reports are made."),
]
_Record = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--record", metavar="FILE", help="Write every trace that is played, for the verb check."),
]
_Report = Annotated[
    _Texts,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help="Write a report, such as junit=report.xml: text, markdown, json, junit, ctrf, badge, html.",
    ),
]
_Deviations = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--deviations",
        metavar="FILE",
        help="Known deviations: still tested, and expected to fail; 'bundled' for those on record with the kit.",
    ),
]
_FailFast = Annotated[bool, typer.Option("-x", "--fail-fast", help="Stop at the first failure.")]


def run(
    connector: Connector = "reference:",
    text: _Text = None,
    requirement: _Requirement = None,
    family: _Family = None,
    seed: Seed = 0,
    examples: Examples = 100,
    guarantee: _Guarantee = 0,
    method: _SuiteMethod = Method.WP,
    strict: Strict = False,
    timeout: Timeout = 10.0,
    start_timeout: StartTimeout = 30.0,
    events: _Events = None,
    record: _Record = None,
    database: Database = None,
    report: _Report = None,
    format: FormatOption = Format.TEXT,
    verbose: Verbose = False,
    deviations: _Deviations = None,
    fail_fast: _FailFast = False,
    debug_driver: DebugDriver = False,
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Run the suite against a binding, and report a verdict per requirement.

    Options of one kind add to one another, those of different kinds narrow the choice down. One that matches
    nothing is an error. Each fault is stored in .intercom-conformance/replays of the current folder, under
    the id that its report shows.

    \b
    Examples:
      intercom-conformance run
      intercom-conformance run py:my_app.fakes:FakeIntercom
      intercom-conformance run 'cmd:node driver.js' --events run.ndjson
      intercom-conformance run 'cmd:node driver.js' --report junit=report.xml --report markdown=summary.md
      intercom-conformance run 'cmd:node driver.js' --requirement callback-is-called -v
      intercom-conformance run --family scenario -k callback -x
      intercom-conformance run 'cmd:node driver.js' --deviations known.yaml
      intercom-conformance run 'cmd:node driver.js' -k scenario -x -v --debug-driver

    \b
    Exit codes:
      0  everything is as the specification says
      1  a MUST is broken (with --strict a SHOULD), or the binding crashed, hung or broke the protocol,
         or a known deviation was not seen
      2  interrupted        3  a fault of this program
      4  a wrong option, a selector that matches nothing, a broken specification
      5  nothing was judged: every check needs what the binding does not have, or it lacks what every binding has
      6  the binding could not be started, or broke the protocol before the first check
    """
    from intercom_conformance.commands.running import Request, execute
    from intercom_conformance.selection import Selection

    request = Request(
        connector=connector,
        selection=Selection(tuple(text or ()), tuple(requirement or ()), tuple(family or ())),
        seed=seed,
        examples=examples,
        guarantee=guarantee,
        method=method.value,
        strict=strict,
        timeout=timeout,
        start_timeout=start_timeout,
        events=events,
        format=format.value,
        verbose=verbose,
        fail_fast=fail_fast,
        debug_driver=debug_driver,
        show_secrets=show_secrets,
        spec=spec,
        deviations=deviations,
        reports=tuple(report or ()),
        record=record,
        database=database,
    )
    raise typer.Exit(execute(request))
