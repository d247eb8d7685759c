"""Looks again and again what is due."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.digests.delivery.worker import JobQueue, Worker
from bot.storage.deliveries import Deliveries

log = logging.getLogger(__name__)

TICK, BUSY = 5.0, 0.5
_HOUR = 3_600.0


@asynccontextmanager
async def running(
    digests: Worker, engine: JobQueue, ledger: Deliveries, wake: asyncio.Event, tick: float = TICK
) -> AsyncIterator[None]:
    """Look again and again what is due; at once when somebody changed something."""

    async def work() -> None:
        cleaned = float("-inf")
        while True:
            taken = set[int]()
            try:
                wake.clear()
                taken = await digests.tick(engine)
                if time.monotonic() - cleaned > _HOUR:
                    cleaned = time.monotonic()
                    await asyncio.gather(engine.clean(), ledger.clean())
            except Exception as error:
                log.warning("digests have to wait", extra={"cause": type(error).__name__})
            try:
                # What is taken is a part of what is due.
                is_busy = taken or digests.busy
                await asyncio.wait_for(wake.wait(), min(tick, BUSY) if is_busy else tick)
            except TimeoutError:
                continue

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
