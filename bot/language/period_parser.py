"""The words of a period, such as `last month`, `Q1 2025` or `2024-01..2024-06`, read into a `Period`.

What is nearly a period gets a correction. `last …` are whole calendar weeks, months and so on, except for
`last N days`, which end yesterday.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

from bot.language.periods import ALL_TIME, ONE_DAY, Period, end_of_month, months_before
from bot.language.tokens import InvalidArgument
from bot.text import MONTHS, formatted_day

# The words of a period's label: `1 Jan 2025 – 31 Dec 2025, so far`
MAX_PERIOD_WORDS = 9
_FULL_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_EARLIEST_YEAR = 1900

_LAST_UNITS = re.compile(r"last ([0-9]+)(?: ([a-z]+))?", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_QUARTER = re.compile(r"(?:q([0-9])[ -]?([0-9]{4})|([0-9]{4})[ -]?q([0-9]))", re.IGNORECASE)
_NAMED_MONTH = re.compile(r"([a-z]{3,9}) ([0-9]{4})", re.IGNORECASE)
_RANGE = re.compile(r"([0-9][0-9-]*) ?(?:\.\.+|…) ?([0-9][0-9-]*)")
_LABEL = re.compile(
    r"([0-9]{1,2}) ([a-z]{3}) ([0-9]{4})(?: [-–] ([0-9]{1,2}) ([a-z]{3}) ([0-9]{4})(?:, ?so far)?|, ?so far)",
    re.IGNORECASE,
)


def leading_period(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Return the longest period that a list of words begins with, and how many words it takes.

    Raises InvalidArgument if there is none but a near miss: a thirteenth month, an end before its start, the
    future, no days.
    """
    near_miss: InvalidArgument | None = None
    for length in range(min(len(words), MAX_PERIOD_WORDS), 0, -1):
        phrase = " ".join(words[:length]).rstrip(",;")
        for parse in _PARSERS:
            try:
                period = parse(phrase, today)
            except InvalidArgument as error:
                near_miss = near_miss or error
                continue
            if period:
                return period, length
    if near_miss:
        raise near_miss
    return None


def _until_today(phrase: str, start: date, end: date, today: date) -> Period:
    """Return the period, ending today if it is not over.

    Raises InvalidArgument if it has not begun, ends before it starts, or is long before Figshare.
    """
    if start > today:
        raise InvalidArgument(
            phrase, f"that is in the future; today is {formatted_day(today)}", f"{today.year - 1}"
        )
    if end < start:
        reversed_range = "..".join(reversed(re.split(r" ?(?:\.\.+|…) ?", phrase)))
        example = reversed_range if reversed_range != phrase else f"{end}..{start}"
        raise InvalidArgument(phrase, "it ends before it starts", example)
    if start.year < _EARLIEST_YEAR:
        raise InvalidArgument(phrase, "that is long before Figshare", "since 2012-01-01")
    return Period(start, min(end, today), so_far=end >= today)


def _all_time(phrase: str, today: date) -> Period | None:
    return ALL_TIME if phrase.lower() == "all time" else None


def _relative(phrase: str, today: date) -> Period | None:
    """Read `today`, `yesterday`, `this month`, `last week` and the like."""
    match phrase.lower().split():
        case ["today"]:
            return Period(today, today, so_far=True)
        case ["yesterday"]:
            return Period(today - ONE_DAY, today - ONE_DAY)
        case ["this", unit] if unit in _UNIT_STARTS:
            return Period(_UNIT_STARTS[unit](today), today, so_far=True)
        case ["last", unit] if unit in _UNIT_STARTS:
            return _last_units(f"last 1 {unit}", today)
    return None


_UNIT_STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * ONE_DAY,
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
}


def _last_units(phrase: str, today: date) -> Period | None:
    """Read `last 30 days`, `last 6 months`: whole ones, so that none of the counts is still growing."""
    match = _LAST_UNITS.fullmatch(phrase)
    if not match:
        return None
    # Six digits lead back to before Figshare already, and `int` refuses thousands of them.
    count, unit = int(match[1][:6]), (match[2] or "").lower().removesuffix("s")
    if unit not in _UNIT_STARTS:
        raise InvalidArgument(phrase, "days, weeks, months or years?", f"last {count or 30} days")
    if count == 0:
        raise InvalidArgument(phrase, "it has to be at least 1", f"last 30 {unit}s")
    end = _UNIT_STARTS[unit](today) - ONE_DAY
    if unit in ("day", "week"):
        length = min(count * (7 if unit == "week" else 1), end.toordinal())
        start = end - (length - 1) * ONE_DAY
    else:
        start = months_before(end + ONE_DAY, count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return _until_today(phrase, start, end, today)


def _since(phrase: str, today: date) -> Period | None:
    if phrase.strip().lower() == "since":
        raise InvalidArgument("since", "since when?", "since 2024-06-01")
    word, _, day = phrase.partition(" ")
    if word.lower() != "since":
        return None
    first = _calendar(day, today) or _relative(day, today)
    if not first and " " not in day:
        raise InvalidArgument(phrase, "I can't read that as a date", "since 2024-06-01")
    if not first or not first.start:
        return None
    return _until_today(phrase, first.start, today, today)


def _range(phrase: str, today: date) -> Period | None:
    """Read `2024-01..2024-06`, from the first day of the one to the last day of the other."""
    match = _RANGE.fullmatch(phrase)
    if not match:
        if ".." in phrase and re.fullmatch(r"[0-9. -]*", phrase) and re.search("[0-9]{4}", phrase):
            raise InvalidArgument(phrase, "a period has two ends", "2024-01..2024-06")
        return None
    first, last = _iso_days(match[1]), _iso_days(match[2])
    if not first or not last:
        raise InvalidArgument(phrase, "both ends have to be a year, a month or a day", "2024-01..2024-06")
    return _until_today(phrase, first[0], last[1], today)


def _label(phrase: str, today: date) -> Period | None:
    """Read the label of a period, pasted from an answer: `1 Jan 2025 – 31 Dec 2025`."""
    match = _LABEL.fullmatch(phrase)
    if not match:
        return None
    first = match.groups()[:3]
    last = match.groups()[3:] if match[4] else first
    months = [month.lower() for month in MONTHS]
    try:
        start, end = (
            date(int(year), months.index(month.lower()) + 1, int(day)) for day, month, year in (first, last)
        )
    except ValueError:
        raise InvalidArgument(phrase, "there is no such day", "2025-01-01..2025-12-31") from None
    return _until_today(phrase, start, end, today)


def _calendar(phrase: str, today: date) -> Period | None:
    """Read a year, a quarter, a month or a day of the calendar."""
    days = _iso_days(phrase) or _quarter_days(phrase) or _named_month_days(phrase)
    return _until_today(phrase, *days, today) if days else None


_PARSERS = (_all_time, _relative, _last_units, _since, _range, _label, _calendar)


def _iso_days(text: str) -> tuple[date, date] | None:
    """Return the first and last day of `2025`, `2025-03` or `2025-03-14`."""
    match = _ISO.fullmatch(text)
    if not match or (not match[2] and not 1990 <= int(match[1]) <= 2099):
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError:
        unit = "day" if 1 <= month <= 12 else "month"
        raise InvalidArgument(text, f"there is no such {unit}", "2025-03") from None
    if match[3]:
        return first, first
    return first, end_of_month(year, month) if match[2] else date(year, 12, 31)


def _quarter_days(phrase: str) -> tuple[date, date] | None:
    if re.fullmatch("q[0-9]", phrase, re.IGNORECASE):
        raise InvalidArgument(phrase, "of which year?", f"{phrase.upper()} 2025")
    match = _QUARTER.fullmatch(phrase)
    if not match:
        return None
    quarter, year = int(match[1] or match[4]), int(match[2] or match[3])
    if not 1 <= quarter <= 4 or year == 0:
        raise InvalidArgument(phrase, "a year has four quarters", f"Q1 {max(year, _EARLIEST_YEAR)}")
    return date(year, quarter * 3 - 2, 1), end_of_month(year, quarter * 3)


def _named_month_days(phrase: str) -> tuple[date, date] | None:
    match = _NAMED_MONTH.fullmatch(phrase)
    name = match[1].lower() if match else ""
    names = [month for month in _FULL_MONTHS if name in (month, month[:3])]
    if not match or not names or int(match[2]) == 0:
        return None
    year, month = int(match[2]), _FULL_MONTHS.index(names[0]) + 1
    return date(year, month, 1), end_of_month(year, month)
