"""The binding under test in one process of pytest, and what is put to it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any

import attrs
import pytest

from intercom_conformance import events, replays
from intercom_conformance.commands.running import known_deviations, ledger_of
from intercom_conformance.deviations import DeviationsFile, Ledger
from intercom_conformance.drivers.protocol import BadConnector, Binding, DriverError, UnknownConnector
from intercom_conformance.exits import FAILING, Exit, UsageProblem, unknown
from intercom_conformance.kit import open_player, oracle_of
from intercom_conformance.masking import Masker
from intercom_conformance.oracle import Oracle
from intercom_conformance.player import Player
from intercom_conformance.plugin import option
from intercom_conformance.reports.finding import printable, render_check, render_finding
from intercom_conformance.results import Result
from intercom_conformance.specification import Specification, SpecificationError, load_specification
from intercom_conformance.suite import Check, Settings, catalogue, replay, run_check
from intercom_conformance.testing.handle import NonConforming, Sdk
from intercom_conformance.trace import from_document
from intercom_reference.errors import KitError

__all__ = ["Bench", "settings_of"]

_result = pytest.StashKey[Result]()
_sdk = pytest.StashKey[Sdk]()


@attrs.frozen
class Stop:
    """Why no test can be run, and the exit code that says so."""

    why: str
    code: Exit


def settings_of(config: pytest.Config, checks: int = 0) -> events.Plan:
    """How the tests are run, by the options."""
    seed, examples = option(config, "seed"), option(config, "examples")
    return events.Plan(
        connector=option(config, "driver") or "reference:",
        checks=checks,
        filter=("pytest", *config.invocation_params.args) if checks else (),
        seed=0 if seed is None else seed,
        examples=100 if examples is None else examples,
        strict=bool(option(config, "strict")),
    )


class Bench:
    """The binding, the specification that it is judged by, and what each test found."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.plan = settings_of(config)
        self.planned = 0
        self._player: Player | None = None
        self._stopped: Stop | None = None

    @cached_property
    def spec(self) -> Specification:
        """The specification."""
        spec = load_specification(option(self.config, "spec"))
        wanted = option(self.config, "spec-version")
        if wanted not in (None, spec.version):
            problem = f"The specification has version {spec.version}, not {wanted}"
            raise UsageProblem(problem, "Install the kit that has it, or name its folder by --intercom-spec.")
        return spec

    @property
    def oracle(self) -> Oracle:
        """The oracle of the specification."""
        return oracle_of(self.spec)

    @cached_property
    def deviations(self) -> DeviationsFile | None:
        """The known deviations, if a file of them is named; raises what `known_deviations` raises."""
        return known_deviations(option(self.config, "deviations"), self.plan.connector, self.spec)

    @cached_property
    def ledger(self) -> Ledger | None:
        """The account of known deviations in this process; to be asked for once the binding has started."""
        return None if self._binding is None else ledger_of(self.deviations, self._binding)

    @cached_property
    def masker(self) -> Masker:
        """Masks what is shown and reported; without a specification, what looks like a secret."""
        try:
            return Masker.of(self.spec)
        except (KitError, SpecificationError):
            return Masker()

    def checks(self) -> tuple[Check, ...]:
        """The checks of the suite."""
        return catalogue(self.spec)

    def require_specification(self) -> None:
        """Raises `pytest.UsageError` if the specification that the options name cannot be used."""
        try:
            self.checks()
        except (KitError, SpecificationError) as error:
            raise pytest.UsageError(str(error)) from None

    # Before the first test ------------------------------------------------------------------------

    def prepare(self, items: Sequence[pytest.Item]) -> None:
        """Refuses what names nothing: options and markers; `pytest.UsageError` says what to do.

        A worker of xdist cannot refuse anything; there the first test will say it.
        """
        self.planned = len(items)
        problem = self._problem(items)
        if isinstance(problem, DriverError) and not isinstance(problem, (UnknownConnector, BadConnector)):
            self._stopped = Stop(str(problem), Exit.NOT_STARTED)
        elif problem is not None:
            self._stopped = Stop(str(problem), Exit.USAGE)
            if not hasattr(self.config, "workerinput"):
                raise pytest.UsageError(str(problem))

    def _problem(self, items: Iterable[pytest.Item]) -> Exception | None:
        try:
            for item in items:
                _known(item, "requirement", self.spec.requirements)
                _known(item, "capability", self.spec.capabilities)
            if not self.config.option.collectonly:
                self._open()
            _ = self.deviations
        except (KitError, SpecificationError) as error:
            return error
        return None

    def _open(self) -> Player:
        if self._player is None:
            _make_importable(self.config)
            timeout = option(self.config, "timeout")
            self._player = open_player(self.plan.connector, self.spec, timeout=10.0 if timeout is None else timeout)
        return self._player

    def player(self, session: pytest.Session) -> Player:
        """The binding, started; if it does not start, no further test is run."""
        player = None if self._stopped else self._started()
        if player is None:
            self.refuse(session)
        assert player is not None
        return player

    @property
    def _binding(self) -> Binding | None:
        return None if self._player is None else self._player.binding

    def _started(self) -> Player | None:
        try:
            player = self._open()
            if player.binding is None:
                player.start()
        except DriverError as error:
            self._stopped = Stop(str(error), Exit.NOT_STARTED)
            return None
        return player

    def refuse(self, session: pytest.Session) -> None:
        """Fails a test, and has no further one run, if there is nothing to run them with."""
        if self._stopped is not None:
            session.shouldfail = "there is no binding to test"
            pytest.fail(printable(self.masker.text(self._stopped.why)), pytrace=False)

    def close(self) -> None:
        """Ends the binding."""
        if self._player is not None:
            self._player.stop()

    # Tests ----------------------------------------------------------------------------------------

    def require_capabilities(self, item: pytest.Item) -> None:
        """Skips a test, as unsupported, if the binding lacks a capability that the test is marked with."""
        binding = self.player(item.session).binding
        assert binding is not None
        needed = {str(name) for marker in item.iter_markers("capability") for name in marker.args}
        missing = tuple(sorted(needed - binding.capabilities))
        if missing:
            self._conclude(item, self._result(item, "unsupported", missing=missing))

    def run(self, item: pytest.Item, check: Check) -> None:
        """Runs a check of the suite as a test."""
        player = self.player(item.session)
        try:
            result = run_check(check, player, Settings(seed=self.plan.seed, examples=self.plan.examples))
        except DriverError as error:
            result = Result(check.id, check.family, "crashed", check.requirements, message=str(error))
        self._conclude(item, result)

    def handle(self, item: pytest.Item) -> Sdk:
        """A freshly installed app for a test."""
        item.stash[_sdk] = Sdk(self.player(item.session), partial(self._conclude_steps, item))
        return item.stash[_sdk]

    def finish(self, item: pytest.Item) -> None:
        """Ends what a test did with its app."""
        if _sdk in item.stash:
            item.stash[_sdk].finish()

    def assert_conforms(self, item: pytest.Item, trace: Iterable[Any]) -> None:
        """Plays a trace, and fails the test if the specification does not allow it."""
        __tracebackhide__ = True
        steps = from_document(list(trace), self.spec, "the trace")
        self._conclude_steps(item, replay(self.player(item.session), steps))

    def _conclude_steps(self, item: pytest.Item, result: Result) -> None:
        """What steps found becomes the test's; a fault is raised where the test called."""
        __tracebackhide__ = True
        result = self._accounted(result)
        own = self._result(item, result.verdict)
        earlier = item.stash.get(_result, own)
        merged = _merged(result, own, earlier)
        item.stash[_result] = merged
        surprising = next((finding for finding in result.findings if not finding.known), None)
        if surprising is not None:
            self._store(merged)
            raise NonConforming(surprising, self._shown(merged))
        _expect(result)
        if result.verdict == "unsupported":
            pytest.skip(_unsupported(result.missing))

    def _conclude(self, item: pytest.Item, result: Result) -> None:
        result = item.stash[_result] = self._accounted(result)
        self._store(result)
        if result.verdict in FAILING or (result.verdict == "warned" and self.plan.strict):
            pytest.fail(self._shown(result), pytrace=False)
        _expect(result)
        if result.verdict == "unsupported":
            pytest.skip(_unsupported(result.missing))
        if result.verdict == "not run":
            pytest.skip(f"not run: {result.message or 'there is nothing to play'}")

    def _accounted(self, result: Result) -> Result:
        return result if self.ledger is None else self.ledger.take(result)

    def _result(self, item: pytest.Item, verdict: str, **more: Any) -> Result:
        about = tuple(str(slug) for marker in item.iter_markers("requirement") for slug in marker.args)
        return Result(item.nodeid, "test", verdict, about, **more)

    def _store(self, result: Result) -> None:
        for finding in result.findings:
            try:
                replays.write(finding, result.check, self.plan.connector, self.spec, self.config.invocation_params.dir)
            except OSError:
                return  # the finding is in the report, which says how to get at it again

    def _shown(self, result: Result) -> str:
        header = events.header(self.plan, self.spec, self._binding)
        document = events.check(result, self.spec, self.masker)
        shown = [render_finding(finding, header) for finding in document["findings"]]
        return "\n\n".join(shown or [render_check(document, header)])

    # Reports --------------------------------------------------------------------------------------

    def attach(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Puts what is known of a test into its report: for the journal, and as properties for JUnit."""
        if self._stopped is not None:
            report.intercom = {"stopped": int(self._stopped.code)}  # type: ignore[attr-defined]
            return
        if report.when == "teardown" or (report.when == "setup" and report.outcome == "passed"):
            return
        result = self._final(item, call, report)
        document = events.check(result, self.spec, self.masker)
        properties = _properties(document)
        item.user_properties += properties
        report.user_properties = list(item.user_properties)
        report.intercom = {"check": document, **self._setting()}  # type: ignore[attr-defined]

    def _final(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> Result:
        """The result of a test; what pytest says of it goes before what its steps say."""
        verdicts = {"passed": "passed", "failed": "failed", "skipped": "not run"}
        message = call.excinfo.exconly() if call.excinfo else ""
        own = self._result(item, verdicts[report.outcome], message=message)
        result = item.stash.get(_result, own)
        told = result.verdict in FAILING or result.verdict == "unsupported"
        if result.family != "test" or told or report.outcome == "passed":
            return result
        return attrs.evolve(result, verdict=own.verdict, message=own.message)

    def _setting(self) -> dict[str, Any]:
        header = events.header(self.plan, self.spec, self._binding)
        met = self.ledger.account if self._binding and self.ledger else []
        return {"binding": header["binding"], "planned": self.planned, "met": met}


def _make_importable(config: pytest.Config) -> None:
    """Lets ``py:`` connectors name modules of the project at hand, as on the command line."""
    place = str(config.invocation_params.dir)
    if place not in sys.path:
        sys.path.append(place)


def _known(item: pytest.Item, marker: str, known: Iterable[str]) -> None:
    for one in item.iter_markers(marker):
        for name in one.args or ("",):
            if name not in known:
                listed = f"They are listed by intercom-conformance list {marker.replace('y', 'ie')}s."
                problem = unknown(f"{marker}", str(name), known, listed)
                raise UsageProblem(f"{item.nodeid}: {problem.problem}", problem.remedy)


def _merged(result: Result, own: Result, earlier: Result) -> Result:
    return attrs.evolve(
        result,
        check=own.check,
        family=own.family,
        requirements=own.requirements,
        exercised=result.exercised | earlier.exercised,
        transitions=result.transitions | earlier.transitions,
        pairs=result.pairs | earlier.pairs,
        states=result.states | earlier.states,
        guards=result.guards | earlier.guards,
        traces=result.traces + earlier.traces,
        steps=result.steps + earlier.steps,
        seconds=result.seconds + earlier.seconds,
    )


def _expect(result: Result) -> None:
    """Ends a test as an expected failure if all that it found is known."""
    if result.verdict == "expected failure":
        pytest.xfail("; ".join(dict.fromkeys(finding.known for finding in result.findings)))


def _unsupported(missing: Iterable[str]) -> str:
    return f"unsupported: needs {', '.join(missing)}"


def _properties(document: events.Document) -> list[tuple[str, object]]:
    """The facts of a check that land in JUnit."""
    facts = {
        "check": document["id"],
        "verdict": document["verdict"],
        "requirements": " ".join(document["requirements"]),
        "missing": " ".join(document["missing"]),
        "findings": " ".join(f"{one['requirement']}:{one['id']}" for one in document["findings"]),
        "steps": document["steps"],
    }
    return [(f"intercom_{name}", value) for name, value in facts.items() if value != ""]
