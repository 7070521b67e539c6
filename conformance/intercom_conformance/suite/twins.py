"""Calls that are like an example: with more at once than it has, or with a wrong part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from intercom_conformance.specification import Method, Specification
from intercom_conformance.suite.keeping import kept
from intercom_conformance.trace import Step

__all__ = ["enriched", "joined", "spoilt"]


@kept
def joined(spec: Specification, step: Step) -> tuple[Step, ...]:
    """A call with what the method's other examples hold beside its own, one of them or all that agree.

    A valid call stays valid, and one that is not says more beside what is wrong with it.
    """
    method = spec.api.methods.get(step.name)
    return () if method is None else tuple(_joined(spec, method, step))


def _joined(spec: Specification, method: Method, step: Step) -> Iterator[Step]:
    fullest, found = step.arguments, list[Any]()
    for other in method.examples:
        more = _with(spec, method, fullest, other)
        fullest = (*more, *fullest[len(more) :])
        found.append(_with(spec, method, step.arguments, other))
    for arguments in (*found, *([] if fullest in found else [fullest])):
        if arguments != step.arguments:
            yield attrs.evolve(step, arguments=arguments)


def _with(spec: Specification, method: Method, arguments: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments with what an example holds beside them; as they are, if they contradict it or are not as valid then."""
    pairs = list(zip(arguments, other, strict=False))
    more = tuple(_both(one, further) for one, further in pairs)
    agreed = all(_agree(one, further) for one, further in pairs)
    valid = spec.accepts(method, more)
    as_valid = valid == spec.accepts(method, arguments) and (valid or spec.accepts(method, other))
    return more if agreed and as_valid else arguments


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
