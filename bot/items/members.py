"""The card of a collection or project, with a page of the items in it."""

from bot.bot import Bot
from bot.commands import Question
from bot.figshare.models import Collection, Project
from bot.items import cards
from bot.items.counts import RAW_COUNTS, counts_line, fetch_counts
from bot.items.lookup import fetch_subject
from bot.language.references import Reference
from bot.reply import Button, Part, Reply, Rows, Text

_MEMBERS_PER_PAGE = 5


async def members_reply(bot: Bot, question: Question, reference: Reference) -> Reply:
    """Return the card and a page of the items of a collection or project; raises as `fetch_subject` does."""
    subject = await fetch_subject(bot, reference)
    record = subject.record
    rows = await bot.figshare.members(
        "collections" if isinstance(record, Collection) else "projects",
        subject.id,
        question.page,
        _MEMBERS_PER_PAGE,
    )
    parts: list[Part] = []
    if question.page == 1:
        counts = await fetch_counts(bot, subject.kind, subject.id, ("views", "downloads"), None)
        # Citations may come with the views, but a card shows none.
        counts.pop("cites", None)
        if isinstance(record, Collection):
            parts += cards.collection_card(record)
        elif isinstance(record, Project):
            parts += cards.project_card(record)
        parts.append(Text((*counts_line(counts), " · all time")))
    if rows:
        first = (question.page - 1) * _MEMBERS_PER_PAGE + 1
        parts.append(Rows(tuple(cards.list_row(row) for row in rows), first_number=first))
    else:
        parts.append(Text(("No more items." if question.page > 1 else "No public items in it.",)))
    return Reply(
        (subject.link,),
        tuple(parts),
        footnotes=(
            *((("Items are always those of the current version.",),) if subject.version else ()),
            (f"{RAW_COUNTS}.",),
        ),
        buttons=(Button("Statistics", f"stats {subject.words}"),),
        page=question.page,
        has_next_page=len(rows) == _MEMBERS_PER_PAGE,
        subscribable=subject.words,
    )
