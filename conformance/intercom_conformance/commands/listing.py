"""``list``: what there is: checks, requirements, capabilities, methods."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intercom_conformance.commands.options import Format, FormatOption, Spec

if TYPE_CHECKING:
    from intercom_conformance.specification import Specification

__all__ = ["list_"]


class What(StrEnum):
    """What is listed."""

    CHECKS = "checks"
    REQUIREMENTS = "requirements"
    CAPABILITIES = "capabilities"
    METHODS = "methods"


def list_(
    what: Annotated[What, typer.Argument(help="What is listed.", case_sensitive=False)] = What.CHECKS,
    format: FormatOption = Format.TEXT,
    spec: Spec = None,
) -> None:
    """List the checks, requirements, capabilities or methods.

    \b
    Examples:
      intercom-conformance list
      intercom-conformance list requirements
      intercom-conformance list capabilities --format json
    """
    from intercom_conformance.specification import load_specification

    rows = _ROWS[what](load_specification(spec))
    if format is Format.JSON:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif format is Format.MARKDOWN:
        print(_markdown(rows))
    else:
        print(_text(rows))


def _checks(spec: Specification) -> list[dict[str, Any]]:
    from intercom_conformance.suite import catalogue

    return [
        {"id": check.id, "title": check.title, "requirements": list(check.requirements)} for check in catalogue(spec)
    ]


def _requirements(spec: Specification) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "level": one.level, "on": one.on, "sentence": one.sentence, "source": one.source}
        for one in spec.requirements.values()
    ]


def _capabilities(spec: Specification) -> list[dict[str, Any]]:
    return [
        {"id": name, "sentence": body["sentence"], "mandatory": bool(body.get("mandatory"))}
        for name, body in spec.capabilities.items()
    ]


def _methods(spec: Specification) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{name}({', '.join(parameter.name for parameter in method.parameters)})",
            "summary": method.summary,
            "capability": method.capability,
            "aliases": list(method.aliases),
        }
        for name, method in spec.api.methods.items()
    ]


_ROWS = {
    What.CHECKS: _checks,
    What.REQUIREMENTS: _requirements,
    What.CAPABILITIES: _capabilities,
    What.METHODS: _methods,
}
_SHOWN = ("level", "id", "title", "sentence", "summary")


def _text(rows: list[dict[str, Any]]) -> str:
    """A line for each: short enough where two fit beside each other, otherwise the text below the name."""
    from intercom_conformance.reports.finding import wrapped
    from intercom_conformance.reports.terminal import width_of

    width, lines = width_of(), []
    column = max((len(_name(row)) for row in rows), default=0)
    for row in rows:
        if column + 40 <= width:
            start = f"{_name(row):<{column}}   "
            lines += wrapped(start + _told(row), width, then=" " * len(start))
        else:
            lines += [_name(row), *wrapped("    " + _told(row), width, then="    ")]
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> str:
    return f"{row['level']:<10}  {row['id']}" if "level" in row else str(row["id"])


def _told(row: dict[str, Any]) -> str:
    return next(str(row[key]) for key in ("title", "sentence", "summary") if key in row)


def _markdown(rows: list[dict[str, Any]]) -> str:
    keys = [key for key in _SHOWN if rows and key in rows[0]]
    lines = [f"| {' | '.join(keys)} |", "|" + "---|" * len(keys)]
    return "\n".join([*lines, *(f"| {' | '.join(str(row[key]) for key in keys)} |" for row in rows)])
