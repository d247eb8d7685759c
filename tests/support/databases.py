"""A database of its own for a test: a SQLite file, or a schema in PostgreSQL.

Nothing is flushed to a disk: what a killed process has written is visible to the others all the same.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage import database as databases
from bot.storage.database import Database
from tests.support.processes import skip_without

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Seconds; longer than the bot waits for a lock.
LOCKED_FOR = 6.0
# Connections of the job queue have an application name of their own, the others name the schema.
TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (application_name = :schema OR query LIKE '%' || :schema || '%')
"""


@asynccontextmanager
async def fresh_database(kind: str) -> AsyncIterator[tuple[str, str]]:
    """Yield the address of an empty database, and the schema of the job queue in it."""
    if kind == "SQLite":
        with TemporaryDirectory(dir=MEMORY) as folder:
            yield f"sqlite:///{folder}/figshare-bot.db", "dbos"
        return
    name = f"once_{uuid.uuid4().hex[:12]}"
    engine = create_async_engine(POSTGRESQL.replace("postgresql:", "postgresql+psycopg:", 1))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA {name}"))
    except OperationalError:
        await engine.dispose()
        skip_without(False, f"PostgreSQL at {POSTGRESQL}; TEST_DATABASE_URL names another")
    options = f"-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
    try:
        yield f"{POSTGRESQL}?options={options}&application_name={name}_dbos", f"{name}_dbos"
    finally:
        async with engine.begin() as connection:
            for schema in (name, f"{name}_dbos"):
                await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        await engine.dispose()


async def fail_database(database: Database, schema: str) -> str:
    """Lock the SQLite file for a while, or end all connections to PostgreSQL; return which of the two."""
    async with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            await asyncio.sleep(LOCKED_FOR)
            return "lock"
        await connection.execute(text(TERMINATE), {"schema": schema})
        return "cut"


@asynccontextmanager
async def empty_schema() -> AsyncIterator[str]:
    """Open an empty PostgreSQL schema and yield its address."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = databases._create_engine(databases._parse_address(POSTGRESQL))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA {name}"))
    except OperationalError:
        await engine.dispose()
        pytest.skip(f"no PostgreSQL at {POSTGRESQL}; TEST_DATABASE_URL names another")
    yield f"{POSTGRESQL}?options=-csearch_path%3D{name}"
    async with engine.begin() as connection:
        for schema in (name, f"{name}_dbos"):
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
    await engine.dispose()
