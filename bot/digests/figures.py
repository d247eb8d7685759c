"""Fetches what a digest says."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar

from bot.answers import trouble
from bot.bot import Bot
from bot.digests.contents import Contents, Count, Day, New, Series, Thing
from bot.digests.schedule import before
from bot.digests.what import What, ours
from bot.figshare import query, references
from bot.figshare.errors import FigshareError
from bot.figshare.models import Article, ArticleComplete, Collection, Project
from bot.figshare.references import Reference
from bot.figshare.stats import Counter
from bot.figshare.stats import Thing as Kind
from bot.limits import question
from bot.lookup import NoSuch, Subject, subject
from bot.text import cut, parsed_day, plain, web

T = TypeVar("T")

MEMBERS, NEW, FIRST_NEW, TOP = 50, 50, 5, 5
# Spans of a chart; one request for a timeline by day may have a year.
SPANS, LONGEST = 8, 365
_DAY = timedelta(days=1)
_LONGEST_TITLE = 250
_KINDS = {"articles": "article", "collections": "collection", "projects": "project"}


async def gather(
    bot: Bot, what: What, first: date, last: date, *, is_first: bool, room: asyncio.Semaphore
) -> Contents:
    """Fetch the facts of a digest of these days, both included; what can't be had is left unknown.

    `is_first`: of a search also show what was there before. `room` bounds how many requests wait at a time.
    Raises FigshareError when nothing could be had. Counts are Figshare's raw ones:
    https://docs.figshare.com/#stats.
    """
    return await _Gathering(bot, first, last, room).of(what, is_first)


class _Gathering:
    """The days to be counted, what could not be had of them, and why."""

    def __init__(self, bot: Bot, first: date, last: date, room: asyncio.Semaphore) -> None:
        self.bot, self.first, self.last, self.room = bot, first, last, room
        self.before = before(first, last)
        length = (last - first).days + 1
        self.spans = [first - _DAY * (length * at) for at in range(max(2, min(SPANS, LONGEST // length)))][
            ::-1
        ]
        self.length = timedelta(days=length)
        self.troubles: dict[str, FigshareError | None] = {}
        self.had_any = False
        self.by_day: dict[tuple[str, int, str], dict[str, int] | None] = {}

    async def of(self, what: What, is_first: bool) -> Contents:
        new: tuple[New, ...] | None = None
        more, members_of, members = False, None, list[Thing]()
        things = list[Thing]()
        if what.search:
            new, more = await self.searched(what.search, is_first)
        elif what.ours:
            things, members, (new, more) = await self.ours()
        else:
            things = list(await asyncio.gather(*map(self.thing, what.references)))
            members, members_of = await self.members(things)
            groups = [each.id for each in things if each.kind == "group"]
            if groups:
                found = await asyncio.gather(*(self.published({"group": id}) for id in groups))
                new = tuple(each for some, _ in found for each in some or ())
                more = any(more for _, more in found)
            elif members:
                new = tuple(self._new_members(members))
        failed = next((error for error in self.troubles.values() if error is not None), None)
        if failed is not None and not self.had_any:
            raise failed
        spans, series = self.series(things)
        return Contents(
            self.first,
            self.last,
            self._as_of(),
            tuple(things),
            tuple(members),
            members_of,
            new,
            more,
            spans,
            series,
            self.days(things),
            tuple(self.troubles),
        )

    async def had(self, asked: Awaitable[T], is_figure: bool = True) -> T | None:
        """Give what was asked for, or nothing, and remember why."""
        async with self.room:
            try:
                found = await asked
            except FigshareError as error:
                self.troubles.setdefault(trouble(error)[0], error)
                return None
        # A title alone is no digest.
        self.had_any = self.had_any or is_figure
        return found

    def _as_of(self) -> float:
        """Tell from when the oldest of the figures is."""
        asked = question.get()
        return min((each.at for each in asked.taken), default=self.bot.clock()) if asked else self.bot.clock()

    async def thing(self, reference: Reference) -> Thing:
        """Count one thing that somebody named."""
        kind: Kind = reference.kind or "article"
        id = reference.id or 0
        record, views, downloads, totals = await asyncio.gather(
            self.record(reference),
            self.counted("views", kind, id),
            self.counted("downloads", kind, id),
            self.had(self.bot.stats.totals(kind, id)),
        )
        known = totals or {}
        found = Thing(
            kind,
            id,
            references.label(reference),
            views=self._count(views, known.get("views")),
            downloads=self._count(downloads, known.get("downloads")),
        )
        return found if record is None else _titled(found, record)

    async def record(self, reference: Reference) -> Subject | None:
        """Find what a number is called."""
        try:
            return await self.had(subject(self.bot, reference), is_figure=False)
        except NoSuch as gone:
            self.troubles.setdefault(gone.what, None)
            return None

    async def counted(self, counter: Counter, kind: Kind, id: int) -> dict[str, int] | None:
        """Give counts by day, over all spans in one request."""
        asked = self.bot.stats.timeline("day", counter, kind, id, self.spans[0], self.last)
        self.by_day[kind, id, counter] = found = await self.had(asked)
        return found

    async def members(self, things: Sequence[Thing]) -> tuple[list[Thing], int | None]:
        """Count the views of what is in collections and projects: fifty of each list, and of them all."""
        holders = [each for each in things if each.kind in ("collection", "project")]
        lists = await asyncio.gather(
            *(
                self.had(self.bot.figshare.members(f"{each.kind}s", each.id, 1, MEMBERS))  # type: ignore[arg-type]
                for each in holders
            )
        )
        named = {each.id for each in things if each.kind == "article"}
        rows = {row.id: row for some in lists for row in some or () if row.id not in named}
        some = list(rows.values())[:MEMBERS]
        is_cut = len(rows) > len(some) or any(rows is not None and len(rows) == MEMBERS for rows in lists)
        return list(await asyncio.gather(*map(self.member, some))), len(some) if is_cut else None

    async def member(self, row: Article) -> Thing:
        """Count the views of an item in a collection."""
        views = await self.counted("views", "article", row.id)
        return Thing(
            "article",
            row.id,
            _title(row.title, f"item {row.id}"),
            web(row.url_public_html),
            _first_online(row),
            self._count(views, None),
        )

    def _new_members(self, members: Sequence[Thing]) -> list[New]:
        return [
            New(each.kind, each.id, each.title, each.url, each.first)
            for each in members
            if each.first is not None and self.first <= each.first <= self.last
        ]

    async def ours(self) -> tuple[list[Thing], list[Thing], tuple[tuple[New, ...] | None, bool]]:
        """Count the configured portal: its root group, what was most viewed, and what is new."""
        settings = self.bot.settings
        things = list[Thing]()
        if settings.figshare_group is not None:
            group = await self.thing(Reference("group", settings.figshare_group))
            things = [
                Thing(
                    "group", group.id, ours(self.bot), None, None, group.views, group.downloads, group.doubt
                )
            ]
        members = list[Thing]()
        if settings.figshare_portal:
            top = self.bot.stats.top("views", "article", TOP, self.first, self.last, portal=True)
            ids = list(await self.had(top) or ())[:TOP]
            members = list(await asyncio.gather(*(self.most_viewed(id) for id in ids)))
        scope: dict[str, int | None] = (
            {"institution": settings.figshare_institution}
            if settings.figshare_institution is not None
            else {"group": settings.figshare_group}
        )
        return things, members, (await self.published(scope) if any(scope.values()) else (None, False))

    async def most_viewed(self, id: int) -> Thing:
        """Count the views of an item of the ranking."""
        record, views = await asyncio.gather(
            self.record(Reference(None, id)), self.counted("views", "article", id)
        )
        found = Thing("article", id, f"item {id}", views=self._count(views, None))
        return found if record is None else _titled(found, record)

    async def published(self, scope: dict[str, int | None]) -> tuple[tuple[New, ...] | None, bool]:
        """Give what a group or institution published in these days."""
        return await self._found("articles", {**scope, "page_size": NEW})

    async def searched(self, words: str, is_first: bool) -> tuple[tuple[New, ...] | None, bool]:
        """Give what is new among the matches of a search, with its numbers; at first the newest there are."""
        asked = query.search(words, self.last + _DAY)
        body = dict(asked.body)
        if asked.ours:
            number = self.bot.settings.figshare_institution
            scope = (
                {"institution": number} if number is not None else {"group": self.bot.settings.figshare_group}
            )
            body.update(scope)
        body["page_size"] = FIRST_NEW if is_first else NEW
        new, more = await self._found(asked.what, body, dated=not is_first)
        if new is None:
            return None, False
        return tuple(await asyncio.gather(*map(self._with_numbers, new))), more

    async def _with_numbers(self, found: New) -> New:
        totals = await self.had(self.bot.stats.totals(found.kind, found.id)) or {}  # type: ignore[arg-type]
        return New(
            found.kind,
            found.id,
            found.title,
            found.url,
            found.published,
            found.is_version,
            totals.get("views"),
            totals.get("downloads"),
        )

    async def _found(
        self,
        what: Literal["articles", "collections", "projects"],
        body: dict[str, object],
        dated: bool = True,
    ) -> tuple[tuple[New, ...] | None, bool]:
        since = f"{self.first - _DAY}T23:59:59Z"
        asked = {**body, "order": "published_date", "order_direction": "desc", "page": 1}
        if dated:
            asked["published_since"] = max(since, str(body.get("published_since", "")))
        rows = await self.had(self.bot.figshare.search(what, asked))
        if rows is None:
            return None, False
        found = [_new(_KINDS[what], row, self.first) for row in rows]
        shown = [each for each in found if not dated or self._is_within(each.published)]
        return tuple(shown), len(rows) == body["page_size"] and dated

    def _is_within(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def _count(self, days: dict[str, int] | None, total: int | None) -> Count:
        if days is None:
            return Count(None, None, total)
        return Count(_sum(days, self.first, self.last), _sum(days, *self.before), total)

    def series(self, things: Sequence[Thing]) -> tuple[tuple[date, ...], tuple[Series, ...]]:
        """Add up what can be drawn: of things of one kind together, of others one by one."""
        named = (("Views", "views"), ("Downloads", "downloads"))
        lines: list[tuple[str, list[dict[str, int] | None]]] = []
        if len({each.kind for each in things}) == 1:
            for name, counter in named:
                lines.append((name, [self.by_day.get((each.kind, each.id, counter)) for each in things]))
        else:
            lines = [(each.title, [self.by_day.get((each.kind, each.id, "views"))]) for each in things]
        drawn = []
        for name, series in lines:
            # A sum that lacks something would be a wrong number.
            known = [days for days in series if days is not None]
            if known and len(known) == len(series):
                values = (sum(_sum(days, at, at + self.length - _DAY) for days in known) for at in self.spans)
                drawn.append(Series(name, tuple(values)))
        return (tuple(self.spans), tuple(drawn)) if drawn else ((), ())

    def days(self, things: Sequence[Thing]) -> tuple[Day, ...]:
        """Give each day of the only thing there is."""
        if len(things) != 1:
            return ()
        views, downloads = (
            self.by_day.get((things[0].kind, things[0].id, name)) for name in ("views", "downloads")
        )
        found = []
        for at in range(self.length.days):
            day = self.first + _DAY * at
            found.append(
                Day(
                    day,
                    None if views is None else views.get(day.isoformat(), 0),
                    None if downloads is None else downloads.get(day.isoformat(), 0),
                )
            )
        return tuple(found)


def _sum(days: dict[str, int], first: date, last: date) -> int:
    return sum(n for day, n in days.items() if first.isoformat() <= day <= last.isoformat())


def _titled(found: Thing, record: Subject) -> Thing:
    first = None
    if isinstance(record.record, Article | Collection):
        first = _first_online(record.record)
    elif isinstance(record.record, Project):
        first = parsed_day(record.record.published_date)
    title = cut(record.title, _LONGEST_TITLE)
    return Thing(found.kind, found.id, title, record.url, first, found.views, found.downloads, record.doubt)


def _first_online(found: Article | ArticleComplete | Collection) -> date | None:
    if found.timeline is not None and (day := parsed_day(found.timeline.first_online)):
        return day
    return None


def _new(kind: str, row: Article | Collection | Project, first: date) -> New:
    url = web(getattr(row, "url_public_html", None)) or web(getattr(row, "figshare_url", None))
    if url is None and kind != "article":
        url = f"https://figshare.com/{kind}s/_/{row.id}"
    online = None if isinstance(row, Project) else _first_online(row)
    return New(
        kind,
        row.id,
        _title(row.title, f"{'item' if kind == 'article' else kind} {row.id}"),
        url,
        parsed_day(row.published_date),
        online is not None and online < first,
    )


def _title(html: str | None, otherwise: str) -> str:
    return cut(plain(html), _LONGEST_TITLE) or otherwise
