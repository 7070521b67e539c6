"""An SDK in a process of its own that does not survive one call: ``wrong_process.py crash|hang|garbage``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from intercom_reference.client import Client
from intercom_reference.wire import serve


def crash() -> None:
    """Goes down."""
    print("the native side is gone", file=sys.stderr, flush=True)
    os._exit(3)


def hang() -> None:
    """Never comes back."""
    time.sleep(600)


def garbage() -> None:
    """Writes something between the messages."""
    os.write(WIRE, b"I am fine, thank you\n")


WIRE = os.dup(1)
MISTAKES: dict[str, Callable[[], None]] = {"crash": crash, "hang": hang, "garbage": garbage}


class Unwell(Client):
    """The reference client, until its messenger is presented."""

    def present(self, success: Any = None, error: Any = None) -> None:
        MISTAKES[sys.argv[1]]()
        super().present(success, error)


if __name__ == "__main__":
    serve(Unwell)
