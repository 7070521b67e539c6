"""Tells whether a new specification is compatible with an old one: whether all that conforms still does.

1. What is named: methods, aliases, parameters and shown states that are gone are breaking; new ones are not. What was
   a warning and is a failure now, since a requirement has become a MUST, is breaking too.
2. Payloads, by cover: a parameter that accepts less than before, or a result that may be less, is breaking.
3. Behaviour, row by row (`covering`): if the new statechart covers the old one, that is a proof, for every history.
4. Where it does not, both machines walk side by side, through the examples of both documents, as far as it matters to
   the rows that differ. What the old one allows and the new one does not is breaking, and the steps show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.specification import Method, Parameter, Specification, load_specification
from intercom_conformance.specs.answers import accepted_values
from intercom_conformance.specs.cones import cone
from intercom_conformance.specs.covering import same_ground, shared_events, uncovered
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources
from intercom_conformance.specs.walking import Change, Walk
from intercom_conformance.trace import Step, render_step

__all__ = ["Change", "Difference", "diff"]


@attrs.frozen
class Difference:
    """All differences between two specifications, and what the verdict rests on.

    `covered` are the events of which the new one covers every row, out of `events`; `walked` the pairs of places that
    were walked because of the others, and `ended` whether that was all of them (whole), enough to show how each differs
    (shown), or as many as are walked at most (stopped).
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    covered: int
    events: int
    walked: int
    ended: str

    @property
    def compatible(self) -> bool:
        """Whether nothing is known that conformed to the old one and that the new one refuses."""
        return not any(one.breaking for one in self.changes)


def diff(old: str | None, new: str | None) -> Difference:
    """The difference between the specifications in two folders; None is the embedded one."""
    before, after = compile_model(load_specification(old)), compile_model(load_specification(new))
    stated = (*_of_names(before.spec, after.spec), *_of_levels(before.spec, after.spec), *_of_payloads(before, after))
    events = len(shared_events(before, after))
    rows = Rows(before, Sources.of(old)), Rows(after, Sources.of(new))
    differing = uncovered(*rows) if same_ground(before, after) else None
    walk = Walk(before, after, None if differing is None else cone(*rows, differing))
    changes = (*stated, *walk.run())
    covered = 0 if differing is None else events - len(differing)
    return Difference(_title(before.spec), _title(after.spec), changes, covered, events, walk.pairs, walk.ended)


def _title(spec: Specification) -> str:
    return f"{spec.name} {spec.version}"


# Names ------------------------------------------------------------------------------------------


def _of_names(old: Specification, new: Specification) -> Iterator[Change]:
    for kind, before, after in (
        ("method", old.api.by_any_name, new.api.by_any_name),
        ("state", _shown_states(old), _shown_states(new)),
        ("requirement", old.requirements, new.requirements),
    ):
        yield from (Change(kind != "requirement", name, f"the {kind} is gone") for name in before if name not in after)
        yield from (Change(False, name, f"the {kind} is new") for name in after if name not in before)


def _shown_states(spec: Specification) -> list[str]:
    regions = spec.chart["regions"].items()
    return [f"{region}.{state}" for region, one in regions if "visibility" not in one for state in one["states"]]


def _of_levels(old: Specification, new: Specification) -> Iterator[Change]:
    """Requirements whose level has changed; a wrapper or an SDK that broke one was warned, and fails now."""
    for slug, before in old.requirements.items():
        after = new.requirements.get(slug)
        if after is None or after.level == before.level:
            continue
        breaking = after.binding and not after.untestable
        what = f"the requirement is {after.level} now, and was {before.level}"
        told = f"{what}: breaking it fails a run" if breaking else what
        yield Change(breaking, slug, told, _shown(new, slug) if breaking else ())


def _shown(spec: Specification, slug: str) -> tuple[str, ...]:
    """A shortest sequence in which a requirement is at stake; none if no transition stands for it."""
    from intercom_conformance.suite.explore import explore

    ways = explore(spec).transitions
    named = [one["id"] for one in spec.chart["transitions"] if one["requirement"] == slug]
    known = sorted((ways[one] for one in named if one in ways), key=len)
    return tuple(map(render_step, known[0])) if known else ()


# Payloads ---------------------------------------------------------------------------------------


def _of_payloads(old: Model, new: Model) -> Iterator[Change]:
    for name, before in old.spec.api.methods.items():
        after = new.spec.api.methods.get(name)
        if after is not None:
            yield from _of_parameters(old, new, before, after)
            yield from _of_results(old, new, before, after)


def _of_parameters(old: Model, new: Model, before: Method, after: Method) -> Iterator[Change]:
    known = {one.name: one for one in after.parameters}
    for number, one in enumerate(before.parameters):
        other = known.get(one.name)
        if other is None:
            yield Change(True, before.name, f"the parameter {one.name} is gone")
        else:
            yield from _of_parameter(old, new, (before, number, one), other)
            if after.parameters.index(other) != number:
                yield Change(True, before.name, f"the parameter {one.name} has another place")
    added = [one for one in after.parameters if one.name not in {p.name for p in before.parameters}]
    yield from (Change(not p.optional, before.name, f"the parameter {p.name} is new") for p in added)


def _of_parameter(old: Model, new: Model, place: tuple[Method, int, Parameter], other: Parameter) -> Iterator[Change]:
    method, _, one = place
    before, after = accepted_values(old, one), accepted_values(new, other)
    if str(after.covers(before)) != "yes":
        given = next(_refused(old, new, place, other), None)
        shown = () if given is None else (render_step(Step(method.name, given)),)
        yield Change(True, method.name, f"{one.name} accepts less than before", shown)
    elif str(before.covers(after)) != "yes":
        yield Change(False, method.name, f"{one.name} accepts more than before")


def _refused(
    old: Model, new: Model, place: tuple[Method, int, Parameter], other: Parameter
) -> Iterator[tuple[Any, ...]]:
    """Arguments that only the old one accepts: of the examples, and then such as the new one just refuses."""
    from intercom_conformance.generation import near_misses
    from intercom_conformance.generation._schemas import EMPTY_REGISTRY

    method, number, one = place
    examples = [arguments for arguments in method.examples if len(arguments) > number]
    yield from (arguments for arguments in examples if _only(old, new, one, other, arguments[number]))
    schema = new.spec.payloads.schema(other.schema)
    for arguments in examples:
        if new.spec.payloads.is_valid(other.schema, arguments[number]):
            for miss in near_misses(schema, EMPTY_REGISTRY, arguments[number]):
                if _only(old, new, one, other, miss.payload):
                    yield (*arguments[:number], miss.payload, *arguments[number + 1 :])


def _only(old: Model, new: Model, one: Parameter, other: Parameter, value: Any) -> bool:
    return old.spec.payloads.is_valid(one.schema, value) and not new.spec.payloads.is_valid(other.schema, value)


def _of_results(old: Model, new: Model, before: Method, after: Method) -> Iterator[Change]:
    import jsonschema_rs

    schemas = [(before.result or {}).get("schema"), (after.result or {}).get("schema")]
    if None in schemas:
        if schemas[0] != schemas[1]:
            yield Change(True, before.name, "success carries a result, or carries none any more")
        return
    one = jsonschema_rs.canonicalize(old.spec.payloads.schema(str(schemas[0])))
    other = jsonschema_rs.canonicalize(new.spec.payloads.schema(str(schemas[1])))
    if str(other.covers(one)) != "yes":
        yield Change(True, before.name, "a result that conformed may not any more")
    elif str(one.covers(other)) != "yes":
        yield Change(False, before.name, "a result may be more than before")
