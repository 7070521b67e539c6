"""A binding that tells no outcomes is judged by what its calls do, and passes nothing that only a callback can show.

The subjects are wrappers of a few lines. What a driver says nobody can write is left out, and reported as unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import pytest

from intercom_conformance.drivers import InProcessDriver, Native, Reaction
from intercom_conformance.drivers.protocol import Refused
from intercom_conformance.far_end import ReferenceFarEnd
from intercom_conformance.kit import oracle_of
from intercom_conformance.player import Failure, Played, Player
from intercom_conformance.results import requirement_verdicts
from intercom_conformance.smoking import steps
from intercom_conformance.specification import load_specification
from intercom_conformance.suite import Settings, catalogue, run_check
from intercom_conformance.trace import Step, Trace

SPEC = load_specification()
LOGIN, UPDATE = Step("loginUserWithUserAttributes", ({"userId": "ada"},)), Step("updateUser", ({"name": "Ada"},))


class Mute:
    """Hands on every call and tells nobody what came of it."""

    binding: ClassVar[dict[str, Any]] = {
        "name": "mute",
        "version": "1",
        "style": "none",
        "kind": "wrapper",
        "capabilities": ["session", "update-user", "custom-attributes", "present", "launcher-visibility"],
    }

    def __init__(self, native: Native) -> None:
        self.native = native
        self.given: list[Any] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in SPEC.api.methods:
            raise AttributeError(name)
        return lambda *arguments, success=None, error=None: self.hand_on(name, arguments, (success, error))

    def hand_on(self, name: str, arguments: Sequence[Any], callbacks: Sequence[Any]) -> None:
        assert callbacks == (None, None)
        self.native(name, list(arguments))

    def answer(self, ticket: str, value: Any = None, error: Any = None) -> None:
        """Nobody is told of what came late either."""


class Lazy(Mute):
    """Forgets what is said of a user."""

    def updateUser(self, attributes: Any = None, success: Any = None, error: Any = None) -> None:  # noqa: N802
        pass


class Wordless(InProcessDriver):
    """A driver in whose API nobody can write an update."""

    def call(self, call: str, method: str, arguments: Sequence[Any], callbacks: Any) -> Reaction:
        if method == "updateUser":
            raise Refused("call", -32602, "there is no such word")
        return super().call(call, method, arguments, callbacks)


def player(subject: type[Mute], driver: type[InProcessDriver] = InProcessDriver) -> Player:
    return Player(SPEC, oracle_of(SPEC), lambda native: driver(subject, native), ReferenceFarEnd())


@pytest.fixture
def mute() -> Iterator[Player]:
    playing = player(Mute)
    playing.start()
    yield playing
    playing.stop()


@pytest.mark.parametrize("trace", [(LOGIN, UPDATE), (UPDATE, LOGIN), (LOGIN, LOGIN, Step("logout"), UPDATE)])
def test_no_callback_is_owed_and_none_is_given(mute: Player, trace: Trace) -> None:
    """Neither for a success nor for a failure."""
    played = mute.play(trace)
    assert isinstance(played, Played)
    assert all(not seen.observation.settled for seen in played.seen)


def test_what_a_call_does_is_judged() -> None:
    """A call without its effect is found as it is of any other binding."""
    failure = player(Lazy).play((LOGIN, UPDATE))
    assert isinstance(failure, Failure)
    assert failure.requirement == "every-key-arrives"


def test_a_step_about_callbacks_is_unsupported(mute: Player) -> None:
    """There are none to be left out."""
    assert mute.supports(Step("logout", callbacks=("success",))) == {"callbacks"}
    assert not mute.supports(Step("logout"))


def verdicts(playing: Player) -> dict[str, str]:
    binding = playing.start()
    checks = [check for check in catalogue(SPEC) if check.family in ("scenario", "transition", "callbacks")]
    results = [run_check(check, playing, Settings(examples=1)) for check in checks]
    return requirement_verdicts(results, SPEC, binding.kind, binding.capabilities)


def test_what_only_a_callback_shows_never_passes(mute: Player) -> None:
    """It is unsupported or not run; what effects show passes."""
    found = verdicts(mute)
    told = {SPEC.api.contract[kind] for kind in ("callback_missing", "failure_hidden", "error_empty", "callback_early")}
    assert {found[slug] for slug in told} <= {"unsupported", "not run"}
    assert {found[slug] for slug in ("update-reaches-user", "identified-login", "logout-ends-session")} == {"passed"}
    assert "failed" not in found.values()


def test_a_call_that_nobody_can_write_is_left_out() -> None:
    """The trace goes on without it, and the driver is not blamed."""
    played = player(Mute, Wordless).play((LOGIN, UPDATE, Step("present")))
    assert isinstance(played, Played)
    assert played.unwritable
    assert [seen.step.name for seen in played.seen] == ["loginUserWithUserAttributes", "present"]


def test_requirements_of_calls_that_nobody_can_write_are_unsupported() -> None:
    """They do not count as passed, and the check says what is lacking."""
    playing = player(Mute, Wordless)
    assert verdicts(playing)["update-keeps-other-attributes"] == "unsupported"
    check = next(check for check in catalogue(SPEC) if check.id == "valid/updateUser")
    result = run_check(check, playing, Settings(examples=1))
    assert result.verdict == "unsupported"
    assert "every-call" in result.missing


@pytest.mark.parametrize("code", [-32601, -32000])
def test_any_other_refusal_of_a_call_is_a_fault_of_the_driver(code: int) -> None:
    """Only parameters that cannot be used mean that the API has no way to say it."""
    assert not Refused("call", code, "no").unwritable
    assert not Refused("reset", -32602, "no").unwritable
    assert Refused("call", -32602, "no").unwritable


def test_smoke_looks_for_no_callbacks(mute: Player) -> None:
    """And finds nothing else to complain about."""
    assert [one.told for one in steps(mute) if one.what == "callback"] == [
        "none is looked for: by its style, the API tells no outcomes"
    ]
