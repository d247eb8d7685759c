"""After a night of downtime, or with a wrong clock: late once, never twice, nothing lost for ever."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.bot.digests.sent import sending
from tests.bot.test_store import file, schema, url  # noqa: F401

HOUR, DAY = 3_600.0, 86_400.0
MISSED = "missed: I was not running"


def at(day, hour=9, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC).timestamp()


def june(day):
    return date(2026, 6, day)


@pytest.fixture
async def world():
    """Give a daily digest at nine whose last one came on the third of June."""
    async with sending(at(1, 12)) as opened:
        await opened.subscribe("0 9 * * *")
        for day in (2, 3):
            [came] = await opened.come(at(day))
            assert came.slot == came.at == at(day)
        opened.came.clear()
        yield opened


def told(world):
    """Give each digest's slot, when it came, and its days."""
    return [(each.slot, each.at, each.first_day, each.last_day) for each in world.came]


async def run(world, begin, end):
    """Let time pass, from one full hour to the next."""
    moment = begin
    while moment <= end:
        await world.come(moment)
        moment = moment // HOUR * HOUR + HOUR


async def test_after_a_night_of_downtime_one_digest_comes_late(world):
    await run(world, at(4, 13), at(4, 23))
    assert told(world) == [(at(4), at(4, 13), june(3), june(3))]
    await run(world, at(5, 8), at(5, 10))
    assert told(world)[1:] == [(at(5), at(5), june(4), june(4))]


async def test_after_three_days_of_downtime_one_comes_and_counts_them_all(world):
    await run(world, at(6, 12), at(7, 8))
    assert told(world) == [(at(6), at(6, 12), june(3), june(5))]
    assert await world.outcome(1, at(4)) is None and await world.outcome(1, at(5)) is None


async def test_what_is_older_than_half_a_day_does_not_come_and_the_next_counts_its_days(world):
    await run(world, at(6, 21, 1), at(7, 8))
    assert told(world) == [] and await world.outcome(1, at(6)) == MISSED
    await run(world, at(7, 8, 30), at(7, 12))
    assert told(world) == [(at(7), at(7), june(3), june(6))]


async def test_half_a_day_late_to_the_second_it_still_comes(world):
    await world.come(at(4, 21))
    assert told(world) == [(at(4), at(4, 21), june(3), june(3))]


async def test_a_week_of_downtime_leaves_no_backlog(world):
    for number in range(29):
        await world.subscribe("0 9 * * *", what=str(number))
    came = await world.come(at(11, 10))
    assert len(came) == len({each.subscription for each in came}) == 30
    assert {each.slot for each in came} == {at(11)}
    await run(world, at(11, 10), at(12, 8))
    assert len(world.came) == 30


async def test_a_weekly_one_that_was_missed_is_counted_a_week_later():
    async with sending(at(1, 12)) as world:
        await world.subscribe("0 9 * * 1")
        await world.come(at(8, 22))
        assert world.came == [] and await world.outcome(1, at(8)) == MISSED
        await run(world, at(8, 23), at(15))
        assert told(world) == [(at(15), at(15), june(1), june(14))]


@pytest.mark.parametrize("back", [HOUR, DAY, 3 * DAY])
async def test_a_clock_that_is_put_back_sends_nothing_twice_and_goes_on_when_it_is_right(world, back):
    await world.come(at(4))
    await run(world, at(4) - back, at(5, 8))
    assert told(world) == [(at(4), at(4), june(3), june(3))]
    await run(world, at(5), at(6))
    assert told(world)[1:] == [(at(day), at(day), june(day - 1), june(day - 1)) for day in (5, 6)]


async def test_a_clock_that_is_put_back_before_a_digest_came_lets_it_come_at_its_time(world):
    await world.come(at(4) - 20)
    assert world.came == []
    await run(world, at(4) - DAY, at(5))
    assert told(world) == [(at(day), at(day), june(day - 1), june(day - 1)) for day in (4, 5)]


async def test_put_back_while_somebody_looked_and_was_killed_it_comes_when_the_clock_is_there_again(world):
    world.clock.now = at(4)
    await world.ledger.expand(world.rate, at(4))
    assert len(await world.ledger.take(at(4))) == 1
    await run(world, at(4) - DAY, at(4, 11))
    [(slot, came, *days)] = told(world)
    assert (slot, days) == (at(4), [june(3)] * 2) and came <= at(4, 10)


async def test_a_clock_that_runs_ahead_for_a_day_sends_one_and_goes_on(world):
    await world.come(at(4))
    await run(world, at(5, 9, 30), at(7))
    assert told(world)[1:] == [
        (at(5), at(5, 9, 30), june(4), june(4)),
        *((at(day), at(day), june(day - 1), june(day - 1)) for day in (6, 7)),
    ]


async def test_a_clock_that_ran_ahead_for_a_moment_costs_no_more_than_the_days_it_was_ahead(world):
    await world.come(at(4))
    await world.come(at(5, 9, 30))
    await run(world, at(4, 9, 30), at(8))
    slots = [each.slot for each in world.came]
    assert slots == [at(4), at(5), at(6), at(7), at(8)]
    assert [each.first_day for each in world.came] == [june(day) for day in (3, 4, 5, 6, 7)]


async def test_a_clock_that_was_a_year_ahead_for_a_moment_keeps_no_digest_back_for_a_year(world):
    await world.subscribe("0 9 1 * *", what="9784012")
    await world.come(at(4) + 365 * DAY)
    world.came.clear()
    world.clock.now = at(4, 10)
    await world.ledger.clean()
    await run(world, at(4, 10), at(30) + DAY)
    days = [each for each in world.came if each.subscription == 1]
    assert [each.slot for each in days] == [at(5) + day * DAY for day in range(27)]
    # The fourth was not over when the clock was ahead.
    assert [each.first_day.day for each in days[:3]] == [4, 5, 6]
    [monthly] = [each for each in world.came if each.subscription == 2]
    assert monthly.slot == at(30) + DAY and monthly.first_day == june(1)


async def test_what_a_clock_that_was_ahead_had_begun_comes_at_its_own_time(world):
    ahead = at(14)
    world.clock.now = ahead
    await world.ledger.expand(world.rate, ahead)
    # Killed while it looked.
    assert len(await world.ledger.take(ahead)) == 1
    world.clock.now = at(3, 10)
    await world.ledger.clean()
    await run(world, at(3, 10), at(15))
    assert [each.slot for each in world.came] == [at(day) for day in range(4, 16)]
    assert [each.first_day for each in world.came] == [june(day) for day in range(3, 15)]


@pytest.mark.parametrize("moment", [at(4, 8, 59), at(4), at(4, 9, 30), at(4, 23)])
async def test_where_no_clock_was_wrong_nothing_is_mended(world, moment):
    for cron in ("0 9 * * *", "0 9 29 2 *", "0 9 1 * *", "0 15 * * 3"):
        await world.subscribe(cron, what=cron)
    world.clock.now = moment
    await world.ledger.expand(world.rate, moment)
    before = await world.listed()
    await world.ledger.clean()
    assert await world.listed() == before


FULL = """
CREATE TRIGGER full BEFORE UPDATE OF since ON subscription BEGIN SELECT RAISE(ABORT, 'disk full'); END
"""


async def test_what_is_closed_and_where_the_next_begins_are_noted_together_or_not_at_all(world):
    async with world.store.engine.begin() as connection:
        await connection.execute(text(FULL))
    with pytest.raises(IntegrityError):
        await world.come(at(4))
    assert await world.outcome(1, at(4)) == ""
    async with world.store.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    await world.come(at(4, 10))
    await world.come(at(5))
    assert [each.first_day for each in world.came] == [june(3), june(4)]


async def test_who_was_overtaken_closes_nothing_and_counts_nothing(url):  # noqa: F811
    async with sending(at(1, 12), url=url) as world:
        await world.subscribe("0 9 * * *")
        world.clock.now = at(2)
        await world.ledger.expand(world.rate, at(2))
        [(id, _, _)] = await world.ledger.take(at(2))
        slow = await world.ledger.delivery(id)
        [(_, number, _)] = await world.ledger.take(at(2, 10))
        assert number == 2 and not await world.ledger.end(slow, "sent", counted=True)
        [listed] = await world.listed()
        assert listed.subscription.since == june(1) and await world.outcome(1, at(2)) == ""
        assert await world.ledger.end(await world.ledger.delivery(id), "sent", counted=True)
        [listed] = await world.listed()
        assert listed.subscription.since == june(2) and await world.outcome(1, at(2)) == "sent"
