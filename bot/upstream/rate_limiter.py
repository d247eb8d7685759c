"""A rate limiter for requests to Figshare: a burst, then a steady rate; people first, and in turns.

    acquire --> sleep while the host is paused --> wait in the queue --> granted: the request may leave
                           ^                              |
                           '-- the host was paused -------'

One dispatcher grants the turns. It reserves the next one from the rate limit, sleeps until then, and only
after that chooses who gets it, so that a person who comes late still goes before background work. Among
people it is start-time fair queueing, https://dl.acm.org/doi/10.1145/248156.248171: everybody has a start
tag, the number of the turn that would be theirs next, and the smallest is served. The virtual time is the
start tag served last. No start tag is below it, so nobody saves up turns while asking nothing, and nobody
pays for turns taken while no one else waited. A request that several people wait for has the start tag of the
least busy of them. When the queue is empty all tags are forgotten.

The queue has a bound. Background work does not count against people, so it never keeps one out. Those who
sleep while a host is paused count, since they will want a turn afterwards.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.figshare.errors import QueueFull
from bot.upstream.request_context import RequestContext, current

# A host is paused for so many seconds at most, whatever its Retry-After says.
MAX_HOST_PAUSE = 10.0


class RateLimit(Protocol):
    """A rate that all who share it keep together; reserving never raises."""

    async def reserve(self) -> float:
        """Reserve the next turn; return the seconds to wait for it."""


class LocalRateLimit:
    """A rate for one process: after a quiet time `burst` turns at once, then `rate` a second.

    This is the generic cell rate algorithm, https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm: turns
    are due one interval apart, and each may be taken as much earlier as the tolerance, which makes the burst.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._interval, self._tolerance, self._clock = 1 / rate, (burst - 1) / rate, clock
        self._next_due = float("-inf")

    async def reserve(self) -> float:
        """Reserve the next turn; return the seconds to wait for it."""
        now = self._clock()
        due = max(now, self._next_due)
        self._next_due = due + self._interval
        return max(0.0, due - self._tolerance - now)


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """A request in the queue; `granted` is False when its host has been paused meanwhile."""

    context: RequestContext
    host: str
    granted: asyncio.Future[bool]


class RateLimiter:
    """Lets requests to Figshare leave one after another; see the module for the order.

    `clock` returns monotonic seconds, `max_length` bounds how many requests wait.
    """

    def __init__(
        self,
        rate_limit: RateLimit,
        *,
        max_length: int = 100,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float],
    ) -> None:
        self._rate_limit, self._max_length, self._sleep, self._clock = rate_limit, max_length, sleep, clock
        # Everybody inside `acquire`, and those of them who are in the queue.
        self._acquiring: list[RequestContext] = []
        self._queue: list[Waiter] = []
        self._next_start_tags: dict[str, int] = {}
        self._virtual_time = 0
        self._paused_until: dict[str, float] = {}
        self._dispatcher: asyncio.Task[None] | None = None

    @property
    def length(self) -> int:
        """Return how many requests wait for their turn."""
        return len(self._acquiring)

    def pause(self, host: str, seconds: float) -> None:
        """Let no request to a host leave for 1 to 10 seconds: one refusal must not stop everybody."""
        until = self._clock() + min(max(seconds, 1.0), MAX_HOST_PAUSE)
        self._paused_until[host] = max(until, self._paused_until.get(host, 0.0))

    async def acquire(self, host: str) -> None:
        """Wait until a request to this host may leave; raises QueueFull when too many wait already."""
        context = current()
        ahead = sum(1 for other in self._acquiring if other.waiters or not context.waiters)
        if ahead >= self._max_length:
            raise QueueFull(ahead)
        self._acquiring.append(context)
        try:
            while not await self._wait_for_turn(context, host):
                await self._sleep(max(0.0, self._pause_left(host)))
        finally:
            self._acquiring.remove(context)

    async def _wait_for_turn(self, context: RequestContext, host: str) -> bool:
        """Wait for a turn; return whether it came, or the host is paused."""
        if self._pause_left(host) > 0:
            return False
        waiter = Waiter(context, host, asyncio.get_running_loop().create_future())
        self._queue.append(waiter)
        if self._dispatcher is None or self._dispatcher.done():
            self._dispatcher = asyncio.create_task(self._dispatch())
        return await waiter.granted

    def _pause_left(self, host: str) -> float:
        return self._paused_until.get(host, 0.0) - self._clock()

    async def _dispatch(self) -> None:
        """Grant turns until the queue is empty."""
        while self._queue:
            if (seconds := await self._rate_limit.reserve()) > 0:
                await self._sleep(seconds)
            for waiter in self._queue:
                if not waiter.granted.done() and self._pause_left(waiter.host) > 0:
                    waiter.granted.set_result(False)
            # A future that is done was refused just now, or cancelled by a caller who gave up.
            self._queue = [waiter for waiter in self._queue if not waiter.granted.done()]
            if self._queue:
                self._grant_next()
        self._next_start_tags.clear()
        self._virtual_time = 0

    def _grant_next(self) -> None:
        waiter = min(self._queue, key=self._priority)
        self._queue.remove(waiter)
        if people := waiter.context.waiters:
            person = min(people, key=self._start_tag)
            self._virtual_time = self._start_tag(person)
            self._next_start_tags[person] = self._virtual_time + 1
        waiter.granted.set_result(True)

    def _priority(self, waiter: Waiter) -> tuple[bool, int]:
        people = waiter.context.waiters
        return not people, min(map(self._start_tag, people), default=0)

    def _start_tag(self, person: str) -> int:
        return max(self._next_start_tags.get(person, 0), self._virtual_time)
