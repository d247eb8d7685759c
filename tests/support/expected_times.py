"""When clocks on the wall say something, worked out without the bot."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


class Wanted(NamedTuple):
    """A cron line, and what it means: a time of day, and on which days."""

    cron: str
    at: time
    on: Callable[[date], bool] = lambda day: True


@cache
def place(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def is_last(day: date) -> bool:
    return (day + _DAY).day == 1


def moment(zone: str, day: date, at: time) -> float:
    """Return when it is this time on this day: the first time, or the next minute that there is."""
    wall, there = datetime.combine(day, at), place(zone)
    while wall.replace(tzinfo=there).astimezone(UTC).astimezone(there).replace(tzinfo=None) != wall:
        wall += _MINUTE
    return wall.replace(tzinfo=there, fold=0).timestamp()


def slots(zone: str, wanted: Wanted, begin: float, end: float) -> Iterator[float]:
    """Return every slot after `begin` until `end`."""
    first, last = (datetime.fromtimestamp(each, UTC).date() for each in (begin, end))
    for number in range((last - first).days + 3):
        day = first + (number - 1) * _DAY
        if wanted.on(day) and begin < (found := moment(zone, day, wanted.at)) <= end:
            yield found


def changes(zone: str, year: int) -> list[float]:
    """Return the moments of a year at which a zone's clocks are changed."""
    there, at = place(zone), datetime(year, 1, 1, tzinfo=UTC)
    found = []
    while at.year == year:
        following = at + timedelta(minutes=30)
        if at.astimezone(there).utcoffset() != following.astimezone(there).utcoffset():
            found.append(following.timestamp())
        at = following
    return found
