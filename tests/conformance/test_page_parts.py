"""What the page is made of: the drawing of graphs, what is drawn of a statechart, and what the stream tells of it."""

from __future__ import annotations

import time
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_streams import BINDING, SPEC, finding, result, stream

from intercom_conformance import cli, events
from intercom_conformance.reports.formats import render
from intercom_conformance.reports.page.charting import ANY, chart_of
from intercom_conformance.reports.page.faring import calls_seen, of_edge, of_transition, taken
from intercom_conformance.reports.page.layout import Box, Drawing, Size, draw
from intercom_conformance.reports.page.trends import trends
from intercom_conformance.specification import load_specification

CHART = chart_of(SPEC.chart)
TRANSITIONS = {one["id"] for one in SPEC.chart["transitions"]}


Graph: TypeAlias = tuple[list[Size], list[tuple[int, int]], list[Size]]


@st.composite
def graphs(draw_one: st.DrawFn) -> Graph:
    """A graph with up to eight boxes of any sizes, without arrows from a box to itself."""
    sizes = st.builds(Size, st.integers(1, 130), st.integers(1, 130))
    boxes = draw_one(st.lists(sizes, min_size=1, max_size=8))
    ends = st.tuples(st.integers(0, len(boxes) - 1), st.integers(0, len(boxes) - 1)).filter(
        lambda one: one[0] != one[1]
    )
    arrows = draw_one(st.lists(ends, max_size=12 if len(boxes) > 1 else 0))
    return boxes, arrows, draw_one(st.lists(sizes, min_size=len(arrows), max_size=len(arrows)))


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share any room, but for what rounding makes."""
    beside = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
    return not (beside or abs(one.y - other.y) >= (one.height + other.height) / 2 - 0.01)


def inside(box: Box, drawing: Drawing) -> bool:
    """Whether a box lies within the drawing."""
    across = box.x - box.width / 2 >= -0.01 and box.x + box.width / 2 <= drawing.width + 0.01
    return across and box.y - box.height / 2 >= -0.01 and box.y + box.height / 2 <= drawing.height + 0.01


@settings(max_examples=200)
@given(graphs())
def test_nothing_in_a_drawing_lies_on_anything_else(
    graph: tuple[list[Size], list[tuple[int, int]], list[Size]],
) -> None:
    """Boxes and labels of any graph are apart and within the drawing; each arrow ends at the side of its box."""
    boxes, arrows, labels = graph
    drawing = draw(boxes, arrows, labels)
    places = [*drawing.boxes, *(line.label for line in drawing.lines)]
    assert [(box.width, box.height) for box in places] == [(one.width, one.height) for one in (*boxes, *labels)]
    assert not any(overlap(one, other) for one, other in combinations(places, 2))
    assert all(inside(box, drawing) for box in places)
    for (_, end), line in zip(arrows, drawing.lines, strict=True):
        box = drawing.boxes[end]
        assert line.tip[0] == (box.left if line.rightwards else box.right)[0]
        assert abs(line.tip[1] - box.y) <= box.height / 2


@settings(max_examples=30)
@given(graphs())
def test_the_same_graph_gives_the_same_drawing(graph: Graph) -> None:
    """A report does not change when it is made again."""
    assert draw(*graph) == draw(*graph)


def test_a_graph_of_ten_times_the_size_is_drawn_in_seconds() -> None:
    """A specification may have a region of more than a hundred states."""
    arrows = [(at, (at * 7 + 1) % 130) for at in range(130) if at != (at * 7 + 1) % 130] + [
        (at, at + 1) for at in range(129)
    ]
    begun = time.monotonic()
    draw([Size(80, 40)] * 130, arrows, [Size(60, 30)] * len(arrows))
    assert time.monotonic() - begun < 20


def test_each_transition_is_drawn() -> None:
    """As an arrow to each state that it may lead to from each that it may begin in, or among those that stay."""
    drawn = {name for edge in CHART.edges for name in edge.transitions}
    assert drawn == TRANSITIONS
    of = {(edge.source, edge.target): edge.transitions for edge in CHART.edges}
    assert of["identified", "logged_out"] == ("logout",)
    assert "hide" in of[ANY, "closed"]
    assert "login-with-invalid-attributes" in of["logged_out", "identified"]
    assert "login-with-invalid-attributes" in of["identified", "identified"]
    assert "update" in of["identified", "identified"]


def test_any_other_specification_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page knows no SDK: it draws the chart that a run is of, and finds its specification again."""
    folder = Path(__file__).parents[1] / "second_spec"
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(tmp_path)
    cli.main(["run", "py:garage:Garage", "--spec", str(folder), "--events", "run.ndjson", "--examples", "2"])
    text = render("html", [events.read("run.ndjson")])
    regions = load_specification(str(folder)).chart["regions"]
    assert [f"Statechart of the region {name}" in text for name in regions] == [True] * len(regions)


def test_the_gravest_counts() -> None:
    """A fault before a warning, a warning before what is not covered."""
    known = attrs.evolve(finding(), known="on record")
    (logout,) = [edge for edge in CHART.edges if edge.transitions == ("logout",)]
    cases = {"failed": (finding(), known), "warned": (known,), "passed": ()}
    for kind, findings in cases.items():
        one = stream((result("scenario/a", "failed", *findings, transitions=frozenset(["logout"])),))
        assert of_edge(logout, taken([one])).kind == kind
        assert of_transition(taken([one])["logout"]).kind == kind
    assert of_edge(logout, {}).kind == "missed"


def test_trends_are_of_one_binding_only() -> None:
    """Another name, language or platform is another binding."""
    runs = [stream((result("scenario/a"),), binding=attrs.evolve(BINDING, platform=one)) for one in ("ios", "android")]
    assert trends(runs) == ()
    assert [len(one.points) for one in trends([*runs, runs[0]])] == [2]


def test_a_run_without_its_end_is_no_point_of_a_trend() -> None:
    """It is told in its place, and compared with nothing."""
    runs = [stream((result("scenario/a"),)), stream((result("scenario/a"),), complete=False)]
    (trend,) = trends(runs)
    assert [point.failing for point in trend.points] == [0, None]
    assert "INCOMPLETE" in trend.points[1].changes[0]
    assert "Too few" in trend.words


# What the stream tells of it ------------------------------------------------------------------------------


def run(subject: str, *more: str, folder: Path) -> events.Stream:
    """The stream of a run against a wrapper, as it is read again."""
    cli.main(["run", f"py:{subject}", "--examples", "2", "--events", str(folder / "run.ndjson"), *more])
    return events.read(folder / "run.ndjson")


def test_a_finding_tells_what_crossed_the_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first calls of the native SDK, how many more there were, the transition at fault and where it was due."""
    monkeypatch.chdir(tmp_path)
    found = [
        one
        for check in run("bridge_subjects:Restless", "-k", "log-event", folder=tmp_path).results
        for one in check["findings"]
        if "logEvent" in one["trace"][-1]
    ]
    assert found
    for one in found:
        last = one["steps"][-1]
        assert last["native"][0] == {"call": {"isUserLoggedIn": []}, "answer": last["native"][0]["answer"]}
        assert (len(last["native"]), last["more"]) == (20, 10)
        assert any(state.startswith("session: ") for state in one["states"])
    assert {name for one in found for name in one["transitions"]} == {"user-needed"}


def test_what_is_too_long_to_be_shown_is_cut_in_the_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No wrapper makes a stream that cannot be read."""
    monkeypatch.chdir(tmp_path)
    read = run("bridge_subjects:Wordy", "-k", "log-event", folder=tmp_path)
    handed = [
        one["call"]["logEvent"][0]
        for check in read.results
        for each in check["findings"]
        for step in each["steps"]
        for one in step.get("native", ())
        if "logEvent" in one["call"]
    ]
    assert handed
    assert {len(one) < 2100 and one.endswith("(100002 characters)") for one in handed} == {True}


def test_checks_tell_which_events_came_in_which_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as the state is certain; a stream that is read again tells the same, and gives the same page."""
    monkeypatch.chdir(tmp_path)
    cli.main(["run", "-k", "browse-then-sign-up", "--events", "run.ndjson"])
    read = events.read("run.ndjson")
    (check,) = [one for one in read.results if one["id"] == "scenario/browse-then-sign-up"]
    assert check["visits"]["session: logged_out"] == ["login_anonymous"]
    assert check["visits"]["session: unidentified"] == ["log_event", "login_identified"]
    seen = calls_seen([read], SPEC)
    assert list(seen["session: logged_out", "login_anonymous"].tests) == ["scenario/browse-then-sign-up"]
    assert events.result_of(check).visits["session: logged_out"] == frozenset(["login_anonymous"])
    assert render("html", [read]) == render("html", [events.read("run.ndjson")])
