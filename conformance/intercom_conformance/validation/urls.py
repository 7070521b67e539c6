"""Reads what a URL names, by fsspec: an object in S3 or GCS, a page, a file; and finds what a folder holds.

Each kind of URL has a library of its own, and each of those has errors of its own. Here all of them become one of two:
`UsageProblem` for what cannot be opened, and `CutOff` for what breaks while it is read.
What a URL says of who asks (its user, its password, the signature in its query) is shown to nobody.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import attrs

from intercom_conformance.exits import UsageProblem, missing_extra
from intercom_reference.errors import KitError

__all__ = ["CutOff", "expanded", "is_url", "shown", "url_opened"]

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "http": "data", "https": "data"}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^\s'\"<>]*)")


@attrs.frozen(str=False)
class CutOff(KitError):
    """A source that could not be read to its end: its name, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} could not be read on: {self.why}"


def is_url(name: str) -> bool:
    """Whether a name is a URL, and no path."""
    return "://" in name


def shown(text: str) -> str:
    """A name or a sentence as people may see it: URLs without user and password, web addresses without query."""
    return _URL.sub(_bare, text)


def _bare(found: re.Match[str]) -> str:
    scheme, rest = found[1], found[2]
    place, slash, path = rest.partition("/")
    if scheme in ("http", "https"):
        page, mark, _ = path.partition("?")
        path = page + ("?…" if mark else "")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


def expanded(names: Iterable[str]) -> list[str]:
    """The files that are named, and for a folder or a pattern with ``*`` the files in it, in the order of their names.

    Of a folder, files and folders whose names begin with a dot or an underscore are left out, as other tools do.

    Raises:
        UsageProblem: a folder or a pattern has no file, or a URL cannot be reached.
    """
    return [one for name in names for one in (_in_store(name) if is_url(name) else _on_disk(name))]


def _on_disk(name: str) -> list[str]:
    if os.path.isdir(name):
        inside = (path for path in Path(name).rglob("*") if path.is_file())
        return _some(name, (str(path) for path in inside if _counts(path.relative_to(name).parts)))
    if "*" in name and not os.path.exists(name):
        return _some(name, filter(os.path.isfile, glob(name, recursive=True)))
    return [name]


def _in_store(name: str) -> list[str]:
    scheme = name.partition("://")[0]
    if "::" in name or scheme in ("http", "https"):
        return [name]  # nothing tells of a page whether it is a folder
    with _telling(name):
        store, path = _store(name)
        if "*" in path:
            return _some(name, map(store.unstrip_protocol, store.glob(path)))
        if not store.isdir(path):
            return [name]
        inside = (one for one in store.find(path) if _counts(PurePosixPath(one).relative_to(path).parts))
        return _some(name, map(store.unstrip_protocol, inside))


def _counts(parts: Iterable[str]) -> bool:
    return not any(part.startswith((".", "_")) for part in parts)


def _some(name: str, found: Iterable[str]) -> list[str]:
    files = sorted(found)
    if not files:
        raise UsageProblem(f"{shown(name)} holds no file", "Name a folder or a pattern that does, or a file.")
    return files


def url_opened(name: str, portion: int) -> tuple[BinaryIO, int | None]:
    """The bytes of a URL, fetched in portions of about that size, and how many there are if that is known.

    Raises:
        UsageProblem: it cannot be opened, or needs a library that is not installed.
    """
    with _telling(name):
        store, path = _store(name)
        file = store.open(path, "rb", block_size=0 if _only_in_one_go(store, path, portion) else portion)
        return _Fetched(name, file), getattr(file, "size", None)  # type: ignore[return-value]


def _only_in_one_go(store: Any, path: str, portion: int) -> bool:
    """Whether a web server gives a large file from its beginning only: few say so, but its second byte tells."""
    if "http" not in store.protocol or (store.info(path).get("size") or 0) <= portion:
        return False
    try:
        with store.open(path, "rb", block_size=portion, cache_type="none") as file:
            file.seek(1)
            file.read(1)
    except ValueError:
        return True
    return False


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Tells in one way what goes wrong with a URL."""
    try:
        yield
    except UsageProblem:
        raise
    except ImportError as error:
        raise _library_missing(name, error) from None
    except Exception as error:
        raise UsageProblem(
            f"{shown(name)} cannot be read ({_said(error)})",
            "Name a URL that fsspec can open, and log in if it asks for that.",
        ) from None


def _store(name: str) -> tuple[Any, str]:
    """The store of fsspec that a URL names, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise missing_extra("data", "A URL") from None
    _without_log(name)
    found: tuple[Any, str] = url_to_fs(name)
    return found


def _without_log(name: str) -> None:
    """What a library of fsspec would log of its failures, we say ourselves, once and without secrets."""
    from fsspec import get_filesystem_class
    from fsspec.core import split_protocol

    kind = get_filesystem_class(split_protocol(name.rpartition("::")[2])[0])
    logging.getLogger(kind.__module__.partition(".")[0]).addHandler(logging.NullHandler())


def _library_missing(name: str, error: ImportError) -> UsageProblem:
    scheme = name.rpartition("::")[2].partition("://")[0]
    if scheme in _EXTRAS:
        return missing_extra(_EXTRAS[scheme], f"A URL that begins with {scheme}://")
    return UsageProblem(f"{shown(name)} cannot be read ({_said(error)})", "Install what fsspec asks for.")


def _said(error: Exception) -> str:
    """What an error says, in one line."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return shown(" ".join(str(error).split()) or type(error).__name__)[:300]


class _Fetched(io.RawIOBase):
    """A file of fsspec, whose failures are told in one way."""

    def __init__(self, name: str, file: Any) -> None:
        self._name, self._file = name, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, place: int, whence: int = 0) -> int:
        return int(self._file.seek(place, whence))

    def readinto(self, buffer: Any) -> int:
        try:
            portion = self._file.read(len(buffer))
        except Exception as error:
            raise CutOff(shown(self._name), _said(error)) from None
        buffer[: len(portion)] = portion
        return len(portion)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
