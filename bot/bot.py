"""What handlers work with: the client, the settings, what is stored; and how it is opened."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import version
from bot.figshare.client import Transport, open_connections
from bot.figshare.errors import CredentialsMissing
from bot.figshare.oai import Oai
from bot.figshare.resourcesync import ResourceSync
from bot.figshare.rest import Figshare
from bot.figshare.stats import Stats
from bot.language.references import Reference
from bot.language.tokens import InvalidArgument
from bot.metrics import Metrics
from bot.permissions import SUBSCRIBE_CHANNELS, Permissions
from bot.redaction import Redactor
from bot.settings import Settings, is_loopback, ours_need, unset_sentence
from bot.storage.deferred import DeferredDatabase, DeferredRateLimit
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
    """Figshare's four APIs, the configuration, the commands, the clock and what is stored."""

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
    # Asked only where SUBSCRIBE_USERS names somebody.
    channel_subscribers: Permissions
    # Without a database nothing is written at Figshare, and there are no digests.
    audit_log: "AuditLog | None"
    subscriptions: "Subscriptions | None"

    def ours(self, command: str, over_time: bool) -> Reference:
        """Return the group that `ours` means in a command; raises InvalidArgument naming what isn't set."""
        if sentence := unset_sentence(ours_need(command, over_time=over_time), self.settings):
            raise InvalidArgument("", sentence, "")
        return Reference(kind="group", id=self.settings.figshare_group)

    def require_ours(self, command: str) -> None:
        """Raise an error that names what a command needs for `ours`, unless all of it is set.

        It is InvalidArgument, or CredentialsMissing where that is all that is missing.
        """
        need = ours_need(command, over_time=False)
        if sentence := unset_sentence(need, self.settings):
            raise InvalidArgument("", sentence, "")
        if need.is_closed(self.settings):
            raise CredentialsMissing("a portal gives this only with credentials")

    @property
    def ours_name(self) -> str:
        """Return what to call our repository: its portal, its institution or its group."""
        settings = self.settings
        if settings.figshare_portal:
            return settings.figshare_portal
        if settings.figshare_institution:
            return f"institution {settings.figshare_institution}"
        return f"group {settings.figshare_group}"

    @property
    def ours_filter(self) -> dict[str, int]:
        """Return what narrows a search to our repository; empty where neither number is set."""
        if self.settings.figshare_institution:
            return {"institution": self.settings.figshare_institution}
        return {"group": self.settings.figshare_group} if self.settings.figshare_group else {}


@asynccontextmanager
async def open_bot(
    settings: Settings,
    commands: "CommandRegistry",
    metrics: Metrics,
    clock: Callable[[], float] = time.time,
    database: "Database | DeferredDatabase | None" = None,
) -> AsyncIterator[Bot]:
    """Open the connections to Figshare and Redis, and yield the bot that uses them."""
    is_local = all(map(is_loopback, settings.figshare_urls))
    async with (
        open_connections(settings.figshare_timeout, f"figshare-bot/{version}", is_local) as http,
        _open_redis(settings.redis_url) as redis,
    ):
        cache = Cache(clock, shared=redis, observe=metrics.count_cache_outcome)
        limiter = RateLimiter(_rate_limit(settings, redis, database), clock=time.monotonic)
        transport = Transport(http, cache, limiter, metrics.count_request, Redactor(settings.secrets).body)
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
                Permissions(settings.subscribe_users, clock, SUBSCRIBE_CHANNELS),
                *_stores(database),
            )
        finally:
            await cache.close()


@asynccontextmanager
async def _open_redis(url: str) -> AsyncIterator["Redis | None"]:
    if not url:
        yield None
        return
    # Importing redis takes longer than answering a question, and few need it.
    from bot.storage.redis import open_redis

    async with open_redis(url) as redis:
        yield redis


def _stores(
    database: "Database | DeferredDatabase | None",
) -> "tuple[AuditLog, Subscriptions] | tuple[None, None]":
    if database is None:
        return None, None
    if isinstance(database, DeferredDatabase):
        return database.audit_log, database.subscriptions
    # A question in the terminal needs no database, whose libraries take longer to import than an answer.
    from bot.storage.audit_log import AuditLog
    from bot.storage.subscriptions import Subscriptions

    return AuditLog(database), Subscriptions(database)


def _rate_limit(
    settings: Settings, redis: "Redis | None", database: "Database | DeferredDatabase | None"
) -> RateLimit:
    """Return the limit on requests to Figshare, which all processes on one Redis or database share."""
    rate, burst = settings.figshare_requests_per_second, settings.figshare_burst
    host = urlsplit(settings.figshare_api_url).netloc

    def local() -> LocalRateLimit:
        return LocalRateLimit(rate, burst, time.monotonic)

    if redis is None:
        return _database_rate_limit(database, host, rate, burst, local())
    from bot.storage.redis import RedisRateLimit

    # Neither Redis nor the database knows how much of a burst the other has let through.
    fallback = _database_rate_limit(database, host, rate, 1, local()) if database else None
    return RedisRateLimit(redis, host, rate, burst, local(), fallback)


def _database_rate_limit(
    database: "Database | DeferredDatabase | None", host: str, rate: float, burst: int, local: RateLimit
) -> RateLimit:
    if database is None:
        return local
    if isinstance(database, DeferredDatabase):
        return DeferredRateLimit(database, host, rate, burst, local)
    from bot.storage.rate_limit import DatabaseRateLimit

    return DatabaseRateLimit(database, host, rate, burst, local)
