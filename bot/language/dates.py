"""Days, months, quarters and years as people write them: `29 Feb 2024`, `2025/03`, `Q1 2025`, `FY2025`."""

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from bot.language.tokens import InvalidArgument
from bot.text import formatted_day

MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
# `29th of February 2024`
_MAX_WORDS = 4
ONE_DAY = timedelta(days=1)
_MONTH_NUMBERS = {
    **{name: number for number, name in enumerate(MONTH_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)},
    "sept": 9,
}
_ISO = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?|\.([0-9]{2})\.([0-9]{2}))?")
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_ORDINAL = "([0-9]{1,2})(?:st|nd|rd|th)?"
_DAY_FIRST = re.compile(rf"{_ORDINAL}(?: of)?[ -]([a-z]{{3,9}})\.?[ -]([0-9]{{4}})")
_MONTH_FIRST = re.compile(rf"([a-z]{{3,9}})\.? {_ORDINAL} ([0-9]{{4}})")
_MONTH = re.compile(r"([a-z]{3,9})\.?[ -]([0-9]{4})|([0-9]{4})[ -]([a-z]{3,9})\.?")
_QUARTER = re.compile(r"q([0-9])[ -]?([0-9]{4})|([0-9]{4})[ -]?q([0-9])")
# The year of an institution, `2024/25`, and the same by the year in which it ends, `FY2025`.
_TWO_YEARS = re.compile(
    r"(?:(academic|financial|fiscal) year |(fy) ?)?((?:19|20)[0-9]{2})[/-]((?:19|20)?[0-9]{2})"
)
_FISCAL_YEAR = re.compile(r"(?:fy ?|(?:financial|fiscal) year )(?:(20|19)?([0-9]{2}))")

# The month and the day on which the year of an institution begins.
YearStart = tuple[int, int]


class Dates(NamedTuple):
    """The first and last day that some words mean, and how many words that is."""

    first: date
    last: date
    length: int


def leading_dates(words: Sequence[str], year_start: YearStart | None) -> Dates | None:
    """Return the longest day, month, quarter or year that a list of words begins with.

    Raises InvalidArgument for a day that doesn't exist, for one that may be two, and for the year of an
    institution where it isn't known when that begins.
    """
    for length in range(min(len(words), _MAX_WORDS), 0, -1):
        phrase = " ".join(words[:length])
        if days := _dates(phrase, year_start):
            return Dates(*days, length)
    return None


def month_number(word: str) -> int | None:
    """Return the number of the month that a word names."""
    return _MONTH_NUMBERS.get(word.lower().removesuffix("."))


def end_of_month(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _dates(phrase: str, year_start: YearStart | None) -> tuple[date, date] | None:
    lower = phrase.lower()
    if days := _institution_year(phrase, lower, year_start):
        return days
    if match := _ISO.fullmatch(lower):
        return _iso(phrase, match)
    if match := _NUMERIC.fullmatch(lower):
        day = _numeric(phrase, match)
        return day, day
    if match := _DAY_FIRST.fullmatch(lower):
        return _named_day(phrase, match[1], match[2], match[3])
    if match := _MONTH_FIRST.fullmatch(lower):
        return _named_day(phrase, match[2], match[1], match[3])
    if match := _MONTH.fullmatch(lower):
        year, month = int(match[2] or match[3]), month_number(match[1] or match[4])
        return (date(year, month, 1), end_of_month(year, month)) if year and month else None
    return _quarter(phrase, lower)


def _iso(phrase: str, match: re.Match[str]) -> tuple[date, date] | None:
    year, month, day = int(match[1]), match[2] or match[4], match[3] or match[5]
    if not month:
        return (date(year, 1, 1), date(year, 12, 31)) if 1990 <= year <= 2099 else None
    if not 1 <= int(month) <= 12 or not year:
        raise InvalidArgument(phrase, "there is no such month", "2025-03")
    if not day:
        return date(year, int(month), 1), end_of_month(year, int(month))
    only = _existing_day(phrase, year, int(month), int(day))
    return only, only


def _named_day(phrase: str, day: str, name: str, year: str) -> tuple[date, date] | None:
    month = month_number(name)
    if not month or not int(year):
        return None
    only = _existing_day(phrase, int(year), month, int(day))
    return only, only


def _existing_day(phrase: str, year: int, month: int, day: int) -> date:
    last = end_of_month(year, month)
    if not 1 <= day <= last.day:
        raise InvalidArgument(
            phrase, "there is no such day", formatted_day(last if day else last.replace(day=1))
        )
    return date(year, month, day)


def _numeric(phrase: str, match: re.Match[str]) -> date:
    """Read `14/03/2024`; raises InvalidArgument for `01/02/2024`, which may be two days."""
    first, second, year = int(match[1]), int(match[3]), int(match[4]) + (2000 if len(match[4]) == 2 else 0)
    # With dots between them the day is first.
    orders = [(first, second)] if match[2] == "." else [(first, second), (second, first)]
    days = {
        date(year, month, day): None
        for day, month in orders
        if year and 1 <= month <= 12 and 1 <= day <= end_of_month(year, month).day
    }
    if not days:
        raise InvalidArgument(phrase, "there is no such day", f"1 Jan {year}" if year else "1 Jan 2025")
    if len(days) > 1:
        raise InvalidArgument(phrase, "that can mean two days", *map(formatted_day, days))
    if len(match[4]) == 2:
        raise InvalidArgument(phrase, "of which year?", *map(formatted_day, days))
    return next(iter(days))


def _quarter(phrase: str, lower: str) -> tuple[date, date] | None:
    if re.fullmatch("q[1-4]", lower):
        raise InvalidArgument(phrase, "of which year?", f"{phrase.upper()} 2025")
    match = _QUARTER.fullmatch(lower)
    if not match:
        return None
    quarter, year = int(match[1] or match[4]), int(match[2] or match[3])
    if not 1 <= quarter <= 4 or year == 0:
        raise InvalidArgument(
            phrase, "a year has four quarters", f"Q1 {year if 1990 <= year <= 2099 else 2025}"
        )
    return date(year, quarter * 3 - 2, 1), end_of_month(year, quarter * 3)


def _institution_year(phrase: str, lower: str, year_start: YearStart | None) -> tuple[date, date] | None:
    """Read `2024/25`, `academic year 2024/25` and `FY2025`, the same year by the one in which it ends."""
    if match := _FISCAL_YEAR.fullmatch(lower):
        ends_in = int(f"{match[1] or 20}{match[2]}")
    elif match := _TWO_YEARS.fullmatch(lower):
        is_named = bool(match[1] or match[2])
        ends_in = int(match[3]) + 1
        is_next_year = ends_in in (int(match[4]), int(f"{ends_in // 100}{match[4]:>02}"))
        is_month = len(match[4]) == 2 and 1 <= int(match[4]) <= 12
        is_range = "-" in lower or not is_next_year
        if is_named and not is_next_year:
            raise InvalidArgument(phrase, "that isn't two years in a row", f"{match[3]}/{ends_in % 100:02}")
        if not is_named and (is_range or (is_month and not year_start)):
            return None
        if not is_named and is_month:
            month = f"{match[3]}-{match[4]}"
            raise InvalidArgument(phrase, "that can be a month or a year", f"FY{ends_in}", month)
    else:
        return None
    if year_start is None:
        reason = "I don't know when that year begins: FIGSHARE_YEAR_START isn't set"
        raise InvalidArgument(phrase, reason, f"{ends_in - 1}", f"{ends_in}")
    begins_in = ends_in if year_start == (1, 1) else ends_in - 1
    return _year_from(begins_in, year_start), _year_from(begins_in + 1, year_start) - ONE_DAY


def _year_from(year: int, year_start: YearStart) -> date:
    month, day = year_start
    return date(year, month, min(day, end_of_month(year, month).day))
