"""A database of any age is brought up to date when the bot starts, without a step by hand."""

import asyncio
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, update

from bot.settings import InvalidSettings
from bot.storage import migrations
from bot.storage.database import HEAD_REVISION, _create_engine, _parse_address, open_database
from bot.storage.tables import metadata, pace_table, trace_table, version_table
from tests.support.paths import ROOT

IMPORTED = """
import asyncio, sys
from bot.settings import InvalidSettings
from bot.storage.database import open_database

async def main():
    async with open_database(sys.argv[1]):
        print("alembic" in sys.modules)

asyncio.run(main())
"""


@pytest.fixture
async def old(url):
    """Return the address of a database of the first version, which kept no count of its changes."""
    engine = _create_engine(_parse_address(url))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all, tables=[pace_table, trace_table])
        await connection.execute(insert(pace_table).values(name="api.figshare.com", tat=1.5))
    await engine.dispose()
    return url


async def inspect_database(address, query):
    async with open_database(address) as database, database.engine.begin() as connection:
        return await connection.run_sync(query)


def differences(connection: Connection) -> list[object]:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def loads_alembic(address: str) -> bool:
    process = subprocess.run(
        [sys.executable, "-c", IMPORTED, address], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return process.stdout == "True\n"


async def test_old_database_is_migrated_and_keeps_its_rows(old):
    assert await inspect_database(old, differences) == []
    assert await inspect_database(old, lambda connection: connection.scalar(select(pace_table.c.tat))) == 1.5


async def test_new_database_equals_the_migrated_one(url, tmp_path):
    def shape(connection):
        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if name != "alembic_version"]
        return {
            name: (
                sorted(
                    (column["name"], str(column["type"]), column["nullable"])
                    for column in inspector.get_columns(name)
                ),
                sorted(tuple(index["column_names"]) for index in inspector.get_indexes(name)),
                sorted(tuple(key["column_names"]) for key in inspector.get_unique_constraints(name)),
            )
            for name in names
        }

    new = await inspect_database(url, shape)

    def migrated(connection):
        for table in reversed(metadata.sorted_tables):
            table.drop(connection)
        migrations.upgrade(connection)
        return shape(connection)

    assert await inspect_database(url, migrated) == new


async def test_processes_starting_together_migrate_once(old):
    async def start():
        async with open_database(old) as database:
            return await database.problem()

    assert await asyncio.gather(*(start() for _ in range(5))) == [""] * 5
    assert await inspect_database(old, differences) == []


async def test_database_of_a_newer_version_is_refused_in_a_sentence(url):
    async with open_database(url) as database, database.engine.begin() as connection:
        await connection.execute(update(version_table).values(version_num="9999"))
    with pytest.raises(InvalidSettings, match="DATABASE_URL: the database is of a newer figshare-bot"):
        await inspect_database(url, differences)


async def test_alembic_is_loaded_only_when_there_is_something_to_do(old, tmp_path):
    assert loads_alembic(old)
    assert not loads_alembic(old)
    assert not loads_alembic(f"sqlite:///{tmp_path / 'new.db'}")


def test_newest_migration_is_the_one_that_the_database_expects():
    script = ScriptDirectory.from_config(migrations.alembic_config())
    assert script.get_current_head() == HEAD_REVISION
    assert script.get_bases() == ["0001"]
