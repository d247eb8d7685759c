"""The job queue keeps nobody waiting, least of all while it waits itself."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from bot.digests.delivery.job_queue import open_job_queue
from bot.digests.delivery.service import DeliveryHealth, send_in_background
from bot.storage.database import open_database
from tests.support.digest_clock import open_digest_clock
from tests.support.waiting import poll_until

pytestmark = pytest.mark.e2e


async def test_questions_are_answered_while_the_queue_waits(tmp_path):
    loop, address = asyncio.get_running_loop(), f"sqlite:///{tmp_path}/bot.db"
    longest, processed = 0.0, asyncio.Event()

    async def process(id, attempt):
        processed.set()

    async def measure():
        nonlocal longest
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - before)

    async with open_database(address) as store, AsyncExitStack() as stack:
        measuring = asyncio.create_task(measure())
        async with store.engine.begin() as connection:
            await connection.execute(text("UPDATE subscription SET id = id"))
            starting = asyncio.create_task(stack.enter_async_context(open_job_queue(address, process, 0.1)))
            done, _ = await asyncio.wait((starting,), timeout=2.0)
            assert not done
        queue = await asyncio.wait_for(starting, 20)
        await queue.enqueue("post", 1, 1)
        await asyncio.wait_for(processed.wait(), 10)
        measuring.cancel()
    assert longest < 1.0


async def test_bot_that_can_send_no_digest_is_not_ready():
    health = DeliveryHealth()
    async with open_digest_clock() as digest_clock:
        # Nobody listens there.
        where = "postgresql://127.0.0.1:1/none"
        async with send_in_background(
            digest_clock.bot, digest_clock.store, digest_clock.messenger, where, health=health
        ):
            problem = await poll_until(health.current_problem)
        assert problem.startswith("Digests can't be sent (") and "Connection refused" in problem
