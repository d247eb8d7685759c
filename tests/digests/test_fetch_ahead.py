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
from bot.storage.outbox import Outbox
from tests.support.digest_clock import open_digest_clock, timestamp
from tests.support.instant_delivery import open_instant_delivery

HOUR = 3_600.0


class ConcurrentQueue:
    """A queue that runs all its jobs at the same time."""

    def __init__(self, worker):
        self.worker, self.jobs = worker, []

    async def enqueue(self, queue, id, attempt):
        self.jobs.append(asyncio.create_task(self.worker.process_delivery(id, attempt)))

    async def vacuum(self):
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


def limit_requests(digest_clock, rate):
    """Let the worker ask Figshare so many times a second."""
    store = digest_clock.store
    digest_clock.worker = Worker(
        digest_clock.bot, Deliveries(store), Outbox(store), digest_clock.messenger, rate=rate
    )


async def subscribe(digest_clock, *topics, channel=RESEARCH, cron="0 9 * * *", weight=4):
    for topic in topics:
        title, schedule = f"item {topic}", Schedule(cron)
        await digest_clock.bot.subscriptions.add(channel, JONAS, "Jonas", str(topic), title, weight, schedule)


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
            await client.subscribe("0 9 * * *", topic=str(number + 1), weight=weight)
        client.clock.now = timestamp(26) - lead - 1
        assert await client.deliveries.create_due(rate, client.clock.now) == 0
        client.clock.now += 2
        assert await client.deliveries.create_due(rate, client.clock.now) == count
        assert (
            await client.advance_to(client.clock.now) == []
            and await client.advance_to(timestamp(26) - 1) == []
        )
        assert len(await client.advance_to(timestamp(26))) == count


async def test_digest_fetched_ahead_leaves_on_time_without_requests():
    async with open_digest_clock() as digest_clock:
        await subscribe(digest_clock, 5616445, weight=400)
        limit_requests(digest_clock, 1.0)
        assert (
            await digest_clock.advance_to(timestamp(26) - 640) == []
            and digest_clock.catalogue.state.requests == []
        )
        assert await digest_clock.advance_to(timestamp(26) - 620) == []
        count = len(digest_clock.catalogue.state.requests)
        assert count
        assert await digest_clock.advance_to(timestamp(26) - 1) == []
        digest, *_ = await digest_clock.advance_to(timestamp(26))
        assert digest.text.startswith("Daily digest: ") and "Late" not in digest.text
        assert float(digest.ts) == pytest.approx(timestamp(26), abs=1)
        assert len(digest_clock.catalogue.state.requests) == count


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
        limit_requests(digest_clock, 1.0)
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
        await digest_clock.send_due()
        before = len(digest_clock.catalogue.state.requests)
        assert before
        [digest, *_] = await digest_clock.advance_to(timestamp(30, 0, 10))
        assert digest.text.startswith("Weekly digest: ")
        assert any("search" in path for _, path in digest_clock.catalogue.state.requests[before:])


async def test_question_does_not_wait_behind_a_morning_of_digests():
    async with open_digest_clock(figshare_requests_per_second=50.0, figshare_burst=1) as digest_clock:
        asked_about, *items = list(digest_clock.catalogue.state.library.articles)[:7]
        await subscribe(digest_clock, *items)
        digest_clock.clock.now, requests = timestamp(26), digest_clock.catalogue.state.requests
        async with passing(digest_clock.clock):
            queue = ConcurrentQueue(digest_clock.worker)
            await digest_clock.worker.enqueue_due(queue)
            await asyncio.sleep(0.1)
            before = len(requests)
            answer = await digest_clock.say(f"views {asked_about} 2024")
            during = [path for _, path in requests[before:]]
            await asyncio.gather(*queue.jobs)
        assert "views · 1 Jan 2024" in answer.text
        # one or two had their place already
        assert len(during) <= sum(str(asked_about) in path for path in during) + 2
        assert len(requests) >= before + len(during) + 4


async def test_messages_are_a_second_apart_within_a_channel_only():
    async with open_digest_clock() as digest_clock:
        first, second, third = list(digest_clock.catalogue.state.library.articles)[:3]
        await subscribe(digest_clock, first, second)
        await subscribe(digest_clock, third, channel=LIBRARY)
        messages = await digest_clock.advance_to(timestamp(26))
        times = {}
        for message in messages:
            times.setdefault(message.channel, []).append(float(message.ts))
        assert len(times[RESEARCH]) > len(times[LIBRARY]) == 1
        for moments in times.values():
            assert all(later - earlier > 0.99 for earlier, later in pairwise(moments))
        # one after the other here, so the last digest comes when the others are there
        assert times[LIBRARY][0] - times[RESEARCH][-1] < 0.5


async def test_rate_limit_of_slack_pauses_every_channel():
    async with open_digest_clock() as digest_clock:
        first, second = list(digest_clock.catalogue.state.library.articles)[:2]
        await subscribe(digest_clock, first)
        await subscribe(digest_clock, second, channel=LIBRARY)
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


class SlowQueue:
    """A queue that runs four jobs a second, in the order in which they came."""

    def __init__(self, client):
        self.client, self.waiting = client, deque()

    async def run_second(self):
        for _ in range(min(4, len(self.waiting))):
            await self.client.process(*self.waiting.popleft())


async def test_more_digests_than_fit_a_lease_are_all_sent():
    async with open_instant_delivery(timestamp(25, 12), lease=20.0) as client:
        for number in range(200):
            await client.subscribe("0 9 * * *", topic=str(number), channel=f"C{number}")
        queue = SlowQueue(client)
        for second in range(120):
            client.clock.now = timestamp(26) + second
            while due := await client.claim():
                queue.waiting.extend(due)
            await queue.run_second()
        assert len(client.sent) == 200
        # each is processed twice: to collect its report, and to send it
        assert max(each.sent_at for each in client.sent) < timestamp(26, 9, 2)


async def test_jobs_that_take_long_keep_no_others_waiting():
    async with open_instant_delivery(timestamp(25, 12)) as client:
        for number in range(40):
            await client.subscribe("0 9 * * *", topic=str(number + 1))
        client.clock.now, begun = timestamp(26), set()
        while due := await client.claim():
            for id, _, _ in due:
                await client.deliveries.extend_lease(await client.deliveries.get(id), timestamp(26, 12))
            begun |= {id for id, _, _ in due}
        assert len(begun) == 40


async def test_digest_of_a_killed_early_fetcher_is_taken_over():
    async with open_digest_clock() as digest_clock:
        first, second = list(digest_clock.catalogue.state.library.articles)[:2]
        await subscribe(digest_clock, first)
        # so much that all of it has to begin at once
        await subscribe(digest_clock, second, weight=14_400)
        limit_requests(digest_clock, 1.0)
        slow = digest_clock.goes_wrong("/", delay=5.0, times=None)
        digest_clock.clock.now, queue = timestamp(26, 4), ConcurrentQueue(digest_clock.worker)
        await digest_clock.worker.enqueue_due(queue)
        await asyncio.sleep(0.1)
        for job in queue.jobs:
            job.cancel()
        await asyncio.gather(*queue.jobs, return_exceptions=True)
        await digest_clock.bot.cache.close()
        digest_clock.catalogue.state.faults.waiting.remove(slow)
        before = len(digest_clock.catalogue.state.requests)
        assert before
        assert await digest_clock.advance_to(timestamp(26, 5, 10)) == []
        assert str(first) in "".join(path for _, path in digest_clock.catalogue.state.requests[before:])
