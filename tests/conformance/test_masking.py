"""Secrets do not reach a report, and what is no secret does."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from intercom_conformance.masking import LABEL, Masker
from intercom_conformance.specification import load_specification

HASH = "635a71b21f73b397cb93bc1ddbbe200001a08b8782b1da2f793769bd916f1972"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"
MASKER = Masker.of(load_specification())


def finding(secret: Any, method: str = "sendPushToken", **texts: str) -> dict[str, Any]:
    """The document of a finding about one call with a secret."""
    step = {"call": f"{method}({json.dumps(secret, ensure_ascii=False)})", "seen": f"error with {secret!r}"}
    told = {"expected": f"device_token is {secret!r}", "observed": "device_token is None"}
    return {"id": "0", "trace": [{method: [secret]}], "steps": [step], **told, **texts}


def test_the_specification_says_what_is_secret() -> None:
    """Parameters and registers are found by what the specification marks, under aliases as well."""
    assert MASKER.parameters["setUserHash"] == {0}
    assert MASKER.parameters["sendTokenToIntercom"] == {0}
    assert MASKER.registers == {"user_hash", "device_token"}
    assert "logEvent" not in MASKER.parameters


@pytest.mark.parametrize("method", ["sendPushToken", "sendPushTokenToIntercom", "setUserHash"])
def test_a_secret_argument_is_masked_wherever_it_is_repeated(method: str) -> None:
    """Trace, call, what was seen, expected: none of them has the value, all of them have its label."""
    masked = MASKER.finding(finding("a-device-token", method))
    assert "a-device-token" not in json.dumps(masked)
    assert masked["trace"] == [{method: ["<secret-1, 14 characters>"]}]
    assert masked["steps"][0]["call"] == f'{method}("<secret-1, 14 characters>")'
    assert masked["steps"][0]["seen"] == "error with <secret-1, 14 characters>"
    assert masked["expected"] == "device_token is <secret-1, 14 characters>"


DEVICE = "a-token-of-a-device"


@pytest.mark.parametrize(
    "native",
    [
        {"sendPushToken": [DEVICE[::-1]]},
        {"logEvent": [DEVICE, {"deep": [{DEVICE: f"it is {DEVICE}"}]}]},
        {"logEvent": ["x", TOKEN]},
    ],
)
def test_what_crosses_the_bridge_is_masked(native: dict[str, list[Any]]) -> None:
    """A secret that a wrapper changes, or hands to another native method, and what the native SDK says of it."""
    whole = finding(DEVICE)
    crossed = [{"call": native, "answer": f"error 400: {DEVICE} is not {TOKEN}"}]
    masked = MASKER.finding({**whole, "steps": [{**whole["steps"][0], "native": crossed}]})
    told = json.dumps(masked)
    assert [one for one in (DEVICE, DEVICE[::-1], TOKEN) if one in told] == []
    assert next(iter(masked["steps"][0]["native"][0]["call"])) == next(iter(native))


def test_two_secrets_can_be_told_apart() -> None:
    """The same value has the same label throughout a finding, another value has another one."""
    two = finding("first-token", expected="'first-token'", observed="'second' <- device_token is 'second-token'")
    masked = MASKER.finding(two)
    assert masked["expected"] == "<secret-1, 11 characters>"
    assert masked["observed"].endswith("device_token is <secret-2, 12 characters>")


@pytest.mark.parametrize("value", [None, 3, True, "", [], {}])
def test_what_is_no_text_is_no_secret(value: Any) -> None:
    """That null or a number was given for a token is what a report is about."""
    assert MASKER.finding(finding(value))["trace"] == [{"sendPushToken": [value]}]


def test_texts_inside_a_secret_value_are_masked() -> None:
    """A hostile object in place of a token may hold one."""
    masked = MASKER.finding(finding({"token": ["deep-inside"]}))
    assert "deep-inside" not in json.dumps(masked)


def test_a_short_secret_is_only_replaced_as_a_value() -> None:
    """A token "a" does not take every a out of the text."""
    masked = MASKER.finding(finding("a", observed="a call had 'a'"))
    assert masked["observed"] == "a call had <secret-1, 1 characters>"


def test_a_long_secret_is_masked_where_it_is_shortened() -> None:
    """A report shortens long arguments; what is left of a secret is masked all the same."""
    secret = "s3cret" * 60
    masked = MASKER.finding(finding(secret, observed=f"error with '{secret[:150]}…"))
    assert "s3crets3cret" not in json.dumps(masked)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"hash {HASH}.", "hash <digest-1>."),
        (f"Bearer {TOKEN}", "Bearer <token-1>"),
        ("from ada@example.com and grace@example.com", "from <email-1> and <email-2>"),
        ("ada@example.com, ada@example.com", "<email-1>, <email-1>"),
        ("user_hash is 'abc', not 'def'", "user_hash is <secret-1, 3 characters>, not 'def'"),
        ("user_hash is None", "user_hash is None"),
    ],
)
def test_what_looks_like_a_secret_is_masked_in_any_text(text: str, masked: str) -> None:
    """Addresses, digests and signed tokens come from logs and error messages too."""
    assert MASKER.text(text) == masked


@pytest.mark.parametrize(
    "text",
    ["intercom_conformance.bindings.connectors", "10.7.1", "a@b", HASH[:-1], "npm:@intercom/react@10.7.1"],
)
def test_other_texts_stay(text: str) -> None:
    """Names of modules, versions and packages are no secrets."""
    assert MASKER.text(text) == text


def test_somebody_may_ask_to_see_them() -> None:
    """With --show-secrets nothing is masked."""
    document = finding(HASH)
    assert Masker.of(load_specification(), show=True).finding(document) == document
    assert Masker(show=True).text(HASH) == HASH


@given(st.text(min_size=6, max_size=300))
def test_no_secret_of_any_content_survives(secret: str) -> None:
    """Quotes, backslashes, line feeds, any alphabet: the value is nowhere in the finding."""
    plain = json.dumps(finding("", observed=""))
    assume(secret not in plain and not LABEL.search(secret) and "secret-1" not in secret)
    assume(secret not in "<secret-1, 999 characters>")
    masked = MASKER.finding(finding(secret))
    texts = [masked["trace"][0]["sendPushToken"][0], *masked["steps"][0].values(), masked["expected"]]
    assert all(secret not in text for text in texts)


def test_a_register_in_json_is_masked() -> None:
    """Its name is a key in quotes there; the value is what is masked, whatever is escaped in it."""
    shown = MASKER.text('registers: {"device_token": "planted \\"one\\" token", "x": 1}')
    assert shown == 'registers: {"device_token": <secret-1, 21 characters>, "x": 1}'


def test_messages_of_the_wire_are_masked_by_what_earlier_ones_tell() -> None:
    """A secret argument is known by its method and place, and then wherever it comes back, in broken lines too."""
    masked = MASKER.messages()
    asked = masked('{"id": 1, "method": "call", "params": {"method": "setUserHash", "arguments": ["planted-hash"]}}')
    told = masked('{"id": 1, "result": {"settled": [{"value": {"message": "no planted-hash for ada@example.com"}}]}}')
    assert "planted-hash" not in asked + told + masked("garbage planted-hash {")
    assert "<secret-1, 12 characters> for <email-1>" in told


@pytest.mark.parametrize("part", ["x", "a.b", "e30", "user_hash '", "a@", "@a.", "-_", "eyJhbGciOi."])
def test_a_long_text_takes_no_longer_than_its_length(part: str) -> None:
    """What a binding says may be of any size; masking it is no matter of minutes."""
    begun = time.monotonic()
    MASKER.text(part * (300_000 // len(part)))
    assert time.monotonic() - begun < 10
