"""What published bindings do otherwise than the specification says: one file of known deviations per connector."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["known_connectors", "path_of"]


def path_of(connector: str) -> Path:
    """Where the deviations of a connector are on record, if they are."""
    name = re.sub(r"[^A-Za-z0-9.+=_-]+", "-", connector.partition(":")[2]).strip("-")
    return Path(__file__).with_name(f"{name}.yaml")


def known_connectors() -> list[str]:
    """The connectors of the bindings that are on record, sorted."""
    found = (re.search(r"(?m)^connector: *[\"']?([^\"'\n]+)", path.read_text("utf-8")) for path in _files())
    return sorted(match[1] for match in found if match)


def _files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*.yaml"))
