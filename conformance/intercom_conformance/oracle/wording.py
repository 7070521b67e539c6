"""How values, records and differences are told to people: as JSON, and no more of them than is needed.

A difference deep inside a record is told by its place, ``attributes.phone``, and not by showing both records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle.expressions import ABSENT, UNCERTAIN
from intercom_conformance.oracle.world import settle

__all__ = ["Difference", "differences", "named", "text", "with_value"]

_KINDS = ("record_text", "record_reordered", "record_lost", "record_invented", "record_changed")
_ABSENT_AS_TEXT = ("null", "undefined", "None")


def text(value: Any) -> str:
    """A value as JSON; what is uncertain is "anything"."""
    return json.dumps(_bare(value), ensure_ascii=False, default=lambda mark: f"<{_word(mark)}>")


def with_value(callback: str, value: Any) -> str:
    """A callback and what it was given, if it was given anything that is known."""
    return callback if value is ABSENT or value is UNCERTAIN else f"{callback} with {text(value)}"


def named(record: Mapping[str, Any]) -> str:
    """A record by the fields that tell it from others: those that hold a single value."""
    single = {field: value for field, value in record.items() if not isinstance(value, Mapping | list)}
    return text({field: value for field, value in single.items() if value is not None and value is not UNCERTAIN})


@attrs.frozen
class Difference:
    """A place at which an observed value differs from the expected one; `ABSENT` is what is not there."""

    place: str
    expected: Any
    observed: Any

    @property
    def kind(self) -> str:
        """The kind of misbehaviour: lost, invented, changed, reordered, or turned into text."""
        expected, observed = _listed(self.expected), _listed(self.observed)
        if isinstance(observed, str) and _nothing(expected) and observed in _ABSENT_AS_TEXT:
            return "record_text"
        if isinstance(expected, list) and isinstance(observed, list):
            return _kind_of_lists(expected, observed)
        if _nothing(observed) or _nothing(expected):
            return "record_lost" if _nothing(observed) else "record_invented"
        return "record_changed"

    @property
    def rank(self) -> int:
        """Which of several differences is told: the lowest."""
        return _KINDS.index(self.kind)

    def told(self, subject: str, verb: str) -> tuple[str, str]:
        """What was expected and what was observed: "light is on", "light is off"; "it has n 1", "it has no n"."""
        if verb == "is":
            place = f"{subject}{self.place}"
            return f"{place} is {_or_missing(self.expected)}", f"{place} is {_or_missing(self.observed)}"
        return f"{subject} has {self._having(self.expected)}", f"it has {self._having(self.observed)}"

    def _having(self, value: Any) -> str:
        return f"no {self.place}" if value is ABSENT else f"{self.place} {text(_without_nothing(value) or value)}"


def differences(expected: Any, observed: Any, place: str = "") -> Iterator[Difference]:
    """Every place at which two values do not agree, as deep as they are alike in shape."""
    if settle(_or_null(expected), _or_null(observed))[0]:
        return
    if isinstance(expected, Mapping) and isinstance(observed, Mapping):
        for key in dict.fromkeys((*expected, *observed)):
            yield from differences(expected.get(key, ABSENT), observed.get(key, ABSENT), _inside(place, key))
    elif isinstance(expected, list) and isinstance(observed, list) and not _regrouped(expected, observed):
        for index, (one, other) in enumerate(zip(expected, observed, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    else:
        yield Difference(place, expected, observed)


def _inside(place: str, key: str) -> str:
    if not key.isidentifier():
        return f"{place}[{text(key)}]"
    return f"{place}.{key}" if place else key


def _regrouped(expected: list[Any], observed: list[Any]) -> bool:
    return len(expected) != len(observed) or _kind_of_lists(expected, observed) == "record_reordered"


def _kind_of_lists(expected: list[Any], observed: list[Any]) -> str:
    if len(expected) != len(observed):
        return "record_lost" if len(observed) < len(expected) else "record_invented"
    left = list(observed)
    for one in expected:
        index = next((at for at, other in enumerate(left) if settle(one, other)[0]), None)
        if index is None:
            return "record_changed"
        del left[index]
    return "record_reordered"


def _listed(value: Any) -> Any:
    """Tuples are lists here."""
    return list(value) if isinstance(value, tuple) else value


def _nothing(value: Any) -> bool:
    return value is None or value is ABSENT


def _or_null(value: Any) -> Any:
    return None if value is ABSENT else value


def _or_missing(value: Any) -> str:
    return "missing" if value is ABSENT else text(value)


def _without_nothing(value: Any) -> Any:
    """The value without null and empty entries, which count as absent."""
    if isinstance(value, Mapping):
        kept = {key: _without_nothing(entry) for key, entry in value.items()}
        return {key: entry for key, entry in kept.items() if entry is not None and entry != {}}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _bare(entry) for key, entry in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list | tuple) else value


def _word(mark: Any) -> str:
    return "anything" if mark is UNCERTAIN else "nothing"
