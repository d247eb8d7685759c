"""What an account may choose from in the form of a draft: licences and groups."""

import asyncio

from bot.bot import Bot
from bot.drafts.form import Choices
from bot.figshare.account import Account
from bot.figshare.errors import FigshareError
from bot.reply import Line

# The form comes without what Figshare has not told by then.
PATIENCE = 4.0


async def choices(bot: Bot, account: Account) -> tuple[Choices, tuple[Line, ...]]:
    """Give what the account may choose, and what to say when Figshare does not tell in time."""
    licences, groups = await asyncio.gather(
        asyncio.wait_for(account.licenses(), PATIENCE),
        asyncio.wait_for(account.groups(), PATIENCE),
        return_exceptions=True,
    )
    for each in (licences, groups):
        if isinstance(each, BaseException) and not isinstance(each, FigshareError | TimeoutError):
            raise each
    # Only institutions have groups: it is no news when Figshare tells none.
    found = Choices(
        () if isinstance(licences, BaseException) else licences,
        () if isinstance(groups, BaseException) else groups,
    )
    if found.licences:
        return found, ()
    return found, (("Figshare did not tell me its licences just now: choose one later, with Edit.",),)
