"""Who looks at what, and which of two sends it, on both databases."""

import time

from sqlalchemy import select, update

from bot.language.schedules import Schedule
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import pace
from bot.upstream.rate_limiter import LocalRateLimit
from tests.support.clock import Clock
from tests.support.digest_clock import BEGIN


async def test_first_recorded_intent_sends_the_message(url):
    clock = Clock(BEGIN.timestamp())
    async with open_database(url, clock) as store:
        made, _ = await Subscriptions(store).add("C1", "U1", "Maya", "5616445", "A", 4, Schedule("0 9 * * 1"))
        await Subscriptions(store).send_now(made)
        ledger = Deliveries(store)
        [(id, _, _)] = await ledger.take(clock())
        seen = await ledger.message(id, "channel")
        assert [await ledger.intend(id, "channel", seen) for _ in range(2)] == [1, None]
        again = await ledger.message(id, "channel")
        assert (again.state, again.attempt) == ("sending", 1)
        assert [await ledger.intend(id, "channel", again) for _ in range(2)] == [2, None]
        await ledger.unsent(id, "channel", 2)
        assert await ledger.intend(id, "channel", await ledger.message(id, "channel")) == 3
        await Subscriptions(store).remove(made.id)
        assert await ledger.intend(id, "table", seen) is None


async def test_a_channel_that_is_to_have_many_keeps_no_other_waiting(url):
    clock = Clock(BEGIN.timestamp())
    async with open_database(url, clock) as store:
        subscriptions, ledger = Subscriptions(store), Deliveries(store)
        for channel, number in [*(("BUSY", number) for number in range(60)), ("QUIET", 1)]:
            await subscriptions.add(
                channel, f"U{number}", "Maya", str(number), "A", 4, Schedule("0 13 * * *")
            )
        clock.now += 3_600
        while await ledger.expand(1_000.0, clock()):
            pass
        under_way = []
        while taken := await ledger.take(clock()):
            for id, _, state in taken:
                it = await ledger.delivery(id)
                if state == "ready":
                    under_way.append(it)
                else:
                    await ledger.ready(it, b"{}")
        assert sorted(each.channel for each in under_way) == ["BUSY", "BUSY", "QUIET"]
        assert await ledger.take(clock()) == []
        await ledger.end(next(each for each in under_way if each.channel == "BUSY"), "sent", counted=True)
        [(id, _, _)] = await ledger.take(clock())
        assert (await ledger.delivery(id)).channel == "BUSY"


async def test_silent_channel_leaves_no_delivery_behind(url):
    clock = Clock(time.time())
    async with open_database(url, clock) as store:
        for name in ("old", "young"):
            await store.pace(name, 1.0, 1, LocalRateLimit(1.0, 1, clock)).reserve()
            clock.now += 86_000
        async with store.engine.begin() as connection:
            # PostgreSQL paces by its own clock.
            await connection.execute(update(pace).where(pace.c.name == "young").values(tat=clock.now))
        await Deliveries(store).clean()
        async with store.engine.connect() as connection:
            assert list(await connection.scalars(select(pace.c.name))) == ["young"]
