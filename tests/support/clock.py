"""A clock for tests, the day that it shows, and how fast this machine is."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = field(default_factory=NOON.timestamp)

    def __call__(self) -> float:
        return self.now


@cache
def slowness() -> float:
    """Return how many times longer this machine computes than a usual one, at least 1."""
    took = []
    for _ in range(5):
        began = time.process_time()
        sum(number * number for number in range(200_000))
        took.append(time.process_time() - began)
    return max(1.0, min(took) / 0.01)
