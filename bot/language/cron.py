"""Cron lines that mean at most one moment a day, brought into one spelling."""

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from bot.language.schedules import DAY_NAMES, QUARTER_ENDS, QUARTER_STARTS
from bot.language.tokens import InvalidArgument

ONCE_A_DAY = "Figshare counts by day, so a digest comes at most once a day"
_DAY_NUMBERS = {name[:3].upper(): str(number) for number, name in enumerate(DAY_NAMES)}
# CronSim reads digits by `int`, which takes those of other scripts and refuses thousands of them.
_LARGE_NUMBER = re.compile(r"[0-9]{5}")
_WEEKDAYS = re.compile("[0-7](,[0-7])*")
# The months that a quarterly or yearly schedule has, and their spelling.
_MONTHS = {
    frozenset({1, 4, 7, 10}): QUARTER_STARTS,
    frozenset({3, 6, 9, 12}): QUARTER_ENDS,
    frozenset({1}): "1",
    frozenset({12}): "12",
}


def canonical_cron(cron: str) -> str:
    """Return the one spelling of a cron line that means at most one moment a day.

    Two lines for the same moments have to be equal, so that a digest is not subscribed to twice: `09` and
    `9`, `*/60` and `0`, `MON` and `1`, `7` and `0`. A sixth word, `even` or `odd`, makes weekdays come every
    2 weeks.
    Raises InvalidArgument for any other line.
    """
    line = " ".join(cron.upper().split())
    line, parity = _without_parity(line)
    try:
        if line.count(" ") != 4:
            raise CronSimError("it needs five fields")
        if _LARGE_NUMBER.search(line) or not line.isascii():
            raise CronSimError("a number is too large")
        moments = CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
        next(moments)
    except (CronSimError, StopIteration) as error:
        raise InvalidArgument(
            cron, f"not a valid cron expression ({str(error) or 'it never matches'})", 'cron "0 9 * * 1-5"'
        ) from None
    if len(moments.hours) != 1 or len(moments.minutes) != 1:
        raise InvalidArgument(cron, ONCE_A_DAY, 'cron "0 9 * * 1-5"')
    *_, day, month, weekday = line.split()
    weekday = re.sub("|".join(_DAY_NUMBERS), lambda name: _DAY_NUMBERS[name[0]], weekday)
    day = str(int(day)) if day.isdigit() else day
    if _WEEKDAYS.fullmatch(weekday):
        weekday = ",".join(sorted({str(int(number) % 7) for number in weekday.split(",")}))
    if parity and ((day, month) != ("*", "*") or not _WEEKDAYS.fullmatch(weekday)):
        raise InvalidArgument(cron, "every 2 weeks goes with days of the week", f'cron "0 9 * * 1 {parity}"')
    month = _MONTHS.get(frozenset(moments.months), month)
    fields = [str(*moments.minutes), str(*moments.hours), day, month, weekday, parity]
    return " ".join(filter(None, fields))


def _without_parity(line: str) -> tuple[str, str]:
    """Return a line in capitals without the word for every 2 weeks, and that word."""
    fields, _, last = line.rpartition(" ")
    return (fields, last.lower()) if last in ("EVEN", "ODD") else (line, "")
