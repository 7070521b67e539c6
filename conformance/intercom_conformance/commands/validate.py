"""``validate``: what is wrong with one payload."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from intercom_conformance.commands.options import Format, FormatOption, ShowSecrets, Spec

__all__ = ["validate"]


def validate(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The name of a payload schema.")],
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A file of JSON, or - for the standard input.")] = "-",
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is broken is an error too.")] = False,
    format: FormatOption = Format.TEXT,
    show_secrets: ShowSecrets = False,
    spec: Spec = None,
) -> None:
    """Tell every rule that a payload breaks, with its place and its remedy.

    \b
    Examples:
      intercom-conformance validate KIND payload.json
      echo '{}' | intercom-conformance validate KIND

    It ends with 0 if the payload is fine, and with 1 if a MUST is broken.
    """
    from intercom_conformance.masking import Masker
    from intercom_conformance.specification import load_specification

    specification = load_specification(spec)
    specification.payloads.schema(kind)  # an unknown kind is told before the payload is waited for
    problems = specification.payloads.validate(kind, _payload(file))
    masker = Masker.of(specification, show=show_secrets)
    if format is Format.TEXT:
        lines = [str(problem) for problem in problems]
        print("\n".join(masker.text(line) for line in lines) or "The payload is fine.")
    else:
        print(json.dumps([_document(problem, masker) for problem in problems], indent=2, ensure_ascii=False))
    raise typer.Exit(int(any(strict or problem.level == "MUST" for problem in problems)))


def _document(problem: Any, masker: Any) -> dict[str, str]:
    import attrs

    return {name: masker.text(value) for name, value in attrs.asdict(problem).items()}


def _payload(file: str) -> Any:
    from intercom_conformance.exits import UsageProblem
    from intercom_reference.loading import parse_json

    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return parse_json(raw.decode("utf-8"), "<stdin>" if file == "-" else file)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{file} cannot be read ({error})", "Name a file of JSON in UTF-8.") from None
