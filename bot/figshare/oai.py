"""Figshare's OAI-PMH 2.0: what the repository says of itself, its sets and its newest records.

http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm, as Figshare speaks it: a record is the latest
version of an article. Every call raises FigshareError; an `<error>` is OaiError with its code.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

from bot.figshare import oai_records as read
from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import FigshareError, InvalidResponse, OaiError
from bot.figshare.oai_records import Format, Headers, Identify, Record, Records, Sets
from bot.figshare.xml import Element

T = TypeVar("T")

_PREFIX = "oai:figshare.com:article/"
# A harvest is many pages of unknown size; nobody in a chat reads more than these hold.
PAGES = 8
# Sets are kept for hours: who asks again after `patience` was over comes further.
SET_PAGES = 60

_DESCRIPTION = CachePolicy(max_age=86_400, stale_while_revalidate=172_800, stale_if_error=604_800)
_SETS = CachePolicy(max_age=21_600, stale_while_revalidate=43_200, stale_if_error=604_800)
_RECORD = CachePolicy(max_age=600, stale_while_revalidate=3_600, stale_if_error=604_800)
# A page whose resumptionToken has died (after 60 min) must not serve while a newer one is fetched.
_RECORDS = CachePolicy(max_age=600, stale_while_revalidate=600, stale_if_error=604_800)

_DAY = timedelta(days=1)
_MONTH = timedelta(days=32)
# Windows begin at round minutes: several askers share one answer.
_SHORTEST = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN_LIFE = 3_600


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Oai:
    """One repository; a list that is cut, after some pages or `patience` seconds, is not complete."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        *,
        now: Callable[[], datetime] = _utc_now,
        patience: float = 12.0,
    ) -> None:
        self._transport, self._url, self._now, self._patience = transport, url, now, patience

    @staticmethod
    def identifier(article_id: int) -> str:
        """Name the record of an article; the name is the same for every portal."""
        return f"{_PREFIX}{article_id}"

    async def identify(self) -> Identify:
        """Give what the repository says of itself."""
        return await self._ask(
            lambda body: read.identify(read.answer_to(body, "Identify")), _DESCRIPTION, verb="Identify"
        )

    async def formats(self, identifier: str | None = None) -> list[Format]:
        """Give the metadata formats, of one record if it is named; raises OaiError idDoesNotExist."""
        verb = "ListMetadataFormats"
        return await self._ask(
            lambda body: [
                read.metadata_format(row)
                for row in read.answer_to(body, verb).iterfind(f"{read.OAI}metadataFormat")
            ],
            _DESCRIPTION,
            verb=verb,
            identifier=identifier,
        )

    async def record(self, identifier: str, prefix: str = "oai_dc") -> Record:
        """Give one record; raises OaiError idDoesNotExist or cannotDisseminateFormat."""

        def decode(body: bytes) -> Record:
            found = read.answer_to(body, "GetRecord").find(f"{read.OAI}record")
            if found is None:
                raise InvalidResponse("no record in the answer")
            return read.record(found, prefix)

        return await self._ask(
            decode, _RECORD, verb="GetRecord", identifier=identifier, metadataPrefix=prefix
        )

    async def sets(self, limit: int) -> Sets:
        """Give the first sets: item types, then portals, categories and months."""
        rows, complete = await self._list(
            read.item_set, lambda row: row.set_spec, limit, _SETS, verb="ListSets"
        )
        return Sets(rows, complete)

    async def headers(
        self,
        *,
        set_spec: str | None = None,
        since: date | None = None,
        until: date | None = None,
        prefix: str = "oai_dc",
        limit: int,
    ) -> Headers:
        """Give headers in Figshare's order, which is unknown; `since` and `until` (UTC) are inclusive."""
        rows, complete = await self._list(
            read.header,
            lambda row: row.identifier,
            limit,
            _RECORDS,
            **_selection("ListIdentifiers", prefix, set_spec, since, until),
        )
        return Headers(rows, complete)

    async def records(
        self,
        *,
        set_spec: str | None = None,
        since: date | None = None,
        until: date | None = None,
        prefix: str = "oai_dc",
        limit: int,
    ) -> Records:
        """Give records in Figshare's order, which is unknown; `since` and `until` (UTC) are inclusive."""
        rows, complete = await self._list(
            lambda element: read.record(element, prefix),
            lambda row: row.header.identifier,
            limit,
            _RECORDS,
            **_selection("ListRecords", prefix, set_spec, since, until),
        )
        return Records(rows, complete)

    async def newest(
        self,
        set_spec: str | None = None,
        since: date | None = None,
        limit: int = 10,
        *,
        also: str | None = None,
    ) -> Records:
        """Give the newest records, newest first, in at most `PAGES` requests.

        OAI-PMH promises no order: windows are walked backwards from now, each twice as long, narrower
        where one holds too much; the last request asks for all the rest. It lists one set at a time: give the
        smaller of two (a portal) as `set_spec` and the other as `also`. Withdrawn records are among them.
        """
        # A portal publishes little: its month mostly is one page.
        first = _MONTH if set_spec and set_spec.startswith("portal_") else _DAY
        walk = _Walk(self._now(), _instant(since), first)
        found: dict[str, Record] = {}
        in_time = self._clock()
        while walk.left and not walk.done and len(found) < limit and in_time():
            try:
                rows = await self._window(walk, set_spec, in_time)
            except FigshareError:
                if not found:
                    raise
                break
            wanted = (row for row in rows if also is None or also in row.header.set_specs)
            # A window is newer than all that follow it: what is in it is sorted on its own.
            for row in sorted(wanted, key=lambda each: each.header.datestamp, reverse=True):
                found.setdefault(row.header.identifier, row)
        records = tuple(found.values())
        return Records(records[:limit], walk.done and len(records) <= limit, walk.reached)

    async def _window(self, walk: "_Walk", set_spec: str | None, in_time: Callable[[], bool]) -> list[Record]:
        """Give all records of the next window; none, and a narrower window next, if they are too many."""
        since = walk.start()
        arguments = _selection("ListRecords", "oai_dc", set_spec, since, walk.until)
        pages = self._pages(lambda element: read.record(element, "oai_dc"), _RECORDS, arguments)
        rows: list[Record] = []
        while walk.left:
            walk.left -= 1
            page = await pages.next()
            rows += page.rows
            if not page.token:
                walk.go_on(since)
                return rows
            if walk.narrower(since, [row.header.datestamp for row in page.rows]) or not in_time():
                break
        return []

    async def _list(
        self,
        row: Callable[[Element], T],
        key: Callable[[T], str],
        limit: int,
        life: CachePolicy,
        **arguments: str | None,
    ) -> tuple[tuple[T, ...], bool]:
        """Follow a list until `limit` rows are there, each once; what came before a failure is kept."""
        pages, found, in_time = self._pages(row, life, arguments), dict[str, T](), self._clock()
        for _ in range(SET_PAGES if life is _SETS else PAGES):
            try:
                page = await pages.next()
            except FigshareError:
                if not found:
                    raise
                break
            found.update((key(each), each) for each in page.rows)
            if not page.token:
                return tuple(found.values())[:limit], len(found) <= limit
            if len(found) >= limit or not in_time():
                break
        return tuple(found.values())[:limit], False

    def _pages(
        self, row: Callable[[Element], T], life: CachePolicy, arguments: Mapping[str, str | None]
    ) -> "_Pages[T]":
        verb = str(arguments["verb"])
        again = f"#{int(self._now().timestamp()) // _TOKEN_LIFE}"

        async def ask(token: str, anew: bool) -> read.Page[T]:
            given = {"verb": verb, "resumptionToken": token} if token else arguments
            return await self._ask(
                lambda body: read.page(body, verb, row), life, again if anew else "", **given
            )

        return _Pages(ask)

    def _clock(self) -> Callable[[], bool]:
        now = asyncio.get_running_loop().time
        until = now() + self._patience
        return lambda: now() < until

    async def _ask(
        self, decode: Callable[[bytes], T], life: CachePolicy, fragment: str = "", **arguments: str | None
    ) -> T:
        given = tuple((key, value) for key, value in arguments.items() if value is not None)
        return await self._transport.fetch(Request("oai", self._url + fragment, given), decode, life)


class _Pages(Generic[T]):
    """The pages of one list, one after the other; a token that has died starts over, once."""

    def __init__(self, ask: Callable[[str, bool], Awaitable[read.Page[T]]]) -> None:
        self._ask, self._token, self._anew = ask, "", False

    async def next(self) -> read.Page[T]:
        try:
            page = await self._ask(self._token, self._anew)
        except OaiError as error:
            if error.code != "badResumptionToken" or not self._token or self._anew:
                raise
            # The first page is still in the cache, with the dead token: under a fragment, which is never
            # sent, the cache knows it not.
            self._anew = True
            page = await self._ask("", True)
        self._token = page.token
        return page


class _Walk:
    """How far a walk from now into the past has come, and how wide its next step is."""

    def __init__(self, now: datetime, since: datetime | None, first: timedelta) -> None:
        self._upper, self._since, self._span, self._crowded = now, since, first, False
        self.left, self.done = PAGES, False
        self.until: datetime | None = None
        self.reached: datetime | None = None

    def start(self) -> datetime | None:
        """Give the first moment of the next window; None is the very beginning."""
        if self.left == 1 and not self._crowded:
            return self._since
        unit = _DAY if self._span >= _DAY else _SHORTEST
        start = self._upper - self._span
        start += (_EPOCH - start) % unit
        return max(start, self._since) if self._since else start

    def go_on(self, start: datetime | None) -> None:
        """Put the next window before one that has been read to its end."""
        if start is None or (self._since and start <= self._since):
            self.done, self.reached = True, self._since
            return
        # Both ends are inclusive and count in seconds.
        self._upper, self.until, self.reached = start, start - timedelta(seconds=1), start
        self._span *= 2

    def narrower(self, start: datetime | None, stamps: Sequence[datetime]) -> bool:
        """Tell whether a window holds many more pages; the next one is then as long as this page."""
        if start is None or not stamps:
            return False
        length, page = self._upper - start, max(stamps) - min(stamps)
        if length <= 3 * max(page, _SHORTEST):
            return False
        self._span, self._crowded = max(page, _SHORTEST), True
        return True


def _selection(
    verb: str, prefix: str, set_spec: str | None, since: date | None, until: date | None
) -> dict[str, str | None]:
    first, last = _instant(since), _instant(until, end=True)
    return {
        "verb": verb,
        "metadataPrefix": prefix,
        "set": set_spec,
        "from": f"{first:%Y-%m-%dT%H:%M:%SZ}" if first else None,
        "until": f"{last:%Y-%m-%dT%H:%M:%SZ}" if last else None,
    }


def _instant(day: date | None, end: bool = False) -> datetime | None:
    """Make a moment in UTC of a day, its last second if it ends something; a moment stays as it is."""
    if day is None:
        return None
    if isinstance(day, datetime):
        return day.astimezone(UTC) if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, time(23, 59, 59) if end else time(), UTC)
