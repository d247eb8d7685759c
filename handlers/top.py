"""The ranking."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from bot.bot import Bot
from bot.commands import Alternatives, Question, command
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.item_types import item_type
from bot.figshare.stats import CounterName, Ranking, SubjectKind
from bot.items.counts import RAW_COUNTS
from bot.items.lookup import fetch_subject
from bot.language.periods import ALL_TIME, Period
from bot.language.references import Reference
from bot.reply import DoesNotExist, Line, Link, Reply, Table, Text
from bot.text import cut, plural

_RANKS_PER_PAGE = 10
_SUBJECT_KINDS: dict[str, SubjectKind] = {
    "items": "article",
    "authors": "author",
    "collections": "collection",
    "projects": "project",
}


class _Rank(NamedTuple):
    """A row of the ranking, as the table has it."""

    number: str
    title: Link
    value: int | None


# What people ask a ranking of, besides types of items.
_NOT_RANKED = {"categories", "countries", "departments", "funders", "groups", "institutions", "portals"}


def _ranked_kinds(words: Sequence[str]) -> Alternatives | None:
    """Return what can be ranked, in place of a type of items or of what else Figshare doesn't rank."""
    for length in range(min(3, len(words)), 0, -1):
        name = " ".join(words[:length]).lower()
        if name in _NOT_RANKED or (item_type(name) is not None and not name.isdigit()):
            *kinds, last = _SUBJECT_KINDS
            listed = f"I can rank {', '.join(kinds)} and {last}"
            reason = f"Figshare doesn't rank {name}. {listed}"
            if name not in _NOT_RANKED:
                names = name if name.endswith("s") or name in ("media", "software") else f"{name}s"
                reason = f"Figshare can't rank one type, such as {names}. {listed}"
            return Alternatives(reason, tuple(_SUBJECT_KINDS), length)
    return None


@command(
    "top [views/downloads/shares] [items/authors/collections/projects] [period] [10] [ours]",
    task="Compare",
    examples=("top downloads", "top views items last month 5"),
    alternatives=_ranked_kinds,
    words="most, popular, most popular, best, highest, ranking, ranked, rank, leaderboard, hottest",
    argument_words={
        "items": "item, article, articles, paper, papers, outputs, work, works, records, publications",
        "authors": "author, authors, researcher, researchers, scholars, scientists",
        "collections": "collection",
        "projects": "project",
        "3": "three",
        "5": "five",
        "10": "ten",
        "20": "twenty",
    },
)
async def top(
    bot: Bot,
    question: Question,
    counter: CounterName | None,
    noun: str | None,
    period: Period | None,
    count: int | None,
    ours: bool | None,
) -> Reply:
    """The most viewed, downloaded or shared items, authors, collections or projects, with their titles."""
    counter, noun, period = counter or "views", noun or "items", period or ALL_TIME
    count = count or _RANKS_PER_PAGE
    if ours:
        bot.require_ours("top")
    kind, portal = _SUBJECT_KINDS[noun], bot.settings.figshare_portal if ours else ""
    result = await bot.stats.top(counter, kind, count, period.start, period.end, via_portal=bool(ours))
    ranking = list(result.counts.items())[:count]
    how_many = f"{len(ranking)} " if ranking else ""
    where = f" of {portal}" if portal else ""
    heading = f"Top {how_many}{noun}{where} by {counter}, {period.label}"
    first = (question.page - 1) * _RANKS_PER_PAGE
    page = ranking[first : first + _RANKS_PER_PAGE]
    if not page:
        text = "No more results." if ranking else "No results from Figshare."
        return Reply((heading,), (Text((text,)),), page=question.page)
    titles = await asyncio.gather(*(_title(bot, kind, id) for id, _ in page))
    # What has no readable count comes last, and has no rank.
    ranks = [
        _Rank("–" if value is None else str(rank), title, value)
        for rank, (title, (_, value)) in enumerate(zip(titles, page, strict=True), start=first + 1)
    ]
    return Reply(
        (heading,),
        (Table(heading, ("#", noun.capitalize()[:-1], counter.capitalize()), tuple(ranks)),),
        footnotes=((f"{RAW_COUNTS}{'' if portal else ', all of Figshare'}.",), *_unreadable(ranking, result)),
        page=question.page,
        has_next_page=len(ranking) > first + _RANKS_PER_PAGE,
        subscribable="ours" if ours else "",
    )


async def _title(bot: Bot, kind: SubjectKind, id: int) -> Link:
    """Return a subject's title as a link, or only its number when the title can't be fetched.

    Figshare has no names of authors; those that other answers named are known.
    """
    fallback = f"{kind if kind != 'article' else 'item'} {id}"
    try:
        subject = await fetch_subject(bot, Reference(kind=kind, id=id))
    except TimedOut:
        return Link(f"{fallback} (title not yet)", None)
    except (FigshareError, DoesNotExist):
        return Link(fallback, None)
    if kind == "author" and (name := bot.figshare.known_authors.name(id)):
        # The column says already that these are authors.
        return Link(f"{name} ({id})", subject.url)
    return Link(cut(subject.title, 120), subject.url)


def _unreadable(ranking: list[tuple[int, int | None]], result: Ranking) -> tuple[Line, ...]:
    """Return what the ranking says of entries that couldn't be read; nothing where all could."""
    notes = []
    if unknown := sum(count is None for _, count in ranking):
        notes.append((f"I couldn't read {plural(unknown, 'count')}, so {unknown} of these may rank higher.",))
    if result.unreadable_ids:
        entries = plural(result.unreadable_ids, "entry", "entries")
        notes.append((f"{entries} of Figshare's ranking left out: I couldn't read what is ranked.",))
    return tuple(notes)
