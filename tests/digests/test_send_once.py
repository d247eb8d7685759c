"""What may be on its way is not sent again, whatever the clocks say and however long it takes."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.digests.delivery import send_once as send_once_module
from bot.digests.delivery.send_once import NotSent, RetryAt, send_once
from bot.emulators.slack.people import JONAS, RESEARCH
from bot.slack import connector, messenger
from bot.storage.outbox import Outbox
from tests.support.digest_clock import ImmediateQueue, open_digest_clock, timestamp
from tests.support.instant_delivery import open_instant_delivery

DAY = 86_400.0


class Channel:
    """A channel, and a message for it; a post waits until `busy` is set."""

    part = "channel"

    def __init__(self):
        self.posted, self.busy, self.begun = 0, asyncio.Event(), asyncio.Event()
        self.busy.set()

    async def send(self, file=""):
        self.begun.set()
        await self.busy.wait()
        self.posted += 1
        return "1.0"

    async def find(self, file, since):
        return "1.0" if self.posted else None

    async def prepare(self, file):
        return ""

    async def post(self, outbox):
        return await send_once(outbox, 1, self)


@asynccontextmanager
async def one_digest():
    """Return a store with one delivery, as it is made when its slot comes."""
    async with open_instant_delivery(timestamp(25, 12)) as client:
        await client.subscribe("0 9 * * *")
        client.clock.now = timestamp(26)
        assert await client.deliveries.create_due(1.0, timestamp(26)) == 1
        yield client


async def test_run_ahead_of_time_leaves_a_post_of_another_process():
    async with one_digest() as client:
        channel, ahead = Channel(), Outbox(client.store, clock=lambda: client.clock.now + 3 * DAY)
        channel.busy.clear()
        posting_now = asyncio.create_task(channel.post(client.outbox))
        await channel.begun.wait()
        with pytest.raises(RetryAt) as later:
            await channel.post(ahead)
        assert later.value.moment == pytest.approx(timestamp(26) + 3 * DAY + 30)
        channel.busy.set()
        assert await posting_now == "1.0"
        assert channel.posted == 1


async def test_process_asleep_before_the_post_does_not_post():
    async with one_digest() as client:
        channel = Channel()

        class SleepyOutbox(Outbox):
            async def record_intent(self, *arguments):
                attempt = await super().record_intent(*arguments)
                client.clock.now += 60
                return attempt

        with pytest.raises(NotSent):
            await channel.post(SleepyOutbox(client.store))
        assert channel.posted == 0
        assert await channel.post(client.outbox) == "1.0"
        assert channel.posted == 1


async def test_slow_post_is_given_up_before_anyone_searches(monkeypatch):
    async with one_digest() as client:
        monkeypatch.setattr(send_once_module, "SEND_TIMEOUT", 0.05)
        channel = Channel()
        channel.busy.clear()
        with pytest.raises(RetryAt) as later:
            await channel.post(client.outbox)
        assert later.value.moment == pytest.approx(timestamp(26) + 30)
        assert channel.posted == 0


async def test_clock_set_forward_during_a_post_sends_once(monkeypatch):
    async with open_digest_clock() as digest_clock:
        await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
        post, begun, go_on = digest_clock.messenger.post, asyncio.Event(), asyncio.Event()

        async def slowly(*arguments):
            begun.set()
            await go_on.wait()
            return await post(*arguments)

        monkeypatch.setattr(digest_clock.messenger, "post", slowly)
        digest_clock.clock.now = timestamp(26)
        first = asyncio.create_task(digest_clock.worker.enqueue_due(ImmediateQueue(digest_clock.worker)))
        await begun.wait()
        digest_clock.clock.now += 3_600
        second = asyncio.create_task(digest_clock.worker.enqueue_due(ImmediateQueue(digest_clock.worker)))
        await asyncio.sleep(0.2)
        go_on.set()
        await asyncio.gather(first, second)
        digest_clock.clock.now += 3_600
        await digest_clock.send_due()
        posts = [each for each in digest_clock.slack.history.messages if each.from_bot and each.metadata]
        assert [each.thread_ts is None for each in posts].count(True) == 1
        assert "last: sent" in (await digest_clock.say("subscriptions")).text


async def test_message_beyond_the_searchable_history_is_not_resent(monkeypatch):
    monkeypatch.setattr(messenger, "_PAGE_SIZE", 2)
    monkeypatch.setattr(messenger, "_MAX_PAGES", 3)
    async with open_digest_clock() as digest_clock:
        await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
        digest_clock.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
        assert len(await digest_clock.advance_to(timestamp(26))) == 1
        for number in range(8):
            await digest_clock.slack.say(RESEARCH, JONAS, f"and another thing, {number}")
        assert await digest_clock.advance_to(timestamp(26) + 31) == []
        assert "last: possibly sent" in (await digest_clock.say("subscriptions")).text


async def test_message_held_up_past_the_deadline_is_not_sent(monkeypatch):
    async with open_digest_clock() as digest_clock:
        await digest_clock.say("subscribe 5616445 daily at 09:00 UTC")
        send, held_up = connector.DeadlineRequest.send, []

        async def stopped(request, connection):
            if "chat.postMessage" in request.url.path and not held_up:
                held_up.append(request)
                digest_clock.clock.now += 60
            return await send(request, connection)

        monkeypatch.setattr(connector.DeadlineRequest, "send", stopped)
        assert await digest_clock.advance_to(timestamp(26)) == []
        assert len(held_up) == 1
        messages = await digest_clock.advance_to(digest_clock.clock.now + 31)
        assert [each.thread_ts is None for each in messages].count(True) == 1
