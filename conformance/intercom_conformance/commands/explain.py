"""``explain``: what a requirement, a check, a transition, an error code, a method or a capability means."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from intercom_conformance.commands.options import Format, FormatOption, Spec

__all__ = ["explain"]


def explain(
    name: Annotated[
        str,
        typer.Argument(metavar="ID", help="A requirement, check, transition, error code, method or capability."),
    ],
    format: FormatOption = Format.TEXT,
    spec: Spec = None,
) -> None:
    """Explain a requirement, a check, a transition, an error code, a method or a capability.

    \b
    Examples:
      intercom-conformance explain callback-is-called
      intercom-conformance explain scenario/NAME
      intercom-conformance explain transition/NAME
      intercom-conformance explain 3002
    """
    from intercom_conformance.explaining import explanation
    from intercom_conformance.reports.terminal import show, width_of
    from intercom_conformance.specification import load_specification

    told = explanation(name, load_specification(spec))
    if format is Format.JSON:
        print(json.dumps(told.document(), indent=2, ensure_ascii=False))
    elif format is Format.MARKDOWN:
        print(told.markdown())
    else:
        show(told.text(width_of()))
