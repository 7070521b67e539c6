"""The pytest plugin: options, markers, fixtures, and one item for each check of the suite.

A shell: what it does stands in `intercom_conformance.testing`, which is imported when a test first asks
for it. A project that merely has the kit installed pays for this file and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from intercom_conformance.oracle import Oracle
    from intercom_conformance.player import Player
    from intercom_conformance.suite import Check
    from intercom_conformance.testing.bench import Bench
    from intercom_conformance.testing.handle import Sdk
    from intercom_conformance.testing.journal import Journal
    from intercom_reference.fake import Fake

OPTIONS: dict[str, tuple[type, str, str]] = {
    "driver": (
        str,
        "CONNECTOR",
        "the system under test, such as py:package.module:factory (default: reference:)",
    ),
    "spec": (str, "FOLDER", "another specification: a folder with spec/ and schemas/"),
    "spec-version": (str, "VERSION", "the version that the specification must have"),
    "seed": (int, "N", "where the generated sequences begin (default: 0)"),
    "examples": (int, "N", "how many sequences or values are generated for a check (default: 100)"),
    "strict": (bool, "", "a SHOULD that is broken fails its test"),
    "deviations": (str, "FILE", "known deviations, tested and expected to fail; 'bundled' for those on record"),
    "report": (str, "FILE", "write the event stream of the run, from which all reports are made"),
    "timeout": (float, "SECONDS", "how long a driver may take for a request (default: 10)"),
}
"""The options by name: their type, what stands for the value, and what they are for.

``--intercom-NAME`` goes before the ini option ``intercom_NAME``, and that before the variable
``INTERCOM_NAME``.
"""

MARKERS = (
    "requirement(id): the test is about this requirement of the Intercom specification",
    "capability(name): the test is reported as unsupported if the binding does not declare this capability",
)
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
_FIXTURES = {"intercom_run", "sdk", "assert_conforms"}
_bench = pytest.StashKey["Bench"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, and an ini option for each."""
    group = parser.getgroup("intercom", "conformance of Intercom SDK bindings")
    for name, (kind, metavar, text) in OPTIONS.items():
        ini = f"intercom_{name.replace('-', '_')}"
        how: dict[str, Any] = (
            {"action": "store_const", "const": "true"} if kind is bool else {"type": kind, "metavar": metavar}
        )
        group.addoption(f"--intercom-{name}", dest=ini, default=None, help=text, **how)
        parser.addini(ini, text, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers, and refuses values and a specification that cannot be used."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    for name in OPTIONS:
        option(config, name)
    if option(config, "spec") or option(config, "spec-version"):
        _bench_of(config).require_specification()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Controller(config), "intercom_conformance_controller")


def option(config: pytest.Config, name: str) -> Any:
    """The value of an option: of the command line, the ini file, or the environment; None if there is none.

    Raises:
        UsageError: the value of the ini file or the environment is of the wrong type.
    """
    kind, _, _ = OPTIONS[name]
    ini = f"intercom_{name.replace('-', '_')}"
    for value in (config.getoption(ini), config.getini(ini), os.environ.get(ini.upper())):
        if value not in (None, ""):
            return _typed(ini, value, kind)
    return None


def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is bool:
        if str(value).lower() not in _YES | _NO:
            raise pytest.UsageError(f"{name} cannot be {value!r}. Write true or false.")
        return str(value).lower() in _YES
    try:
        return kind(value)
    except ValueError:
        raise pytest.UsageError(f"{name} cannot be {value!r}. Write a number.") from None


def _bench_of(config: pytest.Config) -> Bench:
    if _bench not in config.stash:
        from intercom_conformance.testing.bench import Bench

        config.stash[_bench] = Bench(config)
        config.add_cleanup(config.stash[_bench].close)
    return config.stash[_bench]


# Collecting -----------------------------------------------------------------------------------------------


def _concerned(item: pytest.Item) -> bool:
    marked = any(True for name in ("requirement", "capability") for _ in item.iter_markers(name))
    return marked or not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(trylast=True)  # after whatever deselects tests
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Refuses markers and options that name nothing, before anything is run."""
    concerned = [item for item in items if _concerned(item)]
    if concerned:
        _bench_of(config).prepare(concerned)


def checks_of(config: pytest.Config) -> Sequence[Check]:
    """The checks of the suite, in their order, by the specification that the options name."""
    return _bench_of(config).checks()


# Running --------------------------------------------------------------------------------------------------


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test as unsupported that needs a capability which the binding does not have."""
    if _bench in item.config.stash and _concerned(item):
        _bench_of(item.config).refuse(item.session)
    if next(item.iter_markers("capability"), None) is not None:
        _bench_of(item.config).require_capabilities(item)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """After a test that used `sdk`: callbacks that are still owed must come."""
    outcome = yield
    if "sdk" in pyfuncitem.fixturenames and _bench in pyfuncitem.config.stash:
        _bench_of(pyfuncitem.config).finish(pyfuncitem)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hands what the kit knows of a test to whoever gets the report, also from a worker of xdist."""
    report = yield
    if _bench in item.config.stash and _concerned(item):
        _bench_of(item.config).attach(item, call, report)
    return report


# Reporting: by the controller only ------------------------------------------------------------------------


class Controller:
    """What the process does that has all reports; xdist brings those of its workers there."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._journal: Journal | None = None
        self._others = False
        if option(config, "report") and not config.option.collectonly:
            self._open()

    def _open(self) -> Journal:
        if self._journal is None:
            from intercom_conformance.testing.journal import Journal

            self._journal = Journal(self._config)
        return self._journal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps what a report says of conformance."""
        if hasattr(report, "intercom"):
            self._open().take(report.intercom)
        elif report.when == "call":
            self._others = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Ends the event stream; a run that judged nothing, or could not start the binding, says so."""
        if self._journal is not None:
            session.exitstatus = self._journal.finish(int(exitstatus), others=self._others)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Adds the verdicts below pytest's own report."""
        if self._journal is not None:
            self._journal.summarise(terminalreporter)


# Fixtures -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def intercom_player(request: pytest.FixtureRequest) -> Player:
    """The binding under test, started: one for each process that runs tests."""
    return _bench_of(request.config).player(request.session)


@pytest.fixture(scope="session")
def oracle(request: pytest.FixtureRequest) -> Oracle:
    """The oracle: what the specification allows after a history."""
    return _bench_of(request.config).oracle


@pytest.fixture
def sdk(request: pytest.FixtureRequest, intercom_player: Player) -> Sdk:
    """A freshly installed app: ``sdk.call(method, *arguments)`` and ``sdk.environment(event, *arguments)``.

    Each step is judged at once; one that the specification does not allow fails the test.
    """
    return _bench_of(request.config).handle(request.node)


@pytest.fixture
def intercom_run(request: pytest.FixtureRequest, intercom_player: Player) -> Callable[[Check], None]:
    """Runs one check of the suite as this test."""
    return lambda check: _bench_of(request.config).run(request.node, check)


@pytest.fixture(scope="session")
def validate_payload(request: pytest.FixtureRequest) -> Callable[[str, Any], tuple[Any, ...]]:
    """``validate_payload(kind, value)``: what is wrong with a payload; nothing if the tuple is empty."""
    return _bench_of(request.config).spec.payloads.validate


@pytest.fixture
def assert_conforms(request: pytest.FixtureRequest, intercom_player: Player) -> Callable[[Sequence[Any]], None]:
    """``assert_conforms(trace)``: plays a list of steps, each a mapping of a method to its arguments."""
    return lambda trace: _bench_of(request.config).assert_conforms(request.node, trace)


@pytest.fixture
def intercom_fake() -> Fake:
    """A stand-in for the SDK, for an app's tests: all methods, and ``network``, ``calls``, ``user``, ``screen``."""
    from intercom_reference.fake import Fake

    return Fake()
