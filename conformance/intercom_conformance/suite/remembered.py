"""Traces that have failed before, in a database of Hypothesis that runs share: a folder, or a Redis server.

What Hypothesis itself would keep is of no use to another run: its choices mean other calls with another seed. So the
traces are kept, shrunk as they are reported, by specification and binding, and are played before anything is made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from intercom_conformance.exits import UsageProblem, missing_extra
from intercom_conformance.specification import Specification, SpecificationError
from intercom_conformance.trace import Trace, from_document, to_document

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase

__all__ = ["Remembered", "database"]


@attrs.frozen
class Remembered:
    """The traces on which one binding has failed."""

    database: ExampleDatabase
    spec: Specification
    binding: str

    @property
    def _key(self) -> bytes:
        return f"intercom-conformance/{self.spec.digest}/{self.binding}".encode()

    def traces(self) -> Iterator[Trace]:
        """The traces, in an order that does not depend on who wrote them first; what is none is passed over."""
        for text in sorted(self.database.fetch(self._key)):
            try:
                yield from_document(json.loads(text), self.spec)
            except (ValueError, TypeError, AttributeError, RuntimeError, SpecificationError):
                continue

    def add(self, trace: Trace) -> None:
        """Keeps a trace for whoever runs next."""
        self.database.save(self._key, json.dumps(to_document(trace), sort_keys=True).encode())


def database(place: str) -> ExampleDatabase:
    """The database in a folder, or behind a URL such as ``redis://host:6379/0``.

    Raises:
        UsageProblem: it cannot be reached, or its extra is not installed.
    """
    from hypothesis.database import DirectoryBasedExampleDatabase

    if not place.startswith(("redis://", "rediss://", "unix://")):
        return DirectoryBasedExampleDatabase(place)
    found: ExampleDatabase = _redis(place)
    return found


def _redis(url: str) -> Any:
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis, RedisError
    except ImportError:
        raise missing_extra("redis", "A database in Redis") from None
    try:
        server = Redis.from_url(url)
        server.ping()
    except (RedisError, ValueError) as error:
        raise UsageProblem(f"No Redis server answers at {_without_password(url)} ({error})", "Start one.") from None
    return RedisExampleDatabase(server)


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
