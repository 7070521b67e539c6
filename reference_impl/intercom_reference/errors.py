"""The errors of the reference and of the documents it reads: values with fields, and a remedy in their text."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["DocumentError", "KitError"]


class KitError(Exception):
    """Base of every error that this package raises on purpose; it can be pickled, whoever has a hand in that."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args


@attrs.frozen(str=False)
class DocumentError(KitError):
    """A specification, schema or scenario file that cannot be used, with the place and what to do."""

    path: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}. {self.remedy}"
