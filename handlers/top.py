"""The ranking."""

import asyncio

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import FigshareError, TimedOut
from bot.figshare.stats import CounterName, SubjectKind
from bot.items.counts import RAW
from bot.items.lookup import Subject, subject
from bot.language.periods import ALL_TIME, Period
from bot.language.references import Reference
from bot.reply import Cell, Chart, DoesNotExist, Link, Reply, Table, Text
from bot.text import cut

PAGE = 10
KINDS: dict[str, SubjectKind] = {
    "items": "article",
    "authors": "author",
    "collections": "collection",
    "projects": "project",
}


@command(
    "top [views/downloads/shares] [items/authors/collections/projects] [period] [10] [ours]",
    task="Compare",
    examples=("top downloads", "top views items last month 5"),
)
async def top(
    bot: Bot,
    question: Question,
    counter: CounterName | None,
    kind: str | None,
    period: Period | None,
    count: int | None,
    ours: bool | None,
) -> Reply:
    """The most viewed, downloaded or shared items, authors, collections or projects, with their titles."""
    counter, kind, count, period = counter or "views", kind or "items", count or PAGE, period or ALL_TIME
    if ours:
        bot.need_ours("FIGSHARE_PORTAL")
    portal = bool(bot.settings.figshare_portal)
    ranked = list(
        (await bot.stats.top(counter, KINDS[kind], count, period.start, period.end, portal=portal)).items()
    )[:count]
    where = f" of {bot.settings.figshare_portal}" if portal else ""
    heading = f"Top {min(len(ranked), count) or ''} {kind}{where} by {counter}, {period.label}".replace(
        "  ", " "
    )
    first = (question.page - 1) * PAGE
    shown = ranked[first : first + PAGE]
    if not shown:
        said = "There are no more." if ranked else "Figshare names none."
        return Reply((heading,), (Text((said,)),), page=question.page)
    names = await asyncio.gather(*(_named(bot, KINDS[kind], id) for id, _ in shown))
    rows: list[tuple[Cell, ...]] = [
        (str(first + at), name, n)
        for at, (name, (_, n)) in enumerate(zip(names, shown, strict=True), start=1)
    ]
    labels = tuple(f"{first + at}. {cut(name.text, 15)}" for at, name in enumerate(names, start=1))
    return Reply(
        (heading,),
        (
            Chart(
                f"{counter.capitalize()}",
                "bar",
                labels,
                ((counter.capitalize(), tuple(n for _, n in shown)),),
            ),
            Table(heading, ("#", kind.capitalize()[:-1], counter.capitalize()), tuple(rows)),
        ),
        footnotes=((f"{RAW}{'' if portal else ', all of Figshare'}.",),),
        page=question.page,
        has_next_page=len(ranked) > first + PAGE,
        subscribable="ours" if ours else "",
    )


async def _named(bot: Bot, kind: SubjectKind, id: int) -> Link:
    try:
        thing: Subject = await subject(bot, Reference(kind=kind, id=id))
    except TimedOut:
        return Link(f"{kind if kind != 'article' else 'item'} {id} (title not yet)", None)
    except (FigshareError, DoesNotExist):
        return Link(f"{kind if kind != 'article' else 'item'} {id}", None)
    return Link(cut(thing.title, 120), thing.url)
