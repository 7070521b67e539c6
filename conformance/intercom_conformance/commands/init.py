"""``init``: writes something to start from; now, a driver."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["init"]

init = typer.Typer(no_args_is_help=True, help="Write something to start from.")


@init.callback()
def _init() -> None:
    """Without it, typer would take the only verb for all there is."""


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
