"""What several processes share through Redis: Figshare's answers, the pace, what one of them has handled."""

import hashlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.settings import InvalidSettings, with_userinfo
from bot.storage.circuit_breaker import CircuitBreaker, describe_error
from bot.upstream.rate_limiter import RateLimit

# The number changes with the form of what is stored, so that two versions of the bot can share one Redis.
PREFIX = "figshare-bot:1:"
LARGEST = 1_000_000
# What a request may lose, in seconds, to a Redis that does not answer.
PATIENCE = 0.05
# Two processes that each go on alone ask Figshare twice as often: for that it may be late.
TO_KEEP_PACE = 1.0

_OPENING = 1.0
_CONNECTING, _CONNECTIONS = 2.0, 8
_AT = struct.Struct(">d")
_RESERVE = """
local time = redis.call('TIME')
local now, step, slack = time[1] + time[2] / 1e6, tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.6f', due + step), 'PX', math.ceil((due + step - now) * 1000) + 1)
return string.format('%.6f', due - slack - now)
"""


class Redis:
    """A Redis that helps while it answers; nothing here raises."""

    def __init__(self, client: redis.asyncio.Redis, aid: CircuitBreaker) -> None:
        self._client, self._aid = client, aid

    async def load(self, key: str) -> tuple[float, bytes] | None:
        """Give when a body was stored and the body, or nothing."""
        stored = await self._aid.call(lambda: self._client.get(_answer(key)), None)
        if not isinstance(stored, bytes) or len(stored) < _AT.size:
            return None
        return _AT.unpack_from(stored)[0], stored[_AT.size :]

    async def save(self, key: str, at: float, body: bytes, keep: float) -> None:
        """Store a body for `keep` seconds, unless it is large."""
        lasts = round(keep * 1000)
        if lasts > 0 and len(body) <= LARGEST:
            stored = _AT.pack(at) + body
            await self._aid.call(lambda: self._client.set(_answer(key), stored, px=lasts), None)

    async def forget(self, key: str) -> None:
        """Drop a stored body."""
        await self._aid.call(lambda: self._client.delete(_answer(key)), None)

    async def seen(self, name: str, lasts: float, patience: float) -> bool | None:
        """Tell whether this was asked before, here or in another process; nothing when it does not answer."""

        async def ask() -> bool:
            kept = await self._client.set(f"{PREFIX}seen:{name}", b"", nx=True, ex=max(1, round(lasts)))
            return not kept

        return await self._aid.call(ask, None, max(patience, self._aid.patience))

    async def reserve(self, name: str, step: float, slack: float) -> float | None:
        """Take the next place in a pace; give the seconds to wait for it, or nothing."""
        wait = await self._aid.call(
            lambda: self._client.eval(_RESERVE, 1, f"{PREFIX}pace:{name}", step, slack),
            None,
            max(TO_KEEP_PACE, self._aid.patience),
        )
        return None if wait is None else max(0.0, float(wait))

    def pace(
        self, name: str, rate: float, burst: int, own: RateLimit, other: RateLimit | None = None
    ) -> "RedisRateLimit":
        """Give the pace of this name that all processes keep together; while Redis is away, another."""
        return RedisRateLimit(self, name, rate, burst, own, other)


class RedisRateLimit:
    """A pace for all processes on one Redis: GCRA; while it does not answer another, or the process's own."""

    def __init__(
        self,
        shared: Redis,
        name: str,
        rate: float,
        burst: int,
        own: RateLimit,
        other: RateLimit | None = None,
    ) -> None:
        self._shared, self._name, self._own, self._other = shared, name, own, other
        self._step, self._slack = 1 / rate, (burst - 1) / rate

    async def reserve(self) -> float:
        """Take the next place; give the seconds to wait for it."""
        # Its own pace is kept beside it: a process that is left alone, or no longer, starts no new burst.
        own = await self._own.reserve()
        wait = await self._shared.reserve(self._name, self._step, self._slack)
        if wait is None and self._other is not None:
            wait = await self._other.reserve()
        return own if wait is None else max(own, wait)


def _answer(key: str) -> str:
    # What people searched for is nobody's business in a list of keys.
    return f"{PREFIX}answer:{hashlib.sha256(key.encode()).hexdigest()}"


@asynccontextmanager
async def open_redis(
    url: str, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE
) -> AsyncIterator[Redis]:
    """Open the Redis at an address, whether it answers or not.

    Raises InvalidSettings when the address can't be read.
    """
    try:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            with_userinfo(url),
            max_connections=_CONNECTIONS,
            timeout=_CONNECTING,
            socket_connect_timeout=_CONNECTING,
            socket_timeout=_CONNECTING,
            # Repeated, `seen` would find its own first try.
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise InvalidSettings(["REDIS_URL can't be read as an address"]) from None
    # The first connection takes longer than a request may wait, over TLS above all.
    client = redis.asyncio.Redis.from_pool(pool)
    aid = CircuitBreaker("redis", patience, clock=clock, probe=client.ping)
    try:
        await aid.call(client.ping, None, _OPENING)
        yield Redis(client, aid)
    finally:
        await aid.close()
        await client.aclose()


async def problem(url: str) -> str:
    """Return why a Redis can't be used, or nothing."""
    try:
        client = redis.asyncio.Redis.from_url(
            with_userinfo(url),
            socket_connect_timeout=_CONNECTING,
            socket_timeout=_CONNECTING,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        return "it can't be read as an address"
    try:
        # One that may only be read answers a ping.
        await client.set(f"{PREFIX}check", b"", px=1)
    except (redis.RedisError, OSError, TimeoutError) as error:
        return f"it can't be used ({describe_error(error)})"
    finally:
        await client.aclose()
    return ""
