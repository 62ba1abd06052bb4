"""A small HTTP client with persistent connections: httpx would cost more than the measured service."""

from __future__ import annotations

import asyncio


class Client:
    """Posts to one port. A connection serves one request at a time; more are opened as needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, request: bytes) -> int:
        """Send a complete request and return the status of the answer."""
        while self._idle:
            try:
                return await self._exchange(*self._idle.pop(), request)
            except (asyncio.IncompleteReadError, ConnectionError):
                continue  # the server may close a connection after a pause
        return await self._exchange(*await asyncio.open_connection("127.0.0.1", self._port), request)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> int:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                await reader.readexactly(int(line.partition(b":")[2]))
        self._idle.append((reader, writer))
        return int(head.split(b" ", 2)[1])

    async def close(self) -> None:
        """Close all connections."""
        for _, writer in self._idle:
            writer.close()
            await writer.wait_closed()
