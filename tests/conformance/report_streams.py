"""Streams that reports are made of: with every verdict, with many failures, cut off before their end."""

from __future__ import annotations

from typing import Any

import attrs

from intercom_conformance import events
from intercom_conformance.drivers.protocol import Binding
from intercom_conformance.events import Stream
from intercom_conformance.masking import Masker
from intercom_conformance.results import VERDICTS, Finding, NativeSeen, Result, StepSeen
from intercom_conformance.specification import load_specification
from intercom_conformance.trace import Step

SPEC = load_specification()
BINDING = Binding("toy", "1.0", "python", "any", "wrapper", "callbacks", frozenset(["session", "hide", "log-event"]))
EVIL = "\x00\x1b[31m]]></failure><script>alert(1)</script>\ud800 'and' \"quotes\" & ```"
"""What a binding may say to break a report."""


def finding(
    requirement: str = "logout-ends-session", *, observed: str = "session is identified", **more: Any
) -> Finding:
    """A fault that shows after the network came up, at a logout."""
    trace = (Step("network_up", (), ()), Step("loginUnidentifiedUser", ()), Step("logout", ()))
    held = NativeSeen("logout", (), "held")
    late = NativeSeen("loginUnidentifiedUser", (), "success", late=True)
    steps = (
        StepSeen("network_up()", "no callback"),
        StepSeen("loginUnidentifiedUser()", "success of c2", (NativeSeen("loginUnidentifiedUser", (), "success"),)),
        StepSeen("logout()", "success of c3", (held, late)),
    )
    told = {"transitions": ("logout",), "states": ("session: identified", "network: up"), **more}
    return Finding(requirement, "state_wrong", trace, steps, "session is logged_out", observed, **told)


def result(check: str, verdict: str = "passed", *findings: Finding, **more: Any) -> Result:
    """What became of a check about the end of a session."""
    told = {"exercised": frozenset(["logout-ends-session"]), "seconds": 0.25, **more}
    return Result(check, check.split("/")[0], verdict, ("logout-ends-session",), findings=findings, **told)


def every_verdict() -> tuple[Result, ...]:
    """A result for each verdict; those of a fault have a finding, with a text that would break a careless report."""
    found = {
        "failed": (finding(observed=EVIL),),
        "warned": (finding("login-fits-the-app"),),
        "expected failure": (finding("hide-closes-every-screen", known="on record"),),
    }
    more = {"unsupported": {"missing": ("push-token",)}, "crashed": {"message": "it ended with code 3\nin logout"}}
    return tuple(
        result(f"scenario/{verdict.replace(' ', '-')}", verdict, *found.get(verdict, ()), **more.get(verdict, {}))
        for verdict in VERDICTS
    )


def stream(
    results: tuple[Result, ...],
    *,
    binding: Binding = BINDING,
    complete: bool = True,
    stale: tuple[str, ...] = (),
    exit_code: int = 0,
    **plan: Any,
) -> Stream:
    """The stream of a run that came to these results; without a footer if it did not come to its end."""
    chosen = events.Plan(**{"connector": "py:toy:Toy", "checks": len(results) + (not complete), **plan})
    header = events.header(chosen, SPEC, binding)
    checks = tuple(events.check(one, SPEC, Masker.of(SPEC)) for one in results)
    footer = events.footer(results, SPEC, header, seconds=2.5, exit_code=exit_code, stale=stale)
    return Stream(header, checks, footer if complete else None, "" if complete else "it has no footer")


def written(one: Stream) -> str:
    """The lines of a stream, as a run writes them."""
    import io

    file = io.StringIO()
    for event in (one.header, *one.results, *([one.footer] if one.footer else [])):
        events.Writer(file).write(event)
    return file.getvalue()


def without_seconds(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """The same results, come to in another time."""
    return tuple(attrs.evolve(one, seconds=one.seconds * 2) for one in results)
