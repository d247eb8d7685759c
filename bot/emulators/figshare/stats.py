"""Figshare's statistics: totals, timelines, breakdowns by country and city, rankings."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .counts import COUNTER_NAMES, DailyCounts
from .library import Item, Library, Seed
from .parameters import json_body
from .responses import ErrorResponse, json_response
from .stats_subjects import SUBJECT_KINDS, invalid_parameter, items_of, ranked_ids

V = TypeVar("V")

VERBS = {"total", "timeline", "breakdown", "top"}
# How many years one request may cover, by granularity.
MAX_YEARS = {"day": 1, "month": 2, "year": 5, "total": 1}


@dataclass(frozen=True)
class StatsQuery:
    """One request with the parts of its path: /{portal}/{verb}/{segments...}."""

    portal: Seed | None
    verb: str
    segments: tuple[str, ...]
    params: Mapping[str, str]


class StatsApi:
    def __init__(self, library: Library, counts: DailyCounts) -> None:
        self.library = library
        self.counts = counts

    def routes(self) -> list[Route]:
        return [
            Route("/count/articles", self.count_articles, methods=["POST"]),
            Route("/{path:path}", self.answer, methods=["GET"]),
        ]

    async def count_articles(self, request: Request) -> Response:
        groups = (await json_body(request)).get("groups")
        if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
            raise invalid_parameter("groups", "Not a list of groups")
        ids = [str(group.get("id")) for group in groups]
        return json_response({id: len(items_of(self.library, "group", id, None)) for id in ids})

    async def answer(self, request: Request) -> Response:
        query = self.query(request)
        if query.verb == "total":
            return json_response(self.total(query))
        if query.portal and not _signed_in(request, query.portal):
            raise ErrorResponse(403, {"data": None, "code": "Forbidden", "message": "Unauthorized request"})
        if query.verb == "top":
            return json_response(self.top(query))
        return json_response(self.over_time(query))

    def query(self, request: Request) -> StatsQuery:
        segments = request.path_params["path"].strip("/").split("/")
        portal = None
        if segments[0] not in VERBS:
            portal = self.library.portal(segments.pop(0))
            if portal is None or not segments or segments[0] not in VERBS:
                raise ErrorResponse(
                    404, {"data": None, "code": "NotFound", "message": "Unknown path or institution"}
                )
        verb = segments.pop(0)
        return StatsQuery(portal, verb, tuple(segments), dict(request.query_params))

    def total(self, query: StatsQuery) -> dict[str, int]:
        if len(query.segments) == 3:
            counter, kind, id = query.segments
            _check_counter(counter)
            return {"totals": self.counts.total(items_of(self.library, kind, id, query.portal), counter)}
        if len(query.segments) != 2 or query.segments[0] not in SUBJECT_KINDS:
            # The spelling is Figshare's.
            raise invalid_parameter("item_type", "Unknown or usupported item type")
        items = items_of(self.library, *query.segments, query.portal)
        return {counter: self.counts.total(items, counter) for counter in (*COUNTER_NAMES, "cites")}

    def over_time(self, query: StatsQuery) -> dict[str, Any]:
        if len(query.segments) != 4:
            raise invalid_parameter("item_type", "Unknown or usupported item type")
        granularity, counter, kind, id = query.segments
        if granularity not in MAX_YEARS:
            raise invalid_parameter("granularity", f"Granularity not supported: {granularity}")
        _check_counter(counter)
        items = items_of(self.library, kind, id, query.portal)
        start, end = self.period(query.params, granularity)
        if query.verb == "timeline":
            sums: Counter[str] = Counter()
            for day, count in self.counts.days(items, counter, start, end).items():
                sums[_key(day, granularity)] += count
            return {"timeline": _in_arbitrary_order(sums)}
        return {"breakdown": self.breakdown(items, counter, granularity, start, end)}

    def breakdown(
        self, items: list[Item], counter: str, granularity: str, start: date, end: date
    ) -> dict[str, Any]:
        periods: dict[str, Counter[tuple[str, str]]] = {}
        for day, places in self.counts.places(items, counter, start, end).items():
            periods.setdefault(_key(day, granularity), Counter()).update(places)
        answer = {}
        for period, places in periods.items():
            countries: dict[str, Counter[str]] = {}
            for (country, city), count in places.items():
                countries.setdefault(country, Counter())[city] += count
            answer[period] = _in_arbitrary_order(
                {
                    # Ten cities at most: their sum may be below the total of the country.
                    country: _in_arbitrary_order({**dict(cities.most_common(10)), "total": cities.total()})
                    for country, cities in countries.items()
                }
            )
        return _in_arbitrary_order(answer)

    def top(self, query: StatsQuery) -> dict[str, Any]:
        if len(query.segments) != 2 or query.segments[1] not in SUBJECT_KINDS:
            raise invalid_parameter("item_type", "Unknown or usupported item type")
        counter, kind = query.segments
        _check_counter(counter)
        params = query.params
        size = _positive(params.get("count", "10"), "count")
        is_dated = "start_date" in params or "end_date" in params
        start, end = self.period(params, "total", clamp=False) if is_dated else (date.min, date.max)
        sums = Counter(
            {
                id: self.counts.total(items_of(self.library, kind, id, query.portal), counter, start, end)
                for id in ranked_ids(self.library, kind, query.portal)
            }
        )
        return {"top": _in_arbitrary_order({id: count for id, count in sums.most_common(size) if count})}

    def period(self, params: Mapping[str, str], granularity: str, *, clamp: bool = True) -> tuple[date, date]:
        today = self.counts.today
        start = _date(params, "start_date", today.replace(day=1))
        end = _date(params, "end_date", today)
        if not clamp:
            return start, end
        return start, min(end, _years_later(start, MAX_YEARS[granularity]) - timedelta(days=1))


def _signed_in(request: Request, portal: Seed) -> bool:
    expected = f"{portal['string_id']}:{portal['stats_password']}".encode()
    return request.headers.get("authorization", "") == f"Basic {base64.b64encode(expected).decode()}"


def _check_counter(counter: str) -> None:
    if counter not in COUNTER_NAMES:
        raise invalid_parameter("counter", f"Counter type not supported: {counter}")


def _positive(text: str, name: str) -> int:
    if not text.isdecimal() or not int(text):
        raise invalid_parameter(name, f"Not a positive number: {text}")
    return int(text)


def _date(params: Mapping[str, str], name: str, default: date) -> date:
    if not params.get(name):
        return default
    try:
        return date.fromisoformat(params[name])
    except ValueError:
        raise invalid_parameter(name, f"Not a date: {params[name]}") from None


def _years_later(day: date, years: int) -> date:
    if day.month == 2 and day.day == 29:
        day = day.replace(day=28)
    return day.replace(year=min(day.year + years, date.max.year))


def _key(day: date, granularity: str) -> str:
    lengths = {"day": 10, "month": 7, "year": 4}
    return "total" if granularity == "total" else day.isoformat()[: lengths[granularity]]


def _in_arbitrary_order(answer: Mapping[str, V]) -> dict[str, V]:
    """Return the entries in an order that means nothing, as Figshare does."""
    return dict(sorted(answer.items(), key=lambda entry: hashlib.md5(entry[0].encode()).digest()))
