"""Figshare's statistics: totals, timelines, breakdowns by country and city, rankings."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .counts import COUNTERS, Counts
from .library import Item, Library, Seed
from .paging import Refusal, json_answer
from .subjects import KINDS, ids, invalid, items_of, narrowed

V = TypeVar("V")

VERBS = {"total", "timeline", "breakdown", "top", "count"}
# how many years one question may cover, by granularity
YEARS = {"day": 1, "month": 2, "year": 5, "total": 1}
REFERRERS = {"www.google.com": 48, "www.figshare.com": 23, "scholar.google.com": 17, "doi.org": 9, "t.co": 3}


@dataclass(frozen=True)
class Question:
    """One request, its path taken apart: /{portal}/{verb}/{rest...}."""

    path: str
    portal: Seed | None
    verb: str
    rest: tuple[str, ...]
    params: Mapping[str, str]


class Stats:
    def __init__(self, library: Library, counts: Counts) -> None:
        self.library = library
        self.counts = counts

    def routes(self) -> list[Route]:
        return [Route("/{path:path}", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        question = self.question(request)
        if question.verb == "count":
            return json_answer(self.count(await request.body()))
        if question.verb == "total":
            return json_answer(self.total(question))
        if question.portal and not _signed_in(request, question.portal):
            raise Refusal(403, {"data": None, "code": "Forbidden", "message": "Unauthorized request"})
        if question.verb == "top":
            return json_answer(self.top(question))
        return json_answer(self.over_time(question))

    def question(self, request: Request) -> Question:
        path = "/" + request.path_params["path"].strip("/")
        segments = path.strip("/").split("/")
        portal = None
        if segments[0] not in VERBS:
            portal = self.library.portal(segments.pop(0))
            if portal is None or not segments or segments[0] not in VERBS:
                raise Refusal(
                    404, {"data": None, "code": "NotFound", "message": "Unknown path or institution"}
                )
        verb = segments.pop(0)
        if (verb == "count") != (request.method == "POST"):
            raise Refusal(404, {"data": None, "code": "NotFound", "message": "Unknown path or institution"})
        return Question(path, portal, verb, tuple(segments), dict(request.query_params))

    def total(self, question: Question) -> dict[str, int]:
        if len(question.rest) == 3:
            counter, kind, id = question.rest
            _check_counter(counter)
            return {"totals": self.counts.total(items_of(self.library, kind, id, question.portal), counter)}
        if len(question.rest) != 2 or question.rest[0] not in KINDS:
            # their spelling
            raise invalid("item_type", "Unknown or usupported item type")
        items = items_of(self.library, *question.rest, question.portal)
        return {counter: self.counts.total(items, counter) for counter in (*COUNTERS, "cites")}

    def over_time(self, question: Question) -> dict[str, Any]:
        if len(question.rest) != 4:
            raise invalid("item_type", "Unknown or usupported item type")
        granularity, counter, kind, id = question.rest
        if granularity not in YEARS:
            raise invalid("granularity", f"Granularity not supported: {granularity}")
        _check_counter(counter)
        items = narrowed(items_of(self.library, kind, id, question.portal), question.path, question.params)
        start, end = self.period(question.params, granularity)
        if question.verb == "timeline":
            sums: Counter[str] = Counter()
            for day, count in self.counts.days(items, counter, start, end).items():
                sums[_key(day, granularity)] += count
            return {"timeline": _scattered(sums)}
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
            answer[period] = _scattered(
                {
                    # ten cities at most: their sum may be below the country's total
                    country: _scattered({**dict(cities.most_common(10)), "total": cities.total()})
                    for country, cities in countries.items()
                }
            )
        return _scattered(answer)

    def top(self, question: Question) -> dict[str, Any]:
        if len(question.rest) != 2 or question.rest[1] not in KINDS:
            raise invalid("item_type", "Unknown or usupported item type")
        counter, kind = question.rest
        _check_counter(counter)
        params = question.params
        size = _positive(params.get("count", "10"), "count")
        sub_item, id = params.get("sub_item"), params.get("item_id")
        dated = sub_item or "start_date" in params or "end_date" in params
        start, end = self.period(params, "total", clamp=False) if dated else (date.min, date.max)
        chosen = [id] if id else ids(self.library, kind, question.portal)
        if sub_item:
            items = [item for one in chosen for item in items_of(self.library, kind, one, question.portal)]
            unique = list({(item.kind, item.id): item for item in items}.values())
            # documented without the "top" around it
            return _scattered(dict(self.shares(sub_item, unique, counter, start, end).most_common(size)))
        sums = Counter(
            {
                one: self.counts.total(
                    items_of(self.library, kind, one, question.portal), counter, start, end
                )
                for one in chosen
            }
        )
        return {"top": _scattered({one: count for one, count in sums.most_common(size) if count})}

    def shares(self, sub_item: str, items: list[Item], counter: str, start: date, end: date) -> Counter[str]:
        sums: Counter[str] = Counter()
        for item in items:
            count = self.counts.total([item], counter, start, end)
            if sub_item == "category":
                sums.update({str(number): count for number in item.categories})
            elif sub_item == "item_type":
                sums[str(item.type)] += count
            elif sub_item == "referral":
                sums.update({site: count * share // 100 for site, share in REFERRERS.items()})
            else:
                raise invalid("sub_item", f"Sub item not supported: {sub_item}")
        return +sums

    def count(self, body: bytes) -> dict[str, int]:
        try:
            groups = [int(group["id"]) for group in orjson.loads(body)["groups"]]
        except (ValueError, KeyError, TypeError):
            raise invalid("groups", "Groups must be a list of ids") from None
        return {str(group): len(items_of(self.library, "group", str(group), None)) for group in groups}

    def period(self, params: Mapping[str, str], granularity: str, *, clamp: bool = True) -> tuple[date, date]:
        today = self.counts.today
        start = _date(params, "start_date", today.replace(day=1))
        end = _date(params, "end_date", today)
        if not clamp:
            return start, end
        return start, min(end, _years_later(start, YEARS[granularity]) - timedelta(days=1))


def _signed_in(request: Request, portal: Seed) -> bool:
    expected = f"{portal['string_id']}:{portal['stats_password']}".encode()
    return request.headers.get("authorization", "") == f"Basic {base64.b64encode(expected).decode()}"


def _check_counter(counter: str) -> None:
    if counter not in COUNTERS:
        raise invalid("counter", f"Counter type not supported: {counter}")


def _positive(text: str, name: str) -> int:
    if not text.isdecimal() or not int(text):
        raise invalid(name, f"Not a positive number: {text}")
    return int(text)


def _date(params: Mapping[str, str], name: str, usual: date) -> date:
    if not params.get(name):
        return usual
    try:
        return date.fromisoformat(params[name])
    except ValueError:
        raise invalid(name, f"Not a date: {params[name]}") from None


def _years_later(day: date, years: int) -> date:
    if day.month == 2 and day.day == 29:
        day = day.replace(day=28)
    return day.replace(year=min(day.year + years, date.max.year))


def _key(day: date, granularity: str) -> str:
    lengths = {"day": 10, "month": 7, "year": 4}
    return "total" if granularity == "total" else day.isoformat()[: lengths[granularity]]


def _scattered(answer: Mapping[str, V]) -> dict[str, V]:
    """Put the keys in an order that means nothing, as Figshare does."""
    return dict(sorted(answer.items(), key=lambda entry: hashlib.md5(entry[0].encode()).digest()))
