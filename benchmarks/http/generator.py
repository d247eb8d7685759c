"""Puts load on a server: several connections, each of which sends a request when the last one is answered."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Measured:
    """The seconds that each good answer took, and how many were not good."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], measured: Measured, stop: asyncio.Event) -> None:
        self._requests, self._measured, self._stop = requests, measured, stop
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received, self._sent = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        request = None if self._stop.is_set() else next(self._requests, None)
        if request is None:
            self._stop.set()
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        length_at = received.find(b"content-length: ", 0, end) + 16
        if end < 0 or len(received) < end + 4 + int(received[length_at : received.find(b"\r", length_at)]):
            self._received = received
            return
        self._received = b""
        # The answer to a repeated or refused request has no blocks.
        if received.startswith(b"HTTP/1.1 200") and b'"blocks"' in received:
            self._measured.latencies.append(time.perf_counter() - self._sent)
        else:
            self._measured.errors += 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._stop.is_set():
            self._measured.errors += 1
        self.done.set_result(None)


async def load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    """Send requests until the time is over or none are left; return what was measured."""
    loop, measured, stop = asyncio.get_running_loop(), Measured(), asyncio.Event()
    opened: list[_Connection] = []
    loop.call_later(seconds, stop.set)
    for _ in range(connections):
        _, connection = await loop.create_connection(
            lambda: _Connection(requests, measured, stop), "127.0.0.1", port
        )
        opened.append(connection)
    async with asyncio.timeout(seconds + 10):
        await asyncio.gather(*(connection.done for connection in opened))
    return measured
