"""A mutant as a system under test: the reference, by the rules of the changed documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from inspect import signature
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.drivers import InProcessDriver, Native
from intercom_conformance.drivers.protocol import BadConnector, Reaction
from intercom_conformance.mutants.effects import Habits
from intercom_conformance.mutants.mutant import Changed, Mutant, documents_of
from intercom_conformance.specification import Specification, load_specification
from intercom_reference.network import BACKOFF

if TYPE_CHECKING:
    from intercom_reference.workspace import Workspace

__all__ = ["callback_of", "driver_of", "factory_of", "habits_of", "kept_of_refused"]

Json = Any


def driver_of(mutant: Mutant, spec: Specification, native: Native) -> InProcessDriver:
    """The driver of a mutant.

    Raises:
        BadConnector: nothing implements the specification by its documents, so that there is nothing to mutate.
    """
    if spec.name != load_specification().name:
        remedy = "Only the embedded specification, or a changed copy of it, has a reference that is made of documents."
        raise BadConnector(f"mutant:{mutant.id}", f"the reference is none of {spec.name}", remedy)
    return MutantDriver(factory_of(mutant, spec), native, spec=spec.version)


class MutantDriver(InProcessDriver):
    """A driver that lets time pass as the event of the world that it is, since the event's rules may be changed."""

    def advance(self, seconds: float) -> Reaction:
        """Lets time pass: as the event that stands for so many seconds, if there is one."""
        world = load_specification().chart["environment"]
        event = next((name for name, body in world.items() if body.get("seconds") == seconds), None)
        return super().advance(seconds) if event is None else self.environment(event, [])


def factory_of(mutant: Mutant, spec: Specification) -> Callable[[], Any]:
    """What makes the mutant as freshly installed; it is built once."""
    from intercom_reference.client import Client
    from intercom_reference.session import Rules

    rules = Rules.of(Changed(documents_of(spec), mutant.edits), dict(mutant.choices), _pauses(mutant))
    if not mutant.schemas:
        rules = attrs.evolve(rules, payloads=spec.payloads)
    deliver = _deliver(*mutant.delivery) if mutant.delivery else None

    def make() -> Any:
        return Client(rules=rules, deliver=deliver)

    return make


def kept_of_refused(effects: Sequence[str]) -> tuple[str, ...]:
    """The effects, without those by which the reference keeps nothing of a call that is refused."""
    from intercom_reference.workspace import Workspace

    return tuple(one for one in effects if "accepted" not in signature(getattr(Workspace, one)).parameters)


def habits_of(chart: Mapping[str, Json]) -> Habits:
    """What the reference makes of a statechart's effects, as far as it shows by trying them."""
    from intercom_reference.workspace import Workspace

    effects = [(name, body) for name, body in chart["effects"].items() if hasattr(Workspace, name)]
    return Habits(
        idle=frozenset(name for name, body in effects if "usual" not in body and _is_idle(name, body["do"])),
        for_users=frozenset(name for name, _ in effects if _is_for_users(name)),
        keeping=frozenset(name for name, body in effects if _keeps(name, body["do"])),
    )


def callback_of(callback: str | None, code: int | None, choice: int | None) -> str | None:
    """The callback that the reference calls where the statechart has this one: for either, its choice or the usual."""
    if callback != "either":
        return callback
    error = code is not None if choice is None else bool(choice)
    return "error" if error else "success"


@cache
def _is_for_users(effect: str) -> bool:
    """Whether an effect that looks at no argument gives a workspace without a user back as it is."""
    from intercom_reference.workspace import Workspace

    nobody, method = Workspace.initial(), getattr(Workspace, effect)
    return len(signature(method).parameters) == 1 and method(nobody) is nobody


def _is_idle(effect: str, operations: Sequence[Mapping[str, Json]]) -> bool:
    """Whether an effect that only leaves values open, and looks at no argument, gives every workspace back as it is."""
    from intercom_reference.workspace import samples

    if any(name not in ("forget", "forget_registers") for one in operations for name in one):
        return False
    return _is_for_users(effect) and all(_done(effect, {}, one) is one for one in samples())


def _keeps(effect: str, operations: Sequence[Mapping[str, Json]]) -> bool:
    """Whether an effect that does nothing but set fields from arguments leaves them alone if these are empty texts."""
    from intercom_reference.workspace import samples

    if any(name not in ("set", "set_once") for one in operations for name in one):
        return False
    paths = [path for one in operations for body in one.values() for path in body.values()]
    if any(path[0] != "argument" or not all(isinstance(key, str) for key in path) for path in paths):
        return False
    arguments: dict[str, Json] = {}
    for _, *keys, last in paths:
        reduce(lambda inside, key: inside.setdefault(key, {}), keys, arguments)[last] = ""
    return all(_done(effect, arguments, one) == one for one in samples())


def _done(effect: str, arguments: Mapping[str, Json], workspace: Workspace) -> Workspace:
    """What an effect makes of a workspace in a call with these arguments."""
    from intercom_reference.model import snake_case

    after: Workspace = getattr(workspace, effect)(**{snake_case(name): value for name, value in arguments.items()})
    return after


def _pauses(mutant: Mutant) -> tuple[float, ...]:
    """The seconds between tries: as many as the mutant makes, each twice as long as the one before, as far as known."""
    if mutant.tries is None:
        return BACKOFF
    return tuple(BACKOFF[min(one, len(BACKOFF) - 1)] for one in range(mutant.tries))


def _deliver(transition: str, how: str) -> Callable[[Any], Sequence[Any]]:
    others: Mapping[str, str] = {"success": "error", "error": "success"}

    def deliver(due: Any) -> Sequence[Any]:
        if due.transition != transition:
            return (due,)
        if how == "both":
            return due, attrs.evolve(due, callback=others[due.callback])
        return (due, due) if how == "twice" else ()

    return deliver
