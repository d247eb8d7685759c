"""Who somebody is and who belongs to a group, as Slack knows it."""

import asyncio
from collections.abc import Awaitable, Collection
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.permissions import DirectoryUnavailable, Membership, Person
from bot.slack.client import TROUBLE, ToldChannel, read
from bot.text import safe

T = TypeVar("T")

# Another workspace's people can be out of sight altogether.
_UNKNOWN_PEOPLE = frozenset({"user_not_found", "user_not_visible"})
_CLOSED = frozenset({"not_in_channel", "channel_not_found"})
_UNKNOWN_GROUPS = frozenset({"no_such_subteam", "subteam_not_found"})


class User(msgspec.Struct):
    """A person, as far as we look: https://docs.slack.dev/reference/objects/user-object.

    What decides rights has its type, or nothing is known; what is shown is left out when it is no text.
    """

    id: str
    team_id: str | None = None
    deleted: bool | None = None
    is_bot: bool | None = None
    is_workflow_bot: bool | None = None
    is_stranger: bool | None = None
    is_restricted: bool | None = None
    is_ultra_restricted: bool | None = None
    is_admin: bool | None = None
    is_owner: bool | None = None
    enterprise_user: "_Organisation | None" = None
    profile: Any = None
    name: Any = None
    real_name: Any = None
    tz: Any = None

    def named(self, *fields: str) -> str:
        """Return the first text among fields of the profile, or nothing."""
        profile = self.profile if isinstance(self.profile, dict) else {}
        return next((said for field in fields if isinstance(said := profile.get(field), str) and said), "")


class _Organisation(msgspec.Struct):
    teams: list[str] | None = None


class _ToldUser(msgspec.Struct):
    user: User


class _ToldUsers(msgspec.Struct):
    users: list[str]


class _ToldTeam(msgspec.Struct):
    team_id: str


class _ToldMessages(msgspec.Struct):
    messages: list[Any]


class SlackDirectory:
    """A workspace's directory; asked anew each time."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client, self._team = client, ""

    async def person(self, user: str) -> Person:
        """Give what is known of somebody."""
        told, team = await asyncio.gather(self._user(user), self._own_team())
        if told is None:
            return Person(user, "", membership="stranger")
        name = safe(told.named("real_name") or _text(told.real_name) or _text(told.name))
        is_admin = bool(told.is_admin or told.is_owner)
        return Person(user, name, told.named("email"), _standing(told, team), is_admin, _zone(told.tz))

    async def zone(self, user: str) -> str:
        """Give somebody's time zone, UTC when Slack has none for them; raises DirectoryUnavailable."""
        told = await self._user(user)
        if told is None:
            raise DirectoryUnavailable
        return _zone(told.tz)

    async def members(self, group: str) -> Collection[str]:
        """Give a user group's people: https://docs.slack.dev/reference/methods/usergroups.users.list."""
        try:
            told = await _told(self._client.usergroups_users_list(usergroup=group), _ToldUsers)
        except _Unknown as unknown:
            if str(unknown) in _UNKNOWN_GROUPS:
                return frozenset()
            raise DirectoryUnavailable from unknown
        return frozenset(told.users)

    async def is_open(self, channel: str) -> bool:
        """Read, as a digest may have to: https://docs.slack.dev/reference/methods/conversations.history."""
        try:
            await _told(self._client.conversations_history(channel=channel, limit=1), _ToldMessages)
        except _Unknown as unknown:
            if str(unknown) in _CLOSED:
                return False
            raise DirectoryUnavailable(str(unknown)) from unknown
        return True

    async def direct(self, user: str) -> str:
        """Open a direct message: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            told = await _told(self._client.conversations_open(users=user), ToldChannel)
        except _Unknown as unknown:
            raise DirectoryUnavailable(str(unknown)) from unknown
        return told.channel.id

    async def _user(self, user: str) -> User | None:
        try:
            return (await _told(self._client.users_info(user=user), _ToldUser)).user
        except _Unknown as unknown:
            if str(unknown) in _UNKNOWN_PEOPLE:
                return None
            raise DirectoryUnavailable from unknown

    async def _own_team(self) -> str:
        if not self._team:
            try:
                self._team = (await _told(self._client.auth_test(), _ToldTeam)).team_id
            except _Unknown as unknown:
                raise DirectoryUnavailable from unknown
        return self._team


class _Unknown(Exception):
    """Slack's word for why it does not tell."""


async def _told(asked: Awaitable[AsyncSlackResponse], kind: type[T]) -> T:
    try:
        return read(await asked, kind)
    except SlackApiError as error:
        raise _Unknown(error.response.get("error")) from error
    except TROUBLE as error:
        raise DirectoryUnavailable from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _zone(name: Any) -> str:
    try:
        return ZoneInfo(_text(name) or "UTC").key
    except (LookupError, ValueError, OSError):
        # a folder among the zones, a file that is none, a name too long for the file system
        return "UTC"


def _standing(told: User, team: str) -> Membership:
    # An organisation's people belong to several of its workspaces.
    organisation = told.enterprise_user or _Organisation()
    if told.deleted:
        return "gone"
    if told.is_bot or told.is_workflow_bot or told.id == "USLACKBOT":
        return "bot"
    if not team or team not in {told.team_id, *(organisation.teams or ())} or told.is_stranger:
        return "stranger"
    return "guest" if told.is_restricted or told.is_ultra_restricted else "member"
