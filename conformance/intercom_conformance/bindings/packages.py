"""Fetches a published npm package, once, and only if it is the one that is meant.

1. `install` looks into the cache. What is there was checked when it came; with the version's pin unchanged,
   neither npm nor a network is needed.
2. Otherwise `npm pack` fetches the package's tarball, and nothing else: no dependencies, no scripts.
3. The tarball's SHA-512 digest must be the one pinned in ``packages.json``. Of a version without a pin, npm
   is asked for the digest that the registry states, and a note says so. `WrongIntegrity` if they differ.
4. The tarball is unpacked beside the cache's place for it, every member checked (`UnsafeTarball`), and moved
   there in one step. So processes that install the same package at the same time do not disturb each other.

`NpmMissing`, `Offline` and `UnknownVersion` tell why a package cannot be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import attrs

from intercom_conformance.drivers.protocol import DriverError

__all__ = [
    "BindingError",
    "NpmFailed",
    "NpmMissing",
    "Offline",
    "Package",
    "UnknownVersion",
    "UnsafeTarball",
    "WrongIntegrity",
    "cache_folder",
    "find_program",
    "install",
    "pins",
    "unpack",
]

CACHE_VARIABLE: Final = "INTERCOM_CONFORMANCE_CACHE"
SECONDS: Final = 180.0
"""What one run of npm may take."""

_NAME: Final = "intercom-conformance"
_INTEGRITY: Final = "integrity.txt"
_OPTIONS: Final = ("--json", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
_UNREACHABLE: Final = re.compile("EAI_AGAIN|ECONN.*|E[A-Z]+UNREACH|ENOTCACHED|ENOTFOUND|.*TIMEDOUT|.*TIMEOUT")
_UNKNOWN: Final = frozenset({"E404", "ETARGET"})


class BindingError(DriverError):
    """Base of the reasons why a published binding cannot be had."""


@attrs.frozen(str=False)
class NpmMissing(BindingError):
    """Node.js or its package manager is not on the PATH."""

    program: str

    def __str__(self) -> str:
        return f"{self.program} is not on the PATH: install Node.js 20 with npm."


@attrs.frozen(str=False)
class Offline(BindingError):
    """npm could not reach where packages come from."""

    package: Package
    code: str

    def __str__(self) -> str:
        return (
            f"{self.package} is not in the cache, and npm cannot fetch it from here ({self.code}). Run this "
            f"once with a network, or set {CACHE_VARIABLE} to a cache that holds it."
        )


@attrs.frozen(str=False)
class UnknownVersion(BindingError):
    """The package exists in no such version."""

    package: Package
    pinned: tuple[str, ...]

    def __str__(self) -> str:
        known = f" Versions known to work: {', '.join(self.pinned)}." if self.pinned else ""
        return f"npm knows no {self.package}. See 'npm view {self.package.name} versions'.{known}"


@attrs.frozen(str=False)
class NpmFailed(BindingError):
    """npm gave up for a reason of its own."""

    package: Package
    code: str

    def __str__(self) -> str:
        return f"npm cannot fetch {self.package} ({self.code}). See what 'npm pack {self.package}' says."


@attrs.frozen(str=False)
class WrongIntegrity(BindingError):
    """The package is not the one that was pinned; nothing of it was unpacked."""

    package: Package
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.package} is not the package that was pinned.\n"
            f"  pinned  {self.expected}\n  found   {self.found}\n"
            "A published version never changes: find out who changed it before you trust it. "
            f"A wrong copy in the cache is to be deleted: {cache_folder()}"
        )


@attrs.frozen(str=False)
class UnsafeTarball(BindingError):
    """A member of the tarball would land outside of the package's folder, or is no plain file."""

    tarball: str
    member: str

    def __str__(self) -> str:
        return f"{self.tarball} is not unpacked: its member {self.member!r} does not belong into a package."


@attrs.frozen
class Package:
    """One version of an npm package; `str` gives ``name@version``."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@cache
def pins() -> Mapping[str, str]:
    """The pinned digest, in npm's notation ``sha512-<base64>``, of each ``name@version`` in packages.json."""
    text = Path(__file__).with_name("packages.json").read_text(encoding="utf-8")
    return {name: entry["integrity"] for name, entry in json.loads(text).items()}


def cache_folder() -> Path:
    """Where packages are kept: INTERCOM_CONFORMANCE_CACHE, or else the platform's place for caches."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local", _NAME)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _NAME
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", _NAME)


def install(package: Package, known: Mapping[str, str] | None = None) -> Path:
    """The folder of the package, with its package.json; fetched first if it is not in the cache.

    Args:
        package: name and exact version.
        known: the pins, as `pins` gives them.

    Raises:
        BindingError: it is not to be had, or not the one that was pinned.
    """
    pin = (pins() if known is None else known).get(str(package))
    place = cache_folder() / "npm" / str(package).replace("/", "+")
    if not (place / _INTEGRITY).is_file():
        _fetch(package, pin, place)
    found = (place / _INTEGRITY).read_text(encoding="ascii").strip()
    if pin is not None and found != pin:
        raise WrongIntegrity(package, pin, found)
    return place / "package"


def _fetch(package: Package, pin: str | None, place: Path) -> None:
    npm = find_program("npm")
    print(f"Fetching {package} ...", file=sys.stderr, flush=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetching-", ignore_cleanup_errors=True) as work:
        expected = pin or _stated(npm, package, work)
        tarball = _tarball(npm, package, work)
        found = digest(tarball)
        if found != expected:
            raise WrongIntegrity(package, expected, found)
        ready = Path(work, "ready")
        unpack(tarball, ready)
        (ready / _INTEGRITY).write_text(found, encoding="ascii")
        _move(ready, place)


def _stated(npm: str, package: Package, work: str) -> str:
    print(f"{package} is not pinned: its digest is taken from npm's answer.", file=sys.stderr, flush=True)
    stated = _npm(npm, ("view", str(package), "dist.integrity"), package, work)
    digests = [part for part in str(stated).split() if part.startswith("sha512-")]
    if not digests:
        raise NpmFailed(package, "it states no SHA-512 digest")
    return digests[0]


def _tarball(npm: str, package: Package, work: str) -> Path:
    _npm(npm, ("pack", str(package), "--pack-destination", work), package, work)
    found = sorted(Path(work).glob("*.tgz"))
    if len(found) != 1:
        raise NpmFailed(package, f"it left {len(found)} tarballs")
    return found[0]


def _npm(npm: str, arguments: Sequence[str], package: Package, work: str) -> Any:
    """What npm prints as JSON. Its own texts are not passed on: they may hold addresses and credentials."""
    try:
        run = subprocess.run(
            [npm, *arguments, *_OPTIONS],
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Offline(package, f"no answer within {SECONDS:g} s") from None
    try:
        answer = json.loads(run.stdout or b"null")
    except ValueError:
        answer = None
    if run.returncode:
        raise _failure(package, answer)
    return answer


def _failure(package: Package, answer: Any) -> BindingError:
    error = answer.get("error") if isinstance(answer, dict) else None
    code = str(error.get("code")) if isinstance(error, dict) else "for an unknown reason"
    if _UNREACHABLE.fullmatch(code):
        return Offline(package, code)
    if code in _UNKNOWN:
        versions = (name.rpartition("@") for name in pins())
        return UnknownVersion(package, tuple(version for name, _, version in versions if name == package.name))
    return NpmFailed(package, code)


def digest(tarball: Path) -> str:
    """The SHA-512 digest of a file in npm's notation, ``sha512-<base64>``."""
    with tarball.open("rb") as file:
        return "sha512-" + base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode("ascii")


def unpack(tarball: Path, folder: Path) -> None:
    """Unpacks the files of an npm tarball into a new folder, all of them below ``package/``.

    Raises:
        UnsafeTarball: a member is a link or a device, or lies outside of ``package/``; nothing is unpacked.
    """
    with tarfile.open(tarball, "r:gz") as archive:
        members = archive.getmembers()
        for member in members:
            if not _harmless(member):
                raise UnsafeTarball(tarball.name, member.name)
        # Python 3.11.4 brought the filter; what it refuses is refused above already, by every Python.
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, members=members, filter="data")
        else:
            archive.extractall(folder, members=members)


def _harmless(member: tarfile.TarInfo) -> bool:
    parts = member.name.replace("\\", "/").split("/")
    return (member.isfile() or member.isdir()) and parts[0] == "package" and ".." not in parts


def _move(ready: Path, place: Path) -> None:
    """Moves the folder to its place, unless another process was faster."""
    try:
        ready.rename(place)
    except OSError:
        if not (place / _INTEGRITY).is_file():
            raise


def find_program(name: str) -> str:
    """The full path of a program of Node.js; `NpmMissing` if it is not on the PATH."""
    found = shutil.which(name)
    if found is None:
        raise NpmMissing(name)
    return found
