"""The JavaScript fake in a small app, with the tools that people test theirs with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apps import App, installed

from intercom_conformance import cli


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, compiled, with the fake as the command line writes it."""
    fake = tmp_path_factory.mktemp("made") / "intercom-fake"
    assert cli.main(["init", "fake", "--out", str(fake)]) == 0
    with installed(fake) as made:
        compiled = made.run("tsc", "-p", ".")
        assert compiled.returncode == 0, compiled.stdout
        yield made


def test_the_fake_has_every_type_of_the_package(app: App) -> None:
    """The app compiled, in which the fake is a value of the package's type; what is wrong does not compile."""
    assert (app.folder / "dist" / "types.js").is_file()
    wrong = app.run("tsc", "--noEmit", "--strict", "--module", "node16", "--skipLibCheck", "types-wrong.ts")
    assert [line.partition(":")[0] for line in wrong.stdout.splitlines() if line.startswith("types")] == [
        "types-wrong.ts(3,14)",
        "types-wrong.ts(4,14)",
    ]


def test_tests_of_an_app_pass_under_jest(app: App) -> None:
    """With one line of configuration each test has a fresh fake, of spies; one line in a test will do, too."""
    done = app.run("jest", "--testPathIgnorePatterns", "wrong")
    assert done.returncode == 0, done.stderr
    assert "Tests:       12 passed, 12 total" in done.stderr


def test_an_app_that_is_wrong_fails_under_jest(app: App) -> None:
    """An app that sends data before anybody is logged in passes with canned answers, and fails with the fake."""
    done = app.run("jest", "wrong")
    assert done.returncode == 1
    assert "Nobody is logged in, or not yet. Log in, wait for success, then call again." in done.stderr


def test_tests_of_an_app_pass_under_vitest(app: App) -> None:
    """The plugin gives every test a fresh fake; without it, one line in a test is enough."""
    done = app.run("vitest", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed | 1 skipped" in done.stdout
    bare = app.run("vitest", "run", "--config", "vitest.bare.mjs")
    assert bare.returncode == 0, bare.stdout + bare.stderr
    assert "1 passed" in bare.stdout


def test_an_app_that_is_wrong_fails_under_vitest(app: App) -> None:
    """The same fault is seen there."""
    done = app.run("vitest", "run", WRONG="1")
    assert done.returncode == 1
    assert "Nobody is logged in, or not yet" in done.stdout + done.stderr


def test_an_app_need_not_have_the_package(app: App, tmp_path: Path) -> None:
    """Jest takes the fake where the package itself is not installed, as in tests of a shared library."""
    elsewhere = tmp_path / "app"
    (elsewhere / "node_modules").mkdir(parents=True)
    (elsewhere / "node_modules" / "intercom-fake").symlink_to(app.folder / "node_modules" / "intercom-fake")
    (elsewhere / "jest.config.js").write_text((app.folder / "jest.config.js").read_text())
    (elsewhere / "one.test.js").write_text(
        "test('it is there', async () => {\n"
        "  const { default: Intercom } = require('@intercom/intercom-react-native');\n"
        "  expect(await Intercom.isUserLoggedIn()).toBe(false);\n"
        "});\n"
    )
    done = App(app.folder).run("jest", "--rootDir", str(elsewhere), "--config", str(elsewhere / "jest.config.js"))
    assert done.returncode == 0, done.stderr
