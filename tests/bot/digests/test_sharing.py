"""One request to Figshare serves all the digests that need its answer."""

import asyncio
from collections import Counter

import pytest

from bot.language.schedules import Schedule
from bot.standin.slack.people import RESEARCH
from tests.bot.digests.room import at, room_in
from tests.bot.digests.test_ahead import Together

# All of them have UTC's time, so ten digests of an item in a channel are ten.
ZONES = (
    *("UTC", "Etc/UTC", "Etc/UCT", "Etc/GMT", "Etc/Zulu", "Etc/Universal", "Etc/Greenwich"),
    *("Africa/Abidjan", "Africa/Accra", "Africa/Dakar"),
)


async def subscribe(room, items, zones=ZONES, cron="0 9 * * *"):
    for item in items:
        for zone in zones:
            given = (RESEARCH, f"U{item}", "Jonas", str(item), f"item {item}", 4, Schedule(cron, zone))
            await room.bot.subscriptions.add(*given)


def asked(room):
    return Counter(path for _, path in room.catalogue.state.requests)


def digests(room):
    return [each for each in room.slack.history.messages if each.from_bot and each.thread_ts is None]


@pytest.fixture
async def room():
    async with room_in() as opened:
        yield opened


@pytest.fixture
def items(room):
    return list(room.catalogue.state.library.articles)[:6]


async def test_sixty_digests_of_six_items_need_the_requests_of_six(room, items):
    await subscribe(room, items)
    await room.come(at(26))
    assert len(digests(room)) == 60
    # of each item its record, its totals, and the days of its views and of its downloads
    assert len(asked(room)) == 4 * 6 and set(asked(room).values()) == {1}


async def test_looked_at_all_at_once_they_need_no_more(room, items):
    await subscribe(room, items, ZONES[:3])
    together, room.clock.now = Together(room.digests), at(26)
    while await room.digests.tick(together):
        await asyncio.gather(*together.looks)
    assert len(digests(room)) == 18
    assert len(asked(room)) == 4 * 6 and set(asked(room).values()) == {1}


async def test_what_was_fetched_for_one_serves_the_others_for_six_hours(room, items):
    room.clock.now = at(25, 17)
    for hour in (9, 12, 14, 16):
        await subscribe(room, items[:2], ZONES[:1], f"0 {hour} * * *")
    for hour in (9, 12, 14):
        await room.come(at(26, hour))
        assert sum(asked(room).values()) == 4 * 2
    await room.come(at(26, 16))
    assert sum(asked(room).values()) == 2 * 4 * 2
    assert len(digests(room)) == 8
