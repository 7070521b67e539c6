"""Opens what payloads are read from: a file, the standard input or a URL, packed or not."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from intercom_conformance.exits import UsageProblem, missing_extra
from intercom_conformance.validation.urls import CutOff, is_url, shown, url_opened

__all__ = ["Source", "is_packed", "opened", "raw_opened"]

Read = Callable[[int], None]
_PORTION = 8 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@attrs.frozen
class Source:
    """Where records come from: its name as it was given, its bytes, and how many there are if that is known."""

    name: str
    stream: BinaryIO
    size: int | None

    @property
    def suffix(self) -> str:
        """What the name ends with, without the ending of a packer: ``.csv`` of ``events.csv.gz``."""
        path = Path(self.name.split("?", 1)[0])
        return Path(path.stem).suffix if path.suffix in (".gz", ".zst", ".zstd") else path.suffix


def opened(name: str, read: Read) -> Source:
    """A source by its name; `read` is told of every portion that is read, in bytes before unpacking.

    Raises:
        UsageProblem: it cannot be opened, or needs an extra that is not installed.
    """
    raw, size = raw_opened(name)
    told = "<stdin>" if name == "-" else shown(name)
    return Source(told, _unpacked(_Counted(told, raw, read)), size)


def raw_opened(name: str, portion: int = _PORTION) -> tuple[BinaryIO, int | None]:
    """The bytes of a source as they are stored, and how many there are if that is known.

    `portion` is how many bytes are fetched at once from far away.
    """
    if name == "-":
        return sys.stdin.buffer, None
    if is_url(name):
        return url_opened(name, portion)
    try:
        file = Path(name).open("rb")  # noqa: SIM115 (closed by the reader of the records)
        return file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise UsageProblem(f"{name} cannot be read ({error.strerror})", "Name a file, a URL, or - .") from None


def is_packed(start: bytes) -> bool:
    """Whether bytes that begin so are packed."""
    return start.startswith((_GZIP, _ZSTD))


class _Counted(io.RawIOBase):
    """A stream that tells how much is read, and says in one way that it broke."""

    def __init__(self, name: str, raw: BinaryIO, read: Read) -> None:
        self._name, self._raw, self._read = name, raw, read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        try:
            portion = self._raw.read(len(buffer))
        except OSError as error:
            raise CutOff(self._name, error.strerror or str(error)) from None
        buffer[: len(portion)] = portion
        self._read(len(portion))
        return len(portion)

    def close(self) -> None:
        if not self.closed and self._raw is not sys.stdin.buffer:
            self._raw.close()
        super().close()


def _unpacked(raw: io.RawIOBase) -> BinaryIO:
    stream = io.BufferedReader(raw, 1 << 18)
    start = stream.peek(4)[:4]
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value]
    return _of_zstd(stream) if start == _ZSTD else stream


def _of_zstd(stream: BinaryIO) -> BinaryIO:
    try:
        import zstandard
    except ImportError:
        raise missing_extra("data", "A file packed with zstd") from None
    return io.BufferedReader(_Zstd(stream, zstandard.ZstdDecompressor(max_window_size=1 << 27)), 1 << 18)


_SIP = 1 << 10
"""Packed bytes taken at once: at the most they unpack to some dozen megabytes, whatever they hold."""


class _Zstd(io.RawIOBase):
    """Frames of zstd, one after the other; one that is cut off is an error, which the library passes over."""

    def __init__(self, stream: BinaryIO, unpacker: Any) -> None:
        self._stream, self._unpacker = stream, unpacker
        self._frame: Any = None
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and (packed := self._stream.read(_SIP)):
            self._ready = memoryview(b"".join(self._unpacked(packed)))
        if not self._ready and self._frame is not None:
            raise EOFError("the packed bytes end in the middle")
        portion, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(portion)] = portion
        return len(portion)

    def _unpacked(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            self._frame = self._frame or self._unpacker.decompressobj()
            yield self._frame.decompress(packed)
            packed = self._frame.unused_data if self._frame.eof else b""
            self._frame = None if self._frame.eof else self._frame

    def close(self) -> None:
        self._stream.close()
        super().close()
