"""Fetches what a digest says."""

import asyncio
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from bot.bot import Bot
from bot.digests.report import new_items
from bot.digests.report.facts import Report, ReportRow
from bot.digests.report.fetcher import Fetcher
from bot.digests.report.time_series import Window, by_day, time_series
from bot.digests.resolver import ours
from bot.figshare.models import Article, Collection, Project
from bot.figshare.stats import SubjectKind as Kind
from bot.items.lookup import Subject
from bot.language import references
from bot.language.references import Reference
from bot.language.topics import Topic
from bot.text import cut, parsed_day, web

# Of so many members the views are asked; so many items of the portal are ranked.
MEMBERS, TOP = 50, 5


async def gather(
    bot: Bot, what: Topic, first: date, last: date, *, is_first: bool, room: asyncio.Semaphore
) -> Report:
    """Fetch the facts of a digest of these days, both included; what can't be had is left unknown.

    `is_first`: of a search give the newest there are. `room` bounds how many requests wait at a time.
    Raises FigshareError when neither a count nor what is new could be had. Counts are Figshare's raw ones:
    https://docs.figshare.com/#stats.
    """
    asking = Fetcher(bot, Window(first, last), room)
    if what.search:
        new, more = await new_items.matches(asking, what.search, is_first)
        said = Report(
            *(first, last, asking.as_of),
            new=tuple(new),
            more_new=more,
            new_counted=True,
            so_far=is_first,
        )
    elif what.ours:
        said = await _ours(asking)
    else:
        said = await _listed(asking, what.references)
    chart = time_series(said.things, asking.timelines, asking.window)
    return replace(
        said,
        spans=chart.spans,
        series=chart.series,
        series_of=chart.of,
        days=by_day(said.things, asking.timelines, asking.window),
        troubles=asking.troubles,
    )


async def _listed(asking: Fetcher, listed: Sequence[Reference]) -> Report:
    """Count what somebody named, and look for what is new in it."""
    window = asking.window
    counted = await asyncio.gather(*(_counted(asking, each) for each in listed))
    things = [thing for thing, _ in counted]
    holders = [(thing, size) for thing, size in counted if thing.kind in ("collection", "project")]
    rows, is_cut, is_known = await _rows(asking, [thing for thing, _ in holders], things)
    members = await asyncio.gather(*(_viewed(asking, each) for each in rows))
    groups = [each.id for each in things if each.kind == "group"]
    some = list(await asyncio.gather(*(new_items.published(asking, {"group": id}) for id in groups)))
    if not is_known:
        some.append(([], True))
    new, more = new_items.joined(some, members, window.holds)
    return Report(
        window.first,
        window.last,
        asking.as_of,
        tuple(things),
        tuple(members),
        is_cut,
        holders[0][1] if is_cut and len(holders) == 1 else None,
        tuple(new) if some or members else None,
        more,
    )


async def _counted(asking: Fetcher, reference: Reference) -> tuple[ReportRow, int | None]:
    """Count one thing that somebody named; give how many items are in it too, where Figshare tells."""
    kind: Kind = reference.kind or "article"
    id = reference.id or 0
    record, views, downloads, totals = await asyncio.gather(
        asking.record(reference),
        asking.timeline("views", kind, id),
        asking.timeline("downloads", kind, id),
        asking.had(asking.bot.stats.totals(kind, id)),
    )
    known, window = totals or {}, asking.window
    found = ReportRow(
        kind,
        id,
        references.label(reference),
        views=window.count(views, known.get("views")),
        downloads=window.count(downloads, known.get("downloads")),
        doubt=record.doubt if record else "unknown to Figshare",
    )
    if record is None and found.is_doubtful:
        asking.forget(kind, id)
        return replace(found.certain, doubt=""), None
    size = record.record.articles_count if record and isinstance(record.record, Collection) else None
    return _named(found, record), size


async def _rows(
    asking: Fetcher, holders: Sequence[ReportRow], named: Sequence[ReportRow]
) -> tuple[list[Article], bool, bool]:
    """List what is in collections and projects and not named itself; whether that is cut, and is known."""
    rest = asking.bot.figshare
    lists = await asyncio.gather(
        *(
            asking.had(rest.members(f"{each.kind}s", each.id, 1, MEMBERS + 1), is_figure=False)  # type: ignore[arg-type]
            for each in holders
        )
    )
    own = {each.id for each in named if each.kind == "article"}
    rows = {row.id: row for some in lists for row in some or () if row.id not in own}
    is_cut = len(rows) > MEMBERS or any(len(some or ()) > MEMBERS for some in lists)
    return list(rows.values())[:MEMBERS], is_cut, None not in lists


async def _viewed(asking: Fetcher, row: Article) -> ReportRow:
    """Count the views of an item in a collection or project."""
    views = await asking.timeline("views", "article", row.id)
    title, url = new_items.titled(row.title, f"item {row.id}"), web(row.url_public_html)
    first = new_items.first_online(row)
    return ReportRow("article", row.id, title, url, first, asking.window.count(views, None))


async def _ours(asking: Fetcher) -> Report:
    """Return the report of the configured portal: its root group, what was most viewed, and what is new.

    Raises InvalidArgument when none is configured.
    """
    bot, window, settings = asking.bot, asking.window, asking.bot.settings
    bot.need_ours("FIGSHARE_GROUP", "FIGSHARE_PORTAL", "FIGSHARE_INSTITUTION")
    things, members = list[ReportRow](), list[ReportRow]()
    if settings.figshare_group is not None:
        group, _ = await _counted(asking, Reference("group", settings.figshare_group))
        things = [replace(group, title=ours(bot))]
    if settings.figshare_portal:
        top = bot.stats.top("views", "article", TOP, window.first, window.last, portal=True)
        ids = list(await asking.had(top) or ())[:TOP]
        members = list(await asyncio.gather(*(_ranked(asking, id) for id in ids)))
    narrowed = new_items.scope(asking)
    is_asked = any(each is not None for each in narrowed.values())
    new, more = await new_items.published(asking, narrowed) if is_asked else ([], False)
    return Report(
        window.first,
        window.last,
        asking.as_of,
        tuple(things),
        tuple(members),
        new=tuple(new) if is_asked else None,
        more_new=more,
    )


async def _ranked(asking: Fetcher, id: int) -> ReportRow:
    """Count the views of an item of the ranking."""
    record, views = await asyncio.gather(
        asking.record(Reference(None, id)), asking.timeline("views", "article", id)
    )
    return _named(ReportRow("article", id, f"item {id}", views=asking.window.count(views, None)), record)


def _named(found: ReportRow, record: Subject | None) -> ReportRow:
    """Add what Figshare tells about it."""
    if record is None:
        return found
    title, first = cut(record.title, new_items.LONGEST_TITLE), None
    if isinstance(record.record, Article | Collection):
        first = new_items.first_online(record.record)
    elif isinstance(record.record, Project):
        first = parsed_day(record.record.published_date)
    return replace(found, title=title, url=record.url, first=first)
