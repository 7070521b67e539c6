"""All sessions of a server: made, found, kept, bounded, and gone when nobody has asked for them for a while.

Nobody can list them: the name of a session is a secret of 128 bits, and whoever holds it made it or was told.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from intercom_conformance.oracle import Oracle
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem, too_many
from intercom_conformance.serving.sessions import Entry, Session, Setting, StandIn
from intercom_conformance.serving.store import Kept, Store

__all__ = ["Record", "Registry"]


@attrs.define
class Record:
    """A session with its name and times, in seconds of the epoch; `session` is None until it is brought back."""

    id: str
    setting: Setting
    created: float
    used: float
    size: int = 0
    session: Session | None = None


class Registry:
    """The sessions.

    Args:
        oracle: what follows each of them.
        stand_in: gives the factory of stand-ins; None if the specification has no implementation.
        limits: how many, how large, how long.
        store: where they are kept.
        now: tells the time, in seconds of the epoch.
    """

    def __init__(
        self,
        oracle: Oracle,
        stand_in: StandIn | None,
        limits: Limits,
        store: Store,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._oracle, self._stand_in, self._limits, self._store, self._now = oracle, stand_in, limits, store, now
        # Whoever fills these leaves room for sessions that choose nothing.
        self._chosen: set[frozenset[tuple[str, int]]] = {frozenset()}
        self._records: OrderedDict[str, Record] = OrderedDict()
        for kept in store.sessions():
            self._records[kept.id] = Record(kept.id, kept.setting, kept.created, kept.used, kept.size)
        self._total = sum(record.size for record in self._records.values())

    def __len__(self) -> int:
        self.expire()
        return len(self._records)

    @property
    def stands_in(self) -> bool:
        """Whether there is an SDK that can stand in."""
        return self._stand_in is not None

    def begin(self, setting: Setting) -> Record:
        """A new session; `Problem` (429) if there are too many."""
        self.expire()
        if len(self._records) >= self._limits.sessions:
            remedy = "Delete one that is over, wait until one expires, or serve with a larger --max-sessions."
            raise too_many(f"There are {len(self._records)} sessions", remedy, self._limits.idle)
        self._refuse_more()
        session, now = self._made(setting), self._now()
        record = Record(secrets.token_urlsafe(16), setting, now, now, 0, session)
        self._store.begin(Kept(record.id, setting, now, now, 0))
        self._records[record.id] = record
        return record

    def find(self, id: str) -> tuple[Record, Session]:
        """A session by its name, which from now on has been used; `Problem` (404) if there is none."""
        record = self._record(id)
        record.used = self._now()
        self._records.move_to_end(id)
        if record.session is None:
            record.session = self._brought_back(record)
        return record, record.session

    def _record(self, id: str) -> Record:
        self.expire()
        record = self._records.get(id)
        if record is None:
            detail = "There is no session of this name, or nobody used it for too long"
            raise Problem(404, "no-such-session", detail, "Begin a session, and use the name in the answer.")
        return record

    def take(self, id: str, kind: str, request: Mapping[str, Any]) -> Entry:
        """Takes a step in a session and keeps it; what came of it."""
        record, session = self.find(id)
        self._refuse_more()
        session.refuse_more()
        entry = session.take(kind, request)
        if kind == "judged" and not entry.outcome["kept"]:
            return entry
        self._keep(record, lambda: self._store.append(id, session.steps + 1, entry, record.used))
        session.keep(entry)
        record.size += entry.size
        self._total += entry.size
        return entry

    def clear(self, id: str) -> Record:
        """Makes a session new: a freshly installed app, an empty workspace, no history."""
        record, session = self.find(id)
        self._keep(record, lambda: self._store.clear(id, record.used))
        session.begin()
        self._total -= record.size
        record.size = 0
        return record

    def end(self, id: str) -> None:
        """Ends a session."""
        self._record(id)
        self._store.remove([id])
        self._forget([id])

    def expire(self) -> None:
        """Ends the sessions that nobody used for too long."""
        latest = self._now() - self._limits.idle
        gone = []
        for id, record in self._records.items():
            if record.used > latest:
                break
            gone.append(id)
        if gone:
            self._store.remove(gone)
            self._forget(gone)

    def close(self) -> None:
        """Lets go of the store."""
        self._store.close()

    def _keep(self, record: Record, write: Callable[[], None]) -> None:
        """Writes; if that fails, the session in memory is ahead of what is kept, and is brought back from there."""
        try:
            write()
        except Problem:
            record.session = None
            raise

    def _forget(self, ids: list[str]) -> None:
        self._total -= sum(self._records.pop(id).size for id in ids)

    def _refuse_more(self) -> None:
        if self._total >= self._limits.total:
            remedy = "Delete sessions that are over, or wait until some expire."
            raise too_many(f"All sessions together have their {self._limits.total} bytes", remedy, self._limits.idle)

    def _made(self, setting: Setting) -> Session:
        factory = None
        if setting.stand_in:
            if self._stand_in is None:
                detail = "No SDK stands in: the specification that is served has no implementation here"
                raise Problem(409, "no-stand-in", detail, "Begin a session with stand_in false, and judge your own.")
            factory = self._choosing(self._stand_in, setting.choices)
        return Session(setting, self._oracle, factory, self._limits)

    def _choosing(self, stand_in: StandIn, choices: Mapping[str, int]) -> Callable[[], Any]:
        """The factory for these choices. Each set of choices has a machine that stays, so that they are bounded."""
        chosen = frozenset(choices.items())
        if chosen not in self._chosen and len(self._chosen) >= self._limits.choices:
            detail = f"There are {self._limits.choices} different sets of choices in use"
            raise too_many(detail, "Use one of those, or none; or start the server anew.")
        factory = stand_in(choices)
        self._chosen.add(chosen)
        return factory

    def _brought_back(self, record: Record) -> Session:
        session = self._made(record.setting)
        for kept in self._store.entries(record.id):
            entry = session.take(kept.kind, kept.request)
            if entry != kept:
                detail = "This session was kept by a version of this program that behaved otherwise"
                raise Problem(410, "not-as-it-was", detail, "Delete it, and begin another.")
            session.keep(entry)
        return session
