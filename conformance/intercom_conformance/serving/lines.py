"""The service on plain lines: over TCP, and on the standard input and output."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import BinaryIO

from intercom_conformance.drivers.pipes import Lines, TooLong
from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem
from intercom_conformance.serving.reading import too_large
from intercom_conformance.serving.rpc import Connection, refusal

__all__ = ["LineServer", "serve_stream"]

_CHUNK = 64 * 1024


class LineServer:
    """Serves every connection of a listening socket.

    Args:
        connect: makes the service's end of a connection.
        limits: what each may have.
    """

    def __init__(self, connect: Callable[[], Connection], limits: Limits) -> None:
        self._connect, self._limits = connect, limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until it ends, from this side or the other."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        writer.transport.set_write_buffer_limits(high=_CHUNK)
        # Whatever a client does to its connection ends that connection, and nothing else.
        try:
            await self._converse(reader, writer)
            writer.close()
        except (OSError, TimeoutError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)

    async def stop(self) -> None:
        """Ends all connections, and those that were about to begin."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._stopping:
            return None
        if len(self._tasks) > self._limits.connections:
            detail = f"There are {self._limits.connections} connections"
            problem = Problem(503, "too-many-connections", detail, "Close some, or try again later.")
            return await self._send(writer, refusal(problem))
        connection, lines = self._connect(), Lines(self._limits.request)
        try:
            return await self._answer_all(connection, lines, reader, writer)
        except TooLong:
            return await self._send(writer, refusal(too_large(self._limits)))

    async def _answer_all(
        self, connection: Connection, lines: Lines, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while not connection.over:
            line = lines.next()
            if line is not None:
                if line.strip():
                    await self._send(writer, connection.answer(line))
                # Others have their turn, however many lines this client has sent at once.
                await asyncio.sleep(0)
            elif not await self._read(lines, reader):
                return

    async def _read(self, lines: Lines, reader: asyncio.StreamReader) -> bool:
        """Reads until there is a whole line; False at the end. The rest of a line has to come in time."""
        async with asyncio.timeout(self._limits.idle):
            chunk = await reader.read(_CHUNK)
        async with asyncio.timeout(self._limits.patience):
            while chunk:
                lines.feed(chunk)
                if b"\n" in chunk:
                    return True
                chunk = await reader.read(_CHUNK)
        return False

    async def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        writer.write(line)
        if writer.transport.get_write_buffer_size():
            async with asyncio.timeout(self._limits.patience):
                await writer.drain()


def serve_stream(connection: Connection, source: BinaryIO, target: BinaryIO, limits: Limits) -> None:
    """Serves one client on a pair of streams until its input ends."""
    while not connection.over and (line := source.readline(limits.request + 2)):
        if len(line) > limits.request + 1 and not line.endswith(b"\n"):
            target.write(refusal(too_large(limits)))
            target.flush()
            return
        if line.strip():
            target.write(connection.answer(line))
            target.flush()
