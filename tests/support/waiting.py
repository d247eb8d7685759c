"""Waits for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

T = TypeVar("T")


async def soon(look: Callable[[], Awaitable[T]], patience: float = 15) -> T:
    """Look again and again until there is something, and return it."""
    async with asyncio.timeout(patience):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.03)


async def answering(http: httpx.AsyncClient, path: str) -> None:
    """Wait until a server answers 200."""

    async def look() -> bool:
        try:
            return (await http.get(path)).status_code == 200
        except httpx.TransportError:
            return False

    await soon(look)
