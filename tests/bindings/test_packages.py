"""A package is installed only if it is the one that is meant, and whole or not at all.

npm is the real one. Where a test needs no network, npm packs a folder of the test's own.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from intercom_conformance.bindings.packages import (
    NpmMissing,
    Offline,
    Package,
    UnknownVersion,
    UnsafeTarball,
    WrongIntegrity,
    cache_folder,
    digest,
    find_program,
    install,
    pins,
    unpack,
)
from intercom_conformance.drivers import DriverError

CORDOVA = Package("cordova-plugin-intercom", "12.1.0")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("INTERCOM_CONFORMANCE_CACHE", str(folder))
    return folder


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    """What npm packs of a small package."""
    source = tmp_path / "source"
    (source / "lib").mkdir(parents=True)
    (source / "package.json").write_text('{"name": "small", "version": "1.0.0"}')
    (source / "lib" / "index.js").write_text("module.exports = 1;")
    subprocess.run([find_program("npm"), "pack"], cwd=source, check=True, capture_output=True)
    return source / "small-1.0.0.tgz"


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_pinned_package_is_installed_once(cache: Path, capsys: Any, monkeypatch: Any) -> None:
    """The first time is told on stderr; afterwards neither npm nor a network is needed."""
    folder = install(CORDOVA)
    assert json.loads((folder / "package.json").read_text())["version"] == "12.1.0"
    assert folder.is_relative_to(cache)
    assert capsys.readouterr() == ("", "Fetching cordova-plugin-intercom@12.1.0 ...\n")
    monkeypatch.setenv("PATH", str(cache))
    assert install(CORDOVA) == folder
    assert capsys.readouterr() == ("", "")


def test_without_npm_the_error_says_what_to_install(cache: Path, monkeypatch: Any) -> None:
    """The cache is empty and the PATH has no npm."""
    monkeypatch.setenv("PATH", str(cache))
    with pytest.raises(NpmMissing, match=r"npm is not on the PATH: install Node\.js 20 with npm"):
        install(CORDOVA)


def test_without_a_network_the_error_says_so(cache: Path, monkeypatch: Any) -> None:
    """npm itself is told to stay offline, with nothing in its own cache."""
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(cache / "npm-own"))
    with pytest.raises(Offline, match="ENOTCACHED") as error:
        install(CORDOVA)
    assert "://" not in str(error.value)
    assert not list((cache / "npm").iterdir())


def test_a_package_that_is_not_the_pinned_one_is_refused(cache: Path) -> None:
    """Both digests are named, and nothing is left behind."""
    altered = "sha512-" + "A" * 86 + "=="
    with pytest.raises(WrongIntegrity) as error:
        install(CORDOVA, {str(CORDOVA): altered})
    assert altered in str(error.value)
    assert pins()[str(CORDOVA)] in str(error.value)
    assert not list((cache / "npm").iterdir())


def test_a_copy_in_the_cache_is_held_to_a_changed_pin(cache: Path) -> None:
    """Whoever changes a pin does not go on with what the cache has."""
    install(CORDOVA)
    with pytest.raises(WrongIntegrity, match="deleted"):
        install(CORDOVA, {str(CORDOVA): "sha512-other"})


def test_a_version_without_a_pin_is_checked_against_npms_answer(cache: Path, capsys: Any) -> None:
    """It is installed, and the note says that nobody pinned it."""
    folder = install(CORDOVA, {})
    assert (folder / "plugin.xml").is_file()
    assert "is not pinned" in capsys.readouterr().err


def test_a_version_that_does_not_exist_is_told(cache: Path) -> None:
    """With the versions that are known."""
    with pytest.raises(UnknownVersion, match=r"Versions known to work: 12\.1\.0"):
        install(Package(CORDOVA.name, "99.0.0"), {f"{CORDOVA.name}@99.0.0": "sha512-any"})


def test_processes_that_install_at_once_do_not_disturb_each_other(cache: Path) -> None:
    """All get the same whole package, and no half of one is left."""
    program = (
        "from intercom_conformance.bindings import Package, install\n"
        f"print(install(Package({CORDOVA.name!r}, {CORDOVA.version!r})))"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(4)]
    folders = {run.communicate(timeout=120)[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    assert len(folders) == 1
    assert [entry.name for entry in (cache / "npm").iterdir()] == [str(CORDOVA)]


def test_a_tarball_of_npm_is_unpacked(tarball: Path, tmp_path: Path) -> None:
    """Every file is there, below package/."""
    unpack(tarball, tmp_path / "unpacked")
    assert set(content(tmp_path / "unpacked")) == {"package/package.json", "package/lib/index.js"}


def test_the_digest_is_npms_own(tarball: Path) -> None:
    """The same notation and the same value as npm prints."""
    command = [find_program("npm"), "pack", "--dry-run", "--json", str(tarball)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert digest(tarball) == told[0]["integrity"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("package/../../evil.js", tarfile.REGTYPE),
        ("../evil.js", tarfile.REGTYPE),
        ("/tmp/evil.js", tarfile.REGTYPE),
        ("other/evil.js", tarfile.REGTYPE),
        ("package\\..\\..\\evil.js", tarfile.REGTYPE),
        ("package/link", tarfile.SYMTYPE),
        ("package/link", tarfile.LNKTYPE),
        ("package/pipe", tarfile.FIFOTYPE),
    ],
)
def test_a_tarball_that_reaches_outside_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    """Before anything of it is unpacked, with the member's name."""
    evil = tmp_path / "evil.tgz"
    with tarfile.open(evil, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("package/package.json"), io.BytesIO())
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    with pytest.raises(UnsafeTarball) as error:
        unpack(evil, tmp_path / "unpacked")
    assert repr(name) in str(error.value)
    assert not (tmp_path / "unpacked").exists()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.cache/intercom-conformance"),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, "xdg/intercom-conformance"),
        ("darwin", {}, "home/Library/Caches/intercom-conformance"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/intercom-conformance"),
        ("win32", {}, "home/AppData/Local/intercom-conformance"),
        ("linux", {"INTERCOM_CONFORMANCE_CACHE": "chosen"}, "chosen"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(
    tmp_path: Path, monkeypatch: Any, platform: str, variables: dict[str, str], expected: str
) -> None:
    """Or where the environment says."""
    for name in ("INTERCOM_CONFORMANCE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in {"HOME": "home", **variables}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == tmp_path / expected


def test_every_pin_is_a_whole_sha512_digest() -> None:
    """A pin that is cut short would refuse the right package."""
    assert pins()
    for integrity in pins().values():
        assert integrity.startswith("sha512-")
        assert len(integrity) == len("sha512-") + 88


def test_every_error_is_one_of_the_drivers() -> None:
    """So that whoever opens a driver catches one base class."""
    for error in (NpmMissing, Offline, UnknownVersion, UnsafeTarball, WrongIntegrity):
        assert issubclass(error, DriverError)
    assert os.path.basename(find_program("node")).startswith("node")
