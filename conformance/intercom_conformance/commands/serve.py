"""``serve``: the oracle and the SDK that stands in, as a service."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from intercom_conformance.commands.options import Spec
from intercom_conformance.exits import UsageProblem
from intercom_conformance.serving.access import ENVIRONMENT
from intercom_conformance.serving.limits import Limits

__all__ = ["serve"]

_DEFAULT = Limits()


def serve(
    host: Annotated[
        str, typer.Option("--host", help="The address to serve on. Any but a loopback address needs a token.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="For HTTP and WebSocket; 0 takes one that is free.")
    ] = 8642,
    tcp_port: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "--tcp-port",
            min=0,
            max=65535,
            show_default=False,
            help="Serve lines over TCP too; 0 takes one that is free.",
        ),
    ] = None,
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Serve lines on the standard input and output, and open no port.")
    ] = False,
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--token",
            envvar=ENVIRONMENT,
            show_default=False,
            help="Ask everybody for this secret. Others on this machine may see a command line: prefer the variable.",
        ),
    ] = None,
    database: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--database", metavar="FILE", show_default=False, help="Keep sessions in this SQLite file, over restarts."
        ),
    ] = None,
    spec: Spec = None,
    max_sessions: Annotated[
        int, typer.Option("--max-sessions", metavar="N", min=1, help="Sessions at once.")
    ] = _DEFAULT.sessions,
    max_steps: Annotated[
        int, typer.Option("--max-steps", metavar="N", min=1, help="Steps of a session.")
    ] = _DEFAULT.steps,
    max_request: Annotated[
        int, typer.Option("--max-request", metavar="BYTES", min=1024, help="Size of a request or a line.")
    ] = _DEFAULT.request,
    max_session: Annotated[
        int, typer.Option("--max-session", metavar="BYTES", min=1024, help="Size of a session's history.")
    ] = _DEFAULT.session,
    max_total: Annotated[
        int, typer.Option("--max-total", metavar="BYTES", min=1024, help="The same of all sessions together.")
    ] = _DEFAULT.total,
    max_connections: Annotated[
        int, typer.Option("--max-connections", metavar="N", min=1, help="Connections at once.")
    ] = _DEFAULT.connections,
    idle: Annotated[
        float,
        typer.Option("--idle", metavar="SECONDS", min=0.1, help="After so long without use a session is gone."),
    ] = _DEFAULT.idle,
    patience: Annotated[
        float,
        typer.Option("--patience", metavar="SECONDS", min=0.1, help="How long a client may take over one request."),
    ] = _DEFAULT.patience,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Tell of each request on the standard error.")
    ] = False,
) -> None:
    """Serve the oracle and the SDK that stands in, over HTTP, WebSocket, TCP, or standard input and output.

    \b
    Examples:
      intercom-conformance serve
      intercom-conformance serve --port 0 --tcp-port 0 --database sessions.sqlite
      intercom-conformance serve --stdio
      INTERCOM_CONFORMANCE_TOKEN=… intercom-conformance serve --host 0.0.0.0

    \b
    Then:
      curl -s -X POST localhost:8642/sessions
      curl -s localhost:8642/openapi.json
      intercom-conformance run tcp:127.0.0.1:PORT        the stand-in is a driver, too

    Where to reach it is told on the standard error, and as a line of JSON on the standard output if that is no
    terminal. Ctrl-C ends it with 0.
    """
    from intercom_conformance.serving.running import Settings, serve_standard_streams
    from intercom_conformance.serving.running import serve as run

    limits = Limits(
        sessions=max_sessions,
        steps=max_steps,
        request=max_request,
        session=max_session,
        total=max_total,
        connections=max_connections,
        idle=idle,
        patience=patience,
    )
    settings = Settings(host, port, tcp_port, token, database, spec, limits, verbose)
    if stdio:
        serve_standard_streams(settings, sys.stdin.buffer, sys.stdout.buffer)
        return
    _need_extra()
    run(settings)


def _need_extra() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
        import websockets  # noqa: F401
    except ImportError as error:
        remedy = "pip install 'intercom-conformance[serve]', or serve with --stdio, which needs nothing more."
        raise UsageProblem(f"Serving over the network needs the Python package {error.name}", remedy) from None
