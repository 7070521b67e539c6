"""Drivers to start from, one folder of files per language.

`languages` names them, `template` gives one, `write` puts it somewhere. The files are data: ``{{version}}`` becomes
the kit's version, and ``guide.md``, which holds for every language, goes to the end of each README. The sample in a
driver is a wrapper that passes each call on to ``native``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from intercom_conformance._version import __version__
from intercom_conformance.exits import UsageProblem, unknown

__all__ = ["Template", "languages", "template", "write"]

_HERE: Final = Path(__file__).parent
_README: Final = "README.md"
_ELSEWHERE: Final = "Name another folder with --out"
_NODE_WIRE: Final = _HERE.parent / "bindings" / "node" / "wire.js"
_LENT: Final[Mapping[str, Mapping[str, Path]]] = MappingProxyType(
    {
        "javascript": {"wire.js": _NODE_WIRE},
        "typescript": {"wire.cjs": _NODE_WIRE},
        "kotlin": {name: _HERE / "java" / name for name in ("Wire.java", "Json.java")},
    }
)
"""Files that have their home elsewhere, by the name that a driver in this language wants."""


@attrs.frozen
class Template:
    """A driver to start from: the text of each of its files, by its name."""

    language: str
    files: Mapping[str, str]

    @property
    def commands(self) -> tuple[str, ...]:
        """What to type in the driver's folder, by its README."""
        block = self.files[_README].partition("```sh\n")[2].partition("```")[0]
        return tuple(line for line in block.splitlines() if line)


def languages() -> tuple[str, ...]:
    """The languages that there is a driver for."""
    return tuple(sorted(path.parent.name for path in _HERE.glob(f"*/{_README}")))


def template(language: str) -> Template:
    """The driver to start from in this language; `UsageProblem` if there is none, with the closest name."""
    if language not in languages():
        raise unknown("driver for the language", language, languages(), f"Languages: {', '.join(languages())}.")
    own = {path.name: path for path in sorted((_HERE / language).iterdir()) if path.is_file()}
    texts = {name: _text(path) for name, path in {**own, **_LENT.get(language, {})}.items()}
    return Template(language, {**texts, _README: f"{texts[_README]}\n{_text(_HERE / 'guide.md')}"})


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("{{version}}", __version__)


def write(given: Template, folder: Path, *, force: bool = False) -> None:
    """Writes the files into a folder, which is made if need be.

    Raises:
        UsageProblem: one of them is there and `force` is not set, or the folder cannot be written; of the
            former, nothing is written.
    """
    there = [name for name in given.files if (folder / name).exists()]
    if there and not force:
        raise UsageProblem(f"{folder} has {', '.join(there)} already", f"{_ELSEWHERE}, or use --force.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in given.files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be written ({error.strerror})", f"{_ELSEWHERE}.") from None
