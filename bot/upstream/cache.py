"""A cache of Figshare's answers: single flight, stale-while-revalidate, stale-if-error (RFC 5861).

    fetched     max_age          stale_while_revalidate       stale_if_error
    |-- fresh --|-- stale, served --|-- stale, served only --|-- gone
    |  served   |   while a newer   |   when a newer one     |   requested
    |  as it is |   is fetched      |   can't be fetched     |   again

For each key at most one request is in flight, and everybody who asks meanwhile waits for it. Its task belongs
to the cache: it goes on when those who wait give up, and its answer is there for whoever asks next.

An error that is Figshare's own answer, such as "not found", replaces a stored answer and is raised again for
a minute. An error that only says that Figshare could not be asked never replaces one; after a 429 or a block
by its firewall, the stored answer serves until Figshare may be asked again. A body that can't be decoded is
such an error, so it is never stored.

The bound counts the memory that decoded answers take, and the least recently used go first. With a shared
tier a process reads it before each request, and writes to it after.

Two fields of the request context change this. With `only_if_cached` a caller gets TimedOut instead of waiting
for a request. With `min_fetched_at` the age doesn't matter: an answer from before that time never serves this
caller, and a later one always does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from cachetools import TLRUCache

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
from bot.upstream.cache_entry import CacheEntry
from bot.upstream.request_context import CacheHit, RequestContext, current, detached

T = TypeVar("T")
log = logging.getLogger(__name__)

# Errors that are Figshare's own answer, and errors that only say that it could not be asked.
_DEFINITE_ERRORS = (NotFound, NotAllowed, BadRequest, OaiError)
_TRANSIENT_ERRORS = (Unreachable, BlockedByFirewall, TooManyRequests, InvalidResponse, QueueFull, TimedOut)
_ERROR_SECONDS: dict[type[FigshareError], float] = {
    NotFound: 60,
    NotAllowed: 60,
    BadRequest: 60,
    OaiError: 60,
    BlockedByFirewall: 10,
    TooManyRequests: 5,
}
_MAX_RETRY_AFTER = 60.0
# Values of the label `outcome` in the metrics; they stay as they are, though RFC 5861 has other words.
FRESH, FETCHED, FAILED = "fresh", "fetched", "failed"
STALE_WHILE_REVALIDATE, STALE_IF_ERROR = "revalidated", "stale"


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How many answers are stored, and when the oldest was fetched, in seconds since 1970."""

    count: int
    oldest: float | None


@dataclass(slots=True)
class InFlight:
    """A request under way, the context in which its task runs, and how many callers wait for it."""

    task: asyncio.Task[CacheEntry]
    context: RequestContext
    callers: int = 0


class SharedCache(Protocol):
    """A second tier that several processes share; it holds bodies, and none of its methods raises."""

    async def load(self, key: str) -> tuple[float, bytes] | None:
        """Return when a body was fetched and the body, if it is there."""

    async def save(self, key: str, fetched_at: float, body: bytes, seconds: float) -> None:
        """Store a body for so many seconds."""

    async def forget(self, key: str) -> None:
        """Drop a body."""


class Cache:
    """One answer for everybody who asks the same; see the module for how it ages.

    `clock` returns seconds since 1970; `observe` is called with where each answer came from (`FRESH` …).
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        max_bytes: int = 64_000_000,
        shared: SharedCache | None = None,
        observe: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._clock, self._shared, self._observe = clock, shared, observe
        self._entries: TLRUCache[Hashable, CacheEntry] = TLRUCache(
            max_bytes,
            ttu=lambda key, entry, now: entry.expires_at,
            timer=clock,
            getsizeof=lambda entry: entry.size,
        )
        self._in_flight: dict[Hashable, InFlight] = {}

    async def get_or_fetch(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], T],
        policy: CachePolicy,
    ) -> T:
        """Return the answer under this key, stored or fetched; raises what `fetch` and `decode` raise.

        Raises TimedOut when the deadline of the request context passes first and no stored answer serves.
        """
        # TLRUCache.get looks the key up twice, and reads the clock each time.
        try:
            entry: CacheEntry | None = self._entries[key]
        except KeyError:
            entry = None
        now, context = self._clock(), current()
        if entry is not None and entry.is_usable(now, context.min_fetched_at):
            return self._serve(entry, FRESH, context)  # type: ignore[no-any-return]
        if entry is not None and context.min_fetched_at is None:
            if now < entry.revalidate_until:
                if now >= entry.retry_after:
                    self._join_or_start(key, fetch, decode, policy, context, requester="")
                return self._serve(entry, STALE_WHILE_REVALIDATE, context)  # type: ignore[no-any-return]
            if now < entry.retry_after:
                return self._serve(entry, STALE_IF_ERROR, context)  # type: ignore[no-any-return]
        if context.only_if_cached:
            context.cache_miss = True
            raise TimedOut
        request = self._join_or_start(key, fetch, decode, policy, context, context.requester)
        return await self._fetched_or_stale(key, request, entry, context)  # type: ignore[no-any-return]

    def stats(self) -> CacheStats:
        """Return how many answers are stored and how old they are; errors don't count."""
        times = [entry.fetched_at for entry in self._entries.values() if entry.error is None]
        return CacheStats(len(times), min(times, default=None))

    async def close(self) -> None:
        """Cancel the requests in flight and wait for their ends."""
        tasks = [request.task for request in self._in_flight.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetched_or_stale(
        self, key: str, request: InFlight, entry: CacheEntry | None, context: RequestContext
    ) -> Any:
        """Wait for a request, and return its answer, or a stored one where Figshare could not be asked."""
        try:
            fetched = await self._wait(request, context.deadline)
        except _TRANSIENT_ERRORS as error:
            # The shared tier may have brought an older answer meanwhile.
            stored = self._entries.get(key) or entry
            if stored is None or stored.error is not None or context.min_fetched_at is not None:
                self._observe(FAILED)
                context.timed_out = context.timed_out or isinstance(error, TimedOut)
                raise
            return self._serve(stored, STALE_IF_ERROR, context)
        return self._serve(fetched, FETCHED, context)

    def _serve(self, entry: CacheEntry, outcome: str, context: RequestContext) -> Any:
        self._observe(outcome)
        if entry.error is not None:
            raise entry.error.with_traceback(None)
        context.hits.append(CacheHit(entry.fetched_at, outcome == STALE_IF_ERROR))
        return entry.value

    def _join_or_start(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], Any],
        policy: CachePolicy,
        context: RequestContext,
        requester: str,
    ) -> InFlight:
        """Return the request in flight for this key, started if there is none.

        `requester` is "" when nobody waits for it.
        """
        request = self._in_flight.get(key)
        if request is None:
            task_context = RequestContext(requester, min_fetched_at=context.min_fetched_at)
            task = asyncio.create_task(
                self._fetch(key, fetch, decode, policy, task_context), context=detached(task_context)
            )
            request = self._in_flight[key] = InFlight(task, task_context)
            task.add_done_callback(lambda done: self._on_done(key, done))
            return request
        if requester:
            request.context.add_waiter(requester)
        if context.min_fetched_at is not None:
            # The task may still be reading the shared tier, whose answer would be too old for this caller.
            request.context.min_fetched_at = max(
                context.min_fetched_at, request.context.min_fetched_at or 0.0
            )
        return request

    async def _wait(self, request: InFlight, deadline: float | None) -> CacheEntry:
        request.callers += 1
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(request.task)
        except TimeoutError:
            raise TimedOut from None
        finally:
            request.callers -= 1
            if not request.callers:
                request.context.demote_to_background()

    async def _fetch(
        self,
        key: str,
        fetch: Callable[[], Awaitable[bytes]],
        decode: Callable[[bytes], Any],
        policy: CachePolicy,
        context: RequestContext,
    ) -> CacheEntry:
        shared = await self._load_shared(key, decode, policy)
        if shared is not None and shared.is_usable(self._clock(), context.min_fetched_at):
            return shared
        try:
            body = await fetch()
            entry = CacheEntry.of_answer(decode(body), self._clock(), policy)
        except FigshareError as error:
            self._remember_error(key, error)
            if self._shared is not None and isinstance(error, _DEFINITE_ERRORS):
                await self._shared.forget(key)
            raise
        self._store(key, entry)
        if self._shared is not None:
            await self._shared.save(key, entry.fetched_at, body, policy.stale_if_error)
        return entry

    def _on_done(self, key: str, task: asyncio.Task[CacheEntry]) -> None:
        self._in_flight.pop(key, None)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, FigshareError):
            log.error("unexpected error in a request to figshare", exc_info=error)

    async def _load_shared(
        self, key: str, decode: Callable[[bytes], Any], policy: CachePolicy
    ) -> CacheEntry | None:
        shared = None if self._shared is None else await self._shared.load(key)
        if shared is None:
            return None
        fetched_at, body = shared
        try:
            entry = CacheEntry.of_answer(decode(body), fetched_at, policy)
        except FigshareError:
            return None
        stored = self._entries.get(key)
        if stored is None or stored.fetched_at < fetched_at:
            # Stored even when it is stale: it serves when Figshare can't be asked.
            self._store(key, entry)
        return entry

    def _remember_error(self, key: str, error: FigshareError) -> None:
        """Store an error that forbids further requests for a while, without losing an answer that serves."""
        now, seconds = self._clock(), _ERROR_SECONDS.get(type(error), 0.0)
        if isinstance(error, TooManyRequests):
            seconds = max(seconds, min(error.retry_after, _MAX_RETRY_AFTER))
        if not seconds:
            return
        stored = self._entries.get(key)
        if stored is None or stored.error is not None or isinstance(error, _DEFINITE_ERRORS):
            self._store(key, CacheEntry.of_error(error, now, now + seconds))
        else:
            self._store(key, replace(stored, retry_after=now + seconds))

    def _store(self, key: str, entry: CacheEntry) -> None:
        if entry.size <= self._entries.maxsize:
            self._entries[key] = entry
