"""Compiles the Java bridge of a binding, once, with the stubs it runs against, and gives the command that runs it.

1. A `Program` names the Java files: the harness, the stubs of Android and of the Intercom SDK, all of them in
   ``java/``; what the binding's family adds; and the binding's own, as published.
2. `find_jdk` and `find_jars` find what compiles and runs them, or tell what to install: `JdkMissing`, `JarMissing`.
3. `classes` compiles them into the cache, under a digest of every file, every jar and the compiler's version; what is
   there is not compiled again. `CompileFailed` quotes what the compiler said first.
4. `command` is the argv of one run: the kit's protocol on stdin and stdout.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from intercom_conformance.bindings.packages import BindingError, cache_folder

__all__ = [
    "CompileFailed",
    "JarMissing",
    "Jdk",
    "JdkMissing",
    "NoJava",
    "NothingToCompile",
    "Program",
    "classes",
    "command",
    "find_jars",
    "find_jdk",
]

JARS_VARIABLE: Final = "INTERCOM_CONFORMANCE_JARS"
OLDEST_JDK: Final = 17

_HERE: Final = Path(__file__).parent
_SHARED: Final = tuple(_HERE / "java" / part for part in ("harness", "sdk", "android"))
_GUIDE: Final = _HERE / "guide.json"
_JAR_FOLDERS: Final = (Path("/usr/share/java"), Path("/usr/local/share/java"), Path("/opt/homebrew/share/java"))
_JARS: Final = {
    "com.android.json": ("AOSP's org.json", "libandroid-json-java"),
    "gson": ("Gson", "libgoogle-gson-java"),
}
_OPTIONS: Final = ("-g", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-Xmaxerrs", "5")
_RUN: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m", "-Dfile.encoding=UTF-8")
"""Quick to start: a run of the kit is over before an optimising compiler pays."""


class NoJava(BindingError):
    """Base of the reasons why a binding has no Java that could run here."""


@attrs.frozen(str=False)
class JdkMissing(NoJava):
    """There is no Java compiler, or only one that is too old."""

    found: str | None = None

    def __str__(self) -> str:
        what = f"The JDK found is version {self.found}" if self.found else "No JDK is on the PATH or in JAVA_HOME"
        return f"{what}: install JDK {OLDEST_JDK} or newer (apt install openjdk-17-jdk-headless, brew install openjdk)."


@attrs.frozen(str=False)
class JarMissing(NoJava):
    """A library that Android has built in, or that the bridges use, is not installed."""

    jar: str

    def __str__(self) -> str:
        what, package = _JARS[self.jar]
        return (
            f"{what} ({self.jar}.jar) is not installed: apt install {package}, or name a folder that holds the jar "
            f"in {JARS_VARIABLE}."
        )


@attrs.frozen(str=False)
class NothingToCompile(NoJava):
    """The binding has no Java, or its Android side is written in another language."""

    name: str

    def __str__(self) -> str:
        return f"{self.name} has no Java for Android."


@attrs.frozen(str=False)
class CompileFailed(BindingError):
    """The binding's Java does not compile against the stubs."""

    name: str
    errors: str

    def __str__(self) -> str:
        return f"The Java of {self.name} does not compile; javac says:\n{self.errors}"


@attrs.frozen
class Jdk:
    """A compiler, its runtime, and the compiler's version as it states it."""

    javac: str
    java: str
    version: str


@attrs.frozen
class Program:
    """Java files to compile.

    Args:
        name: what they are, for messages.
        sources: the binding's own files.
        folders: folders of stubs and adapters, compiled with all that is in them.
        libraries: folders of source code from which only what is used is compiled.
        generated: what an app's build generates beside the sources, each text by its file's name.
    """

    name: str
    sources: tuple[Path, ...]
    folders: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()
    generated: Mapping[str, str] = MappingProxyType({})

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is compiled in any case."""
        return (*_java((*_SHARED, *self.folders)), *self.sources)

    @property
    def path(self) -> tuple[Path, ...]:
        """Where the compiler looks for what these files use."""
        return (*_SHARED, *self.folders, *self.libraries)


def command(program: Program, adapter: str, *arguments: str) -> tuple[str, ...]:
    """The argv that serves `adapter`, a class of the program, to the kit; compiled first if that was not yet done.

    Raises:
        BindingError: it cannot be compiled or run here.
    """
    if not program.sources:
        raise NothingToCompile(program.name)
    jdk, jars = find_jdk(), find_jars()
    path = os.pathsep.join(str(part) for part in (classes(program, jdk, jars), *jars))
    return (jdk.java, *_RUN, f"-Dconformance.guide={_GUIDE}", "-cp", path, "conformance.Main", adapter, *arguments)


def find_jdk() -> Jdk:
    """The JDK in JAVA_HOME, or else the one on the PATH; `JdkMissing` if there is none that is new enough."""
    home = os.environ.get("JAVA_HOME")
    places = [None] if not home else [str(Path(home, "bin")), None]
    for place in places:
        javac, java = shutil.which("javac", path=place), shutil.which("java", path=place)
        if javac and java:
            return _new_enough(Jdk(javac, java, _version(javac)))
    raise JdkMissing


def _version(javac: str) -> str:
    run = subprocess.run([javac, "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return (run.stdout or run.stderr).strip().removeprefix("javac ")


def _new_enough(jdk: Jdk) -> Jdk:
    major = re.match(r"\d+", jdk.version)
    if major is None or int(major[0]) < OLDEST_JDK:
        raise JdkMissing(jdk.version or "unknown")
    return jdk


def find_jars() -> tuple[Path, ...]:
    """The jars that every program uses, from the folder in INTERCOM_CONFORMANCE_JARS or the system's."""
    chosen = os.environ.get(JARS_VARIABLE)
    folders = (Path(chosen).expanduser(),) if chosen else _JAR_FOLDERS
    return tuple(_jar(name, folders) for name in _JARS)


def _jar(name: str, folders: Iterable[Path]) -> Path:
    for folder in folders:
        exact = folder / f"{name}.jar"
        found = [exact] if exact.is_file() else sorted(folder.glob(f"{name}-*.jar"))
        if found:
            return found[-1].resolve()
    raise JarMissing(name)


def classes(program: Program, jdk: Jdk, jars: tuple[Path, ...]) -> Path:
    """The folder of the compiled classes, from the cache if nothing has changed since."""
    place = cache_folder() / "java" / _digest(program, jdk, jars)
    if not place.is_dir():
        print(f"Compiling the Java of {program.name} ...", file=sys.stderr, flush=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".compiling-", ignore_cleanup_errors=True) as work:
            _compile(program, jdk, jars, Path(work, "classes"))
            _move(Path(work, "classes"), place)
    return place


def _compile(program: Program, jdk: Jdk, jars: tuple[Path, ...], target: Path) -> None:
    target.mkdir()
    files = (*program.files, *_written(program.generated, target.parent))
    listed = target.with_name("files.txt")
    listed.write_text("".join(f'"{_quoted(file)}"\n' for file in files), encoding="utf-8")
    places = (os.pathsep.join(map(str, paths)) for paths in (jars, program.path))
    path = [part for flag, value in zip(("-cp", "-sourcepath"), places, strict=True) for part in (flag, value)]
    argv = [jdk.javac, *_OPTIONS, *path, "-d", str(target), f"@{listed}"]
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
    if run.returncode:
        raise CompileFailed(program.name, "\n".join(run.stderr.splitlines()[:20]))


def _written(texts: Mapping[str, str], folder: Path) -> Iterator[Path]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        yield folder / name


def _quoted(file: Path) -> str:
    return str(file).replace("\\", "\\\\")


def _digest(program: Program, jdk: Jdk, jars: tuple[Path, ...]) -> str:
    """Names everything that the classes depend on."""
    digest = hashlib.sha256("\0".join((jdk.version, *_OPTIONS)).encode())
    for part in (*jars, *program.files, *_java(program.libraries)):
        digest.update(f"\0{part.name}\0".encode())
        digest.update(part.read_bytes())
    for name, text in program.generated.items():
        digest.update(f"\0{name}\0{text}".encode())
    return digest.hexdigest()[:32]


def _java(folders: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(file for folder in folders for file in sorted(folder.rglob("*.java")))


def _move(ready: Path, place: Path) -> None:
    """Moves the folder to its place, unless another process was faster."""
    try:
        ready.rename(place)
    except OSError:
        if not place.is_dir():
            raise
