"""What ``learn`` does: learns, and reports what was learned, or compares two bindings by what was learned of each.

1. The specification, the parts and the files are looked at: a fault here is one of usage, and nothing was started.
2. Each binding is started, and learned part by part.
3. Against the specification, deviations have been seen again by now; against another binding, the sequences that tell
   the two apart are played on both before they are reported.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance import events, replays
from intercom_conformance.commands.running import opened
from intercom_conformance.exits import Exit, UsageProblem, missing_extra, verdict_of_run
from intercom_conformance.learning.comparing import Apart, Contrast, contrast
from intercom_conformance.learning.drawing import DRAWINGS
from intercom_conformance.learning.models import Model, Models, document_of, read
from intercom_conformance.masking import Masker
from intercom_conformance.player import Player
from intercom_conformance.reports import learning as told
from intercom_conformance.reports.terminal import count, problems_of, show, width_of
from intercom_conformance.specification import Specification, load_specification
from intercom_conformance.watching import WireLog, open_watched, wait_for_debugger

if TYPE_CHECKING:
    from intercom_conformance.learning.parts import Part

__all__ = ["Request", "execute"]

_ENDINGS = {".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".tsv": "table"}


@attrs.frozen
class Request:
    """What a person asked for."""

    connector: str
    parts: tuple[str, ...] = ()
    against: str | None = None
    export: str | None = None
    format: str = "text"
    states: int = 200
    steps: int = 100_000
    seconds: float = 300.0
    tests: int = 300
    seed: int = 0
    strict: bool = False
    timeout: float = 10.0
    start_timeout: float = 30.0
    verbose: bool = False
    debug_driver: bool = False
    show_secrets: bool = False
    spec: str | None = None


def execute(request: Request) -> Exit:
    """Learns as requested and shows what came of it; how the program is to end.

    Raises:
        UsageProblem, SpecificationError, BadMachine, DocumentError: what was asked for cannot be done.
        DriverError: a binding could not be started, or a connector names none.
    """
    spec = load_specification(request.spec)
    _check_library()
    with contextlib.ExitStack() as stack:
        session = _Session(request, spec, _parts(request, spec), stack)
        return session.compare(request.against) if request.against is not None else session.learn()


def _check_library() -> None:
    try:
        import aalpy  # noqa: F401 - only whether it is there
    except ImportError:
        raise missing_extra("learn", "Learning a machine") from None


def _parts(request: Request, spec: Specification) -> tuple[str, ...]:
    from intercom_conformance.learning.parts import known_part, part_names

    return tuple(known_part(spec, name) for name in request.parts) or part_names(spec)


@attrs.frozen(eq=False)
class _Learned:
    """One side: what it is called, its machines by part, and what it is played with, if it is no file."""

    name: str
    models: dict[str, Model]
    player: Player | None = None


@attrs.frozen(eq=False)
class _Session:
    request: Request
    spec: Specification
    parts: tuple[str, ...]
    stack: contextlib.ExitStack

    # One binding, against the specification ------------------------------------------------------------------

    def learn(self) -> Exit:
        """Learns one binding, and reports where it deviates."""
        export = self._export()
        wire = WireLog(Masker.of(self.spec, show=self.request.show_secrets), on=False) if self.request.verbose else None
        player = self._player(self.request.connector, wire)
        report = _Report(self.request, self.spec, player, wire)
        for part in self._learned(player, len(self.parts)):
            report.take(part)
        report.finish()
        if export is not None:
            export(report.written)
        return report.code

    def _player(self, connector: str, wire: WireLog | None = None) -> Player:
        request = self.request
        player = open_watched(
            connector,
            self.spec,
            timeout=request.timeout,
            start_timeout=request.start_timeout,
            debug=request.debug_driver,
            wire=wire,
        )
        self.stack.callback(player.stop)
        player.start()
        if request.debug_driver:
            wait_for_debugger(player)
        return player

    def _learned(self, player: Player, planned: int, seconds: float | None = None) -> Iterator[Part]:
        from intercom_conformance.learning.learner import Plan
        from intercom_conformance.learning.parts import Limits, learn_parts

        request = self.request
        plan = Plan(tests=request.tests, states=request.states, seed=request.seed)
        limits = Limits(request.steps, math.inf if request.debug_driver else seconds or request.seconds)
        with _progress(planned, verbose=request.verbose) as tell:
            yield from learn_parts(player, self.parts, plan, limits, tell)

    def _export(self) -> Callable[[Callable[[str], str]], None] | None:
        """What writes the export, once there is one; its file is opened, and emptied, at once."""
        path = self.request.export
        if path is None:
            return None
        form = _ENDINGS.get(Path(path).suffix.lower())
        if form is None:
            known = ", ".join(_ENDINGS)
            raise UsageProblem(f"The ending of {path} tells no format", f"Use one of {known}.")
        file = self.stack.enter_context(opened(path))
        return lambda written: print(written(form), file=file)

    # Two bindings, against one another -----------------------------------------------------------------------

    def compare(self, against: str) -> Exit:
        """Compares two sides by their machines, part by part."""
        if self.request.export is not None or self.request.format not in ("text", "json"):
            raise UsageProblem(
                "A comparison is no machine to export", "Leave --export out, or learn without --against."
            )
        sides = [self._from_file(one) for one in (self.request.connector, against)]
        one, other = (
            side or self._side(name) for side, name in zip(sides, (self.request.connector, against), strict=True)
        )
        compared = [
            self._contrast(one, other, part) for part in self.parts if {part} <= one.models.keys() & other.models.keys()
        ]
        if not any(found.shared for found, _, _ in compared):
            raise UsageProblem(
                f"{one.name} and {other.name} share no inputs of a part", "Learn the same parts of both."
            )
        self._show(one, other, compared)
        if any(real for _, real, _ in compared):
            return Exit.FAILED
        cut = any(found.shared and not found.complete for found, _, _ in compared)
        return Exit.NOTHING_RAN if cut else Exit.OK

    def _from_file(self, name: str) -> _Learned | None:
        if not name.endswith(".json"):
            return None
        models: Models = read(name, self.spec)
        return _Learned(models.name, dict(models.parts))

    def _side(self, connector: str) -> _Learned:
        player = self._player(connector)
        models = {
            part.model.part: part.model for part in self._learned(player, len(self.parts), self.request.seconds / 2)
        }
        return _Learned(Masker.of(self.spec, show=self.request.show_secrets).text(connector), models, player)

    def _contrast(self, one: _Learned, other: _Learned, part: str) -> tuple[Contrast, list[Apart], int]:
        """The differences of a part, those that both sides showed again; and how many were not reproduced."""
        from intercom_conformance.learning.replaying import reproduced

        found = contrast(one.models[part], other.models[part])
        real = [apart for apart in found.differences if reproduced(apart, one.player, other.player)]
        return found, real, len(found.differences) - len(real)

    def _show(self, one: _Learned, other: _Learned, compared: Sequence[tuple[Contrast, list[Apart], int]]) -> None:
        if self.request.format == "json":
            parts = [told.contrast_data(*found) for found in compared]
            print(json.dumps({"one": one.name, "other": other.name, "parts": parts}, indent=2, ensure_ascii=False))
            return
        width, blocks = width_of(), [f"{one.name}  against  {other.name}"]
        differences = [apart for _, real, _ in compared for apart in real]
        blocks += [told.apart_text(number, apart, width) for number, apart in enumerate(differences, 1)]
        lines = [told.contrast_lines(found, len(real), dropped, width) for found, real, dropped in compared]
        blocks.append("\n".join(line for some in lines for line in some))
        files = [side.name for side in (one, other) if side.player is None]
        if files:
            blocks.append(f"Not played again, since it is a file: {'; '.join(files)}")
        show("\n\n".join(blocks))


class _Report:
    """What is shown of one binding: each deviation as it is found, then the parts, then the sum."""

    def __init__(self, request: Request, spec: Specification, player: Player, wire: WireLog | None = None) -> None:
        self.request, self.spec, self.player, self.wire = request, spec, player, wire
        self.masker = Masker.of(spec, show=request.show_secrets)
        plan = events.Plan(
            self.masker.text(request.connector), 0, strict=request.strict, masked=not request.show_secrets
        )
        self.header = events.header(plan, spec, player.start() if player.binding is None else player.binding)
        self.learned: list[Part] = []
        self.documents: list[events.Document] = []
        self.seen: set[tuple[str, str]] = set()

    def take(self, part: Part) -> None:
        """A part is learned: its deviations are kept for `replay`, and shown."""
        document = events.check(part.result, self.spec, self.masker)
        self.learned.append(part)
        self.documents.append(document)
        for finding in part.result.findings:
            self._store(finding, part.result.check)
        if self.request.format == "text":
            for text in problems_of(document, self.header, self.seen, width_of()) if document["findings"] else ():
                show(text + "\n")
        if part.result.findings and self.wire is not None:
            print("\n  ".join(["the wire", *self.wire.of(self.player, part.result.findings[0].trace)]), file=sys.stderr)
            self.wire = None

    def _store(self, finding: Any, check: str) -> None:
        try:
            replays.write(finding, check, self.request.connector, self.spec)
        except OSError as error:
            print(f"The replay file of {finding.id} cannot be written: {error}", file=sys.stderr)

    def finish(self) -> None:
        """Shows the rest of the answer."""
        if self.request.format != "text":
            print(self.written(self.request.format))
            return
        width = width_of()
        show("\n".join([*(told.part_text(part, width) for part in self.learned), ""]))
        show(told.summary(self.learned, self.header, width))

    def written(self, form: str) -> str:
        """What was learned, in one of the formats of an export."""
        if form != "json":
            return DRAWINGS[form]([part.model for part in self.learned])
        document = document_of(self.spec, self.header["connector"], self.header["binding"], self.request.seed)
        document["parts"] = [
            told.body(part, one["findings"]) for part, one in zip(self.learned, self.documents, strict=True)
        ]
        return json.dumps(document, indent=1, ensure_ascii=False)

    @property
    def code(self) -> Exit:
        """How the program is to end."""
        if not any(part.model.size for part in self.learned):
            return max(verdict_of_run((part.result.verdict for part in self.learned), strict=True), Exit.NOTHING_RAN)
        code = verdict_of_run((part.result.verdict for part in self.learned), strict=self.request.strict)
        if code is Exit.FAILED:
            return code
        return Exit.NOTHING_RAN if any(part.option for part in self.learned) else Exit.OK


@attrs.define
class _Lines:
    """Writes a line for each part that begins, and whenever it has twice as many states."""

    part: str = ""
    states: int = 0

    def tell(self, name: str, states: int, steps: int) -> None:
        if name != self.part or states >= 2 * self.states:
            self.part, self.states = name, max(states, 1)
            print(f"{name}: {count(states, 'state')} told apart, {count(steps, 'step')}", file=sys.stderr)


@contextlib.contextmanager
def _progress(planned: int, *, verbose: bool) -> Iterator[Callable[[str, int, int], None]]:
    """What is told on the way: shown as a bar on a terminal, or as lines to whoever wants to hear more."""
    if verbose:
        yield _Lines().tell
        return
    if not sys.stderr.isatty():
        yield lambda name, states, steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("learning"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn()
    shown = TextColumn("{task.fields[part]}")
    with Progress(*columns, shown, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=planned, part="")
        begun: dict[str, None] = {}

        def tell(name: str, states: int, steps: int) -> None:
            begun.setdefault(name)
            told_now = f"{name}: {count(states, 'state')}, {count(steps, 'step')}"
            progress.update(task, completed=len(begun) - 1, part=told_now)

        yield tell
