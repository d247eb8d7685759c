"""How often Figshare may be asked: a burst, then a steady pace; people first, and fair between them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from bot.figshare.errors import Busy

LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class Taken:
    """A stored answer that went into a reply: from when it is, and whether no newer one could be had."""

    at: float
    stale: bool = False


@dataclass(slots=True)
class Question:
    """A piece of work: who waits for it ("" is background work), until when, and what it used."""

    asker: str = ""
    deadline: float | None = None
    taken: list[Taken] = field(default_factory=list)


question: ContextVar[Question | None] = ContextVar("question", default=None)


class Pace(Protocol):
    """Tells when the next request may leave, whoever else asks."""

    async def reserve(self) -> float:
        """Take the next place; give the seconds to wait for it."""


class OwnPace:
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


class Limiter:
    """Lets requests to Figshare leave one after another, in an order that is fair."""

    def __init__(
        self,
        pace: Pace,
        *,
        longest: int = 100,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float],
    ) -> None:
        self._pace, self._longest, self._sleep, self._clock = pace, longest, sleep, clock
        self._waiting: list[tuple[Question, asyncio.Future[None]]] = []
        self._served: Counter[str] = Counter()
        self._paused_until: dict[str, float] = {}
        self._pump: asyncio.Task[None] | None = None

    @property
    def length(self) -> int:
        """Tell how many requests wait for their turn."""
        return len(self._waiting)

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while, at most 10 s: one refusal must not silence everybody."""
        until = self._clock() + min(max(seconds, 1.0), LONGEST_PAUSE)
        self._paused_until[host] = max(until, self._paused_until.get(host, 0.0))

    async def turn(self, host: str) -> None:
        """Wait until a request to this host may leave; raises Busy when too many wait already."""
        if len(self._waiting) >= self._longest:
            raise Busy(len(self._waiting))
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append((question.get() or Question(), mine))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._serve())
        await mine
        rest = self._paused_until.get(host, 0.0) - self._clock()
        if rest > 0:
            await self._sleep(rest)

    async def _serve(self) -> None:
        while self._waiting:
            wait = await self._pace.reserve()
            if wait > 0:
                await self._sleep(wait)
            self._waiting = [one for one in self._waiting if not one[1].done()]
            if self._waiting:
                self._next().set_result(None)
            else:
                break
        self._served.clear()

    def _next(self) -> asyncio.Future[None]:
        chosen = min(self._waiting, key=lambda one: (not one[0].asker, self._served[one[0].asker]))
        self._waiting.remove(chosen)
        self._served[chosen[0].asker] += 1
        return chosen[1]
