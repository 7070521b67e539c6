"""Where sessions are kept beyond the process: a SQLite file, or nowhere.

A step is written before it is acknowledged, in one transaction of its own, so that whatever a client was told is there
when the process was killed. The file is in write-ahead mode with `synchronous` at normal: what a power cut takes are
at most the last moments. It holds what clients have sent, as they sent it, and is readable by its owner only.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import attrs

from intercom_conformance.exits import UsageProblem
from intercom_conformance.serving.problems import Problem
from intercom_conformance.serving.reading import compact
from intercom_conformance.serving.sessions import Entry, Setting
from intercom_conformance.specification import Specification

__all__ = ["Kept", "Memory", "SqliteFile", "Store"]

_TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, setting TEXT NOT NULL, created REAL NOT NULL, used REAL NOT NULL,
  size INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
  session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, number INTEGER NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (session, number)
) WITHOUT ROWID;
"""
_SPECIFICATION = "specification"


@attrs.frozen
class Kept:
    """A session as it was kept, without its steps."""

    id: str
    setting: Setting
    created: float
    used: float
    size: int


class Store(Protocol):
    """Keeps sessions; every method may raise a `Problem` (503), and then has kept nothing."""

    def sessions(self) -> Iterator[Kept]:
        """All sessions, those first that were not used for the longest time."""
        ...

    def entries(self, session: str) -> Iterator[Entry]:
        """The steps of a session, in order."""
        ...

    def begin(self, kept: Kept) -> None:
        """Keeps a new session."""
        ...

    def append(self, session: str, number: int, entry: Entry, used: float) -> None:
        """Keeps one more step of a session."""
        ...

    def clear(self, session: str, used: float) -> None:
        """Forgets the steps of a session."""
        ...

    def remove(self, sessions: list[str]) -> None:
        """Forgets sessions."""
        ...

    def close(self) -> None:
        """Nothing is kept any more."""
        ...


class Memory:
    """Keeps nothing beyond the process."""

    def sessions(self) -> Iterator[Kept]:
        return iter(())

    def entries(self, session: str) -> Iterator[Entry]:
        return iter(())

    def begin(self, kept: Kept) -> None:
        pass

    def append(self, session: str, number: int, entry: Entry, used: float) -> None:
        pass

    def clear(self, session: str, used: float) -> None:
        pass

    def remove(self, sessions: list[str]) -> None:
        pass

    def close(self) -> None:
        pass


class SqliteFile:
    """Keeps sessions in a file, which belongs to one server at a time.

    Raises:
        UsageProblem: the file cannot be used: no database, in use, or of another specification.
    """

    def __init__(self, path: Path, spec: Specification) -> None:
        self._path = path
        try:
            self._connection = _connect(path)
            self._own(spec)
        except sqlite3.Error as error:
            remedy = "Name a new file, or one that an earlier server wrote and none has open."
            raise UsageProblem(f"The database {path} cannot be used: {error}", remedy) from None

    def _own(self, spec: Specification) -> None:
        """Marks the file with its specification, whose steps it holds."""
        mine = f"{spec.name} {spec.version} {spec.digest}"
        with self._connection:
            self._connection.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (_SPECIFICATION, mine))
        ((found,),) = self._connection.execute("SELECT value FROM about WHERE key = ?", (_SPECIFICATION,))
        if found != mine:
            remedy = "Serve that specification with --spec, or name a new file."
            raise UsageProblem(f"The database {self._path} holds sessions of another specification, {found}", remedy)

    def sessions(self) -> Iterator[Kept]:
        rows = self._connection.execute("SELECT id, setting, created, used, size FROM sessions ORDER BY used, id")
        return (Kept(id, Setting(**json.loads(setting)), *rest) for id, setting, *rest in rows.fetchall())

    def entries(self, session: str) -> Iterator[Entry]:
        rows = self._connection.execute("SELECT entry FROM steps WHERE session = ? ORDER BY number", (session,))
        return (Entry.read(entry.encode()) for (entry,) in rows)

    def begin(self, kept: Kept) -> None:
        setting = compact(kept.setting.document()).decode()
        row = (kept.id, setting, kept.created, kept.used, kept.size)
        self._write(("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row))

    def append(self, session: str, number: int, entry: Entry, used: float) -> None:
        self._write(
            ("INSERT INTO steps VALUES (?, ?, ?)", (session, number, entry.text.decode())),
            ("UPDATE sessions SET used = ?, size = size + ? WHERE id = ?", (used, entry.size, session)),
        )

    def clear(self, session: str, used: float) -> None:
        self._write(
            ("DELETE FROM steps WHERE session = ?", (session,)),
            ("UPDATE sessions SET used = ?, size = 0 WHERE id = ?", (used, session)),
        )

    def remove(self, sessions: list[str]) -> None:
        self._write(*(("DELETE FROM sessions WHERE id = ?", (one,)) for one in sessions))

    def close(self) -> None:
        self._connection.close()

    def _write(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        try:
            with self._connection:
                for statement, values in statements:
                    self._connection.execute(statement, values)
        except sqlite3.Error as error:
            detail = f"The step could not be kept: {error}"
            raise Problem(503, "not-kept", detail, "Look after the server's disk, then try again.") from None


def _connect(path: Path) -> sqlite3.Connection:
    _create_private(path)
    connection = sqlite3.connect(path, timeout=1.0)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(_TABLES)
    return connection


def _create_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        remedy = "Name a file in a folder that exists and may be written to."
        raise UsageProblem(f"The database {path} cannot be opened: {error.strerror}", remedy) from None
