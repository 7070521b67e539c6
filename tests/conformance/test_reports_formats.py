"""Every format of a report: read by somebody else's reader, true to the run, safe with whatever a binding says."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import attrs
import jsonschema
import junitparser
import pytest
from bridge_subjects import Gossip
from cli_subjects import Talkative
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_streams import BINDING, EVIL, SPEC, every_verdict, result, stream, written

from intercom_conformance import cli, events
from intercom_conformance.bindings.packages import Package, install
from intercom_conformance.reports.difference import as_markdown, compare
from intercom_conformance.reports.formats import FORMATS, render

HERE = Path(__file__).parent
SUBJECT = f"cmd:{sys.executable} {HERE / 'cli_subjects.py'}"
CTRF = "sha512-2luVgKCF/A/pgMKY54AUdicCNbU+Hy3Bl+xwcp98inASt/0fnoNC/A4Bwh/GO47cIuD5c7SS3MY/DY42dPf4zQ=="
ENDPOINT = {
    "type": "object",
    "required": ["schemaVersion", "label", "message"],
    "additionalProperties": False,
    "properties": {
        "schemaVersion": {"const": 1},
        "label": {"type": "string"},
        "message": {"type": "string", "minLength": 1},
        "color": {"enum": ["brightgreen", "green", "yellowgreen", "yellow", "orange", "red", "blue", "lightgrey"]},
        "isError": {"type": "boolean"},
    },
}
"""What Shields documents of its endpoint badge, without the keys that we do not use."""
TEXTS = [name for name in FORMATS if name not in ("ctrf", "badge")]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def ctrf_schema() -> Mapping[str, Any]:
    """The schema that the format's own project publishes."""
    package = Package("ctrf", "0.3.0")
    folder = install(package, {str(package): CTRF})
    schema = json.loads((folder / "dist" / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return dict(schema)


def suite_of(text: str) -> junitparser.TestSuite:
    """The only suite of a JUnit document, as somebody else's reader has it."""
    (suite,) = junitparser.JUnitXml.fromstring(text.encode())
    return suite


def kinds(suite: junitparser.TestSuite) -> dict[str, list[str]]:
    """The elements in each case that are no properties and no output, by the case's name."""
    return {case.name: [type(one).__name__ for one in case.result] for case in suite}


# JUnit ----------------------------------------------------------------------------------------------------


def test_junit_tells_failures_from_errors_and_from_what_was_skipped() -> None:
    """A binding that did wrong fails, one that broke down is an error, and what was not judged is skipped."""
    told = kinds(suite_of(render("junit", [stream(every_verdict(), exit_code=1)])))
    for verdict in ("failed", "flaky", "unexpected-pass"):
        assert told[f"scenario/{verdict}"] == ["Failure"]
    for verdict in ("crashed", "timed-out", "protocol-error"):
        assert told[f"scenario/{verdict}"] == ["Error"]
    for verdict in ("unsupported", "not-run", "waived", "expected-failure"):
        assert told[f"scenario/{verdict}"] == ["Skipped"]
    for verdict in ("passed", "warned"):
        assert told[f"scenario/{verdict}"] == []


def test_junit_counts_what_it_holds() -> None:
    """The numbers of a suite are those of its cases, and those of the whole are the sums."""
    text = render("junit", [stream(every_verdict(), exit_code=1), stream((result("scenario/a"),))])
    first, second = junitparser.JUnitXml.fromstring(text.encode())
    assert [first.tests, first.failures, first.errors, first.skipped] == [12, 3, 3, 4]
    assert [second.tests, second.failures, second.errors, second.skipped] == [1, 0, 0, 0]
    root = Xml.fromstring(text)
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["13", "3", "3", "4"]
    assert {len(list(first)), first.tests} == {12}


def test_junit_names_requirements_in_properties() -> None:
    """A case tells what it is about, and the suite the verdict of each requirement."""
    text = render("junit", [stream(every_verdict(), exit_code=1)])
    suite, case = suite_of(text), Xml.fromstring(text).find("testsuite/testcase/properties")
    assert case is not None
    assert ("requirement", "logout-ends-session") in [(one.get("name"), one.get("value")) for one in case]
    told = {one.name: one.value for one in suite.properties()}
    assert told["requirement.logout-ends-session"] == "MUST failed"
    assert told["connector"] == "py:toy:Toy"


def test_junit_of_a_strict_run_fails_a_warning() -> None:
    """What fails the run fails its case."""
    told = kinds(suite_of(render("junit", [stream(every_verdict(), strict=True, exit_code=1)])))
    assert told["scenario/warned"] == ["Failure"]


# CTRF -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("complete", [True, False])
def test_ctrf_is_what_its_published_schema_says(ctrf_schema: Mapping[str, Any], complete: bool) -> None:
    """A report of every verdict, of a run that ended and of one that did not, is valid."""
    report = json.loads(render("ctrf", [stream(every_verdict(), complete=complete, exit_code=1)]))
    jsonschema.Draft7Validator(ctrf_schema).validate(report)


def test_ctrf_counts_what_it_holds() -> None:
    """The sums are right, and the kit's own verdict is kept beside the status."""
    results = json.loads(render("ctrf", [stream(every_verdict(), exit_code=1)]))["results"]
    raw = {test["rawStatus"]: test["status"] for test in results["tests"]}
    assert raw["crashed"] == raw["failed"] == "failed"
    assert (raw["expected failure"], raw["unsupported"]) == ("other", "skipped")
    counted = {name: results["summary"][name] for name in ("tests", "passed", "failed", "skipped", "other")}
    assert counted == {"tests": 12, "passed": 2, "failed": 6, "skipped": 3, "other": 1}
    assert results["summary"]["stop"] - results["summary"]["start"] == 2500


# The badge ------------------------------------------------------------------------------------------------


def test_a_badge_tells_counts_and_the_revision() -> None:
    """No lone percentage: how many of how many, and what was not judged."""
    told = json.loads(render("badge", [stream((result("scenario/a"),))]))
    assert told["schemaVersion"] == 1
    assert told["label"] == SPEC.name
    assert told["message"].startswith("1/1 MUST, ")
    assert told["message"].endswith(f" not run @ spec {SPEC.version}")
    assert "%" not in told["message"]


@pytest.mark.parametrize("change", [{}, {"complete": False}, {"exit_code": 1}, {"exit_code": 5}, {"filter": ("-k a",)}])
def test_a_badge_is_what_shields_documents(change: dict[str, Any]) -> None:
    """No key that Shields does not know, a message that is not empty, and a colour that it has a name for."""
    told = json.loads(render("badge", [stream((result("scenario/a"),), **change)]))
    jsonschema.Draft202012Validator(ENDPOINT).validate(told)


@pytest.mark.parametrize(
    ("color", "change"),
    [
        ("brightgreen", {}),
        ("blue", {"filter": ("-k a",)}),
        ("red", {"exit_code": 1}),
        ("red", {"complete": False}),
        ("lightgrey", {"exit_code": 5}),
    ],
)
def test_only_a_whole_run_without_a_fault_is_bright_green(color: str, change: dict[str, Any]) -> None:
    """A part of the suite, a fault, a missing end and a run that judged too little have other colours."""
    assert json.loads(render("badge", [stream((result("scenario/a"),), **change)]))["color"] == color


def test_a_badge_of_known_failures_is_yellow() -> None:
    """A deviation that is on record does not fail the run, and is not green either."""
    known = [one for one in every_verdict() if one.verdict == "expected failure"]
    assert json.loads(render("badge", [stream(tuple(known))]))["color"] == "yellow"


# Markdown -------------------------------------------------------------------------------------------------


def parsed(text: str) -> list[Token]:
    """The tokens that a renderer with tables, and with HTML as it comes, makes of a text."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def cells(tokens: list[Token]) -> list[int]:
    """The number of cells in each row of all tables."""
    rows = "".join({"tr_open": "\n", "td_open": ".", "th_open": "."}.get(token.type, "") for token in tokens)
    return [len(row) for row in rows.split("\n")[1:]]


def test_markdown_is_rendered_as_it_is_meant() -> None:
    """A heading, a table with a row for each requirement that is open, and each fault as a block of code; no HTML."""
    one = stream(every_verdict(), exit_code=1)
    tokens = parsed(render("markdown", [one]))
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2"]
    footer = one.footer or {}
    quiet = ("passed", "waived", "not run")
    listed = [slug for slug, told in footer["requirements"].items() if told["verdict"] not in quiet]
    assert cells(tokens) == [4] * (len(listed) + 1)
    blocks = [token.content for token in tokens if token.type == "fence"]
    assert any("<script>alert(1)</script>" in block for block in blocks)
    inside = [child.type for token in tokens for child in token.children or ()]
    assert {"html_block", "html_inline"} & {*inside, *(token.type for token in tokens)} == set()


def test_markdown_of_a_difference_is_rendered_as_it_is_meant() -> None:
    """A table of five cells a row, whatever the binding said, and each new fault as a block of code; no HTML."""
    before, after = stream((result("scenario/failed"),)), stream(every_verdict(), exit_code=1)
    difference = compare(before, after)
    tokens = parsed(as_markdown(difference))
    assert cells(tokens) == [5] * (len(difference.changes) + 1)
    assert sum(token.type == "fence" for token in tokens) == sum(one.what == "fault" for one in difference.failures)
    inside = [child.type for token in tokens for child in token.children or ()]
    assert {"html_block", "html_inline"} & {*inside, *(token.type for token in tokens)} == set()


# All of them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_without_its_end_is_told_as_such(format: str) -> None:
    """Whoever reads any report of it learns that checks are missing."""
    whole = render(format, [stream((result("scenario/a"),))])
    cut = render(format, [stream((result("scenario/a"),), complete=False)])
    assert "INCOMPLETE: 1 of 2" in cut
    assert "INCOMPLETE" not in whole


def test_readers_that_only_count_see_that_a_run_did_not_end() -> None:
    """JUnit has an error, CTRF a failed test, and the badge is marked as an error."""
    cut = [stream((result("scenario/a"),), complete=False)]
    assert suite_of(render("junit", cut)).errors == 1
    assert json.loads(render("ctrf", cut))["results"]["summary"]["failed"] == 1
    assert json.loads(render("badge", cut))["isError"] is True


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"stale": ("logout-ends-session in logout: it is not seen any more",), "exit_code": 1}, "known deviation"),
        ({"exit_code": 5}, "the run judged enough"),
    ],
)
def test_what_fails_a_run_fails_a_case(change: dict[str, Any], name: str) -> None:
    """A deviation that is gone, and a binding that lacks what is judged, are seen by readers that only count."""
    one = [stream((result("scenario/a"),), **change)]
    assert suite_of(render("junit", one)).failures == 1
    failed = [test for test in json.loads(render("ctrf", one))["results"]["tests"] if test["status"] == "failed"]
    assert [test["name"].startswith(name) for test in failed] == [True]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_that_a_binding_says_breaks_a_report(format: str) -> None:
    """Control characters, halves of surrogate pairs and the markup of the format itself are shown, and do nothing."""
    text = render(format, [stream(every_verdict(), exit_code=1)])
    text.encode("utf-8")
    assert "\x00" not in text
    assert "\x1b" not in text
    if format in ("json", "ctrf", "badge"):
        json.loads(text)
    elif format == "junit":
        assert "<script>alert(1)</script>" in "".join(Xml.fromstring(text).itertext())


@pytest.mark.parametrize("format", TEXTS)
def test_several_runs_fit_into_one_report(format: str) -> None:
    """Both bindings are in it, each by its name."""
    other = stream((result("scenario/a"),), binding=attrs.evolve(BINDING, name="puppet"))
    text = render(format, [stream((result("scenario/a"),)), other])
    assert re.search(r"\btoy\b", text)
    assert re.search(r"\bpuppet\b", text)


# On the command line --------------------------------------------------------------------------------------


def test_no_report_of_a_run_has_a_secret() -> None:
    """User hash, push token, signed token and address are in the findings, and in no report, whatever its format."""
    wanted = [word for name in FORMATS for word in ("--report", f"{name}=report.{name}")]
    run = ["run", f"{SUBJECT} Talkative", "-k", "right-hash", "-k", "push", "--examples", "2", "--events"]
    assert cli.main([*run, "open.ndjson", "--show-secrets"]) == 1
    assert cli.main([*run, "run.ndjson", *wanted]) == 1
    found = [one for check in events.read("open.ndjson").results for one in check["findings"]]
    hashes = {step["setUserHash"][0] for one in found for step in one["trace"] if "setUserHash" in step}
    planted = [*hashes, Talkative.token, Talkative.signed, "ada@example.com"]
    assert [secret for secret in planted if secret not in json.dumps(found)] == []
    assert len(planted) > 3
    for name in ["run.ndjson", *(f"report.{name}" for name in FORMATS)]:
        text = Path(name).read_text(encoding="utf-8")
        assert [secret for secret in planted if secret in text] == []
        assert "intercom" in text


def test_nothing_else_that_is_made_of_a_run_has_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """What a wrapper tells the native SDK: not in the stream, nor in any report, difference, merger, file or replay."""
    wanted = [word for name in FORMATS for word in ("--report", f"{name}=report.{name}")]
    run = ["run", "py:bridge_subjects:Gossip", "--examples", "2", "-k", "hash", "-k", "push", "--events"]
    assert cli.main([*run, "open.ndjson", "--show-secrets"]) == 1
    capsys.readouterr()
    assert cli.main([*run, "run.ndjson", *wanted, "--verbose"]) == 1
    found = [one for check in events.read("open.ndjson").results for one in check["findings"]]
    hashes = {step["setUserHash"][0] for one in found for step in one["trace"] if "setUserHash" in step}
    planted = [one for each in hashes if isinstance(each, str) and len(each) > 20 for one in (each, each[::-1])]
    planted += [Gossip.planted, "ada@example.com"]
    crossed = json.dumps([step.get("native") for one in found for step in one["steps"]])
    assert [secret for secret in planted[-2:] if secret not in crossed] == []
    assert len(planted) > 3
    Path("none.ndjson").write_text(written(stream((result("scenario/a"),))), encoding="utf-8")
    for form in ("text", "markdown", "json"):
        cli.main(["diff", "none.ndjson", "run.ndjson", "--format", form])
    cli.main(["report", "merge", "run.ndjson", "run.ndjson", "--out", "whole.ndjson"])
    for one in found[:3]:
        assert cli.main(["replay", one["id"], "--events", "open.ndjson"]) == 1
    shown = capsys.readouterr()
    made = ["run.ndjson", "whole.ndjson", *(f"report.{name}" for name in FORMATS)]
    texts = {name: Path(name).read_text(encoding="utf-8") for name in made} | {"out": shown.out, "err": shown.err}
    leaks = [(name, secret) for name, text in texts.items() for secret in planted if secret in text]
    assert leaks == []
    assert "<secret-1" in shown.out


def test_an_interrupted_run_writes_its_reports() -> None:
    """They have what was found so far, and tell that it is not all."""
    wanted = [word for name in FORMATS for word in ("--report", f"{name}=report.{name}")]
    command = [sys.executable, "-m", "intercom_conformance", "run", "--events", "run.ndjson", *wanted]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not Path("run.ndjson").is_file() or Path("run.ndjson").read_text(encoding="utf-8").count("\n") < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 2
    for name in FORMATS:
        assert "INCOMPLETE: " in Path(f"report.{name}").read_text(encoding="utf-8")


def test_no_report_of_an_earlier_run_is_left_for_one_that_could_not_start() -> None:
    """Whoever reads it finds nothing, rather than a success of yesterday."""
    Path("report.xml").write_text("<testsuites tests='1'/>", encoding="utf-8")
    assert cli.main(["run", "cmd:no-such-program", "--report", "junit=report.xml"]) == 6
    assert Path("report.xml").read_text(encoding="utf-8") == ""


def test_a_report_is_the_same_at_the_end_of_a_run_and_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    """A stream has all that a report is made of."""
    run = ["run", "-k", "logout-ends", "--examples", "2", "--events", "run.ndjson"]
    assert cli.main([*run, "--report", "junit=now.xml", "--report", "ctrf=now.json"]) == 0
    assert cli.main(["report", "run.ndjson", "--format", "junit", "--out", "later.xml"]) == 0
    capsys.readouterr()
    assert cli.main(["report", "--format", "ctrf", "run.ndjson"]) == 0
    assert capsys.readouterr().out == Path("now.json").read_text(encoding="utf-8")
    assert Path("later.xml").read_bytes() == Path("now.xml").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--report", "junit"], "--report junit names no file. Write FORMAT=FILE"),
        (["run", "--report", "junti=x.xml"], "There is no format 'junti'. Did you mean 'junit'?"),
        (["run", "--report", "junit=no/such/folder.xml"], "no/such/folder.xml cannot be written"),
        (["report", "gone.ndjson"], "gone.ndjson cannot be read"),
        (["report", "a.ndjson", "--format", "bagde"], "There is no format 'bagde'. Did you mean 'badge'?"),
        (["report", "a.ndjson", "a.ndjson", "--format", "badge"], "The format badge has room for one run, not 2"),
        (["report", "a.ndjson", "--out", "no/such/folder"], "no/such/folder cannot be written"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of usage ends with 4, before anything is run."""
    Path("a.ndjson").write_text(written(stream((result("scenario/a"),))), encoding="utf-8")
    assert cli.main(arguments) == 4
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""


def test_what_a_binding_says_is_in_the_stream_as_it_is() -> None:
    """The tests above put evil texts to the formats: they arrive there."""
    observed = [one["observed"] for check in stream(every_verdict()).results for one in check["findings"]]
    assert EVIL in observed
