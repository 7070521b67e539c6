"""What an exploration has found, and how the kit keeps that of its own specification, so that nobody waits for it.

In ``ways.json`` a way is a list of places in the alphabet, and a spot has beside its way the branches that were
followed. The file says of which specification and of which code it is; of any other it is not used, and the walk is
made. `python -m intercom_conformance.suite` writes it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import attrs

from intercom_conformance.oracle import Configuration
from intercom_conformance.specification import Specification
from intercom_conformance.suite.places import Place
from intercom_conformance.suite.steps import alphabet, judged, searching
from intercom_conformance.trace import Trace

__all__ = ["Exploration", "Spot", "kept_ways", "written"]

_FILE = "ways.json"
_CODE = (("suite", "explore.py"), ("suite", "places.py"), ("suite", "steps.py"), ("suite", "ways.py"), ("oracle", ""))
"""The code that ways depend on, beside the specification: files, or all of a package."""


@attrs.frozen(eq=False)
class Spot:
    """A place that was come to: the way there, and the configuration that an implementation may be in then.

    `choices` are the branches that were followed, one for each step, each by its place among all.
    """

    way: Trace
    configuration: Configuration
    choices: tuple[int, ...]


@attrs.frozen(eq=False)
class Exploration:
    """Short traces: to each transition (by id), and to where a method's valid call succeeds (before that call).

    `alternatives` are those after which a binding may have taken an alternative of a transition: by id, place, and the
    state it was in, if that is one that nobody is shown. `guards` are those to each outcome of a guard, where it is
    certain if there is such a way. `failures` are those to where the world makes a method's valid call fail that
    succeeded just before (before that call). `facts` are those to calls whose facts are
    certain: by event, what is true of them, and the state of the first region; with a transition that the call takes.
    `places` has for each place the way that the usual choices lead there, if any, and the one that any choices do.
    `sources` are those after which a binding may have taken an alternative of a transition of a region that other
    regions' rules ask about: by id, place, and the state it was in. `certain` are those on which every implementation
    takes a transition: by id, and the state that its region was in, if other regions' rules ask about that.
    """

    transitions: Mapping[str, Trace]
    successes: Mapping[str, Trace]
    failures: Mapping[str, Trace]
    alternatives: Mapping[tuple[str, int, str], Trace]
    guards: Mapping[str, Trace]
    facts: Mapping[tuple[str, tuple[bool, ...], str], tuple[str, Trace]]
    places: Mapping[Place, tuple[Spot, ...]]
    sources: Mapping[tuple[str, int, str], Trace]
    certain: Mapping[tuple[str, str], Trace]


_PLAIN = ("transitions", "successes", "failures", "alternatives", "guards", "sources", "certain")
"""The parts of an exploration that have a way for each key."""


def written(spec: Specification, found: Exploration) -> str:
    """An exploration as the text of a file."""
    numbers = {step: number for number, step in enumerate(alphabet(spec))}

    def way(trace: Trace) -> list[int]:
        return [numbers[step] for step in trace]

    parts: dict[str, list[Any]] = {
        name: [[key, way(trace)] for key, trace in getattr(found, name).items()] for name in _PLAIN
    }
    parts["facts"] = [[key, [transition, way(trace)]] for key, (transition, trace) in found.facts.items()]
    parts["places"] = [
        [attrs.astuple(place), [[way(spot.way), spot.choices] for spot in spots]]
        for place, spots in found.places.items()
    ]
    return json.dumps({"of": _of(spec), **parts}, separators=(",", ":")) + "\n"


def kept_ways(spec: Specification) -> Exploration | None:
    """The exploration that the kit keeps, if it is one of this specification."""
    document = _document()
    return _read(spec, document) if document.get("of") == _of(spec) else None


@cache
def _document() -> Mapping[str, Any]:
    file = resources.files("intercom_conformance.suite") / _FILE
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _of(spec: Specification) -> str:
    return f"{spec.digest} {_code()}"


@cache
def _code() -> str:
    """A digest of the code that ways depend on, whichever way its lines end."""
    found = hashlib.sha256()
    for package, name in _CODE:
        folder = resources.files("intercom_conformance") / package
        files = [folder / name] if name else sorted(folder.iterdir(), key=lambda one: one.name)
        for file in files:
            if file.name.endswith(".py"):
                found.update(file.read_text("utf-8").encode())
    return found.hexdigest()[:16]


def _read(spec: Specification, document: Mapping[str, Any]) -> Exploration:
    steps = alphabet(spec)

    def way(numbers: Sequence[int]) -> Trace:
        return tuple(steps[number] for number in numbers)

    reached = _Reached(spec)
    return Exploration(
        **{name: {_hashable(key): way(numbers) for key, numbers in document[name]} for name in _PLAIN},
        facts={_hashable(key): (transition, way(numbers)) for key, (transition, numbers) in document["facts"]},
        places={
            Place(*_hashable(place)): tuple(reached.spot(way(numbers), tuple(choices)) for numbers, choices in spots)
            for place, spots in document["places"]
        },
    )


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


class _Reached:
    """The configurations at the ends of ways; those that begin alike are followed once."""

    def __init__(self, spec: Specification) -> None:
        self._spec, self._oracle = spec, searching(spec)
        self._known: dict[tuple[Any, ...], Configuration] = {(): self._oracle.initial()[0]}

    def spot(self, way: Trace, choices: tuple[int, ...]) -> Spot:
        return Spot(way, self._after(tuple(zip(way, choices, strict=True))), choices)

    def _after(self, followed: tuple[Any, ...]) -> Configuration:
        if followed not in self._known:
            *before, (step, choice) = followed
            told = judged(self._spec, step, len(before))
            branches = self._oracle.branches([self._after(tuple(before))], told)
            self._known[followed] = branches[choice].end
        return self._known[followed]
