"""Tells whether something was met before, for a while and without much memory."""

from collections.abc import Callable


class Deduplicator:
    """Names, each known for at least `lasts` seconds unless more than `most` come in that time.

    Two sets of which the older is dropped whole: a set of text costs no garbage collection, whereas an entry
    with a date of its own cost more than verifying a signature.
    """

    def __init__(self, lasts: float, most: int, clock: Callable[[], float]) -> None:
        self._lasts, self._most, self._clock = lasts, most, clock
        self._new, self._old, self._since = set[str](), set[str](), clock()

    def is_duplicate(self, name: str) -> bool:
        """Remember a name; tell whether it was known."""
        now = self._clock()
        if now - self._since >= self._lasts or len(self._new) >= self._most:
            # After twice the time nothing of the older set is due any more either.
            self._old = self._new if now - self._since < 2 * self._lasts else set()
            self._new, self._since = set(), now
        if name in self._new or name in self._old:
            return True
        self._new.add(name)
        return False
