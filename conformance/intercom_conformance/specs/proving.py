"""Proves a specification before it judges anybody.

1. Each document by itself (`reading`), then the names in all of them (`references`): if one of these has a fault,
   nothing further is looked at.
2. Every row of the statechart (`rows`): determinism, completeness, and which parts can be of use at all.
3. Everything that small populations can bring about (`searching`): invariants and liveness.
4. If it is asked for, the same invariants without a bound (`inductive`).
5. Whether the examples of the documents lead to every transition (`suite.explore`).

Nothing is raised for a broken specification: its faults are the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from intercom_conformance.oracle.model import Model, compile_model
from intercom_conformance.references import references, unresolved
from intercom_conformance.specification import Specification, SpecificationError, load_specification
from intercom_conformance.specs.faults import Fault
from intercom_conformance.specs.inductive import Outcome, need_prover, prove
from intercom_conformance.specs.reading import document_faults
from intercom_conformance.specs.rows import CHART, Rows
from intercom_conformance.specs.searching import INVARIANTS, Search
from intercom_conformance.specs.sources import Sources
from intercom_conformance.suite.explore import explore

__all__ = ["Verdict", "check"]

Tell = Callable[[str], None]


@attrs.frozen
class Verdict:
    """What has been looked at, by rule, and the faults found; a rule that is not named was not reached.

    `induction` says of each invariant and lemma what became of its proof without a bound, if one was asked for.
    """

    name: str
    looked_at: Mapping[str, str]
    faults: tuple[Fault, ...]
    induction: Outcome = attrs.field(factory=Outcome)

    @property
    def holds(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


def _quietly(stage: str) -> None:
    """Tells nobody."""


def check(place: str | None = None, *, proof: bool = False, tell: Tell = _quietly) -> Verdict:
    """The verdict on the specification in a folder, or on the embedded one; with `proof`, by induction as well.

    `tell` is told what is being done.

    Raises:
        UsageProblem: a proof is asked for, and the extra for it is not installed.
        SpecificationError: there is no such folder.
    """
    if proof:
        need_prover()
    sources = Sources.of(place)
    looked_at = {"document": f"{len(sources.kinds())} documents"}
    if faults := tuple(document_faults(sources)):
        return Verdict(place or "embedded", looked_at, faults)
    looked_at["reference"] = f"{sum(1 for _ in references(sources.documents, sources.kinds()))} names"
    if faults := tuple(_unresolved(sources)) or tuple(_others(place)):
        return Verdict(place or "embedded", looked_at, faults)
    spec = load_specification(place)
    looked_at["level"] = f"{len(spec.chart['transitions'])} transitions"
    if faults := tuple(_permitting(spec, sources)):
        return Verdict(f"{spec.name} {spec.version}", looked_at, faults)
    return _of_behaviour(spec, sources, looked_at, proof, tell)


def _permitting(spec: Specification, sources: Sources) -> Iterator[Fault]:
    """The transitions whose requirement is a permission: whatever a binding did in their place, nothing would fail."""
    for number, one in enumerate(spec.chart["transitions"]):
        if spec.requirements[one["requirement"]].level == "MAY":
            line = sources.line(CHART, ("transitions", number, "requirement"))
            problem = f"{one['id']} names {one['requirement']}, which is a MAY: nothing that a binding does breaks it"
            remedy = "Name a requirement that says which outcomes there are, and that there is no other."
            yield Fault(CHART, line, "level", problem, (), remedy)


def _unresolved(sources: Sources) -> Iterator[Fault]:
    for one in unresolved(sources.documents, sources.kinds()):
        line = sources.line(one.at.document, one.at.path)
        yield Fault(one.at.document, line, "reference", one.problem, (), one.remedy)


def _others(place: str | None) -> Iterator[Fault]:
    """What loading refuses beyond names."""
    try:
        load_specification(place)
    except SpecificationError as error:
        yield Fault(error.document, 1, "reference", error.problem, (), error.remedy)


def _of_behaviour(spec: Specification, sources: Sources, looked_at: dict[str, str], proof: bool, tell: Tell) -> Verdict:
    tell("looking at every row of the statechart")
    model = compile_model(spec)
    rows = Rows(model, sources)
    faults, outcome = list(rows.faults()), Outcome()
    looked_at["determinism"] = looked_at["completeness"] = f"{rows.count} rows of {len(model.table.atoms)} events"
    if not faults:
        faults += _of_reach(model, rows, looked_at)
        if INVARIANTS in sources.documents.names("spec"):
            broken = _of_searches(Search.of(model, sources), looked_at, tell)
            tell("proving the invariants by induction" if proof else "looking for examples")
            outcome = prove(model, rows, sources, broken) if proof else outcome
            faults += [*broken.values(), *outcome.faults]
            looked_at |= {"induction": outcome.looked_at} if proof else {}
    return Verdict(f"{spec.name} {spec.version}", looked_at, tuple(faults or _untaken(model, rows)), outcome)


def _of_reach(model: Model, rows: Rows, looked_at: dict[str, str]) -> list[Fault]:
    reached = rows.reached()
    states, transitions = sum(len(one.states) for one in model.table.regions), len(model.table.transitions)
    looked_at["reachability"] = f"{states} states, {transitions} transitions"
    return [*_unentered(model, rows, reached), *_dead(model, rows, reached)]


def _of_searches(searches: tuple[Search, ...], looked_at: dict[str, str], tell: Tell) -> dict[str, Fault]:
    """The faults of all searches by what is broken, each with its shortest counterexample."""
    for one in searches:
        tell(f"searching everything that {one.population.name} can bring about")
        one.run()
    sizes = ", ".join(f"{one.configurations} of {one.population.name}" for one in searches)
    looked_at["invariant"] = f"{len(searches[0].invariants)} invariants in every configuration: {sizes}"
    looked_at["liveness"] = "the same, each closed"
    shortest: dict[str, Fault] = {}
    for what, fault in ((w, f) for one in searches for w, f in one.faults.items()):
        known = shortest.get(what)
        if known is None or len(fault.counterexample) < len(known.counterexample):
            shortest[what] = fault
    return shortest


def _unentered(model: Model, rows: Rows, reached: set[tuple[str, ...]]) -> Iterator[Fault]:
    for region in model.table.regions:
        for number, state in enumerate(region.states):
            if all(states[region.position] != state for states in reached):
                line = rows.sources.line(CHART, ("regions", region.name, "states", number))
                problem = f"nothing enters the state {state} of {region.name}"
                remedy = "Add a transition to it, or take it away."
                yield Fault(CHART, line, "reachability", problem, (), remedy)


def _dead(model: Model, rows: Rows, reached: set[tuple[str, ...]]) -> Iterator[Fault]:
    useful = rows.useful(reached)
    for place, one in enumerate(model.table.transitions):
        for number, alternative in enumerate(one.alternatives):
            if (one.id, alternative) not in useful:
                several = len(one.alternatives) > 1
                path = ("transitions", place, "one_of", number) if several else ("transitions", place)
                which = f"alternative {number + 1} of {one.id}" if several else one.id
                problem = f"{which} is never taken, whatever is called in whatever state can be reached"
                remedy = "Widen its `when` or `from`, put it before what hides it, or take it away."
                yield Fault(CHART, rows.sources.line(CHART, path), "reachability", problem, (), remedy)


def _untaken(model: Model, rows: Rows) -> Iterator[Fault]:
    """Transitions that can be taken, but to which the examples of the documents do not lead."""
    try:
        found = explore(model.spec).transitions
    except RecursionError as error:
        yield Fault(CHART, 1, "liveness", str(error).partition(";")[0], (), "Let its last attempt have a callback.")
        return
    for one in model.table.transitions:
        if one.id not in found:
            events = ", ".join(sorted(one.events))
            remedy = f"Add an example of {events} to spec/api.yaml or to `environment`, or take the transition away."
            line = rows.sources.transition(one.id)
            yield Fault(CHART, line, "reachability", f"no example leads to {one.id}", (), remedy)
