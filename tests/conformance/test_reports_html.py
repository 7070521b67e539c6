"""The page in a real browser: it loads nothing, shows everything, can be filtered, and axe finds nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
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
    return [one.inner_text() for one in page.locator(selector).all() if one.is_visible()]


def test_the_page_is_one_file_and_nothing_in_it_does_anything(opened: Opener) -> None:
    """No request but for itself, no complaint, and the markup that the binding said is text."""
    page = opened(WHOLE)
    assert len(opened.requests) == 1
    assert opened.complaints == []
    observed = page.locator("details[open] .observed").first.inner_text()
    assert "<script>alert(1)</script>" in observed
    assert "\\x00" in observed
    assert EVIL not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_nothing(opened: Opener, axe: str, scheme: str, width: int) -> None:
    """With every verdict, every fault open, two runs alike and one without its end; on a phone, at a desk, by night."""
    page = opened(WHOLE, WHOLE, CUT, width=width, scheme=scheme, bypass=True)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((all) => all.violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_is_cut_off_at_the_side(opened: Opener, width: int) -> None:
    """What is wider than the window scrolls by itself, not the page."""
    page = opened(WHOLE, CUT, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_requirement_has_its_verdict_its_sentence_and_its_source(opened: Opener) -> None:
    """A failed one leads to its fault."""
    page = opened(WHOLE)
    row = page.locator(".requirements tr", has_text="logout-ends-session").first
    told, rule = row.inner_text(), SPEC.requirements["logout-ends-session"]
    assert all(text in told for text in ("failed", "MUST", rule.sentence, rule.source))
    assert page.locator(".requirements tbody tr").count() == len((WHOLE.footer or {})["requirements"])
    row.get_by_role("link").first.click()
    assert page.locator("details.fault[open]:target").count() == 1


def test_a_fault_shows_its_sequence_and_how_to_see_it_again(opened: Opener) -> None:
    """Three lanes, an arrow for each call and answer, both sides, and the command."""
    page = opened(stream((result("scenario/a", "failed", finding()),), exit_code=1))
    svg = page.locator("svg.sequence")
    assert svg.locator(".lane").all_text_contents() == ["App", "Binding", "Native SDK"]
    assert svg.locator("g text").all_text_contents() == [
        "1 network_up()",
        "2 loginUnidentifiedUser()",
        "success",
        "3 logout()",
        "success",
    ]
    assert shown(page, ".expected") == ["session is logged_out"]
    assert shown(page, ".observed") == ["session is identified"]
    assert "intercom-conformance replay" in shown(page, ".command code")[0]


def test_rows_are_filtered_by_level_verdict_and_text(opened: Opener) -> None:
    """And the page tells how many are left."""
    page = opened(WHOLE)
    every = page.locator("[data-verdict]").count()
    page.get_by_label("Verdict").select_option("failed")
    assert set(shown(page, ".requirements tbody .verdict")) == {"failed"}
    page.get_by_label("Level").select_option("MAY")
    assert shown(page, ".requirements tbody tr") == []
    assert page.locator("output").inner_text() == f"0 of {every} shown"
    page.get_by_label("Level").select_option("")
    page.get_by_label("Verdict").select_option("")
    page.get_by_role("searchbox").fill("LOGOUT-ENDS")
    assert all("logout-ends" in text for text in shown(page, ".requirements tbody tr"))
    assert shown(page, ".requirements tbody tr") != []


def test_everything_can_be_done_by_keyboard(opened: Opener) -> None:
    """The first stop leads past the head, and a fault opens with the space bar."""
    page = opened(WHOLE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdicts"
    page.locator("details.fault:not([open]) > summary").first.focus()
    before = page.locator("details.fault[open]").count()
    page.keyboard.press("Space")
    assert page.locator("details.fault[open]").count() == before + 1


def test_a_run_without_its_end_is_told_at_the_top(opened: Opener) -> None:
    """So is a deviation that was not seen."""
    page = opened(CUT)
    assert "INCOMPLETE: 1 of 2 checks" in page.locator("header .alarm").inner_text()
    assert "so far" in page.locator("main").inner_text()
    assert "it is not seen any more" in " ".join(shown(opened(WHOLE), "main .alarm"))


def test_several_runs_stand_side_by_side(opened: Opener) -> None:
    """A column for each binding."""
    other = stream((result("scenario/a"),), binding=attrs.evolve(BINDING, name="puppet"))
    page = opened(WHOLE, other)
    table = page.locator("section", has_text="Side by side").first
    assert table.locator("thead th").all_inner_texts() == ["Requirement", "Level", "toy 1.0", "puppet 1.0"]
    row = table.locator("tbody tr", has_text="logout-ends-session").first
    assert row.locator(".verdict").all_inner_texts() == ["failed", "passed"]


def test_transitions_taken_and_missed_are_shown(opened: Opener) -> None:
    """Each transition with the check that took it, and a map of all states and calls."""
    first = SPEC.chart["transitions"][0]["id"]
    page = opened(stream((result("scenario/a", transitions=frozenset([first])),)))
    page.get_by_text("Each transition, and the checks that took it").click()
    told = {row.split("\t")[0]: row for row in shown(page, "details[open] tbody tr")}
    assert len(told) == len(SPEC.chart["transitions"])
    assert "1 check, such as scenario/a" in told.pop(first)
    assert all(row.endswith("not run") for row in told.values())
    assert page.locator(".heat .missed").count() > 0
    assert page.locator(".heat .some, .heat .all").count() > 0


def test_five_hundred_failures_stay_quick(opened: Opener) -> None:
    """The page is made, opened and filtered in seconds."""
    slugs = [slug for slug, one in SPEC.requirements.items() if one.on == "sdk"]
    kinds = [f"kind_{number}" for number in range(500 // len(slugs) + 1)]
    faults = [attrs.evolve(finding(slug), kind=kind) for kind in kinds for slug in slugs][:500]
    many = stream(tuple(result(f"scenario/{at}", "failed", one) for at, one in enumerate(faults)), exit_code=1)
    begun = time.monotonic()
    page = opened(many)
    assert page.locator(".fault").count() == 500
    page.get_by_role("searchbox").fill("no such text")
    assert page.locator("output").inner_text().startswith("0 of ")
    assert time.monotonic() - begun < 20
