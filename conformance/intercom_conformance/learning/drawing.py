"""Writes learned machines for people and other tools: as a table, and as diagrams of Graphviz and Mermaid.

A state is named by what every way into it shows; an arrow tells what is called, what is answered, and what is then
shown that was not so before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from intercom_conformance.learning.models import Model
from intercom_conformance.learning.outputs import Output
from intercom_conformance.trace import render_step

__all__ = ["DRAWINGS", "Arrow", "arrows", "facts_of"]

_HEAD = ("part", "state", "input", "answer", "shows", "effects", "to")


@attrs.frozen
class Arrow:
    """A step of a machine in words; `shows` are facts that differ from those of the state it leaves."""

    source: int
    target: int
    step: str
    answer: str
    shows: tuple[str, ...]
    effects: tuple[str, ...]

    @property
    def told(self) -> str:
        """What comes of the step."""
        return "; ".join([self.answer, *self.shows, *self.effects])


def facts_of(model: Model) -> list[Mapping[str, str]]:
    """For each state what every way into it shows."""
    entering: list[list[dict[str, str]]] = [[] for _ in range(model.size)]
    for row in model.machine.rows if model.machine else ():
        for output, target in row.values():
            if not output.ended:
                entering[target].append(output.facts)
    return [_common(ways) for ways in entering]


def _common(ways: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = ways or [{}]
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}


def arrows(model: Model) -> Iterator[Arrow]:
    """The steps of a model, state by state."""
    facts = facts_of(model)
    for source, row in enumerate(model.machine.rows if model.machine else ()):
        for number, (output, target) in row.items():
            shows = tuple(_new(output, facts[source]))
            yield Arrow(source, target, render_step(model.inputs[number]), output.answer, shows, output.effects)


def _new(output: Output, before: Mapping[str, str]) -> Iterator[str]:
    for name, value in output.facts.items():
        if before.get(name) != value:
            yield f"{name} {value}"


def _as_table(models: Sequence[Model]) -> str:
    """Values between tabs, with a head."""
    rows: list[tuple[str, ...]] = [_HEAD]
    for model in models:
        for one in arrows(model):
            told = one.step, one.answer, "; ".join(one.shows), "; ".join(one.effects)
            rows.append((model.part, str(one.source), *map(_flat, told), str(one.target)))
    return "\n".join("\t".join(row) for row in rows)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _together(model: Model) -> Iterator[tuple[int, int, list[str]]]:
    """The arrows from one state to another as one, with a line for each outcome."""
    ways: dict[tuple[int, int], dict[str, list[str]]] = {}
    for one in arrows(model):
        ways.setdefault((one.source, one.target), {}).setdefault(one.told, []).append(one.step)
    for (source, target), outcomes in ways.items():
        yield source, target, [f"{', '.join(steps)}: {told}" for told, steps in outcomes.items()]


def _named(number: int, facts: Mapping[str, str]) -> str:
    return "\n".join([str(number), *(f"{name} {value}" for name, value in facts.items())])


def _as_dot(models: Sequence[Model]) -> str:
    lines = ["digraph learned {", "  node [shape=box];"]
    for model in models:
        lines += [f"  subgraph {json.dumps(f'cluster_{model.part}')} {{", f"    label={json.dumps(_title(model))};"]
        for number, facts in enumerate(facts_of(model)):
            lines.append(f"    {_id(model, number)} [label={json.dumps(_named(number, facts))}];")
        for source, target, told in _together(model):
            label = json.dumps("\n".join(told))
            lines.append(f"    {_id(model, source)} -> {_id(model, target)} [label={label}];")
        lines.append("  }")
    return "\n".join([*lines, "}"])


def _id(model: Model, number: int) -> str:
    return json.dumps(f"{model.part}.{number}")


def _title(model: Model) -> str:
    return f"{model.part}: {model.why}, it may have more states" if model.why else model.part


def _as_mermaid(models: Sequence[Model]) -> str:
    lines = ["stateDiagram-v2"]
    for model in models:
        lines += [f'  state "{_plain(_title(model))}" as {model.part}_part {{', f"    [*] --> {model.part}_0"]
        for number, facts in enumerate(facts_of(model)):
            lines.append(f"    {model.part}_{number} : {_plain(_named(number, facts))}")
        for source, target, told in _together(model):
            arrow = f"    {model.part}_{source} --> {model.part}_{target}"
            lines += [f"{arrow} : {_plain(one)}" for one in told]
        lines.append("  }")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A text without what Mermaid takes for the end of a label."""
    return _flat(text).translate(str.maketrans(':;"#%<>', " ,'  ()"))


DRAWINGS: Mapping[str, Callable[[Sequence[Model]], str]] = {
    "table": _as_table,
    "dot": _as_dot,
    "mermaid": _as_mermaid,
}
"""The ways to write machines, by their names."""
