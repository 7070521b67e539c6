"""Keeps the traces of findings beside the work, so that they can be replayed by a short name.

A replay file has real values, secrets included, or it would replay something else. So it is for its
owner's eyes only, and the folder keeps itself out of version control.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intercom_conformance.exits import UsageProblem, unknown
from intercom_conformance.results import Finding
from intercom_conformance.specification import Specification
from intercom_conformance.trace import to_document

__all__ = ["FOLDER", "load", "stored", "write"]

FOLDER = Path(".intercom-conformance") / "replays"


def write(finding: Finding, check: str, connector: str, spec: Specification, beside: Path | None = None) -> Path:
    """Writes the replay file of a finding below the current folder, or another; OSError if it cannot."""
    folder = (beside or Path.cwd()) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    ignore = folder.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    path = folder / f"{finding.id}.json"
    _write_privately(path, json.dumps(_document(finding, check, connector, spec), indent=2) + "\n")
    return path


def _document(finding: Finding, check: str, connector: str, spec: Specification) -> dict[str, Any]:
    return {
        "replay": 1,
        "id": finding.id,
        "requirement": finding.requirement,
        "kind": finding.kind,
        "check": check,
        "connector": connector,
        "specification": {"name": spec.name, "version": spec.version, "digest": spec.digest},
        "trace": to_document(finding.trace),
    }


def _write_privately(path: Path, text: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def stored(beside: Path | None = None) -> list[str]:
    """The names of the findings whose replay files are here."""
    folder = (beside or Path.cwd()) / FOLDER
    return sorted(path.stem for path in folder.glob("*.json")) if folder.is_dir() else []


def load(name: str, beside: Path | None = None) -> Mapping[str, Any]:
    """The replay document of a stored finding, or of a file with a trace.

    Raises:
        UsageProblem: there is neither, or the file holds no trace.
    """
    path = (beside or Path.cwd()) / FOLDER / f"{name}.json"
    if name not in stored(beside):
        path = Path(name)
        if not path.is_file():
            raise unknown("stored finding or file", name, stored(beside), _nowhere(beside))
    return _read(path)


def _nowhere(beside: Path | None) -> str:
    names = stored(beside)
    if not names:
        return f"{FOLDER} has none yet: a run that finds a fault writes one, into the folder it is started in."
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f"Stored in {FOLDER}: {shown}."


def _read(path: Path) -> Mapping[str, Any]:
    from intercom_reference.loading import parse

    try:
        document = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path} cannot be read ({error})", "Name a file of YAML or JSON.") from None
    if isinstance(document, list):
        document = {"trace": document}
    trace = document.get("trace") if isinstance(document, dict) else None
    if not isinstance(trace, list) or not all(map(_is_step, trace)):
        remedy = 'It is a list of steps, or an object with one under "trace", such as [{"method": ["argument"]}].'
        raise UsageProblem(f"{path} holds no trace", remedy)
    return dict(document)


def _is_step(step: Any) -> bool:
    return isinstance(step, dict) and bool(step) and isinstance(next(iter(step.values())), list)
