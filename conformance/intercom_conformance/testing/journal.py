"""Gathers the results of all tests in pytest's controller, writes the stream, and adds up the verdicts."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

import pytest

from intercom_conformance import events
from intercom_conformance.commands.running import events_file, known_deviations, ledger_of
from intercom_conformance.drivers import messages
from intercom_conformance.exits import Exit, UsageProblem, verdict_of_run
from intercom_conformance.masking import Masker
from intercom_conformance.plugin import option
from intercom_conformance.reports import terminal
from intercom_conformance.results import Result
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import catalogue
from intercom_conformance.testing.bench import settings_of

__all__ = ["Journal"]


class Journal:
    """The results of a session of pytest, in the order in which they come."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._files = contextlib.ExitStack()
        self._file = self._opened()
        self._header: dict[str, Any] | None = None
        self._met: set[int] = set()
        self._documents: dict[str, events.Document] = {}
        self._stopped: int | None = None
        self._footer: events.Document | None = None
        self._begun = time.monotonic()

    def _opened(self) -> IO[str] | None:
        try:
            return self._files.enter_context(events_file(option(self._config, "report")))
        except UsageProblem as problem:
            raise pytest.UsageError(str(problem)) from None

    def take(self, told: Mapping[str, Any]) -> None:
        """Takes what a report says: the result of a test, or the exit code for why none can be run."""
        if "stopped" in told:
            self._stopped = told["stopped"]
            return
        document = told["check"]
        if document["id"] in self._documents:
            return  # a test that is run again by another plugin has its first result
        if self._header is None:
            self._begin(told)
        self._documents[document["id"]] = document
        self._met.update(told["met"])
        self._write(document)

    def _begin(self, told: Mapping[str, Any]) -> None:
        spec = load_specification(option(self._config, "spec"))
        plan = settings_of(self._config, int(told["planned"]))
        masked = Masker.of(spec)
        self._header = events.header(plan, spec, None) | {
            "binding": told["binding"],
            "connector": masked.text(plan.connector),
            "filter": [masked.text(word) for word in plan.filter],
        }
        self._write(self._header)

    def finish(self, exitstatus: int, *, others: bool) -> int:
        """Ends the stream, unless tests are missing from it; the exit code of the session.

        Args:
            exitstatus: the one that pytest has come to.
            others: whether tests were run that are not about conformance.
        """
        code = self._end(exitstatus)
        self._files.close()
        if self._stopped is not None and not self._documents:
            return self._stopped
        if exitstatus in (Exit.OK, Exit.NOTHING_RAN) and (not others or code is Exit.FAILED):
            return int(code)
        return exitstatus

    def _end(self, exitstatus: int) -> Exit:
        results = self._results()
        code = verdict_of_run((result.verdict for result in results), strict=bool(option(self._config, "strict")))
        if self._header is None:
            return code
        stale = self._stale(results)
        code = Exit.FAILED if stale and code in (Exit.OK, Exit.NOTHING_RAN) else code
        complete = exitstatus in (Exit.OK, Exit.FAILED) and len(results) == self._header["planned"]
        self._footer = events.footer(
            results,
            load_specification(option(self._config, "spec")),
            self._header,
            seconds=time.monotonic() - self._begun,
            exit_code=code,
            complete=complete,
            stale=stale,
        )
        if complete:
            self._write(self._footer)
        return code

    def _stale(self, results: Sequence[Result]) -> list[str]:
        """What the known deviations promised and the whole suite did not show; a part of it proves nothing stale."""
        assert self._header is not None
        spec = load_specification(option(self._config, "spec"))
        known = known_deviations(option(self._config, "deviations"), settings_of(self._config).connector, spec)
        ledger = ledger_of(known, messages.binding(self._header["binding"]))
        ran = {result.check for result in results if result.verdict != "not run"}
        if ledger is None or not ran.issuperset(check.id for check in catalogue(spec)):
            return []
        ledger.recall(self._met, (name for result in results for name in result.missing))
        return list(ledger.stale(results))

    def _results(self) -> list[Result]:
        return [events.result_of(document) for document in self._documents.values()]

    def _write(self, event: events.Document) -> None:
        if self._file is not None:
            events.Writer(self._file).write(event)

    def summarise(self, terminalreporter: Any) -> None:
        """Adds the verdicts to pytest's report: warnings in full, the rest in lines; failures are above."""
        if self._header is None or self._footer is None:
            return
        stream = events.Stream(self._header, tuple(self._documents.values()), self._footer)
        width = terminal.width_of()
        terminalreporter.section("conformance")
        text = terminal.report(stream, width=width, verbose=self._config.get_verbosity() > 1, only="WARNED")
        terminalreporter.write_line(text)
