"""The documents of a specification as they are written, so that a fault can name a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import attrs
import yaml

from intercom_conformance.specification import documents_in
from intercom_reference.documents import WrittenDocuments

__all__ = ["Sources"]

_KINDS = {"session": "session", "api": "api", "requirements": "requirements", "capabilities": "capabilities"}


@attrs.frozen
class Sources:
    """The documents of a specification, and where things stand in them."""

    documents: WrittenDocuments

    @classmethod
    def of(cls, place: str | None) -> Sources:
        """Those in a folder, or the embedded ones; `SpecificationError` if there is no such folder."""
        return cls(documents_in(place))

    def kinds(self) -> dict[str, str]:
        """The kind of every document, by its path; the main ones whether they are there or not."""
        names = self.documents.names
        main = {f"spec/{stem}.yaml": kind for stem, kind in _KINDS.items()}
        optional = {"spec/invariants.yaml": "invariants"} if "spec/invariants.yaml" in names("spec") else {}
        return {
            **main,
            **optional,
            **dict.fromkeys(names("spec/revisions"), "revision"),
            **dict.fromkeys(names("spec/scenarios"), "scenarios"),
            **dict.fromkeys(names("schemas/profiles"), "profile"),
            **dict.fromkeys((n for n in names("schemas") if n.endswith(".schema.json")), "payload-schema"),
        }

    def line(self, document: str, path: Sequence[str | int]) -> int:
        """The line on which something stands, or the innermost thing around it that is there."""
        node, line = _composed(self.documents.text(document)), 1
        for key in path:
            found = _inside(node, key)
            if found is None:
                return line
            line, node = found
        return line

    def transition(self, name: str) -> int:
        """The line on which a transition of the statechart begins."""
        charted: Sequence[Mapping[str, Any]] = self.documents.load("spec/session.yaml")["transitions"]
        position = next(number for number, one in enumerate(charted) if one["id"] == name)
        return self.line("spec/session.yaml", ("transitions", position))


@cache
def _composed(text: str) -> Any:
    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _inside(node: Any, key: str | int) -> tuple[int, Any] | None:
    """The line and the node of a member of a YAML node."""
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    if isinstance(node, yaml.MappingNode):
        return next(((k.start_mark.line + 1, v) for k, v in node.value if k.value == key), None)
    return None
