"""Valid calls with a wrong part: what an SDK must not take for valid, wherever the valid call would be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.specification import Method, Specification
from intercom_conformance.trace import Step

__all__ = ["spoilt"]


def spoilt(spec: Specification, step: Step) -> Iterator[Step]:
    """A valid call with each thing that alone makes an example of the method invalid."""
    method = spec.api.methods.get(step.name)
    if method is None or not spec.accepts(method, step.arguments):
        return
    for place, faults in _faults(spec, method).items():
        if place < len(step.arguments) and isinstance(given := step.arguments[place], Mapping):
            for fault in faults:
                wrong = (*step.arguments[:place], {**given, **fault}, *step.arguments[place + 1 :])
                yield attrs.evolve(step, arguments=wrong)


def _faults(spec: Specification, method: Method) -> Mapping[int, list[Mapping[str, Any]]]:
    """What alone makes an example invalid, a key and its value, by the argument's place; each once."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for wrong in (one for one in method.examples if not spec.accepts(method, one)):
        for place, argument in enumerate(wrong):
            for key in argument if isinstance(argument, Mapping) else ():
                mended = {name: value for name, value in argument.items() if name != key}
                if spec.accepts(method, (*wrong[:place], mended, *wrong[place + 1 :])):
                    fault, known = {key: argument[key]}, found.setdefault(place, [])
                    known += [] if fault in known else [fault]
    return found
