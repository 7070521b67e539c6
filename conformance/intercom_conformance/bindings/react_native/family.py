"""How @intercom/intercom-react-native is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from intercom_conformance.bindings.family import Family, needs, node
from intercom_conformance.drivers.protocol import BadConnector

__all__ = ["REACT_NATIVE"]

_JAVASCRIPT: Final = node(Path(__file__).with_name("adapter.js"))


def _check(connector: str, folder: Path) -> None:
    needs("package.json")(connector, folder)
    main = json.loads((folder / "package.json").read_text(encoding="utf-8")).get("main", "index.js")
    if not any((folder / f"{main}{end}").is_file() for end in ("", ".js", "/index.js")):
        raise BadConnector(connector, f"its main file {main!r} is not there", "Build the package first.")


REACT_NATIVE: Final = Family(
    kind="react-native",
    packages=("@intercom/intercom-react-native",),
    check=_check,
    whole=_JAVASCRIPT,
    layers={"js": _JAVASCRIPT},
)
