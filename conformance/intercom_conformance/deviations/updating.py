"""Writes what a run found into a file of known deviations, and leaves everything else in it as it is.

What a person wrote stays: comments, reasons, links, conditions. What is not seen any more goes, what is new comes with
an empty reason, which `deviations lint` does not let pass. A run of a part of the suite, or one that did not come to
its end, says too little, and is refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from intercom_conformance.deviations.reading import BadDeviations, entry_of, kind_of
from intercom_conformance.events import Document, Stream
from intercom_conformance.masking import LABEL
from intercom_conformance.results import Fault

__all__ = ["Updated", "updated"]

_LONGEST: Final = 160
"""Characters of an observation that a message pins; what follows tends to differ between machines."""


@attrs.frozen
class Updated:
    """The new text of a file, and the entries that were added, changed and taken out."""

    text: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def updated(text: str | None, stream: Stream, source: str) -> Updated:
    """The file, brought up to what a whole run has found.

    Args:
        text: the file as it is; None if there is none yet.
        stream: the events of the run.
        source: the name of the file, for errors.

    Raises:
        BadDeviations: the run was not a whole one, or the file is none of deviations.
    """
    _refuse_partial(stream, source)
    yaml = _yaml()
    document = _header(stream) if text is None else yaml.load(text)
    if not isinstance(document, dict) or not isinstance(document.get("deviations"), list):
        raise BadDeviations(source, "it holds no list 'deviations'", "Name another file, or a new one.")
    found = {_key(one): one for one in _findings(stream)}
    changed, removed = _bring_up(document["deviations"], found)
    _leave_out(document["deviations"], found)
    document["deviations"].extend(_entry(finding) for finding in found.values())
    document["unsupported"] = _unsupported(stream)
    written = io.StringIO()
    yaml.dump(document, written)
    return Updated(written.getvalue(), tuple(map(_title, found)), tuple(changed), tuple(removed))


def _refuse_partial(stream: Stream, source: str) -> None:
    if not stream.complete:
        raise BadDeviations(source, "the run did not come to its end", "Run the whole suite with --events.")
    if stream.header["filter"]:
        chosen = " ".join(stream.header["filter"])
        raise BadDeviations(source, f"the run was of a part of the suite ({chosen})", "Run the whole of it.")


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.preserve_quotes = True
    return yaml


def _header(stream: Stream) -> dict[str, Any]:
    header, binding = stream.header, stream.header["binding"]
    return {
        "binding": binding["name"],
        "version": binding["version"],
        "connector": header["connector"],
        "specification": header["specification"]["version"],
        "unsupported": [],
        "deviations": [],
    }


def _findings(stream: Stream) -> Iterator[Document]:
    for check in stream.results:
        for finding in check["findings"]:
            yield {**finding, "check": check["id"], "kind": kind_of(finding["kind"], check["verdict"])}


def _key(finding: Document) -> Fault:
    return finding["requirement"], finding["kind"], _step(finding["trace"])


def _step(trace: list[Mapping[str, Any]]) -> str:
    return str(next(iter(trace[-1]))) if trace else ""


def _title(key: Fault) -> str:
    requirement, kind, step = key
    return f"{requirement} in {step} ({kind})"


def _bring_up(entries: list[Any], found: dict[Fault, Document]) -> tuple[list[str], list[str]]:
    """Updates the entries that were seen, and removes the others; what they stand for is taken out of `found`."""
    changed, removed = [], []
    for entry in list(entries):
        key = (entry.get("requirement", ""), entry["kind"], entry.get("step", ""))
        finding = found.pop(key, None)
        if finding is not None:
            new = {name: value for name, value in _told(finding).items() if entry.get(name) != value}
            entry.update(new)
            changed += [_title(key)] if new else []
        elif _is_exact(entry) and entry["kind"] != "flaky":
            entries.remove(entry)
            removed.append(_title(key))
    return changed, removed


def _leave_out(entries: list[Any], found: dict[Fault, Document]) -> None:
    """Takes out of `found` what entries explain that a person has written more widely, or called flaky."""
    wide = [entry_of(entry) for entry in entries if not _is_exact(entry) or entry["kind"] == "flaky"]
    for key, finding in list(found.items()):
        if any(entry.explains(finding["check"], key, finding["observed"]) for entry in wide):
            del found[key]


def _is_exact(entry: Mapping[str, Any]) -> bool:
    """Whether an entry was one for a single fault, as this module writes them; others are a person's business."""
    return "step" in entry and "*" not in entry.get("requirement", "*") and "when" not in entry


def _entry(finding: Document) -> dict[str, Any]:
    requirement, kind, step = _key(finding)
    return {"requirement": requirement, "step": step, "kind": kind, **_told(finding), "reason": ""}


def _told(finding: Document) -> dict[str, Any]:
    observed = finding["observed"].splitlines()[0] if finding["observed"] else ""
    return {
        "sequence": [step["call"] for step in finding["steps"]],
        "expected": finding["expected"],
        "message": _pinned(LABEL.split(observed)[0]),
    }


def _pinned(observed: str) -> str:
    """What a message is pinned to; of what was thrown its class, since runtimes word the rest as they please."""
    if observed.startswith("it threw "):
        observed = observed.partition(": ")[0]
    return observed[:_LONGEST].rstrip()


def _unsupported(stream: Stream) -> list[str]:
    lacking: Iterable[str] = {name for check in stream.results for name in check["missing"]}
    return sorted(lacking)
