"""The event stream: what is written is what is read, and nothing else is taken for one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from intercom_conformance import events
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.masking import Masker
from intercom_conformance.results import Finding, Result, StepSeen
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step

SPEC = load_specification()
OFFERED = frozenset(["session", "hide", "snapshot"])
BINDING = Binding("toy", "1.0", "python", "any", "self-contained", "callbacks", OFFERED)
FINDING = Finding(
    "logout-ends-session",
    "state_wrong",
    (Step("network_up", (), ()), Step("setUserHash", ("0f" * 32,)), Step("logout", (), ("success",), "bye")),
    (
        StepSeen("network_up()", "no callback"),
        StepSeen('setUserHash("x")', "success"),
        StepSeen("logout()", "-"),
    ),
    "session is logged_out",
    "session is identified",
)
RESULTS = (
    Result(
        "scenario/a",
        "scenario",
        "failed",
        ("logout-ends-session",),
        exercised=frozenset(["user-needed"]),
        transitions=frozenset(["logout"]),
        findings=(FINDING,),
        traces=3,
        steps=9,
        seconds=0.25,
    ),
    Result("scenario/b", "scenario", "unsupported", ("push-token",), missing=("push-token",)),
    Result("hostile/c", "hostile", "passed", (), exercised=frozenset(["guide-samples-run"]), steps=1),
)


def stream(*, show: bool = True, complete: bool = True) -> list[dict[str, Any]]:
    """The events of a small run."""
    plan = events.Plan("py:toy:Toy", len(RESULTS), ("-k a",), seed=3, strict=True, masked=not show)
    checks = [events.check(result, SPEC, Masker.of(SPEC, show=show)) for result in RESULTS]
    begin = events.header(plan, SPEC, BINDING)
    end = [events.footer(RESULTS, SPEC, begin, seconds=1.5, exit_code=1)] if complete else []
    return [begin, *checks, *end]


def lines(documents: list[dict[str, Any]]) -> list[str]:
    """What a writer makes of events."""
    file = io.StringIO()
    for document in documents:
        events.Writer(file).write(document)
    return file.getvalue().splitlines()


def test_what_is_written_is_read_again() -> None:
    """Header, checks and footer come back as they were."""
    written = stream()
    read = events.read(lines(written))
    assert [read.header, *read.results, read.footer] == written
    assert read.complete
    assert read.cut == ""


def test_a_result_is_made_of_its_event() -> None:
    """Everything but the requirement's own words survives, so that verdicts can be added up from a stream."""
    read = events.read(lines(stream()))
    again = [events.result_of(document) for document in read.results]
    assert [attrs.evolve(one, findings=()) for one in again] == [attrs.evolve(one, findings=()) for one in RESULTS]
    assert again[0].findings[0].id == FINDING.id
    assert again[0].findings[0].steps == FINDING.steps


def test_a_header_before_any_binding_has_none() -> None:
    """Under xdist nobody may have started one."""
    document = events.header(events.Plan("reference:", 1), SPEC, None)
    events.validate(document)
    assert document["binding"] is None


def test_a_stream_is_masked_unless_somebody_asked_to_see_everything() -> None:
    """The digest that the finding's trace holds is in the stream only with --show-secrets."""
    assert "0f0f" not in "\n".join(lines(stream(show=False)))
    assert "0f0f" in "\n".join(lines(stream(show=True)))


def test_a_masked_finding_keeps_its_id() -> None:
    """The id names the replay file, which has the real trace."""
    assert events.read(lines(stream(show=False))).results[0]["findings"][0]["id"] == FINDING.id


def test_each_line_is_on_the_disk_at_once(tmp_path: Path) -> None:
    """A run that dies leaves what it had found."""
    path = tmp_path / "run.ndjson"
    with path.open("w", encoding="utf-8") as file:
        writer = events.Writer(file)
        for number, document in enumerate(stream(), 1):
            writer.write(document)
            assert len(path.read_text(encoding="utf-8").splitlines()) == number


def test_the_footer_adds_up() -> None:
    """Counts per verdict, verdicts per requirement with their level, coverage, steps."""
    end = stream()[-1]
    assert end["checks"] == {"failed": 1, "unsupported": 1, "passed": 1}
    assert end["requirements"]["logout-ends-session"] == {"level": "MUST", "verdict": "failed"}
    assert end["requirements"]["push-token"]["missing"] == ["push-token"]
    assert end["transitions"]["reached"] == 1
    assert len(end["transitions"]["missed"]) == end["transitions"]["of"] - 1
    assert end["steps"] == 10


# Incomplete streams ---------------------------------------------------------------------------------------


def test_a_stream_without_a_footer_is_incomplete() -> None:
    """It is read as far as it goes, and says what it lacks."""
    read = events.read(lines(stream(complete=False)))
    assert not read.complete
    assert read.cut == "it has no footer"
    assert len(read.results) == len(RESULTS)


def test_a_stream_whose_last_line_is_cut_is_incomplete(tmp_path: Path) -> None:
    """The machine went down in the midst of a line."""
    path = tmp_path / "cut.ndjson"
    path.write_text("\n".join(lines(stream()))[:-40], encoding="utf-8")
    read = events.read(path)
    assert not read.complete
    assert read.footer is None
    assert read.cut == "its last line is cut off"


# What is no stream ----------------------------------------------------------------------------------------


def changed(position: int, **changes: Any) -> list[str]:
    """The lines of a run with one event changed."""
    documents = stream()
    documents[position] = {**documents[position], **changes}
    return [json.dumps(document) for document in documents]


GOOD = lines(stream())
HOSTILE = {
    "nothing at all": ([], "there is no event at all"),
    "blank lines only": (["", "  "], "there is no event at all"),
    "no JSON": ([GOOD[0], "{oops", GOOD[-1]], "not JSON"),
    "a list": ([GOOD[0], "[]", GOOD[-1]], "at the line"),
    "NaN": ([GOOD[0], '{"event": "check", "seconds": NaN}', GOOD[-1]], "NaN is no number"),
    "a key twice": (['{"event": "header", "event": "header"}', *GOOD[1:]], "a key stands twice"),
    "a deep nest": ([GOOD[0], "[" * 100_000, GOOD[-1]], "not JSON"),
    "half a character": ([GOOD[0], "\udcff", GOOD[-1]], "not JSON"),
    "no header": (GOOD[1:], "does not begin with a header"),
    "two headers": ([GOOD[0], GOOD[0], *GOOD[1:]], "a header stands in the midst"),
    "two footers": ([*GOOD, GOOD[-1]], "a footer stands in the midst"),
    "a check after the footer": ([*GOOD, GOOD[1]], "a footer stands in the midst"),
    "a check twice": ([GOOD[0], GOOD[1], *GOOD[1:]], "comes twice"),
    "another version": (changed(0, stream=2), "version 2, and this kit reads version 1"),
    "an unknown event": (changed(1, event="rumour"), "at event"),
    "an unknown verdict": (changed(1, verdict="superb"), "at verdict"),
    "an unknown key": (changed(1, mood="good"), "'mood' was unexpected"),
    "a false end": (changed(4, complete=False), "at complete"),
    "a lost line": ([*GOOD[:2], *GOOD[3:]], "the footer counts 3 checks, and the stream has 2"),
    "a changed verdict": (changed(1, verdict="passed"), "the footer counts other verdicts"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_stream_is_refused_with_its_line(name: str) -> None:
    """Each error names a line, what is wrong there, and what to do."""
    hostile, message = HOSTILE[name]
    with pytest.raises(events.BadStream, match=message) as caught:
        events.read(hostile)
    assert caught.value.line >= 1
    assert caught.value.remedy


def test_a_line_without_end_is_refused() -> None:
    """No line is taken in that could not come from a run."""
    with pytest.raises(events.BadStream, match="characters"):
        events.read([GOOD[0], "1" * (events.LONGEST + 1), GOOD[-1]])


def test_every_event_of_the_schema_is_checked_when_it_is_written() -> None:
    """The events of this module are valid; a float that JSON has no word for is not written."""
    for document in stream():
        events.validate(document)
    with pytest.raises(ValueError, match="Out of range"):
        events.Writer(io.StringIO()).write({"event": "check", "seconds": float("nan")})
