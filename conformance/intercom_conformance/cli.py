"""The command line: ``intercom-conformance VERB``.

Each verb is a function of its own module in `intercom_conformance.commands`. Here every way in which one can
end becomes one of the exit codes of `intercom_conformance.exits`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from intercom_conformance._version import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line; its exit code.

    A request to terminate ends a run as Ctrl-C does: what was found is kept, and no driver outlives it.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # py: connectors name modules of the project at hand
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if given == ["--version"]:
        print(f"intercom-conformance {__version__}")
        return 0
    try:
        return _run(given)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception as error:
        return _failed(error, given)


def _run(given: Sequence[str]) -> int:
    import typer

    from intercom_conformance.commands.app import app

    # Calling the app itself would have typer mark every error, and ours are frozen.
    command = typer.main.get_command(app)
    words = [word for word in given if word != "--traceback"]
    try:
        code = int(command.main(words, prog_name="intercom-conformance", standalone_mode=False) or 0)
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == _TYPERS_INTERRUPTED:
        raise KeyboardInterrupt
    return code


_TYPERS_INTERRUPTED = 130


def _failed(error: Exception, given: Sequence[str]) -> int:
    from intercom_conformance.exits import Exit

    code = _code(error)
    if code is Exit.INTERNAL:
        return _internal(error, "--traceback" in given)
    written = getattr(error, "format_message", None)
    text = written() if written else str(error)
    print(_printable(text, show="--show-secrets" in given), file=sys.stderr)
    if written and not text.startswith("Usage:"):
        known = given and not given[0].startswith("-") and not text.startswith("No such command")
        verb = given[0] + " " if known else ""
        print(f"See intercom-conformance {verb}--help.", file=sys.stderr)
    return int(code)


def _code(error: Exception) -> int:
    """The exit code for an error; errors of usage are known by their classes, or as typer's."""
    from intercom_conformance.drivers.protocol import BadConnector, DriverError, UnknownConnector
    from intercom_conformance.exits import Exit
    from intercom_conformance.oracle import Unanswered
    from intercom_conformance.specification import SpecificationError
    from intercom_reference.errors import KitError

    if isinstance(error, DriverError) and not isinstance(error, (BadConnector, UnknownConnector)):
        return Exit.NOT_STARTED
    if isinstance(error, (KitError, SpecificationError, Unanswered)) or hasattr(error, "format_message"):
        return Exit.USAGE
    return Exit.INTERNAL


def _internal(error: Exception, wanted: bool) -> int:
    if wanted:
        import traceback

        traceback.print_exception(error)
    elif isinstance(error, OSError):
        print(_printable(f"The system refused: {error}", show=False), file=sys.stderr)
    else:
        told = _printable(f"{type(error).__name__}: {error}", show=False).splitlines()[0][:300]
        print(f"A fault of this program: {told}", file=sys.stderr)
        print("Run it again with --traceback to see where, and please report it.", file=sys.stderr)
    return 3


def _printable(text: str, *, show: bool) -> str:
    from intercom_conformance.masking import Masker
    from intercom_conformance.reports.finding import printable

    return printable(Masker(show=show).text(text))


if __name__ == "__main__":
    sys.exit(main())
