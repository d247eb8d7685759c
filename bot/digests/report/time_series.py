"""The days of a digest, as many before them, and further back for its chart."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import compress

from msgspec import Struct

from bot.digests.report.facts import Count, Day, ReportRow, Series
from bot.figshare.stats import CounterName
from bot.language import schedules

# One request for a timeline by day may have a year.
SPANS, LONGEST = 8, 365
_DAY = timedelta(days=1)
_COUNTERS: tuple[tuple[str, CounterName], ...] = (("Views", "views"), ("Downloads", "downloads"))
# What two authors or groups have in common would be counted twice.
_ADDED = {"article", "collection", "project"}

# Counts by day; None could not be had.
Days = Mapping[str, int] | None
Timelines = Mapping[tuple[str, int, str], Days]


class Window(Struct, frozen=True):
    """The days that a digest counts, both included."""

    first: date
    last: date

    @property
    def length(self) -> timedelta:
        """Give how long it is."""
        return self.last - self.first + _DAY

    @property
    def before(self) -> tuple[date, date]:
        """Give the first and last of as many days that go before."""
        return schedules.before(self.first, self.last)

    @property
    def spans(self) -> tuple[date, ...]:
        """Give the first days of spans as long as this, of which it is the last."""
        count = max(2, min(SPANS, LONGEST // self.length.days))
        return tuple(self.first - self.length * at for at in reversed(range(count)))

    def holds(self, day: date | None) -> bool:
        """Tell whether a day is one of these."""
        return day is not None and self.first <= day <= self.last

    def count(self, days: Days, total: int | None) -> Count:
        """Add up these days and those before."""
        if days is None:
            return Count(None, None, total)
        return Count(_sum(days, self.first, self.last), _sum(days, *self.before), total)


class TimeSeries(Struct, frozen=True):
    """What a chart shows; `of` says how many things were added up, where that is not all of them."""

    spans: tuple[date, ...] = ()
    series: tuple[Series, ...] = ()
    of: int | None = None


def time_series(things: Sequence[ReportRow], timelines: Timelines, window: Window) -> TimeSeries:
    """Add up what can be added up, and else draw the views of each; a sum that lacks something says so."""
    some = [each for each in things if not each.is_doubtful]
    kinds = {each.kind for each in things}
    is_sum = len(things) == 1 or (len(kinds) == 1 and kinds <= _ADDED)
    if is_sum:
        known, counters = _countable(some, timelines)
        lines = [(name, [timelines.get(_key(each, counter)) for each in known]) for name, counter in counters]
    else:
        known = [each for each in some if timelines.get(_key(each, "views")) is not None]
        lines = [(each.title, [timelines.get(_key(each, "views"))]) for each in known]
    spans, length = window.spans, window.length - _DAY
    series = [
        Series(name, tuple(sum(_sum(days or {}, at, at + length) for days in line) for at in spans))
        for name, line in lines
    ]
    begun = _begun(known, series, spans, length)
    spans, series = spans[begun:], [Series(each.name, each.values[begun:]) for each in series]
    if not is_sum:
        # The line of what was not public yet would begin with 0s that are none.
        old = [not _begun([each], [line], spans, length) for each, line in zip(known, series, strict=True)]
        known, series = list(compress(known, old)), list(compress(series, old))
    if not known or len(spans) < 2:
        return TimeSeries()
    return TimeSeries(spans, tuple(series), len(known) if len(known) < len(things) else None)


def _countable(
    things: Sequence[ReportRow], timelines: Timelines
) -> tuple[list[ReportRow], tuple[tuple[str, CounterName], ...]]:
    """Give the things of which both counters are known, or else one, and the counters."""
    known = [
        [each for each in things if timelines.get(_key(each, counter)) is not None]
        for _, counter in _COUNTERS
    ]
    both = [each for each in known[0] if each in known[1]]
    if both:
        return both, _COUNTERS
    return (known[0], _COUNTERS[:1]) if known[0] else (known[1], _COUNTERS[1:])


def _begun(
    things: Sequence[ReportRow], series: Sequence[Series], spans: Sequence[date], length: timedelta
) -> int:
    """Count the spans in which nothing was public yet: their 0 would be none."""
    firsts = [each.first for each in things]
    for at, span in enumerate(spans):
        is_public = any(first is None or first <= span + length for first in firsts)
        if is_public or any(each.values[at] for each in series):
            return at
    return len(spans)


def by_day(things: Sequence[ReportRow], timelines: Timelines, window: Window) -> tuple[Day, ...]:
    """Give each day of the only thing there is, from the first on which it was public."""
    if len(things) != 1 or things[0].is_doubtful:
        return ()
    first = things[0].first
    views, downloads = (timelines.get(_key(things[0], counter)) for _, counter in _COUNTERS)
    days = [window.first + _DAY * at for at in range(window.length.days)]
    counted = [Day(each, _on(views, each), _on(downloads, each)) for each in days]
    return tuple(
        each for each in counted if first is None or each.day >= first or each.views or each.downloads
    )


def _key(thing: ReportRow, counter: CounterName) -> tuple[str, int, str]:
    return thing.kind, thing.id, counter


def _on(days: Days, day: date) -> int | None:
    return None if days is None else days.get(day.isoformat(), 0)


def _sum(days: Mapping[str, int], first: date, last: date) -> int:
    return sum(n for day, n in days.items() if first.isoformat() <= day <= last.isoformat())
