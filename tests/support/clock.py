"""A clock for tests, and the day that it shows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = field(default_factory=NOON.timestamp)

    def __call__(self) -> float:
        return self.now
