"""Who somebody is and who belongs to a group, as Slack knows it."""

import asyncio
from collections.abc import Awaitable, Collection
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.roles import CantSay, Person, Standing
from bot.text import safe

# Another workspace's people can be out of sight altogether.
_UNKNOWN_PEOPLE = frozenset({"user_not_found", "user_not_visible"})
_CLOSED = frozenset({"not_in_channel", "channel_not_found"})
_UNKNOWN_GROUPS = frozenset({"no_such_subteam", "subteam_not_found"})


class People:
    """A workspace's directory; asked anew each time."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client, self._team = client, ""

    async def person(self, user: str) -> Person:
        """Give what is known of somebody: https://docs.slack.dev/reference/objects/user-object."""
        told, team = await asyncio.gather(self._user(user), self._own_team())
        if told is None:
            return Person(user, "", standing="stranger")
        profile = told.get("profile") or {}
        name = safe(profile.get("real_name") or told.get("real_name") or told.get("name") or "")
        is_admin = bool(told.get("is_admin") or told.get("is_owner"))
        standing = _standing(told, team)
        return Person(user, name, profile.get("email") or "", standing, is_admin, _zone(told.get("tz")))

    async def members(self, group: str) -> Collection[str]:
        """Give a user group's people: https://docs.slack.dev/reference/methods/usergroups.users.list."""
        try:
            told = await _told(self._client.usergroups_users_list(usergroup=group))
        except _Unknown as unknown:
            if str(unknown) in _UNKNOWN_GROUPS:
                return frozenset()
            raise CantSay from unknown
        return frozenset(told.get("users") or ())

    async def is_open(self, channel: str) -> bool:
        """Read, as a digest may have to: https://docs.slack.dev/reference/methods/conversations.history."""
        try:
            await _told(self._client.conversations_history(channel=channel, limit=1))
        except _Unknown as unknown:
            if str(unknown) in _CLOSED:
                return False
            raise CantSay(str(unknown)) from unknown
        return True

    async def direct(self, user: str) -> str:
        """Open a direct message: https://docs.slack.dev/reference/methods/conversations.open."""
        try:
            told = await _told(self._client.conversations_open(users=user))
        except _Unknown as unknown:
            raise CantSay(str(unknown)) from unknown
        return str(told["channel"]["id"])

    async def _user(self, user: str) -> dict[str, Any] | None:
        try:
            told = await _told(self._client.users_info(user=user))
        except _Unknown as unknown:
            if str(unknown) in _UNKNOWN_PEOPLE:
                return None
            raise CantSay from unknown
        found: dict[str, Any] = told.get("user") or {}
        return found

    async def _own_team(self) -> str:
        if not self._team:
            try:
                self._team = (await _told(self._client.auth_test())).get("team_id") or ""
            except _Unknown as unknown:
                raise CantSay from unknown
        return self._team


class _Unknown(Exception):
    """Slack's word for why it does not tell."""


async def _told(asked: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    try:
        return await asked
    except SlackApiError as error:
        raise _Unknown(error.response.get("error")) from error
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise CantSay from error


def _zone(name: str | None) -> str:
    try:
        return ZoneInfo(name or "UTC").key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def _standing(told: dict[str, Any], team: str) -> Standing:
    # An organisation's people belong to several of its workspaces.
    teams = {told.get("team_id"), *((told.get("enterprise_user") or {}).get("teams") or ())}
    if told.get("deleted"):
        return "gone"
    if told.get("is_bot") or told.get("is_workflow_bot") or told.get("id") == "USLACKBOT":
        return "bot"
    if not team or team not in teams or told.get("is_stranger"):
        return "stranger"
    return "guest" if told.get("is_restricted") or told.get("is_ultra_restricted") else "member"
