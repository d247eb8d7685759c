"""What the current piece of work may cost, and which stored answers it used.

A `RequestContext` belongs to one piece of work: a question, a button, a form or a digest. Whoever starts that
work sets the context once, with `request_context_of(...)`. It stands in a contextvar instead of an argument,
so that the handlers and Figshare's client need not know that there is a cache or a queue. It has six uses:

1. Fairness: the rate limiter serves people before background work, and people in turns (`waiters`).
2. Deadline: the cache stops waiting at `deadline` with TimedOut, while the request to Figshare goes on.
3. Cache only: with `only_if_cached` nothing is requested; the cache sets `cache_miss` and raises TimedOut.
4. Freshness: with `min_fetched_at` an answer serves at any age if it was fetched since then, and else never.
5. Lateness: the cache sets `timed_out` when the deadline passes; the answer may be had a little later.
6. Age: the cache notes every answer that it serves in `hits`; replies say "As of …" from that.

Only the cache and the rate limiter call `current()`. Others ask `is_cache_only()` or `oldest_hit()`. A task
that must not end with the work that started it runs in `detached(...)` with a context of its own.
"""

import contextvars
from contextvars import ContextVar, Token
from dataclasses import dataclass, field


@dataclass(slots=True)
class CacheHit:
    """A stored answer that went into a reply.

    `fetched_at` is in seconds since 1970; `is_stale` says that Figshare could not be asked for a newer one.
    """

    fetched_at: float
    is_stale: bool = False


@dataclass(slots=True, eq=False)
class RequestContext:
    """One piece of work; see the module for what each field is for.

    `requester` is "" for background work. `deadline` is a time of the event loop, `min_fetched_at` is in
    seconds since 1970, like all times at which answers were fetched.
    """

    requester: str = ""
    deadline: float | None = None
    hits: list[CacheHit] = field(default_factory=list)
    other_requesters: set[str] = field(default_factory=set)
    only_if_cached: bool = False
    cache_miss: bool = False
    min_fetched_at: float | None = None
    timed_out: bool = False

    @property
    def waiters(self) -> set[str]:
        """Return everybody who waits for this work; nobody waits for background work."""
        return {self.requester, *self.other_requesters} - {""}

    def add_waiter(self, requester: str) -> None:
        """Count somebody else among those who wait for this work."""
        self.other_requesters.add(requester)

    def demote_to_background(self) -> None:
        """Make this background work, since nobody waits for it any more."""
        self.requester = ""
        self.other_requesters.clear()


_request_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


# A class: every stored answer passes through it, and `contextlib.contextmanager` takes three times as long.
class request_context_of:
    """Make a context the current one within a `with` block."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: RequestContext) -> None:
        self._context = context

    def __enter__(self) -> RequestContext:
        self._token: Token[RequestContext | None] = _request_context.set(self._context)
        return self._context

    def __exit__(self, *error: object) -> None:
        _request_context.reset(self._token)


def current() -> RequestContext:
    """Return the context of the current work; where none was set, that of background work without limits."""
    return _request_context.get() or RequestContext()


def detached(context: RequestContext) -> contextvars.Context:
    """Return a copy of the current contextvars in which `context` is the request context, for a new task."""
    variables = contextvars.copy_context()
    variables.run(_request_context.set, context)
    return variables


def is_cache_only() -> bool:
    """Return whether only stored answers may be used, so that starting a request early gains nothing."""
    return current().only_if_cached


def oldest_hit() -> float | None:
    """Return when the oldest stored answer that went into the current work was fetched, if any did."""
    return min((hit.fetched_at for hit in current().hits), default=None)
