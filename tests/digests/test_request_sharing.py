"""One request to Figshare serves all the digests that need its answer."""

import asyncio
from collections import Counter

import pytest

from bot.emulators.slack.people import RESEARCH
from bot.language.schedules import Schedule
from tests.digests.test_fetch_ahead import ConcurrentQueue
from tests.support.digest_clock import open_digest_clock, timestamp

# All of them have UTC's time, so ten digests of an item in a channel are ten.
ZONES = (
    *("UTC", "Etc/UTC", "Etc/UCT", "Etc/GMT", "Etc/Zulu", "Etc/Universal", "Etc/Greenwich"),
    *("Africa/Abidjan", "Africa/Accra", "Africa/Dakar"),
)


async def subscribe(digest_clock, items, zones=ZONES, cron="0 9 * * *"):
    for item in items:
        for zone in zones:
            arguments = (RESEARCH, f"U{item}", "Jonas", str(item), f"item {item}", 4, Schedule(cron, zone))
            await digest_clock.bot.subscriptions.add(*arguments)


def requests(digest_clock):
    return Counter(path for _, path in digest_clock.catalogue.state.requests)


def digests(digest_clock):
    return [each for each in digest_clock.slack.history.messages if each.from_bot and each.thread_ts is None]


@pytest.fixture
async def digest_clock():
    async with open_digest_clock() as opened:
        yield opened


@pytest.fixture
def items(digest_clock):
    return list(digest_clock.catalogue.state.library.articles)[:6]


async def test_sixty_digests_of_six_items_need_the_requests_of_six(digest_clock, items):
    await subscribe(digest_clock, items)
    await digest_clock.advance_to(timestamp(26))
    assert len(digests(digest_clock)) == 60
    # of each item its record, its totals, and the days of its views and of its downloads
    assert len(requests(digest_clock)) == 4 * 6 and set(requests(digest_clock).values()) == {1}


async def test_digests_processed_at_once_need_no_more_requests(digest_clock, items):
    await subscribe(digest_clock, items, ZONES[:3])
    queue, digest_clock.clock.now = ConcurrentQueue(digest_clock.worker), timestamp(26)
    while await digest_clock.worker.enqueue_due(queue):
        await asyncio.gather(*queue.jobs)
    assert len(digests(digest_clock)) == 18
    assert len(requests(digest_clock)) == 4 * 6 and set(requests(digest_clock).values()) == {1}


async def test_counts_fetched_for_one_digest_serve_others_six_hours(digest_clock, items):
    digest_clock.clock.now = timestamp(25, 17)
    for hour in (9, 12, 14, 16):
        await subscribe(digest_clock, items[:2], ZONES[:1], f"0 {hour} * * *")
    for hour in (9, 12, 14):
        await digest_clock.advance_to(timestamp(26, hour))
        assert sum(requests(digest_clock).values()) == 4 * 2
    await digest_clock.advance_to(timestamp(26, 16))
    assert sum(requests(digest_clock).values()) == 2 * 4 * 2
    assert len(digests(digest_clock)) == 8
