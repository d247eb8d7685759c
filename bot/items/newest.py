"""The newest items of a group, which OAI-PMH has no set for; and which records are first versions."""

import re
from datetime import timedelta
from typing import NamedTuple

from bot.bot import Bot
from bot.figshare.models import Article
from bot.figshare.oai_records import Record
from bot.language.periods import Period
from bot.text import parse_day

_PAGE_SIZE, _MAX_PAGES = 100, 4
_LATER_VERSION = re.compile(r"\.v(?:[2-9]|[1-9][0-9]+)$")


class NewestItems(NamedTuple):
    """Items, newest first; more exist unless `is_complete`."""

    items: list[Article]
    is_complete: bool


async def newest_of_group(
    bot: Bot, group: int, item_type: int | None, period: Period, limit: int, *, first_versions: bool
) -> NewestItems:
    """Return the newest items of a group in a period; raises FigshareError."""
    since = f"{period.start - timedelta(days=1)}T23:59:59Z" if period.start else None
    items: dict[int, Article] = {}
    for page in range(1, _MAX_PAGES + 1):
        rows = await bot.figshare.articles(
            group=group,
            item_type=item_type,
            published_since=since,
            order="published_date",
            order_direction="desc",
            page=page,
            page_size=_PAGE_SIZE,
        )
        items.update((row.id, row) for row in rows if _is_wanted(row, period, first_versions))
        if len(rows) < _PAGE_SIZE:
            return NewestItems(list(items.values())[:limit], len(items) <= limit)
        if len(items) >= limit:
            break
    return NewestItems(list(items.values())[:limit], False)


def is_first_version(record: Record) -> bool:
    """Return whether a record is not known to be a later version: its DOI or handle ends with the number."""
    return record.dublin_core is not None and not _LATER_VERSION.search(record.dublin_core.identifier)


def _is_wanted(item: Article, period: Period, first_versions: bool) -> bool:
    published = parse_day(item.published_date)
    # A period that is not over ends today, and Figshare's day may be a day ahead.
    last_day = None if period.so_far else period.end
    if published is None or (last_day is not None and published > last_day):
        return False
    first_online = parse_day(item.timeline.first_online) if item.timeline else None
    return not first_versions or first_online is None or first_online >= published
