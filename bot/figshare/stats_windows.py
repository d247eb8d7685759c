"""Cuts days into the spans that one request for statistics may have."""

from datetime import date, timedelta
from typing import Literal

StatsGranularity = Literal["day", "month", "year", "total"]

# What one request may span; Figshare silently clamps a later end_date.
_MAX_YEARS: dict[StatsGranularity, int] = {"day": 1, "month": 2, "year": 5, "total": 1}


def coarsest_granularity(start: date, end: date) -> StatsGranularity:
    """Return the granularity that needs the fewest requests for these days, both included."""
    for granularity in ("total", "month", "year"):
        if len(request_windows(granularity, start, end)) == 1:
            return granularity
    return "year"


def request_windows(granularity: StatsGranularity, start: date, end: date) -> list[tuple[date, date]]:
    """Return days, both ends included, cut into spans that one request may have."""
    windows = []
    while start <= end:
        next_start = _years_later(start, _MAX_YEARS[granularity])
        windows.append((start, min(end, next_start - timedelta(days=1))))
        start = next_start
    return windows


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
