"""A database that opens while the bot already answers: its libraries take longer to load than an answer.

    closed ── start() ──> opening ──> open ──> closed
                             └──────> failed: `opened` raises InvalidSettings, and `serve` ends

Nothing here imports SQLAlchemy before `start`. Until the database is open

- what needs it (drafts, digests) waits, and gets StorageUnavailable when it can't be opened;
- requests to Figshare keep to the process's own rate;
- a claim of a name is only noted in the memory of this process, and stored once the database is open.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from bot.reply import StorageUnavailable
from bot.upstream.rate_limiter import RateLimit

if TYPE_CHECKING:
    from bot.storage.audit_log import AuditLog
    from bot.storage.database import Database
    from bot.storage.rate_limit import DatabaseRateLimit
    from bot.storage.subscriptions import Subscriptions

# How often, in seconds, a process looks whether another one has subscribed a channel.
_SUBSCRIPTIONS_INTERVAL = 60.0
# While libraries load in a thread, the event loop gets to run after so many seconds, by default after 0.005.
_SWITCH_INTERVAL = 0.0005


class DeferredDatabase:
    """A database that is opened in the background, and closed when the block is left."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._url, self._clock = url, clock
        self.database: Database | None = None
        self._opening: asyncio.Task[Database] | None = None
        self._opening_ended = asyncio.Event()
        self._stack = AsyncExitStack()
        self._subscriptions_created = asyncio.Event()
        # Names claimed before the database was open, with the seconds that each is kept.
        self._noted_claims: dict[str, float] = {}
        self.audit_log = cast("AuditLog", _DeferredObject(self._create_audit_log))
        self._deferred_subscriptions = _DeferredObject(self._create_subscriptions)
        self.subscriptions = cast("Subscriptions", self._deferred_subscriptions)

    async def __aenter__(self) -> "DeferredDatabase":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        self._opening_ended.set()
        await self._stack.aclose()

    def start(self) -> None:
        """Begin to load the libraries and to open the database."""
        self._opening = asyncio.create_task(self._open())

    async def opened(self) -> "Database":
        """Return the database as soon as it is open; raises InvalidSettings when it can't be opened."""
        assert self._opening is not None, "not started"
        return await asyncio.shield(self._opening)

    async def available(self) -> "Database":
        """Return the database as soon as it is open; raises StorageUnavailable when it can't be opened."""
        await self._opening_ended.wait()
        if self.database is None:
            raise StorageUnavailable
        return self.database

    async def problem(self) -> str:
        """Return what is wrong with the database, or an empty string; does not wait for it to open."""
        return await self.database.problem() if self.database else "The database is not open yet"

    async def is_claimed(self, name: str, lifetime: float, patience: float) -> bool | None:
        """Claim a name; return whether it was claimed before, or None when that can't be said in time."""
        if self.database is not None:
            return await self.database.is_claimed(name, lifetime, patience)
        self._noted_claims[name] = lifetime
        return None

    async def wait_for_subscriptions(self) -> None:
        """Wait until a channel has a digest, or until this process has changed a digest."""
        database = await self.available()
        while not await _has_subscriptions(database):
            with suppress(TimeoutError):
                async with asyncio.timeout(_SUBSCRIPTIONS_INTERVAL):
                    await self._subscriptions_created.wait()
                    await self.subscriptions.changed.wait()
                    return
        # Created now, so that it has the attributes that the worker of the digests needs.
        await self._deferred_subscriptions._created()

    async def _create_audit_log(self) -> "AuditLog":
        database = await self.available()
        await asyncio.to_thread(import_module, "bot.storage.audit_log")
        from bot.storage.audit_log import AuditLog

        return AuditLog(database)

    async def _create_subscriptions(self) -> "Subscriptions":
        database = await self.available()
        await asyncio.to_thread(import_module, "bot.storage.subscriptions")
        from bot.storage.subscriptions import Subscriptions

        self._subscriptions_created.set()
        return Subscriptions(database)

    async def _open(self) -> "Database":
        try:
            with _frequent_thread_switches():
                await asyncio.to_thread(import_module, "bot.storage.database")
            from bot.storage.database import open_database

            self.database = await self._stack.enter_async_context(open_database(self._url, self._clock))
        finally:
            self._opening_ended.set()
        for name, lifetime in self._noted_claims.items():
            await self.database.is_claimed(name, lifetime, self.database.circuit_breaker.patience)
        self._noted_claims.clear()
        return self.database


class DeferredRateLimit:
    """The process's own rate while the database is not open, and the rate of all processes from then on."""

    def __init__(
        self, deferred: DeferredDatabase, name: str, rate: float, burst: int, own: RateLimit
    ) -> None:
        self._deferred, self._own, self._arguments = deferred, own, (name, rate, burst)
        self._shared: DatabaseRateLimit | None = None

    async def reserve(self) -> float:
        """Reserve the next request; return the seconds to wait before it."""
        if self._shared is None:
            if self._deferred.database is None:
                return await self._own.reserve()
            from bot.storage.rate_limit import DatabaseRateLimit

            self._shared = DatabaseRateLimit(self._deferred.database, *self._arguments, self._own)
        return await self._shared.reserve()


class _DeferredObject:
    """Stands for an object that needs an open database: until the object exists, a call waits for it.

    The object is created with its first call, and has its attributes, such as events, from then on. The names
    of this class are private, so that they hide none of the object's.
    """

    def __init__(self, create: Callable[[], Awaitable[Any]]) -> None:
        self._create, self._target, self._lock = create, None, asyncio.Lock()

    def __getattr__(self, name: str) -> Any:
        if self._target is not None:
            return getattr(self._target, name)
        return lambda *args, **kwargs: _DeferredCall(self, name, args, kwargs)

    async def _created(self) -> Any:
        async with self._lock:
            if self._target is None:
                self._target = await self._create()
        return self._target


class _DeferredCall:
    """A call that was made before its object existed, to be awaited or entered with `async with`."""

    def __init__(
        self, target: _DeferredObject, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._target, self._name, self._args, self._kwargs = target, name, args, kwargs
        self._block: Any = None

    def __await__(self) -> Generator[Any, None, Any]:
        return self._result().__await__()

    async def __aenter__(self) -> Any:
        self._block = await self._make()
        return await self._block.__aenter__()

    async def __aexit__(self, *error: Any) -> Any:
        return await self._block.__aexit__(*error)

    async def _result(self) -> Any:
        return await (await self._make())

    async def _make(self) -> Any:
        target = await self._target._created()
        return getattr(target, self._name)(*self._args, **self._kwargs)


async def _has_subscriptions(database: "Database") -> bool:
    try:
        return await database.has_subscriptions()
    except Exception:
        # A database that does not respond now may hold digests: their worker waits for it, and logs that.
        return True


@contextmanager
def _frequent_thread_switches() -> Iterator[None]:
    """Let the threads of this process take turns more often while the block runs."""
    default = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(default)
