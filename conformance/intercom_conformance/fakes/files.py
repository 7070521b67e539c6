"""The folders of stand-ins: what is in them, and whether one on the disk is what the specification gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from intercom_conformance._version import __version__
from intercom_conformance.exits import UsageProblem, unknown
from intercom_conformance.fakes.machine import machine
from intercom_conformance.specification import Specification

__all__ = ["files", "languages", "stale", "write"]

_HERE: Final = Path(__file__).parent
_WIRE: Final = _HERE.parent / "bindings" / "node" / "wire.js"
_MACHINE: Final = "machine.json"


def languages() -> tuple[str, ...]:
    """The languages that there is a stand-in for."""
    return tuple(sorted(path.parent.name for path in _HERE.glob("*/README.md")))


def files(language: str, spec: Specification) -> dict[str, str]:
    """The text of each file of a stand-in by its path; `UsageProblem` for a language that there is none in."""
    if language not in languages():
        raise unknown("fake for the language", language, languages(), f"Languages: {', '.join(languages())}.")
    root = _HERE / language
    paths = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    texts = {path.relative_to(root).as_posix(): _text(path) for path in paths}
    return {**texts, **_generated(spec)} if language == "javascript" else texts


def _generated(spec: Specification) -> dict[str, str]:
    text = json.dumps(machine(spec), indent=1, ensure_ascii=False) + "\n"
    return {_MACHINE: text, "conformance/wire.js": _text(_WIRE)}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("{{version}}", __version__)


def write(made: Mapping[str, str], folder: Path, *, force: bool = False) -> None:
    """Writes the files into a folder, which is made if need be.

    Raises:
        UsageProblem: one of them is there and `force` is not set, or the folder cannot be written; of the former,
            nothing is written.
    """
    there = [name for name in made if (folder / name).exists()]
    if there and not force:
        raise UsageProblem(f"{folder} has {', '.join(there[:5])} already", "Name another folder, or use --force.")
    try:
        for name, text in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(
            f"{folder} cannot be written ({error.strerror})", "Name another folder with --out."
        ) from None


def stale(made: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """The files of a folder that are not what they should be, or are not there."""
    return tuple(name for name, text in made.items() if _read(folder / name) != text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
