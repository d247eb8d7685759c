"""The people of the workspace, and which of them may write drafts or subscribe channels."""

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


@dataclass(frozen=True, slots=True)
class Right:
    """What some people may do: the variable that names them, and the words of a refusal."""

    variable: str
    # As in: guests can't write drafts.
    verb: str
    only_some: str
    why_slack: str
    # What anybody may do instead.
    alternative: str = ""


WRITE_DRAFTS = Right(
    "DRAFT_USERS",
    "write drafts",
    "Only some people can create drafts.",
    "Drafts belong to people, and Slack knows who asks.",
)
SUBSCRIBE_CHANNELS = Right(
    "SUBSCRIBE_USERS",
    "subscribe channels",
    "Only some people can subscribe channels.",
    "Digests are sent to a channel or a direct message there.",
    "In our direct message you can subscribe for yourself.",
)


class Permissions:
    """What the people and user groups named in a variable may do, as long as they belong to the workspace.

    When Slack doesn't say who somebody is, they have no permission.
    """

    def __init__(
        self, allowed: Collection[str], clock: Callable[[], float], right: Right = WRITE_DRAFTS
    ) -> None:
        self._right = right
        self._users = [id for id in allowed if not id.startswith("S")]
        self._groups = [id for id in allowed if id.startswith("S")]
        self._clock = clock
        self._checked_at: dict[str, float] = {}

    async def require(self, user: str, directory: Directory | None, role: Role) -> None:
        """Raise PermissionDenied unless a person has a role."""
        if not role:
            return
        if directory is None:
            raise PermissionDenied("This needs Slack.", self._right.why_slack)
        checked_at = self._checked_at.pop(user, float("-inf"))
        if role == "reads" and self._clock() - checked_at <= READ_CHECK_MAX_AGE:
            self._checked_at[user] = checked_at
            return
        if not self._users and not self._groups:
            raise PermissionDenied(
                f"Nobody is allowed to {self._right.verb} here yet.",
                f"The person who runs this bot can add people to {self._right.variable}.",
            )
        now = self._clock()
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT):
                person, is_allowed = await asyncio.gather(
                    directory.person(user), self._is_allowed(user, directory)
                )
        except (DirectoryUnavailable, TimeoutError):
            raise PermissionDenied(
                f"Slack didn't tell me whether you are allowed to {self._right.verb}.",
                "Nothing was done. Please try again in a minute.",
                "trouble",
            ) from None
        if person.membership != "member" or not is_allowed:
            title = _DENIALS.get(person.membership, self._right.only_some).replace("{verb}", self._right.verb)
            raise PermissionDenied(
                title, f"{await self._advice(directory)} {self._right.alternative}".rstrip()
            )
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
            return f"The person who runs this bot can change {self._right.variable}."
        if len(names) == 1 and len(ids) == len(people):
            return f"Please ask {names[0]}."
        others = " and others" if len(ids) > len(people) else ""
        return f"{', '.join(names)}{others} can. Please ask one of them."


_DENIALS: dict[Membership, str] = {
    "guest": "Guests can't {verb}.",
    "external": "People from other workspaces can't {verb} here.",
    "bot": "Bots can't {verb}.",
    "deactivated": "This account can't {verb}.",
}
