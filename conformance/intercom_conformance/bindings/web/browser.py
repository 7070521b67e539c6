"""Drives a driver that runs in a page of a headless browser.

The kit starts a Chromium for each driver, with a profile of its own that is deleted in the end, and serves it one page,
which holds every file of the driver. The page connects back by WebSocket. `initialize` starts all of it anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Final

import attrs

from intercom_conformance.bindings.packages import BindingError
from intercom_conformance.bindings.web.serving import Listener
from intercom_conformance.drivers import processes
from intercom_conformance.drivers.pipes import MAX_LINE, Ended, Late
from intercom_conformance.drivers.protocol import Crashed, Native, NotStarted
from intercom_conformance.drivers.sockets import SocketLines
from intercom_conformance.drivers.wire import Connection, Timing, WireDriver

__all__ = ["VARIABLE", "BrowserMissing", "Page", "browser_driver", "find_browser"]

VARIABLE: Final = "INTERCOM_CONFORMANCE_CHROMIUM"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--mute-audio",
    "--log-level=3",
)
_TAIL: Final = 8 * 1024


@attrs.frozen(str=False)
class BrowserMissing(BindingError):
    """There is no browser that can be started."""

    named: str | None = None

    def __str__(self) -> str:
        if self.named:
            return f"{VARIABLE} names {self.named!r}, which is no program: name a Chromium or Chrome."
        return f"No Chromium is on the PATH: install chromium or google-chrome, or set {VARIABLE} to one."


@attrs.frozen
class Page:
    """What the browser's page holds.

    Shapes:
        files: the texts of JavaScript and JSON files, by path; those of packages below ``npm/``.
        mains: the path of the file that is meant by a package's own path.
        entry: the path of the driver.
        script: the script that runs the entry, by its function `start`.
    """

    files: Mapping[str, str]
    mains: Mapping[str, str]
    entry: str
    script: str

    def document(self, socket: str) -> bytes:
        """The page as HTML, for the address at which it connects."""
        page = {"files": dict(self.files), "mains": dict(self.mains), "entry": self.entry, "socket": socket}
        # In a script of a page, nothing may look like the end of the script.
        data = json.dumps({**page, "arguments": []}).replace("<", "\\u003c")
        return f"<!doctype html><title>Driver</title><script>{self.script}\nstart({data});</script><body>".encode()


def find_browser() -> str:
    """The full path of a Chromium; `BrowserMissing` if there is none."""
    named = os.environ.get(VARIABLE)
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise BrowserMissing(named)
    return found


def browser_driver(
    name: str, browser: str, page: Page, native: Native, *, timing: Timing | None = None, spec: str = "1.0"
) -> WireDriver:
    """The driver in a page of that browser; nothing is started yet."""
    timing = timing or Timing()
    return WireDriver(name, partial(_connect, name, browser, page, timing), native, timing=timing, spec=spec)


@attrs.frozen
class _Browser:
    """A running browser, its profile, and the file that takes its log."""

    process: subprocess.Popen[bytes]
    profile: Path

    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self) -> str:
        return _log(self.profile).read_bytes()[-_TAIL:].decode("utf-8", "replace")

    def gone(self, grace: float, request: str) -> Crashed:
        return Crashed(request, processes.wait(self.process, grace), self.tail())

    def end(self) -> None:
        processes.end(self.process)
        shutil.rmtree(self.profile, ignore_errors=True)


def _log(profile: Path) -> Path:
    return profile / "log.txt"


def _connect(name: str, browser: str, page: Page, timing: Timing) -> Connection:
    deadline = time.monotonic() + timing.start
    with Listener(MAX_LINE) as listener:
        running = _start(name, browser, listener.page_address)
        try:
            connected = listener.connected(page.document(listener.wire_address), deadline, running.alive)
        except BaseException as error:
            reason, log = _why(error, running, timing.start), running.tail()
            running.end()
            if reason is None:
                raise
            raise NotStarted(name, reason, f"Does this browser run: {browser}?", log or "(empty)") from None
    lines = SocketLines(*connected, running.tail)
    return Connection(
        lines=lines,
        gone=partial(running.gone, timing.grace),
        leave=lines.farewell,
        end=partial(_end, lines, running),
    )


def _why(error: BaseException, running: _Browser, seconds: float) -> str | None:
    if isinstance(error, Late):
        return f"its page did not connect within {seconds:g} s"
    return f"the browser ended with exit code {running.process.poll()}" if isinstance(error, Ended) else None


def _start(name: str, browser: str, address: str) -> _Browser:
    profile = Path(tempfile.mkdtemp(prefix="intercom-conformance-"))
    try:
        with _log(profile).open("wb") as log:
            return _Browser(_started(_command(browser, profile, address), log), profile)
    except OSError as error:
        shutil.rmtree(profile, ignore_errors=True)
        raise NotStarted(name, str(error), f"Does this browser run: {browser}?") from None


def _started(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return processes.start(command, log=log)


def _command(browser: str, profile: Path, address: str) -> tuple[str, ...]:
    # Chromium refuses its sandbox to root.
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return (browser, *_FLAGS, *root, f"--user-data-dir={profile}", address)


def _end(lines: SocketLines, running: _Browser) -> None:
    lines.close()
    running.end()
