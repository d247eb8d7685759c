"""Fetches the facts of a digest."""

import asyncio
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from bot.bot import Bot
from bot.digests.report import new_items
from bot.digests.report.facts import Report, ReportRow
from bot.digests.report.fetcher import Fetcher
from bot.digests.report.time_series import Window, daily_counts, time_series
from bot.figshare.models import Article, Collection, Project
from bot.figshare.stats import SubjectKind
from bot.items.cards import MAX_TITLE, record_title
from bot.items.lookup import Subject
from bot.language import references
from bot.language.references import Reference
from bot.language.topics import Topic
from bot.text import cut, parse_day, safe_url

# How many members have their views fetched, and how many of the portal's most viewed items are listed.
_MAX_MEMBERS, _RANKED_ITEMS = 50, 5


async def collect_report(
    bot: Bot, topic: Topic, first: date, last: date, *, is_first: bool, request_slots: asyncio.Semaphore
) -> Report:
    """Return the facts of a digest over these days (UTC), both included; what can't be fetched is unknown.

    `is_first` is for the first digest of a search, which has the newest matches there are. `request_slots`
    bounds how many requests of all digests wait for Figshare at a time.
    Raises FigshareError when neither a count nor what is new could be fetched, and InvalidArgument when the
    topic needs a setting that is gone. Counts are Figshare's raw ones: https://docs.figshare.com/#stats.
    """
    fetcher = Fetcher(bot, Window(first, last), request_slots)
    if topic.search:
        items, may_have_more = await new_items.search_matches(fetcher, topic.search, is_first)
        report = Report(
            first_day=first,
            last_day=last,
            as_of=fetcher.as_of,
            new_items=tuple(items),
            may_have_more_new=may_have_more,
            has_new_counts=True,
            is_first_of_search=is_first,
        )
    elif topic.is_ours:
        report = await _portal_report(fetcher)
    else:
        report = await _listed_report(fetcher, topic.references)
    chart = time_series(report.listed, fetcher.timelines, fetcher.window)
    return replace(
        report,
        buckets=chart.buckets,
        series=chart.series,
        charted_count=chart.charted_count,
        days=daily_counts(report.listed, fetcher.timelines, fetcher.window),
        problems=fetcher.problems,
    )


async def _listed_report(fetcher: Fetcher, topic_references: Sequence[Reference]) -> Report:
    """Return the counts of what somebody listed, and what is new in it."""
    window = fetcher.window
    sized_rows = await asyncio.gather(*(_row_and_size(fetcher, reference) for reference in topic_references))
    rows = [row for row, _ in sized_rows]
    sizes = [size for row, size in sized_rows if row.kind in ("collection", "project")]
    articles, is_cut, is_complete = await _member_articles(fetcher, rows)
    members = await asyncio.gather(*(_member_row(fetcher, article) for article in articles))
    group_ids = [row.id for row in rows if row.kind == "group"]
    lists = list(
        await asyncio.gather(*(new_items.published_items(fetcher, {"group": id}) for id in group_ids))
    )
    if not is_complete:
        lists.append(([], True))
    items, may_have_more = new_items.merged(lists, members, window.contains)
    return Report(
        first_day=window.first,
        last_day=window.last,
        as_of=fetcher.as_of,
        listed=tuple(rows),
        members=tuple(members),
        has_more_members=is_cut,
        member_count=sizes[0] if is_cut and len(sizes) == 1 else None,
        new_items=tuple(items) if lists or members else None,
        may_have_more_new=may_have_more,
    )


async def _row_and_size(fetcher: Fetcher, reference: Reference) -> tuple[ReportRow, int | None]:
    """Return the counts of what somebody listed, and how many items are in it, where Figshare says so."""
    kind: SubjectKind = reference.kind or "article"
    id = reference.id or 0
    subject, views, downloads, totals = await asyncio.gather(
        fetcher.subject(reference),
        fetcher.timeline("views", kind, id),
        fetcher.timeline("downloads", kind, id),
        fetcher.try_get(fetcher.bot.stats.totals(kind, id)),
    )
    all_time, window = totals or {}, fetcher.window
    row = ReportRow(
        kind,
        id,
        references.label(reference),
        views=window.count(views, all_time.get("views")),
        downloads=window.count(downloads, all_time.get("downloads")),
        zero_caveat=subject.zero_caveat if subject else "unknown to Figshare",
    )
    if subject is None and row.is_doubtful:
        fetcher.mark_unknown(kind, id)
        return replace(row.without_doubtful, zero_caveat=""), None
    record = subject.record if subject else None
    return _with_record(row, subject), record.articles_count if isinstance(record, Collection) else None


async def _member_articles(fetcher: Fetcher, listed: Sequence[ReportRow]) -> tuple[list[Article], bool, bool]:
    """Return the items in listed collections and projects that are not listed themselves.

    The second value says whether there are more than _MAX_MEMBERS, the third whether all lists could be
    fetched.
    """
    figshare = fetcher.bot.figshare
    pages = await asyncio.gather(
        *(
            fetcher.try_get(figshare.members(f"{row.kind}s", row.id, 1, _MAX_MEMBERS + 1), is_figure=False)  # type: ignore[arg-type]
            for row in listed
            if row.kind in ("collection", "project")
        )
    )
    listed_ids = {row.id for row in listed if row.kind == "article"}
    articles = {
        article.id: article for page in pages for article in page or () if article.id not in listed_ids
    }
    is_cut = len(articles) > _MAX_MEMBERS or any(len(page or ()) > _MAX_MEMBERS for page in pages)
    return list(articles.values())[:_MAX_MEMBERS], is_cut, None not in pages


async def _member_row(fetcher: Fetcher, article: Article) -> ReportRow:
    """Return an item of a collection or project with its views."""
    views = await fetcher.timeline("views", "article", article.id)
    return ReportRow(
        "article",
        article.id,
        record_title(article),
        safe_url(article.url_public_html),
        new_items.first_online(article),
        fetcher.window.count(views, None),
    )


async def _portal_report(fetcher: Fetcher) -> Report:
    """Return the report of the configured portal: its root group, what was most viewed, and what is new.

    Raises InvalidArgument when none is configured.
    """
    bot, window, settings = fetcher.bot, fetcher.window, fetcher.bot.settings
    bot.require_ours("subscribe")
    rows, members = list[ReportRow](), list[ReportRow]()
    if settings.figshare_group:
        group, _ = await _row_and_size(fetcher, Reference("group", settings.figshare_group))
        rows = [replace(group, title=bot.ours_name)]
    if settings.figshare_portal:
        top = bot.stats.top("views", "article", _RANKED_ITEMS, window.first, window.last, via_portal=True)
        ranking = await fetcher.try_get(top)
        ids = list(ranking.counts if ranking else ())[:_RANKED_ITEMS]
        if ranking and ranking.unreadable_ids:
            fetcher.note_problem("I couldn't read all of Figshare's ranking.")
        members = list(await asyncio.gather(*(_ranked_row(fetcher, id) for id in ids)))
    filters = bot.ours_filter
    items, may_have_more = await new_items.published_items(fetcher, filters) if filters else ([], False)
    return Report(
        first_day=window.first,
        last_day=window.last,
        as_of=fetcher.as_of,
        listed=tuple(rows),
        members=tuple(members),
        new_items=tuple(items) if filters else None,
        may_have_more_new=may_have_more,
    )


async def _ranked_row(fetcher: Fetcher, id: int) -> ReportRow:
    """Return an item of the ranking with its views."""
    subject, views = await asyncio.gather(
        fetcher.subject(Reference(None, id)), fetcher.timeline("views", "article", id)
    )
    row = ReportRow("article", id, f"item {id}", views=fetcher.window.count(views, None))
    return _with_record(row, subject)


def _with_record(row: ReportRow, subject: Subject | None) -> ReportRow:
    """Return a row with the title, the URL and the first public day that Figshare has of it."""
    if subject is None:
        return row
    record, first_public = subject.record, None
    if isinstance(record, Article | Collection):
        first_public = new_items.first_online(record)
    elif isinstance(record, Project):
        first_public = parse_day(record.published_date)
    title = cut(subject.title, MAX_TITLE)
    return replace(row, title=title, url=subject.url, first_public=first_public)
