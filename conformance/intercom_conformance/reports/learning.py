"""What was learned of a binding, and where two differ, for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from intercom_conformance.learning.models import WHOLE, Model, body_of
from intercom_conformance.reports.finding import binding_line, printable, render_steps, wrapped
from intercom_conformance.reports.terminal import count
from intercom_conformance.trace import render_step, to_document

if TYPE_CHECKING:
    from intercom_conformance.learning.comparing import Apart, Contrast
    from intercom_conformance.learning.parts import Part, Unsteady

_TOLD = 6
"""Transitions that were not seen, as far as they are told by name."""

__all__ = ["apart_text", "body", "contrast_data", "contrast_lines", "part_text", "summary"]


def part_text(part: Part, width: int) -> str:
    """What was learned of a part: its size, what was left out, what it chooses."""
    model, result = part.model, part.result
    effort = f"{count(part.words, 'word')}, {count(result.steps, 'step')}, {result.seconds:.1f} s"
    size = f"{count(model.size, 'state')}{' so far' if model.why else ''}, {count(len(_asked(model)), 'input')}"
    lines = [*wrapped(f"{model.part:<18} {size}; {effort}", width, then=" " * 19)]
    if model.why:
        more = "" if part.unsteady or not model.size else ": it may have more states"
        lines += wrapped(f"  INCOMPLETE  {model.why}{more}", width, then=" " * 14)
        lines += _cut_lines(part, width) if part.option else ()
    for number, why in model.left_out.items():
        lines += wrapped(f"  left out    {printable(render_step(model.inputs[number]))}   {why}", width, then=" " * 14)
    for one in part.choices:
        lines += wrapped(f"  chooses     {one.transition}: {printable(one.chosen)}", width, then=" " * 14)
    if part.dropped:
        guess = ", which was no more than a guess yet" if part.option else ""
        lines += wrapped(f"  not reproduced: {count(part.dropped, 'prediction')} of the machine{guess}", width)
    if part.unplayed:
        lines += wrapped(f"  not played: {count(part.unplayed, 'prediction')} of the machine; no time was left", width)
    if part.unjudged:
        lines += wrapped("  some of what it does was not compared with the specification: it is too much", width)
    return "\n".join([*lines, *(_unsteady_lines(part.unsteady, width) if part.unsteady else ())])


def _cut_lines(part: Part, width: int) -> Iterator[str]:
    """What a bound kept from being seen, and what to do for more."""
    missed = [*part.missed[:_TOLD], *([f"and {len(part.missed) - _TOLD} more"] if len(part.missed) > _TOLD else [])]
    seen = f"{len(part.of) - len(part.missed)} of {count(len(part.of), 'transition')}"
    told = f"{seen} that it is about{', not ' if missed else ''}{', '.join(missed)}"
    yield from wrapped(f"  seen        {told}", width, then=" " * 14)
    parts = "; or learn its parts: all inputs at once multiply their states" if part.model.part == WHOLE else ""
    yield from wrapped(f"  for more    a higher {part.option}{parts}", width, then=" " * 14)


def _asked(model: Model) -> tuple[int, ...]:
    return () if model.machine is None else model.machine.inputs


def _unsteady_lines(found: Unsteady, width: int) -> Iterator[str]:
    """The sequence after which the binding answers now this, now that."""
    yield "  NOT DETERMINISTIC: the same sequence, from a reset each time, was answered in different ways"
    steps = [{"call": render_step(one), "seen": ""} for one in found.trace]
    yield from (f"  {line.rstrip()}" for line in render_steps(steps, width - 2))
    for output, times in found.answers:
        told = "; ".join([output.answer, *(f"{name} {value}" for name, value in output.facts.items()), *output.effects])
        yield from wrapped(f"         {count(times, 'time'):<10} {printable(told)}", width, then=" " * 20)


def summary(parts: Sequence[Part], header: Mapping[str, Any], width: int) -> str:
    """The whole in one sentence, and what it takes for granted."""
    faults = len({finding.fault for part in parts for finding in part.result.findings})
    states = sum(part.model.size for part in parts)
    spec = header["specification"]
    what = f"{spec['name']} {spec['version']} against {binding_line(header)}"
    incomplete = [part.model.part for part in parts if not part.model.complete]
    told = f"{what}: {count(faults, 'deviation')}, {count(states, 'state')} in {count(len(parts), 'part')}"
    lines = wrapped(f"{told}; {count(sum(part.result.steps for part in parts), 'step')}", width, then="  ")
    if incomplete:
        return "\n".join([*lines, *wrapped(f"INCOMPLETE: {', '.join(incomplete)}: see above", width, then="  ")])
    granted = "Learned by tests: a state that none of them came to is not known."
    return "\n".join([*lines, *wrapped(granted, width)])


def body(part: Part, findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A part for the document of machines; `findings` are as in the event stream."""
    chosen = [
        {
            "transition": one.transition,
            "requirement": one.requirement,
            "chosen": one.chosen,
            "sequence": to_document(tuple(part.model.inputs[number] for number in one.word)),
        }
        for one in part.choices
    ]
    effort: dict[str, Any] = {"words": part.words, "steps": part.result.steps, "not_reproduced": part.dropped}
    effort |= {"not_played": part.unplayed, "not_seen": list(part.missed)} if part.option else {}
    return {**body_of(part.model), **effort, "choices": chosen, "findings": list(findings)}


# Two bindings ---------------------------------------------------------------------------------------------


def apart_text(number: int, found: Apart, width: int) -> str:
    """A difference: the sequence, and how each of the two answers its last step."""
    lines = wrapped(f"{number}. {found.what} of {found.trace[-1].name}", width)
    for position, step in enumerate(found.trace, 1):
        lines += wrapped(f"  {position:>3}  {printable(render_step(step))}", width, then=" " * 9)
    for label, told in (("one", found.one), ("other", found.other)):
        lines += wrapped(f"       {label:<6} {printable(told)}", width, then=" " * 14)
    return "\n".join(lines)


def contrast_lines(found: Contrast, differences: int, dropped: int, width: int) -> list[str]:
    """What came of a part: how many differences, and how far that reaches."""
    told = f"{found.part:<18} {count(differences, 'difference')} in {count(found.shared, 'input')} that both have"
    more = "; INCOMPLETE: the machine of one was cut short, so there may be more"
    told += "" if found.complete else more
    lines = wrapped(told, width, then=" " * 19)
    if found.only:
        lines += wrapped(f"  only one of them answers {', '.join(found.only)}", width, then="    ")
    return [*lines, f"  not reproduced: {count(dropped, 'prediction')}"] if dropped else lines


def contrast_data(found: Contrast, differences: Sequence[Apart], dropped: int) -> dict[str, Any]:
    """The same as JSON; sequences are in the language of scenarios."""
    return {
        "part": found.part,
        "shared_inputs": found.shared,
        "only": list(found.only),
        "complete": found.complete,
        "not_reproduced": dropped,
        "differences": [
            {"what": one.what, "sequence": to_document(one.trace), "one": one.one, "other": one.other}
            for one in differences
        ],
    }
