"""A native SDK that tells no outcome: what that excuses in a wrapper, and what it does not."""

from __future__ import annotations

from intercom_conformance import events
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.kit import oracle_of
from intercom_conformance.oracle import Accepted, Call, Observation, Rejected, Settlement
from intercom_conformance.reports.terminal import untold_line
from intercom_conformance.specification import load_specification

SPEC = load_specification()
ORACLE = oracle_of(SPEC)


def event(call: str) -> Call:
    return ORACLE.model.call(call, "logEvent", ["order"], frozenset({"success", "error"}))


def seen(callback: str, *unheard: str, value: object = None) -> Observation:
    settled = Settlement("c1", callback) if value is None else Settlement("c1", callback, value)
    return Observation(settled=(settled,), unheard=frozenset(unheard))


def test_either_callback_of_an_unheard_call_is_allowed() -> None:
    """Where nobody is logged in an event fails; a wrapper that is not told may call it a success, and no other may."""
    before = ORACLE.initial()
    assert isinstance(ORACLE.judge(before, event("c1"), seen("success")), Rejected)
    assert isinstance(ORACLE.judge(before, event("c1"), seen("success", "c2")), Rejected)
    assert isinstance(ORACLE.judge(before, event("c1"), seen("success", "c1")), Accepted)


def test_an_unheard_error_is_not_put_to_the_test() -> None:
    """That an event without a user is an error is exercised by a wrapper that is told so, and by no other."""
    error = seen("error", value={"code": 401, "message": "nobody"})
    heard = ORACLE.judge(ORACLE.initial(), event("c1"), error)
    unheard = ORACLE.judge(ORACLE.initial(), event("c1"), seen("success", "c1"))
    assert isinstance(heard, Accepted)
    assert "user-needed" in heard.exercised
    assert isinstance(unheard, Accepted)
    assert "user-needed" not in unheard.exercised


def test_the_report_names_what_was_not_told() -> None:
    """The report says of which methods the outcome was not judged; where all is told, it says nothing."""
    told = Binding("w", "1", "java", "android", "wrapper", "callbacks", frozenset(["session"]))
    silent = Binding(
        "w", "1", "java", "android", "wrapper", "callbacks", frozenset(["session"]), frozenset(["logEvent"])
    )
    plan = events.Plan("py:a:b", 0, (), 0, 1)
    assert untold_line(events.header(plan, SPEC, told), 100) == []
    (line,) = untold_line(events.header(plan, SPEC, silent), 200)
    assert line.startswith("The native SDK tells no outcome of logEvent:")
