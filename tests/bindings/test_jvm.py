"""Java is compiled once and served over the kit's wire; what is missing for it is told in one line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from running_apps import App, Start

from intercom_conformance.bindings import jvm, resolve
from intercom_conformance.bindings.jvm import CompileFailed, JarMissing, JdkMissing, NothingToCompile, Program
from intercom_conformance.bindings.packages import CACHE_VARIABLE
from intercom_conformance.drivers import Answered, Failed, Held, Settled, StdioDriver
from intercom_conformance.drivers.protocol import MISSING, Callback, Json, Refused

TOY = """\
import conformance.*;
import java.util.*;

public class Toy implements Adapter {
    private final String name;

    public Toy(String[] given) {
        name = given[0];
    }

    public Map<String, Object> binding() {
        return Map.of("name", name, "version", "1.0", "style", "callbacks", "capabilities", List.of());
    }

    public void start() {}

    public void call(Call call) {
        switch (call.method) {
            case "throws": throw new IllegalStateException("no");
            case "throws-later": Loop.post(() -> { throw new IllegalStateException("later"); }); break;
            case "posts": Loop.post(() -> Loop.post(() -> call.success(call.arguments))); break;
            case "pool": new Pool().submit(() -> call.success()); break;
            case "gets": call.returned(Native.get("count")); break;
            case "tells": Native.tell("tell", "a"); call.success(); break;
            case "asks": ask(call); break;
            default: call.success(Arrays.asList(Double.NaN, "\\ud83d", Map.of(), 'c', 1.0, List.of()));
        }
    }

    private void ask(Call call) {
        Native.ask("ask", new Native.Reply() {
            public void success(Object value) { call.success(value); }

            public void failure(int code, String message) { call.error(Map.of("code", code, "message", message)); }
        }, call.arguments);
    }
}
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The command that serves the toy; it is compiled here."""
    source = tmp_path_factory.mktemp("toy") / "Toy.java"
    source.write_text(TOY, encoding="utf-8")
    return jvm.command(Program("the toy", (source,)), "Toy", "toy")


@pytest.fixture
def toy(command: tuple[str, ...], start: Start) -> App:
    return start(command)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def settled(kind: Callback, value: Json = MISSING) -> tuple[Settled, ...]:
    return (Settled("c1", kind, value),)


def test_a_reaction_comes_when_nothing_is_left_to_run(toy: App) -> None:
    """What a task posts runs before the answer, and so does what a thread pool is given."""
    assert toy.call("posts", 1, None, "é").settled == settled("success", [1, None, "é"])
    assert toy.call("pool").settled == settled("success")


def test_what_nobody_catches_belongs_to_the_call_in_flight(toy: App) -> None:
    """Thrown at the caller or by a task of its own: on a device it ends the app. The next call runs as ever."""
    for method, message in (("throws", "no"), ("throws-later", "later")):
        thrown = toy.call(method).thrown
        assert thrown is not None
        assert (thrown.type, thrown.message) == ("java.lang.IllegalStateException", message)
    assert toy.call("pool").settled == settled("success")


def test_the_native_sdk_answers_at_once_later_or_with_a_failure(toy: App) -> None:
    """Each by the reply of its own request; a later answer comes with the reaction to it."""
    toy.far_end.replies.update(ask=Answered({"a": None}), count=Answered(3))
    assert toy.call("asks", 1).settled == settled("success", {"a": None})
    assert toy.call("gets").returned == 3
    toy.far_end.replies["ask"] = Failed(2001, "who?")
    assert toy.call("asks").settled == settled("error", {"code": 2001, "message": "who?"})
    toy.far_end.replies["ask"] = Held("t1")
    assert toy.call("asks").settled == ()
    assert toy.driver.answer("t1", Answered(7)).settled == settled("success", 7)
    assert toy.far_end.heard == [("ask", [[1]]), ("count", []), ("ask", [[]]), ("ask", [[]])]


def test_what_tells_no_outcome_is_sent_and_its_answer_ignored(toy: App) -> None:
    """A failure of it, or a later answer to it, changes nothing."""
    toy.far_end.replies["tell"] = Failed(1, "lost")
    assert toy.call("tells").settled == settled("success")
    toy.far_end.replies["tell"] = Held("t1")
    assert toy.call("tells").settled == settled("success")
    assert toy.driver.answer("t1", Answered()).settled == ()
    assert toy.far_end.heard == [("tell", ["a"])] * 2


def test_a_new_installation_hears_nothing_of_the_old_one(toy: App) -> None:
    """An answer that was held back is for an app that is gone."""
    toy.far_end.replies["ask"] = Held("t1")
    toy.call("asks")
    toy.driver.reset()
    with pytest.raises(Refused, match="No native request is held under ticket t1"):
        toy.driver.answer("t1", Answered(7))
    assert toy.call("pool").settled == settled("success")


def test_what_json_cannot_carry_becomes_visible(toy: App) -> None:
    """Half of a surrogate pair survives, NaN is told, and a number is one number."""
    expected = [{"unserialisable": "NaN"}, "\ud83d", {}, "c", 1, []]
    assert toy.call("odd").settled == settled("success", expected)


def test_what_is_not_served_is_refused(toy: App) -> None:
    """By JSON-RPC's code for it; the driver runs on."""
    with pytest.raises(Refused, match="does not serve advance"):
        toy.driver.advance(1)
    assert toy.call("pool").settled == settled("success")


def test_java_is_compiled_once(cache: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What has not changed comes from the cache; what has, is compiled anew; an aborted compilation leaves nothing."""
    source = tmp_path / "Toy.java"
    source.write_text(TOY, encoding="utf-8")
    program = Program("the toy", (source,))
    first = jvm.command(program, "Toy")
    assert capfd.readouterr().err == "Compiling the Java of the toy ...\n"
    assert jvm.command(program, "Toy") == first
    assert capfd.readouterr().err == ""
    source.write_text(TOY.replace('"no"', '"never"'), encoding="utf-8")
    assert jvm.command(program, "Toy") != first
    assert capfd.readouterr().err == "Compiling the Java of the toy ...\n"
    source.write_text(TOY.replace("implements", "misses"), encoding="utf-8")
    with pytest.raises(CompileFailed) as error:
        jvm.command(program, "Toy")
    assert str(error.value).startswith("The Java of the toy does not compile; javac says:\n")
    assert "Toy.java:4: error: '{' expected" in str(error.value)
    assert len(list((cache / "java").iterdir())) == 2


def only(folder: Path, monkeypatch: pytest.MonkeyPatch, *programs: str) -> None:
    """A PATH with these programs and no others."""
    folder.mkdir()
    for program in programs:
        (folder / program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_without_a_jdk_one_line_says_what_to_install(
    cordova: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the layer that was asked for."""
    only(tmp_path / "bin", monkeypatch, "node")
    with pytest.raises(JdkMissing) as error:
        resolve(f"cordova:{cordova}+android")
    assert str(error.value) == (
        "No JDK is on the PATH or in JAVA_HOME: install JDK 17 or newer "
        "(apt install openjdk-17-jdk-headless, brew install openjdk)."
    )


def test_without_a_jdk_the_whole_is_the_javascript(
    cordova: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a note says so, and what to install."""
    only(tmp_path / "bin", monkeypatch, "node")
    assert resolve(f"cordova:{cordova}") == resolve(f"cordova:{cordova}+js")
    note = capsys.readouterr().err
    assert note.startswith("Only the JavaScript layer runs, as with +js. No JDK is on the PATH")
    assert note.count("\n") == 1


def test_an_old_jdk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its version; JAVA_HOME comes before the PATH."""
    (tmp_path / "bin").mkdir()
    for program in ("javac", "java"):
        (tmp_path / "bin" / program).write_text("#!/bin/sh\necho javac 11.0.2\n", encoding="utf-8")
        (tmp_path / "bin" / program).chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(JdkMissing, match=r"The JDK found is version 11\.0\.2: install JDK 17"):
        jvm.find_jdk()


def test_a_missing_jar_is_told_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is missing, in the folder that was chosen."""
    monkeypatch.setenv(jvm.JARS_VARIABLE, str(tmp_path))
    with pytest.raises(JarMissing, match=r"AOSP's org\.json .* apt install libandroid-json-java, or name a folder"):
        jvm.find_jars()
    (tmp_path / "com.android.json-12.jar").touch()
    with pytest.raises(JarMissing, match=r"Gson .* apt install libgoogle-gson-java"):
        jvm.find_jars()
    (tmp_path / "gson.jar").touch()
    assert [jar.name for jar in jvm.find_jars()] == ["com.android.json-12.jar", "gson.jar"]


def test_a_plugin_without_java_is_told(newer_cordova: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its Android side is in Kotlin: nothing is compiled, and its JavaScript runs."""
    with pytest.raises(NothingToCompile, match=r"has no Java for Android\.$"):
        resolve(f"cordova:{newer_cordova}+android")
    assert resolve(f"cordova:{newer_cordova}") == resolve(f"cordova:{newer_cordova}+js")
    assert "Only the JavaScript layer runs" in capsys.readouterr().err


def test_a_driver_that_ends_takes_its_process_along(command: tuple[str, ...], start: Start) -> None:
    """By shutdown, and by the end of its input."""
    driver: StdioDriver = start(command).driver
    pid = driver.pid
    assert pid is not None
    driver.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
