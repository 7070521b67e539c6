"""The reference does nothing that the specification's table does not allow, in any state of these projections.

Random sequences may miss a state for ever, so here every state is visited and every input tried in it. What is
proven holds for a *projection*: a choice of inputs, and how many calls may be without an answer at a time. A state
of a projection is what the oracle holds possible (its states, who the user is, which other records there are, what
waits, whether a hash is asked for and given) together with what the reference shows of itself. Contents such as
events and attributes are left out: no guard asks about them.

1. The walk goes breadth first through the product of oracle and reference until no new state appears. Each step is
   played on a real client and judged, with its snapshot. The projections are

   - ``waiting``: logins of nobody in particular and of two users, logout, an event; each of the five things that the
     network and time do; two calls without an answer;
   - ``identity``: every example of a login, of a user hash and of the two questions about the user, two updates that
     name an identity, logout, and the workspace that begins to ask for a hash; the network stays up;
   - ``hash``: logins, logout, an event and a user hash, with the same five; one call without an answer.

2. The Wp-method makes a suite from the machine that the walk of ``waiting`` finds, with one call without an answer.
   A system with at most as many states as that machine passes the suite only if it is equal to it. The reference
   passes; machines with one fault do not.
"""

from __future__ import annotations

import copy
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import attrs
import pytest
from aalpy.automata import MealyMachine
from aalpy.utils import bisimilar
from library_suite import library_suite

from intercom_conformance.kit import open_player, oracle_of
from intercom_conformance.oracle import (
    ABSENT,
    Accepted,
    Call,
    Configuration,
    Happening,
    Observation,
    Rejected,
    Settlement,
)
from intercom_conformance.player import Played, Player
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.steps import alphabet
from intercom_conformance.trace import Step
from intercom_reference.client import Client
from intercom_reference.machine import machine as shared_machine

SPEC = load_specification()
ORACLE = oracle_of(SPEC)
WORLD = SPEC.chart["environment"]
ASKED = ("verification", "user_hash")
"""The registers that guards of the projections ask about."""

Output = Any


@attrs.frozen
class Projection:
    """Inputs, and how many calls may be without an answer before no more are made."""

    name: str
    inputs: tuple[Step, ...]
    outstanding: int


def examples(*wanted: str | tuple[str, Any]) -> tuple[Step, ...]:
    """Steps of the specification's alphabet: all of a method or event, or the one with the first argument given."""
    pairs = [one if isinstance(one, tuple) else (one, ABSENT) for one in wanted]
    return tuple(
        step
        for name, argument in pairs
        for step in alphabet(SPEC)
        if step.name == name and (argument is ABSENT or step.arguments[:1] == (argument,))
    )


LOGIN = "loginUserWithUserAttributes"
ADA, GRACE = (LOGIN, {"userId": "ada"}), (LOGIN, {"userId": "grace"})
ANONYMOUS = ("loginUnidentifiedUser", {})
HASH = ("setUserHash", "635a71b21f73b397cb93bc1ddbbe200001a08b8782b1da2f793769bd916f1972")
NETWORK = ("network_up", "network_flaky", "network_down", "network_held", "time_passes")
EVENT = Step("logEvent", ("order-item",))

WAITING = (*examples(ANONYMOUS, ADA, GRACE, "logout"), EVENT, *examples(*NETWORK))
IDENTITY = examples(
    "loginUnidentifiedUser",
    LOGIN,
    "logout",
    "setUserHash",
    "isUserLoggedIn",
    "fetchLoggedInUserAttributes",
    ("updateUser", {"userId": "ada"}),
    ("updateUser", {"email": "ada@example.com"}),
    "verification_enforced",
)
REPLACED = examples(ADA, GRACE, (LOGIN, {"userId": "ada", "signedUpAt": "soon"}), "network_flaky", "network_up")
HASHED = (*examples(ANONYMOUS, ADA, "logout", HASH, "verification_enforced"), EVENT, *examples(*NETWORK))


# The walk ---------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class Place:
    """A state of the product: a client, what the oracle holds possible, and the calls without an answer."""

    client: Client
    configurations: tuple[Configuration, ...]
    key: Any
    waiting: tuple[str, ...] = ()
    depth: int = 0


@attrs.define
class Walk:
    """What a walk has found: the outputs and targets of every state, what was refused, which transitions were taken."""

    edges: dict[Any, dict[int, tuple[Output, Any]]] = attrs.field(factory=dict)
    rejected: list[tuple[Step, Rejected]] = attrs.field(factory=list)
    transitions: set[str] = attrs.field(factory=set)
    steps: int = 0


def walk(projection: Projection, factory: Callable[[], Client] = Client) -> Walk:
    """Goes through every state of a projection and tries every input in it."""
    found = Walk()
    inbox: list[Settlement] = []
    client, initial = factory(), ORACLE.initial()
    queue = deque([Place(client, initial, key_of(initial, client.observe(), ()))])
    found.edges[queue[0].key] = {}
    while queue:
        place = queue.popleft()
        edges = found.edges[place.key]
        for number, step in enumerate(projection.inputs):
            if is_full(step, place.waiting, projection):
                edges[number] = FULL, place.key
                continue
            after, output = advance(place, step, inbox, found)
            if after is None:
                continue
            edges[number] = output, after.key
            if after.key not in found.edges:
                found.edges[after.key] = {}
                queue.append(after)
    return found


FULL: Output = "no call is made while so many are without an answer"


def is_full(step: Step, waiting: Sequence[str], projection: Projection) -> bool:
    return step.name not in WORLD and len(waiting) >= projection.outstanding


def advance(place: Place, step: Step, inbox: list[Settlement], found: Walk) -> tuple[Place | None, Output]:
    """The place after a step on a copy of the client, and what was seen; None if the oracle rejects it."""
    # What is frozen is shared, the machine and the workspace; so are callbacks, which are functions.
    client = copy.deepcopy(place.client, {id(one): one for one in (shared_machine(), place.client.workspace)})
    call = f"c{place.depth + 1}"
    seen = perform(client, step, call, inbox)
    found.steps += 1
    verdict = ORACLE.judge(place.configurations, judged(step, call), seen)
    if not isinstance(verdict, Accepted):
        found.rejected.append((step, verdict))
        return None, None
    found.transitions.update(verdict.transitions)
    waiting, output = reading(place.waiting, step, call, seen)
    key = key_of(verdict.configurations, seen.snapshot, waiting)
    return Place(client, verdict.configurations, key, waiting, place.depth + 1), output


def perform(client: Client, step: Step, call: str, inbox: list[Settlement]) -> Observation:
    """Puts a step to a client."""
    inbox.clear()
    returned = None
    if step.name not in WORLD:
        callbacks = [recorder(inbox, call, kind) for kind in ("success", "error")]
        returned = client.call(step.name, step.arguments, *callbacks)
    elif "seconds" in WORLD[step.name]:
        client.advance(WORLD[step.name]["seconds"])
    else:
        client.environment(step.name, *step.arguments)
    shown = ABSENT if returned is None else returned
    return Observation(tuple(inbox), returned=shown, snapshot=client.observe())


def recorder(inbox: list[Settlement], call: str, kind: str) -> Callable[..., None]:
    return lambda *value: inbox.append(Settlement(call, kind, *value))


def judged(step: Step, call: str) -> Call | Happening:
    if step.name in WORLD:
        return Happening(step.name)
    return ORACLE.model.call(call, step.name, list(step.arguments), frozenset(step.callbacks))


def reading(waiting: Sequence[str], step: Step, call: str, seen: Observation) -> tuple[tuple[str, ...], Output]:
    """The calls that are without an answer after a step, and its output: which of them were answered, and states."""
    asked = (*waiting, call) if step.name not in WORLD else tuple(waiting)
    answers = tuple((asked[::-1].index(one.call), one.callback) for one in seen.settled)
    answered = {one.call for one in seen.settled}
    output = answers, tuple(seen.snapshot["state"].items())
    return tuple(one for one in asked if one not in answered), output


def key_of(possible: Sequence[Configuration], snapshot: Mapping[str, Any], waiting: Sequence[str]) -> Any:
    """What two states of the product have in common that are not told apart."""
    return frozenset(map(configuration_key, possible)), snapshot_key(snapshot), len(waiting)


def configuration_key(one: Configuration) -> Any:
    """What of a configuration decides what may come."""
    world = one.world
    current = None if world.current is None else scalars(world.records[world.current])
    kept = tuple(sorted(map(scalars, world.records.values())))
    asked = tuple(repr(world.registers[name]) for name in ASKED)
    queue = tuple((named(waiting), waiting.spent) for waiting in one.queue)
    return one.states, current, kept, asked, queue, one.remembered and named(one.remembered), len(one.free)


def named(waiting: Any) -> Any:
    return waiting.source.method.name, repr(waiting.source.arguments)


def snapshot_key(snapshot: Mapping[str, Any]) -> Any:
    records = [scalars(record) for record in snapshot["records"]["contacts"]]
    current = None if snapshot["current"] is None else records[snapshot["current"]]
    asked = tuple(repr(snapshot["registers"].get(name)) for name in ASKED)
    return tuple(snapshot["state"].items()), current, tuple(sorted(records)), asked


def scalars(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key, repr(value)) for key, value in sorted(record.items()) if not isinstance(value, (dict, list)))


PROJECTIONS = [
    (Projection("waiting", WAITING, outstanding=2), 1000),
    (Projection("identity", IDENTITY, outstanding=1), 300),
    (Projection("hash", HASHED, outstanding=1), 300),
    (Projection("replaced", REPLACED, outstanding=2), 18),
]


@cache
def walked(projection: Projection) -> Walk:
    return walk(projection)


@pytest.mark.parametrize(("projection", "states"), PROJECTIONS, ids=[one.name for one, _ in PROJECTIONS])
def test_the_reference_does_only_what_the_table_allows(
    projection: Projection, states: int, record_property: Callable[[str, object], None]
) -> None:
    """No step is refused, whatever the state; the walk ends by itself, and has seen no fewer states than it did."""
    found = walked(projection)
    record_property("product", f"{len(found.edges)} states, {len(projection.inputs)} inputs, {found.steps} steps")
    assert found.rejected == []
    assert all(len(edges) == len(projection.inputs) for edges in found.edges.values())
    assert len(found.edges) >= states


UPDATES = {"update", "log_event"}
"""Their rules about what they carry, which nothing else depends on, are left to the suite."""


def test_the_walks_take_every_transition_of_the_session() -> None:
    """Whatever the specification says about these events, the login and the network, some walk has come across."""
    taken = frozenset[str]().union(*(walked(projection).transitions for projection, _ in PROJECTIONS))
    steps = {step.name for projection, _ in PROJECTIONS for step in projection.inputs}
    events = {name if name in WORLD else SPEC.api.methods[name].event for name in steps} - UPDATES
    missed = {
        transition.id
        for transition in ORACLE.model.table.transitions
        if transition.events & events and transition.id not in taken
    }
    assert missed == set()


class Muddled(Client):
    """Shows somebody as logged in once two users have come and gone."""

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        if len(shown["records"]["contacts"]) == 2 and shown["state"]["session"] == "logged_out":
            shown["state"]["session"] = "unidentified"
        return shown


def test_the_walk_finds_a_rare_fault() -> None:
    """Both ways in which two users can come and go lead to the step that is refused."""
    found = walk(Projection("small", examples(ADA, GRACE, "logout"), outstanding=1), Muddled)
    assert [step.name for step, _ in found.rejected] == ["logout", "logout"]
    assert {verdict.broken[0].kind for _, verdict in found.rejected} == {"state_wrong"}


# The Wp-method ----------------------------------------------------------------------------------

MEALY = Projection("waiting, one call", WAITING, outstanding=1)


@cache
def reference_machine() -> MealyMachine:
    """The smallest machine that answers as the reference did on the walk; its inputs are numbers of steps."""
    edges = walked(MEALY).edges
    kinds = merged(edges)
    setup = {
        f"s{kinds[key]}": {number: (output, f"s{kinds[target]}") for number, (output, target) in targets.items()}
        for key, targets in edges.items()
    }
    return MealyMachine.from_state_setup(setup)


def merged(edges: Mapping[Any, Mapping[int, tuple[Output, Any]]]) -> dict[Any, int]:
    """Numbers of states, the same for two that no inputs tell apart (Moore's refinement of partitions)."""
    kinds, count = dict.fromkeys(edges, 0), 1
    while True:
        marks = {
            key: (kinds[key], *((output, kinds[target]) for output, target in targets.values()))
            for key, targets in edges.items()
        }
        numbers: dict[Any, int] = {}
        kinds = {key: numbers.setdefault(mark, len(numbers)) for key, mark in marks.items()}
        if len(numbers) == count:
            return kinds
        count = len(numbers)


def test_the_machine_is_smallest_and_complete() -> None:
    """What the Wp-method takes for granted: every input has an answer in every state, and no two states are equal."""
    found = reference_machine()
    assert found.size > 50
    assert found.is_input_complete()
    assert found.is_minimal()


def test_a_bound_below_the_number_of_states_is_refused() -> None:
    """A suite for fewer states than the machine has would be empty, and everything would pass it."""
    found = reference_machine()
    with pytest.raises(ValueError, match="raise the bound"):
        library_suite(found, found.size - 1)


def test_the_reference_passes_the_suite(record_property: Callable[[str, object], None]) -> None:
    """Every test is allowed by the oracle, and its outputs are those of the machine: the two are equal."""
    found = reference_machine()
    suite = library_suite(found, found.size)
    player = open_player("reference:", SPEC)
    player.start()
    record_property("suite", f"{found.size} states, {len(suite)} tests, {sum(map(len, suite))} steps")
    for test in suite:
        assert outputs(player, test) == found.compute_output_seq(found.initial_state, test), test


def outputs(player: Player, test: Sequence[int]) -> list[Output]:
    """What a binding answers to a test; the player judges each step, and that no call stays without an answer."""
    game, answers = player.begin(), []
    waiting: tuple[str, ...] = ()
    for number in test:
        step = MEALY.inputs[number]
        if is_full(step, waiting, MEALY):
            answers.append(FULL)
            continue
        assert game.play(step) is None
        waiting, output = reading(waiting, step, f"c{len(game.trace)}", game.seen[-1].observation)
        answers.append(output)
    assert isinstance(game.finish(), Played)
    return answers


def mutants(specified: MealyMachine, chance: random.Random) -> Iterator[MealyMachine]:
    """Machines that differ from one in a single output or a single target, and do differ in what they do."""
    said = sorted({repr(one): one for state in specified.states for one in state.output_fun.values()}.items())
    while True:
        mutant = specified.copy()
        state = chance.choice(mutant.states)
        letter = chance.choice(list(state.transitions))
        if chance.random() < 0.5:
            state.output_fun[letter] = chance.choice(said)[1]
        else:
            state.transitions[letter] = chance.choice(mutant.states)
        if not bisimilar(specified, mutant):
            yield mutant


def test_the_suite_kills_every_mutant() -> None:
    """Twenty-five machines with one fault each answer some test of the suite otherwise."""
    found = reference_machine()
    suite = library_suite(found, found.size)
    expected = [found.compute_output_seq(found.initial_state, test) for test in suite]
    for _, mutant in zip(range(25), mutants(found, random.Random(7)), strict=False):
        assert any(
            mutant.compute_output_seq(mutant.initial_state, test) != answer
            for test, answer in zip(suite, expected, strict=True)
        )
