"""Finds what a digest calls new: matches of a search, and what a group or the portal published."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from bot.digests.report.facts import New, ReportRow
from bot.digests.report.fetcher import Fetcher
from bot.figshare.models import Article, ArticleComplete, Collection, Project
from bot.figshare.rest import Searched
from bot.language import search
from bot.text import cut, parsed_day, plain, web

MOST, FIRST = 50, 5
LONGEST_TITLE = 250
# When so much was published after the days of a digest, what is of the days is some pages back.
_PAGES = 5
_DAY = timedelta(days=1)
_KINDS = {"articles": "article", "collections": "collection", "projects": "project"}

# What is new, and whether there is more, or may be.
Found = tuple[list[New], bool]


async def matches(asking: Fetcher, words: str, is_first: bool) -> Found:
    """Give what is new among the matches of a search, with its numbers; at first the newest there are.

    Raises InvalidArgument when the search is none any more.
    """
    last = asking.window.last
    asked = search.search(words, last + _DAY)
    body = dict(asked.body)
    if asked.ours:
        asking.bot.need_ours("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP")
        body.update(scope(asking))
    if is_first:
        found, more = await _pages(asking, asked.what, body, lambda day: day is None or day <= last, FIRST)
    else:
        found, more = await _dated(asking, asked.what, body)
    return list(await asyncio.gather(*(_counted(asking, each) for each in found))), more


def scope(asking: Fetcher) -> dict[str, int | None]:
    """Give what narrows a search to ours."""
    settings = asking.bot.settings
    if settings.figshare_institution is not None:
        return {"institution": settings.figshare_institution}
    return {"group": settings.figshare_group}


async def published(asking: Fetcher, narrowed: Mapping[str, int | None]) -> Found:
    """Give what a group or institution published in these days."""
    return await _dated(asking, "articles", narrowed)


def joined(
    some: Sequence[Found], members: Iterable[ReportRow], is_new: Callable[[date | None], bool]
) -> Found:
    """Put together what is new in groups, and in collections and projects, the newest first and each once."""
    found = [each for new, _ in some for each in new]
    found += [
        New(each.kind, each.id, each.title, each.url, each.first) for each in members if is_new(each.first)
    ]
    once = {(each.kind, each.id): each for each in reversed(found)}
    newest = sorted(once.values(), key=lambda each: (each.published or date.min, each.id), reverse=True)
    return newest, any(more for _, more in some)


async def _counted(asking: Fetcher, found: New) -> New:
    totals = await asking.had(asking.bot.stats.totals(found.kind, found.id)) or {}  # type: ignore[arg-type]
    return replace(found, views=totals.get("views"), downloads=totals.get("downloads"))


async def _dated(asking: Fetcher, what: Searched, body: Mapping[str, Any]) -> Found:
    since = f"{asking.window.first - _DAY}T23:59:59Z"
    asked = {**body, "published_since": max(since, str(body.get("published_since", "")))}
    return await _pages(asking, what, asked, asking.window.holds, MOST)


async def _pages(
    asking: Fetcher, what: Searched, body: Mapping[str, Any], keep: Callable[[date | None], bool], most: int
) -> Found:
    """Search, the newest first, until there are enough of the days that are wanted."""
    size = 2 * most if most < MOST else most
    asked = {**body, "order": "published_date", "order_direction": "desc", "page_size": size}
    kept: dict[int, New] = {}
    for page in range(1, _PAGES + 1):
        rows = await asking.had(asking.bot.figshare.search(what, {**asked, "page": page}))
        if rows is None:
            return list(kept.values()), True
        found = (_new(_KINDS[what], row, asking.window.first) for row in rows)
        kept.update((each.id, each) for each in found if keep(each.published))
        # A page repeats rows at times, and each is given once: nearly full, it may have been full.
        is_full = len(rows) > size // 2
        if not is_full or len(kept) >= most:
            return list(kept.values())[:most], is_full
    return list(kept.values()), True


def _new(kind: str, row: Article | Collection | Project, first: date) -> New:
    url = web(getattr(row, "url_public_html", None)) or web(getattr(row, "figshare_url", None))
    if url is None and kind != "article":
        url = f"https://figshare.com/{kind}s/_/{row.id}"
    online = None if isinstance(row, Project) else first_online(row)
    day = parsed_day(row.published_date)
    return New(
        kind,
        row.id,
        titled(row.title, f"{'item' if kind == 'article' else kind} {row.id}"),
        url,
        day,
        online is not None and day is not None and online < first <= day,
    )


def titled(html: str | None, otherwise: str) -> str:
    """Give a title as plain text, or what to say where there is none."""
    return cut(plain(html, 2_000), LONGEST_TITLE) or otherwise


def first_online(found: Article | ArticleComplete | Collection) -> date | None:
    """Give the day on which something was first public."""
    return parsed_day(found.timeline.first_online) if found.timeline is not None else None
