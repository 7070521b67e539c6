"""A small app with the tools that people test theirs with: Jest, Vitest and the compiler of TypeScript, all real.

The tools are installed once, into the cache; the fake is packed and installed anew into each fresh copy of the app.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from intercom_conformance.bindings.packages import cache_folder, find_program

APP = Path(__file__).parent / "app"
TOOLS = {
    "jest": "29.7.0",
    "vitest": "3.2.4",
    "typescript": "5.9.3",
    "@intercom/intercom-react-native": "10.7.1",
}
QUIET = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")


@attrs.frozen
class App:
    """A copy of the small app, with the fake installed in it."""

    folder: Path

    def run(self, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """What one of the tools says in the app's folder."""
        script = next(self.folder.parent.glob(f"node_modules/.bin/{program}"))
        return run([find_program("node"), str(script.resolve()), *arguments], self.folder, **variables)


def run(command: Sequence[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    import os

    environment = {**os.environ, "CI": "1", "NO_COLOR": "1", "FORCE_COLOR": "0", **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def npm(folder: Path, *arguments: str) -> str:
    """What npm says; it must succeed."""
    done = run([find_program("npm"), *arguments], folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def installed(fake: Path) -> Iterator[App]:
    """A fresh copy of the app, in which the fake is installed as its users get it: packed, and from the package."""
    folder = Path(tempfile.mkdtemp(prefix="app-", dir=tools()))
    try:
        shutil.copytree(APP, folder, dirs_exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        archive = npm(fake, "pack", "--silent", "--pack-destination", str(folder))
        npm(folder, "install", *QUIET, f"./{archive}")
        yield App(folder)
    finally:
        shutil.rmtree(folder)


def tools() -> Path:
    """The folder of the tools; two processes that install them at once do not disturb each other."""
    name = "-".join(f"{one.replace('/', '+')}@{version}" for one, version in TOOLS.items())
    place = cache_folder() / "tools" / name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=place.parent))
        (made / "package.json").write_text(json.dumps({"private": True}))
        npm(made, "install", *QUIET, "--legacy-peer-deps", *(f"{one}@{version}" for one, version in TOOLS.items()))
        try:
            made.rename(place)
        except OSError:
            shutil.rmtree(made)
    return place
