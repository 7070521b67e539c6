"""A parking garage, written by hand from the sign at its entrance, three that get things wrong, a lamp."""

# ruff: noqa: N802, N815 - methods have the names of the specification.

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

Callback = Callable[..., None] | None

WRONG_ARGUMENT, ALREADY_IN, NO_ANSWER, OUT_OF_TURN, GATE_SHUT, FULL = 1, 2, 3, 5, 6, 7
TILL = {"till_answers": "answering", "till_stumbles": "stumbling", "till_is_silent": "silent"}


class Garage:
    """One gate, one till, one car a day; a silent till keeps requests waiting."""

    binding: ClassVar[dict[str, Any]] = {
        "name": "garage",
        "version": "3",
        "capabilities": ["parking", "receipts", "aliases", "missing-arguments"],
    }

    def __init__(self) -> None:
        self.visit, self.gate, self.till = "outside", "gate_shut", "answering"
        self.cars: list[dict[str, Any]] = []
        self.car: dict[str, Any] | None = None
        self.visits = 0
        self.waiting: list[tuple[Callable[[], None], Callback]] = []

    def enterGarage(
        self, plate: Any = None, spot: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        if not _is_plate(plate) or not _is_spot(spot):
            return _fail(error, WRONG_ARGUMENT)
        return self._request(lambda: self._enter(plate, spot, success, error), error, self.visit == "outside")

    driveIn = enterGarage

    def _enter(self, plate: str, spot: int | None, success: Callback, error: Callback) -> None:
        if self.visit != "outside":
            return _fail(error, ALREADY_IN)
        if self.visits == 1:
            return _fail(error, FULL)
        self.visit, self.visits = "parked", self.visits + 1
        self.car = self._find(plate)
        self.car["stays"].append({"spotNumber": spot})
        return _succeed(success)

    def _find(self, plate: str) -> dict[str, Any]:
        for car in self.cars:
            if car["plate"] == plate:
                return car
        self.cars.append({"plate": plate, "means": None, "stays": []})
        return self.cars[-1]

    def payTicket(self, means: Any = None, success: Callback = None, error: Callback = None) -> None:
        if self.visit != "parked":
            return _fail(error, OUT_OF_TURN)
        if means not in ("CARD", "CASH"):
            return _fail(error, WRONG_ARGUMENT)
        if self.till == "stumbling":
            self.till = "answering"
        return self._request(lambda: self._pay(means, success, error), error)

    def _pay(self, means: str, success: Callback, error: Callback) -> None:
        if self.visit != "parked" or self.car is None:
            return _fail(error, OUT_OF_TURN)
        self.visit, self.car["means"] = "paid", means
        return _succeed(success)

    def fetchReceipt(self, success: Callback = None, error: Callback = None) -> None:
        self._request(lambda: self._receipt(success, error), error, self.visit != "outside")

    def _receipt(self, success: Callback, error: Callback) -> None:
        if self.car is None:
            return _fail(error, OUT_OF_TURN)
        return _succeed(success, {"plate": self.car["plate"], "means": self.car["means"]})

    def liftGate(self, success: Callback = None, error: Callback = None) -> None:
        if self.visit != "paid":
            return _fail(error, OUT_OF_TURN)
        self.gate = "gate_open"
        return _succeed(success)

    def leaveGarage(self, success: Callback = None, error: Callback = None) -> None:
        if self.visit != "paid" or self.gate != "gate_open":
            return _fail(error, GATE_SHUT)
        self.visit, self.gate, self.car = "outside", "gate_shut", None
        abandoned, self.waiting = self.waiting, []
        for _, nobody in abandoned:
            _fail(nobody, NO_ANSWER)
        return _succeed(success)

    def countVisits(self, success: Callback = None, error: Callback = None) -> int:
        _succeed(success, self.visits)
        return self.visits

    def environment(self, event: str) -> None:
        if event == "new_day":
            self.visits = 0
            return
        self.till = TILL[event]
        self._try_again()

    def advance(self, seconds: float) -> None:
        if self.till == "silent":
            abandoned, self.waiting = self.waiting, []
            for _, error in abandoned:
                _fail(error, NO_ANSWER)

    def observe(self) -> dict[str, Any]:
        return {
            "state": {"visit": self.visit, "gate": self.gate},
            "records": {"cars": self.cars},
            "current": None if self.car is None else self.cars.index(self.car),
            "registers": {"visits_today": self.visits},
        }

    def _request(self, ask: Callable[[], None], error: Callback, worthwhile: bool = True) -> None:
        """Asks the till at once, or later if it is silent and its answer matters."""
        if self.till == "silent" and worthwhile:
            self.waiting.append((ask, error))
        else:
            ask()

    def _try_again(self) -> None:
        if self.till == "silent":
            return
        waiting, self.waiting = self.waiting, []
        for ask, _ in waiting:
            ask()


class TrustingGarage(Garage):
    """Opens the gate to whoever asks."""

    def liftGate(self, success: Callback = None, error: Callback = None) -> None:
        self.gate = "gate_open"
        _succeed(success)


class HastyGarage(Garage):
    """Gives a receipt before the till has answered."""

    def fetchReceipt(self, success: Callback = None, error: Callback = None) -> None:
        self._receipt(success, error)


class RudeGarage(Garage):
    """Lets cars in whatever their plates look like."""

    def enterGarage(
        self, plate: Any = None, spot: Any = None, success: Callback = None, error: Callback = None
    ) -> None:
        super().enterGarage(plate if _is_plate(plate) else "ZZ-9", spot, success, error)

    driveIn = enterGarage


class Lamp:
    """Shines, or does not."""

    binding: ClassVar[dict[str, Any]] = {"name": "lamp", "capabilities": ["light"]}

    def __init__(self) -> None:
        self.light = "dark"

    def toggle(self, success: Callback = None, error: Callback = None) -> None:
        self.light = {"dark": "bright", "bright": "dark"}[self.light]
        _succeed(success)

    def observe(self) -> dict[str, Any]:
        return {"state": {"light": self.light}}


class RemoteGarage:
    """A garage behind a bridge, which nobody has built the other end of."""

    def __init__(self, native: Callable[..., Any]) -> None:
        self.native = native


def _is_plate(plate: Any) -> bool:
    return isinstance(plate, str) and re.fullmatch("[A-Z]{1,3}-[0-9]{1,4}", plate) is not None


def _is_spot(spot: Any) -> bool:
    return spot is None or (isinstance(spot, int) and not isinstance(spot, bool) and 1 <= spot <= 99)


def _succeed(success: Callback, *value: Any) -> None:
    if success is not None:
        success(*value)


def _fail(error: Callback, code: int) -> None:
    if error is not None:
        error({"code": code, "message": f"see the sign, line {code}"})
