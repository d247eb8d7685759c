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
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.settings import InvalidSettings, checked_userinfo
from bot.storage.circuit_breaker import CircuitBreaker, describe_error
from bot.storage.database_url import parse_url
from bot.storage.tables import metadata, seen_table, subscription_table, version_table

# The newest version in bot/storage/migrations: a database of this version needs no migration.
HEAD_REVISION = "0003"

# What is raised when the database is down, and when it can't be opened.
DATABASE_ERRORS = (SQLAlchemyError, OSError)
_OPENING_ERRORS = (*DATABASE_ERRORS, sqlite3.Error, TimeoutError)
_OPENING_TIMEOUT, _CHECK_TIMEOUT, _CALL_TIMEOUT = 15.0, 2.0, 1.0
# An arbitrary but fixed number: processes that start together take this lock to create the tables in turn.
_CREATION_LOCK = 5_616_445
# libpq would wait minutes for a server that does not respond: https://www.postgresql.org/docs/current/libpq-connect.html
# Statements prepared on one connection of a pooler such as PgBouncer are unknown on the next.
POSTGRESQL_ARGUMENTS = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "prepare_threshold": None}
_PRAGMAS = ("PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON")

_CLAIM = text("INSERT INTO seen (name, at) VALUES (:name, :at) ON CONFLICT (name) DO NOTHING RETURNING name")
# Old claims are deleted at most once in so many seconds.
_CLEANING_INTERVAL = 60.0


class Database:
    """An open database; `clock` returns seconds since 1970."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float]) -> None:
        self.engine, self.clock = engine, clock
        self.circuit_breaker = CircuitBreaker("database", _CALL_TIMEOUT)
        self._cleaned_at = clock()
        # Writers wait for SQLite's lock by polling, and would delay each other: so they queue here instead.
        self._write_lock = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    async def problem(self) -> str:
        """Return what is wrong with the database, after two seconds at the latest, or nothing."""

        async def begin() -> None:
            async with self.engine.begin() as connection:
                await connection.execute(text("SELECT 1"))

        try:
            await self.circuit_breaker.call_within(_CHECK_TIMEOUT, begin)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return f"The database can't be used ({type(error).__name__})"
        return ""

    async def is_claimed(self, name: str, lifetime: float, patience: float) -> bool | None:
        """Claim a name for `lifetime` seconds; return whether it was claimed before, by any process.

        Returns None when the database does not respond within `patience` seconds.
        """

        async def claim() -> bool:
            now = self.clock()
            async with self._write_lock, self.engine.begin() as connection:
                if abs(now - self._cleaned_at) >= _CLEANING_INTERVAL:
                    self._cleaned_at = now
                    # Two processes that delete at the same time must not wait for each other.
                    old = (
                        select(seen_table.c.name)
                        .where(seen_table.c.at < now - lifetime)
                        .with_for_update(skip_locked=True)
                    )
                    await connection.execute(delete(seen_table).where(seen_table.c.name.in_(old)))
                inserted = await connection.execute(_CLAIM, {"name": name, "at": now})
                return inserted.one_or_none() is None

        return await self.circuit_breaker.call(claim, None, patience)

    async def has_subscriptions(self) -> bool:
        """Return whether any channel has a digest, even a paused one."""
        async with self.engine.begin() as connection:
            return await connection.scalar(select(subscription_table.c.id).limit(1)) is not None

    async def schema(self) -> str:
        """Return the schema that the tables are in; nothing for PostgreSQL's default and for SQLite."""
        if self.engine.dialect.name == "sqlite":
            return ""
        async with self.engine.begin() as connection:
            name = str(await connection.scalar(text("SELECT current_schema()")))
        return "" if name == "public" else name

    async def close(self) -> None:
        """Wait a moment for the calls under way, then close the connections."""
        await self.circuit_breaker.close()
        await self.engine.dispose()


def describe_db_error(error: BaseException) -> str:
    """Return an error in one line, in the database's own words where it has some."""
    return describe_error(getattr(error, "orig", None) or error)


@asynccontextmanager
async def open_database(url: str, clock: Callable[[], float] = time.time) -> AsyncIterator[Database]:
    """Open the database and create what it lacks; raises InvalidSettings, which shows no password."""
    address = _parse_address(url)
    database = Database(_create_engine(address), clock)
    try:
        try:
            async with asyncio.timeout(_OPENING_TIMEOUT):
                await _create_tables(database.engine)
        except _OPENING_ERRORS as error:
            raise InvalidSettings(
                [f"DATABASE_URL: {_without_password(address)} can't be opened ({describe_db_error(error)})"]
            ) from error
        yield database
    finally:
        await database.close()


async def database_problem(url: str) -> str:
    """Return why the database can't be used, or nothing; neither a file nor a table is created."""
    try:
        address = _parse_address(url)
        return await asyncio.to_thread(_find_problem, address)
    except InvalidSettings as error:
        return error.problems[0].removeprefix("DATABASE_URL ")
    except _OPENING_ERRORS as error:
        return f"{_without_password(address)} can't be opened ({describe_db_error(error)})"


def _find_problem(address: URL) -> str:
    is_sqlite = address.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": POSTGRESQL_ARGUMENTS}
    if is_sqlite:
        if (file := _sqlite_file(address)) is None:
            return ""
        if not os.access(file.parent, os.W_OK | os.X_OK):
            return f"no file can be written in the folder {file.parent}"
        if not file.exists():
            return ""
        address, options = address.set(drivername="sqlite"), {}
    engine = create_engine(address, hide_parameters=True, poolclass=NullPool, **options)
    with engine.connect() as connection:
        if is_sqlite:
            _begin_immediate(connection)
        if inspect(connection).has_table(version_table.name):
            current = connection.scalar(select(version_table.c.version_num))
            # Versions are numbered, so that a later one compares greater.
            if current and current > HEAD_REVISION:
                return f"the database is of a newer figshare-bot than this one ({current})"
    return ""


def _sqlite_file(address: URL) -> Path | None:
    """Return the file of a SQLite database, or None for one in memory."""
    name = address.database or ":memory:"
    if name.startswith("file:"):
        parts = urlsplit(name)
        name = ":memory:" if address.query.get("mode") == "memory" else unquote(parts.path)
    return None if name in ("", ":memory:") else Path(name)


def _without_password(address: URL) -> str:
    return address.set(drivername=address.get_backend_name(), query={}).render_as_string()


def _parse_address(url: str) -> URL:
    try:
        address = parse_url(url)
    except (ArgumentError, ValueError):
        # The error may quote a password that was not percent-encoded.
        raise InvalidSettings(["DATABASE_URL can't be read as an address"]) from None
    is_sqlite = address.get_backend_name() == "sqlite"
    if not is_sqlite:
        try:
            checked_userinfo(url)
        except ValueError as error:
            raise InvalidSettings([f"DATABASE_URL {error}"]) from None
    return address.set(drivername="sqlite+aiosqlite" if is_sqlite else "postgresql+psycopg")


def _create_engine(address: URL) -> AsyncEngine:
    if address.get_backend_name() == "postgresql":
        return create_async_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args=POSTGRESQL_ARGUMENTS,
        )
    if address.database in (None, "", ":memory:"):
        # A database in memory lasts as long as its one connection.
        engine = create_async_engine(
            address, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
        )
    else:
        engine = create_async_engine(address, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _on_connect(connection: Any, record: object) -> None:
    # Python's own transactions begin late and take no lock: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # The lock is taken first: a transaction that reads and then writes would fail instead of waiting for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _create_tables(engine: AsyncEngine) -> None:
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        _prepare_file(engine)
    async with engine.begin() as connection:
        if not is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION_LOCK})
        await connection.run_sync(_migrate)


def _migrate(connection: Connection) -> None:
    existing = {*inspect(connection).get_table_names()}
    has_version = version_table.name in existing
    if not has_version and existing.isdisjoint(metadata.tables):
        # They are known to be missing, and looking for each would take as long as creating it.
        metadata.create_all(connection, checkfirst=False)
        connection.execute(version_table.insert().values(version_num=HEAD_REVISION))
    elif not has_version or connection.scalar(select(version_table.c.version_num)) != HEAD_REVISION:
        # Alembic is needed for this alone and takes long to import.
        from bot.storage.migrations import upgrade

        upgrade(connection)


def _make_private(database: Path) -> None:
    # Earlier versions of the bot let others read these files. Files of another user are left to that user.
    suffixes = ("", "-wal", "-shm", "-journal")
    for file in (database.with_name(database.name + suffix) for suffix in suffixes):
        with suppress(FileNotFoundError, PermissionError):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _prepare_file(engine: AsyncEngine) -> None:
    if (file := _sqlite_file(engine.url)) is not None:
        # SQLite would create a file that others can read, and copies its mode to the files beside it:
        # findCreateFileMode in https://www.sqlite.org/src/file/src/os_unix.c. An existing file is not opened
        # here: closing it would drop this process's locks (https://www.sqlite.org/howtocorrupt.html).
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    # Opened without aiosqlite first, whose thread would print a traceback for a file that can't be opened.
    arguments: Any = engine.dialect.create_connect_args(engine.url)
    with closing(sqlite3.connect(*arguments[0], **arguments[1])) as connection:
        deadline = time.monotonic() + _CALL_TIMEOUT
        while True:
            try:
                # The mode is stored in the file: https://www.sqlite.org/wal.html#persistence_of_wal_mode
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                # SQLite does not wait here for another process that is opening the same file.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
    if file is not None:
        _make_private(file)
