"""The fake for tests in Python: a fixture that the plugin brings, over the reference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intercom_conformance import cli
from intercom_reference.fake import Call, Fake, Screen

USER = {"userId": "1"}


def test_the_sample_passes_as_it_is_written(tmp_path: Path) -> None:
    """Whoever writes the sample has two green tests with the fixture, and nothing to configure."""
    assert cli.main(["init", "fake", "--language", "python", "--out", str(tmp_path)]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_an_app_that_is_wrong_fails(pytester: pytest.Pytester) -> None:
    """A test of an app that sends data before anybody is logged in fails, and tells why."""
    pytester.makepyfile(
        """
        def test_the_name_arrives(intercom_fake):
            problems = []
            intercom_fake.updateUser({"name": "Ada"}, error=problems.append)
            assert problems == []
        """
    )
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Nobody is logged in, or not yet.*"])


def test_the_fixture_costs_nothing_until_it_is_used(pytester: pytest.Pytester) -> None:
    """A project that merely has the kit installed imports neither the fake nor the reference."""
    pytester.makepyfile(
        """
        import sys

        def test_before():
            assert not {"intercom_reference.fake", "intercom_reference.client", "statemachine"} & {*sys.modules}
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_held_answer_comes_when_it_is_told(intercom_fake: Fake) -> None:
    """Between the call and the answer, the app has heard nothing, and neither has the workspace."""
    heard: list[str] = []
    intercom_fake.network.hold()
    intercom_fake.loginUserWithUserAttributes(USER, success=lambda: heard.append("in"))
    assert (heard, intercom_fake.calls) == ([], [Call("loginUserWithUserAttributes", (USER,))])
    intercom_fake.network.answer()
    assert (heard, intercom_fake.calls[0].outcome) == (["in"], "success")


def test_no_test_ever_waits(intercom_fake: Fake) -> None:
    """A login that the network fails is told at once; one that it fails once succeeds at once."""
    errors: list[Any] = []
    intercom_fake.network.fail()
    intercom_fake.loginUserWithUserAttributes(USER, error=errors.append)
    assert [error["code"] for error in errors] == [503]
    intercom_fake.network.fail_once()
    intercom_fake.loginUserWithUserAttributes(USER)
    assert [call.outcome for call in intercom_fake.calls] == ["error", "success"]


def test_what_is_on_screen(intercom_fake: Fake) -> None:
    """Content that the test publishes opens; content that is paused shows an error."""
    intercom_fake.loginUserWithUserAttributes(USER)
    article = {"type": "ARTICLE", "id": "42"}
    intercom_fake.publish("ARTICLE", "42")
    intercom_fake.presentContent(article)
    assert intercom_fake.screen == Screen("article", article, None, launcher=False)
    intercom_fake.publish("ARTICLE", "42", "paused")
    intercom_fake.presentContent(article)
    assert intercom_fake.screen.messenger == "content_error"


def test_verification_accepts_the_hash_that_the_fake_gives(intercom_fake: Fake) -> None:
    """With identity verification on, a login needs the hash of that user."""
    intercom_fake.environment("verification_enforced")
    intercom_fake.loginUserWithUserAttributes(USER)
    intercom_fake.setUserHash(intercom_fake.user_hash("1"))
    intercom_fake.loginUserWithUserAttributes(USER)
    assert [call.outcome for call in intercom_fake.calls] == ["error", "success", "success"]


def test_arguments_are_given_as_to_the_client(intercom_fake: Fake) -> None:
    """By place or by name, with callbacks behind them or by name; what no method takes is a TypeError."""
    intercom_fake.loginUnidentifiedUser()
    heard: list[str] = []
    intercom_fake.logEvent("a", {"n": 1}, lambda: heard.append("a"))
    intercom_fake.logEvent(eventName="b", success=lambda: heard.append("b"))
    intercom_fake.logEvent("c", success=lambda: heard.append("c"))
    assert heard == ["a", "b", "c"]
    assert intercom_fake.user is not None
    assert [event["name"] for event in intercom_fake.user["events"]] == ["a", "b", "c"]
    with pytest.raises(TypeError, match="takes \\(eventName, metaData\\)"):
        intercom_fake.logEvent("a", metadata={})
    with pytest.raises(AttributeError, match="Did you mean logEvent"):
        intercom_fake.logEvnt("a")
    intercom_fake.reset_app()
    assert (intercom_fake.contacts, intercom_fake.calls, intercom_fake.user) == ([], [], None)


def test_aliases_are_logged_as_the_app_calls_them(intercom_fake: Fake) -> None:
    """A deprecated name does what its target does, and the log tells which name the app used."""
    intercom_fake.registerIdentifiedUser(USER)
    assert intercom_fake.isUserLoggedIn() is None
    assert [call.method for call in intercom_fake.calls] == ["registerIdentifiedUser", "isUserLoggedIn"]
    assert intercom_fake.calls[1].value is True
    assert intercom_fake.unreadConversationCount() == 0
