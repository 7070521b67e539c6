"""Calls that are like an example: with more at once than it has, or with a wrong part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.specification import Method, Specification
from intercom_conformance.trace import Step

__all__ = ["enriched", "joined", "spoilt"]


def joined(spec: Specification, step: Step) -> Iterator[Step]:
    """A call with what the method's other valid examples hold beside its own, those that do not contradict it."""
    method = spec.api.methods.get(step.name)
    for other in () if method is None else method.examples:
        pairs = list(zip(step.arguments, other, strict=False))
        arguments = tuple(_both(one, more) for one, more in pairs)
        agreed = all(_agree(one, more) for one, more in pairs)
        if method is not None and agreed and arguments != step.arguments and spec.accepts(method, arguments):
            yield attrs.evolve(step, arguments=arguments)


def enriched(spec: Specification, step: Step, fits: Callable[[Step], bool]) -> Step:
    """A call with each single thing that other valid examples of the method hold, as long as it fits."""
    if (method := spec.api.methods.get(step.name)) is None:
        return step
    for other in (one for one in method.examples if spec.accepts(method, one)):
        for place, more in enumerate(other[: len(step.arguments)]):
            for key in more if isinstance(more, Mapping) and isinstance(step.arguments[place], Mapping) else ():
                given = {key: more[key], **step.arguments[place]}
                richer = attrs.evolve(step, arguments=(*step.arguments[:place], given, *step.arguments[place + 1 :]))
                step = richer if spec.accepts(method, richer.arguments) and fits(richer) else step
    return step


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


def _agree(one: Any, other: Any) -> bool:
    """Whether two arguments say the same wherever both say something."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return bool(one == other)
    return all(_agree(value, other[key]) for key, value in one.items() if key in other)


def _both(one: Any, other: Any) -> Any:
    """An object with the keys of both, inside it as well; all else is the first one's."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return one
    return {**other, **{key: _both(value, other.get(key)) for key, value in one.items()}}
