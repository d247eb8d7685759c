"""Asks Figshare on behalf of one digest, and remembers what could not be fetched, and why."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.bot import Bot
from bot.digests.report.time_series import Window
from bot.error_messages import error_message
from bot.figshare.errors import FigshareError, NotAllowed
from bot.figshare.stats import COUNTERS, CounterName, SubjectKind
from bot.items import lookup
from bot.items.lookup import Subject
from bot.language.references import Reference
from bot.reply import DoesNotExist
from bot.upstream.request_context import oldest_hit

T = TypeVar("T")


def digest_error_message(error: FigshareError) -> str:
    """Return what happened, in a sentence; where somebody can fix it, a second one says how."""
    title, advice = error_message(error)
    return f"{title} {advice}" if isinstance(error, NotAllowed) else title


class Fetcher:
    """The requests of one digest; `request_slots` bounds how many of all digests wait at a time.

    A request that fails costs its own answer only. `timelines` has the counts by day that were fetched: None
    where they are unknown.
    """

    def __init__(self, bot: Bot, window: Window, request_slots: asyncio.Semaphore) -> None:
        self.bot, self.window, self._request_slots = bot, window, request_slots
        self._started_at = bot.clock()
        # By sentence, since many requests fail for one reason; None where Figshare knows no such thing.
        self._problems: dict[str, FigshareError | None] = {}
        self._has_figures = False
        self.timelines: dict[tuple[str, int, str], dict[str, int] | None] = {}

    async def try_get(self, request: Awaitable[T], is_figure: bool = True) -> T | None:
        """Return the answer to a request, or None after noting why there is none.

        With `is_figure` the answer is one of those without which there is no digest (see `problems`).
        """
        async with self._request_slots:
            try:
                answer = await request
            except FigshareError as error:
                self._problems.setdefault(digest_error_message(error), error)
                return None
        self._has_figures |= is_figure
        return answer

    async def subject(self, reference: Reference) -> Subject | None:
        """Return the record that a reference names, or None after noting why there is none."""
        try:
            return await self.try_get(lookup.fetch_subject(self.bot, reference), is_figure=False)
        except DoesNotExist as error:
            self.note_problem(error.title)
            return None

    def note_problem(self, sentence: str) -> None:
        """Remember that a part of an answer is missing, in words for those who read the digest."""
        self._problems.setdefault(sentence, None)

    async def timeline(self, counter: CounterName, kind: SubjectKind, id: int) -> dict[str, int] | None:
        """Return counts by day (ISO date → count) over all buckets, in one request; None if unknown."""
        first, last = self.window.buckets[0], self.window.last
        timeline = await self.try_get(self.bot.stats.timeline("day", counter, kind, id, first, last))
        self.timelines[kind, id, counter] = timeline
        return timeline

    def mark_unknown(self, kind: SubjectKind, id: int) -> None:
        """Make the timelines of a thing unknown: they are all 0, and nothing says that it exists."""
        for counter in COUNTERS:
            self.timelines[kind, id, counter] = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Return why not everything could be fetched; raises FigshareError when no figure could."""
        first_error = next((error for error in self._problems.values() if error is not None), None)
        if first_error is not None and not self._has_figures:
            raise first_error
        return tuple(self._problems)

    @property
    def as_of(self) -> float:
        """Return when the oldest answer was fetched, in seconds since 1970."""
        hit = oldest_hit()
        return self._started_at if hit is None else hit
