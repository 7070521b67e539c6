"""The report as a person sees it: what it says, in which order, on which terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from intercom_conformance import events
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.masking import Masker
from intercom_conformance.reports import terminal
from intercom_conformance.reports.finding import printable, render_check, render_finding
from intercom_conformance.reports.markdown import markdown
from intercom_conformance.results import Finding, Result, StepSeen
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step

SPEC = load_specification()
OFFERED = frozenset(SPEC.capabilities) - {"push-token"}
BINDING = Binding("react-native", "10.7.1", "javascript", "android", "wrapper", "promises", OFFERED)
CONNECTOR = "npm:@intercom/intercom-react-native@10.7.1"
FINDING = Finding(
    "anonymous-activity-is-merged",
    "record_lost",
    (
        Step("loginUnidentifiedUser"),
        Step("logEvent", ("a",)),
        Step("loginUserWithUserAttributes", ({"userId": "1"},)),
    ),
    (
        StepSeen("loginUnidentifiedUser()", "success of c1"),
        StepSeen('logEvent("a")', "success of c2"),
        StepSeen('loginUserWithUserAttributes({"userId": "1"})', "success of c3"),
    ),
    'user 1 has event "a"; nobody anonymous is left',
    "user 1 has no event; one anonymous contact is left, unreachable",
)
FAILED = Result("scenario/a", "scenario", "failed", (FINDING.requirement,), findings=(FINDING,), steps=3)
LACKING = Result("scenario/b", "scenario", "unsupported", ("push-token",), missing=("push-token",))
CRASHED = Result(
    "scenario/c", "scenario", "crashed", ("bottom-padding",), message="The driver ended.\nIts log: \x1b[2J"
)
PASSED = Result("scenario/d", "scenario", "passed", (), exercised=frozenset(["user-needed"]), steps=8409)


def made(*results: Result, complete: bool = True, strict: bool = False, planned: int = 0) -> events.Stream:
    """The stream of a run with these results."""
    plan = events.Plan(CONNECTOR, planned or len(results), strict=strict)
    checks = tuple(events.check(result, SPEC, Masker.of(SPEC)) for result in results)
    begin = events.header(plan, SPEC, BINDING)
    end = events.footer(results, SPEC, begin, seconds=3.14, exit_code=1, complete=complete)
    return events.Stream(begin, checks, end)


STREAM = made(FAILED, LACKING, CRASHED, PASSED)


def shown_finding(width: int, **changes: Any) -> str:
    """The finding, rendered."""
    document = events.check(attrs.evolve(FAILED, findings=(attrs.evolve(FINDING, **changes),)), SPEC, Masker())
    return render_finding(document["findings"][0], STREAM.header, width)


def test_a_failure_has_the_shape_that_is_understood() -> None:
    """Rule, sentence and source; numbered steps with what was seen; expected, observed; the way on."""
    assert (
        shown_finding(120)
        == """\
FAILED  anonymous-activity-is-merged  MUST   react-native 10.7.1, android
  Activity before identification belongs to the user who is identified later.    {source}

    1  loginUnidentifiedUser()                        success
    2  logEvent("a")                                  success
    3  loginUserWithUserAttributes({"userId": "1"})   success
       expected   user 1 has event "a"; nobody anonymous is left
       observed   user 1 has no event; one anonymous contact is left, unreachable

  replay   intercom-conformance replay {id} npm:@intercom/intercom-react-native@10.7.1
  explain  intercom-conformance explain anonymous-activity-is-merged""".replace("{id}", FINDING.id).replace(
            "{source}", SPEC.requirements[FINDING.requirement].source
        )
    )


def test_a_late_callback_is_named_by_the_step_that_made_the_call() -> None:
    """Within its own step a call needs no name."""
    late = (StepSeen("logout()", "no callback"), StepSeen("network_up()", "success of c1, error of c2"))
    text = shown_finding(100, steps=late, expected="no callbacks of c1", observed="success of c2")
    assert "network_up()   success of step 1, error\n" in text
    assert "expected   no callbacks of step 1\n" in text
    assert "observed   success\n" in text


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal_but_commands(width: int) -> None:
    """Commands are there to be copied; everything else is wrapped, and nothing is lost by that."""
    for verbose in (False, True):
        text = terminal.report(STREAM, width=width, verbose=verbose)
        wide = [line for line in text.splitlines() if len(line) > width]
        assert [line for line in wide if "intercom-conformance " not in line] == []
        words = " ".join(text.split())
        assert "Activity before identification belongs to the user who is identified later." in words
        assert 'user 1 has event "a"; nobody anonymous is left' in words


def test_a_driver_cannot_write_to_the_terminal() -> None:
    """Escape sequences in what a binding says are spelt out."""
    assert "\\x1b[2J" in terminal.report(STREAM)
    assert "\x1b" not in terminal.report(STREAM)
    assert printable("\x1b[31m\tred\u202e\r\n") == "\\x1b[31m    red\\u202e\\r\n"


def test_a_failing_check_without_a_finding_shows_its_message() -> None:
    """A crash that no trace explains is still told."""
    text = render_check(STREAM.results[2], STREAM.header)
    assert text.startswith("CRASHED  scenario/c   react-native 10.7.1, android\n  The driver ended.")


def test_the_report_ends_with_the_sum() -> None:
    """Never a lone percentage: what, against what, how many of how many, how much was done."""
    assert " ".join(terminal.summary_line(STREAM, 300)) == (
        f"intercom-mobile-sdk 1.0 against react-native 10.7.1: 1/3 MUST, 0/0 SHOULD, 0 MAY recorded, "
        f"1 unsupported, {_count('not run')} not run; 4 checks, 8,412 steps in 3.1 s"
    )


def _count(verdict: str) -> int:
    assert STREAM.footer is not None
    return sum(one["verdict"] == verdict for one in STREAM.footer["requirements"].values())


def test_what_did_not_pass_is_listed_with_what_it_lacks() -> None:
    """One line each; those that passed are counted in a table, and listed with -v."""
    text = terminal.report(STREAM, width=100)
    assert "failed            MUST      anonymous-activity-is-merged" in text
    assert "unsupported       MUST      push-token   needs push-token" in text
    assert "\nMUST " in text
    assert "passed            MUST      user-needed" not in text
    assert "passed            MUST      user-needed" in terminal.report(STREAM, width=100, verbose=True)


def test_coverage_names_what_was_not_reached() -> None:
    """A long list is cut, unless all of it is asked for."""
    footer: dict[str, Any] = {"transitions": {"reached": 98, "of": 100, "missed": ["b", "a"]}}
    assert terminal.coverage_line(footer, 80) == ["transitions 98/100 (not reached: b, a)"]
    footer["transitions"]["missed"] = [f"t{number}" for number in range(20)]
    assert " ".join(" ".join(terminal.coverage_line(footer, 80)).split()).endswith("t7, and 12 more, see -v)")
    assert "t19" in " ".join(terminal.coverage_line(footer, 80, verbose=True))


@pytest.mark.parametrize("stream", [made(PASSED, complete=False, planned=9), attrs.evolve(STREAM, footer=None)])
def test_a_run_that_did_not_end_is_called_incomplete(stream: events.Stream) -> None:
    """A report that lacks its end does not look complete, in any format."""
    assert "INCOMPLETE" in terminal.report(stream).splitlines()[-1]
    assert "INCOMPLETE" in markdown(stream)


def test_a_warning_is_no_failure_unless_strict() -> None:
    """A SHOULD that is broken is shown all the same."""
    document = {**STREAM.results[0]["findings"][0], "level": "SHOULD"}
    assert render_finding(document, made(strict=False).header).startswith("WARNED  ")
    assert render_finding(document, made(strict=True).header).startswith("FAILED  ")


def test_each_fault_is_shown_once() -> None:
    """Two checks that see the same requirement broken in the same way make one block."""
    twice = made(FAILED, attrs.evolve(FAILED, check="scenario/z"))
    assert terminal.report(twice).count("\n  replay ") == 1


def test_the_first_problems_can_be_left_out() -> None:
    """A run that showed its first fault at once does not repeat it."""
    assert "anonymous contact is left" not in terminal.report(STREAM, skip=1)
    assert "CRASHED" in terminal.report(STREAM, skip=1)


def test_markdown_escapes_what_a_binding_says() -> None:
    """Nothing that a binding says becomes markup; blocks cannot be ended from inside."""
    hostile = attrs.evolve(FAILED, findings=(attrs.evolve(FINDING, observed="``` <b>"),))
    page = markdown(made(hostile))
    assert "| failed | MUST | `anonymous-activity-is-merged` |" in page
    assert "````text" in page


def test_a_pipe_gets_plain_text() -> None:
    """No escape sequence where nobody sees colours."""
    file = io.StringIO()
    terminal.show("FAILED  x", file)
    assert file.getvalue() == "FAILED  x\n"


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("160", 160), ("0", 100), ("wide", 100)])
def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    """COLUMNS goes first; where there is no terminal, 100."""
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.width_of(io.StringIO()) == width


# On a real terminal ---------------------------------------------------------------------------------------


def on_a_terminal(arguments: list[str], tmp_path: Path, **environment: str) -> tuple[int, str]:
    """The exit code of the program, and what a terminal got from its two outputs."""
    controller, end = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "TERM": "xterm", **environment}
    command = [sys.executable, "-m", "intercom_conformance.cli", *arguments]
    process = subprocess.Popen(command, stdout=end, stderr=end, stdin=end, cwd=tmp_path, env=env)
    os.close(end)
    shown = b""
    try:
        while part := os.read(controller, 65536):
            shown += part
    except OSError:
        pass  # the last writer is gone
    finally:
        os.close(controller)
    return process.wait(30), shown.decode()


RUN = ["run", "py:cli_subjects:Forgetful", "-k", "scenario/logout"]


def test_a_terminal_gets_colours_and_a_bar(tmp_path: Path) -> None:
    """The bar counts checks and verdicts; the first fault comes before the bar is at its end."""
    code, shown = on_a_terminal(RUN, tmp_path, COLUMNS="100", NO_COLOR="")
    assert code == 1
    assert "\x1b[1;31mFAILED" in shown
    assert "failed" in shown[: shown.index("intercom-mobile-sdk 1.0 against")]
    assert shown.index("\x1b[1;31mFAILED") < shown.rindex("━")


def test_no_color_is_honoured(tmp_path: Path) -> None:
    """NO_COLOR takes the colours from the report; the bar stays."""
    code, shown = on_a_terminal(RUN, tmp_path, NO_COLOR="1")
    assert code == 1
    assert "\x1b[1;31m" not in shown
    assert "FAILED  " in shown


def test_a_piped_answer_is_all_that_is_on_the_standard_output(tmp_path: Path) -> None:
    """With JSON, the standard output is one JSON document, and the standard error output is empty."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-m", "intercom_conformance.cli", *RUN, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    answer = json.loads(done.stdout)
    assert done.stderr == ""
    assert answer["footer"]["complete"]
    for event in (answer["header"], *answer["checks"], answer["footer"]):
        events.validate(event)
