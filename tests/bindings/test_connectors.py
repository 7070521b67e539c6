"""A connector leads to the command of its binding, or to an error that says what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercom_conformance.bindings import OPENERS, resolve
from intercom_conformance.bindings.families import FAMILIES
from intercom_conformance.bindings.packages import NpmMissing, pins
from intercom_conformance.drivers import Answered, open_driver
from intercom_conformance.drivers.protocol import BadConnector, UnknownConnector

PACKAGES = [name for family in FAMILIES for name in family.packages]
DRIVEN = [pin for pin in sorted(pins()) if pin.rpartition("@")[0] in PACKAGES]


@pytest.mark.parametrize("package", DRIVEN)
def test_every_pinned_package_can_be_driven(package: str) -> None:
    """From the connector to the first call, through the door that the kit uses."""
    driver = open_driver(f"npm:{package}", lambda method, arguments: Answered(), openers=OPENERS)
    try:
        binding = driver.initialize()
        assert f"{binding.name}@{binding.version}" == package
        driver.reset()
        expected = [] if binding.style == "none" else ["success"]
        assert [one.callback for one in driver.call("c1", "logout", [], ["success"]).settled] == expected
    finally:
        driver.shutdown()


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_a_folder_and_a_platform_are_named(newer_cordova: Path, platform: str) -> None:
    """The binding says where it runs."""
    connector = f"cordova:{newer_cordova}?platform={platform}"
    driver = open_driver(connector, lambda method, arguments: Answered(), openers=OPENERS)
    try:
        assert driver.initialize().platform == platform
    finally:
        driver.shutdown()


def test_a_folder_may_be_relative(newer_cordova: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To where the kit runs, not to where the program will."""
    monkeypatch.chdir(newer_cordova.parent)
    assert resolve(f"cordova:{newer_cordova.name}").folder == newer_cordova


def test_a_package_folder_of_react_native_is_taken(react_native: Path) -> None:
    """Android, unless told otherwise."""
    command = resolve(f"react-native:{react_native}+js")
    assert command.folder == react_native
    assert command.argv[-2:] == (str(react_native), "android")


@pytest.mark.parametrize(
    ("connector", "message"),
    [
        ("npm:@intercom/intercom-reactnative@10.7.1", "Did you mean @intercom/intercom-react-native?"),
        ("npm:cordova-plugin-interkom@12.1.0", "Did you mean cordova-plugin-intercom?"),
        ("npm:left-pad@1.0.0", "no adapter runs the package 'left-pad'"),
        ("npm:@intercom/intercom-react-native", "Write npm:@intercom/intercom-react-native@10.7.1"),
        ("npm:cordova-plugin-intercom@latest", "it names no exact version"),
        ("npm:cordova-plugin-intercom@--flag", "it names no exact version"),
        ("npm:", "no adapter runs the package ''"),
        ("cordova:", "Write cordova:PATH"),
        ("cordova:/no/such/folder", "there is no folder '/no/such/folder'"),
        ("cordova:EMPTY", "there is no plugin.xml in it"),
        ("react-native:EMPTY", "there is no package.json in it"),
        ("react-native:SOURCE", "Build the package first"),
        ("cordova:PLUGIN?platform=web", "Use android or ios"),
        ("cordova:PLUGIN?device=old", "there is no option 'device'. Known: platform"),
        ("cordova:PLUGIN+kotlin", "there is no layer +kotlin. Use +js, +android"),
        ("cordova:PLUGIN+android?platform=ios", "Java runs on Android"),
    ],
)
def test_an_unusable_connector_says_what_to_write(tmp_path: Path, connector: str, message: str) -> None:
    """Before anything is fetched or started."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "package.json").write_text('{"main": "./lib/index.js"}')
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "plugin.xml").touch()
    connector = connector.replace("PLUGIN", str(tmp_path / "plugin"))
    connector = connector.replace("EMPTY", str(tmp_path / "empty")).replace("SOURCE", str(tmp_path / "source"))
    with pytest.raises(BadConnector) as error:
        resolve(connector)
    assert message in str(error.value)


def test_an_unknown_kind_gets_the_closest_one() -> None:
    """The same error as for any other connector."""
    with pytest.raises(UnknownConnector, match="Did you mean 'react-native:'"):
        resolve("reactnative:here")


def test_without_node_the_error_says_what_to_install(
    newer_cordova: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing prerequisite is told, never skipped."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NpmMissing, match=r"node is not on the PATH: install Node\.js 20"):
        resolve(f"cordova:{newer_cordova}")
