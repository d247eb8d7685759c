"""Answers from Figshare: fresh, or the request already under way, or the last good answer with its age."""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from sys import getsizeof
from typing import Any, Protocol, TypeVar

from cachetools import TLRUCache
from msgspec import Struct
from msgspec.structs import astuple

from bot.figshare.client import CachePolicy
from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    FigshareError,
    InvalidResponse,
    NotAllowed,
    NotFound,
    OaiError,
    QueueFull,
    TimedOut,
    TooManyRequests,
    Unreachable,
)
from bot.upstream.request_context import CacheHit, RequestContext, request_context

T = TypeVar("T")
log = logging.getLogger(__name__)

# An answer of this kind is Figshare's word and is remembered; the others only say that it could not be asked.
_ANSWERS = (NotFound, NotAllowed, BadRequest, OaiError)
_TROUBLE = (Unreachable, BlockedByFirewall, TooManyRequests, InvalidResponse, QueueFull, TimedOut)
_REMEMBERED: dict[type[FigshareError], float] = {
    NotFound: 60,
    NotAllowed: 60,
    BadRequest: 60,
    OaiError: 60,
    BlockedByFirewall: 10,
    TooManyRequests: 5,
}
# The bookkeeping of an entry, and what the allocator adds to an object (benchmarks/memory.py).
_OVERHEAD, _ADDED = 800, 8


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An answer, or Figshare's refusal, with the moments at which it ages."""

    value: Any
    error: FigshareError | None
    at: float
    fresh_until: float
    revalidate_until: float
    keep_until: float
    size: int
    # Figshare turned the last request for it away and is left alone until then.
    again_at: float = float("-inf")

    @classmethod
    def answer(cls, value: Any, at: float, life: CachePolicy) -> "CacheEntry":
        """Make the entry for an answer."""
        size = weight(value) + _OVERHEAD
        return cls(
            value,
            None,
            at,
            at + life.max_age,
            at + life.stale_while_revalidate,
            at + life.stale_if_error,
            size,
        )

    @classmethod
    def refusal(cls, error: FigshareError, at: float, until: float) -> "CacheEntry":
        """Make the entry for an error that is given again until then."""
        return cls(None, error, at, until, until, until, _OVERHEAD)


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How many answers are stored, and from when the oldest is."""

    count: int
    oldest: float | None


@dataclass(slots=True)
class InFlight:
    """A request under way and how many wait for it."""

    task: asyncio.Task[CacheEntry]
    question: RequestContext
    waiting: int = 0


def weight(value: object) -> int:
    """Give the bytes that a decoded answer takes in memory; its length says little about that."""
    total, rest = 0, [value]
    while rest:
        each = rest.pop()
        if each is None or each is True or each is False:
            continue
        total += getsizeof(each) + _ADDED
        if isinstance(each, dict):
            rest += each.keys()
            rest += each.values()
        elif isinstance(each, list | tuple):
            rest += each
        elif isinstance(each, Struct):
            rest += astuple(each)
    return total


class Shared(Protocol):
    """A second tier that several processes share."""

    async def load(self, key: str) -> tuple[float, bytes] | None:
        """Give when a body was stored and the body, or nothing; never raise."""

    async def save(self, key: str, at: float, body: bytes, keep: float) -> None:
        """Store a body for `keep` seconds; never raise."""

    async def forget(self, key: str) -> None:
        """Drop a body; never raise."""


def _serves(entry: CacheEntry, now: float, not_before: float | None) -> bool:
    """Tell whether a stored answer is given as it is."""
    if not_before is None or entry.error is not None:
        return now < entry.fresh_until
    return entry.at >= not_before


class Cache:
    """One answer for everyone who asks the same, bounded by what all of them take in memory."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        limit: int = 64_000_000,
        shared: Shared | None = None,
        observe: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._clock, self._shared, self._observe = clock, shared, observe
        self._entries: TLRUCache[Hashable, CacheEntry] = TLRUCache(
            limit,
            ttu=lambda key, entry, now: entry.keep_until,
            timer=clock,
            getsizeof=lambda entry: entry.size,
        )
        self._flights: dict[Hashable, InFlight] = {}

    async def answer(
        self, key: str, fetch: Callable[[], Awaitable[bytes]], decode: Callable[[bytes], T], life: CachePolicy
    ) -> T:
        """Give the answer under this key, asking at most once for everybody who waits for it."""
        # `get` would look twice, and at the clock each time.
        try:
            entry: CacheEntry | None = self._entries[key]
        except KeyError:
            entry = None
        now, asked = self._clock(), request_context.get()
        not_before = None if asked is None else asked.min_fetched_at
        if entry is not None and _serves(entry, now, not_before):
            return self._use(entry, "fresh")  # type: ignore[no-any-return]
        if entry is not None and not_before is None:
            if now < entry.revalidate_until:
                if now >= entry.again_at:
                    self._flight(key, fetch, decode, life, background=True)
                return self._use(entry, "revalidated")  # type: ignore[no-any-return]
            if now < entry.again_at:
                return self._use(entry, "stale", stale=True)  # type: ignore[no-any-return]
        if asked is not None and asked.only_if_cached:
            asked.cache_miss = True
            raise TimedOut
        try:
            entry = await self._wait(self._flight(key, fetch, decode, life))
        except _TROUBLE:
            last = self._entries.get(key) or entry
            if last is None or last.error is not None or not_before is not None:
                self._observe("failed")
                raise
            return self._use(last, "stale", stale=True)  # type: ignore[no-any-return]
        return self._use(entry, "fetched")  # type: ignore[no-any-return]

    def _use(self, entry: CacheEntry, outcome: str, stale: bool = False) -> Any:
        self._observe(outcome)
        asked = request_context.get()
        if entry.error is not None:
            raise entry.error.with_traceback(None)
        if asked is not None:
            asked.hits.append(CacheHit(entry.at, stale))
        return entry.value

    def _flight(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], Any],
        life: CachePolicy,
        background: bool = False,
    ) -> InFlight:
        flight = self._flights.get(key)
        asked = request_context.get()
        asker = "" if background or asked is None else asked.requester
        if flight is None:
            own = RequestContext(asker, min_fetched_at=None if asked is None else asked.min_fetched_at)
            context = contextvars.copy_context()
            context.run(request_context.set, own)
            task = asyncio.create_task(self._fly(key, fetch, decode, life), context=context)
            flight = self._flights[key] = InFlight(task, own)
            task.add_done_callback(lambda done: self._landed(key, done))
        elif asker:
            flight.question.add_waiter(asker)
        return flight

    async def _fly(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], Any],
        life: CachePolicy,
    ) -> CacheEntry:
        stored = await self._stored(key, decode, life)
        asked = request_context.get()
        if stored is not None and _serves(stored, self._clock(), asked.min_fetched_at if asked else None):
            return stored
        try:
            body = await fetch()
            entry = CacheEntry.answer(decode(body), self._clock(), life)
        except FigshareError as error:
            self._remember(key, error)
            if self._shared is not None and isinstance(error, _ANSWERS):
                await self._shared.forget(key)
            raise
        self._keep(key, entry)
        if self._shared is not None:
            await self._shared.save(key, entry.at, body, life.stale_if_error)
        return entry

    async def _stored(self, key: str, decode: Callable[[bytes], Any], life: CachePolicy) -> CacheEntry | None:
        found = None if self._shared is None else await self._shared.load(key)
        if found is None:
            return None
        at, body = found
        try:
            entry = CacheEntry.answer(decode(body), at, life)
        except FigshareError:
            return None
        last = self._entries.get(key)
        if last is None or last.at < at:
            # Stale as it may be: it serves when Figshare can't be asked.
            self._keep(key, entry)
        return entry

    def _remember(self, key: str, error: FigshareError) -> None:
        now, lasts = self._clock(), _REMEMBERED.get(type(error), 0.0)
        if isinstance(error, TooManyRequests):
            lasts = max(lasts, min(error.retry_after, 60.0))
        if not lasts:
            return
        last = self._entries.get(key)
        if last is None or last.error is not None or isinstance(error, _ANSWERS):
            self._keep(key, CacheEntry.refusal(error, now, now + lasts))
        else:
            self._keep(key, replace(last, again_at=now + lasts))

    def _keep(self, key: str, entry: CacheEntry) -> None:
        if entry.size <= self._entries.maxsize:
            self._entries[key] = entry

    def _landed(self, key: str, done: asyncio.Task[CacheEntry]) -> None:
        self._flights.pop(key, None)
        if (
            not done.cancelled()
            and (error := done.exception()) is not None
            and not isinstance(error, FigshareError)
        ):
            log.error("a request to Figshare failed in a way nobody thought of", exc_info=error)

    async def _wait(self, flight: InFlight) -> CacheEntry:
        asked = request_context.get()
        deadline = asked.deadline if asked is not None else None
        flight.waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(flight.task)
        except TimeoutError:
            raise TimedOut from None
        finally:
            flight.waiting -= 1
            # Nobody waits any more: let it finish behind those who do.
            if not flight.waiting:
                flight.question.demote_to_background()

    def held(self) -> "CacheStats":
        """Tell what is stored."""
        good = [entry.at for entry in self._entries.values() if entry.error is None]
        return CacheStats(len(good), min(good, default=None))

    async def close(self) -> None:
        """End what is under way."""
        flights = [flight.task for flight in self._flights.values()]
        for task in flights:
            task.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
