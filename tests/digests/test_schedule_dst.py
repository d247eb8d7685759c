"""Through a year and twenty time zones digests come once, at their minute, and count every day once."""

import random
from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.language.schedules import Schedule
from bot.storage.tables import delivery_table
from tests.support.expected_times import ExpectedTimes, changes, is_last, occurrences
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
    ExpectedTimes(f"{minute} {hour} * * *", time(hour, minute))
    for hour, minute in ((0, 0), (1, 30), (2, 30), (9, 0), (23, 30))
)
SELDOM = (
    ExpectedTimes("30 2 * * 0", time(2, 30), lambda day: day.weekday() == 6),
    ExpectedTimes("0 9 * * 1-5", time(9), lambda day: day.weekday() < 5),
    ExpectedTimes("0 0 1 * *", time(0), lambda day: day.day == 1),
    ExpectedTimes("30 1 15 * *", time(1, 30), lambda day: day.day == 15),
    ExpectedTimes("30 23 L * *", time(23, 30), is_last),
    ExpectedTimes(
        "45 2 * 3,10 SUN#1",
        time(2, 45),
        lambda day: day.month in (3, 10) and day.weekday() == 6 and day.day < 8,
    ),
)


NO_DAY = "left out: no day has ended since the one before"


def utc_day(moment):
    return datetime.fromtimestamp(moment, UTC).date()


# Zones whose rule is like that of another one here.
LIKE_OTHERS = {
    *("Europe/Berlin", "America/Los_Angeles", "Australia/Sydney", "Asia/Kathmandu", "America/Havana"),
    *("Asia/Beirut", "Africa/Casablanca", "Pacific/Honolulu", "America/New_York", "America/St_Johns"),
}
RULES = [pytest.param(zone, marks=pytest.mark.thorough) if zone in LIKE_OTHERS else zone for zone in ZONES]


@pytest.mark.parametrize("zone", RULES)
def test_every_occurrence_of_a_year_comes_once_at_its_wall_time(zone):
    for expected in (*DAILY, *SELDOM):
        schedule, moments = Schedule(expected.cron, zone), [BEGIN]
        while moments[-1] <= END:
            moments.append(schedule.next_after(moments[-1]))
        assert moments[1:-1] == list(occurrences(zone, expected, BEGIN, END)), expected.cron


@pytest.mark.parametrize("zone", RULES)
def test_every_2_weeks_of_a_year_leaves_a_week_between(zone):
    begin = BEGIN + random.Random(zone).randrange(365) * DAY
    sundays = ExpectedTimes("30 2 * * 0", time(2, 30), lambda day: day.weekday() == 6)
    schedule, moments = Schedule(sundays.cron, zone).every_2_weeks_from(begin), [begin]
    while moments[-1] <= begin + 365 * DAY:
        moments.append(schedule.next_after(moments[-1]))
    assert moments[1:-1] == list(occurrences(zone, sundays, begin, begin + 365 * DAY))[: 2 * len(moments) : 2]
    assert schedule.latest_before(moments[5]) == moments[5]
    assert schedule.latest_before(moments[5] - 1) == moments[4]


@pytest.mark.parametrize("zone", RULES)
def test_next_occurrence_is_ahead_and_the_last_one_is_not(zone):
    chance = random.Random(zone)
    near = [change + chance.randrange(-5_400, 5_400) for change in changes(zone, YEAR) for _ in range(10)]
    for expected in (*DAILY, SELDOM[0]):
        schedule = Schedule(expected.cron, zone)
        known = list(occurrences(zone, expected, BEGIN - 10 * DAY, END + 10 * DAY))
        for moment in [*near, *(chance.uniform(BEGIN, END) for _ in range(3)), known[9], known[9] - 0.5]:
            following = bisect_right(known, moment)
            assert schedule.next_after(moment) == known[following], (expected.cron, moment)
            assert schedule.latest_before(moment) == known[following - 1], (expected.cron, moment)


@pytest.mark.e2e
async def test_year_of_twenty_time_zones_is_sent_without_a_gap():
    chance, expected = random.Random(YEAR), {}
    async with open_instant_delivery(BEGIN, rate=0.001) as client:
        for number, zone in enumerate(ZONES):
            for times in (DAILY[number % 5], SELDOM[number % 6]):
                id = await client.subscribe(times.cron, zone, topic=str(number))
                expected[id] = list(occurrences(zone, times, BEGIN, END))
        claimed = set()
        await client.claim()
        while client.clock.now < END:
            # six hours of it ahead, and the rest less late than what is too old
            client.clock.now = min(client.clock.now + chance.uniform(16.5, 17.5) * HOUR, END)
            await client.deliveries.create_due(client.rate, client.clock.now)
            while due := {id for id, _, _ in await client.deliveries.claim(client.clock.now)}:
                assert not claimed & due
                claimed |= due
                # all at once: processing a year of them one after the other takes minutes
                async with client.store.engine.begin() as connection:
                    done = update(delivery_table).where(delivery_table.c.id.in_(due))
                    await connection.execute(done.values(state="ended", outcome="sent", due_at=None))
        async with client.store.engine.begin() as connection:
            rows = (
                await connection.execute(select(delivery_table).where(delivery_table.c.slot <= END))
            ).all()
    rows.sort(key=lambda row: (row.subscription, row.slot))
    groups = groupby(rows, lambda row: row.subscription)
    assert {id: [row.slot for row in group] for id, group in groups} == expected
    assert {row.outcome for row in rows if row.id not in claimed} <= {NO_DAY}


CHANGING = (
    *("Europe/London", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago", "America/Nuuk"),
    *(
        pytest.param(zone, marks=pytest.mark.thorough)
        for zone in (
            "America/New_York",
            "America/St_Johns",
            "Africa/Cairo",
            "Antarctica/Troll",
            "Asia/Jerusalem",
        )
    ),
)


@pytest.mark.parametrize("zone", CHANGING)
async def test_digests_around_a_dst_change_come_on_time_and_count_once(zone):
    for change in changes(zone, YEAR):
        async with open_instant_delivery(change - 1.6 * DAY) as client:
            due = {}
            for hour in sorted(hours(zone, change)):
                expected = ExpectedTimes(f"30 {hour} * * *", time(hour, 30))
                id = await client.subscribe(expected.cron, zone, topic=str(hour + 1))
                due[id] = list(occurrences(zone, expected, client.clock.now, change + 1.6 * DAY))
            since = {each.subscription.id: each.subscription.since for each in await client.listed()}
            for moment in sorted({moment for moments in due.values() for moment in moments}):
                assert await client.advance_to(moment - 1) == []
                digests = await client.advance_to(moment)
                assert all(digest.sent_at == digest.occurrence == moment for digest in digests)
            for id, moments in due.items():
                digests = [digest for digest in client.sent if digest.subscription == id]
                # No day has ended between two occurrences of one day, so there is nothing to count.
                empty = [moment for last, moment in pairwise(moments) if utc_day(last) == utc_day(moment)]
                assert [digest.occurrence for digest in digests] == [
                    moment for moment in moments if moment not in empty
                ]
                assert {moment: await client.outcome(id, moment) for moment in moments} == {
                    moment: NO_DAY if moment in empty else "sent" for moment in moments
                }
                for digest in digests:
                    yesterday = utc_day(digest.occurrence) - timedelta(1)
                    assert (digest.first_day, digest.last_day) == (since[id], yesterday)
                    since[id] = digest.last_day + timedelta(1)
                assert len(empty) <= 1


def hours(zone, change):
    """Return the hour that comes twice or not at all, and the one before UTC's midnight, when that moves."""
    there = ZoneInfo(zone)
    around = change - HOUR, change - 1, *((change + day * DAY) // DAY * DAY - 1 for day in (-1, 1))
    return {datetime.fromtimestamp(each, there).hour for each in around}
