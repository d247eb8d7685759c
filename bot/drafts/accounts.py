"""What the actions on drafts need: the user's Figshare account, the draft itself, and the audit log."""

from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.figshare.account import Account
from bot.figshare.errors import NotADraft, NotFound
from bot.figshare.private import PrivateArticle
from bot.permissions import Directory, DirectoryUnavailable, PermissionDenied
from bot.reply import DoesNotExist

if TYPE_CHECKING:
    from bot.storage.audit_log import AuditLog


async def account_of_user(bot: Bot, user: str, people: Directory | None) -> Account:
    """Return the Figshare account that a Slack user's drafts are written to.

    It is the account of FIGSHARE_TOKEN or, with FIGSHARE_IMPERSONATE, the user's own account and no other.
    Raises PermissionDenied when there is none, or FigshareError.
    """
    settings = bot.settings
    if not settings.figshare_token:
        raise PermissionDenied(
            "I have no token for Figshare.", "Ask the person who runs this bot to set FIGSHARE_TOKEN."
        )
    account = Account(bot.transport, settings.figshare_api_url, settings.figshare_token)
    if settings.figshare_impersonate != "email":
        return account
    own_account = await account.account_for(await _email(user, people))
    if own_account is None:
        raise PermissionDenied(
            "No Figshare account has your Slack email address.",
            "Drafts belong to the person who creates them. Your Figshare administrator can help.",
        )
    return account.acting_for(own_account.id)


async def _email(user: str, people: Directory | None) -> str:
    """Return a member's email address; empty for guests and people of other workspaces."""
    try:
        person = await people.person(user) if people is not None else None
    except DirectoryUnavailable:
        raise PermissionDenied(
            "Slack didn't give me your email address, which I need to find your Figshare account.",
            "Nothing was done. Please try again in a minute.",
            outcome="trouble",
        ) from None
    return person.email if person is not None and person.membership == "member" else ""


async def fetch_draft(account: Account, id: int) -> PrivateArticle:
    """Return a draft of this account by its number.

    Raises NotADraft for an item that is, or has been, public, and DoesNotExist for an unknown number.
    """
    try:
        article = await account.draft(id)
    except NotFound:
        raise DoesNotExist(f"There is no draft {id} in this account.", "`drafts` lists them.") from None
    if not article.is_draft:
        raise NotADraft(article.id)
    return article


def audit_log_of(bot: Bot) -> "AuditLog":
    """Return the audit log; raises PermissionDenied without a database, since no change goes unrecorded."""
    if bot.audit_log is None:
        raise PermissionDenied("I have no database to record changes in.", "Nothing was done.")
    return bot.audit_log
