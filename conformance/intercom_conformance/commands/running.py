"""What ``run`` does: opens the binding, runs the checks, writes the stream, shows the report.

1. The specification is read and the checks are chosen: a fault here is one of usage, and nothing was started.
2. The binding is started. If it does not come up, that is the whole report.
3. Each result goes into the stream, its findings into replay files, and the first fault onto the screen.
4. The footer follows, unless the run was interrupted: then the stream has none, and the report says so.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import attrs

from intercom_conformance import events, replays
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.exits import Exit, UsageProblem, unknown, verdict_of_run
from intercom_conformance.masking import Masker
from intercom_conformance.player import Player
from intercom_conformance.recording import Recorder
from intercom_conformance.reports import terminal
from intercom_conformance.reports.formats import known_format, render
from intercom_conformance.results import Finding, Result
from intercom_conformance.running import run_checks
from intercom_conformance.selection import Selection, select
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.suite import Check, Settings, catalogue
from intercom_conformance.suite.remembered import Remembered, database
from intercom_conformance.watching import WireLog, open_watched, wait_for_debugger

if TYPE_CHECKING:
    from intercom_conformance.deviations import DeviationsFile, Ledger

__all__ = ["Request", "events_file", "execute", "known_deviations", "ledger_of", "opened", "report_files"]


@attrs.frozen
class Request:
    """What a person asked for."""

    connector: str
    selection: Selection = attrs.field(factory=Selection)
    seed: int = 0
    examples: int = 100
    guarantee: int = 0
    method: str = "wp"
    strict: bool = False
    timeout: float = 10.0
    start_timeout: float = 30.0
    events: str | None = None
    format: str = "text"
    verbose: bool = False
    fail_fast: bool = False
    show_secrets: bool = False
    spec: str | None = None
    deviations: str | None = None
    reports: tuple[str, ...] = ()
    debug_driver: bool = False
    record: str | None = None
    database: str | None = None


def execute(request: Request) -> Exit:
    """Runs the suite as requested and shows the report; how the program is to end.

    Raises:
        UsageProblem, SpecificationError, DocumentError: what was asked for cannot be done.
        DriverError: the binding could not be started, or its connector names none.
    """
    if request.guarantee < 0:
        problem = f"--guarantee {request.guarantee} is a bound below the specification's own size: it tries nothing"
        raise UsageProblem(problem, "Give 0 or more: how many states a binding may have beyond the specification's.")
    spec = load_specification(request.spec)
    checks = select(catalogue(spec), spec, request.selection)
    known = known_deviations(request.deviations, request.connector, spec)
    wire = WireLog(Masker.of(spec, show=request.show_secrets), on=False) if request.verbose else None
    player = open_watched(
        request.connector,
        spec,
        timeout=request.timeout,
        start_timeout=request.start_timeout,
        debug=request.debug_driver,
        wire=wire,
    )
    with report_files(request.reports) as reports:
        with (
            events_file(request.events) as file,
            events_file(request.record) as record,
            contextlib.closing(_Stopper(player)),
        ):
            player.recorder = Recorder(record) if record is not None else None
            run = _Run(request, spec, len(checks), file, player.start(), known, wire)
            if request.debug_driver:
                wait_for_debugger(player)
            code = run.finish(interrupted=not run.run(checks, player))
        for format, report in reports:
            report.write(render(format, [run.stream]))
        return code


def known_deviations(given: str | None, connector: str, spec: Specification) -> DeviationsFile | None:
    """The known deviations in a file, or with ``bundled`` those on record of a published binding; None if no file.

    Raises:
        BadDeviations, DocumentError, UsageProblem: the file cannot be used, or there is none.
    """
    if given is None:
        return None
    from intercom_conformance.deviations import read

    return read(_deviations_path(given, connector), spec, [check.id for check in catalogue(spec)])


def _deviations_path(given: str, connector: str) -> Path:
    if given != "bundled":
        return Path(given)
    from intercom_conformance.bindings.findings import known_connectors, path_of

    path = path_of(connector)
    if not path.is_file():
        raise unknown("bundled file of deviations for", connector, known_connectors(), "Name a file of your own.")
    return path


@attrs.frozen
class _Stopper:
    player: Player

    def close(self) -> None:
        self.player.stop()


@contextlib.contextmanager
def events_file(path: str | None) -> Iterator[IO[str] | None]:
    """The file of an event stream, open for writing, or None if none is wanted."""
    if path is None:
        yield None
        return
    with opened(path) as file:
        yield file


@contextlib.contextmanager
def report_files(wanted: Sequence[str]) -> Iterator[list[tuple[str, IO[str]]]]:
    """The files of ``FORMAT=FILE`` words, open for writing, each with its format.

    They are emptied at once, so that no report of an earlier run is taken for one of this run, whatever ends it.
    """
    with contextlib.ExitStack() as files:
        yield [(format, files.enter_context(opened(path))) for format, path in map(_format_and_path, wanted)]


def _format_and_path(word: str) -> tuple[str, str]:
    format, _, path = word.partition("=")
    if not path:
        raise UsageProblem(f"--report {word} names no file", "Write FORMAT=FILE, such as junit=report.xml.")
    return known_format(format), path


def opened(path: str) -> IO[str]:
    """A file that is written anew, opened and emptied; `UsageProblem` if it cannot be."""
    try:
        return Path(path).open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written ({error.strerror})", "Name another file.") from None


class _Run:
    """A run in progress: what has come out so far."""

    def __init__(
        self,
        request: Request,
        spec: Specification,
        planned: int,
        file: IO[str] | None,
        binding: Binding,
        known: DeviationsFile | None,
        wire: WireLog | None,
    ) -> None:
        self.request, self.spec, self.wire = request, spec, wire
        self.ledger = ledger_of(known, binding)
        self.masker = Masker.of(spec, show=request.show_secrets)
        self.writer = events.Writer(file) if file is not None else None
        self.header = events.header(self._plan(planned), spec, binding)
        self.stream = events.Stream(self.header, ())
        self.results: list[Result] = []
        self.documents: list[events.Document] = []
        self.shown = 0
        self.begun = time.monotonic()
        self._write(self.header)

    def _plan(self, checks: int) -> events.Plan:
        request = self.request
        return events.Plan(
            connector=self.masker.text(request.connector),
            checks=checks,
            filter=request.selection.words,
            seed=request.seed,
            examples=request.examples,
            strict=request.strict,
            masked=not self.masker.show,
            acknowledged=(self.ledger.file.unsupported if self.ledger else None) or (),
        )

    def run(self, checks: tuple[Check, ...], player: Player) -> bool:
        """Runs the checks; False if somebody interrupted it."""
        request = self.request
        settings = Settings(
            request.seed,
            request.examples,
            guarantee=request.guarantee,
            method=request.method,
            remembered=self._remembered(player),
        )
        ways = {"fail_fast": self.request.fail_fast, "strict": self.request.strict}
        with terminal.progress(len(checks)) as progress:
            try:
                for result in run_checks(checks, player, settings, **ways):
                    self._take(result, progress, player)
            except KeyboardInterrupt:
                return False
        return True

    def _remembered(self, player: Player) -> Remembered | None:
        """What failed before, if a database was named and the binding is up."""
        if self.request.database is None or player.binding is None:
            return None
        return Remembered(database(self.request.database), self.spec, player.binding.name)

    def _take(self, result: Result, progress: terminal.Progress, player: Player) -> None:
        result = result if self.ledger is None else self.ledger.take(result)
        document = events.check(result, self.spec, self.masker)
        self.results.append(result)
        self.documents.append(document)
        self._write(document)
        for finding in result.findings:
            self._store(finding, result.check)
        progress.done(document)
        if not self.shown:
            self._tell_first(document, progress)
            self._tell_wire(result, progress, player)

    def _tell_first(self, document: events.Document, progress: terminal.Progress) -> None:
        """The first fault is shown at once; it is part of the answer if the answer is text."""
        width = terminal.width_of()
        for text in terminal.problems_of(document, self.header, set(), width):
            self.shown += 1
            progress.tell(text, answer=self.request.format == "text")

    def _tell_wire(self, result: Result, progress: terminal.Progress, player: Player) -> None:
        """With the first fault goes the wire of its steps, if a person asked for much."""
        if self.shown and self.wire is not None and result.findings:
            lines = self.wire.of(player, result.findings[0].trace)
            progress.tell("\n  ".join(["", "the wire", *lines]), answer=self.request.format == "text")

    def finish(self, *, interrupted: bool) -> Exit:
        """Ends the stream and shows the report."""
        stale = [] if interrupted else self._stale()
        code = self._exit(interrupted, stale)
        footer = events.footer(
            self.results,
            self.spec,
            self.header,
            seconds=time.monotonic() - self.begun,
            exit_code=code,
            complete=not interrupted,
            stale=stale,
        )
        if not interrupted:
            self._write(footer)
        self.stream = attrs.evolve(self.stream, results=tuple(self.documents), footer=footer)
        print_report(self.stream, self.request.format, verbose=self.request.verbose, skip=self.shown)
        return code

    def _stale(self) -> list[str]:
        """What the known deviations promised and a whole run did not show; a part of the suite proves nothing stale."""
        whole = not self.request.selection.words and all(one.verdict != "not run" for one in self.results)
        return list(self.ledger.stale(self.results)) if self.ledger is not None and whole else []

    def _exit(self, interrupted: bool, stale: Sequence[str]) -> Exit:
        if interrupted:
            return Exit.INTERRUPTED
        if stale:
            return Exit.FAILED
        code = verdict_of_run((result.verdict for result in self.results), strict=self.request.strict)
        if code is Exit.OK and (lacking := events.lacking(self.header, self.spec)):
            told = f"It does not declare {', '.join(lacking)}, which every binding has"
            print(f"{told}: what else it passes says too little.", file=sys.stderr)
            return Exit.NOTHING_RAN
        return code

    def _store(self, finding: Finding, check: str) -> None:
        try:
            replays.write(finding, check, self.request.connector, self.spec)
        except OSError as error:
            print(f"The replay file of {finding.id} cannot be written: {error}", file=sys.stderr)

    def _write(self, event: events.Document) -> None:
        if self.writer is not None:
            self.writer.write(event)


def ledger_of(known: DeviationsFile | None, binding: Binding) -> Ledger | None:
    """The account of known deviations that apply to a binding; None if none are known."""
    if known is None:
        return None
    from intercom_conformance.deviations import Ledger

    return Ledger.of(known, binding)


def print_report(stream: events.Stream, format: str, *, verbose: bool, skip: int = 0) -> None:
    """Shows the report of a run in a format; `skip` faults have been shown already, if it is text."""
    if format == "text":
        text = terminal.report(stream, width=terminal.width_of(), verbose=verbose, skip=skip)
        terminal.show(("\n" if skip else "") + text)
    else:
        print(render(format, [stream]), end="")
