"""The steps that tell whether a driver is sane, in the order in which somebody writes one.

It starts and introduces itself; it names capabilities that exist; it makes the app new; it takes a call of
each declared capability; a callback comes; a wrapper's call reaches the native SDK. Whether the answers
are right is not asked here: that is what ``run`` is for.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from intercom_conformance.drivers.protocol import Binding, DriverError
from intercom_conformance.exits import Exit
from intercom_conformance.player import Crash, Failure, Played, Player, Seen
from intercom_conformance.reports.finding import PROGRAM
from intercom_conformance.specification import Method, closest
from intercom_conformance.trace import Step, render_step

__all__ = ["Smoke", "steps"]


@attrs.frozen
class Smoke:
    """One step: what was tried, how it went, and what to do if it went wrong."""

    what: str
    told: str
    fix: str = ""
    code: Exit = Exit.OK

    def text(self) -> str:
        """The step in a line, and the fix in a second one."""
        word = "FAILED" if self.code else "ok"
        line = f"{word:<6}  {self.what:<12}  {self.told}"
        return f"{line}\n        {'fix':<12}  {self.fix}" if self.fix else line


def steps(player: Player) -> Iterator[Smoke]:
    """The steps, one after another; it ends with the first one without which the others make no sense."""
    try:
        binding = player.start()
    except DriverError as error:
        yield Smoke("starts", str(error), _START_FIX, Exit.NOT_STARTED)
        return
    yield Smoke("starts", f"it is {binding.name} {binding.version}, {binding.platform}, a {binding.kind} binding")
    yield from _capabilities(player, binding)
    reset = player.play(())
    if isinstance(reset, Crash):
        yield Smoke("reset", str(reset.error), "Answer reset with an empty object, and make the app new.", Exit.FAILED)
        return
    yield Smoke("reset", "it makes the app new")
    yield from _calls(player)


_START_FIX = "Run the command by hand: it has to wait for a line on its standard input, and answer initialize."


def _capabilities(player: Player, binding: Binding) -> Iterator[Smoke]:
    known = player.spec.capabilities
    unknown = sorted(binding.capabilities - known.keys())
    for name in unknown:
        near = closest(name, known)
        fix = f"Did you mean {near!r}?" if near else f"Use names from {PROGRAM} list capabilities."
        yield Smoke("capabilities", f"there is no capability {name!r}", fix, Exit.FAILED)
    lacking = [name for name, body in known.items() if body.get("mandatory") and name not in binding.capabilities]
    for name in lacking:
        fix = f"Declare it and serve it: {known[name]['sentence']}"
        yield Smoke("capabilities", f"every binding has {name!r}, and it is not declared", fix, Exit.FAILED)
    if not unknown and not lacking:
        yield Smoke("capabilities", f"{len(binding.capabilities)} declared, all of them known")


def _calls(player: Player) -> Iterator[Smoke]:
    tried = [(step, _tried(player, step)) for step in _steps(player)]
    if not tried:
        fix = f"Declare capabilities; see {PROGRAM} list capabilities."
        yield Smoke("call", "no method can be called with what is declared", fix, Exit.FAILED)
        return
    for step, outcome in tried:
        if isinstance(outcome, Crash):
            fix = "Answer every call once nothing is left to do; report what it throws as thrown."
            yield Smoke("call", f"{render_step(step)}: {outcome.error}", fix, Exit.FAILED)
    played = [outcome.seen[0] for _, outcome in tried if outcome.seen and not isinstance(outcome, Crash)]
    yield from _thrown(played)
    yield Smoke("call", f"{len(played)} of {len(tried)} methods were called and came back")
    yield _callback(player, played)
    if player.binding is not None and player.binding.kind == "wrapper":
        yield _bridge(player, [step for step, _ in tried])
    yield _next(sum(not isinstance(outcome, Played) for _, outcome in tried))


def _tried(player: Player, step: Step) -> Played | Failure | Crash:
    outcome = player.play((step,))
    if isinstance(outcome, Crash):
        player.start()  # one call that brings the driver down says nothing of the others
    return outcome


def _steps(player: Player) -> Iterator[Step]:
    """One call for each method that can be called, with the first example that is supported."""
    for method in player.spec.api.methods.values():
        step = next((one for one in _examples(method) if not player.supports(one)), None)
        if step is not None:
            yield step


def _examples(method: Method) -> Iterator[Step]:
    return (Step(method.name, arguments) for arguments in method.examples)


def _thrown(played: list[Seen]) -> Iterator[Smoke]:
    for seen in played:
        if seen.observation.thrown is not None:
            told = f"{render_step(seen.step)} threw {seen.observation.thrown}"
            yield Smoke("call", told, "Does the binding have this method, under this name?", Exit.FAILED)


def _callback(player: Player, played: list[Seen]) -> Smoke:
    if player.binding is not None and player.binding.style == "none":
        return Smoke("callback", "none is looked for: by its style, the API tells no outcomes")
    answered = [seen for seen in played if seen.observation.settled]
    if answered:
        return Smoke("callback", f"{len(answered)} of {len(played)} calls ran a callback")
    fix = "Give the binding functions for the callbacks that a call names, and report each run as settled."
    return Smoke("callback", "no call ran any callback", fix, Exit.FAILED)


def _bridge(player: Player, calls: list[Step]) -> Smoke:
    for step in calls:
        player.play((step,))
        if player.asked:
            return Smoke("bridge", f"{step.name} reached the native SDK as {player.asked[0]}")
    fix = "Send each call of the bridge as a native request, and hand its answer to the binding."
    return Smoke("bridge", "no call reached the native SDK", fix, Exit.FAILED)


def _next(failures: int) -> Smoke:
    told = "every call was answered as specified"
    if failures:
        told = f"{failures} of the calls were not answered as specified"
    return Smoke("next", f"{told}; see {PROGRAM} run CONNECTOR")
