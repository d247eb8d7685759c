"""People, groups and conversations, as the workspace's directory knows them."""

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.permissions import DirectoryUnavailable, Membership, Person
from bot.slack.client import SLACK_ERRORS, OpenedConversation, parse_response
from bot.text import safe

T = TypeVar("T")

# Slack's errors for people of another workspace that it does not show, for conversations that the bot can't
# read, and for groups that were deleted or that the workspace's plan has none of.
_UNKNOWN_PERSON_ERRORS = frozenset({"user_not_found", "user_not_visible"})
_UNREADABLE_CHANNEL_ERRORS = frozenset({"not_in_channel", "channel_not_found"})
NO_GROUPS_IN_PLAN = "plan_upgrade_required"
_UNKNOWN_GROUP_ERRORS = frozenset({"no_such_subteam", "subteam_not_found", NO_GROUPS_IN_PLAN})

# A person who wrote more than these to a bot that never answered is no newcomer.
_NEWEST_MESSAGES = 15


class SlackUser(msgspec.Struct):
    """A person, as far as the bot reads it: https://docs.slack.dev/reference/objects/user-object.

    The fields that permissions depend on must have their types, or the whole response is invalid. Those that
    are only shown may have any type: what is not text is left out.
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

    def profile_text(self, field: str) -> str:
        """Return a field of the profile, or an empty text."""
        return _text(self.profile.get(field)) if isinstance(self.profile, dict) else ""

    def membership(self, own: "OwnIdentity") -> Membership:
        """Return how the person belongs to the bot's workspace, or to the organisation that it is part of."""
        organisation = self.enterprise_user or _Organisation()
        if self.deleted:
            return "deactivated"
        if self.is_bot or self.is_workflow_bot or self.id == "USLACKBOT":
            return "bot"
        is_ours = bool(own.team_id) and own.team_id in {self.team_id, *(organisation.teams or ())}
        if own.enterprise_id and own.enterprise_id == organisation.enterprise_id:
            # The token of an organisation is one for many workspaces.
            is_ours = True
        if self.is_stranger or not is_ours:
            return "external"
        return "guest" if self.is_restricted or self.is_ultra_restricted else "member"


class _Organisation(msgspec.Struct):
    enterprise_id: str | None = None
    teams: list[str] | None = None


class OwnIdentity(msgspec.Struct):
    """Who the bot is: https://docs.slack.dev/reference/methods/auth.test.

    The token of a whole organisation may come without a workspace.
    """

    user_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


class _UserInfo(msgspec.Struct):
    user: SlackUser


class _GroupMembers(msgspec.Struct):
    users: list[str]


class _History(msgspec.Struct):
    messages: list[Any]


class SlackDirectory:
    """A workspace's directory; methods ask Slack, and raise DirectoryUnavailable without a usable answer."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._own: OwnIdentity | None = None

    async def person(self, user: str) -> Person:
        """Return what is known of a person: https://docs.slack.dev/reference/methods/users.info."""
        slack_user, own = await asyncio.gather(self._user(user), self._own_identity())
        if slack_user is None:
            return Person(user, "", membership="external")
        name = slack_user.profile_text("real_name") or _text(slack_user.real_name) or _text(slack_user.name)
        return Person(
            user,
            safe(name),
            slack_user.profile_text("email"),
            slack_user.membership(own),
            is_admin=bool(slack_user.is_admin or slack_user.is_owner),
            zone=_zone_name(slack_user.tz),
        )

    async def time_zone(self, user: str) -> str:
        """Return the name of somebody's time zone, UTC when Slack has none for them."""
        slack_user = await self._user(user)
        if slack_user is None:
            raise DirectoryUnavailable
        return _zone_name(slack_user.tz)

    async def members(self, group: str) -> Collection[str]:
        """Return a user group's people: https://docs.slack.dev/reference/methods/usergroups.users.list."""
        try:
            members = await _response(self._client.usergroups_users_list(usergroup=group), _GroupMembers)
        except _SlackRefused as refusal:
            if str(refusal) in _UNKNOWN_GROUP_ERRORS:
                return frozenset()
            raise DirectoryUnavailable from refusal
        return frozenset(members.users)

    async def can_read_channel(self, channel: str) -> bool:
        """Return whether the bot may read a conversation, as a digest has to when its outcome is unknown.

        Reads one message by https://docs.slack.dev/reference/methods/conversations.history.
        """
        try:
            await _response(self._client.conversations_history(channel=channel, limit=1), _History)
        except _SlackRefused as refusal:
            if str(refusal) in _UNREADABLE_CHANNEL_ERRORS:
                return False
            raise DirectoryUnavailable(str(refusal)) from refusal
        return True

    async def has_answered(self, channel: str) -> bool:
        """Return whether the bot wrote one of the newest messages of a direct message.

        https://docs.slack.dev/reference/methods/conversations.history
        """
        try:
            call = self._client.conversations_history(channel=channel, limit=_NEWEST_MESSAGES)
            history = await _response(call, _Messages)
        except _SlackRefused as refusal:
            raise DirectoryUnavailable(str(refusal)) from refusal
        return any(message.bot_id for message in history.messages)

    async def direct(self, user: str) -> str:
        """Return the direct message with a person: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            opened = await _response(self._client.conversations_open(users=user), OpenedConversation)
        except _SlackRefused as refusal:
            raise DirectoryUnavailable(str(refusal)) from refusal
        return opened.channel.id

    async def _user(self, user: str) -> SlackUser | None:
        """Return a person, or None for one that Slack does not show to this workspace."""
        try:
            return (await _response(self._client.users_info(user=user), _UserInfo)).user
        except _SlackRefused as refusal:
            if str(refusal) in _UNKNOWN_PERSON_ERRORS:
                return None
            raise DirectoryUnavailable from refusal

    async def own_user(self) -> str:
        """Return the bot's own id as a user, asked once; an empty text while Slack does not say it."""
        with suppress(DirectoryUnavailable):
            return (await self._own_identity()).user_id or ""
        return ""

    async def _own_identity(self) -> OwnIdentity:
        if self._own is None:
            try:
                own = await _response(self._client.auth_test(), OwnIdentity)
            except _SlackRefused as refusal:
                raise DirectoryUnavailable from refusal
            if not own.team_id and not own.enterprise_id:
                raise DirectoryUnavailable
            self._own = own
        return self._own


class _Message(msgspec.Struct):
    bot_id: Any = None


class _Messages(msgspec.Struct):
    messages: list[_Message]


class _SlackRefused(Exception):
    """Raised when Slack answers with an error; its text is Slack's word for it."""


async def _response(call: Awaitable[AsyncSlackResponse], kind: type[T]) -> T:
    try:
        return parse_response(await call, kind)
    except SlackApiError as error:
        raise _SlackRefused(error.response.get("error")) from error
    except SLACK_ERRORS as error:
        raise DirectoryUnavailable from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _zone_name(name: Any) -> str:
    try:
        return ZoneInfo(_text(name) or "UTC").key
    except (LookupError, ValueError, OSError):
        # A folder among the zone files, a file that is no zone, a name too long for the file system.
        return "UTC"
