"""Figshare's Stats API: raw counts of views, downloads and shares, https://docs.figshare.com/#stats.

An unknown id answers 0 with HTTP 200: check that the record exists before you call a 0 a fact.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import (
    BadRequest,
    CredentialsMissing,
    CredentialsRejected,
    FigshareError,
    InvalidResponse,
    NotAllowed,
    NotFound,
    StatisticsUnknown,
)
from bot.figshare.models import bounded_json
from bot.figshare.stats_windows import StatsGranularity, coarsest_granularity, request_windows

T = TypeVar("T")
CounterName = Literal["views", "downloads", "shares"]
SubjectKind = Literal["article", "author", "collection", "group", "project"]
COUNTERS: tuple[CounterName, ...] = ("views", "downloads", "shares")

# Even the sum of many fits into 64 bits, which is what JSON can carry to Slack.
_MAX_COUNT = 10**12
# The days of a year; two years of a large group by country and city.
_MAX_VALUES, _MAX_BREAKDOWN_VALUES = 5_000, 200_000
_ID = re.compile("[1-9][0-9]{0,14}")
_TOTAL_POLICY = CachePolicy(max_age=300, stale_while_revalidate=3_600, stale_if_error=604_800)
_SERIES_POLICY = CachePolicy(max_age=1_800, stale_while_revalidate=21_600, stale_if_error=604_800)
# Counts are looked up under these keys: under any other a count would be lost, and read as 0.
_PERIOD_KEYS: dict[StatsGranularity, re.Pattern[str]] = {
    "day": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "month": re.compile("[0-9]{4}-[0-9]{2}"),
    "year": re.compile("[0-9]{4}"),
    "total": re.compile(".*"),
}


class Ranking(Struct, frozen=True):
    """Ids with their counts, highest first; None, and last, where Figshare's count can't be read.

    `unreadable_ids` is how many entries are left out, since what they name can't be read.
    """

    counts: dict[int, int | None]
    unreadable_ids: int = 0


class Stats:
    """The counters of one Figshare environment; answers are cached and shared.

    With `portal` the counts of groups come from the portal's own address; all but the totals are opened by
    `auth`, a user name and password. Every method raises FigshareError: NotAllowed where no address is known
    or the counts are not public, InvalidResponse where one of the counts can't be read, since a sum without
    it would be wrong. Days are UTC, both ends included.
    """

    def __init__(
        self, transport: Transport, url: str, portal: str = "", auth: tuple[str, str] | None = None
    ) -> None:
        self._transport, self._url, self.portal, self._auth = transport, url.rstrip("/"), portal, auth

    async def total(self, counter: CounterName, kind: SubjectKind, id: int) -> int:
        """Return the all-time count: https://docs.figshare.com/#stats_totals."""
        return await self._get(
            f"/total/{counter}/{kind}/{id}", _parse_total, _TOTAL_POLICY, via_portal=kind == "group"
        )

    async def totals(self, kind: SubjectKind, id: int) -> dict[str, int | None]:
        """Return all counters from one request, or the three documented ones where that is rejected.

        The combined form is not documented but in use, and it alone knows `cites`. A counter that could not
        be fetched is None; raises FigshareError when none could.
        """
        try:
            # The cache remembers a rejection for a minute, so the next call goes on below at once.
            return await self._get(
                f"/total/{kind}/{id}", _parse_totals, _TOTAL_POLICY, via_portal=kind == "group"
            )
        except (BadRequest, NotFound, NotAllowed, InvalidResponse):
            pass
        counts = await asyncio.gather(
            *(self.total(counter, kind, id) for counter in COUNTERS), return_exceptions=True
        )
        errors = [count for count in counts if isinstance(count, BaseException)]
        if len(errors) == len(counts) or any(not isinstance(error, FigshareError) for error in errors):
            raise errors[0]
        return {
            name: None if isinstance(count, BaseException) else count
            for name, count in zip(COUNTERS, counts, strict=True)
        }

    async def timeline(
        self,
        granularity: StatsGranularity,
        counter: CounterName,
        kind: SubjectKind,
        id: int,
        start: date,
        end: date,
    ) -> dict[str, int]:
        """Return counts by `2025`, `2025-03` or `2025-03-31`, sorted, without the periods of 0.

        A span that is too long for one request takes several: https://docs.figshare.com/#stats_timeline.
        """
        path = f"/timeline/{granularity}/{counter}/{kind}/{id}"
        parse = partial(_parse_timeline, granularity=granularity)
        counts = await self._sum_windows(path, parse, granularity, kind, start, end)
        return dict(sorted(counts.items()))

    async def period(self, counter: CounterName, kind: SubjectKind, id: int, start: date, end: date) -> int:
        """Return the count of a span of days, from as few requests as its length allows."""
        granularity = coarsest_granularity(start, end)
        return sum((await self.timeline(granularity, counter, kind, id, start, end)).values())

    async def breakdown(
        self, counter: CounterName, kind: SubjectKind, id: int, start: date, end: date
    ) -> dict[str, int]:
        """Return counts by country, the largest first: https://docs.figshare.com/#stats_breakdown."""
        granularity = coarsest_granularity(start, end)
        path = f"/breakdown/{granularity}/{counter}/{kind}/{id}"
        counts = await self._sum_windows(path, _parse_countries, granularity, kind, start, end)
        return dict(counts.most_common())

    async def top(
        self,
        counter: CounterName,
        kind: SubjectKind,
        count: int = 10,
        start: date | None = None,
        end: date | None = None,
        via_portal: bool = False,
    ) -> Ranking:
        """Return the ids with the highest counts: https://docs.figshare.com/#stats_tops.

        They are of all of Figshare, or with `via_portal` of the portal.
        """
        return await self._get(
            f"/top/{counter}/{kind}",
            _parse_ranking,
            _SERIES_POLICY,
            via_portal=via_portal,
            count=str(count),
            start_date=start.isoformat() if start else None,
            end_date=end.isoformat() if end else None,
        )

    async def count_articles(self, group: int) -> int:
        """Return how many public items a group has: https://docs.figshare.com/#stats.

        Anybody may ask, also for a portal's groups. Raises InvalidResponse for a group that is not counted.
        """
        url = self._checked_url() + "/count/articles"
        body = msgspec.json.encode({"groups": [{"id": group}]})
        return await self._transport.get_cached(
            Request("stats", url, method="POST", body=body),
            lambda answer: _count(msgspec.json.decode(bounded_json(answer, _MAX_VALUES)), str(group)),
            _TOTAL_POLICY,
        )

    async def _sum_windows(
        self,
        path: str,
        parse: Callable[[object], dict[str, int]],
        granularity: StatsGranularity,
        kind: SubjectKind,
        start: date,
        end: date,
    ) -> Counter[str]:
        """Return the sum of the counts in all the requests that a span needs."""
        answers = await asyncio.gather(
            *(
                self._get(
                    path,
                    parse,
                    _SERIES_POLICY,
                    via_portal=kind == "group",
                    start_date=first.isoformat(),
                    end_date=last.isoformat(),
                )
                for first, last in request_windows(granularity, start, end)
            )
        )
        counts: Counter[str] = Counter()
        for answer in answers:
            counts.update(answer)
        return counts

    async def _get(
        self,
        path: str,
        parse: Callable[[object], T],
        policy: CachePolicy,
        via_portal: bool = False,
        **params: str | None,
    ) -> T:
        url = self._checked_url()
        prefix, auth = (f"/{self.portal}", self._auth) if via_portal and self.portal else ("", None)
        if prefix and auth is None and not path.startswith("/total/"):
            raise CredentialsMissing("a portal gives this only with credentials")
        query = tuple((name, value) for name, value in params.items() if value is not None)
        request = Request("stats", url + prefix + path, query, auth=auth)
        max_values = _MAX_BREAKDOWN_VALUES if path.startswith("/breakdown/") else _MAX_VALUES

        # The cache stores what this returns, so an answer of another shape never replaces a good one.
        def decode(body: bytes) -> T:
            return parse(msgspec.json.decode(bounded_json(body, max_values)))

        try:
            return await self._transport.get_cached(request, decode, policy)
        except NotAllowed as error:
            if auth is None:
                raise
            raise CredentialsRejected(str(error)) from error

    def _checked_url(self) -> str:
        """Return the address of the statistics; raises StatisticsUnknown where there is none."""
        if not self._url:
            raise StatisticsUnknown("no statistics are known for this Figshare")
        return self._url


def _parse_total(answer: object) -> int:
    return _count(answer, "totals")


def _parse_totals(answer: object) -> dict[str, int | None]:
    totals: dict[str, int | None] = {name: _count(answer, name) for name in COUNTERS}
    if isinstance(answer, dict) and "cites" in answer:
        totals["cites"] = _count_or_none(answer, "cites")
    return totals


def _parse_timeline(answer: object, granularity: StatsGranularity) -> dict[str, int]:
    table = _table(answer, "timeline")
    if not all(map(_PERIOD_KEYS[granularity].fullmatch, table)):
        raise InvalidResponse(f"a timeline without a {granularity} in it")
    return {key: _count(table, key) for key in table}


def _parse_countries(answer: object) -> Counter[str]:
    counts: Counter[str] = Counter()
    for countries in _table(answer, "breakdown").values():
        if not isinstance(countries, dict) and countries != []:
            raise InvalidResponse("no countries in the answer")
        for country, cities in dict(countries).items():
            counts[country] += _count(cities, "total")
    return counts


def _parse_ranking(answer: object) -> Ranking:
    table = _table(answer, "top", is_bare_allowed=True)
    counts = {int(id): _count_or_none(table, id) for id in table if _ID.fullmatch(id)}
    if table and all(count is None for count in counts.values()):
        raise InvalidResponse("no count in the ranking")
    ranked = sorted(counts.items(), key=lambda item: -1 if item[1] is None else item[1], reverse=True)
    return Ranking(dict(ranked), len(table) - len(counts))


def _table(answer: object, name: str, is_bare_allowed: bool = False) -> dict[str, object]:
    """Return the object under a name; `is_bare_allowed` takes the answer itself where the name is missing.

    Where nothing was counted, Figshare may send null or an empty list.
    """
    if isinstance(answer, dict) and (name in answer or is_bare_allowed):
        table = answer.get(name, answer)
        if table is None or table == []:
            return {}
        if isinstance(table, dict):
            return table
    raise InvalidResponse(f"no `{name[:100]}` in the answer")


def _count(answer: object, name: str) -> int:
    count = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MAX_COUNT:
        raise InvalidResponse(f"no `{name[:100]}` in the answer")
    return count


def _count_or_none(answer: object, name: str) -> int | None:
    try:
        return _count(answer, name)
    except InvalidResponse:
        return None
