"""After downtime, or with a wrong clock: a digest is late once, never sent twice, and no day is lost."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support.instant_delivery import SENT, open_instant_delivery

HOUR, DAY = 3_600.0, 86_400.0
MISSED = "missed: I was not running"


def timestamp(day, hour=9, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC).timestamp()


def june(day):
    return date(2026, 6, day)


@pytest.fixture
async def delivery_loop():
    """Return a daily digest at nine that was last sent on the third of June."""
    async with open_instant_delivery(timestamp(1, 12)) as opened:
        await opened.subscribe("0 9 * * *")
        for day in (2, 3):
            [digest] = await opened.advance_to(timestamp(day))
            assert digest.occurrence == digest.sent_at == timestamp(day)
        opened.sent.clear()
        yield opened


def sent(delivery_loop):
    """Return the occurrence, the moment of sending and the days of each digest."""
    return [(each.occurrence, each.sent_at, each.first_day, each.last_day) for each in delivery_loop.sent]


async def run(delivery_loop, begin, end):
    """Let time pass, from one full hour to the next."""
    moment = begin
    while moment <= end:
        await delivery_loop.advance_to(moment)
        moment = moment // HOUR * HOUR + HOUR


async def test_night_of_downtime_sends_one_late_digest(delivery_loop):
    await run(delivery_loop, timestamp(4, 13), timestamp(4, 23))
    assert sent(delivery_loop) == [(timestamp(4), timestamp(4, 13), june(3), june(3))]
    await run(delivery_loop, timestamp(5, 8), timestamp(5, 10))
    assert sent(delivery_loop)[1:] == [(timestamp(5), timestamp(5), june(4), june(4))]


async def test_three_days_of_downtime_send_one_digest_of_all_days(delivery_loop):
    await run(delivery_loop, timestamp(6, 12), timestamp(7, 8))
    assert sent(delivery_loop) == [(timestamp(6), timestamp(6, 12), june(3), june(5))]
    assert (
        await delivery_loop.outcome(1, timestamp(4)) is None
        and await delivery_loop.outcome(1, timestamp(5)) is None
    )


async def test_digest_over_half_a_day_late_leaves_its_days_to_the_next(delivery_loop):
    await run(delivery_loop, timestamp(6, 21, 1), timestamp(7, 8))
    assert sent(delivery_loop) == [] and await delivery_loop.outcome(1, timestamp(6)) == MISSED
    await run(delivery_loop, timestamp(7, 8, 30), timestamp(7, 12))
    assert sent(delivery_loop) == [(timestamp(7), timestamp(7), june(3), june(6))]


async def test_digest_exactly_half_a_day_late_is_sent(delivery_loop):
    await delivery_loop.advance_to(timestamp(4, 21))
    assert sent(delivery_loop) == [(timestamp(4), timestamp(4, 21), june(3), june(3))]


async def test_week_of_downtime_leaves_no_backlog(delivery_loop):
    for number in range(29):
        await delivery_loop.subscribe("0 9 * * *", topic=str(number))
    digests = await delivery_loop.advance_to(timestamp(11, 10))
    assert len(digests) == len({each.subscription for each in digests}) == 30
    assert {each.occurrence for each in digests} == {timestamp(11)}
    await run(delivery_loop, timestamp(11, 10), timestamp(12, 8))
    assert len(delivery_loop.sent) == 30


async def test_missed_weekly_digest_is_counted_a_week_later():
    async with open_instant_delivery(timestamp(1, 12)) as delivery_loop:
        await delivery_loop.subscribe("0 9 * * 1")
        await delivery_loop.advance_to(timestamp(8, 22))
        assert delivery_loop.sent == [] and await delivery_loop.outcome(1, timestamp(8)) == MISSED
        await run(delivery_loop, timestamp(8, 23), timestamp(15))
        assert sent(delivery_loop) == [(timestamp(15), timestamp(15), june(1), june(14))]


@pytest.mark.parametrize("back", [HOUR, DAY, 3 * DAY])
async def test_clock_set_back_sends_no_digest_twice(delivery_loop, back):
    await delivery_loop.advance_to(timestamp(4))
    await run(delivery_loop, timestamp(4) - back, timestamp(5, 8))
    assert sent(delivery_loop) == [(timestamp(4), timestamp(4), june(3), june(3))]
    await run(delivery_loop, timestamp(5), timestamp(6))
    assert sent(delivery_loop)[1:] == [
        (timestamp(day), timestamp(day), june(day - 1), june(day - 1)) for day in (5, 6)
    ]


async def test_clock_set_back_before_a_digest_sends_on_time(delivery_loop):
    await delivery_loop.advance_to(timestamp(4) - 20)
    assert delivery_loop.sent == []
    await run(delivery_loop, timestamp(4) - DAY, timestamp(5))
    assert sent(delivery_loop) == [
        (timestamp(day), timestamp(day), june(day - 1), june(day - 1)) for day in (4, 5)
    ]


async def test_digest_claimed_by_a_killed_process_is_sent_later(
    delivery_loop,
):
    delivery_loop.clock.now = timestamp(4)
    await delivery_loop.deliveries.create_due(delivery_loop.rate, timestamp(4))
    assert len(await delivery_loop.deliveries.claim(timestamp(4))) == 1
    await run(delivery_loop, timestamp(4) - DAY, timestamp(4, 11))
    [(occurrence, sent_at, *days)] = sent(delivery_loop)
    assert (occurrence, days) == (timestamp(4), [june(3)] * 2) and sent_at <= timestamp(4, 10)


async def test_clock_a_day_ahead_sends_one_digest_and_goes_on(delivery_loop):
    await delivery_loop.advance_to(timestamp(4))
    await run(delivery_loop, timestamp(5, 9, 30), timestamp(7))
    assert sent(delivery_loop)[1:] == [
        (timestamp(5), timestamp(5, 9, 30), june(4), june(4)),
        *((timestamp(day), timestamp(day), june(day - 1), june(day - 1)) for day in (6, 7)),
    ]


async def test_clock_briefly_ahead_skips_only_those_days(delivery_loop):
    await delivery_loop.advance_to(timestamp(4))
    await delivery_loop.advance_to(timestamp(5, 9, 30))
    await run(delivery_loop, timestamp(4, 9, 30), timestamp(8))
    slots = [each.occurrence for each in delivery_loop.sent]
    assert slots == [timestamp(4), timestamp(5), timestamp(6), timestamp(7), timestamp(8)]
    assert [each.first_day for each in delivery_loop.sent] == [june(day) for day in (3, 4, 5, 6, 7)]


async def test_clock_briefly_a_year_ahead_delays_no_digest(delivery_loop):
    await delivery_loop.subscribe("0 9 1 * *", topic="9784012")
    await delivery_loop.advance_to(timestamp(4) + 365 * DAY)
    delivery_loop.sent.clear()
    delivery_loop.clock.now = timestamp(4, 10)
    await delivery_loop.deliveries.vacuum()
    await run(delivery_loop, timestamp(4, 10), timestamp(30) + DAY)
    days = [each for each in delivery_loop.sent if each.subscription == 1]
    assert [each.occurrence for each in days] == [timestamp(5) + day * DAY for day in range(27)]
    # The fourth was not over when the clock was ahead.
    assert [each.first_day.day for each in days[:3]] == [4, 5, 6]
    [monthly] = [each for each in delivery_loop.sent if each.subscription == 2]
    assert monthly.occurrence == timestamp(30) + DAY and monthly.first_day == june(1)


async def test_digest_begun_by_a_clock_ahead_comes_at_its_time(delivery_loop):
    ahead = timestamp(14)
    delivery_loop.clock.now = ahead
    await delivery_loop.deliveries.create_due(delivery_loop.rate, ahead)
    # The process is killed before it is done.
    assert len(await delivery_loop.deliveries.claim(ahead)) == 1
    delivery_loop.clock.now = timestamp(3, 10)
    await delivery_loop.deliveries.vacuum()
    await run(delivery_loop, timestamp(3, 10), timestamp(15))
    assert [each.occurrence for each in delivery_loop.sent] == [timestamp(day) for day in range(4, 16)]
    assert [each.first_day for each in delivery_loop.sent] == [june(day) for day in range(3, 15)]


@pytest.mark.parametrize("moment", [timestamp(4, 8, 59), timestamp(4), timestamp(4, 9, 30), timestamp(4, 23)])
async def test_vacuum_with_a_right_clock_changes_no_subscription(delivery_loop, moment):
    for cron in ("0 9 * * *", "0 9 29 2 *", "0 9 1 * *", "0 15 * * 3"):
        await delivery_loop.subscribe(cron, topic=cron)
    delivery_loop.clock.now = moment
    await delivery_loop.deliveries.create_due(delivery_loop.rate, moment)
    before = await delivery_loop.listed()
    await delivery_loop.deliveries.vacuum()
    assert await delivery_loop.listed() == before


FULL = """
CREATE TRIGGER full BEFORE UPDATE OF since ON subscription BEGIN SELECT RAISE(ABORT, 'disk full'); END
"""


async def test_finish_and_next_window_are_stored_together(delivery_loop):
    async with delivery_loop.store.engine.begin() as connection:
        await connection.execute(text(FULL))
    with pytest.raises(IntegrityError):
        await delivery_loop.advance_to(timestamp(4))
    assert await delivery_loop.outcome(1, timestamp(4)) == ""
    async with delivery_loop.store.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    await delivery_loop.advance_to(timestamp(4, 10))
    await delivery_loop.advance_to(timestamp(5))
    assert [each.first_day for each in delivery_loop.sent] == [june(3), june(4)]


async def test_overtaken_process_ends_nothing_and_counts_nothing(url):
    async with open_instant_delivery(timestamp(1, 12), url=url) as delivery_loop:
        await delivery_loop.subscribe("0 9 * * *")
        delivery_loop.clock.now = timestamp(2)
        await delivery_loop.deliveries.create_due(delivery_loop.rate, timestamp(2))
        [(id, _, _)] = await delivery_loop.deliveries.claim(timestamp(2))
        slow = await delivery_loop.deliveries.get(id)
        [(_, number, _)] = await delivery_loop.deliveries.claim(timestamp(2, 10))
        assert number == 2 and not await delivery_loop.deliveries.finish(slow, SENT, advances_window=True)
        [listed] = await delivery_loop.listed()
        assert listed.subscription.since == june(1) and await delivery_loop.outcome(1, timestamp(2)) == ""
        assert await delivery_loop.deliveries.finish(
            await delivery_loop.deliveries.get(id), SENT, advances_window=True
        )
        [listed] = await delivery_loop.listed()
        assert listed.subscription.since == june(2) and await delivery_loop.outcome(1, timestamp(2)) == "sent"
