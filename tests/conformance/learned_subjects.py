"""Lamps and garages to be learned: ``py:learned_subjects:NAME``, or this file with the NAME of one that goes down."""

# ruff: noqa: N802 - methods have the names of the specification.

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[1] / "second_spec"))

from garage import Garage, Lamp

from intercom_reference.wire import serve


class Lazy(Lamp):
    """Shines only every third time: one state more than a lamp has."""

    toggled = 0

    def toggle(self, success: Any = None, error: Any = None) -> None:
        self.toggled += 1
        if self.toggled % 3:
            return super().toggle(success, error)
        return success() if success else None


class Fickle(Lamp):
    """Answers now with a success, now with an error, whatever was done since the reset."""

    asked: ClassVar[list[int]] = [0]

    def toggle(self, success: Any = None, error: Any = None) -> None:
        self.asked[0] += 1
        if self.asked[0] % 7 == 0:
            return error({"code": 1, "message": "no"}) if error else None
        return super().toggle(success, error)


class Counting(Lamp):
    """Has a state for each time that it was ever switched."""

    def __init__(self) -> None:
        super().__init__()
        self.toggled = 0

    def toggle(self, success: Any = None, error: Any = None) -> None:
        self.toggled += 1
        super().toggle(success, error)

    def observe(self) -> dict[str, Any]:
        return {"state": {"light": f"switched {self.toggled} times"}}


class Seeding(Garage):
    """Makes chance begin anew at each reset, as fakes do that want to be repeatable."""

    def __init__(self) -> None:
        super().__init__()
        random.seed(0)


class Shapeless(Lamp):
    """Shows snapshots of no shape at all."""

    def observe(self) -> Any:
        return {"state": {"light": {"a": [1]}}, "current": None}


class Falling(Lamp):
    """Goes down when it is switched off."""

    def down(self) -> None:
        os._exit(3)

    def toggle(self, success: Any = None, error: Any = None) -> None:
        if self.light == "bright":
            self.down()
        super().toggle(success, error)


class Hanging(Falling):
    """Never comes back when it is switched off."""

    def down(self) -> None:
        time.sleep(600)


class Mute(Garage):
    """Never comes back when it is asked for a receipt."""

    def fetchReceipt(self, success: Any = None, error: Any = None) -> None:
        time.sleep(600)


if __name__ == "__main__":
    serve({"Falling": Falling, "Hanging": Hanging, "Mute": Mute}[sys.argv[1]])
