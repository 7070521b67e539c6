"""A failure as a person sees it: the rule, the shortest sequence, expected and observed, the way on.

Plain text; a terminal adds the colours (`intercom_conformance.reports.terminal`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = [
    "PROGRAM",
    "binding_line",
    "by_step",
    "commands",
    "fails",
    "printable",
    "render_check",
    "render_finding",
    "render_steps",
    "sut_name",
    "wrapped",
]

PROGRAM = "intercom-conformance"
_FEWEST = 40


def render_finding(finding: Mapping[str, Any], header: Mapping[str, Any], width: int = 100) -> str:
    """A finding in the words and the order in which it is understood.

    Args:
        finding: the document of the finding.
        header: the header of the stream that it is from.
        width: columns; long lines are wrapped, commands never.
    """
    width = max(width, _FEWEST)
    word = "FAILED" if fails(finding, header) else "WARNED"
    title = f"{word}  {finding['requirement']}  {finding['level']}   {binding_line(header)}"
    return "\n".join(
        [
            *wrapped(title, width, then=" " * 8),
            *_rule(finding, width),
            "",
            *render_steps(finding["steps"], width),
            *_labelled("expected", by_step(finding["expected"], len(finding["steps"])), width),
            *_labelled("observed", by_step(finding["observed"], len(finding["steps"])), width),
            *_orders(finding, width),
            "",
            f"  replay   {commands(finding, header)[0]}",
            f"  explain  {commands(finding, header)[1]}",
        ]
    )


def commands(finding: Mapping[str, Any], header: Mapping[str, Any]) -> tuple[str, str]:
    """The command lines that play a finding again, and that explain its requirement."""
    replay = f"{PROGRAM} replay {finding['id']} {quoted(header['connector'])}{_of_spec(header)}"
    return replay, f"{PROGRAM} explain {finding['requirement']}{_of_spec(header)}"


def fails(finding: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    """Whether a finding fails the run, and is not a mere warning."""
    return str(finding["level"]).startswith("MUST") or bool(header["strict"])


def render_check(check: Mapping[str, Any], header: Mapping[str, Any], width: int = 100) -> str:
    """What became of a check that has no finding to show: its verdict, its id, and the message."""
    title = f"{str(check['verdict']).upper()}  {check['id']}   {binding_line(header)}"
    return "\n".join(
        [
            *wrapped(title, max(width, _FEWEST), then=" " * 8),
            *(f"  {line}" for line in printable(check["message"]).splitlines()),
            "",
            f"  explain  {PROGRAM} explain {check['id']}{_of_spec(header)}",
        ]
    )


def _of_spec(header: Mapping[str, Any]) -> str:
    """The option that names the specification, if it is not the embedded one."""
    folder = header.get("specification", {}).get("folder")
    return "" if folder is None else f" --spec {quoted(folder)}"


def binding_line(header: Mapping[str, Any]) -> str:
    """The binding under test: name, version and platform, or its connector if it never told them."""
    binding = header["binding"]
    if binding is None:
        return str(header["connector"])
    platform = "" if binding["platform"] in ("", "any") else f", {binding['platform']}"
    return printable(f"{binding['name']} {binding['version']}{platform}")


def sut_name(header: Mapping[str, Any]) -> str:
    """The binding under test in two words."""
    binding = header["binding"]
    return printable(f"{binding['name']} {binding['version']}") if binding else str(header["connector"])


def quoted(connector: str) -> str:
    """The connector as one word of a command line."""
    import shlex

    return shlex.quote(connector)


def _rule(finding: Mapping[str, Any], width: int) -> list[str]:
    sentence, source = finding["sentence"], finding["source"]
    one = f"  {sentence}    {source}"
    if len(one) <= width:
        return [one]
    return [*wrapped(f"  {sentence}", width, then="  "), *wrapped(f"  ({source})", width, then="   ")]


def render_steps(steps: Sequence[Mapping[str, str]], width: int = 100) -> list[str]:
    """A line for each step: its number, what was called, what was seen."""
    seen = [by_step(step["seen"], number) for number, step in enumerate(steps, 1)]
    shown = [(printable(step["call"]), printable(one)) for step, one in zip(steps, seen, strict=True)]
    column = min(max((len(call) for call, _ in shown), default=0), max(width - 30, width // 2))
    return [line for number, step in enumerate(shown, 1) for line in _step(number, *step, column, width)]


def by_step(text: str, number: int) -> str:
    """A text in which a call is named by the number of its step, and not at all if it is this one.

    Calls that have no name of their own are called c1, c2 and so on, by their place in the trace.
    """
    return _CALL.sub(lambda found: found[1] if int(found[2]) == number else f"{found[1]} of step {found[2]}", text)


_CALL = re.compile(r"\b(success|error|callbacks?) of c([1-9][0-9]{0,5})\b")


def _step(number: int, call: str, seen: str, column: int, width: int) -> list[str]:
    start = f"  {number:>3}  "
    one = f"{start}{call:<{column}}   {seen}"
    if len(call) <= column and len(one) <= width:
        return [one]
    calls = wrapped(start + call, width, then=" " * (len(start) + 2))
    return [*calls, *wrapped(f"{' ' * len(start)}    {seen}", width, then=" " * (len(start) + 4))]


def _labelled(label: str, text: str, width: int) -> list[str]:
    lines = printable(text).splitlines() or [""]
    start, indent = f"       {label}   ", " " * 18
    first = wrapped(start + lines[0], width, then=indent)
    return [*first, *(part for line in lines[1:] for part in wrapped(indent + line, width, then=indent))]


def _orders(finding: Mapping[str, Any], width: int) -> list[str]:
    """Why no order of the calls in flight explains what was seen: a line for each order."""
    orders = [by_step(one, len(finding["steps"])) for one in finding.get("orders", ())]
    return ["", "  No order of the calls in flight explains it:", *_listed(orders, width)] if orders else []


def _listed(texts: Iterable[str], width: int) -> list[str]:
    return [line for one in texts for line in wrapped(f"    {printable(one)}", width, then=" " * 6)]


def wrapped(text: str, width: int, then: str = "") -> list[str]:
    """The lines of a text; those after the first begin with `then`. Blanks at its start and within stay."""
    start = text[: len(text) - len(text.lstrip(" "))]
    lines = textwrap.wrap(
        text.lstrip(" "),
        max(width, _FEWEST),
        initial_indent=start,
        subsequent_indent=then,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return [line.rstrip() for line in lines] or [""]


def printable(text: str) -> str:
    """A text that no terminal takes for a command: control characters are spelt out, line feeds stay."""
    return "".join(_printable(text))


def _printable(text: str) -> Iterable[str]:
    for char in text:
        if char == "\n" or char.isprintable():
            yield char
        elif char == "\t":
            yield "    "
        else:
            yield char.encode("unicode_escape", "backslashreplace").decode("ascii")
