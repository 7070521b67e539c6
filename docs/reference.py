"""Makes the reference pages of the site from the specification, the schemas and the commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import typer

from intercom_conformance.commands.app import app
from intercom_conformance.explaining import explanation
from intercom_conformance.reports.page.charting import Edge, chart_of, events_of
from intercom_conformance.reports.page.faring import Faring
from intercom_conformance.reports.page.statechart import Link, region_svg
from intercom_conformance.specification import Specification
from intercom_reference.documents import embedded
from intercom_reference.payloads import schema_names

KINDS = tuple(schema_names())
FINDINGS = Path(__file__).with_name("findings.md")


def pages(spec: Specification) -> dict[str, str]:
    """Every page of the reference, by its path."""
    return {
        "reference/index.md": _front(spec),
        "reference/commands.md": _commands(),
        "reference/capabilities.md": _capabilities(spec),
        "reference/findings.md": FINDINGS.read_text(encoding="utf-8"),
        "reference/requirements/index.md": _requirements(spec),
        "reference/methods/index.md": _methods(spec),
        "reference/payloads/index.md": _payloads(),
        **{f"reference/requirements/{slug}.md": _explained(slug, spec) for slug in spec.requirements},
        **{f"reference/methods/{name}.md": _explained(name, spec) for name in spec.api.methods},
        **{f"reference/payloads/{kind}.md": _payload(kind) for kind in KINDS},
    }


def _front(spec: Specification) -> str:
    counts = f"{len(spec.requirements)} requirements, {len(spec.api.methods)} methods, {len(KINDS)} kinds of payload"
    told = f"{spec.name}, revision {spec.version}: {counts}. Everything here is made from the specification."
    inner = ("commands", "requirements/index", "methods/index", "capabilities", "payloads/index", "findings")
    return f"# Reference\n\n{told}\n\n{_toctree(inner)}"


def _toctree(inner: Iterable[str]) -> str:
    return "\n".join(["```{toctree}", ":maxdepth: 1", "", *inner, "```"]) + "\n"


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A page of one table."""
    lines = [f"# {title}", "", *(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))]
    return "\n".join(lines) + "\n"


_LEAF = "---\norphan: true\n---\n"
"""Hundreds of pages are reached by links and by search; in the navigation of every page they would be a burden."""


def _explained(name: str, spec: Specification) -> str:
    """The page of a requirement or a method: what `explain` says, with links to what it names."""
    told = explanation(name, spec)
    parts = [f"{_LEAF}# {name}", told.title.partition("   ")[2], told.sentence, *_drawings(name, spec)]
    for section, items in told.sections:
        steps = section.startswith("scenario")
        body = "\n".join(["```text", *items, "```"]) if steps else "\n".join(f"- {item.strip()}" for item in items)
        parts += [f"## {section}", body if steps else _linked(body, name, spec)]
    return "\n\n".join(parts) + "\n"


def _drawings(name: str, spec: Specification) -> Iterator[str]:
    """The parts of the statechart that a method or requirement is about: a drawing for each region.

    What holds of every call, or of the app, has no transition of its own: it is about the first region as a whole.
    """
    transitions, events = spec.chart["transitions"], _events(name, spec)
    own = {one["id"] for one in transitions if one["requirement"] == name}
    met = {one["id"] for one in transitions if events.intersection(events_of(spec.chart, one))}
    first = next(iter(spec.chart["regions"]))
    wanted = own or met or {one["id"] for one in transitions if one["region"] == first}
    for region in chart_of(spec.chart).regions:
        edges = tuple(edge for edge in region.edges if wanted.intersection(edge.transitions))
        ends = {place for edge in edges for place in (edge.source, edge.target)}
        places = tuple(place for place in region.places if place.name in ends)
        part = attrs.evolve(region, edges=edges, places=places)
        links = {edge: Link(at, "transitions", _told(edge, wanted)) for at, edge in enumerate(edges)}
        if edges:
            yield f'<div class="drawing">{region_svg(part, links, {})}</div>'


def _events(name: str, spec: Specification) -> set[str]:
    """The events of a method, or of the steps that the scenarios of a requirement end with."""
    last = [next(iter(one.steps[-1])) for one in spec.scenarios if name in one.requirements]
    methods = [spec.api.by_any_name[one] for one in (name, *last) if one in spec.api.by_any_name]
    return {one.event for one in methods} | set(last)


def _told(edge: Edge, wanted: Iterable[str]) -> Faring:
    first, *others = [one for one in edge.transitions if one in wanted]
    short = first if len(first) <= _WIDE else first[: _WIDE - 1] + "…"
    return Faring("told", f"{len(others) + 1} transitions" if others else short)


_WIDE = 20


def _linked(text: str, own: str, spec: Specification) -> str:
    """The text with each requirement and method, at the start of a line of a list, as a link to its page."""

    def link(found: re.Match[str]) -> str:
        name = found[2]
        folder = "requirements" if name in spec.requirements else "methods" if name in spec.api.methods else ""
        return f"{found[1]}[{name}](../{folder}/{name}.md)" if folder and name != own else found[0]

    return re.sub(r"(?m)^(- )([\w-]+)(?=[ :(]|$)", link, text)


def _requirements(spec: Specification) -> str:
    rows = [(f"[{one.id}]({one.id}.md)", one.level, one.on, _cell(one.sentence)) for one in spec.requirements.values()]
    return _table("Requirements", ("id", "level", "binds", "sentence"), rows)


def _methods(spec: Specification) -> str:
    methods = spec.api.methods
    rows = [(f"[{one.name}]({one.name}.md)", one.capability, _cell(one.summary)) for one in methods.values()]
    return _table("Methods", ("method", "capability", "what it does"), rows)


def _capabilities(spec: Specification) -> str:
    rows = [
        (name, "every binding" if body.get("mandatory") else "", _cell(body["sentence"]))
        for name, body in spec.capabilities.items()
    ]
    return _table("Capabilities", ("name", "who has it", "what it means"), rows)


# Payloads -------------------------------------------------------------------------------------------------


def _payloads() -> str:
    rows = [(f"[{kind}]({kind}.md)", _cell(_schema(kind).get("description", ""))) for kind in KINDS]
    return _table("Payloads", ("kind", "what it is"), rows)


def _schema(kind: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = embedded().load(f"schemas/{kind}.schema.json")
    return schema


def _payload(kind: str) -> str:
    schema = _schema(kind)
    lines = [f"{_LEAF}# {kind}", "", str(schema.get("description", "")), ""]
    lines += _properties(schema)
    return "\n".join([*lines, "## Schema", "", "```json", json.dumps(schema, indent=2), "```"]) + "\n"


def _properties(schema: Mapping[str, Any]) -> Iterator[str]:
    if "properties" in schema:
        yield from ("| key | type | what it is | requirement |", "|---|---|---|---|")
        for key, body in schema["properties"].items():
            slug = body.get("x-requirement", "")
            named = f"[{slug}](../requirements/{slug}.md)" if slug else ""
            kind = body.get("type", body.get("$ref", ""))
            yield f"| `{key}` | {_cell(kind if isinstance(kind, str) else ' or '.join(kind))} | " + (
                f"{_cell(body.get('description', body.get('title', '')))} | {named} |"
            )
        yield ""


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


# Commands -------------------------------------------------------------------------------------------------


def _commands() -> str:
    command = typer.main.get_command(app)
    return "\n".join(["# Commands", "", *_of_command(command, "intercom-conformance")]) + "\n"


def _of_command(command: Any, name: str) -> Iterator[str]:
    context = command.make_context(name, [], resilient_parsing=True)
    context.max_content_width = 100
    yield from (f"## {name}", "", "```text", command.get_help(context).rstrip(), "```", "")
    for verb, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _of_command(inner, f"{name} {verb}")
