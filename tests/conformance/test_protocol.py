"""The protocol's schema describes every message, and a line that breaks it is refused with the reason."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from intercom_conformance.drivers import Answered, Failed, Held, messages
from intercom_conformance.drivers.protocol import (
    EXCERPT,
    BadConnector,
    Crashed,
    DriverError,
    NotStarted,
    ProtocolBroken,
    Reaction,
    Refused,
    Settled,
    TimedOut,
    UnknownConnector,
)
from intercom_reference.loading import load_document
from intercom_reference.wire import serve

SCHEMA = load_document(messages.SCHEMA)
PROMISED = {
    "initialize-params", "initialize-result", "call-params", "reaction", "answer-params", "advance-params",
    "environment-params", "observe-result", "native-params", "native-result", "settled-params", "log-params",
    "request", "response", "notification",
}  # fmt: skip
EXAMPLES = [(name, example) for name, part in SCHEMA["$defs"].items() for example in part.get("examples", ())]
CALL = {"call": "c1", "method": "add", "arguments": [], "callbacks": []}
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)


def definition(name: str) -> Draft202012Validator:
    return Draft202012Validator({**SCHEMA, "oneOf": [{"$ref": f"#/$defs/{name}"}]})


def test_the_schema_is_one_and_names_every_message() -> None:
    """Whoever writes a driver finds each message by name, with words about it and an example."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"].keys() >= PROMISED
    assert {name for name, _ in EXAMPLES} >= PROMISED
    assert all(SCHEMA["$defs"][name].get("title") for name in PROMISED)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_valid_and_a_slip_in_it_is_not(name: str, example: dict[str, Any]) -> None:
    """Both validators agree on the example, and on the same with a key too many."""
    definition(name).validate(example)
    assert messages.check(name, example) is example
    slip = {**example, "valeu": 1}
    with pytest.raises(ValidationError):
        definition(name).validate(slip)
    with pytest.raises(ProtocolBroken, match="valeu"):
        messages.check(name, slip)


@given(json_values)
def test_a_request_is_one_line_of_text_that_says_the_same(value: Any) -> None:
    """Any JSON value crosses, on one line and in ASCII, and comes out equal."""
    line = messages.request(5, "call", {**CALL, "arguments": [value]})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    message = json.loads(line.decode("ascii"))
    assert message == {"jsonrpc": "2.0", "id": 5, "method": "call", "params": {**CALL, "arguments": [value]}}
    Draft202012Validator(SCHEMA).validate(message)


@given(json_values)
def test_a_reaction_crosses_unchanged(value: Any) -> None:
    """What a driver reports is what the kit reads."""
    result = {"returned": value, "settled": [{"call": "c1", "callback": "error", "value": value}]}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()
    message = messages.incoming(line, 1, "call")
    assert isinstance(message, messages.Result)
    assert messages.reaction(message.value) == Reaction((Settled("c1", "error", value),), returned=value)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_line_breaks_the_kit(line: bytes) -> None:
    """Bytes of any kind are refused by the one error that tells so."""
    with pytest.raises(ProtocolBroken) as caught:
        messages.incoming(line, 1, "call")
    assert len(caught.value.line_excerpt) <= EXCERPT
    assert str(caught.value).isprintable() or "\n" in str(caught.value)


@given(st.data())
def test_no_message_with_a_foreign_part_breaks_the_kit(data: st.DataObject) -> None:
    """A message in which any one part was replaced is read or refused, and nothing else."""
    name, example = data.draw(st.sampled_from([pair for pair in EXAMPLES if pair[0] in ("response", "reaction")]))
    message = example if name == "response" else {"jsonrpc": "2.0", "id": 1, "result": example}
    message = {**message, data.draw(st.sampled_from(sorted(message))): data.draw(json_values)}
    line = json.dumps(message).encode()
    try:
        read: Any = messages.incoming(line, 1, "call")
    except ProtocolBroken as error:
        read = error
    assert isinstance(read, messages.Result | messages.Refusal) or read.line_excerpt


REFUSED = [
    (b'{"jsonrpc":"1.0","id":1,"result":{"settled":[]}}', r'jsonrpc: "2\.0" was expected'),
    (b'{"jsonrpc":"2.0","id":1}', "valid under"),
    (b'{"jsonrpc":"2.0","id":1,"result":{"settled":[]},"error":{"code":1,"message":""}}', "valid under"),
    (b'{"jsonrpc":"2.0","id":true,"result":{"settled":[]}}', "id"),
    (b'{"jsonrpc":"2.0","id":1.0,"result":{"settled":[]}}', r"has the id 1\.0"),
    (b'{"jsonrpc":"2.0","id":2,"result":{"settled":[]}}', "has the id 2, but 'call' with id 1 is awaited"),
    (b'{"jsonrpc":"2.0","id":1,"result":{}}', '"settled" is a required property'),
    (
        b'{"jsonrpc":"2.0","id":1,"result":{"settled":[{"call":"c1","callback":"succes"}]}}',
        "settled/0/callback",
    ),
    (
        b'{"jsonrpc":"2.0","id":1,"result":{"settled":[],"returned":1,"thrown":{"type":"","message":""}}}',
        "not ",
    ),
    (b'{"jsonrpc":"2.0","id":1,"result":{"settled":[],"\\ud800":1}}', "surrogate"),
    (b'{"jsonrpc":"2.0","id":"a","method":"native","params":{"method":"m"}}', '"arguments" is a required'),
    (b'{"jsonrpc":"2.0","id":"a","method":"reset","params":{}}', "sends no request 'reset'"),
    (b'{"jsonrpc":"2.0","method":["log"],"params":{}}', "sends no notification"),
    (b'{"jsonrpc":"2.0","method":"log","params":{"level":"loud","message":"x"}}', "level"),
    (b'{"jsonrpc":"2.0","id":1,"result":{"settled":[],"returned":-Infinity}}', "-Infinity is no JSON number"),
    (
        b'{"jsonrpc":"2.0","id":1,"result":{"settled":[],"returned":{"a":1,"a":1}}}',
        "the key 'a' stands twice",
    ),
    (b'{"jsonrpc":"2.0","id":1,"result":{"settled":[],"returned":' + b"9" * 5000 + b"}}", "not JSON"),
    (b"\xef\xbb\xbf{}", "not JSON"),
    (b"[]", "JSON, but no object"),
    (b'{"jsonrpc":"2.0"} trailing', "not JSON"),
]


@pytest.mark.parametrize(("line", "text"), REFUSED)
def test_a_line_that_breaks_the_protocol_is_refused_with_the_reason(line: bytes, text: str) -> None:
    """The reason names the place; the line is quoted up to a bound."""
    with pytest.raises(ProtocolBroken, match=text) as caught:
        messages.incoming(line, 1, "call")
    assert 0 < len(caught.value.line_excerpt) <= EXCERPT
    assert caught.value.remedy


def test_a_driver_that_could_not_read_is_quoted() -> None:
    """An error without an id tells what the driver did not understand."""
    line = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no JSON"}}'
    with pytest.raises(ProtocolBroken, match="could not read a request: no JSON"):
        messages.incoming(line, 1, "call")


def test_a_message_with_a_thousand_equal_keys_is_refused_at_once() -> None:
    """Finding the key that stands twice takes no longer than reading the line."""
    line = b"{" + b",".join(b'"k%d":1' % number for number in range(200_000)) + b',"k199999":1}'
    with pytest.raises(ProtocolBroken, match="the key 'k199999' stands twice"):
        messages.incoming(line, 1, "call")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("call", {**CALL, "callbacks": ["succes"]}),
        ("call", {**CALL, "arguments": None}),
        ("call", {**CALL, "arguments": [float("nan")]}),
        ("call", {**CALL, "arguments": [object()]}),
        ("call", {**CALL, "arguments": [1 << 100_000]}),
        ("call", {**CALL, "call": "\ud800", "more": 1}),
        ("advance", {"seconds": -1}),
        ("answer", {"ticket": "t1", "value": 1, "error": {"code": 1, "message": ""}}),
        ("rest", {}),
        ("initialize", {"protocol": "1"}),
    ],
)
def test_the_kit_checks_its_own_requests(method: str, params: dict[str, Any]) -> None:
    """What the schema does not allow is not sent, and the text says whose fault it is."""
    with pytest.raises(ProtocolBroken, match="This message is the kit's own"):
        messages.request(1, method, params)


def test_a_value_that_contains_itself_is_not_sent() -> None:
    """A cycle is refused like any other value that is not JSON."""
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(ProtocolBroken, match="This message is the kit's own"):
        messages.request(1, "call", {**CALL, "arguments": cycle})


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        (Answered(), {"result": {}}),
        (Answered(None), {"result": {"value": None}}),
        (Answered([1]), {"result": {"value": [1]}}),
        (Held("t1"), {"result": {"held": "t1"}}),
        (
            Failed(3, "no"),
            {"error": {"code": -32000, "message": "no", "data": {"code": 3, "message": "no"}}},
        ),
    ],
)
def test_the_answer_to_a_native_request(reply: Any, content: dict[str, Any]) -> None:
    """Success with and without a value, an error, and an answer held back."""
    line = messages.native_response("n1", reply)
    assert json.loads(line) == {"jsonrpc": "2.0", "id": "n1", **content}


def test_early_callbacks_stand_first() -> None:
    """What was notified before the response happened before it."""
    early = [Settled("c0", "error")]
    reaction = messages.reaction({"settled": [{"call": "c1", "callback": "success"}]}, early)
    assert reaction.settled == (Settled("c0", "error"), Settled("c1", "success"))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            NotStarted("node x.js", "it is asleep", "Wake it."),
            "node x.js is not started: it is asleep. Wake it.",
        ),
        (Crashed("call", -11, ""), "ended by SIGSEGV in the midst of 'call'. A driver runs until"),
        (Crashed("call", -99, ""), "ended by signal 99"),
        (Crashed("call", None, ""), "The driver closed the connection in the midst of 'call'"),
        (Crashed("call", 7, "why\n"), "The end of its log:\nwhy"),
        (TimedOut("reset", 0.5), "did not answer 'reset' within 0.5 s. It has to answer when"),
        (ProtocolBroken("odd", "the line"), "odd. The messages stand in schemas/"),
        (Refused("advance", -32601, "no clock"), "no clock. Serve it, or do not declare its capability."),
        (Refused("call", -32000, "oops"), "belongs into the reaction"),
        (UnknownConnector("x:y", ("cmd", "py")), "starts with one of cmd:, py:"),
        (BadConnector("cmd:", "nothing", "Write more."), "cannot be used: nothing. Write more."),
    ],
)
def test_an_error_tells_what_happened_and_what_to_do(error: DriverError, text: str) -> None:
    """Each is a value with fields, which survives the way from a worker to its controller."""
    assert text in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)


def talk(*lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    """What a served object answers to these lines."""
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    output = io.BytesIO()
    serve(dict, io.BytesIO(b"".join(line + b"\n" for line in written)), output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def asked(method: str, /, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


HELLO = asked("initialize", protocol="1.0", spec="1.0")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([b"{"], -32700),
        ([b"[" * 100_000], -32700),
        ([b"\xff"], -32700),
        ([b"[]"], -32600),
        ([b'{"jsonrpc":"2.0","method":"reset"}'], -32600),
        ([b'{"jsonrpc":"2.0","id":1,"method":"reset","params":[]}'], -32600),
        ([asked("reset")], -32600),
        ([asked("initialize", protocol="2.0", spec="1.0")], -32602),
        ([HELLO, asked("rest")], -32601),
        ([HELLO, asked("_react")], -32601),
        ([HELLO, asked("observe")], -32601),
        ([HELLO, asked("reset", more=1)], -32602),
        ([HELLO, asked("call", **{**CALL, "arguments": 3})], -32000),
    ],
)
def test_a_served_object_answers_nonsense_with_the_right_code(lines: list[bytes | dict[str, Any]], code: int) -> None:
    """The Python driver refuses what it cannot serve, and goes on to serve the next request."""
    *_, refused, last = talk(*lines, HELLO)
    assert refused["error"]["code"] == code
    assert last["result"]["name"] == "dict"
    messages.check("response", refused)


def test_a_served_object_ends_after_shutdown() -> None:
    """Nothing is answered after shutdown."""
    assert len(talk(HELLO, asked("shutdown"), HELLO)) == 2
