"""The mutation operators: each makes, of a specification, every mutant that differs in one way.

| operator | what is changed |
|---|---|
| `output` | the other callback runs, or carries another value, or a code that is not documented |
| `early`, `late` | a callback runs before the outcome is known, or an answer that is there is kept waiting |
| `count` | callbacks run twice, never, or both kinds |
| `target`, `initial` | another state is entered, or stayed in, or begun in |
| `missing` | a transition, an effect, or what becomes of waiting calls is left out |
| `extra` | a transition applies in a further state, does a further thing, or has a further effect |
| `order` | two effects change places |
| `guard` | a part of a guard is left out, is turned around, or is narrower or wider |
| `retry` | calls are tried again more or less often, or not at all |
| `payload` | a rule of a payload schema is dropped |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, pairwise
from typing import Any

from intercom_conformance.mutants.effects import Effects
from intercom_conformance.mutants.mutant import CHART, GONE, Edit, Mutant, UnknownMutant
from intercom_conformance.mutants.schemas import dropped_rules
from intercom_conformance.mutants.sites import Chart, Guard, Site, listed
from intercom_conformance.oracle.table import FILING
from intercom_conformance.specification import Specification

__all__ = ["CANCELLED", "OPERATORS", "mutant_named", "mutants_of"]

Json = Any

CANCELLED = "cancelled"
"""The place of callbacks that no transition answers, because their call's user is gone."""

_ENDLESS = 4000
"""Tries that do not come to an end while time passes."""
_ATTEMPTS = ("first", "repeated", "last")
_ANSWERS = ("callback", "defer", "again", "value", "code")
_FILING = tuple(reversed(FILING))


# What is answered ---------------------------------------------------------------------------------


def _output(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        given = site.body.get("callback")
        for other in ("success", "error") if given else ():
            if other != given:
                yield site.changed(f"output/{other}", f"{other} instead of {given}", (("callback",), other))
        if given in ("error", "either"):
            edits = ((("callback",), "error"), (("code",), _undocumented(chart.spec)))
            yield site.changed("output/code", "the error has a code that is not documented", *edits)
        if given in ("success", "either"):
            yield from _values(site)


def _values(site: Site) -> Iterator[Mutant]:
    value, success = site.body.get("value"), (("callback",), "success")
    if value is None:
        yield site.changed("output/value", "success carries a value", (("value",), {"const": True}), success)
        return
    yield site.changed("output/nothing", "success carries no value", (("value",), GONE), success)
    for other in (None, not value.get("const", False)):
        if other != value.get("const", ...):
            word = {None: "null", True: "true", False: "false"}[other]
            yield site.changed(f"output/{word}", f"success carries {word}", (("value",), {"const": other}), success)


@cache
def _undocumented(spec: Specification) -> int:
    ranges = spec.api.error_codes
    return next(code for code in range(1, 10**6) if not any(one["from"] <= code <= one["to"] for one in ranges))


def _early(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        for flag in ("defer", "again"):
            for callback in ("success", "error") if site.body.get(flag) else ():
                edits = (((flag,), GONE), (("callback",), callback))
                yield site.changed(f"early/{callback}", f"{callback} at once, instead of waiting", *edits)


def _late(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        if site.calls_back:
            edits = [((key,), GONE) for key in _ANSWERS if key in site.body]
            yield site.changed("late", "the call is kept waiting", *edits, (("defer",), True))


def _count(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        if site.calls_back:
            for how in ("never", "twice", "both"):
                yield site.changed(f"count/{how}", _counted(how), delivery=(site.transition["id"], how))
    if any(body.get("cancel") for body in _bodies(chart)):
        for how in ("never", "twice", "both"):
            summary = f"{CANCELLED} calls: {_counted(how)}"
            yield Mutant(f"count/{CANCELLED}/{how}", "count", summary, delivery=(CANCELLED, how))


def _counted(how: str) -> str:
    return {"never": "no callback runs", "twice": "the callback runs twice", "both": "both callbacks run"}[how]


# Where it goes ------------------------------------------------------------------------------------


def _target(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        region, to = site.transition["region"], site.body.get("to")
        for state in chart.states(region):
            if state != to:
                told = f"{region} goes to {state} instead of {to}" if to else f"{region} goes to {state}"
                yield site.changed(f"target/{state}", told, (("to",), state))
        if to is not None:
            yield site.changed("target/stays", f"{region} stays where it is", (("to",), GONE))


def _initial(chart: Chart) -> Iterator[Mutant]:
    for region, body in chart.document["regions"].items():
        for state in body["states"]:
            if state != body["initial"]:
                yield Mutant(
                    f"initial/{region}/{state}",
                    "initial",
                    f"{region} begins as {state} instead of {body['initial']}",
                    (Edit(CHART, ("regions", region, "initial"), state),),
                )


# What is left out, and what is added --------------------------------------------------------------


def _missing(chart: Chart) -> Iterator[Mutant]:
    for number, body in enumerate(chart.document["transitions"]):
        edit = Edit(CHART, ("transitions", number), GONE)
        own = frozenset([body["id"]])
        yield Mutant(f"missing/{body['id']}", "missing", f"{body['id']}: the transition is not there", (edit,), own)
    for site in chart.sites:
        effects = list(site.body.get("effects", ()))
        for effect in effects:
            kept = [one for one in effects if one != effect]
            yield site.changed(f"missing/{effect}", f"without the effect {effect}", (("effects",), kept))
        for flag in _FILING:
            if site.body.get(flag):
                yield site.changed(f"missing/{flag}", f"without {flag}", ((flag,), GONE))


def _extra(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        effects = list(site.body.get("effects", ()))
        for effect in _effects_at_hand(chart, site.transition):
            if effect not in effects:
                edit = (("effects",), [*effects, effect])
                yield site.changed(f"extra/{effect}", f"with the effect {effect} too", edit)
        for flag in _FILING if chart.methods(site.transition) else ():
            if not site.body.get(flag):
                yield site.changed(f"extra/{flag}", f"with {flag} too", ((flag,), True))
    yield from _further_sources(chart)


def _further_sources(chart: Chart) -> Iterator[Mutant]:
    """The transition applies in a further state, and goes before whatever else applies there."""
    transitions = chart.document["transitions"]
    for body in transitions:
        sources = listed(body.get("from", "any"))
        for state in chart.states(body["region"]) if sources != ["any"] else ():
            if state not in sources:
                first = [{**body, "from": [*sources, state]}, *(one for one in transitions if one is not body)]
                yield Mutant(
                    f"extra/{body['id']}/from-{state}",
                    "extra",
                    f"{body['id']}: applies in {state} too",
                    (Edit(CHART, ("transitions",), first),),
                    frozenset([body["id"]]),
                )


def _effects_at_hand(chart: Chart, transition: Mapping[str, Json]) -> Iterator[str]:
    """The effects that do something of their own, and need no argument that the transition's calls do not have."""
    world = chart.document["environment"]
    have = [{one.name for one in method.parameters} for method in chart.methods(transition)]
    have += [set(world[one].get("parameters", ())) for one in chart.events(transition["on"]) if one in world]
    effects = Effects.of(chart.document)
    for name, body in chart.document["effects"].items():
        needed = set(_arguments(body["do"]))
        if all(needed <= one for one in have) and not effects.is_open(name):
            yield name


def _arguments(document: Json) -> Iterator[str]:
    if isinstance(document, list) and len(document) > 1 and document[0] == "argument":
        yield document[1]
    elif isinstance(document, list | dict):
        for part in document.values() if isinstance(document, dict) else document:
            yield from _arguments(part)


def _order(chart: Chart) -> Iterator[Mutant]:
    for site in chart.sites:
        effects = list(site.body.get("effects", ()))
        for number, (one, other) in enumerate(pairwise(effects)):
            swapped = [*effects[:number], other, one, *effects[number + 2 :]]
            yield site.changed(f"order/{other}-first", f"{other} before {one}", (("effects",), swapped))


# When it applies ----------------------------------------------------------------------------------


def _guard(chart: Chart) -> Iterator[Mutant]:
    for entry in chart.guards():
        without = {key: body for key, body in entry.holder.items() if key != entry.key}
        yield entry.changed("dropped", "is not asked for", without)
        turned = {**without, "all": [*without.get("all", ()), {"not": {entry.key: entry.value}}]}
        yield entry.changed("negated", "the opposite is asked for", _turned(entry, without) or turned)
        yield from _resized(chart, entry)
    yield from _fewer_sources(chart)


def _turned(entry: Guard, without: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The guard around an entry that is a negation itself, without the negation."""
    if entry.key != "not":
        return None
    inner = entry.value if isinstance(entry.value, Mapping) else {"any": [{"fact": one} for one in listed(entry.value)]}
    return {**without, "all": [*without.get("all", ()), inner]}


def _resized(chart: Chart, entry: Guard) -> Iterator[Mutant]:
    if entry.key == "in":
        for region, states in entry.value.items():
            for how, told, smaller in _sizes(listed(states), chart.states(region)):
                value = {**entry.value, region: smaller}
                yield entry.changed(f"{region}-{how}", f"{region}: {told}", {**entry.holder, "in": value})
            if len(entry.value) > 1:
                value = {name: one for name, one in entry.value.items() if name != region}
                yield entry.changed(f"{region}-dropped", f"{region} is not asked for", {**entry.holder, "in": value})
    elif entry.key in ("fact", "not", "invalid", "event", "attempt") and not isinstance(entry.value, Mapping):
        every = _ATTEMPTS if entry.key == "attempt" else chart.events(entry.value) if entry.key == "event" else ()
        names = chart.events(entry.value) if entry.key == "event" else listed(entry.value)
        for how, told, smaller in _sizes(names, every):
            if smaller:
                yield entry.changed(how, told, {**entry.holder, entry.key: smaller})
    elif entry.key in ("all", "any") and len(entry.value) > 1:
        for number in range(len(entry.value)):
            kept = [*entry.value[:number], *entry.value[number + 1 :]]
            yield entry.changed(f"without-{number}", f"without part {number}", {**entry.holder, entry.key: kept})


def _sizes(names: Sequence[Json], every: Sequence[Json]) -> Iterator[tuple[str, str, list[Json]]]:
    """A list with one name less, and with one more."""
    for name in names if len(names) > 1 else ():
        yield f"less-{name}", f"without {name}", [one for one in names if one != name]
    for name in every:
        if name not in names:
            yield f"more-{name}", f"{name} will do too", [*names, name]


def _fewer_sources(chart: Chart) -> Iterator[Mutant]:
    for number, body in enumerate(chart.document["transitions"]):
        origin = body.get("from", "any")
        sources = chart.states(body["region"]) if origin == "any" else listed(origin)
        for state in sources if len(sources) > 1 else ():
            kept = [one for one in sources if one != state]
            yield Mutant(
                f"guard/{body['id']}/from/less-{state}",
                "guard",
                f"{body['id']}: does not apply in {state}",
                (Edit(CHART, ("transitions", number, "from"), kept),),
                frozenset([body["id"]]),
            )


# Trying again, and payloads -----------------------------------------------------------------------


def _retry(chart: Chart) -> Iterator[Mutant]:
    for event, body in chart.document["environment"].items():
        for how in ("never", "repeated", "last") if "retries" in body else ():
            if how != body["retries"] and "seconds" not in body:
                edit = Edit(CHART, ("environment", event, "retries"), GONE if how == "never" else how)
                told = "no call is tried again" if how == "never" else f"the try is a {how} one"
                yield Mutant(f"retry/{event}/{how}", "retry", f"{event}: {told}", (edit,))
    if any("seconds" in body for body in chart.document["environment"].values()):
        yield Mutant("retry/tries/once", "retry", "a call is tried again once only", tries=1)
        yield Mutant("retry/tries/endless", "retry", "a call is tried again without end", tries=_ENDLESS)


def _payload(chart: Chart) -> Iterator[Mutant]:
    yield from dropped_rules(chart.spec)


def _bodies(chart: Chart) -> Iterator[Mapping[str, Json]]:
    return (site.body for site in chart.sites)


OPERATORS: Mapping[str, Callable[[Chart], Iterator[Mutant]]] = {
    "output": _output,
    "early": _early,
    "late": _late,
    "count": _count,
    "target": _target,
    "initial": _initial,
    "missing": _missing,
    "extra": _extra,
    "order": _order,
    "guard": _guard,
    "retry": _retry,
    "payload": _payload,
}
"""The operators by name."""


@cache
def mutants_of(spec: Specification) -> tuple[Mutant, ...]:
    """Every mutant of a specification, by operator, in the order of the documents."""
    chart = Chart(spec)
    return tuple(chain.from_iterable(operator(chart) for operator in OPERATORS.values()))


def mutant_named(spec: Specification, name: str) -> Mutant:
    """The mutant with this id.

    Raises:
        UnknownMutant: there is none.
    """
    known = {one.id: one for one in mutants_of(spec)}
    if name not in known:
        raise UnknownMutant(name, tuple(known))
    return known[name]
