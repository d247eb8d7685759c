"""Which requests were handled before: by this process, and by another one on the same database."""

from collections.abc import Awaitable, Callable

# Returns whether another process has claimed a request, and claims it for this one if not.
ClaimCheck = Callable[[str], Awaitable[bool]]


class Deduplicator:
    """Ids, each remembered for at least `ttl` seconds unless more than `capacity` come in that time.

    Two sets, of which the older is dropped whole: a set of texts costs no garbage collection, whereas an
    entry with a time of its own costs more than verifying a signature.
    """

    def __init__(self, ttl: float, capacity: int, clock: Callable[[], float]) -> None:
        self._ttl, self._capacity, self._clock = ttl, capacity, clock
        self._new, self._old, self._new_since = set[str](), set[str](), clock()

    def is_duplicate(self, id: str) -> bool:
        """Return whether an id is remembered, and remember it."""
        now = self._clock()
        if now - self._new_since >= self._ttl or len(self._new) >= self._capacity:
            # After twice the time nothing in the newer set has to be remembered either.
            self._old = self._new if now - self._new_since < 2 * self._ttl else set()
            self._new, self._new_since = set(), now
        if id in self._new or id in self._old:
            return True
        self._new.add(id)
        return False


def claim_check(check: ClaimCheck | None) -> ClaimCheck:
    """Return a check for which a request without an id is new, and so is any request without a check."""

    async def is_claimed_elsewhere(request_id: str) -> bool:
        return bool(request_id and check and await check(request_id))

    return is_claimed_elsewhere
