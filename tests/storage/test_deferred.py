"""A database opens while the bot answers: what needs it waits, and everything else goes on."""

import asyncio
import time

import pytest

from bot.reply import StorageUnavailable
from bot.settings import InvalidSettings
from bot.storage.claims import Claims
from bot.storage.database import open_database
from bot.storage.deferred import DeferredDatabase, DeferredRateLimit
from bot.storage.rate_limit import DatabaseRateLimit
from bot.upstream.rate_limiter import LocalRateLimit

UNOPENABLE = "sqlite:////nowhere/at/all.db"


async def test_calls_wait_until_the_database_is_open(url):
    async with DeferredDatabase(url) as database:
        listing = asyncio.ensure_future(database.subscriptions.of_channel("C1"))

        async def record():
            async with database.audit_log.record("U1", "edit", 7):
                pass

        recording = asyncio.create_task(record())
        await asyncio.sleep(0.05)
        assert not listing.done() and not recording.done()
        assert await database.problem() == "The database is not open yet"
        database.start()
        assert await listing == []
        await recording
        (entry,), _ = await database.audit_log.page(1, 10)
        assert (entry.draft, entry.outcome) == (7, "done")
        assert await database.problem() == ""


async def test_calls_fail_when_the_database_cannot_be_opened():
    async with DeferredDatabase(UNOPENABLE) as database:
        listing = asyncio.ensure_future(database.subscriptions.of_channel("C1"))
        database.start()
        with pytest.raises(InvalidSettings, match=r"DATABASE_URL: .* can't be opened"):
            await database.opened()
        with pytest.raises(StorageUnavailable):
            await listing


async def test_calls_fail_when_the_bot_stops_before_the_database_opens(file):
    async with DeferredDatabase(file) as database:
        listing = asyncio.ensure_future(database.subscriptions.of_channel("C1"))
        await asyncio.sleep(0)
    with pytest.raises(StorageUnavailable):
        await listing


async def test_early_claims_are_known_to_others_once_open(url):
    async with DeferredDatabase(url) as database:
        assert not await Claims(database).is_claimed("trigger 1")
        database.start()
        await database.opened()
        async with open_database(url) as other:
            assert await Claims(other).is_claimed("trigger 1")
            assert not await Claims(other).is_claimed("trigger 2")
        assert await Claims(database).is_claimed("trigger 2")


async def test_rate_is_local_first_and_then_shared(url):
    async with DeferredDatabase(url) as database, open_database(url) as other:
        local = LocalRateLimit(1, 2, time.monotonic)
        limit = DeferredRateLimit(database, "figshare", 1, 2, local)
        assert [await limit.reserve() for _ in range(2)] == [0, 0]
        database.start()
        await database.opened()
        # The burst is used up, though the database has not heard of it.
        assert await limit.reserve() > 0
        elsewhere = DatabaseRateLimit(other, "figshare", 1, 2, LocalRateLimit(1, 2, time.monotonic))
        assert [await elsewhere.reserve() > 0 for _ in range(2)] == [False, True]


async def test_digests_wait_for_the_first_subscription(url, monkeypatch):
    monkeypatch.setattr("bot.storage.deferred._SUBSCRIPTIONS_INTERVAL", 0.05)
    async with DeferredDatabase(url) as database:
        waiting = asyncio.create_task(database.wait_for_subscriptions())
        database.start()
        await database.opened()
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await database.subscriptions.of_channel("C1")
        database.subscriptions.changed.set()
        await asyncio.wait_for(waiting, 5)
