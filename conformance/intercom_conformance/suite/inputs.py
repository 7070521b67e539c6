"""Checks of arguments and callbacks: nearly valid payloads, hostile values, missing arguments, null callbacks, aliases.

Each call is made where a valid call of its method succeeds, and, because an SDK may stumble earlier, also on a
freshly installed app.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.oracle import Broken
from intercom_conformance.player import Failure, Played
from intercom_conformance.specification import Method, Parameter, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.session import ALIAS, Session
from intercom_conformance.trace import Step, Trace

if TYPE_CHECKING:
    from intercom_conformance.generation import NearMiss

__all__ = [
    "alias_checks",
    "callback_checks",
    "hostile_checks",
    "missing_checks",
    "near_miss_checks",
    "valid_checks",
]

_PER_KEYWORD = 30


def valid_checks(spec: Specification) -> Iterator[Check]:
    """One check for each method with parameters: valid payloads, made from the schemas, arrive as they are."""
    for method in spec.api.methods.values():
        if method.parameters:
            yield Check(f"valid/{method.name}", "Valid arguments arrive as they are.", (), _valid_run(spec, method))


def _valid_run(spec: Specification, method: Method) -> Any:
    def run(session: Session, settings: Settings) -> None:
        from hypothesis import strategies as st

        from intercom_conformance.suite.drawing import drawn

        arguments = st.tuples(*(valid_values(spec, parameter) for parameter in method.parameters))
        made = drawn(arguments, settings.seed, settings.examples // 2)
        for values in (*valid_examples(spec, method), *boundary_arguments(spec, method), *made):
            session.play((*_before(spec, method), Step(method.name, values)))

    return run


def valid_values(spec: Specification, parameter: Parameter) -> Any:
    """A Hypothesis strategy for the valid values of a parameter."""
    from hypothesis import strategies as st

    values = _valid_payloads(spec, parameter.schema)
    return st.none() | values if parameter.optional else values


@cache
def _valid_payloads(spec: Specification, schema: str) -> Any:
    from intercom_conformance.generation import from_schema

    # What a SHOULD advises against is nothing that a binding could be expected to agree on.
    return from_schema(spec.payloads.schema(schema, strict=True))


def boundary_arguments(spec: Specification, method: Method) -> Iterator[tuple[Any, ...]]:
    """Valid arguments that differ in one value from an example of the method, or of a parameter's schema."""
    valid = _valid_example(spec, method)
    for index, parameter in enumerate(method.parameters):
        if not parameter.ignored:
            for payload in _boundary_payloads(spec, parameter.schema):
                yield (*valid[:index], payload, *valid[index + 1 :])


@cache
def _boundary_payloads(spec: Specification, schema: str) -> tuple[Any, ...]:
    from intercom_conformance.generation import boundary_payloads

    def is_valid(payload: Any) -> bool:
        return spec.payloads.is_valid(schema, payload, strict=True)

    examples = [one for one in spec.payloads.schema(schema).get("examples", ()) if is_valid(one)]
    found = {repr(one): one for example in examples for one in boundary_payloads(example, is_valid)}
    return tuple(found.values())


def near_miss_checks(spec: Specification) -> Iterator[Check]:
    """One check for each keyword that a parameter's schema uses: payloads that break just this keyword."""
    for method, index, parameter in _checked_parameters(spec):
        for keyword, payloads in near_miss_payloads(spec, parameter.schema).items():
            yield Check(
                f"payload/{method.name}/{parameter.name}/{keyword}",
                f"Arguments that break nothing but a {keyword}.",
                (),
                _values_run(spec, method, index, payloads, failing=True),
            )


@cache
def near_miss_payloads(spec: Specification, schema: str) -> dict[str, tuple[Any, ...]]:
    """Payloads that break one keyword of a schema, by keyword, made from valid ones: one for each rule, or more."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for miss in _near_misses(spec, schema):
        rules = found.setdefault(miss.keyword, {})
        rules.setdefault(miss.rule, {}).setdefault(repr(miss.payload), miss.payload)
    return {
        keyword: tuple(islice(_in_turn(rules), max(_PER_KEYWORD, len(rules))))
        for keyword, rules in sorted(found.items())
    }


def _near_misses(spec: Specification, schema: str) -> Iterator[NearMiss]:
    """The near misses of the examples of a schema, and those of rules that are about what no example has."""
    from referencing.jsonschema import EMPTY_REGISTRY

    from intercom_conformance.generation import covering, near_misses

    def is_valid(payload: Any) -> bool:
        return spec.payloads.is_valid(schema, payload, strict=True)

    document, examples = spec.payloads.schema(schema), _examples_of(spec, schema)
    found = [miss for example in examples for miss in near_misses(document, EMPTY_REGISTRY, example)]
    yield from found
    known = {miss.rule for miss in found}
    for payload in covering(document, EMPTY_REGISTRY, examples, is_valid):
        more = [miss for miss in near_misses(document, EMPTY_REGISTRY, payload) if miss.rule not in known]
        yield from more
        known |= {miss.rule for miss in more}


def _examples_of(spec: Specification, schema: str) -> list[Any]:
    """The valid examples of a schema, and those that methods have of it."""
    own = spec.payloads.schema(schema).get("examples", ())
    given = (
        arguments[index]
        for method, index, parameter in _checked_parameters(spec)
        for arguments in (method.examples if parameter.schema == schema else ())
        if index < len(arguments)
    )
    return [one for one in (*own, *given) if spec.payloads.is_valid(schema, one)]


def _in_turn(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """The payloads that break several rules, the first one of each rule first; each once."""
    turns = zip_longest(*(payloads.items() for payloads in rules.values()))
    return iter(dict(one for one in chain.from_iterable(turns) if one is not None).values())


def hostile_checks(spec: Specification) -> Iterator[Check]:
    """One check for each parameter: values that have nothing to do with it."""
    from intercom_conformance.generation import hostile_values

    for method, index, parameter in _parameters(spec):
        yield Check(
            f"hostile/{method.name}/{parameter.name}",
            "Null, numbers, booleans, odd texts and containers neither crash the host nor turn into text.",
            (),
            _values_run(spec, method, index, hostile_values()),
        )


def _values_run(
    spec: Specification, method: Method, index: int, values: tuple[Any, ...], *, failing: bool = False
) -> Any:
    def run(session: Session, settings: Settings) -> None:
        valid = _valid_example(spec, method)
        for value in values:
            arguments = (*valid[:index], value, *valid[index + 1 :])
            for before in (*_settings(spec, method), *(_failing(spec, method) if failing else ())):
                session.play((*before, Step(method.name, arguments)))
        session.play((Step(method.name, (*valid[:index], values[0], *valid[index + 1 :])),))

    return run


def missing_checks(spec: Specification) -> Iterator[Check]:
    """One check for each method with parameters: arguments that are left out do not crash the host."""
    for method in spec.api.methods.values():
        if method.parameters:
            yield Check(f"missing/{method.name}", "Arguments may be missing.", (), _missing_run(spec, method))


def _missing_run(spec: Specification, method: Method) -> Any:
    def run(session: Session, settings: Settings) -> None:
        if "missing-arguments" not in (session.player.binding or session.player.start()).capabilities:
            session.missing.add("missing-arguments")
            return
        valid = _valid_example(spec, method)
        for count in range(len(valid)):
            for before in _settings(spec, method):
                session.play((*before, Step(method.name, valid[:count])))
            session.play((Step(method.name, valid[:count]),))

    return run


def callback_checks(spec: Specification) -> Iterator[Check]:
    """One check for each method: each combination of callbacks that an app may leave out."""
    about = tuple(spec.api.contract.get(kind) for kind in ("callbacks_absent",))
    for method in spec.api.methods.values():
        requirements = tuple(slug for slug in about if slug)
        yield Check(f"callbacks/{method.name}", "Callbacks may be null.", requirements, _callbacks_run(spec, method))


def _callbacks_run(spec: Specification, method: Method) -> Any:
    def run(session: Session, settings: Settings) -> None:
        valid = _valid_example(spec, method)
        for callbacks in ((), ("success",), ("error",)):
            session.play((*_before(spec, method), Step(method.name, valid, callbacks), Step(method.name, valid)))
            session.play((Step(method.name, valid, callbacks), Step(method.name, valid)))

    return run


def alias_checks(spec: Specification) -> Iterator[Check]:
    """One check for each alias: it does what its target does."""
    about = spec.api.contract.get("alias_differs")
    for method in spec.api.methods.values():
        for alias in method.aliases:
            requirements = (about,) if about else ()
            yield Check(f"alias/{alias}", f"It equals {method.name}.", requirements, _alias_run(spec, method, alias))


def _alias_run(spec: Specification, method: Method, alias: str) -> Any:
    def run(session: Session, settings: Settings) -> None:
        if "aliases" not in (session.player.binding or session.player.start()).capabilities:
            session.missing.add("aliases")
            return
        for arguments in method.examples:
            before = _before(spec, method)
            outcome = session.outcome((*before, Step(alias, arguments)))
            if isinstance(outcome, Failure):
                outcome = _compared(session, outcome, (*before, Step(method.name, arguments)))
            if outcome is not None:
                session.judge(outcome)

    return run


def _compared(session: Session, failure: Failure, trace: Trace) -> Failure:
    """A failure under another name, blamed on that name if the trace conforms under the main one."""
    main = session.player.play(trace)
    if not isinstance(main, Played) or main.formal:
        return failure
    first = failure.broken[0]
    expected = f"{first.expected}, as after {trace[-1].name}"
    requirement = session.player.spec.api.contract[ALIAS]
    differs = Broken(ALIAS, requirement, expected, first.observed, first.place)
    return attrs.evolve(failure, broken=(differs, *failure.broken))


def _parameters(spec: Specification) -> Iterator[tuple[Method, int, Parameter]]:
    for method in spec.api.methods.values():
        for index, parameter in enumerate(method.parameters):
            yield method, index, parameter


def _checked_parameters(spec: Specification) -> Iterator[tuple[Method, int, Parameter]]:
    return ((method, index, parameter) for method, index, parameter in _parameters(spec) if not parameter.ignored)


def _before(spec: Specification, method: Method) -> Trace:
    return explore(spec).successes.get(method.name, ())


def _settings(spec: Specification, method: Method) -> list[Trace]:
    """Where a call is tried: where it succeeds, and after other calls of the method, whose effects it might undo."""
    before, valid = _before(spec, method), valid_examples(spec, method)
    return [before, *((*before, Step(method.name, arguments)) for arguments in (valid[:1] + valid[1:][-1:]))]


def _failing(spec: Specification, method: Method) -> list[Trace]:
    """Where the world makes a valid call fail, so that a wrong one fails in another way; nothing if it never does."""
    failures = explore(spec).failures
    return [failures[method.name]] if method.name in failures else []


def valid_examples(spec: Specification, method: Method) -> list[tuple[Any, ...]]:
    """The examples of a method that it accepts."""
    return [arguments for arguments in method.examples if spec.accepts(method, arguments)]


def _valid_example(spec: Specification, method: Method) -> tuple[Any, ...]:
    return next(
        arguments
        for arguments in sorted(method.examples, key=len, reverse=True)
        if len(arguments) == len(method.parameters) and spec.accepts(method, arguments)
    )
