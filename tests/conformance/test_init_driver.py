"""Drivers to start from: those that can run here are written, compiled and judged for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from intercom_conformance import cli, events, templates
from intercom_conformance._version import __version__
from intercom_conformance.bindings import Package, install
from intercom_conformance.bindings.packages import find_program
from intercom_conformance.drivers import Answered, Failed, Held, NativeReply, Settled, StdioDriver, Thrown
from intercom_conformance.drivers.protocol import Refused

ROOT = Path(__file__).parents[2]
TYPESCRIPT = Package("typescript", "5.9.3")
INTEGRITY = "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw=="
RUN_BY_HAND_ONLY = ("dart", "kotlin", "swift")


@attrs.frozen
class Way:
    """How a driver runs: its language, what compiles it first, and its connector."""

    language: str
    connector: str
    compile: Callable[[], list[str]] | None = None

    def build(self, folder: Path) -> None:
        if self.compile is not None:
            subprocess.run(self.compile(), cwd=folder, check=True)

    def judged(self, folder: Path, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
        """What the kit says of the driver in this folder, as somebody in that folder asks it."""
        command = [sys.executable, "-m", "intercom_conformance", verb, self.connector, *options]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def javac() -> list[str]:
    compiler = shutil.which("javac")
    assert compiler, "javac is not on the PATH: install a JDK, 17 or later."
    return [compiler, "-Xlint:all", "-Werror", "-d", "classes", *JAVA_FILES]


def tsc() -> list[str]:
    return [find_program("node"), str(install(TYPESCRIPT, {str(TYPESCRIPT): INTEGRITY}) / "bin" / "tsc")]


JAVA_FILES = ("Driver.java", "Json.java", "Wire.java")
WAYS = {
    "javascript": Way("javascript", "cmd:node driver.js"),
    "typescript": Way("typescript", "cmd:node driver.js", tsc),
    "python, in the kit's process": Way("python", "py:driver:Driver"),
    "python, in its own process": Way("python", f"cmd:{sys.executable} driver.py"),
    "java": Way("java", "cmd:java -cp classes Driver", javac),
}


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way in which a driver runs here."""
    chosen: Way = request.param
    return chosen


@pytest.fixture(scope="module")
def written(way: Way, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that driver, just as the command line writes it, and compiled if need be."""
    folder = tmp_path_factory.mktemp(way.language) / "driver"
    assert cli.main(["init", "driver", "--language", way.language, "--out", str(folder)]) == 0
    way.build(folder)
    return folder


# Drivers that run -----------------------------------------------------------------------------------------


def test_it_passes_smoke_as_written(way: Way, written: Path) -> None:
    """Nobody has to touch the driver before its first green step."""
    done = way.judged(written, "smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok      bridge" in done.stdout
    assert "ok      next          every call was answered as specified" in done.stdout


def test_its_sample_passes_every_scenario_that_its_capabilities_open(way: Way, written: Path) -> None:
    """Failures, held answers and retries come through; what is not declared is unsupported."""
    done = way.judged(written, "run", "-k", "scenario", "--events", "run.ndjson")
    assert done.returncode == 0, done.stdout + done.stderr
    stream = events.read(written / "run.ndjson")
    assert {check["verdict"] for check in stream.results} == {"passed", "unsupported"}
    assert stream.footer is not None
    verdicts = stream.footer["requirements"]
    assert {slug: verdicts[slug]["verdict"] for slug in JUDGED} == JUDGED


JUDGED = {
    "anonymous-activity-is-merged": "passed",
    "event-metadata-arrives": "passed",
    "failure-is-reported": "passed",
    "is-user-logged-in": "passed",
    "late-answer-changes-nothing": "passed",
    "users-never-mix": "passed",
    "companies-arrive": "unsupported",
    "present-space": "unsupported",
}


def test_a_fault_of_the_binding_shows_through_it(way: Way, tmp_path: Path) -> None:
    """The driver hides nothing: a logout that asks the native SDK to hide does not end the session."""
    files = templates.template(way.language).files
    faulty = {name: re.sub(r"(bridge(\.ask)?\(['\"])logout", r"\1hideIntercom", text) for name, text in files.items()}
    templates.write(templates.Template(way.language, faulty), tmp_path)
    way.build(tmp_path)
    done = way.judged(tmp_path, "run", "-k", "scenario/logout-of-an-identified-user")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED  logout-ends-session" in done.stdout


@pytest.mark.parametrize("language", ["javascript", "python", "java"])
def test_its_readme_says_what_to_type(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands that the README shows, and that the command line repeats, do what they say."""
    assert cli.main(["init", "driver", "--language", language, "--out", str(tmp_path)]) == 0
    *before, smoke, run = commands = templates.template(language).commands
    told = capsys.readouterr().out
    assert all(f"  {command}\n" in told for command in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    typed = " && ".join([*before, smoke, f"{run} -k scenario/logout-of-an-identified-user"])
    done = subprocess.run(typed, shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


# The wire in Java -----------------------------------------------------------------------------------------


ECHO = """\
import java.util.*;

public final class Driver implements Wire.Binding {
  private Wire.Bridge bridge;
  private volatile int working;

  public static void main(String[] arguments) { Wire.serve(new Driver()); }

  @Override public Map<String, Object> describe() {
    return Map.of("name", "echo", "version", "1", "language", "java", "platform", "android", "style", "callbacks",
        "capabilities", List.of());
  }

  @Override public boolean idle() { return working == 0; }

  @Override public void reset(Wire.Bridge bridge) { this.bridge = bridge; }

  @Override public Object call(String method, Wire.Arguments given, Wire.Callback success, Wire.Callback error) {
    switch (method) {
      case "echo": return given.given();
      case "absent": return List.of(given.at(7) == null, success == null, error == null);
      case "strange": return List.of(Double.NaN, Locale.ROOT);
      case "print": System.out.println("not for the wire"); return null;
      case "callbacks": success.run(); error.run(given.at(0)); success.run((Object) null); return null;
      case "ask": bridge.ask((String) given.at(0), success, error, given.at(1)); return null;
      case "post": Wire.post(() -> { throw new IllegalStateException("posted"); }); return null;
      case "thread": thread(success, error); return null;
      case "dies": dying(); return null;
      default: throw new NoSuchElementException(method);
    }
  }

  private void dying() {
    Thread dies = new Thread(() -> { throw new IllegalStateException("elsewhere"); });
    dies.start();
    try { dies.join(); } catch (InterruptedException interrupted) { throw new IllegalStateException(interrupted); }
  }

  private void thread(Wire.Callback success, Wire.Callback error) {
    working = 1;
    new Thread(() -> {
      try { Thread.sleep(100); } catch (InterruptedException interrupted) { throw new RuntimeException(interrupted); }
      bridge.ask("slow", success, error);
      working = 0;
    }).start();
  }
}
"""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled Java of a driver that does what a test wants, over the template's wire."""
    folder = tmp_path_factory.mktemp("echo")
    templates.write(templates.template("java"), folder)
    (folder / "Driver.java").write_text(ECHO, encoding="utf-8")
    subprocess.run(javac(), cwd=folder, check=True)
    return folder / "classes"


@pytest.fixture
def echo(classes: Path) -> Iterator[StdioDriver]:
    """That driver, started; the far end holds `held`, refuses `refused`, and else succeeds with 1."""
    replies: dict[str, NativeReply] = {"held": Held("t1"), "refused": Failed(401, "no")}
    driver = StdioDriver(["java", "-cp", str(classes), "Driver"], lambda method, _: replies.get(method, Answered(1)))
    driver.initialize()
    driver.reset()
    yield driver
    driver.shutdown()


VALUES = [
    [None, True, False, 0, -1, 2**62, 2**80, 155.5, 1e-7, -2.5e30],
    ["", "é ß 漢 😀", 'a "quoted" \\ back/slash', "\b\f\n\r\t\x00\x1f\x7f\u2028"],
    [{}, [], [[]], {"": {"a b": [{"c": None}]}}, [[1, 2], {"x": [3]}]],
]


@pytest.mark.parametrize("values", VALUES)
def test_java_carries_every_json_value(echo: StdioDriver, values: list[object]) -> None:
    """What an app gives comes back as it was."""
    assert json.dumps(echo.call("c1", "echo", values, []).returned) == json.dumps(values)


def test_java_shows_what_is_no_json(echo: StdioDriver) -> None:
    """NaN and foreign objects become visible instead of breaking the wire."""
    assert echo.call("c1", "strange", [], []).returned == [{"unserialisable": "NaN"}, {"unserialisable": ""}]


def test_java_gives_callbacks_and_arguments_as_the_app_does(echo: StdioDriver) -> None:
    """What the app leaves out is null; what ran is reported in order, with its value if it had one."""
    assert echo.call("c1", "absent", [], ["success"]).returned == [True, False, True]
    runs = (Settled("c2", "success"), Settled("c2", "error", 7), Settled("c2", "success", None))
    assert echo.call("c2", "callbacks", [7], ["success", "error"]).settled == runs


def test_java_reports_what_is_thrown_now_and_later(echo: StdioDriver) -> None:
    """A crash belongs to the call; the driver lives on."""
    assert echo.call("c1", "nothing", [], []).thrown == Thrown("NoSuchElementException", "nothing")
    assert echo.call("c2", "post", [], []).thrown == Thrown("IllegalStateException", "posted")
    assert echo.call("c3", "dies", [], []).thrown == Thrown("IllegalStateException", "elsewhere")
    assert echo.call("c4", "print", [], []).thrown is None


def test_java_hands_on_what_the_native_sdk_answers(echo: StdioDriver) -> None:
    """At once, as an error, or later under a ticket that is good for one answer."""
    assert echo.call("c1", "ask", ["ready", None], ["success"]).settled == (Settled("c1", "success", 1),)
    refused = echo.call("c2", "ask", ["refused", {}], ["success", "error"]).settled
    assert refused == (Settled("c2", "error", {"code": 401, "message": "no"}),)
    assert echo.call("c3", "ask", ["held", 3], ["success"]).settled == ()
    assert echo.answer("t1", Answered()).settled == (Settled("c3", "success"),)
    with pytest.raises(Refused, match="held under ticket t1"):
        echo.answer("t1", Answered())


def test_java_waits_for_threads_that_are_not_idle(echo: StdioDriver) -> None:
    """What another thread asks of the native SDK, and its answer, are part of the same reaction."""
    assert echo.call("c1", "thread", [], ["success"]).settled == (Settled("c1", "success", 1),)


def test_java_ends_at_a_line_that_it_cannot_read(classes: Path) -> None:
    """It goes down with an error in its log, and does not wait for a kit that has gone wrong."""
    done = subprocess.run(["java", "-cp", str(classes), "Driver"], input=b"{]\n", capture_output=True, timeout=20)
    assert done.returncode == 1
    assert b"IllegalArgumentException" in done.stderr


def test_java_forgets_the_earlier_app(echo: StdioDriver) -> None:
    """After a reset no ticket is left."""
    echo.call("c1", "ask", ["held", 3], ["success"])
    echo.reset()
    with pytest.raises(Refused, match="held under ticket t1"):
        echo.answer("t1", Answered())


# Drivers that do not run here -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", RUN_BY_HAND_ONLY)
def test_an_untested_driver_says_so_at_its_top(language: str) -> None:
    """Each file of it that is not tested under another language, with the version of the kit."""
    tested = templates.template("java").files
    files = {name: text for name, text in templates.template(language).files.items() if name not in tested}
    assert files
    for text in files.values():
        assert text.startswith("// UNTESTED")
        assert f"Written by intercom-conformance {__version__}" in "".join(text.splitlines(keepends=True)[:3])


def test_every_driver_has_the_same_sample() -> None:
    """In each language, the sample has the same methods, and the driver names the capabilities that they open."""
    assert len(templates.languages()) == 7
    for language in templates.languages():
        text = "".join(text for name, text in templates.template(language).files.items() if "driver." in name.lower())
        text = text or templates.template(language).files["main.swift"]
        assert "REPLACE" in text
        words = set(re.findall(r"['\"]([\w-]+)['\"]", text))
        assert words >= {"session", "log-event", "event-metadata", "is-user-logged-in"}
        assert words >= {"loginUnidentifiedUser", "loginUserWithUserAttributes", "logEvent", "isUserLoggedIn"}


# The command ----------------------------------------------------------------------------------------------


def test_no_file_has_a_gap_left() -> None:
    """Every placeholder is filled, and every README says how it all works."""
    for language in templates.languages():
        files = templates.template(language).files
        assert not [name for name, text in files.items() if "{{version" in text]
        assert "**quiescent**" in files["README.md"]


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there stops it before anything is written, unless --force is given."""
    (tmp_path / "wire.js").write_text("mine", encoding="utf-8")
    init = ["init", "driver", "--language", "javascript", "--out", str(tmp_path)]
    assert cli.main(init) == 4
    assert "has wire.js already. Name another folder with --out, or use --force." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["wire.js"]
    assert cli.main([*init, "--force"]) == 0
    assert "JSON-RPC" not in (tmp_path / "driver.js").read_text(encoding="utf-8")
    assert (tmp_path / "wire.js").read_text(encoding="utf-8") != "mine"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a traceback, as an error of usage."""
    (tmp_path / "file").touch()
    assert cli.main(["init", "driver", "--language", "dart", "--out", str(tmp_path / "file")]) == 4
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "told"),
    [("jvascript", "Did you mean 'javascript'?"), ("cobol", "Languages: dart, java, javascript, kotlin, python")],
)
def test_another_language_is_told(language: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The closest name, or all of them."""
    assert cli.main(["init", "driver", "--language", language]) == 4
    assert told in capsys.readouterr().err


def test_help_names_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has examples, and lists the languages that there are."""
    assert cli.main(["init", "driver", "--help"]) == 0
    text = capsys.readouterr().out
    assert "intercom-conformance init driver --language" in text.split("Examples:", 1)[1]
    assert all(language in text for language in templates.languages())


def test_the_wheel_holds_every_file(tmp_path: Path) -> None:
    """What is installed has the same drivers as the checkout."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    package = ROOT / "conformance" / "intercom_conformance"
    files = {path.relative_to(package.parent).as_posix() for path in (package / "templates").rglob("*.*")}
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert {name for name in files if "__pycache__" not in name} <= set(wheel.namelist())
