"""Where work is done: in this process, or on a dask cluster, on this machine or past it, with the same result."""

from __future__ import annotations

from intercom_conformance.exits import UsageProblem

__all__ = ["known_engine"]


def known_engine(name: str) -> str:
    """The kind of an engine: ``local`` or ``dask``, the latter perhaps with the address of a scheduler.

    Raises:
        UsageProblem: there is no such engine.
    """
    kind, equals, address = name.partition("=")
    if kind not in ("local", "dask") or (equals and (kind == "local" or not address)):
        raise UsageProblem(f"There is no engine {name!r}", "Write local, dask, or dask=tcp://HOST:PORT.")
    return kind
