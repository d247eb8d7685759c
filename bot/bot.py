"""What a handler may use."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import version
from bot.figshare.client import Transport, connections
from bot.figshare.oai import Oai
from bot.figshare.resourcesync import ResourceSync
from bot.figshare.rest import Figshare
from bot.figshare.stats import Stats
from bot.language.references import Reference
from bot.language.tokens import InvalidArgument
from bot.metrics import Metrics
from bot.permissions import Permissions
from bot.redaction import Redactor
from bot.settings import Settings, is_loopback
from bot.upstream.cache import Cache
from bot.upstream.rate_limiter import LocalRateLimit, RateLimit, RateLimiter

if TYPE_CHECKING:
    from bot.commands import CommandRegistry
    from bot.storage.audit_log import AuditLog
    from bot.storage.database import Database
    from bot.storage.redis import Redis
    from bot.storage.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Bot:
    """Figshare's four APIs, the configuration, the commands and the clock."""

    figshare: Figshare
    stats: Stats
    oai: Oai
    resourcesync: ResourceSync
    transport: Transport
    cache: Cache
    settings: Settings
    commands: "CommandRegistry"
    clock: Callable[[], float]
    redis: "Redis | None"
    permissions: Permissions
    # Without a database nothing is written at Figshare, and no digests come.
    audit_log: "AuditLog | None"
    subscriptions: "Subscriptions | None"

    def ours(self) -> Reference:
        """Give the group that `ours` means; raises InvalidArgument saying what to set."""
        self.need_ours("FIGSHARE_GROUP")
        return Reference(kind="group", id=self.settings.figshare_group)

    def need_ours(self, *variables: str) -> None:
        """Raise InvalidArgument unless one of these variables of `ours` is set."""
        if not any(getattr(self.settings, name.lower()) for name in variables):
            needed = " or ".join(variables)
            raise InvalidArgument(
                "ours", f"no repository is configured as ours; whoever runs me can set {needed}", ""
            )


@asynccontextmanager
async def open_bot(
    settings: Settings,
    commands: "CommandRegistry",
    metrics: Metrics,
    clock: Callable[[], float] = time.time,
    store: "Database | None" = None,
) -> AsyncIterator[Bot]:
    """Open the connections to Figshare and give the bot that uses them."""
    direct = all(map(is_loopback, settings.figshare_urls))
    async with (
        connections(settings.figshare_timeout, f"figshare-bot/{version}", direct) as http,
        _redis(settings.redis_url) as redis,
    ):
        cache = Cache(clock, shared=redis, observe=metrics.cached)
        limiter = RateLimiter(_pace(settings, redis, store), clock=time.monotonic)
        transport = Transport(http, cache, limiter, metrics.asked, Redactor(settings.secrets).body)
        try:
            yield Bot(
                Figshare(transport, settings.figshare_api_url),
                Stats(transport, settings.stats_url, settings.figshare_portal, settings.stats_auth),
                Oai(transport, settings.oai_url, now=lambda: datetime.fromtimestamp(clock(), UTC)),
                ResourceSync(transport, settings.figshare_resourcesync_url),
                transport,
                cache,
                settings,
                commands,
                clock,
                redis,
                Permissions(settings.draft_users, clock),
                *_kept(store),
            )
        finally:
            await cache.close()


@asynccontextmanager
async def _redis(url: str) -> AsyncIterator["Redis | None"]:
    if not url:
        yield None
        return
    # Importing redis costs more than answering a question.
    from bot.storage.redis import open_redis

    async with open_redis(url) as redis:
        yield redis


def _kept(store: "Database | None") -> "tuple[AuditLog, Subscriptions] | tuple[None, None]":
    if store is None:
        return None, None
    # Whoever asks from a terminal needs no database, and importing one takes long.
    from bot.storage.audit_log import AuditLog
    from bot.storage.subscriptions import Subscriptions

    return AuditLog(store), Subscriptions(store)


def _pace(settings: Settings, redis: "Redis | None", store: "Database | None") -> RateLimit:
    rate, burst = settings.figshare_requests_per_second, settings.figshare_burst
    host = urlsplit(settings.figshare_api_url).netloc

    def own() -> LocalRateLimit:
        return LocalRateLimit(rate, burst, time.monotonic)

    if redis is None:
        return store.pace(host, rate, burst, own()) if store else own()
    # Each of the two knows nothing of the other's burst.
    return redis.pace(host, rate, burst, own(), store.pace(host, rate, 1, own()) if store else None)
