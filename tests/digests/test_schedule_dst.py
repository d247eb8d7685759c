"""Through a year and twenty time zones digests come once, at their minute, and count every day once."""

import random
from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.language.schedules import Schedule
from bot.storage.tables import delivery
from tests.support.expected_times import Wanted, changes, is_last, slots
from tests.support.instant_delivery import open_instant_delivery

YEAR = 2026
BEGIN = datetime(YEAR, 1, 1, tzinfo=UTC).timestamp()
END = datetime(YEAR + 1, 1, 1, tzinfo=UTC).timestamp()
HOUR, DAY = 3_600.0, 86_400.0
ZONES = (
    *("UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles"),
    # the south; half an hour and three quarters; clocks that change by half an hour
    *("Australia/Sydney", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu", "America/St_Johns"),
    # changed at midnight, and by two hours
    *("America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Antarctica/Troll"),
    # 23:30 is left out; changed at UTC's midnight; back for a month; never changed, far ahead and behind
    *("America/Nuuk", "Asia/Jerusalem", "Africa/Casablanca", "Pacific/Apia", "Pacific/Honolulu"),
)
DAILY = tuple(
    Wanted(f"{minute} {hour} * * *", time(hour, minute))
    for hour, minute in ((0, 0), (1, 30), (2, 30), (9, 0), (23, 30))
)
SELDOM = (
    Wanted("30 2 * * 0", time(2, 30), lambda day: day.weekday() == 6),
    Wanted("0 9 * * 1-5", time(9), lambda day: day.weekday() < 5),
    Wanted("0 0 1 * *", time(0), lambda day: day.day == 1),
    Wanted("30 1 15 * *", time(1, 30), lambda day: day.day == 15),
    Wanted("30 23 L * *", time(23, 30), is_last),
    Wanted(
        "45 2 * 3,10 SUN#1",
        time(2, 45),
        lambda day: day.month in (3, 10) and day.weekday() == 6 and day.day < 8,
    ),
)


NO_DAY = "left out: no day has ended since the one before"


def utc_day(moment):
    return datetime.fromtimestamp(moment, UTC).date()


@pytest.mark.parametrize("zone", ZONES)
def test_every_slot_of_a_year_comes_once_at_the_time_on_the_wall(zone):
    for wanted in (*DAILY, *SELDOM):
        schedule, found = Schedule(wanted.cron, zone), [BEGIN]
        while found[-1] <= END:
            found.append(schedule.after(found[-1]))
        assert found[1:-1] == list(slots(zone, wanted, BEGIN, END)), wanted.cron


@pytest.mark.parametrize("zone", ZONES)
def test_next_slot_is_ahead_and_the_last_one_is_not(zone):
    chance = random.Random(zone)
    near = [at + chance.randrange(-5_400, 5_400) for at in changes(zone, YEAR) for _ in range(10)]
    for wanted in (*DAILY, SELDOM[0]):
        schedule = Schedule(wanted.cron, zone)
        known = list(slots(zone, wanted, BEGIN - 10 * DAY, END + 10 * DAY))
        for at in [*near, *(chance.uniform(BEGIN, END) for _ in range(3)), known[9], known[9] - 0.5]:
            following = bisect_right(known, at)
            assert schedule.after(at) == known[following], (wanted.cron, at)
            assert schedule.until(at) == known[following - 1], (wanted.cron, at)


@pytest.mark.e2e
async def test_a_year_of_twenty_time_zones_is_sent_slot_by_slot():
    chance, expected = random.Random(YEAR), {}
    async with open_instant_delivery(BEGIN, rate=0.001) as client:
        for number, zone in enumerate(ZONES):
            for wanted in (DAILY[number % 5], SELDOM[number % 6]):
                id = await client.subscribe(wanted.cron, zone, what=str(number))
                expected[id] = list(slots(zone, wanted, BEGIN, END))
        given = set()
        await client.take()
        while client.clock.now < END:
            # six hours of it ahead, and the rest less late than what is too old
            client.clock.now = min(client.clock.now + chance.uniform(16.5, 17.5) * HOUR, END)
            await client.ledger.expand(client.rate, client.clock.now)
            while due := {id for id, _, _ in await client.ledger.take(client.clock.now)}:
                assert not given & due
                given |= due
                # all at once: a year of looking at one after the other takes minutes
                async with client.store.engine.begin() as connection:
                    done = update(delivery).where(delivery.c.id.in_(due))
                    await connection.execute(done.values(state="ended", outcome="sent", due_at=None))
        async with client.store.engine.begin() as connection:
            rows = (await connection.execute(select(delivery).where(delivery.c.slot <= END))).all()
    rows.sort(key=lambda row: (row.subscription, row.slot))
    found = {id: [row.slot for row in some] for id, some in groupby(rows, lambda row: row.subscription)}
    assert found == expected
    assert {row.outcome for row in rows if row.id not in given} <= {NO_DAY}


CHANGING = (
    *("Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns"),
    *("America/Santiago", "Africa/Cairo", "Antarctica/Troll", "America/Nuuk", "Asia/Jerusalem"),
)


@pytest.mark.parametrize("zone", CHANGING)
async def test_digests_around_a_dst_change_come_on_time_and_count_once(zone):
    for change in changes(zone, YEAR):
        async with open_instant_delivery(change - 1.6 * DAY) as client:
            due = {}
            for hour in sorted(hours(zone, change)):
                wanted = Wanted(f"30 {hour} * * *", time(hour, 30))
                id = await client.subscribe(wanted.cron, zone, what=str(hour + 1))
                due[id] = list(slots(zone, wanted, client.clock.now, change + 1.6 * DAY))
            since = {each.subscription.id: each.subscription.since for each in await client.listed()}
            for slot in sorted({each for some in due.values() for each in some}):
                assert await client.advance_to(slot - 1) == []
                assert all(came.at == came.slot == slot for came in await client.advance_to(slot))
            for id, some in due.items():
                came = [each for each in client.sent if each.subscription == id]
                # No day has ended between two slots of one day, so there is nothing to count.
                empty = [slot for last, slot in pairwise(some) if utc_day(last) == utc_day(slot)]
                assert [each.slot for each in came] == [slot for slot in some if slot not in empty]
                assert {slot: await client.outcome(id, slot) for slot in some} == {
                    slot: NO_DAY if slot in empty else "sent" for slot in some
                }
                for each in came:
                    assert (each.first_day, each.last_day) == (since[id], utc_day(each.slot) - timedelta(1))
                    since[id] = each.last_day + timedelta(1)
                assert len(empty) <= 1


def hours(zone, change):
    """Return the hour that comes twice or not at all, and the one before UTC's midnight, when that moves."""
    there = ZoneInfo(zone)
    around = change - HOUR, change - 1, *((change + day * DAY) // DAY * DAY - 1 for day in (-1, 1))
    return {datetime.fromtimestamp(each, there).hour for each in around}
