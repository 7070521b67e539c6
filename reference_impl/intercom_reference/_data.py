"""Finds the specification and the schemas, in a checkout and in an installed wheel.

``spec/`` and ``schemas/`` hold data only. A wheel carries them inside this package; a checkout keeps them at
its top level. This module is the only place that knows the difference.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["names", "read_text"]


@cache
def _root() -> Traversable:
    package = files("intercom_reference")
    if package.joinpath("spec").is_dir():
        return package
    return Path(__file__).resolve().parents[2]


def read_text(relative: str) -> str:
    """The text of a data file, by its path such as ``spec/session.yaml``; FileNotFoundError if there is none."""
    return _root().joinpath(*relative.split("/")).read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """The paths of the files directly in a data folder such as ``spec/scenarios``, sorted."""
    entries = _root().joinpath(*folder.split("/")).iterdir()
    return sorted(f"{folder}/{entry.name}" for entry in entries if entry.is_file())
