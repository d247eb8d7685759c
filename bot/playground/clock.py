"""A clock that people can move forward, to see today what the bot does next week."""

import asyncio
import time
from collections.abc import Awaitable, Callable

DAY = 86_400.0
LONGEST_MOVE = 366 * DAY
FARTHEST = 5 * 365.25 * DAY
# How long a digest may take when the clock has come to it, and how often that is looked at.
PATIENCE, GLANCE = 10.0, 0.1


class MovingClock:
    """Gives real time plus `moved`, in seconds; whoever is listed in `on_move` is called after each move."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self.moved, self._moving = 0.0, asyncio.Lock()
        self.on_move: list[Callable[[], None]] = []
        # tells when the next digest comes, where some come
        self.upcoming: Callable[[], Awaitable[float | None]] | None = None

    def __call__(self) -> float:
        return self._real() + self.moved

    async def to_next_digest(self) -> None:
        """Move on to when the next digest comes; raises ValueError when none is to come."""
        if (moment := await self._next_digest()) is None:
            raise ValueError("no digest is to come: /figshare subscribe 5616445 brings one")
        self._jump(max(moment - self(), 0.0) + 1.0)

    async def forward(self, seconds: float) -> None:
        """Move on by so many seconds, and on the way wait for each digest: the bot was there all the time.

        Raises ValueError for a way back, and for too far.
        """
        if not 0 < seconds <= LONGEST_MOVE:
            raise ValueError("the clock moves forward, by 366 days at most")
        async with self._moving:
            moved = self.moved + seconds
            self._checked(seconds)
            while (moment := await self._next_digest()) is not None and moment <= self._real() + moved:
                self._jump(max(moment - self(), 0.0) + 1.0)
                if not await self._has_come():
                    break
            if moved > self.moved:
                self._jump(moved - self.moved)

    async def _has_come(self) -> bool:
        for _ in range(round(PATIENCE / GLANCE)):
            await asyncio.sleep(GLANCE)
            moment = await self._next_digest()
            if moment is None or moment > self():
                return True
        return False

    async def _next_digest(self) -> float | None:
        return await self.upcoming() if self.upcoming is not None else None

    def _jump(self, seconds: float) -> None:
        self._checked(seconds)
        self.moved += seconds
        for told in list(self.on_move):
            told()

    def _checked(self, seconds: float) -> None:
        if self.moved + seconds > FARTHEST:
            raise ValueError("the clock can be 5 years ahead at most")
