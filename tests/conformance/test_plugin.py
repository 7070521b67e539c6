"""The pytest plugin in a project of somebody else: options, fixtures, markers, reports, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from intercom_conformance import events, replays
from intercom_conformance.testing.bench import Bench
from intercom_conformance.testing.journal import Journal
from intercom_reference.client import Client

HERE = Path(__file__).parent
SUITE = ("--pyargs", "intercom_conformance.suites", "-p", "no:cacheprovider", "--intercom-examples", "5")
KEPT = (Bench, Journal, Client)
"""Imported here, the suite is made once for all the runs of pytest in this process."""

FORGETFUL = "py:cli_subjects:Forgetful"
GARAGE = HERE.parent / "second_spec"
SMALL = ("--intercom-spec", str(GARAGE), "--intercom-driver")
"""A specification whose whole suite takes seconds, to be followed by a system under test."""


@pytest.fixture(autouse=True)
def subjects(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The systems under test can be imported, and the project of each test is an empty folder."""
    for folder in (HERE, GARAGE):
        pytester.syspathinsert(folder)
        monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)


def facts(path: Path) -> list[dict[str, str]]:
    """The properties of each test in a JUnit file."""
    cases = ET.parse(path).getroot().iter("testcase")
    return [{one.attrib["name"]: one.attrib["value"] for one in case.iter("property")} for case in cases]


# The suite ------------------------------------------------------------------------------------------------


def test_every_check_is_an_item_named_after_it(pytester: pytest.Pytester) -> None:
    """The ids are those of the command line, in the same order in every process; nothing is started."""
    driver = ("--intercom-driver", "cmd:/no/such/program")
    result = pytester.runpytest(*SUITE, *driver, "--collect-only", "-q")
    assert result.ret == 0
    items = [line for line in result.outlines if "::" in line]
    assert items[0].split("::")[1].startswith("test_conformance[scenario/")
    listed = subprocess.run(
        [sys.executable, "-m", "intercom_conformance.cli", "list", "--format", "json"], capture_output=True, check=True
    )
    ids = [row["id"] for row in json.loads(listed.stdout)]
    assert [line.split("[", 1)[1].removesuffix("]") for line in items] == ids


def test_the_reference_is_the_default(pytester: pytest.Pytester) -> None:
    """Without an option the reference takes the suite, and the verdicts are below pytest's own report."""
    result = pytester.runpytest(*SUITE, "-k", "scenario/logout")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*= conformance =*", "intercom-mobile-sdk 1.0 against reference *"])


def test_a_failure_shows_the_finding_and_no_traceback(pytester: pytest.Pytester) -> None:
    """What a person needs is the rule and the steps, not where in the kit an exception was raised."""
    result = pytester.runpytest(*SUITE, "--intercom-driver", FORGETFUL, "-k", "scenario/sample-logout")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "FAILED  logout-ends-session  MUST   reference 0.1.0",
            "*1  loginUserWithUserAttributes(*   success",
            "*expected   session is logged_out",
            "*observed   session is identified",
            f"  replay   intercom-conformance replay * {FORGETFUL}",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*bench.py:*: Failed")
    result.assert_outcomes(failed=1)


def test_a_failure_can_be_replayed(pytester: pytest.Pytester) -> None:
    """Its trace is stored beside the project, for its owner only."""
    pytester.runpytest(*SUITE, "--intercom-driver", FORGETFUL, "-k", "scenario/sample-logout")
    assert list((pytester.path / replays.FOLDER).glob("*.json"))


def test_what_a_binding_lacks_is_skipped_by_name(pytester: pytest.Pytester) -> None:
    """The reason names the capability; the report counts it as unsupported."""
    driver = ("--intercom-driver", "py:cli_subjects:Modest", "--intercom-report", "run.ndjson")
    result = pytester.runpytest(*SUITE, *driver, "-k", "push-token or logout-of-nobody", "-rs")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["SKIPPED *unsupported: needs push-token"])
    footer = events.read(pytester.path / "run.ndjson").footer
    assert footer is not None
    assert footer["requirements"]["push-token"]["verdict"] == "unsupported"


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_facts_survive_into_junit_and_the_stream(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """Alone and with two workers: properties of each test, one stream, written by the controller."""
    reports = ("--junitxml", "junit.xml", "--intercom-report", "run.ndjson", "--intercom-driver", FORGETFUL)
    result = pytester.runpytest_subprocess(*SUITE, *reports, *workers, "-k", "scenario/logout")
    assert result.ret == 1
    stream = events.read(pytester.path / "run.ndjson")
    assert stream.complete
    assert stream.header["binding"]["name"] == "reference"
    assert len(stream.results) == stream.header["planned"] > 5
    told = facts(pytester.path / "junit.xml")
    verdicts = {one["id"]: one["verdict"] for one in stream.results}
    assert {one["intercom_check"]: one["intercom_verdict"] for one in told} == verdicts
    failed = next(one for one in told if one["intercom_verdict"] == "failed")
    assert "logout-ends-session" in "".join(one.get("intercom_findings", "") for one in told)
    assert failed["intercom_requirements"]


def test_failures_and_errors_are_told_apart_in_junit(pytester: pytest.Pytester) -> None:
    """A broken requirement is a failure; a binding that does not start is an error."""
    pytester.runpytest(*SUITE, "--intercom-driver", FORGETFUL, "-k", "sample-logout", "--junitxml", "a.xml")
    suite = ET.parse(pytester.path / "a.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("1", "0")
    dead = ("--intercom-driver", "py:cli_subjects:Unlucky")
    pytester.runpytest(*SUITE, *dead, "-k", "sample-logout", "--junitxml", "b.xml")
    suite = ET.parse(pytester.path / "b.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "1")


def test_secrets_are_masked_in_every_report(pytester: pytest.Pytester) -> None:
    """Terminal, JUnit and stream have labels."""
    reports = ("--junitxml", "junit.xml", "--intercom-report", "run.ndjson")
    leaky = ("--intercom-driver", "py:cli_subjects:Leaky", "-k", "scenario/right-hash-of-a-user-id")
    result = pytester.runpytest(*SUITE, *reports, *leaky)
    assert result.ret == 1
    texts = [(pytester.path / name).read_text(encoding="utf-8") for name in ("junit.xml", "run.ndjson")]
    for text in (result.stdout.str(), *texts):
        assert "secret-1, 64 characters" in text
        assert "ada@example.com" not in text


# Exit codes -----------------------------------------------------------------------------------------------


CODES = [
    (("--intercom-driver", "cmd:/no/such/program"), 6, "is not started"),
    (("--intercom-driver", "py:cli_subjects:Unlucky"), 6, "no licence"),
    (("--intercom-driver", "nope:"), 4, "A connector starts with one of"),
    (("--intercom-spec-version", "9.9"), 4, "has version 1.0, not 9.9"),
    (("--intercom-spec", "nowhere"), 4, "there is no such folder"),
    (("--intercom-driver", "py:cli_subjects:Humble"), 5, "unsupported"),
]


@pytest.mark.parametrize(("arguments", "code", "told"), CODES)
def test_exit_codes(pytester: pytest.Pytester, arguments: tuple[str, ...], code: int, told: str) -> None:
    """Those of the command line."""
    result = pytester.runpytest(*SUITE, *arguments, "-k", "scenario/logout", "-rs")
    assert result.ret == code
    assert told in result.stdout.str() + result.stderr.str()


def test_two_workers_come_to_the_same_verdicts(pytester: pytest.Pytester) -> None:
    """Of each check and of each requirement, whichever worker runs it, and in whatever order."""
    found = []
    for workers in ("0", "2"):
        subject = (*SMALL, "py:garage:TrustingGarage", "--intercom-report", "run.ndjson")
        pytester.runpytest_subprocess(*SUITE, *subject, "-n", workers)
        stream = events.read(pytester.path / "run.ndjson")
        assert stream.footer is not None
        found.append(({one["id"]: one["verdict"] for one in stream.results}, stream.footer["requirements"]))
    assert found[0] == found[1]
    assert {"passed", "failed"} <= set(found[0][0].values())


@pytest.mark.parametrize(("arguments", "code", "told"), [CODES[0], CODES[2], CODES[5]])
def test_exit_codes_with_workers(pytester: pytest.Pytester, arguments: tuple[str, ...], code: int, told: str) -> None:
    """The controller has no binding, and comes to the same end."""
    result = pytester.runpytest_subprocess(*SUITE, *arguments, "-n", "2", "-k", "scenario/logout", "-rs")
    assert result.ret == code
    assert told in result.stdout.str() + result.stderr.str()


def test_a_run_that_was_stopped_has_no_footer(pytester: pytest.Pytester) -> None:
    """After -x the report does not look complete."""
    reports = ("--intercom-report", "run.ndjson", "--intercom-driver", FORGETFUL)
    result = pytester.runpytest(*SUITE, *reports, "-k", "scenario/logout", "-x")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["INCOMPLETE: *"])
    assert not events.read(pytester.path / "run.ndjson").complete


def test_an_old_report_is_not_left_in_place(pytester: pytest.Pytester) -> None:
    """A run in which nothing was judged leaves no report that somebody takes for its own."""
    (pytester.path / "run.ndjson").write_text("an old report\n", encoding="utf-8")
    pytester.makepyfile("def test_other(): pass")
    assert pytester.runpytest("--intercom-report", "run.ndjson").ret == 0
    assert (pytester.path / "run.ndjson").read_text(encoding="utf-8") == ""


# Options --------------------------------------------------------------------------------------------------


def test_command_line_before_ini_before_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place is used if none before it says anything."""
    run = (*SUITE, "-k", "scenario/sample-logout", "--intercom-report", "run.ndjson")

    def connector(*arguments: str) -> str:
        pytester.runpytest(*run, *arguments)
        return str(events.read(pytester.path / "run.ndjson").header["connector"])

    assert connector() == "reference:"
    monkeypatch.setenv("INTERCOM_DRIVER", "py:cli_subjects:Modest")
    assert connector() == "py:cli_subjects:Modest"
    pytester.makeini(f"[pytest]\nintercom_driver = {FORGETFUL}\n")
    assert connector() == FORGETFUL
    assert connector("--intercom-driver", "reference:") == "reference:"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("seed", "one", "Write a number."), ("strict", "perhaps", "Write true or false."), ("timeout", "x", "number")],
)
def test_a_wrong_value_in_the_ini_file_is_a_usage_error(
    pytester: pytest.Pytester, name: str, value: str, told: str
) -> None:
    """It is told before any test is run."""
    pytester.makeini(f"[pytest]\nintercom_{name} = {value}\n")
    result = pytester.runpytest(*SUITE, "-k", "scenario/sample-logout")
    assert result.ret == 4
    assert told in result.stderr.str()


def test_options_stand_in_one_group_of_the_help(pytester: pytest.Pytester) -> None:
    """One prefix, ini twins, markers with a sentence."""
    shown = pytester.runpytest("--help").stdout.str()
    group = shown.split("conformance of Intercom SDK bindings:")[1].split("\n\n")[0]
    for name in ("driver", "spec", "spec-version", "seed", "examples", "strict", "report", "timeout"):
        assert f"--intercom-{name}" in group
        assert f"intercom_{name.replace('-', '_')} (string)" in shown
    markers = pytester.runpytest("--markers").stdout.str()
    assert "@pytest.mark.requirement(id)" in markers
    assert "@pytest.mark.capability(name)" in markers


# Tests of one's own ---------------------------------------------------------------------------------------

OWN = """
    import pytest

    @pytest.mark.requirement("logout-ends-session")
    def test_steps(sdk):
        sdk.call("loginUserWithUserAttributes", {"userId": "ada"})
        seen = sdk.call("logout")
        assert seen.settled[0].callback == "success"

    def test_world(sdk):
        sdk.environment("network_down")
        assert sdk.call("loginUnidentifiedUser", {}).settled == ()

    @pytest.mark.capability("push-token")
    def test_token(sdk):
        sdk.call("sendPushToken", "abc")

    def test_recorded(assert_conforms):
        assert_conforms([{"loginUserWithUserAttributes": [{"userId": "ada"}]}, {"logout": []}])

    def test_payload(validate_payload):
        assert validate_payload("login", {"userId": "ada"}) == ()
        assert validate_payload("login", {})[0].requirement == "login-needs-identity"

    def test_oracle(oracle):
        assert len(oracle.initial()) == 1
"""


def test_fixtures_serve_tests_of_ones_own(pytester: pytest.Pytester) -> None:
    """Each step is judged; the tests are in the report beside the suite."""
    pytester.makepyfile(test_own=OWN)
    result = pytester.runpytest("--intercom-report", "run.ndjson")
    result.assert_outcomes(passed=6)
    stream = events.read(pytester.path / "run.ndjson")
    assert stream.complete
    one = next(check for check in stream.results if check["id"].endswith("::test_steps"))
    assert one["requirements"] == ["logout-ends-session"]
    assert {"logout-ends-session", "identified-login"} <= set(one["exercised"])
    assert one["steps"] == 2


def test_a_step_that_is_not_allowed_fails_where_it_is_called(pytester: pytest.Pytester) -> None:
    """The traceback ends at the line of the test, followed by the finding."""
    pytester.makepyfile(test_own=OWN)
    result = pytester.runpytest("--intercom-driver", FORGETFUL, "-k", "steps or recorded")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            '>       seen = sdk.call("logout")',
            "E       intercom_conformance.testing.handle.NonConforming: FAILED  logout-ends-session *",
            "*expected   session is logged_out",
        ]
    )
    result.stdout.no_fnmatch_line("*def _conclude_steps*")


def test_a_callback_that_never_comes_fails_the_test(pytester: pytest.Pytester) -> None:
    """Also if the test does not look: the end of the test is the last chance."""
    held = """
    def test_silence(sdk):
        sdk.environment("network_held")
        sdk.call("loginUnidentifiedUser", {})
    """
    pytester.makepyfile(test_own=held)
    pytester.runpytest().assert_outcomes(passed=1)
    result = pytester.runpytest("--intercom-driver", "py:cli_subjects:Dropping")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*callback-is-called*"])


def test_one_test_leaves_nothing_to_the_next(pytester: pytest.Pytester) -> None:
    """Each test has a freshly installed app."""
    pytester.makepyfile(
        test_own="""
        import pytest

        @pytest.mark.parametrize("number", [1, 2])
        def test_fresh(sdk, number):
            assert sdk.call("isUserLoggedIn").settled[0].value is False
            sdk.call("loginUserWithUserAttributes", {"userId": "ada"})
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)


def test_a_capability_that_is_lacking_skips(pytester: pytest.Pytester) -> None:
    """By marker, and by a call that needs it; both are unsupported in the report."""
    pytester.makepyfile(test_own=OWN + "\n    def test_call(sdk):\n        sdk.call('sendPushToken', 'abc')\n")
    run = ("--intercom-driver", "py:cli_subjects:Modest", "--intercom-report", "run.ndjson", "-k", "token or call")
    result = pytester.runpytest(*run, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED *unsupported: needs push-token"])
    assert [one["verdict"] for one in events.read(pytester.path / "run.ndjson").results] == ["unsupported"] * 2
    assert result.ret == 5


@pytest.mark.parametrize(
    ("marker", "workers", "told"),
    [
        ('requirement("logout-ends-sesion")', (), "Did you mean 'logout-ends-session'?"),
        ('capability("push-tokens")', (), "Did you mean 'push-token'?"),
        ("requirement()", (), "There is no requirement ''"),
        ('capability("push-tokens")', ("-n", "1"), "Did you mean 'push-token'?"),
    ],
)
def test_a_marker_that_names_nothing_is_a_usage_error(
    pytester: pytest.Pytester, marker: str, workers: tuple[str, ...], told: str
) -> None:
    """A misspelt name would otherwise never be judged."""
    pytester.makepyfile(test_own=f"import pytest\n@pytest.mark.{marker}\ndef test_it(): pass\n")
    result = pytester.runpytest_subprocess(*workers)
    assert result.ret == 4
    assert told in result.stdout.str() + result.stderr.str()


def test_a_step_that_does_not_exist_is_told_with_the_nearest_name(pytester: pytest.Pytester) -> None:
    """A misspelt method is a fault of the test."""
    pytester.makepyfile(test_own='def test_typo(sdk):\n    sdk.call("logot")\n')
    result = pytester.runpytest("--intercom-report", "run.ndjson")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*There is no method 'logot'. Did you mean 'logout'?"])
    assert events.read(pytester.path / "run.ndjson").results[0]["verdict"] == "failed"


# What it costs others -------------------------------------------------------------------------------------


def test_an_unrelated_run_imports_nothing_of_the_kit(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that merely has the kit installed pays for the plugin's own file."""
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            ours = {name for name in sys.modules if name.split(".")[0].startswith("intercom")}
            assert ours == {"intercom_conformance", "intercom_conformance.plugin"}
            assert not {"hypothesis", "jsonschema", "statemachine", "yaml", "rich", "typer"} & set(sys.modules)
        """
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the others import much
    result = pytester.runpytest_subprocess("-p", "intercom_conformance.plugin")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*= conformance =*")


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    """With -p no:intercom_conformance there is neither an option nor a fixture of it."""
    pytester.makepyfile("def test_other(): pass\ndef test_mine(sdk): pass")
    result = pytester.runpytest_subprocess("-p", "no:intercom_conformance")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'sdk' not found*"])


# Known deviations -----------------------------------------------------------------------------------------

KNOWN = """\
specification: "1.0"
deviations:
  - requirement: {requirement}
    kind: {kind}
    reason: {reason}
"""


USUAL = {"requirement": "logout-ends-session", "kind": "fail", "reason": "reported upstream"}


def known(pytester: pytest.Pytester, **changes: str) -> tuple[str, str]:
    """The option with a file of deviations in the project, in which the session outlives its logout."""
    body = KNOWN.format(**USUAL | changes)
    pytester.makefile(".yaml", known=body)
    return "--intercom-deviations", "known.yaml"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_known_deviation_is_an_expected_failure(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """It is still tested, fails nothing, and says why; JUnit and the stream have it as what it is."""
    chosen = ("-k", "scenario/sample-logout", "--intercom-report", "run.ndjson", "-rx", *workers)
    result = pytester.runpytest_subprocess(*SUITE, "--intercom-driver", FORGETFUL, *known(pytester), *chosen)
    assert result.ret == 0
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["XFAIL *sample-logout* - reported upstream"])
    (check,) = events.read(pytester.path / "run.ndjson").results
    assert check["verdict"] == "expected failure"
    assert {finding["known"] for finding in check["findings"]} == {"reported upstream"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_known_deviation_that_is_gone_fails_the_whole_suite(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """A right garage lets pay: the entry is stale after the whole suite; a part of it proves nothing."""
    listed = known(pytester, requirement="paying-opens-the-way")
    garage = (*SUITE, *SMALL, "py:garage:Garage", "--intercom-examples", "1", *listed, *workers)
    whole = pytester.runpytest_subprocess(*garage)
    assert whole.ret == 1
    whole.stdout.fnmatch_lines(["STALE  paying-opens-the-way: it is not seen any more*", "unexpected pass *"])
    assert pytester.runpytest_subprocess(*garage, "-k", "scenario").ret == 0


def test_another_fault_is_not_excused(pytester: pytest.Pytester) -> None:
    """An entry of another kind explains nothing."""
    options = known(pytester, kind="crash")
    result = pytester.runpytest(*SUITE, "--intercom-driver", FORGETFUL, *options, "-k", "scenario/sample-logout")
    assert result.ret == 1
    result.assert_outcomes(failed=1)


def test_a_file_of_deviations_that_names_nothing_is_refused(pytester: pytest.Pytester) -> None:
    """A misspelt requirement would excuse nothing and never go stale."""
    pytester.makefile(".yaml", known=KNOWN.format(**USUAL | {"requirement": "logout-end-session"}))
    result = pytester.runpytest(*SUITE, "--intercom-deviations", "known.yaml", "-k", "scenario/logout")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*there is no requirement 'logout-end-session'. Did you mean logout-ends-session?*"])
