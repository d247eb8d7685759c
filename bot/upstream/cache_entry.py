"""An entry of the cache: an answer or an error, the times at which it ages, and the memory it takes."""

from dataclasses import dataclass
from sys import getsizeof
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from bot.figshare.client import CachePolicy
from bot.figshare.errors import FigshareError

# What an entry takes besides its answer, and what the allocator adds to each object (benchmarks/memory.py).
_ENTRY_BYTES, _OBJECT_BYTES = 800, 8


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An answer with the times at which it ages, or an error that is raised again until it expires.

    All times are in seconds since 1970, `size` is in bytes. `retry_after` is set when Figshare turned the
    last request for this key away: until then no further one is sent.
    """

    value: Any
    error: FigshareError | None
    fetched_at: float
    fresh_until: float
    revalidate_until: float
    expires_at: float
    size: int
    retry_after: float = float("-inf")

    @classmethod
    def of_answer(cls, value: Any, fetched_at: float, policy: CachePolicy) -> "CacheEntry":
        """Return the entry for an answer."""
        return cls(
            value,
            None,
            fetched_at,
            fresh_until=fetched_at + policy.max_age,
            revalidate_until=fetched_at + policy.stale_while_revalidate,
            expires_at=fetched_at + policy.stale_if_error,
            size=memory_size(value) + _ENTRY_BYTES,
        )

    @classmethod
    def of_error(cls, error: FigshareError, raised_at: float, expires_at: float) -> "CacheEntry":
        """Return the entry for an error that is raised again until it expires."""
        return cls(None, error, raised_at, expires_at, expires_at, expires_at, _ENTRY_BYTES)

    def is_usable(self, now: float, min_fetched_at: float | None) -> bool:
        """Return whether the entry serves as it is, without asking Figshare."""
        if min_fetched_at is None or self.error is not None:
            return now < self.fresh_until
        return self.fetched_at >= min_fetched_at


def memory_size(value: object) -> int:
    """Return about how many bytes a decoded answer takes in memory; the length of its JSON says little."""
    total, remaining = 0, [value]
    while remaining:
        node = remaining.pop()
        if node is None or node is True or node is False:
            continue
        total += getsizeof(node) + _OBJECT_BYTES
        if isinstance(node, dict):
            remaining += node.keys()
            remaining += node.values()
        elif isinstance(node, list | tuple):
            remaining += node
        elif isinstance(node, Struct):
            remaining += astuple(node)
    return total
