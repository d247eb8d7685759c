"""How often Figshare may be asked: a burst, then a steady pace; people first, and fair between them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.figshare.errors import QueueFull
from bot.upstream.request_context import RequestContext, request_context

LONGEST_PAUSE = 10.0


class RateLimit(Protocol):
    """Tells when the next request may leave, whoever else asks; never raises."""

    async def reserve(self) -> float:
        """Take the next place; give the seconds to wait for it."""


class LocalRateLimit:
    """A pace for one process (GCRA): `burst` may go at once after a rest, then `rate` a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._step, self._slack, self._clock = 1 / rate, (burst - 1) / rate, clock
        self._next = float("-inf")

    async def reserve(self) -> float:
        """Take the next place; give the seconds to wait for it."""
        now = self._clock()
        due = max(now, self._next)
        self._next = due + self._step
        return max(0.0, due - self._slack - now)


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """A place in the queue; granted with False when the host has been paused meanwhile."""

    question: RequestContext
    host: str
    granted: asyncio.Future[bool]


class RateLimiter:
    """Lets requests to Figshare leave one after another, in an order that is fair."""

    def __init__(
        self,
        pace: RateLimit,
        *,
        longest: int = 100,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float],
    ) -> None:
        self._pace, self._longest, self._sleep, self._clock = pace, longest, sleep, clock
        self._asking: list[RequestContext] = []
        self._waiting: list[Waiter] = []
        # Start-time fair queueing: who comes late starts at the level of those who are served, without credit
        # for the time before: https://dl.acm.org/doi/10.1145/248156.248171
        self._served: dict[str, int] = {}
        self._level = 0
        self._paused_until: dict[str, float] = {}
        self._pump: asyncio.Task[None] | None = None

    @property
    def length(self) -> int:
        """Tell how many requests wait for their turn."""
        return len(self._asking)

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while, at most 10 s: one refusal must not silence everybody."""
        until = self._clock() + min(max(seconds, 1.0), LONGEST_PAUSE)
        self._paused_until[host] = max(until, self._paused_until.get(host, 0.0))

    async def acquire(self, host: str) -> None:
        """Wait until a request to this host may leave; raises Busy when too many wait already."""
        asked = request_context.get() or RequestContext()
        # Background work never keeps a person out.
        ahead = sum(1 for one in self._asking if one.waiters or not asked.waiters)
        if ahead >= self._longest:
            raise QueueFull(ahead)
        self._asking.append(asked)
        try:
            while not await self._place(asked, host):
                await self._sleep(max(0.0, self._rest(host)))
        finally:
            self._asking.remove(asked)

    async def _place(self, asked: RequestContext, host: str) -> bool:
        if self._rest(host) > 0:
            return False
        place = Waiter(asked, host, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._serve())
        return await place.granted

    def _rest(self, host: str) -> float:
        return self._paused_until.get(host, 0.0) - self._clock()

    async def _serve(self) -> None:
        while self._waiting:
            if (wait := await self._pace.reserve()) > 0:
                await self._sleep(wait)
            for place in self._waiting:
                if not place.granted.done() and self._rest(place.host) > 0:
                    place.granted.set_result(False)
            self._waiting = [place for place in self._waiting if not place.granted.done()]
            if self._waiting:
                self._next().set_result(True)
        self._served.clear()
        self._level = 0

    def _next(self) -> asyncio.Future[bool]:
        chosen = min(self._waiting, key=self._rank)
        self._waiting.remove(chosen)
        if people := chosen.question.waiters:
            asker = min(people, key=self._score)
            self._level = self._score(asker)
            self._served[asker] = self._level + 1
        return chosen.granted

    def _rank(self, place: Waiter) -> tuple[bool, int]:
        people = place.question.waiters
        return not people, min(map(self._score, people), default=0)

    def _score(self, asker: str) -> int:
        return max(self._served.get(asker, 0), self._level)
