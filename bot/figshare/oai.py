"""Figshare's OAI-PMH 2.0: what the repository says of itself, its sets and its newest records.

http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm; at Figshare a record is the latest version of an
article. Every method raises FigshareError; an `<error>` in the answer is OaiError with its code.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

from bot.figshare import oai_records
from bot.figshare.client import CachePolicy, Request, Transport
from bot.figshare.errors import FigshareError, InvalidResponse, OaiError
from bot.figshare.oai_pages import ListPage, parse_page
from bot.figshare.oai_records import Format, Headers, Identify, Record, Records, Sets
from bot.figshare.oai_windows import DAY_WINDOW, BackwardWindows
from bot.figshare.xml import XmlElement

T = TypeVar("T")

# A list has any number of pages; nobody in a chat reads more than these hold.
MAX_PAGES = 8
# Pages of sets stay in the cache for hours, so that a second call gets further within its time limit.
MAX_SET_PAGES = 60

_IDENTIFIER_PREFIX = "oai:figshare.com:article/"
_DESCRIPTION = CachePolicy(max_age=86_400, stale_while_revalidate=172_800, stale_if_error=604_800)
_SETS = CachePolicy(max_age=21_600, stale_while_revalidate=43_200, stale_if_error=604_800)
_RECORD = CachePolicy(max_age=600, stale_while_revalidate=3_600, stale_if_error=604_800)
# A resumptionToken expires after an hour: a page with an expired one must not serve while a newer is fetched.
_RECORDS = CachePolicy(max_age=600, stale_while_revalidate=600, stale_if_error=604_800)
_TOKEN_SECONDS = 3_600
# A portal publishes little: a month of it is mostly one page.
_PORTAL_WINDOW = timedelta(days=32)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Oai:
    """One repository; answers are cached and shared.

    A list ends after some pages or `time_limit` seconds, or where a later page fails; it then says that it is
    not complete. Datestamps are UTC, and both ends of a span of days are included.
    """

    def __init__(
        self,
        transport: Transport,
        url: str,
        *,
        now: Callable[[], datetime] = _utc_now,
        time_limit: float = 12.0,
    ) -> None:
        self._transport, self._url, self._now, self._time_limit = transport, url, now, time_limit

    @staticmethod
    def identifier(article_id: int) -> str:
        """Return the name of an article's record, which is the same for every portal."""
        return f"{_IDENTIFIER_PREFIX}{article_id}"

    async def identify(self) -> Identify:
        """Return what the repository says of itself (verb Identify)."""
        return await self._get(
            lambda body: oai_records.parse_identify(oai_records.verb_element(body, "Identify")),
            _DESCRIPTION,
            verb="Identify",
        )

    async def formats(self, identifier: str | None = None) -> list[Format]:
        """Return the metadata formats, of one record if it is named (verb ListMetadataFormats).

        Raises OaiError with the code `idDoesNotExist`.
        """
        verb = "ListMetadataFormats"

        def decode(body: bytes) -> list[Format]:
            rows = oai_records.verb_element(body, verb).iterfind(f"{oai_records.OAI}metadataFormat")
            return [oai_records.parse_metadata_format(row) for row in rows]

        return await self._get(decode, _DESCRIPTION, verb=verb, identifier=identifier)

    async def record(self, identifier: str, prefix: str = "oai_dc") -> Record:
        """Return one record (verb GetRecord).

        Raises OaiError with the code `idDoesNotExist` or `cannotDisseminateFormat`.
        """

        def decode(body: bytes) -> Record:
            element = oai_records.verb_element(body, "GetRecord").find(f"{oai_records.OAI}record")
            if element is None:
                raise InvalidResponse("no record in the answer")
            return oai_records.parse_record(element, prefix)

        return await self._get(
            decode, _RECORD, verb="GetRecord", identifier=identifier, metadataPrefix=prefix
        )

    async def sets(self, limit: int) -> Sets:
        """Return the first sets (verb ListSets): item types, then portals, categories and months."""
        listed = await self._list(
            oai_records.parse_set, lambda row: row.set_spec, limit, _SETS, {"verb": "ListSets"}, MAX_SET_PAGES
        )
        return Sets(*listed)

    async def headers(
        self,
        *,
        set_spec: str | None = None,
        since: date | None = None,
        until: date | None = None,
        prefix: str = "oai_dc",
        limit: int,
    ) -> Headers:
        """Return headers (verb ListIdentifiers) in Figshare's order, which is not documented."""
        listed = await self._list(
            oai_records.parse_header,
            lambda row: row.identifier,
            limit,
            _RECORDS,
            _list_arguments("ListIdentifiers", prefix, set_spec, since, until),
        )
        return Headers(*listed)

    async def records(
        self,
        *,
        set_spec: str | None = None,
        since: date | None = None,
        until: date | None = None,
        prefix: str = "oai_dc",
        limit: int,
    ) -> Records:
        """Return records (verb ListRecords) in Figshare's order, which is not documented."""
        records, is_complete, unreadable = await self._list(
            lambda element: oai_records.parse_record(element, prefix),
            lambda row: row.header.identifier,
            limit,
            _RECORDS,
            _list_arguments("ListRecords", prefix, set_spec, since, until),
        )
        return Records(records, is_complete, unreadable=unreadable)

    async def newest(
        self,
        set_spec: str | None = None,
        since: date | None = None,
        limit: int = 10,
        *,
        other_set: str | None = None,
        until: date | None = None,
        is_wanted: Callable[[Record], bool] | None = None,
    ) -> Records:
        """Return the newest records since a day, and until one, newest first, withdrawn ones among them.

        OAI-PMH promises no order: windows of time are requested, backwards, in at most `MAX_PAGES` requests.
        A request lists one set: of two, the smaller one (a portal) is `set_spec`, and the other `other_set`.
        """
        first_length = _PORTAL_WINDOW if set_spec and set_spec.startswith("portal_") else DAY_WINDOW
        end = _utc_moment(until, is_end=True)
        windows = BackwardWindows(self._now(), _utc_moment(since), first_length, MAX_PAGES, end)
        by_identifier: dict[str, Record] = {}
        unreadable, is_in_time = set[int](), self._start_timer()
        while windows.requests_left and not windows.is_done and len(by_identifier) < limit and is_in_time():
            try:
                rows, unreadable_rows = await self._next_window(windows, set_spec, is_in_time)
            except FigshareError:
                if not by_identifier:
                    raise
                break
            unreadable |= unreadable_rows
            wanted = filter(is_wanted, (row for row in rows if other_set in (None, *row.header.set_specs)))
            # A window is newer than all that follow it, so its records are sorted on their own.
            for row in sorted(wanted, key=lambda row: row.header.datestamp, reverse=True):
                by_identifier.setdefault(row.header.identifier, row)
        records, is_complete = tuple(by_identifier.values()), windows.is_done and len(by_identifier) <= limit
        return Records(records[:limit], is_complete, windows.complete_since, len(unreadable))

    async def _next_window(
        self, windows: BackwardWindows, set_spec: str | None, is_in_time: Callable[[], bool]
    ) -> tuple[list[Record], set[int]]:
        """Return all records of the next window, and those that can't be read; if too many, narrow it."""
        start = windows.next_start()
        arguments = _list_arguments("ListRecords", "oai_dc", set_spec, start, windows.until)
        pager = self._pager(lambda element: oai_records.parse_record(element, "oai_dc"), _RECORDS, arguments)
        records, unreadable = list[Record](), set[int]()
        while windows.requests_left:
            windows.requests_left -= 1
            page = await pager.next_page()
            records += page.rows
            unreadable |= page.unreadable
            if not page.token:
                windows.advance(start)
                return records, unreadable
            if windows.narrow(start, [row.header.datestamp for row in page.rows]) or not is_in_time():
                break
        return [], set()

    async def _list(
        self,
        parse_row: Callable[[XmlElement], T],
        key: Callable[[T], str],
        limit: int,
        policy: CachePolicy,
        arguments: Mapping[str, str | None],
        max_pages: int = MAX_PAGES,
    ) -> tuple[tuple[T, ...], bool, int]:
        """Return the first `limit` rows of a list, whether these are all, and how many can't be read."""
        pager, is_in_time = self._pager(parse_row, policy, arguments), self._start_timer()
        rows, unreadable = dict[str, T](), set[int]()
        for _ in range(max_pages):
            try:
                page = await pager.next_page()
            except FigshareError:
                if not rows:
                    raise
                break
            rows.update((key(row), row) for row in page.rows)
            unreadable |= page.unreadable
            if not page.token:
                return tuple(rows.values())[:limit], len(rows) <= limit, len(unreadable)
            if len(rows) >= limit or not is_in_time():
                break
        return tuple(rows.values())[:limit], False, len(unreadable)

    def _pager(
        self,
        parse_row: Callable[[XmlElement], T],
        policy: CachePolicy,
        arguments: Mapping[str, str | None],
    ) -> "_Pager[T]":
        verb = str(arguments["verb"])
        restart_fragment = f"#{int(self._now().timestamp()) // _TOKEN_SECONDS}"

        async def get_page(token: str, is_restarted: bool) -> ListPage[T]:
            return await self._get(
                lambda body: parse_page(body, verb, parse_row),
                policy,
                restart_fragment if is_restarted else "",
                **({"verb": verb, "resumptionToken": token} if token else arguments),
            )

        return _Pager(get_page)

    def _start_timer(self) -> Callable[[], bool]:
        """Return a function that says whether the time limit, which starts now, is not over yet."""
        now = asyncio.get_running_loop().time
        deadline = now() + self._time_limit
        return lambda: now() < deadline

    async def _get(
        self, decode: Callable[[bytes], T], policy: CachePolicy, fragment: str = "", **arguments: str | None
    ) -> T:
        query = tuple((name, value) for name, value in arguments.items() if value is not None)
        return await self._transport.get_cached(Request("oai", self._url + fragment, query), decode, policy)


class _Pager(Generic[T]):
    """The pages of one list, one after the other; an expired resumptionToken starts the list again, once."""

    def __init__(self, get_page: Callable[[str, bool], Awaitable[ListPage[T]]]) -> None:
        self._get_page, self._token, self._is_restarted = get_page, "", False

    async def next_page(self) -> ListPage[T]:
        try:
            page = await self._get_page(self._token, self._is_restarted)
        except OaiError as error:
            if error.code != "badResumptionToken" or not self._token or self._is_restarted:
                raise
            # The first page is still in the cache, with the expired token. With a fragment, which is never
            # sent, its URL is another key there.
            self._is_restarted = True
            page = await self._get_page("", True)
        self._token = page.token
        return page


def _list_arguments(
    verb: str, prefix: str, set_spec: str | None, since: date | None, until: date | None
) -> dict[str, str | None]:
    first, last = _utc_moment(since), _utc_moment(until, is_end=True)
    return {
        "verb": verb,
        "metadataPrefix": prefix,
        "set": set_spec,
        "from": f"{first:%Y-%m-%dT%H:%M:%SZ}" if first else None,
        "until": f"{last:%Y-%m-%dT%H:%M:%SZ}" if last else None,
    }


def _utc_moment(day: date | None, is_end: bool = False) -> datetime | None:
    """Return the first second of a day in UTC, or its last if it `is_end`; a moment stays what it is."""
    if day is None:
        return None
    if isinstance(day, datetime):
        return day.astimezone(UTC) if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, time(23, 59, 59) if is_end else time(), UTC)
