"""Whose Figshare account somebody's drafts belong to."""

from bot.figshare.account import Account
from bot.figshare.client import Transport
from bot.permissions import CantSay, Directory, MayNot
from bot.settings import Settings


class Accounts:
    """Gives the account of the token, or with FIGSHARE_IMPERSONATE the person's own and never another."""

    def __init__(self, transport: Transport, settings: Settings) -> None:
        token = settings.figshare_token
        self._account = Account(transport, settings.figshare_api_url, token) if token else None
        self._by_email = settings.figshare_impersonate == "email"

    async def of(self, user: str, people: Directory | None) -> Account:
        """Give the account to write to for somebody; raises MayNot, or FigshareError."""
        if self._account is None:
            raise MayNot("I have no token for Figshare.", "Whoever runs me can set FIGSHARE_TOKEN.")
        if not self._by_email:
            return self._account
        found = await self._account.account_for(await _email(user, people))
        if found is None:
            raise MayNot(
                "No Figshare account has your Slack address.",
                "Drafts belong to whoever makes them. Your institution's Figshare administrator can help.",
            )
        return self._account.acting_for(found.id)


async def _email(user: str, people: Directory | None) -> str:
    try:
        person = await people.person(user) if people is not None else None
    except CantSay:
        raise MayNot(
            "Slack did not tell me your address, by which I find your Figshare account.",
            "Nothing was done. Please try again in a minute.",
            "trouble",
        ) from None
    return person.email if person is not None and person.standing == "member" else ""
