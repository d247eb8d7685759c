"""The days of a digest, as many days before them, and further back for its chart."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from bot.digests.report.facts import ComparedCount, DayCounts, ReportRow, Series
from bot.figshare.stats import CounterName
from bot.language import schedules

# One request gives the days of a year at most.
_MAX_BUCKETS, _MAX_TIMELINE_DAYS = 8, 365
_DAY = timedelta(days=1)
_COUNTERS: tuple[tuple[str, CounterName], ...] = (("Views", "views"), ("Downloads", "downloads"))
# Items that two authors or groups have in common would be counted twice.
_SUMMABLE_KINDS = {"article", "collection", "project"}

# Counts by day (ISO date → count); None where they are unknown.
DailyCounts = Mapping[str, int] | None
Timelines = Mapping[tuple[str, int, str], DailyCounts]


class Window(Struct, frozen=True):
    """The days that a digest counts, both included."""

    first: date
    last: date

    @property
    def length(self) -> timedelta:
        """Return how many days these are."""
        return self.last - self.first + _DAY

    @property
    def previous_days(self) -> tuple[date, date]:
        """Return the first and last of as many days that go before."""
        return schedules.preceding_days(self.first, self.last)

    @property
    def buckets(self) -> tuple[date, ...]:
        """Return the first days of 2 to 8 periods as long as this one, which is the last of them."""
        count = max(2, min(_MAX_BUCKETS, _MAX_TIMELINE_DAYS // self.length.days))
        return tuple(self.first - self.length * index for index in reversed(range(count)))

    def contains(self, day: date | None) -> bool:
        """Return whether a day is one of these."""
        return day is not None and self.first <= day <= self.last

    def count(self, daily: DailyCounts, all_time: int | None) -> ComparedCount:
        """Return the counts of these days and of those before, with the count of all time."""
        if daily is None:
            return ComparedCount(None, None, all_time)
        return ComparedCount(
            _sum_of_days(daily, self.first, self.last), _sum_of_days(daily, *self.previous_days), all_time
        )


class TimeSeries(Struct, frozen=True):
    """What a chart shows: for each bucket, named by its first day, one number a line.

    `charted_count` is how many rows were added up or drawn, None when it is all of them.
    """

    buckets: tuple[date, ...] = ()
    series: tuple[Series, ...] = ()
    charted_count: int | None = None


class _Line(Struct, frozen=True):
    """A line of the chart, and the rows that are added up in it."""

    series: Series
    rows: Sequence[ReportRow]


def time_series(rows: Sequence[ReportRow], timelines: Timelines, window: Window) -> TimeSeries:
    """Return the chart of a digest: the sum of its rows where they can be added up, else a line for each.

    What is unknown is left out, and `charted_count` then says of how many rows the chart is. Buckets that
    end before anything was public are left out too. The last three buckets of two items, for instance:

                                    2–8 Nov   9–15 Nov   16–22 Nov
        item A, public since 2019         3          5           9
        item B, public since 12 Nov       0          1           4
        the line "Views"                  3          6          13

    Of B alone the line would begin with the bucket of 9–15 Nov. An author and B could not be added up, since
    B may be one of the author's items: the author has a line then, and B, which was not public in all of the
    buckets, has none.
    """
    certain_rows = [row for row in rows if not row.is_doubtful]
    kinds = {row.kind for row in rows}
    if len(rows) == 1 or (len(kinds) == 1 and kinds <= _SUMMABLE_KINDS):
        lines = _summed_lines(certain_rows, timelines, window)
        skipped = _leading_empty_buckets(lines, window)
    else:
        lines = _separate_lines(certain_rows, timelines, window)
        skipped = _leading_empty_buckets(lines, window)
        # The line of what was not public yet would begin with 0s that nobody counted.
        lines = [line for line in lines if _leading_empty_buckets([line], window) <= skipped]
    buckets = window.buckets[skipped:]
    charted = {(row.kind, row.id) for line in lines for row in line.rows}
    if not charted or len(buckets) < 2:
        return TimeSeries()
    return TimeSeries(
        buckets,
        tuple(Series(line.series.name, line.series.values[skipped:]) for line in lines),
        len(charted) if len(charted) < len(rows) else None,
    )


def _summed_lines(rows: Sequence[ReportRow], timelines: Timelines, window: Window) -> list[_Line]:
    """Return a line for each counter, over the rows of which both are known, or else one of them."""
    known = {
        name: [row for row in rows if timelines.get(_key(row, counter)) is not None]
        for name, counter in _COUNTERS
    }
    both = [row for row in known["Views"] if row in known["Downloads"]]
    if both:
        known = dict.fromkeys(known, both)
    elif known["Views"]:
        del known["Downloads"]
    else:
        del known["Views"]
    return [
        _Line(_series(name, [timelines[_key(row, counter)] for row in known[name]], window), known[name])
        for name, counter in _COUNTERS
        if name in known
    ]


def _separate_lines(rows: Sequence[ReportRow], timelines: Timelines, window: Window) -> list[_Line]:
    """Return a line with the views of each row of which they are known."""
    views = [(row, timelines.get(_key(row, "views"))) for row in rows]
    return [_Line(_series(row.title, [daily], window), [row]) for row, daily in views if daily is not None]


def _series(name: str, timelines: Sequence[DailyCounts], window: Window) -> Series:
    spans = [(first, first + window.length - _DAY) for first in window.buckets]
    return Series(name, tuple(sum(_sum_of_days(daily or {}, *span) for daily in timelines) for span in spans))


def _leading_empty_buckets(lines: Sequence[_Line], window: Window) -> int:
    """Return how many buckets ended before any of the rows was public, and have no counts either."""
    rows = [row for line in lines for row in line.rows]
    for index, first_day in enumerate(window.buckets):
        last_day = first_day + window.length - _DAY
        is_public = any(row.first_public is None or row.first_public <= last_day for row in rows)
        if is_public or any(line.series.values[index] for line in lines):
            return index
    return len(window.buckets)


def daily_counts(rows: Sequence[ReportRow], timelines: Timelines, window: Window) -> tuple[DayCounts, ...]:
    """Return each day of the window from the first public one on; nothing for several rows."""
    if len(rows) != 1 or rows[0].is_doubtful:
        return ()
    first_public = rows[0].first_public
    views, downloads = (timelines.get(_key(rows[0], counter)) for _, counter in _COUNTERS)
    days = [window.first + _DAY * index for index in range(window.length.days)]
    counts = [DayCounts(day, _on_day(views, day), _on_day(downloads, day)) for day in days]
    return tuple(
        count
        for count in counts
        if first_public is None or count.day >= first_public or count.views or count.downloads
    )


def _key(row: ReportRow, counter: CounterName) -> tuple[str, int, str]:
    return row.kind, row.id, counter


def _on_day(daily: DailyCounts, day: date) -> int | None:
    return None if daily is None else daily.get(day.isoformat(), 0)


def _sum_of_days(daily: Mapping[str, int], first: date, last: date) -> int:
    return sum(count for day, count in daily.items() if first.isoformat() <= day <= last.isoformat())
