"""What many digests say is fetched ahead, at Figshare's pace, and leaves at its minute, at Slack's."""

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest

from bot.digests.delivery.worker import Worker
from bot.emulators.slack.people import JONAS, LIBRARY, RESEARCH
from bot.language.schedules import Schedule
from bot.storage.deliveries import Deliveries
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.instant_delivery import open_instant_delivery

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


def asked_at(digest_clock, rate):
    """Let a room's digests keep another pace to Figshare."""
    digest_clock.digests = Worker(
        digest_clock.bot, Deliveries(digest_clock.store), digest_clock.courier, rate=rate
    )


async def subscribe(digest_clock, *whats, channel=RESEARCH, cron="0 9 * * *", weight=4):
    for what in whats:
        title, schedule = f"item {what}", Schedule(cron)
        await digest_clock.bot.subscriptions.add(channel, JONAS, "Jonas", str(what), title, weight, schedule)


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
async def test_fetching_begins_as_early_as_the_rate_limit_requires(count, weight, rate, lead):
    async with open_instant_delivery(timestamp(25, 12), rate) as client:
        for number in range(count):
            await client.subscribe("0 9 * * *", what=str(number + 1), weight=weight)
        client.clock.now = timestamp(26) - lead - 1
        assert await client.ledger.expand(rate, client.clock.now) == 0
        client.clock.now += 2
        assert await client.ledger.expand(rate, client.clock.now) == count
        assert (
            await client.advance_to(client.clock.now) == []
            and await client.advance_to(timestamp(26) - 1) == []
        )
        assert len(await client.advance_to(timestamp(26))) == count


async def test_digest_fetched_ahead_leaves_on_time_without_requests():
    async with open_digest_clock() as digest_clock:
        await subscribe(digest_clock, 5616445, weight=400)
        asked_at(digest_clock, 1.0)
        assert (
            await digest_clock.advance_to(timestamp(26) - 640) == []
            and digest_clock.catalogue.state.requests == []
        )
        assert await digest_clock.advance_to(timestamp(26) - 620) == []
        asked = len(digest_clock.catalogue.state.requests)
        assert asked
        assert await digest_clock.advance_to(timestamp(26) - 1) == []
        digest, *_ = await digest_clock.advance_to(timestamp(26))
        assert digest.text.startswith("Daily digest: ") and "Late" not in digest.text
        assert float(digest.ts) == pytest.approx(timestamp(26), abs=1)
        assert len(digest_clock.catalogue.state.requests) == asked


@pytest.mark.parametrize(
    ("minute", "begins"),
    [
        (30, timestamp(26, 0, 5)),
        # too soon after midnight to wait for Figshare's counters
        (2, timestamp(26, 0, 2)),
        (0, timestamp(26, 0, 0)),
    ],
)
async def test_no_count_is_fetched_before_the_last_day_is_over(minute, begins):
    async with open_digest_clock() as digest_clock:
        await subscribe(digest_clock, 5616445, cron=f"{minute} 0 * * *", weight=40_000)
        asked_at(digest_clock, 1.0)
        for moment in (timestamp(25, 19), timestamp(25, 23, 59), begins - 1):
            assert await digest_clock.advance_to(moment) == [] and digest_clock.catalogue.state.requests == []
        messages = await digest_clock.advance_to(begins)
        assert digest_clock.catalogue.state.requests
        assert bool(messages) == (begins == timestamp(26, 0, minute))
        if not messages:
            digest, *_ = await digest_clock.advance_to(timestamp(26, 0, minute))
            assert digest.text.startswith("Daily digest: ")


async def test_counts_fetched_before_the_last_day_ended_are_refetched():
    async with open_digest_clock() as digest_clock:
        await digest_clock.say("subscribe search frogs weekly on monday at 00:10 UTC")
        digest_clock.clock.now = timestamp(29, 23, 58)
        await digest_clock.say("send 1")
        await digest_clock.look()
        before = len(digest_clock.catalogue.state.requests)
        assert before
        [digest, *_] = await digest_clock.advance_to(timestamp(30, 0, 10))
        assert digest.text.startswith("Weekly digest: ")
        assert any("search" in path for _, path in digest_clock.catalogue.state.requests[before:])


async def test_who_asks_does_not_wait_behind_a_morning_of_digests():
    async with open_digest_clock(figshare_requests_per_second=50.0, figshare_burst=1) as digest_clock:
        asked, *items = list(digest_clock.catalogue.state.library.articles)[:7]
        await subscribe(digest_clock, *items)
        digest_clock.clock.now, requests = timestamp(26), digest_clock.catalogue.state.requests
        async with passing(digest_clock.clock):
            together = Together(digest_clock.digests)
            await digest_clock.digests.tick(together)
            await asyncio.sleep(0.1)
            before = len(requests)
            answer = await digest_clock.say(f"views {asked} 2024")
            during = [path for _, path in requests[before:]]
            await asyncio.gather(*together.looks)
        assert "views · 1 Jan 2024" in answer.text
        # one or two had their place already
        assert len(during) <= sum(str(asked) in path for path in during) + 2
        assert len(requests) >= before + len(during) + 4


async def test_messages_are_a_second_apart_within_a_channel_only():
    async with open_digest_clock() as digest_clock:
        some, other, third = list(digest_clock.catalogue.state.library.articles)[:3]
        await subscribe(digest_clock, some, other)
        await subscribe(digest_clock, third, channel=LIBRARY)
        messages = await digest_clock.advance_to(timestamp(26))
        times = {}
        for each in messages:
            times.setdefault(each.channel, []).append(float(each.ts))
        assert len(times[RESEARCH]) > len(times[LIBRARY]) > 1
        for some in times.values():
            assert all(later - earlier > 0.99 for earlier, later in pairwise(some))
        # one after the other here, so the last digest comes when the others are there
        assert times[LIBRARY][0] - times[RESEARCH][-1] < 0.5


async def test_rate_limit_of_slack_pauses_every_channel():
    async with open_digest_clock() as digest_clock:
        some, other = list(digest_clock.catalogue.state.library.articles)[:2]
        await subscribe(digest_clock, some)
        await subscribe(digest_clock, other, channel=LIBRARY)
        digest_clock.slack.fail("chat.postMessage", "ratelimited", status=429, retry_after=90)
        assert await digest_clock.advance_to(timestamp(26)) == [] and posts(digest_clock) == 1
        for seconds in (30, 60, 89):
            assert await digest_clock.advance_to(timestamp(26) + seconds) == [] and posts(digest_clock) == 1
        messages = [
            *await digest_clock.advance_to(timestamp(26) + 91),
            *await digest_clock.advance_to(timestamp(26) + 100),
        ]
        assert sorted(each.channel for each in messages if each.thread_ts is None) == [LIBRARY, RESEARCH]


def posts(digest_clock):
    return [each.kind for each in digest_clock.slack.log].count("chat.postMessage")


class Queue:
    """An engine that carries four looks a second, in the order in which they came."""

    def __init__(self, client):
        self.deliveries, self.waiting = client, deque()

    async def second(self):
        for _ in range(min(4, len(self.waiting))):
            await self.deliveries.look(*self.waiting.popleft())


async def test_more_digests_than_fit_a_lease_are_all_sent():
    async with open_instant_delivery(timestamp(25, 12), lease=20.0) as client:
        for number in range(200):
            await client.subscribe("0 9 * * *", what=str(number), channel=f"C{number}")
        queue = Queue(client)
        for second in range(120):
            client.clock.now = timestamp(26) + second
            while due := await client.take():
                queue.waiting.extend(due)
            await queue.second()
        assert len(client.sent) == 200
        # each is looked at twice: for what it says, and to be sent
        assert max(each.at for each in client.sent) < timestamp(26, 9, 2)


async def test_looks_that_take_long_keep_nobody_from_the_others():
    async with open_instant_delivery(timestamp(25, 12)) as client:
        for number in range(40):
            await client.subscribe("0 9 * * *", what=str(number + 1))
        client.clock.now, begun = timestamp(26), set()
        while due := await client.take():
            for id, _, _ in due:
                await client.ledger.hold(await client.ledger.delivery(id), timestamp(26, 12))
            begun |= {id for id, _, _ in due}
        assert len(begun) == 40


async def test_digest_of_a_killed_early_fetcher_is_taken_over():
    async with open_digest_clock() as digest_clock:
        some, other = list(digest_clock.catalogue.state.library.articles)[:2]
        await subscribe(digest_clock, some)
        # so much that all of it has to begin at once
        await subscribe(digest_clock, other, weight=14_400)
        asked_at(digest_clock, 1.0)
        slow = digest_clock.goes_wrong("/", delay=5.0, times=None)
        digest_clock.clock.now, together = timestamp(26, 4), Together(digest_clock.digests)
        await digest_clock.digests.tick(together)
        await asyncio.sleep(0.1)
        for look in together.looks:
            look.cancel()
        await asyncio.gather(*together.looks, return_exceptions=True)
        await digest_clock.bot.cache.close()
        digest_clock.catalogue.state.faults.waiting.remove(slow)
        before = len(digest_clock.catalogue.state.requests)
        assert before
        assert await digest_clock.advance_to(timestamp(26, 5, 10)) == []
        assert str(some) in "".join(path for _, path in digest_clock.catalogue.state.requests[before:])
