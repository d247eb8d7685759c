"""Copies the rows of one database into another, empty one."""

from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.settings import InvalidSettings
from bot.storage.database import Database, open_database
from bot.storage.tables import delivery_table, message_table, subscription_table, trace_table

# In the order of their foreign keys. Rate limits and claimed names are not copied.
_TABLES = (trace_table, subscription_table, delivery_table, message_table)
_NUMBERED = (trace_table, subscription_table, delivery_table)
_BATCH = 500


async def copy_database(source: str, target: str) -> dict[str, int]:
    """Copy every row from one database address to another, and return how many of each table.

    Deliveries in progress can be claimed at once in the copy, and no id is assigned again there.
    Raises InvalidSettings when the source does not exist, or when the target has rows already.
    """
    _check_exists(source)
    async with open_database(source) as old, open_database(target) as new:
        async with new.engine.begin() as connection:
            for table in _TABLES:
                if await connection.scalar(select(func.count()).select_from(table)):
                    raise InvalidSettings([f"the target database already has rows in {table.name}"])
            counts = {table.name: await _copy_table(old, connection, table) for table in _TABLES}
            await connection.run_sync(_set_last_ids, await _last_ids(old))
        return counts


def _check_exists(source: str) -> None:
    path = make_url(source).database
    if source.startswith("sqlite") and not (path and Path(path).exists()):
        raise InvalidSettings([f"there is no database {path}"])


async def _copy_table(old: Database, target: AsyncConnection, table: Table) -> int:
    count = 0
    while True:
        async with old.engine.begin() as source:
            batch = select(table).order_by(*table.primary_key).limit(_BATCH).offset(count)
            rows = [dict(row) for row in (await source.execute(batch)).mappings()]
        if not rows:
            return count
        for row in rows:
            if "held_until" in row:
                row["held_until"] = None
        await target.execute(insert(table), rows)
        count += len(rows)


async def _last_ids(old: Database) -> dict[str, int]:
    """Return the last id that each table has assigned, whether or not its row still exists."""
    async with old.engine.begin() as source:
        last = {
            table.name: int(await source.scalar(select(func.max(table.c.id))) or 0) for table in _NUMBERED
        }
        if old.engine.dialect.name == "sqlite":
            sequences = await source.execute(text("SELECT name, seq FROM sqlite_sequence"))
            last |= {name: max(seq, last[name]) for name, seq in sequences if name in last}
    return last


def _set_last_ids(connection: Connection, last: dict[str, int]) -> None:
    for name, id in last.items():
        if connection.dialect.name == "postgresql" and id:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :id)"), {"name": name, "id": id}
            )
