"""What may be on its way is not sent again, whatever the clocks say and however long it takes."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.digests.delivery import send_once
from bot.digests.delivery.send_once import Later, NotSent, once
from bot.slack import connector, messenger
from bot.standin.slack.people import JONAS, RESEARCH
from bot.storage.deliveries import Ledger
from tests.bot.digests.room import AtOnce, at, room_in
from tests.bot.digests.sent import sending

DAY = 86_400.0


class Channel:
    """A channel, and who posts into it; a post takes as long as `busy` is set."""

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

    async def post(self, ledger):
        async def prepare(file):
            return ""

        return await once(ledger, 1, "channel", prepare, self.send, self.find)


@asynccontextmanager
async def one_digest():
    """Give a store with one delivery, as it is made when its slot comes."""
    async with sending(at(25, 12)) as world:
        await world.subscribe("0 9 * * *")
        world.clock.now = at(26)
        assert await world.ledger.expand(1.0, at(26)) == 1
        yield world


async def test_a_run_ahead_of_time_leaves_alone_what_another_process_is_posting():
    async with one_digest() as world:
        channel, ahead = Channel(), Ledger(world.store, clock=lambda: world.clock.now + 3 * DAY)
        channel.busy.clear()
        posting_now = asyncio.create_task(channel.post(world.ledger))
        await channel.begun.wait()
        with pytest.raises(Later) as later:
            await channel.post(ahead)
        assert later.value.at == pytest.approx(at(26) + 3 * DAY + 30)
        channel.busy.set()
        assert await posting_now == "1.0"
        assert channel.posted == 1


async def test_a_process_that_slept_with_the_machine_before_it_posted_does_not_post():
    async with one_digest() as world:
        channel = Channel()

        class Sleeping(Ledger):
            async def intend(self, *what):
                attempt = await super().intend(*what)
                world.clock.now += 60
                return attempt

        with pytest.raises(NotSent):
            await channel.post(Sleeping(world.store))
        assert channel.posted == 0
        assert await channel.post(world.ledger) == "1.0"
        assert channel.posted == 1


async def test_a_post_that_takes_too_long_is_given_up_before_anybody_looks_for_it(monkeypatch):
    async with one_digest() as world:
        monkeypatch.setattr(send_once, "LONGEST", 0.05)
        channel = Channel()
        channel.busy.clear()
        with pytest.raises(Later) as later:
            await channel.post(world.ledger)
        assert later.value.at == pytest.approx(at(26) + 30)
        assert channel.posted == 0


async def test_a_clock_that_is_put_forward_while_a_digest_is_posted_posts_it_once(monkeypatch):
    async with room_in() as room:
        await room.say("subscribe 5616445 daily at 09:00 UTC")
        post, begun, go_on = room.courier.post, asyncio.Event(), asyncio.Event()

        async def slowly(*what):
            begun.set()
            await go_on.wait()
            return await post(*what)

        monkeypatch.setattr(room.courier, "post", slowly)
        room.clock.now = at(26)
        first = asyncio.create_task(room.digests.tick(AtOnce(room.digests)))
        await begun.wait()
        room.clock.now += 3_600
        second = asyncio.create_task(room.digests.tick(AtOnce(room.digests)))
        await asyncio.sleep(0.2)
        go_on.set()
        await asyncio.gather(first, second)
        room.clock.now += 3_600
        await room.look()
        said = [each for each in room.slack.history.messages if each.from_bot and each.metadata]
        assert [each.thread_ts is None for each in said].count(True) == 1
        assert "last: sent" in (await room.say("subscriptions")).text


async def test_among_more_messages_than_can_be_looked_through_it_is_not_sent_again(monkeypatch):
    monkeypatch.setattr(messenger, "_PAGE", 2)
    monkeypatch.setattr(messenger, "_PAGES", 3)
    async with room_in() as room:
        await room.say("subscribe 5616445 daily at 09:00 UTC")
        room.slack.fail("chat.postMessage", "internal_error", status=500, after_effect=True)
        assert len(await room.come(at(26))) == 1
        for number in range(8):
            await room.slack.say(RESEARCH, JONAS, f"and another thing, {number}")
        assert await room.come(at(26) + 31) == []
        assert "last: perhaps sent" in (await room.say("subscriptions")).text


async def test_a_message_that_is_held_up_until_the_moment_it_would_leave_does_not_leave(monkeypatch):
    async with room_in() as room:
        await room.say("subscribe 5616445 daily at 09:00 UTC")
        send, held_up = connector.Request.send, []

        async def stopped(request, connection):
            if "chat.postMessage" in request.url.path and not held_up:
                held_up.append(request)
                room.clock.now += 60
            return await send(request, connection)

        monkeypatch.setattr(connector.Request, "send", stopped)
        assert await room.come(at(26)) == []
        assert len(held_up) == 1
        came = await room.come(room.clock.now + 31)
        assert [each.thread_ts is None for each in came].count(True) == 1
