"""Recorded calls are judged as the oracle judges them, whatever is left out, mixed up or broken in their trace.

Two equalities hold the table to the oracle. What an implementation may do, chosen branch by branch with the world's
events taken out, is never called impossible (`test_a_log_of_anything_allowed_is_possible`). And on traces of any
outcomes, right and wrong, the table allows what the oracle allows for some course of the world, and nothing else
(`test_the_table_allows_what_the_oracle_allows_for_some_course_of_the_world`).
"""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercom_conformance import cli
from intercom_conformance.checking import Checker, Settings, Tally
from intercom_conformance.kit import oracle_of
from intercom_conformance.oracle import ABSENT, UNCERTAIN, Accepted, Configuration, Happening, Observation, Settlement
from intercom_conformance.oracle.configuration import Branch, Owed, expand
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.explore import alphabet
from intercom_conformance.trace import Step
from intercom_conformance.validation.records import Block

SPEC = load_specification()
ORACLE = oracle_of(SPEC)
WORLD = SPEC.chart["environment"]
ALPHABET = alphabet(SPEC)
SCHEMAS = Path(__file__).parents[2] / "schemas" / "documents"

Lines = list[dict[str, Any]]


@cache
def checker_of(payloads: bool, window: int = 16, fresh: bool = False, sessions: int = 1000) -> Checker:
    """A checker that keeps its table from one test to the next; making one takes longer than using it."""
    return Checker(Settings(payloads=payloads, window=window, fresh=fresh, sessions=sessions))


def checked(lines: Sequence[Any], payloads: bool = True, **ways: Any) -> Tally:
    checker = checker_of(payloads, **ways)
    checker.tally = Tally()
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    checker.piece(0, Block(1, b"\n".join(texts)))
    return checker.finish()


def session(*calls: dict[str, Any], name: str = "s", begins: bool = True) -> Lines:
    """The lines of a session, numbered, from a new installation on."""
    lines = [{"happening": "reset"}, *calls] if begins else list(calls)
    return [{"session": name, "seq": number, **line} for number, line in enumerate(lines)]


def call(method: str, *arguments: Any, outcome: str | None = "success", **rest: Any) -> dict[str, Any]:
    told = {} if outcome is None else {"outcome": outcome}
    return {"call": method, "arguments": list(arguments), **told, **rest}


LOGIN = call("loginUserWithUserAttributes", {"userId": "1"})
EVENT = call("logEvent", "e")


# Equal to the oracle ----------------------------------------------------------------------------------------


class Implementation:
    """An implementation that does at every step one of the things that the oracle allows, and writes its log."""

    def __init__(self, dice: random.Random, values: bool) -> None:
        self.dice, self.values = dice, values
        self.at: Configuration = ORACLE.model.initial
        self.log: Lines = [{"happening": "reset"}]
        self.calls = 0
        self.waiting: set[str] = set()

    def step(self, step: Step) -> None:
        if step.name in WORLD:
            parameters = WORLD[step.name].get("parameters", ())
            happening = Happening(step.name, dict(zip(parameters, step.arguments, strict=False)))
            self._follow(self.dice.choice(expand(ORACLE.model, self.at, happening)), None)
            return
        self.calls += 1
        made = ORACLE.model.call(f"c{self.calls}", step.name, list(step.arguments), frozenset(("success", "error")))
        branch = self.dice.choice(expand(ORACLE.model, self.at, made))
        own = [one for one in branch.owed if one.call == made.call]
        line = {"call": step.name, "arguments": list(step.arguments), "id": made.call}
        silent = self.dice.random() < 0.2
        if not silent:
            line |= self._outcome(own[0]) if own else {"outcome": "pending"}
            self.waiting |= set() if own else {made.call}
        self.log.append(line)
        self._follow(branch, made.call)

    def _follow(self, branch: Branch, own: str | None) -> None:
        self.at = branch.end
        for owed in branch.owed:
            if owed.call != own:
                self._settle(owed)
        for owed in branch.end.free:
            if self.dice.random() < 0.3:
                self._settle(owed)
                free = tuple(one for one in self.at.free if one.call != owed.call)
                self.at = attrs.evolve(self.at, free=free)

    def _settle(self, owed: Owed) -> None:
        if owed.call in self.waiting:
            self.waiting.discard(owed.call)
            self.log.append({"settled": owed.call, **self._outcome(owed)})

    def _outcome(self, owed: Owed) -> dict[str, Any]:
        callback = self.dice.choice(["success", "error"]) if owed.callback == "either" else owed.callback
        if callback == "error":
            return {"outcome": "error", **self.dice.choice([{}, {"code": 503}, {"value": {"code": 400}}])}
        value = ORACLE.model.expected_value(owed)
        known = value is not ABSENT and not _has(value, UNCERTAIN)
        return {"outcome": "success", **({"value": value} if known and self.values else {})}


def _has(value: Any, mark: Any) -> bool:
    return value is mark or (isinstance(value, dict) and any(_has(one, mark) for one in value.values()))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 25), st.booleans(), st.booleans(), st.booleans())
def test_a_log_of_anything_allowed_is_possible(
    seed: int, length: int, payloads: bool, values: bool, begins: bool
) -> None:
    """Whatever an implementation does that the oracle allows, with whatever the world does unseen, is possible."""
    implementation = Implementation(random.Random(seed), values)
    for _ in range(length):
        implementation.step(implementation.dice.choice(ALPHABET))
    log = implementation.log if begins else implementation.log[1:]
    tally = checked(session(*log, begins=False), payloads=payloads)
    assert not tally.faults, (log, tally.faults)


USERS = ("ada", "grace")
OUTCOMES = [{"outcome": "success"}, {"outcome": "error", "code": 401}]
CHOICES: Lines = [
    *(call("loginUserWithUserAttributes", {"userId": user}, outcome=None) | end for user in USERS for end in OUTCOMES),
    *(call(name, outcome=None) | end for name in ("loginUnidentifiedUser", "logout") for end in OUTCOMES),
    *(EVENT | end for end in OUTCOMES),
    *(call("isUserLoggedIn", value=value) for value in (True, False)),
    *(call("fetchLoggedInUserAttributes", value={"userId": user, "email": None}) for user in (*USERS, None)),
    *(call("updateUser", {"userId": user}, outcome=None) | end for user in USERS for end in OUTCOMES),
]
UNSEEN = ("network_up", "network_flaky", "network_down", "network_held", "time_passes", "verification_enforced")


def courses(configurations: Sequence[Configuration]) -> list[Configuration]:
    """Where three unseen events of the world may lead, with nobody called back."""
    found = list(configurations)
    new = found
    for _ in range(3):
        ends = [
            branch.end
            for at in new
            for event in UNSEEN
            for branch in expand(ORACLE.model, at, Happening(event))
            if not branch.owed
        ]
        new = []
        for end in ends:
            if end not in found:
                found.append(end)
                new.append(end)
    return found


def judged(configurations: Sequence[Configuration], line: dict[str, Any], number: int) -> list[Configuration]:
    """The configurations in which a line leaves an implementation, by the oracle."""
    value = line.get("value", {"code": 401} if line["outcome"] == "error" else ABSENT)
    made = ORACLE.model.call(f"c{number}", line["call"], line["arguments"], frozenset(("success", "error")))
    seen = Observation((Settlement(made.call, line["outcome"], value),))
    after: list[Configuration] = []
    for at in courses(configurations):
        verdict = ORACLE.judge((at,), made, seen)
        for end in verdict.configurations if isinstance(verdict, Accepted) else ():
            bare = attrs.evolve(end, calls=frozenset(), epoch=0)
            after += [] if bare in after else [bare]
    return after


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(CHOICES), min_size=1, max_size=6))
def test_the_table_allows_what_the_oracle_allows_for_some_course_of_the_world(lines: Lines) -> None:
    """The first step that the table calls impossible is the first that the oracle allows for no course of the world."""
    configurations: Sequence[Configuration] = ORACLE.initial()
    first = None
    for number, line in enumerate(lines):
        configurations = judged(configurations, line, number)
        if not configurations:
            first = number + 2
            break
    tally = checked(session(*lines))
    found = min((seen.example.line for seen in tally.faults.values()), default=None)
    assert found == first, lines
