"""Periods of whole days, and the steps in which a chart shows them.

Days are Figshare's days, while `today` is that of the person who asks. Weeks are Monday to Sunday. A period
that is not over ends today and says "so far".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.language.dates import ONE_DAY, end_of_month
from bot.language.tokens import InvalidArgument
from bot.text import formatted_day

ChartStep = Literal["day", "month", "year"]

# A chart with more points can't be read, and Slack takes no more.
MAX_CHART_POINTS = 20


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included (None: all time); `so_far` if the last day is not over."""

    start: date | None
    end: date | None
    so_far: bool = False

    @property
    def label(self) -> str:
        """Return both ends, written for people."""
        if self.start is None or self.end is None:
            return "all time"
        ends = formatted_day(self.start)
        if self.end != self.start:
            ends += f" – {formatted_day(self.end)}"
        return f"{ends}, so far" if self.so_far else ends

    @property
    def command_words(self) -> str:
        """Return the words that a command reads as this period on the same day."""
        if self.start is None or self.end is None:
            return "all time"
        first, last = self.start, self.end
        if first == last:
            return first.isoformat()
        if (first.day, last) == (1, end_of_month(first.year, first.month)):
            return first.isoformat()[:7]
        if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)) and 1990 <= first.year <= 2099:
            return f"{first.year}"
        return f"{first.isoformat()}..{last.isoformat()}"

    @property
    def days(self) -> int | None:
        """Return the number of days; None for all time."""
        return (self.end - self.start).days + 1 if self.start and self.end else None


ALL_TIME = Period(None, None)


def last_whole_months(count: int, today: date) -> Period:
    """Return the period of the `count` calendar months before the month of today."""
    this_month = today.replace(day=1)
    return Period(months_before(this_month, count), this_month - ONE_DAY)


def chart_step(period: Period, wanted: str | None) -> ChartStep:
    """Return the finest step of a chart with at most MAX_CHART_POINTS points, not finer than `wanted`.

    Raises InvalidArgument if `wanted` is not day, month or year.
    """
    scale: tuple[ChartStep, ...] = ("day", "month", "year")
    if wanted is not None and wanted not in scale:
        raise InvalidArgument(wanted, "a timeline goes by day, month or year", "by month")
    for step in scale[scale.index(wanted) if wanted else 0 :]:
        if period.start and period.end and _step_count(period.start, period.end, step) <= MAX_CHART_POINTS:
            return step
    return "year"


def bucket_keys(period: Period, step: ChartStep) -> list[str]:
    """Return the keys of Figshare's counts in a period: `2025`, `2025-01` or `2025-01-31`."""
    return list(_bucket_keys(period.start, period.end, step)) if period.start and period.end else []


def _bucket_keys(start: date, end: date, step: ChartStep) -> Iterator[str]:
    count = _step_count(start, end, step)
    if step == "day":
        yield from ((start + number * ONE_DAY).isoformat() for number in range(count))
    elif step == "month":
        for number in range(count):
            years, month = divmod(start.month - 1 + number, 12)
            yield f"{start.year + years:04}-{month + 1:02}"
    else:
        yield from (f"{start.year + number:04}" for number in range(count))


def _step_count(start: date, end: date, step: ChartStep) -> int:
    if step == "day":
        return (end - start).days + 1
    years = end.year - start.year
    return years + 1 if step == "year" else years * 12 + end.month - start.month + 1


def months_before(day: date, count: int) -> date:
    """Return the first day of the month `count` months before one; not before the year 1."""
    months = max(day.year * 12 + day.month - 1 - count, 12)
    return date(months // 12, months % 12 + 1, 1)
