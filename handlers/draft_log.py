"""The audit log of the changes to drafts."""

import asyncio

from bot.bot import Bot
from bot.commands import Question, command
from bot.drafts.accounts import audit_log_of
from bot.drafts.history import history_line
from bot.permissions import Directory, DirectoryUnavailable
from bot.reply import Reply, Rows

_ENTRIES_PER_PAGE = 20


@command("drafts log", task="Draft", examples=("drafts log", "help drafts log"), role="reads")
async def drafts_log(bot: Bot, question: Question) -> Reply:
    """Who created, edited, reserved, linked and deleted which draft, and when."""
    entries, has_next_page = await audit_log_of(bot).page(question.page, _ENTRIES_PER_PAGE)
    if not entries:
        return Reply(("No changes yet.",), page=question.page, is_private=True)
    names = await _names({entry.user for entry in entries}, question.directory)
    return Reply(
        ("Draft history, newest first",),
        (Rows(tuple((history_line(entry, names[entry.user]),) for entry in entries)),),
        page=question.page,
        has_next_page=has_next_page,
        is_private=True,
    )


async def _names(ids: set[str], people: Directory | None) -> dict[str, str]:
    """Return the names of users by id, as text: mentions would notify everybody in the log."""

    async def name(id: str) -> str:
        try:
            return (await people.person(id)).name or id if people is not None else id
        except DirectoryUnavailable:
            return id

    return dict(zip(ids, await asyncio.gather(*map(name, ids)), strict=True))
