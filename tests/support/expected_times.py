"""The moments at which clocks on the wall show a time, worked out without the bot's code."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


class ExpectedTimes(NamedTuple):
    """A cron line, and what it means: a time of day, and on which days."""

    cron: str
    time_of_day: time
    is_on: Callable[[date], bool] = lambda day: True


@cache
def time_zone(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def is_last(day: date) -> bool:
    return (day + _DAY).day == 1


def moment(zone: str, day: date, time_of_day: time) -> float:
    """Return when it is this time on this day: the first time, or the next minute that there is."""
    wall, tzinfo = datetime.combine(day, time_of_day), time_zone(zone)
    while wall.replace(tzinfo=tzinfo).astimezone(UTC).astimezone(tzinfo).replace(tzinfo=None) != wall:
        wall += _MINUTE
    return wall.replace(tzinfo=tzinfo, fold=0).timestamp()


def occurrences(zone: str, expected: ExpectedTimes, begin: float, end: float) -> Iterator[float]:
    """Yield every occurrence after `begin` until `end`."""
    first, last = (datetime.fromtimestamp(each, UTC).date() for each in (begin, end))
    for number in range((last - first).days + 3):
        day = first + (number - 1) * _DAY
        if expected.is_on(day) and begin < (occurrence := moment(zone, day, expected.time_of_day)) <= end:
            yield occurrence


@cache
def changes(zone: str, year: int) -> list[float]:
    """Return the moments of a year at which a zone's clocks are changed, once a day at most."""
    tzinfo, day = time_zone(zone), datetime(year, 1, 1, tzinfo=UTC)
    moments = []

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(tzinfo).utcoffset()

    while day.year == year:
        if offset(day) != offset(day + _DAY):
            halves = (day + half * timedelta(minutes=30) for half in range(1, 49))
            moments.append(next(half.timestamp() for half in halves if offset(half) != offset(day)))
        day += _DAY
    return moments
