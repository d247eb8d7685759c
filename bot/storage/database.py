"""The database: what outlives a process, in a SQLite file, or in PostgreSQL when several processes serve."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    create_engine,
    delete,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.settings import InvalidSettings, with_userinfo
from bot.storage.circuit_breaker import CircuitBreaker, describe_error
from bot.storage.tables import metadata, seen, version
from bot.upstream.rate_limiter import RateLimit

# The newest of bot/storage/migrations: a database that says so needs nothing done.
HEAD = "0003"

# What a database that is down raises, and one that can't be opened.
DOWN = (SQLAlchemyError, OSError)
_CLOSED = (*DOWN, sqlite3.Error, TimeoutError)
_OPENING = 15.0
_READY = 2.0
_PATIENCE = 1.0
# Any number, as long as it is always this one: processes that start together create the tables in turn.
_CREATING = 5_616_445
# libpq would wait minutes for a server that vanished: https://www.postgresql.org/docs/current/libpq-connect.html
# Statements prepared on one connection of a pooler such as PgBouncer are unknown on the next.
POSTGRESQL = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "prepare_threshold": None}
_PRAGMAS = ("PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON")

# One statement, so that two processes never read the same row before either writes it. A row too far ahead is
# from before a clock was set back, and would silence everybody until the clock has caught up.
_RESERVE = """
INSERT INTO pace (name, tat) VALUES (:name, {now} + :step)
ON CONFLICT (name) DO UPDATE SET tat = {greatest}({least}(pace.tat, {now} + :furthest), {now}) + :step
RETURNING tat - :step - :slack - {now}
"""
_KEEP = text("INSERT INTO seen (name, at) VALUES (:name, :at) ON CONFLICT (name) DO NOTHING RETURNING name")
# So often old names are forgotten.
_FORGETS = 60.0
_WORDS = {
    "sqlite": {"now": ":now", "greatest": "max", "least": "min"},
    "postgresql": {
        "now": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
        "greatest": "greatest",
        "least": "least",
    },
}


class Database:
    """An open database."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float]) -> None:
        self.engine, self.clock = engine, clock
        self.aid = CircuitBreaker("database", _PATIENCE)
        self._forgot = clock()
        # Whoever waits for a SQLite file asks again and again, and many at once keep each other waiting.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    async def usable(self) -> str:
        """Ask the database for a transaction; give what is wrong, within two seconds, or nothing."""
        try:
            await self.aid.call_within(_READY, self._touch)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return f"The database can't be used ({type(error).__name__})"
        return ""

    def pace(self, name: str, rate: float, burst: int, own: RateLimit) -> "DatabaseRateLimit":
        """Give the pace of this name that all processes keep together."""
        return DatabaseRateLimit(self, name, rate, burst, own)

    async def seen(self, name: str, lasts: float, patience: float) -> bool | None:
        """Tell whether this was asked before, here or in another process; nothing when it does not answer."""

        async def ask() -> bool:
            now = self.clock()
            async with self._turn, self.engine.begin() as connection:
                if abs(now - self._forgot) >= _FORGETS:
                    self._forgot = now
                    # Two processes that forget at once must not wait for each other.
                    old = select(seen.c.name).where(seen.c.at < now - lasts).with_for_update(skip_locked=True)
                    await connection.execute(delete(seen).where(seen.c.name.in_(old)))
                kept = await connection.execute(_KEEP, {"name": name, "at": now})
                return kept.one_or_none() is None

        return await self.aid.call(ask, None, patience)

    async def schema(self) -> str:
        """Name the schema that the tables are in; nothing where that is the usual one, or there are none."""
        if self.engine.dialect.name == "sqlite":
            return ""
        async with self.engine.begin() as connection:
            name = str(await connection.scalar(text("SELECT current_schema()")))
        return "" if name == "public" else name

    async def close(self) -> None:
        """Close the connections."""
        await self.aid.close()
        await self.engine.dispose()

    async def _touch(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text("SELECT 1"))


class DatabaseRateLimit:
    """A pace for all processes on one database: GCRA, and the process's own while it does not answer."""

    def __init__(self, store: Database, name: str, rate: float, burst: int, own: RateLimit) -> None:
        self._store, self._own = store, own
        step = 1 / rate
        slack = (burst - 1) * step
        self._values = {"name": name, "step": step, "slack": slack, "furthest": slack + 100 * step}
        self._reserve = text(_RESERVE.format(**_WORDS[store.engine.dialect.name]))

    async def reserve(self) -> float:
        """Take the next place; give the seconds to wait for it."""
        # Its own pace is kept beside it: a process that is left alone starts no new burst.
        own = await self._own.reserve()
        return await self._store.aid.call(self._take, own)

    async def _take(self) -> float:
        now = {"now": self._store.clock()} if self._store.engine.dialect.name == "sqlite" else {}
        async with self._store.engine.begin() as connection:
            wait = (await connection.execute(self._reserve, self._values | now)).scalar_one()
        return max(0.0, float(wait))


def describe_db_error(error: BaseException) -> str:
    """Name an error in one line, as the database's own words where they are."""
    return describe_error(getattr(error, "orig", None) or error)


@asynccontextmanager
async def open_database(url: str, clock: Callable[[], float] = time.time) -> AsyncIterator[Database]:
    """Open the database and create what it lacks; raises InvalidSettings, which shows no password."""
    address = _address(url)
    store = Database(_engine(address), clock)
    try:
        try:
            async with asyncio.timeout(_OPENING):
                await _create(store.engine)
        except _CLOSED as error:
            raise InvalidSettings(
                [f"DATABASE_URL: {_shown(address)} can't be opened ({describe_db_error(error)})"]
            ) from error
        yield store
    finally:
        await store.close()


async def problem(url: str) -> str:
    """Return why the database can't be used, or nothing; what it lacks is not made yet."""
    try:
        address = _address(url)
        return await asyncio.to_thread(_looked_at, address)
    except InvalidSettings as wrong:
        return wrong.problems[0].removeprefix("DATABASE_URL ")
    except _CLOSED as error:
        return f"{_shown(address)} can't be opened ({describe_db_error(error)})"


def _looked_at(address: URL) -> str:
    is_sqlite = address.get_backend_name() == "sqlite"
    given: dict[str, Any] = {"connect_args": POSTGRESQL}
    if is_sqlite:
        if (file := _file(address)) is None:
            return ""
        if not os.access(file.parent, os.W_OK | os.X_OK):
            return f"no file can be written in the folder {file.parent}"
        if not file.exists():
            return ""
        address, given = address.set(drivername="sqlite"), {}
    engine = create_engine(address, hide_parameters=True, poolclass=NullPool, **given)
    with engine.connect() as connection:
        if is_sqlite:
            _begin(connection)
        if inspect(connection).has_table(version.name):
            found = connection.scalar(select(version.c.version_num))
            # They are numbered.
            if found and found > HEAD:
                return f"the database is of a newer figshare-bot than this one ({found})"
    return ""


def _file(address: URL) -> Path | None:
    """Return the file of a SQLite database, or nothing for one in memory."""
    name = address.database or ":memory:"
    if name.startswith("file:"):
        parts = urlsplit(name)
        name = ":memory:" if address.query.get("mode") == "memory" else unquote(parts.path)
    return None if name in ("", ":memory:") else Path(name)


def _shown(address: URL) -> str:
    return address.set(drivername=address.get_backend_name(), query={}).render_as_string()


def _address(url: str) -> URL:
    try:
        # Heroku and others still say postgres://, which SQLAlchemy does not know.
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        # The error may quote a password that was not percent-encoded.
        raise InvalidSettings(["DATABASE_URL can't be read as an address"]) from None
    is_sqlite = address.get_backend_name() == "sqlite"
    if not is_sqlite:
        try:
            with_userinfo(url)
        except ValueError as error:
            raise InvalidSettings([f"DATABASE_URL {error}"]) from None
    return address.set(drivername="sqlite+aiosqlite" if is_sqlite else "postgresql+psycopg")


def _engine(address: URL) -> AsyncEngine:
    if address.get_backend_name() == "postgresql":
        return create_async_engine(
            address, hide_parameters=True, pool_pre_ping=True, pool_timeout=5, connect_args=POSTGRESQL
        )
    if address.database in (None, "", ":memory:"):
        # It lasts as long as its one connection.
        engine = create_async_engine(
            address, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
        )
    else:
        engine = create_async_engine(address, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: object) -> None:
    # Python's own transactions begin late and without the lock: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # The lock comes first: a transaction that reads and then writes would fail instead of waiting its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _create(engine: AsyncEngine) -> None:
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        _touch_file(engine)
    async with engine.begin() as connection:
        if not is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
        await connection.run_sync(_bring_up_to_date)


def _bring_up_to_date(connection: Connection) -> None:
    there = inspect(connection).get_table_names()
    if version.name not in there and not {table.name for table in metadata.sorted_tables} & {*there}:
        metadata.create_all(connection)
        connection.execute(version.insert().values(version_num=HEAD))
    elif version.name not in there or connection.scalar(select(version.c.version_num)) != HEAD:
        # Importing alembic takes longer than all the rest of a start.
        from bot.storage.migrations import upgrade

        upgrade(connection)


def _close_to_others(file: Path) -> None:
    # Those that were made by an earlier version; of somebody else's, who has to do it, nothing is said.
    for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))):
        with suppress(FileNotFoundError, PermissionError):
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def _touch_file(engine: AsyncEngine) -> None:
    if (file := _file(engine.url)) is not None:
        # SQLite would let others read it, and gives its mode to those beside it: findCreateFileMode in
        # https://www.sqlite.org/src/file/src/os_unix.c. One that is there is left alone: closing it would end
        # the locks of this process (https://www.sqlite.org/howtocorrupt.html).
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    # aiosqlite's thread outlives a file that can't be opened, and ends with a traceback after our last word.
    given: Any = engine.dialect.create_connect_args(engine.url)
    with closing(sqlite3.connect(*given[0], **given[1])) as connection:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                # The file remembers it: https://www.sqlite.org/wal.html#persistence_of_wal_mode
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                # Here SQLite waits for nobody, such as another process that opens the same file just now.
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
    if file is not None:
        _close_to_others(file)
