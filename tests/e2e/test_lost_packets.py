"""What was given up does not arrive when the network comes back: somebody may have sent it again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import pytest

from bot.slack import connector as connector_module
from bot.slack.connector import DeadlineRequest, new_connector
from tests.support.network_namespace import loopback
from tests.support.waiting import poll_until

pytestmark = pytest.mark.e2e

GIVEN_UP = 1.0
# Twice as long as the system waits before it sends again for the fourth time.
PATIENCE = 8.0


async def arrived(connector: Callable[[], aiohttp.TCPConnector]) -> int:
    """Send once over a network, once over one that is down until that is given up, and count what arrives."""
    requests, writers = 0, list[asyncio.StreamWriter]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        writers.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            requests += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with (
        await asyncio.start_server(answer, "127.0.0.1", 0) as server,
        aiohttp.ClientSession(connector=connector(), request_class=DeadlineRequest) as session,
    ):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await session.get(url)
        loopback(up=False)
        try:
            with pytest.raises(TimeoutError):
                await session.get(url, timeout=aiohttp.ClientTimeout(GIVEN_UP))
            await asyncio.sleep(GIVEN_UP)
        finally:
            loopback(up=True)
        with suppress(TimeoutError):
            await poll_until(lambda: asyncio.sleep(0, requests > 1), PATIENCE)
        # The one whose other end was given up never hears of it.
        for each in writers:
            each.transport.abort()
        return requests


async def test_message_given_up_never_arrives_later(alone, monkeypatch):
    monkeypatch.setattr(connector_module, "SEND_TIMEOUT", GIVEN_UP)
    assert await arrived(new_connector) == 1
    # And it would.
    assert await arrived(aiohttp.TCPConnector) == 2
