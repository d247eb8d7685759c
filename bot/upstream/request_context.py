"""Who waits for an answer, until when, and which stored answers went into it."""

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class CacheHit:
    """A stored answer that went into a reply: from when it is, and whether no newer one could be had."""

    at: float
    stale: bool = False


@dataclass(slots=True, eq=False)
class RequestContext:
    """A piece of work: who waits for it ("" is background work), until when, and what it used."""

    requester: str = ""
    deadline: float | None = None
    hits: list[CacheHit] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    # Only stored answers may go into it; `missed` when one was not there.
    only_if_cached: bool = False
    cache_miss: bool = False
    # Stored answers go into it as they are when they are not from before this moment, and else never.
    min_fetched_at: float | None = None

    @property
    def waiters(self) -> set[str]:
        """Name everybody who waits for it."""
        return {self.requester, *self.others} - {""}

    def add_waiter(self, asker: str) -> None:
        """Let somebody else wait for it too."""
        self.others.add(asker)

    def demote_to_background(self) -> None:
        """Make it background work: nobody waits for it any more."""
        self.requester = ""
        self.others.clear()


request_context: ContextVar[RequestContext | None] = ContextVar("question", default=None)


def is_cache_only() -> bool:
    """Tell whether only stored answers may be used, so that there is nothing to wait for meanwhile."""
    asked = request_context.get()
    return asked is not None and asked.only_if_cached
