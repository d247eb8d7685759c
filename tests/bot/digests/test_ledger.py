"""Of two that would send the same message one does, on both databases."""

from bot.digests.ledger import Ledger
from bot.digests.schedule import Schedule
from bot.digests.subscriptions import Subscriptions
from bot.store import opened
from tests.bot.digests.room import BEGIN
from tests.bot.test_store import file, schema, url  # noqa: F401
from tests.conftest import Clock


async def test_who_notes_the_intent_first_sends_it(url):  # noqa: F811
    clock = Clock(BEGIN.timestamp())
    async with opened(url, clock) as store:
        made, _ = await Subscriptions(store).add("C1", "U1", "Maya", "5616445", "A", 4, Schedule("0 9 * * 1"))
        await Subscriptions(store).send_now(made)
        ledger = Ledger(store)
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
