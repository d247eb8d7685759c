"""Figshare's Stats API: raw counts of views, downloads and shares.

https://docs.figshare.com/#stats. An unknown id answers 0 with HTTP 200: check that the thing exists before
calling a 0 a fact.
"""

import asyncio
import re
from collections import Counter as Sum
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal, TypeVar

import msgspec

from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import BadRequest, FigshareError, InvalidResponse, NotAllowed, NotFound
from bot.figshare.models import few

T = TypeVar("T")
CounterName = Literal["views", "downloads", "shares"]
SubjectKind = Literal["article", "author", "collection", "group", "project"]
Granularity = Literal["day", "month", "year", "total"]
COUNTERS: tuple[CounterName, ...] = ("views", "downloads", "shares")

# Many added up still are a number of 64 bits, which is what JSON can say to Slack.
_LARGEST = 10**12
# The days of a year; two years of a large group by country and city.
_MOST_VALUES, _MOST_PLACES = 5_000, 200_000
_ID = re.compile("[1-9][0-9]{0,14}")
_TOTAL = CachePolicy(max_age=300, stale_while_revalidate=3_600, stale_if_error=604_800)
_SERIES = CachePolicy(max_age=1_800, stale_while_revalidate=21_600, stale_if_error=604_800)
# What one request may span; Figshare silently clamps a later end_date.
_YEARS: dict[Granularity, int] = {"day": 1, "month": 2, "year": 5, "total": 1}


class Stats:
    """The counters of one environment; a portal has an address of its own, opened by name and password."""

    def __init__(
        self, transport: Transport, url: str, portal: str = "", auth: tuple[str, str] | None = None
    ) -> None:
        self._transport, self._url, self.portal, self._auth = transport, url.rstrip("/"), portal, auth

    async def _get(
        self,
        path: str,
        read: Callable[[object], T],
        life: CachePolicy,
        portal: bool = False,
        **params: str | None,
    ) -> T:
        if not self._url:
            unknown = NotAllowed("no statistics are known for this Figshare")
            unknown.api = "stats"
            raise unknown
        scope, auth = (f"/{self.portal}", self._auth) if portal and self.portal else ("", None)
        given = tuple((name, value) for name, value in params.items() if value is not None)
        request = Request("stats", self._url + scope + path, given, auth=auth)
        # What has another shape than promised is no answer, and must not replace a good one.
        most = _MOST_PLACES if path.startswith("/breakdown/") else _MOST_VALUES

        def decode(body: bytes) -> T:
            return read(msgspec.json.decode(few(body, most)))

        return await self._transport.fetch(request, decode, life)

    async def total(self, counter: CounterName, thing: SubjectKind, id: int) -> int:
        """Give the all-time count: https://docs.figshare.com/#stats_totals; raises FigshareError."""
        return await self._get(f"/total/{counter}/{thing}/{id}", _total, _TOTAL, portal=thing == "group")

    async def totals(self, thing: SubjectKind, id: int) -> dict[str, int | None]:
        """Give all counters in one request, or the three documented ones where that is refused.

        The combined form is undocumented but in use, and only it knows `cites`. A counter that could not be
        had is None.
        """
        try:
            # Where it is refused, the cache remembers that for this address.
            return await self._get(f"/total/{thing}/{id}", _totals, _TOTAL, portal=thing == "group")
        except (BadRequest, NotFound, NotAllowed, InvalidResponse):
            pass
        counts = await asyncio.gather(
            *(self.total(counter, thing, id) for counter in COUNTERS), return_exceptions=True
        )
        failed = [each for each in counts if isinstance(each, BaseException)]
        if len(failed) == len(counts) or any(not isinstance(each, FigshareError) for each in failed):
            raise failed[0]
        return {
            name: None if isinstance(n, BaseException) else n
            for name, n in zip(COUNTERS, counts, strict=True)
        }

    async def timeline(
        self,
        granularity: Granularity,
        counter: CounterName,
        thing: SubjectKind,
        id: int,
        start: date,
        end: date,
    ) -> dict[str, int]:
        """Give counts by `2025`, `2025-03` or `2025-03-31`, sorted, without the periods of 0.

        Both days are included. Longer spans than one request may have are asked in pieces:
        https://docs.figshare.com/#stats_timeline.
        """
        pieces = await asyncio.gather(
            *(
                self._get(
                    f"/timeline/{granularity}/{counter}/{thing}/{id}",
                    lambda answer: _counts(answer, "timeline"),
                    _SERIES,
                    portal=thing == "group",
                    start_date=first.isoformat(),
                    end_date=last.isoformat(),
                )
                for first, last in windows(granularity, start, end)
            )
        )
        added: Sum[str] = Sum()
        for piece in pieces:
            added.update(piece)
        return dict(sorted(added.items()))

    async def period(self, counter: CounterName, thing: SubjectKind, id: int, start: date, end: date) -> int:
        """Give the count of a span of days, both included, in as few requests as its length allows."""
        return sum((await self.timeline(coarsest(start, end), counter, thing, id, start, end)).values())

    async def breakdown(
        self, counter: CounterName, thing: SubjectKind, id: int, start: date, end: date
    ) -> dict[str, int]:
        """Give counts by country, the largest first: https://docs.figshare.com/#stats_breakdown."""
        granularity = coarsest(start, end)
        pieces = await asyncio.gather(
            *(
                self._get(
                    f"/breakdown/{granularity}/{counter}/{thing}/{id}",
                    _countries,
                    _SERIES,
                    portal=thing == "group",
                    start_date=first.isoformat(),
                    end_date=last.isoformat(),
                )
                for first, last in windows(granularity, start, end)
            )
        )
        added: Sum[str] = Sum()
        for piece in pieces:
            added.update(piece)
        return dict(added.most_common())

    async def top(
        self,
        counter: CounterName,
        thing: SubjectKind,
        count: int = 10,
        start: date | None = None,
        end: date | None = None,
        portal: bool = False,
    ) -> dict[int, int]:
        """Give the most counted ids with their counts, the largest first: https://docs.figshare.com/#stats_tops."""
        ranked = await self._get(
            f"/top/{counter}/{thing}",
            lambda answer: _counts(answer, "top", bare=True),
            _SERIES,
            portal=portal,
            count=str(count),
            start_date=start.isoformat() if start else None,
            end_date=end.isoformat() if end else None,
        )
        return {int(id): n for id, n in sorted(ranked.items(), key=lambda one: -one[1]) if _ID.fullmatch(id)}


def coarsest(start: date, end: date) -> Granularity:
    """Choose the granularity that needs the fewest requests for these days, both included."""
    for granularity in ("total", "month", "year"):
        if len(windows(granularity, start, end)) == 1:
            return granularity
    return "year"


def windows(granularity: Granularity, start: date, end: date) -> list[tuple[date, date]]:
    """Cut days, both included, into spans that one request may have."""
    years = _YEARS[granularity]
    found = []
    while start <= end:
        after = _years_later(start, years)
        found.append((start, min(end, after - timedelta(days=1))))
        start = after
    return found


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _total(answer: object) -> int:
    return _count(answer, "totals")


def _totals(answer: object) -> dict[str, int | None]:
    return {each: _count(answer, each) for each in COUNTERS} | {"cites": _cites(answer)}


def _cites(answer: object) -> int | None:
    try:
        return _count(answer, "cites")
    except InvalidResponse:
        return None


def _countries(answer: object) -> Sum[str]:
    added: Sum[str] = Sum()
    for countries in _table(answer, "breakdown").values():
        if isinstance(countries, dict):
            for country, cities in countries.items():
                added[country] += _count(cities, "total")
    return added


def _table(answer: object, name: str, bare: bool = False) -> dict[str, object]:
    if isinstance(answer, dict) and (name in answer or bare):
        inner = answer.get(name, answer)
        if inner is None or inner == []:
            return {}
        if isinstance(inner, dict):
            return inner
    raise InvalidResponse(f"no `{name}` in the answer")


def _counts(answer: object, name: str, bare: bool = False) -> dict[str, int]:
    table = _table(answer, name, bare)
    # One that is absurd is unknown, and so is what it would be a part of.
    return {key: _count(table, key) for key, n in table.items() if isinstance(n, int)}


def _count(answer: object, name: str) -> int:
    count = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _LARGEST:
        raise InvalidResponse(f"no `{name[:100]}` in the answer")
    return count
