"""Writes the statechart as a machine that other tools run: SCXML, XState, and Promela for SPIN.

SCXML and XState take the inputs of `guards` with each event, and keep in `answer` what became of the latest call.
Promela has no inputs: there, an event does any of what it may do in a state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from intercom_conformance.oracle.model import compile_model
from intercom_conformance.specification import Specification
from intercom_conformance.specs.guards import Arrow, Syntax, arrows
from intercom_conformance.specs.rows import Rows
from intercom_conformance.specs.sources import Sources

__all__ = ["as_promela", "as_scxml", "as_xstate"]


def _named(region: str, state: str) -> str:
    return f"{region}_{state}"


def _joined(word: str, empty: str) -> Any:
    return lambda parts: f"({f' {word} '.join(parts)})" if len(parts) > 1 else parts[0] if parts else empty


# SCXML ------------------------------------------------------------------------------------------

_SCXML = Syntax(
    every=_joined("and", "1 == 1"),
    some=_joined("or", "1 == 0"),
    inverse=lambda part: f"(not {part})",
    state=lambda region, state: f"In('{_named(region, state)}')",
    truth=lambda name: f"_event.data.{name} == 1",
    equals=lambda name, value: f"_event.data.{name} == {value!r}",
)


def as_scxml(spec: Specification) -> str:
    """SCXML 1.0 with expressions in Python; truths are given as 1 and 0."""
    lines = ['<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="python" initial="all">']
    lines += ['  <datamodel><data id="answer" expr="\'\'"/></datamodel>', '  <parallel id="all">']
    written = list(arrows(spec, _SCXML))
    for region, body in spec.chart["regions"].items():
        lines.append(f'    <state id="{region}" initial="{_named(region, body["initial"])}">')
        for state in body["states"]:
            lines += _scxml_state(region, state, written)
        lines.append("    </state>")
    return "\n".join([*lines, "  </parallel>", "</scxml>"])


def _scxml_state(region: str, state: str, written: Sequence[Arrow]) -> Iterator[str]:
    yield f'      <state id="{_named(region, state)}">'
    for one in written:
        if (one.region, one.source) == (region, state):
            guard = f" cond={quoteattr(one.guard)}" if one.guard else ""
            target = f' target="{_named(region, one.target)}"' if one.target else ""
            kept = f'<assign location="answer" expr="\'{one.answer}\'"/>' if one.answer else ""
            yield f'        <transition event="{one.event}"{guard}{target}>{kept}</transition>'
    yield "      </state>"


# XState -----------------------------------------------------------------------------------------

_XSTATE = Syntax(
    every=lambda parts: f"and([{', '.join(parts)}])",
    some=lambda parts: f"or([{', '.join(parts)}])",
    inverse=lambda part: f"not({part})",
    state=lambda region, state: f"stateIn({{ {region}: '{state}' }})",
    truth=lambda name: f"({{ event }}) => event.{name}",
    equals=lambda name, value: f"({{ event }}) => event.{name} === {json.dumps(value)}",
)


def as_xstate(spec: Specification) -> str:
    """A module of Node.js that exports a machine of XState 5."""
    written = list(arrows(spec, _XSTATE))
    lines = [
        "'use strict';",
        "const { and, assign, createMachine, not, or, stateIn } = require('xstate');",
        "",
        "module.exports.machine = createMachine({",
        f"  id: {json.dumps(spec.chart['chart'])}, type: 'parallel', context: {{ answer: '' }},",
        "  states: {",
    ]
    for region, body in spec.chart["regions"].items():
        lines.append(f"    {region}: {{ initial: '{body['initial']}', states: {{")
        for state in body["states"]:
            lines += _xstate_state(state, [one for one in written if (one.region, one.source) == (region, state)])
        lines.append("    } },")
    return "\n".join([*lines, "  },", "});"])


def _xstate_state(state: str, own: Sequence[Arrow]) -> Iterator[str]:
    yield f"      {state}: {{ on: {{"
    for event in dict.fromkeys(one.event for one in own):
        ways = ", ".join(_xstate_way(one) for one in own if one.event == event)
        yield f"        {event}: [{ways}],"
    yield "      } },"


def _xstate_way(one: Arrow) -> str:
    parts = [f"guard: {one.guard}"] if one.guard else []
    parts += [f"target: '{one.target}'"] if one.target and one.target != one.source else []
    parts += [f"actions: assign({{ answer: '{one.answer}' }})"] if one.answer else []
    return f"{{ {', '.join(parts)} }}"


# Promela ----------------------------------------------------------------------------------------


def as_promela(spec: Specification) -> str:
    """A model of the regions for SPIN: it ends nowhere, and any event may come at any time."""
    model = compile_model(spec)
    rows = Rows(model, Sources.of(spec.folder))
    regions = model.table.regions
    numbers = {(one.position, state): number for one in regions for number, state in enumerate(one.states)}
    lines = [f"/* {', '.join(f'{n} {state}' for n, state in enumerate(one.states))} */\nbyte {one.name} = "
             f"{one.states.index(one.initial)};" for one in regions]  # fmt: skip
    lines += ["active proctype machine() {", "  do"]
    for event, moves in rows.moves.items():
        asked = rows.asked(event)
        for states, ways in moves.items():
            here = [(one.name, numbers[one.position, states[one.position]]) for one in regions if one.name in asked]
            for way in sorted(ways):
                there = [(regions[position].name, numbers[position, state]) for position, state in way]
                lines.append(f"  {_option(here, there)} /* {event} */")
    return "\n".join([*lines, "  od", "}"])


def _option(here: Sequence[tuple[str, int]], there: Sequence[tuple[str, int]]) -> str:
    guard = " && ".join(f"{name} == {number}" for name, number in here) or "true"
    moves = "; ".join(f"{name} = {number}" for name, number in there) or "skip"
    return f":: d_step {{ {guard} -> {moves} }}"
