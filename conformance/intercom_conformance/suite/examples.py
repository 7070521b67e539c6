"""Checks by example: the scenarios of the specification, and a short trace to every transition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from intercom_conformance.oracle import ABSENT, Broken
from intercom_conformance.oracle.expressions import same
from intercom_conformance.oracle.wording import text, with_value
from intercom_conformance.oracle.world import settle
from intercom_conformance.player import Failure, Played
from intercom_conformance.specification import Scenario, Specification
from intercom_conformance.suite.checks import Check, Settings
from intercom_conformance.suite.departed import choosing, first_call, leaving, listed
from intercom_conformance.suite.dressing import dressed
from intercom_conformance.suite.explore import explore
from intercom_conformance.suite.places import named_in
from intercom_conformance.suite.session import SCENARIO, Session
from intercom_conformance.suite.steps import ends, says, searching
from intercom_conformance.suite.telling import told_after
from intercom_conformance.suite.twins import enriched, joined, spoilt
from intercom_conformance.trace import Step, Trace, from_document

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
    """One check for each transition: short traces that take it, if the binding makes the usual choices.

    What a step keeps to itself is told by what comes after it. And a call is made with more at once than one example
    has.
    """
    for document in spec.chart["transitions"]:
        yield Check(
            f"transition/{document['id']}",
            f"Short ways to the transition {document['id']}, and what shows later.",
            (),
            _transition_run(spec, document["id"]),
        )


def _transition_run(spec: Specification, transition: str) -> Any:
    def run(session: Session, settings: Settings) -> None:
        trace = explore(spec).transitions.get(transition)
        if trace is not None:
            session.play(trace)
            binding = session.player.binding or session.player.start()
            own = binding.kind != "wrapper"
            asked = tuple(step for step in asking(spec) if own and not session.player.supports(step))
            session.play_all(_further(spec, transition, trace, asked, own=own))

    return run


def _further(spec: Specification, transition: str, usual: Trace, asked: Trace, *, own: bool) -> Iterator[Trace]:
    """Ways to the alternatives of a transition, each with what is asked for the hidden, and with more at once.

    What is hidden is a binding's `own`, unless it is a wrapper: what waits there, waits in the native SDK. Whoever is
    logged in on the way is given something to lose. Where a guard says yes or no of a valid call, the same call follows
    with a wrong part. Where facts are certain of a call, more is said at once and asked, too; and somebody who is gone
    has made the call before, if it chooses a record.
    """
    for way in _asked(spec)[transition]:
        yield from ((*way[:-1], step) for step in spoilt(spec, way[-1]))
    for way in _certain(spec)[transition]:
        yield from [(*way, *asked)] if asked else []
        yield from ((*way[:-1], step) for step in joined(spec, way[-1]))
    for way in _namesakes(spec)[transition]:
        yield from ((*way[:-1], step) for step in (way[-1], *spoilt(spec, way[-1])))
    for way, hidden in _ways(spec)[transition]:
        yield from [way] if way != usual else []
        yield from ((*way[:-1], step) for step in joined(spec, way[-1]))
        if hidden and own:
            yield from ((*way, *told) for told in told_after(spec, way))
    for way in _every_way(spec)[transition] if own else ():
        yield (*dressed(spec, way), *asked)
        yield from _richest(spec, way)


def _richest(spec: Specification, way: Trace) -> Iterator[Trace]:
    """A way whose last call holds all that other examples hold, as long as the same is said of it."""
    before, last = ends(spec, way[:-1]), len(way) - 1
    said = says(spec, before, way[-1], last)
    richest = enriched(spec, way[-1], lambda step: says(spec, before, step, last) == said)
    if richest != way[-1]:
        yield (*way[:-1], richest)


@cache
def _ways(spec: Specification) -> Mapping[str, list[tuple[Trace, bool]]]:
    """The ways to the alternatives of each transition, and whether they hide what they do; each way once in all."""
    documents = {one["id"]: one for one in spec.chart["transitions"]}
    found: dict[str, list[tuple[Trace, bool]]] = {name: [] for name in documents}
    known: set[str] = set()
    for (name, *_), way in explore(spec).alternatives.items():
        hidden = _is_hidden(spec, documents[name])
        key = f"{hidden} {_told(way)}"
        if key not in known:
            known.add(key)
            found[name].append((way, hidden))
    return found


@cache
def _every_way(spec: Specification) -> Mapping[str, list[Trace]]:
    """The ways to the alternatives of each transition, from each state, and those that are certain to take it."""
    found = {name: [way for way, _ in ways] for name, ways in _ways(spec).items()}
    certain = [(name, way) for (name, _), way in explore(spec).certain.items()]
    sources = [(name, way) for (name, _, _), way in explore(spec).sources.items()]
    for name, way in (*certain, *sources):
        found[name] += [way] if way not in found[name] else []
    return found


@cache
def _asked(spec: Specification) -> Mapping[str, list[Trace]]:
    """The ways to what the guards of each transition say, and to the facts of its calls; each way once in all."""
    guarded = ((outcome.partition(":")[0].partition("/")[0], way) for outcome, way in explore(spec).guards.items())
    found: dict[str, list[Trace]] = {one["id"]: [] for one in spec.chart["transitions"]}
    known: set[str] = set()
    for transition, way in (*guarded, *explore(spec).facts.values()):
        if _told(way) not in known:
            known.add(_told(way))
            found[transition].append(way)
    return found


@cache
def _certain(spec: Specification) -> Mapping[str, list[Trace]]:
    """The ways to calls of which facts are certain, by a transition that is taken; none to one of its alternatives."""
    known = {_told(way) for ways in _ways(spec).values() for way, _ in ways}
    found: dict[str, list[Trace]] = {one["id"]: [] for one in spec.chart["transitions"]}
    for transition, way in explore(spec).facts.values():
        if _told(way) not in known:
            found[transition].append(way)
    return found


def _told(trace: Trace) -> str:
    return repr([(step.name, step.arguments) for step in trace])


@cache
def _namesakes(spec: Specification) -> Mapping[str, list[Trace]]:
    """The ways to calls that may choose a record by what they say, after the same call of somebody who is gone."""
    events = choosing(spec)
    found: dict[str, list[Trace]] = {one["id"]: [] for one in spec.chart["transitions"]}
    for transition, way in explore(spec).facts.values():
        method = spec.api.methods[way[-1].name]
        if method.event in events and spec.accepts(method, way[-1].arguments):
            found[transition].append((way[-1], *leaving(spec), *way))
    return found


@cache
def asking(spec: Specification) -> Trace:
    """Calls whose outcome tells what registers hold that nobody is shown, before and after the user is gone."""
    hidden = set(searching(spec).model.hidden_registers)
    facts = {name for name, body in spec.chart.get("facts", {}).items() if hidden & set(named_in(body, "register"))}
    asking = [step for fact in sorted(facts) for step in first_call(spec, partial(_asks, fact))]
    gone = leaving(spec)
    closing = [Step(name) for name in spec.chart.get("closing", ())]
    return (*closing, *asking, *gone, *asking) if asking else ()


def _asks(fact: str, transition: Mapping[str, Any]) -> bool:
    return fact in listed(transition.get("when", {}).get("fact", ()))


def _is_hidden(spec: Specification, transition: Mapping[str, Any]) -> bool:
    """Whether a step may keep to itself what it does: a call waits, or a region moves that is the binding's own."""
    region = spec.chart["regions"][transition["region"]]
    own = region.get("visibility") == "internal"
    choices = transition.get("one_of", [transition])
    return any(one.get("defer") or one.get("again") or ("to" in one and own) for one in choices)
