"""The messages of deliveries: a transactional outbox, so that a message is sent once.

https://microservices.io/patterns/data/transactional-outbox.html. The intent is recorded before a message is
sent, and the outcome after it. A message found with an intent and no outcome was perhaps sent, by a process
that was killed or by one that had no clear answer:

            record_intent            mark_sent
    new ───────────────────> sending ──────────> sent
     ^                       │  ^  │
     └───────────────────────┘  └──┘
           mark_unsent         record_intent, when the channel was searched and the message is not there

`attempt` numbers the intents. Every change names the attempt that it follows, so of two processes that try
to record an intent one succeeds.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from bot.storage.database import Database
from bot.storage.rows import OutboxMessage
from bot.storage.tables import delivery_table, insert_if_absent, message_table, subscription_table

# The part of a delivery that everybody in the channel sees; the others stand in its thread. Databases hold
# these names.
CHANNEL_PART, TABLE_PART, FILE_PART = "channel", "table", "file"


class Outbox:
    """The messages of deliveries in the database."""

    def __init__(self, database: Database, clock: Callable[[], float] | None = None) -> None:
        self._database, self.clock = database, clock or database.clock
        # Attempts are timed by the clock that all processes share, even where digests are sent ahead of time.
        self.wall_clock = database.clock

    async def message(self, delivery_id: int, part: str) -> OutboxMessage:
        """Return what is known of a message, which is new as long as there is no row for it."""
        query = select(message_table).where(
            message_table.c.delivery == delivery_id, message_table.c.part == part
        )
        async with self._database.engine.begin() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return OutboxMessage("new", 0, None, None, None, None)
        return OutboxMessage(row.state, row.attempt, row.first, row.tried, row.ts, row.file)

    async def count_by_channel(self, since: float) -> dict[str, int]:
        """Return how many messages each channel got, or may have got, since a moment on the wall clock."""
        query = (
            select(subscription_table.c.channel, func.count())
            .select_from(message_table)
            .join(delivery_table)
            .join(subscription_table)
            .where(message_table.c.tried >= since, message_table.c.state != "new")
            .group_by(subscription_table.c.channel)
        )
        async with self._database.engine.begin() as connection:
            return dict((await connection.execute(query)).all())

    async def record_intent(
        self, delivery_id: int, part: str, known: OutboxMessage, file: str | None = None
    ) -> int | None:
        """Record that a message is about to be sent, and return the number of the attempt.

        Returns None when another process has changed the message since it was read as `known`, or when its
        subscription was deleted meanwhile: then it must not be sent.
        """
        now, attempt = self.wall_clock(), known.attempt + 1
        values = {"state": "sending", "attempt": attempt, "tried": now, "file": file}
        values["first"] = known.first_attempt_at if known.state == "sending" else now
        try:
            async with self._database.engine.begin() as connection:
                if known.attempt == 0:
                    insert = insert_if_absent(message_table, connection.dialect.name)
                    change = insert.values(delivery=delivery_id, part=part, **values)
                else:
                    unchanged = _is_attempt(delivery_id, part, known.attempt)
                    unchanged &= message_table.c.state == known.state
                    change = update(message_table).where(unchanged).values(**values)
                # psycopg doesn't count inserted rows, so the row itself is asked for.
                row = (await connection.execute(change.returning(message_table.c.attempt))).one_or_none()
        except IntegrityError:
            # The foreign key leads nowhere: the subscription was deleted, and the delivery with it.
            return None
        return attempt if row is not None else None

    async def mark_sent(self, delivery_id: int, part: str, attempt: int, ts: str) -> None:
        """Record that an attempt has reached the channel, with Slack's id of the message."""
        await self._update(delivery_id, part, attempt, state="sent", ts=ts)

    async def mark_unsent(self, delivery_id: int, part: str, attempt: int) -> None:
        """Record that an attempt has certainly not reached the channel."""
        await self._update(delivery_id, part, attempt, state="new", first=None)

    async def _update(self, delivery_id: int, part: str, attempt: int, **values: Any) -> None:
        change = update(message_table).where(_is_attempt(delivery_id, part, attempt)).values(**values)
        async with self._database.engine.begin() as connection:
            await connection.execute(change)


def is_posted() -> ColumnElement[bool]:
    """Return the condition that the channel has the message of a row of `delivery_table`, or may have it."""
    posted = (
        (message_table.c.delivery == delivery_table.c.id)
        & (message_table.c.part == CHANNEL_PART)
        & (message_table.c.state != "new")
    )
    return exists().where(posted).correlate(delivery_table)


def _is_attempt(delivery_id: int, part: str, attempt: int) -> ColumnElement[bool]:
    return (
        (message_table.c.delivery == delivery_id)
        & (message_table.c.part == part)
        & (message_table.c.attempt == attempt)
    )
