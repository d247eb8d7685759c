"""What several processes share through Redis: Figshare's answers, the rate limit, and claimed names."""

import hashlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.settings import InvalidSettings, checked_userinfo
from bot.storage.circuit_breaker import CircuitBreaker, describe_error
from bot.upstream.rate_limiter import RateLimit

# The number changes with the format of the values, so that two versions of the bot can share one Redis.
PREFIX = "figshare-bot:1:"
# A larger body, in bytes, is not stored.
MAX_BODY_BYTES = 1_000_000
# The seconds that a request may lose to a Redis that does not answer.
CALL_TIMEOUT = 0.05
# A reservation may wait longer: processes without a common rate limit would ask Figshare too often.
RESERVATION_TIMEOUT = 1.0

_OPENING_TIMEOUT, _CONNECT_TIMEOUT, _MAX_CONNECTIONS = 1.0, 2.0, 8
_FETCHED_AT = struct.Struct(">d")
_RESERVE = """
local time = redis.call('TIME')
local now, interval, tolerance = time[1] + time[2] / 1e6, tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local next_due = due + interval
redis.call('SET', KEYS[1], string.format('%.6f', next_due), 'PX', math.ceil((next_due - now) * 1000) + 1)
return string.format('%.6f', due - tolerance - now)
"""


class Redis:
    """A Redis that is used while it answers; no method raises."""

    def __init__(self, client: redis.asyncio.Redis, circuit_breaker: CircuitBreaker) -> None:
        self._client, self._circuit_breaker = client, circuit_breaker

    async def load(self, key: str) -> tuple[float, bytes] | None:
        """Return when a body was fetched, in seconds since 1970, and the body; None if there is none."""
        stored = await self._circuit_breaker.call(lambda: self._client.get(_body_key(key)), None)
        if not isinstance(stored, bytes) or len(stored) < _FETCHED_AT.size:
            return None
        return _FETCHED_AT.unpack_from(stored)[0], stored[_FETCHED_AT.size :]

    async def save(self, key: str, fetched_at: float, body: bytes, seconds: float) -> None:
        """Store a body for so many seconds, unless it is too large."""
        milliseconds = round(seconds * 1000)
        if milliseconds > 0 and len(body) <= MAX_BODY_BYTES:
            stored = _FETCHED_AT.pack(fetched_at) + body
            await self._circuit_breaker.call(
                lambda: self._client.set(_body_key(key), stored, px=milliseconds), None
            )

    async def forget(self, key: str) -> None:
        """Delete a stored body."""
        await self._circuit_breaker.call(lambda: self._client.delete(_body_key(key)), None)

    async def is_claimed(self, name: str, lifetime: float, patience: float) -> bool | None:
        """Claim a name for `lifetime` seconds; return whether it was claimed before, by any process.

        Returns None when Redis does not respond within `patience` seconds.
        """

        async def claim() -> bool:
            is_new = await self._client.set(f"{PREFIX}seen:{name}", b"", nx=True, ex=max(1, round(lifetime)))
            return not is_new

        return await self._circuit_breaker.call(claim, None, max(patience, self._circuit_breaker.patience))

    async def reserve(self, name: str, interval: float, tolerance: float) -> float | None:
        """Reserve the next request of a rate limit; return the seconds to wait, None without an answer.

        Both times are those of `LocalRateLimit`, in seconds.
        """
        wait = await self._circuit_breaker.call(
            lambda: self._client.eval(_RESERVE, 1, f"{PREFIX}pace:{name}", interval, tolerance),
            None,
            max(RESERVATION_TIMEOUT, self._circuit_breaker.patience),
        )
        return None if wait is None else max(0.0, float(wait))


class RedisRateLimit:
    """A rate limit of all processes on one Redis (GCRA); `fallback`, or else `own`, while it is silent.

    `rate` is in requests a second, `burst` the number of requests that may go out at once.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        rate: float,
        burst: int,
        own: RateLimit,
        fallback: RateLimit | None = None,
    ) -> None:
        self._redis, self._name, self._own, self._fallback = redis, name, own, fallback
        self._interval, self._tolerance = 1 / rate, (burst - 1) / rate

    async def reserve(self) -> float:
        """Reserve the next request; return the seconds to wait before it."""
        # The own limit counts every request too, so that a process which loses Redis, or gets it back, starts
        # no new burst.
        own = await self._own.reserve()
        wait = await self._redis.reserve(self._name, self._interval, self._tolerance)
        if wait is None and self._fallback is not None:
            wait = await self._fallback.reserve()
        return own if wait is None else max(own, wait)


def _body_key(key: str) -> str:
    # Hashed, so that a list of the keys does not show what people searched for.
    return f"{PREFIX}answer:{hashlib.sha256(key.encode()).hexdigest()}"


@asynccontextmanager
async def open_redis(
    url: str, clock: Callable[[], float] = time.monotonic, patience: float = CALL_TIMEOUT
) -> AsyncIterator[Redis]:
    """Open the Redis at an address, whether it answers or not.

    Raises InvalidSettings when the address can't be read.
    """
    try:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            checked_userinfo(url),
            max_connections=_MAX_CONNECTIONS,
            timeout=_CONNECT_TIMEOUT,
            socket_connect_timeout=_CONNECT_TIMEOUT,
            socket_timeout=_CONNECT_TIMEOUT,
            # A repeated `seen` would find the claim of its own first attempt.
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise InvalidSettings(["REDIS_URL can't be read as an address"]) from None
    # Connecting takes longer than a request may wait, above all over TLS.
    client = redis.asyncio.Redis.from_pool(pool)
    circuit_breaker = CircuitBreaker("redis", patience, clock=clock, probe=client.ping)
    try:
        await circuit_breaker.call(client.ping, None, _OPENING_TIMEOUT)
        yield Redis(client, circuit_breaker)
    finally:
        await circuit_breaker.close()
        await client.aclose()


async def redis_problem(url: str) -> str:
    """Return why the Redis at an address can't be used, or an empty string."""
    try:
        client = redis.asyncio.Redis.from_url(
            checked_userinfo(url),
            socket_connect_timeout=_CONNECT_TIMEOUT,
            socket_timeout=_CONNECT_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        return "it can't be read as an address"
    try:
        # Written to, since a read-only Redis would answer a ping.
        await client.set(f"{PREFIX}check", b"", px=1)
    except (redis.RedisError, OSError, TimeoutError) as error:
        return f"it can't be used ({describe_error(error)})"
    finally:
        await client.aclose()
    return ""
