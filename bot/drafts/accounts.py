"""The Figshare account that somebody's drafts belong to."""

from bot.bot import Bot
from bot.figshare.account import Account
from bot.figshare.errors import NotADraft
from bot.figshare.private import PrivateArticle
from bot.permissions import Directory, DirectoryUnavailable, PermissionDenied


async def account_for(bot: Bot, user: str, people: Directory | None) -> Account:
    """Return the Figshare account that somebody's drafts are written to.

    It is the account of FIGSHARE_TOKEN, or with FIGSHARE_IMPERSONATE the person's own and never another.
    Raises PermissionDenied where there is none, or FigshareError.
    """
    settings = bot.settings
    if not settings.figshare_token:
        raise PermissionDenied("I have no token for Figshare.", "Whoever runs me can set FIGSHARE_TOKEN.")
    account = Account(bot.transport, settings.figshare_api_url, settings.figshare_token)
    if settings.figshare_impersonate != "email":
        return account
    found = await account.account_for(await _email(user, people))
    if found is None:
        raise PermissionDenied(
            "No Figshare account has your Slack address.",
            "Drafts belong to whoever makes them. Your institution's Figshare administrator can help.",
        )
    return account.acting_for(found.id)


async def _email(user: str, people: Directory | None) -> str:
    try:
        person = await people.person(user) if people is not None else None
    except DirectoryUnavailable:
        raise PermissionDenied(
            "Slack did not tell me your address, by which I find your Figshare account.",
            "Nothing was done. Please try again in a minute.",
            "trouble",
        ) from None
    return person.email if person is not None and person.membership == "member" else ""


async def own_draft(account: Account, id: int) -> PrivateArticle:
    """Give a draft by its number; raises NotADraft for what is public, or was."""
    found = await account.draft(id)
    if not found.is_draft:
        raise NotADraft(found.id)
    return found
