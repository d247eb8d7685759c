"""The log of the changes to drafts."""

import asyncio

from bot.bot import Bot
from bot.commands import Question, command
from bot.drafts.create import traced
from bot.permissions import Directory, DirectoryUnavailable
from bot.reply import Code, Line, Moment, Reply, Rows

LOG_SIZE = 20


@command("drafts log", task="Draft", examples=("drafts log", "help drafts log"), role="reads")
async def drafts_log(bot: Bot, question: Question) -> Reply:
    """Who created, edited, reserved, linked and deleted which draft, and when."""
    rows, more = await traced(bot).rows(question.page, LOG_SIZE)
    if not rows:
        return Reply(("Nothing was written yet.",), page=question.page, is_private=True)
    names = await _names({row.who for row in rows}, question.people)
    lines: list[tuple[Line, ...]] = [
        (
            (
                Moment(row.at),
                f"  {row.what} ",
                Code(str(row.draft)) if row.draft else "–",
                f" by {names[row.who]}: {row.outcome}",
            ),
        )
        for row in rows
    ]
    return Reply(
        ("What was written at Figshare, newest first",),
        (Rows(tuple(lines)),),
        page=question.page,
        has_next_page=more,
        is_private=True,
    )


async def _names(ids: set[str], people: Directory | None) -> dict[str, str]:
    """Give names for ids: mentions would ping everybody in the log."""

    async def name(id: str) -> str:
        try:
            return (await people.person(id)).name or id if people is not None else id
        except DirectoryUnavailable:
            return id

    return dict(zip(ids, await asyncio.gather(*map(name, ids)), strict=True))
