"""How often the sample items were viewed, downloaded and shared, day by day and place by place."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from .library import Item, Library

COUNTER_NAMES = ("views", "downloads", "shares")
OPENED = date(2011, 1, 1)
# shares of the day's visits, Monday first
WEEK = (1.2, 1.25, 1.2, 1.15, 1.0, 0.55, 0.65)


class DailyCounts:
    """Numbers computed from an item's id alone: every process gets the same, and they add up."""

    def __init__(self, library: Library, now: Callable[[], datetime]) -> None:
        self.now = now
        self._places = [(country, city) for country, city, _ in library.places]
        self._weights = list(accumulate(weight for _, _, weight in library.places))

    @property
    def today(self) -> date:
        return self.now().astimezone(UTC).date()

    def days(
        self, items: Iterable[Item], counter: str, start: date = date.min, end: date = date.max
    ) -> dict[date, int]:
        """Return the counts of the days from `start` to `end`, both inclusive, days without any left out."""
        counts: Counter[date] = Counter()
        for item in items:
            series, first, last = self._series(item, counter, start, end)
            for offset in range(first, last):
                if series.counts[offset]:
                    counts[series.opened + timedelta(days=offset)] += series.counts[offset]
        return dict(counts)

    def total(self, items: Iterable[Item], counter: str, start: date = date.min, end: date = date.max) -> int:
        if counter == "cites":
            return sum(int(item.seed.get("cites", 0)) for item in items)
        total = 0
        for item in items:
            series, first, last = self._series(item, counter, start, end)
            total += series.sums[last] - series.sums[first]
        return total

    def _series(self, item: Item, counter: str, start: date, end: date) -> tuple[_Series, int, int]:
        """Return an item's counts, the place of the first of these days and the one behind the last."""
        opened = max(item.first.date(), OPENED)
        series = _series(item.kind, item.id, counter, _rate(item, counter), opened)
        first = (max(start, opened) - opened).days
        last = max(first, (min(end, self.today) - opened).days + 1)
        series.extend(last)
        return series, first, last

    def places(
        self, items: Iterable[Item], counter: str, start: date, end: date
    ) -> dict[date, Counter[tuple[str, str]]]:
        """Return the counts of each day by (country, city)."""
        places: dict[date, Counter[tuple[str, str]]] = {}
        for item in items:
            for day, count in self.days([item], counter, start, end).items():
                dice = Random(f"{item.kind}:{item.id}:{counter}:{day}")
                picked = dice.choices(self._places, cum_weights=self._weights, k=count)
                places.setdefault(day, Counter()).update(picked)
        return places


def _rate(item: Item, counter: str) -> float:
    views = float(item.seed.get("views", 0))
    if counter == "views":
        return views
    if counter == "downloads":
        return (
            views * float(item.seed.get("downloads", 0.35)) if item.files or item.kind != "article" else 0.0
        )
    return views * 0.02


class _Series:
    """An item's counts, a day each, and their running sums; both grow when a later day is asked for."""

    def __init__(self, kind: str, id: int, counter: str, rate: float, opened: date) -> None:
        self.opened = opened
        self.counts, self.sums = array("L"), array("L", (0,))
        self._rate = rate
        self._dice = Random(f"{kind}:{id}:{counter}")

    def extend(self, days: int) -> None:
        random, rate, weekday, total = self._dice.random, self._rate, self.opened.weekday(), self.sums[-1]
        for day in range(len(self.counts), days):
            count = 0
            if rate:
                # Many in the first weeks, then slowly fewer, and never quite none.
                fading = 0.45 + 900 / (1500 + 2 * day) + (2.2 * 0.95**day if day < 400 else _FADED)
                count = int(rate * fading * WEEK[(weekday + day) % 7] * (0.4 + 1.2 * random()) + random())
            total += count
            self.counts.append(count)
            self.sums.append(total)


_FADED = 2.2 * 0.95**400
# Kept for every emulator of the process, since they all give the same numbers.
_series = lru_cache(maxsize=2048)(_Series)
