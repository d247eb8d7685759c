"""How often things were viewed, downloaded and shared, with what could not be had kept apart from 0."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from bot.bot import Bot
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.stats import CounterName, SubjectKind
from bot.items.lookup import Subject, subject
from bot.language.periods import Period
from bot.language.references import Reference
from bot.reply import Cell, Line, Strong
from bot.text import number
from bot.upstream.request_context import is_cache_only

RAW = "Raw Figshare counts"
NOUNS = {"views": "view", "downloads": "download", "shares": "share", "cites": "citation"}


class Count(Struct, frozen=True):
    """A count, or why there is none."""

    value: int | None
    trouble: FigshareError | None = None

    @property
    def cell(self) -> Cell:
        """Write it for a table."""
        return "not yet" if isinstance(self.trouble, TimedOut) else self.value


async def fetch_counts(
    bot: Bot, thing: SubjectKind, id: int, counters: Sequence[CounterName], period: Period | None
) -> dict[str, Count]:
    """Count in as few requests as will do; never raises FigshareError."""
    if period is None or period.start is None or period.end is None:
        if len(counters) > 1:
            return await _totals(bot, thing, id, counters)
        asked = [bot.stats.total(counter, thing, id) for counter in counters]
    else:
        asked = [bot.stats.period(counter, thing, id, period.start, period.end) for counter in counters]
    if len(asked) == 1:
        return {counters[0]: await _count(asked[0])}
    return dict(zip(counters, await asyncio.gather(*(_count(each) for each in asked)), strict=True))


async def subject_with_counts(
    bot: Bot, asked: Reference, counters: Sequence[CounterName], period: Period | None = None
) -> tuple[Subject, dict[str, Count]]:
    """Find what is meant and count it, both at once where its number is known; raises as `subject` does."""
    early = None
    if asked.id is not None and asked.doi is None and not is_cache_only():
        early = asyncio.ensure_future(fetch_counts(bot, asked.kind or "article", asked.id, counters, period))
    try:
        thing = await subject(bot, asked)
        return thing, await (early or fetch_counts(bot, thing.kind, thing.id, counters, period))
    finally:
        if early is not None:
            early.cancel()


async def _totals(bot: Bot, thing: SubjectKind, id: int, counters: Sequence[CounterName]) -> dict[str, Count]:
    try:
        found = await bot.stats.totals(thing, id)
    except FigshareError as error:
        return {counter: Count(None, error) for counter in counters}
    return {
        name: Count(n) for name, n in found.items() if name in counters or (name == "cites" and n is not None)
    }


async def _count(asked: object) -> Count:
    try:
        return Count(await asked)  # type: ignore[misc]
    except FigshareError as error:
        return Count(None, error)


def figures(subject_with_counts: dict[str, Count], doubt: str = "") -> Line:
    """Write `1,234 views · 56 downloads`; a 0 in doubt says what else it may mean."""
    if doubt and all(count.value == 0 for count in subject_with_counts.values()):
        names = [name.replace("cites", "citations") for name in subject_with_counts]
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        return (Strong(f"0 {listed}"), f", or {doubt}")
    said: list[str | Strong] = []
    for name, count in subject_with_counts.items():
        noun = NOUNS[name]
        text = f"{number(count.value)} {noun if count.value == 1 else name.replace('cites', 'citations')}"
        if isinstance(count.trouble, TimedOut):
            text = f"{name} not yet"
        elif count.value is None:
            text = f"{name} unknown"
        elif count.value == 0 and doubt:
            text += f", or {doubt}"
        said += ([" · "] if said else []) + [Strong(text)]
    return tuple(said)


def first_trouble(subject_with_counts: Sequence[dict[str, Count]]) -> FigshareError | None:
    """Give the reason of the first count that could not be had."""
    return next(
        (count.trouble for each in subject_with_counts for count in each.values() if count.trouble), None
    )
