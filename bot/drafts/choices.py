"""What an account may choose from in the form of a draft: licences and groups."""

import asyncio

from bot.drafts.form import Choices
from bot.figshare.account import Account
from bot.figshare.errors import FigshareError
from bot.reply import Line

# Seconds after which the form opens without the choices that Figshare hasn't sent.
CHOICES_TIMEOUT = 4.0


async def fetch_choices(account: Account) -> tuple[Choices, tuple[Line, ...]]:
    """Return what the account may choose, and the lines that say what could not be loaded in time."""
    licences, groups = await asyncio.gather(
        asyncio.wait_for(account.licenses(), CHOICES_TIMEOUT),
        asyncio.wait_for(account.groups(), CHOICES_TIMEOUT),
        return_exceptions=True,
    )
    for result in (licences, groups):
        if isinstance(result, BaseException) and not isinstance(result, FigshareError | TimeoutError):
            raise result
    choices = Choices(
        () if isinstance(licences, BaseException) else licences,
        () if isinstance(groups, BaseException) else groups,
    )
    # Nothing is said about missing groups, since only institutions have any.
    if choices.licences:
        return choices, ()
    return choices, (("I couldn't load the licences from Figshare. You can choose one later with Edit.",),)
