"""Finds what a digest calls new: matches of a search, and what a group or the portal published."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from bot.digests.report.facts import NewItem, ReportRow
from bot.digests.report.fetcher import Fetcher
from bot.figshare.models import Article, ArticleComplete, Collection, Project
from bot.figshare.rest import SearchEndpoint
from bot.items.cards import page_url, record_title
from bot.language import search
from bot.text import parse_day

_MAX_NEW_ITEMS, _FIRST_SEARCH_ITEMS = 50, 5
# Where much was published after the days of a digest, the items of its days are some pages further on.
_MAX_PAGES = 5
_DAY = timedelta(days=1)
_KINDS = {"articles": "article", "collections": "collection", "projects": "project"}

# The new items, and whether there are or may be more.
NewItems = tuple[list[NewItem], bool]


async def search_matches(fetcher: Fetcher, words: str, is_first: bool) -> NewItems:
    """Return the new matches of a search with their all-time counts; with `is_first` the newest there are.

    Raises InvalidArgument when this version no longer understands the search.
    """
    last_day = fetcher.window.last
    parsed = search.parse_search(words, last_day + _DAY)
    body = dict(parsed.body)
    if parsed.is_ours:
        fetcher.bot.require_ours("search")
        body |= fetcher.bot.ours_filter
    if is_first:
        items, may_have_more = await _newest(
            fetcher, parsed.kind, body, lambda day: day is None or day <= last_day, _FIRST_SEARCH_ITEMS
        )
    else:
        items, may_have_more = await _in_window(fetcher, parsed.kind, body)
    return list(await asyncio.gather(*(_with_counts(fetcher, item) for item in items))), may_have_more


async def published_items(fetcher: Fetcher, filters: Mapping[str, int]) -> NewItems:
    """Return what a group or institution published in the days of the digest, at most 50 items."""
    return await _in_window(fetcher, "articles", filters)


def merged(
    lists: Sequence[NewItems], members: Iterable[ReportRow], is_new: Callable[[date | None], bool]
) -> NewItems:
    """Return the new items of several lists and the new members of collections, newest first, each once."""
    items = [item for items, _ in lists for item in items]
    items += [
        NewItem(member.kind, member.id, member.title, member.url, member.first_public)
        for member in members
        if is_new(member.first_public)
    ]
    unique = {(item.kind, item.id): item for item in reversed(items)}
    newest = sorted(unique.values(), key=lambda item: (item.published or date.min, item.id), reverse=True)
    return newest, any(may_have_more for _, may_have_more in lists)


async def _with_counts(fetcher: Fetcher, item: NewItem) -> NewItem:
    totals = await fetcher.try_get(fetcher.bot.stats.totals(item.kind, item.id)) or {}  # type: ignore[arg-type]
    return replace(item, views=totals.get("views"), downloads=totals.get("downloads"))


async def _in_window(fetcher: Fetcher, kind: SearchEndpoint, body: Mapping[str, Any]) -> NewItems:
    since = f"{fetcher.window.first - _DAY}T23:59:59Z"
    body = {**body, "published_since": max(since, str(body.get("published_since", "")))}
    return await _newest(fetcher, kind, body, fetcher.window.contains, _MAX_NEW_ITEMS)


async def _newest(
    fetcher: Fetcher,
    kind: SearchEndpoint,
    body: Mapping[str, Any],
    is_wanted: Callable[[date | None], bool],
    max_items: int,
) -> NewItems:
    """Search, the newest first, until there are enough items of the wanted days."""
    # Some of the rows may be of later days, so a short list asks for more than it needs.
    size = 2 * max_items if max_items < _MAX_NEW_ITEMS else max_items
    body = {**body, "order": "published_date", "order_direction": "desc", "page_size": size}
    items: dict[int, NewItem] = {}
    for page in range(1, _MAX_PAGES + 1):
        rows = await fetcher.try_get(fetcher.bot.figshare.search(kind, {**body, "page": page}))
        if rows is None:
            return list(items.values()), True
        new_items = (_new_item(_KINDS[kind], row, fetcher.window.first) for row in rows)
        items.update((item.id, item) for item in new_items if is_wanted(item.published))
        # Figshare repeats rows at times and we give each once, so a nearly full page may have been full.
        is_full = len(rows) > size // 2
        if not is_full or len(items) >= max_items:
            return list(items.values())[:max_items], is_full
    return list(items.values()), True


def _new_item(kind: str, row: Article | Collection | Project, first_day: date) -> NewItem:
    """Return a row of a search; it is a new version if the item was first public before these days."""
    first_public = None if isinstance(row, Project) else first_online(row)
    published = parse_day(row.published_date)
    return NewItem(
        kind,
        row.id,
        record_title(row),
        page_url(row),
        published,
        first_public is not None and published is not None and first_public < first_day <= published,
    )


def first_online(record: Article | ArticleComplete | Collection) -> date | None:
    """Return the day on which something was first public, None where Figshare doesn't say."""
    return parse_day(record.timeline.first_online) if record.timeline is not None else None
