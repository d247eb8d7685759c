"""Windows of time that are walked backwards from now, to find the newest records of an unordered list."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

# Windows start at midnight, or shorter ones at every fifth minute, so that people who ask within a few
# minutes share one answer.
DAY_WINDOW = timedelta(days=1)
_MIN_LENGTH = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BackwardWindows:
    """The windows of one walk, from `now`, or from `until`, back to `since`, or to the beginning.

        since                                                           now
          |        |<--- next window --->|<- 2 x ->|<- first_length ->|
                 start                 until
                                          complete_since

    Each window is twice as long as the one read before it. One that holds too many pages is given up, and the
    next is as long as the page that was read. The last request asks for everything that is left, unless some
    window held too many. No record since `complete_since` is missing, and none at all when `is_done`.
    """

    def __init__(
        self,
        now: datetime,
        since: datetime | None,
        first_length: timedelta,
        max_requests: int,
        until: datetime | None = None,
    ) -> None:
        self._end, self._since, self._length, self._was_crowded = until or now, since, first_length, False
        self.requests_left, self.is_done = max_requests, False
        self.until = until
        self.complete_since: datetime | None = None

    def next_start(self) -> datetime | None:
        """Return the first moment of the next window, which ends at `until`; None is the very beginning."""
        if self.requests_left == 1 and not self._was_crowded:
            return self._since
        step = DAY_WINDOW if self._length >= DAY_WINDOW else _MIN_LENGTH
        start = self._end - self._length
        start += (_EPOCH - start) % step
        return max(start, self._since) if self._since else start

    def advance(self, start: datetime | None) -> None:
        """Move on after a window with this start has been read to its end."""
        if start is None or (self._since and start <= self._since):
            self.is_done, self.complete_since = True, self._since
            return
        # Both ends of a request are inclusive and count in seconds.
        self._end, self.until, self.complete_since = start, start - timedelta(seconds=1), start
        self._length *= 2

    def narrow(self, start: datetime | None, datestamps: Sequence[datetime]) -> bool:
        """Return whether a window holds many more pages than the one with these datestamps.

        The next window is then as long as that page.
        """
        if start is None or not datestamps:
            return False
        page_length = max(max(datestamps) - min(datestamps), _MIN_LENGTH)
        if self._end - start <= 3 * page_length:
            return False
        self._length, self._was_crowded = page_length, True
        return True
