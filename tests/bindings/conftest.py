"""What the tests of the bindings share: how to start one, the real packages, a plugin of the newer shape."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from running_apps import App, FarEnd, Start

from intercom_conformance.bindings import Package, install
from intercom_conformance.drivers import StdioDriver


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a command as a driver, up to a freshly installed app; ends all of them after the test."""
    drivers: list[StdioDriver] = []

    def started(command: Sequence[str]) -> App:
        far_end = FarEnd()
        drivers.append(StdioDriver(command, far_end))
        binding = drivers[-1].initialize()
        drivers[-1].reset()
        return App(drivers[-1], binding, far_end)

    yield started
    for driver in drivers:
        driver.shutdown()


@pytest.fixture(scope="session")
def react_native() -> Path:
    """The real package, from the cache or from npm."""
    return install(Package("@intercom/intercom-react-native", "10.7.1"))


@pytest.fixture(scope="session")
def cordova() -> Path:
    """The real plugin, from the cache or from npm."""
    return install(Package("cordova-plugin-intercom", "12.1.0"))


@pytest.fixture(scope="session")
def newer_cordova(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin that has the guide's names, and its content builders in a second file."""
    folder = tmp_path_factory.mktemp("newer")
    (folder / "www").mkdir()
    for name, text in NEWER.items():
        (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


NEWER = {
    "plugin.xml": """\
        <?xml version="1.0" encoding="utf-8"?>
        <plugin xmlns="http://apache.org/cordova/ns/plugins/1.0" id="cordova-plugin-newer" version="99.1.0">
          <!-- <js-module name="Gone" src="www/gone.js"><clobbers target="intercom" /></js-module> -->
          <js-module name="Names" src="www/names.js" />
          <js-module name="Sdk" src="www/sdk.js">
            <clobbers target="window.intercom" />
            <clobbers target="plugin.intercom" />
          </js-module>
          <js-module name='Content' src='www/content.js'><clobbers target='intercomContent'/></js-module>
          <platform name="ios">
            <js-module name="Ios" src="www/ios.js"><merges target="intercom" /></js-module>
          </platform>
          <platform name="android"><source-file src="src/Bridge.kt" /></platform>
        </plugin>
        """,
    "www/names.js": """\
        module.exports = { service: 'Intercom', calls: 0 };
        """,
    "www/sdk.js": """\
        const exec = require('cordova/exec');
        const names = require('./Names');
        const ask = (action, args, yes, no) => { exec(yes, no, names.service, action, args); };
        exports.loginUnidentifiedUser = (options, yes, no) => ask('loginUnidentifiedUser', [], yes, no);
        exports.loginUserWithUserAttributes = (a, y, n) => ask('loginUserWithUserAttributes', [a], y, n);
        exports.logout = (yes, no) => ask('logout', [], yes, no);
        exports.isUserLoggedIn = (yes, no) => ask('isUserLoggedIn', [], yes, no);
        exports.logEvent = (name, data, yes, no) => ask('logEvent', [name, data], yes, no);
        exports.present = (yes, no) => ask('present', [], yes, no);
        exports.presentSpace = (space, yes, no) => ask('presentIntercomSpace', [space], yes, no);
        exports.presentContent = (content, yes, no) => ask('presentContent', [content], yes, no);
        exports.unreadConversationCount = () => (names.calls += 1);
        exports.space = { Home: 'HOME', HelpCenter: 'help', Messages: 'MESSAGES' };
        """,
    "www/content.js": """\
        module.exports = {
          articleWithArticleId: (id) => ({ type: 'ARTICLE', id }),
          helpCenterCollectionsWithIds: (ids) => ({ type: 'HELP_CENTER_COLLECTIONS', ids, built: true }),
        };
        """,
    "www/ios.js": """\
        exports.hideIntercom = (yes, no) => cordova.exec(yes, no, 'Intercom', 'hideIntercom', []);
        """,
}
