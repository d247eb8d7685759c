"""A clock that people can move forward, to see today what the bot does next week."""

import time
from collections.abc import Awaitable, Callable

DAY = 86_400.0
LONGEST_MOVE = 366 * DAY
FARTHEST = 5 * 365.25 * DAY


class MovingClock:
    """Gives real time plus `moved`, in seconds; whoever is listed in `on_move` is called after each move."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self.moved = 0.0
        self.on_move: list[Callable[[], None]] = []
        # tells when the next digest comes, where some come
        self.upcoming: Callable[[], Awaitable[float | None]] | None = None

    def __call__(self) -> float:
        return self._real() + self.moved

    async def to_next_digest(self) -> None:
        """Move on to when the next digest comes; raises ValueError when none is to come."""
        moment = await self.upcoming() if self.upcoming is not None else None
        if moment is None:
            raise ValueError("no digest is to come: /figshare subscribe 5616445 brings one")
        self.forward(max(moment - self(), 0.0) + 1.0)

    def forward(self, seconds: float) -> None:
        """Move on by so many seconds; raises ValueError for a way back, and for too far."""
        if not 0 < seconds <= LONGEST_MOVE:
            raise ValueError("the clock moves forward, by 366 days at most")
        if self.moved + seconds > FARTHEST:
            raise ValueError("the clock can be 5 years ahead at most")
        self.moved += seconds
        for told in list(self.on_move):
            told()
