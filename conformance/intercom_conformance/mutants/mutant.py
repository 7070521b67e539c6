"""A mutant: one change to a specification's documents, or to how its callbacks are called and its calls tried again.

A mutant is a value. Its id is made of the operator, the place and the change, so that it stays the same as long as the
specification says the same there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from intercom_conformance.specification import Specification
from intercom_reference.documents import Documents, embedded, folder
from intercom_reference.errors import KitError

__all__ = ["CHART", "GONE", "Changed", "Edit", "Gone", "Mutant", "UnknownMutant", "documents_of"]

Json = Any
Path_ = tuple[str | int, ...]

CHART = "spec/session.yaml"


class Gone(Enum):
    """The type of `GONE`, the new value of what is taken away."""

    GONE = "gone"


GONE = Gone.GONE


@attrs.frozen
class Edit:
    """A new value at a place of a document; places are keys and indices."""

    document: str
    path: Path_
    value: Json = attrs.field(eq=False)


@attrs.frozen
class Mutant:
    """One change.

    `transitions` are those whose steps it changes, none where it may be any of them. `choices` are the alternatives
    that an implementation makes, so that the change shows. `delivery` is a transition, and how the callbacks of its
    answers run: ``never``, ``twice`` or ``both`` kinds; `tries` is how often a call is tried again.
    """

    id: str
    operator: str
    summary: str
    edits: tuple[Edit, ...] = ()
    transitions: frozenset[str] = frozenset()
    choices: tuple[tuple[str, int], ...] = ()
    delivery: tuple[str, str] | None = None
    tries: int | None = None

    @property
    def schemas(self) -> tuple[str, ...]:
        """The documents beside the statechart that it changes."""
        return tuple(one.document for one in self.edits if one.document != CHART)


@attrs.frozen(str=False)
class UnknownMutant(KitError):
    """No mutant has this id; the closest one, if any is near."""

    name: str
    known: tuple[str, ...] = attrs.field(repr=False)

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.known, n=1, cutoff=0.4)
        advice = f"Did you mean {near[0]!r}?" if near else "intercom-conformance mutants --list shows all."
        return f"There is no mutant {self.name!r}. {advice}"


@attrs.frozen(eq=False)
class Changed:
    """Documents in which some places have new values."""

    original: Documents
    edits: Sequence[Edit]

    def load(self, path: str) -> Json:
        """A document as it is after the change."""
        document = self.original.load(path)
        for edit in self.edits:
            if edit.document == path:
                document = _edited(document, edit.path, edit.value)
        return document

    def names(self, folder: str) -> list[str]:
        """The paths of the documents directly in a folder."""
        return self.original.names(folder)


@cache
def documents_of(spec: Specification) -> Documents:
    """Where a specification was read from."""
    return embedded() if spec.folder is None else _Remembered(folder(Path(spec.folder)))


@attrs.frozen(eq=False)
class _Remembered:
    """Documents of which each is read once."""

    original: Documents
    known: dict[str, Json] = attrs.field(factory=dict)

    def load(self, path: str) -> Json:
        if path not in self.known:
            self.known[path] = self.original.load(path)
        return self.known[path]

    def names(self, folder: str) -> list[str]:
        return self.original.names(folder)


def _edited(document: Json, path: Path_, value: Json) -> Json:
    """A copy of a document with a new value at a path; parts that are not on the path are shared."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(document, Mapping):
        copy: Any = dict(document)
        if not rest and value is GONE:
            del copy[first]
            return copy
        copy[first] = _edited(document.get(first, {}), rest, value)
        return copy
    copy = list(document)
    if not rest and value is GONE:
        del copy[first]
    else:
        copy[first] = _edited(document[first], rest, value)
    return copy
