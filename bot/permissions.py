"""The people of the workspace, and which of them may read and write drafts."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.reply import Button, UserError

# For this many seconds after a check a person may read without another; writing is checked every time.
READ_CHECK_MAX_AGE = 60.0
# Half of the three seconds that Slack gives an interaction.
DIRECTORY_TIMEOUT = 1.5
MAX_NAMES = 5

Role = Literal["", "reads", "writes"]
Membership = Literal["member", "guest", "external", "bot", "deactivated"]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the workspace knows them; external people belong to another workspace (Slack Connect)."""

    id: str
    name: str
    email: str = ""
    membership: Membership = "member"
    is_admin: bool = False
    zone: str = "UTC"


class DirectoryUnavailable(Exception):
    """Raised when Slack doesn't say who somebody is."""


class Directory(Protocol):
    """The people and conversations of a workspace; every method raises DirectoryUnavailable."""

    async def person(self, user: str) -> Person:
        """Return the person with this id."""

    async def members(self, group: str) -> Collection[str]:
        """Return the ids of the people in a user group."""

    async def can_read_channel(self, channel: str) -> bool:
        """Return whether the bot may read a conversation, as a digest may have to."""

    async def direct(self, user: str) -> str:
        """Return the id of the direct message between the bot and a person."""


class PermissionDenied(UserError):
    """Raised when a person may not do something; the detail says who can help, or what they can do."""

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
    """What the people and user groups named in the settings may do, as long as they belong to the workspace.

    When Slack doesn't say who somebody is, they have no permission.
    """

    def __init__(self, allowed: Collection[str], clock: Callable[[], float]) -> None:
        self._users = [id for id in allowed if not id.startswith("S")]
        self._groups = [id for id in allowed if id.startswith("S")]
        self._clock = clock
        self._checked_at: dict[str, float] = {}

    async def require(self, user: str, directory: Directory | None, role: Role) -> None:
        """Raise PermissionDenied unless a person has a role."""
        if not role:
            return
        if directory is None:
            raise PermissionDenied("This needs Slack.", "Drafts belong to people, and Slack knows who asks.")
        checked_at = self._checked_at.pop(user, float("-inf"))
        if role == "reads" and self._clock() - checked_at <= READ_CHECK_MAX_AGE:
            self._checked_at[user] = checked_at
            return
        if not self._users and not self._groups:
            raise PermissionDenied(
                "Nobody is allowed to write drafts here yet.",
                "The person who runs this bot can add people to DRAFT_USERS.",
            )
        now = self._clock()
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT):
                person, is_allowed = await asyncio.gather(
                    directory.person(user), self._is_allowed(user, directory)
                )
        except (DirectoryUnavailable, TimeoutError):
            raise PermissionDenied(
                "Slack didn't tell me whether you are allowed to write drafts.",
                "Nothing was done. Please try again in a minute.",
                "trouble",
            ) from None
        if person.membership != "member":
            raise PermissionDenied(_DENIALS[person.membership], await self._advice(directory))
        if not is_allowed:
            raise PermissionDenied("Only some people can create drafts.", await self._advice(directory))
        self._checked_at[user] = now

    async def _is_allowed(self, user: str, directory: Directory) -> bool:
        if user in self._users:
            return True
        groups = await asyncio.gather(*(directory.members(group) for group in self._groups))
        return any(user in members for members in groups)

    async def _advice(self, directory: Directory) -> str:
        """Return whom to ask, by names and not by mentions: a refusal in a channel must ping nobody."""
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT):
                groups = await asyncio.gather(*(directory.members(group) for group in self._groups))
                ids = list(dict.fromkeys([*self._users, *(id for members in groups for id in members)]))
                people = await asyncio.gather(*(directory.person(id) for id in ids[:MAX_NAMES]))
        except (DirectoryUnavailable, TimeoutError):
            people, ids = [], []
        names = [person.name for person in people if person.membership == "member" and person.name]
        if not names:
            return "The person who runs this bot can change DRAFT_USERS."
        if len(names) == 1 and len(ids) == len(people):
            return f"Please ask {names[0]}."
        others = " and others" if len(ids) > len(people) else ""
        return f"{', '.join(names)}{others} can. Please ask one of them."


_DENIALS: dict[Membership, str] = {
    "guest": "Guests can't write drafts.",
    "external": "People from other workspaces can't write drafts here.",
    "bot": "Bots can't write drafts.",
    "deactivated": "This account can't write drafts.",
}
