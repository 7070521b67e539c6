"""Puts the values of `intercom_conformance.reports.page.views` into the template.

Whatever comes from a run is escaped, and control characters in it are spelt out. Besides, the page's own policy forbids
it to load anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from intercom_conformance.events import Stream
from intercom_conformance.reports.finding import printable
from intercom_conformance.reports.page.diagram import diagram
from intercom_conformance.reports.page.views import page_view
from intercom_conformance.reports.terminal import count
from intercom_conformance.specification import Specification

__all__ = ["page"]

_HERE = Path(__file__).parent


def page(runs: Sequence[tuple[Stream, Specification | None]]) -> str:
    """The page of some runs, each with its specification, if it is at hand.

    Without its specification, a run's requirements are shown by their names, and no statechart is drawn.
    """
    view = page_view(runs)
    style, script = (Markup((_HERE / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js"))
    tests = {test.id: test.anchor for test in view.tests}
    return _template().render(page=view, style=style, script=script, diagram=diagram, count=count, tests=tests)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _shown(value: Any) -> Any:
    return value if isinstance(value, Markup) else printable(str(value))
