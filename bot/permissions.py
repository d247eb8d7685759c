"""Who may write drafts."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.reply import Button, UserError

# For reading an answer may be so old; whoever writes is looked at anew.
KNOWN_FOR = 60.0
PATIENCE = 1.5
MOST_NAMES = 5

Role = Literal["", "reads", "writes"]
Membership = Literal["member", "guest", "stranger", "bot", "gone"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the workspace knows them; strangers are another workspace's people."""

    id: str
    name: str
    email: str = ""
    membership: Membership = "member"
    is_admin: bool = False
    zone: str = "UTC"


class DirectoryUnavailable(Exception):
    """Raise when nobody can tell who somebody is."""


class Directory(Protocol):
    """Tells who people are; raises DirectoryUnavailable."""

    async def person(self, user: str) -> Person:
        """Give what is known of somebody."""

    async def members(self, group: str) -> Collection[str]:
        """Give the ids of a group's people."""

    async def is_open(self, channel: str) -> bool:
        """Tell whether the bot is in a conversation and may read it."""

    async def direct(self, user: str) -> str:
        """Give the conversation between the bot and somebody."""


class PermissionDenied(UserError):
    """Raised when somebody may not do something; it says who can help, and what they may do instead."""

    def __init__(
        self,
        title: str,
        detail: str,
        outcome: Literal["refused", "trouble"] = "refused",
        buttons: tuple[Button, ...] = (),
    ) -> None:
        super().__init__(title, detail, buttons)
        self.outcome = outcome


class Permissions:
    """Knows who may write: the people and groups that are named, if they are the workspace's own."""

    def __init__(self, named: Collection[str], clock: Callable[[], float]) -> None:
        self._people = [each for each in named if not each.startswith("S")]
        self._groups = [each for each in named if each.startswith("S")]
        self._clock = clock
        self._known: dict[str, float] = {}

    async def require(self, user: str, directory: Directory | None, role: Role) -> None:
        """Raise PermissionDenied unless somebody has a role; when that can't be told, nobody has."""
        if not role:
            return
        if directory is None:
            raise PermissionDenied("This needs Slack.", "Drafts belong to people, and Slack knows who asks.")
        known = self._known.pop(user, float("-inf"))
        if role == "reads" and self._clock() - known <= KNOWN_FOR:
            self._known[user] = known
            return
        if not self._people and not self._groups:
            raise PermissionDenied(
                "Nobody may write drafts here.", "Whoever runs me can name people in DRAFT_USERS."
            )
        now = self._clock()
        try:
            async with asyncio.timeout(PATIENCE):
                person, is_named = await asyncio.gather(
                    directory.person(user), self._is_named(user, directory)
                )
        except (DirectoryUnavailable, TimeoutError):
            raise PermissionDenied(
                "Slack did not tell me whether you may write drafts.",
                "Nothing was done. Please try again in a minute.",
                "trouble",
            ) from None
        if person.membership != "member":
            raise PermissionDenied(_OUTSIDE[person.membership], await self._who_can(directory))
        if not is_named:
            raise PermissionDenied("You may not write drafts here.", await self._who_can(directory))
        self._known[user] = now

    async def _is_named(self, user: str, directory: Directory) -> bool:
        if user in self._people:
            return True
        found = await asyncio.gather(*(directory.members(group) for group in self._groups))
        return any(user in members for members in found)

    async def _who_can(self, directory: Directory) -> str:
        """Name the people to ask, as text: a refusal in a channel must ping nobody."""
        try:
            async with asyncio.timeout(PATIENCE):
                groups = await asyncio.gather(*(directory.members(group) for group in self._groups))
                ids = list(dict.fromkeys([*self._people, *(each for group in groups for each in group)]))
                some = await asyncio.gather(*(directory.person(each) for each in ids[:MOST_NAMES]))
        except (DirectoryUnavailable, TimeoutError):
            some, ids = [], []
        names = [each.name for each in some if each.membership == "member" and each.name]
        if not names:
            return "Whoever runs me can change DRAFT_USERS."
        others = " and others" if len(ids) > len(some) else ""
        return f"{', '.join(names)}{others} can: please ask there."


_OUTSIDE: dict[Membership, str] = {
    "guest": "Guests may not write drafts.",
    "stranger": "People of other workspaces may not write drafts here.",
    "bot": "Bots may not write drafts.",
    "gone": "This account may not write drafts.",
}
