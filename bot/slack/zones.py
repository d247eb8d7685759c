"""Whose day it is: the time zones of people, as Slack tells them."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from cachetools import TTLCache

from bot.permissions import DirectoryUnavailable
from bot.slack.directory import SlackDirectory

# What Slack tells of people changes seldom; what it can't tell is not asked for each question.
_MOST, _LASTS, _UNKNOWN_LASTS = 20_000, 21_600.0, 300.0
_PATIENCE = 1.0


class TimeZones:
    """Knows people's time zones for some hours, and for some minutes that one can't be known."""

    def __init__(self, people: SlackDirectory, clock: Callable[[], float]) -> None:
        self._people = people
        self._known: TTLCache[str, ZoneInfo] = TTLCache(_MOST, _LASTS, clock)
        self._unknown: TTLCache[str, ZoneInfo] = TTLCache(_MOST, _UNKNOWN_LASTS, clock)

    def known(self, user: str) -> ZoneInfo | None:
        """Return somebody's zone without asking, or nothing."""
        return self._known.get(user) or self._unknown.get(user)

    async def of(self, user: str) -> ZoneInfo:
        """Return somebody's zone, UTC where Slack does not tell it."""
        if (zone := self.known(user)) is not None:
            return zone
        try:
            async with asyncio.timeout(_PATIENCE):
                zone = self._known[user] = ZoneInfo(await self._people.zone(user))
        except (DirectoryUnavailable, TimeoutError):
            zone = self._unknown[user] = ZoneInfo("UTC")
        return zone
