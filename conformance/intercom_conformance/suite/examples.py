"""Checks by example: the scenarios of the specification, and a short trace to every transition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from intercom_conformance.oracle import ABSENT, Broken
from intercom_conformance.oracle.expressions import same
from intercom_conformance.oracle.wording import text, with_value
from intercom_conformance.oracle.world import settle
from intercom_conformance.player import Failure, Played
from intercom_conformance.specification import Scenario, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.session import SCENARIO, Session
from intercom_conformance.trace import Trace, from_document

__all__ = ["scenario_checks", "transition_checks"]


def scenario_checks(spec: Specification) -> Iterator[Check]:
    """One check for each scenario."""
    for scenario in spec.scenarios:
        yield Check(f"scenario/{scenario.id}", scenario.summary, scenario.requirements, _scenario_run(spec, scenario))


def _scenario_run(spec: Specification, scenario: Scenario) -> Any:
    trace = from_document(scenario.steps, spec, f"scenario {scenario.id}")

    def run(session: Session, settings: Settings) -> None:
        lacking = set(scenario.needs) - (session.player.binding or session.player.start()).capabilities
        lacking |= {name for step in trace for name in session.player.supports(step)}
        if session.player.binding is not None and session.player.binding.kind == "wrapper":
            lacking -= {"environment", "clock", "snapshot"}
        if lacking:
            session.missing |= lacking
            return
        outcome = session.outcome(trace)
        if outcome is None:
            return
        # A failure of form is told as such; that the scenario then expects something else is no news.
        unmet = list(_unmet(scenario, trace, outcome)) if isinstance(outcome, Played) and not outcome.formal else []
        if isinstance(outcome, Played) and unmet:
            outcome = Failure(trace, outcome.seen, tuple(unmet), (), len(trace) - 1)
        session.judge(outcome)

    return run


def _unmet(scenario: Scenario, trace: Trace, played: Played) -> Iterator[Broken]:
    about = scenario.requirements[0]
    for position, (step, document) in enumerate(zip(trace, scenario.steps, strict=True)):
        seen = played.seen[position].observation
        shown = {one.call: one for one in seen.settled}
        for call, wanted in _expectations(document, step.named(position)):
            if call not in seen.unheard:
                yield from _unmet_expectation(about, call, wanted, shown, step.callbacks)
    snapshot = played.seen[len(trace) - 1].observation.snapshot
    if snapshot is not ABSENT:
        yield from _unmet_end(about, scenario.then, snapshot)


def _expectations(document: Mapping[str, Any], call: str) -> list[tuple[str, Any]]:
    expect = document.get("expect")
    if expect is None:
        return []
    if isinstance(expect, str) or "success" in expect or "error" in expect:
        return [(call, expect)]
    return list(expect.items())


def _unmet_expectation(
    about: str, call: str, wanted: Any, shown: Mapping[str, Any], callbacks: tuple[str, ...]
) -> Iterator[Broken]:
    kind = wanted if isinstance(wanted, str) else next(iter(wanted))
    seen = shown.get(call)
    observed = "nothing" if seen is None else seen.callback
    if kind != observed and (kind == "nothing" or kind in callbacks):
        yield Broken(SCENARIO, about, f"{kind} of {call}", "no callback" if seen is None else observed)
    elif not isinstance(wanted, str) and seen is not None and not _contains(seen.value, wanted[kind]):
        yield Broken(SCENARIO, about, f"{kind} of {call} with {text(wanted[kind])}", with_value(observed, seen.value))


def _unmet_end(about: str, then: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Iterator[Broken]:
    for part in ("state", "registers"):
        for name, value in then.get(part, {}).items():
            if name in snapshot.get(part, {}) and not _contains(snapshot[part][name], value):
                yield Broken(
                    SCENARIO,
                    about,
                    f"{name} is {text(value)}",
                    f"{name} is {text(snapshot[part][name])}",
                    name,
                )
    for name, wanted in then.get("records", {}).items():
        if name in snapshot.get("records", {}) and not _same_records(wanted, snapshot["records"][name]):
            yield Broken(
                SCENARIO,
                about,
                f"{name} are {text(wanted)}",
                f"they are {text(snapshot['records'][name])}",
                name,
            )
    if "current" in then and "current" in snapshot and "records" in snapshot:
        yield from _unmet_current(about, then["current"], snapshot)


def _unmet_current(about: str, wanted: Any, snapshot: Mapping[str, Any]) -> Iterator[Broken]:
    records: list[Any] = next(iter(snapshot["records"].values()), [])
    current = None if snapshot["current"] is None else records[snapshot["current"]]
    if not (current is None and wanted is None) and not (current and wanted and _has_fields(current, wanted)):
        yield Broken(SCENARIO, about, f"{text(wanted)} is current", f"{text(current)} is current", "current")


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(_contains(value.get(key), member) for key, member in wanted.items())
    if isinstance(wanted, list) and isinstance(value, list):
        return len(wanted) == len(value) and all(map(_contains, value, wanted))
    return same(None if value is ABSENT else value, wanted)


def _same_records(wanted: list[Any], records: list[Any]) -> bool:
    left = list(records)
    for one in wanted:
        found = next((record for record in left if _has_fields(record, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _has_fields(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the fields that are named are just so; a record may have others."""
    return all(settle(value, record.get(field))[0] for field, value in wanted.items())


def transition_checks(spec: Specification) -> Iterator[Check]:
    """One check for each transition: a short trace that takes it, if the binding makes the usual choices."""
    for document in spec.chart["transitions"]:
        yield Check(
            f"transition/{document['id']}",
            f"A short way to the transition {document['id']}.",
            (),
            _transition_run(spec, document["id"]),
        )


def _transition_run(spec: Specification, transition: str) -> Any:
    def run(session: Session, settings: Settings) -> None:
        trace = explore(spec).transitions.get(transition)
        if trace is not None:
            session.play(trace)

    return run
