"""What is not due costs nothing: every statement that claims and processes digests uses an index."""

import re
from contextlib import contextmanager

from sqlalchemy import event, insert, text

from bot.storage.tables import delivery_table, subscription_table
from tests.support.digest_clock import timestamp
from tests.support.instant_delivery import open_instant_delivery

MANY, DAY = 3_000, 86_400.0
PLAN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


async def fill(store):
    """Insert many subscriptions, of which ten are due, and the digests that they had."""
    common = {"channel": "C1", "owner": "U1", "owner_name": "Maya", "title": "t", "weight": 4}
    common |= {"cron": "0 9 * * *", "zone": "UTC", "skip_empty": False, "since": "2026-11-25"}
    subscriptions = [
        {
            **common,
            "what": str(n),
            "state": "active",
            "next_at": timestamp(26) if n < 10 else timestamp(27) + n,
        }
        for n in range(MANY)
    ]
    past = {"is_test": False, "first_day": "2026-11-24", "last_day": "2026-11-24", "state": "ended"}
    past |= {"outcome": "sent", "tries": 1, "until": timestamp(25, 21)}
    deliveries = [
        {**past, "subscription": number + 1, "slot": timestamp(25) - DAY * day}
        for number in range(MANY)
        for day in range(5)
    ]
    async with store.engine.begin() as connection:
        await connection.execute(insert(subscription_table), subscriptions)
        await connection.execute(insert(delivery_table), deliveries)
    async with store.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


@contextmanager
def recorded_statements(store):
    """Return the statements of the block that search for rows, with their parameters."""
    statements = {}

    def record(connection, cursor, statement, parameters, context, is_many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            statements[statement] = parameters[0] if is_many else parameters

    event.listen(store.engine.sync_engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", record)


async def test_claiming_reads_no_rows_that_are_not_due(url):
    async with open_instant_delivery(timestamp(25, 12), url=url) as client:
        await fill(client.store)
        dialect = client.store.engine.dialect.name
        with recorded_statements(client.store) as statements:
            assert len(await client.advance_to(timestamp(26))) == 10
        assert len(statements) >= 8
        async with client.store.engine.connect() as connection:
            for statement, parameters in statements.items():
                plan = await connection.exec_driver_sql(f"{PLAN[dialect]} {statement}", parameters)
                output = "\n".join(str(row[-1]) for row in plan)
                assert " USING " in output or "Index" in output, (statement, output)
                # SQLite scans what it found by an index too.
                scan = r"^SCAN (?!anon|\(subquery)|Seq Scan"
                assert not re.search(scan, output, re.MULTILINE), (statement, output)
