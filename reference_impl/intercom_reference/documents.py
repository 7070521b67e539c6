"""A specification's documents: the embedded ones, or those of a folder with `spec/` and `schemas/` in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Protocol

import attrs

from intercom_reference import _data
from intercom_reference.errors import DocumentError
from intercom_reference.loading import load_document, parse

__all__ = ["Documents", "WrittenDocuments", "embedded", "folder"]


class Documents(Protocol):
    """Where documents come from."""

    def load(self, path: str) -> Any:
        """The content of a document such as ``spec/api.yaml``; FileNotFoundError if there is none."""
        ...

    def names(self, folder: str) -> list[str]:
        """The paths of the documents directly in a folder, sorted; empty if there is no such folder."""
        ...


class WrittenDocuments(Documents, Protocol):
    """Documents that can also be read as they are written."""

    def text(self, path: str) -> str:
        """A document as it is written; FileNotFoundError if there is none, DocumentError if it is no text."""
        ...


@attrs.frozen
class _Embedded:
    def load(self, path: str) -> Any:
        return load_document(path)

    def text(self, path: str) -> str:
        return _data.read_text(path)

    def names(self, folder: str) -> list[str]:
        return _data.names(folder)


@attrs.frozen
class _Folder:
    root: Path

    def load(self, path: str) -> Any:
        return parse(self.text(path), path)

    def text(self, path: str) -> str:
        content = (self.root / path).read_bytes()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise DocumentError(path, line, "there is a byte that is not UTF-8", "Save the file as UTF-8.") from None

    def names(self, folder: str) -> list[str]:
        place = self.root / folder
        return (
            sorted(f"{folder}/{entry.name}" for entry in place.iterdir() if entry.is_file()) if place.is_dir() else []
        )


@cache
def embedded() -> WrittenDocuments:
    """The documents that the package carries."""
    return _Embedded()


def folder(root: Path) -> WrittenDocuments:
    """The documents below a folder."""
    return _Folder(root)
