"""What is not due costs nothing: every statement of a look at what is due finds its rows by an index."""

import re
from contextlib import contextmanager

from sqlalchemy import event, insert, text

from bot.storage.tables import delivery, subscription
from tests.support.digest_clock import timestamp
from tests.support.instant_delivery import open_instant_delivery

MANY, DAY = 3_000, 86_400.0
PLAN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


async def fill(store):
    """Return the tables many subscriptions, of which ten are due, and the digests that they had."""
    common = {"channel": "C1", "owner": "U1", "owner_name": "Maya", "title": "t", "weight": 4}
    common |= {"cron": "0 9 * * *", "zone": "UTC", "skip_empty": False, "since": "2026-11-25"}
    there = [
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
    had = [
        {**past, "subscription": number + 1, "slot": timestamp(25) - DAY * day}
        for number in range(MANY)
        for day in range(5)
    ]
    async with store.engine.begin() as connection:
        await connection.execute(insert(subscription), there)
        await connection.execute(insert(delivery), had)
    async with store.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


@contextmanager
def heard(store):
    """Return the statements that are made meanwhile and look for rows, with what goes into them."""
    found = {}

    def hear(connection, cursor, statement, given, context, is_many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            found[statement] = given[0] if is_many else given

    event.listen(store.engine.sync_engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", hear)


async def test_looking_for_what_is_due_never_reads_what_is_not(url):
    async with open_instant_delivery(timestamp(25, 12), url=url) as client:
        await fill(client.store)
        dialect = client.store.engine.dialect.name
        with heard(client.store) as statements:
            assert len(await client.advance_to(timestamp(26))) == 10
        assert len(statements) >= 8
        async with client.store.engine.connect() as connection:
            for statement, given in statements.items():
                plan = await connection.exec_driver_sql(f"{PLAN[dialect]} {statement}", given)
                output = "\n".join(str(row[-1]) for row in plan)
                assert " USING " in output or "Index" in output, (statement, output)
                # SQLite scans what it found by an index too.
                scan = r"^SCAN (?!anon|\(subquery)|Seq Scan"
                assert not re.search(scan, output, re.MULTILINE), (statement, output)
