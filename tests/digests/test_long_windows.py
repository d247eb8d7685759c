"""Digests of two weeks, quarters and years count whole ones, through every change of the clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.digest_clock import open_digest_clock
from tests.support.instant_delivery import open_instant_delivery

BEGIN = datetime(2026, 2, 11, 12, tzinfo=UTC).timestamp()
ZONES = ("UTC", "Europe/London", "America/New_York", "America/Santiago", "Asia/Tokyo")
DAY = timedelta(days=1)


async def windows(cron, zone, until):
    """Return the days that the digests of a schedule count, which are sent as they come due."""
    async with open_instant_delivery(BEGIN) as client:
        id = await client.subscribe(cron, zone)
        while client.clock.now < until.timestamp():
            subscription = await client.subscriptions.get(id)
            await client.advance_to(subscription.next_at)
    return [(digest.first_day, digest.last_day) for digest in client.sent]


@pytest.mark.parametrize("zone", ZONES)
async def test_quarterly_digests_count_whole_quarters(zone):
    until = datetime(2027, 12, 1, tzinfo=UTC)
    found = await windows("0 9 1 */3 *", zone, until)
    starts = [date(2026, month, 1) for month in (1, 4, 7, 10)] + [date(2027, m, 1) for m in (1, 4, 7, 10)]
    expected = [(first, following - DAY) for first, following in pairwise(starts)]
    assert found[: len(expected)] == expected


@pytest.mark.parametrize("zone", ZONES)
async def test_yearly_digests_count_whole_years(zone):
    found = await windows("0 9 1 1 *", zone, datetime(2028, 2, 1, tzinfo=UTC))
    assert found[:2] == [(date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027)]


@pytest.mark.parametrize("parity", ["even", "odd"])
@pytest.mark.parametrize("zone", ZONES)
async def test_digests_of_two_weeks_count_fourteen_days_each(zone, parity):
    found = await windows(f"0 9 * * 1 {parity}", zone, datetime(2026, 12, 1, tzinfo=UTC))
    assert len(found) > 18
    assert {last - first for first, last in found} == {13 * DAY}
    assert all(first.weekday() == 0 for first, _ in found)
    assert all(later[0] - earlier[1] == DAY for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("daily at 09:00 UTC", "24 Nov 2026"),
        ("weekly on monday at 09:00 UTC", "16–22 Nov 2026"),
        ("every 2 weeks on monday at 09:00 UTC", "2–15 Nov 2026"),
        ("monthly at 09:00 UTC", "1–31 Oct 2026"),
        ("quarterly at 09:00 UTC", "1 Jul – 30 Sep 2026"),
        ("yearly at 09:00 UTC", "1 Jan – 31 Dec 2025"),
        ("weekdays at 09:00 UTC", "24 Nov 2026"),
    ],
)
async def test_test_shows_the_last_whole_window_of_its_kind(words, days):
    async with open_digest_clock() as client:
        await client.say(f"subscribe 5616445 {words}")
        await client.say("send 1")
        [digest] = await client.send_due()
        assert digest.text.split("\n")[1].partition(", compared")[0] == days
        # it is the same a day later, though a day of the next window is over
        if "dai" not in words and "weekdays" not in words:
            client.clock.now += 86_400
            await client.say("send 1")
            [again] = await client.send_due()
            assert again.text.split("\n")[1].partition(", compared")[0] == days


async def test_zone_ahead_of_figshare_is_told_from_when_on_months_are_whole():
    async with open_digest_clock() as client:
        early = await client.say("subscribe 5616445 monthly at 09:00 Australia/Sydney")
        assert "isn't over at Figshare; from 11:00 on it is." in early.text
        late = await client.say("subscribe 9784012 monthly at 11:00 Australia/Sydney")
        assert "isn't over at Figshare" not in late.text and "1–30 Nov 2026" in late.text
