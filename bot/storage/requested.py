"""What people ask of a digest besides its schedule: a test of it, or the file of one that was sent."""

from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.outbox import FILE_PART
from bot.storage.rows import TEST_MISFIRE_GRACE, FileRequest
from bot.storage.tables import delivery_table, message_table, subscription_table


async def add_test(connection: AsyncConnection, id: int, first: date, last: date, now: float) -> None:
    """Add a test delivery that is due now; raises IntegrityError when there is one of this minute already."""
    # Half a second before the minute, where no occurrence can be: those are at whole minutes.
    occurrence = now // 60 * 60 - 0.5
    values = {
        "subscription": id,
        "slot": occurrence,
        "is_test": True,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "state": "new",
        "outcome": "",
        "tries": 0,
        "until": occurrence + TEST_MISFIRE_GRACE,
        "due_at": now,
    }
    await connection.execute(insert(delivery_table).values(**values))


async def reopen_for_file(
    connection: AsyncConnection, delivery_id: int, channel: str, now: float
) -> FileRequest:
    """Have the file of a digest sent into its thread, unless that was done; return what came of it.

    A digest of another channel is answered as one that doesn't exist.
    """
    query = (
        select(delivery_table.c.state, delivery_table.c.outcome, delivery_table.c.contents.is_not(None))
        .join_from(delivery_table, subscription_table)
        .where(delivery_table.c.id == delivery_id, subscription_table.c.channel == channel)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return "gone"
    state, _, has_report = row
    sent = select(message_table.c.state).where(
        message_table.c.delivery == delivery_id, message_table.c.part == FILE_PART
    )
    if await connection.scalar(sent) == "sent":
        return "sent"
    if state != "ended":
        return "under way"
    if not has_report:
        return "gone"
    is_ended = (delivery_table.c.id == delivery_id) & (delivery_table.c.state == "ended")
    reopened = {"state": "ready", "due_at": now, "until": now + TEST_MISFIRE_GRACE, "held_until": None}
    opened = await connection.execute(update(delivery_table).where(is_ended).values(**reopened))
    return "accepted" if opened.rowcount == 1 else "under way"
