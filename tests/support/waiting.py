"""Waits for something that another process does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

T = TypeVar("T")


async def poll_until(poll: Callable[[], Awaitable[T]], patience: float = 15) -> T:
    """Call `poll` until it returns something, and return that; raises TimeoutError after `patience`."""
    async with asyncio.timeout(patience):
        while True:
            if result := await poll():
                return result
            await asyncio.sleep(0.03)


async def wait_until_answering(http: httpx.AsyncClient, path: str) -> None:
    """Wait until a server answers 200."""

    async def is_answering() -> bool:
        try:
            return (await http.get(path)).status_code == 200
        except httpx.TransportError:
            return False

    await poll_until(is_answering)
