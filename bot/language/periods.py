"""Two dates for "last month", "Q1 2025" or "2024-01..2024-06", and what would have worked for nearly that.

Days are Figshare's days; today is the asker's. Weeks are Monday to Sunday; `last …` are whole calendar ones,
but `last N days`, which end yesterday. A period that is not over ends today and says "so far".
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.language.tokens import InvalidArgument
from bot.text import MONTHS

Granularity = Literal["day", "month", "year"]

# more than that can't be read in a chart, nor be sent in one
POINTS = 20
# words of a period: `1 Jan 2025 – 31 Dec 2025, so far`
LONGEST = 9
_FULL_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAY = timedelta(days=1)
_EARLIEST = 1900

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_QUARTER = re.compile(r"(?:q([0-9])[ -]?([0-9]{4})|([0-9]{4})[ -]?q([0-9]))", re.IGNORECASE)
_NAMED_MONTH = re.compile(r"([a-z]{3,9}) ([0-9]{4})", re.IGNORECASE)
_RANGE = re.compile(r"([0-9][0-9-]*) ?(?:\.\.+|…) ?([0-9][0-9-]*)")
_LABEL = re.compile(
    r"([0-9]{1,2}) ([a-z]{3}) ([0-9]{4})(?: [-–] ([0-9]{1,2}) ([a-z]{3}) ([0-9]{4})(?:, ?so far)?|, ?so far)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included (None: all time); `so_far` if the last is not over."""

    start: date | None
    end: date | None
    so_far: bool = False

    @property
    def label(self) -> str:
        """Write both ends out, for people."""
        if self.start is None or self.end is None:
            return "all time"
        ends = _written(self.start)
        if self.end != self.start:
            ends += f" – {_written(self.end)}"
        return f"{ends}, so far" if self.so_far else ends

    @property
    def words(self) -> str:
        """Write it as `said` reads it, on the same day."""
        if self.start is None or self.end is None:
            return "all time"
        first, last = self.start, self.end
        if first == last:
            return first.isoformat()
        if (first.day, last) == (1, _month_end(first.year, first.month)):
            return first.isoformat()[:7]
        if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)) and 1990 <= first.year <= 2099:
            return f"{first.year}"
        return f"{first.isoformat()}..{last.isoformat()}"

    @property
    def days(self) -> int | None:
        """Count the days; None for all time."""
        return (self.end - self.start).days + 1 if self.start and self.end else None


ALL_TIME = Period(None, None)


def said(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Read the longest period a list of words starts with, and say how many words it took.

    Raises InvalidArgument for what is nearly one: a thirteenth month, an end before its start, the future,
    no days.
    """
    wrong: InvalidArgument | None = None
    for length in range(min(len(words), LONGEST), 0, -1):
        phrase = " ".join(words[:length]).rstrip(",;")
        for read in (_all_time, _relative, _last, _since, _range, _as_labelled, _calendar):
            try:
                found = read(phrase, today)
            except InvalidArgument as problem:
                wrong = wrong or problem
                continue
            if found:
                return found, length
    if wrong:
        raise wrong
    return None


def last_whole_months(n: int, today: date) -> Period:
    """Give the `n` calendar months before the month of today."""
    end = today.replace(day=1) - _DAY
    return Period(_months_before(today.replace(day=1), n), end)


def granularity(period: Period, asked: str | None) -> Granularity:
    """Give the steps of a chart: the finest, or the one asked for, that needs at most 20 points.

    Raises InvalidArgument if what was asked for is not day, month or year.
    """
    scale: tuple[Granularity, ...] = ("day", "month", "year")
    if asked is not None and asked not in scale:
        raise InvalidArgument(asked, "a timeline goes by day, month or year", "by month")
    for step in scale[scale.index(asked) if asked else 0 :]:
        if period.start and period.end and _count(period.start, period.end, step) <= POINTS:
            return step
    return "year"


def steps(period: Period, granularity: Granularity) -> list[str]:
    """List the keys Figshare gives its counts by (`2025`, `2025-01`, `2025-01-31`); none for all time."""
    return list(_keys(period.start, period.end, granularity)) if period.start and period.end else []


def _keys(start: date, end: date, step: Granularity) -> Iterator[str]:
    if step == "day":
        for n in range((end - start).days + 1):
            yield (start + n * _DAY).isoformat()
    elif step == "month":
        for n in range(_count(start, end, step)):
            year, month = divmod(start.month - 1 + n, 12)
            yield f"{start.year + year:04}-{month + 1:02}"
    else:
        yield from (f"{year:04}" for year in range(start.year, end.year + 1))


def _count(start: date, end: date, step: Granularity) -> int:
    if step == "day":
        return (end - start).days + 1
    years = end.year - start.year
    return years + 1 if step == "year" else years * 12 + end.month - start.month + 1


def _written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _months_before(first: date, n: int) -> date:
    """Give the first of the month `n` months before; not before the year 1."""
    months = max(first.year * 12 + first.month - 1 - n, 12)
    return date(months // 12, months % 12 + 1, 1)


def _until_today(phrase: str, start: date, end: date, today: date) -> Period:
    """Cut what is not over at today, and refuse what has not begun."""
    if start > today:
        raise InvalidArgument(
            phrase, f"that is in the future; today is {_written(today)}", f"{today.year - 1}"
        )
    if end < start:
        turned = "..".join(reversed(re.split(r" ?(?:\.\.+|…) ?", phrase)))
        example = turned if turned != phrase else f"{end}..{start}"
        raise InvalidArgument(phrase, "it ends before it starts", example)
    if start.year < _EARLIEST:
        raise InvalidArgument(phrase, "that is long before Figshare", "since 2012-01-01")
    return Period(start, min(end, today), so_far=end >= today)


def _all_time(phrase: str, today: date) -> Period | None:
    return ALL_TIME if phrase.lower() == "all time" else None


def _relative(phrase: str, today: date) -> Period | None:
    """Read `today`, `yesterday`, `this month`, `last week` and their like."""
    match phrase.lower().split():
        case ["today"]:
            return Period(today, today, so_far=True)
        case ["yesterday"]:
            return Period(today - _DAY, today - _DAY)
        case ["this", unit] if unit in _STARTS:
            return Period(_STARTS[unit](today), today, so_far=True)
        case ["last", unit] if unit in _STARTS:
            return _last(f"last 1 {unit}", today)
    return None


_STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * _DAY,
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
}


def _last(phrase: str, today: date) -> Period | None:
    """Read `last 30 days`, `last 6 months`: whole ones, so that none of it is still growing."""
    found = re.fullmatch(r"last ([0-9]+)(?: ([a-z]+))?", phrase, re.IGNORECASE)
    if not found:
        return None
    n, unit = int(found[1][:6]), (found[2] or "").lower().removesuffix("s")
    if unit not in _STARTS:
        raise InvalidArgument(phrase, "days, weeks, months or years?", f"last {n or 30} days")
    if n == 0:
        raise InvalidArgument(phrase, "there is nothing in none", f"last 30 {unit}s")
    end = _STARTS[unit](today) - _DAY
    if unit in ("day", "week"):
        length = min(n * (7 if unit == "week" else 1), end.toordinal())
        start = end - (length - 1) * _DAY
    else:
        start = _months_before(end + _DAY, n * {"month": 1, "quarter": 3, "year": 12}[unit])
    return _until_today(phrase, start, end, today)


def _since(phrase: str, today: date) -> Period | None:
    if phrase.strip().lower() == "since":
        raise InvalidArgument("since", "since when?", "since 2024-06-01")
    word, _, day = phrase.partition(" ")
    if word.lower() != "since":
        return None
    begun = _calendar(day, today) or _relative(day, today)
    if not begun and " " not in day:
        raise InvalidArgument(phrase, "that is not a day", "since 2024-06-01")
    if not begun or not begun.start:
        return None
    return _until_today(phrase, begun.start, today, today)


def _range(phrase: str, today: date) -> Period | None:
    """Read `2024-01..2024-06`, from the first day of the one to the last day of the other."""
    found = _RANGE.fullmatch(phrase)
    if not found:
        if ".." in phrase and re.fullmatch(r"[0-9. -]*", phrase) and re.search("[0-9]{4}", phrase):
            raise InvalidArgument(phrase, "a period has two ends", "2024-01..2024-06")
        return None
    ends = [_days(end) for end in found.groups()]
    if not ends[0] or not ends[1]:
        raise InvalidArgument(phrase, "both ends are a year, a month or a day", "2024-01..2024-06")
    return _until_today(phrase, ends[0][0], ends[1][1], today)


def _as_labelled(phrase: str, today: date) -> Period | None:
    """Read what an answer said, pasted back: `1 Jan 2025 – 31 Dec 2025`."""
    found = _LABEL.fullmatch(phrase)
    if not found:
        return None
    first = found.groups()[:3]
    last = found.groups()[3:] if found[4] else first
    short = [month.lower() for month in MONTHS]
    try:
        start, end = (date(int(y), short.index(m.lower()) + 1, int(d)) for d, m, y in (first, last))
    except ValueError:
        raise InvalidArgument(phrase, "there is no such day", "2025-01-01..2025-12-31") from None
    return _until_today(phrase, start, end, today)


def _calendar(phrase: str, today: date) -> Period | None:
    """Read a year, a quarter, a month or a day of the calendar."""
    days = _days(phrase) or _quarter(phrase) or _named_month(phrase)
    return _until_today(phrase, *days, today) if days else None


def _days(text: str) -> tuple[date, date] | None:
    """Read `2025`, `2025-03` or `2025-03-14` as a first and a last day."""
    found = _ISO.fullmatch(text)
    if not found or (not found[2] and not 1990 <= int(found[1]) <= 2099):
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError:
        what = "day" if 1 <= month <= 12 else "month"
        raise InvalidArgument(text, f"there is no such {what}", "2025-03") from None
    if found[3]:
        return first, first
    return first, _month_end(year, month) if found[2] else date(year, 12, 31)


def _quarter(phrase: str) -> tuple[date, date] | None:
    if re.fullmatch("q[0-9]", phrase, re.IGNORECASE):
        raise InvalidArgument(phrase, "of which year?", f"{phrase.upper()} 2025")
    found = _QUARTER.fullmatch(phrase)
    if not found:
        return None
    quarter, year = int(found[1] or found[4]), int(found[2] or found[3])
    if not 1 <= quarter <= 4 or year == 0:
        raise InvalidArgument(phrase, "a year has four quarters", f"Q1 {max(year, _EARLIEST)}")
    return date(year, quarter * 3 - 2, 1), _month_end(year, quarter * 3)


def _named_month(phrase: str) -> tuple[date, date] | None:
    found = _NAMED_MONTH.fullmatch(phrase)
    name = found[1].lower() if found else ""
    names = [month for month in _FULL_MONTHS if name in (month, month[:3])]
    if not found or not names or int(found[2]) == 0:
        return None
    year, month = int(found[2]), _FULL_MONTHS.index(names[0]) + 1
    return date(year, month, 1), _month_end(year, month)
