"""``mutants``: does the suite kill every wrong SDK that one change to the specification makes?"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, List, Optional  # noqa: UP035

import typer

from intercom_conformance.commands.options import Examples, Format, FormatOption, Seed, Spec, Verbose

if TYPE_CHECKING:
    from intercom_conformance.mutants.crew import Hunt
    from intercom_conformance.mutants.hunting import Fate
    from intercom_conformance.mutants.mutant import Mutant

__all__ = ["mutants"]


def mutants(
    text: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("-k", metavar="TEXT", help="Only mutants with this text in their id or summary."),
    ] = None,
    operator: Annotated[
        Optional[List[str]],  # noqa: UP006, UP045
        typer.Option("--operator", metavar="NAME", help="Only mutants of this operator; may be repeated."),
    ] = None,
    sample: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--sample", min=1, metavar="NUMBER", help="Only so many, chosen by --seed."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List them, and play nothing.")] = False,
    compare: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "--compare",
            min=1,
            metavar="STEPS",
            help="Hunt them in other ways too, so many steps for each: a tour, random walks, Hypothesis.",
        ),
    ] = None,
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--workers", min=1, help="How many processes play; by default, one a processor."),
    ] = None,
    seed: Seed = 0,
    examples: Examples = 100,
    format: FormatOption = Format.TEXT,
    verbose: Verbose = False,
    spec: Spec = None,
) -> None:
    """Tell whether the suite kills every wrong SDK that a single change to the specification makes.

    A mutant is the reference, made of a specification with one change, and judged by the unchanged one. It is
    killed by a check that fails, or equivalent, which is to say proved to do nothing but what the specification
    allows. What is neither has survived: there the suite is too weak.

    \b
    Examples:
      intercom-conformance mutants
      intercom-conformance mutants --operator target -k logout -v
      intercom-conformance mutants --sample 300 --seed 7
      intercom-conformance mutants --sample 40 --compare 2000
      intercom-conformance mutants --list -k retry
      intercom-conformance run mutant:target/logout/stays      one of them, as any binding

    It ends with 0 if none survives, with 1 if one does.
    """
    from intercom_conformance.mutants.crew import Hunt
    from intercom_conformance.mutants.operators import mutants_of
    from intercom_conformance.specification import load_specification
    from intercom_conformance.suite import Settings

    every = mutants_of(load_specification(spec))
    chosen = _sampled(_chosen(every, text, operator or []), sample, seed)
    if list_:
        _list(chosen, format)
        return
    # A shortest sequence is only looked for where it is shown.
    settings = Settings(seed, examples, shrink=verbose or format is Format.JSON)
    hunt = Hunt(spec, chosen, settings, workers or os.cpu_count() or 1)
    fates = _hunted(hunt)
    _show(fates, len(every), hunt, format, verbose)
    if compare is not None:
        _compare(hunt, fates, compare, format)
    raise typer.Exit(int(any(one.verdict == "survived" for one in fates)))


def _chosen(every: tuple[Mutant, ...], text: str | None, operators: list[str]) -> tuple[Mutant, ...]:
    from intercom_conformance.exits import UsageProblem, unknown
    from intercom_conformance.mutants.operators import OPERATORS
    from intercom_conformance.specification import closest

    for one in operators:
        if one not in OPERATORS:
            raise unknown("operator", one, OPERATORS, f"There are: {', '.join(OPERATORS)}.")
    wanted = (text or "").casefold()
    found = [one for one in every if wanted in one.id.casefold() or wanted in one.summary.casefold()]
    found = [one for one in found if not operators or one.operator in operators]
    if not found:
        words = {word for one in every for word in one.id.split("/")}
        near = closest(text or "", words)
        remedy = f"Did you mean {near!r}?" if near else "All are listed by intercom-conformance mutants --list."
        raise UsageProblem(f"No mutant matches {text!r}", remedy)
    return tuple(found)


def _sampled(mutants: tuple[Mutant, ...], sample: int | None, seed: int) -> tuple[Mutant, ...]:
    import random

    if sample is None or sample >= len(mutants):
        return mutants
    places = sorted(random.Random(seed).sample(range(len(mutants)), sample))
    return tuple(mutants[place] for place in places)


def _list(mutants: tuple[Mutant, ...], format: Format) -> None:
    if format is Format.JSON:
        print(json.dumps([{"id": one.id, "summary": one.summary} for one in mutants], indent=2))
        return
    width = max(len(one.id) for one in mutants)
    print("\n".join(f"{one.id:<{width}}  {one.summary}" for one in mutants))


def _hunted(hunt: Hunt) -> list[Fate]:
    """What became of the mutants, in their own order."""
    from intercom_conformance.reports.terminal import progress

    found: dict[str, Fate] = {}
    with progress(len(hunt.mutants)) as bar:
        for fate in hunt.fates():
            found[fate.mutant] = fate
            bar.done({"verdict": fate.verdict})
    return [found[one.id] for one in hunt.mutants]


def _compare(hunt: Hunt, fates: list[Fate], budget: int, format: Format) -> None:
    """Tells on standard output, or with JSON on standard error, how other ways fare with the same mutants."""
    from intercom_conformance.mutants.rivals import rivals
    from intercom_conformance.specification import load_specification

    spec = load_specification(hunt.folder)
    wrong = {one.mutant for one in fates if one.verdict != "equivalent"}
    chosen = [one for one in hunt.mutants if one.id in wrong]
    own = [one for one in fates if one.verdict == "killed" and one.steps <= budget]
    steps = sum(min(one.steps, budget) for one in fates if one.mutant in wrong)
    rows = [("default suite, near the change first", len(own), steps)]
    rows += [(name, *way(chosen, budget)) for name, way in rivals(spec, hunt.settings.seed).items()]
    lines = [f"{len(chosen)} wrong SDKs, at most {budget:,} steps for each:"]
    for name, killed, played in rows:
        rate = 1000 * killed / max(played, 1)
        lines.append(f"  {name:38}{killed:6} killed in {played:9,} steps, {rate:8.2f} per 1,000 steps")
    print("\n" + "\n".join(lines), file=sys.stderr if format is Format.JSON else sys.stdout)


def _show(fates: list[Fate], every: int, hunt: Hunt, format: Format, verbose: bool) -> None:
    from intercom_conformance.reports.mutants import as_data, as_markdown, as_text
    from intercom_conformance.reports.terminal import show, width_of

    if format is Format.JSON:
        print(json.dumps(as_data(fates, every, hunt.settings.seed), indent=2))
    elif format is Format.MARKDOWN:
        print(as_markdown(fates, every, hunt.settings.seed))
    else:
        show(as_text(fates, every, hunt.settings.seed, width=width_of(), verbose=verbose))
