"""A bot that grew moves from its SQLite file to PostgreSQL with everything it knows."""

import pytest

from bot.language.schedules import Schedule
from bot.settings import InvalidSettings
from bot.storage.audit_log import AuditLog
from bot.storage.copy import copy
from bot.storage.database import open_database
from bot.storage.deliveries import Deliveries
from bot.storage.subscriptions import Subscriptions
from tests.support.clock import Clock
from tests.support.digest_clock import BEGIN

WEEKLY = Schedule("0 9 * * 1", "Europe/London")


async def test_everything_is_copied_and_goes_on(file, schema):
    clock = Clock(BEGIN.timestamp())
    async with open_database(file, clock) as old:
        wanted = Subscriptions(old)
        for what in ("5616445", "search frog", "ours"):
            await wanted.add("C1", "U1", "Maya", what, f"About {what}", 4, WEEKLY)
        await wanted.remove(3)
        await AuditLog(old).start("U1", "create", key="a form")
        one = await wanted.one(1)
        assert await wanted.send_now(one)
        [(id, number, _)] = await Deliveries(old).take(clock())
        seen = await Deliveries(old).message(id, "channel")
        assert await Deliveries(old).intend(id, "channel", seen) == 1
    assert await copy(file, schema) == {"trace": 1, "subscription": 2, "delivery": 1, "message": 1}
    async with open_database(schema, clock) as new:
        wanted = Subscriptions(new)
        assert [each.subscription.what for each in await wanted.of_channel("C1")] == [
            "5616445",
            "search frog",
        ]
        assert await wanted.one(1) == one
        # the number of the one that was ended is given to nothing else
        made, _ = await wanted.add("C1", "U1", "Maya", "9784012", "Another", 4, WEEKLY)
        assert made.id == 4
        assert (await AuditLog(new).start("U1", "create", key="a form")).is_new is False
        # what was under way is looked at by whoever comes next
        assert await Deliveries(new).take(clock()) == [(id, number + 1, "new")]
        assert (await Deliveries(new).message(id, "channel")).state == "sending"


async def test_what_is_there_is_never_mixed_with_a_copy(file, tmp_path):
    async with open_database(file) as old:
        await Subscriptions(old).add("C1", "U1", "Maya", "5616445", "A title", 4, WEEKLY)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    assert (await copy(file, target))["subscription"] == 1
    with pytest.raises(InvalidSettings, match="has rows in subscription already"):
        await copy(file, target)
