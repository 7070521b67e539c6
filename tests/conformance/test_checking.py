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
from intercom_conformance.checking.lines import read_line
from intercom_conformance.kit import oracle_of
from intercom_conformance.oracle import ABSENT, UNCERTAIN, Accepted, Configuration, Happening, Observation, Settlement
from intercom_conformance.oracle.configuration import Branch, Owed, expand
from intercom_conformance.specification import load_specification
from intercom_conformance.suite.steps import alphabet
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


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 9), st.booleans(), st.booleans(), st.booleans())
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


# What is told ---------------------------------------------------------------------------------------------


def only(tally: Tally) -> tuple[Any, Any]:
    """The one fault of a tally."""
    ((fault, seen),) = tally.faults.items()
    return fault, seen


def test_the_first_impossible_step_is_told_with_what_was_allowed() -> None:
    """A fault names requirement, call, state, line, session, and everything that was possible instead."""
    fault, seen = only(checked(session(LOGIN, call("logout"), EVENT, EVENT, name="x")))
    assert fault == ("user-needed", "callback_wrong", "logEvent", "session: logged_out", "success")
    assert (seen.sessions, seen.example.line, seen.example.session) == (1, 4, "x")
    assert seen.example.allowed == ("error of logEvent",)


@pytest.mark.parametrize(
    ("requirement", "lines"),
    [
        ("fetch-attributes", [LOGIN, call("fetchLoggedInUserAttributes", value={"userId": "2", "email": None})]),
        (
            "no-identity-after-logout",
            [LOGIN, call("logout"), call("fetchLoggedInUserAttributes", value={"userId": "1"})],
        ),
        ("is-user-logged-in", [call("isUserLoggedIn", value=True)]),
        ("relogin-same-user", [LOGIN, LOGIN | {"outcome": "error", "code": 3002}]),
        ("callback-is-called", [LOGIN, call("isUserLoggedIn", outcome="none")]),
        ("error-codes-are-documented", [EVENT | {"outcome": "error", "code": 77}]),
        ("error-carries-a-value", [EVENT | {"outcome": "error", "value": None}]),
        ("success-carries-no-value", [LOGIN, EVENT | {"value": 3}]),
        ("result-types", [call("isUserLoggedIn", value="yes")]),
        ("login-needs-identity", [call("loginUserWithUserAttributes", {"name": "Ada"})]),
        ("documented-values-only", [call("setLauncherVisibility", "DIM")]),
        ("launcher-visibility", [call("setLauncherVisibility", "VISIBLE", outcome="error")]),
        (
            "callback-only-once",
            [
                call("loginUnidentifiedUser", outcome="pending", id="a"),
                {"settled": "a", "outcome": "success"},
                {"settled": "a", "outcome": "success"},
            ],
        ),
        ("callback-only-once", [{"settled": "nobody", "outcome": "success"}]),
        ("guide-samples-run", [LOGIN | {"outcome": "none", "thrown": "TypeError"}]),
    ],
)
def test_what_no_conforming_sdk_does_is_caught(requirement: str, lines: Lines) -> None:
    """Each of these logs has one step that is impossible, and the requirement that it breaks is named."""
    fault, seen = only(checked(session(*lines)))
    assert (fault.requirement, seen.example.line) == (requirement, len(lines) + 1)


@pytest.mark.parametrize(
    "lines",
    [
        [LOGIN | {"outcome": "error", "code": 503}, call("isUserLoggedIn", value=False), EVENT],
        [call("loginUnidentifiedUser", outcome="pending", id="a"), EVENT | {"outcome": "error", "code": 401}],
        [call("loginUnidentifiedUser", outcome=None), EVENT, call("isUserLoggedIn", value=True)],
        [LOGIN, call("unreadConversationCount", value=7), call("logout"), call("unreadConversationCount", value=0)],
        [{"call": "loginUserWithUserAttributes", "outcome": "success"}, EVENT],
        [call("loginUserWithUserAttributes", None, redacted=["attributes"]), EVENT],
        [LOGIN, call("presentContent", {"type": "ARTICLE", "id": "of-this-workspace"})],
        [call("loginUserWithUserAttributes", {"email": "a@example.com"}, outcome="error", code=409)],
        [{"happening": "network_down"}, LOGIN | {"outcome": "error", "code": 503}, {"happening": "end"}],
    ],
)
def test_what_a_log_cannot_know_is_held_against_nobody(lines: Lines) -> None:
    """What is not on record, of the network or of calls, may be whatever makes the log possible."""
    assert not checked(session(*lines)).faults


def test_without_its_beginning_a_session_may_have_been_anywhere() -> None:
    """A log that begins in the middle is possible unless no past explains it; with `fresh` it begins at the start."""
    assert not checked(session(EVENT, begins=False)).faults
    assert only(checked(session(EVENT, begins=False), fresh=True))[0].requirement == "user-needed"
    contradiction = session(LOGIN, EVENT, call("isUserLoggedIn", outcome="none"), begins=False)
    assert only(checked(contradiction))[1].example.line == 3


@given(st.randoms(use_true_random=False), st.integers(0, 6))
@settings(max_examples=20, deadline=None)
def test_the_window_puts_lines_back_in_order(dice: random.Random, window: int) -> None:
    """Lines that overtake others within the window change nothing but their places, by number and by time."""
    sessions = [session(LOGIN, EVENT, call("logout"), EVENT, name=f"s{number}") for number in range(4)]
    for of_one in sessions:
        at = dice.randrange(1, len(of_one) - 1)
        of_one.insert(min(at + dice.randint(0, window), len(of_one)), of_one.pop(at))
    mixed = [line for turn in zip(*sessions, strict=True) for line in turn]
    timed = [{**line, "seq": None, "time": float(line["seq"])} for line in mixed]
    for lines in (mixed, timed):
        fault, seen = only(checked(lines, window=window))
        assert (fault.requirement, seen.sessions) == ("user-needed", 4)


def test_duplicates_late_lines_and_gaps_are_told() -> None:
    """After a gap anything may have happened; what fills it is late, and what was there already is a duplicate."""
    lines = session(LOGIN, EVENT, call("logout"), EVENT)
    told = [lines[0], lines[1], lines[1], lines[2], lines[4], lines[3]]
    tally = checked(told, window=0)
    assert tally.counts == {"duplicate": 1, "gap": 1, "late": 1}
    assert not tally.faults


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "no JSON"),
        (b"[1]", "Expected `object`"),
        (b'{"session": "s", "call": "logEvent", "outcom": "success"}', "unknown field `outcom`"),
        (b'{"session": "s", "call": "logEvnt"}', "did you mean 'logEvent'?"),
        (b'{"session": "s", "happening": "network_dwn"}', "did you mean 'network_down'?"),
        (b'{"session": "s"}', "not one of call, settled and happening"),
        (b'{"session": "s", "settled": "a"}', "without being success or error"),
        (b'{"session": "s", "call": "logEvent", "arguments": {}}', "arguments that are no list"),
        (b'{"session": "s", "call": "logEvent", "arguments": [NaN]}', "no JSON"),
        (b'{"session": "\xff", "call": "logEvent"}', "no JSON"),
        (b'{"session": "s", "call": "logout", "time": "noon"}', "no time"),
        (b'{"session": "s", "call": "logEvent", "arguments": ' + b"[" * 100_000 + b"}", "nest too deep"),
    ],
)
def test_a_line_of_which_nothing_can_be_made_costs_the_others_nothing(line: bytes, words: str) -> None:
    """Whatever stands in a line, it is told with its place, and the rest is judged."""
    other = session(EVENT, name="other")
    tally = checked([other[0], line, other[1]])
    assert only(tally)[0].requirement == "user-needed"
    ((_, text), note), *_ = [item for item in tally.notes.items() if item[0][0] == "unreadable"]
    assert words in text, text
    assert note.places == ((0, 2),)


# The short ways and the long one ----------------------------------------------------------------------------

KEYS: dict[str, list[Any]] = {
    "session": ["s", "t", "é", 5, None],
    "seq": [*range(6), -1, -2, None, 2**70, 1.0, True, "1"],
    "call": [*SPEC.api.by_any_name, "logEvnt", None],
    "arguments": [
        [],
        ["e"],
        [{}],
        [{"userId": "1"}],
        [{"userId": "2", "email": "a@b.c"}],
        [{"user_id": "1"}],
        [None],
        [{"userId": "1"}, "more"],
        {},
        None,
        "x",
        [[[[1]]]],
        [1e309],
        [{"name": "userId"}],
    ],
    "outcome": ["success", "success", "success", "error", "pending", "none", None, "sucess"],
    "code": [None, 503, 1, "a", 1.5],
    "happening": ["reset", "end", "network_down", "rset", None],
    "value": [None, 1, {"userId": "1"}, "x"],
    "device": ["a", None],
    "time": [1, 2.5, "2024-01-01T00:00:00Z", "noon", None],
    "settled": ["c", None],
    "id": ["c", None],
    "thrown": ["it broke", None],
    "world": ["told", None],
    "unknown": [None],
}
HOSTILE = [
    *(b"", b"   ", b"\r", b"{", b"[]", b"null", b"\xff", b"\xef\xbb\xbf{}", b'{"session": "\xff", "call": "logout"}'),
    b'{"session": "s", "session": "t", "call": "logout", "call": "present"}',
    b'{"session": "s", "call": "logEvent", "arguments": [NaN]}',
    b'{"session": "s", "call": "logEvent", "arguments": ["\xff"], "outcome": "success"}',
    b'{"session": "s", "call": "updateUser", "arguments": [{"userId": "\xff"}], "outcome": "success"}',
    b'{"session": "s", "call": "updateUser", "arguments": [{"user\\u0049d": "7"}], "outcome": "success"}',
    b'{"session": "s", "c\\u0061ll": "logEvent", "\\u0061rguments": {}, "outcome": "success"}',
    b'{"session": "s", "call": "logEvent", "arguments": ' + b"[" * 2000 + b"]" * 2000 + b', "outcome": "success"}',
    b'{"session": "s", "call": "logEvent", "arguments": ' + b"[" * 20_000 + b"}",
    b'{"session": "s", "call": "updateUser", "arguments": [{"userId": 1, "userId": 2}], "outcome": "success"} ',
    b'{"session": "s", "call": "present", "outcome": "success"} {}',
]


def strange_lines(dice: random.Random) -> list[bytes]:
    """Lines of sessions as apps have them, mostly in order, some with another key or value, some that are no lines."""
    own = [
        LOGIN,
        EVENT,
        call("updateUser", {"name": "n"}),
        call("logout"),
        call("present"),
        call("logEvent", "e", code=1),
    ]
    count = dict.fromkeys("stu", 0)
    made = []
    for _ in range(dice.randrange(30)):
        name = dice.choice("stu")
        line = {"session": name, "seq": count[name], **(dice.choice(own) if count[name] else {"happening": "reset"})}
        count[name] += dice.choice([1, 1, 1, 1, 1, 1, 2])
        if dice.random() < 0.2:
            key = dice.choice([*KEYS, "arguments", "arguments"])
            line[key] = dice.choice(KEYS[key])
        made.append(json.dumps(line).encode())
        if dice.random() < 0.05:
            made.append(dice.choice(HOSTILE))
    return made


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.integers(1, 12))
def test_the_short_ways_find_what_the_long_one_finds(seed: int, payloads: bool, portion: int) -> None:
    """Many lines at once are judged as each by itself on the longer way, whatever stands in them."""
    lines = strange_lines(random.Random(seed))
    long, short = checker_of(payloads), checker_of(payloads, window=16)
    long.tally = Tally()
    for number, line in read_line(Block(1, b"\n".join(lines))):
        long.one(0, number, line)
    expected = long.finish()
    short.tally = Tally()
    for start in range(0, len(lines), portion):
        short.piece(0, Block(1 + start, b"".join(line + b"\n" for line in lines[start : start + portion])))
    assert short.finish() == expected


def test_sessions_are_bounded_in_number() -> None:
    """More sessions than may be open let the first ones go, and that is told."""
    lines = [{"session": f"s{number}", "call": "logout", "outcome": "success"} for number in range(5)]
    tally = checked(lines, sessions=2)
    assert (tally.sessions, tally.counts["let go"]) == (5, 3)


def test_a_device_has_sessions_of_its_own() -> None:
    """The same name of a session on two devices is two sessions."""
    lines = [line | {"device": device} for device in ("a", "b") for line in session(EVENT)]
    assert only(checked(lines))[1].sessions == 2


def test_a_specification_of_something_else_checks_as_well() -> None:
    """Nothing in the table knows the SDK: the garage of the tests has traces too."""
    checker = Checker(Settings(spec=str(Path(__file__).parents[1] / "second_spec")))
    lines = [
        {"session": "g", "happening": "reset"},
        {"session": "g", "call": "enterGarage", "arguments": ["AB-12", 1], "outcome": "success"},
        {"session": "g", "call": "fetchReceipt", "outcome": "success", "value": {"plate": "XY-2", "means": None}},
    ]
    checker.piece(0, Block(1, b"\n".join(json.dumps(line).encode() for line in lines)))
    assert [seen.example.line for seen in checker.finish().faults.values()] == [3]


# The verb --------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["check", *words])
    return code, capsys.readouterr().out


def test_the_verb_tells_faults_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text, JSON and SARIF name the place; JSON keeps to its schema; addresses are masked."""
    path = tmp_path / "calls.ndjson.gz"
    wrong = call("fetchLoggedInUserAttributes", value={"userId": "2", "email": "ada@example.com"})
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, session(LOGIN, wrong))).encode()))
    code, text = run(capsys, str(path))
    assert code == 1
    assert f"first      {path}:3, session s" in text
    assert "ada@example.com" not in text
    document = json.loads(run(capsys, str(path), "--format", "json")[1])
    jsonschema.validate(document, json.loads((SCHEMAS / "check.schema.json").read_text(encoding="utf-8")))
    assert document["faults"][0]["example"]["line"] == 3
    sarif = json.loads(run(capsys, str(path), "--format", "sarif")[1])
    assert sarif["runs"][0]["results"][0]["ruleId"] == "fetch-attributes"


def test_exit_codes_of_the_verb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 for a possible trace, 1 for a broken line, 5 for none at all, 4 for a file that is not there."""

    def of(text: str, *words: str) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run(capsys, *words)[0]

    fine = "\n".join(map(json.dumps, session(LOGIN)))
    wrong = "\n".join(map(json.dumps, session(call("logEvent", None, outcome="error"))))
    assert of(fine) == 0
    assert of(fine + "\n{", "-") == 1
    assert of("") == 5
    assert of(wrong) == 0
    assert of(wrong, "--strict") == 1
    assert run(capsys, str(tmp_path / "none.ndjson"))[0] == 4


def test_what_the_kit_records_of_the_reference_is_clean_and_keeps_to_the_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run of the reference, recorded, has every step and no fault; each line is as the schema says."""
    path = tmp_path / "calls.ndjson"
    assert cli.main(["run", "--family", "scenario", "--record", str(path)]) == 0
    capsys.readouterr()
    code, text = run(capsys, str(path), "--format", "json")
    document = json.loads(text)
    assert (code, document["affected"]) == (0, 0)
    assert document["sessions"] > 100
    schema = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "trace.schema.json").read_text(encoding="utf-8")))
    for line in path.read_text(encoding="utf-8").splitlines():
        schema.validate(json.loads(line))


@pytest.mark.parametrize(
    ("wrong", "requirement", "by_callbacks"),
    [
        ("CallbackTwice", "callback-only-once", True),
        ("FailureInvented", "hide-closes-every-screen", True),
        ("MetadataDropped", "every-key-arrives", False),
    ],
)
def test_what_the_kit_records_of_a_wrong_sdk_shows_its_fault(
    wrong: str,
    requirement: str,
    by_callbacks: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recording of a wrong SDK has the fault that the run found, its event stream where callbacks tell it."""
    monkeypatch.chdir(tmp_path)
    words = ["run", f"py:miniatures.wrong_sdks:{wrong}", "--family", "scenario", "--record", "calls.ndjson"]
    assert cli.main([*words, "--events", "run.ndjson", "--show-secrets"]) == 1
    found = {finding["requirement"] for finding in _findings(tmp_path / "run.ndjson")}
    capsys.readouterr()
    recorded, streamed = (
        _requirements(run(capsys, name, "--format", "json")[1]) for name in ("calls.ndjson", "run.ndjson")
    )
    assert requirement in found & recorded
    assert (requirement in streamed) == by_callbacks


def _findings(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield from json.loads(line).get("findings", ())


def _requirements(text: str) -> set[str]:
    return {fault["requirement"] for fault in json.loads(text)["faults"]}
