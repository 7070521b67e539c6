"""``init``: writes something to start from: a driver, or a stand-in for the SDK in the tests of an app."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from intercom_conformance.commands.options import Spec

__all__ = ["init"]

init = typer.Typer(no_args_is_help=True, help="Write something to start from.")


@init.command()
def driver(
    language: Annotated[
        str,
        typer.Option("--language", help="javascript, typescript, python, java, kotlin, swift or dart."),
    ],
    out: Annotated[str, typer.Option("--out", metavar="FOLDER", help="Where it goes.")] = "driver",
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write a driver that passes smoke, with a sample in it to be replaced by your binding.

    \b
    Examples:
      intercom-conformance init driver --language javascript
      intercom-conformance init driver --language java --out tests/conformance

    The drivers in Kotlin, Swift and Dart say at their top what of them has been tried.
    """
    from intercom_conformance.templates import template, write

    chosen = template(language)
    write(chosen, Path(out), force=force)
    print(f"Wrote {', '.join(sorted(chosen.files))} into {out}. README.md tells what to replace. Try it as it is:\n")
    print("\n".join(f"  {line}" for line in (f"cd {shlex.quote(out)}", *chosen.commands)))


@init.command()
def fake(
    language: Annotated[str, typer.Option("--language", help="javascript or python.")] = "javascript",
    out: Annotated[str, typer.Option("--out", metavar="FOLDER", help="Where it goes.")] = "intercom-fake",
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 if the folder is not what would be written.")
    ] = False,
    spec: Spec = None,
) -> None:
    """Write a stand-in for the SDK, for the tests of an app, generated from the specification.

    \b
    Examples:
      intercom-conformance init fake
      npm install --save-dev ./intercom-fake
      intercom-conformance init fake --check              in CI: is the folder still what the specification gives?
      intercom-conformance init fake --language python

    In JavaScript it is a package for Jest, Vitest and web pages; in Python, a sample of the pytest fixture that the
    kit brings. README.md in the folder tells how it is used, and how the kit judges it.
    """
    from intercom_conformance.fakes import files, stale, write
    from intercom_conformance.specification import load_specification

    made = files(language, load_specification(spec))
    if check:
        _tell_stale(stale(made, Path(out)), out)
    write(made, Path(out), force=force)
    print(f"Wrote {len(made)} files into {out}. README.md tells how to use them.")


def _tell_stale(names: tuple[str, ...], out: str) -> NoReturn:
    if names:
        print(f"{out} is not what the specification gives: {', '.join(names)}. Write it anew with --force.")
    else:
        print(f"{out} is what the specification gives.")
    raise typer.Exit(int(bool(names)))
