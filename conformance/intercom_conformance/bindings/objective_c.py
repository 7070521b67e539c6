"""Compiles the Objective-C bridge of a binding, once, for GNUstep, with the stubs it runs against.

1. A `Program` names the files: the harness and the stub of the Intercom SDK, in ``objc/``; what the binding's family
   adds; and the binding's own, as published.
2. `find_tools` finds clang, GNUstep and the rest on a Debian or Ubuntu, or tells what to install: `GnustepMissing`.
3. `command` compiles them into the cache, under a digest of every file and the compiler's version, and gives the argv
   of one run. `CompileFailed` quotes what the compiler said first.

GCC's Objective-C runtime, which Debian's GNUstep has, knows no automatic reference counting. The bridges are compiled
without it: locals are zero at first, as with it, and nothing is released while the app lives.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from intercom_conformance.bindings.packages import BindingError, cache_folder

__all__ = ["CompileFailed", "GnustepMissing", "Program", "Tools", "command", "find_tools"]

_OURS: Final = Path(__file__).parent / "objc"
_PLUGIN: Final = _OURS / "subscripts.cpp"
_ZERO: Final = (
    "-ftrivial-auto-var-init=zero",
    "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang",
)
_OPTIONS: Final = ("-fblocks", "-w", "-D_GNU_SOURCE", *_ZERO, "-include", str(_OURS / "include" / "prefix.h"))


@attrs.frozen(str=False)
class GnustepMissing(BindingError):
    """Something that compiles or runs Objective-C is not installed."""

    what: str

    def __str__(self) -> str:
        return (
            f"{self.what} is missing, and Objective-C cannot run without it. On Debian 12 or newer: apt install "
            "clang libclang-dev llvm-dev gobjc gnustep-make libgnustep-base-dev libblocksruntime-dev."
        )


@attrs.frozen(str=False)
class CompileFailed(BindingError):
    """The binding's Objective-C does not compile against the stubs."""

    name: str
    errors: str

    def __str__(self) -> str:
        return f"The Objective-C of {self.name} does not compile; clang says:\n{self.errors}"


@attrs.frozen
class Tools:
    """What compiles: clang with its version, its own headers, GCC's for Objective-C, and GNUstep's flags."""

    clang: str
    version: str
    clang_headers: Path
    runtime_headers: Path
    flags: tuple[str, ...]
    libraries: tuple[str, ...]


@attrs.frozen
class Program:
    """Objective-C files to compile.

    Args:
        name: what they are, for messages.
        sources: the binding's own files.
        folder: the family's stubs and its class `App`.
    """

    name: str
    sources: tuple[Path, ...]
    folder: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the driver depends on."""
        beside = (file for source in self.sources for file in source.parent.glob("*.h"))
        return tuple(sorted({*self.sources, *beside, *_ours(self.folder, "*.*")}))

    @property
    def compiled(self) -> tuple[Path, ...]:
        """The files that are compiled."""
        return (*_ours(self.folder, "*.m"), *self.sources)


def _ours(folder: Path, pattern: str) -> tuple[Path, ...]:
    return tuple(file for place in (_OURS, folder) for file in sorted(place.rglob(pattern)))


def command(program: Program, *arguments: str) -> tuple[str, ...]:
    """The argv that serves the program; compiled first if that was not yet done.

    Raises:
        BindingError: it cannot be compiled here.
    """
    tools = find_tools()
    place = cache_folder() / "objective-c" / _digest(program, tools)
    if not place.is_file():
        print(f"Compiling the Objective-C of {program.name} ...", file=sys.stderr, flush=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".compiling-", ignore_cleanup_errors=True) as work:
            _compile(program, tools, Path(work)).replace(place)
    return (str(place), *arguments)


def find_tools() -> Tools:
    """What is installed; `GnustepMissing` if it is not enough."""
    clang = shutil.which("clang")
    if clang is None:
        raise GnustepMissing("clang")
    config = shutil.which("gnustep-config")
    if config is None:
        raise GnustepMissing("gnustep-config")
    own = Path(clang).resolve().parents[1] / "include"
    runtime = _found("GCC's Objective-C runtime", Path("/usr/lib/gcc").glob("*/*/include/objc/objc.h")).parents[1]
    _found("GNUstep Base", [Path("/usr/include/GNUstep/Foundation/Foundation.h")])
    _found("the blocks runtime", [Path("/usr/include/Block.h")])
    _found("the library of clang", [own / "clang" / "Frontend" / "FrontendPluginRegistry.h"])
    _found("the library of LLVM", [own / "llvm" / "Support" / "Compiler.h"])
    flags = (flag for flag in _output(config, "--objc-flags").split() if flag not in ("-MMD", "-MP", "-O2", "-I."))
    libraries = tuple(_output(config, "--base-libs").split())
    return Tools(clang, _output(clang, "--version"), own, runtime, tuple(flags), libraries)


def _found(what: str, places: Iterable[Path]) -> Path:
    found = sorted(place for place in places if place.is_file())
    if not found:
        raise GnustepMissing(what)
    return found[-1]


def _output(*argv: str) -> str:
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout


def _compile(program: Program, tools: Tools, work: Path) -> Path:
    """The driver, in the folder `work`; with it the plugin of clang that its compilation takes."""
    plugin, driver = work / "subscripts.so", work / "driver"
    cpp = ("-x", "c++", "-std=c++17", "-shared", "-fPIC", "-fno-rtti", "-isystem", str(tools.clang_headers))
    _clang(program, tools, *cpp, str(_PLUGIN), "-o", str(plugin))
    folders = (_OURS / "harness", _OURS / "include", program.folder)
    headers = (*(f"-I{folder}" for folder in folders), "-idirafter", str(tools.runtime_headers))
    # The blocks runtime comes first: GNUstep has functions of the same names, which do not take nil.
    libraries = (f"-L{tools.runtime_headers.parent}", "-lBlocksRuntime", *tools.libraries)
    objc = (*tools.flags, *_OPTIONS, f"-fplugin={plugin}", *headers, *map(str, program.compiled))
    _clang(program, tools, *objc, "-o", str(driver), *libraries)
    return driver


def _clang(program: Program, tools: Tools, *arguments: str) -> None:
    argv = (tools.clang, *arguments)
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
    if run.returncode:
        raise CompileFailed(program.name, "\n".join(run.stderr.splitlines()[:20]))


def _digest(program: Program, tools: Tools) -> str:
    """Names everything that the driver depends on."""
    digest = hashlib.sha256("\0".join((tools.version, *tools.flags, *_OPTIONS)).encode())
    for file in (Path(__file__), *program.files):
        digest.update(f"\0{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]
