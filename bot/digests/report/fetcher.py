"""Asks Figshare on behalf of a digest, and remembers what could not be had, and why."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.bot import Bot
from bot.digests.report.time_series import Window
from bot.error_messages import error_message
from bot.figshare.errors import FigshareError, NotAllowed
from bot.figshare.stats import COUNTERS, CounterName
from bot.figshare.stats import SubjectKind as Kind
from bot.items.lookup import Subject, subject
from bot.language.references import Reference
from bot.reply import DoesNotExist
from bot.upstream.request_context import request_context

T = TypeVar("T")


def told(error: FigshareError) -> str:
    """Say what happened; where somebody can mend it, also how."""
    what, advice = error_message(error)
    return f"{what} {advice}" if isinstance(error, NotAllowed) else what


class Fetcher:
    """The questions of one digest; `room` bounds how many of all digests wait at a time."""

    def __init__(self, bot: Bot, window: Window, room: asyncio.Semaphore) -> None:
        self.bot, self.window, self._room = bot, window, room
        self._began = bot.clock()
        self._troubles: dict[str, FigshareError | None] = {}
        self._has_figures = False
        self.timelines: dict[tuple[str, int, str], dict[str, int] | None] = {}

    async def had(self, asked: Awaitable[T], is_figure: bool = True) -> T | None:
        """Give what was asked for, or nothing, and remember why."""
        async with self._room:
            try:
                found = await asked
            except FigshareError as error:
                self._troubles.setdefault(told(error), error)
                return None
        self._has_figures |= is_figure
        return found

    async def record(self, reference: Reference) -> Subject | None:
        """Find what a number is called."""
        try:
            return await self.had(subject(self.bot, reference), is_figure=False)
        except DoesNotExist as gone:
            self._troubles.setdefault(gone.title, None)
            return None

    async def timeline(self, counter: CounterName, kind: Kind, id: int) -> dict[str, int] | None:
        """Give counts by day, over all spans in one request."""
        first, last = self.window.spans[0], self.window.last
        found = await self.had(self.bot.stats.timeline("day", counter, kind, id, first, last))
        self.timelines[kind, id, counter] = found
        return found

    def forget(self, kind: Kind, id: int) -> None:
        """Take counts for unknown: all of them are 0, and nothing says that they are of anything."""
        for counter in COUNTERS:
            self.timelines[kind, id, counter] = None

    @property
    def troubles(self) -> tuple[str, ...]:
        """Say why not everything could be had; raises FigshareError when no figure could."""
        failed = next((error for error in self._troubles.values() if error is not None), None)
        if failed is not None and not self._has_figures:
            raise failed
        return tuple(self._troubles)

    @property
    def as_of(self) -> float:
        """Give from when the oldest answer is, in seconds since 1970."""
        asked = request_context.get()
        return min((each.at for each in asked.hits), default=self._began) if asked else self._began
