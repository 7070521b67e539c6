"""Copies of a specification with one fault in them."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
GARAGE = ROOT / "tests" / "second_spec"


def copied(origin: Path, place: Path, document: str, old: str, new: str) -> str:
    """A copy of a specification in which some text of one document is another."""
    for part in ("spec", "schemas"):
        shutil.copytree(origin / part, place / part, ignore=shutil.ignore_patterns("documents"))
    path = place / document
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {document}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(place)
