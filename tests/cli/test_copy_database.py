"""A bot that grew moves from its SQLite file to PostgreSQL with everything it knows."""

import pytest

from bot.language.schedules import Schedule
from bot.settings import InvalidSettings
from bot.storage.audit_log import AuditLog
from bot.storage.copy import copy_database
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.outbox import Outbox
from bot.storage.subscriptions import Subscriptions
from tests.support.clock import Clock
from tests.support.digest_clock import BEGIN

WEEKLY = Schedule("0 9 * * 1", "Europe/London")


async def test_everything_is_copied_and_goes_on(file, schema):
    clock = Clock(BEGIN.timestamp())
    async with open_database(file, clock) as old:
        subscriptions = Subscriptions(old)
        for topic in ("5616445", "search frog", "ours"):
            await subscriptions.add("C1", "U1", "Maya", topic, f"About {topic}", 4, WEEKLY)
        await subscriptions.remove(3)
        await AuditLog(old).start("U1", "create", idempotency_key="a form")
        first = await subscriptions.get(1)
        assert await subscriptions.send_now(first)
        [(id, number, _)] = await Deliveries(old).claim(clock())
        known = await Outbox(old).message(id, "channel")
        assert await Outbox(old).record_intent(id, "channel", known) == 1
    assert await copy_database(file, schema) == {"trace": 1, "subscription": 2, "delivery": 1, "message": 1}
    async with open_database(schema, clock) as new:
        subscriptions = Subscriptions(new)
        assert [each.subscription.topic for each in await subscriptions.of_channel("C1")] == [
            "5616445",
            "search frog",
        ]
        assert await subscriptions.get(1) == first
        # the number of the one that was ended is given to nothing else
        added, _ = await subscriptions.add("C1", "U1", "Maya", "9784012", "Another", 4, WEEKLY)
        assert added.id == 4
        assert (await AuditLog(new).start("U1", "create", idempotency_key="a form")).is_new is False
        # what was in progress is free for the next process to claim
        assert await Deliveries(new).claim(clock()) == [(id, number + 1, "new")]
        assert (await Outbox(new).message(id, "channel")).state == "sending"


async def test_copy_into_a_database_with_rows_is_refused(file, tmp_path):
    async with open_database(file) as old:
        await Subscriptions(old).add("C1", "U1", "Maya", "5616445", "A title", 4, WEEKLY)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    assert (await copy_database(file, target))["subscription"] == 1
    with pytest.raises(InvalidSettings, match="already has rows in subscription"):
        await copy_database(file, target)
