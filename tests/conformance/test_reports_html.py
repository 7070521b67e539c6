"""The page in a real browser: it loads nothing, shows everything, can be filtered, and axe finds nothing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from report_streams import BINDING, EVIL, SPEC, every_verdict, finding, result, stream

from intercom_conformance.bindings.packages import Package, install
from intercom_conformance.bindings.web.browser import find_browser
from intercom_conformance.events import Stream
from intercom_conformance.reports.formats import render

AXE = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
WHOLE = stream(every_verdict(), stale=("user-needed in logout: it is not seen any more",), exit_code=1)
CUT = stream((result("scenario/a"),), complete=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of the machine."""
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=sandbox)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The rules of accessibility, as a script."""
    package = Package("axe-core", "4.14.1")
    return (install(package, {str(package): AXE}) / "axe.min.js").read_text(encoding="utf-8")


@attrs.frozen
class Opener:
    """Opens the report of some runs in a window."""

    browser: Browser
    folder: Path
    requests: list[str] = attrs.field(factory=list)
    complaints: list[str] = attrs.field(factory=list)

    def __call__(self, *streams: Stream, width: int = 1200, scheme: str = "light", bypass: bool = False) -> Page:
        file = self.folder / "report.html"
        file.write_text(render("html", streams), encoding="utf-8")
        window = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": bypass}
        page = self.browser.new_context(**window).new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())
        return page


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """A way to open reports, whose windows are closed in the end."""
    yield Opener(browser, tmp_path)
    for context in browser.contexts:
        context.close()


def shown(page: Page, selector: str) -> list[str]:
    """The texts of what is seen."""
    visible = "all => all.filter((one) => one.checkVisibility()).map((one) => one.innerText)"
    return list(page.locator(selector).evaluate_all(visible))


def held(page: Page, selector: str) -> list[str]:
    """The texts of what is there, even where the browser has not laid it out yet."""
    return page.locator(selector).all_text_contents()


def test_the_page_is_one_file_and_nothing_in_it_does_anything(opened: Opener) -> None:
    """No request but for itself, no complaint, and the markup that the binding said is text."""
    page = opened(WHOLE)
    assert len(opened.requests) == 1
    assert opened.complaints == []
    observed = page.locator("details[open] .observed").first.text_content() or ""
    assert "<script>alert(1)</script>" in observed
    assert "\\x00" in observed
    assert EVIL not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_nothing(opened: Opener, axe: str, scheme: str, width: int) -> None:
    """With every verdict, every fault open, two runs alike and one without its end; on a phone, at a desk, by night."""
    page = opened(WHOLE, WHOLE, CUT, width=width, scheme=scheme, bypass=True)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator("select[name=other]").select_option("3")
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run().then((all) => all.violations.map((one) => [one.id, one.nodes[0].html, one.nodes[0].failureSummary]))"
    )
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_is_cut_off_at_the_side(opened: Opener, width: int) -> None:
    """What is wider than the window scrolls by itself, not the page."""
    page = opened(WHOLE, CUT, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_requirement_has_its_verdict_its_sentence_and_its_source(opened: Opener) -> None:
    """A failed one leads to its fault, and stands before those that passed."""
    page = opened(WHOLE)
    rows = page.locator(".requirements tbody tr")
    row, rule = rows.filter(has_text="logout-ends-session").first, SPEC.requirements["logout-ends-session"]
    assert all(text in row.inner_text() for text in ("failed", "MUST", rule.sentence, rule.source))
    assert rows.count() == len((WHOLE.footer or {})["requirements"])
    assert "failed" in rows.first.inner_text()
    row.get_by_role("link").first.click()
    page.locator("details.fault[open]:target").wait_for()
    assert page.locator("details.fault[open]:target").count() == 1


def test_a_fault_of_a_wrapper_shows_what_crossed_the_bridge(opened: Opener) -> None:
    """Four lanes; calls, native calls, held and late answers; expected and observed; both side by side; the command."""
    page = opened(stream((result("scenario/a", "failed", finding()),), exit_code=1))
    svg = page.locator("svg.sequence")
    assert svg.locator(".lane").all_text_contents() == ["App", "Binding", "Bridge", "Native SDK"]
    assert svg.locator("g text").all_text_contents() == [
        "1 network_up()",
        "2 loginUnidentifiedUser()",
        "loginUnidentifiedUser()",
        "success",
        "success",
        "3 logout()",
        "logout()",
        "no answer yet",
        "late, to loginUnidentifiedUser: success",
        "expected: session is logged_out",
        "observed: session is identified",
    ]
    assert held(page, ".expected") == ["session is logged_out"]
    assert held(page, ".observed") == ["session is identified"]
    places = [page.locator(f".{side}").bounding_box() or {} for side in ("expected", "observed")]
    assert places[0]["y"] == places[1]["y"]
    assert "intercom-conformance replay" in held(page, ".command code")[0]


def test_a_fault_of_an_sdk_of_its_own_has_two_lanes(opened: Opener) -> None:
    """There is no bridge, and nothing below it."""
    alone = attrs.evolve(BINDING, kind="self-contained")
    page = opened(stream((result("scenario/a", "failed", finding()),), binding=alone, exit_code=1))
    assert page.locator(".sequence .lane").all_text_contents() == ["App", "Binding"]


def test_what_the_native_sdk_does_not_tell_stops_at_the_bridge(opened: Opener) -> None:
    """So a reader sees why the binding cannot know."""
    silent = attrs.evolve(BINDING, silent=frozenset(["loginUnidentifiedUser"]))
    page = opened(stream((result("scenario/a", "failed", finding()),), binding=silent, exit_code=1))
    assert "success, not told" in page.locator(".sequence text").all_text_contents()


def test_a_command_is_copied(opened: Opener) -> None:
    """Into the clipboard, as it stands there; where the browser forbids that, it is selected."""
    page = opened(stream((result("scenario/a", "failed", finding()),), exit_code=1))
    command = held(page, ".command code")[0]
    page.locator(".copy").first.click()
    page.get_by_text(re.compile("Copied|Selected")).wait_for()
    if page.locator(".copy").first.inner_text() == "Copied":
        page.get_by_role("searchbox").focus()
        page.keyboard.press("Control+V")
        assert page.get_by_role("searchbox").input_value() == command
    else:
        assert page.evaluate("getSelection().toString()") == command


def test_rows_are_filtered_by_level_region_verdict_and_text(opened: Opener) -> None:
    """And the page tells how many are left, and shows all again."""
    page = opened(WHOLE)
    every = page.locator("[data-verdicts]").count()
    page.get_by_label("Verdict").select_option("failed")
    assert {text.split()[0] for text in shown(page, ".requirements tbody td")} == {"failed"}
    page.get_by_label("Level").select_option("MAY")
    assert shown(page, ".requirements tbody tr") == []
    assert page.locator(".filter output").inner_text() == f"0 of {every} shown"
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("searchbox").fill("LOGOUT-ENDS")
    assert all("logout-ends" in text for text in shown(page, ".requirements tbody tr"))
    assert shown(page, ".requirements tbody tr") != []
    page.get_by_role("button", name="Show all").click()
    page.locator("select[name=region]").select_option("launcher")
    slugs = [text.split()[0] for text in shown(page, ".requirements tbody tr")]
    assert "launcher-default-hidden" in slugs
    assert "anonymous-login" not in slugs
    assert shown(page, ".chart-of h3") == ["launcher"]


def test_a_binding_is_chosen_and_everything_is_told_of_it_alone(opened: Opener) -> None:
    """Its column, its faults, and how the statechart fared in it."""
    red = stream((result("scenario/a", "failed", finding(), transitions=frozenset(["hide"])),), exit_code=1)
    green = stream((result("scenario/a", transitions=frozenset(["logout"])),), binding=attrs.evolve(BINDING, name="b"))
    page = opened(red, green)
    logout = page.locator('.chart a[aria-label^="identified to logged_out: logout"]')
    assert "1 fault" in str(logout.get_attribute("aria-label"))
    assert [len(shown(page, "details.fault")), len(shown(page, ".requirements thead th"))] == [1, 3]
    page.get_by_label("Binding").select_option("2")
    assert logout.get_attribute("aria-label") == "identified to logged_out: logout \u2713 1 test"
    assert logout.get_attribute("data-fared") == "passed"
    assert shown(page, "details.fault") == []
    assert shown(page, ".requirements thead th") == ["Requirement", "2. b 1.0"]
    hide = page.locator("details.transition", has_text="hide").filter(has=page.get_by_text("hide", exact=True))
    assert "not taken" in hide.inner_text()
    hide.locator("summary").click()
    assert shown(page, "details.transition[open] li") == []
    page.get_by_role("button", name="Show all").click()
    assert shown(page, "details.transition[open] li") == ["scenario/a"]
    assert "1 fault" in str(logout.get_attribute("aria-label"))


def test_everything_can_be_done_by_keyboard(opened: Opener) -> None:
    """The first stop leads past the head; a fault opens with the space bar, an arrow of the chart with Enter."""
    page = opened(WHOLE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdicts"
    page.locator("details.fault:not([open]) > summary").first.focus()
    before = page.locator("details.fault[open]").count()
    page.keyboard.press("Space")
    assert page.locator("details.fault[open]").count() == before + 1
    page.locator('.chart a[aria-label^="identified to logged_out: logout"]').focus()
    page.keyboard.press("Enter")
    # The page opens it when the browser has told of the new address.
    page.locator("details.transition[open]:target").wait_for()
    assert page.locator("details.transition[open]:target").count() == 1
    assert "logout" in page.evaluate("document.activeElement.textContent")


def test_a_run_without_its_end_is_told_at_the_top(opened: Opener) -> None:
    """So is a deviation that was not seen."""
    page = opened(CUT)
    assert "INCOMPLETE: 1 of 2 checks" in page.locator("header .alarm").inner_text()
    assert "so far" in page.locator("main").inner_text()
    assert "it is not seen any more" in " ".join(shown(opened(WHOLE), "main .alarm"))


# The statechart -------------------------------------------------------------------------------------------


def test_an_arrow_leads_to_the_tests_that_took_its_transitions(opened: Opener) -> None:
    """One of several transitions by way of their list; and from a test to its row."""
    took = frozenset(["hide", "logout-closes-the-messenger"])
    page = opened(stream((result("scenario/a", transitions=took),)))
    arrow = page.locator('.chart a[aria-label^="any state to closed"]')
    assert arrow.get_attribute("data-fared") == "partly"
    assert "2/3 taken" in str(arrow.get_attribute("aria-label"))
    arrow.click()
    page.locator("details.edges:target").get_by_text("hide", exact=True).click()
    page.locator("details.transition:target").get_by_role("link", name="scenario/a").click()
    assert "scenario/a" in page.locator("tr:target").inner_text()
    assert page.locator("tr:target").is_visible()


def test_every_transition_is_drawn_and_none_is_hidden(opened: Opener) -> None:
    """Each is in an arrow or among those that stay; no label lies on another or on a state."""
    page = opened(WHOLE)
    anchors = set(page.locator(".chart a").evaluate_all("all => all.map((one) => one.getAttribute('href').slice(1))"))
    listed = page.locator("details.edges li a").evaluate_all(
        "all => all.map((one) => one.getAttribute('href').slice(1))"
    )
    assert {f"transition{at}" for at in range(len(SPEC.chart["transitions"]))} <= anchors | set(listed)
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('.chart')].flatMap((chart) => {
          const boxes = [...chart.querySelectorAll('a > rect, .place > rect')].map((one) => one.getBBox());
          const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y
            || b.y + b.height <= a.y;
          const within = (a, b) => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width
            && a.y + a.height <= b.y + b.height;
          return boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) => !apart(a, b) && !within(b, a)));
        }).length"""
    )
    assert overlapping == 0


def test_what_is_written_in_the_drawing_fits_into_its_boxes(opened: Opener) -> None:
    """No text is wider than the box that it is in."""
    page = opened(WHOLE)
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll('.chart a, .place')].filter((one) => {
          const room = one.querySelector('rect').getBBox().width;
          return [...one.querySelectorAll(':scope > text')].some((text) => text.getBBox().width > room);
        }).map((one) => one.textContent)"""
        )
        == []
    )


def test_calls_in_states_are_counted_and_faults_are_marked(opened: Opener) -> None:
    """By how many tests, in words and not by colour alone; a fault only in the region that is at fault."""
    visits = {
        "session: identified": frozenset(["logout", "update"]),
        "launcher: launcher_hidden": frozenset(["logout"]),
    }
    seen = result("scenario/a", "failed", finding(), visits=visits)
    page = opened(stream((seen, result("scenario/b", visits=visits)), exit_code=1))
    heads = page.locator(".heat thead th").all_inner_texts()
    at = heads.index("logout") - 1
    cells = {row.locator("th").inner_text(): row.locator("td").nth(at) for row in page.locator(".heat tbody tr").all()}
    assert cells["session identified"].inner_text() == "\u2717 2"
    assert cells["launcher launcher_hidden"].inner_text() == "2"
    assert cells["session logged_out"].inner_text() == "0"
    assert cells["network up"].get_attribute("data-fared") == "missed"


def test_a_run_of_another_specification_is_not_drawn(opened: Opener) -> None:
    """Its verdicts are told, and that it is left out of the drawing."""
    other = attrs.evolve(
        WHOLE, header={**WHOLE.header, "specification": {**WHOLE.header["specification"], "digest": "x"}}
    )
    page = opened(WHOLE, other)
    assert "not drawn here: run 2." in page.locator("section", has=page.locator("#statechart")).inner_text()
    page.get_by_label("Binding").select_option("2")
    assert not page.locator("#statechart").is_visible()


def test_without_its_specification_a_run_is_told_all_the_same(opened: Opener) -> None:
    """Verdicts and faults are in the stream; there is nothing to draw, and no link that leads nowhere."""
    unknown = {**WHOLE.header, "specification": {**WHOLE.header["specification"], "digest": "x"}}
    page = opened(attrs.evolve(WHOLE, header=unknown))
    assert page.locator(".requirements tbody tr").count() == len((WHOLE.footer or {})["requirements"])
    assert page.locator(".fault .observed").count() > 0
    assert page.locator(".chart").count() == 0
    assert opened.complaints == []
    nowhere = """[...document.querySelectorAll('a[href^="#"]')].map((one) => one.getAttribute('href').slice(1))
      .filter((id) => !document.getElementById(id))"""
    assert page.evaluate(nowhere) == []
    assert opened(WHOLE, CUT).evaluate(nowhere) == []


# Several runs ---------------------------------------------------------------------------------------------


def test_several_runs_stand_side_by_side(opened: Opener) -> None:
    """A column for each binding, which a screen reader has as a table."""
    other = stream((result("scenario/a"),), binding=attrs.evolve(BINDING, name="puppet"))
    page = opened(WHOLE, other)
    table = page.get_by_role("region", name="Table of requirements").get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == ["Requirement", "1. toy 1.0", "2. puppet 1.0"]
    row = table.get_by_role("row").filter(has_text="logout-ends-session").first
    assert row.get_by_role("cell").all_inner_texts() == ["failed", "passed"]


def test_two_runs_are_chosen_and_their_difference_is_told(opened: Opener) -> None:
    """Other verdicts, faults of one of them, and the same fault that says something else; nothing of equal ones."""
    said = stream((result("scenario/a", "failed", finding(observed="session is waiting")),), exit_code=1)
    bad = stream((result("scenario/a", "failed", finding()),), exit_code=1)
    good = stream((result("scenario/a"),))
    page = opened(bad, good, said, bad)
    fault = "logout-ends-session, state_wrong in logout"
    assert [row.split("\t") for row in shown(page, ".differing tbody tr")] == [
        ["requirement", "logout-ends-session", "failed", "passed"],
        ["fault", fault, "session is identified", "not seen"],
    ]
    page.locator("select[name=other]").select_option("3")
    assert [row.split("\t") for row in shown(page, ".differing tbody tr")] == [
        ["fault", fault, "session is identified", "session is waiting"]
    ]
    page.locator("select[name=other]").select_option("4")
    assert page.locator(".pair output").inner_text() == "0 differences"


def test_runs_of_one_binding_show_a_trend(opened: Opener) -> None:
    """In the order of versions and then of time, with what changed, in words beside the line."""
    bad = stream(
        (result("scenario/a", "failed", finding()),), binding=attrs.evolve(BINDING, version="1.9"), exit_code=1
    )
    good = stream((result("scenario/a"),), binding=attrs.evolve(BINDING, version="1.10"))
    page = opened(good, bad)
    trend = page.locator("section", has=page.locator("#trend"))
    assert "Requirements that fail: 1, then 0; at last fewer than at first." in trend.inner_text()
    assert [row.split("\t")[0] for row in shown(page, "section:has(#trend) tbody tr")] == [
        "1.9 (run 2)",
        "1.10 (run 1)",
    ]
    assert "fixed: logout-ends-session" in trend.inner_text()
    assert page.locator("svg.trend").get_attribute("aria-label") in trend.inner_text()


# In any surroundings --------------------------------------------------------------------------------------


def test_the_page_can_be_read_without_scripts(browser: Browser, tmp_path: Path) -> None:
    """Verdicts, faults, drawing and tests are there; what only a script can do is not shown."""
    file = tmp_path / "report.html"
    file.write_text(render("html", [WHOLE, CUT]), encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    assert not page.locator(".filter").is_visible()
    assert not page.locator(".pair").is_visible()
    assert page.locator(".chart").first.is_visible()
    page.locator('.chart a[aria-label^="identified to logged_out: logout"]').click()
    assert page.locator("details.transition:target").is_visible()
    page.context.close()


def test_in_print_every_fault_is_open_and_nothing_is_left_to_press(opened: Opener) -> None:
    """Paper has no buttons."""
    page = opened(WHOLE)
    page.emulate_media(media="print")
    assert not page.locator(".filter").is_visible()
    assert shown(page, ".copy") == []
    assert all(one.is_visible() for one in page.locator(".fault .observed").all())
    assert not page.locator("#all-tests table").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_five_hundred_failures_and_twenty_bindings_stay_quick(opened: Opener) -> None:
    """What a choice in the filter costs until all is laid out, at best of five; the page is made once for them."""
    slugs = [slug for slug, one in SPEC.requirements.items() if one.on == "sdk"]
    names = [f"scenario/{at}" for at in range(400)]
    many = [
        stream(
            tuple(
                result(name, "failed", attrs.evolve(finding(slugs[(at * 7 + run) % len(slugs)]), kind=f"kind_{at}"))
                if at < 25
                else result(name, transitions=frozenset(["hide", "logout"]))
                for at, name in enumerate(names)
            ),
            binding=attrs.evolve(BINDING, name=f"binding-{run}"),
            exit_code=1,
        )
        for run in range(20)
    ]
    begun = time.monotonic()
    page = opened(*many)
    assert page.locator(".fault").count() == 500
    assert time.monotonic() - begun < 20
    page.evaluate("document.getElementById('all-tests').open = true")
    for name, value in (
        ("verdict", "failed"),
        ("binding", "3"),
        ("region", "session"),
        ("text", "logout"),
        ("text", ""),
    ):
        took = min(_milliseconds(page, name, value) for _ in range(5))
        print(name, value, round(took), "ms")
        assert took < 100, (name, value)


def _milliseconds(page: Page, name: str, value: str) -> float:
    """The browser's own work when something is chosen, from nothing chosen, until the page is laid out.

    It is the time of its main thread, which other programs of the machine do not count in.
    """
    choose = """([name, value]) => {
      const form = document.querySelector('.filter');
      form.elements[name].value = value;
      form.dispatchEvent(new Event('input'));
      document.body.offsetHeight;
    }"""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(choose, [name, ""])
    begun = _worked(session)
    page.evaluate(choose, [name, value])
    return (_worked(session) - begun) * 1000


def _worked(session: CDPSession) -> float:
    """The seconds that the main thread of a page has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
