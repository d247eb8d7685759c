"""The card of a collection or project, with a page of the items in it."""

from typing import Literal

from bot.bot import Bot
from bot.commands import Question
from bot.figshare.models import Collection, Project
from bot.items import cards
from bot.items.counts import RAW, fetch_counts, figures
from bot.items.lookup import subject
from bot.language.references import Reference
from bot.reply import Button, Part, Reply, Rows, Text

PAGE = 5


async def members(bot: Bot, question: Question, asked: Reference) -> Reply:
    """Answer with the card and a page of the items of a collection or project."""
    thing = await subject(bot, asked)
    found = thing.record
    of: Literal["collections", "projects"] = "collections" if isinstance(found, Collection) else "projects"
    rows = await bot.figshare.members(of, thing.id, question.page, PAGE)
    parts: list[Part] = []
    if question.page == 1:
        counted = await fetch_counts(bot, thing.kind, thing.id, ("views", "downloads"), None)
        counted.pop("cites", None)
        parts += cards.collection(found) if isinstance(found, Collection) else ()
        parts += cards.project(found) if isinstance(found, Project) else ()
        parts.append(Text((*figures(counted), " · all time")))
    if rows:
        parts.append(Rows(tuple(cards.row(each) for each in rows), first=(question.page - 1) * PAGE + 1))
    else:
        parts.append(Text(("No more items." if question.page > 1 else "No public items in it.",)))
    return Reply(
        (thing.link,),
        tuple(parts),
        footnotes=(
            *((("The items are today's, whatever the version.",),) if thing.version else ()),
            (f"{RAW}.",),
        ),
        buttons=(Button("Statistics", f"stats {thing.words}"),),
        page=question.page,
        has_next_page=len(rows) == PAGE,
        subscribable=thing.words,
    )
