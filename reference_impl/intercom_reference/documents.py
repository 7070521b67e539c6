"""A specification's documents: the embedded ones, or those of a folder with `spec/` and `schemas/` in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Protocol

import attrs

from intercom_reference import _data
from intercom_reference.loading import load_document, parse

__all__ = ["Documents", "embedded", "folder"]


class Documents(Protocol):
    """Where documents come from."""

    def load(self, path: str) -> Any:
        """The content of a document such as ``spec/api.yaml``; FileNotFoundError if there is none."""
        ...

    def names(self, folder: str) -> list[str]:
        """The paths of the documents directly in a folder, sorted; empty if there is no such folder."""
        ...


@attrs.frozen
class _Embedded:
    def load(self, path: str) -> Any:
        return load_document(path)

    def names(self, folder: str) -> list[str]:
        return _data.names(folder)


@attrs.frozen
class _Folder:
    root: Path

    def load(self, path: str) -> Any:
        return parse((self.root / path).read_text(encoding="utf-8"), path)

    def names(self, folder: str) -> list[str]:
        place = self.root / folder
        return (
            sorted(f"{folder}/{entry.name}" for entry in place.iterdir() if entry.is_file()) if place.is_dir() else []
        )


@cache
def embedded() -> Documents:
    """The documents that the package carries."""
    return _Embedded()


def folder(root: Path) -> Documents:
    """The documents below a folder."""
    return _Folder(root)
