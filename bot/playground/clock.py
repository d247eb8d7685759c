"""A clock that people can move forward, to see today what the bot does next week."""

import asyncio
import time
from collections.abc import Awaitable, Callable

DAY = 86_400.0
MAX_MOVE = 366 * DAY
MAX_AHEAD = 5 * 365.25 * DAY
# How many seconds a digest has to be sent once the clock has reached it, and how often to check that.
_DIGEST_TIME, _CHECK_INTERVAL = 10.0, 0.1


class MovingClock:
    """Returns real time plus `moved`, in seconds; the functions in `on_move` are called after each move."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self.moved, self._moving = 0.0, asyncio.Lock()
        self.on_move: list[Callable[[], None]] = []
        # Returns when the next digest is due, where digests are sent.
        self.next_digest: Callable[[], Awaitable[float | None]] | None = None

    def __call__(self) -> float:
        return self._real() + self.moved

    async def move_to_next_digest(self) -> bool:
        """Move on to when the next digest is due, and return whether one is."""
        moment = await self._next_digest()
        if moment is not None and moment <= self():
            # Its message may be there already, and what became of it is just being stored.
            await self._wait_until_sent()
            moment = await self._next_digest()
        if moment is None:
            return False
        self._advance(max(moment - self(), 0.0) + 1.0)
        return True

    async def move_forward(self, seconds: float) -> None:
        """Move on by some seconds, and stop at each digest until it is sent, as if the bot ran all the time.

        Raises ValueError for a move backwards or too far.
        """
        if not 0 < seconds <= MAX_MOVE:
            raise ValueError("the clock moves only forward, by at most 366 days")
        async with self._moving:
            moved = self.moved + seconds
            self._check_limit(seconds)
            while (moment := await self._next_digest()) is not None and moment <= self._real() + moved:
                self._advance(max(moment - self(), 0.0) + 1.0)
                if not await self._wait_until_sent():
                    break
            if moved > self.moved:
                self._advance(moved - self.moved)

    async def _wait_until_sent(self) -> bool:
        """Wait for the digest that is due, and return whether it was sent in time."""
        for _ in range(round(_DIGEST_TIME / _CHECK_INTERVAL)):
            await asyncio.sleep(_CHECK_INTERVAL)
            moment = await self._next_digest()
            if moment is None or moment > self():
                return True
        return False

    async def _next_digest(self) -> float | None:
        return await self.next_digest() if self.next_digest is not None else None

    def _advance(self, seconds: float) -> None:
        self._check_limit(seconds)
        self.moved += seconds
        for function in list(self.on_move):
            function()

    def _check_limit(self, seconds: float) -> None:
        if self.moved + seconds > MAX_AHEAD:
            raise ValueError("the clock can be at most 5 years ahead")
