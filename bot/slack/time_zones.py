"""People's time zones as Slack knows them, cached: they decide which day "yesterday" is."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from cachetools import TTLCache

from bot.permissions import DirectoryUnavailable
from bot.slack.directory import SlackDirectory

# A time zone seldom changes. One that Slack can't give is taken for UTC, for a shorter time.
_CAPACITY, _TTL, _UNKNOWN_TTL = 20_000, 21_600.0, 300.0
_TIMEOUT = 1.0


class TimeZones:
    """A cache of time zones: for some hours, or for some minutes where Slack can't give one."""

    def __init__(self, directory: SlackDirectory, clock: Callable[[], float]) -> None:
        self._directory = directory
        self._known: TTLCache[str, ZoneInfo] = TTLCache(_CAPACITY, _TTL, clock)
        self._unknown: TTLCache[str, ZoneInfo] = TTLCache(_CAPACITY, _UNKNOWN_TTL, clock)

    def cached_zone(self, user: str) -> ZoneInfo | None:
        """Return somebody's time zone without asking Slack, or None."""
        return self._known.get(user) or self._unknown.get(user)

    async def zone_of(self, user: str) -> ZoneInfo:
        """Return somebody's time zone, UTC where Slack does not give it within a second."""
        if (zone := self.cached_zone(user)) is not None:
            return zone
        try:
            async with asyncio.timeout(_TIMEOUT):
                zone = self._known[user] = ZoneInfo(await self._directory.time_zone(user))
        except (DirectoryUnavailable, TimeoutError):
            zone = self._unknown[user] = ZoneInfo("UTC")
        return zone
