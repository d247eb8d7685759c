"""Which process claims a delivery, and which of two sends a message, on both databases."""

import time

from sqlalchemy import select, update

from bot.language.schedules import Schedule
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.rate_limit import DatabaseRateLimit
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import pace_table
from bot.upstream.rate_limiter import LocalRateLimit
from tests.support.clock import Clock
from tests.support.digest_clock import BEGIN
from tests.support.instant_delivery import SENT


async def test_first_recorded_intent_sends_the_message(url):
    clock = Clock(BEGIN.timestamp())
    async with open_database(url, clock) as store:
        weekly = Schedule("0 9 * * 1")
        subscription, _ = await Subscriptions(store).add("C1", "U1", "Maya", "5616445", "A", 4, weekly)
        await Subscriptions(store).send_now(subscription)
        outbox = Outbox(store)
        [(id, _, _)] = await Deliveries(store).claim(clock())
        known = await outbox.message(id, "channel")
        assert [await outbox.record_intent(id, "channel", known) for _ in range(2)] == [1, None]
        sending = await outbox.message(id, "channel")
        assert (sending.state, sending.attempt) == ("sending", 1)
        assert [await outbox.record_intent(id, "channel", sending) for _ in range(2)] == [2, None]
        await outbox.mark_unsent(id, "channel", 2)
        assert await outbox.record_intent(id, "channel", await outbox.message(id, "channel")) == 3
        await Subscriptions(store).remove(subscription.id)
        assert await outbox.record_intent(id, "table", known) is None


async def test_channel_with_many_digests_keeps_no_other_waiting(url):
    clock = Clock(BEGIN.timestamp())
    async with open_database(url, clock) as store:
        subscriptions, deliveries = Subscriptions(store), Deliveries(store)
        for channel, number in [*(("BUSY", number) for number in range(60)), ("QUIET", 1)]:
            await subscriptions.add(
                channel, f"U{number}", "Maya", str(number), "A", 4, Schedule("0 13 * * *")
            )
        clock.now += 3_600
        while await deliveries.create_due(1_000.0, clock()):
            pass
        in_progress = []
        while claims := await deliveries.claim(clock()):
            for id, _, state in claims:
                delivery = await deliveries.get(id)
                if state == "ready":
                    in_progress.append(delivery)
                else:
                    await deliveries.store_report(delivery, b"{}")
        assert sorted(each.channel for each in in_progress) == ["BUSY", "BUSY", "QUIET"]
        assert await deliveries.claim(clock()) == []
        await deliveries.finish(
            next(each for each in in_progress if each.channel == "BUSY"), SENT, advances_window=True
        )
        [(id, _, _)] = await deliveries.claim(clock())
        assert (await deliveries.get(id)).channel == "BUSY"


async def test_rate_limit_of_a_silent_channel_is_deleted(url):
    clock = Clock(time.time())
    async with open_database(url, clock) as store:
        for name in ("old", "young"):
            await DatabaseRateLimit(store, name, 1.0, 1, LocalRateLimit(1.0, 1, clock)).reserve()
            clock.now += 86_000
        async with store.engine.begin() as connection:
            # PostgreSQL paces by its own clock.
            await connection.execute(
                update(pace_table).where(pace_table.c.name == "young").values(tat=clock.now)
            )
        await Deliveries(store).vacuum()
        async with store.engine.connect() as connection:
            assert list(await connection.scalars(select(pace_table.c.name))) == ["young"]
