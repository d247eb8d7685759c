"""What many digests say is fetched ahead, at Figshare's pace, and leaves at its minute, at Slack's."""

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest

from bot.digests.delivery.worker import Digests
from bot.language.schedules import Schedule
from bot.standin.slack.people import JONAS, LIBRARY, RESEARCH
from bot.storage.deliveries import Ledger
from tests.bot.digests.room import at, room_in
from tests.bot.digests.sent import sending

HOUR = 3_600.0


class Together:
    """An engine that looks at everything at once."""

    def __init__(self, digests):
        self.digests, self.looks = digests, []

    async def enqueue(self, queue, id, number):
        self.looks.append(asyncio.create_task(self.digests.look(id, number)))

    async def clean(self):
        pass


@asynccontextmanager
async def passing(clock):
    """Let the clock run."""
    base, began = clock.now, time.monotonic()

    async def run():
        while True:
            clock.now = base + time.monotonic() - began
            await asyncio.sleep(0.002)

    running = asyncio.create_task(run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def asked_at(room, rate):
    """Let a room's digests keep another pace to Figshare."""
    room.digests = Digests(room.bot, Ledger(room.store), room.courier, rate=rate)


async def subscribe(room, *whats, channel=RESEARCH, cron="0 9 * * *", weight=4):
    for what in whats:
        title, schedule = f"item {what}", Schedule(cron)
        await room.bot.subscriptions.add(channel, JONAS, "Jonas", str(what), title, weight, schedule)


@pytest.mark.parametrize(
    ("count", "weight", "rate", "lead"),
    [
        (1, 4, 1.0, 36.0),
        (40, 20, 1.0, 1_230.0),
        (40, 20, 10.0, 150.0),
        # never more than six hours
        (20, 2_000, 1.0, 6 * HOUR),
    ],
)
async def test_fetching_begins_as_early_as_the_pace_to_figshare_asks_for(count, weight, rate, lead):
    async with sending(at(25, 12), rate) as world:
        for number in range(count):
            await world.subscribe("0 9 * * *", what=str(number + 1), weight=weight)
        world.clock.now = at(26) - lead - 1
        assert await world.ledger.expand(rate, world.clock.now) == 0
        world.clock.now += 2
        assert await world.ledger.expand(rate, world.clock.now) == count
        assert await world.come(world.clock.now) == [] and await world.come(at(26) - 1) == []
        assert len(await world.come(at(26))) == count


async def test_what_is_fetched_ahead_leaves_at_its_minute_and_asks_nothing_more_then():
    async with room_in() as room:
        await subscribe(room, 5616445, weight=400)
        asked_at(room, 1.0)
        assert await room.come(at(26) - 640) == [] and room.catalogue.state.requests == []
        assert await room.come(at(26) - 620) == []
        asked = len(room.catalogue.state.requests)
        assert asked
        assert await room.come(at(26) - 1) == []
        digest, *_ = await room.come(at(26))
        assert digest.text.startswith("Daily digest: ") and "Late" not in digest.text
        assert float(digest.ts) == pytest.approx(at(26), abs=1)
        assert len(room.catalogue.state.requests) == asked


@pytest.mark.parametrize(
    ("minute", "begins"),
    [
        (30, at(26, 0, 5)),
        # too soon after midnight to wait for Figshare's counters
        (2, at(26, 0, 2)),
        (0, at(26, 0, 0)),
    ],
)
async def test_nothing_is_fetched_before_its_last_day_is_over(minute, begins):
    async with room_in() as room:
        await subscribe(room, 5616445, cron=f"{minute} 0 * * *", weight=40_000)
        asked_at(room, 1.0)
        for moment in (at(25, 19), at(25, 23, 59), begins - 1):
            assert await room.come(moment) == [] and room.catalogue.state.requests == []
        found = await room.come(begins)
        assert room.catalogue.state.requests
        assert bool(found) == (begins == at(26, 0, minute))
        if not found:
            digest, *_ = await room.come(at(26, 0, minute))
            assert digest.text.startswith("Daily digest: ")


async def test_what_was_asked_before_the_last_day_was_over_is_asked_again():
    async with room_in() as room:
        await room.say("subscribe search frogs weekly on monday at 00:10 UTC")
        room.clock.now = at(29, 23, 58)
        await room.say("send 1")
        await room.look()
        before = len(room.catalogue.state.requests)
        assert before
        [digest, *_] = await room.come(at(30, 0, 10))
        assert digest.text.startswith("Weekly digest: ")
        assert any("search" in path for _, path in room.catalogue.state.requests[before:])


async def test_who_asks_does_not_wait_behind_a_morning_of_digests():
    async with room_in(figshare_requests_per_second=50.0, figshare_burst=1) as room:
        asked, *items = list(room.catalogue.state.library.articles)[:7]
        await subscribe(room, *items)
        room.clock.now, requests = at(26), room.catalogue.state.requests
        async with passing(room.clock):
            together = Together(room.digests)
            await room.digests.tick(together)
            await asyncio.sleep(0.1)
            before = len(requests)
            answer = await room.say(f"views {asked} 2024")
            during = [path for _, path in requests[before:]]
            await asyncio.gather(*together.looks)
        assert "views · 1 Jan 2024" in answer.text
        # one or two had their place already
        assert len(during) <= sum(str(asked) in path for path in during) + 2
        assert len(requests) >= before + len(during) + 4


async def test_messages_to_a_channel_are_a_second_apart_and_other_channels_do_not_wait_for_it():
    async with room_in() as room:
        some, other, third = list(room.catalogue.state.library.articles)[:3]
        await subscribe(room, some, other)
        await subscribe(room, third, channel=LIBRARY)
        found = await room.come(at(26))
        times = {}
        for each in found:
            times.setdefault(each.channel, []).append(float(each.ts))
        assert len(times[RESEARCH]) > len(times[LIBRARY]) > 1
        for some in times.values():
            assert all(later - earlier > 0.99 for earlier, later in pairwise(some))
        # one after the other here, so the last digest comes when the others are there
        assert times[LIBRARY][0] - times[RESEARCH][-1] < 0.5


async def test_when_slack_asks_for_a_pause_no_channel_gets_anything_until_it_is_over():
    async with room_in() as room:
        some, other = list(room.catalogue.state.library.articles)[:2]
        await subscribe(room, some)
        await subscribe(room, other, channel=LIBRARY)
        room.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=90)
        assert await room.come(at(26)) == [] and posts(room) == 1
        for seconds in (30, 60, 89):
            assert await room.come(at(26) + seconds) == [] and posts(room) == 1
        found = [*await room.come(at(26) + 91), *await room.come(at(26) + 100)]
        assert sorted(each.channel for each in found if each.thread_ts is None) == [LIBRARY, RESEARCH]


def posts(room):
    return [each.kind for each in room.slack.log].count("chat.postMessage")


class Queue:
    """An engine that carries four looks a second, in the order in which they came."""

    def __init__(self, world):
        self.world, self.waiting = world, deque()

    async def second(self):
        for _ in range(min(4, len(self.waiting))):
            await self.world.look(*self.waiting.popleft())


async def test_more_than_can_be_looked_at_before_their_lease_ends_come_all_the_same():
    async with sending(at(25, 12), lease=20.0) as world:
        for number in range(200):
            await world.subscribe("0 9 * * *", what=str(number), channel=f"C{number}")
        queue = Queue(world)
        for second in range(120):
            world.clock.now = at(26) + second
            while due := await world.take():
                queue.waiting.extend(due)
            await queue.second()
        assert len(world.came) == 200
        # each is looked at twice: for what it says, and to be sent
        assert max(each.at for each in world.came) < at(26, 9, 2)


async def test_looks_that_take_long_keep_nobody_from_the_others():
    async with sending(at(25, 12)) as world:
        for number in range(40):
            await world.subscribe("0 9 * * *", what=str(number + 1))
        world.clock.now, begun = at(26), set()
        while due := await world.take():
            for id, _, _ in due:
                await world.ledger.hold(await world.ledger.delivery(id), at(26, 12))
            begun |= {id for id, _, _ in due}
        assert len(begun) == 40


async def test_who_is_killed_while_fetching_hours_ahead_is_followed_by_another_in_good_time():
    async with room_in() as room:
        some, other = list(room.catalogue.state.library.articles)[:2]
        await subscribe(room, some)
        # so much that all of it has to begin at once
        await subscribe(room, other, weight=14_400)
        asked_at(room, 1.0)
        slow = room.goes_wrong("/", delay=5.0, times=None)
        room.clock.now, together = at(26, 4), Together(room.digests)
        await room.digests.tick(together)
        await asyncio.sleep(0.1)
        for look in together.looks:
            look.cancel()
        await asyncio.gather(*together.looks, return_exceptions=True)
        await room.bot.cache.close()
        room.catalogue.state.faults.waiting.remove(slow)
        before = len(room.catalogue.state.requests)
        assert before
        assert await room.come(at(26, 5, 10)) == []
        assert str(some) in "".join(path for _, path in room.catalogue.state.requests[before:])
