"""Systems under test for the command line and the plugin: ``py:cli_subjects:NAME``, or this file with a NAME."""

# ruff: noqa: N802 - methods have the names that the guide gives them.

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from intercom_reference.client import Client
from intercom_reference.wire import serve


class Forgetful(Client):
    """Says that it logged out, and did not."""

    def logout(self, success: Any = None, error: Any = None) -> None:
        if success:
            success()


class Leaky(Client):
    """Refuses each user hash, and repeats it in the error."""

    def setUserHash(self, hash: Any = None, success: Any = None, error: Any = None) -> None:
        if error:
            error({"code": 400, "message": f"no use for {hash} of ada@example.com"})


class Talkative(Client):
    """Repeats a hash and a signed token in an error, and registers another push token than it is given."""

    token = "planted-token-of-a-phone"
    signed = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    def setUserHash(self, hash: Any = None, success: Any = None, error: Any = None) -> None:
        if error:
            error({"code": 400, "message": f"no use for {hash} of ada@example.com with {self.signed}"})

    def sendPushToken(self, token: Any = None, success: Any = None, error: Any = None) -> None:
        super().sendPushToken(token and self.token, success, error)


class Dropping(Client):
    """Forgets who wanted to know about a login while answers are held back."""

    held = False

    def environment(self, event: str, *arguments: Any) -> None:
        self.held = event == "network_held"
        super().environment(event, *arguments)

    def loginUnidentifiedUser(self, options: Any = None, success: Any = None, error: Any = None) -> None:
        if self.held:
            success = error = None
        super().loginUnidentifiedUser(options, success, error)


class Humble(Client):
    """Declares nothing, so that nothing can be judged."""

    @property
    def binding(self) -> dict[str, Any]:
        return {**super().binding, "name": "humble", "capabilities": []}


class Modest(Client):
    """Has no push tokens."""

    @property
    def binding(self) -> dict[str, Any]:
        capabilities = [name for name in super().binding["capabilities"] if name != "push-token"]
        return {**super().binding, "name": "modest", "capabilities": capabilities}


class Misspelt(Client):
    """Declares a capability that nobody knows."""

    @property
    def binding(self) -> dict[str, Any]:
        return {**super().binding, "capabilities": [*super().binding["capabilities"], "log-events"]}


class Odd(Client):
    """Shows a snapshot of another shape; which one, the test says."""

    change: ClassVar[dict[str, Any]] = {}

    def observe(self) -> dict[str, Any]:
        return {**super().observe(), **self.change}


class Unlucky:
    """Cannot even be made."""

    def __init__(self) -> None:
        raise RuntimeError("no licence")


class Sleepy(Client):
    """Never comes back from a logout."""

    def logout(self, success: Any = None, error: Any = None) -> None:
        time.sleep(600)


class Mortal(Client):
    """Goes down at a logout."""

    def logout(self, success: Any = None, error: Any = None) -> None:
        os._exit(3)


class Babbler(Client):
    """Writes something else between the messages."""

    def logout(self, success: Any = None, error: Any = None) -> None:
        os.write(WIRE, b"no message\n")
        super().logout(success, error)


class Registered(Client):
    """Is right; like any of these it tells its process id in a file, so that a test can see whether it runs."""


WIRE = os.dup(1)

if __name__ == "__main__":
    name = sys.argv[1]
    if name == "Dead":
        sys.exit("no display found")
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(str(os.getpid()), encoding="utf-8")
    if name == "Mute":
        time.sleep(600)
    serve(globals()[name])


class Idle:
    """Hides what it never shows, and does nothing else."""

    binding: ClassVar = {"name": "idle", "version": "1", "capabilities": ["hide"]}

    def hideIntercom(self, success: Any = None, error: Any = None) -> None:
        if success is not None:
            success()
