"""Runs the service: its sockets, its signals, and its end.

1. `prepare` puts the parts together: oracle, stand-in, store, registry, access.
2. `serve` opens the sockets, tells where they are, and serves until it is told to end: Ctrl-C or a request to
   terminate close what is open, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from intercom_conformance.exits import UsageProblem
from intercom_conformance.kit import implementation_of
from intercom_conformance.oracle import Oracle
from intercom_conformance.serving.access import Access
from intercom_conformance.serving.describing import describe
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.lines import LineServer, serve_stream
from intercom_conformance.serving.operations import Service
from intercom_conformance.serving.problems import unprocessable
from intercom_conformance.serving.registry import Registry
from intercom_conformance.serving.rpc import Connection
from intercom_conformance.serving.sessions import StandIn
from intercom_conformance.serving.store import Memory, SqliteFile
from intercom_conformance.specification import load_specification
from intercom_reference.errors import KitError

if TYPE_CHECKING:
    import uvicorn

__all__ = ["Settings", "prepare", "serve", "serve_standard_streams"]

_SWEEP = 1.0
"""Seconds between two looks for sessions that nobody has used for too long."""


@attrs.frozen
class Settings:
    """What a server is started with; a port of 0 is chosen by the system, a `tcp_port` of None opens none."""

    host: str = "127.0.0.1"
    port: int = 8642
    tcp_port: int | None = None
    token: str | None = attrs.field(default=None, repr=False)
    database: Path | None = None
    spec: str | None = None
    limits: Limits = attrs.field(factory=Limits)
    verbose: bool = False


@attrs.frozen
class Parts:
    """The parts of a server."""

    service: Service
    access: Access
    factory: Callable[[], Any] | None

    def connect(self, admitted: bool = False) -> Connection:
        """The service's end of a connection on lines."""
        return Connection(self.service, self.access, self.factory, report_fault, admitted=admitted)


def prepare(settings: Settings, access: Access) -> Parts:
    """The parts of a server, ready to be asked.

    Raises:
        SpecificationError, DocumentError: the specification cannot be used.
        UsageProblem: the database cannot be used.
    """
    spec, limits = load_specification(settings.spec), settings.limits
    oracle = Oracle.of(spec, limits.effort)
    store = Memory() if settings.database is None else SqliteFile(settings.database, spec)
    made = implementation_of(spec)
    service = Service(oracle, Registry(oracle, None if made is None else _chooser(made), limits, store), limits)
    if made is not None:
        made()  # The first one costs a second, which no client should have to wait for.
    service.description = describe(spec, service.checks, protected=access.token is not None)
    return Parts(service, access, made)


def _chooser(made: Callable[..., Any]) -> StandIn:
    """Makes stand-ins that choose as they are told; an unknown choice is a problem of whoever asked."""

    def choosing(choices: Mapping[str, int]) -> Callable[[], Any]:
        factory = partial(made, choices=dict(choices))
        try:
            factory()
        except KitError as error:
            raise unprocessable(f"The stand-in cannot choose so: {error}"[:1000], "Correct the choices.") from None
        return factory

    return choosing


def report_fault(error: Exception) -> None:
    """Tells of a fault of the service: its kind and place, never its text, which may hold what a client sent."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    _say(f"A fault of this program: {type(error).__name__} at {place}. Please report it.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# Standard input and output ------------------------------------------------------------------------


def serve_standard_streams(settings: Settings, source: BinaryIO, target: BinaryIO) -> None:
    """Serves whoever has started this process; no token is asked for."""
    parts = prepare(attrs.evolve(settings, token=None), Access(loopback=True))
    try:
        with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
            serve_stream(parts.connect(), source, target, settings.limits)
    finally:
        parts.service.registry.close()


# Sockets ------------------------------------------------------------------------------------------


def serve(settings: Settings) -> None:
    """Serves until it is told to end.

    Raises:
        UsageProblem: an address cannot be had, or not without a token; or what `prepare` raises.
    """
    access = Access.of(settings.host, settings.token)
    with contextlib.ExitStack() as stack:
        web = stack.enter_context(_listening(settings.host, settings.port))
        plain = None
        if settings.tcp_port is not None:
            plain = stack.enter_context(_listening(settings.host, settings.tcp_port))
        parts = prepare(settings, access)
        stack.callback(parts.service.registry.close)
        _raise_open_files(settings.limits)
        asyncio.run(_serve(settings, parts, web, plain))
    _say("Ended.")


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket; closed in the end."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        remedy = "Name another with --host and --port (or --tcp-port); port 0 takes one that is free."
        raise UsageProblem(f"The address {host}:{port} cannot be had: {error.strerror}", remedy) from None
    try:
        yield listener
    finally:
        listener.close()


def _raise_open_files(limits: Limits) -> None:
    """Asks the system for as many open files as there may be connections, as far as it gives them."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * limits.connections + 128
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(settings: Settings, parts: Parts, web: socket.socket, plain: socket.socket | None) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ending.set)
    lines = LineServer(parts.connect, settings.limits)
    server = _web_server(settings, parts)
    serving = asyncio.create_task(server.serve(sockets=[web]))
    listening = None if plain is None else await asyncio.start_server(lines.serve, sock=plain)
    sweeping = asyncio.create_task(_sweep(parts.service.registry))
    _announce(settings, parts, web, plain)
    await asyncio.wait([serving, asyncio.ensure_future(ending.wait())], return_when=asyncio.FIRST_COMPLETED)
    sweeping.cancel()
    if listening is not None:
        listening.close()
    await lines.stop()
    server.should_exit = True
    await serving


async def _sweep(registry: Registry) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        registry.expire()


def _web_server(settings: Settings, parts: Parts) -> uvicorn.Server:
    import uvicorn

    from intercom_conformance.serving.connections import bounded, bounded_websocket
    from intercom_conformance.serving.http import application

    class Server(uvicorn.Server):
        """uvicorn without its own signal handling: what ends the service ends every transport."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    journal = _say if settings.verbose else _be_silent
    limits = settings.limits
    config = uvicorn.Config(
        application(parts.service, parts.access, parts.connect, report_fault, journal),
        http=bounded(limits),
        ws=bounded_websocket(limits),
        ws_max_size=limits.request,
        ws_max_queue=4,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=max(1, round(min(limits.idle, 75.0))),
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=32 * 1024,
    )
    return Server(config)


def _be_silent(text: str) -> None:
    pass


def _announce(settings: Settings, parts: Parts, web: socket.socket, plain: socket.socket | None) -> None:
    """Tells people on the standard error where the service is, and programs on the standard output."""
    from intercom_conformance.serving.http import RPC

    spec = parts.service.oracle.model.spec
    place = _place(web)
    places = {"http": f"http://{place}", "websocket": f"ws://{place}{RPC}"}
    if plain is not None:
        places["tcp"] = _place(plain)
    offered = "stand-in and oracle" if parts.factory else "oracle"
    _say(f"Serving the {offered} of {spec.name} {spec.version}. Ctrl-C ends it.")
    for name, where in places.items():
        _say(f"  {name:<10} {where}")
    if not sys.stdout.isatty():
        print(json.dumps(places), flush=True)


def _place(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
