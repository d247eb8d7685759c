"""Every row of the database copied into an empty one."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, make_url, select, text

from bot.settings import InvalidSettings
from bot.storage.database import Database, open_database
from bot.storage.tables import delivery, message, subscription, trace

# What each row of one refers to stands in those before; the pace to Figshare begins anew.
_TABLES = (trace, subscription, delivery, message)
_BATCH = 500


async def copy(source: str, target: str) -> dict[str, int]:
    """Copy every row and return how many of each table.

    Raises InvalidSettings when there is nothing to copy, or when the target holds some rows already.
    What was under way is taken up by the next process. Numbers that were given are given to nothing else.
    """
    _check_exists(source)
    async with open_database(source) as old, open_database(target) as new:
        async with new.engine.begin() as connection:
            for table in _TABLES:
                if await connection.scalar(select(func.count()).select_from(table)):
                    raise InvalidSettings([f"the database to copy to has rows in {table.name} already"])
            counts = {table.name: await _table(old, connection, table) for table in _TABLES}
            await connection.run_sync(_number_on, await _last_numbers(old))
        return counts


def _check_exists(source: str) -> None:
    path = make_url(source).database
    if source.startswith("sqlite") and not (path and Path(path).exists()):
        raise InvalidSettings([f"there is no database {path}"])


async def _table(old: Database, connection: Any, table: Any) -> int:
    count = 0
    while True:
        key = list(table.primary_key)
        async with old.engine.begin() as reading:
            some = select(table).order_by(*key).limit(_BATCH).offset(count)
            rows = [dict(row) for row in (await reading.execute(some)).mappings()]
        if not rows:
            return count
        for row in rows:
            row.update({"held_until": None} if "held_until" in row else {})
        await connection.execute(insert(table), rows)
        count += len(rows)


async def _last_numbers(old: Database) -> dict[str, int]:
    """Give the last number that each table gave, though its row may be gone."""
    async with old.engine.begin() as reading:
        last = {
            each.name: int(await reading.scalar(select(func.max(each.c.id))) or 0)
            for each in (trace, subscription, delivery)
        }
        if old.engine.dialect.name == "sqlite":
            given = await reading.execute(text("SELECT name, seq FROM sqlite_sequence"))
            last |= {name: max(seq, last[name]) for name, seq in given if name in last}
    return last


def _number_on(connection: Connection, last: dict[str, int]) -> None:
    for name, number in last.items():
        if connection.dialect.name == "postgresql" and number:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)"),
                {"name": name, "number": number},
            )
