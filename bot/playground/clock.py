"""A clock that people can move forward, to see today what the bot does next week."""

import time
from collections.abc import Callable

DAY = 86_400.0
LONGEST_MOVE = 366 * DAY
FARTHEST = 5 * 365.25 * DAY


class MovingClock:
    """Gives real time plus `moved`, in seconds; whoever is listed in `on_move` is called after each move."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self.moved = 0.0
        self.on_move: list[Callable[[], None]] = []

    def __call__(self) -> float:
        return self._real() + self.moved

    def forward(self, seconds: float) -> None:
        """Move on by so many seconds; raises ValueError for a way back, and for too far."""
        if not 0 < seconds <= LONGEST_MOVE:
            raise ValueError("the clock moves forward, by 366 days at most")
        if self.moved + seconds > FARTHEST:
            raise ValueError("the clock can be 5 years ahead at most")
        self.moved += seconds
        for told in list(self.on_move):
            told()
